//! The lines of the pieces of a compressed message, and where its bytes come from.

use super::line::Line;
use crate::session::anatomy::{Copy, Origin, Part, PartKind, Sources};
use crate::wire::deflate::{Seen, Symbol};

/// The earlier messages that a line lists.
const MOST_EARLIER: usize = 256;

/// What a piece is, behind what every line says.
pub(super) fn write_part(line: &mut Line, part: &Part<'_>) {
    for (name, number) in [
        (",\"message\":", part.message),
        (",\"frame\":", part.frame),
        (",\"block\":", part.block),
        (",\"at\":", part.at),
    ] {
        line.raw(name);
        line.number(number);
    }
    match part.kind {
        PartKind::Copy(copy) => write_copy(line, &copy),
        PartKind::Read(seen) => write_seen(line, &seen),
    }
}

fn write_seen(line: &mut Line, seen: &Seen<'_>) {
    match *seen {
        Seen::Block { at, is_final, kind } => {
            piece(line, "block", Some(at));
            line.raw(",\"final\":");
            line.bool(is_final);
            line.raw(",\"kind\":");
            line.string(kind.name());
        }
        Seen::StoredLength { at, len, nlen } => {
            piece(line, "stored-length", Some(at));
            numbers(line, &[(",\"stored_len\":", len), (",\"stored_nlen\":", nlen)]);
        }
        Seen::Stored(bytes) => {
            piece(line, "stored", None);
            base64(line, bytes);
        }
        Seen::Counts { at, litlen, distance, code_length } => {
            piece(line, "counts", Some(at));
            let counts = [
                (",\"litlen_codes\":", litlen),
                (",\"distance_codes\":", distance),
                (",\"code_length_codes\":", code_length),
            ];
            numbers(line, &counts);
        }
        Seen::CodeLengthCode { at, lengths } => {
            piece(line, "code-length-code", Some(at));
            list(line, ",\"lengths\":", lengths);
        }
        Seen::CodeLength { symbol, length, repeat } => {
            piece(line, "code-length", Some(symbol.at));
            bits(line, ",\"bits\":\"", &symbol);
            numbers(line, &[(",\"length\":", length.into()), (",\"repeat\":", repeat)]);
        }
        Seen::Lengths { litlen, distance } => {
            piece(line, "codes", None);
            list(line, ",\"litlen\":", litlen);
            list(line, ",\"distance\":", distance);
        }
        Seen::Literal(symbol) => {
            piece(line, "literal", Some(symbol.at));
            bits(line, ",\"bits\":\"", &symbol);
            numbers(line, &[(",\"byte\":", symbol.value())]);
        }
        Seen::EndOfBlock(symbol) => {
            piece(line, "end-of-block", Some(symbol.at));
            bits(line, ",\"bits\":\"", &symbol);
        }
        Seen::Fault(fault) => {
            piece(line, "fault", Some(fault.at));
            line.raw(",\"says\":");
            line.string(&fault.kind.to_string());
        }
        // The session joins these to copies.
        Seen::Pair(..) | Seen::Copied { .. } => {}
    }
}

fn write_copy(line: &mut Line, copy: &Copy<'_>) {
    let Copy { length, distance, text, unknown, origin } = *copy;
    piece(line, "copy", Some(length.at));
    bits(line, ",\"bits\":\"", &length);
    bits(line, ",\"distance_bits\":\"", &distance);
    numbers(
        line,
        &[
            (",\"length\":", length.value()),
            (",\"length_extra\":", length.extra_len.into()),
            (",\"distance\":", distance.value()),
            (",\"distance_extra\":", distance.extra_len.into()),
        ],
    );
    base64(line, text);
    line.raw(",\"unknown\":");
    line.number(unknown as u64);
    line.raw(",\"from\":");
    match origin {
        Origin::Own(at) => from(line, "own", None, Some(at)),
        Origin::Earlier { message, at } => from(line, "earlier", Some(message), Some(at)),
        Origin::Unknown => from(line, "unknown", None, None),
        Origin::Nowhere => from(line, "nowhere", None, None),
    }
}

fn from(line: &mut Line, where_from: &str, message: Option<u64>, at: Option<u64>) {
    line.raw("{\"where\":\"");
    line.raw(where_from);
    line.raw("\",\"message\":");
    line.number_or_null(message);
    line.raw(",\"at\":");
    line.number_or_null(at);
    line.raw("}");
}

fn piece(line: &mut Line, name: &str, bit: Option<u64>) {
    line.raw(",\"piece\":\"");
    line.raw(name);
    line.raw("\",\"bit\":");
    line.number_or_null(bit);
}

fn numbers(line: &mut Line, numbers: &[(&str, u16)]) {
    for (name, number) in numbers {
        line.raw(name);
        line.number((*number).into());
    }
}

/// The bits of a symbol in the order in which they are read.
fn bits(line: &mut Line, name: &str, symbol: &Symbol) {
    line.raw(name);
    for at in 0..symbol.len() {
        line.raw(if symbol.bits >> at & 1 == 1 { "1" } else { "0" });
    }
    line.raw("\"");
}

fn base64(line: &mut Line, bytes: &[u8]) {
    line.raw(",\"base64\":\"");
    line.base64(bytes);
    line.raw("\"");
}

fn list(line: &mut Line, name: &str, lengths: &[u8]) {
    line.raw(name);
    line.list(lengths, |line, length| line.number((*length).into()));
}

/// Where the bytes of a message come from.
pub(super) fn write_sources(line: &mut Line, sources: &Sources) {
    let [stored_blocks, fixed, dynamic, _] = sources.blocks;
    for (name, number) in [
        (",\"sources\":{\"stored_blocks\":", stored_blocks),
        (",\"fixed_blocks\":", fixed),
        (",\"dynamic_blocks\":", dynamic),
        (",\"literals\":", sources.literals),
        (",\"copies\":", sources.copies),
        (",\"stored\":", sources.stored),
        (",\"own\":", sources.own),
        (",\"unknown\":", sources.unknown),
        (",\"literal_bits\":", sources.literal_bits),
        (",\"copy_bits\":", sources.copy_bits),
        (",\"table_bits\":", sources.table_bits),
        (",\"earlier_len\":", sources.from_earlier()),
    ] {
        line.raw(name);
        line.number(number);
    }
    line.raw(",\"earlier\":");
    line.list(sources.earlier.iter().take(MOST_EARLIER), |line, (message, len)| {
        line.raw("[");
        line.number(*message);
        line.raw(",");
        line.number(*len);
        line.raw("]");
    });
    line.raw("}");
}

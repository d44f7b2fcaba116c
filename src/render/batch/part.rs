//! A piece of a compressed message, kept: what it borrows is taken out and put back.

use crate::session::anatomy::{Copy, Part, PartKind};
use crate::wire::deflate::Seen;

/// A piece without what it borrows, and that: one run of bytes, or two.
pub(super) fn take_apart<'a>(part: &Part<'a>) -> (Part<'static>, &'a [u8], &'a [u8]) {
    let (kind, one, two): (_, &[u8], &[u8]) = match part.kind {
        PartKind::Copy(copy) => {
            let Copy { length, distance, text, unknown, origin } = copy;
            (PartKind::Copy(Copy { length, distance, text: &[], unknown, origin }), text, &[])
        }
        PartKind::Read(seen) => {
            let (seen, one, two) = seen_apart(seen);
            (PartKind::Read(seen), one, two)
        }
    };
    let Part { message, frame, block, at, .. } = *part;
    (Part { message, frame, block, at, kind }, one, two)
}

fn seen_apart(seen: Seen<'_>) -> (Seen<'static>, &[u8], &[u8]) {
    match seen {
        Seen::Stored(bytes) => (Seen::Stored(&[]), bytes, &[]),
        Seen::CodeLengthCode { at, lengths } => (Seen::CodeLengthCode { at, lengths: &[] }, lengths, &[]),
        Seen::Lengths { litlen, distance } => {
            (Seen::Lengths { litlen: &[], distance: &[] }, litlen, distance)
        }
        Seen::Copied { text, unknown } => (Seen::Copied { text: &[], unknown }, text, &[]),
        Seen::Block { at, is_final, kind } => (Seen::Block { at, is_final, kind }, &[], &[]),
        Seen::StoredLength { at, len, nlen } => (Seen::StoredLength { at, len, nlen }, &[], &[]),
        Seen::Counts { at, litlen, distance, code_length } => {
            (Seen::Counts { at, litlen, distance, code_length }, &[], &[])
        }
        Seen::CodeLength { symbol, length, repeat } => {
            (Seen::CodeLength { symbol, length, repeat }, &[], &[])
        }
        Seen::Literal(symbol) => (Seen::Literal(symbol), &[], &[]),
        Seen::Pair(length, distance) => (Seen::Pair(length, distance), &[], &[]),
        Seen::EndOfBlock(symbol) => (Seen::EndOfBlock(symbol), &[], &[]),
        Seen::Fault(fault) => (Seen::Fault(fault), &[], &[]),
    }
}

/// The piece, with what it borrows.
pub(super) const fn put_together<'a>(part: &Part<'static>, one: &'a [u8], two: &'a [u8]) -> Part<'a> {
    let kind = match part.kind {
        PartKind::Copy(Copy { length, distance, unknown, origin, .. }) => {
            PartKind::Copy(Copy { length, distance, text: one, unknown, origin })
        }
        PartKind::Read(Seen::Stored(_)) => PartKind::Read(Seen::Stored(one)),
        PartKind::Read(Seen::CodeLengthCode { at, .. }) => {
            PartKind::Read(Seen::CodeLengthCode { at, lengths: one })
        }
        PartKind::Read(Seen::Lengths { .. }) => PartKind::Read(Seen::Lengths { litlen: one, distance: two }),
        PartKind::Read(Seen::Copied { unknown, .. }) => PartKind::Read(Seen::Copied { text: one, unknown }),
        PartKind::Read(seen) => PartKind::Read(seen),
    };
    let Part { message, frame, block, at, .. } = *part;
    Part { message, frame, block, at, kind }
}

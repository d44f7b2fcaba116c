//! DEFLATE from nothing: the order of bits, blocks, codes, and a message decoded by hand (RFC 1951, RFC 7692 §7.2).

use super::TEXT;
use crate::render::number::push_number;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::wire::deflate::{BlockType, Inflater, Observer, Seen, Symbol, distance_of, length_of};

/// What people call it, in lower case.
pub(super) const WORDS: &[&str] = &["deflate", "inflate", "huffman", "permessage-deflate"];

/// The message that is decoded by hand, and one that copies from it: the examples of RFC 7692 §7.2.3.1 and §7.2.3.2.
const HELLO: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
const AGAIN: &[u8] = &[0xf2, 0x00, 0x11, 0x00, 0x00];

/// Where the bits of a worked row stand, and what they are.
const BITS: usize = TEXT + 6;
const IS: usize = TEXT + 18;

/// Rows of the tables of lengths and distances, and the width of their columns.
const ROWS: u16 = 8;
const COLUMN: usize = 16;

/// Appends the whole lesson.
pub fn lesson(page: &Page, out: &mut String) {
    let title = "deflate: how a compressed message is written";
    page.spread(out, 0, &[(Role::Heading, title)], (Role::Dim, "RFC 1951, RFC 7692 §7.2"));
    for (label, text) in [
        (
            "What",
            "A text is written as literals, which are bytes as they are, and as copies: \"5 bytes, from 12 bytes \
             back\". Both are symbols, and each symbol has a code of some bits: short where it is frequent. A copy may \
             reach 32,768 bytes back; with context takeover, into earlier messages of the same sender.",
        ),
        (
            "Bits",
            "Bytes are filled from their lowest bit up. So write down each byte with its lowest bit first, one \
             behind the other, and read from left to right. Codes then stand there as in the tables below. \
             Numbers (the block's type, extra bits) stand there with their lowest bit first: 10 is 1, 110 is 3.",
        ),
        (
            "Message",
            "permessage-deflate sends what a compressor gives, up to a flush, less its last four bytes: put \
             00 00 ff ff back first.",
        ),
        ("Block", "Three bits begin it. BFINAL: 1 says that it is the last of its stream. BTYPE, two bits:"),
    ] {
        super::labelled(page, label, Role::Plain, text, out);
    }
    for (bits, means) in [
        ("00", "0, stored: go to the next byte; LEN and NLEN, two bytes each; LEN bytes as they are"),
        ("10", "1, fixed: the codes below"),
        (
            "01",
            "2, dynamic: it brings its own codes, as a list of how long each is; wslens decode --view deflate draws them",
        ),
        ("11", "3, reserved: nobody can read it"),
    ] {
        row(page, bits, means, TEXT + 5, out);
    }
    super::labelled(
        page,
        "Codes",
        Role::Plain,
        "The fixed ones. Read 7 bits; up to 0010111 that is all, else read on:",
        out,
    );
    for (codes, means) in [
        ("0000000–0010111", "7 bits: 256 to 279; 256 ends the block, the others are lengths"),
        ("00110000–10111111", "8 bits: the literals 0 to 143; take 00110000 (48) away"),
        ("11000000–11000111", "8 bits: 280 to 287, lengths; 11000000 is 280, and nobody may use 286 and 287"),
        ("110010000–111111111", "9 bits: the literals 144 to 255; take 100000000 (256) away"),
    ] {
        row(page, codes, means, TEXT + 21, out);
    }
    let lengths = "Symbol, the lengths that it stands for, extra bits behind the code. Their number is added to the least \
                   of these lengths. Behind a length comes a distance.";
    super::labelled(page, "Lengths", Role::Plain, lengths, out);
    table(page, 257, 29, length_of, out);
    let distances = "Five bits in a fixed block, 00000 to 11101: symbol 0 to 29, and extra bits likewise.";
    super::labelled(page, "Distances", Role::Plain, distances, out);
    table(page, 0, 30, distance_of, out);
    by_hand(page, out);
    let more = "The symbols of a message that you have, with their bits: wslens decode --view deflate FILE. Where it \
                has no handshake, add --extensions permessage-deflate.";
    super::labelled(page, "Your own", Role::Plain, more, out);
}

/// Something in bits, and what it means, on the right of it where there is room.
fn row(page: &Page, bits: &str, means: &str, column: usize, out: &mut String) {
    let bits = page.glyphs.say(bits);
    indent(out, TEXT);
    page.paint(out, Role::Structure, &bits);
    indent(out, column.saturating_sub(TEXT + bits.chars().count()).max(1));
    page.hang(out, column, Role::Plain, means);
}

/// Symbols in columns, from top to bottom.
fn table(page: &Page, first: u16, count: u16, number_of: fn(u16) -> Option<(u16, u8)>, out: &mut String) {
    let columns = (page.width.saturating_sub(TEXT + 1) / COLUMN).clamp(1, 4) as u16;
    let rows = if columns == 4 { ROWS } else { count.div_ceil(columns) };
    for top in 0..rows {
        let mut line = String::new();
        for index in (top..count).step_by(rows.into()) {
            let Some((base, extra)) = number_of(first + index) else { continue };
            let cell = cell(first + index, base, extra);
            let from = usize::from(index / rows) * COLUMN;
            let used = line.chars().count();
            indent(&mut line, from.saturating_sub(used));
            line.push_str(&cell);
        }
        indent(out, TEXT);
        page.paint(out, Role::Plain, &page.glyphs.say(&line));
        out.push('\n');
    }
}

/// `266 13–14 +1`
fn cell(symbol: u16, base: u16, extra: u8) -> String {
    let mut text = String::new();
    push_number(&mut text, symbol.into());
    text.push(' ');
    push_number(&mut text, base.into());
    if extra > 0 {
        text.push('–');
        // 227 and five bits would be 258 too, which has a symbol of its own.
        let most = u64::from(base) + (1 << extra) - 1;
        push_number(&mut text, if symbol == 284 { most - 1 } else { most });
        text.push_str(&format!(" +{extra}"));
    }
    text
}

fn by_hand(page: &Page, out: &mut String) {
    let mut inflater = Inflater::new(15, true);
    for (label, words, bytes) in [
        ("By hand", "Write the bits of each byte, the lowest first:", HELLO),
        ("A copy", "The same text again, in a second message:", AGAIN),
    ] {
        super::labelled(page, label, Role::Plain, words, out);
        bits_of(page, bytes, out);
        let mut hand = Hand { page, out, length: None };
        inflater.feed_observed(bytes, 1000, &mut |_| {}, &mut hand);
        inflater.end_of_message();
    }
}

/// Bytes, and their bits below them.
fn bits_of(page: &Page, bytes: &[u8], out: &mut String) {
    let in_a_row = (page.width.saturating_sub(TEXT + 1) / 9).clamp(1, 7);
    for bytes in bytes.chunks(in_a_row) {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}      ")).collect();
        let bits: Vec<_> = bytes.iter().map(|byte| format!("{:08b}", byte.reverse_bits())).collect();
        page.paragraph(out, TEXT, Role::Payload, &hex.join(" "));
        page.paragraph(out, TEXT, Role::Structure, &bits.join(" "));
    }
}

/// Says what each piece is, as one who reads by hand would.
struct Hand<'a> {
    page: &'a Page,
    out: &'a mut String,
    length: Option<Symbol>,
}

impl Hand<'_> {
    fn row(&mut self, at: u64, bits: &str, is: &str) {
        let mut bit = String::new();
        push_number(&mut bit, at);
        indent(self.out, (BITS - 2).saturating_sub(bit.len()));
        self.page.paint(self.out, Role::Dim, &bit);
        indent(self.out, 2);
        self.page.paint(self.out, Role::Structure, bits);
        indent(self.out, (IS - BITS).saturating_sub(bits.len()).max(1));
        self.page.hang(self.out, IS, Role::Plain, is);
    }

    fn symbol(&mut self, symbol: &Symbol, is: &str) {
        let bits: String =
            (0..symbol.len()).map(|at| if symbol.bits >> at & 1 == 1 { '1' } else { '0' }).collect();
        let (code, extra) = bits.split_at_checked(symbol.code_len.into()).unwrap_or((&bits, ""));
        let bits = if extra.is_empty() { code.to_owned() } else { format!("{code} {extra}") };
        self.row(symbol.at, &bits, is);
    }
}

impl Observer for Hand<'_> {
    fn saw(&mut self, seen: Seen<'_>) {
        match seen {
            Seen::Block { at, kind, .. } => {
                let (bits, is) = match kind {
                    BlockType::Fixed => ("10", "BTYPE: lowest bit first, so 1: the fixed codes"),
                    _ => (
                        "00",
                        "BTYPE 0, stored: the rest of the byte is unused, then 00 00 ff ff, put back: LEN 0, no bytes",
                    ),
                };
                self.row(at, "0", "BFINAL: not the last block");
                self.row(at + 1, bits, is);
            }
            Seen::Literal(symbol) => {
                let byte = symbol.value() as u8;
                let code = u32::from(byte) + 0x30;
                let is = format!("{code} - 48 = {byte}, hex {byte:02x}: \"{}\"", self.page.safe(&[byte]));
                self.symbol(&symbol, &is);
            }
            Seen::Pair(length, distance) => {
                self.length = Some(length);
                let code: u32 =
                    (0..u32::from(length.code_len)).fold(0, |code, at| code << 1 | length.bits >> at & 1);
                let is = format!("symbol 256 + {code} = {}: a length, {}", 256 + code, length.value());
                self.symbol(&length, &is);
                let code: u32 =
                    (0..u32::from(distance.code_len)).fold(0, |code, at| code << 1 | distance.bits >> at & 1);
                let is = format!(
                    "distance symbol {code}, and the extra bits make {}: {} + {} = {} back",
                    distance.extra(),
                    distance.base,
                    distance.extra(),
                    distance.value()
                );
                self.symbol(&distance, &is);
            }
            Seen::Copied { text, .. } => {
                let is = format!("so copy {}, out of the message before", self.page.quoted(text));
                indent(self.out, IS);
                self.page.hang(self.out, IS, Role::Payload, &is);
            }
            Seen::EndOfBlock(symbol) => self.symbol(&symbol, "symbol 256: the end of the block"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::glyphs::Glyphs;
    use crate::render::wrap::display_width;

    #[test]
    fn it_holds_every_width_and_decodes_hello() {
        for width in [40, 60, 79, 80, 120] {
            let (page, mut out) = (Page { width, glyphs: Glyphs::new(true), ..Page::plain() }, String::new());
            lesson(&page, &mut out);
            assert!(out.is_ascii());
            for line in out.lines() {
                assert!(display_width(line) <= width && !line.ends_with(' '), "{width}: {line:?}");
            }
        }
        let mut out = String::new();
        lesson(&Page::plain(), &mut out);
        for part in [
            "01001111 00010010 10110011 10010011 10010011 11100000 00000000",
            "01111000    120 - 48 = 72, hex 48: \"H\"",
            "43  0000000     symbol 256",
            "18  00100 0     distance symbol 4",
            "so copy \"ello\"",
            "284 227–257 +5",
            "29 24577–32768 +13",
        ] {
            assert!(out.contains(part), "{part}\n{out}");
        }
    }
}

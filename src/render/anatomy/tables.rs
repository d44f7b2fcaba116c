//! The head of a dynamic block: its counts, its code lengths, and the codes that they make (RFC 1951 §3.2.2, §3.2.7).

use super::row::{BITS, MEANS, Row, TEXT, push_bits};
use crate::render::glyphs::Mark;
use crate::render::number::push_number;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::wire::deflate::{Symbol, distance_of, length_of};

/// The longest code.
const LONGEST_CODE: u8 = 15;
/// Where symbols are listed, behind the length of their codes and the first code.
const SYMBOLS: usize = 33;

/// HLIT, HDIST and HCLEN.
pub(super) fn counts(page: &Page, at: u64, [litlen, distance, code_length]: [u16; 3], out: &mut String) {
    let rows = [
        (at, litlen, 257, 5, "HLIT", "literal/length codes"),
        (at + 5, distance, 1, 5, "HDIST", "distance codes"),
        (at + 10, code_length, 4, 4, "HCLEN", "code length codes"),
    ];
    for (at, count, least, len, name, what) in rows {
        let mut bits = String::new();
        push_bits(&mut bits, u32::from(count) - least, len);
        let means = format!("{name} {} + {least} = {count}", u32::from(count) - least);
        Row::at(page, at, out)
            .cell(BITS, Role::Structure, &bits)
            .cell(MEANS, Role::Plain, &means)
            .cell(TEXT, Role::Plain, what)
            .end();
    }
}

/// The code in which the code lengths are written.
pub(super) fn code_length_code(page: &Page, at: u64, lengths: &[u8], out: &mut String) {
    let words = "the code of the code lengths: 3 bits say how long the code of each symbol is";
    Row::at(page, at, out).hang(BITS, Role::Plain, words);
    let mut name = |symbol, text: &mut String| match symbol {
        16 => text.push_str(&page.glyphs.say("last×3–6")),
        17 => text.push_str(&page.glyphs.say("0×3–10")),
        18 => text.push_str(&page.glyphs.say("0×11–138")),
        length => push_number(text, u64::from(length)),
    };
    by_length(page, lengths, &mut name, out);
}

/// The code lengths as they are written, as many as a reader takes in.
#[derive(Debug, Default)]
pub(super) struct Written {
    at: Option<u64>,
    bits: u64,
    text: String,
    left_out: u64,
}

/// Characters of written code lengths that are shown.
const MOST_WRITTEN: usize = 600;

impl Written {
    /// One symbol: a length, or a repetition of one.
    pub(super) fn push(&mut self, page: &Page, symbol: Symbol, length: u8, repeat: u16) {
        self.at.get_or_insert(symbol.at);
        self.bits += u64::from(symbol.len());
        if self.text.len() > MOST_WRITTEN {
            self.left_out += 1;
            return;
        }
        self.text.push_str(if self.text.is_empty() { "" } else { " " });
        push_number(&mut self.text, u64::from(length));
        if symbol.base >= 16 {
            self.text.push_str(page.mark(Mark::Times));
            push_number(&mut self.text, u64::from(repeat));
        }
    }

    /// Appends them.
    pub(super) fn show(&self, page: &Page, out: &mut String) {
        let Some(at) = self.at else { return };
        let mut words = String::new();
        push_number(&mut words, self.bits);
        words.push_str(" bits of code lengths, by symbol: first those of 0 to 255, 256 and the lengths, then those of the \
                        distances; n×m, which symbols 16 to 18 write, is m times n:");
        Row::at(page, at, out).hang(BITS, Role::Plain, &words);
        page.paragraph(out, BITS, Role::Structure, &self.text);
        if self.left_out > 0 {
            let words = format!("and {} more", self.left_out);
            page.paragraph(out, BITS, Role::Dim, &words);
        }
    }
}

/// Both codes of the block.
pub(super) fn codes(page: &Page, litlen: &[u8], distance: &[u8], out: &mut String) {
    page.paragraph(
        out,
        BITS,
        Role::Plain,
        "literals, the end, and lengths (a code length gives its codes in order):",
    );
    by_length(page, litlen, &mut |symbol, text| push_litlen(page, symbol, text), out);
    if distance.iter().all(|length| *length == 0) {
        return page.paragraph(out, BITS, Role::Plain, "no distances: nothing is copied");
    }
    page.paragraph(out, BITS, Role::Plain, "distances:");
    by_length(page, distance, &mut |symbol, text| push_range(page, distance_of(symbol), text), out);
}

/// What a literal/length symbol stands for: `a`, `\n`, `end`, `len3`, `len11–12`.
fn push_litlen(page: &Page, symbol: u16, text: &mut String) {
    match symbol {
        0x20 => text.push_str("space"),
        0..256 => page.sanitizer().push(text, &[symbol as u8]),
        256 => text.push_str("end"),
        _ => {
            text.push_str("len");
            push_range(page, length_of(symbol), text);
        }
    }
}

/// The lengths or distances that a symbol stands for.
fn push_range(page: &Page, number: Option<(u16, u8)>, text: &mut String) {
    let Some((base, extra)) = number else { return text.push_str("reserved") };
    push_number(text, u64::from(base));
    if extra > 0 {
        text.push_str(page.mark(Mark::Range));
        push_number(text, u64::from(base) + (1 << extra) - 1);
    }
}

/// One line for each length of a code: how many bits, the first code, and the symbols in the order of their codes.
fn by_length(page: &Page, lengths: &[u8], name: &mut dyn FnMut(u16, &mut String), out: &mut String) {
    let mut code = 0u32;
    for len in 1..=LONGEST_CODE {
        code <<= 1;
        let with = || (0u16..).zip(lengths).filter(|(_, length)| **length == len).map(|(symbol, _)| symbol);
        let count = with().count() as u32;
        if count == 0 {
            continue;
        }
        let mut first = String::new();
        push_bits(&mut first, code.reverse_bits() >> (32 - u32::from(len)), u32::from(len));
        if count > 1 {
            first.push_str(page.mark(Mark::Ellipsis));
        }
        let mut symbols = String::new();
        for symbol in with() {
            symbols.push_str(if symbols.is_empty() { "" } else { " " });
            name(symbol, &mut symbols);
        }
        let bits = format!("{len:>2} {}", if len == 1 { "bit" } else { "bits" });
        let row =
            Row::blank(page, out).cell(BITS - 2, Role::Dim, &bits).cell(BITS + 6, Role::Structure, &first);
        row.hang(SYMBOLS + 3, Role::Payload, &symbols);
        code += count;
    }
}

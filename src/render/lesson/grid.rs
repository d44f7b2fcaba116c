//! The grid of the lesson: bytes, hex, bits, name, value, meaning, each in its column from the first byte of a frame to
//! the last, so that an eye can fall down any of them.

use std::str::from_utf8;

use crate::render::glyphs::Mark;
use crate::render::number::{Digits, hex_pair, hex_text};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::display_width;
use crate::wire::bits::Bits;

/// From this width on the columns stand apart, and bytes are called bytes.
const WIDE: usize = 64;
/// Below this width a meaning gets a line of its own.
const MEANING_BESIDE: usize = 56;
/// The columns of a byte's bits and of what parts them from the next.
const ABREAST: usize = 11;
/// From this width on four bytes stand in a line with their bits below.
const FOUR_ABREAST: usize = 76;

/// Where the columns stand on a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    wide: bool,
    /// Whether four bytes have room in a line, with their bits below.
    pub(super) four_abreast: bool,
    lead: usize,
    hex: usize,
    /// Where bits stand, and text without columns of its own.
    pub(super) bits: usize,
    name: usize,
    /// The column behind the last digit of a value.
    value_end: usize,
    meaning: usize,
}

/// One line of the grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// The bytes that begin here, counted from the first byte of the frame: the first and the last of them.
    pub(super) bytes: Option<(u64, u64)>,
    /// The byte in hex.
    pub(super) hex: Option<u8>,
    /// Its bits, dots in the place of others; see [`bits`].
    pub(super) bits: [u8; 9],
    pub(super) role: Role,
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) mark: Option<Mark>,
    pub(super) meaning: &'a str,
}

impl Grid {
    pub(super) const fn of(page: &Page) -> Self {
        let four_abreast = page.width >= FOUR_ABREAST;
        if page.width >= WIDE {
            return Self {
                wide: true,
                four_abreast,
                lead: 2,
                hex: 14,
                bits: 18,
                name: 29,
                value_end: 44,
                meaning: 47,
            };
        }
        let meaning = if page.width >= MEANING_BESIDE { 38 } else { page.width };
        Self { wide: false, four_abreast, lead: 0, hex: 6, bits: 9, name: 20, value_end: 35, meaning }
    }

    /// Whether a meaning stands beside its bits, and not below.
    pub(super) const fn meaning_beside(&self, page: &Page) -> bool {
        self.meaning < page.width
    }

    /// Appends a row.
    pub(super) fn row(&self, page: &Page, row: &Row<'_>, out: &mut String) {
        let mut at = row.bytes.map_or(0, |(first, last)| self.bytes(page, first, last, out));
        if let Some(byte) = row.hex {
            at = fill(out, at, self.hex);
            page.paint(out, row.role, hex_text(byte));
            at += 2;
        }
        at = fill(out, at, self.bits);
        page.paint(out, row.role, ascii(&row.bits));
        at += row.bits.len();
        if !row.name.is_empty() {
            let name = page.glyphs.say(row.name);
            at = fill(out, at, self.name) + display_width(&name);
            page.paint(out, row.role, &name);
        }
        self.finish(page, at, row.value, row.mark, row.meaning, out);
    }

    /// Goes on from column `at`: a value, a mark, a meaning, and the end of the line.
    pub(super) fn finish(
        &self,
        page: &Page,
        at: usize,
        value: &str,
        mark: Option<Mark>,
        meaning: &str,
        out: &mut String,
    ) {
        let mut at = at;
        if !value.is_empty() {
            at = fill(out, at, self.value_end.saturating_sub(value.len())) + value.len();
            out.push_str(value);
        }
        if let Some(mark) = mark {
            at = fill(out, at, self.value_end + 1) + 1;
            let role = if mark == Mark::Bad { Role::Finding } else { Role::Hint };
            page.paint(out, role, page.mark(mark));
        }
        self.meaning(page, at, meaning, out);
    }

    /// Goes on from column `at`: a meaning and the end of the line.
    fn meaning(&self, page: &Page, at: usize, meaning: &str, out: &mut String) {
        if meaning.is_empty() {
            out.push('\n');
        } else if !self.meaning_beside(page) {
            out.push('\n');
            page.paragraph(out, self.bits, Role::Plain, meaning);
        } else if self.meaning + meaning.len() <= page.width && meaning.is_ascii() {
            fill(out, at, self.meaning);
            out.push_str(meaning);
            out.push('\n');
        } else {
            fill(out, at, self.meaning);
            page.hang(out, self.meaning, Role::Plain, meaning);
        }
    }

    /// Appends the numbers of some bytes at the left, and says which column the line has come to.
    pub(super) fn bytes(&self, page: &Page, first: u64, last: u64, out: &mut String) -> usize {
        let start = out.len();
        fill(out, 0, self.lead);
        let colour = page.palette.start(Role::Dim);
        out.push_str(colour);
        let (first_digits, last_digits) = (Digits::of(first), Digits::of(last));
        out.push_str(match (self.wide, first == last) {
            (false, _) => "",
            (true, true) => "byte ",
            (true, false) => "bytes ",
        });
        out.push_str(first_digits.as_str());
        let mut width = out.len() - start - colour.len();
        if first != last {
            out.push_str(page.mark(Mark::Range));
            out.push_str(last_digits.as_str());
            width += 1 + last_digits.as_str().len();
        }
        out.push_str(page.palette.end(Role::Dim));
        width
    }

    /// Appends some bytes of the header, four abreast: hex, and the bits below.
    pub(super) fn abreast(
        &self,
        page: &Page,
        name: [&str; 2],
        mark: Option<Mark>,
        four: Abreast<'_>,
        out: &mut String,
    ) {
        let column = self.bits + 14;
        let mut at =
            four.first.map_or(0, |bits| self.bytes(page, bits.first_byte(), bits.end_byte() - 1, out));
        if let Some(mark) = mark {
            at = fill(out, at, self.bits - 2) + 1;
            page.paint(out, Role::Finding, page.mark(mark));
        }
        let mut lines = [[b' '; 4 * ABREAST]; 2];
        let [hex, below] = &mut lines;
        let (hex, below) = (hex.as_chunks_mut::<ABREAST>().0, below.as_chunks_mut::<ABREAST>().0);
        for ((hex, below), byte) in hex.iter_mut().zip(below).zip(four.bytes) {
            let [high, low] = hex_pair(*byte);
            [hex[0], hex[1]] = [high, low];
            below[..9].copy_from_slice(&all_bits(*byte));
        }
        for (line, name) in lines.iter().zip(name) {
            at = fill(out, at, self.bits) + name.len();
            out.push_str(page.palette.start(four.role));
            out.push_str(name);
            fill(out, at, column);
            out.push_str(ascii(line.trim_ascii_end()));
            out.push_str(page.palette.end(four.role));
            out.push('\n');
            at = 0;
        }
    }

    /// Appends some bytes in hex from the column of hex on, and says which column the line has come to.
    pub(super) fn run(&self, page: &Page, at: usize, role: Role, bytes: &[u8], out: &mut String) -> usize {
        let mut at = fill(out, at, self.hex);
        out.push_str(page.palette.start(role));
        for (i, byte) in bytes.iter().enumerate() {
            if i > 0 {
                out.push(' ');
                at += 1;
            }
            out.push_str(hex_text(*byte));
            at += 2;
        }
        out.push_str(page.palette.end(role));
        at
    }
}

/// Up to four bytes that stand in a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Abreast<'a> {
    /// The bits that begin here.
    pub(super) first: Option<Bits>,
    pub(super) role: Role,
    pub(super) bytes: &'a [u8],
}

/// Appends spaces from column `at` to column `to`, and says which column the line has come to.
#[inline]
pub(super) fn fill(out: &mut String, at: usize, to: usize) -> usize {
    indent(out, to.saturating_sub(at));
    to.max(at)
}

/// The bits of a byte that `mask` picks, dots in the place of the others, nibbles apart.
#[inline]
pub(super) fn bits(byte: u8, mask: u8) -> [u8; 9] {
    let mut out = [b' '; 9];
    let (high, low) = out.split_at_mut(4);
    for (i, slot) in high.iter_mut().chain(low.iter_mut().skip(1)).enumerate() {
        let bit = 0x80 >> i;
        *slot = match (mask & bit, byte & bit) {
            (0, _) => b'.',
            (_, 0) => b'0',
            _ => b'1',
        };
    }
    out
}

/// All bits of a byte, nibbles apart.
#[inline]
pub(super) fn all_bits(byte: u8) -> [u8; 9] {
    let [high, low] =
        [byte >> 4, byte & 15].map(|at| NIBBLES.get(usize::from(at)).copied().unwrap_or_default());
    let mut out = [b' '; 9];
    out[..4].copy_from_slice(&high);
    out[5..].copy_from_slice(&low);
    out
}

/// The bits of every nibble.
static NIBBLES: [[u8; 4]; 16] = {
    let mut rows = [[0; 4]; 16];
    let mut i = 0;
    while i < 16 {
        let row = [
            b'0' + (i >> 3) as u8,
            b'0' + (i >> 2 & 1) as u8,
            b'0' + (i >> 1 & 1) as u8,
            b'0' + (i & 1) as u8,
        ];
        #[expect(
            clippy::indexing_slicing,
            reason = "computed by the compiler: a wrong index would not compile"
        )]
        {
            rows[i] = row;
        }
        i += 1;
    }
    rows
};

/// Bytes of our own that are ASCII, as text.
#[inline]
pub(super) fn ascii(bytes: &[u8]) -> &str {
    from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_in_nibbles_with_dots_for_others() {
        assert_eq!(ascii(&all_bits(0x81)), "1000 0001");
        assert_eq!(ascii(&bits(0x81, 0x80)), "1... ....");
        assert_eq!(ascii(&bits(0x81, 0x0f)), ".... 0001");
        assert_eq!(ascii(&bits(0x94, 0x7f)), ".001 0100");
        assert!((0..=0xff).all(|byte| all_bits(byte) == bits(byte, 0xff)));
    }

    fn row(page: &Page, mark: Option<Mark>) -> String {
        let mut out = String::new();
        let bits = bits(0x94, 0x7f);
        let row = Row {
            bytes: Some((1, 1)),
            hex: Some(0x94),
            bits,
            role: Role::Structure,
            name: "Payload len",
            value: "20",
            mark,
            meaning: "up to 125: this is the length",
        };
        Grid::of(page).row(page, &row, &mut out);
        out
    }

    #[test]
    fn columns_stand_still_with_a_mark_and_without() {
        assert_eq!(
            row(&Page::plain(), None),
            "  byte 1      94  .001 0100  Payload len  20   up to 125: this is the length\n"
        );
        assert_eq!(
            row(&Page::plain(), Some(Mark::Bad)),
            "  byte 1      94  .001 0100  Payload len  20 ✗ up to 125: this is the length\n"
        );
    }

    #[test]
    fn a_narrow_page_puts_the_meaning_below() {
        let page = Page { width: 40, ..Page::plain() };
        assert_eq!(
            row(&page, None),
            "1     94 .001 0100  Payload len  20\n         up to 125: this is the length\n"
        );
    }
}

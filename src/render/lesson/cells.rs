//! Bytes as text, each in a cell of its own: a character stands under its first byte, and a line goes on from it under
//! the others.

use std::ops::Range;

use super::grid::ascii;
use crate::render::glyphs::Mark;
use crate::render::page::Page;
use crate::render::sanitize::{clean_prefix, is_unsafe};
use crate::render::wrap::{char_width, is_printable};

/// What stands in the cell of one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// A printable ASCII character.
    Ascii(u8),
    /// The first byte of a character outside ASCII, one column wide.
    Char(char),
    /// The same of two columns.
    Wide(char),
    /// Another byte of the character before.
    More,
    /// A byte that is no text, or a character that must not be shown.
    Dot,
    /// A control character with an escape of two columns: a backslash, and this letter.
    Escape(u8),
}

/// The cells of bytes; a character that began before them is not known.
pub(super) struct Cells<'a> {
    ascii: bool,
    rest: &'a [u8],
    /// How many bytes of the character before are to come.
    more: usize,
}

impl<'a> Cells<'a> {
    #[inline]
    pub(super) const fn of(page: &Page, bytes: &'a [u8]) -> Self {
        Self { ascii: page.glyphs.ascii(), rest: bytes, more: 0 }
    }
}

impl Iterator for Cells<'_> {
    type Item = Cell;

    #[inline(always)]
    fn next(&mut self) -> Option<Cell> {
        let (first, behind) = self.rest.split_first()?;
        self.rest = behind;
        if self.more > 0 {
            self.more -= 1;
            return Some(Cell::More);
        }
        Some(if (b' '..=b'~').contains(first) { Cell::Ascii(*first) } else { self.no_ascii(*first) })
    }
}

impl<'a> Cells<'a> {
    /// The printable ASCII that is next, `most` bytes of it at most.
    #[inline]
    fn printable(&mut self, most: usize) -> &'a [u8] {
        if self.more > 0 || !self.rest.first().is_some_and(|byte| (b' '..=b'~').contains(byte)) {
            return &[];
        }
        let front = self.rest.get(..most).unwrap_or(self.rest);
        let (run, behind) = self.rest.split_at(clean_prefix(front, false));
        self.rest = behind;
        run
    }

    /// What a byte begins that is no printable ASCII; `rest` is what stands behind it.
    #[inline(never)]
    fn no_ascii(&mut self, first: u8) -> Cell {
        let ch = if first < 0x80 { Some(char::from(first)) } else { long_char(first, self.rest) };
        let Some(ch) = ch else { return Cell::Dot };
        self.more = ch.len_utf8() - 1;
        cell(self.ascii, ch)
    }
}

/// The character of several bytes that this one and those behind it begin with, if they do.
#[inline]
fn long_char(first: u8, behind: &[u8]) -> Option<char> {
    let (begins, more, least) = match first {
        0xc2..=0xdf => (first & 0x1f, 1, 0x80),
        0xe0..=0xef => (first & 0x0f, 2, 0x800),
        0xf0..=0xf4 => (first & 0x07, 3, 0x1_0000),
        _ => return None,
    };
    let mut code = u32::from(begins);
    for byte in behind.get(..more)? {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        code = code << 6 | u32::from(byte & 0x3f);
    }
    // What would have fit into fewer bytes is no character, nor is a surrogate (RFC 3629 §3).
    char::from_u32(code).filter(|_| code >= least)
}

fn cell(ascii: bool, ch: char) -> Cell {
    match ch {
        ' '..='~' => Cell::Ascii(ch as u8),
        '\n' => Cell::Escape(b'n'),
        '\r' => Cell::Escape(b'r'),
        '\t' => Cell::Escape(b't'),
        '\0' => Cell::Escape(b'0'),
        _ if ascii || is_unsafe(ch) => Cell::Dot,
        _ => match char_width(ch) {
            1 => Cell::Char(ch),
            2 => Cell::Wide(ch),
            _ => Cell::Dot,
        },
    }
}

impl Cell {
    /// Appends the cell, two columns wide.
    pub(super) fn push_pair(self, page: &Page, out: &mut String) {
        let dash = page.mark(Mark::Dash);
        match self {
            Self::Wide(_) => {}
            Self::More => out.push_str(dash),
            Self::Escape(_) => out.push('\\'),
            Self::Ascii(_) | Self::Char(_) | Self::Dot => out.push(' '),
        }
        match self {
            Self::Ascii(byte) | Self::Escape(byte) => out.push(char::from(byte)),
            Self::Char(ch) | Self::Wide(ch) => out.push(ch),
            Self::More => out.push_str(dash),
            Self::Dot => out.push_str(page.mark(Mark::Dot)),
        }
    }
}

/// The cells of the bytes in this range, and some behind it; a character may begin before them and end behind.
#[inline]
pub(super) fn around<'a>(page: &Page, bytes: &'a [u8], range: Range<usize>) -> Cells<'a> {
    // Where the range begins inside a character, at most three bytes of it stand before; behind it as many.
    let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let before = if is_inside(range.start) { range.start.saturating_sub(3) } else { range.start };
    let from = (before..range.start).find(|at| !is_inside(*at)).unwrap_or(range.start);
    let mut cells = Cells::of(page, bytes.get(from..bytes.len().min(range.end + 3)).unwrap_or_default());
    for _ in from..range.start {
        cells.next();
    }
    cells
}

/// Appends the bytes in this range as text, one column a byte.
pub(super) fn push_columns(page: &Page, bytes: &[u8], range: Range<usize>, out: &mut String) {
    let part = bytes.get(range.clone()).unwrap_or_default();
    if is_printable(part) {
        out.push_str(ascii(part));
        return;
    }
    let marks = [Mark::Dot, Mark::Dash].map(|mark| page.mark(mark));
    let mut cells = around(page, bytes, range);
    let (mut left, mut wide) = (part.len(), false);
    while left > 0 {
        let run = cells.printable(left);
        out.push_str(ascii(run));
        left -= run.len();
        let Some(cell) = cells.next().filter(|_| left > 0) else { break };
        left -= 1;
        wide = push_column(marks, cell, wide, left == 0, out);
    }
}

/// Appends the column of one byte, and says whether it took the next one too.
#[inline]
fn push_column([dot, dash]: [&str; 2], cell: Cell, wide: bool, last: bool, out: &mut String) -> bool {
    match cell {
        Cell::Ascii(byte) => out.push(char::from(byte)),
        Cell::Char(ch) => out.push(ch),
        Cell::Wide(ch) if !last => {
            out.push(ch);
            return true;
        }
        // A wide character has taken this column already.
        Cell::More if wide => {}
        Cell::More => out.push_str(dash),
        Cell::Wide(_) | Cell::Dot | Cell::Escape(_) => out.push_str(dot),
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::glyphs::Glyphs;
    use crate::render::wrap::display_width;
    use proptest::prelude::*;

    fn columns(page: &Page, text: &[u8]) -> String {
        let mut out = String::new();
        push_columns(page, text, 0..text.len(), &mut out);
        out
    }

    fn pairs(text: &str) -> String {
        let mut out = String::new();
        Cells::of(&Page::plain(), text.as_bytes()).for_each(|cell| cell.push_pair(&Page::plain(), &mut out));
        out
    }

    #[test]
    fn a_character_stands_under_its_first_byte() {
        assert_eq!(pairs("aé日"), " a é──日────");
        assert_eq!(pairs("\n\u{1b}\u{202e}"), "\\n · ·────");
        assert_eq!(
            columns(&Page::plain(), "\u{17d8}".as_bytes()),
            "·──",
            "a character of three columns has no room"
        );
        assert_eq!(columns(&Page::plain(), "aé日€!".as_bytes()), "aé─日─€──!");
        let plain = Page { glyphs: Glyphs::new(true), ..Page::plain() };
        assert_eq!(columns(&plain, "aé\n".as_bytes()), "a.-.");
    }

    #[test]
    fn a_character_may_lie_across_the_end_of_a_line() {
        let text = "abc€d日".as_bytes();
        let mut out = String::new();
        for start in (0..text.len()).step_by(4) {
            push_columns(&Page::plain(), text, start..text.len().min(start + 4), &mut out);
            out.push('\n');
        }
        assert_eq!(out, "abc€\n──d·\n──\n", "a wide one has no room at the end");
    }

    proptest! {
        #[test]
        fn what_is_no_text_is_what_a_decoder_says(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0x80u8..0xc0, 0xe0u8..0xf5], 0..40)) {
            let mut want = Vec::new();
            for chunk in bytes.utf8_chunks() {
                for ch in chunk.valid().chars() {
                    want.push(cell(false, ch));
                    want.extend((1..ch.len_utf8()).map(|_| Cell::More));
                }
                want.extend(chunk.invalid().iter().map(|_| Cell::Dot));
            }
            prop_assert_eq!(Cells::of(&Page::plain(), &bytes).collect::<Vec<_>>(), want);
        }

        #[test]
        fn each_byte_has_a_column(bytes in proptest::collection::vec(any::<u8>(), 0..40), text in any::<String>()) {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                prop_assert_eq!(display_width(&columns(&Page::plain(), bytes)), bytes.len());
            }
        }
    }
}

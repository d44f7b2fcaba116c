//! Bytes as text, each in a cell of its own: a character stands under its first byte, and a line goes on from it under
//! the others.

use std::ops::Range;

use crate::render::glyphs::Mark;
use crate::render::page::Page;
use crate::render::sanitize::is_unsafe;
use crate::render::wrap::char_width;

/// What stands in the cell of one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// A printable ASCII character.
    Ascii(u8),
    /// The first byte of a character outside ASCII, which is one or two columns wide.
    Char(char),
    /// Another byte of the character before.
    More,
    /// A byte that is no text, or a character that must not be shown.
    Dot,
    /// A control character with an escape of two columns: `\n`.
    Escape(&'static str),
}

/// Gives the cells of the bytes; a character that began before them is not known.
pub(super) fn cells(page: &Page, bytes: &[u8], mut give: impl FnMut(Cell)) {
    for chunk in bytes.utf8_chunks() {
        for ch in chunk.valid().chars() {
            give(cell(page, ch));
            (1..ch.len_utf8()).for_each(|_| give(Cell::More));
        }
        chunk.invalid().iter().for_each(|_| give(Cell::Dot));
    }
}

fn cell(page: &Page, ch: char) -> Cell {
    match ch {
        ' '..='~' => Cell::Ascii(ch as u8),
        '\n' => Cell::Escape("\\n"),
        '\r' => Cell::Escape("\\r"),
        '\t' => Cell::Escape("\\t"),
        '\0' => Cell::Escape("\\0"),
        _ if page.glyphs.ascii() || is_unsafe(ch) || !(1..=2).contains(&char_width(ch)) => Cell::Dot,
        _ => Cell::Char(ch),
    }
}

impl Cell {
    /// Appends the cell, two columns wide.
    pub(super) fn push_pair(self, page: &Page, out: &mut String) {
        match self {
            Self::Ascii(byte) => out.extend([' ', char::from(byte)]),
            Self::Char(ch) if char_width(ch) == 2 => out.push(ch),
            Self::Char(ch) => out.extend([' ', ch]),
            Self::More => out.extend([page.mark(Mark::Dash); 2]),
            Self::Dot => out.extend([" ", page.mark(Mark::Dot)]),
            Self::Escape(escape) => out.push_str(escape),
        }
    }
}

/// Whether all of these bytes are printable ASCII.
#[inline]
pub(super) fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, byte| all & (b' '..=b'~').contains(byte))
}

/// Gives the cells of the bytes in this range, counted from 0; a character may begin before them and end behind.
pub(super) fn around(page: &Page, bytes: &[u8], range: Range<usize>, mut give: impl FnMut(usize, Cell)) {
    // At most three bytes of a character stand before the range, and as many behind.
    let from = (range.start.saturating_sub(3)..range.start)
        .find(|at| bytes.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80))
        .unwrap_or(range.start);
    let mut at = from;
    cells(page, bytes.get(from..bytes.len().min(range.end + 3)).unwrap_or_default(), |cell| {
        if range.contains(&at) {
            give(at - range.start, cell);
        }
        at += 1;
    });
}

/// Appends the bytes in this range as text, one column a byte.
pub(super) fn push_columns(page: &Page, bytes: &[u8], range: Range<usize>, out: &mut String) {
    let part = bytes.get(range.clone()).unwrap_or_default();
    if is_printable(part) {
        out.push_str(super::grid::ascii(part));
        return;
    }
    let mut wide = false;
    around(page, bytes, range, |i, cell| {
        wide = push_column(page, cell, wide, i + 1 == part.len(), out);
    });
}

/// Appends the column of one byte, and says whether it took the next one too.
fn push_column(page: &Page, cell: Cell, wide: bool, last: bool, out: &mut String) -> bool {
    match cell {
        Cell::Ascii(byte) => out.push(char::from(byte)),
        Cell::Char(ch) if char_width(ch) == 2 && last => out.push_str(page.mark(Mark::Dot)),
        Cell::Char(ch) => {
            out.push(ch);
            return char_width(ch) == 2;
        }
        // A wide character has taken this column already.
        Cell::More if wide => {}
        Cell::More => out.push_str(page.mark(Mark::Dash)),
        Cell::Dot | Cell::Escape(_) => out.push_str(page.mark(Mark::Dot)),
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
        cells(&Page::plain(), text.as_bytes(), |cell| cell.push_pair(&Page::plain(), &mut out));
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
        fn each_byte_has_a_column(bytes in proptest::collection::vec(any::<u8>(), 0..40), text in any::<String>()) {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                prop_assert_eq!(display_width(&columns(&Page::plain(), bytes)), bytes.len());
            }
        }
    }
}

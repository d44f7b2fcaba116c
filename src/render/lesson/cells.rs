//! Bytes as text, each in a cell of its own: a character stands under its first byte, and a line goes on from it under
//! the others.

use std::ops::Range;

use crate::render::glyphs::Mark;
use crate::render::page::Page;
use crate::render::sanitize::is_unsafe;
use crate::render::wrap::{char_width, is_printable};

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

    #[inline]
    fn next(&mut self) -> Option<Cell> {
        let (first, behind) = self.rest.split_first()?;
        self.rest = behind;
        if self.more > 0 {
            self.more -= 1;
            return Some(Cell::More);
        }
        Some(match first {
            b' '..=b'~' => Cell::Ascii(*first),
            0..0x80 => cell(self.ascii, char::from(*first)),
            _ => match long_char(*first, behind) {
                None => Cell::Dot,
                Some(ch) => {
                    self.more = ch.len_utf8() - 1;
                    cell(self.ascii, ch)
                }
            },
        })
    }
}

/// The character of several bytes that this one and those behind it begin with, if they do.
fn long_char(first: u8, behind: &[u8]) -> Option<char> {
    let more = match first {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => return None,
    };
    let mut bytes = [first; 4];
    bytes.get_mut(1..=more)?.copy_from_slice(behind.get(..more)?);
    std::str::from_utf8(bytes.get(..=more)?).ok()?.chars().next()
}

fn cell(ascii: bool, ch: char) -> Cell {
    match ch {
        ' '..='~' => Cell::Ascii(ch as u8),
        '\n' => Cell::Escape("\\n"),
        '\r' => Cell::Escape("\\r"),
        '\t' => Cell::Escape("\\t"),
        '\0' => Cell::Escape("\\0"),
        _ if ascii || is_unsafe(ch) || !(1..=2).contains(&char_width(ch)) => Cell::Dot,
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

/// The cells of the bytes in this range; a character may begin before them and end behind.
#[inline]
pub(super) fn around<'a>(
    page: &Page,
    bytes: &'a [u8],
    range: Range<usize>,
) -> impl Iterator<Item = Cell> + use<'a> {
    // At most three bytes of a character stand before the range, and as many behind.
    let from = (range.start.saturating_sub(3)..range.start)
        .find(|at| bytes.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80))
        .unwrap_or(range.start);
    let mut cells = Cells::of(page, bytes.get(from..bytes.len().min(range.end + 3)).unwrap_or_default());
    for _ in from..range.start {
        cells.next();
    }
    cells.take(range.len())
}

/// Appends the bytes in this range as text, one column a byte.
pub(super) fn push_columns(page: &Page, bytes: &[u8], range: Range<usize>, out: &mut String) {
    let part = bytes.get(range.clone()).unwrap_or_default();
    if is_printable(part) {
        out.push_str(super::grid::ascii(part));
        return;
    }
    let marks = [Mark::Dot, Mark::Dash].map(|mark| page.mark(mark).chars().next().unwrap_or('.'));
    let mut wide = false;
    for (i, cell) in around(page, bytes, range).enumerate() {
        wide = push_column(marks, cell, wide, i + 1 == part.len(), out);
    }
}

/// Appends the column of one byte, and says whether it took the next one too.
#[inline]
fn push_column([dot, dash]: [char; 2], cell: Cell, wide: bool, last: bool, out: &mut String) -> bool {
    match cell {
        Cell::Ascii(byte) => out.push(char::from(byte)),
        Cell::Char(ch) if char_width(ch) == 2 && last => out.push(dot),
        Cell::Char(ch) => {
            out.push(ch);
            return char_width(ch) == 2;
        }
        // A wide character has taken this column already.
        Cell::More if wide => {}
        Cell::More => out.push(dash),
        Cell::Dot | Cell::Escape(_) => out.push(dot),
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

//! A text in quotation marks over as many lines as it needs; between two of them one space is not shown.

use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::sanitize::Pieces;
use crate::render::wrap::{char_width, is_printable};

/// How many bytes of a text are quoted at once: a longer quote comes piece by piece.
const PIECE: usize = 64 * 1024;

/// A quote while it is written.
#[derive(Debug)]
pub(super) struct Quote {
    /// Where its lines begin.
    column: usize,
    /// Bytes that a piece has.
    most: usize,
    /// Bytes of the text that are taken.
    taken: usize,
    /// What makes the text safe.
    pieces: Pieces,
    /// The beginning of a line that goes on in the next piece.
    left: String,
    /// Whether a line was written.
    went: bool,
}

/// Appends a text that begins at `column`, where the line has come to, in quotation marks, and ends the line.
pub(super) fn quote(page: &Page, column: usize, text: &[u8], out: &mut String) {
    let mut quote = Quote::new(page, column);
    while quote.go_on(page, text, out) {}
}

/// Whether a text is too long to be quoted at once.
pub(super) const fn is_long(text: &[u8]) -> bool {
    text.len() > PIECE
}

impl Quote {
    /// A quote that begins at `column`.
    pub(super) fn new(page: &Page, column: usize) -> Self {
        let pieces = page.sanitizer().quoted_pieces();
        Self { column, most: PIECE, taken: 0, pieces, left: "\"".to_owned(), went: false }
    }

    /// Appends the lines of the text's next piece; whether there are more.
    pub(super) fn go_on(&mut self, page: &Page, text: &[u8], out: &mut String) -> bool {
        let behind = text.get(self.taken..).unwrap_or_default();
        let piece = behind.get(..piece_end(behind, self.most)).unwrap_or(behind);
        self.taken += piece.len();
        let last = piece.len() == behind.len();
        let mut quoted = std::mem::take(&mut self.left);
        self.pieces.push(&mut quoted, piece);
        if last {
            quoted.push('"');
        }
        quoted.drain(..self.lines(page, &quoted, last, out));
        self.left = quoted;
        !last
    }

    /// Appends the lines of what is quoted, and says how long they are; the last one may go on in what is not here yet.
    fn lines(&mut self, page: &Page, quoted: &str, last: bool, out: &mut String) -> usize {
        let mut rest = quoted;
        while !rest.is_empty() {
            // Behind the first line, text stands under text and not under the quotation mark.
            let at = self.column + usize::from(self.went);
            let (line, more) = rest.split_at(break_at(rest, page.width.saturating_sub(at).max(2)));
            if more.is_empty() && !last {
                break;
            }
            if self.went {
                indent(out, at);
            }
            page.paint(out, Role::Payload, line);
            out.push('\n');
            (rest, self.went) = (more.strip_prefix(' ').unwrap_or(more), true);
        }
        quoted.len() - rest.len()
    }
}

/// Where a piece of at most this many bytes ends: no character goes on behind it.
fn piece_end(text: &[u8], most: usize) -> usize {
    let begins = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80);
    // Of four bytes in a row that go on from others, the last is of no character.
    let end = || (most.saturating_sub(3)..=most).rev().find(begins).unwrap_or(most);
    if text.len() > most { end() } else { text.len() }
}

/// Where a line of `width` columns ends: before the last space that has room, or hard.
fn break_at(text: &str, width: usize) -> usize {
    // No character takes more columns than bytes.
    let Some(front) = text.as_bytes().get(..=width) else { return text.len() };
    if is_printable(front) {
        let begins = |pair: &[u8]| matches!(pair, [before, b' '] if *before != b' ');
        return front.windows(2).rposition(begins).map_or(width, |at| at + 1);
    }
    let mut used = 0;
    let (mut space, mut before) = (None, ' ');
    for (at, ch) in text.char_indices() {
        // Before the first of several spaces, so that no line ends with one.
        if ch == ' ' && before != ' ' {
            space = Some(at);
        }
        before = ch;
        used += char_width(ch);
        if used > width {
            return space.unwrap_or(at);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quoted(width: usize, text: &str) -> String {
        let mut out = String::new();
        quote(&Page { width, ..Page::plain() }, 0, text.as_bytes(), &mut out);
        out
    }

    #[test]
    fn a_line_ends_at_a_space_and_others_are_kept() {
        assert_eq!(quoted(20, "hello"), "\"hello\"\n");
        assert_eq!(quoted(8, "one two  three"), "\"one two\n  three\"\n");
        assert_eq!(quoted(8, "one two three"), "\"one two\n three\"\n");
        assert_eq!(quoted(6, "abcdefgh"), "\"abcde\n fgh\"\n");
        assert_eq!(quoted(10, "one two   three"), "\"one two\n   three\"\n");
        assert_eq!(quoted(6, ""), "\"\"\n");
        assert_eq!(quoted(6, "日本語"), "\"日本\n 語\"\n");
    }

    proptest! {
        #[test]
        fn pieces_are_quoted_as_the_whole(text in "(a|bc | |é|日|\u{301}|\u{301}\u{301}\u{301}|\n){0,60}", bad in proptest::option::of(any::<(u8, proptest::sample::Index)>()), most in 4usize..20, width in 4usize..12) {
            let page = Page { width, ..Page::plain() };
            let mut text = text.into_bytes();
            if let Some((byte, at)) = bad {
                text.insert(at.index(text.len() + 1), byte);
            }
            let (mut whole, mut joined) = (String::new(), String::new());
            quote(&page, 1, &text, &mut whole);
            let mut pieces = Quote { most, ..Quote::new(&page, 1) };
            while pieces.go_on(&page, &text, &mut joined) {}
            prop_assert_eq!(joined, whole);
        }
    }
}

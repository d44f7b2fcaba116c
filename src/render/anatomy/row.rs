//! One row of the view: the bit, a mark, the bits as they are read, what they mean, what they stand for.

use crate::render::glyphs::Mark;
use crate::render::number::Digits;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::{char_width, display_width};

/// The column behind the number of the bit.
const AT: usize = 8;
/// Where the mark of a copy stands.
const MARK: usize = 9;
/// Where bits begin.
pub(super) const BITS: usize = 11;
/// Where it is said what they mean.
pub(super) const MEANS: usize = 33;
/// Where text stands, and where it comes from.
pub(super) const TEXT: usize = 57;
/// What parts two cells.
const GAP: usize = 2;

/// A row under way.
pub(super) struct Row<'a> {
    page: &'a Page,
    out: &'a mut String,
    used: usize,
}

impl<'a> Row<'a> {
    /// Begins the row of this bit.
    pub(super) fn at(page: &'a Page, bit: u64, out: &'a mut String) -> Self {
        let digits = Digits::of(bit);
        let digits = digits.as_str();
        indent(out, AT.saturating_sub(digits.len()));
        page.paint(out, Role::Dim, digits);
        Self { page, out, used: AT.max(digits.len()) }
    }

    /// Begins a row without a bit.
    pub(super) const fn blank(page: &'a Page, out: &'a mut String) -> Self {
        Self { page, out, used: 0 }
    }

    /// Adds a mark in front of the bits.
    pub(super) fn mark(self, role: Role, mark: &str) -> Self {
        if self.used > MARK - 1 || mark.is_empty() {
            return self;
        }
        indent(self.out, MARK - self.used);
        self.page.paint(self.out, role, mark);
        Self { used: MARK + 1, ..self }
    }

    /// Adds a cell that begins at `column`, or further right where there is no room any more; where the page ends
    /// before it does, it gets lines of its own.
    pub(super) fn cell(self, column: usize, role: Role, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        let Self { page, out, used } = self;
        let start = if used == 0 { column } else { column.max(used + GAP - usize::from(used == MARK + 1)) };
        let width = display_width(text);
        if start + width < page.width {
            indent(out, start - used);
            page.paint(out, role, text);
            return Self { page, out, used: start + width };
        }
        if used > 0 {
            out.push('\n');
        }
        let column = BITS.min(page.width.saturating_sub(width + 1)).max(2);
        indent(out, column);
        if column + width < page.width {
            page.paint(out, role, text);
            return Self { page, out, used: column + width };
        }
        page.hang(out, column, role, text);
        Self { page, out, used: 0 }
    }

    /// Adds a text over as many lines as it needs, each of which begins at `column`, and ends the row.
    pub(super) fn hang(self, column: usize, role: Role, text: &str) {
        let Self { page, out, used } = self;
        if used > 0 && used >= column {
            out.push('\n');
            indent(out, column);
        } else {
            indent(out, column - used);
        }
        page.hang(out, column, role, text);
    }

    /// Adds a peer's text in quotation marks, as far as it has room at `column`.
    pub(super) fn text(self, column: usize, role: Role, bytes: &[u8]) -> Self {
        let mut quoted = String::with_capacity(32);
        quoted.push('"');
        self.page.sanitizer().push(&mut quoted, bytes.get(..MOST_QUOTED).unwrap_or(bytes));
        quoted.push('"');
        let room = self.page.width.saturating_sub(column + 1).max(LEAST);
        if display_width(&quoted) <= room && bytes.len() <= MOST_QUOTED {
            return self.cell(column, role, &quoted);
        }
        let short = cut(&quoted, room, self.page.mark(Mark::Ellipsis));
        self.cell(column, role, &short)
    }

    /// Ends it.
    pub(super) fn end(self) {
        if self.used > 0 {
            self.out.push('\n');
        }
    }
}

/// Bytes of a text that are looked at where only its beginning has room.
const MOST_QUOTED: usize = 128;
/// Columns that a text gets at least.
const LEAST: usize = 20;

/// The beginning of a text that fits into `room` columns, and a mark that it goes on.
fn cut(text: &str, room: usize, ellipsis: &str) -> String {
    let room = room.saturating_sub(display_width(ellipsis));
    let (mut short, mut used) = (String::new(), 0);
    for ch in text.chars() {
        used += char_width(ch);
        if used > room {
            break;
        }
        short.push(ch);
    }
    short.push_str(ellipsis);
    short
}

/// Says what stands in which column.
pub(super) fn header(page: &Page, out: &mut String) {
    if page.width <= TEXT {
        return;
    }
    Row::blank(page, out)
        .cell(AT - 3, Role::Dim, "bit")
        .cell(BITS, Role::Dim, "bits as read")
        .cell(MEANS, Role::Dim, "which means")
        .cell(TEXT, Role::Dim, "text, where from")
        .end();
}

/// Appends the lowest `len` bits of a number in the order in which they are read: the lowest first.
pub(super) fn push_bits(out: &mut String, bits: u32, len: u32) {
    out.extend((0..len).map(|at| if bits >> at & 1 == 1 { '1' } else { '0' }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: usize, bits: &str) -> String {
        let (page, mut out) = (Page { width, ..Page::plain() }, String::new());
        Row::at(&page, 51, &mut out)
            .mark(Role::Plain, "a")
            .cell(BITS, Role::Plain, bits)
            .cell(MEANS, Role::Plain, "length 9")
            .text(TEXT, Role::Plain, b"nine here")
            .end();
        out
    }

    #[test]
    fn cells_stand_in_their_columns_or_further_right_or_below() {
        assert_eq!(
            shown(80, "0000111"),
            "      51 a 0000111               length 9                \"nine here\"\n"
        );
        assert_eq!(
            shown(80, &"0".repeat(24)),
            format!("      51 a {}  length 9            \"nine here\"\n", "0".repeat(24))
        );
        assert_eq!(
            shown(40, "0000111"),
            "      51 a 0000111\n           length 9\n           \"nine here\"\n"
        );
    }

    #[test]
    fn a_text_that_is_too_long_is_cut() {
        assert_eq!(cut("\"abcdef\"", 6, "…"), "\"abcd…");
        assert_eq!(cut("日本語", 5, "…"), "日本…");
    }
}

//! Cells in columns: the only file that knows the crate `tabled`.
//!
//! A cell breaks into lines within its column, so that no row is wider than the page.

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Modify, Padding, Style};
use unicode_width::UnicodeWidthStr;

use super::glyphs::Mark;
use super::number::grouped;
use super::page::{Page, indent};
use super::palette::Role;
use super::sanitize::Sanitizer;
use super::wrap::{display_width, lines};

/// The most lines of one cell; what is left out is said.
const MOST_LINES: usize = 24;

/// A cell: one text in one role.
#[derive(Clone, Debug)]
pub struct Cell {
    role: Role,
    text: String,
}

impl Cell {
    /// A text of our own.
    #[must_use]
    pub fn new(page: &Page, role: Role, text: &str) -> Self {
        Self { role, text: page.glyphs.say(text).into_owned() }
    }

    /// A text that a peer chose, made safe.
    #[must_use]
    pub fn safe(page: &Page, role: Role, bytes: &[u8]) -> Self {
        let mut text = page.safe(bytes);
        // Where characters join into one, their widths do not add up to the width that `tabled` counts.
        if !text.is_ascii() && text.width() != display_width(&text) {
            text.clear();
            Sanitizer { ascii: true }.push(&mut text, bytes);
        }
        Self { role, text }
    }

    /// Without text.
    #[must_use]
    pub const fn empty() -> Self {
        Self { role: Role::Plain, text: String::new() }
    }

    /// The text in one line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that the text takes in one line.
    #[must_use]
    pub fn width(&self) -> usize {
        display_width(&self.text)
    }

    /// Appends the text in lines of at most `width` columns, each painted.
    fn write(&self, page: &Page, width: usize, out: &mut String) {
        // Spaces at the start are an indent of every line; a peer may send more of them than there is room for.
        let left = (self.text.len() - self.text.trim_start_matches(' ').len()).min(width / 2);
        let room = width.saturating_sub(left).max(2);
        let mut pieces = lines(&self.text, room);
        for (i, line) in pieces.by_ref().take(MOST_LINES).enumerate() {
            if i > 0 {
                out.push('\n');
            }
            indent(out, left);
            page.paint(out, self.role, line);
        }
        let rest: usize = pieces.map(display_width).sum();
        if rest > 0 {
            out.push('\n');
            let more = format!("{} {} more", page.mark(Mark::Ellipsis), grouped(rest as u64));
            page.paint(out, Role::Dim, lines(&more, room).next().unwrap_or_default());
        }
    }
}

/// A longer word breaks wherever it stands; an accept, 28 characters, need not.
const LONGEST_WORD: usize = 28;

/// How a column is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The columns of the page that its text may take at most.
    pub width: usize,
    /// Spaces behind it.
    pub gap: usize,
    /// Whether its text stands at its right edge, as numbers do.
    pub right: bool,
}

impl Column {
    /// Of that width, its text at the left, a space behind it.
    #[must_use]
    pub const fn left(width: usize) -> Self {
        Self { width, gap: 1, right: false }
    }

    /// Of that width, its text at the right, two spaces behind it.
    #[must_use]
    pub const fn right(width: usize) -> Self {
        Self { width, gap: 2, right: true }
    }

    /// With other space behind it.
    #[must_use]
    pub const fn gap(self, gap: usize) -> Self {
        Self { gap, ..self }
    }
}

/// The width of the widest cell of one column.
#[must_use]
pub fn natural_width(rows: &[Vec<Cell>], column: usize) -> usize {
    rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or(0)
}

/// The width of the widest word of one column that need not break.
#[must_use]
pub fn longest_word(rows: &[Vec<Cell>], column: usize) -> usize {
    let words = rows.iter().filter_map(|row| row.get(column)).flat_map(|cell| cell.text.split(' '));
    words.map(display_width).filter(|width| *width <= LONGEST_WORD).max().unwrap_or(0)
}

/// Appends the rows, indented by `left`. A column is as wide as its widest line and no wider than it may be.
pub fn write(page: &Page, left: usize, columns: &[Column], rows: &[Vec<Cell>], out: &mut String) {
    let mut builder = Builder::with_capacity(rows.len(), columns.len());
    for row in rows {
        builder.push_record(columns.iter().enumerate().map(|(i, column)| {
            let mut text = String::new();
            if let Some(cell) = row.get(i) {
                cell.write(page, column.width, &mut text);
            }
            text
        }));
    }
    let mut table = builder.build();
    table.with(Style::empty()).with(Padding::zero());
    for (i, column) in columns.iter().enumerate() {
        table.with(Modify::new(Columns::one(i)).with(Padding::new(0, column.gap, 0, 0)));
        if column.right {
            table.with(Modify::new(Columns::one(i)).with(Alignment::right()));
        }
    }
    for line in table.to_string().lines() {
        indent(out, left);
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::glyphs::Glyphs;
    use crate::render::palette::Palette;
    use proptest::prelude::*;

    fn row(page: &Page, cells: &[&str]) -> Vec<Cell> {
        cells.iter().map(|text| Cell::new(page, Role::Dim, text)).collect()
    }

    const COLUMNS: [Column; 3] = [Column::left(8).gap(2), Column::right(5), Column::left(12)];

    #[test]
    fn cells_break_within_their_column() {
        let page = Page::plain();
        let rows =
            [row(&page, &["name", "n", "what"]), row(&page, &["a longer one", "12", "some words more"])];
        let mut out = String::new();
        write(&page, 2, &COLUMNS, &rows, &mut out);
        assert_eq!(out, "  name       n  what\n  a longer  12  some words\n  one           more\n");
    }

    #[test]
    fn colour_takes_no_room() {
        let page = Page { palette: Palette::new(true), ..Page::plain() };
        let mut out = String::new();
        write(&page, 0, &COLUMNS, &[row(&page, &["a", "1", "b"]), row(&page, &["bc", "12", "d"])], &mut out);
        let plain = out.replace("\x1b[2m", "").replace("\x1b[0m", "");
        assert_eq!(plain, "a    1  b\nbc  12  d\n");
    }

    #[test]
    fn a_cell_without_end_is_cut_and_says_so() {
        let page = Page::plain();
        let mut out = String::new();
        write(
            &page,
            0,
            &[Column::left(20)],
            &[vec![Cell::safe(&page, Role::Plain, &[b'a'; 60_000])]],
            &mut out,
        );
        assert_eq!(out.lines().count(), MOST_LINES + 1);
        assert!(out.ends_with("\n… 59,520 more\n"), "{out}");
    }

    #[test]
    fn an_indent_holds_for_every_line() {
        let page = Page::plain();
        let mut out = String::new();
        write(&page, 0, &[Column::left(8)], &[row(&page, &["  one two three"])], &mut out);
        assert_eq!(out, "  one\n  two\n  three\n");
        out.clear();
        write(&page, 0, &[Column::left(8)], &[row(&page, &["                one two"])], &mut out);
        assert_eq!(out, "    one\n    two\n", "an indent leaves room for what is indented");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_its_columns(texts in proptest::collection::vec(any::<String>(), 0..9), bytes in any::<Vec<u8>>(), ascii in any::<bool>()) {
            let page = Page { glyphs: Glyphs::new(ascii), ..Page::plain() };
            let mut cells: Vec<_> = texts.iter().map(|text| Cell::safe(&page, Role::Plain, text.as_bytes())).collect();
            cells.push(Cell::safe(&page, Role::Plain, &bytes));
            let rows: Vec<_> = cells.chunks(3).map(<[Cell]>::to_vec).collect();
            let mut out = String::new();
            write(&page, 2, &COLUMNS, &rows, &mut out);
            for line in out.lines() {
                prop_assert!(display_width(line) <= 2 + 8 + 2 + 5 + 2 + 12, "{:?}", line);
            }
        }
    }
}

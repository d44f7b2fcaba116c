//! The page on which every text view is written: its width, its colours, its marks.

use super::glyphs::{Glyphs, Mark};
use super::palette::{Palette, Role};
use super::sanitize::Sanitizer;
use super::wrap::{display_width, lines};

/// Columns where nothing else is known.
pub const DEFAULT_WIDTH: usize = 80;
/// The narrowest page: below it the views would fall apart.
pub const NARROWEST: usize = 40;
/// The widest page: longer lines are hard to read.
pub const WIDEST: usize = 120;

/// Columns left of the edge that a hanging text needs; with fewer it begins on a line of its own.
const LEAST_ROOM: usize = 10;
/// How far such a line of its own is indented.
const FALLBACK_INDENT: usize = 4;

/// Where text is written: no line is wider than `width` columns.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The colours.
    pub palette: Palette,
    /// The marks.
    pub glyphs: Glyphs,
    /// The columns.
    pub width: usize,
}

/// The columns of the page: `COLUMNS` where it is a number, the terminal's, or 80; within 40 and 120.
#[must_use]
pub fn width(columns: Option<&str>, terminal: Option<usize>) -> usize {
    let columns = columns.and_then(|columns| columns.trim().parse().ok()).filter(|columns| *columns > 0);
    columns.or(terminal).unwrap_or(DEFAULT_WIDTH).clamp(NARROWEST, WIDEST)
}

impl Page {
    /// A page of 80 columns without colour: what a file or a pipe gets.
    #[must_use]
    pub fn plain() -> Self {
        Self { palette: Palette::default(), glyphs: Glyphs::new(false), width: DEFAULT_WIDTH }
    }

    /// A mark in the form that can be shown.
    #[must_use]
    #[inline]
    pub const fn mark(&self, mark: Mark) -> &'static str {
        self.glyphs.mark(mark)
    }

    /// Appends a text in the colour of its role.
    #[inline]
    pub fn paint(&self, out: &mut String, role: Role, text: &str) {
        self.palette.paint(out, role, text);
    }

    /// What makes a peer's text safe on this page.
    #[must_use]
    #[inline]
    pub const fn sanitizer(&self) -> Sanitizer {
        Sanitizer { ascii: self.glyphs.ascii() }
    }

    /// A peer's text, made safe.
    #[must_use]
    pub fn safe(&self, bytes: &[u8]) -> String {
        let mut out = String::new();
        self.sanitizer().push(&mut out, bytes);
        out
    }

    /// A peer's text, made safe and in quotation marks.
    #[must_use]
    pub fn quoted(&self, bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len() + 2);
        self.sanitizer().push_quoted(&mut out, bytes);
        out
    }

    /// Appends a text that begins at `column`, where the line has come to, and ends the line. Lines that
    /// follow begin at `column` too. An empty text only ends the line.
    pub fn hang(&self, out: &mut String, column: usize, role: Role, text: &str) {
        let text = &self.glyphs.say(text);
        let fits = column + LEAST_ROOM <= self.width && column + display_width(text) <= self.width;
        if fits && !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ') {
            self.paint(out, role, text);
            return out.push('\n');
        }
        let (column, mut first) = if column + LEAST_ROOM > self.width {
            end_line(out);
            (FALLBACK_INDENT, false)
        } else {
            (column, true)
        };
        for line in lines(text, self.width - column) {
            if !first {
                indent(out, column);
            }
            first = false;
            self.paint(out, role, line);
            end_line(out);
        }
        if first {
            end_line(out);
        }
    }

    /// Appends a text of its own lines, indented by `column`.
    pub fn paragraph(&self, out: &mut String, column: usize, role: Role, text: &str) {
        indent(out, column);
        self.hang(out, column, role, text);
    }

    /// Appends a line with some text at its left, indented by `column`, and some at the right: a title and its
    /// citation. The last column of the page stays free. Where both do not fit, the right one gets the next line.
    pub fn spread(&self, out: &mut String, column: usize, left: &[(Role, &str)], right: (Role, &str)) {
        let right = (right.0, self.glyphs.say(right.1));
        let right_width = display_width(&right.1);
        let left: Vec<_> = left.iter().map(|(role, text)| (*role, self.glyphs.say(text))).collect();
        let left_width = column + left.iter().map(|(_, text)| display_width(text)).sum::<usize>();
        let edge = self.width - 1;
        indent(out, column);
        if left_width + 2 + right_width <= edge {
            for (role, text) in &left {
                self.paint(out, *role, text);
            }
            indent(out, if right_width > 0 { edge - left_width - right_width } else { 0 });
            self.paint(out, right.0, &right.1);
            end_line(out);
            return;
        }
        let role = left.first().map_or(Role::Plain, |(role, _)| *role);
        let text: String = left.iter().map(|(_, text)| text.as_ref()).collect();
        self.hang(out, column, role, &text);
        if right_width > 0 {
            self.paragraph(out, edge.saturating_sub(right_width).max(column), right.0, &right.1);
        }
    }
}

/// As many spaces as the widest page has columns.
const SPACES: &str = "                                                                                \
    \x20                                       ";

/// Appends that many spaces.
#[inline]
pub fn indent(out: &mut String, columns: usize) {
    match SPACES.get(..columns) {
        Some(spaces) => out.push_str(spaces),
        None => out.extend(std::iter::repeat_n(' ', columns)),
    }
}

/// Appends spaces until a text of `used` columns fills `columns`.
pub fn pad(out: &mut String, used: usize, columns: usize) {
    indent(out, columns.saturating_sub(used));
}

/// Ends the line, without the spaces at its end.
fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn narrow(width: usize) -> Page {
        Page { width, ..Page::plain() }
    }

    #[test]
    fn columns_beat_the_terminal_and_both_have_limits() {
        assert_eq!(width(None, None), 80);
        assert_eq!(width(None, Some(100)), 100);
        assert_eq!(width(Some("64"), Some(100)), 64);
        assert_eq!(width(Some("many"), Some(100)), 100);
        assert_eq!(width(Some("0"), None), 80);
        assert_eq!((width(Some("7"), None), width(Some("99999999"), None)), (40, 120));
    }

    #[test]
    fn a_text_hangs_at_its_column() {
        let mut out = "name      ".to_owned();
        narrow(24).hang(&mut out, 10, Role::Plain, "what it does, in words");
        assert_eq!(out, "name      what it does,\n          in words\n");
        out.clear();
        narrow(24).hang(&mut out, 10, Role::Plain, "");
        assert_eq!(out, "\n");
    }

    #[test]
    fn a_text_without_room_gets_a_line_of_its_own() {
        let mut out = "a long lead ".to_owned();
        narrow(20).hang(&mut out, 12, Role::Plain, "what it does");
        assert_eq!(out, "a long lead\n    what it does\n");
    }

    #[test]
    fn a_citation_stands_at_the_right_edge_or_on_the_next_line() {
        let mut out = String::new();
        narrow(30).spread(&mut out, 2, &[(Role::Plain, "a title")], (Role::Dim, "RFC 6455 §5.2"));
        assert_eq!(out, "  a title       RFC 6455 §5.2\n");
        out.clear();
        narrow(30).spread(
            &mut out,
            2,
            &[(Role::Plain, "a title that is longer")],
            (Role::Dim, "RFC 6455 §5.2"),
        );
        assert_eq!(out, "  a title that is longer\n                RFC 6455 §5.2\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(text in "[a-z日 …]{0,90}", right in "[a-z ]{0,60}", column in 0usize..50, width in 40usize..60) {
            let mut out = String::new();
            narrow(width).paragraph(&mut out, column, Role::Plain, &text);
            narrow(width).spread(&mut out, column, &[(Role::Plain, &text)], (Role::Dim, &right));
            for line in out.lines() {
                prop_assert!(display_width(line) <= width, "{:?}", line);
            }
        }
    }
}

//! A text in quotation marks over as many lines as it needs; between two of them one space is not shown.

use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::{char_width, is_printable};

/// Appends a text that begins at `column`, where the line has come to, in quotation marks, and ends the line.
pub(super) fn quote(page: &Page, column: usize, text: &[u8], out: &mut String) {
    let quoted = page.quoted(text);
    let mut rest = quoted.as_str();
    let mut first = true;
    while !rest.is_empty() {
        // Behind the first line, text stands under text and not under the quotation mark.
        let at = if first { column } else { column + 1 };
        let (line, more) = rest.split_at(break_at(rest, page.width.saturating_sub(at).max(2)));
        if !first {
            indent(out, at);
        }
        page.paint(out, Role::Payload, line);
        out.push('\n');
        (rest, first) = (more.strip_prefix(' ').unwrap_or(more), false);
    }
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
}

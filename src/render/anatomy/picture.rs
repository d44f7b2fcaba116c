//! The plain text of a message, with a mark under each character that says which symbol made it.

use super::row::BITS;
use crate::render::number::push_number;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::display_width;

/// The bytes that are drawn.
const MOST: usize = 512;

/// The marks of copies, in their order.
const MARKS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The mark of a byte that stands there as it is.
const LITERAL: u8 = b'.';

/// What is drawn of a message.
#[derive(Debug, Default)]
pub(super) struct Picture {
    text: Vec<u8>,
    /// A mark and a colour for each byte.
    marks: Vec<(u8, Role)>,
    copies: usize,
    /// Something came behind what is drawn.
    more: bool,
}

impl Picture {
    /// The mark of the next copy, and no more of them where they have run out.
    pub(super) fn next_mark(&mut self) -> Option<&'static str> {
        let mark = MARKS.get(self.copies..=self.copies).and_then(|mark| std::str::from_utf8(mark).ok());
        self.copies += 1;
        mark
    }

    /// Literals, or the bytes of a stored block.
    pub(super) fn literal(&mut self, bytes: &[u8]) {
        self.push(bytes, LITERAL, Role::Payload);
    }

    /// What the latest copy made.
    pub(super) fn copy(&mut self, bytes: &[u8], role: Role) {
        match self.copies.checked_sub(1).and_then(|at| MARKS.get(at)) {
            Some(mark) => self.push(bytes, *mark, role),
            None => self.more = true,
        }
    }

    fn push(&mut self, bytes: &[u8], mark: u8, role: Role) {
        if self.more {
            return;
        }
        let taken = bytes.get(..MOST.saturating_sub(self.text.len())).unwrap_or(bytes);
        self.more = taken.len() < bytes.len();
        self.text.extend_from_slice(taken);
        self.marks.resize(self.text.len(), (mark, role));
    }

    /// Something comes that is not drawn.
    pub(super) const fn stop(&mut self) {
        self.more = true;
    }

    /// Whether a mark helps: something was copied.
    pub(super) fn has_copies(&self) -> bool {
        self.marks.iter().any(|(mark, _)| *mark != LITERAL)
    }

    /// Appends lines of text and lines of marks by turns.
    pub(super) fn draw(&self, page: &Page, out: &mut String) {
        let room = page.width.saturating_sub(BITS + 1);
        let mut line = Line::default();
        for (at, bytes) in characters(&self.text) {
            let mut shown = String::new();
            page.sanitizer().push(&mut shown, bytes);
            let width = display_width(&shown);
            if line.width + width > room && line.width > 0 {
                line.end(page, out);
                line = Line { first: at, ..Line::default() };
            }
            let (mark, role) = self.marks.get(at).copied().unwrap_or((LITERAL, Role::Plain));
            line.push(&shown, width, mark, role);
        }
        line.end(page, out);
        if self.more {
            page.paragraph(out, BITS, Role::Dim, "and so on");
        }
    }
}

/// Text as it is painted in one colour.
#[derive(Debug)]
struct Run {
    role: Role,
    text: String,
    marks: String,
}

/// A line of the text and its marks.
#[derive(Debug, Default)]
struct Line {
    /// The plain byte with which it begins.
    first: usize,
    runs: Vec<Run>,
    width: usize,
}

impl Line {
    fn push(&mut self, text: &str, width: usize, mark: u8, role: Role) {
        if self.runs.last().is_none_or(|run| run.role != role) {
            self.runs.push(Run { role, text: String::new(), marks: String::new() });
        }
        if let Some(run) = self.runs.last_mut() {
            run.text.push_str(text);
            run.marks.extend(std::iter::repeat_n(char::from(mark), width));
        }
        self.width += width;
    }

    fn end(&self, page: &Page, out: &mut String) {
        if self.runs.is_empty() {
            return;
        }
        let mut at = String::new();
        push_number(&mut at, self.first as u64);
        indent(out, (BITS - 3usize).saturating_sub(at.len()));
        page.paint(out, Role::Dim, &at);
        indent(out, 3);
        let blank = self.runs.iter().rev().take_while(|run| run.text.trim_matches(' ').is_empty()).count();
        let last = self.runs.len() - blank;
        for (i, run) in self.runs.iter().take(last).enumerate() {
            // No line ends with a space.
            let text = if i + 1 == last { run.text.trim_end_matches(' ') } else { &run.text };
            page.paint(out, run.role, text);
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
        indent(out, BITS);
        for run in &self.runs {
            page.paint(out, run.role, &run.marks);
        }
        out.push('\n');
    }
}

/// The characters of a text with their places; a byte that is no part of one stands for itself.
fn characters(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let len =
            (1..=4).find(|len| rest.get(..*len).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok()));
        let start = at;
        at += len.unwrap_or(1);
        Some((start, text.get(start..at).unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: usize, parts: &[(&str, bool)]) -> String {
        let (mut picture, mut out) = (Picture::default(), String::new());
        for (text, copied) in parts {
            if *copied {
                picture.next_mark();
                picture.copy(text.as_bytes(), Role::Mask);
            } else {
                picture.literal(text.as_bytes());
            }
        }
        picture.draw(&Page { width, ..Page::plain() }, &mut out);
        out
    }

    #[test]
    fn each_character_has_the_mark_of_what_made_it() {
        let out = drawn(80, &[("ha ", false), ("ha ha", true), ("\n日", false), ("日", true)]);
        assert_eq!(out, "       0   ha ha ha\\n日日\n           ...aaaaa....bb\n");
        let out = drawn(40, &[("0123456789012345678901234567", false), ("abc", true)]);
        assert_eq!(out.lines().count(), 4);
        assert!(out.contains("      28   abc\n           aaa\n"), "{out}");
    }

    #[test]
    fn it_is_bounded_and_says_so() {
        let out = drawn(80, &[(&"x".repeat(MOST + 1), false), ("y", true)]);
        assert!(!out.contains('y') && out.ends_with("           and so on\n"), "{out}");
        let copies = vec![("z", true); MARKS.len() + 1];
        assert!(drawn(80, &copies).ends_with("and so on\n"));
    }
}

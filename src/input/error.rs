//! What can be wrong with an input: one sentence, the line, and a caret under the place.

use std::fmt::{self, Write as _};
use std::io;

use super::counted::grouped;
use crate::wire::character::{char_width, is_unsafe};

/// Characters shown before and behind the place of a fault.
const AROUND: usize = 30;

/// Why an input cannot be read. Displays as one sentence; where a place is known, the line and a caret
/// follow.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The bytes themselves did not come.
    #[error("{}: {source}", Safe(name))]
    Read {
        /// The file, as the user named it.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// A file that is not text cannot be read further.
    #[error("{}: at byte {}: {what}", Safe(name), grouped(*at))]
    Damaged {
        /// The file, as the user named it.
        name: String,
        /// The byte where what cannot be read begins, from 0.
        at: u64,
        /// What is wrong there, in one sentence.
        what: String,
    },
    /// The same in a text whose lines are too long to be shown.
    #[error("{}:{line}:{column}: {}", Safe(name), Safe(what))]
    Text {
        /// The file, as the user named it.
        name: String,
        /// The line, from 1.
        line: u64,
        /// The byte in it, from 1.
        column: u64,
        /// What is wrong there, in one sentence.
        what: String,
    },
    /// Something stands where it cannot.
    #[error("{0}")]
    Place(Box<Place>),
}

/// A place in a text, and what is wrong there.
#[derive(Debug)]
pub struct Place {
    /// The file, as the user named it.
    pub name: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// What is wrong and what to do, in one sentence.
    pub what: String,
    /// The line around the place, safe to print.
    excerpt: String,
    /// Columns of `excerpt` before the place.
    caret: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}: {}", Safe(&self.name), self.line, self.column, Safe(&self.what))?;
        writeln!(f, "  {}", self.excerpt)?;
        write!(f, "  {:width$}^", "", width = self.caret)
    }
}

/// A fault on the way: the byte of the text where it is, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub at: usize,
    pub what: String,
}

impl Fault {
    pub(super) fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }
}

impl InputError {
    /// The error for a fault in a text, before which there are so many lines.
    pub(super) fn in_text(name: &str, lines: u64, text: &[u8], fault: Fault) -> Self {
        let before = text.get(..fault.at.min(text.len())).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
        let number = lines + memchr::memchr_iter(b'\n', before).count() as u64 + 1;
        let column = before.len() - start;
        Self::in_line(name, number, line, Fault { at: column, what: fault.what })
    }

    /// The error for a fault in one line, whose number is known.
    pub(super) fn in_line(name: &str, number: u64, line: &[u8], fault: Fault) -> Self {
        let (before, behind) = line.split_at_checked(fault.at).unwrap_or((line, &[]));
        let (excerpt, caret) = excerpt(before, behind);
        Self::Place(Box::new(Place {
            name: name.to_owned(),
            line: number,
            column: characters(before) + 1,
            what: fault.what,
            excerpt,
            caret,
        }))
    }
}

/// How many characters these bytes are; a byte that is no UTF-8 counts as one.
fn characters(bytes: &[u8]) -> u64 {
    decode(bytes).count() as u64
}

/// The characters of these bytes, U+FFFD for each byte that is none.
fn decode(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.utf8_chunks().flat_map(|chunk| {
        chunk.valid().chars().chain(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER))
    })
}

/// The end of `before` and the beginning of `behind`, and how many columns the former takes.
fn excerpt(before: &[u8], behind: &[u8]) -> (String, usize) {
    // No character is longer than four bytes: the rest of a long line need not be looked at.
    let near = before.get(before.len().saturating_sub(4 * AROUND + 3)..).unwrap_or_default();
    let behind = behind.trim_ascii_end();
    let far = behind.get(..behind.len().min(4 * AROUND + 3)).unwrap_or_default();
    let near: Vec<char> = decode(near).collect();
    let left = near.get(near.len().saturating_sub(AROUND)..).unwrap_or_default();
    let right: Vec<char> = decode(far).take(AROUND).collect();
    let mut shown = String::new();
    if left.len() as u64 != characters(before) {
        shown.push('…');
    }
    push_safe(&mut shown, left.iter().copied());
    let caret = shown.chars().map(char_width).sum();
    push_safe(&mut shown, right.iter().copied());
    if right.len() as u64 != characters(behind) {
        shown.push('…');
    }
    (shown, caret)
}

/// Displays text that somebody else chose: nothing in it reaches a terminal as a command.
pub(super) struct Safe<'a>(pub &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = String::new();
        push_safe(&mut shown, self.0.chars());
        f.write_str(&shown)
    }
}

fn push_safe(to: &mut String, chars: impl Iterator<Item = char>) {
    for c in chars {
        match c {
            '\t' => to.push(' '),
            c if is_unsafe(c) => {
                // Writing to a String cannot fail.
                let _ = write!(to, "\\u{{{:x}}}", c as u32);
            }
            c => to.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8], at: usize) -> String {
        InputError::in_text("dump.txt", 0, text, Fault::new(at, "so it is")).to_string()
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        assert_eq!(shown(b"81 94\r\n81 9g af\r\n", 11), "dump.txt:2:5: so it is\n  81 9g af\n      ^",);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let mut text = vec![b'a'; 10_000_000];
        text[5_000_000] = b'g';
        let shown = shown(&text, 5_000_000);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "dump.txt:1:5000001: so it is");
        assert_eq!(lines[1].chars().count(), 2 + 1 + AROUND + AROUND + 1);
        assert_eq!(lines[1].chars().nth(lines[2].chars().count() - 1), Some('g'));
    }

    #[test]
    fn columns_are_characters_and_nothing_harmful_is_printed() {
        let text = "é\u{202e}\x1b]52;\u{9b}x".as_bytes();
        let shown = shown(text, text.len() - 1);
        assert!(shown.starts_with("dump.txt:1:9: "), "{shown}");
        assert!(shown.contains("é\\u{202e}\\u{1b}]52;\\u{9b}x"), "{shown}");
        let name = InputError::in_text("\x1b[2J", 0, b"x", Fault::new(0, "so"));
        assert!(name.to_string().starts_with("\\u{1b}[2J:1:1: so"));
    }

    #[test]
    fn the_caret_counts_columns() {
        // Wide characters take two columns, marks none, an escape as many as it has letters, a tab one.
        for (before, columns) in
            [("日本", 4), ("e\u{301}", 1), ("\u{34f}", 7), ("\t\t", 2), ("\u{1f389}\x0f", 7)]
        {
            let text = format!("{before}g 81");
            let shown = shown(text.as_bytes(), before.len());
            let caret = shown.lines().nth(2).map(str::len);
            assert_eq!(caret, Some(2 + columns + 1), "{shown}");
        }
        let shown = shown(b"\xe2\x82\xe2\x82\xffg", 5);
        assert_eq!(shown.lines().nth(2), Some("       ^"), "a byte that is no UTF-8 takes one: {shown}");
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        assert_eq!(shown(b"81 9", 4), "dump.txt:1:5: so it is\n  81 9\n      ^");
        assert_eq!(shown(b"", 99), "dump.txt:1:1: so it is\n  \n  ^");
    }
}

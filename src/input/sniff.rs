//! What an input is, by its looks.

use super::format::Format;
use super::roles;
use super::rows::Row;
use super::text::{clean, lines};
use super::transcript;

/// What an input looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    pub format: Format,
    /// The other way to read it, and the option that picks it.
    other: String,
}

impl Guess {
    /// In one line.
    pub(super) fn says(&self) -> String {
        format!("read as {}; {}", self.format.name(), self.other)
    }

    fn new(format: Format) -> Self {
        Self { format, other: "--format raw if not".to_owned() }
    }

    fn or(format: Format, other: &str) -> Self {
        Self { format, other: other.to_owned() }
    }
}

/// Whether more bytes would not change what the input is: no text, or a transcript.
pub(super) fn is_sure(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return false;
    }
    !is_text(head)
        || memchr::memrchr(b'\n', head).is_some_and(|end| is_transcript(head.get(..end).unwrap_or_default()))
}

/// What `head`, the beginning of an input, looks like.
pub(super) fn guess(head: &[u8], may_be_raw: bool) -> Guess {
    if !is_text(head) && may_be_raw {
        return Guess::or(Format::Raw, "--format names another");
    }
    let head = &*clean(head);
    if is_transcript(head) {
        return Guess::new(Format::Transcript);
    }
    if (roles::is_status_line(head) || roles::is_request_line(head)) && may_be_raw {
        return Guess::or(Format::Raw, "--format names another");
    }
    if let Some(format) = rows(head) {
        return Guess::new(format);
    }
    Guess::new(Format::Hex)
}

/// Whether these bytes can be a text: UTF-8 without the control characters that no text has.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.chars().any(
        |c| matches!(c, '\0'..='\x08' | '\x0b' | '\x0e'..='\x1a' | '\x1c'..='\x1f' | '\u{80}'..='\u{9f}'),
    )
}

/// Whether the first line that says anything is one of a transcript.
fn is_transcript(text: &[u8]) -> bool {
    let mut said = lines(text)
        .map(|line| line.text)
        .filter(|text| !text.trim_ascii().is_empty() && !text.starts_with(b"#"));
    said.next().is_some_and(transcript::is_statement)
}

/// Which kind of rows with offsets it has, if any.
fn rows(text: &[u8]) -> Option<Format> {
    let row = lines(text).filter_map(Row::parse).find(|row| row.is_evident())?;
    Some(row.format())
}

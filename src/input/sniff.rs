//! What an input is, by its looks.
//!
//! Formats that mark their lines are known by a line; then come literals of programming languages, and last
//! what is only digits and letters. Where one line looks so much like a dump that it must be one, the input
//! is read as that, and its other lines are errors. What is no dump at all is raw.

mod bare;
mod code;
mod offsets;

use super::capture;
use super::curl;
use super::follow;
use super::format::Format;
use super::har;
use super::jsonl;
use super::roles;
use super::rows::{self, Row};
use super::socat;
use super::source::GZIP;
use super::strace;
use super::tcpdump;
use super::text::{Line, clean, lines};
use super::transcript;

/// What an input looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    pub format: Format,
    /// The other way to read it, and the option that picks it.
    other: &'static str,
}

impl Guess {
    /// In one line.
    pub(super) fn says(&self) -> String {
        format!("read as {}; {}", self.format.name(), self.other)
    }

    pub(super) const fn new(format: Format) -> Self {
        Self { format, other: RAW_IF_NOT }
    }

    /// Whether no other reading is likely.
    pub(super) fn is_plain(&self) -> bool {
        [RAW_IF_NOT, NOT_RAW].contains(&self.other)
    }

    const fn or(format: Format, other: &'static str) -> Self {
        Self { format, other }
    }
}

const RAW_IF_NOT: &str = "--format raw if not";
const OFFSETS: &str = "--format hex if the first group of a row is a byte too";
const NOT_RAW: &str = "--format names another";

/// Whether more bytes would not change what the input is: no text, or a transcript.
pub(super) fn is_sure(head: &[u8]) -> bool {
    if capture::may_become_one(head) || GZIP.starts_with(head) && head.len() < GZIP.len() {
        return false;
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return false;
    }
    !is_text(head)
        || har::is_har(head)
        || jsonl::is_jsonl(head)
        || memchr::memrchr(b'\n', head).is_some_and(|end| is_transcript(head.get(..end).unwrap_or_default()))
}

/// What `head`, the beginning of an input, looks like. `cut` says that more follows.
pub(super) fn guess(head: &[u8], cut: bool, may_be_raw: bool) -> Guess {
    if let Some(format) = capture::recognise(head).filter(|_| may_be_raw) {
        return Guess::new(format);
    }
    // These are what they are though a byte in them is no text.
    if may_be_raw && har::is_har(head) {
        return Guess::new(Format::Har);
    }
    if may_be_raw && jsonl::is_jsonl(head) {
        return Guess::new(Format::Jsonl);
    }
    if !is_text(head) && may_be_raw {
        return match is_transcript(lines_of_text(head)) {
            true => Guess::new(Format::Transcript),
            false => Guess::or(Format::Raw, NOT_RAW),
        };
    }
    let head = &*clean(head);
    if let Some(format) = by_lines(head) {
        return Guess::new(format);
    }
    if let Some(format) = offsets::guess(head, cut) {
        return Guess::or(format, OFFSETS);
    }
    if (roles::is_status_line(head) || roles::is_request_line(head)) && may_be_raw {
        return Guess::or(Format::Raw, NOT_RAW);
    }
    let dump = code::guess(head).or_else(|| bare::guess(head, cut));
    dump.unwrap_or(match may_be_raw {
        true => Guess::or(Format::Raw, "this is plain text and no dump"),
        false => Guess::or(Format::Hex, NOT_RAW),
    })
}

/// Whether these bytes can be a text: UTF-8 without the control characters that no text has.
pub(super) fn is_text(head: &[u8]) -> bool {
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

/// The lines before the first byte that is no text.
fn lines_of_text(head: &[u8]) -> &[u8] {
    let mut end = 0;
    while let Some(rest) = head.get(end..)
        && let Some(line) = memchr::memchr(b'\n', rest)
        && rest.get(..line).is_some_and(is_text)
    {
        end += line + 1;
    }
    head.get(..end).unwrap_or_default()
}

/// Whether bytes are text that holds U+FFFD: what was no text is lost.
pub(super) fn has_lost_bytes(head: &[u8]) -> bool {
    let end = match std::str::from_utf8(head) {
        Ok(_) => head.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => 0,
    };
    head.get(..end).is_some_and(|text| memchr::memmem::find(text, "\u{fffd}".as_bytes()).is_some())
}

/// Whether the first line that says anything is one of a transcript.
fn is_transcript(text: &[u8]) -> bool {
    let mut said = lines(text)
        .map(|line| line.text)
        .filter(|text| !text.trim_ascii().is_empty() && !text.starts_with(b"#"));
    said.next().is_some_and(|text| transcript::is_statement(text) && !socat::is_header(Line { at: 0, text }))
}

/// The format whose lines stand in the text.
fn by_lines(text: &[u8]) -> Option<Format> {
    let any = |is: fn(Line<'_>) -> bool| lines(text).any(is);
    let marked = [
        (is_transcript(text), Format::Transcript),
        (any(curl::is_mark), Format::Curl),
        (any(socat::is_header), Format::Socat),
        (any(strace::is_call), Format::Strace),
        (any(tcpdump::is_row), Format::Tcpdump),
        (follow::is_follow(text), Format::Follow),
    ];
    if let Some((_, format)) = marked.into_iter().find(|(is, _)| *is) {
        return Some(format);
    }
    let first = lines(text).find(|line| !line.text.trim_ascii().is_empty()).and_then(Row::parse);
    if first.and_then(rows::refuse).is_some() {
        return Some(Format::Od);
    }
    // Groups of bits look like offsets; those begin with zeros.
    let bits = text.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'0' | b'1'));
    let row =
        lines(text).filter_map(Row::parse).find(|row| row.is_evident() && (!bits || row.begins_at_zero()))?;
    Some(row.format())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{bytes, read_as, sniffed};
    use proptest::prelude::*;

    #[test]
    fn what_is_no_dump_is_raw() {
        for raw in [
            &b"Hi, from the server!"[..],
            b"GET /chat HTTP/1.1\r\nHost: 81 94 9f af\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n81 94 9f af",
            b"\x81\x05Hello",
            b"\x81\x9481 94 9f af",
            b"\x88\x00",
            b"Message from the client",
            b"{\"type\":\"message\",\"ids\":[1,2,3],\"text\":\"hi there\"}",
            b"<p>Hello</p>",
            b"hello",
            b"See [1] and (2).",
            b"It's a test",
            b"\xff\xfe\x00\x00",
        ] {
            let (seen, format) = sniffed(raw);
            assert_eq!((seen.all(), format), (raw.to_vec(), Format::Raw), "{}", raw.escape_ascii());
        }
        assert_eq!(
            sniffed("Hi, from the server!").0.notices[0],
            "read as raw; this is plain text and no dump"
        );
    }

    #[test]
    fn what_marks_its_lines_stays_what_it_is_though_a_byte_is_no_text() {
        let record = "{\"v\":1,\"type\":\"open\",\"connection\":1}\n{\"v\":1,\"type\":\"?\"}\n";
        let transcript = "# A comment\n\n> 81 85\n  00 00 00 00 ?\n";
        for (text, format) in [(record, Format::Jsonl), (transcript, Format::Transcript)] {
            for byte in [b"\xff", b"\0", b"\x01"] {
                let damaged = text.replace('?', "\u{7f}").into_bytes();
                let damaged: Vec<u8> =
                    damaged.into_iter().map(|at| if at == 0x7f { byte[0] } else { at }).collect();
                assert_eq!(guess(&damaged, false, true).format, format, "{byte:?}");
                assert!(is_sure(&damaged));
                assert!(read_as(None, None, &damaged).is_err(), "{byte:?}");
            }
        }
        // What no line marks before that byte is raw.
        assert_eq!(guess(b"> 81\0\n> 82\n", false, true).format, Format::Raw);
        assert_eq!(guess(b"# A comment\n\0", false, true).format, Format::Raw);
    }

    #[test]
    fn a_dump_among_prose_is_an_error() {
        for text in [
            "Here is my dump:\n81 94 9f af\n",
            "81 94 9f af\nand that was it\n",
            "Here it is\n00000000: 8194 9faf  ....\n",
            "81 94 9x af",
            "81949faf77f8c8cax5",
            "My dump:\n81949faf77f8c8ca",
            "81 94 9f a",
            "81 94  # the header and no key",
            "0x81 0x94 0x9g",
        ] {
            let error =
                read_as(None, None, text.as_bytes()).map(|(seen, report)| (seen.all(), report)).unwrap_err();
            assert!(error.to_string().contains('^'), "{error}");
        }
    }

    #[test]
    fn two_readings_are_both_named() {
        for (text, format, other) in [
            ("81 94 10 20", Format::Hex, "--format decimal"),
            ("81949faf", Format::Hex, "--format base64"),
            ("10000001 10010100", Format::Binary, "--format hex"),
            ("10 01 11 00", Format::Hex, "--format binary"),
            ("[81, 94, 10]", Format::Array, "--format hex"),
        ] {
            let (seen, found) = sniffed(text);
            assert_eq!(found, format, "{text}");
            assert!(seen.notices[0].contains(other), "{text}: {:?}", seen.notices);
        }
        for text in ["81 94 9f af", "81:94:9f:af", "0x81949faf"] {
            assert_eq!(sniffed(text).0.notices[0], "read as hex; --format raw if not");
        }
        assert_eq!(sniffed("00000000: 8194 9faf  ....").0.notices[0], "read as xxd; --format raw if not");
    }

    #[test]
    fn what_was_lost_before_is_said() {
        let (seen, format) = sniffed("\u{fffd}\u{5}Hello");
        assert_eq!(format, Format::Raw);
        assert!(
            seen.notices.iter().any(|notice| notice.contains("print the Buffer instead")),
            "{:?}",
            seen.notices
        );
    }

    #[test]
    fn traces_of_terminals_and_editors_do_not_matter() {
        let expected = sniffed("00000000: 8194 9faf  ....").0.all();
        for text in [
            "\u{feff}00000000: 8194 9faf  ....\r\n",
            "00000000: \u{1b}[1;31m81\u{1b}[1;32m94\u{1b}[0m 9faf  \u{1b}[31m....\u{1b}[0m\n",
            "00000000:\t8194 9faf\t....\n",
            "    00000000: 8194 9faf  ....\n",
            "00000000:\u{a0}8194\u{a0}9faf\u{a0}\u{a0}....\n",
        ] {
            assert_eq!(sniffed(text).0.all(), expected, "{text:?}");
        }
        let wide: Vec<u8> =
            "\u{feff}00000000: 8194 9faf  ....\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniffed(wide).0.all(), expected);
    }

    #[test]
    fn an_empty_input_is_said() {
        let (seen, _) = sniffed("");
        assert_eq!((seen.story.len(), seen.notices), (0, vec!["dump.txt is empty".to_owned()]));
    }

    proptest! {
        #[test]
        fn raw_bytes_are_raw(bytes in bytes(0..300)) {
            // Without anything that no text has, it may be a dump.
            prop_assume!(bytes.iter().any(|byte| *byte < 8));
            let (seen, format) = sniffed(&bytes);
            prop_assert_eq!(format, Format::Raw);
            prop_assert_eq!(seen.all(), bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = read_as(None, None, text.as_bytes());
            for format in Format::ALL {
                let _ = read_as(Some(format), None, text.as_bytes());
            }
        }

        #[test]
        fn anything_like_a_dump_is_read_or_refused(text in "[0-9a-fx\\\\ ,:;|<>\\[\\]{}().*'\"#@=\n-]{0,80}") {
            let _ = read_as(None, None, text.as_bytes());
            for format in Format::ALL {
                let _ = read_as(Some(format), None, text.as_bytes());
            }
        }
    }
}

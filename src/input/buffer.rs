//! What Node prints of a Buffer: `<Buffer 81 94 9f ... 22 more bytes>`, and of an ArrayBuffer:
//! `ArrayBuffer { [Uint8Contents]: <81 94 9f>, byteLength: 3 }`.

use super::dump::{Dump, Side, Talk};
use super::error::Fault;
use super::hex;
use super::text::Line;

/// Reads every buffer in `text`, one behind the other.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut dump = Dump { talks: vec![Talk::default()], ..Dump::default() };
    let mut rest = Line { at: 0, text };
    while let Some(&first) = rest.text.first() {
        rest = match first {
            b'<' => contents(rest.skip(1), &mut dump)?,
            b if b.is_ascii_alphabetic() => label(rest)?,
            b if b.is_ascii_digit() || b.is_ascii_whitespace() || b"{}[](),:;=.'\"_$".contains(&b) => {
                rest.skip(1)
            }
            _ => return Err(outside(rest.at)),
        };
    }
    Ok(dump)
}

/// What stands between the angle brackets.
fn contents<'a>(inside: Line<'a>, dump: &mut Dump) -> Result<Line<'a>, Fault> {
    let inside = inside.behind(b"Buffer").unwrap_or(inside);
    let Some(end) = memchr::memchr(b'>', inside.text) else {
        return Err(Fault::new(inside.at + inside.text.len(), "this buffer has no end: a > is missing"));
    };
    let all = Line { text: inside.text.get(..end).unwrap_or_default(), ..inside };
    let dots = memchr::memmem::find(all.text, b"...").unwrap_or(end);
    let start = dump.bytes.len();
    let bytes = all.text.get(..dots).unwrap_or_default();
    hex::append(bytes, &mut dump.bytes).map_err(|fault| Fault { at: fault.at + all.at, ..fault })?;
    dump.turn_since(start, 0, Side::First, None);
    if dots < end {
        let lost = more_bytes(all.skip(dots))?;
        dump.gap(0, Side::First, None, lost);
        dump.note(format!(
            "bytes are missing: Node printed \"... {lost} more bytes\" for them; print buffer.toString('hex') instead"
        ));
    }
    Ok(inside.skip(end + 1))
}

/// `... 22 more bytes`
fn more_bytes(line: Line<'_>) -> Result<u64, Fault> {
    let text = std::str::from_utf8(line.text).unwrap_or_default();
    let mut words = text.split_ascii_whitespace().skip(1);
    let number = words.next().and_then(|number| number.parse().ok());
    match (number, words.next(), words.next()) {
        (Some(lost), Some("more"), Some("byte" | "bytes")) => Ok(lost),
        _ => {
            Err(Fault::new(line.at, "bytes were left out of this dump: print buffer.toString('hex') instead"))
        }
    }
}

/// A name before a buffer or in an object.
fn label(rest: Line<'_>) -> Result<Line<'_>, Fault> {
    let len = rest.text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let behind = rest.skip(len);
    match behind.trim_start().text.first() {
        Some(b':' | b'<' | b'{' | b'[' | b'(' | b'=' | b']') => Ok(behind),
        _ => Err(outside(rest.at)),
    }
}

fn outside(at: usize) -> Fault {
    Fault::new(at, "this belongs to no <Buffer …>: remove what is no dump")
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{bytes, error, sniffed};
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// As Node prints it.
    fn print(bytes: &[u8]) -> String {
        let mut text = "<Buffer".to_owned();
        for byte in bytes.iter().take(50) {
            let _ = write!(text, " {byte:02x}");
        }
        match bytes.len().saturating_sub(50) {
            0 => {}
            1 => text.push_str(" ... 1 more byte"),
            more => {
                let _ = write!(text, " ... {more} more bytes");
            }
        }
        text + ">\n"
    }

    #[test]
    fn real_prints_are_read() {
        for text in [
            "<Buffer 81 94 9f>\n",
            "<Buffer 81 94>\n<Buffer 9f>\n",
            "{\n  b: <Buffer 81 94 9f>\n}\n",
            "chunk <Buffer 81 94 9f>\n",
            "chunk: <Buffer 81 94 9f>",
            "ArrayBuffer {\n  [Uint8Contents]: <81 94 9f>,\n  byteLength: 3\n}\n",
            "[ <Buffer 81>, <Buffer 94 9f> ]",
        ] {
            let (seen, format) = sniffed(text);
            assert_eq!((seen.all(), format), (vec![0x81, 0x94, 0x9f], Format::Buffer), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        for (text, place) in [
            ("<Buffer 81 9>", "1:12: a digit without its partner"),
            ("<Buffer 81 9g>", "1:13: 'g' is no hex digit"),
            ("<Buffer 81", "1:11: this buffer has no end"),
            ("Client connected\n<Buffer 81>", "1:1: this belongs to no <Buffer"),
            ("<Buffer 81 ... >", "1:12: bytes were left out"),
        ] {
            let error = error(Format::Buffer, text);
            assert!(error.starts_with(&format!("dump.txt:{place}")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(bytes in bytes(1..200)) {
            let (seen, format) = sniffed(print(&bytes));
            prop_assert_eq!(format, Format::Buffer);
            let shown = bytes.len().min(50);
            prop_assert_eq!(seen.all(), &bytes[..shown]);
            let gaps: Vec<&String> = seen.story.iter().filter(|line| line.contains("gap")).collect();
            match bytes.len() - shown {
                0 => prop_assert!(gaps.is_empty()),
                lost => {
                    prop_assert_eq!(gaps.len(), 1);
                    let end = format!("gap {lost}");
                    prop_assert!(gaps[0].ends_with(&end));
                    prop_assert!(seen.notices.iter().any(|notice| notice.starts_with("bytes are missing")));
                }
            }
        }
    }
}

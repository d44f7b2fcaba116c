//! String literals: `"\x81\x05Hello"` as C, Rust, Go, Java, JavaScript and PHP write it, `b'\x81\x05Hello'`
//! as Python does, Wireshark's escaped string, and the same without quotes.

use super::dump::Dump;
use super::error::Fault;
use super::literal::{Unit, unit};
use super::text::Line;

/// Reads the strings of `text`, one behind the other; what stands around them is passed over.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut look = Look::default();
    walk(text, &mut |unit, is_bytes| look.at(unit, is_bytes))?;
    let narrow = look.is_narrow();
    let mut bytes = Vec::with_capacity(text.len());
    walk(text, &mut |unit, _| push(unit, narrow, &mut bytes))?;
    let mut dump = Dump::unmarked(bytes);
    if narrow && (look.numbered || look.plain) {
        dump.note("each character up to U+00FF was read as one byte, as in a string of bytes");
    }
    Ok(dump)
}

/// What the strings hold.
#[derive(Default)]
struct Look {
    /// A literal of bytes: b'…'.
    bytes: bool,
    /// An escape for a byte of 80 or more.
    high: bool,
    /// A character beyond ASCII as it is.
    plain: bool,
    /// One by its number.
    numbered: bool,
    /// One above U+00FF, which is no byte.
    wide: bool,
}

impl Look {
    fn at(&mut self, unit: Unit, is_bytes: bool) {
        self.bytes |= is_bytes;
        match unit {
            Unit::Byte(byte) => self.high |= byte >= 0x80,
            Unit::Plain(c) => {
                self.plain = true;
                self.wide |= c > '\u{ff}';
            }
            Unit::Numbered(c) => {
                self.numbered |= c >= '\u{80}';
                self.wide |= c > '\u{ff}';
            }
            Unit::Nothing => {}
        }
    }

    /// Whether each character is a byte. `'\x81¯'` in JavaScript is two; text without such escapes is UTF-8.
    const fn is_narrow(&self) -> bool {
        !self.wide && !self.bytes && (self.high || self.numbered)
    }
}

fn push(unit: Unit, narrow: bool, to: &mut Vec<u8>) {
    match unit {
        Unit::Byte(byte) => to.push(byte),
        Unit::Plain(c) | Unit::Numbered(c) => match u8::try_from(c) {
            Ok(byte) if narrow => to.push(byte),
            _ => to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        },
        Unit::Nothing => {}
    }
}

type Each<'e> = &'e mut dyn FnMut(Unit, bool);

/// Gives each unit of each string, and whether the string is one of bytes.
fn walk(text: &[u8], each: Each<'_>) -> Result<(), Fault> {
    let all = Line { at: 0, text }.trimmed();
    if is_bare(all.text) {
        return units(all, true, &mut |unit| {
            // A line end is no part of what was typed.
            if !matches!(unit, Unit::Byte(b'\r' | b'\n')) {
                each(unit, false);
            }
        });
    }
    let mut rest = all;
    let mut before = b' ';
    while let Some(&first) = rest.text.first() {
        match rest.text {
            [quote @ (b'"' | b'\'' | b'`'), ..] => {
                let inside = rest.skip(1);
                let Some(len) = end(inside.text, *quote) else {
                    return Err(Fault::new(rest.at, "this string has no end: its closing quote is missing"));
                };
                rest = inside.skip(len + 1);
                let is_name = rest.trim_start().text.starts_with(b":");
                let string = Line { text: inside.text.get(..len).unwrap_or_default(), ..inside };
                if !is_name {
                    let is_bytes = matches!(before, b'b' | b'B');
                    units(string, !is_bytes, &mut |unit| each(unit, is_bytes))?;
                }
            }
            [b'/', b'/', ..] => rest = rest.skip(memchr::memchr(b'\n', rest.text).unwrap_or(rest.text.len())),
            [b'/', b'*', ..] => {
                rest =
                    rest.skip(memchr::memmem::find(rest.text, b"*/").map_or(rest.text.len(), |end| end + 2))
            }
            _ => rest = rest.skip(1),
        }
        before = first;
    }
    Ok(())
}

fn units(string: Line<'_>, octal: bool, each: &mut dyn FnMut(Unit)) -> Result<(), Fault> {
    let mut rest = string;
    while !rest.text.is_empty() {
        let (unit, len) = unit(rest, octal)?;
        each(unit);
        rest = rest.skip(len);
    }
    Ok(())
}

/// Whether `text` is the inside of a string: it begins with an escape, or has no quotes.
fn is_bare(text: &[u8]) -> bool {
    text.starts_with(b"\\") || memchr::memchr3(b'"', b'\'', b'`', text).is_none()
}

/// Whether a text has an escape for a byte.
pub(super) fn has_escape(text: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(b'\\', text).filter_map(|at| text.get(at + 1));
    escapes.any(|escape| matches!(escape, b'x' | b'u' | b'U' | b'0'..=b'7'))
}

/// Where a string ends, from behind its opening quote.
pub(super) fn end(inside: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(quote, b'\\', inside.get(at..)?)?;
        if inside.get(at) == Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{bytes, error, read_as, sniffed};
    use proptest::prelude::*;

    const HELLO: &[u8] = b"\x81\x05Hello";

    #[test]
    fn every_language_is_read() {
        for text in [
            r#"b'\x81\x05Hello'"#,
            r#"b"\x81\x05Hello""#,
            r#"bytearray(b'\x81\x05Hello')"#,
            r#"const char frame[] = "\x81\x05" "Hello";"#,
            r#"let frame: &[u8] = b"\x81\x05Hello"; // it's Rust"#,
            r#"frame := []byte("\x81\x05Hello")"#,
            r#"$frame = "\x81\x05" . "Hello";"#,
            r#"String frame = "\u0081\u0005Hello";"#,
            r#"const frame = '\x81\x05Hello';"#,
            r#"[ '\x81\x05Hello' ]"#,
            r#"{ "data": "\u0081\u0005Hello" }"#,
            r#"printf '\201\005Hello'"#,
            r#"\x81\x05Hello"#,
            "\"\\x81\\x05\" \\\n\"\\x48\\x65\\x6c\\x6c\\x6f\"\n",
            "\"\\x81\\x05\\\nHello\"",
        ] {
            let (seen, format) = sniffed(text);
            assert_eq!((seen.all(), format), (HELLO.to_vec(), Format::Escaped), "{text}");
        }
    }

    #[test]
    fn a_zero_before_a_digit_is_not_octal_where_rust_prints_it() {
        assert_eq!(sniffed(r#"b"\x81\01""#).0.all(), b"\x81\x001");
        assert_eq!(sniffed(r#""\x81\01""#).0.all(), b"\x81\x01");
    }

    #[test]
    fn characters_of_a_byte_string_are_bytes() {
        let (seen, _) = sniffed(r"'\x81\x94\x9F¯wø'");
        assert_eq!(seen.all(), b"\x81\x94\x9f\xafw\xf8");
        assert!(seen.notices.iter().any(|notice| notice.contains("one byte")));
        assert_eq!(sniffed(r#""\x81\x05κ""#).0.all(), b"\x81\x05\xce\xba");
        assert_eq!(read_as(Some(Format::Escaped), None, "'é'".as_bytes()).unwrap().0.all(), "é".as_bytes());
    }

    #[test]
    fn lost_bytes_are_said() {
        let (seen, _) = sniffed(r#""\ufffd\u0005Hello""#);
        assert!(
            seen.notices.iter().any(|notice| notice.starts_with("ef bf bd at byte 0")),
            "{:?}",
            seen.notices
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let of = |text| error(Format::Escaped, text);
        assert!(of(r#"x = "\x81"#).starts_with("dump.txt:1:5: this string has no end"));
        assert!(of("\"\\x81\"\n\"\\q\"").starts_with("dump.txt:2:2: no such escape"));
    }

    proptest! {
        #[test]
        fn what_python_prints_is_sniffed_and_read(bytes in bytes(1..300)) {
            prop_assume!(bytes.iter().any(|byte| *byte >= 0x80));
            let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
            let inside: String = bytes.iter().map(|byte| match byte {
                b'\\' => "\\\\".to_owned(),
                b'\n' => "\\n".to_owned(),
                b'\r' => "\\r".to_owned(),
                b'\t' => "\\t".to_owned(),
                0x20..0x7f if char::from(*byte) == quote => format!("\\{quote}"),
                0x20..0x7f => char::from(*byte).to_string(),
                _ => format!("\\x{byte:02x}"),
            }).collect();
            let text = format!("b{quote}{inside}{quote}\n");
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Escaped, "{}", text);
            prop_assert_eq!(seen.all(), bytes, "{}", text);
        }

        #[test]
        fn wireshark_s_escaped_string_is_sniffed_and_read(bytes in bytes(1..100)) {
            let lines: Vec<String> = bytes.chunks(16).map(|row| {
                format!("\"{}\"", row.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>())
            }).collect();
            let (seen, format) = sniffed(lines.join(" \\\n"));
            prop_assert_eq!(format, Format::Escaped);
            prop_assert_eq!(seen.all(), bytes);
        }

        #[test]
        fn nothing_panics(text in "[\"'\\\\xu{}0-9a-f:b/*\\n ]{0,30}") {
            let _ = read_as(Some(Format::Escaped), None, text.as_bytes());
        }
    }
}

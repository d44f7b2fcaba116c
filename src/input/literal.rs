//! Escapes in the string literals of C, Rust, Go, Java, JavaScript, Python, PHP and strace.

use super::error::Fault;
use super::text::{Line, pair};

/// One character of a string, or what an escape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A byte.
    Byte(u8),
    /// A character that was written as it is.
    Plain(char),
    /// A character by its number.
    Numbered(char),
    /// A line break that does not count.
    Nothing,
}

/// The first unit of `rest`, which is not empty, and how much of the text it takes.
///
/// Where `octal` is not set, `\0` is one byte whatever follows it, as Rust prints it.
pub(super) fn unit(rest: Line<'_>, octal: bool) -> Result<(Unit, usize), Fault> {
    match rest.text {
        [b'\\', b'\r', b'\n', ..] => Ok((Unit::Nothing, 3)),
        [b'\\', escape, ..] => {
            let simple = |byte| Ok((Unit::Byte(byte), 2));
            match escape {
                b'n' => simple(b'\n'),
                b'r' => simple(b'\r'),
                b't' => simple(b'\t'),
                b'a' => simple(7),
                b'b' => simple(8),
                b'v' => simple(0x0b),
                b'f' => simple(0x0c),
                b'e' => simple(0x1b),
                b'\\' | b'"' | b'\'' | b'`' | b'?' | b'/' | b'$' => simple(*escape),
                b'\n' => Ok((Unit::Nothing, 2)),
                b'x' | b'X' => hex(rest),
                b'u' | b'U' => numbered(rest),
                b'0' if !octal => simple(0),
                b'0'..=b'7' => eight(rest),
                _ => Err(no_escape(rest)),
            }
        }
        [b'\\'] => Err(no_escape(rest)),
        [byte, ..] if byte.is_ascii() => Ok((Unit::Byte(*byte), 1)),
        _ => {
            let near = rest.text.get(..4).unwrap_or(rest.text);
            let chunk = near.utf8_chunks().next();
            match chunk.and_then(|chunk| chunk.valid().chars().next()) {
                Some(c) => Ok((Unit::Plain(c), c.len_utf8())),
                None => Ok((Unit::Byte(rest.text.first().copied().unwrap_or_default()), 1)),
            }
        }
    }
}

/// `\x81`, or `\x5` where one digit stands alone.
fn hex(rest: Line<'_>) -> Result<(Unit, usize), Fault> {
    match rest.text {
        [_, _, high, low, ..] if pair(*high, *low).is_some() => {
            Ok((Unit::Byte(pair(*high, *low).unwrap_or_default()), 4))
        }
        [_, _, digit, ..] if digit.is_ascii_hexdigit() => {
            Ok((Unit::Byte(pair(b'0', *digit).unwrap_or_default()), 3))
        }
        _ => Err(no_escape(rest)),
    }
}

/// `\201`
fn eight(rest: Line<'_>) -> Result<(Unit, usize), Fault> {
    let digits = rest.text.iter().skip(1).take(3).take_while(|digit| (b'0'..=b'7').contains(digit));
    let (value, len) =
        digits.fold((0u32, 1), |(value, len), digit| (value * 8 + u32::from(digit - b'0'), len + 1));
    match u8::try_from(value) {
        Ok(byte) => Ok((Unit::Byte(byte), len)),
        Err(_) => Err(Fault::new(rest.at, "an octal escape goes up to \\377")),
    }
}

/// `\u0081`, `\u{81}`, `\U00000081`; two halves of a surrogate pair are one character.
fn numbered(rest: Line<'_>) -> Result<(Unit, usize), Fault> {
    let (first, len) = number(rest).ok_or_else(|| no_escape(rest))?;
    if let Some(c) = char::from_u32(first) {
        return Ok((Unit::Numbered(c), len));
    }
    let behind = rest.skip(len);
    let second = behind.text.starts_with(b"\\u").then(|| number(behind)).flatten();
    if let Some((second, second_len)) = second
        && let (0xd800..=0xdbff, 0xdc00..=0xdfff) = (first, second)
        && let Some(c) = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    {
        return Ok((Unit::Numbered(c), len + second_len));
    }
    Ok((Unit::Numbered(char::REPLACEMENT_CHARACTER), len))
}

fn number(rest: Line<'_>) -> Option<(u32, usize)> {
    let digits = match rest.text {
        [_, b'u', b'{', behind @ ..] => {
            behind.get(..memchr::memchr(b'}', behind.get(..9).unwrap_or(behind))?)?
        }
        [_, b'u', behind @ ..] => behind.get(..4)?,
        [_, _, behind @ ..] => behind.get(..8)?,
        _ => return None,
    };
    let in_braces = rest.text.get(2) == Some(&b'{');
    let value = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((value, 2 + digits.len() + if in_braces { 2 } else { 0 }))
}

fn no_escape(rest: Line<'_>) -> Fault {
    Fault::new(
        rest.at,
        "no such escape: there are \\xNN, \\NNN in octal, \\uNNNN, \\n, \\r, \\t and their like",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<(Unit, usize), usize> {
        unit(Line { at: 0, text: text.as_bytes() }, true).map_err(|fault| fault.at)
    }

    #[test]
    fn every_escape_has_its_byte() {
        for (text, byte, len) in [
            ("\\x81", 0x81, 4),
            ("\\x8g", 8, 3),
            ("\\201", 0x81, 4),
            ("\\0", 0, 2),
            ("\\01x", 1, 3),
            ("\\r", 13, 2),
            ("\\'", 39, 2),
            ("a", 97, 1),
        ] {
            assert_eq!(of(text), Ok((Unit::Byte(byte), len)), "{text}");
        }
        assert_eq!(unit(Line { at: 0, text: b"\\01" }, false), Ok((Unit::Byte(0), 2)));
    }

    #[test]
    fn characters_may_have_numbers() {
        for (text, c, len) in [
            ("\\u0081", '\u{81}', 6),
            ("\\u{81}", '\u{81}', 6),
            ("\\U0001f600", '😀', 10),
            ("\\ud83d\\ude00", '😀', 12),
            ("\\ud83dx", '\u{fffd}', 6),
        ] {
            assert_eq!(of(text), Ok((Unit::Numbered(c), len)), "{text}");
        }
        assert_eq!(of("é"), Ok((Unit::Plain('é'), 2)));
    }

    #[test]
    fn other_escapes_are_refused() {
        for text in ["\\q", "\\", "\\x", "\\xg", "\\u12", "\\u{81", "\\400"] {
            assert_eq!(of(text), Err(0), "{text}");
        }
    }
}

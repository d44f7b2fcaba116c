//! The words of a list of numbers, in any language.

use crate::input::error::Fault;
use crate::input::escaped;
use crate::input::text::Line;

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::input) enum Token<'a> {
    Number(Number<'a>),
    Word(&'a [u8]),
    /// A string: its quote and its inside.
    Text(u8, &'a [u8]),
    Open(u8),
    Close,
    /// `...`: something was left out.
    Dots,
    /// `=>`
    Arrow,
    /// `::`
    Path,
    Mark(u8),
    LineEnd,
}

/// A number as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::input) struct Number<'a> {
    minus: bool,
    /// The digits, with what is before and behind them: `0x81u8`.
    text: &'a [u8],
}

/// The next word, its place, and what is behind it.
pub(in crate::input) fn next(mut rest: Line<'_>) -> Result<Option<(Token<'_>, Line<'_>, Line<'_>)>, Fault> {
    loop {
        let len = match rest.text {
            [] => return Ok(None),
            [b' ' | b'\t' | b'\r', ..] => 1,
            [b'/', b'/', ..] | [b'#', ..] => memchr::memchr(b'\n', rest.text).unwrap_or(rest.text.len()),
            [b'/', b'*', ..] => match memchr::memmem::find(rest.text, b"*/") {
                Some(end) => end + 2,
                None => return Err(Fault::new(rest.at, "this comment has no end")),
            },
            _ => break,
        };
        rest = rest.skip(len);
    }
    let (token, len) = token(rest)?;
    Ok(Some((token, rest, rest.skip(len))))
}

fn token(rest: Line<'_>) -> Result<(Token<'_>, usize), Fault> {
    Ok(match rest.text {
        [b'\n', ..] => (Token::LineEnd, 1),
        [b'-', digit, ..] if digit.is_ascii_digit() => {
            let text = word(rest.skip(1).text);
            (Token::Number(Number { minus: true, text }), text.len() + 1)
        }
        [digit, ..] if digit.is_ascii_digit() => {
            let text = word(rest.text);
            (Token::Number(Number { minus: false, text }), text.len())
        }
        [letter, ..] if letter.is_ascii_alphabetic() || matches!(letter, b'_' | b'$' | b'@') => {
            let text = word(rest.text);
            (Token::Word(text), text.len())
        }
        [quote @ (b'"' | b'\''), ..] => {
            let inside = rest.skip(1).text;
            let Some(len) = escaped::end(inside, *quote) else {
                return Err(Fault::new(rest.at, "this string has no end: its closing quote is missing"));
            };
            (Token::Text(*quote, inside.get(..len).unwrap_or_default()), len + 2)
        }
        [b'.', b'.', b'.', ..] | [0xe2, 0x80, 0xa6, ..] => (Token::Dots, 3),
        [b'=', b'>', ..] => (Token::Arrow, 2),
        [b':', b':', ..] => (Token::Path, 2),
        [open @ (b'[' | b'{' | b'('), ..] => (Token::Open(*open), 1),
        [b']' | b'}' | b')', ..] => (Token::Close, 1),
        [mark, ..] if mark.is_ascii_punctuation() => (Token::Mark(*mark), 1),
        _ => {
            let near = String::from_utf8_lossy(rest.text.get(..4).unwrap_or(rest.text));
            return Err(Fault::new(
                rest.at,
                format!("{:?} belongs to no list of numbers", near.chars().next().unwrap_or('?')),
            ));
        }
    })
}

/// A name or a number: letters, digits, underscores; a first `$` or `@` too.
fn word(text: &[u8]) -> &[u8] {
    let len = text.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    text.get(..=len).unwrap_or(text)
}

impl Number<'_> {
    /// Whether it could be a pair of hex digits as well.
    pub(in crate::input) fn has_two_digits(self) -> bool {
        !self.minus && self.text.len() == 2 && self.text.iter().all(u8::is_ascii_digit)
    }

    /// The byte: 0 to 255, or -128 to -1 as Java and Int8Array have it.
    pub(in crate::input) fn byte(self, at: usize) -> Result<u8, Fault> {
        let (radix, digits) = match self.text {
            [b'0', b'x' | b'X', digits @ ..] => (16, digits),
            [b'0', b'b' | b'B', digits @ ..] => (2, digits),
            [b'0', b'o' | b'O', digits @ ..] => (8, digits),
            digits => (10, digits),
        };
        let is_digit = |byte: u8| byte == b'_' || char::from(byte).is_digit(radix);
        let len = digits.iter().take_while(|byte| is_digit(**byte)).count();
        let (digits, suffix) = digits.split_at_checked(len).unwrap_or((digits, &[]));
        let suffixes = [&b""[..], b"u", b"l", b"ul", b"u8", b"i8", b"uy", b"y", b"n"];
        let is_suffix = suffixes.iter().any(|known| known.eq_ignore_ascii_case(suffix));
        if !is_suffix || digits.is_empty() {
            let hint = if self.text.iter().all(u8::is_ascii_hexdigit) {
                ": --format hex reads hex digits without 0x"
            } else {
                ""
            };
            return Err(Fault::new(
                at,
                format!("{:?} is no number{hint}", String::from_utf8_lossy(self.text)),
            ));
        }
        let value = digits.iter().filter_map(|digit| char::from(*digit).to_digit(radix));
        let value = value.fold(0u32, |value, digit| value.saturating_mul(radix).saturating_add(digit));
        match u8::try_from(value) {
            Ok(byte) if !self.minus => Ok(byte),
            Ok(byte) if byte <= 128 => Ok(byte.wrapping_neg()),
            _ => {
                let sign = if self.minus { "-" } else { "" };
                Err(Fault::new(
                    at,
                    format!("{sign}{} does not fit into a byte", String::from_utf8_lossy(self.text)),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn byte(text: &str) -> Result<u8, String> {
        match next(Line { at: 0, text: text.as_bytes() }) {
            Ok(Some((Token::Number(number), at, _))) => number.byte(at.at).map_err(|fault| fault.what),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_byte_is_written_in_many_ways() {
        for text in [
            "129",
            "0x81",
            "0X81",
            "0b10000001",
            "0b1000_0001",
            "0o201",
            "-127",
            "-0x7f",
            "0x81u8",
            "129U",
            "129u8",
            "0x81uy",
        ] {
            assert_eq!(byte(text), Ok(0x81), "{text}");
        }
        assert_eq!((byte("-128"), byte("-1"), byte("-0")), (Ok(0x80), Ok(0xff), Ok(0)));
    }

    #[test]
    fn other_numbers_are_refused() {
        assert_eq!(byte("256").unwrap_err(), "256 does not fit into a byte");
        assert_eq!(byte("-129").unwrap_err(), "-129 does not fit into a byte");
        assert!(byte("99999999999999999999").is_err());
        assert_eq!(byte("9f").unwrap_err(), "\"9f\" is no number: --format hex reads hex digits without 0x");
        assert!(byte("0x").is_err() && byte("0xg1").is_err() && byte("1e3x").is_err());
    }
}

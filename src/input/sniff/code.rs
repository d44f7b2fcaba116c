//! Literals of programming languages, by their looks.

use super::Guess;
use crate::input::escaped;
use crate::input::format::Format;
use crate::input::numbers::lexer::{Token, next};
use crate::input::text::Line;

/// The kind of literal, if it is one.
pub(super) fn guess(text: &[u8]) -> Option<Guess> {
    let trimmed = text.trim_ascii();
    if memchr::memmem::find(text, b"<Buffer ").is_some()
        || memchr::memmem::find(text, b"[Uint8Contents]: <").is_some()
    {
        return Some(Guess::new(Format::Buffer));
    }
    if is_hex_list(trimmed) {
        return Some(Guess::new(Format::Hex));
    }
    let seen = Seen::of(trimmed);
    if escaped::has_escape(trimmed) {
        return match seen {
            seen if seen.numbers > 0 && seen.is_list() => Some(Guess::new(Format::Array)),
            _ if is_hex_escapes(trimmed) => Some(Guess::new(Format::Hex)),
            _ => Some(Guess::new(Format::Escaped)),
        };
    }
    if [&b"b'"[..], b"b\"", b"bytearray(b", b"bytes(b"].iter().any(|begin| trimmed.starts_with(begin)) {
        return Some(Guess::new(Format::Escaped));
    }
    match seen.is_list() {
        true if seen.two_digits == seen.numbers => {
            Some(Guess::or(Format::Array, "--format hex if these are hex digits"))
        }
        true => Some(Guess::new(Format::Array)),
        false => None,
    }
}

/// Whether it is a list in brackets of hex digits, some of which only hex has: `[81, 5, ff]`, as Rust prints
/// it.
fn is_hex_list(text: &[u8]) -> bool {
    let inside = match text {
        [b'[', inside @ .., b']'] | [b'{', inside @ .., b'}'] | [b'(', inside @ .., b')'] => inside,
        _ => return false,
    };
    let mut items =
        inside.split(|byte| *byte == b',' || byte.is_ascii_whitespace()).filter(|item| !item.is_empty());
    let short = items.clone().all(|item| item.len() <= 2 && item.iter().all(u8::is_ascii_hexdigit));
    short && items.any(|item| item.iter().any(u8::is_ascii_alphabetic))
}

/// Whether it is nothing but `\x81\x94`.
fn is_hex_escapes(text: &[u8]) -> bool {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return true,
            [b'\\', b'x', high, low, behind @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                behind
            }
            [b',', behind @ ..] => behind,
            [blank, behind @ ..] if blank.is_ascii_whitespace() => behind,
            _ => return false,
        };
    }
}

/// What stands in a text, word by word.
#[derive(Debug, Default)]
struct Seen {
    /// Numbers in brackets that are no names.
    numbers: usize,
    /// Those of two decimal digits.
    two_digits: usize,
    words: usize,
    /// Whether two numbers stand in the same brackets.
    pair: bool,
    /// Whether it begins with a bracket, or a name that touches one.
    begins: bool,
    /// Whether it holds strings that no list of bytes has.
    strange: bool,
}

impl Seen {
    fn of(text: &[u8]) -> Self {
        let mut seen = Self::default();
        let mut groups: Vec<usize> = Vec::new();
        let (mut rest, mut last, mut last_end) = (Line { at: 0, text }, None, 0);
        while let Ok(Some((token, at, behind))) = next(rest) {
            let is_name =
                behind.trim_start().text.starts_with(b":") || behind.trim_start().text.starts_with(b"=>");
            match token {
                Token::Open(_) => {
                    seen.begins |=
                        last.is_none() || matches!(last, Some(Token::Word(_))) && at.at == last_end;
                    groups.push(0);
                }
                Token::Close => {
                    groups.pop();
                }
                Token::Number(number) if !is_name => {
                    if let Some(numbers) = groups.last_mut() {
                        *numbers += 1;
                        seen.pair |= *numbers > 1;
                        seen.numbers += 1;
                        seen.two_digits += usize::from(number.has_two_digits());
                    }
                }
                Token::Word(_) => seen.words += 1,
                Token::Text(quote, inside) => seen.strange |= !is_usual(quote, inside, is_name, last),
                _ => {}
            }
            (rest, last, last_end) = (behind, Some(token), behind.at);
            // In an object with numbers for names each value stands alone.
            seen.pair |=
                is_name && matches!(token, Token::Number(_)) || matches!(token, Token::Text(_, b"0"));
        }
        seen
    }

    const fn is_list(&self) -> bool {
        self.numbers > 0 && !self.strange && (self.pair || self.begins) && self.words <= 2 * self.numbers + 8
    }
}

/// Whether a string may stand in a list of bytes: a character, a name, or what Node and browsers add.
fn is_usual(quote: u8, inside: &[u8], is_name: bool, last: Option<Token<'_>>) -> bool {
    match inside {
        b"type" | b"data" | b"Buffer" => true,
        digits if is_name => digits.iter().all(u8::is_ascii_digit),
        character => {
            matches!(last, Some(Token::Mark(b':'))) && quote == b'\''
                || quote == b'\''
                    && (character.len() == 1 || character.starts_with(b"\\") && character.len() <= 4)
        }
    }
}

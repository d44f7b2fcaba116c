//! What every dump that is text needs: lines, digits, and the traces of terminals and editors taken off.

use std::borrow::Cow;

use memchr::{memchr, memmem};

/// What [`nibble`] gives for a byte that is no hex digit.
pub(super) const NONE: u8 = 0xff;

const NIBBLES: [u8; 256] = nibbles();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it, and would stop at a wrong index")]
const fn nibbles() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut digit = 0;
    while digit < 10 {
        table[b'0' as usize + digit] = digit as u8;
        digit += 1;
    }
    while digit < 16 {
        table[b'a' as usize + digit - 10] = digit as u8;
        table[b'A' as usize + digit - 10] = digit as u8;
        digit += 1;
    }
    table
}

/// The value of a hex digit, or [`NONE`].
#[inline]
pub(super) fn nibble(digit: u8) -> u8 {
    NIBBLES.get(usize::from(digit)).copied().unwrap_or(NONE)
}

/// The byte that two hex digits write.
#[inline]
pub(super) fn pair(high: u8, low: u8) -> Option<u8> {
    let (high, low) = (nibble(high), nibble(low));
    // NONE has all bits: either one makes the sum of bits too large.
    if high | low < 16 { Some(high << 4 | low) } else { None }
}

/// The eight bytes at the front of `text`, written in groups of `GROUP` bytes with one space between them,
/// which takes `LEN` characters. Dumps are mostly made of such, so this is the fast path of all of them.
#[inline]
pub(super) fn eight<const GROUP: usize, const LEN: usize>(text: &[u8]) -> Option<([u8; 8], &[u8])> {
    const { assert!(LEN == 16 + (8 / GROUP - 1)) };
    let (front, rest) = text.split_first_chunk::<LEN>()?;
    let (mut bytes, mut digits, mut between) = ([0; 8], 0, 0);
    for (i, byte) in bytes.iter_mut().enumerate() {
        let at = 2 * i + i / GROUP;
        let (high, low) = (nibble(*front.get(at)?), nibble(*front.get(at + 1)?));
        digits |= high | low;
        *byte = high << 4 | (low & 0x0f);
        if i > 0 && i % GROUP == 0 {
            between |= *front.get(at - 1)? ^ b' ';
        }
    }
    // NONE has all bits: one of it shows in the whole.
    (digits < 16 && between == 0).then_some((bytes, rest))
}

/// Whether every byte is a hex digit, and there is one.
pub(super) fn is_hex(token: &[u8]) -> bool {
    !token.is_empty() && token.iter().all(u8::is_ascii_hexdigit)
}

/// One line without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Where it begins in the whole text.
    pub at: usize,
    pub text: &'a [u8],
}

impl<'a> Line<'a> {
    /// Without the white space around it.
    pub(super) fn trimmed(self) -> Self {
        let line = self.trim_start();
        Self { text: line.text.trim_ascii_end(), ..line }
    }

    /// Without the white space before it. What is behind is not looked at: in the rest of a text that would
    /// be all of it.
    pub(super) fn trim_start(self) -> Self {
        let text = self.text.trim_ascii_start();
        Self { at: self.at + (self.text.len() - text.len()), text }
    }

    /// Without its first `len` bytes.
    pub(super) fn skip(self, len: usize) -> Self {
        Self { at: self.at + len.min(self.text.len()), text: self.text.get(len..).unwrap_or_default() }
    }

    /// Behind `prefix`, if it begins so.
    pub(super) fn behind(self, prefix: &[u8]) -> Option<Self> {
        self.text.starts_with(prefix).then(|| self.skip(prefix.len()))
    }
}

/// The lines of a text; LF or CRLF ends one.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    at: usize,
    rest: &'a [u8],
}

/// The lines of `text`.
pub(super) const fn lines(text: &[u8]) -> Lines<'_> {
    Lines { at: 0, rest: text }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    #[inline]
    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        let line = Line { at: self.at, text: text.strip_suffix(b"\r").unwrap_or(text) };
        self.at += end + 1;
        self.rest = rest.get(1..).unwrap_or_default();
        Some(line)
    }
}

/// Whether bytes begin a text in UTF-16 with a byte order mark, as PowerShell writes it.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    let (units, _) = units(bytes);
    let first: Vec<u16> = units.take(64).collect();
    // A dump is ASCII; frames that happen to begin like the mark are not.
    let ascii = first.iter().filter(|unit| (1..0x80).contains(*unit)).count();
    !first.is_empty() && ascii * 4 >= first.len() * 3
}

/// A text in UTF-16 as UTF-8.
pub(super) fn from_utf16(bytes: &[u8]) -> Vec<u8> {
    let (units, odd) = units(bytes);
    let mut text: String =
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    if odd {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text.into_bytes()
}

/// The 16-bit units behind the mark, and whether a byte is left over.
fn units(bytes: &[u8]) -> (impl Iterator<Item = u16>, bool) {
    let big = bytes.starts_with(b"\xfe\xff");
    let read = if big { u16::from_be_bytes } else { u16::from_le_bytes };
    let units = match bytes {
        [0xff, 0xfe, units @ ..] | [0xfe, 0xff, units @ ..] => units,
        _ => &[],
    };
    let (pairs, odd) = units.as_chunks::<2>();
    (pairs.iter().map(move |pair| read(*pair)), !odd.is_empty())
}

/// The text without a byte order mark, colours, and spaces that must not break.
pub(super) fn clean(text: &[u8]) -> Cow<'_, [u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if memchr(0x1b, text).is_none() && memmem::find(text, b"\xc2\xa0").is_none() {
        return Cow::Borrowed(text);
    }
    let mut clean = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (0x1b, [b'[', tail @ ..]) => behind_control(tail),
            (0x1b, tail) => tail,
            (0xc2, [0xa0, tail @ ..]) => {
                clean.push(b' ');
                tail
            }
            _ => {
                clean.push(first);
                tail
            }
        };
    }
    Cow::Owned(clean)
}

/// Behind the rest of a control sequence (ECMA-48 §5.4): parameters, then one final byte.
fn behind_control(text: &[u8]) -> &[u8] {
    let parameters = text.iter().take_while(|byte| (0x20..0x40).contains(*byte)).count();
    let rest = text.get(parameters..).unwrap_or_default();
    match rest {
        [0x40..=0x7e, tail @ ..] => tail,
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_their_value() {
        for byte in 0..=255u8 {
            let expected = char::from(byte).to_digit(16).filter(|_| byte.is_ascii());
            assert_eq!(nibble(byte), expected.map_or(NONE, |value| value as u8));
        }
        assert_eq!((pair(b'8', b'f'), pair(b'8', b'g'), pair(b' ', b'1')), (Some(0x8f), None, None));
    }

    #[test]
    fn eight_bytes_are_read_at_once() {
        let bytes = [0x81, 0x94, 0x9f, 0xaf, 0x77, 0xf8, 0xc8, 0xca];
        assert_eq!(eight::<1, 23>(b"81 94 9f af 77 f8 c8 ca 15"), Some((bytes, &b" 15"[..])));
        assert_eq!(eight::<2, 19>(b"8194 9faf 77f8 C8CA"), Some((bytes, &b""[..])));
        assert_eq!(eight::<8, 16>(b"81949faf77f8c8ca15"), Some((bytes, &b"15"[..])));
        for wrong in [
            &b"81 94 9f af 77 f8 c8 c"[..],
            b"81 94 9f af!77 f8 c8 ca",
            b"81 94 9f ag 77 f8 c8 ca",
            b"81 94 9f af 77 f8 c8 c ",
        ] {
            assert_eq!(eight::<1, 23>(wrong), None);
        }
    }

    #[test]
    fn lines_know_where_they_begin() {
        let found: Vec<(usize, &[u8])> = lines(b"ab\r\n\ncd").map(|line| (line.at, line.text)).collect();
        assert_eq!(found, [(0, &b"ab"[..]), (4, b""), (5, b"cd")]);
        let line = Line { at: 5, text: b"\t cd " }.trimmed();
        assert_eq!((line.at, line.text), (7, &b"cd"[..]));
    }

    #[test]
    fn terminals_and_editors_leave_no_trace() {
        assert_eq!(&*clean(b"\xef\xbb\xbf81\xc2\xa0\x1b[33m94\x1b[39m"), b"81 94");
        assert_eq!(&*clean(b"\x1b[1;38:5:1m81\x1b"), b"81");
        assert!(matches!(clean(b"81 94"), Cow::Borrowed(_)));
    }

    #[test]
    fn sixteen_bit_text_becomes_utf_8() {
        assert_eq!(from_utf16(b"\xff\xfe8\x001\0"), b"81");
        assert_eq!(from_utf16(b"\xfe\xff\x008\x001\x00"), "81\u{fffd}".as_bytes());
        assert!(is_utf16(b"\xff\xfe8\x001\0") && is_utf16(b"\xfe\xff\x008"));
        assert!(!is_utf16(b"\xff\xfe\x9f\xaf\x77\xf8") && !is_utf16(b"\xff\xfe"));
    }
}

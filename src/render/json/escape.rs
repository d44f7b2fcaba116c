//! Strings of JSON (RFC 8259 §7) that are also safe to print.
//!
//! JSON itself asks for escapes of `"`, `\` and the control characters up to U+001F. DEL, C1 and every mark that
//! cannot be seen or that turns the direction of a line are escaped as well: the value is the same, and a terminal
//! that prints the line is not misled.

use super::digits::hex;
use crate::render::sanitize::is_unsafe;

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 16;

/// A byte becomes so many at most: `\u001b`.
pub(super) const GROWS: usize = 6;

/// Writes a text as it stands between the quotes of a JSON string to the beginning of `to`, and says how long
/// that is. `to` has room for [`GROWS`] times the text, and a [`BLOCK`].
pub(super) fn escape(text: &str, to: &mut [u8]) -> usize {
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    while let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) {
        // A block is copied whole, and what is behind its plain beginning is overwritten.
        let plain = match rest.first_chunk() {
            Some(block) => {
                put(to, at, block);
                plain_bytes(block)
            }
            None => {
                let mut block = [b' '; BLOCK];
                block.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
                put(to, at, &block);
                plain_bytes(&block).min(rest.len())
            }
        };
        (from, at) = (from + plain, at + plain);
        if plain == BLOCK {
            continue;
        }
        // Every byte that is not plain begins a character, so that this is the boundary of one.
        let Some(ch) = text.get(from..).and_then(|rest| rest.chars().next()) else { break };
        from += ch.len_utf8();
        at += put_char(ch, to.get_mut(at..).unwrap_or_default());
    }
    at
}

/// Copies bytes to a place. There is room: the text and its escapes have theirs, and a block behind them has too.
#[inline(always)]
fn put<const N: usize>(to: &mut [u8], at: usize, bytes: &[u8; N]) {
    if let Some(to) = to.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
        *to = *bytes;
    }
}

/// How many bytes at the start of a block are copied without a closer look. There is no branch within the loop, so that
/// the compiler makes vector instructions of it.
#[inline(always)]
fn plain_bytes(block: &[u8; BLOCK]) -> usize {
    let mut marks = [0; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(block) {
        *mark = if looks(*byte) { 0xff } else { 0 };
    }
    u128::from_le_bytes(marks).trailing_zeros() as usize / 8
}

/// Whether the writer must look closer: at what JSON escapes, and at the first bytes of characters of several
/// bytes among which some are unsafe.
#[inline(always)]
const fn looks(byte: u8) -> bool {
    let escaped = (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f);
    let of_two = (byte == 0xc2) | (byte == 0xcd) | (byte == 0xd8);
    let of_more = (byte.wrapping_sub(0xe1) < 3) | (byte >= 0xef);
    escaped | of_two | of_more
}

/// Writes a character, escaped where it must be, and says how many bytes that takes.
#[inline]
fn put_char(ch: char, to: &mut [u8]) -> usize {
    let short = match ch {
        '"' | '\\' => ch as u8,
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ if is_unsafe(ch) => return put_unicode_escape(ch, to),
        _ => {
            let mut bytes = [0; 4];
            let len = ch.encode_utf8(&mut bytes).len();
            put(to, 0, &bytes);
            return len;
        }
    };
    put(to, 0, &[b'\\', short]);
    2
}

/// `\u202e`; two of them, a surrogate pair, beyond U+FFFF.
fn put_unicode_escape(ch: char, to: &mut [u8]) -> usize {
    let mut at = 0;
    for unit in ch.encode_utf16(&mut [0; 2]) {
        let [high, low] = unit.to_be_bytes();
        let [_, _, _, _, digits @ ..] = hex([0, 0, high, low]);
        put(to, at, b"\\u");
        put(to, at + 2, &digits);
        at += 6;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = vec![0; GROWS * text.len() + BLOCK];
        let len = escape(text, &mut out);
        out.truncate(len);
        String::from_utf8(out).expect("UTF-8")
    }

    fn assert_same_value_and_safe(text: &str) {
        let json = format!("\"{}\"", escaped(text));
        assert_eq!(serde_json::from_str::<String>(&json).expect("valid JSON"), text);
        assert!(!json.chars().any(is_unsafe), "{json:?}");
    }

    #[test]
    fn each_character_keeps_its_value_and_no_unsafe_one_is_raw() {
        let mut text = String::new();
        for ch in ('\0'..=char::MAX).filter(|ch| is_unsafe(*ch) || (*ch as u32).is_multiple_of(61)) {
            text.push(ch);
            text.push('a');
        }
        assert_same_value_and_safe(&text);
        for ch in ('\0'..=char::MAX).filter(|ch| is_unsafe(*ch)) {
            let first = ch.encode_utf8(&mut [0; 4]).as_bytes()[0];
            assert!(looks(first), "U+{:04x} is looked at", ch as u32);
        }
    }

    #[test]
    fn the_short_forms() {
        assert_eq!(escaped("a\"b\\c\n\r\t\u{1b}\u{7f}é"), r#"a\"b\\c\n\r\t\u001b\u007fé"#);
        assert_eq!(escaped("\u{202e}\u{2028}\u{200b}\u{e0001}"), r"\u202e\u2028\u200b\udb40\udc01");
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_value(text in r#"([ -~]{0,40}|\PC{0,9}|[\x00-\x20"\\\u{7f}-\u{a0}\u{200b}-\u{2060}]{0,3}){0,6}"#) {
            assert_same_value_and_safe(&text);
        }
    }
}

//! Strings of JSON (RFC 8259 §7) that are also safe to print.
//!
//! JSON itself asks for escapes of `"`, `\` and the control characters up to U+001F. DEL, C1 and every mark that
//! cannot be seen or that turns the direction of a line are escaped as well: the value is the same, and a terminal
//! that prints the line is not misled.

use crate::render::sanitize::is_unsafe;

/// Appends a text as it stands between the quotes of a JSON string.
pub(super) fn push_escaped(out: &mut Vec<u8>, mut text: &str) {
    loop {
        let (plain, rest) = text.split_at(plain_prefix(text.as_bytes()));
        out.extend_from_slice(plain.as_bytes());
        let mut chars = rest.chars();
        let Some(ch) = chars.next() else { return };
        text = chars.as_str();
        match ch {
            '"' | '\\' => out.extend_from_slice(&[b'\\', ch as u8]),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            _ if is_unsafe(ch) => push_unicode_escape(out, ch),
            _ => out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// How many bytes at the start are copied without a closer look.
///
/// Every byte that needs one begins a character, so the prefix ends at the boundary of one.
#[inline]
fn plain_prefix(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += 16 * plain_ascii_blocks(rest);
        let block = bytes.get(at..bytes.len().min(at + 16)).unwrap_or_default();
        if let Some(found) = block.iter().position(|&byte| looks(byte)) {
            return at + found;
        }
        at += block.len();
    }
    at
}

/// How many blocks of sixteen bytes at the start are ASCII that needs no escape: no branch within a block, so
/// that the compiler makes vector instructions of it.
#[inline]
fn plain_ascii_blocks(bytes: &[u8]) -> usize {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) & (byte != b'"') & (byte != b'\\');
    let (blocks, _) = bytes.as_chunks::<16>();
    blocks.iter().take_while(|block| block.iter().fold(true, |all, &byte| all & plain(byte))).count()
}

/// Whether the writer must look closer: at what JSON escapes, and at the first bytes of characters of several
/// bytes among which some are unsafe.
#[inline]
const fn looks(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\' | 0x7f | 0xc2 | 0xcd | 0xd8 | 0xe1..=0xe3 | 0xef | 0xf0 | 0xf3)
}

/// `\u202e`; two of them, a surrogate pair, beyond U+FFFF.
fn push_unicode_escape(out: &mut Vec<u8>, ch: char) {
    for unit in ch.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(b"\\u");
        let digit = |shift: u16| b"0123456789abcdef".get(usize::from(*unit >> shift & 0xf)).copied();
        out.extend([12, 8, 4, 0].into_iter().filter_map(digit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        push_escaped(&mut out, text);
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

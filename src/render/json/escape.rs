//! Strings of JSON (RFC 8259 §7) that are also safe to print.
//!
//! JSON itself asks for escapes of `"`, `\` and the control characters up to U+001F. DEL, C1 and every mark that
//! cannot be seen or that turns the direction of a line are escaped as well: the value is the same, and a terminal
//! that prints the line is not misled.

use super::cursor::Padded;
use super::stop::{ESCAPES, escape_char, is_safe, stops};

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;

/// A block and as many bytes behind it: behind each of its characters there is a whole block.
const WINDOW: usize = 2 * BLOCK;

/// A byte becomes so many at most: `\u001b`.
pub(super) const GROWS: usize = 6;

/// Bytes behind the text and its escapes that are overwritten as well.
pub(super) const SLACK: usize = WINDOW;

/// Writes a text as it stands between the quotes of a JSON string to the beginning of `to`, and says how long
/// that is. `to` has room for [`GROWS`] times the text, and [`SLACK`].
pub(super) fn escape(text: &str, to: &mut [u8]) -> usize {
    let (from, at) = escape_windows(text.as_bytes(), to, 0);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    // The rest has a window at each of its bytes with spaces behind it, which do not count.
    let mut filled = [b' '; 2 * WINDOW];
    if let Some(to) = filled.get_mut(..rest.len()) {
        to.copy_from_slice(rest);
    }
    let filled = filled.get(..rest.len() + WINDOW - 1).unwrap_or_default();
    let (from, at) = escape_windows(filled, to, at);
    at - (from - rest.len())
}

/// Writes all blocks that have a window; says how much of the text that was, and where it ends.
#[inline(always)]
fn escape_windows(text: &[u8], to: &mut [u8], mut at: usize) -> (usize, usize) {
    let mut from = 0;
    while let Some(window) = text.get(from..).and_then(<[u8]>::first_chunk) {
        let (read, end) = escape_block(window, to, at);
        (from, at) = (from + read, end);
    }
    (from, at)
}

/// The same of the first block of a window, up to the end of its last character that is escaped.
///
/// The block is copied whole; behind each escape, what comes next is copied once more.
#[inline(always)]
fn escape_block(window: &[u8; WINDOW], to: &mut [u8], mut at: usize) -> (usize, usize) {
    let Some(block) = chunk(window, 0) else { return (WINDOW, at) };
    put(to, at, block);
    let (mut read, mut stops) = (0, stops(block));
    while stops != 0 {
        let stop = stops.trailing_zeros() as usize;
        stops &= stops - 1;
        let Some(&[first, second, ..]) = chunk::<2>(window, stop) else { break };
        let from = at + (stop - read);
        if let Some(escape) = ESCAPES.get(usize::from(first)) {
            read = stop + 1;
            at = from + put_padded(to, from, escape);
        } else if is_safe(first, second) {
            continue;
        } else {
            let Some((escape, len)) = chunk(window, stop).and_then(escape_char) else { continue };
            read = stop + len;
            at = from + put_padded(to, from, &escape);
        }
        if let Some(next) = chunk::<BLOCK>(window, read) {
            put(to, at, next);
        }
    }
    let end = read.max(BLOCK);
    (end, at + (end - read))
}

/// So many bytes of a window.
#[inline(always)]
fn chunk<const N: usize>(window: &[u8; WINDOW], at: usize) -> Option<&[u8; N]> {
    window.get(at..).and_then(<[u8]>::first_chunk)
}

/// Copies bytes to a place. There is room: the text and its escapes have theirs, and what is behind them has too.
#[inline(always)]
fn put<const N: usize>(to: &mut [u8], at: usize, bytes: &[u8; N]) {
    if let Some(to) = to.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
        *to = *bytes;
    }
}

/// The same of an escape, and says how long it is.
#[inline(always)]
fn put_padded<const N: usize>(to: &mut [u8], at: usize, escape: &Padded<N>) -> usize {
    put(to, at, &escape.bytes);
    escape.len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sanitize::is_unsafe;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = vec![0; GROWS * text.len() + SLACK];
        let len = escape(text, &mut out);
        out.truncate(len);
        String::from_utf8(out).expect("UTF-8")
    }

    /// The same character by character.
    fn plainly_escaped(text: &str) -> String {
        let mut out = String::new();
        for ch in text.chars() {
            match ch {
                '"' | '\\' => out.extend(['\\', ch]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                _ if is_unsafe(ch) => {
                    ch.encode_utf16(&mut [0; 2])
                        .iter()
                        .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
                }
                _ => out.push(ch),
            }
        }
        out
    }

    fn assert_escaped(text: &str) {
        let json = escaped(text);
        assert_eq!(json, plainly_escaped(text));
        assert_eq!(serde_json::from_str::<String>(&format!("\"{json}\"")).expect("valid JSON"), text);
    }

    #[test]
    fn every_character() {
        assert_escaped(&('\0'..=char::MAX).collect::<String>());
    }

    #[test]
    fn each_kind_at_each_place_of_a_block() {
        for ch in ['a', '"', '\u{1}', 'é', '\u{a0}', '\u{ad}', '日', '“', '\u{200b}', '🎉', '\u{e0001}']
        {
            for before in 0..=SLACK {
                for behind in [0, 1, BLOCK, SLACK] {
                    assert_escaped(&format!("{}{ch}{ch}{}", "a".repeat(before), "b".repeat(behind)));
                }
            }
        }
    }

    #[test]
    fn the_short_forms() {
        assert_eq!(escaped("a\"b\\c\n\r\t\u{1b}\u{7f}é"), r#"a\"b\\c\n\r\t\u001b\u007fé"#);
        assert_eq!(escaped("\u{202e}\u{2028}\u{200b}\u{e0001}"), r"\u202e\u2028\u200b\udb40\udc01");
    }

    proptest! {
        #[test]
        fn any_text(text in r#"([ -~]{0,40}|\PC{0,9}|[\x00-\x20"\\\u{7f}-\u{a0}\u{200b}-\u{2060}]{0,3}){0,9}"#) {
            assert_escaped(&text);
        }
    }
}

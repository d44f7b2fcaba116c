//! A peer's bytes inside a sentence: short, and harmless wherever the sentence is shown.

use std::borrow::Cow;

use crate::wire::character::is_unsafe;

/// The most characters that are quoted.
const MOST: usize = 60;

/// The bytes in quotation marks: UTF-8 as it is, other bytes as `\xNN`, what is invisible as `\u{…}`.
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    format!("\"{}\"", plain(bytes))
}

/// The same without quotation marks, for a line that can be copied.
#[must_use]
pub fn plain(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut left = MOST;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().chars().map(visible);
        let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}").into());
        for shown in valid.chain(invalid) {
            if left == 0 {
                out.push('…');
                return out;
            }
            left -= 1;
            out.push_str(&shown);
        }
    }
    out
}

/// A character, escaped unless it is one that everybody sees.
fn visible(ch: char) -> Cow<'static, str> {
    match ch {
        ' '..='~' => String::from(ch).into(),
        _ if is_unsafe(ch) => ch.escape_unicode().collect::<String>().into(),
        _ => ch.escape_debug().collect::<String>().into(),
    }
}

/// Bytes in hex, with a space between two.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_sends_is_harmless_and_short() {
        assert_eq!(quote(b"chat"), "\"chat\"");
        assert_eq!(quote("Grüße\x1b[2J\u{202e}\u{200b}".as_bytes()), "\"Grüße\\u{1b}[2J\\u{202e}\\u{200b}\"");
        assert_eq!(quote("\u{3164}\u{fe0f}".as_bytes()), "\"\\u{3164}\\u{fe0f}\"");
        assert_eq!(quote(b"a\xff"), "\"a\\xff\"");
        assert_eq!(plain(&[b'a'; 70]), format!("{}…", "a".repeat(60)));
        assert_eq!(plain(&[b'a'; 60]), "a".repeat(60));
    }

    #[test]
    fn bytes_stand_apart() {
        assert_eq!(hex(&[0x81, 0x05]), "81 05");
        assert_eq!(hex(&[]), "");
    }
}

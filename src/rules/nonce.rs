//! What is wrong with a nonce, the value of Sec-WebSocket-Key (RFC 6455 §4.1).

use crate::wire::accept::{NONCE_LEN, NotBase64, nonce_bytes, not_base64};
use crate::wire::bits::Cite;

/// The id of the rule that a wrong nonce breaks.
pub const RULE: &str = "request/key-16-bytes";
/// The section that makes the demand.
pub const CITE: Cite = Cite::ws("4.1");
/// What a client sends instead.
pub const INSTEAD: &str =
    "A client sends 16 random bytes in base64, new ones for each connection: 24 characters.";

/// What is wrong with it, in a sentence or two; none where it is base64 of 16 bytes.
#[must_use]
pub fn trouble(nonce: &[u8]) -> Option<String> {
    if nonce.is_empty() {
        return Some("The nonce is empty.".to_owned());
    }
    if let Some(why) = not_base64(nonce) {
        return Some(why_not_base64(nonce.len(), why));
    }
    match nonce_bytes(nonce).map_or(0, |bytes| bytes.len()) {
        NONCE_LEN => None,
        1 => Some("The nonce stands for a single byte, not for 16.".to_owned()),
        len => Some(format!("The nonce stands for {len} bytes, not for 16.")),
    }
}

fn why_not_base64(len: usize, why: NotBase64) -> String {
    match why {
        NotBase64::Byte(at, byte) => {
            let kind = match byte {
                b' ' | b'\t' => "white space, which is no part of a header's value",
                b'\r' | b'\n' => "a line end, which is no part of a header's value",
                b'-' | b'_' => "of the URL-safe alphabet; the standard one has + and / instead",
                _ => "not in its alphabet (A to Z, a to z, 0 to 9, + and /)",
            };
            format!("The nonce is no base64: character {} is {kind}.", at + 1)
        }
        NotBase64::Padding if len.is_multiple_of(4) => {
            "The nonce is no base64: = may only fill its end.".to_owned()
        }
        NotBase64::Padding => {
            format!(
                "The nonce is no base64: it has {len} characters, which is no multiple of four. Is = missing?"
            )
        }
        NotBase64::SpareBits => {
            "The nonce is not quite base64: its last character before the = holds bits that \
             stand for nothing and should be 0."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_nonce_has_no_trouble() {
        assert_eq!(trouble(b"dGhlIHNhbXBsZSBub25jZQ=="), None);
    }

    #[test]
    fn each_trouble_is_told_from_the_others() {
        for (nonce, words) in [
            ("", "empty"),
            ("YQ==", "a single byte"),
            ("dGhlIHNhbXBsZSBub25jZTE=", "17 bytes"),
            ("dGhlIHNhbXBsZSBub25jZQ== ", "character 25 is white space"),
            ("dGhlIHNhbXBsZSBub25jZQ==\r", "character 25 is a line end"),
            ("dGhl_HNhbXBsZSBub25jZQ==", "character 5 is of the URL-safe"),
            ("dGhl,HNhbXBsZSBub25jZQ==", "character 5 is not in its alphabet"),
            ("dGhlIHNhbXBsZSBub25jZQ", "22 characters"),
            ("dGhl=HNhbXBsZSBub25jZQ==", "only fill its end"),
            ("dGhlIHNhbXBsZSBub25jZR==", "should be 0"),
        ] {
            let said = trouble(nonce.as_bytes()).unwrap_or_default();
            assert!(said.contains(words), "{nonce:?}: {said}");
        }
    }
}

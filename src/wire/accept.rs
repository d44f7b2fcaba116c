//! Sec-WebSocket-Accept: how a server proves that it read the nonce (RFC 6455 §4.2.2).

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine};
use sha1::{Digest, Sha1};

/// The constant that every server appends to every nonce (RFC 6455 §1.3).
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Bytes that a nonce must stand for (RFC 6455 §4.1).
pub const NONCE_LEN: usize = 16;

/// SHA-1 of the nonce, taken as text, with the GUID behind it: 20 bytes.
///
/// The nonce is taken as it is, even where it is no base64 or not 16 bytes long, as real servers do.
#[must_use]
pub fn digest(nonce: &[u8]) -> [u8; 20] {
    sha1(&[nonce, GUID.as_bytes()])
}

/// SHA-1 of these pieces, one behind the other: 20 bytes.
#[must_use]
pub fn sha1(pieces: &[&[u8]]) -> [u8; 20] {
    let mut sha1 = Sha1::new();
    for piece in pieces {
        sha1.update(piece);
    }
    sha1.finalize().into()
}

/// The value of Sec-WebSocket-Accept for a nonce: base64 of the [`digest`], 28 characters.
#[must_use]
pub fn accept(nonce: &[u8]) -> String {
    STANDARD.encode(digest(nonce))
}

/// The bytes that a nonce stands for; none where it is no base64. A right one gives 16.
#[must_use]
pub fn nonce_bytes(nonce: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(nonce).ok()
}

/// The nonce that stands for these bytes, as a client writes it: 24 characters.
#[must_use]
pub fn nonce_for(bytes: [u8; NONCE_LEN]) -> String {
    STANDARD.encode(bytes)
}

/// Why a nonce is no base64 (RFC 4648 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotBase64 {
    /// This byte, at this offset, is not in the alphabet.
    Byte(usize, u8),
    /// The number of characters is no multiple of four, or `=` is missing or misplaced at the end.
    Padding,
    /// The last character holds bits that stand for nothing and should be 0.
    SpareBits,
}

/// Why [`nonce_bytes`] gives nothing; none where it gives bytes.
#[must_use]
pub fn not_base64(nonce: &[u8]) -> Option<NotBase64> {
    let error = STANDARD.decode(nonce).err()?;
    // The decoder stops at the first trouble, and calls a misplaced `=` a wrong byte.
    let outside = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"+/=".contains(byte);
    Some(match (nonce.iter().position(outside), error) {
        (Some(at), _) => NotBase64::Byte(at, nonce.get(at).copied().unwrap_or_default()),
        (None, DecodeError::InvalidLastSymbol { .. }) => NotBase64::SpareBits,
        (None, _) => NotBase64::Padding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_pair() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(nonce_bytes(b"dGhlIHNhbXBsZSBub25jZQ=="), Some(b"the sample nonce".to_vec()));
    }

    #[test]
    fn a_nonce_of_sixteen_bytes_has_24_characters() {
        assert_eq!(nonce_for(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
    }

    #[test]
    fn why_a_nonce_is_no_base64() {
        for (nonce, why) in [
            ("dGhlIHNhbXBsZSBub25jZQ==", None),
            ("", None),
            ("YQ==", None),
            ("dGhlIHNhbXBsZSBub25jZQ== ", Some(NotBase64::Byte(24, b' '))),
            ("dGhl_HNhbXBsZSBub25jZQ==", Some(NotBase64::Byte(4, b'_'))),
            ("dGhlIHNhbXBsZSBub25jZQ", Some(NotBase64::Padding)),
            ("dGhl=HNhbXBsZSBub25jZQ==", Some(NotBase64::Padding)),
            ("abcde", Some(NotBase64::Padding)),
            ("dGhlIHNhbXBsZSBub25jZR==", Some(NotBase64::SpareBits)),
        ] {
            assert_eq!(not_base64(nonce.as_bytes()), why, "{nonce:?}");
            assert_eq!(nonce_bytes(nonce.as_bytes()).is_none(), why.is_some(), "{nonce:?}");
        }
    }
}

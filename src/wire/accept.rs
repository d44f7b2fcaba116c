//! Sec-WebSocket-Accept: how a server proves that it read the nonce (RFC 6455 §4.2.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The constant that every server appends to every nonce (RFC 6455 §1.3).
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// SHA-1 of the nonce, taken as text, with the GUID behind it: 20 bytes.
///
/// The nonce is taken as it is, even where it is no base64 or not 16 bytes long, as real servers do.
#[must_use]
pub fn digest(nonce: &[u8]) -> [u8; 20] {
    let mut sha1 = Sha1::new();
    sha1.update(nonce);
    sha1.update(GUID);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_pair() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(nonce_bytes(b"dGhlIHNhbXBsZSBub25jZQ=="), Some(b"the sample nonce".to_vec()));
    }
}

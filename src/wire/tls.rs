//! How TLS begins, to be told from HTTP and from frames (RFC 8446 §5.1, §4).

/// Whether these bytes begin a handshake record of TLS: type 22, version 3.0 to 3.4, a length, and in it the hello of a
/// client or a server. None while too few are here.
///
/// 16 03 is a frame's header too: three bytes with opcode 6. Behind it another frame begins where the hello does; what
/// ends there is a frame.
#[must_use]
pub fn begins_tls(bytes: &[u8]) -> Option<bool> {
    match *bytes {
        [0x16, 0x03, 0..=4, _, _, hello, ..] => Some(matches!(hello, 1 | 2)),
        [] | [0x16] | [0x16, 0x03] | [0x16, 0x03, 0..=4] => None,
        [0x16, 0x03, 0..=4, _] | [0x16, 0x03, 0..=4, _, _] => None,
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_tells_tls_from_a_frame() {
        for (bytes, expected) in [
            (&b"\x16\x03\x01\x00\xc8\x01\x00"[..], Some(true)),
            (b"\x16\x03\x03\x00\x7a\x02", Some(true)),
            (b"\x16\x03\x01\x00\xc8", None),
            (b"\x16", None),
            (b"", None),
            // A frame of three bytes, and the next one.
            (b"\x16\x03\x01\x02\x03\x81\x00", Some(false)),
            (b"\x16\x03\x05", Some(false)),
            (b"\x16\x04", Some(false)),
            (b"\x81\x00", Some(false)),
        ] {
            assert_eq!(begins_tls(bytes), expected, "{}", bytes.escape_ascii());
        }
    }
}

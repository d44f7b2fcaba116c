//! What a direction of a connection begins with.

use crate::input::roles::{self, START_LINE};
use crate::wire::tls::begins_tls;

/// What a connection speaks of which nothing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// No byte came.
    Nothing,
    /// HTTP/1, and nobody asked for a WebSocket.
    Http,
    Tls,
    Http2,
    Other,
}

/// What bytes begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    Request,
    Response,
    Tls,
    Http2,
    /// None of these: frames, or something else.
    Other,
}

/// The longest name of a method that is taken for one.
const LONGEST_METHOD: usize = 24;

/// What these bytes begin; none while too few are here.
pub(super) fn beginning(bytes: &[u8]) -> Option<Beginning> {
    match *bytes {
        [] => None,
        [0x16, ..] => begins_tls(bytes).map(|is| if is { Beginning::Tls } else { Beginning::Other }),
        // Where a capture begins later, another record of TLS: its type, then version 3.0 to 3.4 (RFC 8446 §5.1).
        [0x14..=0x17, 3, 0..=4, ..] => Some(Beginning::Tls),
        [0x14..=0x17] | [0x14..=0x17, 3] => None,
        [b'H', ..] if bytes.starts_with(b"HTTP/") => Some(Beginning::Response),
        [b'H', ..] if b"HTTP/".starts_with(bytes) => None,
        _ => request(bytes),
    }
}

/// A line that ends in the version of HTTP, and begins with a method.
fn request(bytes: &[u8]) -> Option<Beginning> {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count().min(4);
    let line = bytes.get(blank..).unwrap_or_default();
    let method = line.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let may_be = match line.get(method) {
        None => method <= LONGEST_METHOD,
        Some(b' ') => (1..=LONGEST_METHOD).contains(&method),
        Some(_) => false,
    };
    if !may_be {
        return Some(Beginning::Other);
    }
    let whole = memchr::memchr(b'\n', line).is_some() || line.len() >= START_LINE;
    if !whole {
        return None;
    }
    Some(match roles::is_request_line(line) {
        true if line.starts_with(b"PRI * HTTP/2") => Beginning::Http2,
        true => Beginning::Request,
        false => Beginning::Other,
    })
}

/// Whether a segment looks as if a handshake began in it (RFC 6455 §4.1).
pub(super) fn looks_like_handshake(segment: &[u8]) -> bool {
    segment.starts_with(b"GET ") && roles::is_request_line(segment) && {
        let head = segment.get(..START_LINE).unwrap_or(segment).to_ascii_lowercase();
        memchr::memmem::find(&head, b"\nsec-websocket-key").is_some()
            || memchr::memmem::find(&head, b"websocket").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        use Beginning::{Http2, Other, Request, Response, Tls};
        for (bytes, want) in [
            (&b"GET / HTTP/1.1\r\n"[..], Some(Request)),
            (b"\r\nGET / HTTP/1.1\r\n", Some(Request)),
            (b"GET /a", None),
            (b"GET", None),
            (b"", None),
            (b"HTT", None),
            (b"HTTP/1.1 101", Some(Response)),
            (b"HEAD / HTTP/1.1\r\n", Some(Request)),
            (b"Hello, how are you?\n", Some(Other)),
            (b"hello world, said the text\n", Some(Other)),
            (b"\x81\x05Hello", Some(Other)),
            (b"\x16\x03\x01\x00\xc8\x01", Some(Tls)),
            (b"\x16\x03\x01", None),
            // A frame with opcode 6, and a text.
            (b"\x16\x03abc\x81\x00", Some(Other)),
            (b"\x16\x03\x01bc\x81\x00", Some(Other)),
            (b"\x17\x03\x03\x01", Some(Tls)),
            (b"\x16\x03", None),
            (b"\x16\x04", Some(Other)),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(Http2)),
        ] {
            assert_eq!(beginning(bytes), want, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_handshake_is_seen_in_the_midst_of_other_things() {
        assert!(looks_like_handshake(b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n"));
        assert!(!looks_like_handshake(b"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(!looks_like_handshake(b"GET /websocket and more"));
    }
}

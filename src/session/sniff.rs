//! What a stream begins with: HTTP, frames, or something else.

use memchr::memchr;

use crate::wire::head::LONGEST_HEAD;
use crate::wire::sender::Sender;

/// What the first bytes of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// A request or a response.
    Http,
    /// Frames, or something that is nothing else.
    Frames,
    /// A TLS record.
    Tls,
    /// The preface of an HTTP/2 connection.
    Http2,
}

/// What `bytes`, the first of this sender, begin; none while too few are here.
pub(super) fn sniff(sender: Sender, bytes: &[u8]) -> Option<Protocol> {
    match sniff_tls(bytes) {
        Some(true) => Some(Protocol::Tls),
        Some(false) if sender == Sender::Client => sniff_request(bytes),
        Some(false) => prefix(bytes, b"HTTP/").map(|is| if is { Protocol::Http } else { Protocol::Frames }),
        None => None,
    }
}

/// A handshake record of TLS: type 22, then version 3.0 to 3.4.
fn sniff_tls(bytes: &[u8]) -> Option<bool> {
    match *bytes {
        [0x16, 0x03, minor, ..] => Some(minor <= 4),
        [] | [0x16] | [0x16, 0x03] => None,
        _ => Some(false),
    }
}

/// Whether `bytes` begin with `start`; none while they may still do so.
fn prefix(bytes: &[u8], start: &[u8]) -> Option<bool> {
    let common = bytes.iter().zip(start).take_while(|(a, b)| a == b).count();
    if common == start.len() {
        Some(true)
    } else if common == bytes.len() {
        None
    } else {
        Some(false)
    }
}

/// A request line: a word of letters, a target, and `HTTP/` before the line ends.
fn sniff_request(bytes: &[u8]) -> Option<Protocol> {
    const LONGEST_METHOD: usize = 24;
    let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let line = bytes.get(blank.min(2)..).unwrap_or_default();
    let method = line.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'-').count();
    match line.get(method) {
        None if method <= LONGEST_METHOD => return None,
        Some(b' ') if (1..=LONGEST_METHOD).contains(&method) => {}
        _ => return Some(Protocol::Frames),
    }
    let Some(end) = memchr(b'\n', line) else {
        return (bytes.len() >= LONGEST_HEAD).then_some(Protocol::Frames);
    };
    let line = line.get(..end).unwrap_or_default();
    let http = line.windows(6).any(|six| six == b" HTTP/") || line.get(method + 1) == Some(&b'/');
    Some(match http {
        true if line.starts_with(b"PRI * HTTP/2") => Protocol::Http2,
        true => Protocol::Http,
        false => Protocol::Frames,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        use Protocol::{Frames, Http, Http2, Tls};
        use Sender::{Client, Server};
        for (sender, bytes, want) in [
            (Client, &b"GET / HTTP/1.1\r\n"[..], Some(Http)),
            (Client, b"\r\nget /chat HTTP/1.1\r\n", Some(Http)),
            (Client, b"GET /", None),
            (Client, b"", None),
            (Client, b"\x81\x85", Some(Frames)),
            (Client, b"Message from the client\n", Some(Frames)),
            (Client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(Http2)),
            (Client, b"\x16\x03\x01\x02", Some(Tls)),
            (Server, b"HTT", None),
            (Server, b"HTTP/1.1", Some(Http)),
            (Server, b"Hi, from the server!", Some(Frames)),
        ] {
            assert_eq!(sniff(sender, bytes), want, "{}", bytes.escape_ascii());
        }
    }
}

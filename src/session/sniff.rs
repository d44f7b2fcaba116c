//! What something begins with: HTTP, frames, or something else.

use memchr::memchr;

use crate::wire::sender::Sender;
use crate::wire::tls::begins_tls;

/// The most bytes that may leave it in doubt.
pub(super) const LONGEST_DOUBT: usize = 8 * 1024;

/// The longest word that is taken for the method of a request.
const LONGEST_METHOD: usize = 24;

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
    let told = match (begins_tls(bytes), sender) {
        (Some(true), _) => Some(Protocol::Tls),
        (Some(false), Sender::Client) => sniff_request(bytes),
        (Some(false), Sender::Server) => {
            prefix(bytes, b"HTTP/").map(|is| if is { Protocol::Http } else { Protocol::Frames })
        }
        (None, _) => None,
    };
    told.or((bytes.len() >= LONGEST_DOUBT).then_some(Protocol::Frames))
}

/// The same, where nothing more comes: HTTP that was cut is HTTP where its first word tells.
pub(super) fn sniff_last(sender: Sender, bytes: &[u8]) -> Protocol {
    let http = match sender {
        Sender::Client => bytes.windows(6).any(|six| six == b" HTTP/"),
        Sender::Server => bytes.starts_with(b"HTTP"),
    };
    let cut = if http { Protocol::Http } else { Protocol::Frames };
    sniff(sender, bytes).unwrap_or(cut)
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

/// A request line: a word of letters, then a path; or a target of another form, and `HTTP/` before the end.
fn sniff_request(bytes: &[u8]) -> Option<Protocol> {
    let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let line = bytes.get(blank.min(2)..).unwrap_or_default();
    let method = line.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'-').count();
    match (line.get(method), line.get(method + 1)) {
        (None, _) if method <= LONGEST_METHOD => return None,
        (Some(b' '), Some(b'/')) if (1..=LONGEST_METHOD).contains(&method) => return Some(Protocol::Http),
        (Some(b' '), _) if (1..=LONGEST_METHOD).contains(&method) => {}
        _ => return Some(Protocol::Frames),
    }
    let line = line.get(..memchr(b'\n', line)?).unwrap_or_default();
    Some(match line.windows(6).any(|six| six == b" HTTP/") {
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
        for (sender, bytes, want, last) in [
            (Client, &b"GET / HTTP/1.1\r\n"[..], Some(Http), Http),
            (Client, b"\r\nget /chat HTTP/1.1\r\n", Some(Http), Http),
            (Client, b"GET /", Some(Http), Http),
            (Client, b"GET ", None, Frames),
            (Client, b"GET http://a/ HTTP/1", None, Http),
            (Client, b"CONNECT a:443 HTTP/1.1\r\n", Some(Http), Http),
            (Client, b"\x81\x85", Some(Frames), Frames),
            (Client, b"Message from the client\n", Some(Frames), Frames),
            (Client, b"Message from the client", None, Frames),
            (Client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Some(Http2), Http2),
            (Client, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", Some(Tls), Tls),
            (Server, b"\x16\x03\x03\x00\x7a\x02", Some(Tls), Tls),
            (Client, b"\x16\x03\x01\x02\x00", None, Frames),
            (Client, b"\x16\x03\x01\x02\x00\x80\x00", Some(Frames), Frames),
            (Client, b"\x16\x03\x05", Some(Frames), Frames),
            (Server, b"HTT", None, Frames),
            (Server, b"HTTP", None, Http),
            (Server, b"HTTP/1.1", Some(Http), Http),
            (Server, b"Hi, from the server!", Some(Frames), Frames),
        ] {
            assert_eq!(sniff(sender, bytes), want, "{}", bytes.escape_ascii());
            assert_eq!(sniff_last(sender, bytes), last, "{}, and no more", bytes.escape_ascii());
        }
    }

    #[test]
    fn doubt_ends_at_its_limit_however_the_bytes_are_cut() {
        let long = [b"GET ".to_vec(), vec![b'a'; LONGEST_DOUBT]].concat();
        assert_eq!(sniff(Sender::Client, &long[..LONGEST_DOUBT - 1]), None);
        assert_eq!(sniff(Sender::Client, &long[..LONGEST_DOUBT]), Some(Protocol::Frames));
    }
}

//! Who is the client, where the input does not say: the start line tells, or else the MASK bit.

use crate::session::segment::Roles;
use crate::wire::sender::Sender;

/// How far a start line is looked for.
pub(super) const START_LINE: usize = 8192;

/// How far the end of a head is looked for.
const HEAD: usize = 64 * 1024;

/// Who sends a stream that begins with `head`, and how that is known.
pub(super) fn infer(head: &[u8]) -> (Sender, Roles) {
    if is_status_line(head) {
        (Sender::Server, Roles::StatusLine)
    } else if is_request_line(head) {
        (Sender::Client, Roles::RequestLine)
    } else {
        // RFC 6455 §5.1: a client masks every frame, a server none. Byte 1 begins with the MASK bit (§5.2).
        let masked = head.get(1).is_some_and(|byte| byte & 0x80 != 0);
        (if masked { Sender::Client } else { Sender::Server }, Roles::MaskBit)
    }
}

/// Whether the bytes begin with an HTTP status line (RFC 9112 §4).
pub(super) fn is_status_line(head: &[u8]) -> bool {
    head.starts_with(b"HTTP/")
}

/// Whether the bytes begin with an HTTP request line (RFC 9112 §3): a method, a target, a version.
pub(super) fn is_request_line(head: &[u8]) -> bool {
    let line = head.get(..START_LINE).unwrap_or(head);
    let whole = memchr::memchr(b'\n', line);
    let line = whole.and_then(|end| line.get(..end)).unwrap_or(line).trim_ascii_end();
    let mut words = line.split(|byte| *byte == b' ' || *byte == b'\t').filter(|word| !word.is_empty());
    let method = words.next().unwrap_or_default();
    let version = words.next_back().unwrap_or_default();
    let is_method =
        !method.is_empty() && method.iter().all(u8::is_ascii_alphabetic) && line.starts_with(method);
    let is_version = version.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"HTTP/"));
    is_method && (is_version || whole.is_none() && method == b"GET" && version.starts_with(b"/"))
}

/// Whether more bytes could not change what [`infer`] and [`response_behind_request`] say.
pub(super) fn is_settled(head: &[u8]) -> bool {
    if head.len() >= HEAD || head.len() >= 2 && !head.first().is_some_and(u8::is_ascii_alphabetic) {
        return true;
    }
    let line_is_whole = head.len() >= START_LINE || memchr::memchr(b'\n', head).is_some();
    if !line_is_whole || !is_request_line(head) {
        return line_is_whole;
    }
    let behind = head_end(head).and_then(|end| head.get(end..));
    behind.is_some_and(|behind| behind.len() >= 5 || !b"HTTP/".starts_with(behind))
}

/// Where a response begins right behind the head of a request: somebody joined the two sides.
pub(super) fn response_behind_request(bytes: &[u8]) -> Option<usize> {
    if !is_request_line(bytes) {
        return None;
    }
    let end = head_end(bytes)?;
    bytes.get(end..).is_some_and(is_status_line).then_some(end)
}

/// Behind the empty line that ends a head.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut line_start = 0;
    for end in memchr::memchr_iter(b'\n', bytes.get(..HEAD).unwrap_or(bytes)) {
        if matches!(bytes.get(line_start..end), Some(b"" | b"\r")) {
            return Some(end + 1);
        }
        line_start = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_line_tells_the_sender() {
        assert_eq!(infer(b"GET /chat HTTP/1.1\r\n"), (Sender::Client, Roles::RequestLine));
        assert_eq!(infer(b"get /chat http/1.1 \n"), (Sender::Client, Roles::RequestLine));
        assert_eq!(infer(b"GET /ch"), (Sender::Client, Roles::RequestLine));
        assert_eq!(infer(b"HTTP/1.1 101 Web Socket"), (Sender::Server, Roles::StatusLine));
    }

    #[test]
    fn without_one_the_mask_bit_is_the_evidence() {
        assert_eq!(infer(&[0x81, 0x94]), (Sender::Client, Roles::MaskBit));
        assert_eq!(infer(&[0x81, 0x14]), (Sender::Server, Roles::MaskBit));
        assert_eq!(infer(b"GET\x81 HTTP/1.1"), (Sender::Server, Roles::MaskBit));
        assert_eq!(infer(b""), (Sender::Server, Roles::MaskBit));
    }

    #[test]
    fn a_response_may_follow_a_request_at_once() {
        let both = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nHTTP/1.1 101 OK\r\n\r\n";
        assert_eq!(response_behind_request(both), Some(27));
        assert_eq!(response_behind_request(b"GET / HTTP/1.1\n\nHTTP/1.1 101"), Some(16));
        assert_eq!(response_behind_request(b"GET / HTTP/1.1\r\n\r\n\x81\x94"), None);
        assert_eq!(response_behind_request(b"GET / HTTP/1.1\r\nHTTP/1.1 101"), None);
        assert_eq!(response_behind_request(b"HTTP/1.1 101"), None);
    }
}

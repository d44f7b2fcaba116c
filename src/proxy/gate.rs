//! Reads the heads of a client's requests whole before they pass.
//!
//! A head must be whole before it is known where it goes, whether it is too long, and what the user wants changed
//! in it. Nothing else is ever held: bodies pass as they come, and so does all that is no HTTP.

use memchr::memchr;

use crate::wire::body::Body;
use crate::wire::head::{Head, HeadReader, Progress, StartLine};
use crate::wire::list;

/// The longest word that is taken for a method.
const LONGEST_METHOD: usize = 24;

/// What a client's stream is at.
#[derive(Debug)]
pub(super) enum Gate {
    /// In a head, or at the place where one may begin; and whether its first line was seen to be a request's.
    Head(HeadReader, bool),
    /// In a body.
    Body(Body),
    /// The client asked for another protocol: everything passes, until the answer tells.
    Asked,
    /// Everything passes.
    Pass,
}

/// What a gate makes of bytes.
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing can pass yet: these bytes are held.
    Hold,
    /// So many bytes pass as they are.
    Pass(usize),
    /// A request's head is whole; so many of the bytes belong to it.
    Head(usize, Box<Head>),
    /// All that was held, and so many of these bytes, are no HTTP that is known here, and pass as they are.
    NotHttp(Vec<u8>, usize),
    /// The head is longer than what is read.
    TooLong,
}

impl Default for Gate {
    fn default() -> Self {
        Self::Head(HeadReader::default(), false)
    }
}

impl Gate {
    /// Whether bytes of a head are held.
    pub(super) fn holds(&self) -> bool {
        !self.held().is_empty()
    }

    /// The bytes that are held.
    pub(super) fn held(&self) -> &[u8] {
        match self {
            Self::Head(reader, _) => reader.bytes(),
            Self::Body(_) | Self::Asked | Self::Pass => &[],
        }
    }

    /// The answer to a request came: after a refusal to switch HTTP goes on.
    pub(super) fn answered(&mut self, status: u16) {
        if matches!(self, Self::Asked) && !matches!(status, 100 | 102..=199) {
            *self = if status == 101 { Self::Pass } else { Self::default() };
        }
    }

    /// Whether all bytes pass as they come, and nothing needs to be looked at.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Asked | Self::Pass)
    }

    /// Looks at the next bytes; to be called again with what the step leaves over.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Step {
        match self {
            Self::Asked | Self::Pass => Step::Pass(bytes.len()),
            Self::Body(body) => {
                let (taken, over) = body.feed(bytes);
                if over {
                    *self = Self::default();
                }
                Step::Pass(taken)
            }
            Self::Head(..) => self.head(bytes),
        }
    }

    fn head(&mut self, bytes: &[u8]) -> Step {
        let Self::Head(reader, sure) = self else { return Step::Pass(bytes.len()) };
        let before = reader.bytes().len();
        let (taken, progress) = reader.feed(bytes);
        // The first line tells at its start and at its end; in between there is nothing new to look at.
        let news = before <= 2 * LONGEST_METHOD || memchr(b'\n', bytes).is_some();
        match (!*sure && news).then(|| may_be_request(reader.bytes())).flatten() {
            Some(true) => *sure = true,
            Some(false) => {
                let held = std::mem::take(reader).finish().raw().to_vec();
                *self = Self::Pass;
                return Step::NotHttp(held, taken);
            }
            None => {}
        }
        match progress {
            Progress::More => Step::Hold,
            Progress::TooLong => Step::TooLong,
            Progress::Whole => {
                let head = std::mem::take(reader).finish();
                *self = Self::behind(&head);
                Step::Head(taken, Box::new(head))
            }
        }
    }

    /// What follows a head: another protocol may, if the client asks for one; then only its answer tells.
    fn behind(head: &Head) -> Self {
        let upgrades = head.first("upgrade").is_some()
            && head.all("connection").any(|line| list::has_token(&head.value(line), "upgrade"));
        match Body::of_request(head) {
            _ if upgrades || head.method() == Some(b"CONNECT") => Self::Asked,
            Body::UntilEnd => Self::Pass,
            Body::Length(0) => Self::default(),
            body => Self::Body(body),
        }
    }
}

/// Whether these bytes, the first of a head, are a request line of HTTP/1.x; none while too few are here.
fn may_be_request(bytes: &[u8]) -> Option<bool> {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let line = bytes.get(blank..).unwrap_or_default();
    let method = line.iter().take_while(|byte| is_token(**byte)).count();
    match line.get(method) {
        None => return (method > LONGEST_METHOD || blank > 2).then_some(false),
        Some(b' ') if (1..=LONGEST_METHOD).contains(&method) && blank <= 2 => {}
        Some(_) => return Some(false),
    }
    let end = memchr(b'\n', line)?;
    let head = Head::decode(line.get(..=end).unwrap_or_default().to_vec());
    let StartLine::Request { target, version, .. } = head.start else { return Some(false) };
    Some(target.len > 0 && head.at(version).starts_with(b"HTTP/1."))
}

/// Whether a byte may stand in a method (RFC 9110 §5.6.2).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes, with each head in brackets, when the bytes come in pieces of `size`.
    fn passed(bytes: &[u8], size: usize) -> (String, Gate) {
        let (mut gate, mut out) = (Gate::default(), String::new());
        for piece in bytes.chunks(size) {
            let mut rest = piece;
            while !rest.is_empty() {
                let taken = match gate.step(rest) {
                    Step::Hold => rest.len(),
                    Step::Pass(n) => {
                        out.push_str(&rest[..n].escape_ascii().to_string());
                        n
                    }
                    Step::Head(n, head) => {
                        out.push_str(&format!("[{}]", head.raw().escape_ascii()));
                        n
                    }
                    Step::NotHttp(held, n) => {
                        out.push_str(&held.escape_ascii().to_string());
                        n
                    }
                    Step::TooLong => {
                        out.push('!');
                        return (out, gate);
                    }
                };
                rest = &rest[taken..];
            }
        }
        (out, gate)
    }

    #[test]
    fn heads_are_told_from_bodies_however_they_are_cut() {
        let stream = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /a HTTP/1.1\r\n\r\n\
            PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n\
            GET /b HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x00GET / HTTP/1.1\r\n";
        let want = "[POST / HTTP/1.1\\r\\nContent-Length: 3\\r\\n\\r\\n]abc[GET /a HTTP/1.1\\r\\n\\r\\n]\
            [PUT / HTTP/1.1\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n]1\\r\\nx\\r\\n0\\r\\n\\r\\n\
            [GET /b HTTP/1.1\\r\\nConnection: keep-alive, Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n]\
            \\x81\\x00GET / HTTP/1.1\\r\\n";
        for size in 1..=stream.len() {
            assert_eq!(passed(stream, size).0, want, "pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_http_passes_at_once() {
        for bytes in [
            &b"\x16\x03\x01\x02\x00"[..],
            b"\x81\x85abc",
            b"hello world\n",
            b"GET /\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"a_word_that_is_much_longer_than_any_method",
            b"\r\n\r\n\r\nx",
        ] {
            for size in 1..=bytes.len() {
                let (out, gate) = passed(bytes, size);
                assert_eq!(out, bytes.escape_ascii().to_string());
                assert!(matches!(gate, Gate::Pass) && !gate.holds());
            }
        }
    }

    #[test]
    fn a_head_has_limits() {
        let long = [b"GET / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 70_000]].concat();
        assert_eq!(passed(&long, 1000).0, "!");
        let lines = [b"GET / HTTP/1.1\r\n".to_vec(), b"A: b\r\n".repeat(300)].concat();
        assert_eq!(passed(&lines, 1000).0, "!");
    }

    #[test]
    fn after_a_refusal_heads_are_read_again() {
        let mut gate = Gate::Asked;
        gate.answered(100);
        assert!(gate.is_open());
        gate.answered(403);
        assert!(matches!(gate.step(b"GET / HTTP/1.1\r\n\r\n"), Step::Head(18, _)));
        assert!(matches!(gate.step(b"GET"), Step::Hold));
        assert_eq!(gate.held(), b"GET");
    }
}

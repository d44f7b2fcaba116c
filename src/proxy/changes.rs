//! Every change to bytes that the proxy makes, and every byte that it says itself. There are no others.
//!
//! * `--rewrite-host` and `--rewrite-origin` change the value of Host and Origin, and nothing beside it.
//! * A forward proxy's duties: the target of an absolute-form request becomes origin-form (RFC 9112 §3.2.2), and
//!   the fields that are meant for a proxy stop here (RFC 9110 §7.6.1, §11.7).
//! * Our own answers: 200 to CONNECT, 431 to a head that is too long, 502 where the server cannot be reached.
//!
//! Each is given back as a [`Change`], to be shown when it happens.

use std::fmt;

use super::address::Upstream;
use crate::wire::head::{Head, StartLine};
use crate::wire::span::Span;

/// What the user asked to be changed in the heads of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// Host becomes the upstream's.
    pub host: bool,
    /// Origin becomes that of a page of the upstream's.
    pub origin: bool,
}

/// One change to one head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is about: `Host`, `the request target`.
    pub what: String,
    /// What the client sent.
    pub from: Vec<u8>,
    /// What was passed on; none where it was left out.
    pub to: Option<Vec<u8>>,
}

/// What a change of the request target is about.
const TARGET: &str = "the request target";

/// The most bytes of a value that are quoted.
const MOST_QUOTED: usize = 100;

/// The changes of one head: those that the user asked for with both values, and behind them in a few words what any forward
/// proxy does, since the head itself is shown as the client sent it.
#[derive(Debug)]
pub(super) struct Told<'a>(pub(super) &'a [Change]);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "changed on the way: ";
        for Change { what, from, to } in self.0 {
            if let Some(to) = to.as_ref().filter(|_| what != TARGET) {
                write!(f, "{before}{what} was {} and is passed on as {}", Quoted(from), Quoted(to))?;
                before = "; ";
            }
        }
        let mut before = if before == "; " { before } else { "" };
        if let Some(to) = self.0.iter().find(|change| change.what == TARGET).and_then(|it| it.to.as_ref()) {
            write!(f, "{before}passed on as {}", Quoted(to))?;
            before = ", ";
        } else if self.0.iter().any(|change| change.to.is_none()) {
            write!(f, "{before}passed on")?;
            before = " ";
        }
        for change in self.0.iter().filter(|change| change.to.is_none()) {
            write!(f, "{before}without {}", Cut(change.what.as_bytes()))?;
            before = " and ";
        }
        Ok(())
    }
}

/// Bytes of a peer, safe to print, and not too many of them.
struct Quoted<'a>(&'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Cut(self.0))
    }
}

/// The same without quotes.
struct Cut<'a>(&'a [u8]);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..MOST_QUOTED).filter(|_| self.0.len() > MOST_QUOTED) {
            Some(front) => write!(f, "{}... ({} bytes)", front.escape_ascii(), self.0.len()),
            None => self.0.escape_ascii().fmt(f),
        }
    }
}

/// A head as it is passed on.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) bytes: Vec<u8>,
    pub(super) changes: Vec<Change>,
}

/// The places of a head that are replaced, and by what.
struct Edits<'a> {
    head: &'a Head,
    edits: Vec<(Span, Vec<u8>)>,
    changes: Vec<Change>,
}

impl<'a> Edits<'a> {
    const fn of(head: &'a Head) -> Self {
        Self { head, edits: Vec::new(), changes: Vec::new() }
    }

    fn replace(&mut self, what: &str, span: Span, to: Vec<u8>) {
        let from = self.head.at(span).to_vec();
        if from != to {
            self.changes.push(Change { what: what.to_owned(), from, to: Some(to.clone()) });
            self.edits.push((span, to));
        }
    }

    fn values(&mut self, name: &str, to: &str) {
        for line in self.head.all(name) {
            self.replace(name, line.value, to.as_bytes().to_vec());
        }
    }

    /// Leaves a whole header line out, its line end included.
    fn remove(&mut self, line: Span, name: Span, value: Span) {
        let rest = self.head.raw().get(line.end()..).unwrap_or_default();
        let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        let what = String::from_utf8_lossy(self.head.at(name)).into_owned();
        self.changes.push(Change { what, from: self.head.at(value).to_vec(), to: None });
        self.edits.push((Span::between(line.at, line.end() + end), Vec::new()));
    }

    fn apply(mut self) -> Changed {
        self.edits.sort_by_key(|(span, _)| span.at);
        let (raw, mut at) = (self.head.raw(), 0);
        let mut bytes = Vec::with_capacity(raw.len() + 64);
        for (span, to) in &self.edits {
            bytes.extend_from_slice(raw.get(at..span.at).unwrap_or_default());
            bytes.extend_from_slice(to);
            at = span.end();
        }
        bytes.extend_from_slice(raw.get(at..).unwrap_or_default());
        Changed { bytes, changes: self.changes }
    }
}

/// A request's head as it goes to `upstream`.
pub(super) fn request(head: &Head, rewrite: Rewrite, upstream: &Upstream, forward: bool) -> Changed {
    let mut edits = Edits::of(head);
    if rewrite.host {
        edits.values("Host", &upstream.authority());
    }
    if rewrite.origin {
        edits.values("Origin", &upstream.origin());
    }
    if forward {
        duties(&mut edits);
    }
    edits.apply()
}

/// What a forward proxy must do to a head that it passes on.
fn duties(edits: &mut Edits<'_>) {
    if let StartLine::Request { target, .. } = edits.head.start
        && let Some(origin_form) = origin_form(edits.head.at(target))
    {
        edits.replace(TARGET, target, origin_form);
    }
    for line in &edits.head.headers {
        let name = edits.head.name(line);
        if name.get(..6).is_some_and(|front| front.eq_ignore_ascii_case(b"proxy-")) {
            edits.remove(line.line, line.name, line.value);
        }
    }
}

/// `/path?query` of `http://host/path?query`.
fn origin_form(target: &[u8]) -> Option<Vec<u8>> {
    let scheme = target.windows(3).position(|three| three == b"://")?;
    let rest = target.get(scheme + 3..)?;
    let path = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let path = rest.get(path..).unwrap_or_default();
    Some(if path.first() == Some(&b'/') { path.to_vec() } else { [b"/", path].concat() })
}

/// The answer to CONNECT: the tunnel stands.
pub(super) const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// The answer to a head that is longer than what is read.
pub(super) fn head_too_long() -> Vec<u8> {
    answer(
        "431 Request Header Fields Too Large",
        "wslens: the head of this request is longer than 64 KiB or has more than 256 lines.\n",
    )
}

/// The answer where the server behind cannot be reached, and why.
pub(super) fn bad_gateway(sentence: &str) -> Vec<u8> {
    answer("502 Bad Gateway", &format!("wslens: {sentence}\n"))
}

fn answer(status: &str, text: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{text}",
        text.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream() -> Upstream {
        "ws://localhost:8001".parse().expect("an upstream")
    }

    fn changed(head: &str, rewrite: Rewrite, forward: bool) -> (String, String) {
        let changed = request(&Head::decode(head.into()), rewrite, &upstream(), forward);
        (String::from_utf8(changed.bytes).expect("text"), Told(&changed.changes).to_string())
    }

    const HEAD: &str = "GET /a HTTP/1.1\r\nhost :  x:1 \r\nX: y\nOrigin: http://x:1\r\n\r\n";

    #[test]
    fn nothing_is_changed_unless_asked() {
        assert_eq!(changed(HEAD, Rewrite::default(), false), (HEAD.to_owned(), String::new()));
        assert_eq!(changed(HEAD, Rewrite::default(), true), (HEAD.to_owned(), String::new()));
    }

    #[test]
    fn a_rewritten_value_leaves_all_beside_it() {
        let head = HEAD.replace("host :", "host:");
        let (text, changes) = changed(&head, Rewrite { host: true, origin: true }, false);
        assert_eq!(
            text,
            "GET /a HTTP/1.1\r\nhost:  localhost:8001 \r\nX: y\nOrigin: http://localhost:8001\r\n\r\n"
        );
        assert_eq!(
            changes,
            "changed on the way: Host was \"x:1\" and is passed on as \"localhost:8001\"; Origin was \"http://x:1\" and \
             is passed on as \"http://localhost:8001\""
        );
    }

    #[test]
    fn a_forward_proxy_does_its_duties() {
        let head = "GET http://a:1/b?c HTTP/1.1\r\nProxy-Connection: keep-alive\r\nA: b\r\n\r\n";
        let (text, changes) = changed(head, Rewrite::default(), true);
        assert_eq!(text, "GET /b?c HTTP/1.1\r\nA: b\r\n\r\n");
        assert_eq!(changes, "passed on as \"/b?c\", without Proxy-Connection");
        let head = "GET /b HTTP/1.1\r\nHost: x\r\nproxy-a\x1b: 1\r\nPROXY-B: 2\r\n\r\n";
        let (text, changes) = changed(head, Rewrite { host: true, origin: false }, true);
        assert_eq!(text, "GET /b HTTP/1.1\r\nHost: localhost:8001\r\n\r\n");
        assert!(changes.ends_with("; passed on without proxy-a\\x1b and without PROXY-B"), "{changes}");
        let long = format!("GET http://a/{} HTTP/1.1\r\n\r\n", "b".repeat(60_000));
        assert!(changed(&long, Rewrite::default(), true).1.len() < 200);
        assert_eq!(origin_form(b"ws://a"), Some(b"/".to_vec()));
        assert_eq!(origin_form(b"ws://a?b"), Some(b"/?b".to_vec()));
        assert_eq!(origin_form(b"/a"), None);
    }

    #[test]
    fn an_answer_of_ours_has_the_length_that_it_says() {
        let text = String::from_utf8(bad_gateway("no")).expect("text");
        assert!(text.contains("Content-Length: 11\r\n") && text.ends_with("\r\n\r\nwslens: no\n"));
    }
}

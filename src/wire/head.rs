//! The head of an HTTP/1.1 message: start line, header lines, blank line (RFC 9112 §2–§5).
//!
//! The reader is lenient, because it shows what was sent: a bare LF ends a line, a folded line goes on, a line
//! without a colon is a line. Nothing is repaired; where each piece stands is kept, so that rules can point.

use std::borrow::Cow;

use memchr::memchr;

use super::span::Span;

/// The longest head that is read, in bytes.
pub const LONGEST_HEAD: usize = 64 * 1024;

/// The most lines of a head that are read.
pub const MOST_LINES: usize = 256;

/// Gathers a head that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct HeadReader {
    bytes: Vec<u8>,
    line_start: usize,
    lines: usize,
}

/// How far a [`HeadReader`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The blank line has not come yet.
    More,
    /// The head is whole.
    Whole,
    /// The head is longer than [`LONGEST_HEAD`] or has more than [`MOST_LINES`] lines.
    TooLong,
}

impl HeadReader {
    /// Takes bytes from the front of `piece`, up to the end of the head, and says how many.
    pub fn feed(&mut self, piece: &[u8]) -> (usize, Progress) {
        let mut taken = 0;
        while let Some(rest) = piece.get(taken..).filter(|rest| !rest.is_empty()) {
            let line = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let room = LONGEST_HEAD - self.bytes.len();
            let len = line.min(room);
            self.bytes.extend_from_slice(rest.get(..len).unwrap_or_default());
            taken += len;
            if len < line || (room == len && self.bytes.last() != Some(&b'\n')) {
                return (taken, Progress::TooLong);
            }
            if self.bytes.last() == Some(&b'\n') {
                match self.end_line() {
                    Progress::More => {}
                    ended => return (taken, ended),
                }
            }
        }
        (taken, Progress::More)
    }

    /// What there is of the head.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The head, as far as it came.
    #[must_use]
    pub fn finish(self) -> Head {
        Head::decode(self.bytes)
    }

    fn end_line(&mut self) -> Progress {
        let line = self.bytes.get(self.line_start..).unwrap_or_default();
        let blank = matches!(line, b"\n" | b"\r\n");
        self.line_start = self.bytes.len();
        self.lines += 1;
        match () {
            () if blank && self.lines > 1 => Progress::Whole,
            () if self.lines > MOST_LINES || self.bytes.len() >= LONGEST_HEAD => Progress::TooLong,
            () => Progress::More,
        }
    }
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// CR LF, as it should.
    Crlf,
    /// LF alone.
    Lf,
    /// The head was cut here.
    Cut,
}

/// One header line, with the lines folded onto it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// The whole line, without its end.
    pub line: Span,
    /// The name: what stands before the colon; the whole line where there is none.
    pub name: Span,
    /// The value, without white space at its ends.
    pub value: Span,
    /// Whether there is a colon.
    pub colon: bool,
    /// How many lines were folded onto it (obs-fold, RFC 9112 §5.2).
    pub folds: usize,
    /// How it ends.
    pub end: LineEnd,
}

/// The first line: a request's or a response's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartLine {
    /// `GET /chat HTTP/1.1`
    Request {
        /// `GET`
        method: Span,
        /// `/chat`
        target: Span,
        /// `HTTP/1.1`; of no length where it is missing.
        version: Span,
    },
    /// `HTTP/1.1 101 Switching Protocols`
    Response {
        /// `HTTP/1.1`
        version: Span,
        /// `101`
        status: Span,
        /// `Switching Protocols`
        reason: Span,
    },
}

/// A head as it was sent, and where each piece of it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    raw: Vec<u8>,
    /// The first line, without its end.
    pub first_line: Span,
    /// How the first line ends.
    pub first_line_end: LineEnd,
    /// The pieces of the first line.
    pub start: StartLine,
    /// The header lines, in their order.
    pub headers: Vec<HeaderLine>,
}

impl Head {
    /// Reads a head; `raw` need not be whole. Blank lines before the first line are passed over (RFC 9112 §2.2).
    #[must_use]
    pub fn decode(raw: Vec<u8>) -> Self {
        let mut lines = Lines { raw: &raw, next: 0 };
        let (first_line, first_line_end) =
            lines.by_ref().find(|(line, _)| line.len > 0).unwrap_or((Span::default(), LineEnd::Cut));
        let mut headers: Vec<HeaderLine> = Vec::new();
        for (line, end) in lines {
            let folded = matches!(line.of(&raw).first(), Some(b' ' | b'\t'));
            match headers.last_mut() {
                _ if line.len == 0 => break,
                Some(last) if folded => last.fold(line, end, &raw),
                _ => headers.push(HeaderLine::decode(line, end, &raw)),
            }
        }
        let start = StartLine::decode(first_line, &raw);
        Self { raw, first_line, first_line_end, start, headers }
    }

    /// The bytes of the head, as they were sent.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The bytes at a place of the head.
    #[must_use]
    pub fn at(&self, span: Span) -> &[u8] {
        span.of(&self.raw)
    }

    /// The name of a header line.
    #[must_use]
    pub fn name(&self, line: &HeaderLine) -> &[u8] {
        self.at(line.name)
    }

    /// The value of a header line; a fold reads as one space.
    #[must_use]
    pub fn value(&self, line: &HeaderLine) -> Cow<'_, [u8]> {
        let value = self.at(line.value);
        if line.folds == 0 { Cow::Borrowed(value) } else { Cow::Owned(unfold(value)) }
    }

    /// The header lines with this name; case does not matter (RFC 9110 §5.1).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HeaderLine> {
        self.headers.iter().filter(move |line| self.name(line).eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The first header line with this name.
    #[must_use]
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a HeaderLine> {
        self.all(name).next()
    }

    /// The value of the first header line with this name.
    #[must_use]
    pub fn first_value<'a>(&'a self, name: &'a str) -> Option<Cow<'a, [u8]>> {
        self.first(name).map(|line| self.value(line))
    }

    /// The method of a request.
    #[must_use]
    pub fn method(&self) -> Option<&[u8]> {
        match self.start {
            StartLine::Request { method, .. } => Some(self.at(method)),
            StartLine::Response { .. } => None,
        }
    }

    /// The status code of a response: three digits.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let StartLine::Response { status, .. } = self.start else { return None };
        match *self.at(status) {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_digit) => {
                Some([a, b, c].iter().fold(0, |n, d| n * 10 + u16::from(d - b'0')))
            }
            _ => None,
        }
    }

    /// The version in the first line: `HTTP/1.1`.
    #[must_use]
    pub fn version(&self) -> &[u8] {
        match self.start {
            StartLine::Request { version, .. } | StartLine::Response { version, .. } => self.at(version),
        }
    }
}

impl HeaderLine {
    fn decode(line: Span, end: LineEnd, raw: &[u8]) -> Self {
        let colon = memchr(b':', line.of(raw));
        let name = Span { at: line.at, len: colon.unwrap_or(line.len) };
        let value = Span::between(colon.map_or(line.end(), |at| line.at + at + 1), line.end()).trimmed(raw);
        Self { line, name, value, colon: colon.is_some(), folds: 0, end }
    }

    fn fold(&mut self, line: Span, end: LineEnd, raw: &[u8]) {
        self.line = Span::between(self.line.at, line.end());
        self.value = Span::between(self.value.at, line.end()).trimmed(raw);
        self.folds += 1;
        self.end = end;
    }

    /// Whether white space stands between name and colon (RFC 9112 §5.1 forbids it).
    #[must_use]
    pub fn space_before_colon(&self, raw: &[u8]) -> bool {
        self.colon && self.name.of(raw).last().is_some_and(|b| matches!(b, b' ' | b'\t'))
    }
}

impl StartLine {
    fn decode(line: Span, raw: &[u8]) -> Self {
        let [first, second, third] = three_words(line, raw);
        if line.of(raw).starts_with(b"HTTP/") {
            Self::Response { version: first, status: second, reason: third }
        } else {
            Self::Request { method: first, target: second, version: third }
        }
    }
}

/// Cuts a line at its first two spaces; a response's reason may hold more of them.
fn three_words(line: Span, raw: &[u8]) -> [Span; 3] {
    let mut at = line.at;
    let mut next = || {
        let rest = Span::between(at, line.end());
        let len = memchr(b' ', rest.of(raw)).unwrap_or(rest.len);
        at = (rest.at + len + 1).min(line.end());
        Span { at: rest.at, len }
    };
    let (first, second) = (next(), next());
    [first, second, Span::between(at, line.end())]
}

fn unfold(value: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(value.len());
    for (i, line) in value.split(|&b| b == b'\n').enumerate() {
        let line = line.trim_ascii();
        if i > 0 && !line.is_empty() {
            joined.push(b' ');
        }
        joined.extend_from_slice(line);
    }
    joined
}

/// The lines of a head, each without its end.
struct Lines<'a> {
    raw: &'a [u8],
    next: usize,
}

impl Iterator for Lines<'_> {
    type Item = (Span, LineEnd);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.raw.get(self.next..).filter(|rest| !rest.is_empty())?;
        let start = self.next;
        let Some(lf) = memchr(b'\n', rest) else {
            self.next = self.raw.len();
            return Some((Span::between(start, self.raw.len()), LineEnd::Cut));
        };
        self.next = start + lf + 1;
        let crlf = lf > 0 && rest.get(lf - 1) == Some(&b'\r');
        let (len, end) = if crlf { (lf - 1, LineEnd::Crlf) } else { (lf, LineEnd::Lf) };
        Some((Span { at: start, len }, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nx-odd :  b \n folded\t\r\nno colon\r\n\r\n";

    #[test]
    fn a_head_ends_at_the_blank_line_however_it_is_cut() {
        let mut whole = REQUEST.to_vec();
        whole.extend_from_slice(b"\x81\x00");
        for cut in 0..whole.len() {
            let mut reader = HeadReader::default();
            let (first, progress) = reader.feed(&whole[..cut]);
            let taken =
                if progress == Progress::Whole { first } else { first + reader.feed(&whole[first..]).0 };
            assert_eq!(taken, REQUEST.len(), "cut at {cut}");
            assert_eq!(reader.finish().raw(), REQUEST);
        }
    }

    #[test]
    fn odd_lines_are_kept_as_they_were() {
        let head = Head::decode(REQUEST.to_vec());
        assert_eq!(head.method(), Some(&b"GET"[..]));
        assert_eq!(head.version(), b"HTTP/1.1");
        let odd = head.first("x-odd ").expect("the name keeps its space");
        assert!(odd.space_before_colon(head.raw()));
        assert_eq!((odd.folds, odd.end), (1, LineEnd::Crlf));
        assert_eq!(&*head.value(odd), b"b folded");
        assert!(!head.headers[2].colon);
        assert_eq!(head.headers.len(), 3);
    }

    #[test]
    fn a_status_line_with_and_without_a_reason() {
        for (line, status, reason) in [
            ("HTTP/1.1 101 Web Socket\r\n\r\n", Some(101), "Web Socket"),
            ("HTTP/1.1 101\r\n\r\n", Some(101), ""),
            ("HTTP/1.1 1x1 No\r\n\r\n", None, "No"),
        ] {
            let head = Head::decode(line.into());
            assert_eq!(head.status(), status);
            let StartLine::Response { reason: span, .. } = head.start else { panic!("a response") };
            assert_eq!(head.at(span), reason.as_bytes());
        }
    }

    #[test]
    fn a_head_that_never_ends_is_given_up() {
        let mut reader = HeadReader::default();
        let (taken, progress) = reader.feed(&vec![b'a'; 2 * LONGEST_HEAD]);
        assert_eq!((taken, progress), (LONGEST_HEAD, Progress::TooLong));
        let mut reader = HeadReader::default();
        let (taken, progress) = reader.feed("a\n".repeat(MOST_LINES + 9).as_bytes());
        assert_eq!((taken, progress), (2 * MOST_LINES + 2, Progress::TooLong));
    }
}

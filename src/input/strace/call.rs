//! One line of strace: which call on which file, and the bytes in its strings.

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::memmem;

use crate::input::error::Fault;
use crate::input::escaped;
use crate::input::literal::{Unit, unit};
use crate::input::stamp::stamp;
use crate::input::text::Line;
use crate::session::segment::Time;

/// A call that did something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The number of the file.
    pub number: u32,
    pub time: Option<Time>,
    /// Whether it is a call that only connections know.
    pub is_network: bool,
    pub kind: Kind,
}

/// What a call did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Write(Vec<Piece>),
    /// Without any piece: the other side has ended its stream.
    Read(Vec<Piece>),
    Connect,
    /// A file with this number began, which is a connection that somebody else opened.
    Accept(u32),
    /// A file with this number began.
    Open(u32),
    Close,
    /// The program has nothing more to send.
    Shutdown,
    /// The connection was reset.
    Cut,
}

/// Bytes of a string, and how many of it were not printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub bytes: Vec<u8>,
    pub lost: u64,
}

/// Calls that began, by the process.
pub(super) type Unfinished = HashMap<Vec<u8>, Vec<u8>>;

/// The call in a line, if it is one that matters here.
pub(super) fn parse(line: Line<'_>, unfinished: &mut Unfinished) -> Result<Option<Call>, Fault> {
    let (process, line) = behind_process(line);
    let (time, len) = stamp(line.text).map_or((None, 0), |(time, len)| (Some(time), len));
    let line = line.skip(len).trimmed();
    let mut text = Cow::Borrowed(line.text);
    let mut name_line = line;
    if let Some(resumed) = line.behind(b"<... ") {
        let begun = unfinished.remove(process).unwrap_or_default();
        let rest = memmem::find(resumed.text, b"resumed>").map(|at| resumed.skip(at + 8)).unwrap_or(resumed);
        text = Cow::Owned([&begun, rest.text].concat());
        name_line = resumed;
    }
    let Some(name) = name(name_line) else { return Ok(None) };
    if let Some(begun) = text.strip_suffix(b"<unfinished ...>") {
        unfinished.insert(process.to_vec(), begun.trim_ascii_end().to_vec());
        return Ok(None);
    }
    let whole = Line { at: line.at, text: &text };
    let Some((kind, number)) = kind(name, whole)? else { return Ok(None) };
    let is_network = matches!(name, "send" | "sendto" | "sendmsg" | "recv" | "recvfrom" | "recvmsg");
    Ok(Some(Call { number, time, is_network, kind }))
}

/// Behind `[pid 123]` or `123`, and that number.
fn behind_process(line: Line<'_>) -> (&[u8], Line<'_>) {
    let line = line.trimmed();
    let inside = line.behind(b"[pid").map_or(line, Line::trimmed);
    let len = inside.text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = inside.skip(len);
    let end = if inside.at > line.at { rest.behind(b"]") } else { rest.behind(b" ") };
    match end {
        Some(rest) if len > 0 => (inside.text.get(..len).unwrap_or_default(), rest.trimmed()),
        _ => (&[], line),
    }
}

/// The name at the front.
fn name(line: Line<'_>) -> Option<&str> {
    let len = line.text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    matches!(line.text.get(len), Some(b'(' | b' '))
        .then(|| std::str::from_utf8(line.text.get(..len)?).ok())?
}

/// What the call did, and the number of its file.
fn kind(name: &str, line: Line<'_>) -> Result<Option<(Kind, u32)>, Fault> {
    let Some(open) = memchr::memchr(b'(', line.text) else { return Ok(None) };
    let arguments = line.skip(open + 1);
    let Some(end) = memmem::rfind(arguments.text, b" = ") else { return Ok(None) };
    let result = std::str::from_utf8(arguments.text.get(end + 3..).unwrap_or_default()).unwrap_or_default();
    let value = number(result);
    let file = number(
        std::str::from_utf8(arguments.text.get(..end.min(12)).unwrap_or_default()).unwrap_or_default(),
    );
    let arguments = Line { text: arguments.text.get(..end).unwrap_or_default(), ..arguments };
    let in_progress = result.starts_with("-1 EINPROGRESS");
    let kind = match (name, value, file) {
        ("connect", _, Some(_)) if (value.is_some() || in_progress) && has_inet(arguments) => Kind::Connect,
        ("accept" | "accept4", Some(new), _) => return Ok(Some((Kind::Accept(new), new))),
        ("socket" | "open" | "openat" | "dup", Some(new), _) => return Ok(Some((Kind::Open(new), new))),
        ("close", Some(_), Some(_)) => Kind::Close,
        ("shutdown", Some(_), Some(_)) if memmem::find(arguments.text, b"SHUT_RD)").is_none() => {
            Kind::Shutdown
        }
        ("write" | "send" | "sendto" | "sendmsg" | "writev", Some(len), Some(_)) if len > 0 => {
            Kind::Write(pieces(arguments, len.into())?)
        }
        ("read" | "recv" | "recvfrom" | "recvmsg" | "readv", Some(len), Some(_)) => {
            Kind::Read(pieces(arguments, len.into())?)
        }
        (_, None, Some(_)) if result.starts_with("-1 ECONNRESET") => Kind::Cut,
        _ => return Ok(None),
    };
    Ok(file.map(|file| (kind, file)))
}

fn has_inet(arguments: Line<'_>) -> bool {
    memmem::find(arguments.text, b"AF_INET").is_some()
}

/// The number at the front; none where it is negative or none is there.
fn number(text: &str) -> Option<u32> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..len)?.parse().ok()
}

/// The strings of a call that moved `len` bytes.
fn pieces(arguments: Line<'_>, len: u64) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let mut left = len;
    let mut rest = arguments;
    while left > 0 {
        let Some(open) = memchr::memchr(b'"', rest.text) else { break };
        let is_part = rest.text.get(..open).is_some_and(|before| before.ends_with(b"iov_base="));
        let string = rest.skip(open + 1);
        let Some(end) = escaped::end(string.text, b'"') else {
            return Err(Fault::new(rest.at + open, "this string has no end: the line was cut"));
        };
        rest = string.skip(end + 1);
        let part_len = is_part.then(|| iov_len(rest)).flatten().unwrap_or(left).min(left);
        let mut bytes = decode(Line { text: string.text.get(..end).unwrap_or_default(), ..string })?;
        bytes.truncate(usize::try_from(part_len).unwrap_or(usize::MAX));
        let lost = part_len - bytes.len() as u64;
        left -= part_len;
        pieces.push(Piece { bytes, lost });
        if !is_part {
            break;
        }
    }
    if left > 0 {
        pieces.push(Piece { bytes: Vec::new(), lost: left });
    }
    Ok(pieces)
}

/// `, iov_len=5` behind a string.
fn iov_len(rest: Line<'_>) -> Option<u64> {
    let near = rest.text.get(..40).unwrap_or(rest.text);
    let at = memmem::find(near, b"iov_len=")? + 8;
    number(std::str::from_utf8(near.get(at..)?).ok()?).map(u64::from)
}

fn decode(string: Line<'_>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(string.text.len() / 4 + 1);
    let mut rest = string;
    while !rest.text.is_empty() {
        let (unit, len) = unit(rest, true)?;
        match unit {
            Unit::Byte(byte) => bytes.push(byte),
            Unit::Plain(c) | Unit::Numbered(c) => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())
            }
            Unit::Nothing => {}
        }
        rest = rest.skip(len);
    }
    Ok(bytes)
}

//! JSON Lines: one object a line, one line an event, for programs.
//!
//! [`SCHEMA`] describes every field of every line. The writer is our own, because it stands on the path of every
//! frame: it appends constant text and hand-written values to one buffer, and serde_json only checks it in tests.
//!
//! A line is JSON whatever a peer sent, and safe to print. Payload of frames and messages stands in `text` where
//! the opcode says text and what is shown of it is UTF-8, and in `base64` otherwise. A compressed message shows its
//! payload inflated, its frames the compressed bytes, unmasked. What a
//! cap left out is counted in `payload_omitted`. A text that a cap cuts inside a character ends before it.

mod alike;
mod cursor;
mod digits;
mod end;
mod escape;
mod finding;
mod frame;
mod header;
mod http;
mod line;
mod message;
mod open;
mod part;
mod payload;
mod stop;

use std::io::{self, IoSlice, Write};

use self::alike::{Alike, Whose};
use self::finding::write_findings;
use self::header::FirstBytes;
use self::line::{Line, LineCursor};
use self::payload::{Payload, Written};
use super::collect::Shown;
use super::gathered::{self, Gathered};
use crate::rules::rule::Finding;
use crate::session::event::{Event, Kind, Opaque};

/// The JSON Schema (2020-12) of a line.
pub const SCHEMA: &str = include_str!("schema.json");

/// Bytes that are gathered before they are written.
const FULL: usize = 64 * 1024;

/// Bytes of room for them, and for what the last line has beyond.
const ROOM: usize = FULL + FULL / 2;

/// Bytes of room that are kept, once a long payload asked for more.
const MOST_ROOM: usize = 2 << 20;

/// Writes events as JSON Lines.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    line: Line,
    /// Bytes at the beginning of `line` that went out, and are there for the sake of a payload that comes again.
    gone: usize,
    written: Option<Written>,
    alike: Alike,
    first_bytes: &'static FirstBytes,
    cap: usize,
}

/// What every line says first.
#[derive(Clone, Copy, Debug)]
struct Common {
    whose: Whose,
    offset: u64,
    len: u64,
}

impl Common {
    const fn of(event: &Event<'_>) -> Self {
        let Event { connection, sender, time, time_end, offset, len, .. } = *event;
        Self { whose: Whose { connection, sender, time, time_end }, offset, len }
    }
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`, in pieces of about 64 KiB. Of opaque bytes `cap` are shown a line; for frames and messages
    /// the collector has its own.
    #[must_use]
    pub fn new(out: W, cap: usize) -> Self {
        let (alike, first_bytes) = (Alike::new(), FirstBytes::get());
        Self { out, line: Line::with_room(ROOM), gone: 0, written: None, alike, first_bytes, cap }
    }

    /// Another that writes the same lines, to somewhere else.
    #[must_use]
    pub fn part<V: Write>(&self, out: V) -> JsonLines<V> {
        JsonLines::new(out, self.cap)
    }

    /// Bytes that were gathered, and not written.
    #[must_use]
    pub const fn gathered(&self) -> usize {
        self.line.len() - self.gone
    }

    /// Whether what was written last may be needed again: for the message of which it is the only frame.
    #[must_use]
    pub const fn waits_for_message(&self) -> bool {
        self.written.is_some()
    }

    /// Gives what was gathered away, and goes on in other memory; none where some of it was written already, or where it is so
    /// much that its memory is better kept.
    pub fn take(&mut self, room: Gathered) -> Option<Gathered> {
        if self.gone > 0 || self.line.room_in_all() > ROOM {
            return None;
        }
        self.written = None;
        let next = if room.has_room(ROOM) { Line::from(room) } else { Line::with_room(ROOM) };
        Some(std::mem::replace(&mut self.line, next).into())
    }

    /// Writes lines that others gathered, from where they stand.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn lines(&mut self, lines: &mut [IoSlice<'_>]) -> io::Result<()> {
        self.send_all()?;
        gathered::write_all(&mut self.out, lines)
    }

    /// Writes the line of a frame, a message or an event.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn show(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        match shown {
            Shown::Frame(frame) => self.frame(frame),
            Shown::Message(message) => self.message(message),
            Shown::Event(event) => self.event(event),
        }
    }

    /// Writes all that was gathered.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        self.send_all()?;
        self.out.flush()
    }

    /// What it was writing to; what was not flushed is lost.
    #[must_use]
    pub fn into_inner(self) -> W {
        self.out
    }

    /// The line of a finding on its own, as `wslens check --json` prints it: `file`, and the number of the frame
    /// where it is about one.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn finding(&mut self, file: &str, shown: &Shown<'_>, finding: &Finding) -> io::Result<()> {
        finding::write_alone(&mut self.line, file, shown, finding);
        self.spill()
    }

    /// Writes out what was gathered, where that is enough.
    #[inline(always)]
    fn spill(&mut self) -> io::Result<()> {
        if self.line.len() < FULL { Ok(()) } else { self.spill_now() }
    }

    #[inline(never)]
    fn spill_now(&mut self) -> io::Result<()> {
        if !self.written.as_ref().is_some_and(Written::is_long) {
            return self.send_all();
        }
        let more = self.line.since(self.gone);
        if more.len() >= FULL {
            self.out.write_all(more)?;
            self.gone = self.line.len();
        }
        Ok(())
    }

    /// Writes out all that was gathered, and forgets it.
    fn send_all(&mut self) -> io::Result<()> {
        self.out.write_all(self.line.since(self.gone))?;
        self.line.clear(MOST_ROOM);
        (self.gone, self.written) = (0, None);
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.raw("}\n");
        self.spill()
    }

    /// The line of a frame or a message: its beginning, of which `start` says which it is, and what `rest` writes behind its number.
    #[inline(always)]
    fn numbered<const N: usize>(
        &mut self,
        start: &[u8; N],
        common: &Common,
        findings: [&[Finding]; 2],
        number: u64,
        rest: impl FnOnce(&mut LineCursor<'_>, &Alike),
    ) {
        self.alike.is_of(common.whose);
        let Self { line, alike, .. } = self;
        let found = findings.iter().any(|findings| !findings.is_empty());
        if found {
            write_found(line, |to| write_common(to, start, alike, common), findings.into_iter().flatten());
        }
        line.with(|to| {
            if !found {
                write_common(to, start, alike, common);
                to.raw(b",\"findings\":[]");
            }
            to.raw(b",\"number\":");
            to.number(number);
            rest(to, alike);
        });
    }

    /// The beginning of any other line.
    fn begin<const N: usize>(&mut self, start: &[u8; N], event: &Event<'_>) -> &mut Line {
        let common = Common::of(event);
        self.alike.is_of(common.whose);
        let Self { line, alike, .. } = self;
        write_found(line, |to| write_common(to, start, alike, &common), event.findings);
        line
    }

    /// Frames and messages come from the collector whole: their pieces never come here.
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match &event.kind {
            Kind::Open(opening) => open::write(self.begin(br#"{"v":1,"type":"open""#, event), opening),
            Kind::Request(request) => {
                http::write_request(self.begin(br#"{"v":1,"type":"request""#, event), request);
            }
            Kind::Response(response) => {
                http::write_response(self.begin(br#"{"v":1,"type":"response""#, event), response);
            }
            Kind::Opaque(opaque) => return self.opaque(event, opaque),
            Kind::Part(piece) => part::write_part(self.begin(br#"{"v":1,"type":"part""#, event), piece),
            Kind::Gap => {
                let line = self.begin(br#"{"v":1,"type":"gap""#, event);
                line.raw(",\"lost\":");
                line.number(event.len);
            }
            Kind::Resync(resync) => {
                let line = self.begin(br#"{"v":1,"type":"resync""#, event);
                line.raw(",\"headers\":");
                line.number(u64::from(resync.headers));
                line.raw(",\"bits\":");
                line.number(u64::from(resync.bits));
            }
            Kind::End(end) => end::write_end(self.begin(br#"{"v":1,"type":"end""#, event), end),
            Kind::FrameStart(_)
            | Kind::FrameCut(_)
            | Kind::Payload(_)
            | Kind::FrameEnd(_)
            | Kind::Inflated(_)
            | Kind::Message(_) => return Ok(()),
        }
        self.end_line()
    }

    fn opaque(&mut self, event: &Event<'_>, opaque: &Opaque<'_>) -> io::Result<()> {
        let line = self.begin(br#"{"v":1,"type":"opaque""#, event);
        line.raw(",\"why\":");
        line.string(opaque.why.name());
        // As many came as the event covers, whether all of them are here or not.
        let kept = opaque.bytes.get(..self.cap).unwrap_or(opaque.bytes);
        let omitted = event.len.saturating_sub(kept.len() as u64);
        self.payload(&Payload { kept, omitted, is_text: false, alone_in: None })
    }
}

/// The beginning of a line, and its findings.
#[inline(never)]
fn write_found<'a>(
    line: &mut Line,
    begin: impl FnOnce(&mut LineCursor<'_>),
    findings: impl IntoIterator<Item = &'a Finding>,
) {
    line.with(begin);
    line.raw(",\"findings\":[");
    write_findings(line, findings);
    line.raw("]");
}

/// What every line says first, up to its findings.
#[inline(always)]
fn write_common<const N: usize>(to: &mut LineCursor<'_>, start: &[u8; N], alike: &Alike, common: &Common) {
    to.raw(start);
    to.padded(alike.text());
    to.number(common.offset);
    to.raw(b",\"len\":");
    to.number(common.len);
}

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
mod end;
mod escape;
mod finding;
mod frame;
mod http;
mod line;
mod part;
mod payload;

use std::io::{self, Write};

use self::alike::{Alike, Whose};
use self::finding::write_findings;
use self::frame::FirstBytes;
use self::line::Line;
use super::collect::Shown;
use crate::rules::rule::Finding;
use crate::session::event::{Event, Kind, Opaque};
use crate::session::segment::{Opening, Roles};
use crate::wire::sender::Sender;

/// The JSON Schema (2020-12) of a line.
pub const SCHEMA: &str = include_str!("schema.json");

/// Bytes that are gathered before they are written.
const FULL: usize = 64 * 1024;

/// Writes events as JSON Lines.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    line: Line,
    alike: Alike,
    first_bytes: FirstBytes,
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
        let line = Line { bytes: Vec::with_capacity(FULL + FULL / 4) };
        Self { out, line, alike: Alike::default(), first_bytes: FirstBytes::new(), cap }
    }

    /// Another that writes the same lines, to somewhere else.
    #[must_use]
    pub fn part<V: Write>(&self, out: V) -> JsonLines<V> {
        JsonLines::new(out, self.cap)
    }

    /// Writes lines that another one wrote.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.len() < FULL {
            self.line.bytes.extend_from_slice(lines);
            return self.spill();
        }
        self.out.write_all(&self.line.bytes)?;
        self.line.bytes.clear();
        self.out.write_all(lines)
    }

    /// Writes the line of a frame, a message or an event.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn show(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        match shown {
            Shown::Frame(frame) => self.frame(frame)?,
            Shown::Message(message) => self.message(message)?,
            Shown::Event(event) => self.event(event)?,
        }
        self.line.raw("}\n");
        self.spill()
    }

    /// Writes all that was gathered.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.line.bytes)?;
        self.line.bytes.clear();
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

    fn spill(&mut self) -> io::Result<()> {
        if self.line.bytes.len() >= FULL {
            self.out.write_all(&self.line.bytes)?;
            self.line.bytes.clear();
        }
        Ok(())
    }

    /// The beginning of a line; `start` says its type.
    #[inline(always)]
    fn begin<'f>(
        &mut self,
        start: &'static str,
        common: &Common,
        findings: impl IntoIterator<Item = &'f Finding>,
    ) {
        let line = &mut self.line;
        line.raw(start);
        line.bytes.extend_from_slice(self.alike.text(common.whose));
        line.number(common.offset);
        line.raw(",\"len\":");
        line.number(common.len);
        line.raw(",\"findings\":[");
        write_findings(line, findings);
        line.raw("]");
    }

    /// Frames and messages come from the collector whole: their pieces never come here.
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let common = &Common::of(event);
        let found = event.findings;
        match &event.kind {
            Kind::Open(opening) => {
                self.begin(r#"{"v":1,"type":"open""#, common, found);
                write_opening(&mut self.line, opening);
            }
            Kind::Request(request) => {
                self.begin(r#"{"v":1,"type":"request""#, common, found);
                http::write_request(&mut self.line, request);
            }
            Kind::Response(response) => {
                self.begin(r#"{"v":1,"type":"response""#, common, found);
                http::write_response(&mut self.line, response);
            }
            Kind::Opaque(opaque) => {
                self.begin(r#"{"v":1,"type":"opaque""#, common, found);
                self.opaque(opaque, event.len)?;
            }
            Kind::Part(piece) => {
                self.begin(r#"{"v":1,"type":"part""#, common, found);
                part::write_part(&mut self.line, piece);
            }
            Kind::Gap => {
                self.begin(r#"{"v":1,"type":"gap""#, common, found);
                self.line.raw(",\"lost\":");
                self.line.number(event.len);
            }
            Kind::Resync(resync) => {
                self.begin(r#"{"v":1,"type":"resync""#, common, found);
                self.line.raw(",\"headers\":");
                self.line.number(u64::from(resync.headers));
                self.line.raw(",\"bits\":");
                self.line.number(u64::from(resync.bits));
            }
            Kind::End(end) => {
                self.begin(r#"{"v":1,"type":"end""#, common, found);
                end::write_end(&mut self.line, end);
            }
            Kind::FrameStart(_)
            | Kind::FrameCut(_)
            | Kind::Payload(_)
            | Kind::FrameEnd(_)
            | Kind::Inflated(_)
            | Kind::Message(_) => {}
        }
        Ok(())
    }

    /// `len` bytes came, whether all of them are here or not.
    fn opaque(&mut self, opaque: &Opaque<'_>, len: u64) -> io::Result<()> {
        self.line.raw(",\"why\":");
        self.line.string(opaque.why.name());
        let kept = opaque.bytes.get(..self.cap).unwrap_or(opaque.bytes);
        self.payload(kept, len.saturating_sub(kept.len() as u64), false)
    }
}

fn write_opening(line: &mut Line, opening: &Opening) {
    line.raw(",\"client\":");
    line.string_or_null(opening.client.as_deref());
    line.raw(",\"server\":");
    line.string_or_null(opening.server.as_deref());
    line.raw(",\"tls\":");
    line.bool(opening.tls);
    line.raw(",\"input\":");
    line.string(&opening.input);
    line.raw(",\"roles\":");
    line.string(match opening.roles {
        Roles::Marked => "marked",
        Roles::Given => "given",
        Roles::Syn => "syn",
        Roles::RequestLine => "request-line",
        Roles::StatusLine => "status-line",
        Roles::MaskBit => "mask-bit",
    });
    line.raw(",\"only\":");
    line.string_or_null(opening.only.map(Sender::name));
}

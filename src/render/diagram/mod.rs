//! The RFC's picture of a frame, 32 bits wide, with the frame's own bits in it (RFC 6455 §5.2).

mod fields;
mod picture;

use std::borrow::Cow;

use self::fields::fields;
use self::picture::{Picture, UPRIGHT, names};
use super::clock::Times;
use super::collect::{FrameHeader, Shown, WholeFrame};
use super::glyphs::Mark;
use super::lesson::Options;
use super::lesson::memory::Memory;
use super::lesson::message;
use super::lesson::title::{self, Place};
use super::number::{grouped, push_number};
use super::page::Page;
use super::palette::Role;
use super::payload::PayloadShown;
use crate::rules::rule::{Finding, Level};
use crate::session::event::{Event, Kind, Why};
use crate::session::per_connection::PerConnection;
use crate::session::segment::Time;
use crate::wire::frame::LONGEST_HEADER;

/// How far the picture is indented.
const INDENT: usize = 2;
/// The bytes of payload that are drawn, where not all of it is asked for.
const DRAWN: usize = 20;
/// The most bytes of one payload that are drawn: each of them takes a hundred of text.
const MOST_DRAWN: usize = 64 * 1024;

/// How many bytes of a payload are drawn, as they were sent.
#[must_use]
pub fn drawn(shown: PayloadShown) -> usize {
    if shown == PayloadShown::All { MOST_DRAWN } else { shown.cap().min(DRAWN) }
}

/// Draws frames.
#[derive(Debug)]
pub struct Diagram {
    options: Options,
    /// What stands above the first two bytes of every frame.
    names: [String; UPRIGHT],
    connections: PerConnection<Memory>,
    begun: bool,
    /// The latest time that was shown.
    latest: Option<Time>,
    /// Bytes before the first picture since [`begin_anew`](Self::begin_anew).
    lead: usize,
}

impl Diagram {
    /// Begins with no connection. It keeps the same options as the lesson.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let names = names(&options.page);
        let connections = PerConnection::default();
        Self { options, names, connections, begun: false, latest: None, lead: 0 }
    }

    /// Another for some of the connections, where no time depends on other ones.
    #[must_use]
    pub fn part(&self) -> Option<Self> {
        (self.options.times != Times::Delta).then(|| Self::new(self.options.clone()))
    }

    /// Takes back what a part remembers of connections that are not over.
    pub fn join(&mut self, part: Self) {
        self.connections.extend(part.connections);
    }

    /// What comes next may follow what another part shows.
    pub const fn begin_anew(&mut self) {
        (self.begun, self.lead) = (true, 0);
    }

    /// How many of the bytes that were written since then only part it from what comes before.
    #[must_use]
    pub const fn lead(&self) -> usize {
        self.lead
    }

    /// A part's text comes next, which begins with so many bytes to part it from others: how many of them are needed.
    pub const fn joint(&mut self, lead: usize) -> usize {
        if std::mem::replace(&mut self.begun, true) { lead } else { 0 }
    }

    /// Appends the picture of a frame; of other things, a line.
    pub fn show(&mut self, shown: &Shown<'_>, out: &mut String) {
        let (connection, time) = match shown {
            Shown::Frame(frame) => (frame.connection, frame.time),
            Shown::Message(message) => (message.event.connection, message.event.time),
            Shown::Event(event) => (event.connection, event.time),
        };
        let Options { page, payload, verbose, times, agreed } = &self.options;
        let new = || Memory::new(*verbose, *times, agreed);
        let memory = self.connections.get_or_insert_with(connection, new);
        memory.came(time, self.latest);
        let before = out.len();
        if self.begun {
            out.push('\n');
        }
        let start = out.len();
        match shown {
            Shown::Frame(frame) => draw(page, *payload, &self.names, memory, frame, out),
            // What has no frame has no picture.
            Shown::Message(whole) if whole.message.kept.is_some() => {
                message::message(page, *payload, memory, whole, out);
            }
            Shown::Message(_) => {}
            Shown::Event(event) => mention(page, memory, event, out),
        }
        if out.len() == start {
            out.truncate(before);
        } else {
            self.lead = self.lead.max(start - before);
            self.begun = true;
            self.latest = time.or(self.latest);
        }
        if let Shown::Event(Event { kind: Kind::End(end), .. }) = shown
            && end.connection.is_some()
        {
            self.connections.remove(connection);
        }
    }
}

/// What is no frame gets a line, so that no byte is passed over in silence.
fn mention(page: &Page, memory: &Memory, event: &Event<'_>, out: &mut String) {
    let what: Cow<'_, str> = match &event.kind {
        Kind::Open(_) => {
            let mut name = "connection ".to_owned();
            push_number(&mut name, u64::from(event.connection));
            return page.paragraph(out, 0, Role::Heading, &name);
        }
        Kind::Request(request) => page.safe(request.head.at(request.head.first_line)).into(),
        Kind::Response(response) => page.safe(response.head.at(response.head.first_line)).into(),
        Kind::Opaque(opaque) if opaque.why == Why::Reported => {
            let words = ["reported, not sent: ", &page.quoted(opaque.bytes.trim_ascii_end())].concat();
            return page.paragraph(out, 0, Role::Plain, &words);
        }
        Kind::Opaque(opaque) => opaque.why.says().into(),
        Kind::Gap => "bytes that are missing".into(),
        Kind::Resync(_) => "found again: a frame begins here".into(),
        _ => return,
    };
    let place =
        Place { sender: event.sender, offset: event.offset, len: event.len, time: event.time, end: None };
    title::line(page, memory, place, None, &what, out);
}

fn draw(
    page: &Page,
    shown: PayloadShown,
    names: &[String; UPRIGHT],
    memory: &Memory,
    frame: &WholeFrame<'_>,
    out: &mut String,
) {
    title::frame(page, memory, frame, false, out);
    let row = if page.width >= INDENT + 65 { 32 } else { 16 };
    let payload = frame.raw.get(..drawn(shown)).unwrap_or(frame.raw);
    let mut bytes = Vec::with_capacity(payload.len().saturating_add(LONGEST_HEADER));
    match &frame.header {
        FrameHeader::Whole(header) | FrameHeader::Begun(header) => header.encode(&mut bytes),
        FrameHeader::Cut(partial) => bytes.extend_from_slice(partial.bytes()),
    }
    let header_len = bytes.len();
    bytes.extend_from_slice(payload);
    let fields = fields(frame, header_len, payload.len());
    let picture = Picture { page, frame, fields, bytes, header_len, row, names };
    picture.ruler(out);
    picture.rows(out);
    more(page, frame, shown, payload.len(), out);
    findings(page, frame, out);
}

/// How much of the payload is not drawn, or did not come.
fn more(page: &Page, frame: &WholeFrame<'_>, shown: PayloadShown, drawn: usize, out: &mut String) {
    let left = frame.captured().saturating_sub(drawn as u64);
    if left > 0 {
        let why = if shown == PayloadShown::All { ", which are not drawn" } else { ": --payload all" };
        let words = [&grouped(left), " more bytes of payload", why].concat();
        page.paragraph(out, INDENT, Role::Dim, &words);
    }
    if frame.partial() {
        page.paragraph(out, INDENT, Role::Plain, "Here the frame breaks off: the rest of it did not come.");
    }
}

fn findings(page: &Page, frame: &WholeFrame<'_>, out: &mut String) {
    for Finding { rule, broken, .. } in frame.findings() {
        let mark = if rule.level == Level::Note { Mark::Dot } else { Mark::Bad };
        let mut words = [page.mark(mark), " ", rule.level.name(), " ", rule.id].concat();
        words.push_str(": ");
        words.push_str(&broken.found);
        for line in words.lines() {
            let line = page.safe(page.glyphs.say(line).as_bytes());
            page.paragraph(out, INDENT, Role::Finding, &line);
        }
    }
}

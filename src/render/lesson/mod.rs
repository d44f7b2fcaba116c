//! The lesson: everything that was said on a connection, byte by byte and bit by bit, with what it does.
//!
//! Each part is explained at length where it is first met on a connection; later it is terser. Each block of text is
//! written by one file: the opening, the handshake, a frame, a message, what is not WebSocket, the end.

mod cells;
mod control;
mod dump;
mod ending;
mod extended;
pub(super) mod finding;
mod frame;
mod grid;
mod handshake;
mod header;
mod headers;
pub(super) mod inflated;
pub(super) mod memory;
pub(super) mod message;
mod negotiation;
mod notes;
mod opaque;
mod open;
mod packets;
mod payload;
mod proof;
mod quote;
mod refusal;
mod resync;
mod rows;
mod story;
mod tally;
pub(super) mod title;
mod words;

use self::memory::Memory;
pub use self::payload::EXPLAINED;
use self::quote::Quote;
use self::rows::Rows;
use super::clock::Times;
use super::collect::{Shown, WholeMessage};
use super::number::Digits;
use super::page::Page;
use super::palette::Role;
use super::payload::PayloadShown;
use crate::session::agreed::Agreed;
use crate::session::event::{Event, Kind};
use crate::session::per_connection::PerConnection;
use crate::session::segment::Time;

/// What the lesson is told before it begins.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is written.
    pub page: Page,
    /// How much of each payload is shown.
    pub payload: PayloadShown,
    /// Whether everything is explained each time, not only the first.
    pub verbose: bool,
    /// From where times are counted, where they are known.
    pub times: Times,
    /// The extensions in use where the handshake is not seen.
    pub agreed: Agreed,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            page: Page::plain(),
            payload: PayloadShown::default(),
            verbose: false,
            times: Times::default(),
            agreed: Agreed::Unknown,
        }
    }
}

/// Writes the lesson, one block after the other.
#[derive(Debug)]
pub struct Lesson {
    options: Options,
    connections: PerConnection<Memory>,
    /// The connection that the last block spoke of.
    current: Option<u32>,
    /// The latest time that a block has shown.
    latest: Option<Time>,
    /// Bytes that part the first block since [`begin_anew`](Self::begin_anew) from one of another connection.
    lead: usize,
    rows: Rows,
    rest: Option<Rest>,
}

/// What is left of a frame or a message with a long payload.
#[derive(Debug)]
struct Rest {
    /// The next piece of the frame's dump.
    piece: usize,
    /// The message's quote, once it has begun.
    quote: Option<Quote>,
    /// The text behind the dump or the quote.
    behind: String,
}

/// What no connection has as its number.
const NONE: u32 = 0;

impl Lesson {
    /// Begins a lesson.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let (connections, rows) = (PerConnection::default(), Rows::default());
        Self { options, connections, current: None, latest: None, lead: 0, rows, rest: None }
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
        (self.current, self.lead) = (Some(NONE), 0);
    }

    /// How many of the bytes that were written since then only part it from what comes before.
    #[must_use]
    pub const fn lead(&self) -> usize {
        self.lead
    }

    /// A part's text of a connection comes next, which begins with so many bytes to part it from others: how many of them
    /// are needed.
    pub fn joint(&mut self, connection: u32, lead: usize) -> usize {
        match self.current.replace(connection) {
            None => 0,
            // The empty line.
            Some(current) if current == connection => lead.min(1),
            Some(_) => lead,
        }
    }

    /// Appends what there is to say about the next thing that was said.
    ///
    /// A frame needs its payload unmasked, as much as [`PayloadShown::cap`] tells, and [`EXPLAINED`] bytes of it as sent.
    pub fn show(&mut self, shown: &Shown<'_>, out: &mut String) {
        self.begin(shown, out);
        while self.go_on(shown, out) {}
    }

    /// Appends the next piece of a payload that was too long for [`begin`](Self::begin), and what stands behind it; whether
    /// there was one.
    pub fn go_on(&mut self, shown: &Shown<'_>, out: &mut String) -> bool {
        let Some(mut rest) = self.rest.take() else { return false };
        let Options { page, payload, .. } = &self.options;
        let more = match shown {
            Shown::Frame(frame) => frame::dump_piece(page, *payload, frame, rest.piece, out),
            Shown::Message(message) => message::quote_piece(page, *payload, &mut rest.quote, message, out),
            Shown::Event(_) => false,
        };
        if more {
            rest.piece += 1;
            self.rest = Some(rest);
        } else {
            out.push_str(&rest.behind);
        }
        true
    }

    /// Appends what there is to say about the next thing that was said, but for the rest of a very long payload.
    pub fn begin(&mut self, shown: &Shown<'_>, out: &mut String) {
        let (connection, sender, time, event) = match shown {
            Shown::Frame(frame) => (frame.connection, frame.sender, frame.time, None),
            Shown::Message(WholeMessage { event, .. }) => (event.connection, event.sender, event.time, None),
            Shown::Event(event) => (event.connection, event.sender, event.time, Some(*event)),
        };
        let opens = event.is_some_and(|event| matches!(event.kind, Kind::Open(_)));
        let before = out.len();
        self.begin_block(connection, opens, out);
        let start = out.len();
        let Options { page, payload, verbose, times, agreed } = &self.options;
        let new = || Memory::new(*verbose, *times, agreed);
        let memory = self.connections.get_or_insert_with(connection, new);
        memory.came(time, self.latest);
        opaque::before(page, memory, event, sender, out);
        let held = out.len();
        match shown {
            Shown::Frame(frame) => frame::frame(page, *payload, memory, &mut self.rows, frame, out),
            Shown::Message(message) => message::message(page, *payload, memory, message, out),
            Shown::Event(event) => show_event(page, memory, event, out),
        }
        let rest = memory.rest.take();
        if out.len() == held && held > start {
            out.pop();
        }
        if out.len() == start {
            out.truncate(before);
        } else {
            if self.current == Some(NONE) {
                self.lead = start - before;
            }
            self.current = Some(connection);
            if !matches!(shown, Shown::Message(whole) if whole.message.kept.is_none()) {
                self.latest = time.or(self.latest);
            }
        }
        self.rest = rest.map(|at| Rest { piece: 1, quote: None, behind: out.split_off(at) });
        if let Shown::Event(Event { kind: Kind::End(end), connection, .. }) = shown
            && end.connection.is_some()
        {
            self.connections.remove(*connection);
        }
    }

    /// A line is left free before each block, and a change of connection is said where the block is not the
    /// title of one.
    fn begin_block(&self, connection: u32, title: bool, out: &mut String) {
        let Some(current) = self.current else { return };
        out.push('\n');
        if current != connection && !title {
            let again = ["connection ", Digits::of(u64::from(connection)).as_str()].concat();
            self.options.page.paragraph(out, 0, Role::of_connection(connection), &again);
            out.push('\n');
        }
    }
}

fn show_event(page: &Page, memory: &mut Memory, event: &Event<'_>, out: &mut String) {
    match &event.kind {
        Kind::Open(opening) => open::open(page, memory, event, opening, out),
        Kind::Request(request) => handshake::request(page, memory, event, request, out),
        Kind::Response(response) => {
            if response.head.status() == Some(101) {
                memory.rsv = response.agreed.rsv();
            }
            handshake::response(page, memory, event, response, out);
        }
        Kind::Opaque(opaque) => opaque::opaque(page, memory, event, opaque, out),
        Kind::Gap => frame::gap(page, memory, event, out),
        Kind::Resync(resync) => resync::resync(page, memory, event, resync, out),
        Kind::End(end) => ending::end(page, memory, event, end, out),
        // The collector joins these to frames and messages.
        Kind::FrameStart(_)
        | Kind::FrameCut(_)
        | Kind::Payload(_)
        | Kind::Part(_)
        | Kind::Inflated(_)
        | Kind::FrameEnd(_)
        | Kind::Message(_) => {}
    }
}

//! The summary: one line a frame, in columns.
//!
//! It must keep up with millions of frames a second, so a row is appended piece by piece; nothing is formatted.

mod frame;
mod http;
mod row;
mod run;

use self::row::{Columns, Row, When};
use self::run::Run;
use super::clock::Times;
use super::collect::{Shown, WholeMessage};
pub use super::cut::KEEP;
use super::cut::{push_hex, push_quoted};
use super::number::bytes;
use super::others;
use super::page::Page;
use super::palette::Role;
use crate::session::event::{Event, Kind, Message, Opaque, Resync, Why};
use crate::session::inflated::Stop;
use crate::session::others::Others;
use crate::session::per_connection::PerConnection;
use crate::session::segment::{How, Opening, Time};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// What the summary is told before it begins.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where it is written.
    pub page: Page,
    /// From where times are counted, where they are known.
    pub times: Times,
    /// Whether payloads are shown.
    pub payload: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { page: Page::plain(), times: Times::default(), payload: true }
    }
}

/// Writes the summary, one line after the other.
#[derive(Debug)]
pub struct Summary {
    options: Options,
    columns: Columns,
    begun: bool,
    connections: PerConnection<Connection>,
    /// How far the last row has come, where its message may still add to it.
    open_row: Option<usize>,
    /// The time of the last row that has one.
    latest: Option<Time>,
    /// Bytes of the header that was written since [`begin_anew`](Self::begin_anew).
    lead: usize,
}

/// What is remembered of a connection.
#[derive(Debug, Default)]
struct Connection {
    began: Option<Time>,
    client: Side,
    server: Side,
}

/// What is remembered of a sender.
#[derive(Debug, Default)]
struct Side {
    /// Bytes of the message that comes in pieces.
    message: u64,
    run: Option<Run>,
    /// Whether it ended the connection with an RST.
    reset: bool,
}

impl Connection {
    const fn side(&mut self, sender: Sender) -> &mut Side {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }
}

impl Summary {
    /// Begins a summary.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let columns = Columns::of(&options.page, options.times);
        let connections = PerConnection::default();
        Self { options, columns, begun: false, connections, open_row: None, latest: None, lead: 0 }
    }

    /// Another for some of the connections, where no time depends on other ones.
    #[must_use]
    pub fn part(&self) -> Option<Self> {
        (self.options.times != Times::Delta).then(|| Self::new(self.options))
    }

    /// Takes back what a part remembers of connections that are not over.
    pub fn join(&mut self, part: Self) {
        self.connections.extend(part.connections);
    }

    /// What comes next may follow what another part shows.
    pub const fn begin_anew(&mut self) {
        (self.begun, self.lead) = (false, 0);
    }

    /// Another part may go on: a message that follows its last frame has come by now.
    pub fn pause(&mut self, out: &mut String) {
        end_open(self.open_row.take(), out);
    }

    /// How many of the bytes that were written since then stand there only where nothing comes before.
    #[must_use]
    pub const fn lead(&self) -> usize {
        self.lead
    }

    /// A part's rows come next, which begin with so many bytes of a header: how many of them are needed.
    pub const fn joint(&mut self, lead: usize) -> usize {
        if std::mem::replace(&mut self.begun, true) { 0 } else { lead }
    }

    /// Appends the line of the next thing that was said. The collector keeps [`KEEP`] bytes of each payload for it,
    /// and no raw ones.
    pub fn show(&mut self, shown: &Shown<'_>, out: &mut String) {
        if !std::mem::replace(&mut self.begun, true) {
            let before = out.len();
            self.columns.header(&self.options.page, self.options.times, out);
            self.lead = out.len() - before;
        }
        let open_row = self.open_row.take();
        match shown {
            Shown::Message(message) if message.message.kept.is_some() => {
                end_open(open_row, out);
                self.kept(message, out);
            }
            Shown::Message(message) => self.message(message.event, open_row, out),
            Shown::Frame(frame) => {
                end_open(open_row, out);
                self.frame(frame, out);
            }
            Shown::Event(event) => {
                end_open(open_row, out);
                self.event(event, out);
            }
        }
    }

    /// Nothing more comes: ends the row and the runs that wait for what follows, where that is not shown.
    pub fn finish(&mut self, beside: &Others, out: &mut String) {
        end_open(self.open_row.take(), out);
        for (number, mut connection) in self.connections.take_all() {
            let began = connection.began;
            for sender in Sender::BOTH {
                if let Some(run) = connection.side(sender).run.take() {
                    let row = self.row_since(began, number, sender, run.time, None, out);
                    run.write(row);
                }
            }
        }
        others::write(&self.options.page, beside, out);
    }

    /// What a message adds to the row of its last frame: the rules that it breaks.
    fn message(&mut self, event: &Event<'_>, open_row: Option<usize>, out: &mut String) {
        let Some(at) = open_row else {
            if !event.findings.is_empty() {
                let mut row = self.row(event, None, out);
                row.kind(Role::Structure, &["message"]);
                row.payload();
                row.findings(event.findings.iter());
                row.end();
            }
            return;
        };
        let mut row = Row::go_on(self.options.page, self.columns, out, at);
        if let Some(words) = stopped(event) {
            if row.room() >= words.len() + 2 {
                row.space(2);
            } else {
                row.make_room(words.len());
            }
            row.say(Role::Hint, &words);
        }
        if !event.findings.is_empty() {
            row.space(2);
            row.findings(event.findings.iter());
        }
        row.end();
    }

    /// The row of a message of an input that keeps no frames.
    fn kept(&mut self, whole: &WholeMessage<'_>, out: &mut String) {
        self.end_runs(whole.event, out);
        let shows_payload = self.options.payload;
        let mut row = self.row(whole.event, None, out);
        let text = whole.message.opcode == Opcode::TEXT;
        row.kind(Role::Structure, &[if text { "text" } else { "binary" }]);
        row.bytes(whole.message.wire_len, None);
        if shows_payload {
            row.payload();
            let more = whole.omitted > 0;
            row.write(Role::Payload, |page, out, room| match text {
                true => push_quoted(page, out, whole.plain, more, room),
                false => push_hex(page, out, whole.plain, more, room),
            });
        }
        row.end();
    }

    fn event(&mut self, event: &Event<'_>, out: &mut String) {
        self.end_runs(event, out);
        match &event.kind {
            Kind::Open(opening) => self.open(event, opening, out),
            Kind::Request(request) => http::request(self.row(event, None, out), event, request),
            Kind::Response(response) => http::response(self.row(event, None, out), event, response),
            Kind::Opaque(opaque) => self.opaque(event, opaque),
            Kind::Gap => self.gap(event, out),
            Kind::Resync(resync) => self.resync(event, resync, out),
            Kind::End(end) => {
                self.end(event, end.how, end.connection.is_some(), out);
                if end.connection.is_some() {
                    self.connections.remove(event.connection);
                }
            }
            // The collector joins these to frames and messages.
            Kind::FrameStart(_)
            | Kind::FrameCut(_)
            | Kind::Payload(_)
            | Kind::FrameEnd(_)
            | Kind::Part(_)
            | Kind::Inflated(_)
            | Kind::Message(_) => {}
        }
    }

    /// The connection's addresses, where they are known.
    fn open(&mut self, event: &Event<'_>, opening: &Opening, out: &mut String) {
        let (Some(client), Some(server)) = (&opening.client, &opening.server) else { return };
        let page = self.options.page;
        let mut row = self.row(event, None, out);
        row.kind(Role::Structure, &[if opening.tls { "open, TLS" } else { "open" }]);
        row.payload();
        row.say(Role::Plain, &page.safe(client.as_bytes()));
        row.say(Role::Plain, " → ");
        row.say(Role::Plain, &page.safe(server.as_bytes()));
        row.end();
    }

    fn gap(&mut self, event: &Event<'_>, out: &mut String) {
        let mut row = self.row(event, None, out);
        row.kind(Role::Structure, &["gap"]);
        row.bytes(event.len, None);
        row.payload();
        row.say(Role::Plain, "missing in the input");
        row.end();
    }

    fn resync(&mut self, event: &Event<'_>, resync: &Resync, out: &mut String) {
        let mut row = self.row(event, None, out);
        row.kind(Role::Structure, &["found again"]);
        row.payload();
        let headers = if resync.headers == 1 { "header" } else { "headers" };
        row.say(Role::Plain, &format!("at {}, by {} {headers} in a row", event.offset, resync.headers));
        row.end();
    }

    /// Takes the next piece of a run; its row is written when it is over.
    fn opaque(&mut self, event: &Event<'_>, opaque: &Opaque<'_>) {
        let side = self.connection(event.connection, event.time).side(event.sender);
        side.run.get_or_insert_with(|| Run::begin(event, opaque)).add(event, opaque);
    }

    /// Writes the rows of the runs that this event ends: a run of its own sender that it does not go on with, and a body
    /// of HTTP, which is over where the other side speaks.
    fn end_runs(&mut self, event: &Event<'_>, out: &mut String) {
        for sender in Sender::BOTH {
            let over = |run: &mut Run| match &event.kind {
                _ if sender != event.sender => run.why == Why::HttpBody,
                Kind::Opaque(opaque) => opaque.why != run.why || !event.findings.is_empty(),
                _ => true,
            };
            let side = self.connection(event.connection, event.time).side(sender);
            if let Some(run) = side.run.take_if(over) {
                let row = self.row_at(event.connection, sender, run.time, None, out);
                run.write(row);
            }
        }
    }

    /// The end of a stream; where the input merely stops, one line for both.
    fn end(&mut self, event: &Event<'_>, how: How, last: bool, out: &mut String) {
        let connection = self.connection(event.connection, event.time);
        connection.side(event.sender).reset = how == How::Reset;
        let other_reset = connection.side(event.sender.other()).reset;
        let (kind, says) = match how {
            How::Fin => ("FIN", ""),
            How::Reset => ("RST", "TCP is cut off"),
            // An RST ends both directions (RFC 9293 §3.5.3).
            How::Unknown if other_reset => ("end", "cut off by the other side's RST"),
            How::Unknown if last => ("end", "the input stops here"),
            How::Unknown if event.findings.is_empty() => return,
            How::Unknown => ("end", ""),
        };
        let mut row = self.row(event, None, out);
        row.kind(Role::Structure, &[kind]);
        if !says.is_empty() || !event.findings.is_empty() {
            row.payload();
            row.findings(event.findings.iter());
            row.say(Role::Dim, says);
        }
        row.end();
    }

    /// Begins a row with all that stands before its kind.
    fn row<'a>(&mut self, event: &Event<'_>, frame: Option<u64>, out: &'a mut String) -> Row<'a> {
        self.row_at(event.connection, event.sender, event.time, frame, out)
    }

    #[inline]
    fn row_at<'a>(
        &mut self,
        connection: u32,
        sender: Sender,
        time: Option<Time>,
        frame: Option<u64>,
        out: &'a mut String,
    ) -> Row<'a> {
        let began = self.connection(connection, time).began;
        self.row_since(began, connection, sender, time, frame, out)
    }

    /// The same, of a connection that began then.
    #[inline]
    fn row_since<'a>(
        &mut self,
        began: Option<Time>,
        connection: u32,
        sender: Sender,
        time: Option<Time>,
        frame: Option<u64>,
        out: &'a mut String,
    ) -> Row<'a> {
        let latest = self.latest;
        self.latest = time.or(latest);
        let when = time.map(|time| match self.options.times {
            Times::Relative => When::Since(time.since(began.unwrap_or(time))),
            Times::Delta => When::Since(time.since(latest.unwrap_or(time))),
            Times::Absolute(zone) => When::At(zone, time),
        });
        let mut row = Row::begin(self.options.page, self.columns, out, connection, frame, when);
        row.direction(sender);
        row
    }

    #[inline]
    fn connection(&mut self, number: u32, time: Option<Time>) -> &mut Connection {
        let connection = self.connections.get_or_insert_with(number, Connection::default);
        connection.began = connection.began.or(time);
        connection
    }
}

/// Ends a row to which its message added nothing.
fn end_open(open_row: Option<usize>, out: &mut String) {
    if open_row.is_some() {
        out.push('\n');
    }
}
/// Why a compressed message was inflated no further though all of it was there: `stopped, 5 bytes left: limit`.
fn stopped(event: &Event<'_>) -> Option<String> {
    let Kind::Message(Message { inflated: Some(inflated), .. }) = &event.kind else { return None };
    let stop = inflated.stop.filter(|stop| matches!(stop, Stop::Limit | Stop::Ratio | Stop::Memory))?;
    Some(format!("stopped, {} left: {}", bytes(inflated.left), stop.name()))
}

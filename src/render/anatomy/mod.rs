//! The DEFLATE lesson: compressed messages bit by bit, and where each byte comes from (RFC 1951, RFC 7692).
//!
//! The session tells the pieces of a message before the message is over, so its rows are gathered and given under its
//! title; only where there are very many they are given on before. Nothing here decodes: what a row says was told.

mod account;
mod draft;
mod picture;
mod row;
mod tables;

use self::account::{Alone, MOST_AGAIN, labelled};
use self::draft::Draft;
use self::row::{BITS, MEANS, Row, TEXT};
use super::collect::{Shown, WholeFrame, WholeMessage};
use super::hex::{PAIRS_IN_A_LINE, pairs};
use super::lesson::memory::Memory;
use super::lesson::title::{self, Place};
use super::lesson::{Options, finding, inflated, message};
use super::number::{bytes, grouped, push_number};
use super::page::Page;
use super::palette::Role;
use crate::rules::rule::Finding;
use crate::session::agreed::Agreed;
use crate::session::anatomy::Part;
use crate::session::event::{self, Compression, Event, Kind, Message};
use crate::session::inflated::Inflated;
use crate::session::per_connection::PerConnection;
use crate::session::segment::Time;
use crate::wire::deflate::Ending;
use crate::wire::sender::Sender;

/// The symbols of a message that are explained where nothing else is asked for.
pub const EXPLAINED: u64 = 40;

/// Bytes of each message that the view needs kept.
pub const KEEP: usize = MOST_AGAIN;

/// Rows of a message are given on once they are longer than this.
const FULL: usize = 32 * 1024;

/// Compressed bytes that are shown above the rows.
const SHOWN: usize = 2 * PAIRS_IN_A_LINE;

/// Shows compressed messages from the inside.
#[derive(Debug)]
pub struct Anatomy {
    options: Options,
    /// The symbols of each message that are explained.
    most: u64,
    connections: PerConnection<Connection>,
    current: Option<u32>,
    /// The message whose rows were given on last.
    open: Option<(u32, Sender, u64)>,
    latest: Option<Time>,
}

/// What is remembered of a connection.
#[derive(Debug)]
struct Connection {
    memory: Memory,
    client: Side,
    server: Side,
    /// The order of bits was explained.
    explained: bool,
}

/// What is remembered of a sender.
#[derive(Debug, Default)]
struct Side {
    draft: Draft,
    /// The title of the message stands there already.
    begun: bool,
    /// The first compressed bytes.
    sent: Vec<u8>,
    sent_len: u64,
    agreed: bool,
    alone: Alone,
}

impl Connection {
    const fn side(&mut self, sender: Sender) -> &mut Side {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }
}

impl Anatomy {
    /// Begins with no connection; `most` symbols of each message are explained.
    #[must_use]
    pub fn new(options: Options, most: u64) -> Self {
        let connections = PerConnection::default();
        Self { options, most, connections, current: None, open: None, latest: None }
    }

    /// Appends what there is to show of the next thing that was said.
    pub fn show(&mut self, shown: &Shown<'_>, out: &mut String) {
        let connection = shown.connection();
        if let Shown::Event(Event { kind: Kind::Part(part), sender, .. }) = shown {
            return self.part(connection, *sender, part, out);
        }
        let before = out.len();
        self.heading(connection, shown, out);
        let start = out.len();
        let open = self.open.take();
        let page = &self.options.page;
        let known = Self::known(&mut self.connections, connection, &self.options);
        known.memory.came(shown.time(), self.latest);
        match shown {
            Shown::Frame(frame) => show_frame(page, known, frame, out),
            Shown::Message(whole) => show_message(page, known, whole, open.is_some(), out),
            Shown::Event(event) => mention(page, &mut known.memory, event, out),
        }
        if out.len() == start {
            out.truncate(before);
            self.open = open;
        } else {
            self.current = Some(connection);
            self.latest = shown.time().or(self.latest);
        }
        if let Shown::Event(Event { kind: Kind::End(end), .. }) = shown
            && end.connection.is_some()
        {
            self.connections.remove(connection);
        }
    }

    fn known<'a>(
        connections: &'a mut PerConnection<Connection>,
        connection: u32,
        options: &Options,
    ) -> &'a mut Connection {
        connections.get_or_insert_with(connection, || Connection {
            memory: Memory::new(options.verbose, options.times, &options.agreed),
            client: Side::default(),
            server: Side::default(),
            explained: false,
        })
    }

    /// A free line before each block, and the connection where it is another one.
    fn heading(&self, connection: u32, shown: &Shown<'_>, out: &mut String) {
        if self.current.is_some() {
            out.push('\n');
        }
        let opens = matches!(shown, Shown::Event(Event { kind: Kind::Open(_), .. }));
        if self.current.is_some_and(|current| current != connection) && !opens {
            let name = format!("connection {connection}");
            self.options.page.paragraph(out, 0, Role::Heading, &name);
            out.push('\n');
        }
    }

    /// A piece of a compressed message.
    fn part(&mut self, connection: u32, sender: Sender, part: &Part<'_>, out: &mut String) {
        let page = self.options.page;
        let known = Self::known(&mut self.connections, connection, &self.options);
        let side = known.side(sender);
        if side.draft.message != part.message {
            side.draft.begin(part.message);
            side.begun = false;
        }
        side.draft.part(&page, part, self.most);
        if side.draft.rows.len() < FULL {
            return;
        }
        // Very many rows: they are given on, under the title of their message.
        let this = (connection, sender, part.message);
        let begun = std::mem::replace(&mut side.begun, true);
        let rows = std::mem::take(&mut side.draft.rows);
        if self.open != Some(this) {
            if self.current.is_some() {
                out.push('\n');
            }
            if self.current.is_some_and(|current| current != connection) {
                page.paragraph(out, 0, Role::Heading, &format!("connection {connection}"));
                out.push('\n');
            }
            let mut name = "message ".to_owned();
            push_number(&mut name, part.message);
            let goes_on = if begun { ", which goes on" } else { ", its sizes at its end" };
            title_line(&page, sender, &name, goes_on, "", out);
            out.push('\n');
            row::header(&page, out);
            (self.open, self.current) = (Some(this), Some(connection));
        }
        out.push_str(&rows);
    }
}

/// A title: who sends, its name, what it is, and something at the right.
fn title_line(page: &Page, sender: Sender, name: &str, text: &str, right: &str, out: &mut String) {
    let who = page.glyphs.say(&format!("{} → {}   ", sender.name(), sender.other().name())).into_owned();
    let role = match sender {
        Sender::Client => Role::Client,
        Sender::Server => Role::Server,
    };
    page.spread(out, 0, &[(role, &who), (Role::Heading, name), (Role::Plain, text)], (Role::Dim, right));
}

/// A frame of a compressed message is shown by its message; others get a line.
fn show_frame(page: &Page, known: &mut Connection, frame: &WholeFrame<'_>, out: &mut String) {
    let place = frame.end.and_then(|end| end.place);
    let compressed = place.filter(|place| place.compression == Compression::Deflate);
    if let Some(place) = compressed {
        let side = known.side(frame.sender);
        if place.piece == 1 {
            side.sent.clear();
            side.sent_len = 0;
        }
        let room = SHOWN.saturating_sub(side.sent.len());
        side.sent.extend_from_slice(frame.plain.get(..room).unwrap_or(frame.plain));
        side.sent_len += frame.captured();
    }
    let findings: Vec<&Finding> = frame.findings().collect();
    match place.filter(|place| place.compression == Compression::None) {
        Some(at) => not_compressed(page, &known.memory, frame, at, out),
        None if compressed.is_none() || !findings.is_empty() => {
            title::frame(page, &known.memory, frame, false, out);
        }
        None => {}
    }
    if place.is_some_and(|place| place.compression == Compression::Unknown && place.piece == 1) {
        let words = "RSV1 is 1 and the handshake was not seen: compressed perhaps, and not read. --extensions \
                     permessage-deflate says that it was agreed.";
        page.paragraph(out, 2, Role::Dim, words);
    }
    finding::all(page, &mut known.memory, findings.iter().copied(), out);
}

/// The line of a data frame that is not compressed.
fn not_compressed(page: &Page, memory: &Memory, frame: &WholeFrame<'_>, at: event::Place, out: &mut String) {
    let mut what = at.opcode.name().unwrap_or("data").to_owned();
    if !(at.piece == 1 && frame.end.is_some_and(|end| end.header.fin())) {
        what.push_str(&format!(", piece {} of message {}", grouped(at.piece), grouped(at.message)));
    }
    what.push_str(", not compressed");
    let place = Place {
        sender: frame.sender,
        offset: frame.offset,
        len: frame.len,
        time: frame.time,
        end: frame.time_end,
    };
    title::line(page, memory, place, Some(frame.number), &what, out);
}

fn show_message(page: &Page, known: &mut Connection, whole: &WholeMessage<'_>, open: bool, out: &mut String) {
    let (message, sender) = (&whole.message, whole.event.sender);
    if let Some(inflated) = message.inflated {
        let explain = !std::mem::replace(&mut known.explained, true);
        let side = known.side(sender);
        if side.draft.message != message.number {
            side.draft.begin(message.number);
            side.begun = false;
        }
        compressed(page, side, whole, inflated, explain, open, out);
    }
    finding::all(page, &mut known.memory, whole.event.findings, out);
}

fn compressed(
    page: &Page,
    side: &mut Side,
    whole: &WholeMessage<'_>,
    inflated: &Inflated,
    explain: bool,
    open: bool,
    out: &mut String,
) {
    let (message, sender) = (&whole.message, whole.event.sender);
    side.draft.flush(page);
    if !(side.begun && open) {
        let mut name = "message ".to_owned();
        push_number(&mut name, message.number);
        let mut what = [", ", message.opcode.name().unwrap_or("data"), ", "].concat();
        what.push_str(&message_frames(message));
        let sizes = [&grouped(message.wire_len), " → ", &bytes(inflated.read.plain)].concat();
        title_line(page, sender, &name, &what, &sizes, out);
        out.push('\n');
    }
    if !std::mem::replace(&mut side.agreed, true) {
        labelled(page, "agreed", Role::Plain, &inflated::agreement(sender, inflated), out);
    }
    if !side.begun {
        sent(page, side, inflated, out);
        if explain {
            labelled(page, "reading", Role::Dim, ORDER, out);
        }
    }
    if !side.begun {
        row::header(page, out);
    }
    out.push_str(&side.draft.rows);
    side.draft.rest(page, out);
    put_back(page, inflated, out);
    if side.draft.picture.has_copies() {
        let words = "made by: . a literal, a letter the copy with that mark";
        labelled(page, "text", Role::Dim, words, out);
        side.draft.picture.draw(page, out);
    }
    sums(page, side, whole, inflated, out);
    side.draft.begin(0);
    side.begun = false;
}

/// How bits are read.
const ORDER: &str = "Bits stand here in the order in which they are read: out of each byte the lowest first. A code is read \
                     until it is one of the table. Bits behind a + are a number, its lowest bit first, which is added to \
                     the base of the code. wslens explain deflate shows how, by hand.";

fn message_frames(message: &Message<'_>) -> String {
    let mut out = String::new();
    message::frames(message, &mut out);
    out.trim_end_matches([':', ' ']).to_owned()
}

/// The compressed bytes, and those that are put back.
fn sent(page: &Page, side: &Side, inflated: &Inflated, out: &mut String) {
    let mut text = pairs(&side.sent).trim_end().to_owned();
    if side.sent_len > side.sent.len() as u64 {
        text.push_str(&format!(" and {} more", bytes(side.sent_len - side.sent.len() as u64)));
    }
    if matches!((inflated.stop, inflated.read.ending), (None, Ending::Clean)) {
        text.push_str(" + 00 00 ff ff put back");
    }
    labelled(page, "bytes", Role::Payload, &text, out);
}

/// The four bytes that complete the empty block with which a message ends.
fn put_back(page: &Page, inflated: &Inflated, out: &mut String) {
    if inflated.stop.is_none() && inflated.read.ending == Ending::Clean {
        Row::blank(page, out)
            .cell(BITS, Role::Structure, "00 00 ff ff")
            .cell(MEANS, Role::Plain, "LEN 0, NLEN 65535")
            .cell(TEXT, Role::Plain, "put back: no bytes")
            .end();
    }
}

/// What it comes to.
fn sums(page: &Page, side: &mut Side, whole: &WholeMessage<'_>, inflated: &Inflated, out: &mut String) {
    let sender = whole.event.sender;
    if let Some(sources) = whole.message.sources {
        account::sources(page, sources, out);
    }
    let ratio = account::ratio(whole.message.wire_len, inflated.read.plain);
    let sizes =
        format!("{} on the wire for {}{ratio}", grouped(whole.message.wire_len), bytes(inflated.read.plain));
    labelled(page, "sizes", Role::Plain, &sizes, out);
    let why = [inflated.stop.map(|stop| inflated::stopped(stop, inflated)), inflated::unknown(inflated)];
    for words in why.into_iter().flatten() {
        labelled(page, "but", Role::Plain, &words, out);
    }
    side.alone.add(whole, inflated.window_bits);
    let mut running = inflated::running(sender, &inflated.account);
    side.alone.say(inflated.takeover, &mut running);
    labelled(page, "so far", Role::Dim, &running, out);
}

/// What is no frame gets a line.
fn mention(page: &Page, memory: &mut Memory, event: &Event<'_>, out: &mut String) {
    let what = match &event.kind {
        Kind::Open(_) => {
            return page.paragraph(out, 0, Role::Heading, &format!("connection {}", event.connection));
        }
        Kind::Request(request) => page.safe(request.head.at(request.head.first_line)),
        Kind::Response(response) => {
            memory.rsv = response.agreed.rsv();
            let line = page.safe(response.head.at(response.head.first_line));
            match (response.handshake, response.agreed) {
                (true, agreed @ Agreed::Known(_)) if !agreed.deflate() => {
                    line + ", without permessage-deflate: nothing is compressed"
                }
                _ => line,
            }
        }
        Kind::Opaque(opaque) => opaque.why.says().to_owned(),
        Kind::Gap => "bytes that are missing".to_owned(),
        _ => return,
    };
    let place = Place {
        sender: event.sender,
        offset: event.offset,
        len: event.len,
        time: event.time,
        end: event.time_end,
    };
    title::line(page, memory, place, None, &what, out);
    finding::all(page, memory, event.findings, out);
}

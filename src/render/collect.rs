//! Joins the pieces of a frame and of a message for the views, up to a cap.
//!
//! The core streams, so that a frame of any size passes through constant memory. A view shows whole frames: this
//! is the one place that keeps payload, and it keeps no more than it was told to.

use super::plain::Inflating;
pub use super::plain::{InflatedPlain, Unknown};
use crate::rules::rule::Finding;
use crate::session::event::{Compression, Event, FrameEnd, FrameStart, Kind, Message, Payload, Place};
use crate::session::packets::Packets;
use crate::session::per_connection::PerConnection;
use crate::session::segment::Time;
use crate::wire::frame::{Header, Partial};
use crate::wire::sender::Sender;

/// What a view shows in one go.
#[allow(clippy::large_enum_variant, reason = "it is lent, and nothing is allocated for a frame")]
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// A frame, whole or as far as it came.
    Frame(WholeFrame<'a>),
    /// A message that is over, and the event that says so.
    Message(WholeMessage<'a>),
    /// Any other event, as it is.
    Event(&'a Event<'a>),
}

impl Shown<'_> {
    /// Which connection.
    #[must_use]
    pub const fn connection(&self) -> u32 {
        match self {
            Self::Frame(frame) => frame.connection,
            Self::Message(WholeMessage { event, .. }) | Self::Event(event) => event.connection,
        }
    }

    /// Who sent it.
    #[must_use]
    pub const fn sender(&self) -> Sender {
        match self {
            Self::Frame(frame) => frame.sender,
            Self::Message(WholeMessage { event, .. }) | Self::Event(event) => event.sender,
        }
    }

    /// When its first byte came.
    #[must_use]
    pub const fn time(&self) -> Option<Time> {
        match self {
            Self::Frame(frame) => frame.time,
            Self::Message(WholeMessage { event, .. }) | Self::Event(event) => event.time,
        }
    }

    /// Bytes of its sender before it.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        match self {
            Self::Frame(frame) => frame.offset,
            Self::Message(WholeMessage { event, .. }) | Self::Event(event) => event.offset,
        }
    }

    /// The rules that it breaks.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let (first, more) = match self {
            Self::Frame(frame) => (frame.header_findings, frame.end_findings),
            Self::Message(WholeMessage { event, .. }) | Self::Event(event) => (event.findings, &[][..]),
        };
        first.iter().chain(more)
    }
}

/// A frame with its payload.
#[derive(Clone, Copy, Debug)]
pub struct WholeFrame<'a> {
    /// Which connection.
    pub connection: u32,
    /// Who sent it.
    pub sender: Sender,
    /// When its first byte came.
    pub time: Option<Time>,
    /// When its last byte came.
    pub time_end: Option<Time>,
    /// Bytes of this sender before it.
    pub offset: u64,
    /// Bytes that it covers: header, payload, and bytes lost from it.
    pub len: u64,
    /// Counted from 1 over both senders.
    pub number: u64,
    /// Its header.
    pub header: FrameHeader,
    /// The end of the frame; none where not even the header came whole.
    pub end: Option<&'a FrameEnd<'a>>,
    /// In which packets it came, where the input is a capture.
    pub packets: Option<&'a Packets>,
    /// The first bytes of the payload as sent; empty unless raw bytes are kept.
    pub raw: &'a [u8],
    /// The first bytes of the payload, unmasked.
    pub plain: &'a [u8],
    /// Bytes of the payload that came and are not kept.
    pub omitted: u64,
    /// Of a frame that is the last of a compressed message: the message, inflated as far as the frames up to here tell.
    pub inflated: Option<InflatedPlain<'a>>,
    /// Rules that its header breaks.
    pub header_findings: &'a [Finding],
    /// Rules that its payload or its end breaks.
    pub end_findings: &'a [Finding],
}

impl<'a> WholeFrame<'a> {
    /// A frame of which the header has just come, as `event` tells. Its length is what it will be.
    #[must_use]
    pub fn begun(event: &Event<'a>, start: &FrameStart) -> Self {
        Self {
            connection: event.connection,
            sender: event.sender,
            time: event.time,
            time_end: event.time_end,
            offset: event.offset,
            len: event.len.saturating_add(start.header.payload_len()),
            number: start.number,
            header: FrameHeader::Begun(start.header),
            end: None,
            packets: None,
            raw: &[],
            plain: &[],
            omitted: 0,
            inflated: None,
            header_findings: event.findings,
            end_findings: &[],
        }
    }

    /// All rules that it breaks.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.header_findings.iter().chain(self.end_findings)
    }

    /// Bytes of the payload that came.
    #[must_use]
    pub fn captured(&self) -> u64 {
        self.end.map_or(0, |end| end.captured)
    }

    /// Whether bytes of the header or of the payload are missing.
    #[must_use]
    pub fn partial(&self) -> bool {
        self.end.map_or(!matches!(self.header, FrameHeader::Begun(_)), FrameEnd::partial)
    }
}

/// The header of a frame, or what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameHeader {
    /// All of it.
    Whole(Header),
    /// All of it, and the rest of the frame is still to come: the same frame is given again at its end.
    Begun(Header),
    /// Its beginning.
    Cut(Partial),
}

/// A message with its payload.
#[derive(Clone, Copy, Debug)]
pub struct WholeMessage<'a> {
    /// The event that ends it, with its times and findings.
    pub event: &'a Event<'a>,
    /// The message.
    pub message: &'a Message<'a>,
    /// The first bytes of the payload over all its frames, unmasked, and inflated where it is compressed. Each byte that is
    /// unknown is a `?`.
    pub plain: &'a [u8],
    /// Bytes of that payload that are known of and not kept.
    pub omitted: u64,
    /// Which of its bytes are unknown, the first of these runs.
    pub unknown: &'a [Unknown],
}

/// Joins what belongs together, each sender of each connection on its own.
#[derive(Debug)]
pub struct Collector {
    cap: usize,
    keep_raw: bool,
    /// Whether pieces of compressed messages are asked for.
    parts: bool,
    connections: PerConnection<Streams>,
}

/// Both streams of a connection.
#[derive(Debug, Default)]
struct Streams {
    client: Stream,
    server: Stream,
}

/// The frame and the message under way of one sender.
#[derive(Debug, Default)]
struct Stream {
    begun: Option<Begun>,
    /// Of the frame under way.
    header_findings: Vec<Finding>,
    raw: Vec<u8>,
    frame: Kept,
    /// The payload of a message of several frames.
    message: Kept,
    /// The compressed message under way, inflated.
    inflating: Inflating,
    /// Whether the frame before was a whole message.
    alone: bool,
    /// Holes in the frame under way: they are told behind it, as they lie behind its first byte.
    holes: Vec<Hole>,
}

/// The most holes of one frame that wait for its end; what is beyond is told at once.
const MOST_HOLES: usize = 1024;

/// Bytes that are missing inside a frame.
#[derive(Clone, Copy, Debug)]
struct Hole {
    time: Option<Time>,
    time_end: Option<Time>,
    offset: u64,
    len: u64,
}

impl Hole {
    const fn of(event: &Event<'_>) -> Self {
        Self { time: event.time, time_end: event.time_end, offset: event.offset, len: event.len }
    }

    const fn event(self, connection: u32, sender: Sender) -> Event<'static> {
        let Self { time, time_end, offset, len } = self;
        Event { connection, sender, time, time_end, offset, len, kind: Kind::Gap, findings: &[] }
    }
}

/// The beginning of the frame under way.
#[derive(Clone, Copy, Debug)]
struct Begun {
    time: Option<Time>,
    offset: u64,
}

/// Bytes up to a cap, and how many were left out.
#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    omitted: u64,
}

/// Bytes of room that stay with a stream for its next payload.
const ROOM: usize = 64 * 1024;

/// Forgets bytes that were shown. More than some room is given back: one payload at a time may be large, and there are many
/// streams.
pub(super) fn forget(bytes: &mut Vec<u8>) {
    if bytes.capacity() > ROOM {
        *bytes = Vec::new();
    } else {
        bytes.clear();
    }
}

impl Kept {
    #[inline]
    fn clear(&mut self) {
        forget(&mut self.bytes);
        self.omitted = 0;
    }

    /// Makes room for a piece: the part of it that is still kept.
    fn take<'a>(&mut self, piece: &'a [u8], cap: usize) -> &'a [u8] {
        let room = cap.saturating_sub(self.bytes.len()).min(piece.len());
        self.omitted += (piece.len() - room) as u64;
        piece.get(..room).unwrap_or_default()
    }

    #[inline]
    fn push(&mut self, payload: &Payload<'_>, cap: usize) {
        let raw = self.take(payload.raw, cap);
        if raw.is_empty() {
            return;
        }
        let start = self.bytes.len();
        match (payload.plain.and_then(|plain| plain.get(..raw.len())), payload.key) {
            (Some(plain), _) => self.bytes.extend_from_slice(plain),
            (None, key) => {
                self.bytes.extend_from_slice(raw);
                if let (Some(key), Some(new)) = (key, self.bytes.get_mut(start..)) {
                    key.apply(new);
                }
            }
        }
    }

    fn append(&mut self, other: &Self, cap: usize) {
        let more = self.take(&other.bytes, cap);
        self.bytes.extend_from_slice(more);
        self.omitted += other.omitted;
    }
}

impl Collector {
    /// Keeps `cap` bytes of each payload, and as many as sent where `keep_raw`.
    #[must_use]
    pub fn new(cap: usize, keep_raw: bool) -> Self {
        Self { cap, keep_raw, parts: false, connections: PerConnection::default() }
    }

    /// Asks for compressed messages piece by piece too, as the session tells them where its
    /// [`Config`](crate::session::Config) says so.
    #[must_use]
    pub fn with_parts(self) -> Self {
        Self { parts: true, ..self }
    }

    /// Another that joins in the same way, for other connections.
    #[must_use]
    pub fn part(&self) -> Self {
        Self { connections: PerConnection::default(), ..*self }
    }

    /// Takes back what a part holds of connections that are not over.
    pub fn join(&mut self, part: Self) {
        self.connections.extend(part.connections);
    }

    /// Whether the session must tell compressed messages piece by piece.
    #[must_use]
    pub const fn wants_parts(&self) -> bool {
        self.parts
    }

    /// The stream that an event belongs to.
    #[inline]
    fn stream(&mut self, event: &Event<'_>) -> &mut Stream {
        let streams = self.connections.get_or_insert_with(event.connection, Streams::default);
        match event.sender {
            Sender::Client => &mut streams.client,
            Sender::Server => &mut streams.server,
        }
    }

    /// A stream is over, and with the second one the connection.
    fn forget(&mut self, event: &Event<'_>, last: bool) {
        *self.stream(event) = Stream::default();
        if last {
            self.connections.remove(event.connection);
        }
    }

    /// Keeps no more than `most` bytes of each payload, whatever it was told before.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { cap: self.cap.min(most), ..self }
    }

    /// Takes an event, and gives what it completes.
    pub fn event(&mut self, event: &Event<'_>, give: &mut impl FnMut(Shown<'_>)) {
        let (cap, keep_raw) = (self.cap, self.keep_raw);
        match &event.kind {
            Kind::FrameStart(_) => self.stream(event).begin(event),
            Kind::FrameCut(cut) => give(Shown::Frame(WholeFrame {
                connection: event.connection,
                sender: event.sender,
                time: event.time,
                time_end: event.time_end,
                offset: event.offset,
                len: event.len,
                number: cut.number,
                header: FrameHeader::Cut(cut.header),
                end: None,
                packets: cut.packets.as_ref(),
                raw: &[],
                plain: &[],
                omitted: 0,
                inflated: None,
                header_findings: event.findings,
                end_findings: &[],
            })),
            Kind::Payload(payload) => self.stream(event).payload(payload, cap, keep_raw),
            Kind::Inflated(piece) => self.stream(event).inflating.push(piece, cap),
            Kind::FrameEnd(end) => self.stream(event).end(event, end, cap, give),
            Kind::Message(message) => self.stream(event).message(event, message, cap, give),
            Kind::Gap if self.stream(event).waits(event) => {}
            Kind::End(end) => {
                self.forget(event, end.connection.is_some());
                give(Shown::Event(event));
            }
            _ => give(Shown::Event(event)),
        }
    }
}

impl Stream {
    #[inline]
    fn begin(&mut self, event: &Event<'_>) {
        self.raw.clear();
        self.frame.clear();
        self.header_findings.clear();
        if !event.findings.is_empty() {
            self.header_findings.extend_from_slice(event.findings);
        }
        self.begun = Some(Begun { time: event.time, offset: event.offset });
    }

    #[inline]
    fn payload(&mut self, payload: &Payload<'_>, cap: usize, keep_raw: bool) {
        self.frame.push(payload, cap);
        if keep_raw {
            let room = cap.saturating_sub(self.raw.len()).min(payload.raw.len());
            self.raw.extend_from_slice(payload.raw.get(..room).unwrap_or_default());
        }
    }

    /// Whether a hole lies in the frame under way, and waits for its end.
    fn waits(&mut self, event: &Event<'_>) -> bool {
        let waits = self.begun.is_some() && self.holes.len() < MOST_HOLES;
        if waits {
            self.holes.push(Hole::of(event));
        }
        waits
    }

    fn end(&mut self, event: &Event<'_>, end: &FrameEnd<'_>, cap: usize, give: &mut impl FnMut(Shown<'_>)) {
        let Some(begun) = self.begun.take() else { return };
        self.alone = end.place.is_some() && end.header.opcode().begins_message() && end.header.fin();
        let deflate = |place: &Place| place.compression == Compression::Deflate;
        let inflated = end.place.filter(|place| end.header.fin() && deflate(place));
        if let Some(place) = end.place.filter(|place| !self.alone && !deflate(place)) {
            if place.piece == 1 {
                self.message.clear();
            }
            self.message.append(&self.frame, cap);
        }
        give(Shown::Frame(WholeFrame {
            connection: event.connection,
            sender: event.sender,
            time: begun.time,
            time_end: event.time_end,
            offset: begun.offset,
            len: event.offset.saturating_sub(begun.offset),
            number: end.number,
            header: FrameHeader::Whole(end.header),
            end: Some(end),
            packets: end.packets,
            raw: &self.raw,
            plain: &self.frame.bytes,
            omitted: self.frame.omitted,
            inflated: inflated.map(|place| self.inflating.of(place.message)),
            header_findings: &self.header_findings,
            end_findings: event.findings,
        }));
        forget(&mut self.raw);
        if !self.alone {
            self.frame.clear();
        }
        for hole in self.holes.drain(..) {
            give(Shown::Event(&hole.event(event.connection, event.sender)));
        }
    }

    fn message(
        &mut self,
        event: &Event<'_>,
        message: &Message<'_>,
        cap: usize,
        give: &mut impl FnMut(Shown<'_>),
    ) {
        if let Some(payload) = message.kept {
            let plain = payload.get(..cap).unwrap_or(payload);
            let omitted = (payload.len() - plain.len()) as u64;
            return give(Shown::Message(WholeMessage { event, message, plain, omitted, unknown: &[] }));
        }
        let kept = if self.alone { &self.frame } else { &self.message };
        let (plain, omitted, unknown) = if message.compression == Compression::Deflate {
            let inflated = self.inflating.of(message.number);
            (inflated.plain, inflated.omitted(), inflated.unknown)
        } else {
            (kept.bytes.as_slice(), kept.omitted, &[][..])
        };
        give(Shown::Message(WholeMessage { event, message, plain, omitted, unknown }));
        let shown = if self.alone { &mut self.frame } else { &mut self.message };
        shown.clear();
        self.inflating.over(message.number);
        self.alone = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::segment::{Content, How, Segment};
    use crate::session::{Config, Session};

    fn shown(bytes: &[u8], cap: usize, piece: usize) -> Vec<String> {
        let mut seen = Vec::new();
        let mut collector = Collector::new(cap, true);
        let mut session = Session::new(Config::default());
        let mut sink = |event: &Event<'_>| {
            collector.event(event, &mut |shown| match shown {
                Shown::Frame(f) => seen.push(format!(
                    "frame {} at {} len {} {:?} + {}",
                    f.number,
                    f.offset,
                    f.len,
                    String::from_utf8_lossy(f.plain),
                    f.omitted
                )),
                Shown::Message(m) => {
                    seen.push(format!("message {:?} + {}", String::from_utf8_lossy(m.plain), m.omitted))
                }
                Shown::Event(_) => {}
            });
        };
        for piece in bytes.chunks(piece) {
            let content = Content::Bytes(piece);
            session.feed(
                &Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content },
                &mut sink,
            );
        }
        session.finish(&mut sink);
        seen
    }

    #[test]
    fn the_room_of_a_large_payload_is_given_back() {
        let large = [&[0x82, 0x7f, 0, 0, 0, 0, 0, 8, 0, 0][..], &vec![b'a'; 0x8_0000]].concat();
        let pieces = [&[0x02, 0x7f, 0, 0, 0, 0, 0, 8, 0, 0][..], &vec![b'a'; 0x8_0000], &[0x80, 0]].concat();
        for bytes in [large, pieces] {
            let mut collector = Collector::new(usize::MAX, true);
            let mut session = Session::new(Config::default());
            let (mut most, content) = (0, Content::Bytes(&bytes));
            session.feed(
                &Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content },
                &mut |event: &Event<'_>| {
                    collector.event(event, &mut |shown| {
                        if let Shown::Message(message) = shown {
                            most = message.plain.len();
                        }
                    });
                },
            );
            assert_eq!(most, 0x8_0000);
            let stream = &collector.connections.get_mut(1).expect("it is open").server;
            for bytes in [&stream.raw, &stream.frame.bytes, &stream.message.bytes] {
                assert!(bytes.capacity() <= ROOM);
            }
        }
    }

    #[test]
    fn streams_are_kept_apart_and_forgotten_at_their_end() {
        let mut collector = Collector::new(100, true);
        let mut session = Session::new(Config::default());
        let mut seen = Vec::new();
        let mut feed = |connection, sender, content| {
            session.feed(
                &Segment { connection, sender, time: None, packet: None, content },
                &mut |event: &Event<'_>| {
                    collector.event(event, &mut |shown| {
                        if let Shown::Message(m) = shown {
                            seen.push((m.event.connection, String::from_utf8_lossy(m.plain).into_owned()));
                        }
                    });
                },
            );
        };
        let streams = [(1, Sender::Client), (1, Sender::Server), (2, Sender::Client), (2, Sender::Server)];
        for at in 0..6 {
            for (connection, sender) in streams {
                feed(connection, sender, Content::Bytes(&b"\x01\x01a\x80\x01b"[at..=at]));
            }
        }
        for (connection, sender) in streams {
            feed(connection, sender, Content::End(How::Fin));
        }
        assert_eq!(seen, [1, 1, 2, 2].map(|connection| (connection, "ab".to_owned())));
        assert!(collector.connections.take_all().is_empty());
    }

    #[test]
    fn a_hole_is_told_behind_the_frame_it_lies_in() {
        let mut collector = Collector::new(100, true);
        let mut session = Session::new(Config::default());
        let mut seen = Vec::new();
        for content in [
            Content::Bytes(b"\x82\x06ab"),
            Content::Gap(1),
            Content::Bytes(b"c"),
            Content::Gap(2),
            Content::Bytes(b"\x81\x00"),
            Content::Gap(3),
        ] {
            session.feed(
                &Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content },
                &mut |event: &Event<'_>| {
                    collector.event(event, &mut |shown| match shown {
                        Shown::Frame(frame) => seen.push(format!("frame {}", frame.offset)),
                        Shown::Event(Event { kind: Kind::Gap, offset, len, .. }) => {
                            seen.push(format!("gap {offset} + {len}"));
                        }
                        _ => {}
                    });
                },
            );
        }
        assert_eq!(seen, ["frame 0", "gap 4 + 1", "gap 6 + 2", "frame 8", "gap 10 + 3"]);
    }

    #[test]
    fn a_message_of_pieces_is_joined_and_a_ping_between_is_no_part_of_it() {
        let bytes = b"\x01\x05hello\x89\x00\x80\x06 world\x81\x02ok\x81\x05cu";
        let want = [
            "frame 1 at 0 len 7 \"hello\" + 0",
            "frame 2 at 7 len 2 \"\" + 0",
            "frame 3 at 9 len 8 \" world\" + 0",
            "message \"hello world\" + 0",
            "frame 4 at 17 len 4 \"ok\" + 0",
            "message \"ok\" + 0",
            "frame 5 at 21 len 4 \"cu\" + 0",
            "message \"cu\" + 0",
        ];
        for piece in 1..=bytes.len() {
            assert_eq!(shown(bytes, 100, piece), want);
        }
        assert_eq!(shown(bytes, 4, 3)[3], "message \"hell\" + 7");
    }
}

//! What is joined for one sender: the frame under way, and its message.

use super::super::plain::Inflating;
use super::kept::{Keeping, Kept, forget};
use super::shown::{FrameHeader, Shown, WholeFrame, WholeMessage};
use crate::rules::rule::Finding;
use crate::session::at_once::AtOnce;
use crate::session::event::{Compression, Event, FrameEnd, Kind, Message, Payload, Place};
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// The frame and the message under way of one sender.
#[derive(Debug, Default)]
pub(super) struct Stream {
    begun: Option<Begun>,
    /// Of the frame under way.
    header_findings: Vec<Finding>,
    pub(super) raw: Vec<u8>,
    pub(super) frame: Kept,
    /// The payload of a message of several frames.
    pub(super) message: Kept,
    /// The compressed message under way, inflated.
    pub(super) inflating: Inflating,
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

/// Where and when a frame ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) connection: u32,
    pub(super) sender: Sender,
    pub(super) time_end: Option<Time>,
    /// Bytes of the sender up to its end.
    pub(super) offset: u64,
}

impl Stream {
    #[inline]
    pub(super) fn begin(
        &mut self,
        time: Option<Time>,
        offset: u64,
        findings: &[Finding],
        keeping: &mut Keeping,
    ) {
        self.clear(keeping);
        if !findings.is_empty() {
            self.header_findings.extend_from_slice(findings);
        }
        self.begun = Some(Begun { time, offset });
    }

    /// Forgets the frame before.
    #[inline]
    fn clear(&mut self, keeping: &mut Keeping) {
        self.raw.clear();
        self.frame.clear(keeping);
        self.header_findings.clear();
    }

    /// A frame from its beginning to its end.
    #[inline]
    pub(super) fn frame(
        &mut self,
        frame: &AtOnce<'_>,
        keeping: &mut Keeping,
        give: &mut impl FnMut(Shown<'_>),
    ) {
        let AtOnce { connection, sender, time, offset, len, end, .. } = *frame;
        self.clear(keeping);
        self.payload(&frame.payload(), keeping);
        let at = At { connection, sender, time_end: time, offset: offset.saturating_add(len) };
        self.over(Begun { time, offset }, &at, end, &[], keeping, give);
    }

    #[inline]
    pub(super) fn payload(&mut self, payload: &Payload<'_>, keeping: &mut Keeping) {
        self.frame.push(payload, keeping);
        if keeping.raw > 0 {
            let room = keeping.raw.saturating_sub(self.raw.len()).min(payload.raw.len());
            self.raw.extend_from_slice(payload.raw.get(..room).unwrap_or_default());
        }
    }

    /// Whether a hole lies in the frame under way, and waits for its end.
    pub(super) fn waits(&mut self, event: &Event<'_>) -> bool {
        let waits = self.begun.is_some() && self.holes.len() < MOST_HOLES;
        if waits {
            self.holes.push(Hole::of(event));
        }
        waits
    }

    #[inline]
    pub(super) fn end(
        &mut self,
        at: &At,
        end: &FrameEnd<'_>,
        findings: &[Finding],
        keeping: &mut Keeping,
        give: &mut impl FnMut(Shown<'_>),
    ) {
        if let Some(begun) = self.begun.take() {
            self.over(begun, at, end, findings, keeping, give);
        }
    }

    #[inline]
    fn over(
        &mut self,
        begun: Begun,
        at: &At,
        end: &FrameEnd<'_>,
        findings: &[Finding],
        keeping: &mut Keeping,
        give: &mut impl FnMut(Shown<'_>),
    ) {
        self.alone = end.place.is_some() && end.header.opcode().begins_message() && end.header.fin();
        let deflate = |place: &Place| place.compression == Compression::Deflate;
        let inflated = end.place.filter(|place| end.header.fin() && deflate(place));
        if let Some(place) = end.place.filter(|place| !self.alone && !deflate(place)) {
            if place.piece == 1 {
                self.message.clear(keeping);
            }
            self.message.append(&self.frame, keeping.cap);
        }
        give(Shown::Frame(WholeFrame {
            connection: at.connection,
            sender: at.sender,
            time: begun.time,
            time_end: at.time_end,
            offset: begun.offset,
            len: at.offset.saturating_sub(begun.offset),
            number: end.number,
            header: FrameHeader::Whole(end.header),
            end: Some(end),
            packets: end.packets,
            raw: &self.raw,
            plain: &self.frame.bytes,
            omitted: self.frame.omitted,
            inflated: inflated.map(|place| self.inflating.of(place.message)),
            header_findings: &self.header_findings,
            end_findings: findings,
        }));
        forget(&mut self.raw);
        if !self.alone {
            self.frame.clear(keeping);
        }
        if !self.holes.is_empty() {
            self.tell_holes(at, give);
        }
    }

    #[cold]
    fn tell_holes(&mut self, at: &At, give: &mut impl FnMut(Shown<'_>)) {
        for hole in self.holes.drain(..) {
            give(Shown::Event(&hole.event(at.connection, at.sender)));
        }
    }

    pub(super) fn message(
        &mut self,
        event: &Event<'_>,
        message: &Message<'_>,
        keeping: &mut Keeping,
        give: &mut impl FnMut(Shown<'_>),
    ) {
        if let Some(payload) = message.kept {
            let plain = payload.get(..keeping.cap).unwrap_or(payload);
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
        shown.clear(keeping);
        self.inflating.over(message.number);
        self.alone = false;
    }
}

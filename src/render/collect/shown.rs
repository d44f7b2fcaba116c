//! What a view shows in one go: whole frames and messages, and any other event.

use super::super::plain::{InflatedPlain, Unknown};
use crate::rules::rule::Finding;
use crate::session::event::{Event, FrameCut, FrameEnd, FrameStart, Message};
use crate::session::packets::Packets;
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
        let len = event.len.saturating_add(start.header.payload_len());
        Self { len, ..Self::of_header(event, start.number, FrameHeader::Begun(start.header)) }
    }

    /// A frame of whose header a part came, and nothing behind it.
    pub(super) fn cut(event: &Event<'a>, cut: &'a FrameCut) -> Self {
        let packets = cut.packets.as_ref();
        Self { packets, ..Self::of_header(event, cut.number, FrameHeader::Cut(cut.header)) }
    }

    /// What an event about a header tells: no payload, and no end.
    const fn of_header(event: &Event<'a>, number: u64, header: FrameHeader) -> Self {
        Self {
            connection: event.connection,
            sender: event.sender,
            time: event.time,
            time_end: event.time_end,
            offset: event.offset,
            len: event.len,
            number,
            header,
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

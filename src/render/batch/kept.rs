//! What is kept of each kind of thing: all that it borrows from the bytes of a connection stands elsewhere in the batch.

use super::super::collect::{FrameHeader, Unknown};
use super::Place;
use crate::rules::ending::Ending;
use crate::rules::rule::Finding;
use crate::session::agreed::Agreed;
use crate::session::anatomy::{Part, Sources};
use crate::session::event::{Event, FrameEnd, Kind, Message, Resync, Why};
use crate::session::inflated::Inflated;
use crate::session::packets::Packets;
use crate::session::segment::{How, Opening, Time};
use crate::wire::head::Head;
use crate::wire::sender::Sender;

/// What every event says.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) connection: u32,
    pub(super) sender: Sender,
    pub(super) time: Option<Time>,
    pub(super) time_end: Option<Time>,
    pub(super) offset: u64,
    pub(super) len: u64,
    pub(super) findings: Vec<Finding>,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) common: Common,
    pub(super) number: u64,
    pub(super) header: FrameHeader,
    pub(super) end: Option<FrameEnd<'static>>,
    pub(super) packets: Option<Packets>,
    pub(super) control: Place,
    pub(super) raw: Place,
    pub(super) plain: Place,
    pub(super) omitted: u64,
    pub(super) inflated: Option<Box<KeptPlain>>,
    pub(super) end_findings: Vec<Finding>,
}

/// A message's inflated bytes.
#[derive(Debug)]
pub(super) struct KeptPlain {
    pub(super) plain: Place,
    pub(super) len: u64,
    pub(super) unknown: Vec<Unknown>,
}

#[derive(Debug)]
pub(super) struct KeptMessage {
    pub(super) common: Common,
    pub(super) message: Message<'static>,
    pub(super) frames: Place,
    /// Of a message that the input kept whole.
    pub(super) kept: Option<Place>,
    pub(super) plain: Place,
    pub(super) omitted: u64,
    pub(super) inflated: Option<Box<Inflated>>,
    pub(super) sources: Option<Box<Sources>>,
    pub(super) unknown: Vec<Unknown>,
}

#[derive(Debug)]
pub(super) struct KeptEvent {
    pub(super) common: Common,
    pub(super) kind: KeptKind,
}

/// A piece of a compressed message; what it borrows stands in two places.
#[derive(Debug)]
pub(super) struct KeptPart {
    pub(super) common: Common,
    pub(super) part: Part<'static>,
    pub(super) one: Place,
    pub(super) two: Place,
}

#[derive(Debug)]
pub(super) enum KeptKind {
    Open(Opening),
    Request { head: Head, handshake: bool, partial: bool },
    Response { head: Head, handshake: bool, partial: bool, request: Option<Head>, agreed: Agreed, early: u64 },
    Opaque(Why, Place),
    Gap,
    Resync(Resync),
    End(How, Option<Box<Ending>>),
}

impl Common {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let Event { connection, sender, time, time_end, offset, len, findings, .. } = *event;
        Self { connection, sender, time, time_end, offset, len, findings: findings.to_vec() }
    }

    pub(super) fn event<'a>(&'a self, kind: Kind<'a>) -> Event<'a> {
        let Self { connection, sender, time, time_end, offset, len, .. } = *self;
        Event { connection, sender, time, time_end, offset, len, kind, findings: &self.findings }
    }
}

//! What the messages and the pings of a connection sum up to, or of all of them.

use crate::render::collect::{WholeFrame, WholeMessage};
use crate::render::spread::Spread;
use crate::render::timeline::Timeline;
use crate::session::segment::Time;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Statistics of both senders.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    client: Side,
    server: Side,
    pub(super) traffic: Timeline,
}

/// Statistics of one sender.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Bytes of its text messages.
    pub(super) text: Spread,
    /// Bytes of its binary messages.
    pub(super) binary: Spread,
    /// Nanoseconds from the end of a message to the beginning of its next one.
    pub(super) gaps: Spread,
    /// Nanoseconds from its pings to their pongs.
    pub(super) round_trips: Spread,
    /// When its latest message ended.
    latest: Option<Time>,
}

impl Side {
    /// Bytes of all its messages.
    pub(super) fn sizes(&self) -> Spread {
        let mut sizes = self.text.clone();
        sizes.merge(&self.binary);
        sizes
    }
}

impl Statistics {
    pub(super) const fn of(&self, sender: Sender) -> &Side {
        match sender {
            Sender::Client => &self.client,
            Sender::Server => &self.server,
        }
    }

    const fn side(&mut self, sender: Sender) -> &mut Side {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    /// A frame came: its bytes are traffic, and a pong tells how long its ping took.
    pub(super) fn frame(&mut self, frame: &WholeFrame<'_>) {
        if let Some(time) = frame.time_end {
            self.traffic.add(frame.sender, time, frame.len);
        }
        let answer = frame.end.and_then(|end| end.answers);
        if let Some(trip) = answer.and_then(|answer| answer.round_trip) {
            self.side(frame.sender.other()).round_trips.add(trip);
        }
    }

    /// A message is over. One that was cut short has no size.
    pub(super) fn message(&mut self, whole: &WholeMessage<'_>) {
        if !whole.message.complete {
            return;
        }
        let side = self.side(whole.event.sender);
        // Without inflation the bytes are those on the wire.
        let len = (whole.plain.len() as u64).saturating_add(whole.omitted);
        match whole.message.opcode {
            Opcode::TEXT => side.text.add(len),
            _ => side.binary.add(len),
        }
        if let Some((before, now)) = side.latest.zip(whole.event.time) {
            side.gaps.add(now.since(before));
        }
        side.latest = whole.event.time_end.or(side.latest);
    }

    /// Adds those of another connection, whose traffic was added already.
    pub(super) fn merge(&mut self, other: &Self) {
        for sender in Sender::BOTH {
            let (to, from) = (self.side(sender), other.of(sender));
            to.text.merge(&from.text);
            to.binary.merge(&from.binary);
            to.gaps.merge(&from.gaps);
            to.round_trips.merge(&from.round_trips);
        }
    }
}

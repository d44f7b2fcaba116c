//! A reset that its receiver need not take.

use super::Context;
use super::packet::Packet;
use super::table::EndPoint;
use super::way::Way;
use crate::session::segment::{How, Time};

/// A reset inside the window that does not stand where the next byte is expected. Its receiver answers it and goes on
/// (RFC 9293 §3.10.7.4, RFC 5961 §3), unless it had received what was not captured; so it is believed where its sender says
/// nothing more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubted {
    /// Who sent it.
    pub(super) end: EndPoint,
    /// Where it stands in its sender's stream.
    at: i64,
    time: Option<Time>,
}

impl Doubted {
    /// A reset came: it ends its sender's stream, is left out, or is doubted.
    pub(super) fn of(
        packet: &Packet<'_>,
        end: EndPoint,
        way: &mut Way,
        context: &mut Context,
    ) -> Option<Self> {
        let doubted = Self { end, at: way.place_of(packet.first()), time: packet.time };
        if !way.is_near(doubted.at, &context.limits) {
            context.notes.far_reset();
            return None;
        }
        if !way.has_end() && !way.is_expected(doubted.at) {
            return Some(doubted);
        }
        doubted.believe(way);
        None
    }

    /// It ends the stream.
    pub(super) fn believe(self, way: &mut Way) {
        way.end(self.at, How::Reset, self.time, 0);
    }

    /// Its sender sent something else, which reaches up to `behind`: the reset, where it is doubted still. Bytes before it
    /// may merely be late.
    pub(super) fn look(
        self,
        packet: &Packet<'_>,
        behind: i64,
        way: &mut Way,
        context: &mut Context,
    ) -> Option<Self> {
        if way.is_expected(self.at) {
            self.believe(way);
            return None;
        }
        if packet.has_data() && behind <= self.at {
            return Some(self);
        }
        context.notes.unexpected_reset();
        None
    }
}

//! A reset that its receiver need not take.

use super::packet::Packet;
use super::table::EndPoint;
use super::way::Way;
use super::{Context, Limits};
use crate::session::segment::{How, Time};

/// A reset inside the window that does not stand where the next byte is expected. Its receiver answers it and goes on
/// (RFC 9293 §3.10.7.4, RFC 5961 §3), unless it had received what was not captured; so it is believed where its sender says
/// nothing more: at the end of the capture, or as soon as its silence tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubted {
    /// Who sent it.
    pub(super) end: EndPoint,
    /// Where it stands in its sender's stream.
    at: i64,
    time: Option<Time>,
    /// Since when its sender's silence tells that it has reset.
    silent_since: Option<Time>,
    /// Whether bytes came of the other end that its sender would acknowledge.
    asked: bool,
}

impl Doubted {
    /// A reset came: it ends its sender's stream, is left out, or is doubted.
    pub(super) fn of(
        packet: &Packet<'_>,
        end: EndPoint,
        way: &mut Way,
        context: &mut Context,
    ) -> Option<Self> {
        let (at, time) = (way.place_of(packet.first()), packet.time);
        // A receiver that does not take it answers, unless it lies outside its window.
        let silent_since = time.filter(|_| way.is_within_least_window(at));
        let doubted = Self { end, at, time, silent_since, asked: false };
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
        if packet.has_data() && behind <= self.at && !context.limits.is_past(self.time, packet.time) {
            return Some(self);
        }
        context.notes.unexpected_reset();
        None
    }

    /// The other end sent something: it has not taken the reset, and what it says its sender acknowledges, if it is there.
    pub(super) fn hear(&mut self, packet: &Packet<'_>) {
        if !self.asked {
            self.asked = packet.has_data();
            self.silent_since = packet.time.filter(|_| self.asked);
        }
    }

    /// Since when its sender's silence tells that it has reset.
    pub(super) const fn silent_since(&self) -> Option<Time> {
        self.silent_since
    }

    /// Whether that has lasted.
    pub(super) fn is_told_by_silence(&self, now: Option<Time>, limits: &Limits) -> bool {
        limits.is_past(self.silent_since, now)
    }
}

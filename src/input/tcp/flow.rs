//! One connection: its two directions put in order, each behind what it answers.

use std::ops::ControlFlow;

use super::packet::{Flags, Packet};
use super::piece::Piece;
use super::protocol::{Spoken, looks_like_handshake};
use super::reset::Doubted;
use super::scout::Scout;
use super::speech::{Event, Speech, Stage, What, sender_of};
use super::table::EndPoint;
use super::way::Forced;
use super::ways::Ways;
use super::{Context, Limits};
use crate::input::emit::{Emitter, Stop};
use crate::session::segment::{How, Time};

/// A connection.
#[derive(Debug)]
pub(super) struct Flow {
    ways: Ways,
    speech: Speech,
    /// A SYN that may begin another connection between the same ends, and the sequence number of its first byte.
    reborn: Option<(EndPoint, u32)>,
    /// A reset that may be none.
    doubted: Option<Doubted>,
    /// When the last packet came.
    touched: Option<Time>,
    /// Whether it will be looked at later.
    due: bool,
}

impl Flow {
    /// The connection to which a packet of that end belongs.
    pub(super) fn new(packet: &Packet<'_>, end: EndPoint) -> Self {
        let (low, high) = match end {
            EndPoint::Low => (packet.from, packet.to),
            EndPoint::High => (packet.to, packet.from),
        };
        let speech =
            Speech { low, high, opened_by: None, began: packet.time, decrypted: false, stage: Stage::Silent };
        Self { ways: Ways::default(), speech, reborn: None, doubted: None, touched: None, due: false }
    }

    /// Begins another connection between the same ends.
    pub(super) fn begin_anew(&mut self, packet: &Packet<'_>, end: EndPoint) {
        let due = self.due;
        let syn = self.reborn.filter(|(by, _)| *by != end || !packet.flags.syn);
        *self = Self { due, ..Self::new(packet, end) };
        if let Some((by, first)) = syn {
            self.speech.opened_by = Some(by);
            let (way, _) = self.ways.of(by);
            way.begin(first);
            way.from_start = true;
        }
    }

    /// Whether it said nothing, or nothing that is followed.
    pub(super) const fn is_silent(&self) -> bool {
        matches!(self.speech.stage, Stage::Silent | Stage::Other(_) | Stage::Replaced)
    }

    /// Whether a packet belongs to a later connection between the same ends.
    pub(super) fn is_reused_by(&mut self, packet: &Packet<'_>, end: EndPoint, limits: &Limits) -> bool {
        let first = packet.first();
        if packet.flags.syn {
            let confirmed = self.reborn.is_some_and(|(by, first)| by != end && packet.ack == Some(first));
            let closed = self.ways.are_closed() || self.is_silent();
            let (way, _) = self.ways.of(end);
            if confirmed || !way.is_known() || way.began_at(first) {
                return confirmed;
            }
            if !closed && packet.ack.is_none() {
                // An old SYN that was under way for long does not end the connection (RFC 9293 §3.10.7.4).
                self.reborn = Some((end, first));
            }
            return closed;
        }
        if self.reborn == Some((end, first)) {
            return true;
        }
        if !looks_like_handshake(packet.payload) {
            return false;
        }
        match self.speech.stage {
            Stage::Other(Spoken::Http | Spoken::Other) => {
                self.speech.stage = Stage::Replaced;
                true
            }
            // Its SYN was not captured: it stands where no byte of the stream can.
            Stage::WebSocket { .. } => {
                let (way, _) = self.ways.of(end);
                !way.is_near(way.place_of(first), limits)
            }
            _ => false,
        }
    }

    /// Hands on the bytes of a packet that brings just those that come next, and nothing else to do; none where it is another.
    ///
    /// Most packets are such ones, and for them [`Self::is_reused_by`] says no, and [`Self::add`] does the same.
    #[inline]
    pub(super) fn go_on(
        &mut self,
        packet: &Packet<'_>,
        end: EndPoint,
        context: &Context,
        to: &mut Emitter<'_>,
    ) -> Option<Result<(), Stop>> {
        let Stage::WebSocket { connection, client } = self.speech.stage else { return None };
        let is_plain = packet.flags == Flags::default() && packet.cut == 0 && !packet.payload.is_empty();
        if !is_plain || self.reborn.is_some() || self.doubted.is_some() {
            return None;
        }
        let (way, other) = self.ways.of(end);
        if !way.take_next(packet, other, context.kept) {
            return None;
        }
        self.touched = packet.time;
        let Packet { time, number, payload, .. } = *packet;
        Some(to.bytes_of_packet(connection, sender_of(end, client), (time, number), payload))
    }

    /// Takes a packet from that end.
    pub(super) fn add(
        &mut self,
        packet: &Packet<'_>,
        end: EndPoint,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        self.touched = packet.time;
        self.place(packet, end);
        if packet.has_data() {
            self.data(packet, end, context, to)?;
        }
        let followed = !self.is_silent() && !packet.flags.rst;
        let (way, other) = self.ways.of(end);
        if let Some(ack) = packet.ack.filter(|_| followed) {
            other.confirm(ack, packet.time, &context.limits);
        }
        let needs = packet.ack.map_or(0, |ack| other.needed(ack));
        let behind = way.place_of(packet.first()) + packet.payload.len() as i64 + i64::from(packet.cut);
        if packet.flags.fin {
            way.end(behind, How::Fin, packet.time, needs);
        }
        if packet.flags.rst {
            let doubted = Doubted::of(packet, end, way, context);
            self.doubt(doubted);
        } else if let Some(doubted) = self.doubted.filter(|doubted| doubted.end == end) {
            self.doubted = doubted.look(packet, behind, self.ways.of(end).0, context);
        } else if let Some(doubted) = &mut self.doubted {
            doubted.hear(packet);
        }
        self.hand_on(context, to)?;
        if self.ways.hold_too_much(&context.limits) {
            self.force(packet.time, context, to)?;
        }
        Ok(())
    }

    /// A reset is doubted, unless nothing is followed here, and so it is not known what would be expected.
    fn doubt(&mut self, doubted: Option<Doubted>) {
        match doubted {
            Some(doubted) if self.is_silent() => doubted.believe(self.ways.of(doubted.end).0),
            _ => self.doubted = self.doubted.or(doubted),
        }
    }

    /// A reset that was doubted ends its sender's stream.
    fn believe_reset(&mut self) {
        if let Some(doubted) = self.doubted.take() {
            doubted.believe(self.ways.of(doubted.end).0);
        }
    }

    /// Learns where the streams begin.
    fn place(&mut self, packet: &Packet<'_>, end: EndPoint) {
        let opened_by = self.speech.opened_by;
        let (way, other) = self.ways.of(end);
        way.heard = true;
        let known = way.is_known();
        way.begin(packet.first());
        if packet.flags.syn {
            way.from_start |= !known;
            if let Some(ack) = packet.ack
                && !other.is_known()
            {
                other.begin(ack);
                other.from_start = true;
            }
            let by = if packet.ack.is_some() { end.other() } else { end };
            self.speech.opened_by = opened_by.or(Some(by));
        } else if let Some(ack) = packet.ack
            && opened_by == Some(end)
            && way.place_of(packet.seq) <= 0
            && way.next() == 0
            && !other.is_known()
        {
            // The answer to the SYN was not captured, and nothing was said yet.
            other.begin(ack);
            other.from_start = true;
        } else if let Some(ack) = packet.ack
            && !other.is_known()
            && looks_like_handshake(packet.payload)
        {
            // The answer stands there. Where something else comes first, the answer is missing.
            other.begin(ack);
        }
    }

    fn data(
        &mut self,
        packet: &Packet<'_>,
        end: EndPoint,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        let from = packet.from;
        match &self.speech.stage {
            Stage::Silent => {
                let [low, high] = self.ways.begin_at_start();
                self.speech.decrypted = context.decrypted;
                self.speech.stage = Stage::Unknown(Box::new(Scout::new(low, high)));
            }
            Stage::Other(_) | Stage::Replaced => {
                self.ways.of(end).0.forget();
                return Ok(());
            }
            Stage::Unknown(_) | Stage::WebSocket { .. } => {}
        }
        let (way, other) = self.ways.of(end);
        let piece = Piece {
            at: way.place_of(packet.first()),
            bytes: packet.payload,
            cut: packet.cut,
            needs: packet.ack.map_or(0, |ack| other.needed(ack)),
            time: packet.time,
            packet: packet.number,
        };
        if way.is_over() {
            if piece.at + piece.bytes.len() as i64 > way.next() as i64 {
                context.notes.behind_end(1);
            }
            return Ok(());
        }
        if way.was_given_up(&piece) {
            context.notes.too_late();
        }
        let (now, differs) = way.take(piece, other.progress(), context.kept);
        if differs {
            context.notes.differs(from, piece.at);
        }
        let Some(now) = now else { return Ok(()) };
        self.speech.piece(end, (now.time, now.packet), now.bytes, now.cut, context, to)
    }

    /// Hands on all whose turn has come, in both directions.
    fn hand_on(&mut self, context: &mut Context, to: &mut Emitter<'_>) -> Result<(), Stop> {
        while self.ways.wait() {
            let mut moved = false;
            for end in [EndPoint::Low, EndPoint::High] {
                let (way, other) = self.ways.of(end);
                let behind_end = way.early();
                if let Some(early) = way.pop(other.progress(), context.kept) {
                    self.speech.early(end, &early, context, to)?;
                    moved = true;
                } else if let Some((how, time)) = way.pop_end(other.progress()) {
                    context.notes.behind_end(behind_end);
                    self.speech.event(
                        &Event { end, time, packet: None, what: What::End(how) },
                        context,
                        to,
                    )?;
                    moved = true;
                }
            }
            if !moved && !self.part_those_that_wait_for_each_other() {
                break;
            }
        }
        Ok(())
    }

    /// What is sent again acknowledges more than it did at first, so that each may seem to come behind the other. Then
    /// whoever opened the connection spoke first.
    fn part_those_that_wait_for_each_other(&mut self) -> bool {
        let both = self.ways.wait_for_each_other();
        if both {
            let end = self.speech.opened_by.unwrap_or(EndPoint::Low);
            self.ways.of(end).0.let_next_come();
        }
        both
    }

    /// Gives up to wait where that took too long.
    fn force(&mut self, now: Option<Time>, context: &mut Context, to: &mut Emitter<'_>) -> Result<(), Stop> {
        while let Some(end) = self.ways.overdue(now, &context.limits) {
            self.force_one(end, context, to)?;
        }
        Ok(())
    }

    fn force_one(&mut self, end: EndPoint, context: &mut Context, to: &mut Emitter<'_>) -> Result<(), Stop> {
        let (way, other) = self.ways.of(end);
        // What its sender had received is missing, if anything is.
        let end = if way.waits_for_other() && other.waits_for_lost() { end.other() } else { end };
        let (way, other) = self.ways.of(end);
        let since = way.since();
        match way.force(&context.limits, context.kept, other.was_finished()) {
            Some(Forced::Gap(lost)) => {
                self.speech.event(
                    &Event { end, time: since, packet: None, what: What::Gap(lost) },
                    context,
                    to,
                )?;
            }
            Some(Forced::Early(early)) => self.speech.early(end, &early, context, to)?,
            Some(Forced::Stray) => context.notes.stray(),
            Some(Forced::End) | None => {}
        }
        self.hand_on(context, to)
    }

    /// Since when something waits to be done with it, where it is to be looked at later and is not yet going to be.
    pub(super) fn wants_a_look(&mut self, limits: &Limits) -> Option<Time> {
        let since = self.waits_since(limits).filter(|_| !self.due);
        self.due |= since.is_some();
        since
    }

    fn waits_since(&self, limits: &Limits) -> Option<Time> {
        let closed = self.touched.filter(|_| self.ways.are_closed());
        let silent = || self.doubted.and_then(|doubted| doubted.silent_since());
        self.ways.wait_since(limits).or(closed).or_else(silent)
    }

    /// Looks whether what was waited for took too long. Breaks where the connection is over for good; otherwise since
    /// when something waits still.
    pub(super) fn look(
        &mut self,
        now: Option<Time>,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<ControlFlow<(), Option<Time>>, Stop> {
        self.due = false;
        if self.doubted.is_some_and(|doubted| doubted.is_told_by_silence(now, &context.limits)) {
            self.believe_reset();
            self.hand_on(context, to)?;
        }
        self.force(now, context, to)?;
        if self.ways.are_closed() && context.limits.is_past(self.touched, now) {
            self.finish(context, to)?;
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(self.wants_a_look(&context.limits)))
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self, context: &mut Context, to: &mut Emitter<'_>) -> Result<(), Stop> {
        self.believe_reset();
        while let Some(end) = self.ways.first_to_wait() {
            self.force_one(end, context, to)?;
        }
        self.hand_on(context, to)?;
        if let Stage::Unknown(scout) = &self.speech.stage {
            let verdict = scout.finish();
            self.speech.decide(verdict, context, to)?;
        }
        let reset = self.ways.were_reset();
        let how = if reset { How::Reset } else { How::Unknown };
        for end in [EndPoint::Low, EndPoint::High] {
            let (way, _) = self.ways.of(end);
            if !way.is_over() && (reset || way.heard) {
                way.give_up();
                self.speech.event(
                    &Event { end, time: None, packet: None, what: What::End(how) },
                    context,
                    to,
                )?;
            }
        }
        Ok(())
    }

    /// The connection is forgotten: what it was is counted.
    pub(super) fn leave(&mut self, context: &mut Context) {
        let spoken = match &self.speech.stage {
            Stage::Silent => Spoken::Nothing,
            Stage::Other(spoken) => *spoken,
            Stage::Unknown(_) | Stage::WebSocket { .. } | Stage::Replaced => return,
        };
        context.notes.left_out(spoken, self.speech.server());
    }
}

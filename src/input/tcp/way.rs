//! One direction of a connection: its bytes in the order of their sequence numbers, each once.

use super::Limits;
use super::confirmed::Confirmed;
use super::history::History;
use super::packet::Packet;
use super::piece::{Early, Piece};
use super::queue::Queue;
use crate::session::segment::{How, Time};

/// How far from the stream a reset may stand at least: a window that is not scaled.
const LEAST_ROOM: usize = 65_535;

/// One direction. There are two for each connection, so what few of them have, or only at their end, stands elsewhere.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// The sequence number of the first byte, once one is known.
    base: Option<u32>,
    /// How many bytes were handed on or given up: where the next one stands.
    next: u64,
    /// What came before its turn.
    early: Queue,
    /// Since when something waits.
    since: Option<Time>,
    /// What the other end has received of it.
    confirmed: Confirmed,
    end: Option<Box<End>>,
    ended: bool,
    /// The last bytes that were given up: where they begin and end.
    lost: Option<Box<(u64, u64)>>,
    history: History,
    /// Whether its SYN was seen, so that its first byte is the connection's first.
    pub(super) from_start: bool,
    /// Whether a packet of it was captured.
    pub(super) heard: bool,
}

/// Where a stream ends, and how.
#[derive(Clone, Copy, Debug)]
struct End {
    at: u64,
    how: How,
    time: Option<Time>,
    /// How far the other direction has to be before.
    needs: u64,
    /// Where the stream stood when it came.
    next_then: u64,
}

/// What comes of giving up to wait.
#[derive(Debug)]
pub(super) enum Forced {
    /// That many bytes are lost, up to where something stands.
    Gap(u64),
    /// What stands next, though the other direction is not so far.
    Early(Early),
    /// The same of the end of the stream.
    End,
    /// A piece that stands far from the stream, and is none of it.
    Stray,
}

impl Way {
    /// Where the next byte stands.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    pub(super) const fn is_known(&self) -> bool {
        self.base.is_some()
    }

    pub(super) const fn is_over(&self) -> bool {
        self.ended
    }

    /// Whether it ended with a reset, or will.
    pub(super) const fn was_reset(&self) -> bool {
        matches!(&self.end, Some(end) if matches!(end.how, How::Reset))
    }

    /// Whether it ended with a FIN, or will.
    pub(super) const fn was_finished(&self) -> bool {
        matches!(&self.end, Some(end) if matches!(end.how, How::Fin))
    }

    /// How far this direction had come for whoever acknowledges it, its FIN included. Where no packet of it was captured,
    /// that is nothing to wait for.
    pub(super) fn needed(&self, ack: u32) -> u64 {
        if !self.heard || self.ended {
            return 0;
        }
        let place = self.place_of(ack).max(0) as u64;
        self.end.as_ref().map_or(place, |end| place.min(end.at + u64::from(end.how == How::Fin)))
    }

    /// How far this direction is, for what comes behind it in the other one.
    pub(super) const fn progress(&self) -> u64 {
        if self.ended { u64::MAX } else { self.next }
    }

    /// Nothing more is taken.
    pub(super) fn give_up(&mut self) {
        self.ended = true;
        self.early.clear();
        self.confirmed.forget();
        self.forget();
    }

    /// The other end has received all before this number. Where nothing was captured of the stream yet, it is not known where
    /// that begins.
    pub(super) fn confirm(&mut self, ack: u32, time: Option<Time>, limits: &Limits) {
        let place = self.place_of(ack);
        let begun = self.next > 0 || self.from_start;
        if place <= self.next as i64 || !self.heard || !begun || self.ended || self.end.is_some() {
            return;
        }
        if !self.waits() {
            self.since = time;
        }
        self.confirmed.add(place as u64, self.last(), limits);
    }

    /// What was sent is not compared any more.
    pub(super) fn forget(&mut self) {
        self.history = History::default();
    }

    /// Says where the stream begins, if nothing has said so.
    pub(super) const fn begin(&mut self, seq: u32) {
        if self.base.is_none() {
            self.base = Some(seq);
        }
    }

    /// Whether this is the sequence number with which the stream began.
    pub(super) fn began_at(&self, seq: u32) -> bool {
        self.base == Some(seq)
    }

    /// Where a sequence number stands: the place nearest to the next byte (RFC 9293 §3.4).
    pub(super) const fn place_of(&self, seq: u32) -> i64 {
        let Some(base) = self.base else { return 0 };
        let expected = base.wrapping_add(self.next as u32);
        self.next as i64 + seq.wrapping_sub(expected) as i32 as i64
    }

    /// Whether packets of it came, and it is neither over nor does anything wait.
    fn is_calm(&self) -> bool {
        self.heard && self.base.is_some() && self.end.is_none() && !self.ended && self.early.is_empty()
    }

    /// Takes the bytes of a packet that are just the next ones, behind nothing of the `other` direction that is not here yet, while
    /// nothing waits in either; whether they are.
    #[inline]
    pub(super) fn take_next(&mut self, packet: &Packet<'_>, other: &Self, kept: usize) -> bool {
        let is_next = self.is_calm()
            && other.is_calm()
            && self.place_of(packet.seq) == self.next as i64
            && packet.ack.is_none_or(|ack| other.place_of(ack) <= other.next as i64);
        if is_next {
            self.pass(packet.payload, packet.cut, kept);
        }
        is_next
    }

    /// Takes a piece: what of it can be handed on at once, while the other direction stands at `other`.
    /// What is too early is kept. Also says whether bytes differ from what was sent before, of which `kept` are known.
    pub(super) fn take<'a>(
        &mut self,
        piece: Piece<'a>,
        other: u64,
        kept: usize,
    ) -> (Option<Piece<'a>>, bool) {
        let (piece, differs) = self.behind_what_came(piece);
        if piece.bytes.is_empty() && piece.cut == 0 {
            return (None, differs);
        }
        let at = piece.at as u64;
        let end = at + piece.bytes.len() as u64 + u64::from(piece.cut);
        let room = self.early.first().is_none_or(|(first, _)| first >= end);
        if at == self.next && room && piece.needs <= other {
            self.pass(piece.bytes, piece.cut, kept);
            return (Some(piece), differs);
        }
        if self.early.is_empty() {
            self.since = piece.time;
        }
        let differs_early = self.early.keep(piece, self.next);
        (None, differs || differs_early)
    }

    /// Whether bytes of a piece are those that were given up last.
    pub(super) fn was_given_up(&self, piece: &Piece<'_>) -> bool {
        self.lost.as_deref().is_some_and(|&(begin, end)| {
            piece.at < end as i64 && piece.at + piece.bytes.len() as i64 > begin as i64
        })
    }

    /// How many pieces wait.
    pub(super) fn early(&self) -> usize {
        self.early.len()
    }

    /// The part of a piece that stands behind the next byte.
    fn behind_what_came<'a>(&self, mut piece: Piece<'a>) -> (Piece<'a>, bool) {
        let old = self.next as i64 - piece.at;
        if old <= 0 {
            return (piece, false);
        }
        let old = old as u64;
        // A keep-alive repeats the last byte, or sends any other in its place (RFC 1122 §4.2.3.6).
        let keep_alive = old == 1 && piece.bytes.len() == 1;
        let known = usize::try_from(old).unwrap_or(usize::MAX).min(piece.bytes.len());
        let (again, new) = piece.bytes.split_at(known);
        let differs = !keep_alive && self.history.differs(old, again);
        let old_cut = (old - known as u64).min(u64::from(piece.cut));
        piece.cut -= old_cut as u32;
        piece.at = self.next as i64;
        piece.bytes = new;
        (piece, differs)
    }

    /// The next piece that was kept, where its turn has come.
    pub(super) fn pop(&mut self, other: u64, kept: usize) -> Option<Early> {
        let (at, early) = self.early.first()?;
        if at > self.next || early.needs > other {
            return None;
        }
        self.pop_front(kept)
    }

    /// Whether the next piece is here, and waits for the other direction alone.
    pub(super) fn waits_for_other(&self) -> bool {
        match self.early.first() {
            Some((at, _)) => at <= self.next,
            None => self.end_is_next().is_some(),
        }
    }

    /// Whether something is known behind bytes that are not here.
    pub(super) fn waits_for_lost(&self) -> bool {
        self.early.first().map_or(self.confirmed.to() > self.next, |(at, _)| at > self.next)
    }

    /// The end of the stream, where all before it was handed on.
    fn end_is_next(&self) -> Option<End> {
        self.end.as_deref().copied().filter(|end| end.at <= self.next && !self.ended)
    }

    /// The next piece, or the end, does not wait for the other direction any more.
    pub(super) fn let_next_come(&mut self) {
        if !self.early.let_first_come()
            && let Some(end) = &mut self.end
        {
            end.needs = 0;
        }
    }

    fn pop_front(&mut self, kept: usize) -> Option<Early> {
        let early = self.early.pop()?;
        self.pass(&early.bytes, early.cut, kept);
        self.since = self.early.first().and_then(|(_, early)| early.time);
        Some(early)
    }

    fn pass(&mut self, bytes: &[u8], cut: u32, kept: usize) {
        self.next += bytes.len() as u64 + u64::from(cut);
        self.history.add(bytes, cut, kept);
    }

    /// Behind all bytes that came, or that the other end confirmed.
    fn last(&self) -> u64 {
        self.early.end().unwrap_or(0).max(self.next).max(self.confirmed.to())
    }

    /// Whether a reset at this place may be one of this stream. Its receiver takes none from outside its window (RFC 9293
    /// §3.10.7.4); since packets may be missing here that it saw, as much is allowed as is waited for.
    pub(super) fn is_near(&self, at: i64, limits: &Limits) -> bool {
        let room = limits.bytes.max(LEAST_ROOM) as i64;
        let (next, last) = (self.next as i64, self.last() as i64);
        !self.is_known() || (next.saturating_sub(room)..=last.saturating_add(room)).contains(&at)
    }

    /// Whether the receiver may expect the byte at this place next: all before it came, or what is missing here came to the
    /// receiver alone.
    pub(super) fn is_expected(&self, at: i64) -> bool {
        at == self.next as i64 || at == self.last() as i64
    }

    /// Whether whoever receives this stream surely has this place in its window, though not as the next.
    pub(super) fn is_within_least_window(&self, at: i64) -> bool {
        (self.next as i64..self.next as i64 + LEAST_ROOM as i64).contains(&at)
    }

    /// Whether it is known where the stream ends.
    pub(super) const fn has_end(&self) -> bool {
        self.end.is_some()
    }

    /// The stream ends at this place; the first word on it counts.
    pub(super) fn end(&mut self, at: i64, how: How, time: Option<Time>, needs: u64) {
        if self.end.is_none() {
            let last = self.last();
            // What lies far behind all that came is no place to wait for: a reset may carry any number.
            let at = match (at.max(0) as u64).max(self.next) {
                at if how == How::Reset && at > last => last,
                at => at,
            };
            self.end = Some(Box::new(End { at, how, time, needs, next_then: self.next }));
            if self.early.is_empty() {
                self.since = time;
            }
        }
    }

    /// How and when the stream ends, where its turn has come; told once.
    pub(super) fn pop_end(&mut self, other: u64) -> Option<(How, Option<Time>)> {
        let end = self.end_is_next().filter(|end| end.needs <= other)?;
        self.give_up();
        Some((end.how, end.time))
    }

    /// Whether something waits for bytes that have not come.
    pub(super) fn waits(&self) -> bool {
        !self.early.is_empty() || !self.ended && (self.end.is_some() || self.confirmed.to() > self.next)
    }

    /// Since when.
    pub(super) const fn since(&self) -> Option<Time> {
        self.since
    }

    /// Whether too much waits.
    pub(super) fn is_too_much(&self, limits: &Limits) -> bool {
        self.early.is_too_much(limits)
    }

    /// Whether it has waited long enough, or for too much.
    pub(super) fn is_overdue(&self, now: Option<Time>, limits: &Limits) -> bool {
        self.is_too_much(limits)
            || self.waits() && limits.is_past(self.since, now) && !self.may_be_stray(limits)
    }

    /// Whether all that waits is one piece, or the end, so far from the stream that what comes next has to tell whether the
    /// stream goes on there or where it was.
    pub(super) fn may_be_stray(&self, limits: &Limits) -> bool {
        let (at, next_then) = match (self.early.first(), &self.end) {
            (Some((at, early)), None) if self.early.len() == 1 => (at, early.next_then),
            (None, Some(end)) => (end.at, end.next_then),
            _ => return false,
        };
        at.saturating_sub(self.next) > limits.bytes as u64 && self.next == next_then
    }

    /// Gives up to wait for what comes next; `ended` where the other end has ended its own stream.
    pub(super) fn force(&mut self, limits: &Limits, kept: usize, ended: bool) -> Option<Forced> {
        let Some((at, early)) = self.early.first() else {
            let Some(end) = self.end.as_deref().copied().filter(|_| !self.ended) else {
                let to = self.confirmed.give_up(self.next, ended)?;
                return Some(self.give_up_to(to));
            };
            if end.at <= self.next {
                self.let_next_come();
                return Some(Forced::End);
            }
            if end.at - self.next > limits.bytes as u64 && self.next > end.next_then {
                self.end = None;
                return Some(Forced::Stray);
            }
            return Some(self.give_up_to(end.at));
        };
        if at <= self.next {
            return self.pop_front(kept).map(Forced::Early);
        }
        let far = at - self.next > limits.bytes as u64;
        if far && self.early.len() == 1 && self.next > early.next_then {
            self.early.clear();
            return Some(Forced::Stray);
        }
        Some(self.give_up_to(at))
    }

    fn give_up_to(&mut self, at: u64) -> Forced {
        let begin = std::mem::replace(&mut self.next, at);
        self.lost = Some(Box::new((begin, at)));
        self.history.forget();
        Forced::Gap(at - begin)
    }
}

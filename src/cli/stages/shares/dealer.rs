//! Deals the segments of a capture out, round by round, and remembers in which order.

use std::ops::ControlFlow;

use super::desk::Desk;
use crate::cli::stages::belt::Load;
use crate::cli::stages::segments::Segments;
use crate::input::Parts;
use crate::session::segment::Segment;

/// Bytes of the capture that are read in a round: so few that they, and what is shown of them, stay in the cores' own caches.
pub(super) const ROUND: usize = 64 * 1024;

/// Memory of a box that is kept for the next round.
const KEPT: usize = 512 * 1024;

/// Segments of a round for one thread.
#[derive(Debug, Default)]
pub(super) struct Dealt {
    segments: Segments,
    /// The place of each among all segments.
    turns: Vec<u64>,
    /// The place of the first segment behind the round.
    end: u64,
    /// Which thread filled it, and fills it again: memory that one thread takes and another one gives back, in the end both wait
    /// for.
    pub(super) by: usize,
}

impl Dealt {
    /// An empty box that a thread fills.
    pub(super) fn by(thread: usize) -> Self {
        Self { by: thread, ..Self::default() }
    }

    /// Where the round ends.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// Bytes of memory that it holds, about.
    pub(super) fn size(&self) -> usize {
        self.segments.size()
    }

    /// Gives the segments back, each with its place among all.
    pub(super) fn each<E>(&self, mut give: impl FnMut(u64, &Segment<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut turns = self.turns.iter();
        self.segments.each(|segment| turns.next().map_or(Ok(()), |turn| give(*turn, segment)))
    }

    /// Forgets everything, and keeps its memory for another round, unless that is much.
    fn clear(&mut self) {
        if self.size() > KEPT {
            *self = Self::by(self.by);
        }
        self.segments.clear();
        self.turns.clear();
    }
}

/// Deals segments out, to the thread of the connection's group.
pub(super) struct Dealer<'s> {
    parts: Parts<'s>,
    groups: usize,
    turn: u64,
    /// For which thread each segment of the round is.
    order: Vec<u8>,
}

impl<'s> Dealer<'s> {
    /// Deals out what is in a capture; `groups` is into how many groups connections are parted.
    pub(super) fn new(parts: Parts<'s>, groups: usize) -> Self {
        Self { parts, groups, turn: 0, order: Vec::with_capacity(ROUND / 16) }
    }

    /// Reads a round, of as many bytes as `memory` has, into a box for each thread, and tells the desk for which thread each
    /// segment is. Whether there is more.
    pub(super) fn deal(
        &mut self,
        memory: &mut Vec<u8>,
        boxes: &mut [Dealt],
        desk: &dyn Desk,
        notice: &mut dyn FnMut(&str),
    ) -> bool {
        let Self { parts, groups, turn, order } = self;
        let threads = boxes.len();
        boxes.iter_mut().for_each(Dealt::clear);
        let more = parts.go_on(memory, notice, &mut |segment| {
            let thread = segment.connection as usize % *groups % threads;
            if let Some(dealt) = boxes.get_mut(thread) {
                dealt.segments.push(&segment);
                dealt.turns.push(*turn);
                order.push(thread as u8);
                *turn += 1;
            }
            ControlFlow::Continue(())
        });
        boxes.iter_mut().for_each(|dealt| dealt.end = *turn);
        desk.order(order);
        order.clear();
        more
    }

    /// The capture, as far as it was read.
    pub(super) fn into_parts(self) -> Parts<'s> {
        self.parts
    }
}

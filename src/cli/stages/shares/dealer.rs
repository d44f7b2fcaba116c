//! Deals segments out, and remembers in which order.

use std::ops::ControlFlow;

use crate::cli::inputs::Taker;
use crate::cli::stages::belt::{FULL, Giver, Load};
use crate::cli::stages::segments::Segments;
use crate::session::segment::Segment;

/// Segments of a round for one thread.
#[derive(Debug, Default)]
pub(super) struct Dealt {
    segments: Segments,
    /// The place of each among all segments.
    turns: Vec<u64>,
    /// The place of the first segment behind the round.
    end: u64,
}

/// Deals segments out, to the thread of the connection's group.
#[derive(Debug)]
pub(super) struct Dealer<F> {
    boxes: Vec<Giver<Dealt>>,
    /// For which thread each segment of the round is.
    order: Vec<u8>,
    /// Hears that of each round before it is handed on.
    tell: F,
    groups: usize,
    turn: u64,
    /// Bytes in the boxes of this round, about.
    size: usize,
}

impl Dealt {
    /// Where the round ends.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// Gives the segments back, each with its place among all.
    pub(super) fn each<E>(&self, mut give: impl FnMut(u64, &Segment<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut turns = self.turns.iter();
        self.segments.each(|segment| turns.next().map_or(Ok(()), |turn| give(*turn, segment)))
    }
}

impl<F: FnMut(Vec<u8>)> Dealer<F> {
    /// Deals to these; `groups` is into how many groups connections are parted, at least as many. `tell` hears of each round
    /// for which thread its segments are.
    pub(super) const fn new(boxes: Vec<Giver<Dealt>>, groups: usize, tell: F) -> Self {
        Self { boxes, order: Vec::new(), tell, groups, turn: 0, size: 0 }
    }

    /// Hands on what was dealt. Large boxes are waited for only when all have theirs.
    pub(super) fn end_round(&mut self) -> ControlFlow<()> {
        self.size = 0;
        (self.tell)(std::mem::take(&mut self.order));
        for giver in &mut self.boxes {
            giver.filling().end = self.turn;
            giver.send()?;
        }
        self.boxes.iter_mut().try_for_each(Giver::settle)
    }
}

impl<F: FnMut(Vec<u8>)> Taker for Dealer<F> {
    fn take(&mut self, segment: &Segment<'_>) -> ControlFlow<()> {
        let thread = segment.connection as usize % self.groups % self.boxes.len();
        if let Some(giver) = self.boxes.get_mut(thread) {
            let dealt = giver.filling();
            let before = dealt.segments.size();
            dealt.segments.push(segment);
            dealt.turns.push(self.turn);
            self.size += dealt.segments.size() - before;
            self.order.push(thread as u8);
            self.turn += 1;
        }
        if self.size < FULL { ControlFlow::Continue(()) } else { self.end_round() }
    }

    fn idle(&mut self) -> ControlFlow<()> {
        self.end_round()
    }
}

impl Load for Dealt {
    fn size(&self) -> usize {
        self.segments.size()
    }

    fn clear(&mut self) {
        self.segments.clear();
        self.turns.clear();
    }
}

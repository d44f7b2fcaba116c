//! Both directions of a connection.

use super::Limits;
use super::table::EndPoint;
use super::way::Way;
use crate::session::segment::Time;

/// What the lower and the higher end send.
#[derive(Debug, Default)]
pub(super) struct Ways {
    low: Way,
    high: Way,
}

impl Ways {
    /// A direction, and the other one.
    pub(super) const fn of(&mut self, end: EndPoint) -> (&mut Way, &mut Way) {
        match end {
            EndPoint::Low => (&mut self.low, &mut self.high),
            EndPoint::High => (&mut self.high, &mut self.low),
        }
    }

    /// Whether nothing more is to come.
    pub(super) const fn are_closed(&self) -> bool {
        self.low.is_over() && self.high.is_over() || self.were_reset()
    }

    /// Whether one of them ended with a reset, or will.
    pub(super) const fn were_reset(&self) -> bool {
        self.low.was_reset() || self.high.was_reset()
    }

    /// Whether the first byte of the lower and of the higher end will be its first of all.
    pub(super) const fn begin_at_start(&self) -> [bool; 2] {
        [self.low.from_start, self.high.from_start]
    }

    /// Whether too much waits in one of them.
    pub(super) fn hold_too_much(&self, limits: &Limits) -> bool {
        self.low.is_too_much(limits) || self.high.is_too_much(limits)
    }

    /// Whether something waits in one of them.
    pub(super) fn wait(&self) -> bool {
        self.low.waits() || self.high.waits()
    }

    /// Whether what comes next in each waits for the other.
    pub(super) fn wait_for_each_other(&self) -> bool {
        self.low.waits_for_other() && self.high.waits_for_other()
    }

    /// Since when something waits that is not to wait for ever.
    pub(super) fn wait_since(&self, limits: &Limits) -> Option<Time> {
        let since = |way: &Way| way.since().filter(|_| way.waits() && !way.may_be_stray(limits));
        since(&self.low).or_else(|| since(&self.high))
    }

    /// The one that has waited long enough, or for too much.
    pub(super) fn overdue(&self, now: Option<Time>, limits: &Limits) -> Option<EndPoint> {
        if self.low.is_overdue(now, limits) {
            return Some(EndPoint::Low);
        }
        self.high.is_overdue(now, limits).then_some(EndPoint::High)
    }

    /// The one that has waited longest.
    pub(super) fn first_to_wait(&self) -> Option<EndPoint> {
        match (self.low.waits(), self.high.waits()) {
            (false, false) => None,
            (true, false) => Some(EndPoint::Low),
            (false, true) => Some(EndPoint::High),
            (true, true) if self.high.since() < self.low.since() => Some(EndPoint::High),
            (true, true) => Some(EndPoint::Low),
        }
    }
}

//! What the other end has said to have received of a stream (RFC 9293 §3.4), beyond all that was captured.

use super::Limits;

/// How far a stream was confirmed.
#[derive(Debug, Default)]
pub(super) struct Confirmed {
    /// Behind the last byte that was.
    to: u64,
    /// Whether one more was confirmed since, alone. That is a FIN, which takes a number too; or the probe of a window that
    /// was closed, which comes again.
    one_more: bool,
}

impl Confirmed {
    /// Behind the last byte that was confirmed.
    pub(super) const fn to(&self) -> u64 {
        self.to
    }

    /// All up to this place was confirmed, while nothing was known behind `last`. What is farther than anything is waited for
    /// is believed of nobody.
    pub(super) fn add(&mut self, place: u64, last: u64, limits: &Limits) {
        match place.saturating_sub(last) {
            0 => {}
            1 => self.one_more = true,
            more if more <= limits.bytes as u64 => *self = Self { to: place, one_more: false },
            _ => {}
        }
    }

    /// Where the stream stands that waited at `next` for what was confirmed and waits no longer. Where the end that confirmed
    /// it has `ended`, it had most likely received the other's FIN, the last that it confirmed.
    pub(super) fn give_up(&mut self, next: u64, ended: bool) -> Option<u64> {
        let fin = ended && !self.one_more || self.to == next + 1;
        let to = self.to.saturating_sub(u64::from(fin));
        self.to = 0;
        (to > next).then_some(to)
    }

    /// Nothing more is waited for.
    pub(super) const fn forget(&mut self) {
        self.to = 0;
    }
}

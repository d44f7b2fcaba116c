//! How much came when, in bounded memory: a row of cells that grow wider as time goes on.

use super::narrow::Narrow;
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// How many cells there are.
const CELLS: usize = 64;

/// How wide a cell is at first: a millisecond.
const FIRST_WIDTH: u64 = 1_000_000;

/// Bytes of each sender over time.
#[derive(Clone, Debug)]
pub struct Timeline {
    start: Option<Time>,
    /// Nanoseconds that a cell covers.
    width: u64,
    /// Of each cell up to the last one in use what the client and the server sent: two counters.
    cells: Narrow,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { start: None, width: FIRST_WIDTH, cells: Narrow::default() }
    }
}

impl Timeline {
    /// Adds bytes that came at this time. What came before all that was added first counts as if with that.
    pub fn add(&mut self, sender: Sender, time: Time, bytes: u64) {
        let since = time.since(*self.start.get_or_insert(time));
        while since / self.width >= CELLS as u64 {
            self.widen();
        }
        let at = 2 * (since / self.width) as usize;
        if self.cells.len() <= at {
            self.cells.grow(0, at + 2 - self.cells.len());
        }
        self.cells.add(at + sender as usize, bytes);
    }

    /// Makes each two cells one.
    fn widen(&mut self) {
        let mut joined = Narrow::default();
        joined.grow(0, self.cells.len().div_ceil(4) * 2);
        for (at, bytes) in self.cells.iter().enumerate() {
            joined.add(at / 4 * 2 + at % 2, bytes);
        }
        self.cells = joined;
        self.width = self.width.saturating_mul(2);
    }

    /// The time of what was added first.
    #[must_use]
    pub const fn start(&self) -> Option<Time> {
        self.start
    }

    /// The cells in use, made fewer until there are `most` at most, and how many nanoseconds each covers.
    #[must_use]
    pub fn cells(&self, most: usize) -> ([Vec<u64>; 2], u64) {
        let mut few = self.clone();
        while few.cells.len() > 2 * most.max(1) {
            few.widen();
        }
        let of = |sender: Sender| few.cells.iter().skip(sender as usize).step_by(2).collect();
        (Sender::BOTH.map(of), few.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_grow_and_lose_nothing() {
        let mut line = Timeline::default();
        for second in 0..100u64 {
            line.add(Sender::Client, Time(second * 1_000_000_000), 10);
        }
        line.add(Sender::Server, Time(50_000_000_000), 7);
        let ([client, server], width) = line.cells(CELLS);
        assert_eq!(width, 2_048_000_000);
        assert_eq!((client.len(), client.iter().sum::<u64>(), server[24]), (49, 1000, 7));
        let ([client, _], width) = line.cells(20);
        assert_eq!((client.len(), client.iter().sum::<u64>(), width), (13, 1000, 8_192_000_000));
    }

    #[test]
    fn no_time_is_too_late_and_none_too_early() {
        let mut line = Timeline::default();
        for time in [5, u64::MAX, 0] {
            line.add(Sender::Client, Time(time), u64::MAX);
        }
        let ([client, _], _) = line.cells(CELLS);
        assert_eq!((client[0], *client.last().unwrap()), (u64::MAX, u64::MAX));
    }
}

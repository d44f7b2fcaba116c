//! The time of what passes: of the day, and never going back.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::session::segment::Time;

/// The time of day when it was made, and what has passed since: a clock that is set meanwhile changes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    at: u64,
    since: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        Self { at: u64::try_from(at).unwrap_or(u64::MAX), since: Instant::now() }
    }

    #[inline]
    pub(super) fn now(&self) -> Time {
        let passed = self.since.elapsed();
        let nanoseconds = passed.as_secs().saturating_mul(1_000_000_000) + u64::from(passed.subsec_nanos());
        Time(self.at.saturating_add(nanoseconds))
    }
}

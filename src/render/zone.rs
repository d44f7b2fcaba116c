//! The time zone in which a date is told. This is the only file that knows the crate for it.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::session::segment::Time;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Coordinated universal time.
    Utc,
    /// The zone of this machine: what the variable TZ says, or /etc/localtime. It is read when a date is first told.
    Local,
}

impl Zone {
    /// How many seconds its clocks are ahead of UTC at a moment.
    pub(super) fn offset(self, time: Time) -> i64 {
        static LOCAL: OnceLock<TimeZone> = OnceLock::new();
        let Self::Local = self else { return 0 };
        let seconds = i64::try_from(time.0 / 1_000_000_000).unwrap_or(i64::MAX);
        let Ok(moment) = Timestamp::from_second(seconds) else { return 0 };
        let offset = LOCAL.get_or_init(TimeZone::system).to_offset(moment);
        i64::from(offset.seconds())
    }
}

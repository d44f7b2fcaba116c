//! How a file counts time.

use crate::session::segment::Time;

/// Nanoseconds in a second.
const SECOND: u128 = 1_000_000_000;

/// The unit in which time stamps count, and what is added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    unit: Unit,
    /// Seconds that are added.
    offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// A tick is that many nanoseconds.
    Nanoseconds(u64),
    /// That many ticks are a second; 0 where there are more of them than can be counted.
    PerSecond(u128),
}

impl Clock {
    /// Ten to this power of ticks are a second.
    pub(super) const fn decimal(power: u8) -> Self {
        let unit = match power {
            0..=9 => Unit::Nanoseconds(10u64.pow(9 - power as u32)),
            10..=38 => Unit::PerSecond(10u128.pow(power as u32)),
            _ => Unit::PerSecond(0),
        };
        Self { unit, offset: 0 }
    }

    /// The clock that `if_tsresol` and `if_tsoffset` describe (draft-ietf-opsawg-pcapng §4.2): the upper bit of the
    /// resolution tells whether the others are a power of two or of ten.
    pub(super) const fn described(resolution: u8, offset: i64) -> Self {
        let unit = match resolution {
            0..0x80 => Self::decimal(resolution).unit,
            _ => Unit::PerSecond(1u128 << (resolution & 0x7f)),
        };
        Self { unit, offset }
    }

    /// The moment at which this many ticks had passed; none where it cannot be told.
    pub(super) fn ticks(&self, ticks: u64) -> Option<Time> {
        let nanoseconds = match self.unit {
            Unit::Nanoseconds(each) if self.offset == 0 => return ticks.checked_mul(each).map(Time),
            Unit::Nanoseconds(each) => u128::from(ticks) * u128::from(each),
            Unit::PerSecond(0) => 0,
            Unit::PerSecond(all) => {
                u128::from(ticks) / all * SECOND + (u128::from(ticks) % all).checked_mul(SECOND)? / all
            }
        };
        let offset = i128::from(self.offset) * SECOND as i128;
        u64::try_from(i128::try_from(nanoseconds).ok()? + offset).ok().map(Time)
    }

    /// The moment that is given in two parts; none where it cannot be told.
    pub(super) fn seconds_and_ticks(&self, seconds: u64, ticks: u64) -> Option<Time> {
        let Time(fraction) = self.ticks(ticks)?;
        seconds.checked_mul(SECOND as u64)?.checked_add(fraction).map(Time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolution_gives_the_same_moment() {
        let moment = Some(Time(1_500_000_000));
        for (resolution, ticks) in [
            (0x81, 3),
            (1, 15),
            (3, 1500),
            (6, 1_500_000),
            (9, 1_500_000_000),
            (12, 1_500_000_000_000),
            (0x80 | 20, 3 << 19),
            (0x80 | 32, 3 << 31),
        ] {
            assert_eq!(Clock::described(resolution, 0).ticks(ticks), moment, "{resolution:#x}");
        }
        assert_eq!(Clock::described(0, 0).ticks(2), Some(Time(2_000_000_000)));
        assert_eq!(Clock::described(6, -2).ticks(3_500_000), moment);
        assert_eq!(Clock::described(6, 1).ticks(500_000), moment);
    }

    #[test]
    fn no_resolution_is_too_fine_and_no_moment_before_the_beginning() {
        for resolution in 0..=255 {
            for ticks in [0, 1, u64::MAX] {
                for offset in [i64::MIN, -1, 0, i64::MAX] {
                    let _ = Clock::described(resolution, offset).ticks(ticks);
                }
            }
        }
        assert_eq!(Clock::described(6, -1).ticks(0), None);
        assert_eq!(Clock::described(0x7f, 0).ticks(u64::MAX), Some(Time(0)));
    }

    #[test]
    fn seconds_and_fractions_add_up() {
        assert_eq!(Clock::decimal(6).seconds_and_ticks(1, 500_000), Some(Time(1_500_000_000)));
        assert_eq!(Clock::decimal(9).seconds_and_ticks(1, 7), Some(Time(1_000_000_007)));
        assert_eq!(
            Clock::decimal(9).seconds_and_ticks(u64::from(u32::MAX), 0),
            Some(Time(4_294_967_295_000_000_000))
        );
    }
}

//! Times as people read them: when something came, and how long something took.

use super::number::{Digits, grouped, push_decimal};
use super::zone::Zone;
use crate::session::calendar::date;
use crate::session::segment::Time;

/// From where times are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// From the first time of the connection.
    #[default]
    Relative,
    /// From the time of what was shown before, of whatever connection.
    Delta,
    /// From no other time: the date and the time of day in a zone.
    Absolute(Zone),
}

/// Appends the seconds from `start` to `time`, to the millisecond: `1.234`.
pub fn push_seconds(out: &mut String, start: Time, time: Time) {
    push_decimal(out, time.since(start) / 1_000_000, 1000);
}

/// The columns of a date and a time of day.
#[must_use]
pub const fn date_time_width(zone: Zone) -> usize {
    match zone {
        Zone::Utc => "1970-01-01T00:00:00.000Z".len(),
        Zone::Local => "1970-01-01T00:00:00.000+00:00".len(),
    }
}

/// Appends the date and the time of day, to the millisecond, and how far that is from UTC: `2026-03-01T14:05:09.250Z`,
/// or `2026-03-01T15:05:09.250+01:00` (RFC 3339).
pub fn push_date_time(out: &mut String, zone: Zone, time: Time) {
    let seconds = time.0 / 1_000_000_000;
    let offset = zone.offset(time);
    // A day before the first one has no date here: it is told in UTC.
    match seconds.checked_add_signed(offset) {
        Some(local) => push_local(out, zone, (local, time), offset),
        None => push_local(out, zone, (seconds, time), 0),
    }
}

/// Appends seconds of the zone's own clock, and its offset.
fn push_local(out: &mut String, zone: Zone, (seconds, time): (u64, Time), offset: i64) {
    let millis = time.0 / 1_000_000 % 1000;
    let (year, month, day) = date(seconds / 86_400);
    let parts = [
        (year, 4, "-"),
        (month, 2, "-"),
        (day, 2, "T"),
        (seconds / 3600 % 24, 2, ":"),
        (seconds / 60 % 60, 2, ":"),
        (seconds % 60, 2, "."),
        (millis, 3, ""),
    ];
    parts.into_iter().for_each(|(number, width, behind)| push_padded(out, number, width, behind));
    if zone == Zone::Utc {
        return out.push('Z');
    }
    out.push(if offset < 0 { '-' } else { '+' });
    let minutes = offset.unsigned_abs() / 60;
    push_padded(out, minutes / 60, 2, ":");
    push_padded(out, minutes % 60, 2, "");
}

/// A number with zeros in front, and what stands behind it.
fn push_padded(out: &mut String, number: u64, width: usize, behind: &str) {
    let digits = Digits::of(number);
    let digits = digits.as_str();
    (digits.len()..width).for_each(|_| out.push('0'));
    out.push_str(digits);
    out.push_str(behind);
}

/// A span of nanoseconds in the unit that suits it: `0.3 ms`, `41 ms`, `1.234 s`, `41.7 s`, `12 min 5 s`,
/// `3 h 20 min`.
#[must_use]
pub fn span(nanos: u64) -> String {
    let mut out = String::new();
    let (value, scale, unit) = match nanos {
        0..100_000 => return "under 0.1 ms".to_owned(),
        100_000..9_950_000 => ((nanos + 50_000) / 100_000, 10, " ms"),
        9_950_000..999_500_000 => ((nanos + 500_000) / 1_000_000, 1, " ms"),
        999_500_000..9_999_500_000 => ((nanos + 500_000) / 1_000_000, 1000, " s"),
        9_999_500_000..99_950_000_000 => ((nanos + 50_000_000) / 100_000_000, 10, " s"),
        _ => return long_span(nanos / 1_000_000_000),
    };
    push_decimal(&mut out, value, scale);
    out.push_str(unit);
    out
}

/// How long after something: `after 0.4 ms`, or `within 0.1 ms` where it cannot be told closer.
#[must_use]
pub fn after(nanos: u64) -> String {
    let span = span(nanos);
    match span.strip_prefix("under ") {
        Some(least) => ["within ", least].concat(),
        None => ["after ", &span].concat(),
    }
}

/// Minutes and seconds, or hours and minutes.
fn long_span(seconds: u64) -> String {
    let ((big, big_unit), (small, small_unit)) = match seconds {
        0..3600 => ((seconds / 60, " min "), (seconds % 60, " s")),
        _ => ((seconds / 3600, " h "), (seconds % 3600 / 60, " min")),
    };
    grouped(big) + big_unit + Digits::of(small).as_str() + small_unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_three_decimals() {
        let mut out = String::new();
        push_seconds(&mut out, Time(1_000_000_000), Time(5_213_999_999));
        assert_eq!(out, "4.213");
        out.clear();
        push_seconds(&mut out, Time(5), Time(0));
        assert_eq!(out, "0.000", "a clock that went back");
    }

    #[test]
    fn a_date_is_that_of_the_calendar() {
        for (seconds, said) in [
            (0, "1970-01-01T00:00:00.250Z"),
            (68_169_599, "1972-02-28T23:59:59.250Z"),
            (68_169_600, "1972-02-29T00:00:00.250Z"),
            (951_868_800, "2000-03-01T00:00:00.250Z"),
            (1_767_225_599, "2025-12-31T23:59:59.250Z"),
            (1_772_373_909, "2026-03-01T14:05:09.250Z"),
            (4_107_542_399, "2100-02-28T23:59:59.250Z"),
            (4_107_542_400, "2100-03-01T00:00:00.250Z"),
        ] {
            let mut out = String::new();
            push_date_time(&mut out, Zone::Utc, Time(seconds * 1_000_000_000 + 250_999_999));
            assert_eq!((out.as_str(), out.len()), (said, date_time_width(Zone::Utc)));
        }
        let mut out = String::new();
        push_date_time(&mut out, Zone::Utc, Time(u64::MAX));
        assert_eq!(out, "2554-07-21T23:34:33.709Z");
    }

    #[test]
    fn a_zone_tells_its_distance_from_utc() {
        for (seconds, offset, said) in [
            (1_772_373_909, 3600, "2026-03-01T15:05:09.250+01:00"),
            (1_772_373_909, -34_200, "2026-03-01T04:35:09.250-09:30"),
            (1_772_373_909, 50_400, "2026-03-02T04:05:09.250+14:00"),
            (1_772_373_909, 0, "2026-03-01T14:05:09.250+00:00"),
        ] {
            let (time, mut out) = (Time(seconds * 1_000_000_000 + 250_000_000), String::new());
            let local = seconds.checked_add_signed(offset).expect("a time");
            push_local(&mut out, Zone::Local, (local, time), offset);
            assert_eq!((out.as_str(), out.len()), (said, date_time_width(Zone::Local)));
        }
        let mut out = String::new();
        push_date_time(&mut out, Zone::Local, Time(0));
        push_date_time(&mut out, Zone::Local, Time(u64::MAX));
        assert_eq!(out.len(), 2 * date_time_width(Zone::Local));
    }

    #[test]
    fn a_span_has_the_unit_that_suits_it() {
        for (nanos, said) in [
            (0, "under 0.1 ms"),
            (312_000, "0.3 ms"),
            (9_949_999, "9.9 ms"),
            (9_950_000, "10 ms"),
            (41_000_000, "41 ms"),
            (999_600_000, "1.000 s"),
            (1_234_000_000, "1.234 s"),
            (41_700_000_000, "41.7 s"),
            (99_950_000_000, "1 min 39 s"),
            (725_000_000_000, "12 min 5 s"),
            (12_000_000_000_000, "3 h 20 min"),
        ] {
            assert_eq!(span(nanos), said);
        }
    }
}

//! Days and dates of the calendar, for times that are told as dates.

use super::segment::Time;

/// Year, month and day of the month, so many days after 1970-01-01.
#[must_use]
pub fn date(days: u64) -> (u64, u64, u64) {
    // As if every year were a leap year: never too late, and two years too early at the most.
    let mut year = 1970 + days / 366;
    while days_before(year + 1) <= days {
        year += 1;
    }
    let mut day = days - days_before(year);
    let mut month = 1;
    for length in months(year) {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

/// The moment of a date and a time of day in UTC, as far as nanoseconds of 64 bits reach; none where there is no such date.
#[must_use]
pub fn moment(date: (u64, u64, u64), seconds: u64, nanos: u64) -> Option<Time> {
    let (year, month, day) = date;
    let before = months(year).take(usize::try_from(month.checked_sub(1)?).ok()?).sum::<u64>();
    let length = months(year).nth(usize::try_from(month - 1).ok()?)?;
    if !(1970..=2600).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let days = days_before(year) + before + day - 1;
    let seconds = days * 86_400 + seconds;
    Some(Time(seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?))
}

/// The days of each month.
fn months(year: u64) -> impl Iterator<Item = u64> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter()
}

/// The days from 1970-01-01 to the first day of a year, 1970 or later.
const fn days_before(year: u64) -> u64 {
    const fn leap_years(until: u64) -> u64 {
        until / 4 - until / 100 + until / 400
    }
    365 * year.saturating_sub(1970) + leap_years(year.saturating_sub(1)).saturating_sub(leap_years(1969))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_a_date_and_each_date_its_day() {
        for days in 0..213_000 {
            assert_eq!(moment(date(days), 1, 2), Some(Time((days * 86_400 + 1) * 1_000_000_000 + 2)));
        }
        for no_date in
            [(1969, 12, 31), (2025, 2, 29), (2024, 2, 30), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0)]
        {
            assert_eq!(moment(no_date, 0, 0), None, "{no_date:?}");
        }
        assert_eq!(moment((u64::MAX, u64::MAX, 1), 0, 0), None);
    }
}

//! Times as HARs write them.

use serde_json::Value;

use crate::session::calendar::moment;
use crate::session::segment::Time;

/// Numbers from here on are milliseconds since 1970, not seconds: no HAR is from the year 5138.
const MILLISECONDS: f64 = 1e11;

/// A number of seconds or milliseconds since 1970, or a date; either may stand in quotes.
pub(super) fn number(value: &Value) -> Option<Time> {
    let number = match value.as_str() {
        Some(text) => match text.parse::<f64>() {
            Ok(number) => Some(number),
            Err(_) => return date(text),
        },
        None => value.as_f64(),
    };
    let number = number.filter(|number| *number >= 0.0)?;
    let unit: u32 = if number >= MILLISECONDS { 1_000_000 } else { 1_000_000_000 };
    // To the microsecond: a number of that size holds no more.
    let nanos = (number.fract() * f64::from(unit) / 1e3).round() as u64 * 1000;
    let whole = (number < 1e18).then_some(number as u64)?;
    whole.checked_mul(u64::from(unit))?.checked_add(nanos).map(Time)
}

/// `2026-03-01T14:05:09.250Z`, with any fraction, `+01:00` or nothing at its end.
pub(super) fn date(text: &str) -> Option<Time> {
    let (day, rest) = text.split_once(['T', 't', ' '])?;
    let mut parts = day.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let date = (parts.next()??, parts.next()??, parts.next()??);
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(end)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let nanos = digits.parse().ok()?;
    let time = moment(date, hour * 3600 + minute * 60 + second, nanos)?;
    let seconds = offset(zone)? * 1_000_000_000;
    Some(Time(time.0.checked_add_signed(-seconds)?))
}

/// Seconds east of Greenwich: `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    let (sign, zone) = match zone.split_at_checked(1) {
        None | Some(("Z" | "z", _)) => return Some(0),
        Some(("+", zone)) => (1, zone),
        Some((_, zone)) => (-1, zone),
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours = hours.parse::<i64>().ok()?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i64>().ok().filter(|m| *m < 60)? };
    Some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_with_its_zone() {
        let want = Some(Time(1_772_373_909_250_000_000));
        for text in [
            "2026-03-01T14:05:09.250Z",
            "2026-03-01T14:05:09.25",
            "2026-03-01 15:05:09.250000+01:00",
            "2026-03-01T08:35:09.250-0530",
        ] {
            assert_eq!(date(text), want, "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-02-30T00:00:00Z",
            "2026-03-01",
            "2026-03-01T99:00:00Z",
            "2026-03-01T00:00:00+é1",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}

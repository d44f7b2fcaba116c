//! The times that programs print before their lines.

use crate::session::segment::Time;

const SECOND: u64 = 1_000_000_000;

/// The time at the front of `text`, and how much of the text it takes: a date and a clock, a clock alone, or
/// seconds.
pub(super) fn stamp(text: &[u8]) -> Option<(Time, usize)> {
    dated(text).or_else(|| clock(text)).or_else(|| seconds(text))
}

/// `2024-01-31 12:34:56.789` or `2024/01/31 12:34:56.789`, taken as UTC.
fn dated(text: &[u8]) -> Option<(Time, usize)> {
    let (date, rest) = text.split_at_checked(10)?;
    let [_, _, _, _, first @ (b'-' | b'/'), _, _, second, ..] = date else { return None };
    if first != second || !matches!(rest.first(), Some(b' ' | b'T')) {
        return None;
    }
    let days = days(number(date.get(..4)?)?, number(date.get(5..7)?)?, number(date.get(8..)?)?)?;
    let (Time(of_day), len) = clock(rest.get(1..)?)?;
    Some((Time(days.checked_mul(86_400)?.checked_mul(SECOND)?.checked_add(of_day)?), 11 + len))
}

/// `12:34:56` with decimals, counted from midnight.
fn clock(text: &[u8]) -> Option<(Time, usize)> {
    let [_, _, b':', _, _, b':', ..] = text else { return None };
    let (hours, minutes) = (number(text.get(..2)?)?, number(text.get(3..5)?)?);
    let (Time(seconds), len) = seconds(text.get(6..)?).or_else(|| whole(text.get(6..)?))?;
    let in_seconds = (hours * 60 + minutes) * 60;
    Some((Time(in_seconds * SECOND + seconds), 6 + len))
}

/// Seconds with decimals.
fn seconds(text: &[u8]) -> Option<(Time, usize)> {
    let (Time(whole), len) = whole(text)?;
    let decimals = text.get(len..)?.strip_prefix(b".")?;
    let count = decimals.iter().take_while(|digit| digit.is_ascii_digit()).count();
    let digits = decimals.get(..count).filter(|digits| (1..=9).contains(&digits.len()))?;
    // socat 1.7 prints microseconds in nine digits.
    let micro = count == 9 && digits.starts_with(b"000");
    let scale = if micro { 1000 } else { 10u64.pow(u32::try_from(9 - count).ok()?) };
    Some((Time(whole.checked_add(number(digits)? * scale)?), len + 1 + count))
}

/// Seconds without.
fn whole(text: &[u8]) -> Option<(Time, usize)> {
    let count = text.iter().take_while(|digit| digit.is_ascii_digit()).count();
    let seconds = number(text.get(..count)?)?;
    Some((Time(seconds.checked_mul(SECOND)?), count))
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 12 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // With the year beginning in March, the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    before.checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<(String, usize)> {
        stamp(text.as_bytes()).map(|(time, len)| (time.to_string(), len))
    }

    #[test]
    fn every_form_is_read() {
        for (text, time, len) in [
            ("1970-01-01 00:00:00.5 IP", "0.500000000", 21),
            ("2024-02-29 12:34:56.789012", "1709210096.789012000", 26),
            ("2026/11/23 03:31:14.000724296  length", "1795404674.724296000", 29),
            ("2000-03-01 00:00:00", "951868800.000000000", 19),
            ("12:34:56.789012 IP", "45296.789012000", 15),
            ("12:34:56 read(", "45296.000000000", 8),
            ("1700000000.123456 IP", "1700000000.123456000", 17),
        ] {
            assert_eq!(shown(text), Some((time.to_owned(), len)), "{text}");
        }
        for text in ["", "12", "12:34", "read(", "2024-02-29", "2024-13-29 12:34:56", "1.", "12:xx:56"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}

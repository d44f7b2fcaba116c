//! Times as people read them: since a connection began, and how long something took.

use crate::session::segment::Time;

/// Appends the seconds from `start` to `time`, to the millisecond: `1.234`.
pub fn push_seconds(out: &mut String, start: Time, time: Time) {
    push_decimal(out, time.since(start) / 1_000_000, 1000);
}

/// A span of nanoseconds in the unit that suits it: `0.3 ms`, `41 ms`, `1.234 s`, `41.7 s`.
#[must_use]
pub fn span(nanos: u64) -> String {
    let mut out = String::new();
    let (value, scale, unit) = match nanos {
        0..9_950_000 => ((nanos + 50_000) / 100_000, 10, " ms"),
        9_950_000..999_500_000 => ((nanos + 500_000) / 1_000_000, 1, " ms"),
        999_500_000..9_999_500_000 => ((nanos + 500_000) / 1_000_000, 1000, " s"),
        _ => (nanos.saturating_add(50_000_000) / 100_000_000, 10, " s"),
    };
    push_decimal(&mut out, value, scale);
    out.push_str(unit);
    out
}

/// Appends `value / scale`, where `scale` is a power of ten, with all its decimals.
fn push_decimal(out: &mut String, value: u64, scale: u64) {
    push_number(out, value / scale);
    let (mut rest, mut unit) = (value % scale, scale / 10);
    if unit > 0 {
        out.push('.');
    }
    while unit > 0 {
        push_number(out, rest / unit);
        (rest, unit) = (rest % unit, unit / 10);
    }
}

/// Appends a number in decimal.
pub fn push_number(out: &mut String, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        at -= 1;
        if number == 0 {
            break;
        }
    }
    out.extend(digits.iter().skip(at).map(|digit| char::from(*digit)));
}

/// A number with a comma between thousands: `65,280`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let mut plain = String::new();
    push_number(&mut plain, number);
    let mut out = String::new();
    for (i, digit) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
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
    fn a_span_has_the_unit_that_suits_it() {
        for (nanos, said) in [
            (0, "0.0 ms"),
            (312_000, "0.3 ms"),
            (9_949_999, "9.9 ms"),
            (9_950_000, "10 ms"),
            (41_000_000, "41 ms"),
            (999_600_000, "1.000 s"),
            (1_234_000_000, "1.234 s"),
            (41_700_000_000, "41.7 s"),
        ] {
            assert_eq!(span(nanos), said);
        }
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(65_280), "65,280");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}

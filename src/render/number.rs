//! Numbers, sizes and times, appended to a text without the formatting machinery.

/// Nanoseconds in a millisecond.
const MILLI: u64 = 1_000_000;
/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// The decimal digits of a number, in a place of their own.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    bytes: [u8; 20],
    start: usize,
}

impl Digits {
    /// The digits of `number`.
    #[must_use]
    #[inline]
    pub fn of(mut number: u64) -> Self {
        let mut bytes = [b'0'; 20];
        let mut start = bytes.len();
        for digit in bytes.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            start -= 1;
            if number == 0 {
                break;
            }
        }
        Self { bytes, start }
    }

    /// The digits as text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        // Digits are ASCII: this never falls back.
        str::from_utf8(self.bytes.get(self.start..).unwrap_or_default()).unwrap_or_default()
    }
}

/// Appends a number as it is: `65280`.
#[inline]
pub fn push_number(out: &mut String, number: u64) {
    out.push_str(Digits::of(number).as_str());
}

/// Appends a number with a comma before each three digits: `65,280`.
pub fn push_grouped(out: &mut String, number: u64) {
    let digits = Digits::of(number);
    let digits = digits.as_str();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
}

/// A number with a comma before each three digits: `65,280`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let mut out = String::new();
    push_grouped(&mut out, number);
    out
}

/// A number of things: `1 byte`, `65,280 bytes`. The plural of `thing` ends in s.
#[must_use]
pub fn count(number: u64, thing: &str) -> String {
    let mut out = grouped(number);
    out.push(' ');
    out.push_str(thing);
    if number != 1 {
        out.push('s');
    }
    out
}

/// Appends nanoseconds as seconds with that many decimals, at most nine: `0.002`. The rest is cut off.
#[inline]
pub fn push_seconds(out: &mut String, nanoseconds: u64, decimals: usize) {
    push_number(out, nanoseconds / SECOND);
    if decimals > 0 {
        out.push('.');
        let behind = Digits::of(SECOND + nanoseconds % SECOND);
        out.push_str(behind.as_str().get(1..=decimals.min(9)).unwrap_or_default());
    }
}

/// A span of time as people say it: `0.04 ms`, `0.3 ms`, `120 ms`, `4.213 s`, `41.7 s`, `12 min 5 s`, `3 h 20 min`.
#[must_use]
pub fn duration(nanoseconds: u64) -> String {
    let mut out = String::new();
    let seconds = nanoseconds / SECOND;
    let mut two = |big: u64, big_unit: &str, small: u64, small_unit: &str| {
        push_grouped(&mut out, big);
        out.push_str(big_unit);
        push_number(&mut out, small);
        out.push_str(small_unit);
    };
    match nanoseconds {
        // Milliseconds are seconds of a thousandth: the same digits, the point three places on.
        0..100_000 => push_rounded(&mut out, nanoseconds, MILLI, 2, " ms"),
        100_000..9_950_000 => push_rounded(&mut out, nanoseconds, MILLI, 1, " ms"),
        9_950_000..999_500_000 => push_rounded(&mut out, nanoseconds, MILLI, 0, " ms"),
        999_500_000..9_999_500_000 => push_rounded(&mut out, nanoseconds, SECOND, 3, " s"),
        9_999_500_000..99_950_000_000 => push_rounded(&mut out, nanoseconds, SECOND, 1, " s"),
        _ if seconds < 3600 => two(seconds / 60, " min ", seconds % 60, " s"),
        _ => two(seconds / 3600, " h ", seconds % 3600 / 60, " min"),
    }
    out
}

/// Appends `amount / of`, rounded to `decimals`.
fn push_rounded(out: &mut String, amount: u64, of: u64, decimals: u32, unit: &str) {
    let scale = 10u64.pow(decimals);
    let scaled = (u128::from(amount) * u128::from(scale) + u128::from(of / 2)) / u128::from(of);
    let scaled = u64::try_from(scaled).unwrap_or(u64::MAX);
    push_number(out, scaled / scale);
    if decimals > 0 {
        out.push('.');
        let behind = Digits::of(scale + scaled % scale);
        out.push_str(behind.as_str().get(1..).unwrap_or_default());
    }
    out.push_str(unit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thousands_have_their_comma() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (65_280, "65,280"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!((count(1, "byte"), count(1000, "byte")), ("1 byte".into(), "1,000 bytes".into()));
    }

    #[test]
    fn times_read_as_people_say_them() {
        for (nanoseconds, text) in [
            (0, "0.00 ms"),
            (40_000, "0.04 ms"),
            (99_999, "0.10 ms"),
            (300_000, "0.3 ms"),
            (9_949_999, "9.9 ms"),
            (9_950_000, "10 ms"),
            (120_400_000, "120 ms"),
            (999_499_999, "999 ms"),
            (999_500_000, "1.000 s"),
            (4_213_000_000, "4.213 s"),
            (9_999_500_000, "10.0 s"),
            (41_700_000_000, "41.7 s"),
            (99_950_000_000, "1 min 39 s"),
            (725_000_000_000, "12 min 5 s"),
            (12_000_000_000_000, "3 h 20 min"),
        ] {
            assert_eq!(duration(nanoseconds), text);
        }
    }

    #[test]
    fn seconds_have_as_many_decimals_as_asked() {
        let seconds = |nanoseconds, decimals| {
            let mut out = String::new();
            push_seconds(&mut out, nanoseconds, decimals);
            out
        };
        assert_eq!(seconds(2_000_000, 3), "0.002");
        assert_eq!(seconds(61_999_999_999, 3), "61.999");
        assert_eq!((seconds(1, 9), seconds(SECOND, 0)), ("0.000000001".into(), "1".into()));
    }

    proptest! {
        #[test]
        fn digits_are_those_of_the_formatter(number in any::<u64>(), small in 0u64..2000) {
            for number in [number, small] {
                let digits = Digits::of(number);
                prop_assert_eq!(digits.as_str(), number.to_string());
                prop_assert_eq!(grouped(number).replace(',', ""), number.to_string());
                prop_assert!(!duration(number).is_empty());
            }
        }
    }
}

//! Writes JSON values at the end of a buffer, by hand: nothing is allocated and nothing is formatted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::escape::push_escaped;
use crate::session::segment::Time;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// What is written with three digits at most is below it.
const THREE_DIGITS: u64 = 1000;

/// Each number of up to three digits: those, and how many they are.
static SMALL: [[u8; 4]; THREE_DIGITS as usize] = {
    let mut rows = [[0; 4]; THREE_DIGITS as usize];
    let mut i = 0;
    while i < rows.len() {
        let [a, b, c] = [b'0' + (i / 100) as u8, b'0' + (i / 10 % 10) as u8, b'0' + (i % 10) as u8];
        #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
        {
            rows[i] = match i {
                0..10 => [c, 0, 0, 1],
                10..100 => [b, c, 0, 2],
                _ => [a, b, c, 3],
            };
        }
        i += 1;
    }
    rows
};

/// The same with all three digits, and a zero behind them.
static PADDED: [[u8; 4]; THREE_DIGITS as usize] = {
    let mut rows = [[0; 4]; THREE_DIGITS as usize];
    let mut i = 0;
    while i < rows.len() {
        #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
        {
            rows[i] = [b'0' + (i / 100) as u8, b'0' + (i / 10 % 10) as u8, b'0' + (i % 10) as u8, 0];
        }
        i += 1;
    }
    rows
};

/// What is written with six digits at most is below it.
const SIX_DIGITS: u64 = 1_000_000;

/// What is written with eight digits at most is below it.
const EIGHT_DIGITS: u64 = 100_000_000;

/// Eight times the character 0.
const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;

/// The digits of base 16.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The end of a buffer, to which JSON is appended.
///
/// Each method writes exactly what its name says; commas and braces come with the constant text between values.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
}

impl Line {
    /// Text that is JSON already.
    #[inline(always)]
    pub(super) fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// `true` or `false`.
    pub(super) fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// A number.
    #[inline(always)]
    pub(super) fn number(&mut self, number: u64) {
        match number {
            0..THREE_DIGITS => self.up_to_three_digits(number),
            THREE_DIGITS..SIX_DIGITS => self.up_to_six_digits(number),
            SIX_DIGITS..EIGHT_DIGITS => self.up_to_eight_digits(number),
            _ => self.longer_number(number),
        }
    }

    /// All four bytes of the row are copied, which is one instruction, and those behind the number given up again.
    #[inline(always)]
    fn up_to_three_digits(&mut self, number: u64) {
        let row = SMALL.get(number as usize).copied().unwrap_or_default();
        self.bytes.extend_from_slice(&row);
        self.bytes.truncate(self.bytes.len() - 4 + usize::from(row[3]));
    }

    /// The thousands, and three digits close behind them: eight bytes are copied in the same way.
    #[inline(always)]
    fn up_to_six_digits(&mut self, number: u64) {
        let thousands = SMALL.get((number / THREE_DIGITS) as usize).copied().unwrap_or_default();
        let rest = PADDED.get((number % THREE_DIGITS) as usize).copied().unwrap_or_default();
        let [a, b, c, digits] = thousands;
        let thousands = u32::from_le_bytes([a, b, c, 0]);
        let all = u64::from(thousands) | u64::from(u32::from_le_bytes(rest)) << (8 * digits);
        self.bytes.extend_from_slice(&all.to_le_bytes());
        self.bytes.truncate(self.bytes.len() - 5 + usize::from(digits));
    }

    /// Eight bytes in the same way.
    #[inline(never)]
    fn up_to_eight_digits(&mut self, number: u64) {
        let digits = eight_digits(number);
        let zeros = digits.trailing_zeros() / 8;
        self.bytes.extend_from_slice(&((digits | ASCII_ZEROS) >> (8 * zeros)).to_le_bytes());
        self.bytes.truncate(self.bytes.len() - zeros as usize);
    }

    #[inline(never)]
    fn longer_number(&mut self, number: u64) {
        self.number(number / EIGHT_DIGITS);
        let digits = eight_digits(number % EIGHT_DIGITS);
        self.bytes.extend_from_slice(&(digits | ASCII_ZEROS).to_le_bytes());
    }

    /// A number, or null.
    pub(super) fn number_or_null(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.raw("null"),
        }
    }

    /// A moment or a span of time as a string of seconds with nine decimals, or null.
    #[inline]
    pub(super) fn seconds_or_null(&mut self, nanoseconds: Option<u64>) {
        let Some(nanoseconds) = nanoseconds else { return self.raw("null") };
        self.raw("\"");
        self.number(nanoseconds / SECOND);
        let behind = nanoseconds % SECOND;
        self.bytes.extend_from_slice(&[b'.', b'0' + (behind / EIGHT_DIGITS) as u8]);
        let eight = eight_digits(behind % EIGHT_DIGITS) | ASCII_ZEROS;
        self.bytes.extend_from_slice(&eight.to_le_bytes());
        self.raw("\"");
    }

    /// A moment, or null.
    #[inline]
    pub(super) fn time(&mut self, time: Option<Time>) {
        self.seconds_or_null(time.map(|time| time.0));
    }

    /// A string.
    pub(super) fn string(&mut self, text: &str) {
        self.raw("\"");
        push_escaped(&mut self.bytes, text);
        self.raw("\"");
    }

    /// A string, or null.
    pub(super) fn string_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.raw("null"),
        }
    }

    /// A string where the bytes are UTF-8, `{"base64": …}` where they are not.
    pub(super) fn text_or_bytes(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.string(text),
            Err(_) => {
                self.raw("{\"base64\":\"");
                self.base64(bytes);
                self.raw("\"}");
            }
        }
    }

    /// The base64 of bytes, without quotes.
    pub(super) fn base64(&mut self, bytes: &[u8]) {
        let start = self.bytes.len();
        self.bytes.resize(start + bytes.len().div_ceil(3) * 4, b'=');
        // It cannot fail: the room is what base64 needs.
        _ = STANDARD.encode_slice(bytes, self.bytes.get_mut(start..).unwrap_or_default());
    }

    /// Two hex digits a byte, without quotes.
    #[inline]
    pub(super) fn hex4(&mut self, bytes: [u8; 4]) {
        let digit = |nibble: u8| *HEX.get(usize::from(nibble & 0xf)).unwrap_or(&b'0');
        let [a, b, c, d] = bytes.map(|byte| [digit(byte >> 4), digit(byte)]);
        self.bytes.extend_from_slice(&[a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]]);
    }

    /// Several values between commas.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.raw("[");
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw("]");
    }
}

/// The eight digits of a number below 10^8, the first one in the lowest byte.
///
/// It is divided in halves, as often as there are halves, in lanes of one word: first two lanes of four digits,
/// then four of two, then eight of one. The products with a shift behind them divide by 100 and by 10, exactly
/// for numbers as small as these.
#[inline]
const fn eight_digits(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - tens * 10) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Line)) -> String {
        let mut line = Line::default();
        write(&mut line);
        String::from_utf8(line.bytes).expect("UTF-8")
    }

    #[test]
    fn numbers_of_every_length() {
        let mut power = 1u64;
        for _ in 0..20 {
            for number in [power - 1, power, power + 1, power.wrapping_mul(7)] {
                assert_eq!(written(|line| line.number(number)), number.to_string());
            }
            power = power.saturating_mul(10);
        }
        assert_eq!(written(|line| line.number(u64::MAX)), u64::MAX.to_string());
    }

    #[test]
    fn all_numbers_of_four_digits_and_their_like_further_up() {
        for number in 0..10_000 {
            for number in [number, number * 10_000 + 1, number * 12_345_678] {
                assert_eq!(written(|line| line.number(number)), number.to_string());
            }
        }
    }

    #[test]
    fn seconds_have_nine_decimals() {
        for (nanoseconds, want) in [
            (0, "\"0.000000000\""),
            (1, "\"0.000000001\""),
            (1_700_000_000_012_345_678, "\"1700000000.012345678\""),
            (u64::MAX, "\"18446744073.709551615\""),
        ] {
            assert_eq!(written(|line| line.seconds_or_null(Some(nanoseconds))), want);
        }
        assert_eq!(written(|line| line.time(None)), "null");
    }

    #[test]
    fn bytes_that_are_no_text_say_so() {
        assert_eq!(written(|line| line.text_or_bytes("hé".as_bytes())), "\"hé\"");
        assert_eq!(written(|line| line.text_or_bytes(b"h\xff")), r#"{"base64":"aP8="}"#);
    }

    #[test]
    fn base64_and_hex_of_every_short_length() {
        let bytes: Vec<u8> = (0..20).map(|i| i * 13).collect();
        for len in 0..bytes.len() {
            assert_eq!(written(|line| line.base64(&bytes[..len])), STANDARD.encode(&bytes[..len]));
        }
        assert_eq!(written(|line| line.hex4([0x9f, 0, 0xf, 0xf0])), "9f000ff0");
    }
}

//! Numbers as decimal digits: whole words of them at once, from tables and by arithmetic.

/// What is written with three digits at most is below it.
pub(super) const THREE_DIGITS: u64 = 1000;

/// What is written with six digits at most is below it.
pub(super) const SIX_DIGITS: u64 = 1_000_000;

/// What is written with eight digits at most is below it.
pub(super) const EIGHT_DIGITS: u64 = 100_000_000;

/// Eight times the character 0.
const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;

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

/// A number below [`THREE_DIGITS`]: its digits with whatever behind them, and how many they are.
#[inline(always)]
pub(super) fn up_to_three(number: u64) -> ([u8; 4], usize) {
    let row = SMALL.get(number as usize).copied().unwrap_or_default();
    (row, usize::from(row[3]))
}

/// The same below [`SIX_DIGITS`], of four digits at least: the thousands, and three digits close behind them.
#[inline(always)]
pub(super) fn up_to_six(number: u64) -> ([u8; 8], usize) {
    let [a, b, c, digits] = SMALL.get((number / THREE_DIGITS) as usize).copied().unwrap_or_default();
    let rest = PADDED.get((number % THREE_DIGITS) as usize).copied().unwrap_or_default();
    let thousands = u64::from(u32::from_le_bytes([a, b, c, 0]));
    let all = thousands | u64::from(u32::from_le_bytes(rest)) << (8 * digits);
    (all.to_le_bytes(), 3 + usize::from(digits))
}

/// The same below [`EIGHT_DIGITS`].
#[inline(never)]
pub(super) fn up_to_eight(number: u64) -> ([u8; 8], usize) {
    let digits = eight_digits(number);
    let zeros = (digits.trailing_zeros() / 8).min(7);
    (((digits | ASCII_ZEROS) >> (8 * zeros)).to_le_bytes(), 8 - zeros as usize)
}

/// All eight digits of a number below [`EIGHT_DIGITS`].
#[inline]
pub(super) const fn eight(number: u64) -> [u8; 8] {
    (eight_digits(number) | ASCII_ZEROS).to_le_bytes()
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

/// The eight hex digits of four bytes: their halves are spread over the lanes of one word, and each becomes a
/// character by its own sum.
#[inline]
pub(super) const fn hex(bytes: [u8; 4]) -> [u8; 8] {
    let word = u32::from_le_bytes(bytes) as u64;
    let pairs = (word | word << 16) & 0x0000_ffff_0000_ffff;
    let each = (pairs | pairs << 8) & 0x00ff_00ff_00ff_00ff;
    let halves = (each >> 4 | each << 8) & 0x0f0f_0f0f_0f0f_0f0f;
    // One in each lane of ten and more, whose characters begin 39 further on, at the letters.
    let letters = ((halves + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    (halves + ASCII_ZEROS + letters * 39).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_the_digits_of_format() {
        for number in (0..THREE_DIGITS).chain((THREE_DIGITS..SIX_DIGITS).step_by(97)).chain([999_999]) {
            let (digits, len) = match number {
                0..THREE_DIGITS => {
                    let ([a, b, c, d], len) = up_to_three(number);
                    ([a, b, c, d, 0, 0, 0, 0], len)
                }
                _ => up_to_six(number),
            };
            assert_eq!(digits[..len], *number.to_string().as_bytes());
            let (digits, len) = up_to_eight(number);
            assert_eq!(digits[..len], *number.to_string().as_bytes());
            let number = number * 100 + 7;
            if number < EIGHT_DIGITS {
                assert_eq!(eight(number), *format!("{number:08}").as_bytes());
            }
        }
        assert_eq!(eight(EIGHT_DIGITS - 1), *b"99999999");
    }

    #[test]
    fn hex_is_that_of_format() {
        for byte in 0..=u8::MAX {
            let bytes = [byte, !byte, 0x9f, byte / 3];
            let [a, b, c, d] = bytes;
            assert_eq!(hex(bytes), *format!("{a:02x}{b:02x}{c:02x}{d:02x}").as_bytes());
        }
    }
}

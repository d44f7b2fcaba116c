//! Numbers as text, without the machinery of `format!`: views write millions of them.

use std::str::from_utf8;

/// Numbers below it are looked up.
const LOOKED_UP: u64 = 1000;

/// The three digits of each of them, as text that is checked when it is compiled.
static TRIPLES: &str = {
    const DIGITS: [u8; 3 * LOOKED_UP as usize] = {
        let mut digits = [0; 3 * LOOKED_UP as usize];
        let mut i = 0;
        #[expect(
            clippy::indexing_slicing,
            reason = "computed by the compiler: a wrong index would not compile"
        )]
        while i < LOOKED_UP as usize {
            digits[3 * i] = b'0' + (i / 100) as u8;
            digits[3 * i + 1] = b'0' + (i / 10 % 10) as u8;
            digits[3 * i + 2] = b'0' + (i % 10) as u8;
            i += 1;
        }
        digits
    };
    match from_utf8(&DIGITS) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// The three digits of a number below a thousand.
#[must_use]
#[inline]
pub fn three_digits(number: u64) -> &'static str {
    let at = 3 * number.min(LOOKED_UP - 1) as usize;
    TRIPLES.get(at..at + 3).unwrap_or_default()
}

/// The decimal digits of a number.
#[derive(Clone, Copy, Debug)]
pub struct Digits(Form);

#[derive(Clone, Copy, Debug)]
enum Form {
    Short(&'static str),
    Long { digits: [u8; 20], start: usize },
}

impl Digits {
    /// The digits of `number`.
    #[must_use]
    #[inline]
    pub fn of(number: u64) -> Self {
        if number >= LOOKED_UP {
            return Self::long(number);
        }
        let zeros = usize::from(number < 100) + usize::from(number < 10);
        let row = 3 * number as usize;
        Self(Form::Short(TRIPLES.get(row + zeros..row + 3).unwrap_or_default()))
    }

    fn long(mut number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            start -= 1;
            if number == 0 {
                break;
            }
        }
        Self(Form::Long { digits, start })
    }

    /// The digits as text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Short(digits) => digits,
            Form::Long { digits, start } => {
                from_utf8(digits.get(*start..).unwrap_or_default()).unwrap_or_default()
            }
        }
    }
}

/// How many decimal digits a number has.
#[must_use]
#[inline]
pub const fn width(number: u64) -> usize {
    match number.checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    }
}

/// Appends a number in decimal.
pub fn push_number(out: &mut String, number: u64) {
    if number >= LOOKED_UP {
        push_number(out, number / LOOKED_UP);
        return out.push_str(three_digits(number % LOOKED_UP));
    }
    out.push_str(Digits::of(number).as_str());
}

/// Appends `value / scale`, where `scale` is a power of ten, with all its decimals.
pub fn push_decimal(out: &mut String, value: u64, scale: u64) {
    push_number(out, value / scale);
    if scale == LOOKED_UP {
        out.push('.');
        return out.push_str(three_digits(value % scale));
    }
    let (mut rest, mut unit) = (value % scale, scale / 10);
    if unit > 0 {
        out.push('.');
    }
    while unit > 0 {
        push_number(out, rest / unit);
        (rest, unit) = (rest % unit, unit / 10);
    }
}

/// A number with a comma between thousands: `65,280`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let mut out = String::with_capacity(32);
    push_grouped(&mut out, number);
    out
}

/// Appends a number with a comma between thousands.
pub fn push_grouped(out: &mut String, number: u64) {
    if number >= LOOKED_UP {
        push_grouped(out, number / LOOKED_UP);
        out.push(',');
        return out.push_str(three_digits(number % LOOKED_UP));
    }
    push_number(out, number);
}

/// A number of bytes in words: `1 byte`, `65,280 bytes`.
#[must_use]
pub fn bytes(number: u64) -> String {
    let mut out = String::with_capacity(32);
    push_bytes(&mut out, number);
    out
}

/// Appends a number of bytes in words.
pub fn push_bytes(out: &mut String, number: u64) {
    push_grouped(out, number);
    out.push_str(if number == 1 { " byte" } else { " bytes" });
}

/// A number of things in words: `1 frame`, `65,280 frames`. The plural ends in s.
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

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The two hex digits of every byte.
static PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    #[expect(clippy::indexing_slicing, reason = "computed by the compiler: a wrong index would not compile")]
    while byte < 256 {
        pairs[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    pairs
};

/// The same of all bytes one behind the other, as text that is checked when it is compiled.
static PAIRS_AS_TEXT: &str = match from_utf8(PAIRS.as_flattened()) {
    Ok(text) => text,
    Err(_) => "",
};

/// The two hex digits of a byte, as text.
#[must_use]
#[inline]
pub fn hex_text(byte: u8) -> &'static str {
    let at = 2 * usize::from(byte);
    PAIRS_AS_TEXT.get(at..at + 2).unwrap_or_default()
}

/// The two hex digits of a byte.
#[must_use]
#[inline]
pub fn hex_pair(byte: u8) -> [u8; 2] {
    PAIRS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Appends the two hex digits of a byte.
#[inline]
pub fn push_hex(out: &mut String, byte: u8) {
    let [high, low] = hex_pair(byte);
    out.push(char::from(high));
    out.push(char::from(low));
}

/// Appends the lowest bytes of a number, eight at most, in hex.
pub fn push_hex_number(out: &mut String, number: u64, bytes: u32) {
    for at in (0..bytes).rev() {
        out.push_str(hex_text(number.checked_shr(8 * at).unwrap_or(0) as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_format() {
        for number in (0..1001).chain([65_536, u64::MAX - 1, u64::MAX]) {
            assert_eq!(Digits::of(number).as_str(), number.to_string());
            let mut out = String::new();
            push_number(&mut out, number);
            assert_eq!((out.as_str(), out.len()), (number.to_string().as_str(), width(number)));
        }
    }

    #[test]
    fn decimals_keep_their_zeros() {
        let mut out = String::new();
        push_decimal(&mut out, 4_007, 1000);
        assert_eq!(out, "4.007");
        out.clear();
        push_decimal(&mut out, 40_070, 10_000);
        assert_eq!(out, "4.0070");
        out.clear();
        push_decimal(&mut out, 12, 1);
        assert_eq!(out, "12");
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(65_280), "65,280");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!((bytes(1), bytes(2)), ("1 byte".into(), "2 bytes".into()));
    }

    #[test]
    fn hex_is_that_of_format() {
        for byte in 0..=u8::MAX {
            let mut out = String::new();
            push_hex(&mut out, byte);
            assert_eq!(out, format!("{byte:02x}"));
            assert_eq!(out, hex_text(byte));
        }
        let mut out = String::new();
        push_hex_number(&mut out, 0x1_0bb8, 4);
        push_hex_number(&mut out, 0x1_0bb8, 2);
        assert_eq!(out, "00010bb80bb8");
        out.clear();
        push_hex_number(&mut out, u64::MAX, 8);
        assert_eq!(out, "f".repeat(16));
    }
}

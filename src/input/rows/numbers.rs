//! Rows that write numbers in another base than 16: `od` alone, `od -b`, `-c`, `-d`, `hexdump -b`, `-c`, `-d`, `-o`.
//!
//! They are refused: of a word its byte order would have to be guessed, and bytes that read as hex would be
//! wrong without a sign of it.

use super::Row;
use crate::input::error::Fault;

/// What the numbers of a row are, if its offset and its columns look like one of these.
pub(in crate::input) fn refuse(row: Row<'_>) -> Option<Fault> {
    if row.colon || !row.begins_at_zero() || !(6..=8).contains(&row.offset.text.len()) {
        return None;
    }
    let what = of(row.data.text.trim_ascii_end())?;
    Some(Fault::new(
        row.data.trimmed().at,
        format!("{what}, not hex: od -A x -t x1 or hexdump -C prints the bytes so that they can be read"),
    ))
}

fn of(data: &[u8]) -> Option<&'static str> {
    let groups = || data.split(u8::is_ascii_whitespace).filter(|group| !group.is_empty());
    let octal = |len| groups().all(|group| group.len() == len && group.iter().all(is_octal));
    let first = groups().next()?;
    match first.len() {
        6 if octal(6) => Some("these are 16-bit words in octal"),
        3 if octal(3) => Some("these are bytes in octal"),
        _ if is_characters(data) => Some("these are characters, and bytes in octal"),
        _ if is_decimal(data) => Some("these are decimal numbers"),
        _ => None,
    }
}

const fn is_octal(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'7')
}

/// Whether each four columns hold a character, an escape such as `\n`, or three octal digits.
fn is_characters(data: &[u8]) -> bool {
    let cell = |cell: &[u8]| match cell {
        [b' ', b' ', b' ', _] | [b' ', b' ', b'\\', _] => true,
        [b' ', digits @ ..] => digits.iter().all(is_octal),
        _ => false,
    };
    data.len().is_multiple_of(4) && data.chunks(4).all(cell)
}

/// Whether decimal numbers end at equal distances, and their digits or the room for them are not those of hex.
fn is_decimal(data: &[u8]) -> bool {
    let (mut ends, mut as_in_hex) = (Vec::new(), true);
    let mut at = 0;
    for group in data.split(u8::is_ascii_whitespace) {
        at += group.len();
        if !group.is_empty() {
            if !group.strip_prefix(b"-").unwrap_or(group).iter().all(u8::is_ascii_digit) {
                return false;
            }
            as_in_hex &= matches!(group.len(), 2 | 4 | 8 | 16);
            ends.push(at);
        }
        at += 1;
    }
    let width = ends.first().copied().unwrap_or(0);
    // A word of four digits stands in five columns as hex, and in six as a decimal number.
    let aligned = width >= 4 && ends.iter().enumerate().all(|(i, end)| *end == width * (i + 1));
    aligned && (!as_in_hex || width == 6)
}

#[cfg(test)]
mod tests {
    use crate::input::format::Format;
    use crate::input::testing::{read_as, sniffed};

    #[test]
    fn numbers_that_are_not_hex_are_refused_with_the_command_that_prints_bytes() {
        for (text, place, what) in [
            ("0000000 002601 062510 066154 000157\n0000007\n", 9, "16-bit words in octal"),
            ("0000000  002601  062510  066154  000157    \n0000007\n", 10, "16-bit words in octal"),
            ("0000000 201 005 110 145 154 154 157\n0000007\n", 9, "bytes in octal"),
            ("0000000 201 005   H   e   l   l   o  \\n\n0000010\n", 9, "characters, and bytes in octal"),
            ("0000000   01409   25928   27756   00111\n0000007\n", 11, "decimal numbers"),
            ("0000000  1409 25928 27756   111\n0000007\n", 10, "decimal numbers"),
            ("0000000  1409  2592\n0000004\n", 10, "decimal numbers"),
            ("000000 129   5  72 101 108 108 111\n000007\n", 8, "decimal numbers"),
            ("0000000 -127    5   72  101\n0000004\n", 9, "decimal numbers"),
        ] {
            for format in [None, Some(Format::Dump), Some(Format::Od), Some(Format::Hexdump)] {
                let error = read_as(format, None, text.as_bytes()).map(|_| ()).unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("dump.txt:1:{place}: these are {what}, not hex")),
                    "{error}"
                );
                assert!(error.contains("od -A x -t x1 or hexdump -C"), "{error}");
            }
        }
    }

    #[test]
    fn hex_that_has_no_letters_is_read() {
        for (text, bytes) in [
            ("0000000 10 20 30 40\n0000004\n", &[0x10, 0x20, 0x30, 0x40][..]),
            ("0000000 1020 3040\n0000004\n", &[0x20, 0x10, 0x40, 0x30]),
            ("0000000    1020    3040\n0000004\n", &[0x20, 0x10, 0x40, 0x30]),
            ("00000000: 1020 3040  . 0@\n", &[0x10, 0x20, 0x30, 0x40]),
        ] {
            assert_eq!(sniffed(text).0.all(), bytes, "{text}");
        }
    }
}

//! Rows whose offsets have one or two digits and no colon, so that each could be a byte as well.

use crate::input::format::Format;
use crate::input::rows::Row;
use crate::input::text::{is_hex, lines};

/// The format of such rows: at least two, each of which begins with how many bytes stand before it, and the
/// first group of which is as wide as in the row above or as its number needs. Of a text that is cut the last
/// row is left out.
pub(super) fn guess(text: &[u8], cut: bool) -> Option<Format> {
    let text = match memchr::memrchr(b'\n', text) {
        Some(end) if cut => text.get(..end).unwrap_or_default(),
        _ => text,
    };
    let mut first = lines(text).filter(|line| !line.text.trim_ascii().is_empty());
    // Most texts are told by their first line.
    let row = Row::parse(first.next()?)?;
    if !row.begins_at_zero() || row.offset_width() > 2 || row.has_colon() || row.is_ruler() {
        return None;
    }
    [16, 10, 8].iter().any(|base| counts(text, *base)).then(|| row.format())
}

/// Whether every row begins with the count of the bytes before it, in that base.
fn counts(text: &[u8], base: u64) -> bool {
    let (mut rows, mut before, mut width, mut len) = (0usize, 0u64, 0, None);
    let mut last: Option<Row<'_>> = None;
    for line in lines(text).filter(|line| !line.text.trim_ascii().is_empty()) {
        let Some(row) = Row::parse(line).filter(|row| !row.has_colon()) else { return false };
        let Some(offset) = row.offset_in(base) else { return false };
        if let Some(last) = last {
            // Every row but the last is as long as the first.
            let step = offset.wrapping_sub(before);
            if *len.get_or_insert(step) != step || !holds(last, step) {
                return false;
            }
        } else {
            width = row.offset_width();
        }
        if row.offset_width() != width.max(digits(offset, base)) {
            return false;
        }
        (rows, before, last) = (rows + 1, offset, Some(row));
    }
    rows >= 2 && last.is_some_and(|row| pairs(row).next().is_some_and(is_byte))
}

/// Whether a row begins with exactly so many bytes, and then ends or shows them as text.
fn holds(row: Row<'_>, len: u64) -> bool {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    // No row is longer than its text.
    (1..=row.data.text.len()).contains(&len)
        && pairs(row).take(len).filter(|group| is_byte(group)).count() == len
        && pairs(row).nth(len).is_none_or(|next| !is_byte(next) || shows_text(row, len))
}

/// Whether a wide gap or a bar stands behind the first `len` bytes of a row.
fn shows_text(row: Row<'_>, len: usize) -> bool {
    let mut rest = row.data;
    for _ in 0..len {
        rest = rest.trim_start().skip(2);
    }
    rest.text.starts_with(b"  ") || rest.text.starts_with(b"\t") || rest.text.starts_with(b" |")
}

fn pairs<'a>(row: Row<'a>) -> impl Iterator<Item = &'a [u8]> {
    row.data.text.split(u8::is_ascii_whitespace).filter(|group| !group.is_empty())
}

fn is_byte(group: &[u8]) -> bool {
    group.len() == 2 && is_hex(group)
}

/// How many digits a number has in that base.
fn digits(number: u64, base: u64) -> usize {
    std::iter::successors(Some(number), |rest| Some(rest / base).filter(|rest| *rest > 0)).count()
}

#[cfg(test)]
mod tests {
    use crate::input::format::Format;
    use crate::input::testing::{bytes, sniffed};
    use proptest::prelude::*;

    const OTHER: &str = "--format hex if the first group of a row is a byte too";

    #[test]
    fn short_offsets_are_no_bytes() {
        let frame = "8194 9faf 77f8 c8ca 158b f0cc 1c9d ebdc 5799 edca 579f edca 168c".replace(' ', "");
        for text in [
            "00 81 94 9f af 77 f8 c8 ca 15 8b f0 cc 1c 9d eb dc\n10 57 99 ed ca 57 9f ed ca 16 8c\n",
            "0  81 94 9f af 77 f8 c8 ca  w...\n8  15 8b f0 cc 1c 9d eb dc\n10 57 99 ed ca 57 9f ed ca\n18 16 8c\n",
            "00  81 94 9f af 77 f8 c8 ca 15 8b f0 cc 1c 9d eb dc  ....w...........\n\
             16  57 99 ed ca 57 9f ed ca 16 8c                    W...W.....\n",
        ] {
            let (seen, format) = sniffed(text);
            assert_eq!((hex::encode(seen.all()), format), (frame.clone(), Format::Wireshark), "{text}");
            assert!(seen.notices[0].ends_with(OTHER), "{:?}", seen.notices);
        }
    }

    #[test]
    fn bytes_that_only_look_like_offsets_stay_bytes() {
        for (text, len) in [
            // The count is right only where the first group counts as a byte.
            ("00 01 02 03\n04 05 06 07\n", 8),
            ("00 81 94 9f\n04 f8\n", 6),
            ("00 81 94\n02 f8 01\n04 05 00 09\n06 11\n", 12),
            ("00 81 94 9f\n", 4),
            ("02 81 94\n04 f8\n", 5),
            ("00\n00\n", 2),
            ("00 81\n1 05\n", 0),
        ] {
            match len {
                0 => assert_ne!(sniffed_hex(text), Some(4), "{text}"),
                len => assert_eq!(sniffed_hex(text), Some(len), "{text}"),
            }
        }
    }

    fn sniffed_hex(text: &str) -> Option<usize> {
        let read = crate::input::testing::read_as(None, None, text.as_bytes()).ok()?;
        (read.1.format == Format::Hex).then(|| read.0.all().len())
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(data in bytes(2..900), row in 1usize..33, padded: bool, base: bool) {
            // Offsets below ten are the same in every base.
            let base = base || row < 10;
            prop_assume!(data.len() > row);
            let mut text = String::new();
            for (i, bytes) in data.chunks(row).enumerate() {
                let at = i * row;
                text.push_str(&match (padded, base) {
                    (true, true) => format!("{at:02x}"),
                    (false, true) => format!("{at:x}"),
                    (true, false) => format!("{at:02}"),
                    (false, false) => format!("{at}"),
                });
                bytes.iter().for_each(|byte| text.push_str(&format!(" {byte:02x}")));
                text.push('\n');
            }
            // What could be a heading of columns, or bits, is not taken for rows.
            prop_assume!(!data.starts_with(&[1, 2, 3]) && text.bytes().any(|b| b > b'1'));
            prop_assert_eq!(sniffed(&text).0.all(), data, "{}", text);
        }
    }
}

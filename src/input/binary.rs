//! Zeros and ones: `10000001 10010100`, with or without leading zeros, or in longer runs.

use super::dump::Dump;
use super::error::Fault;
use super::text::Line;

/// Reads the bytes of `text`.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let groups: Vec<Line<'_>> = groups(text).collect();
    let halves = are_halves(groups.iter().copied());
    let mut bytes = Vec::with_capacity(text.len() / 8 + 1);
    let mut short = false;
    for group in groups {
        if let Some(wrong) = group.text.iter().position(|digit| !matches!(digit, b'0' | b'1')) {
            let c = String::from_utf8_lossy(group.skip(wrong).text).chars().next().unwrap_or(' ');
            return Err(Fault::new(
                group.at + wrong,
                format!("{c:?} is no binary digit: each byte is eight of 0 and 1"),
            ));
        }
        match group.text.len() {
            len if len > 8 && len % 8 != 0 => {
                return Err(Fault::new(
                    group.at,
                    format!("{len} binary digits are not whole bytes: a byte is eight of them"),
                ));
            }
            len => short |= len < 8,
        }
        bytes.extend(group.text.chunks(8).map(byte));
    }
    if halves {
        let (pairs, _) = bytes.as_chunks::<2>();
        let bytes = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        return Ok(Dump::unmarked(bytes));
    }
    let mut dump = Dump::unmarked(bytes);
    if short {
        dump.note("groups of fewer than eight bits: their leading zeros were added");
    }
    Ok(dump)
}

fn byte(digits: &[u8]) -> u8 {
    digits.iter().fold(0, |byte, digit| byte << 1 | (digit & 1))
}

/// The groups of digits.
pub(super) fn groups(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let between = |byte: u8| byte.is_ascii_whitespace() || b",;|[](){}_\"'".contains(&byte);
    let mut rest = Line { at: 0, text };
    std::iter::from_fn(move || {
        rest = rest.skip(rest.text.iter().take_while(|byte| between(**byte)).count());
        let len = rest.text.iter().take_while(|byte| !between(**byte)).count();
        let group = Line { text: rest.text.get(..len)?, ..rest };
        rest = rest.skip(len);
        (len > 0).then(|| group.behind(b"0b").unwrap_or(group))
    })
}

/// Whether each group is half a byte: all have four digits, and their number is even.
fn are_halves<'a>(groups: impl Iterator<Item = Line<'a>>) -> bool {
    let mut count = 0;
    for group in groups {
        if group.text.len() != 4 {
            return false;
        }
        count += 1;
    }
    count > 0 && count % 2 == 0
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{bytes, error, read_as, sniffed};
    use proptest::prelude::*;

    #[test]
    fn every_way_to_group_them() {
        for text in [
            "10000001 10010100 00000101",
            "10000001\n10010100\n00000101\n",
            "10000001 10010100 101",
            "100000011001010000000101",
            "1000 0001 1001 0100 0000 0101",
            "[10000001, 10010100, 00000101]",
            "0b10000001, 0b10010100, 0b101",
            "1000_0001 1001_0100 0000_0101",
        ] {
            let (seen, _) = read_as(Some(Format::Binary), None, text.as_bytes()).unwrap();
            assert_eq!(seen.all(), [0x81, 0x94, 5], "{text}");
        }
        let (seen, format) = sniffed("10000001 10010100 101");
        assert_eq!((seen.all(), format), (vec![0x81, 0x94, 5], Format::Binary));
        assert!(
            seen.notices
                .contains(&"groups of fewer than eight bits: their leading zeros were added".to_owned())
        );
        assert!(seen.notices[0].contains("--format hex"), "{:?}", seen.notices);
    }

    #[test]
    fn an_unbroken_run_is_read() {
        let (seen, format) = sniffed("10000001100101001001111110101111");
        assert_eq!((seen.all(), format), (vec![0x81, 0x94, 0x9f, 0xaf], Format::Binary));
    }

    #[test]
    fn nibbles_may_be_kept_apart() {
        for text in ["1000_0001 1001_0100", "0b1000_0001, 0b1001_0100", "1000 0001 1001 0100"] {
            let (seen, format) = sniffed(text);
            assert_eq!((seen.all(), format), (vec![0x81, 0x94], Format::Binary), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let of = |text| error(Format::Binary, text);
        assert!(of("10000001 10010102").starts_with("dump.txt:1:17: '2' is no binary digit"));
        assert!(of("10000001\n1001010000").starts_with("dump.txt:2:1: 10 binary digits"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(bytes in bytes(4..300), run: bool, zeros: bool) {
            // Without a 1 it could be anything, and a lone 10 or 11 is a hex pair.
            prop_assume!(bytes.iter().any(|byte| *byte > 3));
            let groups: Vec<String> = bytes.iter().map(|byte| if zeros || run { format!("{byte:08b}") } else { format!("{byte:b}") }).collect();
            let text = groups.join(if run { "" } else { " " });
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Binary, "{}", text);
            prop_assert_eq!(seen.all(), bytes, "{}", text);
        }
    }
}

//! Hex without offsets: `81 94 9f`, `81949f`, `0x81, 0x94`, `\x81\x94`, `81:94`, `81-94`; also `xxd -p` and
//! `od -A n`.

use std::io::Read;

use super::blocks;
use super::dump::Dump;
use super::error::{Fault, InputError};
use super::text::{eight, pair};

/// Reads all of `reader`.
pub(super) fn read(name: &str, reader: impl Read) -> Result<Dump, InputError> {
    let mut bytes = Vec::new();
    blocks::each(name, reader, &mut |text, _| append(text, &mut bytes).map(|()| text.len()))?;
    Ok(Dump::unmarked(bytes))
}

/// Reads the bytes of `text` into `bytes`.
pub(super) fn append(text: &[u8], bytes: &mut Vec<u8>) -> Result<(), Fault> {
    let mut rest = text;
    loop {
        if let Some((eight, behind)) = eight_bytes(rest) {
            bytes.extend_from_slice(&eight);
            rest = behind.strip_prefix(b" ").or_else(|| behind.strip_prefix(b"\n")).unwrap_or(behind);
            continue;
        }
        if let [high, low, behind @ ..] = rest
            && let Some(byte) = pair(*high, *low)
        {
            bytes.push(byte);
            // In most dumps one blank follows each pair.
            rest = behind.strip_prefix(b" ").unwrap_or(behind);
            continue;
        }
        rest = match rest {
            [] => return Ok(()),
            [blank, behind @ ..] if is_between(*blank) => behind,
            [b'0' | b'\\', b'x' | b'X', digit, behind @ ..] if digit.is_ascii_hexdigit() => {
                match behind.first() {
                    // Written as a number, it may have one digit.
                    next if !next.is_some_and(u8::is_ascii_alphanumeric) => {
                        bytes.extend(pair(b'0', *digit));
                        behind
                    }
                    _ => rest.get(2..).unwrap_or_default(),
                }
            }
            [digit, behind @ ..] if digit.is_ascii_hexdigit() && is_item_end(behind) => {
                bytes.extend(pair(b'0', *digit));
                behind
            }
            _ => return Err(fault(text, text.len() - rest.len())),
        };
    }
}

/// Eight bytes at the front, in one of the usual groupings.
#[inline]
fn eight_bytes(text: &[u8]) -> Option<([u8; 8], &[u8])> {
    match text {
        [_, _, b' ', ..] => eight::<1, 23>(text),
        [_, _, _, _, b' ', ..] => eight::<2, 19>(text),
        _ => eight::<8, 16>(text),
    }
}

/// What may stand between bytes.
const fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b',' | b':' | b';' | b'-' | b'_' | b'"' | b'\'' | b'[' | b']' | b'{' | b'}' | b'(' | b')'
        )
}

/// Whether a number in a list ends here.
fn is_item_end(behind: &[u8]) -> bool {
    let mut behind = behind.iter().skip_while(|byte| matches!(byte, b' ' | b'\t'));
    matches!(behind.next(), Some(b',' | b']' | b'}'))
}

/// What is wrong at `at`, where no byte could be read.
fn fault(text: &[u8], at: usize) -> Fault {
    let rest = text.get(at..).unwrap_or_default();
    match rest {
        [b'*', ..] => Fault::new(
            at,
            "a * line stands for repeated rows, and only offsets tell how many: dump again with offsets, or with -v",
        ),
        [b'.', b'.', ..] | [0xe2, 0x80, 0xa6, ..] => {
            Fault::new(at, "bytes were left out of this dump: print all of them")
        }
        [digit, next @ ..] if digit.is_ascii_hexdigit() => match next.first() {
            Some(next) if !is_between(*next) => stray(text, at + 1),
            _ => Fault::new(at, "a digit without its partner: a byte is two hex digits (write 05 for 5)"),
        },
        _ => stray(text, at),
    }
}

/// Something that is no hex digit.
pub(super) fn stray(text: &[u8], at: usize) -> Fault {
    let rest = text.get(at..).unwrap_or_default();
    let near = rest.get(..4).unwrap_or(rest);
    let what = match String::from_utf8_lossy(near).chars().next() {
        Some(c) => format!("{c:?} is no hex digit: each byte is two of 0-9 and a-f"),
        None => "the text ends where a hex digit should stand".to_owned(),
    };
    Fault::new(at, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing;
    use proptest::prelude::*;

    fn bytes(text: &str) -> Vec<u8> {
        read("x", text.as_bytes()).unwrap().bytes
    }

    fn fault_at(text: &str) -> (usize, String) {
        let fault = append(text.as_bytes(), &mut Vec::new()).unwrap_err();
        (fault.at, fault.what)
    }

    #[test]
    fn every_way_to_write_a_byte() {
        for text in [
            "81 94 9f af",
            "81949faf",
            "8194 9FAF",
            "0x81 0x94 0x9f 0xaf",
            "0x81,0x94,0x9f,0xaf,",
            "0x81949faf",
            "\\x81\\x94\\x9f\\xaf",
            "81:94:9f:af",
            "81-94-9F-AF",
            "81\r\n94\t9f\n\naf\n",
            " 81 94\r9f , af",
            "'81949faf'",
            "[81, 94, 9f, af]",
        ] {
            assert_eq!(bytes(text), [0x81, 0x94, 0x9f, 0xaf], "{text}");
        }
        assert_eq!(bytes("0x81 0x5 0x0"), [0x81, 5, 0]);
        assert_eq!(bytes("[81, 5, a]"), [0x81, 5, 10]);
        assert_eq!(bytes(""), [0u8; 0]);
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        assert_eq!(
            fault_at("81 9"),
            (3, "a digit without its partner: a byte is two hex digits (write 05 for 5)".into())
        );
        assert_eq!(fault_at("81949\nfa").0, 4);
        assert_eq!(fault_at("81 9g"), (4, "'g' is no hex digit: each byte is two of 0-9 and a-f".into()));
        assert_eq!(fault_at("81 é"), (3, "'é' is no hex digit: each byte is two of 0-9 and a-f".into()));
        assert_eq!(fault_at("Hex: 81 94").0, 0);
        assert_eq!(fault_at("0x").0, 1);
        assert!(fault_at("81 94\n*\n").1.contains("repeated"));
        assert!(fault_at("81 94 ...").1.contains("left out"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(
            data in testing::bytes(0..300), group in 1usize..9, rows in 1usize..40,
            between in "[ ,:\t-]", prefix in prop::sample::select(vec!["", "0x", "\\x"]), upper: bool, crlf: bool,
        ) {
            // A prefix begins a run: no line end cuts it.
            let width = group * rows;
            let mut text = String::new();
            for (i, byte) in data.iter().enumerate() {
                if i % group == 0 {
                    text.push_str(prefix);
                }
                text.push_str(&if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
                if (i + 1) % width == 0 {
                    text.push_str(if crlf { "\r\n" } else { "\n" });
                } else if (i + 1) % group == 0 || !prefix.is_empty() {
                    text.push_str(&between);
                }
            }
            let read = read("x", text.as_bytes()).map(|dump| dump.bytes);
            prop_assert_eq!(read.ok(), Some(data), "{}", text);
        }

        #[test]
        fn nothing_panics(text in testing::bytes(0..60)) {
            let _ = append(&text, &mut Vec::new());
        }
    }
}

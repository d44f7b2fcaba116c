//! Rows as many programs print them, read back.

use crate::input::Format;
use crate::input::testing::{bytes, error, read_as, sniffed};
use proptest::prelude::*;
use std::fmt::Write as _;

/// How a program prints rows.
#[derive(Clone, Copy, Debug)]
struct Style {
    format: Format,
    width: usize,
    /// Bytes in a group.
    group: usize,
    swapped: bool,
    bits: bool,
    offset: fn(usize) -> String,
    /// Behind the offset, behind the eighth byte, before the text.
    gaps: [&'static str; 3],
    /// Around the text, where there is one.
    frame: Option<[&'static str; 2]>,
    /// Whether the text has a gap in its middle too.
    text_gap: bool,
    /// Whether a last line tells the length.
    total: bool,
}

const PLAIN: Style = Style {
    format: Format::Xxd,
    width: 16,
    group: 2,
    swapped: false,
    bits: false,
    offset: |at| format!("{at:08x}:"),
    gaps: [" ", "", "  "],
    frame: Some(["", ""]),
    text_gap: false,
    total: false,
};

const CANONICAL: Style = Style {
    format: Format::HexdumpC,
    group: 1,
    offset: |at| format!("{at:08x}"),
    gaps: ["  ", " ", "  "],
    frame: Some(["|", "|"]),
    total: true,
    ..PLAIN
};

const OD: Style = Style {
    format: Format::Od,
    offset: |at| format!("{at:06x}"),
    gaps: [" ", "", ""],
    frame: None,
    ..CANONICAL
};

fn styles() -> Vec<(&'static str, Style)> {
    vec![
        ("xxd", PLAIN),
        ("xxd -g 1", Style { group: 1, ..PLAIN }),
        ("xxd -g 16", Style { group: 16, ..PLAIN }),
        ("xxd -c 7", Style { width: 7, ..PLAIN }),
        ("xxd -c 30", Style { width: 30, ..PLAIN }),
        ("xxd -d", Style { offset: |at| format!("{at:08}:"), ..PLAIN }),
        ("xxd -b", Style { width: 6, group: 1, bits: true, ..PLAIN }),
        ("xxd -s 80", Style { offset: |at| format!("{:08x}:", at + 80), ..PLAIN }),
        ("a narrow offset", Style { offset: |at| format!("{at:02x}:"), ..PLAIN }),
        ("a narrower one", Style { offset: |at| format!("{at:x}:"), ..PLAIN }),
        (
            "an odd one",
            Style { format: Format::Wireshark, offset: |at| format!("{at:03x}"), group: 1, ..PLAIN },
        ),
        ("gdb", Style { offset: |at| format!("0x{:x}:", at + 0x7ffe_0010), gaps: ["\t", "", "  "], ..PLAIN }),
        ("hexdump -C", CANONICAL),
        ("hexdump -C without text", Style { frame: None, ..CANONICAL }),
        (
            "hexdump",
            Style {
                format: Format::Hexdump,
                group: 2,
                swapped: true,
                offset: |at| format!("{at:07x}"),
                ..OD
            },
        ),
        (
            "od -x",
            Style {
                format: Format::Hexdump,
                group: 2,
                swapped: true,
                offset: |at| format!("{at:07o}"),
                ..OD
            },
        ),
        ("od -A x -t x1", OD),
        ("od -t x1", Style { offset: |at| format!("{at:07o}"), ..OD }),
        ("od -A d -t x1", Style { offset: |at| format!("{at:07}"), ..OD }),
        ("od -A x -t x1z", Style { frame: Some([">", "<"]), gaps: [" ", "", "  "], ..OD }),
        (
            "wireshark",
            Style {
                format: Format::Wireshark,
                offset: |at| format!("{at:04x}"),
                gaps: ["  ", "", "   "],
                frame: Some(["", ""]),
                total: false,
                ..CANONICAL
            },
        ),
        (
            "wireshark, older",
            Style {
                format: Format::Wireshark,
                offset: |at| format!("{at:04x}"),
                gaps: ["   ", " ", "   "],
                frame: Some(["", ""]),
                total: false,
                ..CANONICAL
            },
        ),
        (
            "wireshark, one side of Follow",
            Style { frame: Some(["", ""]), text_gap: true, total: false, ..CANONICAL },
        ),
    ]
}

fn print(style: Style, bytes: &[u8]) -> String {
    let mut text = String::new();
    for (index, row) in bytes.chunks(style.width).enumerate() {
        let digits = |bytes: &[u8]| -> String {
            let mut bytes = bytes.to_vec();
            if style.swapped {
                bytes.reverse();
            }
            bytes
                .iter()
                .map(|byte| if style.bits { format!("{byte:08b}") } else { format!("{byte:02x}") })
                .collect()
        };
        let mut data = String::new();
        let whole: Vec<u8> = match style.total && style.swapped && row.len() % 2 == 1 {
            true => row.iter().copied().chain([0]).collect(),
            false => row.to_vec(),
        };
        for (i, group) in whole.chunks(style.group).enumerate() {
            if i > 0 {
                data.push(' ');
            }
            if i * style.group == 8 {
                data.push_str(style.gaps[1]);
            }
            let pad = if style.swapped { style.group * 2 } else { 0 };
            let _ = write!(data, "{:>pad$}", digits(group));
        }
        let per = if style.bits { 8 } else { 2 };
        let groups = style.width.div_ceil(style.group);
        let column = per * style.width + groups - 1 + style.gaps[1].len();
        let _ = write!(text, "{}{}{data}", (style.offset)(index * style.width), style.gaps[0]);
        if let Some([open, close]) = style.frame {
            let shown: String = row
                .iter()
                .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
                .collect();
            let shown = match style.text_gap && row.len() > 8 {
                true => format!("{} {}", &shown[..8], &shown[8..]),
                false => shown,
            };
            let _ = write!(
                text,
                "{:pad$}{}{open}{shown}{close}",
                "",
                style.gaps[2],
                pad = column.saturating_sub(data.len())
            );
        }
        text.push('\n');
    }
    if style.total {
        let _ = writeln!(text, "{}", (style.offset)(bytes.len()).trim_end_matches(':'));
    }
    text
}

/// Bytes as they come: any, or text that looks like hex.
fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        bytes(1..300),
        "[0-9a-f ]{1,60}".prop_map(String::into_bytes),
        proptest::collection::vec(0x1fu8..0x22, 1..40),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_is_sniffed_and_read(bytes in data(), crlf: bool) {
        for (name, style) in styles() {
            let mut text = print(style, &bytes);
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, style.format, "{}\n{}", name, text);
            prop_assert_eq!(seen.all(), &bytes[..], "{}\n{}", name, text);
        }
    }

    #[test]
    fn editors_may_take_blanks_at_line_ends(bytes in data()) {
        for (name, style) in styles() {
            let text: String = print(style, &bytes).lines().map(|line| format!("{}\n", line.trim_end())).collect();
            prop_assert_eq!(sniffed(&text).0.all(), &bytes[..], "{}\n{}", name, text);
        }
    }

    #[test]
    fn mutated_dumps_are_read_or_refused(bytes in data(), which: prop::sample::Index, at: prop::sample::Index, to: u8) {
        let mut text = print(which.get(&styles()).1, &bytes).into_bytes();
        let at = at.index(text.len());
        text[at] = to;
        let _ = read_as(Some(Format::Xxd), None, &text);
    }
}

#[test]
fn a_dump_may_have_many_blocks() {
    let mut bytes: Vec<u8> = (0..120_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (name, style) in styles() {
        bytes.truncate(bytes.len() - 1);
        let text = print(style, &bytes);
        assert!(sniffed(&text).0.all() == bytes, "{name}");
        let wrong = text.len() - 200 + text[text.len() - 200..].find('\n').unwrap() + 1;
        let text = format!("{}Hello\n{}", &text[..wrong], &text[wrong..]);
        let line = text[..wrong].lines().count() + 1;
        let error = error(style.format, &text);
        assert!(error.starts_with(&format!("dump.txt:{line}:1: this line has no offset")), "{name}: {error}");
    }
    let stars = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n".to_owned()
        + &"*\n".repeat(300_000)
        + "00000020\n";
    assert_eq!(sniffed(stars).0.all(), [0; 32]);
}

#[test]
fn a_star_stands_for_repeated_rows() {
    let zeros = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n";
    assert_eq!(sniffed(format!("{zeros}00000028\n")).0.all(), [0; 40]);
    let (seen, _) = sniffed(format!("{zeros}00000020  81 94  |..|\n00000022\n"));
    assert_eq!(seen.all(), [&[0; 32][..], b"\x81\x94"].concat());
    let octal = "0000000 61 62 63 64 61 62 63 64\n*\n0000400\n";
    assert_eq!(sniffed(octal).0.all(), b"abcd".repeat(64));
    assert!(
        error(Format::HexdumpC, zeros)
            .starts_with("dump.txt:2:1: a * line stands for repeated rows, and no offset")
    );
    assert!(error(Format::HexdumpC, &format!("{zeros}7fffffff0\n")).contains("at most 256 MiB"));
    assert!(error(Format::HexdumpC, &format!("{zeros}ffffffffffffffff\n")).contains("at most 256 MiB"));
}

#[test]
fn dumps_behind_each_other_are_joined() {
    let (seen, _) = sniffed("0000  81 94   ..\n\n0000  9f af   ..\n");
    assert_eq!(seen.all(), [0x81, 0x94, 0x9f, 0xaf]);
    assert!(seen.notices.iter().any(|notice| notice.contains("2 dumps were joined")));
}

#[test]
fn numbers_above_the_columns_are_no_row() {
    let text = "           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\r\n\r\n\
                00000000   81 94 9F AF 77 F8 C8 CA 15 8B F0 CC 1C 9D EB DC  ..Ÿ¯wøÈÊ.‹ðÌ..ëÜ\r\n\
                00000010   57 99 ED CA                                      W™íÊ\r\n";
    let (seen, _) = sniffed(text);
    assert_eq!(hex::encode(seen.all()), "81949faf77f8c8ca158bf0cc1c9debdc5799edca");
    assert!(!seen.notices.iter().any(|notice| notice.contains("joined")), "{:?}", seen.notices);
}

#[test]
fn a_text_column_is_never_taken_for_bytes() {
    let text = "00000000: 6162 6364  abcd\n00000004: 3132       12\n";
    assert_eq!(sniffed(text).0.all(), b"abcd12");
    let text = "00000000: 207c 6162   |ab\n";
    assert_eq!(sniffed(text).0.all(), b" |ab");
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    let of = |text| error(Format::Xxd, text);
    assert_eq!(
        of("00000000: 8194 9fag 77f8  ....w.\n00000006: 81  .\n"),
        "dump.txt:1:19: 'g' is no hex digit: each byte is two of 0-9 and a-f\n  00000000: 8194 9fag 77f8  ....w.\n                    ^",
    );
    for (text, place) in [
        ("00000000: 8194 9fag\n", "1:19: 'g' is no hex digit"),
        ("00000000: 8194 9fa\n", "1:18: a digit without its partner"),
        ("00000000: 8194\n00000004: 81\n", "2:1: rows are missing"),
        ("00000000: 8194 9faf\n00000002: 81\n", "1:16: this row holds 4 bytes"),
        ("00000000: 8194\nHello\n", "2:1: this line has no offset"),
        ("Hello\n00000000: 8194\n", "1:1: this line has no offset"),
        ("00000000  81 94 9f af 77 f8 c8 ca  15 8g f0   ....w......\n", "1:40: 'g' is no hex digit"),
    ] {
        let error = of(text);
        assert!(error.starts_with(&format!("dump.txt:{place}")), "{error}");
    }
}

#[test]
fn the_text_column_tells_the_order_within_a_group() {
    let swapped = "00000000: 6c654881 0a0d6f6c       2120  .Hello.. !\n";
    assert_eq!(sniffed(swapped).0.all(), b"\x81Hello\r\n !");
    let plain = "00000000: 8148656c 6c6f0d0a 2021           .Hello.. !\n";
    assert_eq!(sniffed(plain).0.all(), b"\x81Hello\r\n !");
}

#[test]
fn swapped_words_are_said() {
    let (seen, _) = sniffed("0000000 9481 009f\n0000003\n");
    assert_eq!(seen.all(), [0x81, 0x94, 0x9f]);
    assert!(
        seen.notices
            .contains(&"the dump shows little-endian words: their bytes were swapped back".to_owned())
    );
}

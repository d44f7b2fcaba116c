//! Rows that begin with an offset: xxd, hexdump, od, Wireshark's hex dump, and what looks like them.
//!
//! How many bytes a row holds is told by the offset of the next one, so that no text column is mistaken for bytes. Of the
//! last row the [text column](self::width) itself tells.

mod groups;
mod width;

use std::io::Read;

use self::groups::Kind;
use super::blocks;
use super::dump::Dump;
use super::error::{Fault, InputError};
use super::format::Format;
use super::tcpdump;
use super::text::{Line, is_hex, lines};

/// Most bytes that the `*` lines of a dump may stand for.
const REPEATED: u64 = 256 * 1024 * 1024;

/// Reads a dump, or several behind each other.
pub(super) fn read(name: &str, reader: impl Read) -> Result<Dump, InputError> {
    let mut seen = Seen::default();
    blocks::each(name, reader, &mut |text, is_last| {
        let mut rows = Rows { seen: std::mem::take(&mut seen), ..Rows::default() };
        for line in lines(text) {
            rows.line(line)?;
        }
        if is_last {
            rows.finish(None)?;
        }
        let next = rows.next_block(text);
        seen = rows.seen;
        Ok(next)
    })?;
    Ok(seen.into_dump())
}

/// A line of a dump, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// The digits of its offset.
    offset: Line<'a>,
    /// Whether a colon stands behind them.
    colon: bool,
    /// What stands behind the offset: bytes, and perhaps a text column.
    pub data: Line<'a>,
}

impl<'a> Row<'a> {
    /// The row in a line, if the line begins with an offset.
    #[inline]
    pub(super) fn parse(line: Line<'a>) -> Option<Self> {
        let line = line.trimmed();
        let line = line.behind(b"0x").unwrap_or(line);
        let len = line.text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let behind = line.skip(len);
        let colon = behind.text.starts_with(b":");
        let data = if colon { behind.skip(1) } else { behind };
        let ends = data.text.first().is_none_or(|byte| byte.is_ascii_whitespace() || colon);
        let offset = Line { at: line.at, text: line.text.get(..len)? };
        (len > 0 && ends).then_some(Self { offset, colon, data })
    }

    /// Whether a line is so clearly a row that others should be rows too.
    pub(super) fn is_evident(self) -> bool {
        let (len, groups) = (self.offset.text.len(), self.data.trimmed().text);
        let first = groups.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let wide_gap = self.data.text.starts_with(b"  ") || self.data.text.starts_with(b"\t");
        let zero = self.begins_at_zero();
        is_hex(first)
            && match first.len() {
                _ if self.colon => {
                    len >= 2 && first.len() % 2 == 0 && (len > 2 || self.data.text.starts_with(b" "))
                }
                2 => {
                    len >= 4 && (wide_gap || zero)
                        || len >= 6 && (len == 7 || self.offset.text.ends_with(b"0"))
                }
                4 | 8 => len == 7 || len >= 6 && wide_gap,
                _ => false,
            }
    }

    /// Whether its offset is zero.
    pub(super) fn begins_at_zero(self) -> bool {
        self.offset.text.iter().all(|digit| *digit == b'0')
    }

    /// Whether its offset has eight digits and no colon.
    pub(super) fn has_wide_offset(self) -> bool {
        self.offset.text.len() == 8 && !self.colon
    }

    /// Which program's dump it looks like.
    pub(super) fn format(self) -> Format {
        let first =
            self.data.text.split(u8::is_ascii_whitespace).find(|group| !group.is_empty()).unwrap_or_default();
        match self.offset.text.len() {
            _ if self.colon => Format::Xxd,
            _ if first.len() > 2 => Format::Hexdump,
            8 => Format::HexdumpC,
            6 | 7 => Format::Od,
            _ => Format::Wireshark,
        }
    }

    /// The offset, when its digits are of that base.
    #[inline]
    fn offset(self, base: u64) -> Option<u64> {
        self.offset.text.iter().try_fold(0u64, |value, digit| {
            let digit = u64::from(super::text::nibble(*digit));
            if digit < base { value.checked_mul(base)?.checked_add(digit) } else { None }
        })
    }
}

/// Reads rows one by one.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    /// What all rows but the pending one have given.
    pub seen: Seen,
    /// The row whose length the next one will tell.
    pending: Option<Row<'a>>,
    /// The `*` behind the pending row.
    star: Option<usize>,
}

/// What rows have given.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub bytes: Vec<u8>,
    /// Where in `bytes` a dump began.
    pub starts: Vec<usize>,
    /// In which base offsets are written, once it is known.
    base: Option<u64>,
    kind: Option<Kind>,
    repeated: u64,
    /// Whether the next row was pending when its block ended, and comes again.
    resumes: bool,
    /// Whether only one blank stands before the text column, so that it may look like more bytes.
    is_tight: bool,
    /// Behind a packet tshark may print what it made of it, under a heading of its own and up to an empty line.
    is_apart: bool,
}

impl<'a> Rows<'a> {
    /// For rows of curl, of which all is known.
    pub(super) fn of_curl() -> Self {
        let seen = Seen { base: Some(16), kind: Some(Kind::Pairs), is_tight: true, ..Seen::default() };
        Self { seen, ..Self::default() }
    }

    /// Takes a line: a row, a `*`, or an empty one.
    #[inline]
    pub(super) fn line(&mut self, line: Line<'a>) -> Result<(), Fault> {
        match Row::parse(line) {
            Some(_) if self.seen.is_apart => Ok(()),
            Some(row) => self.row(row),
            None => self.other_line(line.trimmed()),
        }
    }

    fn other_line(&mut self, line: Line<'a>) -> Result<(), Fault> {
        match line.text {
            [] => {
                self.seen.is_apart = false;
                Ok(())
            }
            [.., b'b', b'y', b't', b'e', b's', b')', b':'] => {
                self.seen.is_apart = !line.text.starts_with(b"Frame (");
                self.finish(None)
            }
            [b'*'] if self.pending.is_some() => {
                self.star = Some(line.at);
                Ok(())
            }
            _ => Err(Fault::new(
                line.at,
                "this line has no offset, and the lines of this dump begin with one: remove what does not belong to it",
            )),
        }
    }

    /// Takes the next row: it tells how many bytes the one before holds.
    #[inline]
    fn row(&mut self, row: Row<'a>) -> Result<(), Fault> {
        let Some(last) = self.pending.replace(row) else {
            if !std::mem::take(&mut self.seen.resumes) {
                self.seen.starts.push(self.seen.bytes.len());
            }
            return Ok(());
        };
        let base = match self.seen.base {
            Some(base) => base,
            None => self.find_base(last, row)?,
        };
        let (Some(from), Some(to)) = (last.offset(base), row.offset(base)) else {
            let bad = if last.offset(base).is_none() { last } else { row };
            return Err(Fault::new(
                bad.offset.at,
                format!("an offset is not in base {base}, as the others are"),
            ));
        };
        if to <= from && !(to == from && row.data.text.trim_ascii().is_empty()) {
            self.end(last, None)?;
            self.seen.starts.push(self.seen.bytes.len());
            return Ok(());
        }
        match self.star.take() {
            None => self.exactly(last, to - from, row),
            Some(star) => self.repeat(last, to - from, star),
        }
    }

    /// The end of a dump. `total` is how many bytes it has, where that is known.
    pub(super) fn finish(&mut self, total: Option<u64>) -> Result<(), Fault> {
        match self.pending.take() {
            Some(last) => self.end(last, total),
            None => Ok(()),
        }
    }

    /// The last row of a dump.
    fn end(&mut self, last: Row<'a>, total: Option<u64>) -> Result<(), Fault> {
        if let Some(star) = self.star.take() {
            return Err(Fault::new(
                star,
                "a * line stands for repeated rows, and no offset behind it tells how many: add the last line of the dump",
            ));
        }
        let rest = total
            .zip(last.offset(self.seen.base.unwrap_or(16)))
            .map(|(total, offset)| total.saturating_sub(offset));
        let kind = self.kind(last);
        let len = match rest {
            Some(rest) => usize::try_from(rest).unwrap_or(usize::MAX),
            None => width::of(last.data, kind)?,
        };
        groups::append(last.data, kind, len, &mut self.seen.bytes).map(|_| ())
    }

    /// A row that holds `len` bytes, since the next one says so.
    #[inline]
    fn exactly(&mut self, row: Row<'a>, len: u64, next: Row<'a>) -> Result<(), Fault> {
        let kind = self.kind(row);
        // A row holds no more bytes than it has characters.
        let most = usize::try_from(len).unwrap_or(usize::MAX).min(row.data.text.len() + 1);
        let start = self.seen.bytes.len();
        let too_few = |has: usize| {
            Fault::new(
                next.offset.at,
                format!(
                    "rows are missing: the one above holds {has} bytes, and this offset is {len} further"
                ),
            )
        };
        let rest = match groups::append(row.data, kind, most, &mut self.seen.bytes) {
            Ok(rest) => rest,
            Err(fault) => {
                self.seen.bytes.truncate(start);
                // Either a letter is wrong, or the row is shorter than the offsets say.
                return Err(width::of(row.data, kind).map_or(fault, too_few));
            }
        };
        if !self.seen.is_tight && groups::begins_with_group(rest.text) {
            let has = width::of(row.data, kind)?;
            if has as u64 > len {
                return Err(Fault::new(
                    rest.trimmed().at,
                    format!("this row holds {has} bytes, and the next offset is only {len} further"),
                ));
            }
        }
        Ok(())
    }

    /// A row, and as many like it as a `*` stands for.
    fn repeat(&mut self, row: Row<'a>, len: u64, star: usize) -> Result<(), Fault> {
        let kind = self.kind(row);
        let has = width::of(row.data, kind)?;
        let start = self.seen.bytes.len();
        groups::append(row.data, kind, has, &mut self.seen.bytes)?;
        self.seen.repeated = self.seen.repeated.saturating_add(len);
        let more = usize::try_from(len)
            .ok()
            .filter(|_| self.seen.repeated <= REPEATED)
            .and_then(|len| len.checked_sub(has));
        match more {
            Some(more) if has > 0 => {
                let first: Vec<u8> = self.seen.bytes.iter().skip(start).copied().collect();
                self.seen.bytes.extend(first.iter().cycle().take(more));
                Ok(())
            }
            _ => Err(Fault::new(
                star,
                format!("this * would stand for {len} bytes, and at most 256 MiB may be repeated"),
            )),
        }
    }

    /// In which base the offsets are: that in which the second is as far from the first as the first row is long.
    fn find_base(&mut self, first: Row<'a>, second: Row<'a>) -> Result<u64, Fault> {
        let kind = self.kind(first);
        let has = width::of(first.data, kind)? as u64;
        let octal_first = first.offset.text.len() == 7 && kind == Kind::Pairs && !first.colon;
        let order = if octal_first { [8, 10, 16] } else { [16, 8, 10] };
        let fits = |base: &u64| {
            let (Some(from), Some(to)) = (first.offset(*base), second.offset(*base)) else { return false };
            let len = to.wrapping_sub(from);
            match self.star {
                Some(_) => to > from && has > 0 && len % has == 0,
                None => len == has || kind.is_swapped() && len + 1 == has,
            }
        };
        let known = order.iter().find(|base| fits(base)).copied();
        self.seen.base = known;
        let readable = |base: &&u64| first.offset(**base).is_some() && second.offset(**base).is_some();
        Ok(known.or_else(|| order.iter().find(readable).copied()).unwrap_or(16))
    }

    /// How the bytes of the rows are written; the first row with any tells.
    #[inline]
    fn kind(&mut self, row: Row<'a>) -> Kind {
        match self.seen.kind {
            Some(kind) => kind,
            None if row.data.text.trim_ascii().is_empty() => Kind::Pairs,
            None => *self.seen.kind.insert(Kind::of(row.data, row.colon)),
        }
    }

    /// Where in `text` the next block begins: with the row that is pending.
    fn next_block(&mut self, text: &[u8]) -> usize {
        let Some(row) = self.pending else { return text.len() };
        self.seen.resumes = true;
        let before = text.get(..row.offset.at).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
    }
}

impl Seen {
    /// The bytes of each dump.
    pub(super) fn dumps(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.starts.iter().skip(1).copied().chain([self.bytes.len()]);
        self.starts.iter().zip(ends).filter_map(|(start, end)| self.bytes.get(*start..end))
    }

    fn into_dump(self) -> Dump {
        if let Some(dump) = tcpdump::from_packets(&self) {
            return dump;
        }
        let mut dump = Dump::unmarked(self.bytes);
        if self.kind.is_some_and(Kind::is_swapped) {
            dump.note("the dump shows little-endian words: their bytes were swapped back");
        }
        if self.starts.len() > 1 {
            dump.note(format!("the offsets begin anew: {} dumps were joined", self.starts.len()));
        }
        dump
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{error, read_as, sniffed};
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
            (
                "gdb",
                Style { offset: |at| format!("0x{:x}:", at + 0x7ffe_0010), gaps: ["\t", "", "  "], ..PLAIN },
            ),
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
            proptest::collection::vec(any::<u8>(), 1..300),
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
        fn mutated_dumps_are_read_or_refused(bytes in data(), which in 0usize..21, at: prop::sample::Index, to: u8) {
            let mut text = print(styles()[which].1, &bytes).into_bytes();
            let at = at.index(text.len());
            text[at] = to;
            let _ = read_as(Some(Format::Xxd), None, &text);
        }
    }

    #[test]
    fn a_dump_may_have_many_blocks() {
        let mut bytes: Vec<u8> =
            (0..400_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for (name, style) in styles() {
            bytes.truncate(bytes.len() - 1);
            let text = print(style, &bytes);
            assert!(sniffed(&text).0.all() == bytes, "{name}");
            let wrong = text.len() - 200 + text[text.len() - 200..].find('\n').unwrap() + 1;
            let text = format!("{}Hello\n{}", &text[..wrong], &text[wrong..]);
            let line = text[..wrong].lines().count() + 1;
            let error = error(style.format, &text);
            assert!(
                error.starts_with(&format!("dump.txt:{line}:1: this line has no offset")),
                "{name}: {error}"
            );
        }
        let stars = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n"
            .to_owned()
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
}

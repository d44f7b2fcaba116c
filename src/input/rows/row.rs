//! A line of a dump, taken apart: its offset, and what stands behind it.

use crate::input::format::Format;
use crate::input::text::{Line, is_hex, nibble};

/// A line of a dump, taken apart.
#[derive(Clone, Copy, Debug)]
pub(in crate::input) struct Row<'a> {
    /// The digits of its offset.
    pub(super) offset: Line<'a>,
    /// Whether a colon stands behind them.
    pub(super) colon: bool,
    /// What stands behind the offset: bytes, and perhaps a text column.
    pub(in crate::input) data: Line<'a>,
}

impl<'a> Row<'a> {
    /// The row in a line, if the line begins with an offset.
    #[inline]
    pub(in crate::input) fn parse(line: Line<'a>) -> Option<Self> {
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
    pub(in crate::input) fn is_evident(self) -> bool {
        let (len, groups) = (self.offset.text.len(), self.data.trimmed().text);
        let first = groups.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let wide_gap = self.data.text.starts_with(b"  ") || self.data.text.starts_with(b"\t");
        let zero = self.begins_at_zero();
        is_hex(first)
            && match first.len() {
                _ if self.colon => {
                    let apart = self.data.text.first().is_some_and(u8::is_ascii_whitespace);
                    (len >= 2 || zero) && first.len() % 2 == 0 && (len > 2 || apart)
                }
                2 => {
                    len >= 4 && wide_gap
                        || len >= 3 && zero
                        || len >= 6 && (len == 7 || self.offset.text.ends_with(b"0"))
                }
                4 | 8 => len == 7 || len >= 6 && wide_gap,
                _ => false,
            }
    }

    /// Whether its offset is zero.
    pub(in crate::input) fn begins_at_zero(self) -> bool {
        self.offset.text.iter().all(|digit| *digit == b'0')
    }

    /// Whether it numbers the columns, as PowerShell's Format-Hex does above its rows.
    pub(in crate::input) fn is_ruler(self) -> bool {
        let numbers = self.data.text.split(u8::is_ascii_whitespace).filter(|group| !group.is_empty());
        let is =
            |(at, group): (usize, &[u8])| group.eq_ignore_ascii_case(format!("{:02x}", at + 1).as_bytes());
        self.offset.text == b"00" && !self.colon && self.data.text.len() >= 45 && numbers.enumerate().all(is)
    }

    /// How many digits its offset has.
    pub(in crate::input) const fn offset_width(self) -> usize {
        self.offset.text.len()
    }

    /// Whether a colon stands behind its offset.
    pub(in crate::input) const fn has_colon(self) -> bool {
        self.colon
    }

    /// Whether its offset has eight digits and no colon.
    pub(in crate::input) fn has_wide_offset(self) -> bool {
        self.offset.text.len() == 8 && !self.colon
    }

    /// Which program's dump it looks like.
    pub(in crate::input) fn format(self) -> Format {
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
    pub(in crate::input) fn offset_in(self, base: u64) -> Option<u64> {
        self.offset.text.iter().try_fold(0u64, |value, digit| {
            let digit = u64::from(nibble(*digit));
            if digit < base { value.checked_mul(base)?.checked_add(digit) } else { None }
        })
    }
}

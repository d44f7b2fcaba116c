//! The payload of a frame: what was sent, the key, the XOR of both, and the text that it is.

use super::cells::{Cell, around};
use super::dump::Dump;
use super::grid::{Grid, all_bits, ascii, fill};
use super::memory::{Memory, Note};
use std::ops::Range;

use crate::render::collect::WholeFrame;
use crate::render::glyphs::Mark;
use crate::render::number::{hex_pair, hex_text, push_bytes, push_grouped};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::payload::PayloadShown;
use crate::render::wrap::is_printable;
use crate::session::event::Compression;
use crate::wire::frame::Header;
use crate::wire::mask::MaskingKey;

/// Where the names of lines stand.
pub(super) const LABEL: usize = 5;
/// Where their bytes stand.
pub(super) const BODY: usize = 14;
/// How many bytes of a payload are explained one by one, as they were sent and unmasked.
pub const EXPLAINED: usize = 20;
/// How many bytes of a payload are dumped at once: a longer dump comes piece by piece.
const PIECE: usize = 64 * 1024;
/// The columns of four bytes and what parts them from the next four.
const GROUP: usize = 13;
/// The numbers of the bytes that are explained, in their columns.
const NUMBERS: &str = " 0  1  2  3   4  5  6  7   8  9 10 11  12 13 14 15  16 17 18 19";

/// A payload while it is written.
#[derive(Clone, Copy)]
pub(super) struct PayloadView<'a, 'f> {
    pub(super) page: &'a Page,
    pub(super) grid: Grid,
    pub(super) frame: &'a WholeFrame<'f>,
    pub(super) header: &'a Header,
    pub(super) shown: PayloadShown,
    /// A payload that is compressed is no text yet.
    pub(super) compression: Compression,
    /// The payload is text by the opcode of its message.
    pub(super) text: bool,
}

impl PayloadView<'_, '_> {
    /// All of it that is shown.
    pub(super) fn payload(&self, memory: &mut Memory, out: &mut String) {
        if self.header.payload_len() == 0 {
            return;
        }
        let kept = self.kept();
        self.title(memory, kept, out);
        match self.header.key() {
            Some(key) if !kept.is_empty() => self.masked(memory, key, kept, out),
            _ if kept.len() > EXPLAINED => {}
            _ => self.bands(kept, false, out),
        }
        if kept.len() > EXPLAINED {
            self.dump(memory, kept, out);
        }
        let left = self.frame.captured().saturating_sub(kept.len() as u64);
        if left > 0 && self.shown != PayloadShown::None {
            indent(out, LABEL);
            push_grouped(out, left);
            out.push_str(match self.shown {
                PayloadShown::All => " more, which are not kept for this view\n",
                _ => " more: --payload all\n",
            });
        }
    }

    /// The part of it that is shown.
    fn kept(&self) -> &[u8] {
        self.frame.plain.get(..self.shown.cap()).unwrap_or(self.frame.plain)
    }

    const fn compressed(&self) -> bool {
        matches!(self.compression, Compression::Deflate | Compression::PerFrame)
    }

    /// Where it stands, how long it is, and what to do with it.
    fn title(&self, memory: &mut Memory, kept: &[u8], out: &mut String) {
        let (len, came) = (self.header.payload_len(), self.frame.captured());
        let start = self.header.header_len() as u64;
        let behind = if came == 0 { len } else { self.frame.len.saturating_sub(start) };
        let last = start.saturating_add(behind.max(1)).saturating_sub(1);
        let mut at = self.grid.bytes(self.page, start, last, out);
        at = fill(out, at, self.grid.bits.max(at + 2));
        let mut title = String::with_capacity(96);
        title.push_str("Payload, ");
        if came < len {
            if came == 0 {
                title.push_str("none")
            } else {
                push_grouped(&mut title, came)
            }
            title.push_str(" of ");
        }
        push_bytes(&mut title, len);
        title.push_str(match self.compression {
            Compression::None => "",
            Compression::Deflate | Compression::PerFrame => ", compressed",
            Compression::Unknown => ", perhaps compressed",
        });
        title.push_str(match self.header.mask() {
            _ if came == 0 => "",
            _ if self.shown == PayloadShown::None => ", not shown",
            true if kept.is_empty() => "",
            true if came < len => ": sent XOR key",
            false if came < len => ", as it is",
            true if memory.first(Note::Masked) => ": sent byte i XOR key byte (i mod 4)",
            true => ": sent XOR key",
            false if memory.first(Note::Unmasked) => ", as it is (no mask, so no key before it)",
            false => ", as it is",
        });
        self.page.hang(out, at, Role::Plain, &title);
    }

    fn masked(&self, memory: &mut Memory, key: MaskingKey, kept: &[u8], out: &mut String) {
        self.bands(kept, true, out);
        if memory.first(Note::BitByBit)
            && let ([first, ..], [sent, ..]) = (kept, self.frame.raw)
        {
            self.bit_by_bit(*sent, *first, key, out);
        }
    }

    /// The first bytes, one by one: as many in a line as have room.
    fn bands(&self, kept: &[u8], masked: bool, out: &mut String) {
        let groups = ((self.page.width.saturating_sub(BODY) + 2) / GROUP).clamp(1, EXPLAINED / 4);
        let explained = kept.get(..EXPLAINED).unwrap_or(kept);
        for (band, plain) in explained.chunks(4 * groups).enumerate() {
            let start = band * 4 * groups;
            let range = start..start + plain.len();
            if let Some(raw) = self.frame.raw.get(range.clone()).filter(|_| masked) {
                let mut key = [0; EXPLAINED];
                for (key, (raw, plain)) in key.iter_mut().zip(raw.iter().zip(plain)) {
                    *key = raw ^ plain;
                }
                self.numbers(start, plain.len(), out);
                self.hex_line("sent", Role::Payload, raw, out);
                self.hex_line("key", Role::Mask, key.get(..plain.len()).unwrap_or_default(), out);
                self.hex_line("XOR", Role::Payload, plain, out);
            } else {
                self.hex_line("bytes", Role::Payload, plain, out);
            }
            if !self.compressed() {
                self.text_line(kept, range, out);
            }
        }
    }

    fn numbers(&self, start: usize, len: usize, out: &mut String) {
        let from = start / 4 * GROUP;
        self.line("i", Role::Dim, NUMBERS.get(from..from + columns(len)).unwrap_or_default(), out);
    }

    fn line(&self, label: &str, role: Role, text: &str, out: &mut String) {
        indent(out, LABEL);
        self.page.paint(out, Role::Dim, label);
        // A text of spaces alone leaves nothing to see.
        if !text.is_empty() {
            fill(out, LABEL + label.len(), BODY);
            self.page.paint(out, role, text);
        }
        out.push('\n');
    }

    fn hex_line(&self, label: &str, role: Role, bytes: &[u8], out: &mut String) {
        let line = spread(bytes, hex_pair);
        self.line(label, role, ascii(line.get(..columns(bytes.len())).unwrap_or_default()), out);
    }

    /// The text of the bytes in this range, each in its cell; bytes that are no text need no such line.
    fn text_line(&self, kept: &[u8], range: Range<usize>, out: &mut String) {
        let label = if self.text { "text" } else { "ASCII" };
        let bytes = kept.get(range.clone()).unwrap_or_default();
        if !self.text && !bytes.iter().any(|byte| is_printable(&[*byte])) {
            return;
        }
        if is_printable(bytes) {
            let line = spread(bytes, |byte| [b' ', byte]);
            let line = line.get(..columns(bytes.len())).unwrap_or_default();
            self.line(label, Role::Payload, ascii(line.trim_ascii_end()), out);
            return;
        }
        let mut line = String::with_capacity(4 * GROUP * EXPLAINED / 4);
        let dash = self.page.mark(Mark::Dash);
        for (i, cell) in around(self.page, kept, range).take(bytes.len()).enumerate() {
            let gap = if cell == Cell::More { dash } else { " " };
            if i > 0 {
                line.push_str(gap);
                if i.is_multiple_of(4) {
                    line.push_str(gap);
                }
            }
            cell.push_pair(self.page, &mut line);
        }
        self.line(label, Role::Payload, line.trim_end(), out);
    }

    fn bit_by_bit(&self, sent: u8, plain: u8, key: MaskingKey, out: &mut String) {
        let MaskingKey([key, ..]) = key;
        let printable = (b' '..=b'~').contains(&plain) && !self.compressed();
        let (bar, text) = if printable { ("\"", char::from(plain)) } else { (" ", ' ') };
        let again =
            ["XOR again gives ", hex_text(sent), ": masking and unmasking are the same step"].concat();
        let rows = [
            ("bit by bit, i = 0:  ", sent, None, ""),
            ("                XOR ", key, None, "1 where the two bits differ"),
            ("                  = ", plain, Some((bar, text)), &again),
        ];
        for (lead, byte, shown, words) in rows {
            indent(out, LABEL);
            out.push_str(lead);
            out.push_str(ascii(&all_bits(byte)));
            out.push_str(" = ");
            out.push_str(hex_text(byte));
            if self.grid.four_abreast {
                let (bar, text) = shown.unwrap_or((" ", ' '));
                out.extend([" ", bar]);
                out.push(text);
                out.extend([bar, " "]);
            }
            self.page.hang(out, 44, Role::Dim, words);
        }
    }

    /// Offset, hex and text, line by line.
    fn dump(&self, memory: &mut Memory, kept: &[u8], out: &mut String) {
        self.dump_title(kept, out);
        if self.dump_piece(0, out) {
            memory.rest = Some(out.len());
        }
    }

    /// The lines of a piece of it; whether there are more behind them.
    pub(super) fn dump_piece(&self, piece: usize, out: &mut String) -> bool {
        let kept = self.kept();
        let from = piece.saturating_mul(PIECE);
        let to = kept.len().min(from.saturating_add(PIECE));
        let digits = if kept.len() > 0x1_0000 { 8 } else { 4 };
        let dump = Dump::of(self.page, digits);
        let bytes = kept.get(from..to).unwrap_or_default();
        out.reserve(bytes.len().div_ceil(dump.per_line).saturating_mul(96));
        for (i, line) in bytes.chunks(dump.per_line).enumerate() {
            let start = from + i * dump.per_line;
            let text = (!self.compressed()).then_some(kept);
            dump.line(self.page, start, line, text, out);
        }
        to < kept.len()
    }

    fn dump_title(&self, kept: &[u8], out: &mut String) {
        if !self.header.mask() {
            return;
        }
        let all = kept.len() as u64 == self.frame.captured();
        let mut title = String::with_capacity(64);
        title.push_str(if all { "all " } else { "the first " });
        push_bytes(&mut title, kept.len() as u64);
        title.push_str(", unmasked:");
        self.page.paragraph(out, LABEL, Role::Plain, &title);
    }
}

/// The columns of so many bytes, four and four apart.
const fn columns(len: usize) -> usize {
    (3 * len + len.saturating_sub(1) / 4).saturating_sub(1)
}

/// Two columns for each byte, four and four apart.
#[inline]
fn spread(bytes: &[u8], pair: impl Fn(u8) -> [u8; 2]) -> [u8; GROUP * EXPLAINED / 4] {
    let mut line = [b' '; GROUP * EXPLAINED / 4];
    for (group, four) in line.as_chunks_mut::<GROUP>().0.iter_mut().zip(bytes.chunks(4)) {
        for (slot, byte) in group.as_chunks_mut::<3>().0.iter_mut().zip(four) {
            let [first, second] = pair(*byte);
            *slot = [first, second, b' '];
        }
    }
    line
}

//! The payload of a frame: what was sent, the key, the XOR of both, and the text that it is.

use super::cells::{Cell, cells, push_columns};
use super::grid::{Grid, ascii, bits, fill};
use super::memory::{Memory, Note};
use crate::render::collect::WholeFrame;
use crate::render::number::{Digits, bytes, grouped, hex_pair, push_hex_number};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::payload::PayloadShown;
use crate::session::event::Compression;
use crate::wire::frame::Header;
use crate::wire::mask::MaskingKey;

/// Where the names of lines stand.
pub(super) const LABEL: usize = 5;
/// Where their bytes stand.
pub(super) const BODY: usize = 14;
/// How many bytes are explained one by one.
const EXPLAINED: usize = 20;
/// The columns of four bytes and what parts them from the next four.
const GROUP: usize = 13;
/// The longest character, in bytes.
const LONGEST_CHAR: usize = 4;

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
        let kept = self.frame.plain.get(..self.shown.cap()).unwrap_or(self.frame.plain);
        self.title(memory, kept, out);
        match self.header.key() {
            Some(key) if !kept.is_empty() => self.masked(memory, key, kept, out),
            _ if kept.len() > EXPLAINED => {}
            _ => self.bands(kept, false, out),
        }
        if kept.len() > EXPLAINED {
            self.dump(kept, out);
        }
        let left = self.frame.captured().saturating_sub(kept.len() as u64);
        if left > 0 && self.shown != PayloadShown::None {
            indent(out, LABEL);
            out.push_str(&grouped(left));
            out.push_str(" more: --payload all\n");
        }
    }

    const fn compressed(&self) -> bool {
        !matches!(self.compression, Compression::None)
    }

    /// Where it stands, how long it is, and what to do with it.
    fn title(&self, memory: &mut Memory, kept: &[u8], out: &mut String) {
        let (len, came) = (self.header.payload_len(), self.frame.captured());
        let start = self.header.header_len() as u64;
        let behind = if came == 0 { len } else { self.frame.len.saturating_sub(start) };
        let last = start.saturating_add(behind.max(1)).saturating_sub(1);
        let mut at = self.grid.bytes(self.page, start, last, out);
        at = fill(out, at, self.grid.bits.max(at + 2));
        let mut title = "Payload, ".to_owned();
        if came < len {
            title.push_str(&if came == 0 { "none".to_owned() } else { grouped(came) });
            title.push_str(" of ");
        }
        title.push_str(&bytes(len));
        title.push_str(match self.compression {
            Compression::None => "",
            Compression::Deflate => ", compressed",
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
        let mut text = Vec::with_capacity(EXPLAINED + LONGEST_CHAR);
        let with_rest = kept.get(..EXPLAINED + LONGEST_CHAR - 1).unwrap_or(kept);
        cells(self.page, with_rest, |cell| text.push(cell));
        for (band, plain) in explained.chunks(4 * groups).enumerate() {
            let start = band * 4 * groups;
            let raw = self.frame.raw.get(start..start + plain.len()).filter(|_| masked);
            if let Some(raw) = raw {
                self.numbers(start, plain.len(), out);
                self.line("sent", Role::Payload, raw, out);
                let key = raw.iter().zip(plain).map(|(raw, plain)| raw ^ plain);
                self.hex_line("key", Role::Mask, key, out);
                self.line("XOR", Role::Payload, plain, out);
            } else {
                self.line("bytes", Role::Payload, plain, out);
            }
            if !self.compressed() {
                self.text_line(text.get(start..start + plain.len()).unwrap_or_default(), out);
            }
        }
    }

    fn label(&self, label: &str, out: &mut String) {
        indent(out, LABEL);
        self.page.paint(out, Role::Dim, label);
        fill(out, LABEL + label.len(), BODY);
    }

    fn numbers(&self, start: usize, len: usize, out: &mut String) {
        self.label("i", out);
        out.push_str(self.page.palette.start(Role::Dim));
        for i in 0..len {
            gap(i, out);
            let digits = Digits::of((start + i) as u64);
            fill(out, digits.as_str().len(), 2);
            out.push_str(digits.as_str());
        }
        out.push_str(self.page.palette.end(Role::Dim));
        out.push('\n');
    }

    fn line(&self, label: &str, role: Role, bytes: &[u8], out: &mut String) {
        self.hex_line(label, role, bytes.iter().copied(), out);
    }

    fn hex_line(&self, label: &str, role: Role, bytes: impl Iterator<Item = u8>, out: &mut String) {
        self.label(label, out);
        out.push_str(self.page.palette.start(role));
        for (i, byte) in bytes.enumerate() {
            gap(i, out);
            out.push_str(ascii(&hex_pair(byte)));
        }
        out.push_str(self.page.palette.end(role));
        out.push('\n');
    }

    fn text_line(&self, text: &[Cell], out: &mut String) {
        self.label(if self.text { "text" } else { "ASCII" }, out);
        out.push_str(self.page.palette.start(Role::Payload));
        for (i, cell) in text.iter().enumerate() {
            let dash =
                if *cell == Cell::More { self.page.mark(crate::render::glyphs::Mark::Dash) } else { " " };
            if i > 0 {
                out.push_str(dash);
                if i % 4 == 0 {
                    out.push_str(dash);
                }
            }
            cell.push_pair(self.page, out);
        }
        out.push_str(self.page.palette.end(Role::Payload));
        end_line(out);
    }

    fn bit_by_bit(&self, sent: u8, plain: u8, key: MaskingKey, out: &mut String) {
        let MaskingKey([key, ..]) = key;
        let printable = (b' '..=b'~').contains(&plain) && !self.compressed();
        let (bar, text) = if printable { ("\"", char::from(plain)) } else { (" ", ' ') };
        let again = ["XOR again gives ", ascii(&hex_pair(sent)), ": masking and unmasking are the same step"]
            .concat();
        let rows = [
            ("bit by bit, i = 0:  ", sent, None, ""),
            ("                XOR ", key, None, "1 where the two bits differ"),
            ("                  = ", plain, Some((bar, text)), &again),
        ];
        for (lead, byte, shown, words) in rows {
            indent(out, LABEL);
            out.push_str(lead);
            out.push_str(ascii(&bits(byte, 0xff)));
            out.push_str(" = ");
            out.push_str(ascii(&hex_pair(byte)));
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
    fn dump(&self, kept: &[u8], out: &mut String) {
        self.dump_title(kept, out);
        let digits = if kept.len() > 0x1_0000 { 8 } else { 4 };
        let dump = Dump::of(self.page, digits);
        out.reserve(kept.len().div_ceil(dump.per_line).saturating_mul(96));
        for (i, line) in kept.chunks(dump.per_line).enumerate() {
            let start = i * dump.per_line;
            let text = (!self.compressed()).then_some(kept);
            dump.line(self.page, start, line, text, out);
        }
    }

    fn dump_title(&self, kept: &[u8], out: &mut String) {
        if !self.header.mask() {
            return;
        }
        let all = kept.len() as u64 == self.frame.captured();
        let mut title = if all { "all ".to_owned() } else { "the first ".to_owned() };
        title.push_str(&bytes(kept.len() as u64));
        title.push_str(", unmasked:");
        self.page.paragraph(out, LABEL, Role::Plain, &title);
    }
}

/// Where the columns of a dump stand.
#[derive(Clone, Copy, Debug)]
struct Dump {
    per_line: usize,
    /// Hex digits of an offset.
    digits: u32,
    offset: usize,
    hex: usize,
}

impl Dump {
    fn of(page: &Page, digits: u32) -> Self {
        let (per_line, offset, hex) = match page.width {
            80.. => (16, LABEL, BODY),
            64.. => (8, LABEL, BODY),
            _ if digits == 4 => (8, 1, 7),
            _ => (4, 1, 11),
        };
        Self { per_line, digits, offset, hex }
    }

    /// Appends a line; the text is that of the bytes around it, since a character may begin or end there.
    fn line(&self, page: &Page, start: usize, bytes: &[u8], text: Option<&[u8]>, out: &mut String) {
        indent(out, self.offset);
        out.push_str(page.palette.start(Role::Dim));
        push_hex_number(out, start as u64, self.digits);
        out.push_str(page.palette.end(Role::Dim));
        fill(out, self.offset + self.digits as usize, self.hex);
        out.push_str(page.palette.start(Role::Payload));
        let used = push_pairs(out, bytes);
        if let Some(text) = text {
            fill(out, used, 3 * self.per_line + self.per_line.div_ceil(8));
            push_columns(page, text, start..start + bytes.len(), out);
        }
        out.push_str(page.palette.end(Role::Payload));
        end_line(out);
    }
}

/// Appends up to 16 bytes in hex, eight and eight apart, and says how many columns they took.
fn push_pairs(out: &mut String, bytes: &[u8]) -> usize {
    let mut line = [b' '; 50];
    for (half, eight) in line.chunks_mut(25).zip(bytes.chunks(8)) {
        for (slot, byte) in half.as_chunks_mut::<3>().0.iter_mut().zip(eight) {
            let [high, low] = hex_pair(*byte);
            *slot = [high, low, b' '];
        }
    }
    let used = (3 * bytes.len() + usize::from(bytes.len() > 8)).saturating_sub(1);
    out.push_str(ascii(line.get(..used).unwrap_or_default()));
    used
}

/// Appends what parts a byte from the one before.
fn gap(i: usize, out: &mut String) {
    match i {
        0 => {}
        _ if i % 4 == 0 => out.push_str("  "),
        _ => out.push(' '),
    }
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

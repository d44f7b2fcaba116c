//! A compressed message as its pieces come: rows of bits, up to as many symbols as are to be explained.

use super::picture::Picture;
use super::row::{BITS, MEANS, Row, TEXT, push_bits};
use super::tables::{self, Written};
use crate::render::glyphs::Mark;
use crate::render::number::{bytes, count, grouped, push_hex, push_number};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::anatomy::{Copy, Origin, Part, PartKind};
use crate::wire::deflate::{BlockType, Fault, Seen, Symbol};

/// The bytes of a stored block in a row.
const STORED_IN_A_ROW: usize = 7;
/// The columns of the literals' bits in a row.
const LITERAL_BITS: usize = TEXT - BITS - 2;

/// What is written of a message so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The number of the message; 0 before the first.
    pub(super) message: u64,
    /// The rows, as far as they were not given on.
    pub(super) rows: String,
    /// What was explained: symbols, and blocks.
    explained: u64,
    /// Literals that may go on.
    run: Run,
    /// Bytes of a stored block that may go on.
    stored: Vec<u8>,
    /// The code lengths of the block.
    written: Written,
    pub(super) picture: Picture,
    rest: Rest,
}

/// Literals in a row.
#[derive(Debug, Default)]
struct Run {
    at: u64,
    bits: String,
    text: Vec<u8>,
}

/// What is not explained.
#[derive(Debug, Default)]
struct Rest {
    blocks: u64,
    literals: u64,
    copies: u64,
    stored: u64,
    bytes: u64,
}

impl Draft {
    /// Begins a message.
    pub(super) fn begin(&mut self, message: u64) {
        *self = Self { message, ..Self::default() };
    }

    /// Adds a piece; `most` symbols are explained.
    pub(super) fn part(&mut self, page: &Page, part: &Part<'_>, most: u64) {
        if let PartKind::Read(Seen::Literal(symbol)) = part.kind {
            return self.literal(page, &symbol, most);
        }
        if !matches!(part.kind, PartKind::Read(Seen::Stored(_))) {
            self.flush(page);
        }
        let explains = self.explained < most;
        match part.kind {
            PartKind::Copy(copy) if explains => self.copy(page, part, &copy),
            PartKind::Copy(copy) => {
                self.rest.copies += 1;
                self.rest.bytes += copy.text.len() as u64;
                self.picture.stop();
            }
            PartKind::Read(seen) => self.read(page, part, &seen, most),
        }
    }

    fn literal(&mut self, page: &Page, symbol: &Symbol, most: u64) {
        if self.explained >= most {
            self.rest.literals += 1;
            self.rest.bytes += 1;
            return self.picture.stop();
        }
        self.explained += 1;
        let room = LITERAL_BITS.min(page.width.saturating_sub(BITS + 1));
        if self.run.bits.len() + 1 + symbol.len() as usize > room {
            self.flush(page);
        }
        if self.run.text.is_empty() {
            self.run.at = symbol.at;
        } else {
            self.run.bits.push(' ');
        }
        push_bits(&mut self.run.bits, symbol.bits, symbol.len());
        self.run.text.push(symbol.value() as u8);
    }

    /// Writes what waits for more of its kind.
    pub(super) fn flush(&mut self, page: &Page) {
        if !self.stored.is_empty() {
            self.stored_row(page);
        }
        if self.run.text.is_empty() {
            return;
        }
        Row::at(page, self.run.at, &mut self.rows)
            .cell(BITS, Role::Structure, &self.run.bits)
            .text(TEXT, Role::Payload, &self.run.text)
            .end();
        self.picture.literal(&self.run.text);
        self.run.bits.clear();
        self.run.text.clear();
    }

    fn copy(&mut self, page: &Page, part: &Part<'_>, copy: &Copy<'_>) {
        self.explained += 1;
        let role = role_of(copy.origin);
        let mark = self.picture.next_mark().unwrap_or_default();
        let (mut bits, mut means) = (String::with_capacity(40), String::with_capacity(40));
        push_symbol(&mut bits, &copy.length);
        push_value(&mut means, "length ", &copy.length);
        let row = Row::at(page, copy.length.at, &mut self.rows).mark(role, mark);
        let row = row.cell(BITS, Role::Structure, &bits).cell(MEANS, Role::Plain, &means);
        if copy.text.is_empty() {
            row.end()
        } else {
            row.text(TEXT, role, copy.text).end()
        }
        bits.clear();
        means.clear();
        push_symbol(&mut bits, &copy.distance);
        push_value(&mut means, "distance ", &copy.distance);
        let mut from = String::with_capacity(40);
        push_origin(page, copy.origin, part.at == 0, &mut from);
        Row::at(page, copy.distance.at, &mut self.rows)
            .cell(BITS, Role::Structure, &bits)
            .cell(MEANS, Role::Plain, &means)
            .cell(TEXT, role, &from)
            .end();
        self.picture.copy(copy.text, role);
    }

    fn read(&mut self, page: &Page, part: &Part<'_>, seen: &Seen<'_>, most: u64) {
        let explains = self.explained < most;
        match *seen {
            Seen::Block { at, is_final, kind } => {
                if explains {
                    self.explained += 1;
                    self.written = Written::default();
                    block(page, part.block, at, is_final, kind, &mut self.rows);
                } else {
                    self.rest.blocks += 1;
                }
            }
            Seen::Stored(stored) => self.stored(page, stored, most),
            // The fault that ends a message is always told.
            Seen::Fault(fault) => fault_row(page, &fault, &mut self.rows),
            _ if !explains => {}
            Seen::StoredLength { at, len, nlen } => stored_length(page, at, len, nlen, &mut self.rows),
            Seen::Counts { at, litlen, distance, code_length } => {
                tables::counts(page, at, [litlen, distance, code_length], &mut self.rows);
            }
            Seen::CodeLengthCode { at, lengths } => {
                tables::code_length_code(page, at, lengths, &mut self.rows);
            }
            Seen::CodeLength { symbol, length, repeat } => self.written.push(page, symbol, length, repeat),
            Seen::Lengths { litlen, distance } => {
                self.written.show(page, &mut self.rows);
                tables::codes(page, litlen, distance, &mut self.rows);
            }
            Seen::EndOfBlock(symbol) => {
                let mut bits = String::new();
                push_symbol(&mut bits, &symbol);
                Row::at(page, symbol.at, &mut self.rows)
                    .cell(BITS, Role::Structure, &bits)
                    .cell(MEANS, Role::Plain, "end of the block")
                    .end();
            }
            Seen::Literal(_) | Seen::Pair(..) | Seen::Copied { .. } => {}
        }
    }

    /// Rows of equal length, however the bytes come.
    fn stored(&mut self, page: &Page, mut stored: &[u8], most: u64) {
        while !stored.is_empty() {
            if self.stored.is_empty() {
                if self.explained >= most {
                    self.rest.bytes += stored.len() as u64;
                    self.rest.stored += stored.len() as u64;
                    return self.picture.stop();
                }
                self.explained += 1;
            }
            let room = STORED_IN_A_ROW - self.stored.len();
            let (now, later) = stored.split_at_checked(room).unwrap_or((stored, &[]));
            self.stored.extend_from_slice(now);
            if self.stored.len() == STORED_IN_A_ROW {
                self.stored_row(page);
            }
            stored = later;
        }
    }

    fn stored_row(&mut self, page: &Page) {
        let row = std::mem::take(&mut self.stored);
        let mut pairs = String::with_capacity(3 * STORED_IN_A_ROW);
        for (i, byte) in row.iter().enumerate() {
            pairs.push_str(if i == 0 { "" } else { " " });
            push_hex(&mut pairs, *byte);
        }
        Row::blank(page, &mut self.rows)
            .cell(BITS, Role::Payload, &pairs)
            .text(TEXT, Role::Payload, &row)
            .end();
        self.picture.literal(&row);
    }

    /// What came and was not explained.
    pub(super) fn rest(&self, page: &Page, out: &mut String) {
        let Rest { blocks, literals, copies, stored, bytes: made } = self.rest;
        if blocks + literals + copies + stored == 0 {
            return;
        }
        let mut words = "and then ".to_owned();
        let parts = [
            (literals, count(literals, "literal")),
            (copies, if copies == 1 { "1 copy".to_owned() } else { grouped(copies) + " copies" }),
            (stored, count(stored, "stored byte")),
            (blocks, count(blocks, "more block")),
        ];
        let parts: Vec<_> =
            parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
        words.push_str(&parts.join(", "));
        if made > 0 {
            words.push_str(": ");
            words.push_str(&bytes(made));
        }
        words.push_str(" (--payload all explains them)");
        page.paragraph(out, BITS, Role::Dim, &words);
    }
}

/// The colour of what was copied from there.
pub(super) const fn role_of(origin: Origin) -> Role {
    match origin {
        Origin::Own(_) => Role::Structure,
        Origin::Earlier { .. } => Role::Mask,
        Origin::Unknown => Role::Hint,
        Origin::Nowhere => Role::Finding,
    }
}

/// The code, and the extra bits apart.
fn push_symbol(out: &mut String, symbol: &Symbol) {
    push_bits(out, symbol.bits, symbol.code_len.into());
    if symbol.extra_len > 0 {
        out.push('+');
        push_bits(out, symbol.extra().into(), symbol.extra_len.into());
    }
}

/// `length 13`, or `length 14 = 13 + 1` where there are extra bits.
fn push_value(out: &mut String, what: &str, symbol: &Symbol) {
    out.push_str(what);
    push_number(out, symbol.value().into());
    if symbol.extra_len > 0 {
        out.push_str(" = ");
        push_number(out, symbol.base.into());
        out.push_str(" + ");
        push_number(out, symbol.extra().into());
    }
}

fn push_origin(page: &Page, origin: Origin, first: bool, out: &mut String) {
    let back = page.mark(Mark::Left);
    match origin {
        Origin::Own(at) => {
            out.push_str(back);
            out.push_str(" this message at ");
            push_number(out, at);
        }
        Origin::Earlier { message, at } => {
            out.push_str(back);
            out.push_str(" message ");
            push_number(out, message);
            out.push_str(" at ");
            push_number(out, at);
        }
        Origin::Unknown => {
            out.push_str(back);
            out.push_str(" ? bytes not here");
        }
        Origin::Nowhere if first => {
            out.push_str(page.mark(Mark::Bad));
            out.push_str(" nothing was sent yet");
        }
        Origin::Nowhere => {
            out.push_str(page.mark(Mark::Bad));
            out.push_str(" before the first byte");
        }
    }
}

fn block(page: &Page, number: u64, at: u64, is_final: bool, kind: BlockType, out: &mut String) {
    let (code, what) = match kind {
        BlockType::Stored => ("BTYPE 00", "stored, as they are"),
        BlockType::Fixed => ("BTYPE 01", "the fixed codes"),
        BlockType::Dynamic => ("BTYPE 10", "codes of its own"),
        BlockType::Reserved => ("BTYPE 11", "reserved: no meaning"),
    };
    let mut name = "  block ".to_owned();
    push_number(&mut name, number);
    page.paint(out, Role::Heading, &name);
    out.push('\n');
    let (bit, final_is) = if is_final { ("1", "the last of its stream") } else { ("0", "others may follow") };
    let means = if is_final { "BFINAL 1" } else { "BFINAL 0" };
    Row::at(page, at, out)
        .cell(BITS, Role::Structure, bit)
        .cell(MEANS, Role::Plain, means)
        .cell(TEXT, Role::Plain, final_is)
        .end();
    let mut bits = String::new();
    push_bits(&mut bits, kind.btype().into(), 2);
    Row::at(page, at + 1, out)
        .cell(BITS, Role::Structure, &bits)
        .cell(MEANS, Role::Plain, code)
        .cell(TEXT, Role::Plain, what)
        .end();
    let unused = (at + 3).next_multiple_of(8) - (at + 3);
    if kind == BlockType::Stored && unused > 0 {
        let words = [&count(unused, "bit"), " unused, up to the byte"].concat();
        Row::at(page, at + 3, out).cell(MEANS, Role::Dim, &words).end();
    }
}

fn stored_length(page: &Page, at: u64, len: u16, nlen: u16, out: &mut String) {
    let good = len == !nlen;
    let is = if good { "LEN's complement" } else { "not LEN's complement" };
    let mark = page.mark(if good { Mark::Good } else { Mark::Bad });
    let role = if good { Role::Good } else { Role::Finding };
    let is = [mark, " ", is].concat();
    for (at, number, name, what, role) in
        [(at, len, "LEN", "bytes that follow", Role::Plain), (at + 16, nlen, "NLEN", is.as_str(), role)]
    {
        let [low, high] = number.to_le_bytes();
        let mut pairs = String::new();
        push_hex(&mut pairs, low);
        pairs.push(' ');
        push_hex(&mut pairs, high);
        let means = format!("{name} {number}");
        Row::at(page, at, out)
            .cell(BITS, Role::Structure, &pairs)
            .cell(MEANS, Role::Plain, &means)
            .cell(TEXT, role, what)
            .end();
    }
}

fn fault_row(page: &Page, fault: &Fault, out: &mut String) {
    let words = ["no DEFLATE from here on: ", &fault.kind.to_string()].concat();
    Row::at(page, fault.at, out).mark(Role::Finding, page.mark(Mark::Bad)).hang(BITS, Role::Finding, &words);
}

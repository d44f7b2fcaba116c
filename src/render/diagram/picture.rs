//! The drawing of a picture: a ruler, and row by row the names, the bits and what they are.

use super::INDENT;
use super::fields::{Field, Value};
use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::glyphs::Mark;
use crate::render::lesson::finding;
use crate::render::number::{push_hex, push_number};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::{char_width, display_width, lines};
use crate::wire::bits::Bits;

/// The lines of names in the first row, in which the names of single bits stand upright.
const UPRIGHT: usize = 4;

/// A picture while it is drawn.
pub(super) struct Picture<'a, 'f> {
    pub(super) page: &'a Page,
    pub(super) frame: &'a WholeFrame<'f>,
    pub(super) fields: Vec<Field>,
    /// The bytes as sent that are drawn, header and payload.
    pub(super) bytes: Vec<u8>,
    pub(super) header_len: usize,
    /// Bits in a row.
    pub(super) row: u64,
}

/// The part of a field that stands in one row.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    field: &'a Field,
    bits: Bits,
}

impl Piece<'_> {
    /// The columns between the lines at its sides.
    const fn width(&self) -> usize {
        2 * self.bits.len as usize - 1
    }
}

impl Picture<'_, '_> {
    /// The numbers of the bits, as in the RFC: tens above, ones below.
    pub(super) fn ruler(&self, out: &mut String) {
        out.push('\n');
        for tens in [true, false] {
            let mut line = String::new();
            for bit in 0..self.row {
                line.push(' ');
                match (tens, bit % 10) {
                    (true, 0) => push_number(&mut line, bit / 10),
                    (true, _) => line.push(' '),
                    (false, ones) => push_number(&mut line, ones),
                }
            }
            indent(out, INDENT);
            self.page.paint(out, Role::Dim, line.trim_end());
            out.push('\n');
        }
    }

    pub(super) fn rows(&self, out: &mut String) {
        let total = 8 * self.bytes.len() as u64;
        let mut above: Vec<Piece<'_>> = Vec::new();
        let mut at = 0;
        while at < total {
            let end = total.min(at + self.row);
            let pieces = self.pieces(at, end);
            self.border(&above, &pieces, out);
            self.row(at == 0, &pieces, out);
            above = pieces;
            at = end;
        }
        self.border(&above, &[], out);
    }

    fn pieces(&self, at: u64, end: u64) -> Vec<Piece<'_>> {
        let piece = |field: &'_ Field| {
            let from = field.bits.at.max(at);
            let to = (field.bits.at + field.bits.len).min(end);
            (from < to).then(|| Bits::new(from, to - from))
        };
        self.fields.iter().filter_map(|field| Some(Piece { field, bits: piece(field)? })).collect()
    }

    /// The line between two rows: it turns where fields begin and end.
    fn border(&self, above: &[Piece<'_>], below: &[Piece<'_>], out: &mut String) {
        let (up, down) = (self.sides(above), self.sides(below));
        let last = |sides: &[bool]| sides.iter().rposition(|side| *side).unwrap_or(0);
        let end = last(&up).max(last(&down));
        indent(out, INDENT);
        out.push_str(self.page.palette.start(Role::Dim));
        for (i, (up, down)) in up.iter().zip(&down).enumerate().take(end + 1) {
            if i > 0 {
                out.push_str(self.page.mark(Mark::Dash));
            }
            out.push_str(self.junction(*up, *down, i > 0, i < end));
        }
        out.push_str(self.page.palette.end(Role::Dim));
        out.push('\n');
    }

    /// Before which bits of a row a field begins, and where the last one ends.
    fn sides(&self, pieces: &[Piece<'_>]) -> Vec<bool> {
        let mut sides = vec![false; self.row as usize + 1];
        for piece in pieces {
            let from = piece.bits.at % self.row;
            for side in [from, from + piece.bits.len] {
                if let Some(side) = sides.get_mut(side as usize) {
                    *side = true;
                }
            }
        }
        sides
    }

    const fn junction(&self, up: bool, down: bool, left: bool, right: bool) -> &'static str {
        if self.page.glyphs.ascii() {
            return if up || down { "+" } else { "-" };
        }
        match (up, down, left, right) {
            (false, false, ..) => "─",
            (true, true, true, true) => "┼",
            (true, true, false, _) => "├",
            (true, true, true, false) => "┤",
            (false, true, true, true) => "┬",
            (false, true, false, _) => "┌",
            (false, true, true, false) => "┐",
            (true, false, true, true) => "┴",
            (true, false, false, _) => "└",
            (true, false, true, false) => "┘",
        }
    }

    fn row(&self, first: bool, pieces: &[Piece<'_>], out: &mut String) {
        for line in 0..if first { UPRIGHT } else { 1 } {
            self.line(pieces, |piece| name(piece, line), out);
        }
        self.line(pieces, |piece| self.bits(piece.bits), out);
        if pieces.iter().any(|piece| !matches!(piece.field.value, Value::None)) {
            self.line(pieces, |piece| self.value(piece), out);
        }
        let wrong = |at| finding::mark_at(self.frame.header_findings.iter(), Bits::new(at, 1));
        let marks = |piece: &Piece<'_>| {
            let bits = piece.bits.at..piece.bits.at + piece.bits.len;
            let marks = bits.map(|at| wrong(at).map_or(" ", |mark| self.page.mark(mark)));
            marks.collect::<Vec<_>>().join(" ")
        };
        if pieces.iter().any(|piece| !marks(piece).trim_ascii().is_empty()) {
            self.line(pieces, marks, out);
        }
    }

    /// A line through all pieces of a row.
    fn line(&self, pieces: &[Piece<'_>], text: impl Fn(&Piece<'_>) -> String, out: &mut String) {
        indent(out, INDENT);
        let bar = self.page.mark(Mark::Bar);
        for piece in pieces {
            self.page.paint(out, Role::Dim, bar);
            let text = text(piece);
            let (text, used) = cut(&text, piece.width());
            self.page.paint(out, piece.field.role, text);
            indent(out, piece.width() - used);
        }
        self.page.paint(out, Role::Dim, bar);
        out.push('\n');
    }

    fn bits(&self, bits: Bits) -> String {
        let mut line = String::with_capacity(2 * bits.len as usize);
        for at in bits.at..bits.at + bits.len {
            if at > bits.at {
                line.push(' ');
            }
            let byte = usize::try_from(at / 8).ok().and_then(|at| self.bytes.get(at)).copied().unwrap_or(0);
            line.push(if byte >> (7 - at % 8) & 1 == 1 { '1' } else { '0' });
        }
        line
    }

    fn value(&self, piece: &Piece<'_>) -> String {
        match &piece.field.value {
            Value::None => String::new(),
            Value::Word(word) => centred(word, piece.width()),
            Value::Bytes | Value::Payload => {
                let mut line = String::new();
                for byte in piece.bits.first_byte()..piece.bits.end_byte() {
                    let column = 16 * (byte - piece.bits.first_byte()) as usize;
                    let used = display_width(&line);
                    indent(&mut line, column.saturating_sub(used));
                    self.byte(byte as usize, matches!(piece.field.value, Value::Payload), &mut line);
                }
                line
            }
        }
    }

    /// A byte in hex; of a payload, what it is unmasked, and as text.
    fn byte(&self, at: usize, payload: bool, out: &mut String) {
        let sent = self.bytes.get(at).copied().unwrap_or(0);
        push_hex(out, sent);
        let Some(plain) = at.checked_sub(self.header_len).and_then(|at| self.frame.plain.get(at)) else {
            return;
        };
        if !payload {
            return;
        }
        if matches!(self.frame.header, FrameHeader::Whole(header) if header.mask()) {
            out.push(' ');
            out.push_str(self.page.mark(Mark::Right));
            out.push(' ');
            push_hex(out, *plain);
        }
        if (b' '..=b'~').contains(plain) {
            out.extend([" \"", char::from(*plain).encode_utf8(&mut [0; 4]), "\""]);
        }
    }
}

/// The name of a field in its line: upright for a single bit, in the first line for others; later pieces of a field
/// say that they go on.
fn name(piece: &Piece<'_>, line: usize) -> String {
    let name = &piece.field.name;
    match (piece.bits.len, line) {
        (1, _) => name.chars().nth(line).map_or_else(String::new, String::from),
        (_, 0) if piece.bits.at > piece.field.bits.at => {
            let until = name.find([',', ':']).unwrap_or(name.len());
            let again = [" ", name.get(..until).unwrap_or_default(), ", continued"].concat();
            if again.len() <= piece.width() { again } else { " continued".to_owned() }
        }
        (2..8, 0) => centred(name, piece.width()),
        // A name without room ends at a word.
        (_, 0) => {
            [" ", lines(name, piece.width() - 1).next().unwrap_or_default().trim_end_matches(',')].concat()
        }
        _ => String::new(),
    }
}

fn centred(text: &str, width: usize) -> String {
    let mut out = String::new();
    indent(&mut out, width.saturating_sub(text.len()) / 2);
    out.push_str(text);
    out
}

/// As much of a text as has room, and its columns.
fn cut(text: &str, width: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, ch) in text.char_indices() {
        if used + char_width(ch) > width {
            return (text.get(..at).unwrap_or_default(), used);
        }
        used += char_width(ch);
    }
    (text, used)
}

//! The drawing of a picture: a ruler, and row by row the names, the bits and what they are.

use super::INDENT;
use super::fields::{FIRST_TWO_BYTES, Field, Value, first_two_bytes};
use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::glyphs::Mark;
use crate::render::lesson::finding;
use crate::render::number::{Digits, push_hex};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::{char_width, display_width, lines};
use crate::wire::bits::Bits;
use crate::wire::frame::{Header, LengthForm};

/// The lines of names in the first row, in which the names of single bits stand upright.
pub(super) const UPRIGHT: usize = 4;

/// The numbers of the bits: tens, and ones.
const RULER: [&str; 2] = [
    " 0                   1                   2                   3  ",
    " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
];

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
    /// The lines of [`names`].
    pub(super) names: &'a [String; UPRIGHT],
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
        for line in RULER {
            indent(out, INDENT);
            let line = line.get(..2 * self.row as usize).unwrap_or(line);
            self.page.paint(out, Role::Dim, line.trim_end());
            out.push('\n');
        }
    }

    pub(super) fn rows(&self, out: &mut String) {
        let total = 8 * self.bytes.len() as u64;
        let (mut above, mut at) = (0, 0);
        let mut text = String::with_capacity(2 * self.row as usize);
        while at < total {
            let end = total.min(at + self.row);
            let below = self.sides(self.pieces(at, end));
            self.border(above, below, out);
            self.draw_row(at, end, &mut text, out);
            above = below;
            at = end;
        }
        self.border(above, 0, out);
    }

    fn pieces(&self, at: u64, end: u64) -> impl Iterator<Item = Piece<'_>> + Clone {
        self.fields.iter().filter_map(move |field| {
            let from = field.bits.at.max(at);
            let to = (field.bits.at + field.bits.len).min(end);
            (from < to).then(|| Piece { field, bits: Bits::new(from, to - from) })
        })
    }

    /// The line between two rows: it turns where fields begin and end.
    fn border(&self, up: u64, down: u64, out: &mut String) {
        let end = (up | down | 1).ilog2();
        let dash = self.page.mark(Mark::Dash);
        indent(out, INDENT);
        out.push_str(self.page.palette.start(Role::Dim));
        for i in 0..=end {
            if i > 0 {
                out.push_str(dash);
            }
            out.push_str(self.junction(up >> i & 1 == 1, down >> i & 1 == 1, i > 0, i < end));
        }
        out.push_str(self.page.palette.end(Role::Dim));
        out.push('\n');
    }

    /// Before which bits of a row a field begins, and where the last one ends: bit by bit, from the lowest.
    fn sides<'p>(&self, pieces: impl Iterator<Item = Piece<'p>>) -> u64 {
        pieces.fold(0, |sides, piece| {
            let from = piece.bits.at % self.row;
            sides | 1 << from | 1 << (from + piece.bits.len)
        })
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

    fn draw_row(&self, at: u64, end: u64, text: &mut String, out: &mut String) {
        let pieces = self.pieces(at, end);
        for line in 0..if at == 0 { UPRIGHT } else { 1 } {
            indent(out, INDENT);
            let drawn = self.names.get(line).filter(|_| at == 0 && end >= 16);
            out.push_str(drawn.map_or("", String::as_str));
            let rest = pieces.clone().skip(drawn.map_or(0, |_| FIRST_TWO_BYTES));
            self.cells(rest, |piece, out| name(piece, line, out), text, out);
        }
        self.line(pieces.clone(), |piece, out| self.bits(piece.bits, out), text, out);
        if pieces.clone().any(|piece| !matches!(piece.field.value, Value::None)) {
            self.line(pieces.clone(), |piece, out| self.value(piece, out), text, out);
        }
        let wrong = |at| finding::mark_at(self.frame.header_findings.iter(), Bits::new(at, 1));
        if !self.frame.header_findings.is_empty() && (at..end).any(|at| wrong(at).is_some()) {
            let marks = |piece: &Piece<'_>, out: &mut String| {
                for at in piece.bits.at..piece.bits.at + piece.bits.len {
                    out.push_str(if at > piece.bits.at { " " } else { "" });
                    out.push_str(wrong(at).map_or(" ", |mark| self.page.mark(mark)));
                }
            };
            self.line(pieces, marks, text, out);
        }
    }

    /// A line through all pieces of a row.
    fn line<'p>(
        &self,
        pieces: impl Iterator<Item = Piece<'p>>,
        write: impl Fn(&Piece<'_>, &mut String),
        text: &mut String,
        out: &mut String,
    ) {
        indent(out, INDENT);
        self.cells(pieces, write, text, out);
    }

    /// The rest of a line: what `write` says of each piece, between bars.
    fn cells<'p>(
        &self,
        pieces: impl Iterator<Item = Piece<'p>>,
        write: impl Fn(&Piece<'_>, &mut String),
        text: &mut String,
        out: &mut String,
    ) {
        for piece in pieces {
            text.clear();
            write(&piece, text);
            cell(self.page, &piece, text, out);
        }
        self.page.paint(out, Role::Dim, self.page.mark(Mark::Bar));
        out.push('\n');
    }

    fn bits(&self, bits: Bits, out: &mut String) {
        for at in bits.at..bits.at + bits.len {
            let byte = usize::try_from(at / 8).ok().and_then(|at| self.bytes.get(at)).copied().unwrap_or(0);
            let bit = if byte >> (7 - at % 8) & 1 == 1 { " 1" } else { " 0" };
            out.push_str(if at > bits.at { bit } else { bit.trim_ascii_start() });
        }
    }

    fn value(&self, piece: &Piece<'_>, out: &mut String) {
        match piece.field.value {
            Value::None => {}
            Value::Word(word) => centred(word, piece.width(), out),
            Value::Number(number) => centred(Digits::of(u64::from(number)).as_str(), piece.width(), out),
            Value::Bytes | Value::Payload => {
                for byte in piece.bits.first_byte()..piece.bits.end_byte() {
                    let column = 16 * (byte - piece.bits.first_byte()) as usize;
                    let used = display_width(out);
                    indent(out, column.saturating_sub(used));
                    self.byte(byte as usize, matches!(piece.field.value, Value::Payload), out);
                }
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

/// The lines of names over the first two bytes, which every frame has.
pub(super) fn names(page: &Page) -> [String; UPRIGHT] {
    let header = Header::new(0, 0, LengthForm::Seven, None);
    std::array::from_fn(|line| {
        let mut out = String::new();
        for field in &first_two_bytes(&header) {
            let piece = Piece { field, bits: field.bits };
            let mut text = String::new();
            name(&piece, line, &mut text);
            cell(page, &piece, &text, &mut out);
        }
        out
    })
}

/// A bar, and a text that fills the piece behind it.
fn cell(page: &Page, piece: &Piece<'_>, text: &str, out: &mut String) {
    page.paint(out, Role::Dim, page.mark(Mark::Bar));
    let (text, used) = cut(text, piece.width());
    page.paint(out, piece.field.role, text);
    indent(out, piece.width() - used);
}

/// The name of a field in its line: upright for a single bit, in the first line for others; later pieces of a field
/// say that they go on.
fn name(piece: &Piece<'_>, line: usize, out: &mut String) {
    if line > 0 && piece.bits.len > 1 {
        return;
    }
    let mut name = String::new();
    piece.field.name.push(&mut name);
    match piece.bits.len {
        1 => out.extend(name.chars().nth(line)),
        _ if piece.bits.at > piece.field.bits.at => {
            let until = name.find([',', ':']).unwrap_or(name.len());
            let again = [" ", name.get(..until).unwrap_or_default(), ", continued"].concat();
            out.push_str(if again.len() <= piece.width() { &again } else { " continued" });
        }
        2..8 => centred(&name, piece.width(), out),
        // A name without room ends at a word.
        _ => {
            out.push(' ');
            let line = lines(&name, piece.width() - 1).next().unwrap_or_default();
            out.push_str(line.trim_end_matches(','));
        }
    }
}

fn centred(text: &str, width: usize, out: &mut String) {
    indent(out, width.saturating_sub(text.len()) / 2);
    out.push_str(text);
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

//! The header of a frame in the grid: bytes 0 and 1, the extended length, the masking key.

use std::borrow::Cow;

use super::finding;
use super::grid::{Grid, Row, all_bits, bits};
use super::memory::{Memory, Note};
use super::rows::{Byte0, Byte1, Rows};
use super::words;
use crate::render::collect::WholeFrame;
use crate::render::glyphs::Mark;
use crate::render::number::{Digits, bytes};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::rules::facts::Rsv;
use crate::session::event::Place;
use crate::wire::bits::Bits;
use crate::wire::frame::{Header, LengthForm, Partial, field};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// A header while it is written: the page, the grid, and the frame that it belongs to.
#[derive(Clone, Copy)]
pub(super) struct HeaderView<'a, 'f> {
    pub(super) page: &'a Page,
    pub(super) grid: Grid,
    pub(super) frame: &'a WholeFrame<'f>,
    /// A hint says that these bytes are text and no frame at all.
    pub(super) no_frame: bool,
}

impl HeaderView<'_, '_> {
    /// All of a whole header.
    pub(super) fn whole(&self, memory: &mut Memory, rows: &mut Rows, header: &Header, out: &mut String) {
        let first_length = memory.first(Note::Frame);
        let byte_0 = self.byte_0(memory, header);
        let byte_1 = self.byte_1(memory, header, first_length);
        let place = self.frame.end.and_then(|end| end.place);
        // A continuation's opcode names another frame.
        let continues = header.opcode() == Opcode::CONTINUATION;
        let write_0 = |out: &mut String| {
            self.fin_and_rsv(byte_0, header, out);
            if !continues {
                self.opcode(header, place, byte_0.first_piece, out);
            }
        };
        let write_1 = |out: &mut String| {
            self.mask(header, byte_1.first_mask, out);
            self.length(header, words::length(header, first_length), out);
        };
        let as_it_should_be = self.frame.findings().next().is_none() && !self.frame.partial();
        if as_it_should_be {
            rows.byte_0(byte_0, out, write_0)
        } else {
            write_0(out)
        }
        if continues {
            self.opcode(header, place, byte_0.first_piece, out);
        }
        if as_it_should_be {
            rows.byte_1(byte_1, out, write_1)
        } else {
            write_1(out)
        }
        match header.length_form() {
            LengthForm::Seven => {}
            LengthForm::Sixteen => self.sixteen(header, out),
            LengthForm::SixtyFour => self.sixty_four(memory, header, out),
        }
        if let Some(key) = header.key() {
            self.key(header.key_bits(), &key.0, out);
        }
    }

    /// As much of a header as came.
    pub(super) fn cut(&self, memory: &mut Memory, partial: &Partial, out: &mut String) {
        let Some(first) = partial.first() else { return };
        // The bits of the second byte do not matter for the first.
        let second = partial.second().unwrap_or(0);
        let key = (second & 0x80 != 0).then_some(crate::wire::mask::MaskingKey([0; 4]));
        let header = Header::new(first, u64::from(second & 0x7f), LengthForm::announced_by(second), key);
        let byte_0 = self.byte_0(memory, &header);
        self.fin_and_rsv(byte_0, &header, out);
        self.opcode(&header, None, byte_0.first_piece, out);
        if partial.second().is_none() {
            return;
        }
        self.mask(&header, false, out);
        let meaning = match header.length_form() {
            LengthForm::Seven => "this is the length",
            LengthForm::Sixteen => "see the next 2 bytes",
            LengthForm::SixtyFour => "see the next 8 bytes",
        };
        self.length(&header, meaning, out);
        let extended = header.length_form().extended_bytes();
        for (i, byte) in partial.bytes().iter().enumerate().skip(2) {
            let name = match i {
                2 if extended > 0 => "Extended",
                3 if extended > 0 => "length",
                _ if i == 2 + extended => "Masking-key",
                _ => "",
            };
            let role = if i < 2 + extended { Role::Structure } else { Role::Mask };
            let at = i as u64;
            let row = Row {
                bytes: Some((at, at)),
                hex: Some(*byte),
                bits: all_bits(*byte),
                role,
                name,
                value: "",
                mark: None,
                meaning: "",
            };
            self.grid.row(self.page, &row, out);
        }
    }

    /// The mark for these bits.
    pub(super) fn marked(&self, bits: Bits) -> Option<Mark> {
        finding::mark_at(self.frame.findings(), bits)
    }

    fn byte_0(&self, memory: &mut Memory, header: &Header) -> Byte0 {
        let pieces = !header.fin() && !header.opcode().is_control();
        Byte0 {
            byte: header.first(),
            known: memory.rsv,
            first_piece: pieces && header.opcode() != Opcode::CONTINUATION && memory.first(Note::Pieces),
            spread: memory.first(Note::Rsv) || header.rsv() != 0 || self.no_frame,
        }
    }

    fn byte_1(&self, memory: &mut Memory, header: &Header, first_length: bool) -> Byte1 {
        let met = if self.frame.sender == Sender::Client { Note::ClientMask } else { Note::ServerMask };
        Byte1 {
            byte: header.second(),
            sender: self.frame.sender,
            minimal: header.length_form() == LengthForm::shortest(header.payload_len()),
            first_mask: memory.first(met),
            first_length,
        }
    }

    fn fin_and_rsv(&self, looks: Byte0, header: &Header, out: &mut String) {
        let mark = self.marked(field::FIN);
        let row = Row {
            bytes: Some((0, 0)),
            hex: Some(header.first()),
            bits: bits(header.first(), 0x80),
            role: Role::Structure,
            name: "FIN",
            value: bit(header.fin()),
            mark,
            meaning: words::fin(header, looks.first_piece, mark.is_some()),
        };
        self.grid.row(self.page, &row, out);
        if looks.spread {
            self.three_rsv(looks.known, header, out)
        } else {
            self.one_rsv(looks.known, header, out)
        }
    }

    fn one_rsv(&self, known: Rsv, header: &Header, out: &mut String) {
        let row = Row {
            bytes: None,
            hex: None,
            bits: bits(header.first(), 0x70),
            role: Role::Structure,
            name: "RSV1–3",
            value: "000",
            mark: None,
            meaning: words::no_rsv(known),
        };
        self.grid.row(self.page, &row, out);
    }

    fn three_rsv(&self, known: Rsv, header: &Header, out: &mut String) {
        // While all say the same, a bracket says it once.
        let all_same =
            header.rsv() == 0 && !matches!(known, Rsv::Used(1..) | Rsv::PerFrame | Rsv::Foreign(1..));
        let bracket = all_same && self.grid.meaning_beside(self.page);
        let rows = [
            ("RSV1", field::RSV1, 4, Mark::BracketTop),
            ("RSV2", field::RSV2, 2, Mark::Branch),
            ("RSV3", field::RSV3, 1, Mark::BracketBottom),
        ];
        for (name, place, bit_of, side) in rows {
            let set = header.rsv() & bit_of != 0;
            let mark = self.marked(place);
            let words = words::rsv(bit_of, set, known, mark.is_some());
            let side = self.page.mark(side);
            let meaning: Cow<'_, str> = match (bracket, bit_of, self.no_frame && !set) {
                (_, _, true) => "".into(),
                (true, 2, _) => [side, " ", words].concat().into(),
                (true, ..) => side.into(),
                (false, 4 | 2, _) if all_same => "".into(),
                (false, ..) => words.into(),
            };
            let row = Row {
                bytes: None,
                hex: None,
                bits: bits(header.first(), bit_of << 4),
                role: Role::Structure,
                name,
                value: bit(set),
                mark,
                meaning: &meaning,
            };
            self.grid.row(self.page, &row, out);
        }
    }

    fn opcode(&self, header: &Header, place: Option<Place>, first_piece: bool, out: &mut String) {
        let mark = self.marked(field::OPCODE);
        let value = Digits::of(u64::from(header.opcode().0));
        let words = words::opcode(header, place, first_piece, mark.is_some());
        let meaning: Cow<'_, str> = match place {
            Some(place) if header.opcode() == Opcode::CONTINUATION => {
                [words, Digits::of(place.first_frame).as_str()].concat().into()
            }
            _ => words.into(),
        };
        let row = Row {
            bytes: None,
            hex: None,
            bits: bits(header.first(), 0x0f),
            role: Role::Structure,
            name: "opcode",
            value: value.as_str(),
            mark,
            meaning: &meaning,
        };
        self.grid.row(self.page, &row, out);
    }

    fn mask(&self, header: &Header, first: bool, out: &mut String) {
        let mark = self.marked(field::MASK);
        let words = words::mask(header, self.frame.sender, first && !self.no_frame, mark.is_some());
        let row = Row {
            bytes: Some((1, 1)),
            hex: Some(header.second()),
            bits: bits(header.second(), 0x80),
            role: Role::Mask,
            name: "MASK",
            value: bit(header.mask()),
            mark,
            meaning: words,
        };
        self.grid.row(self.page, &row, out);
    }

    fn length(&self, header: &Header, words: &str, out: &mut String) {
        let mark = self.marked(field::PAYLOAD_LEN);
        let value = Digits::of(u64::from(header.seven_bits()));
        let short = header.length_form() == LengthForm::Seven && self.frame.end.is_some();
        let (mark, meaning) = self.but_came(mark, short, words);
        let row = Row {
            bytes: None,
            hex: None,
            bits: bits(header.second(), 0x7f),
            role: Role::Structure,
            name: "Payload len",
            value: value.as_str(),
            mark,
            meaning: &meaning,
        };
        self.grid.row(self.page, &row, out);
    }

    /// What stands beside a length: that less came, where it is so and `here` is where the length stands.
    pub(super) fn but_came<'w>(
        &self,
        mark: Option<Mark>,
        here: bool,
        words: &'w str,
    ) -> (Option<Mark>, Cow<'w, str>) {
        if !here || !self.frame.partial() {
            return (mark, words.into());
        }
        let came = self.frame.captured();
        let mark = if self.no_frame { Some(Mark::Bad) } else { mark };
        match came {
            0 => (mark, "but none of it came".into()),
            _ => (mark, ["but only ", &bytes(came), " came"].concat().into()),
        }
    }
}

const fn bit(set: bool) -> &'static str {
    if set { "1" } else { "0" }
}

//! What stands behind the first two bytes of a header: the longer forms of the length, and the masking key.

use super::grid::{Abreast, Row, all_bits, fill};
use super::header::HeaderView;
use super::memory::{Memory, Note};
use crate::render::number::{Digits, push_hex_number};
use crate::render::palette::Role;
use crate::wire::bits::Bits;
use crate::wire::frame::Header;

impl HeaderView<'_, '_> {
    /// A length of 16 bits.
    pub(super) fn sixteen(&self, header: &Header, out: &mut String) {
        let mark = self.marked(header.extended_bits());
        let len = header.payload_len();
        let mut hex = "0x".to_owned();
        push_hex_number(&mut hex, len, 2);
        hex.push_str(", high byte first");
        let (mark, meaning) = self.but_came(mark, true, &hex);
        let [high, low] = (len as u16).to_be_bytes();
        let rows = [
            (Some((2, 3)), high, "Extended", Digits::of(len), mark, meaning.as_ref()),
            (None, low, "length", Digits::of(0), None, ""),
        ];
        for (i, (bytes, byte, name, value, mark, meaning)) in rows.into_iter().enumerate() {
            let row = Row {
                bytes,
                hex: Some(byte),
                bits: all_bits(byte),
                role: Role::Structure,
                name,
                value: if i == 0 { value.as_str() } else { "" },
                mark,
                meaning,
            };
            self.grid.row(self.page, &row, out);
        }
    }

    /// A length of 64 bits.
    pub(super) fn sixty_four(&self, memory: &mut Memory, header: &Header, out: &mut String) {
        let len = header.payload_len();
        let eight = len.to_be_bytes();
        let mark = self.marked(header.extended_bits());
        let digits = Digits::of(len);
        let column = if memory.first(Note::SixtyFour) && self.grid.four_abreast {
            let (upper, lower) = eight.split_at(4);
            let first = Some(header.extended_bits());
            let four = Abreast { first, role: Role::Structure, bytes: upper };
            self.grid.abreast(self.page, ["Extended", "length"], mark, four, out);
            let four = Abreast { first: None, role: Role::Structure, bytes: lower };
            self.grid.abreast(self.page, ["", ""], None, four, out);
            fill(out, 0, self.grid.bits);
            out.push_str("0x");
            push_hex_number(out, len, 8);
            self.grid.bits + 18
        } else {
            let column = self.grid.bytes(self.page, 2, 9, out);
            self.grid.run(self.page, column, Role::Structure, &eight, out)
        };
        let fits = digits.as_str().len() <= 6;
        let (value, words) = match fits {
            true => (digits.as_str(), "length, high byte first".to_owned()),
            false => ("", ["length ", digits.as_str()].concat()),
        };
        let (mark, meaning) = self.but_came(mark, true, &words);
        self.grid.finish(self.page, column, value, mark, &meaning, out);
    }

    /// The masking key.
    pub(super) fn key(&self, place: Bits, key: &[u8], out: &mut String) {
        let mark = self.marked(place);
        if self.grid.four_abreast {
            let four = Abreast { first: Some(place), role: Role::Mask, bytes: key };
            self.grid.abreast(self.page, ["Masking-key", ""], mark, four, out);
            return;
        }
        for (i, byte) in key.iter().enumerate() {
            let row = Row {
                bytes: (i == 0).then(|| (place.first_byte(), place.end_byte() - 1)),
                hex: Some(*byte),
                bits: all_bits(*byte),
                role: Role::Mask,
                name: if i == 0 { "Masking-key" } else { "" },
                value: "",
                mark: mark.filter(|_| i == 0),
                meaning: "",
            };
            self.grid.row(self.page, &row, out);
        }
    }
}

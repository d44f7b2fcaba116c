//! How the fields of a header explain themselves.

use super::super::bits::{Bits, Cite, Field};
use super::super::opcode::Opcode;
use super::{Header, LengthForm, Partial, field};

impl Header {
    /// The fields of the header, in the order of the wire, each explaining itself.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Partial::of(&[self.first(), self.second()]).fields();
        if self.extended_bits().len > 0 {
            fields.push(Field {
                name: "Extended payload length",
                bits: self.extended_bits(),
                value: self.payload_len(),
                symbol: None,
                meaning: "high byte first".into(),
                cite: Cite::ws("5.2"),
            });
        }
        if let Some(key) = self.key() {
            fields.push(Field {
                name: "Masking-key",
                bits: self.key_bits(),
                value: u64::from(u32::from_be_bytes(key.0)),
                symbol: None,
                meaning: "byte i of the payload was XORed with byte i mod 4 of it".into(),
                cite: Cite::ws("5.3"),
            });
        }
        fields
    }
}

impl Partial {
    /// The fields of the first two bytes, as far as they came.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if let Some(first) = self.first() {
            fields.extend(first_byte_fields(first));
        }
        if let Some(second) = self.second() {
            fields.extend(second_byte_fields(second));
        }
        fields
    }
}

/// The fields of byte 0.
fn first_byte_fields(first: u8) -> [Field; 5] {
    let opcode = Opcode(first & 0x0f);
    let bit = |name, bits: Bits, meaning: &'static str| Field {
        name,
        bits,
        value: u64::from(first >> (7 - bits.at) & 1),
        symbol: None,
        meaning: meaning.into(),
        cite: Cite::ws("5.2"),
    };
    let fin = if first & 0x80 == 0 { "more follows" } else { "the last frame of its message" };
    [
        bit("FIN", field::FIN, fin),
        bit("RSV1", field::RSV1, "for extensions"),
        bit("RSV2", field::RSV2, "for extensions"),
        bit("RSV3", field::RSV3, "for extensions"),
        Field {
            name: "opcode",
            bits: field::OPCODE,
            value: u64::from(opcode.0),
            symbol: opcode.name(),
            meaning: opcode.meaning().into(),
            cite: Cite::ws("5.2"),
        },
    ]
}

/// The fields of byte 1.
fn second_byte_fields(second: u8) -> [Field; 2] {
    let length = match LengthForm::announced_by(second) {
        LengthForm::Seven => "up to 125: this is the length",
        LengthForm::Sixteen => "over 125: see the next 2 bytes",
        LengthForm::SixtyFour => "over 65535: see the next 8 bytes",
    };
    let mask = if second & 0x80 == 0 { "not masked" } else { "masked" };
    [
        Field {
            name: "MASK",
            bits: field::MASK,
            value: u64::from(second >> 7),
            symbol: None,
            meaning: mask.into(),
            cite: Cite::ws("5.3"),
        },
        Field {
            name: "Payload len",
            bits: field::PAYLOAD_LEN,
            value: u64::from(second & 0x7f),
            symbol: None,
            meaning: length.into(),
            cite: Cite::ws("5.2"),
        },
    ]
}

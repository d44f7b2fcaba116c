//! The fields of the picture: where they stand, what they are called, what stands under their bits.

use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::number::{bytes, push_number};
use crate::render::palette::Role;
use crate::wire::bits::Bits;
use crate::wire::frame::{Header, LONGEST_HEADER, field};

/// One field of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) bits: Bits,
    pub(super) role: Role,
    pub(super) value: Value,
}

/// What a field is called: written where it is drawn, since millions are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    /// A name of its own.
    Fixed(&'static str),
    /// The extended payload length, and what it says.
    Length(u64),
    /// The payload, and how long it is.
    Payload(u64),
}

impl Name {
    pub(super) fn push(self, out: &mut String) {
        match self {
            Self::Fixed(name) => out.push_str(name),
            Self::Length(len) => {
                out.push_str("Extended payload length: ");
                push_number(out, len);
            }
            Self::Payload(len) => {
                out.push_str("Payload, ");
                out.push_str(&bytes(len));
            }
        }
    }
}

/// What stands under the bits of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// Nothing: the bits say it all.
    None,
    /// A word.
    Word(&'static str),
    /// A number.
    Number(u8),
    /// Each byte in hex.
    Bytes,
    /// Each byte in hex, and unmasked as text.
    Payload,
}

/// The fields of the picture, one behind the other.
pub(super) fn fields(frame: &WholeFrame<'_>, header_len: usize, payload: usize) -> Vec<Field> {
    let held;
    let header = match &frame.header {
        FrameHeader::Whole(header) | FrameHeader::Begun(header) => header,
        FrameHeader::Cut(partial) => {
            let mut bytes = partial.bytes().to_vec();
            bytes.resize(LONGEST_HEADER, 0);
            let Some(header) = Header::decode(&bytes) else { return Vec::new() };
            held = header;
            &held
        }
    };
    let mut fields = Vec::with_capacity(FIRST_TWO_BYTES + 3);
    fields.extend(first_two_bytes(header));
    let whole = matches!(frame.header, FrameHeader::Whole(_));
    if header.extended_bits().len > 0 {
        let name =
            if whole { Name::Length(header.payload_len()) } else { Name::Fixed("Extended payload length") };
        fields.push(Field { name, bits: header.extended_bits(), role: Role::Structure, value: Value::Bytes });
    }
    if header.mask() {
        fields.push(Field {
            name: Name::Fixed("Masking-key"),
            bits: header.key_bits(),
            role: Role::Mask,
            value: Value::Bytes,
        });
    }
    if payload > 0 {
        fields.push(Field {
            name: Name::Payload(header.payload_len()),
            bits: Bits::bytes(header_len as u64, payload as u64),
            role: Role::Payload,
            value: Value::Payload,
        });
    }
    fields
}

/// How many fields the first two bytes have, in every frame.
pub(super) const FIRST_TWO_BYTES: usize = 7;

pub(super) fn first_two_bytes(header: &Header) -> [Field; FIRST_TWO_BYTES] {
    let opcode = match header.opcode().name() {
        Some("continuation") => "contin.",
        Some(name) => name,
        None => "?",
    };
    let of = |name, bits, role, value| Field { name: Name::Fixed(name), bits, role, value };
    [
        of("FIN", field::FIN, Role::Structure, Value::None),
        of("RSV1", field::RSV1, Role::Structure, Value::None),
        of("RSV2", field::RSV2, Role::Structure, Value::None),
        of("RSV3", field::RSV3, Role::Structure, Value::None),
        of("opcode", field::OPCODE, Role::Structure, Value::Word(opcode)),
        of("MASK", field::MASK, Role::Mask, Value::None),
        of("Payload len", field::PAYLOAD_LEN, Role::Structure, Value::Number(header.seven_bits())),
    ]
}

//! The fields of the picture: where they stand, what they are called, what stands under their bits.

use std::borrow::Cow;

use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::number::{bytes, push_number};
use crate::render::palette::Role;
use crate::wire::bits::Bits;
use crate::wire::frame::{Header, LONGEST_HEADER, field};

/// One field of the picture.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Cow<'static, str>,
    pub(super) bits: Bits,
    pub(super) role: Role,
    pub(super) value: Value,
}

/// What stands under the bits of a field.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Nothing: the bits say it all.
    None,
    /// A word.
    Word(Cow<'static, str>),
    /// Each byte in hex.
    Bytes,
    /// Each byte in hex, and unmasked as text.
    Payload,
}

/// The fields of the picture, one behind the other.
pub(super) fn fields(frame: &WholeFrame<'_>, header_len: usize, payload: usize) -> Vec<Field> {
    let held;
    let header = match &frame.header {
        FrameHeader::Whole(header) => header,
        FrameHeader::Cut(partial) => {
            let mut bytes = partial.bytes().to_vec();
            bytes.resize(LONGEST_HEADER, 0);
            let Some(header) = Header::decode(&bytes) else { return Vec::new() };
            held = header;
            &held
        }
    };
    let mut fields = first_two_bytes(header);
    let whole = matches!(frame.header, FrameHeader::Whole(_));
    if header.extended_bits().len > 0 {
        let mut name = "Extended payload length".to_owned();
        if whole {
            name.push_str(": ");
            push_number(&mut name, header.payload_len());
        }
        fields.push(Field {
            name: name.into(),
            bits: header.extended_bits(),
            role: Role::Structure,
            value: Value::Bytes,
        });
    }
    if header.mask() {
        fields.push(Field {
            name: "Masking-key".into(),
            bits: header.key_bits(),
            role: Role::Mask,
            value: Value::Bytes,
        });
    }
    if payload > 0 {
        fields.push(Field {
            name: ["Payload, ", &bytes(header.payload_len())].concat().into(),
            bits: Bits::bytes(header_len as u64, payload as u64),
            role: Role::Payload,
            value: Value::Payload,
        });
    }
    fields
}

fn first_two_bytes(header: &Header) -> Vec<Field> {
    let opcode = match header.opcode().name() {
        Some("continuation") => "contin.",
        Some(name) => name,
        None => "?",
    };
    let mut len = String::new();
    push_number(&mut len, u64::from(header.seven_bits()));
    let of = |name: &'static str, bits, role, value| Field { name: name.into(), bits, role, value };
    vec![
        of("FIN", field::FIN, Role::Structure, Value::None),
        of("RSV1", field::RSV1, Role::Structure, Value::None),
        of("RSV2", field::RSV2, Role::Structure, Value::None),
        of("RSV3", field::RSV3, Role::Structure, Value::None),
        of("opcode", field::OPCODE, Role::Structure, Value::Word(opcode.into())),
        of("MASK", field::MASK, Role::Mask, Value::None),
        of("Payload len", field::PAYLOAD_LEN, Role::Structure, Value::Word(len.into())),
    ]
}

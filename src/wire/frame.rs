//! The header of a frame (RFC 6455 §5.2).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-------+-+-------------+-------------------------------+
//! |F|R|R|R| opcode|M| Payload len |  Extended payload length      |
//! |I|S|S|S|  (4)  |A|     (7)     |  16 bits if Payload len = 126 |
//! |N|V|V|V|       |S|             |  64 bits if Payload len = 127 |
//! | |1|2|3|       |K|             |                               |
//! +-+-+-+-+-------+-+-------------+-------------------------------+
//! |  Masking-key, 32 bits, if MASK is 1; then the payload …
//! ```
//!
//! Decoding follows the bits wherever they lead and judges nothing: a masked server frame is unmasked, a
//! length of 2^63 is a length.

use super::bits::{Bits, Cite, Field};
use super::mask::MaskingKey;
use super::opcode::Opcode;

/// Where each field stands, counted from the first bit of the frame; each is chained to the one before.
pub mod field {
    use super::Bits;

    /// The last frame of its message.
    pub const FIN: Bits = Bits::new(0, 1);
    /// Reserved bit 1: permessage-deflate uses it for "compressed".
    pub const RSV1: Bits = FIN.then(1);
    /// Reserved bit 2.
    pub const RSV2: Bits = RSV1.then(1);
    /// Reserved bit 3.
    pub const RSV3: Bits = RSV2.then(1);
    /// What kind of frame.
    pub const OPCODE: Bits = RSV3.then(4);
    /// Whether a masking key stands before the payload.
    pub const MASK: Bits = OPCODE.then(1);
    /// The length, or 126 or 127 for a longer form.
    pub const PAYLOAD_LEN: Bits = MASK.then(7);
    /// Whatever follows the first two bytes starts here.
    pub const BEHIND: Bits = PAYLOAD_LEN.then(0);
}

/// The longest header: two bytes, a 64-bit length, a masking key.
pub const LONGEST_HEADER: usize = 14;

/// How the length is written (RFC 6455 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthForm {
    /// In the seven bits themselves: 0 to 125.
    Seven,
    /// The seven bits say 126: the next two bytes are the length.
    Sixteen,
    /// The seven bits say 127: the next eight bytes are the length.
    SixtyFour,
}

impl LengthForm {
    /// The form that the seven bits announce.
    #[must_use]
    pub const fn announced_by(seven: u8) -> Self {
        match seven & 0x7f {
            126 => Self::Sixteen,
            127 => Self::SixtyFour,
            _ => Self::Seven,
        }
    }

    /// The shortest form that can hold `len` bytes.
    #[must_use]
    pub const fn shortest(len: u64) -> Self {
        match len {
            0..=125 => Self::Seven,
            126..=0xffff => Self::Sixteen,
            _ => Self::SixtyFour,
        }
    }

    /// The greatest length it can hold.
    #[must_use]
    pub const fn most(self) -> u64 {
        match self {
            Self::Seven => 125,
            Self::Sixteen => 0xffff,
            Self::SixtyFour => u64::MAX,
        }
    }

    /// Bytes of Extended payload length: 0, 2 or 8.
    #[must_use]
    pub const fn extended_bytes(self) -> usize {
        match self {
            Self::Seven => 0,
            Self::Sixteen => 2,
            Self::SixtyFour => 8,
        }
    }

    /// Bits that hold the length: 7, 16 or 64.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Seven => 7,
            Self::Sixteen => 16,
            Self::SixtyFour => 64,
        }
    }
}

/// A whole header, as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    first: u8,
    second: u8,
    payload_len: u64,
    key: MaskingKey,
}

impl Header {
    /// Reads the header at the start of `bytes`; none where it is not all there yet.
    #[must_use]
    #[inline]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes.first_chunk() {
            Some(longest) => Some(Self::within(longest)),
            None => Self::decode_cut(bytes),
        }
    }

    /// Reads a header of any form. Every form is read and one is picked, since a processor that guesses which
    /// one comes guesses wrong too often.
    #[inline]
    fn within(&[first, second, a, b, c, d, e, f, g, h, i, j, k, l]: &[u8; LONGEST_HEADER]) -> Self {
        let (payload_len, key) = match LengthForm::announced_by(second) {
            LengthForm::Seven => (u64::from(second & 0x7f), [a, b, c, d]),
            LengthForm::Sixteen => (u64::from(u16::from_be_bytes([a, b])), [c, d, e, f]),
            LengthForm::SixtyFour => (u64::from_be_bytes([a, b, c, d, e, f, g, h]), [i, j, k, l]),
        };
        let key = if second & 0x80 == 0 { [0; 4] } else { key };
        Self { first, second, payload_len, key: MaskingKey(key) }
    }

    /// Reads a header where fewer bytes are left than the longest has.
    fn decode_cut(bytes: &[u8]) -> Option<Self> {
        let mut longest = [0; LONGEST_HEADER];
        longest.get_mut(..bytes.len())?.copy_from_slice(bytes);
        let header = Self::within(&longest);
        (bytes.len() >= 2 && bytes.len() >= header.header_len()).then_some(header)
    }

    /// A header for `len` bytes of payload, written in `form`; `first` is the byte with FIN, RSV and opcode.
    ///
    /// The form may be longer than needed, as a broken sender's is. A form too short for `len` cuts it, as
    /// that sender would: the caller checks [`LengthForm::shortest`] first where that is not wanted.
    #[must_use]
    pub fn new(first: u8, len: u64, form: LengthForm, key: Option<MaskingKey>) -> Self {
        let (seven, payload_len) = match form {
            LengthForm::Seven => ((len & 0x7f) as u8, len & 0x7f),
            LengthForm::Sixteen => (126, len & 0xffff),
            LengthForm::SixtyFour => (127, len),
        };
        let mask = if key.is_some() { 0x80 } else { 0 };
        Self { first, second: mask | seven, payload_len, key: key.unwrap_or(MaskingKey([0; 4])) }
    }

    /// Writes the header as it stands on the wire.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.first, self.second]);
        match self.length_form() {
            LengthForm::Seven => {}
            LengthForm::Sixteen => out.extend_from_slice(&(self.payload_len as u16).to_be_bytes()),
            LengthForm::SixtyFour => out.extend_from_slice(&self.payload_len.to_be_bytes()),
        }
        if let Some(key) = self.key() {
            out.extend_from_slice(&key.0);
        }
    }

    /// The first byte: FIN, RSV1–3, opcode.
    #[must_use]
    pub const fn first(&self) -> u8 {
        self.first
    }

    /// The second byte: MASK, Payload len.
    #[must_use]
    pub const fn second(&self) -> u8 {
        self.second
    }

    /// Whether it is the last frame of its message.
    #[must_use]
    pub const fn fin(&self) -> bool {
        self.first & 0x80 != 0
    }

    /// RSV1, the first reserved bit.
    #[must_use]
    pub const fn rsv1(&self) -> bool {
        self.first & 0x40 != 0
    }

    /// RSV2, the second reserved bit.
    #[must_use]
    pub const fn rsv2(&self) -> bool {
        self.first & 0x20 != 0
    }

    /// RSV3, the third reserved bit.
    #[must_use]
    pub const fn rsv3(&self) -> bool {
        self.first & 0x10 != 0
    }

    /// The three reserved bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    #[must_use]
    pub const fn rsv(&self) -> u8 {
        (self.first >> 4) & 0x7
    }

    /// What kind of frame.
    #[must_use]
    pub const fn opcode(&self) -> Opcode {
        Opcode(self.first & 0x0f)
    }

    /// Whether the payload is masked: whether a key stands in the header.
    #[must_use]
    pub const fn mask(&self) -> bool {
        self.second & 0x80 != 0
    }

    /// The seven bits of Payload len: the length, or 126 or 127.
    #[must_use]
    pub const fn seven_bits(&self) -> u8 {
        self.second & 0x7f
    }

    /// How the length is written.
    #[must_use]
    pub const fn length_form(&self) -> LengthForm {
        LengthForm::announced_by(self.second)
    }

    /// The payload's length in bytes, as claimed.
    #[must_use]
    pub const fn payload_len(&self) -> u64 {
        self.payload_len
    }

    /// The masking key, where MASK is 1.
    #[must_use]
    pub const fn key(&self) -> Option<MaskingKey> {
        if self.mask() { Some(self.key) } else { None }
    }

    /// The header's own length in bytes, 2 to 14.
    #[must_use]
    pub const fn header_len(&self) -> usize {
        2 + self.length_form().extended_bytes() + if self.mask() { 4 } else { 0 }
    }

    /// Where the Extended payload length stands; of no length where there is none.
    #[must_use]
    pub const fn extended_bits(&self) -> Bits {
        field::BEHIND.then(8 * self.length_form().extended_bytes() as u64)
    }

    /// Where the masking key stands; of no length where there is none.
    #[must_use]
    pub const fn key_bits(&self) -> Bits {
        self.extended_bits().then(if self.mask() { 32 } else { 0 })
    }

    /// The fields of the header, in the order of the wire, each explaining itself.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Partial::of(&[self.first, self.second]).fields();
        if self.extended_bits().len > 0 {
            fields.push(Field {
                name: "Extended payload length",
                bits: self.extended_bits(),
                value: self.payload_len,
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

/// The beginning of a header that never came whole: 1 to 13 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Partial {
    bytes: [u8; LONGEST_HEADER],
    len: u8,
}

impl Partial {
    /// The beginning that is there; what stands behind the longest header is left out.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut held = [0; LONGEST_HEADER];
        let len = bytes.len().min(LONGEST_HEADER);
        for (to, from) in held.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self { bytes: held, len: len as u8 }
    }

    /// What there is of the header.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The first byte, where it came.
    #[must_use]
    pub fn first(&self) -> Option<u8> {
        self.bytes().first().copied()
    }

    /// The second byte, where it came.
    #[must_use]
    pub fn second(&self) -> Option<u8> {
        self.bytes().get(1).copied()
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn header(hex: &str) -> Header {
        Header::decode(&hex::decode(hex.replace(' ', "")).expect("hex")).expect("a whole header")
    }

    #[test]
    fn the_tutorials_frame() {
        let header = header("81 94 9f af 77 f8");
        assert!(header.fin() && header.mask() && header.rsv() == 0);
        assert_eq!(header.opcode(), Opcode::TEXT);
        assert_eq!(header.payload_len(), 20);
        assert_eq!(header.key(), Some(MaskingKey([0x9f, 0xaf, 0x77, 0xf8])));
        assert_eq!(header.header_len(), 6);
    }

    #[test]
    fn both_sides_of_every_length_boundary() {
        for (hex, len, form) in [
            ("827d", 125, LengthForm::Seven),
            ("827e007e", 126, LengthForm::Sixteen),
            ("827effff", 65535, LengthForm::Sixteen),
            ("827f0000000000010000", 65536, LengthForm::SixtyFour),
            ("827fffffffffffffffff", u64::MAX, LengthForm::SixtyFour),
        ] {
            let header = header(hex);
            assert_eq!((header.payload_len(), header.length_form()), (len, form), "{hex}");
            let mut again = Vec::new();
            header.encode(&mut again);
            assert_eq!(hex::encode(again), hex);
            assert_eq!(LengthForm::shortest(len), form);
        }
    }

    #[test]
    fn a_cut_header_is_not_all_there_yet() {
        let whole = hex::decode("82ff00000000000100009fafaf78").expect("hex");
        for cut in 0..whole.len() {
            assert_eq!(Header::decode(&whole[..cut]), None, "cut at {cut}");
            assert_eq!(Partial::of(&whole[..cut]).bytes(), &whole[..cut]);
        }
        assert_eq!(Header::decode(&whole).map(|h| h.header_len()), Some(14));
    }

    #[test]
    fn fields_stand_one_behind_the_other_and_cover_the_header() {
        for hex in ["8100", "81fe0bb801020304", "027f0000000000010000"] {
            let header = header(hex);
            let mut next = 0;
            for field in header.fields() {
                assert_eq!(field.bits.at, next, "{} in {hex}", field.name);
                next += field.bits.len;
            }
            assert_eq!(next, 8 * header.header_len() as u64);
        }
    }
}

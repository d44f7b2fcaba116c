//! A header: read, written and asked.

use super::super::bits::Bits;
use super::super::mask::MaskingKey;
use super::super::opcode::Opcode;
use super::{LONGEST_HEADER, LengthForm, field};

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
}

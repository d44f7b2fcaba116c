//! How the length of a payload is written.

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

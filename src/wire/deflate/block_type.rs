//! What the two bits BTYPE at the beginning of a block say (RFC 1951 §3.2.3).

/// How the data of a block is written: BTYPE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockType {
    /// 0: as it is.
    Stored,
    /// 1: in the codes that the RFC fixes.
    Fixed,
    /// 2: in codes of its own.
    Dynamic,
    /// 3: reserved. No reader takes it.
    Reserved,
}

impl BlockType {
    /// The type that the two bits of BTYPE say, as a number.
    #[must_use]
    pub const fn of(btype: u32) -> Self {
        match btype & 3 {
            0 => Self::Stored,
            1 => Self::Fixed,
            2 => Self::Dynamic,
            _ => Self::Reserved,
        }
    }

    /// BTYPE as a number.
    #[must_use]
    pub const fn btype(self) -> u8 {
        self as u8
    }

    /// `stored`, `fixed`, `dynamic`, `reserved`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Fixed => "fixed",
            Self::Dynamic => "dynamic",
            Self::Reserved => "reserved",
        }
    }
}

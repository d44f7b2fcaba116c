//! What is wrong with a compressed message, and at which bit.
//!
//! Bits are counted as DEFLATE reads them (RFC 1951 §3.1.1): bit 0 is the *least* significant bit of the
//! message's first compressed byte, bit 8 that of the second.

use std::fmt;

/// The place at which a message stopped being DEFLATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The first bit of the piece that is wrong; each kind says which piece that is.
    pub at: u64,
    /// The byte behind the last final block, where one came before: what is wrong may then be bytes left over.
    pub behind_final: Option<u64>,
}

/// Why bits are not DEFLATE (RFC 1951 §3.2).
///
/// The demands on codes are zlib's: a code must be complete, save that a literal/length or distance code may
/// consist of one code of one bit, and a distance code of none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// BTYPE is 3; at BTYPE.
    ReservedBlockType,
    /// NLEN is not the complement of LEN; at LEN.
    StoredLength {
        /// LEN as it stands there.
        len: u16,
        /// NLEN as it stands there.
        nlen: u16,
    },
    /// More than 286 literal/length codes are announced; at HLIT.
    TooManyLengthCodes(u16),
    /// More than 30 distance codes are announced; at HDIST.
    TooManyDistanceCodes(u16),
    /// More codes than the lengths leave room for; at the first of these lengths.
    OverSubscribed(Code),
    /// Some bits would stand for nothing; at the first of the lengths.
    Incomplete(Code),
    /// The first code length is "as the one before"; at its code.
    NothingToRepeat,
    /// A repeated code length goes on behind the last one announced; at its code.
    RepeatBeyondEnd {
        /// How many lengths it gives.
        repeat: u16,
        /// How many were still to come.
        left: u16,
    },
    /// The block has no code for its own end; at the first of the code lengths.
    NoEndOfBlock,
    /// Bits that stand for no symbol of the code; at the first of them.
    NoSuchCode(Code),
    /// Length symbol 286 or 287, which the fixed code has and nobody may use; at its code.
    ReservedLength(u16),
    /// Distance symbol 30 or 31, likewise; at its code.
    ReservedDistance(u16),
    /// A copy from before the first byte that was ever sent; at the distance's code.
    TooFarBack {
        /// How far back.
        distance: u16,
        /// How many bytes there are.
        sent: u16,
    },
}

/// One of the three codes of a dynamic block (RFC 1951 §3.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The code in which the code lengths are written.
    CodeLength,
    /// Literals, lengths and the end of the block.
    LiteralLength,
    /// Distances.
    Distance,
}

impl Code {
    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeLength => "code length code",
            Self::LiteralLength => "literal/length code",
            Self::Distance => "distance code",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReservedBlockType => write!(f, "block type 3, which is reserved"),
            Self::StoredLength { len, nlen } => {
                write!(f, "a stored block with LEN {len:#06x} and NLEN {nlen:#06x}, not its complement")
            }
            Self::TooManyLengthCodes(n) => write!(f, "{n} literal/length codes, and 286 are the most"),
            Self::TooManyDistanceCodes(n) => write!(f, "{n} distance codes, and 30 are the most"),
            Self::OverSubscribed(code) => {
                write!(f, "a {} with more codes than its lengths allow", code.name())
            }
            Self::Incomplete(code) => write!(f, "a {} that leaves bits without a meaning", code.name()),
            Self::NothingToRepeat => write!(f, "a repeated code length with none before it"),
            Self::RepeatBeyondEnd { repeat, left } => {
                write!(f, "a code length repeated {repeat} times where {left} were left")
            }
            Self::NoEndOfBlock => write!(f, "a block with no code for its end"),
            Self::NoSuchCode(code) => write!(f, "bits that the {} does not have", code.name()),
            Self::ReservedLength(symbol) => write!(f, "length symbol {symbol}, which is reserved"),
            Self::ReservedDistance(symbol) => write!(f, "distance symbol {symbol}, which is reserved"),
            Self::TooFarBack { distance, sent } => {
                write!(f, "a copy from {distance} bytes back, and {sent} were sent")
            }
        }
    }
}

/// How a message ended once the four bytes `00 00 ff ff` were put back (RFC 7692 §7.2.2).
///
/// They complete an empty stored block whose three header bits are the last thing the sender wrote, so a
/// message ends well exactly where its bytes end behind such a header and before LEN. Elsewhere the four bytes
/// would be read as something else, and zlib would not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The four bytes complete an empty stored block.
    Clean,
    /// The message has no bytes at all: even an empty one is the byte `00` (RFC 7692 §7.2.3.6).
    Nothing,
    /// An empty stored block stands there whole: the four bytes were not taken off, and are left over.
    TailKept,
    /// A final block is the last thing: the `00` behind it is missing (RFC 7692 §7.2.3.4).
    AfterFinal,
    /// A block is the last thing, with no empty stored block begun behind it.
    BetweenBlocks,
    /// The bytes end in the middle of a block.
    Truncated(Inside),
    /// The bytes are not DEFLATE.
    Faulty(Fault),
    /// The caller's budget was spent and not all bytes were fed.
    Stopped,
}

impl Ending {
    /// Whether all the plain bytes that were sent are known to be here.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        !matches!(self, Self::Truncated(_) | Self::Faulty(_) | Self::Stopped)
    }
}

/// The part of a block in which a message's bytes end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// In LEN and NLEN of a stored block.
    StoredLength,
    /// In the bytes of a stored block, of which so many are missing.
    Stored(u16),
    /// In the code lengths of a dynamic block.
    CodeLengths,
    /// Among literals and copies, before the end of the block.
    Symbols,
}

/// A copy that reaches further back than was agreed, though the bytes are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The first bit of the distance's code.
    pub at: u64,
    /// How far back it reaches.
    pub distance: u16,
    /// How far it may.
    pub allowed: u16,
}

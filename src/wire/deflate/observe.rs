//! What an observer of the reader is told: each piece of a compressed message as it is read, with its place to the
//! bit (RFC 1951 §3.2).
//!
//! The reader is generic over its observer. The unit observes nothing, and the compiler leaves all of this out.

use super::block_type::BlockType;
use super::codes::{DISTANCES, LENGTHS};
use super::fault::Fault;
use super::reader::mask;
use super::table::Entry;

/// What looks over the reader's shoulder.
pub trait Observer {
    /// Whether it wants to be told at all.
    const OBSERVES: bool = true;

    /// Takes what was read next.
    fn saw(&mut self, seen: Seen<'_>);
}

impl Observer for () {
    const OBSERVES: bool = false;

    #[inline(always)]
    fn saw(&mut self, _: Seen<'_>) {}
}

/// A code and the extra bits behind it, as they stand in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its first bit, counted as [`Fault::at`](super::Fault) counts.
    pub at: u64,
    /// All its bits, the first one lowest.
    pub bits: u32,
    /// How many of them are the code.
    pub code_len: u8,
    /// How many extra bits stand behind the code.
    pub extra_len: u8,
    /// What the code stands for: a byte, the least length or distance, or a code length's symbol.
    pub base: u16,
}

impl Symbol {
    /// An entry of a table, found at this bit with these bits.
    #[inline(always)]
    pub(super) const fn new(entry: Entry, at: u64, hold: u64) -> Self {
        let (len, code_len) = (entry.len(), entry.code_len());
        Self {
            at,
            bits: (hold & mask(len)) as u32,
            code_len: code_len as u8,
            extra_len: (len - code_len) as u8,
            base: entry.value() as u16,
        }
    }

    /// The number that the extra bits make, their first bit lowest.
    #[must_use]
    pub const fn extra(&self) -> u16 {
        (self.bits >> self.code_len) as u16
    }

    /// Base and extra bits together.
    #[must_use]
    pub const fn value(&self) -> u16 {
        self.base + self.extra()
    }

    /// Bits in all.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.code_len as u32 + self.extra_len as u32
    }

    /// Whether it has no bits, which none has.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bit behind it.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.at + self.len() as u64
    }
}

/// The least length that a literal/length symbol stands for, and how many extra bits are added to it; none where the
/// symbol is no length, or reserved.
#[must_use]
pub fn length_of(symbol: u16) -> Option<(u16, u8)> {
    LENGTHS.get(usize::from(symbol.checked_sub(257)?)).copied()
}

/// The least distance that a distance symbol stands for, likewise.
#[must_use]
pub fn distance_of(symbol: u16) -> Option<(u16, u8)> {
    DISTANCES.get(usize::from(symbol)).copied()
}

/// A piece of a message. Pieces come in the order of their bits, each once and whole, however the input is cut; only the
/// bytes of a stored block may come in several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// The three bits with which a block begins.
    Block {
        /// The bit of BFINAL; BTYPE stands behind it.
        at: u64,
        /// BFINAL: the last block of a DEFLATE stream.
        is_final: bool,
        /// BTYPE.
        kind: BlockType,
    },
    /// LEN and NLEN of a stored block, right or wrong.
    StoredLength {
        /// The first bit of LEN, which is the first of a byte.
        at: u64,
        /// LEN.
        len: u16,
        /// NLEN, which must be its complement.
        nlen: u16,
    },
    /// The next bytes of a stored block, as they are.
    Stored(&'a [u8]),
    /// The counts with which a dynamic block begins, right or wrong.
    Counts {
        /// The first bit of HLIT; HDIST and HCLEN stand behind it.
        at: u64,
        /// Literal/length codes whose lengths follow: HLIT + 257.
        litlen: u16,
        /// Distance codes: HDIST + 1.
        distance: u16,
        /// Code length codes: HCLEN + 4.
        code_length: u16,
    },
    /// The lengths of the code in which the code lengths are written, three bits each.
    CodeLengthCode {
        /// The first bit of the first.
        at: u64,
        /// The length of each symbol, by symbol; 0 for none.
        lengths: &'a [u8],
    },
    /// One symbol among the code lengths: a length, or a repetition of one.
    CodeLength {
        /// The symbol; 16, 17 and 18 have extra bits.
        symbol: Symbol,
        /// The length that it gives.
        length: u8,
        /// How many times.
        repeat: u16,
    },
    /// All code lengths, by symbol; whether they make codes is not known yet.
    Lengths {
        /// Of literals, of the end and of lengths.
        litlen: &'a [u8],
        /// Of distances.
        distance: &'a [u8],
    },
    /// A literal.
    Literal(Symbol),
    /// A length and a distance. [`Copied`](Self::Copied) follows, unless nothing can be copied.
    Pair(Symbol, Symbol),
    /// What a length and a distance stand for.
    Copied {
        /// The bytes; each that is unknown is a `?`.
        text: &'a [u8],
        /// How many of them are unknown.
        unknown: usize,
    },
    /// The symbol that ends a block.
    EndOfBlock(Symbol),
    /// What is read is not DEFLATE from here on; the last piece of its message.
    Fault(Fault),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_takes_its_bits_apart() {
        // Length 13 in the fixed code: symbol 266, 0001010, and one extra bit, 0; then other bits.
        let symbol = Symbol { at: 3, bits: 0b0010_1000, code_len: 7, extra_len: 1, base: 13 };
        assert_eq!((symbol.extra(), symbol.value(), symbol.end()), (0, 13, 11));
        let symbol = Symbol { bits: symbol.bits | 1 << 7, ..symbol };
        assert_eq!((symbol.extra(), symbol.value(), symbol.is_empty()), (1, 14, false));
        assert_eq!([0, 1, 2, 3].map(|btype| BlockType::of(btype).btype()), [0, 1, 2, 3]);
    }
}

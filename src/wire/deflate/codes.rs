//! The alphabets of DEFLATE and the codes in force (RFC 1951 §3.2.5, §3.2.6).

use std::sync::LazyLock;

use super::fault::{Code, FaultKind};
use super::table::{self, Entry, NoCode};

/// Bits that index the main tables: most codes of real streams are no longer.
const LITLEN_INDEX: u32 = 10;
const DISTANCE_INDEX: u32 = 8;
const CODE_LENGTH_INDEX: u32 = 7;

/// The most entries that a complete code of 288 or 32 symbols and 15 bits needs, as zlib's `enough` counts them.
const LITLEN_ENTRIES: usize = 1334;
const DISTANCE_ENTRIES: usize = 402;

/// Literal/length symbols 257 to 285: the shortest length, and the extra bits added to it.
#[rustfmt::skip]
pub(super) const LENGTHS: [(u16, u8); 29] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1),
    (15, 1), (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3),
    (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
];

/// Distance symbols 0 to 29, likewise.
#[rustfmt::skip]
pub(super) const DISTANCES: [(u16, u8); 30] = [
    (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3),
    (33, 4), (49, 4), (65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8),
    (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
];

/// The literal/length symbol that ends a block.
pub(super) const END_OF_BLOCK: usize = 256;

/// The codes of the fixed blocks.
pub(super) static FIXED: LazyLock<Codes> = LazyLock::new(|| {
    let mut codes = Codes::empty();
    let mut lengths = [8; 288];
    lengths.iter_mut().skip(144).take(112).for_each(|length| *length = 9);
    lengths.iter_mut().skip(256).take(24).for_each(|length| *length = 7);
    // Both are complete, so nothing can be wrong with them.
    let _ = codes.build(&lengths, &[5; 32]);
    codes
});

/// The tables of the block being read.
pub(super) struct Codes {
    litlen: [Entry; LITLEN_ENTRIES],
    distance: [Entry; DISTANCE_ENTRIES],
}

impl Codes {
    pub(super) const fn empty() -> Self {
        Self { litlen: [Entry::UNUSED; LITLEN_ENTRIES], distance: [Entry::UNUSED; DISTANCE_ENTRIES] }
    }

    /// Makes the code in which code lengths are written. It stands where the others will, which come later.
    pub(super) fn build_code_length(&mut self, lengths: &[u8]) -> Result<(), FaultKind> {
        let entry = |symbol| match symbol {
            16 => Entry::number(16, 2),
            17 => Entry::number(17, 3),
            18 => Entry::number(18, 7),
            _ => Entry::number(symbol, 0),
        };
        table::build::<CODE_LENGTH_INDEX, _>(&mut self.distance, lengths, false, entry)
            .map_err(|why| fault(why, Code::CodeLength))
    }

    /// Makes the two codes of a block.
    pub(super) fn build(&mut self, litlen: &[u8], distance: &[u8]) -> Result<(), FaultKind> {
        table::build::<LITLEN_INDEX, _>(&mut self.litlen, litlen, true, litlen_entry)
            .map_err(|why| fault(why, Code::LiteralLength))?;
        table::build::<DISTANCE_INDEX, _>(&mut self.distance, distance, true, distance_entry)
            .map_err(|why| fault(why, Code::Distance))
    }

    pub(super) fn code_length(&self, bits: u64) -> Entry {
        table::look_up::<CODE_LENGTH_INDEX, _>(&self.distance, bits)
    }

    /// The literal or length that `bits` begin with; a pointer where its code is long.
    #[inline(always)]
    pub(super) fn litlen(&self, bits: u64) -> Entry {
        table::look_up::<LITLEN_INDEX, _>(&self.litlen, bits)
    }

    /// What such a pointer leads to.
    #[inline(always)]
    pub(super) fn long_litlen(&self, pointer: Entry, bits: u64) -> Entry {
        table::follow::<LITLEN_INDEX, _>(&self.litlen, pointer, bits)
    }

    /// The distance that `bits` begin with.
    #[inline(always)]
    pub(super) fn distance(&self, bits: u64) -> Entry {
        let entry = table::look_up::<DISTANCE_INDEX, _>(&self.distance, bits);
        if entry.is_pointer() {
            table::follow::<DISTANCE_INDEX, _>(&self.distance, entry, bits)
        } else {
            entry
        }
    }
}

fn litlen_entry(symbol: u16) -> Entry {
    match symbol {
        0..=255 => Entry::literal(symbol as u8),
        256 => Entry::END_OF_BLOCK,
        _ => number_or_reserved(&LENGTHS, symbol - 257, symbol),
    }
}

fn distance_entry(symbol: u16) -> Entry {
    number_or_reserved(&DISTANCES, symbol, symbol)
}

fn number_or_reserved(numbers: &[(u16, u8)], index: u16, symbol: u16) -> Entry {
    match numbers.get(usize::from(index)) {
        Some(&(base, extra)) => Entry::number(base, extra),
        None => Entry::reserved(symbol),
    }
}

const fn fault(why: NoCode, code: Code) -> FaultKind {
    match why {
        NoCode::OverSubscribed => FaultKind::OverSubscribed(code),
        NoCode::Incomplete => FaultKind::Incomplete(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_begins_where_the_one_before_ends() {
        // Length 258 has a symbol of its own, though 227 and five bits reach it.
        for pair in LENGTHS[..28].windows(2).chain(DISTANCES.windows(2)) {
            assert_eq!(pair[0].0 + (1 << pair[0].1), pair[1].0);
        }
        assert_eq!(u32::from(DISTANCES[29].0) + (1 << DISTANCES[29].1), 32769);
    }

    #[test]
    fn the_fixed_code_is_that_of_the_rfc() {
        // §3.2.6: 'H' is 0x30 + 0x48 in eight bits, the end of a block seven zeroes; the first bit comes first.
        let reversed = u64::from((0x30u8 + 0x48).reverse_bits());
        assert_eq!((FIXED.litlen(reversed).value(), FIXED.litlen(reversed).len()), (0x48, 8));
        assert!(FIXED.litlen(0).is_end() && FIXED.litlen(0).len() == 7);
        assert_eq!(FIXED.distance(0b11111).value(), 31);
        assert!(FIXED.distance(0b11111).is_special());
    }
}

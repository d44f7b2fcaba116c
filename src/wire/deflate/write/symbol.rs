//! The symbols of compressed blocks, with the bits behind them (RFC 1951 §3.2.5).

use crate::wire::deflate::codes::{DISTANCES, LENGTHS};

/// The literal/length symbol that ends a block.
pub(super) const END_OF_BLOCK: u16 = 256;

/// The first literal/length symbol that is a length.
const FIRST_LENGTH: u16 = 257;

/// What stands in a compressed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// A byte.
    Literal(u8),
    /// Bytes that stood there before.
    Copy {
        /// How many: a literal/length symbol from 257 on.
        length: Number,
        /// How far back they begin.
        distance: Number,
    },
    /// The end of the block.
    End,
}

/// A length or a distance as it is written: a symbol, and extra bits behind it.
///
/// Some numbers can be written in more than one way, and reserved symbols in none that means anything, so the symbol
/// says more than the number does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    /// Literal/length symbol 257 to 287, or distance symbol 0 to 31.
    pub symbol: u16,
    /// The number that the extra bits hold; bits that the symbol has no room for are left out.
    pub extra: u16,
}

impl Symbol {
    /// A copy of 3 to 258 bytes from 1 to 32,768 bytes back, in the way that compressors write it. Other numbers count
    /// as the nearest.
    #[must_use]
    pub fn copy(length: u16, distance: u16) -> Self {
        Self::Copy { length: Number::length(length), distance: Number::distance(distance) }
    }

    /// How many plain bytes it stands for, where that means anything.
    #[must_use]
    pub fn plain(self) -> Option<u16> {
        match self {
            Self::Literal(_) => Some(1),
            Self::End => Some(0),
            Self::Copy { length, .. } => length.as_length(),
        }
    }
}

impl Number {
    /// A length of 3 to 258.
    #[must_use]
    pub fn length(length: u16) -> Self {
        let written = written(&LENGTHS, length.clamp(3, 258));
        Self { symbol: written.symbol + FIRST_LENGTH, ..written }
    }

    /// A distance of 1 to 32,768.
    #[must_use]
    pub fn distance(distance: u16) -> Self {
        written(&DISTANCES, distance.clamp(1, 32_768))
    }

    /// The length that it stands for; none for a reserved symbol.
    #[must_use]
    pub fn as_length(self) -> Option<u16> {
        self.value(&LENGTHS, self.symbol.checked_sub(FIRST_LENGTH)?)
    }

    /// The distance that it stands for; none for a reserved symbol.
    #[must_use]
    pub fn as_distance(self) -> Option<u16> {
        self.value(&DISTANCES, self.symbol)
    }

    fn value(self, rows: &[(u16, u8)], index: u16) -> Option<u16> {
        let (base, extra_bits) = *rows.get(usize::from(index))?;
        Some(base + (self.extra & ((1 << extra_bits) - 1)))
    }
}

/// The last row that begins no later than the number: so 258 has the symbol of its own.
fn written(rows: &[(u16, u8)], number: u16) -> Number {
    let index = rows.partition_point(|(base, _)| *base <= number).saturating_sub(1);
    let base = rows.get(index).map_or(number, |row| row.0);
    Number { symbol: index as u16, extra: number - base }
}

/// How many extra bits stand behind a literal/length symbol.
pub(super) fn length_extra_bits(symbol: u16) -> u32 {
    symbol.checked_sub(FIRST_LENGTH).map_or(0, |index| extra_bits(&LENGTHS, index))
}

/// How many extra bits stand behind a distance symbol.
pub(super) fn distance_extra_bits(symbol: u16) -> u32 {
    extra_bits(&DISTANCES, symbol)
}

fn extra_bits(rows: &[(u16, u8)], index: u16) -> u32 {
    rows.get(usize::from(index)).map_or(0, |row| row.1.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_written_and_read_back() {
        for length in 3..=258 {
            let number = Number::length(length);
            assert_eq!(number.as_length(), Some(length));
            assert!(u32::from(number.extra) < 1 << length_extra_bits(number.symbol));
        }
        for distance in 1..=32_768 {
            let number = Number::distance(distance);
            assert_eq!(number.as_distance(), Some(distance));
            assert!(u32::from(number.extra) < 1 << distance_extra_bits(number.symbol));
        }
        assert_eq!(Number::length(258), Number { symbol: 285, extra: 0 });
        assert_eq!(Number { symbol: 284, extra: 31 }.as_length(), Some(258), "the other way to write it");
    }

    #[test]
    fn reserved_symbols_stand_for_nothing() {
        assert_eq!(Number { symbol: 286, extra: 0 }.as_length(), None);
        assert_eq!(Number { symbol: 30, extra: 0 }.as_distance(), None);
        assert_eq!((length_extra_bits(287), distance_extra_bits(31)), (0, 0));
    }
}

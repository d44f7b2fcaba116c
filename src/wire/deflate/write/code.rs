//! From code lengths to the codes themselves (RFC 1951 §3.2.2, §3.2.6).

use super::NoCode;
use super::bits::BitWriter;

/// The longest code.
const LONGEST: usize = 15;

/// The codes of an alphabet: by symbol the bits, in the order in which they are written, and how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Code(Vec<(u16, u8)>);

impl Code {
    /// The code in which symbol `i` has `lengths[i]` bits, 0 for none. Lengths that make no code give bits all the
    /// same, which other symbols may have too.
    pub(super) fn of_lengths(lengths: &[u8]) -> Self {
        let mut counts = [0u32; LONGEST + 1];
        for length in lengths.iter().filter(|length| **length > 0) {
            if let Some(count) = counts.get_mut(usize::from(*length)) {
                *count += 1;
            }
        }
        let (mut next, mut first) = ([0u32; LONGEST + 1], 0u32);
        for (next, count) in next.iter_mut().zip(counts) {
            first = first.wrapping_mul(2);
            *next = first;
            first = first.wrapping_add(count);
        }
        let mut code_of = |length: u8| match next.get_mut(usize::from(length)) {
            Some(next) if length > 0 => {
                let code = *next;
                *next = next.wrapping_add(1);
                ((code as u16).reverse_bits() >> (16 - u32::from(length)), length)
            }
            _ => (0, 0),
        };
        Self(lengths.iter().map(|length| code_of(*length)).collect())
    }

    /// Literals and lengths in fixed blocks.
    pub(super) fn fixed_litlen() -> Self {
        let length = |symbol| match symbol {
            144..256 => 9,
            256..280 => 7,
            _ => 8,
        };
        Self::of_lengths(&(0..288).map(length).collect::<Vec<_>>())
    }

    /// Distances in fixed blocks.
    pub(super) fn fixed_distance() -> Self {
        Self::of_lengths(&[5; 32])
    }

    pub(super) fn has(&self, symbol: u16) -> bool {
        self.0.get(usize::from(symbol)).is_some_and(|(_, len)| *len > 0)
    }

    /// Writes the code of a symbol.
    pub(super) fn put(&self, symbol: u16, bits: &mut BitWriter) -> Result<(), NoCode> {
        match self.0.get(usize::from(symbol)) {
            Some(&(code, len)) if len > 0 => {
                bits.put(code.into(), len.into());
                Ok(())
            }
            _ => Err(NoCode(symbol)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        // §3.2.2: lengths 3 3 3 3 3 2 4 4 of A to H give 010 … 110, 00, 1110, 1111, the first bit highest.
        let code = Code::of_lengths(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let written = |symbol: usize| {
            let (bits, len) = code.0[symbol];
            (bits.reverse_bits() >> (16 - u32::from(len)), len)
        };
        assert_eq!((written(0), written(4), written(5)), ((0b010, 3), (0b110, 3), (0b00, 2)));
        assert_eq!((written(6), written(7)), ((0b1110, 4), (0b1111, 4)));
    }

    #[test]
    fn a_symbol_without_a_code_is_refused() {
        let code = Code::of_lengths(&[1, 0, 1]);
        let mut bits = BitWriter::default();
        assert_eq!(code.put(1, &mut bits), Err(NoCode(1)));
        assert_eq!(code.put(3, &mut bits), Err(NoCode(3)));
        assert_eq!((bits.position(), code.has(2), code.has(1)), (0, true, false));
    }
}

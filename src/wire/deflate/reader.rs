//! Bits out of bytes, the least significant one first (RFC 1951 §3.1.1).

/// The bits that were taken from the input and not yet used, kept from one piece to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    hold: u64,
    count: u32,
}

impl Held {
    pub(super) const fn count(&self) -> u64 {
        self.count as u64
    }
}

/// Reads bits from a piece of input.
///
/// `hold` has `count` bits that may be used. The bits above them are zero or the very bits that come next in
/// the input, so that filling up may set them again.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    pub(super) hold: u64,
    pub(super) count: u32,
    pub(super) rest: &'a [u8],
    /// Bits of the message up to the end of this piece.
    end: u64,
}

impl<'a> BitReader<'a> {
    /// Goes on with `input`, whose first byte is byte `before` of the message.
    pub(super) const fn new(held: Held, input: &'a [u8], before: u64) -> Self {
        let end = (before + input.len() as u64) * 8;
        Self { hold: held.hold, count: held.count, rest: input, end }
    }

    /// What is to be kept for the next piece.
    pub(super) const fn held(&self) -> Held {
        Held { hold: self.hold & mask(self.count), count: self.count }
    }

    /// Bits of the message that were used so far.
    pub(super) const fn position(&self) -> u64 {
        self.end - self.rest.len() as u64 * 8 - self.count as u64
    }

    /// Takes whole bytes while they fit: at least 56 bits are there then, unless the input ends.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        match self.rest.first_chunk::<8>() {
            Some(word) => self.refill_from(*word),
            None if self.rest.is_empty() => {}
            None => *self = self.refilled_at_end(),
        }
    }

    #[inline(always)]
    fn refill_from(&mut self, word: [u8; 8]) {
        self.hold |= u64::from_le_bytes(word) << (self.count & 63);
        // As many whole bytes as fit above `count`: 7 where it is below 8, none from 56 on.
        let taken = (63 - (self.count & 63)) >> 3;
        self.rest = self.rest.get(taken as usize..).unwrap_or_default();
        self.count |= 56;
    }

    /// By value, so that the reader of a hot loop never needs an address.
    #[inline(never)]
    fn refilled_at_end(mut self) -> Self {
        while self.count < 56
            && let Some((&byte, rest)) = self.rest.split_first()
        {
            self.hold |= u64::from(byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
        self
    }

    /// Uses `len` bits, which must be there.
    #[inline(always)]
    pub(super) const fn skip(&mut self, len: u32) {
        self.hold >>= len & 63;
        self.count = self.count.wrapping_sub(len);
    }

    /// The next `len` bits, up to 32, as a number; nothing is used where they are not all here.
    pub(super) fn take(&mut self, len: u32) -> Option<u32> {
        self.refill();
        if self.count < len {
            return None;
        }
        let value = self.hold & mask(len);
        self.skip(len);
        Some(value as u32)
    }

    /// Leaves out what is left of the current byte.
    pub(super) const fn align(&mut self) {
        self.skip(self.count & 7);
    }

    /// Takes up to `len` whole bytes from where a byte begins: from the held bits first, then from the input.
    pub(super) fn take_bytes(&mut self, len: usize, mut use_bytes: impl FnMut(&[u8])) -> usize {
        let held = ((self.count / 8) as usize).min(len);
        let word = self.hold.to_le_bytes();
        use_bytes(word.get(..held).unwrap_or_default());
        self.skip(held as u32 * 8);
        if self.count > 0 {
            return held;
        }
        // The input is read past the held bits from here on: what stands above them would be stale.
        self.hold = 0;
        let (bytes, rest) = self.rest.split_at_checked(len - held).unwrap_or((self.rest, &[]));
        use_bytes(bytes);
        self.rest = rest;
        held + bytes.len()
    }
}

/// A number with its lowest `len` bits set, for `len` below 64.
#[inline(always)]
pub(super) const fn mask(len: u32) -> u64 {
    (1 << (len & 63)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_whatever_the_pieces() {
        let bytes: Vec<u8> = (0..40u8).map(|i| i.wrapping_mul(73) ^ 0x5a).collect();
        let expected: Vec<u32> = (0..320).map(|bit| u32::from(bytes[bit / 8] >> (bit % 8)) & 1).collect();
        for piece in 1..=bytes.len() {
            let (mut held, mut before, mut read) = (Held::default(), 0, Vec::new());
            for chunk in bytes.chunks(piece) {
                let mut reader = BitReader::new(held, chunk, before);
                while let Some(three) = reader.take(3) {
                    assert_eq!(reader.position(), read.len() as u64 + 3);
                    read.extend([three & 1, three >> 1 & 1, three >> 2]);
                }
                (held, before) = (reader.held(), before + chunk.len() as u64);
            }
            assert_eq!(read, expected[..318], "{piece}");
        }
    }

    #[test]
    fn bytes_are_taken_from_the_held_bits_first() {
        let bytes: Vec<u8> = (0..20).collect();
        for used in 0..4 {
            let mut reader = BitReader::new(Held::default(), &bytes, 0);
            reader.take(used * 8);
            let mut taken = Vec::new();
            assert_eq!(reader.take_bytes(12, |bytes| taken.extend_from_slice(bytes)), 12);
            let used = used as usize;
            assert_eq!(taken, bytes[used..used + 12]);
            assert_eq!(reader.take(8), Some(u32::from(bytes[used + 12])));
        }
    }
}

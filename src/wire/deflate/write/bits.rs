//! Bits into bytes, the least significant one first (RFC 1951 §3.1.1).

/// Writes bits one behind the other.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are no whole byte yet, and how many: up to 7 between two calls.
    hold: u64,
    count: u32,
}

impl BitWriter {
    /// Writes the lowest `len` bits of `value`, up to 32, the lowest first.
    pub fn put(&mut self, value: u32, len: u32) {
        let len = len.min(32);
        self.hold |= (u64::from(value) & ((1 << len) - 1)) << self.count;
        self.count += len;
        while self.count >= 8 {
            self.bytes.push(self.hold as u8);
            self.hold >>= 8;
            self.count -= 8;
        }
    }

    /// Fills up the current byte with the lowest bits of `padding`.
    pub const fn align(&mut self, padding: u8) {
        // Called where nothing is held, it writes nothing; a `put` of 1 to 7 bits ends exactly at the byte.
        let len = (8 - self.count) % 8;
        self.hold |= (padding as u64 & ((1 << len) - 1)) << self.count;
        self.count += len;
    }

    /// Writes whole bytes from where a byte begins.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.put(0, 0);
        if self.count == 0 {
            self.bytes.extend_from_slice(bytes);
        } else {
            bytes.iter().for_each(|byte| self.put((*byte).into(), 8));
        }
    }

    /// Bits that were written so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.bytes.len() as u64 * 8 + self.count as u64
    }

    /// What was written; free bits of the last byte are 0.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.align(0);
        self.put(0, 0);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bit_is_the_first() {
        let mut bits = BitWriter::default();
        bits.put(0b1, 1);
        bits.put(0b01, 2);
        assert_eq!(bits.position(), 3);
        bits.put(0xffff_ffff, 32);
        assert_eq!(bits.position(), 35);
        assert_eq!(bits.into_bytes(), [0xfb, 0xff, 0xff, 0xff, 0x07]);
    }

    #[test]
    fn a_byte_is_filled_up_as_asked() {
        let mut bits = BitWriter::default();
        bits.align(0xff);
        assert_eq!(bits.position(), 0, "nothing is held, nothing is filled up");
        bits.put(0, 3);
        bits.align(0b1_0101);
        bits.bytes(b"ab");
        bits.put(1, 1);
        bits.bytes(b"\x80");
        assert_eq!(bits.into_bytes(), [0b1010_1000, b'a', b'b', 0x01, 0x01]);
    }
}

//! Plain and compressed bytes from a seed.

use flate2::{Compress, Compression, FlushCompress};

/// xorshift: the same numbers on every machine.
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end.max(1)
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.next() >> 56) as u8).collect()
    }

    /// Text, noise, runs, and copies of what came before, mixed.
    pub fn plain(&mut self, len: usize) -> Vec<u8> {
        let mut plain = Vec::with_capacity(len + 300);
        let letters = 1 + self.below(60);
        while plain.len() < len {
            let run = 1 + self.below(40);
            match self.below(6) {
                0 => plain.extend(self.bytes(run)),
                1 => plain.extend(std::iter::repeat_n(b'a' + self.below(26) as u8, run * 8)),
                2 | 3 if !plain.is_empty() => {
                    let from = self.below(plain.len());
                    let to = (from + run * 4).min(plain.len());
                    plain.extend_from_within(from..to);
                }
                _ => plain.extend((0..run).map(|_| b' ' + self.below(letters) as u8)),
            }
        }
        plain.truncate(len);
        plain
    }

    /// `plain` compressed in one of zlib's ways, with a flush here and there.
    pub fn compressed(&mut self, plain: &[u8]) -> Vec<u8> {
        let level = Compression::new(self.below(10) as u32);
        let mut compress = Compress::new_with_window_bits(level, false, 9 + self.below(7) as u8);
        let mut out = Vec::with_capacity(plain.len() * 2 + 4096);
        let mut rest = plain;
        loop {
            let (piece, behind) = rest.split_at(rest.len().min(1 + self.below(plain.len())));
            rest = behind;
            let flush = match self.below(4) {
                _ if rest.is_empty() && self.below(2) == 0 => FlushCompress::Finish,
                _ if rest.is_empty() => FlushCompress::Sync,
                0 => FlushCompress::None,
                1 => FlushCompress::Partial,
                2 => FlushCompress::Sync,
                _ => FlushCompress::Full,
            };
            compress.compress_vec(piece, &mut out, flush).unwrap();
            if rest.is_empty() {
                assert_eq!(compress.total_in(), plain.len() as u64);
                return out;
            }
        }
    }

    /// A dynamic block's head and some noise: lengths that make a code, or nearly.
    pub fn dynamic(&mut self) -> Vec<u8> {
        let mut bits = Bits::default();
        let (hlit, hdist) = (257 + self.below(31), 1 + self.below(32));
        bits.put(0b100 | self.below(2), 3);
        bits.put(hlit - 257, 5);
        bits.put(hdist - 1, 5);
        bits.put(15, 4);
        // Sixteen lengths of four bits each: every symbol but the repeats has its own number as its code.
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            bits.put(if symbol < 16 { 4 } else { 0 }, 3);
        }
        for length in self.lengths(hlit, Some(256)).into_iter().chain(self.lengths(hdist, None)) {
            bits.put_code(length.into(), 4);
        }
        let noise = self.below(60);
        bits.bytes().into_iter().chain(self.bytes(noise)).collect()
    }

    /// Code lengths of `count` symbols, mostly complete; `needed` mostly has one.
    fn lengths(&mut self, count: usize, needed: Option<usize>) -> Vec<u8> {
        let mut used = if self.below(8) == 0 { vec![self.below(3) as u8] } else { vec![1, 1] };
        for _ in 0..self.below(count) {
            let at = self.below(used.len());
            if used.len() < count && (1..15).contains(&used[at]) {
                used[at] += 1;
                used.push(used[at]);
            }
        }
        if self.below(10) == 0 {
            let at = self.below(used.len());
            used[at] = self.below(16) as u8;
        }
        used.resize(count, 0);
        for at in (1..count).rev() {
            used.swap(at, self.below(at + 1));
        }
        if let Some(needed) = needed
            && let Some(other) = used.iter().position(|length| *length > 0)
            && self.below(20) > 0
        {
            used.swap(needed, other);
        }
        used
    }

    /// Bits turned over, bytes lost, put in, or taken from elsewhere.
    pub fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..self.below(4) {
            let (at, len) = (self.below(bytes.len()), bytes.len());
            match self.below(6) {
                _ if len == 0 => {}
                0 => bytes.truncate(at),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, self.next() as u8),
                3 => bytes.extend_from_within(at..(at + 20).min(len)),
                _ => bytes[at] ^= 1 << self.below(8),
            }
        }
        bytes
    }
}

/// Numbers to bits as DEFLATE packs them.
#[derive(Default)]
pub struct Bits(Vec<bool>);

impl Bits {
    /// A number, its lowest bit first.
    pub fn put(&mut self, number: usize, len: usize) {
        self.0.extend((0..len).map(|i| number >> i & 1 == 1));
    }

    /// A code, its highest bit first.
    pub fn put_code(&mut self, code: usize, len: usize) {
        self.0.extend((0..len).rev().map(|i| code >> i & 1 == 1));
    }

    pub fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

//! Mutated samples: what a careless sender, a broken wire or a hostile peer makes of good bytes.

/// Numbers without pattern, the same in every run (xorshift64*).
pub struct Random(pub u64);

impl Random {
    /// 48 bits.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number under `limit`; 0 where there is none.
    pub fn under(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { (self.next() % limit as u64) as usize }
    }
}

/// Bytes that mean something somewhere: boundaries of lengths, opcodes and characters, line ends, marks.
const TELLING: &[u8] =
    b"\x00\x01\x7d\x7e\x7f\x80\x81\x82\x88\x89\x8a\xc2\xe0\xed\xf4\xfd\xfe\xff\r\n \t:;,=\"\\%*<>#09aF\x1b";

/// One of the samples, changed in one to four places; now and then random bytes.
pub fn mutated(samples: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    if samples.is_empty() || random.under(32) == 0 {
        return (0..random.under(64)).map(|_| random.next() as u8).collect();
    }
    let mut data = samples[random.under(samples.len())].clone();
    for _ in 0..=random.under(4) {
        change(&mut data, samples, random);
    }
    data
}

fn change(data: &mut Vec<u8>, samples: &[Vec<u8>], random: &mut Random) {
    let at = random.under(data.len() + 1);
    let (from, len) = (random.under(data.len()), 1 + random.under(16));
    let run = data.get(from..(from + len).min(data.len())).unwrap_or_default().to_vec();
    match random.under(9) {
        0 => data.truncate(at),
        1 => drop(data.drain(from..(from + len).min(data.len()))),
        2 => drop(data.splice(at..at, run)),
        3 => data.insert(at, TELLING[random.under(TELLING.len())]),
        4 => {
            let other = &samples[random.under(samples.len())];
            let piece = &other[random.under(other.len() + 1)..];
            drop(data.splice(at.., piece.iter().copied()));
        }
        5 => drop(data.splice(at..at, std::iter::repeat_n(random.next() as u8, random.under(200)))),
        kind => {
            let Some(byte) = data.get_mut(from) else { return };
            *byte = match kind {
                6 => *byte ^ 1 << random.under(8),
                7 => TELLING[random.under(TELLING.len())],
                _ => random.next() as u8,
            };
        }
    }
}

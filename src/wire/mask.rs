//! Masking: the XOR of payload and key (RFC 6455 §5.3).

/// The four bytes with which a client's payload is XORed, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MaskingKey(pub [u8; 4]);

impl MaskingKey {
    /// The key as byte `phase` of the payload meets it: turned left by `phase` mod 4 bytes.
    #[must_use]
    #[inline]
    pub const fn at_phase(self, phase: u64) -> Self {
        let turned = u32::from_be_bytes(self.0).rotate_left(8 * (phase % 4) as u32);
        Self(turned.to_be_bytes())
    }

    /// XORs `payload` in place; its first byte meets the first byte of the key.
    ///
    /// Masking and unmasking are this same step.
    #[inline]
    pub fn apply(self, payload: &mut [u8]) {
        let (words, rest) = payload.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ self.twice()).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0.iter().cycle()) {
            *byte ^= key;
        }
    }

    /// XORs `from` into the front of `to`, as far as both reach, and gives the part that was written.
    #[inline]
    pub fn apply_into<'a>(self, from: &[u8], to: &'a mut [u8]) -> &'a [u8] {
        let len = from.len().min(to.len());
        let (Some(from), Some(to)) = (from.get(..len), to.get_mut(..len)) else { return &[] };
        match len {
            BLOCK.. => self.apply_in_blocks::<BLOCK>(from, to),
            8.. => self.apply_in_blocks::<8>(from, to),
            _ => to
                .iter_mut()
                .zip(from)
                .zip(self.0.iter().cycle())
                .for_each(|((to, from), key)| *to = from ^ key),
        }
        to
    }

    /// Goes by `N` bytes at once, a multiple of eight. What is left at the end goes once more with the bytes
    /// before it: quicker than byte by byte, as most payloads are short and no length can be foreseen.
    #[inline]
    fn apply_in_blocks<const N: usize>(self, from: &[u8], to: &mut [u8]) {
        for (from, to) in from.as_chunks::<N>().0.iter().zip(to.as_chunks_mut::<N>().0) {
            *to = self.block(from);
        }
        let before_last = from.len().saturating_sub(N) as u64;
        if let (Some(from), Some(to)) = (from.last_chunk::<N>(), to.last_chunk_mut::<N>()) {
            *to = self.at_phase(before_last).block(from);
        }
    }

    #[inline]
    fn block<const N: usize>(self, from: &[u8; N]) -> [u8; N] {
        let mut to = *from;
        for word in to.as_chunks_mut::<8>().0 {
            *word = (u64::from_ne_bytes(*word) ^ self.twice()).to_ne_bytes();
        }
        to
    }

    /// The key twice, as a word.
    #[inline]
    const fn twice(self) -> u64 {
        let four = u32::from_ne_bytes(self.0) as u64;
        four | four << 32
    }
}

/// Bytes that are XORed at once.
const BLOCK: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_twice_gives_the_payload_back_at_every_length_and_phase() {
        let key = MaskingKey([0x9f, 0xaf, 0x77, 0xf8]);
        let plain: Vec<u8> = (0..=140).collect();
        for len in 0..plain.len() {
            for phase in 0..9 {
                let mut bytes = plain[..len].to_vec();
                key.at_phase(phase as u64).apply(&mut bytes);
                for (i, (masked, plain)) in bytes.iter().zip(&plain).enumerate() {
                    assert_eq!(*masked, plain ^ key.0[(i + phase) % 4]);
                }
                key.at_phase(phase as u64).apply(&mut bytes);
                assert_eq!(bytes, plain[..len]);
                let mut into = [0xff; 150];
                let turned = key.at_phase(phase as u64);
                let masked = turned.apply_into(&bytes, &mut into).to_vec();
                turned.apply(&mut bytes);
                assert_eq!(masked, bytes);
                assert!(into[len..].iter().all(|&byte| byte == 0xff), "nothing behind is touched");
            }
        }
    }
}

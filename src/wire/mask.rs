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
        let four = u32::from_ne_bytes(self.0);
        let eight = u64::from(four) | u64::from(four) << 32;
        let (words, rest) = payload.as_chunks_mut::<8>();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ eight).to_ne_bytes();
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
        to.copy_from_slice(from);
        self.apply(to);
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_twice_gives_the_payload_back_at_every_length_and_phase() {
        let key = MaskingKey([0x9f, 0xaf, 0x77, 0xf8]);
        let plain: Vec<u8> = (0..=40).collect();
        for len in 0..plain.len() {
            for phase in 0..9 {
                let mut bytes = plain[..len].to_vec();
                key.at_phase(phase as u64).apply(&mut bytes);
                for (i, (masked, plain)) in bytes.iter().zip(&plain).enumerate() {
                    assert_eq!(*masked, plain ^ key.0[(i + phase) % 4]);
                }
                key.at_phase(phase as u64).apply(&mut bytes);
                assert_eq!(bytes, plain[..len]);
            }
        }
    }
}

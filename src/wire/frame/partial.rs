//! A header of which only the beginning came.

use super::LONGEST_HEADER;

/// The beginning of a header that never came whole: 1 to 13 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Partial {
    bytes: [u8; LONGEST_HEADER],
    len: u8,
}

impl Partial {
    /// The beginning that is there; what stands behind the longest header is left out.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut held = [0; LONGEST_HEADER];
        let len = bytes.len().min(LONGEST_HEADER);
        for (to, from) in held.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self { bytes: held, len: len as u8 }
    }

    /// What there is of the header.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The first byte, where it came.
    #[must_use]
    pub fn first(&self) -> Option<u8> {
        self.bytes().first().copied()
    }

    /// The second byte, where it came.
    #[must_use]
    pub fn second(&self) -> Option<u8> {
        self.bytes().get(1).copied()
    }
}

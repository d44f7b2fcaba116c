//! A run of bytes inside a head.

use super::bits::Bits;

/// `len` bytes from byte `at` on, counted from the first byte of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub struct Span {
    /// Bytes before the first one.
    pub at: usize,
    /// How many bytes.
    pub len: usize,
}

impl Span {
    /// From byte `start` up to, not including, byte `end`.
    #[must_use]
    pub const fn between(start: usize, end: usize) -> Self {
        Self { at: start, len: end.saturating_sub(start) }
    }

    /// The byte behind the last one.
    #[must_use]
    pub const fn end(self) -> usize {
        self.at.saturating_add(self.len)
    }

    /// These bytes of `whole`; empty where they lie outside.
    #[must_use]
    pub fn of(self, whole: &[u8]) -> &[u8] {
        whole.get(self.at..self.end()).unwrap_or_default()
    }

    /// The same place in bits.
    #[must_use]
    pub const fn bits(self) -> Bits {
        Bits::bytes(self.at as u64, self.len as u64)
    }

    /// Without the spaces and tabs at both ends.
    #[must_use]
    pub fn trimmed(self, whole: &[u8]) -> Self {
        let bytes = self.of(whole);
        let blank = |b: &&u8| matches!(**b, b' ' | b'\t');
        let front = bytes.iter().take_while(blank).count();
        let back = bytes.iter().skip(front).rev().take_while(blank).count();
        Self { at: self.at + front, len: self.len - front - back }
    }
}

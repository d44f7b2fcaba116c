//! The last bytes of a stream, to compare with what is sent again.

/// How many bytes are kept at least.
const KEPT: usize = 1024;

/// The last bytes that were handed on, and no hole among them.
#[derive(Debug, Default)]
pub(super) struct History {
    bytes: Vec<u8>,
}

impl History {
    /// The stream goes on with these, and then with some that were not captured.
    pub(super) fn add(&mut self, bytes: &[u8], cut: u32) {
        if cut > 0 {
            return self.forget();
        }
        if let Some(last) = bytes.len().checked_sub(KEPT).and_then(|from| bytes.get(from..)) {
            self.bytes.clear();
            return self.bytes.extend_from_slice(last);
        }
        if self.bytes.len() + bytes.len() > 2 * KEPT {
            let old = self.bytes.len().saturating_sub(KEPT.saturating_sub(bytes.len()));
            self.bytes.drain(..old);
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes are missing: what came before them is no longer next to what follows.
    pub(super) fn forget(&mut self) {
        self.bytes.clear();
    }

    /// Whether `again`, which stands `back` bytes before the end, differs from what was there. What is not kept any
    /// more does not.
    pub(super) fn differs(&self, back: u64, again: &[u8]) -> bool {
        let back = usize::try_from(back).unwrap_or(usize::MAX);
        let missing = back.saturating_sub(self.bytes.len());
        let start = self.bytes.len().saturating_sub(back);
        let mine = self.bytes.get(start..).unwrap_or_default();
        let again = again.get(missing..).unwrap_or_default();
        mine.iter().zip(again).any(|(one, two)| one != two)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_kilobyte_is_compared() {
        let mut history = History::default();
        let stream: Vec<u8> = (0..10_000u32).map(|i| (i % 251) as u8).collect();
        let mut at = 0;
        for size in [77, 1500, 30, 2000, 1023, 1024, 1025, 50].into_iter().cycle() {
            let piece = &stream[at..(at + size).min(stream.len())];
            if piece.is_empty() {
                break;
            }
            history.add(piece, 0);
            at += piece.len();
            assert!(history.bytes.len() <= 2 * KEPT);
            assert!(stream[..at].ends_with(&history.bytes));
        }
        for back in [1, 2, 500, KEPT] {
            let again = &stream[stream.len() - back..];
            assert!(!history.differs(back as u64, again));
            let mut other = again.to_vec();
            other[back / 2] ^= 1;
            assert!(history.differs(back as u64, &other), "{back}");
        }
        assert!(!history.differs(9000, &stream[1000..]));
        history.add(b"abc", 1);
        assert!(!history.differs(3, b"xyz"));
    }
}

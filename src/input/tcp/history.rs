//! The last bytes of a stream, to compare with what is sent again.

/// How many bytes are kept at least of each direction.
const KEPT: usize = 1024;

/// The same, where more than [`MANY`] connections are followed.
const FEW: usize = 64;

/// So many connections may keep [`KEPT`] bytes.
const MANY: usize = 1024;

/// The last bytes that were handed on, and no hole among them.
#[derive(Debug, Default)]
pub(super) struct History {
    bytes: Vec<u8>,
}

/// How many bytes are kept at least of each direction, where so many connections are followed.
pub(super) const fn kept(connections: usize) -> usize {
    if connections > MANY { FEW } else { KEPT }
}

impl History {
    /// The stream goes on with these, and then with some that were not captured; `kept` of them are.
    pub(super) fn add(&mut self, bytes: &[u8], cut: u32, kept: usize) {
        if cut > 0 {
            return self.forget();
        }
        let last = bytes.get(bytes.len().saturating_sub(kept)..).unwrap_or_default();
        if last.len() == kept || self.bytes.len() + last.len() > 2 * kept {
            let old = self.bytes.len().saturating_sub(kept - last.len());
            self.bytes.drain(..old);
        }
        self.make_room(last.len(), kept);
        self.bytes.extend_from_slice(last);
    }

    /// Makes room for more bytes, and for no more than may be kept: there are two of it for each connection.
    fn make_room(&mut self, more: usize, kept: usize) {
        let (len, room) = (self.bytes.len() + more, self.bytes.capacity());
        if len > room {
            self.bytes.reserve_exact(len.next_power_of_two().min(2 * kept) - self.bytes.len());
        } else if room > 2 * kept {
            self.bytes.shrink_to(2 * kept);
        }
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

    fn stream() -> Vec<u8> {
        (0..10_000u32).map(|i| (i % 251) as u8).collect()
    }

    /// Adds the part of the stream from `at` up to `end`, in pieces of these sizes.
    fn add(history: &mut History, (mut at, end): (usize, usize), sizes: &[usize], kept: usize) {
        let stream = stream();
        for size in sizes.iter().cycle() {
            let piece = &stream[at..(at + size).min(end)];
            if piece.is_empty() {
                return;
            }
            history.add(piece, 0, kept);
            at += piece.len();
            assert!(history.bytes.len() >= at.min(kept) && stream[..at].ends_with(&history.bytes), "{at}");
            assert!(history.bytes.capacity() <= 2 * kept);
        }
    }

    #[test]
    fn the_last_kilobyte_is_compared() {
        let (mut history, stream) = (History::default(), stream());
        add(&mut history, (0, stream.len()), &[77, 1500, 30, 2000, 1023, 1024, 1025, 50], KEPT);
        for back in [1, 2, 500, KEPT] {
            let again = &stream[stream.len() - back..];
            assert!(!history.differs(back as u64, again));
            let mut other = again.to_vec();
            other[back / 2] ^= 1;
            assert!(history.differs(back as u64, &other), "{back}");
        }
        assert!(!history.differs(9000, &stream[1000..]));
        history.add(b"abc", 1, KEPT);
        assert!(!history.differs(3, b"xyz"));
    }

    #[test]
    fn less_is_kept_of_each_of_many() {
        assert_eq!((kept(MANY), kept(MANY + 1)), (KEPT, FEW));
        let mut history = History::default();
        add(&mut history, (0, 5000), &[33, 300, 99, 65, 1], KEPT);
        assert!(history.bytes.capacity() > 2 * FEW);
        add(&mut history, (5000, 10_000), &[33, 300, 99, 65, 1], FEW);
        assert!(history.differs(FEW as u64, b"other"));
    }
}

//! Bytes that wait until it is known what they are.

use std::num::NonZeroU64;

use super::segment::Time;

/// The most times that are kept apart.
const MOST_TIMES: usize = 256;

/// What one sender sent and nobody has read yet.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

/// When bytes came, and in which packet of a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Came {
    pub(super) time: Option<Time>,
    pub(super) packet: Option<NonZeroU64>,
}

/// Bytes that came at one time, and a gap before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    came: Came,
    /// Bytes that are missing before this piece.
    lost: u64,
    len: usize,
}

impl Backlog {
    /// The bytes in a row, as if none were missing.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds bytes that came at this time. Where too many times would have to be kept, an earlier one stands.
    pub(super) fn push(&mut self, came: Came, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let many = self.pieces.len() >= MOST_TIMES;
        match self.pieces.last_mut() {
            Some(last) if last.came == came || many => last.len += bytes.len(),
            _ => self.pieces.push(Piece { came, lost: 0, len: bytes.len() }),
        }
    }

    /// Bytes are missing here.
    pub(super) fn push_gap(&mut self, came: Came, lost: u64) {
        match self.pieces.last_mut() {
            Some(last) if last.len == 0 => last.lost = last.lost.saturating_add(lost),
            _ => self.pieces.push(Piece { came, lost, len: 0 }),
        }
    }

    /// The pieces in their order: when, how many bytes are missing before it, and its own.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Came, u64, &[u8])> {
        let mut rest = self.bytes.as_slice();
        self.pieces.iter().map(move |piece| {
            let (bytes, behind) = rest.split_at_checked(piece.len).unwrap_or_default();
            rest = behind;
            (piece.came, piece.lost, bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanoseconds: u64) -> Came {
        Came { time: Some(Time(nanoseconds)), packet: None }
    }

    #[test]
    fn many_times_take_little_room_and_lose_no_byte() {
        let mut backlog = Backlog::default();
        (0..100_000u64).for_each(|n| backlog.push(at(n), &[n as u8]));
        assert_eq!(backlog.pieces.len(), MOST_TIMES);
        let joined: Vec<u8> = backlog.pieces().flat_map(|(_, _, bytes)| bytes).copied().collect();
        assert!(joined.iter().enumerate().all(|(n, byte)| *byte == n as u8));
        assert_eq!(joined, backlog.bytes());
    }

    #[test]
    fn gaps_keep_their_place() {
        let mut backlog = Backlog::default();
        backlog.push(at(0), b"a");
        backlog.push_gap(at(0), 2);
        backlog.push_gap(at(0), 3);
        backlog.push(at(0), b"b");
        assert_eq!(backlog.pieces().collect::<Vec<_>>(), [(at(0), 0, &b"a"[..]), (at(0), 5, b"b")]);
    }
}

//! Bytes that stand somewhere in a stream: as a packet brings them, and while they wait for their turn.

use std::num::NonZeroU64;

use crate::session::segment::Time;

/// Bytes that stand somewhere in a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// Where it stands; before 0 lies what was sent before the capture began.
    pub(super) at: i64,
    pub(super) bytes: &'a [u8],
    /// Bytes behind those that were not captured.
    pub(super) cut: u32,
    /// How much of the other direction its sender had received: that comes first.
    pub(super) needs: u64,
    pub(super) time: Option<Time>,
    /// The packet that it came in.
    pub(super) packet: Option<NonZeroU64>,
}

/// A piece that waits for its turn.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) bytes: Box<[u8]>,
    pub(super) cut: u32,
    pub(super) needs: u64,
    pub(super) time: Option<Time>,
    pub(super) packet: Option<NonZeroU64>,
    /// Where the stream stood when it came.
    pub(super) next_then: u64,
}

impl Early {
    pub(super) const fn len(&self) -> u64 {
        self.bytes.len() as u64 + self.cut as u64
    }

    /// Whether other bytes were sent at this place of it.
    pub(super) fn differs(&self, at: usize, again: &[u8]) -> bool {
        let mine = self.bytes.get(at..).unwrap_or_default();
        mine.iter().zip(again).any(|(one, two)| one != two)
    }
}

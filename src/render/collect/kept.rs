//! Payload that is kept, up to a cap.

use crate::session::event::Payload;

/// Bytes up to a cap, and how many were left out.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    pub(super) omitted: u64,
}

/// Bytes of room that stay with a stream for its next payload: as many as most frames need. There are two streams for each
/// connection, and many may be open at once.
pub(super) const ROOM: usize = 256;

/// Forgets bytes that were shown. More than some room is given back: one payload at a time may be large, and there are many
/// streams.
pub(in crate::render) fn forget(bytes: &mut Vec<u8>) {
    if bytes.capacity() > ROOM {
        *bytes = Vec::new();
    } else {
        bytes.clear();
    }
}

/// How much is kept of each payload, and where.
#[derive(Debug)]
pub(super) struct Keeping {
    /// Bytes of each payload.
    pub(super) cap: usize,
    /// Bytes of each that are kept as sent too.
    pub(super) raw: usize,
    /// Room for a payload that is longer than what a stream has room for, while no stream has it.
    spare: Vec<u8>,
}

/// The most room that stays for the next payload.
const MOST_SPARE: usize = 1 << 20;

impl Keeping {
    pub(super) const fn new(cap: usize, raw: usize) -> Self {
        Self { cap, raw, spare: Vec::new() }
    }

    /// Gives the spare room to a payload of which so many bytes come first, where that helps.
    #[inline]
    fn lend(&mut self, to: &mut Vec<u8>, first: usize) {
        if to.is_empty() && first > to.capacity() && self.spare.capacity() > to.capacity() {
            std::mem::swap(&mut self.spare, to);
        }
    }

    /// Forgets bytes that were shown, and takes their room back.
    #[inline]
    fn take_back(&mut self, bytes: &mut Vec<u8>) {
        if (self.spare.capacity().max(ROOM)..=MOST_SPARE).contains(&bytes.capacity()) {
            std::mem::swap(&mut self.spare, bytes);
            self.spare.clear();
        }
        forget(bytes);
    }
}

impl Kept {
    #[inline]
    pub(super) fn clear(&mut self, keeping: &mut Keeping) {
        keeping.take_back(&mut self.bytes);
        self.omitted = 0;
    }

    /// Makes room for a piece: the part of it that is still kept.
    fn take<'a>(&mut self, piece: &'a [u8], cap: usize) -> &'a [u8] {
        let room = cap.saturating_sub(self.bytes.len()).min(piece.len());
        self.omitted += (piece.len() - room) as u64;
        piece.get(..room).unwrap_or_default()
    }

    #[inline]
    pub(super) fn push(&mut self, payload: &Payload<'_>, keeping: &mut Keeping) {
        let raw = self.take(payload.raw, keeping.cap);
        if raw.is_empty() {
            return;
        }
        keeping.lend(&mut self.bytes, raw.len());
        let start = self.bytes.len();
        match (payload.plain.and_then(|plain| plain.get(..raw.len())), payload.key) {
            (Some(plain), _) => self.bytes.extend_from_slice(plain),
            (None, key) => {
                self.bytes.extend_from_slice(raw);
                if let (Some(key), Some(new)) = (key, self.bytes.get_mut(start..)) {
                    key.apply(new);
                }
            }
        }
    }

    pub(super) fn append(&mut self, other: &Self, cap: usize) {
        let more = self.take(&other.bytes, cap);
        self.bytes.extend_from_slice(more);
        self.omitted += other.omitted;
    }
}

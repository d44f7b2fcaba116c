//! The plain bytes of a compressed message, kept up to a cap; those that are unknown are marked.

use super::collect::forget;
use crate::session::inflated::Piece;
use crate::wire::deflate::Plain;

/// What stands in the place of a byte that is unknown.
const MARK: u8 = b'?';

/// How many runs of unknown bytes are listed.
const MOST_RUNS: usize = 256;

/// A run of bytes that are unknown: they were copied out of history that is not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Plain bytes of the message before it.
    pub at: u64,
    /// How many.
    pub len: u64,
}

/// A compressed message, inflated.
#[derive(Clone, Copy, Debug)]
pub struct InflatedPlain<'a> {
    /// The first bytes; each that is unknown is a `?`.
    pub plain: &'a [u8],
    /// How many there are.
    pub len: u64,
    /// Which of them are unknown, the first of these runs.
    pub unknown: &'a [Unknown],
}

impl InflatedPlain<'_> {
    /// Bytes that are not kept.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.len - self.plain.len() as u64
    }
}

/// The compressed messages of one sender that are under way; nothing before the first one, as many senders never compress.
#[derive(Debug, Default)]
pub(super) struct Inflating(Option<Box<Both>>);

/// The message under way, and perhaps one that it interrupted.
#[derive(Debug, Default)]
struct Both {
    current: Kept,
    interrupted: Kept,
}

/// What is kept of a message; of none where its number is 0.
#[derive(Debug, Default)]
struct Kept {
    message: u64,
    bytes: Vec<u8>,
    len: u64,
    unknown: Vec<Unknown>,
}

impl Inflating {
    /// Takes the next piece.
    #[inline]
    pub(super) fn push(&mut self, piece: &Piece<'_>, cap: usize) {
        let Both { current, interrupted } = &mut **self.0.get_or_insert_default();
        if current.message != piece.message {
            if current.message != 0 {
                std::mem::swap(current, interrupted);
            }
            current.begin(piece.message);
        }
        current.push(&piece.plain, cap);
    }

    /// What there is of a message.
    pub(super) fn of(&self, message: u64) -> InflatedPlain<'_> {
        let mut both = self.0.iter().flat_map(|both| [&both.current, &both.interrupted]);
        let kept = both.find(|kept| kept.message == message);
        kept.map_or(InflatedPlain { plain: &[], len: 0, unknown: &[] }, |kept| InflatedPlain {
            plain: &kept.bytes,
            len: kept.len,
            unknown: &kept.unknown,
        })
    }

    /// A message is over.
    #[inline]
    pub(super) fn over(&mut self, message: u64) {
        let Some(both) = &mut self.0 else { return };
        for kept in [&mut both.current, &mut both.interrupted] {
            if kept.message == message {
                kept.message = 0;
                forget(&mut kept.bytes);
            }
        }
    }
}

impl Kept {
    fn begin(&mut self, message: u64) {
        self.message = message;
        self.bytes.clear();
        self.unknown.clear();
        self.len = 0;
    }

    #[inline]
    fn push(&mut self, plain: &Plain<'_>, cap: usize) {
        let room = cap.saturating_sub(self.bytes.len());
        match *plain {
            Plain::Known(bytes) => {
                self.len += bytes.len() as u64;
                self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            Plain::Unknown(len) => {
                self.mark(len as u64);
                self.bytes.resize(self.bytes.len() + room.min(len), MARK);
            }
        }
    }

    fn mark(&mut self, len: u64) {
        let listed = self.unknown.len();
        match self.unknown.last_mut().filter(|last| last.at + last.len == self.len) {
            Some(last) => last.len += len,
            None if listed < MOST_RUNS => self.unknown.push(Unknown { at: self.len, len }),
            None => {}
        }
        self.len += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_bytes_are_marked_and_what_has_no_room_is_counted() {
        let mut inflating = Inflating::default();
        let pieces = [Plain::Known(b"ab"), Plain::Unknown(2), Plain::Unknown(1), Plain::Known(b"c")];
        for plain in pieces {
            inflating.push(&Piece { message: 7, at: 0, plain }, 4);
        }
        let all = inflating.of(7);
        assert_eq!((all.plain, all.len, all.omitted()), (&b"ab??"[..], 6, 2));
        assert_eq!(all.unknown, [Unknown { at: 2, len: 3 }]);
        assert_eq!(inflating.of(6).len, 0);
        inflating.push(&Piece { message: 8, at: 0, plain: Plain::Known(b"xyz") }, 9);
        assert_eq!((inflating.of(7).len, inflating.of(8).plain), (6, &b"xyz"[..]));
        inflating.over(8);
        inflating.push(&Piece { message: 9, at: 0, plain: Plain::Known(b"!") }, 9);
        assert_eq!((inflating.of(7).len, inflating.of(8).len, inflating.of(9).plain), (6, 0, &b"!"[..]));
    }
}

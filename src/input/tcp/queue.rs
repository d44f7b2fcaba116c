//! What came before its turn in one direction: each byte once, in the order in which it stands.

use std::collections::BTreeMap;

use super::Limits;
use super::piece::{Early, Piece};

/// The most pieces that wait for their turn, however few bytes they have.
const MOST_PIECES: usize = 65_536;

/// The pieces that wait, by where they stand.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pieces: BTreeMap<u64, Early>,
    bytes: usize,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// How many pieces wait.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The first piece, and where it stands.
    pub(super) fn first(&self) -> Option<(u64, &Early)> {
        self.pieces.first_key_value().map(|(at, early)| (*at, early))
    }

    /// Behind the last piece.
    pub(super) fn end(&self) -> Option<u64> {
        self.pieces.last_key_value().map(|(at, early)| at + early.len())
    }

    /// Whether too much waits.
    pub(super) fn is_too_much(&self, limits: &Limits) -> bool {
        self.bytes > limits.bytes || self.pieces.len() > MOST_PIECES
    }

    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.bytes = 0;
    }

    /// Takes the first piece out.
    pub(super) fn pop(&mut self) -> Option<Early> {
        let (_, early) = self.pieces.pop_first()?;
        self.bytes -= early.bytes.len();
        Some(early)
    }

    /// The first piece does not wait for the other direction any more; whether there is one.
    pub(super) fn let_first_come(&mut self) -> bool {
        let first = self.pieces.first_entry();
        first.map(|mut early| early.get_mut().needs = 0).is_some()
    }

    /// Keeps what of a piece no earlier one covers, while the stream stands at `next`; whether what is covered differs.
    pub(super) fn keep(&mut self, piece: Piece<'_>, next: u64) -> bool {
        let (mut at, mut bytes, cut) = (piece.at as u64, piece.bytes, piece.cut);
        let mut differs = false;
        if let Some((start, early)) = self.pieces.range(..=at).next_back() {
            let covered = (start + early.len()).saturating_sub(at);
            let (again, new) =
                bytes.split_at(bytes.len().min(usize::try_from(covered).unwrap_or(usize::MAX)));
            differs |= early.differs((at - start) as usize, again);
            self.came_with_less(at, at + again.len() as u64, piece.needs);
            if new.is_empty() && covered > 0 && cut == 0 {
                return differs;
            }
            at += again.len() as u64;
            bytes = new;
        }
        while !bytes.is_empty() {
            let following = self.pieces.range(at..).next();
            let free = following
                .as_ref()
                .map_or(bytes.len() as u64, |(start, _)| (**start - at).min(bytes.len() as u64));
            let (new, rest) = bytes.split_at(free as usize);
            let skip = following.as_ref().map_or(0, |(_, early)| early.len().min(rest.len() as u64)) as usize;
            let (again, rest) = rest.split_at(skip);
            if let Some((&start, early)) = following.filter(|_| !again.is_empty()) {
                differs |= early.differs(0, again);
                self.came_with_less(start, start + again.len() as u64, piece.needs);
            }
            let last = rest.is_empty() && again.is_empty();
            self.insert(at, new, if last { cut } else { 0 }, &piece, next);
            at += (new.len() + again.len()) as u64;
            bytes = rest;
        }
        if piece.bytes.is_empty() && !self.pieces.contains_key(&at) {
            self.insert(at, &[], cut, &piece, next);
        }
        differs
    }

    /// Bytes that wait came once more, when their sender had received no more than `needs`. What was sent with them need not
    /// have been there yet, so it waits on its own.
    fn came_with_less(&mut self, from: u64, to: u64, needs: u64) {
        self.split_at(from);
        self.split_at(to);
        if let Some(early) = self.pieces.get_mut(&from) {
            early.needs = early.needs.min(needs);
        }
    }

    /// Where a piece that waits has more bytes behind this place, they become another.
    fn split_at(&mut self, at: u64) {
        let Some((&start, early)) = self.pieces.range_mut(..at).next_back() else { return };
        let front = usize::try_from(at - start).unwrap_or(usize::MAX);
        let Some((one, two)) = early.bytes.split_at_checked(front).filter(|(_, two)| !two.is_empty()) else {
            return;
        };
        let behind = Early { bytes: two.into(), ..*early };
        (early.bytes, early.cut) = (one.into(), 0);
        self.pieces.insert(at, behind);
    }

    fn insert(&mut self, at: u64, bytes: &[u8], cut: u32, piece: &Piece<'_>, next_then: u64) {
        if bytes.is_empty() && cut == 0 {
            return;
        }
        self.bytes += bytes.len();
        let Piece { needs, time, packet, .. } = *piece;
        self.pieces.insert(at, Early { bytes: bytes.into(), cut, needs, time, packet, next_then });
    }
}

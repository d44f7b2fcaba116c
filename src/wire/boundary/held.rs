//! Bytes that are held while it is searched, with the times at which they came.

use std::collections::VecDeque;

/// The most times that are kept apart.
const MOST_TIMES: usize = 1024;

/// The last bytes of a stream.
#[derive(Debug)]
pub(super) struct Held<T> {
    bytes: Vec<u8>,
    /// How many of them are gone already.
    gone: usize,
    /// Where the first one that is left stands.
    start: u64,
    pieces: VecDeque<(T, usize)>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { bytes: Vec::new(), gone: 0, start: 0, pieces: VecDeque::new() }
    }
}

impl<T: Copy + PartialEq> Held<T> {
    /// Where the first byte stands.
    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// Behind the last byte.
    pub(super) fn end(&self) -> u64 {
        self.start + self.all().len() as u64
    }

    fn all(&self) -> &[u8] {
        self.bytes.get(self.gone..).unwrap_or_default()
    }

    /// Adds bytes. Where too many times would have to be kept, an earlier one stands.
    pub(super) fn push(&mut self, came: T, bytes: &[u8]) {
        if self.gone > self.all().len() {
            self.bytes.drain(..self.gone);
            self.gone = 0;
        }
        self.bytes.extend_from_slice(bytes);
        let many = self.pieces.len() >= MOST_TIMES;
        match self.pieces.back_mut() {
            Some(last) if last.0 == came || many => last.1 += bytes.len(),
            _ => self.pieces.push_back((came, bytes.len())),
        }
    }

    /// The bytes from a place on.
    pub(super) fn from(&self, at: u64) -> &[u8] {
        self.split(at).1
    }

    /// Those before it, as far as they are here.
    pub(super) fn before(&self, at: u64) -> &[u8] {
        self.split(at).0
    }

    fn split(&self, at: u64) -> (&[u8], &[u8]) {
        let at = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.all().split_at_checked(at).unwrap_or((self.all(), &[]))
    }

    /// The next piece before `to`, all of one time.
    pub(super) fn piece(&self, to: u64) -> Option<(T, &[u8])> {
        let (came, len) = *self.pieces.front()?;
        let (before, _) = self.split(to);
        let piece = before.get(..len).unwrap_or(before);
        (!piece.is_empty()).then_some((came, piece))
    }

    /// The first bytes are done with; they lie in one piece.
    pub(super) fn take(&mut self, len: usize) {
        self.gone += len;
        self.start += len as u64;
        if let Some((_, left)) = self.pieces.front_mut() {
            *left = left.saturating_sub(len);
            if *left == 0 {
                self.pieces.pop_front();
            }
        }
    }

    /// Bytes are missing behind the last; none are left before them.
    pub(super) fn skip(&mut self, lost: u64) {
        *self = Self { start: self.end().saturating_add(lost), ..Self::default() };
    }
}

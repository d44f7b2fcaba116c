//! Writes values of bounded length one behind the other, each as a few words copied whole.
//!
//! What has a length known to the compiler, or padded to one, is copied without a call; the place to go on at is
//! all that is counted.

use super::digits::{
    EIGHT_DIGITS, SIX_DIGITS, THREE_DIGITS, eight, hex, up_to_eight, up_to_six, up_to_three,
};

/// Nanoseconds in a second.
pub(super) const SECOND: u64 = 1_000_000_000;

/// Where the next value goes.
///
/// Each method writes exactly what its name says; commas and braces come with the constant text between values.
/// Nothing is written where the room is used up: who asks for a cursor asks for enough.
pub(super) struct Cursor<'a, const ROOM: usize> {
    to: &'a mut [u8; ROOM],
    at: usize,
}

/// Text that is copied at a length known to the compiler, and counted at its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Padded<const N: usize> {
    pub(super) bytes: [u8; N],
    pub(super) len: usize,
}

impl<const N: usize> Padded<N> {
    /// A text of `N` bytes at most.
    pub(super) const fn of(text: &[u8]) -> Self {
        assert!(text.len() <= N, "it has room");
        let mut bytes = [0; N];
        bytes.split_at_mut(text.len()).0.copy_from_slice(text);
        Self { bytes, len: text.len() }
    }

    /// What `write` writes; it has room for numbers of any length, which are copied with up to 24 bytes.
    pub(super) fn written(write: impl FnOnce(&mut Cursor<'_, N>)) -> Self {
        let mut text = Self { bytes: [0; N], len: 0 };
        text.rewrite(write);
        text
    }

    /// The same in place of what it was.
    #[inline(always)]
    pub(super) fn rewrite(&mut self, write: impl FnOnce(&mut Cursor<'_, N>)) {
        let mut cursor = Cursor::new(&mut self.bytes);
        write(&mut cursor);
        self.len = cursor.at();
    }

    /// The text.
    #[cfg(test)]
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl<'a, const ROOM: usize> Cursor<'a, ROOM> {
    #[inline(always)]
    pub(super) const fn new(to: &'a mut [u8; ROOM]) -> Self {
        Self { to, at: 0 }
    }

    /// Bytes that are written.
    #[inline(always)]
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Copies all of `bytes` and keeps the first `len` of them.
    #[inline(always)]
    fn keep<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        // One comparison that is known to answer for the slice as well.
        debug_assert!(self.at <= ROOM - N, "there is room");
        if self.at > const { ROOM - N } {
            return;
        }
        if let Some(to) = self.to.get_mut(self.at..self.at + N) {
            to.copy_from_slice(bytes);
            self.at += len;
        }
    }

    /// Text that is JSON already.
    #[inline(always)]
    pub(super) fn raw<const N: usize>(&mut self, json: &[u8; N]) {
        self.keep(json, N);
    }

    /// The same of any length.
    pub(super) fn text(&mut self, json: &str) {
        if let Some(to) = self.to.get_mut(self.at..).and_then(|to| to.get_mut(..json.len())) {
            to.copy_from_slice(json.as_bytes());
            self.at += json.len();
        }
    }

    /// The same of a length that was padded to one known to the compiler.
    #[inline(always)]
    pub(super) fn padded<const N: usize>(&mut self, json: &Padded<N>) {
        self.keep(&json.bytes, json.len);
    }

    /// A number.
    #[inline(always)]
    pub(super) fn number(&mut self, number: u64) {
        match number {
            0..THREE_DIGITS => {
                let (digits, len) = up_to_three(number);
                self.keep(&digits, len);
            }
            THREE_DIGITS..SIX_DIGITS => {
                let (digits, len) = up_to_six(number);
                self.keep(&digits, len);
            }
            SIX_DIGITS..EIGHT_DIGITS => {
                let (digits, len) = up_to_eight(number);
                self.keep(&digits, len);
            }
            _ => {
                let (digits, len) = longer(number);
                self.keep(&digits, len);
            }
        }
    }

    /// What was written since `start`, once more behind `between`: up to 32 bytes.
    #[inline(always)]
    pub(super) fn again<const N: usize>(&mut self, start: usize, between: &[u8; N]) {
        let len = self.at.saturating_sub(start);
        let text = self.to.get(start..).and_then(|text| text.first_chunk::<32>()).copied();
        self.raw(between);
        if let Some(text) = text {
            self.keep(&text, len);
        }
    }

    /// A number, or null.
    #[inline(always)]
    pub(super) fn number_or_null(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.raw(b"null"),
        }
    }

    /// A moment or a span of time as a string of seconds with nine decimals, or null.
    #[inline]
    pub(super) fn seconds_or_null(&mut self, nanoseconds: Option<u64>) {
        let Some(nanoseconds) = nanoseconds else { return self.raw(b"null") };
        self.begin_seconds(nanoseconds / SECOND);
        self.end_seconds(nanoseconds % SECOND);
    }

    /// The front of a string of seconds, up to the point.
    #[inline]
    pub(super) fn begin_seconds(&mut self, seconds: u64) {
        self.raw(b"\"");
        self.number(seconds);
        self.raw(b".");
    }

    /// What is behind it: the nanoseconds of less than a second.
    #[inline]
    pub(super) fn end_seconds(&mut self, nanoseconds: u64) {
        self.raw(&[b'0' + (nanoseconds / EIGHT_DIGITS) as u8]);
        self.raw(&eight(nanoseconds % EIGHT_DIGITS));
        self.raw(b"\"");
    }

    /// Two hex digits a byte, without quotes.
    #[inline(always)]
    pub(super) fn hex4(&mut self, bytes: [u8; 4]) {
        self.raw(&hex(bytes));
    }
}

/// The digits of a number of nine and more, and how many they are.
#[inline(never)]
fn longer(number: u64) -> ([u8; 24], usize) {
    let mut digits = [0; 24];
    let mut to = Cursor::new(&mut digits);
    to.number(number / EIGHT_DIGITS);
    to.raw(&eight(number % EIGHT_DIGITS));
    let len = to.at();
    (digits, len)
}

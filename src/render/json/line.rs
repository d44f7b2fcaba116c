//! Writes JSON values at the end of a buffer, by hand: nothing is allocated and nothing is formatted.

use std::ops::Range;

use base64_simd::{AsOut, STANDARD};

use super::cursor::Cursor;
use super::escape::{GROWS, SLACK, escape};
use crate::render::gathered::Gathered;

/// Bytes that [`Line::with`] gives room for.
pub(super) const ROOM: usize = 1024;

/// Writes into that room.
pub(super) type LineCursor<'a> = Cursor<'a, ROOM>;

/// Bytes of text that are escaped at once.
const PIECE: usize = 4096;

/// The end of a buffer, to which JSON is appended.
///
/// Each method writes exactly what its name says; commas and braces come with the constant text between values.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// What is written, and room behind it. Room is set to something once, and not again for each line.
    bytes: Vec<u8>,
    len: usize,
}

impl Line {
    /// Nothing, with room for so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { bytes: vec![0; bytes], len: 0 }
    }

    /// Bytes that are written.
    #[inline(always)]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Bytes of memory, written and not.
    pub(super) const fn room_in_all(&self) -> usize {
        self.bytes.len()
    }

    /// What is written from there on.
    pub(super) fn since(&self, at: usize) -> &[u8] {
        self.at(at..self.len)
    }

    /// What is written there.
    pub(super) fn at(&self, place: Range<usize>) -> &[u8] {
        self.bytes.get(place).unwrap_or_default()
    }

    /// Forgets what is written, and gives room beyond `most` bytes back.
    pub(super) fn clear(&mut self, most: usize) {
        self.len = 0;
        if self.bytes.len() > most {
            self.bytes = vec![0; most];
        }
    }

    /// The room behind what is written: `least` bytes or more.
    #[inline(always)]
    fn room(&mut self, least: usize) -> &mut [u8] {
        if self.bytes.len() - self.len < least {
            self.grow(least);
        }
        self.bytes.get_mut(self.len..).unwrap_or_default()
    }

    /// Makes room for so many bytes at once, and not step by step.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.room(bytes);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, least: usize) {
        let len = (self.len + least).max(self.bytes.len() / 2 * 3);
        self.bytes.reserve_exact(len - self.bytes.len());
        self.bytes.resize(len, 0);
    }

    /// Writes values of bounded length, no more than [`ROOM`] bytes of them.
    #[inline(always)]
    pub(super) fn with(&mut self, write: impl FnOnce(&mut Cursor<'_, ROOM>)) {
        if let Some(to) = self.room(ROOM).first_chunk_mut() {
            let mut cursor = Cursor::new(to);
            write(&mut cursor);
            self.len += cursor.at();
        }
    }

    /// Text that is JSON already.
    #[inline]
    pub(super) fn raw(&mut self, json: &str) {
        self.append(json.as_bytes());
    }

    /// The same as bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        if let Some(to) = self.room(bytes.len()).get_mut(..bytes.len()) {
            to.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    /// What is written there, once more.
    pub(super) fn again(&mut self, place: Range<usize>) {
        let len = place.len();
        if place.end <= self.len && self.room(len).len() >= len {
            self.bytes.copy_within(place, self.len);
            self.len += len;
        }
    }

    /// `true` or `false`.
    pub(super) fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// A number.
    pub(super) fn number(&mut self, number: u64) {
        self.with(|cursor| cursor.number(number));
    }

    /// A number, or null.
    pub(super) fn number_or_null(&mut self, number: Option<u64>) {
        self.with(|cursor| cursor.number_or_null(number));
    }

    /// A moment or a span of time as a string of seconds with nine decimals, or null.
    pub(super) fn seconds_or_null(&mut self, nanoseconds: Option<u64>) {
        self.with(|cursor| cursor.seconds_or_null(nanoseconds));
    }

    /// A text as it stands between the quotes of a string.
    pub(super) fn text(&mut self, mut text: &str) {
        while !text.is_empty() {
            let (piece, rest) = text.split_at(piece_len(text, PIECE));
            self.len += escape(piece, self.room(GROWS * piece.len() + SLACK));
            text = rest;
        }
    }

    /// A string.
    pub(super) fn string(&mut self, text: &str) {
        self.raw("\"");
        self.text(text);
        self.raw("\"");
    }

    /// A string, or null.
    pub(super) fn string_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.raw("null"),
        }
    }

    /// A string where the bytes are UTF-8, `{"base64": …}` where they are not.
    pub(super) fn text_or_bytes(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.string(text),
            Err(_) => {
                self.raw("{\"base64\":\"");
                self.base64(bytes);
                self.raw("\"}");
            }
        }
    }

    /// The base64 of bytes, without quotes.
    pub(super) fn base64(&mut self, bytes: &[u8]) {
        let len = bytes.len().div_ceil(3) * 4;
        if let Some(to) = self.room(len).get_mut(..len) {
            self.len += STANDARD.encode(bytes, to.as_out()).len();
        }
    }

    /// Several values between commas.
    pub(super) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.raw("[");
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw("]");
    }
}

impl From<Line> for Gathered {
    fn from(Line { bytes, len }: Line) -> Self {
        Self::new(bytes, len)
    }
}

impl From<Gathered> for Line {
    fn from(room: Gathered) -> Self {
        Self { bytes: room.into_room(), len: 0 }
    }
}

/// The length of the next piece, of `most` bytes at most and of four at least: it ends where a character does.
pub(super) fn piece_len(text: &str, most: usize) -> usize {
    (most - 3..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;

    fn written(write: impl FnOnce(&mut Line)) -> String {
        let mut line = Line::default();
        write(&mut line);
        String::from_utf8(line.since(0).to_vec()).expect("UTF-8")
    }

    #[test]
    fn numbers_of_every_length() {
        let mut power = 1u64;
        for _ in 0..20 {
            for number in [power - 1, power, power + 1, power.wrapping_mul(7)] {
                assert_eq!(written(|line| line.number(number)), number.to_string());
            }
            power = power.saturating_mul(10);
        }
        assert_eq!(written(|line| line.number(u64::MAX)), u64::MAX.to_string());
    }

    #[test]
    fn all_numbers_of_four_digits_and_their_like_further_up() {
        for number in 0..10_000 {
            for number in [number, number * 10_000 + 1, number * 12_345_678] {
                assert_eq!(written(|line| line.number(number)), number.to_string());
            }
        }
    }

    #[test]
    fn seconds_have_nine_decimals() {
        for (nanoseconds, want) in [
            (0, "\"0.000000000\""),
            (1, "\"0.000000001\""),
            (1_700_000_000_012_345_678, "\"1700000000.012345678\""),
            (u64::MAX, "\"18446744073.709551615\""),
        ] {
            assert_eq!(written(|line| line.seconds_or_null(Some(nanoseconds))), want);
        }
        assert_eq!(written(|line| line.seconds_or_null(None)), "null");
    }

    #[test]
    fn bytes_that_are_no_text_say_so() {
        assert_eq!(written(|line| line.text_or_bytes("hé".as_bytes())), "\"hé\"");
        assert_eq!(written(|line| line.text_or_bytes(b"h\xff")), r#"{"base64":"aP8="}"#);
    }

    #[test]
    fn base64_of_every_short_length() {
        let bytes: Vec<u8> = (0..100u8).map(|i| i.wrapping_mul(13)).collect();
        for len in 0..bytes.len() {
            let want = base64::engine::general_purpose::STANDARD.encode(&bytes[..len]);
            assert_eq!(written(|line| line.base64(&bytes[..len])), want);
        }
    }

    #[test]
    fn a_text_of_escapes_grows_the_buffer_as_it_needs() {
        let text = "\u{1}€\u{e0001}\"".repeat(PIECE);
        let line = written(|line| line.string(&text));
        assert_eq!(serde_json::from_str::<String>(&line).expect("JSON"), text);
    }

    #[test]
    fn what_is_written_is_written_again() {
        assert_eq!(
            written(|line| {
                line.raw("abcdef");
                line.again(2..5);
                line.again(3..999);
            }),
            "abcdefcde"
        );
    }
}

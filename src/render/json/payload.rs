//! Payload in a line: as text or in base64, and how much of it a cap left out.
//!
//! A message of one frame that is not compressed has the payload of that frame, and the line of a message follows that of
//! its last frame. So what was written for the frame is remembered, and copied for the message: it is checked, escaped
//! and encoded once.

use std::io::{self, Write};
use std::ops::Range;

use super::JsonLines;
use super::line::{LineCursor, piece_len};

/// Bytes of payload that are written to a line at once: a multiple of three, so that base64 can be joined.
const PIECE: usize = 48 * 1024;

/// The longest payload that is held in the buffer as a whole until its message comes.
const MOST_HELD: usize = 1 << 20;

/// What is written for a frame is copied for its message up to this length; longer, it is written out twice from where it
/// stands.
const MOST_COPIED: usize = 16 * 1024;

/// What else stands in a line with a long payload, about.
const SMALL: usize = 2048;

/// What is shown of a payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload<'a> {
    /// What is kept of it.
    pub(super) kept: &'a [u8],
    /// How many more bytes came.
    pub(super) omitted: u64,
    /// Whether it is text.
    pub(super) is_text: bool,
    /// The connection and the number of a frame that has the same payload as its message.
    pub(super) alone_in: Option<(u32, u64)>,
}

/// A payload that is written, where it may be asked for again.
#[derive(Debug)]
pub(super) struct Written {
    /// What it was: connection and frame, the bytes kept and left out, and whether they were text.
    of: ((u32, u64), usize, u64, bool),
    /// Where in the buffer it stands, up to the end of the line.
    at: Range<usize>,
}

impl Written {
    /// Whether it is too long to be copied.
    pub(super) fn is_long(&self) -> bool {
        self.at.len() > MOST_COPIED
    }
}

impl Payload<'_> {
    /// Whether a cap left nothing to show.
    #[inline(always)]
    pub(super) const fn is_left_out(&self) -> bool {
        self.kept.is_empty() && self.omitted > 0
    }

    /// Where a cap left nothing to show, says so and ends the line.
    #[inline(always)]
    pub(super) fn write_left_out(&self, to: &mut LineCursor<'_>) {
        if self.is_left_out() {
            to.raw(b",\"payload_omitted\":");
            to.number(self.omitted);
            to.raw(b"}\n");
        }
    }

    /// What tells it from others.
    fn identity(&self) -> Option<((u32, u64), usize, u64, bool)> {
        Some((self.alone_in?, self.kept.len(), self.omitted, self.is_text))
    }
}

impl<W: Write> JsonLines<W> {
    /// Ends a line with its payload. Neither `text` nor `base64` is written where a cap left nothing to show.
    ///
    /// It is written piece by piece, so that a line of any length passes through the one buffer, unless the payload is to come
    /// again.
    #[inline(always)]
    pub(super) fn payload(&mut self, payload: &Payload<'_>) -> io::Result<()> {
        if payload.is_left_out() { self.left_out(payload) } else { self.shown(payload) }
    }

    #[inline(always)]
    fn left_out(&mut self, payload: &Payload<'_>) -> io::Result<()> {
        self.line.with(|to| payload.write_left_out(to));
        self.spill()
    }

    /// Ends a line with a payload of which something is shown.
    #[inline(never)]
    pub(super) fn shown(&mut self, payload: &Payload<'_>) -> io::Result<()> {
        if self.gone > 0 {
            self.send_all()?;
        }
        let start = self.line.len();
        let held = payload.identity().filter(|_| payload.kept.len() <= MOST_HELD);
        if held.is_some() {
            self.line.reserve(payload.kept.len() / 3 * 4 + SMALL);
        }
        let omitted = self.kept(payload, held.is_some())?;
        self.line.with(|to| {
            if omitted > 0 {
                to.raw(b",\"payload_omitted\":");
                to.number(omitted);
            }
            to.raw(b"}\n");
        });
        self.written = held.map(|of| Written { of, at: start..self.line.len() });
        self.spill()
    }

    /// The same of a message: copied, where it was written for its frame.
    #[inline(always)]
    pub(super) fn payload_again(&mut self, payload: &Payload<'_>) -> io::Result<()> {
        if payload.is_left_out() { self.left_out(payload) } else { self.shown_again(payload) }
    }

    #[inline(never)]
    pub(super) fn shown_again(&mut self, payload: &Payload<'_>) -> io::Result<()> {
        let written = self.written.take().filter(|written| payload.identity() == Some(written.of));
        match written.map(|written| written.at) {
            None => self.shown(&Payload { alone_in: None, ..*payload }),
            Some(at) if at.len() <= MOST_COPIED => {
                self.line.again(at);
                self.spill()
            }
            Some(at) => {
                self.out.write_all(self.line.since(self.gone))?;
                self.out.write_all(self.line.at(at))?;
                self.gone = self.line.len();
                self.spill()
            }
        }
    }

    /// Writes the bytes as they are to be shown, and says how many more there are.
    fn kept(&mut self, payload: &Payload<'_>, held: bool) -> io::Result<u64> {
        let Payload { kept, omitted, is_text, .. } = *payload;
        match is_text.then(|| text_of(kept, omitted > 0)).flatten() {
            Some(text) => {
                self.text(text, held)?;
                Ok(omitted + (kept.len() - text.len()) as u64)
            }
            None => {
                self.base64(kept, held)?;
                Ok(omitted)
            }
        }
    }

    fn text(&mut self, mut text: &str, held: bool) -> io::Result<()> {
        self.line.with(|to| to.raw(b",\"text\":\""));
        while !text.is_empty() {
            let (piece, rest) = text.split_at(piece_len(text, PIECE));
            self.line.text(piece);
            if !held {
                self.spill()?;
            }
            text = rest;
        }
        self.line.with(|to| to.raw(b"\""));
        Ok(())
    }

    fn base64(&mut self, bytes: &[u8], held: bool) -> io::Result<()> {
        self.line.with(|to| to.raw(b",\"base64\":\""));
        for piece in bytes.chunks(PIECE) {
            self.line.base64(piece);
            if !held {
                self.spill()?;
            }
        }
        self.line.with(|to| to.raw(b"\""));
        Ok(())
    }
}

/// The text, where the bytes are UTF-8. Where a cap `cut` it inside a character, it ends before that one.
fn text_of(bytes: &[u8], cut: bool) -> Option<&str> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) if cut => {
            let error = std::str::from_utf8(bytes).err().filter(|error| error.error_len().is_none())?;
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn written(kept: &[u8], omitted: u64, is_text: bool) -> Value {
        let mut lines = JsonLines::new(Vec::new(), 0);
        lines.line.raw("{\"v\":1");
        lines.payload(&Payload { kept, omitted, is_text, alone_in: None }).expect("a Vec takes it");
        lines.flush().expect("a Vec takes it");
        serde_json::from_slice(&lines.out).expect("JSON")
    }

    #[test]
    fn text_only_where_all_that_is_shown_is_text() {
        assert_eq!(written(b"hi", 0, true), json!({"v": 1, "text": "hi"}));
        assert_eq!(written(b"hi", 0, false), json!({"v": 1, "base64": "aGk="}));
        assert_eq!(written(b"", 0, true), json!({"v": 1, "text": ""}));
        assert_eq!(written(b"h\xc3", 0, true), json!({"v": 1, "base64": "aMM="}));
        assert_eq!(written(b"h\xff", 9, true), json!({"v": 1, "base64": "aP8=", "payload_omitted": 9}));
    }

    #[test]
    fn a_cap_inside_a_character_leaves_it_out() {
        assert_eq!(written(b"h\xe2\x82", 1, true), json!({"v": 1, "text": "h", "payload_omitted": 3}));
        assert_eq!(written(b"", 7, true), json!({"v": 1, "payload_omitted": 7}));
    }

    #[test]
    fn a_long_payload_is_joined_from_its_pieces() {
        let text = "a€".repeat(PIECE);
        assert_eq!(written(text.as_bytes(), 0, true)["text"], *text);
        let base64 = written(text.as_bytes(), 0, false);
        let mut line = super::super::line::Line::default();
        line.base64(text.as_bytes());
        assert_eq!(base64["base64"].as_str().map(str::as_bytes), Some(line.since(0)));
    }
}

//! Payload in a line: as text or in base64, and how much of it a cap left out.

use std::io::{self, Write};

use super::JsonLines;

/// Bytes of payload that are written to a line at once: a multiple of three, so that base64 can be joined.
const PIECE: usize = 48 * 1024;

impl<W: Write> JsonLines<W> {
    /// What is kept of a payload of which `omitted` more bytes came. Neither `text` nor `base64` is written where a
    /// cap left nothing to show.
    ///
    /// It is written piece by piece, so that a line of any length passes through the one buffer.
    pub(super) fn payload(&mut self, kept: &[u8], mut omitted: u64, is_text: bool) -> io::Result<()> {
        if !kept.is_empty() || omitted == 0 {
            match is_text.then(|| text_of(kept, omitted > 0)).flatten() {
                Some(text) => {
                    omitted += (kept.len() - text.len()) as u64;
                    self.text(text)?;
                }
                None => self.base64(kept)?,
            }
        }
        if omitted > 0 {
            self.line.raw(",\"payload_omitted\":");
            self.line.number(omitted);
        }
        Ok(())
    }

    fn text(&mut self, mut text: &str) -> io::Result<()> {
        self.line.raw(",\"text\":\"");
        while !text.is_empty() {
            let (piece, rest) = text.split_at(piece_len(text));
            super::escape::push_escaped(&mut self.line.bytes, piece);
            self.spill()?;
            text = rest;
        }
        self.line.raw("\"");
        Ok(())
    }

    fn base64(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.line.raw(",\"base64\":\"");
        for piece in bytes.chunks(PIECE) {
            self.line.base64(piece);
            self.spill()?;
        }
        self.line.raw("\"");
        Ok(())
    }
}

/// The text, where the bytes are UTF-8. Where a cap `cut` it inside a character, it ends before that one.
fn text_of(bytes: &[u8], cut: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

/// The length of the next piece: it ends where a character does.
fn piece_len(text: &str) -> usize {
    if text.len() <= PIECE {
        return text.len();
    }
    (PIECE - 3..=PIECE).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn written(kept: &[u8], omitted: u64, is_text: bool) -> Value {
        let mut lines = JsonLines::new(Vec::new(), 0);
        lines.line.raw("{\"v\":1");
        lines.payload(kept, omitted, is_text).expect("a Vec takes it");
        lines.line.raw("}");
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
        assert_eq!(base64["base64"].as_str().map(str::as_bytes), Some(&*line.bytes));
    }
}

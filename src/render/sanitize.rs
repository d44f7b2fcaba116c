//! Text that a peer chose, made safe for a terminal.
//!
//! A payload, a header's value or a close reason may hold control characters that move the cursor, set the
//! title or write the clipboard, marks that turn the direction of a line, and characters that cannot be seen.
//! None of them reaches the terminal: each is written as an escape, so that the reader sees that it was there.

use std::fmt::Write;
use std::str::from_utf8;

use super::hex::push_pair;
use crate::wire::character::char_width;
pub use crate::wire::character::is_unsafe;

/// Marks without a width of their own that may stand on one character; what comes behind is escaped.
const MARKS_ON_A_CHARACTER: usize = 4;

/// How text is made safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sanitizer {
    /// Everything outside ASCII is escaped too.
    pub ascii: bool,
}

impl Sanitizer {
    /// Appends the text of `bytes`: `\n`, `\r`, `\t`, `\x1b` for a control character, `\u{202e}` for a
    /// character that cannot be seen, `\xff` for a byte that is no UTF-8.
    #[inline]
    pub fn push(self, out: &mut String, bytes: &[u8]) {
        self.pieces(false).push(out, bytes);
    }

    /// Appends the text of `bytes` in quotation marks, in which `\` and `"` are escaped as well: two different
    /// texts never look the same.
    pub fn push_quoted(self, out: &mut String, bytes: &[u8]) {
        out.push('"');
        self.quoted_pieces().push(out, bytes);
        out.push('"');
    }

    /// What stands between the quotation marks, where it comes in pieces.
    #[must_use]
    pub const fn quoted_pieces(self) -> Pieces {
        self.pieces(true)
    }

    const fn pieces(self, quoted: bool) -> Pieces {
        Pieces { sanitizer: self, quoted, marks: MARKS_ON_A_CHARACTER }
    }

    fn must_escape(self, ch: char, marks: usize) -> bool {
        match ch {
            '"' | '\\' => true,
            ' '..='~' => false,
            _ => (self.ascii && !ch.is_ascii()) || marks > MARKS_ON_A_CHARACTER || is_unsafe(ch),
        }
    }
}

/// A text that comes in pieces, no character of it in two of them, and is made safe as if it came whole.
#[derive(Clone, Copy, Debug)]
pub struct Pieces {
    sanitizer: Sanitizer,
    quoted: bool,
    /// Marks on the last character; at the beginning there is none for them to stand on.
    marks: usize,
}

impl Pieces {
    /// Appends the text of the next piece.
    #[inline]
    pub fn push(&mut self, out: &mut String, bytes: &[u8]) {
        // A whole text is checked many times faster at once than in chunks.
        if let Ok(text) = from_utf8(bytes) {
            return self.push_str(out, text);
        }
        for chunk in bytes.utf8_chunks() {
            self.push_str(out, chunk.valid());
            for byte in chunk.invalid() {
                push_byte_escape(out, *byte);
                self.marks = MARKS_ON_A_CHARACTER;
            }
        }
    }

    fn push_str(&mut self, out: &mut String, text: &str) {
        // What stands before `rest` is written; `at` bytes of `rest` need no escape.
        let (mut rest, mut at) = (text, 0);
        let mut marks = self.marks;
        loop {
            let (before, behind) = rest.split_at(at);
            let clean = clean_prefix(behind.as_bytes(), self.quoted);
            let Some(ch) = behind.get(clean..).and_then(|behind| behind.chars().next()) else {
                self.marks = if clean > 0 { 0 } else { marks };
                return out.push_str(rest);
            };
            at = before.len() + clean;
            marks = if char_width(ch) > 0 {
                0
            } else if clean > 0 {
                1
            } else {
                marks + 1
            };
            if self.sanitizer.must_escape(ch, marks) {
                out.push_str(rest.get(..at).unwrap_or_default());
                push_escape(out, ch);
                rest = rest.get(at + ch.len_utf8()..).unwrap_or_default();
                at = 0;
            } else {
                at += ch.len_utf8();
            }
        }
    }
}

/// How many bytes at the start are printable ASCII, and in quotation marks need no escape.
#[inline]
pub(super) fn clean_prefix(bytes: &[u8], quoted: bool) -> usize {
    let (blocks, rest) = bytes.as_chunks();
    let mut clean = 0;
    for block in blocks {
        let of_block = clean_bytes(block, quoted);
        clean += of_block;
        if of_block < BLOCK {
            return clean;
        }
    }
    // What pads the last one needs an escape.
    let mut last = [0; BLOCK];
    last.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    clean + clean_bytes(&last, quoted)
}

/// Bytes that are looked at together.
const BLOCK: usize = 16;

/// The same of a block. There is no branch within the loop, so that the compiler makes vector instructions of it.
#[inline(always)]
fn clean_bytes(block: &[u8; BLOCK], quoted: bool) -> usize {
    let mut marks = [0; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(block) {
        let escaped = !(b' '..=b'~').contains(byte) | (quoted & matches!(byte, b'"' | b'\\'));
        *mark = if escaped { 0xff } else { 0 };
    }
    u128::from_le_bytes(marks).trailing_zeros() as usize / 8
}

fn push_escape(out: &mut String, ch: char) {
    match ch {
        '"' | '\\' => out.extend(['\\', ch]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\x7f' => push_byte_escape(out, ch as u8),
        // Writing to a String cannot fail.
        _ => _ = write!(out, "\\u{{{:x}}}", ch as u32),
    }
}

fn push_byte_escape(out: &mut String, byte: u8) {
    out.push_str("\\x");
    push_pair(out, byte);
}

/// Writes finished JSON so that it is safe on a terminal: what [`is_unsafe`] becomes `\u` escapes of the same
/// value. (Such a character can only stand inside a string: outside of them JSON is ASCII.)
pub fn push_json(out: &mut String, json: &str) {
    for ch in json.chars() {
        if ch != '\n' && is_unsafe(ch) {
            for unit in ch.encode_utf16(&mut [0; 2]) {
                _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(ch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNICODE: Sanitizer = Sanitizer { ascii: false };

    fn safe(bytes: impl AsRef<[u8]>) -> String {
        let mut out = String::new();
        UNICODE.push(&mut out, bytes.as_ref());
        out
    }

    #[test]
    fn clipboard_by_osc_52() {
        assert_eq!(safe("\x1b]52;c;cm0gLXJmIH4=\x07"), r"\x1b]52;c;cm0gLXJmIH4=\x07");
    }

    #[test]
    fn window_title_by_osc_0() {
        assert_eq!(safe("\x1b]0;root@prod\x1b\\"), r"\x1b]0;root@prod\x1b\");
    }

    #[test]
    fn cursor_and_colours_by_csi() {
        assert_eq!(safe("a\x1b[2J\x1b[31mb"), r"a\x1b[2J\x1b[31mb");
    }

    #[test]
    fn csi_as_an_eight_bit_c1_character() {
        assert_eq!(safe(b"\xc2\x9b2J"), r"\u{9b}2J");
        assert_eq!(safe(b"\x9b2J"), r"\x9b2J", "alone it is no UTF-8");
    }

    #[test]
    fn a_line_overwritten_by_carriage_return_or_backspace() {
        assert_eq!(safe("bad\rgood\x08\x7f"), r"bad\rgood\x08\x7f");
    }

    #[test]
    fn a_forged_line_by_line_ends_of_any_kind() {
        assert_eq!(safe("a\nb\tc\u{85}d\u{2028}e\u{2029}f\x0bg"), r"a\nb\tc\u{85}d\u{2028}e\u{2029}f\x0bg");
    }

    #[test]
    fn text_turned_round_by_bidi_override() {
        assert_eq!(safe("abc\u{202e}gpj.exe"), r"abc\u{202e}gpj.exe");
        assert_eq!(safe("\u{2066}x\u{2069}\u{200f}\u{61c}"), r"\u{2066}x\u{2069}\u{200f}\u{61c}");
    }

    #[test]
    fn text_hidden_by_zero_width_marks() {
        assert_eq!(safe("pay\u{200b}pal\u{200d}\u{feff}\u{ad}"), r"pay\u{200b}pal\u{200d}\u{feff}\u{ad}");
    }

    #[test]
    fn text_smuggled_in_tags_and_variation_selectors() {
        assert_eq!(safe("a\u{e0041}\u{fe0f}\u{e0100}"), r"a\u{e0041}\u{fe0f}\u{e0100}");
    }

    #[test]
    fn a_tower_of_combining_marks() {
        let tower = format!("a{}", "\u{301}".repeat(6));
        assert_eq!(safe(tower), format!(r"a{}\u{{301}}\u{{301}}", "\u{301}".repeat(4)));
        assert_eq!(safe("\u{301}a"), "\\u{301}a", "at the start it would stand on what is before it");
    }

    #[test]
    fn bytes_that_are_no_utf8() {
        assert_eq!(safe(b"ok \xff\xc0\xaf \xed\xa0\x80 \xe2\x82"), r"ok \xff\xc0\xaf \xed\xa0\x80 \xe2\x82");
    }

    #[test]
    fn honest_text_stays_as_it_is() {
        for text in ["", "Hi, from the server!", "κόσμε 日本語 🎉 e\u{301}", "a\\b\"c", "0123456789abcdef~"]
        {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn quotation_cannot_be_left() {
        let mut out = String::new();
        UNICODE.push_quoted(&mut out, br#"say "hi" \n"#);
        assert_eq!(out, r#""say \"hi\" \\n""#);
    }

    #[test]
    fn ascii_alone_escapes_everything_else() {
        let mut out = String::new();
        Sanitizer { ascii: true }.push(&mut out, "naïve 🎉".as_bytes());
        assert_eq!(out, r"na\u{ef}ve \u{1f389}");
    }

    #[test]
    fn json_keeps_its_value() {
        let value = serde_json::json!({ "text": "a\u{7f}\u{9b}\u{202e}\u{e0041}é\n\"" });
        let mut out = String::new();
        push_json(&mut out, &value.to_string());
        assert_eq!(out, r#"{"text":"a\u007f\u009b\u202e\udb40\udc41é\n\""}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&out).expect("still JSON"), value);
    }

    proptest! {
        #[test]
        fn pieces_are_made_safe_as_the_whole(text in "(a|é|日|\u{301}|\u{301}\u{301}\u{301}|\n|\"|\u{202e}){0,40}", cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..4), bad: bool) {
            let mut text = text.into_bytes();
            if bad {
                text.splice(0..0, *b"\xff");
            }
            let starts = |at: &usize| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
            let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).filter(starts).collect();
            ends.push(text.len());
            ends.sort_unstable();
            let (mut whole, mut joined) = (String::new(), String::new());
            UNICODE.quoted_pieces().push(&mut whole, &text);
            let (mut pieces, mut from) = (UNICODE.quoted_pieces(), 0);
            for end in ends {
                pieces.push(&mut joined, &text[std::mem::replace(&mut from, end)..end]);
            }
            prop_assert_eq!(joined, whole);
        }

        #[test]
        fn nothing_unsafe_comes_out(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in any::<String>()) {
            for input in [bytes.as_slice(), text.as_bytes()] {
                prop_assert!(!safe(input).contains(is_unsafe));
                let mut out = String::new();
                Sanitizer { ascii: true }.push_quoted(&mut out, input);
                prop_assert!(out.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
}

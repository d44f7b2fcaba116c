//! UTF-8 in pieces: text may be cut anywhere, even inside a character (RFC 6455 §5.6, §8.1).

use std::str::from_utf8;

/// Checks a text that comes in pieces. At most three bytes of a cut character are held over.
#[derive(Clone, Debug, Default)]
pub struct Utf8Check {
    /// Bytes that came before the next piece.
    seen: u64,
    held: [u8; 3],
    held_len: u8,
    bad: Option<u64>,
}

impl Utf8Check {
    /// Takes the next piece. Nothing changes once a bad byte was found.
    #[inline]
    pub fn feed(&mut self, piece: &[u8]) {
        if self.held_len == 0 && self.bad.is_none() && piece.is_ascii() {
            self.seen += piece.len() as u64;
        } else {
            self.feed_slowly(piece);
        }
    }

    /// The offset of the first byte that belongs to no character, as far as it is known by now.
    #[must_use]
    pub const fn bad_at(&self) -> Option<u64> {
        self.bad
    }

    /// The offset of the first bad byte, when nothing more comes: a cut character is one too.
    #[must_use]
    pub const fn finish(&self) -> Option<u64> {
        match self.bad {
            Some(at) => Some(at),
            None if self.held_len > 0 => Some(self.seen - self.held_len as u64),
            None => None,
        }
    }

    /// Begins anew, for another text.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    fn feed_slowly(&mut self, mut piece: &[u8]) {
        if self.bad.is_some() {
            return;
        }
        while self.held_len > 0 {
            let Some((&byte, rest)) = piece.split_first() else { return };
            piece = rest;
            self.complete_held(byte);
            if self.bad.is_some() {
                return;
            }
        }
        self.check(piece);
    }

    /// Adds a byte to the character that was cut.
    fn complete_held(&mut self, byte: u8) {
        let len = usize::from(self.held_len);
        let mut whole = [0; 4];
        for (to, from) in whole.iter_mut().zip(self.held.iter().take(len).chain([&byte])) {
            *to = *from;
        }
        let start = self.seen - len as u64;
        self.seen += 1;
        match from_utf8(whole.get(..=len).unwrap_or_default()) {
            Ok(_) => self.held_len = 0,
            Err(error) if error.error_len().is_some() => self.bad = Some(start),
            Err(_) => {
                if let Some(slot) = self.held.get_mut(len) {
                    *slot = byte;
                    self.held_len += 1;
                }
            }
        }
    }

    fn check(&mut self, piece: &[u8]) {
        let start = self.seen;
        self.seen += piece.len() as u64;
        if let Err(error) = from_utf8(piece) {
            let good = error.valid_up_to();
            if error.error_len().is_some() {
                self.bad = Some(start + good as u64);
                return;
            }
            for (to, from) in self.held.iter_mut().zip(piece.iter().skip(good)) {
                *to = *from;
                self.held_len += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn in_pieces(bytes: &[u8], cuts: &[usize]) -> Option<u64> {
        let mut check = Utf8Check::default();
        let mut from = 0;
        for cut in cuts.iter().copied().chain([bytes.len()]) {
            let cut = cut.clamp(from, bytes.len());
            check.feed(&bytes[from..cut]);
            from = cut;
        }
        check.finish()
    }

    #[test]
    fn a_character_may_be_cut_anywhere() {
        let text = "κόσμε €𐍈".as_bytes();
        for first in 0..=text.len() {
            for second in first..=text.len() {
                assert_eq!(in_pieces(text, &[first, second]), None);
            }
        }
    }

    #[test]
    fn surrogates_and_overlong_forms_are_bad_at_their_first_byte() {
        assert_eq!(in_pieces(b"ab\xed\xa0\x80", &[3, 4]), Some(2));
        assert_eq!(in_pieces(b"\xc0\xaf", &[1]), Some(0));
        assert_eq!(in_pieces(b"abc\xe2\x82", &[]), Some(3));
    }

    proptest! {
        #[test]
        fn pieces_agree_with_the_whole(bytes in proptest::collection::vec(any::<u8>(), 0..40), cuts in proptest::collection::vec(0usize..40, 0..6)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let whole = from_utf8(&bytes).err().map(|e| e.valid_up_to() as u64);
            prop_assert_eq!(in_pieces(&bytes, &cuts), whole);
        }
    }
}

//! UTF-8 in pieces: text may be cut anywhere, even inside a character (RFC 6455 §5.6, §8.1; RFC 3629 §4).

/// Checks a text that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct Utf8Check {
    /// Bytes that came before the next piece.
    seen: u64,
    /// Where in a character the last piece stopped.
    state: u8,
    /// The offset of that character's first byte.
    start: u64,
    bad: Option<u64>,
}

impl Utf8Check {
    /// Takes the next piece. Nothing changes once a bad byte was found.
    #[inline]
    pub fn feed(&mut self, piece: &[u8]) {
        if self.state == BETWEEN && piece.is_ascii() {
            self.seen += piece.len() as u64;
        } else {
            self.follow(piece);
        }
    }

    /// The offset of the first byte that belongs to no character, as far as it is known by now.
    #[must_use]
    #[inline]
    pub const fn bad_at(&self) -> Option<u64> {
        self.bad
    }

    /// The offset of the first bad byte, when nothing more comes: a cut character is one too.
    #[must_use]
    #[inline]
    pub const fn finish(&self) -> Option<u64> {
        match self.bad {
            None if self.state != BETWEEN => Some(self.start),
            bad => bad,
        }
    }

    /// Begins anew, for another text.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    #[inline(never)]
    fn follow(&mut self, piece: &[u8]) {
        if self.bad.is_some() {
            return;
        }
        let after = self.state_behind(piece);
        if after == BAD {
            self.bad = self.first_bad(piece);
        } else if after != BETWEEN
            && let Some(lead) = piece.iter().rposition(|&byte| byte >= 0xc0)
        {
            self.start = self.seen + lead as u64;
        }
        self.state = after;
        self.seen += piece.len() as u64;
    }

    /// The state behind `piece`. What stands between the characters that are cut at its ends is checked at once.
    fn state_behind(&self, piece: &[u8]) -> u8 {
        let (mut state, mut rest) = (self.state, piece);
        while let (false, Some((&byte, behind))) = (matches!(state, BETWEEN | BAD), rest.split_first()) {
            (state, rest) = (state_in(step(u64::from(state), byte)), behind);
        }
        let (whole, cut) = rest.split_at(rest.len() - cut_off(rest));
        let good = state == BETWEEN && simdutf8::basic::from_utf8(whole).is_ok();
        let end = cut.iter().fold(u64::from(state), |row, &byte| step(row, byte));
        if good || whole.is_empty() { state_in(end) } else { BAD }
    }

    /// Where in `piece`, or before it, the first character begins that is none.
    #[cold]
    fn first_bad(&self, piece: &[u8]) -> Option<u64> {
        let (mut state, mut start) = (self.state, self.start);
        piece.iter().zip(self.seen..).find_map(|(&byte, at)| {
            if state == BETWEEN {
                start = at;
            }
            state = state_in(step(u64::from(state), byte));
            (state == BAD).then_some(start)
        })
    }
}

/// How many bytes at the end are the beginning of a character that goes on behind them, as far as its first byte tells.
fn cut_off(piece: &[u8]) -> usize {
    let last = piece.iter().rev().take(3).zip(1..);
    let lead =
        last.skip_while(|(byte, _)| (0x80..0xc0).contains(*byte)).map(|(byte, here)| (*byte, here)).next();
    match lead {
        Some((0xf0.., here)) if here < 4 => here,
        Some((0xe0..0xf0, here)) if here < 3 => here,
        Some((0xc0..0xe0, 1)) => 1,
        _ => 0,
    }
}

// The states of a reader of UTF-8. Each is the number of a group of six bits in a row of `STEPS`.

/// Between two characters.
const BETWEEN: u8 = 0;
/// A byte came that cannot stand there.
const BAD: u8 = 6;
/// One, two or three more bytes from 80 to bf must come.
const ONE_MORE: u8 = 12;
const TWO_MORE: u8 = 18;
const THREE_MORE: u8 = 24;
/// Behind e0, ed, f0 and f4 the next byte has narrower bounds: nothing longer than it needs to be, no
/// surrogates, nothing above U+10FFFF.
const BEHIND_E0: u8 = 30;
const BEHIND_ED: u8 = 36;
const BEHIND_F0: u8 = 42;
const BEHIND_F4: u8 = 48;
const STATES: [u8; 9] =
    [BETWEEN, BAD, ONE_MORE, TWO_MORE, THREE_MORE, BEHIND_E0, BEHIND_ED, BEHIND_F0, BEHIND_F4];

/// For each byte, the state behind it from every state, six bits each.
///
/// So a step is a look-up that does not wait for the state, and a shift that does: about one cycle a byte,
/// whatever the text, where comparisons would be guessed wrong again and again.
static STEPS: [u64; 256] = steps();

/// The row of the byte, shifted so that the state behind it stands in its lowest six bits.
#[inline]
fn step(before: u64, byte: u8) -> u64 {
    STEPS.get(usize::from(byte)).map_or(0, |row| row >> (before & 63))
}

/// The state in the lowest six bits.
#[inline]
const fn state_in(row: u64) -> u8 {
    row as u8 & 63
}

const fn steps() -> [u64; 256] {
    let mut rows = [0; 256];
    let mut rest: &mut [u64] = &mut rows;
    let mut byte = 0;
    while let Some((row, more)) = rest.split_first_mut() {
        let mut states: &[u8] = &STATES;
        while let Some((&state, more)) = states.split_first() {
            *row |= (behind(state, byte) as u64) << state;
            states = more;
        }
        rest = more;
        byte = byte.wrapping_add(1);
    }
    rows
}

/// The grammar of RFC 3629 §4, byte by byte.
const fn behind(state: u8, byte: u8) -> u8 {
    match (state, byte) {
        (BETWEEN, 0x00..=0x7f) | (ONE_MORE, 0x80..=0xbf) => BETWEEN,
        (BETWEEN, 0xc2..=0xdf)
        | (TWO_MORE, 0x80..=0xbf)
        | (BEHIND_E0, 0xa0..=0xbf)
        | (BEHIND_ED, 0x80..=0x9f) => ONE_MORE,
        (BETWEEN, 0xe1..=0xec | 0xee | 0xef)
        | (THREE_MORE, 0x80..=0xbf)
        | (BEHIND_F0, 0x90..=0xbf)
        | (BEHIND_F4, 0x80..=0x8f) => TWO_MORE,
        (BETWEEN, 0xf1..=0xf3) => THREE_MORE,
        (BETWEEN, 0xe0) => BEHIND_E0,
        (BETWEEN, 0xed) => BEHIND_ED,
        (BETWEEN, 0xf0) => BEHIND_F0,
        (BETWEEN, 0xf4) => BEHIND_F4,
        _ => BAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::from_utf8;

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

    #[test]
    fn every_three_bytes_and_every_start_of_four_agree_with_the_standard_library() {
        let agree = |bytes: &[u8]| {
            let want = from_utf8(bytes).err().map(|e| e.valid_up_to() as u64);
            assert_eq!(in_pieces(bytes, &[]), want, "{bytes:02x?}");
            assert_eq!(in_pieces(bytes, &[1, 2]), want, "{bytes:02x?} in pieces");
        };
        let edges =
            [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff];
        for first in 0..=255 {
            for second in 0..=255 {
                for third in edges {
                    agree(&[first, second, third]);
                    agree(&[first, second, third, 0x80]);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn long_texts_agree_with_one_bad_byte_too(text in "[a-z€é𐍈κ]{0,200}", bad in any::<u8>(), at in 0usize..600, cuts in proptest::collection::vec(0usize..600, 0..4)) {
            let (mut bytes, mut cuts) = (text.into_bytes(), cuts);
            cuts.sort_unstable();
            prop_assert_eq!(in_pieces(&bytes, &cuts), None);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = bad;
            }
            let whole = from_utf8(&bytes).err().map(|e| e.valid_up_to() as u64);
            prop_assert_eq!(in_pieces(&bytes, &cuts), whole);
        }

        #[test]
        fn pieces_agree_with_the_whole(bytes in proptest::collection::vec(any::<u8>(), 0..40), cuts in proptest::collection::vec(0usize..40, 0..6)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let whole = from_utf8(&bytes).err().map(|e| e.valid_up_to() as u64);
            prop_assert_eq!(in_pieces(&bytes, &cuts), whole);
        }
    }
}

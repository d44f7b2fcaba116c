//! From plain bytes to literals and copies (RFC 1951 §4): chains of places that begin with the same three bytes.

use super::symbol::Symbol;

/// The shortest and the longest copy.
const SHORTEST: usize = 3;
const LONGEST: usize = 258;

/// Bits of the hash of three bytes.
const HASH_BITS: u32 = 15;

/// In the place of a position: there is none.
const NOWHERE: u32 = u32::MAX;

/// The symbols for `plain` behind `history`, with copies out of both from at most `window` bytes back. `effort` is how
/// many places are looked at for each copy: with 0 there are only literals.
pub(super) fn symbols(history: &[u8], plain: &[u8], window: usize, effort: usize) -> Vec<Symbol> {
    let history = history.get(history.len().saturating_sub(window)..).unwrap_or_default();
    let all = [history, plain].concat();
    let mut finder = Finder::new(&all, window, effort);
    let mut symbols = Vec::new();
    let mut at = history.len();
    finder.know_until(at);
    while let Some(&byte) = all.get(at) {
        let (symbol, len) = match finder.longest(at) {
            Some((len, distance)) => (Symbol::copy(len as u16, distance as u16), len),
            None => (Symbol::Literal(byte), 1),
        };
        symbols.push(symbol);
        at += len;
        finder.know_until(at);
    }
    symbols
}

struct Finder<'a> {
    all: &'a [u8],
    window: usize,
    effort: usize,
    /// By hash the latest place, and by place the one before it with the same hash.
    latest: Vec<u32>,
    before: Vec<u32>,
}

impl<'a> Finder<'a> {
    fn new(all: &'a [u8], window: usize, effort: usize) -> Self {
        let latest = vec![NOWHERE; 1 << HASH_BITS];
        Self { all, window, effort, latest, before: Vec::with_capacity(all.len()) }
    }

    fn hash(&self, at: usize) -> Option<usize> {
        let three = self.all.get(at..)?.first_chunk::<SHORTEST>()?;
        let number = u32::from_le_bytes([three[0], three[1], three[2], 0]);
        Some((number.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize)
    }

    /// Places before `end` can be copied from.
    fn know_until(&mut self, end: usize) {
        for at in self.before.len()..end {
            let latest = self.hash(at).and_then(|hash| self.latest.get_mut(hash));
            let before = latest.map_or(NOWHERE, |latest| std::mem::replace(latest, at as u32));
            self.before.push(before);
        }
    }

    /// The longest copy for the bytes at this place, and its distance; the nearest of several.
    fn longest(&self, at: usize) -> Option<(usize, usize)> {
        let mut from = self.hash(at).and_then(|hash| self.latest.get(hash)).copied().unwrap_or(NOWHERE);
        let mut best = None;
        for _ in 0..self.effort {
            let place = from as usize;
            if from == NOWHERE || at - place > self.window {
                break;
            }
            let len = self.same(place, at);
            if len >= SHORTEST && best.is_none_or(|(longest, _)| len > longest) {
                best = Some((len, at - place));
            }
            from = self.before.get(place).copied().unwrap_or(NOWHERE);
        }
        best
    }

    /// How many bytes are the same from both places on, up to the longest copy.
    fn same(&self, one: usize, other: usize) -> usize {
        let (one, other) =
            (self.all.get(one..).unwrap_or_default(), self.all.get(other..).unwrap_or_default());
        one.iter().zip(other).take(LONGEST).take_while(|(a, b)| a == b).count()
    }
}

//! Which bytes of a window are unknown: one bit for each.

use std::ops::Range;

use super::window::SIZE;

const WORDS: usize = SIZE / 64;

pub(super) struct Marks([u64; WORDS]);

impl Marks {
    /// Every byte is unknown.
    pub(super) const fn all() -> Self {
        Self([u64::MAX; WORDS])
    }

    pub(super) fn is_set(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn set(&mut self, at: usize, unknown: bool) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word = *word & !(1 << (at % 64)) | u64::from(unknown) << (at % 64);
        }
    }

    /// The bytes in `range` are known.
    pub(super) fn clear(&mut self, range: Range<usize>) {
        let first = range.start / 64;
        for (i, word) in self.0.iter_mut().enumerate().skip(first).take(range.end.div_ceil(64) - first) {
            let (from, to) = (range.start.max(i * 64) - i * 64, range.end.min(i * 64 + 64) - i * 64);
            if from < to {
                *word &= !(u64::MAX >> (64 - (to - from)) << from);
            }
        }
    }

    /// `range` cut into runs of known and of unknown bytes, in order; `true` is unknown.
    pub(super) fn runs(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, bool)> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let (start, unknown) = (at, self.is_set(at));
            while at < range.end && self.is_set(at) == unknown {
                at = (at + self.same_from(at)).min(range.end);
            }
            (start < at).then_some((start..at, unknown))
        })
    }

    /// How many bytes from `at` to the end of its word are as `at` is.
    fn same_from(&self, at: usize) -> usize {
        let word = self.0.get(at / 64).copied().unwrap_or_default() >> (at % 64);
        let same = if word & 1 == 1 { word.trailing_ones() } else { word.trailing_zeros() };
        (same as usize).min(64 - at % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_what_was_marked(known in proptest::collection::vec((0usize..400, 0usize..150), 0..8), set in proptest::collection::vec((0usize..400, any::<bool>()), 0..20), from in 0usize..400) {
            let (mut marks, mut plain) = (Marks::all(), vec![true; 600]);
            for (at, len) in known {
                marks.clear(at..at + len);
                plain[at..at + len].fill(false);
            }
            for (at, unknown) in set {
                marks.set(at, unknown);
                plain[at] = unknown;
            }
            let mut shown = Vec::new();
            let mut last = None;
            for (run, unknown) in marks.runs(from..600) {
                prop_assert!(!run.is_empty() && last != Some(unknown));
                shown.extend(run.map(|_| unknown));
                last = Some(unknown);
            }
            prop_assert_eq!(&shown[..], &plain[from..]);
        }
    }
}

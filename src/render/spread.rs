//! How numbers spread: how many, their least, their most, and about their quantiles, in bounded memory.

use super::narrow::Narrow;

/// Buckets of one power of two. A quantile is told to within a sixteenth of itself.
const STEPS: u64 = 8;

/// Numbers below it have a bucket of their own.
const EXACT: u64 = 2 * STEPS;

/// Numbers that were added.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    sum: u64,
    least: u64,
    most: u64,
    /// The first bucket, and how many fell into it and into those behind; 500 at most, and few where numbers are alike.
    first: u16,
    buckets: Narrow,
}

impl Spread {
    /// Adds a number.
    pub fn add(&mut self, number: u64) {
        self.least = if self.is_empty() { number } else { self.least.min(number) };
        self.most = self.most.max(number);
        self.sum = self.sum.saturating_add(number);
        self.add_to(bucket(number), 1);
    }

    /// Adds all that were added to another.
    pub fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.least = if self.is_empty() { other.least } else { self.least.min(other.least) };
        self.most = self.most.max(other.most);
        self.sum = self.sum.saturating_add(other.sum);
        for (bucket, times) in other.buckets().filter(|(_, times)| *times > 0) {
            self.add_to(bucket, times);
        }
    }

    fn add_to(&mut self, bucket: u16, times: u64) {
        if self.is_empty() {
            self.first = bucket;
        }
        if bucket < self.first {
            self.buckets.grow(usize::from(self.first - bucket), 0);
            self.first = bucket;
        }
        let at = usize::from(bucket - self.first);
        if at >= self.buckets.len() {
            self.buckets.grow(0, at + 1 - self.buckets.len());
        }
        self.buckets.add(at, times);
    }

    /// The buckets from the least number to the greatest, and how many fell into each.
    fn buckets(&self) -> impl Iterator<Item = (u16, u64)> {
        (self.first..).zip(self.buckets.iter())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(0, u64::saturating_add)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.len() == 0
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The least of them; 0 where there is none.
    #[must_use]
    pub const fn least(&self) -> u64 {
        self.least
    }

    /// The greatest of them.
    #[must_use]
    pub const fn most(&self) -> u64 {
        self.most
    }

    /// The number that so many percent of all do not exceed, nearly: 50 asks for the median.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> u64 {
        let rank = u128::from(self.count()) * u128::from(percent.min(100));
        let rank = rank.div_ceil(100).max(1);
        let mut before = 0u128;
        for (bucket, times) in self.buckets() {
            before += u128::from(times);
            if before >= rank {
                let (first, last) = range(bucket);
                return (first + (last - first) / 2).clamp(self.least, self.most);
            }
        }
        self.most
    }

    /// How many numbers have so many binary digits, from those of the least to those of the greatest number: the
    /// greatest number with that many digits, and how many there are.
    #[must_use]
    pub fn by_digits(&self) -> Vec<(u64, u64)> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut rows: Vec<_> = (digits(self.least)..=digits(self.most))
            .map(|digits| (u64::MAX.checked_shr(64 - digits).unwrap_or(0), 0u64))
            .collect();
        for (bucket, times) in self.buckets() {
            let (first, _) = range(bucket);
            let at = digits(first).saturating_sub(digits(self.least)) as usize;
            if let Some((_, count)) = rows.get_mut(at) {
                *count = count.saturating_add(times);
            }
        }
        rows
    }
}

/// How many binary digits a number has; 0 has none.
const fn digits(number: u64) -> u32 {
    64 - number.leading_zeros()
}

/// The bucket of a number.
const fn bucket(number: u64) -> u16 {
    if number < EXACT {
        return number as u16;
    }
    let power = digits(number) - 1;
    let step = (number >> (power - STEPS.ilog2())) - STEPS;
    ((power - STEPS.ilog2()) as u64 * STEPS + STEPS + step) as u16
}

/// The least and the greatest number of a bucket.
const fn range(bucket: u16) -> (u64, u64) {
    let bucket = bucket as u64;
    if bucket < EXACT {
        return (bucket, bucket);
    }
    let shift = bucket / STEPS - 1;
    let first = (STEPS + bucket % STEPS) << shift;
    (first, first + ((1 << shift) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_number_lies_in_its_bucket() {
        let mut power = 1u64;
        for _ in 0..64 {
            for number in [power - 1, power, power + power / 3, power + power / 2, power + (power - 1)] {
                let (first, last) = range(bucket(number));
                assert!(first <= number && number <= last, "{number} in {first} to {last}");
                assert!(last - first <= first / STEPS, "{number} in {first} to {last}");
            }
            power = power.wrapping_mul(2).max(1);
        }
        assert!(bucket(u64::MAX) < 512);
    }

    #[test]
    fn nothing_has_no_spread() {
        let none = Spread::default();
        assert_eq!((none.percentile(50), none.least(), none.most(), none.by_digits()), (0, 0, 0, vec![]));
    }

    #[test]
    fn numbers_by_their_binary_digits() {
        let mut spread = Spread::default();
        [3, 5, 7, 20].into_iter().for_each(|number| spread.add(number));
        assert_eq!(spread.by_digits(), [(3, 1), (7, 2), (15, 0), (31, 1)]);
        spread.add(0);
        assert_eq!(spread.by_digits()[..2], [(0, 1), (1, 0)]);
    }

    proptest! {
        #[test]
        fn quantiles_are_near_the_true_ones(
            mut numbers in proptest::collection::vec((any::<u64>(), 0u32..64).prop_map(|(n, shift)| n >> shift), 1..200),
            percent in 1u64..=100,
            cut in 0usize..200,
        ) {
            let (mut one, mut two) = (Spread::default(), Spread::default());
            for (i, number) in numbers.iter().enumerate() {
                if i < cut { one.add(*number) } else { two.add(*number) }
            }
            one.merge(&two);
            numbers.sort_unstable();
            let rank = (numbers.len() as u64 * percent).div_ceil(100) as usize;
            let (truth, told) = (numbers[rank - 1], one.percentile(percent));
            prop_assert!(truth.abs_diff(told) <= truth / STEPS, "{} for {}", told, truth);
            prop_assert_eq!((one.count(), one.least(), one.most()), (numbers.len() as u64, numbers[0], numbers[numbers.len() - 1]));
            prop_assert_eq!(one.by_digits().iter().map(|(_, count)| count).sum::<u64>(), one.count());
        }
    }
}

//! A row of counters in little room: each takes as many bytes as the greatest of them needs. There are some rows for each
//! connection, and many may be open at once.

/// Counters.
#[derive(Clone, Debug)]
pub(super) enum Narrow {
    One(Box<[u8]>),
    Two(Box<[u16]>),
    Four(Box<[u32]>),
    Eight(Box<[u64]>),
}

impl Default for Narrow {
    fn default() -> Self {
        Self::One(Box::default())
    }
}

impl Narrow {
    /// How many counters there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(cells) => cells.len(),
            Self::Two(cells) => cells.len(),
            Self::Four(cells) => cells.len(),
            Self::Eight(cells) => cells.len(),
        }
    }

    /// What a counter says; 0 where there is none.
    pub(super) fn get(&self, at: usize) -> u64 {
        match self {
            Self::One(cells) => cells.get(at).copied().map(u64::from),
            Self::Two(cells) => cells.get(at).copied().map(u64::from),
            Self::Four(cells) => cells.get(at).copied().map(u64::from),
            Self::Eight(cells) => cells.get(at).copied(),
        }
        .unwrap_or_default()
    }

    /// What each of them says.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Adds so many to a counter, as far as a number goes.
    pub(super) fn add(&mut self, at: usize, more: u64) {
        while !match self {
            Self::One(cells) => add(cells, at, more),
            Self::Two(cells) => add(cells, at, more),
            Self::Four(cells) => add(cells, at, more),
            Self::Eight(cells) => add(cells, at, more),
        } {
            self.widen();
        }
    }

    /// Puts so many counters of 0 before and behind those that there are.
    pub(super) fn grow(&mut self, before: usize, behind: usize) {
        match self {
            Self::One(cells) => grow(cells, before, behind),
            Self::Two(cells) => grow(cells, before, behind),
            Self::Four(cells) => grow(cells, before, behind),
            Self::Eight(cells) => grow(cells, before, behind),
        }
    }

    fn widen(&mut self) {
        *self = match self {
            Self::One(cells) => Self::Two(cells.iter().copied().map(u16::from).collect()),
            Self::Two(cells) => Self::Four(cells.iter().copied().map(u32::from).collect()),
            Self::Four(cells) => Self::Eight(cells.iter().copied().map(u64::from).collect()),
            Self::Eight(cells) => Self::Eight(std::mem::take(cells)),
        }
    }
}

/// Adds to a counter; false where the sum has no room in it.
fn add<T: Copy + Into<u64> + TryFrom<u64>>(cells: &mut [T], at: usize, more: u64) -> bool {
    let Some(cell) = cells.get_mut(at) else { return true };
    let sum: u64 = (*cell).into();
    T::try_from(sum.saturating_add(more)).map(|sum| *cell = sum).is_ok()
}

fn grow<T: Copy + Default>(cells: &mut Box<[T]>, before: usize, behind: usize) {
    let zeros = |count| std::iter::repeat_n(T::default(), count);
    *cells = zeros(before).chain(cells.iter().copied()).chain(zeros(behind)).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_with_their_numbers_and_keep_them() {
        let mut cells = Narrow::default();
        cells.grow(0, 2);
        let mut sums = [0u64; 5];
        for (before, more) in [(0, 255), (1, 1), (1, 70_000), (0, 5_000_000_000), (0, u64::MAX)] {
            cells.grow(before, 0);
            sums.rotate_right(before);
            cells.add(0, more);
            sums[0] = sums[0].saturating_add(more);
            cells.add(1, 3);
            sums[1] += 3;
            assert!(cells.iter().eq(sums[..cells.len()].iter().copied()), "{cells:?}, {sums:?}");
        }
        cells.add(9, 1);
        assert_eq!((cells.len(), cells.get(0), cells.get(9)), (4, u64::MAX, 0));
    }

    #[test]
    fn few_numbers_take_little_room() {
        let mut cells = Narrow::default();
        cells.grow(0, 500);
        (0..500).for_each(|at| cells.add(at, 200));
        assert!(matches!(&cells, Narrow::One(_)));
        assert!(size_of::<Narrow>() <= 24);
    }
}

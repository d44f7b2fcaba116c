//! The lengths of the shortest codes for symbols that come so and so often (Huffman's algorithm).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Code lengths of at most `most` bits for symbols that come `counts` times: a complete code, in which a lone symbol
/// shares one bit with one that never comes. No lengths where no symbol comes.
pub(super) fn lengths(counts: &[u32], most: u8) -> Vec<u8> {
    let mut counts = counts.to_vec();
    let used = counts.iter().filter(|count| **count > 0).count();
    if used == 0 {
        return vec![0; counts.len()];
    }
    if used == 1
        && let Some(other) = counts.iter_mut().find(|count| **count == 0)
    {
        *other = 1;
    }
    loop {
        let lengths = free_lengths(&counts);
        if lengths.iter().all(|length| *length <= most) {
            return lengths;
        }
        // What comes seldom gets a longer code the more counts differ: make them more alike, and try again.
        counts.iter_mut().filter(|count| **count > 0).for_each(|count| *count = *count / 2 + 1);
    }
}

/// The lengths, however long they get.
fn free_lengths(counts: &[u32]) -> Vec<u8> {
    let used = (0..counts.len()).filter(|symbol| counts.get(*symbol).is_some_and(|count| *count > 0));
    let mut heap: BinaryHeap<_> = used
        .map(|symbol| Reverse((u64::from(counts.get(symbol).copied().unwrap_or_default()), symbol)))
        .collect();
    // Nodes above the symbols: each is the parent of two.
    let mut parents = vec![usize::MAX; counts.len()];
    while let Some(Reverse((count, node))) = heap.pop() {
        let Some(Reverse((other_count, other))) = heap.pop() else { break };
        let parent = parents.len();
        parents.push(usize::MAX);
        for child in [node, other] {
            if let Some(slot) = parents.get_mut(child) {
                *slot = parent;
            }
        }
        heap.push(Reverse((count + other_count, parent)));
    }
    let mut depths = vec![0u8; parents.len()];
    for node in (0..parents.len()).rev() {
        let above = parents.get(node).and_then(|parent| depths.get(*parent)).copied();
        if let (Some(above), Some(depth)) = (above, depths.get_mut(node)) {
            *depth = above.saturating_add(1);
        }
    }
    depths.truncate(counts.len());
    depths
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How much of all bit strings the codes take, in units of 2^-15.
    fn taken(lengths: &[u8]) -> u32 {
        lengths.iter().filter(|length| **length > 0).map(|length| 1 << (15 - length)).sum()
    }

    #[test]
    fn what_comes_often_is_short() {
        assert_eq!(lengths(&[5, 1, 0, 1], 15), [1, 2, 0, 2]);
        assert_eq!(lengths(&[0, 7, 0], 15), [1, 1, 0]);
        assert_eq!(lengths(&[0, 0], 15), [0, 0]);
    }

    proptest! {
        #[test]
        fn the_code_is_complete_and_no_longer_than_asked(exponents in proptest::collection::vec(0u32..31, 2..30), most in 5u8..16) {
            let counts: Vec<u32> = exponents.iter().map(|e| (1 << e) >> 1).collect();
            let lengths = lengths(&counts, most);
            prop_assert!(lengths.iter().all(|length| *length <= most));
            prop_assert!(counts.iter().zip(&lengths).all(|(count, length)| *count == 0 || *length > 0));
            if counts.iter().any(|count| *count > 0) {
                prop_assert_eq!(taken(&lengths), 1 << 15);
            }
        }
    }
}

//! Numbers from 1, chosen as a list of ranges: `3`, `3-7`, `3-`, `-7`, `1,4-6`.

/// Chosen numbers: ranges, each with its first and last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    /// Reads ranges between commas; both ends belong to a range.
    ///
    /// # Errors
    /// A sentence about what is no range.
    pub fn parse(list: &str) -> Result<Self, String> {
        list.split(',').map(|range| parse_range(range.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the number is chosen.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.0.iter().any(|&(first, last)| (first..=last).contains(&number))
    }
}

fn parse_range(range: &str) -> Result<(u64, u64), String> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let end = |text: &str, open: u64| match text.trim() {
        "" => Some(open),
        digits => digits.parse().ok(),
    };
    match (end(first, 1), end(last, u64::MAX)) {
        _ if first.is_empty() && last.is_empty() => Err(no_range(range)),
        (None, _) | (_, None) => Err(no_range(range)),
        (Some(0), _) | (_, Some(0)) => Err(format!("{range:?} asks for number 0, but they count from 1")),
        (Some(first), Some(last)) if first > last => {
            Err(format!("{range:?} ends before it begins; write {last}-{first}"))
        }
        (Some(first), Some(last)) => Ok((first, last)),
    }
}

fn no_range(range: &str) -> String {
    format!("{range:?} is no number and no range; write 3, 3-7, 3-, -7 or several between commas")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_both_their_ends() {
        for (list, inside, outside) in [
            ("3-7", vec![3, 5, 7], vec![2, 8]),
            ("3", vec![3], vec![2, 4]),
            ("3-", vec![3, u64::MAX], vec![2]),
            ("-7", vec![1, 7], vec![8]),
            ("1, 4-5", vec![1, 4, 5], vec![2, 3, 6]),
        ] {
            let numbers = Numbers::parse(list).expect(list);
            assert!(inside.iter().all(|&n| numbers.contains(n)), "{list}");
            assert!(!outside.iter().any(|&n| numbers.contains(n)), "{list}");
        }
    }

    #[test]
    fn what_is_no_range_is_said() {
        for (list, sentence) in [
            ("", "is no number"),
            ("-", "is no number"),
            ("a", "is no number"),
            ("1-2-3", "is no number"),
            ("1,", "is no number"),
            ("99999999999999999999", "is no number"),
            ("0-3", "count from 1"),
            ("7-3", "write 3-7"),
        ] {
            let said = Numbers::parse(list).expect_err(list);
            assert!(said.contains(sentence), "{list}: {said}");
        }
    }
}

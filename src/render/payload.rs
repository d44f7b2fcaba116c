//! How much of each payload is shown.

use std::str::FromStr;

/// The most bytes of one payload that are ever kept: 64 MiB.
pub const MOST_KEPT: usize = 64 << 20;

/// How much of each payload is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadShown {
    /// Only that it is there, and how long it is.
    None,
    /// Its first bytes, that many.
    First(u64),
    /// All of it, up to [`MOST_KEPT`].
    All,
}

impl Default for PayloadShown {
    /// What a reader takes in: 256 bytes.
    fn default() -> Self {
        Self::First(256)
    }
}

impl PayloadShown {
    /// How many bytes of a payload must be kept for it.
    #[must_use]
    pub fn cap(self) -> usize {
        match self {
            Self::None => 0,
            Self::First(most) => usize::try_from(most).unwrap_or(MOST_KEPT).min(MOST_KEPT),
            Self::All => MOST_KEPT,
        }
    }
}

impl FromStr for PayloadShown {
    type Err = String;

    /// Reads `none`, `all` or a number of bytes.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "all" => Ok(Self::All),
            _ => text.parse().map(Self::First).map_err(|_| "give none, all or a number of bytes".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_none_all_or_a_number() {
        assert_eq!("none".parse(), Ok(PayloadShown::None));
        assert_eq!("all".parse(), Ok(PayloadShown::All));
        assert_eq!("12".parse(), Ok(PayloadShown::First(12)));
        assert!("-1".parse::<PayloadShown>().is_err());
        assert!("some".parse::<PayloadShown>().is_err());
    }

    #[test]
    fn no_more_is_kept_than_the_limit() {
        assert_eq!(PayloadShown::None.cap(), 0);
        assert_eq!(PayloadShown::default().cap(), 256);
        assert_eq!(PayloadShown::First(u64::MAX).cap(), MOST_KEPT);
    }
}

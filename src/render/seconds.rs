//! Seconds as the JSON lines write them.

/// Nanoseconds as seconds with nine decimals.
pub(super) fn seconds(nanos: u64) -> String {
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_always_nine_decimals() {
        assert_eq!(seconds(1_000_000_001), "1.000000001");
        assert_eq!(seconds(0), "0.000000000");
    }
}

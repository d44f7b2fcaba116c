//! Numbers in sentences: `1 packet`, `1,204 packets`.

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// That many of something whose plural ends in s.
pub(super) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_groups_and_a_plural() {
        assert_eq!(counted(1, "packet"), "1 packet");
        assert_eq!(counted(999, "packet"), "999 packets");
        assert_eq!(counted(1204, "packet"), "1,204 packets");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }
}

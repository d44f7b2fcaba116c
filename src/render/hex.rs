//! Bytes as pairs of hex digits with a space between.

use std::sync::LazyLock;

/// Pairs in a line of 80 columns.
pub const PAIRS_IN_A_LINE: usize = 26;

/// `00 01 02` and so on to `ff `: the text of each byte is cut out of it rather than computed.
static ALL: LazyLock<String> = LazyLock::new(|| (0..=u8::MAX).map(|byte| format!("{byte:02x} ")).collect());

/// Appends the pairs.
pub fn push_pairs(out: &mut String, bytes: &[u8]) {
    out.reserve(3 * bytes.len());
    let all = ALL.as_str();
    for byte in bytes {
        out.push_str(with_space(all, *byte));
    }
    if !bytes.is_empty() {
        out.pop();
    }
}

/// Appends the two digits of one byte.
#[inline]
pub fn push_pair(out: &mut String, byte: u8) {
    out.push_str(with_space(&ALL, byte).trim_ascii_end());
}

/// The pairs.
#[must_use]
pub fn pairs(bytes: &[u8]) -> String {
    let mut out = String::new();
    push_pairs(&mut out, bytes);
    out
}

#[inline]
fn with_space(all: &str, byte: u8) -> &str {
    let at = 3 * usize::from(byte);
    all.get(at..at + 3).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_pair() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(pairs(&all).replace(' ', ""), hex::encode(&all));
        assert_eq!(pairs(&[0x81, 0x05, 0xf0]), "81 05 f0");
        assert_eq!(pairs(&[]), "");
        assert!(pairs(&all[..PAIRS_IN_A_LINE]).len() < 80);
        let mut out = String::new();
        push_pair(&mut out, 0x0a);
        assert_eq!(out, "0a");
    }
}

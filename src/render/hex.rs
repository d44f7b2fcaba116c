//! Bytes as pairs of hex digits with a space between.

/// Pairs in a line of 80 columns.
pub const PAIRS_IN_A_LINE: usize = 26;

/// Appends the pairs.
pub fn push_pairs(out: &mut String, bytes: &[u8]) {
    out.reserve(3 * bytes.len());
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.extend([digit(byte >> 4), digit(byte & 0xf)]);
    }
}

/// The pairs.
#[must_use]
pub fn pairs(bytes: &[u8]) -> String {
    let mut out = String::new();
    push_pairs(&mut out, bytes);
    out
}

fn digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 })
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
    }
}

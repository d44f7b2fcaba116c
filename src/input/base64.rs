//! Base64 (RFC 4648 §4, and §5 for its URL-safe letters), over several lines, with padding or without.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::dump::Dump;
use super::error::Fault;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads the bytes of `text`; behind padding another text may begin.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut letters = Vec::with_capacity(text.len());
    let mut padded = false;
    for (at, &letter) in text.iter().enumerate() {
        match letter {
            b'=' if !letters.is_empty() => padded = true,
            letter if letter.is_ascii_whitespace() || matches!(letter, b'"' | b'\'') => {}
            letter if is_letter(letter) => {
                if std::mem::take(&mut padded) {
                    decode(&mut letters, &mut bytes, at)?;
                }
                letters.push(standard(letter));
            }
            _ => {
                let c = String::from_utf8_lossy(text.get(at..text.len().min(at + 4)).unwrap_or_default())
                    .chars()
                    .next();
                return Err(Fault::new(at, format!("{:?} is no letter of base64", c.unwrap_or('?'))));
            }
        }
    }
    decode(&mut letters, &mut bytes, text.trim_ascii_end().len())?;
    Ok(Dump::unmarked(bytes))
}

/// Decodes the letters so far.
fn decode(letters: &mut Vec<u8>, bytes: &mut Vec<u8>, end: usize) -> Result<(), Fault> {
    ENGINE
        .decode_vec(&*letters, bytes)
        .map_err(|_| Fault::new(end, "this base64 stops within a byte: its last letters are missing"))?;
    letters.clear();
    Ok(())
}

/// Whether it is one of the 64, or of their URL-safe forms.
pub(super) const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

const fn standard(letter: u8) -> u8 {
    match letter {
        b'-' => b'+',
        b'_' => b'/',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::testing::{bytes, error, read_as, sniffed};
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};
    use proptest::prelude::*;

    #[test]
    fn several_texts_are_joined() {
        let (seen, _) = read_as(Some(Format::Base64), None, b"gQVI\nZWxsbw==\nggA=").unwrap();
        assert_eq!(seen.all(), b"\x81\x05Hello\x82\x00");
        let (seen, format) = sniffed("\"gQVIZWxsbw==\"");
        assert_eq!((seen.all(), format), (b"\x81\x05Hello".to_vec(), Format::Base64));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let of = |text| error(Format::Base64, text);
        assert!(of("gQVI\nZW!x").starts_with("dump.txt:2:3: '!' is no letter of base64"));
        assert!(of("gQVIZ\n").starts_with("dump.txt:1:6: this base64 stops within a byte"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(bytes in bytes(12..300), style in 0..3, width in 4usize..77) {
            let text = match style {
                0 => BASE64_STANDARD.encode(&bytes),
                1 => BASE64_STANDARD_NO_PAD.encode(&bytes),
                _ => BASE64_URL_SAFE.encode(&bytes),
            };
            let text: Vec<&str> = text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let text = text.join("\n");
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Base64, "{}", text);
            prop_assert_eq!(seen.all(), bytes, "{}", text);
        }
    }
}

//! Halves of surrogate pairs in the strings of JSON. A program that cuts a text between the halves of a character writes one
//! alone, as `"\ud83d"`, and no text has that; so U+FFFD is read in its place, as browsers show it, and it is said.

use super::counted::grouped;

/// The longest escape: of both halves.
pub(super) const LONGEST: usize = 12;

/// What halves stood alone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Alone {
    count: u64,
    /// Line and column of the first.
    first: Option<(u64, u64)>,
}

impl Alone {
    /// One stood here.
    pub(super) fn add(&mut self, line: u64, column: u64) {
        self.count += 1;
        self.first.get_or_insert((line, column));
    }

    /// All of it in a sentence, if there is something to say.
    pub(super) fn says(&self) -> Option<String> {
        let (line, column) = self.first?;
        let stand = match self.count {
            1 => "half a surrogate pair stands alone, and is".to_owned(),
            many => format!("{} halves of surrogate pairs stand alone, and are", grouped(many)),
        };
        Some(format!(
            "{stand} no text: read as U+FFFD, so the bytes that were sent are others (first at {line}:{column})"
        ))
    }
}

/// The escape with which a text begins: how long it is, both halves of a pair together, and whether it was half of one alone.
/// Then U+FFFD stands there now.
pub(super) fn mend(text: &mut [u8]) -> (usize, bool) {
    match (unit(text), text.get(6..).and_then(unit)) {
        (None, _) => (2, false),
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (LONGEST, false),
        (Some(0xd800..=0xdfff), _) => {
            if let Some(digits) = text.get_mut(2..6) {
                digits.copy_from_slice(b"fffd");
            }
            (6, true)
        }
        (Some(_), _) => (6, false),
    }
}

/// The unit of UTF-16 that an escape at the beginning of a text stands for.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_alone_are_mended_and_nothing_else() {
        for (text, len, mended) in [
            (r"\ud83d\ude00x", 12, None),
            (r"\uD83D\uDE00", 12, None),
            (r"\ud83d", 6, Some(r"\ufffd")),
            (r"\ud83d\ud83d\ude00", 6, Some(r"\ufffd\ud83d\ude00")),
            (r"\ude00\ud83d", 6, Some(r"\ufffd\ud83d")),
            (r"\ud83d\n", 6, Some(r"\ufffd\n")),
            (r"\ud83d\u+e00", 6, Some(r"\ufffd\u+e00")),
            (r"\ud7ff", 6, None),
            (r"\ue000", 6, None),
            (r"\u00e9", 6, None),
            (r"\u+fff", 2, None),
            (r"\ud83", 2, None),
            (r"\\ud83d", 2, None),
            (r"\", 2, None),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            assert_eq!(mend(&mut bytes), (len, mended.is_some()), "{text}");
            assert_eq!(bytes, mended.unwrap_or(text).as_bytes());
        }
    }
}

//! How wide a text is on a terminal, and where its lines break.

pub use crate::wire::character::char_width;

/// The columns of a text without control characters.
///
/// Every character counts for itself, as terminals do that know no grapheme clusters: so the widths of two
/// pieces add up to that of the whole.
#[must_use]
#[inline]
pub fn display_width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char_width).sum() }
}

/// Whether all of these bytes are printable ASCII: of a column each.
#[must_use]
#[inline]
pub fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, byte| all & (b' '..=b'~').contains(byte))
}

/// Breaks a text into lines of at most `width` columns: at spaces where it can, hard where it cannot.
///
/// No line begins or ends with a space; an empty text has no line.
#[must_use]
pub fn lines(text: &str, width: usize) -> Lines<'_> {
    // A wide character must fit, or there would be no end.
    Lines { rest: text.trim_matches(' '), width: width.max(2) }
}

/// The lines of a text; see [`lines`].
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a str,
    width: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_at(self.break_at());
        self.rest = rest.trim_start_matches(' ');
        Some(line.trim_end_matches(' '))
    }
}

impl Lines<'_> {
    /// Where the next line ends: at the last space that leaves it short enough, if there is any.
    fn break_at(&self) -> usize {
        // No character takes more columns than bytes.
        let Some(front) = self.rest.as_bytes().get(..=self.width) else { return self.rest.len() };
        if is_printable(front) {
            return front.iter().rposition(|byte| *byte == b' ').unwrap_or(self.width);
        }
        let mut used = 0;
        let mut space = None;
        for (at, ch) in self.rest.char_indices() {
            used += char_width(ch);
            if ch == ' ' {
                space = Some(at);
            } else if used > self.width {
                return space.unwrap_or(at);
            }
        }
        self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn broken(text: &str, width: usize) -> Vec<&str> {
        lines(text, width).collect()
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("one two three", 6), ["one", "two", "three"]);
        assert_eq!(broken("one   two", 4), ["one", "two"]);
        assert_eq!(broken("fits", 4), ["fits"]);
        assert_eq!(broken("  one", 4), ["one"]);
        assert_eq!(broken("  ", 4), Vec::<&str>::new());
    }

    #[test]
    fn what_cannot_break_is_broken_hard() {
        assert_eq!(broken("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(broken("日本語", 5), ["日本", "語"]);
        assert_eq!(broken("日本語", 1), ["日", "本", "語"]);
    }

    #[test]
    fn no_character_takes_more_columns_than_bytes() {
        assert!(('\0'..=char::MAX).all(|ch| char_width(ch) <= ch.len_utf8()));
    }

    /// The lines, character by character.
    fn slowly(text: &str, width: usize) -> Vec<String> {
        let (mut lines, mut rest) = (Vec::new(), text.trim_matches(' '));
        while !rest.is_empty() {
            let (mut used, mut space, mut end) = (0, None, rest.len());
            for (at, ch) in rest.char_indices() {
                used += char_width(ch);
                if ch == ' ' {
                    space = Some(at);
                } else if used > width {
                    end = space.unwrap_or(at);
                    break;
                }
            }
            lines.push(rest[..end].trim_end_matches(' ').to_owned());
            rest = rest[end..].trim_start_matches(' ');
        }
        lines
    }

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        assert_eq!(display_width("日本"), 4);
        assert_eq!(display_width("e\u{301}"), 1);
        assert_eq!(display_width("§–…✓→"), 5);
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_word_is_lost(text in "([a-z日\u{301} ]{0,60}|[a-z ]{0,60})", width in 2usize..20) {
            let lines = broken(&text, width);
            prop_assert!(lines.iter().all(|line| display_width(line) <= width && !line.is_empty()));
            prop_assert_eq!(&lines, &slowly(&text, width));
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}

//! What a terminal does with a character: how many columns it takes, and whether it may mislead the reader.

use unicode_width::UnicodeWidthChar;

/// The columns of one character: 0 for marks that stand on another, 2 for wide ones such as 日.
#[must_use]
#[inline]
pub fn char_width(ch: char) -> usize {
    if matches!(ch, ' '..='~') { 1 } else { ch.width().unwrap_or(0) }
}

/// Whether a character could mislead a terminal or its reader: control characters (C0, DEL, C1), marks that
/// turn the direction of text, line separators, and everything that takes part in text without being seen.
#[must_use]
pub const fn is_unsafe(ch: char) -> bool {
    matches!(ch,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'      // C0, DEL, C1
        | '\u{ad}' | '\u{34f}' | '\u{61c}'     // soft hyphen, grapheme joiner, Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' // Khmer inherent vowels, Mongolian selectors
        | '\u{200b}'..='\u{200f}'              // zero-width space, joiners, direction marks
        | '\u{2028}'..='\u{202e}'              // separators of lines and paragraphs, bidi embeddings
        | '\u{2060}'..='\u{206f}'              // word joiner, bidi isolates, invisible operators
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' // variation selectors, byte order mark
        | '\u{fff0}'..='\u{fffb}'              // interlinear annotations
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' // shorthand and musical controls
        | '\u{e0000}'..='\u{e0fff}') // tags, more variation selectors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_cannot_be_seen_is_unsafe() {
        for ch in
            "\0\x1b\x7f\u{9b}\u{ad}\u{34f}\u{115f}\u{202e}\u{2066}\u{200d}\u{feff}\u{fe0f}\u{e0041}".chars()
        {
            assert!(is_unsafe(ch), "{ch:?}");
        }
        assert!(!" ~é日🎉\u{301}\u{fffd}".chars().any(is_unsafe));
    }

    #[test]
    fn a_mark_takes_no_column_and_a_wide_character_two() {
        assert_eq!(['a', '日', '\u{301}', '§', '\x1b'].map(char_width), [1, 2, 0, 1, 0]);
    }
}

//! The marks and lines of the views, each in Unicode and in plain ASCII.

use std::borrow::Cow;

/// A mark that has no place in ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Good,
    /// Breaks a rule, at this very place.
    Bad,
    /// From the client to the server.
    Right,
    /// From the server to the client.
    Left,
    /// A horizontal line.
    Dash,
    /// A vertical line.
    Bar,
    /// The left end of a brace below a text.
    BraceLeft,
    /// The right end of a brace below a text.
    BraceRight,
    /// The upper end of a bracket at the right of some lines.
    BracketTop,
    /// The middle of a line: something joins it from the right.
    Branch,
    /// The lower end of a bracket at the right of some lines.
    BracketBottom,
    /// The lower end of a line that points to the text at its right.
    Elbow,
    /// The upper end of a line that comes from the right.
    ElbowTop,
    /// Before the number of a section.
    Section,
    /// From one number to another.
    Range,
    /// A break in a sentence.
    Break,
    /// Something was left out.
    Ellipsis,
    /// A small dot between things, or in the place of a byte that is no text.
    Dot,
    /// Multiplication.
    Times,
}

impl Mark {
    /// All marks.
    pub const ALL: [Self; 19] = [
        Self::Good,
        Self::Bad,
        Self::Right,
        Self::Left,
        Self::Dash,
        Self::Bar,
        Self::BraceLeft,
        Self::BraceRight,
        Self::BracketTop,
        Self::Branch,
        Self::BracketBottom,
        Self::Elbow,
        Self::ElbowTop,
        Self::Section,
        Self::Range,
        Self::Break,
        Self::Ellipsis,
        Self::Dot,
        Self::Times,
    ];

    /// The mark in Unicode, and its plain form.
    ///
    /// Marks of the grid are one column wide in both. `>` and `<` are those of our transcripts.
    #[must_use]
    pub const fn forms(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("✓", "+"),
            Self::Bad => ("✗", "x"),
            Self::Right => ("→", ">"),
            Self::Left => ("←", "<"),
            Self::Dash => ("─", "-"),
            Self::Bar => ("│", "|"),
            Self::BraceLeft => ("└", "`"),
            Self::BraceRight => ("┘", "'"),
            Self::BracketTop => ("╮", "."),
            Self::Branch => ("├", "+"),
            Self::BracketBottom => ("╯", "'"),
            Self::Elbow => ("╰", "`"),
            Self::ElbowTop => ("╭", ","),
            Self::Section => ("§", "s."),
            Self::Range => ("–", "-"),
            Self::Break => ("—", "--"),
            Self::Ellipsis => ("…", "..."),
            Self::Dot => ("·", "."),
            Self::Times => ("×", "x"),
        }
    }
}

/// Which of the two forms of each mark is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    ascii: bool,
}

impl Glyphs {
    /// Unicode, or ASCII alone.
    #[must_use]
    pub const fn new(ascii: bool) -> Self {
        Self { ascii }
    }

    /// Whether only ASCII is written.
    #[must_use]
    pub const fn ascii(self) -> bool {
        self.ascii
    }

    /// A mark in the form that can be shown.
    #[must_use]
    #[inline]
    pub const fn mark(self, mark: Mark) -> &'static str {
        let (unicode, ascii) = mark.forms();
        if self.ascii { ascii } else { unicode }
    }

    /// Our own text with each mark in the form that can be shown.
    #[must_use]
    #[inline]
    pub fn say(self, text: &str) -> Cow<'_, str> {
        if !self.ascii || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(in_ascii(text))
    }
}

/// A text with each mark in its plain form.
fn in_ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for ch in text.chars() {
        if ch.is_ascii() { plain.push(ch) } else { plain.push_str(plain_form(ch)) }
    }
    plain
}

fn plain_form(ch: char) -> &'static str {
    let is_it = |unicode: &str| unicode.chars().eq([ch]);
    Mark::ALL.into_iter().map(Mark::forms).find(|(unicode, _)| is_it(unicode)).map_or("?", |(_, ascii)| ascii)
}

/// A bar's last cell, by how many eighths of it are filled.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/// Nothing, and eight levels, in both forms.
const LEVELS: [(&str, &str); 9] = [
    (" ", " "),
    ("▁", "."),
    ("▂", ":"),
    ("▃", "-"),
    ("▄", "="),
    ("▅", "+"),
    ("▆", "*"),
    ("▇", "%"),
    ("█", "#"),
];

impl Glyphs {
    /// A bar so many eighths of a column long.
    #[must_use]
    pub fn bar(self, eighths: usize) -> String {
        if self.ascii {
            return "#".repeat(eighths.div_ceil(8));
        }
        let mut bar = "█".repeat(eighths / 8);
        bar.push_str(EIGHTHS.get(eighths % 8).copied().unwrap_or_default());
        bar
    }

    /// A column that is as high as `value` of `most`; only nothing has no height.
    #[must_use]
    pub fn level(self, value: u64, most: u64) -> &'static str {
        let level = (u128::from(value) * 8).div_ceil(u128::from(most.max(1))).min(8) as usize;
        let (unicode, ascii) = LEVELS.get(level).copied().unwrap_or_default();
        if self.ascii { ascii } else { unicode }
    }
}

/// The variables of the environment that name the character set, as in POSIX.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocaleEnv<'a> {
    /// `LC_ALL`, which beats the others.
    pub lc_all: Option<&'a str>,
    /// `LC_CTYPE`.
    pub lc_ctype: Option<&'a str>,
    /// `LANG`.
    pub lang: Option<&'a str>,
}

/// Whether the locale cannot show Unicode: it is `C` or `POSIX`, or names another character set.
///
/// Nothing set at all is taken as Unicode: containers set no locale, and the terminals around them are UTF-8.
#[must_use]
pub fn locale_is_ascii(env: LocaleEnv<'_>) -> bool {
    let first = [env.lc_all, env.lc_ctype, env.lang].into_iter().flatten().find(|value| !value.is_empty());
    let Some(locale) = first else { return false };
    let without_variant = locale.split('@').next().unwrap_or(locale);
    match without_variant.split_once('.') {
        Some((_, charset)) => !["utf-8", "utf8"].iter().any(|utf8| charset.eq_ignore_ascii_case(utf8)),
        None => matches!(without_variant, "C" | "POSIX"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::wrap::display_width;

    #[test]
    fn every_plain_form_is_ascii_and_marks_of_the_grid_keep_their_column() {
        for mark in Mark::ALL {
            let (unicode, ascii) = mark.forms();
            assert!(ascii.is_ascii() && !unicode.is_ascii(), "{mark:?}");
            assert_eq!(display_width(unicode), 1, "{mark:?}");
            if !matches!(mark, Mark::Section | Mark::Break | Mark::Ellipsis) {
                assert_eq!(ascii.len(), 1, "{mark:?}");
            }
        }
    }

    #[test]
    fn bars_and_levels_grow_with_what_they_show() {
        let (plain, ascii) = (Glyphs::new(false), Glyphs::new(true));
        assert_eq!((plain.bar(0), plain.bar(3), plain.bar(17)), ("".into(), "▍".into(), "██▏".into()));
        assert_eq!((ascii.bar(0), ascii.bar(3), ascii.bar(17)), ("".into(), "#".into(), "###".into()));
        let line = |glyphs: Glyphs| [0, 1, 50, 99, 100].map(|value| glyphs.level(value, 100)).concat();
        assert_eq!((line(plain), line(ascii)), (" ▁▄██".into(), " .=##".into()));
        assert_eq!(plain.level(u64::MAX, u64::MAX), "█");
        assert!(LEVELS.iter().chain(&[]).all(|(one, other)| display_width(one) == 1 && other.len() == 1));
    }

    #[test]
    fn our_own_text_is_said_plainly() {
        assert_eq!(Glyphs::new(true).say("RFC 6455 §5.2: bytes 2–5 …"), "RFC 6455 s.5.2: bytes 2-5 ...");
        assert_eq!(Glyphs::new(true).say("κ"), "?");
        assert_eq!(Glyphs::new(false).say("§5.2"), "§5.2");
    }

    #[test]
    fn a_c_locale_is_ascii_and_no_locale_is_not() {
        let lang = |lang| LocaleEnv { lang: Some(lang), ..LocaleEnv::default() };
        for ascii in ["C", "POSIX", "de_DE.ISO-8859-1", "en_US.latin1@euro"] {
            assert!(locale_is_ascii(lang(ascii)), "{ascii}");
        }
        for unicode in ["C.UTF-8", "en_US.utf8", "de_DE", "de_DE.UTF-8@euro", ""] {
            assert!(!locale_is_ascii(lang(unicode)), "{unicode}");
        }
        assert!(!locale_is_ascii(LocaleEnv::default()));
        assert!(locale_is_ascii(LocaleEnv { lc_all: Some("C"), ..lang("en_US.UTF-8") }));
        assert!(!locale_is_ascii(LocaleEnv { lc_all: Some(""), lc_ctype: Some("C.UTF-8"), lang: Some("C") }));
    }
}

//! Colours: the only file that knows the crate `colored`.
//!
//! A view names a [`Role`], never a colour. Colour adds to what the text says and never carries meaning alone.

use std::sync::LazyLock;

use colored::{ColoredString, Colorize, control};

/// What a piece of text is, so that the same thing has the same colour in every view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text, never coloured.
    Plain,
    /// The bits and fields of a header: FIN, RSV, opcode, Payload len.
    Structure,
    /// The MASK bit and the masking key.
    Mask,
    /// The bytes and the text of a payload.
    Payload,
    /// What is as it should be.
    Good,
    /// What breaks a rule.
    Finding,
    /// A guess at what explains the findings.
    Hint,
    /// What stands back: offsets, citations, notes.
    Dim,
    /// The title of a part.
    Heading,
    /// The client's side.
    Client,
    /// The server's side.
    Server,
    /// The number of a connection, in five colours by turns: see [`Role::of_connection`].
    Connection1,
    /// The next one's.
    Connection2,
    /// The next one's.
    Connection3,
    /// The next one's.
    Connection4,
    /// The next one's.
    Connection5,
}

impl Role {
    /// All roles, in the order of their declaration.
    pub const ALL: [Self; 16] = [
        Self::Plain,
        Self::Structure,
        Self::Mask,
        Self::Payload,
        Self::Good,
        Self::Finding,
        Self::Hint,
        Self::Dim,
        Self::Heading,
        Self::Client,
        Self::Server,
        Self::Connection1,
        Self::Connection2,
        Self::Connection3,
        Self::Connection4,
        Self::Connection5,
    ];

    /// The role of a connection's number: those that are open at once mostly differ.
    #[must_use]
    pub const fn of_connection(number: u32) -> Self {
        match number % 5 {
            1 => Self::Connection1,
            2 => Self::Connection2,
            3 => Self::Connection3,
            4 => Self::Connection4,
            _ => Self::Connection5,
        }
    }

    fn style(self, text: &str) -> ColoredString {
        match self {
            Self::Plain => text.normal(),
            Self::Structure => text.cyan(),
            Self::Mask => text.magenta(),
            Self::Payload => text.yellow(),
            Self::Good => text.green(),
            Self::Finding => text.red().bold(),
            Self::Hint => text.yellow().bold(),
            Self::Dim => text.dimmed(),
            Self::Heading => text.bold(),
            Self::Client => text.blue().bold(),
            Self::Server => text.green().bold(),
            Self::Connection1 => text.bright_cyan().bold(),
            Self::Connection2 => text.bright_magenta().bold(),
            Self::Connection3 => text.bright_yellow().bold(),
            Self::Connection4 => text.bright_blue().bold(),
            Self::Connection5 => text.bright_green().bold(),
        }
    }
}

/// What to write before and behind a text of one role.
#[derive(Debug, Default)]
struct Pair {
    start: String,
    end: String,
}

/// The pairs of all roles, asked of `colored` once: painting is then nothing but appending.
static PAIRS: LazyLock<[Pair; Role::ALL.len()]> = LazyLock::new(|| Role::ALL.map(pair));

fn pair(role: Role) -> Pair {
    // Whether to paint at all is decided in `wants_colour`, so `colored` is only ever told to do it. The
    // override is global; it is always set to the same value, so that nothing can race on it.
    control::set_override(true);
    let painted = role.style("|").to_string();
    match painted.split_once('|') {
        Some((start, end)) => Pair { start: start.to_owned(), end: end.to_owned() },
        None => Pair::default(),
    }
}

/// The colours of the roles, or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    pairs: Option<&'static [Pair; Role::ALL.len()]>,
}

impl Palette {
    /// With colour or without.
    #[must_use]
    pub fn new(colour: bool) -> Self {
        Self { pairs: colour.then(|| &*PAIRS) }
    }

    /// What to write before a text of that role; empty without colour.
    #[must_use]
    #[inline]
    pub fn start(self, role: Role) -> &'static str {
        self.pair(role).map_or("", |pair| &pair.start)
    }

    /// What to write behind a text of that role; empty without colour.
    #[must_use]
    #[inline]
    pub fn end(self, role: Role) -> &'static str {
        self.pair(role).map_or("", |pair| &pair.end)
    }

    /// Appends a text in the colour of its role.
    #[inline]
    pub fn paint(self, out: &mut String, role: Role, text: &str) {
        if self.pairs.is_none() {
            return out.push_str(text);
        }
        out.push_str(self.start(role));
        out.push_str(text);
        out.push_str(self.end(role));
    }

    #[inline]
    fn pair(self, role: Role) -> Option<&'static Pair> {
        self.pairs.and_then(|pairs| pairs.get(role as usize))
    }
}

/// The variables of the environment that ask for colour or against it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColourEnv<'a> {
    /// `NO_COLOR`: not empty means no colour.
    pub no_color: Option<&'a str>,
    /// `CLICOLOR_FORCE`: neither empty nor `0` means colour.
    pub clicolor_force: Option<&'a str>,
    /// `CLICOLOR`: `0` means no colour.
    pub clicolor: Option<&'a str>,
    /// `TERM`: `dumb` is a terminal without colour.
    pub term: Option<&'a str>,
}

/// Whether to use colour. The first that speaks decides: the command line (`asked`), `NO_COLOR`,
/// `CLICOLOR_FORCE`, `CLICOLOR`, `TERM`, and last whether stdout is a terminal.
#[must_use]
pub fn wants_colour(asked: Option<bool>, env: ColourEnv<'_>, stdout_is_terminal: bool) -> bool {
    if let Some(asked) = asked {
        return asked;
    }
    if env.no_color.is_some_and(|value| !value.is_empty()) {
        return false;
    }
    if env.clicolor_force.is_some_and(|value| !value.is_empty() && value != "0") {
        return true;
    }
    env.clicolor != Some("0") && env.term != Some("dumb") && stdout_is_terminal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_speaks_decides_about_colour() {
        let nothing = ColourEnv::default();
        let no_color = ColourEnv { no_color: Some("1"), clicolor_force: Some("1"), ..nothing };
        assert!(wants_colour(None, nothing, true));
        assert!(!wants_colour(None, nothing, false));
        assert!(wants_colour(Some(true), no_color, false), "--color always beats NO_COLOR");
        assert!(!wants_colour(Some(false), ColourEnv { clicolor_force: Some("1"), ..nothing }, true));
        assert!(!wants_colour(None, no_color, true), "NO_COLOR beats CLICOLOR_FORCE");
        assert!(wants_colour(None, ColourEnv { no_color: Some(""), ..nothing }, true), "empty is not set");
        assert!(wants_colour(None, ColourEnv { clicolor_force: Some("1"), ..nothing }, false));
        assert!(!wants_colour(None, ColourEnv { clicolor_force: Some("0"), ..nothing }, false));
        assert!(wants_colour(
            None,
            ColourEnv { clicolor_force: Some("1"), clicolor: Some("0"), term: Some("dumb"), ..nothing },
            false
        ));
        assert!(!wants_colour(None, ColourEnv { clicolor: Some("0"), ..nothing }, true));
        assert!(!wants_colour(None, ColourEnv { term: Some("dumb"), ..nothing }, true));
    }

    #[test]
    fn connections_that_follow_each_other_differ() {
        let roles: Vec<_> = (1..=5).map(Role::of_connection).collect();
        assert_eq!(roles, Role::ALL[11..]);
        assert_eq!(Role::of_connection(6), Role::Connection1);
    }

    #[test]
    fn without_colour_nothing_is_added() {
        let mut out = String::new();
        for role in Role::ALL {
            Palette::new(false).paint(&mut out, role, "x");
        }
        assert_eq!(out, "x".repeat(Role::ALL.len()));
    }

    #[test]
    fn every_role_but_plain_has_a_colour_of_its_own_and_ends_it() {
        let palette = Palette::new(true);
        let starts: Vec<_> = Role::ALL.iter().map(|role| palette.start(*role)).collect();
        for (i, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, i);
            assert_eq!(starts.iter().filter(|start| **start == starts[i]).count(), 1, "{role:?}");
            assert_eq!(palette.end(role), if role == Role::Plain { "" } else { "\x1b[0m" });
        }
        let mut out = String::new();
        palette.paint(&mut out, Role::Structure, "FIN");
        assert_eq!(out, "\x1b[36mFIN\x1b[0m");
    }
}

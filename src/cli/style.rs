//! The options about how text looks, the same for every command.

use std::env::var_os;
use std::io::{IsTerminal, stdout};

use clap::{Args, ColorChoice};
use terminal_size::terminal_size_of;

use crate::render::glyphs::{Glyphs, LocaleEnv, locale_is_ascii};
use crate::render::page::{Page, width};
use crate::render::palette::{ColourEnv, Palette, wants_colour};

/// How text looks.
#[derive(Clone, Copy, Debug, Args)]
pub struct StyleArgs {
    /// When to use colour; NO_COLOR, CLICOLOR_FORCE and CLICOLOR are heeded too.
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto, help_heading = "Style")]
    pub color: ColorChoice,
    /// Use no character outside ASCII, as in a C locale.
    #[arg(long, global = true, help_heading = "Style")]
    pub ascii: bool,
}

impl StyleArgs {
    /// The page that these options, the environment and the terminal ask for.
    #[must_use]
    pub fn page(self) -> Page {
        let env = |name| var_os(name).map(|value| value.to_string_lossy().into_owned());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(env);
        let [lc_all, lc_ctype, lang] = locale.each_ref().map(Option::as_deref);
        let columns = terminal_size_of(stdout()).map(|(columns, _)| usize::from(columns.0));
        Page {
            palette: Palette::new(self.wants_colour(env)),
            glyphs: Glyphs::new(self.ascii || locale_is_ascii(LocaleEnv { lc_all, lc_ctype, lang })),
            width: width(env("COLUMNS").as_deref(), columns),
        }
    }

    fn wants_colour(self, env: impl Fn(&'static str) -> Option<String>) -> bool {
        let asked = match self.color {
            ColorChoice::Always => Some(true),
            ColorChoice::Never => Some(false),
            ColorChoice::Auto => None,
        };
        let values = ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TERM"].map(env);
        let [no_color, clicolor_force, clicolor, term] = values.each_ref().map(Option::as_deref);
        wants_colour(asked, ColourEnv { no_color, clicolor_force, clicolor, term }, stdout().is_terminal())
    }
}

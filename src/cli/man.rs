//! `wslens man`: the man pages, made from the command line's own definition.

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man;

use super::Cli;
use super::exit::{Exit, Failure};

/// The arguments of `wslens man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command whose page to print; wslens itself where none is given.
    command: Option<String>,
}

impl Args {
    /// Writes the page, for `man -l -`.
    ///
    /// # Errors
    /// Where there is no such command, or `out` takes no more.
    pub fn run(&self, out: &mut impl Write) -> Result<Exit, Failure> {
        let mut cli = Cli::command();
        cli.build();
        let command = match &self.command {
            None => cli,
            Some(name) => cli
                .find_subcommand(name)
                .cloned()
                .ok_or_else(|| format!("wslens has no command {name:?}: wslens --help lists them"))?,
        };
        Man::new(command).render(out)?;
        Ok(Exit::Done)
    }
}

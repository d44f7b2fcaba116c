//! `wslens completions`: the completions for a shell, made from the command line's own definition.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::Cli;
use super::exit::{Exit, Failure};

/// The arguments of `wslens completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell.
    shell: Shell,
}

impl Args {
    /// Writes the completions.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn run(&self, out: &mut impl Write) -> Result<Exit, Failure> {
        // `generate` panics where its writer fails, and a Vec does not.
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "wslens", &mut script);
        out.write_all(&script)?;
        Ok(Exit::Done)
    }
}

//! The program: parse, run, exit code.

use std::io::{Write, stderr};
use std::process::ExitCode;

use clap::Parser;
use wslens::cli::Cli;
use wslens::cli::exit::Exit;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help_or_mistake) => {
            // Where not even that can be written there is nobody left to tell.
            _ = help_or_mistake.print();
            return if help_or_mistake.use_stderr() { Exit::Incomplete } else { Exit::Done }.into();
        }
    };
    match cli.run() {
        Ok(exit) => exit.into(),
        Err(failure) if failure.is_closed_pipe() => Exit::Done.into(),
        Err(failure) => {
            _ = writeln!(stderr(), "error: {failure}");
            Exit::Incomplete.into()
        }
    }
}

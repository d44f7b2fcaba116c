//! The command line: one file a command, with its arguments and what it does.
//!
//! This is the only place that joins the other layers, and the only one that knows clap. Results go to stdout,
//! everything else to stderr; [`exit`] says what the exit codes mean.

pub mod accept;
pub mod ca;
pub mod check;
pub mod completions;
pub mod decode;
pub mod demo;
pub mod encode;
pub mod exit;
pub mod explain;
pub mod follow;
pub mod har;
pub mod inputs;
pub mod limits;
pub mod live;
pub mod man;
mod notes;
pub mod pages;
pub mod piped;
pub mod pipeline;
pub mod progress;
pub mod proxy;
pub mod records;
pub mod rules;
pub mod schema;
pub mod select;
mod stages;
pub mod style;
pub mod view;

use std::io::{BufWriter, Write};

use clap::{Parser, Subcommand};

use self::exit::{Exit, Failure};
use self::progress::Output;
use self::style::StyleArgs;

/// Bytes of output that are held back, to be written at once.
const OUTPUT_BUFFER: usize = 64 * 1024;

/// Shows what a WebSocket connection really says: its handshake header by header, its frames bit by bit.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80, arg_required_else_help = true, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How text looks.
    #[command(flatten)]
    pub style: StyleArgs,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  something was found: a broken rule, an unexpected value
  2  not all that was asked could be done";

/// The commands, one variant and one file each.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compute Sec-WebSocket-Accept for a nonce and show how.
    Accept(accept::Args),
    /// Write frames: legal, or broken on purpose.
    Encode(encode::Args),
    /// Take captured bytes apart: the handshake header by header, each frame bit by bit.
    Decode(decode::Args),
    /// Say what is wrong, one finding a line.
    Check(check::Args),
    /// Play the story of a first WebSocket server, in five steps.
    Demo(demo::Args),
    /// List the rules that are checked, by chapter.
    Rules(rules::Args),
    /// Teach a rule, a close code, an opcode, a field, a header, or some bytes.
    Explain(explain::Args),
    /// Stand between a browser and a server, and show what passes.
    Proxy(proxy::Args),
    /// Finish a HAR whose recording was cut off.
    Har(har::Args),
    /// Show the CA of the proxy, and how to trust it.
    Ca(ca::Args),
    /// Print the JSON Schema of the lines that --json prints.
    Schema(schema::Args),
    /// Print the completions for a shell.
    Completions(completions::Args),
    /// Print the man page of wslens or of one of its commands.
    Man(man::Args),
}

impl Cli {
    /// Does what the command line asks, with the results on stdout.
    ///
    /// # Errors
    /// Where the command cannot be done, or stdout takes no more.
    pub fn run(&self) -> Result<Exit, Failure> {
        let mut out = BufWriter::with_capacity(OUTPUT_BUFFER, Output::stdout()?);
        let page = self.style.page();
        let exit = match &self.command {
            Command::Accept(args) => args.run(&page, &mut out),
            Command::Encode(args) => args.run(&page, &mut out),
            // It gathers what it writes itself.
            Command::Decode(args) => args.run(&page, out.get_mut()),
            Command::Check(args) => args.run(&page, &mut out),
            Command::Demo(args) => args.run(&page, &mut out),
            Command::Rules(args) => args.run(&page, &mut out),
            Command::Explain(args) => args.run(&page, &mut out),
            Command::Proxy(args) => args.run(&page, &mut out),
            Command::Har(args) => args.run(&mut out),
            Command::Ca(args) => args.run(&mut out),
            Command::Schema(args) => args.run(&mut out),
            Command::Completions(args) => args.run(&mut out),
            Command::Man(args) => args.run(&mut out),
        }?;
        out.flush()?;
        Ok(exit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_and_command_says_what_it_does() {
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{} {}", command.get_name(), arg.get_id());
            }
        }
    }
}

//! `wslens rules`: the rule book.

use std::io::Write;

use super::exit::{Exit, Failure};
use crate::render::explain::rule::{all, json_lines};
use crate::render::page::Page;

/// The arguments of `wslens rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object for each rule.
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Writes the book.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let mut text = String::new();
        if self.json {
            json_lines(&mut text);
        } else {
            all(page, &mut text);
        }
        out.write_all(text.as_bytes())?;
        Ok(Exit::Done)
    }
}

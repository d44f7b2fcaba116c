//! `wslens schema`: what the lines of `--json` look like, as a JSON Schema.

use std::io::Write;

use super::exit::{Exit, Failure};
use crate::render::json::SCHEMA;

/// The arguments of `wslens schema`.
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    /// Writes the schema.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn run(&self, out: &mut impl Write) -> Result<Exit, Failure> {
        out.write_all(SCHEMA.as_bytes())?;
        Ok(Exit::Done)
    }
}

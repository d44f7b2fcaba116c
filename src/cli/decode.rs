//! `wslens decode`: captured bytes, taken apart.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::exit::{Exit, Failure};
use super::inputs::{InputArgs, Manner, Source, Taker, all_bytes, say};
use super::limits::LimitArgs;
use super::pipeline::Pipeline;
use super::progress::Progress;
use super::view::{View, ViewArgs};
use crate::render::collect::Shown;
use crate::render::page::Page;
use crate::session::segment::Segment;

const EXAMPLES: &str = "\
Examples:
  wslens decode --hex '81 05 48 65 6c 6c 6f'
  xxd capture.bin | wslens decode
  wslens decode --json --only message capture.txt

It never exits with 1: wslens check judges.";

/// The arguments of `wslens decode`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to read; stdin where it is `-` or none is given. Connections are numbered on from one to the next.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read these bytes.
    #[arg(long, value_name = "BYTES", conflicts_with = "files", help_heading = "Input")]
    hex: Option<String>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    view: ViewArgs,
}

impl Args {
    /// Writes the view.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let sources = match &self.hex {
            Some(text) => vec![Source::Hex(text.clone())],
            None => Source::of_files(&self.files),
        };
        self.input.check_follow(&sources)?;
        let agreed = self.input.agreed();
        let (view, collector) = self.view.view(page, &agreed, out)?;
        let pipeline = Pipeline::new(self.limits.config(agreed), collector, self.view.select.selection());
        let mut showing = Showing { pipeline, view, failed: None };
        let (mut exit, mut connections) = (Exit::Done, 0u32);
        let progress = Progress::of(all_bytes(&sources));
        for source in &sources {
            let manner = Manner { named: sources.len() > 1, terse: false, progress: Some(&progress) };
            let outcome = self.input.read(source, manner, connections.saturating_add(1), &mut showing);
            connections = connections.saturating_add(outcome.connections);
            exit = exit.max(if outcome.good { Exit::Done } else { Exit::Incomplete });
            showing.end_input()?;
        }
        drop(progress);
        showing.view.finish()?;
        if connections == 0 && exit == Exit::Done {
            say("nothing to decode: no byte of a connection came in");
        }
        Ok(exit)
    }
}

/// Shows segments as they come.
struct Showing<W: Write> {
    pipeline: Pipeline,
    view: View<W>,
    /// Why the output took no more.
    failed: Option<io::Error>,
}

impl<W: Write> Showing<W> {
    /// An input is over: its connections end, and all of it is written.
    fn end_input(&mut self) -> io::Result<()> {
        if self.failed.is_none() {
            let Self { pipeline, view, failed } = self;
            pipeline.finish(&mut |shown| show(view, failed, shown));
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.view.flush(),
        }
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// Once the output has failed nothing more is written, so that what is shown has no hole.
#[inline]
fn show<W: Write>(view: &mut View<W>, failed: &mut Option<io::Error>, shown: &Shown<'_>) {
    if failed.is_none() {
        *failed = view.show(shown).err();
    }
}

impl<W: Write> Taker for Showing<W> {
    fn take(&mut self, segment: &Segment<'_>) -> ControlFlow<()> {
        let Self { pipeline, view, failed } = self;
        pipeline.feed(segment, &mut |shown| show(view, failed, shown));
        self.go_on()
    }

    fn idle(&mut self) -> ControlFlow<()> {
        if self.failed.is_none() {
            self.failed = self.view.flush().err();
        }
        self.go_on()
    }
}

//! `wslens check`: what is wrong, one finding a line, for people and for CI.

mod in_order;
mod judging;

use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::ValueEnum;

use self::in_order::{Give, Lane, Piece, in_order};
use self::judging::{Judging, Printer};
use super::exit::{Exit, Failure};
use super::inputs::{InputArgs, Manner, Source, all_bytes};
use super::limits::LimitArgs;
use super::progress::{Progress, say};
use super::select::SelectArgs;
use crate::render::json::JsonLines;
use crate::render::page::Page;
use crate::rules::rule::Level;

const EXAMPLES: &str = "\
Examples:
  wslens check capture.txt
  wslens check --fail-on should --json captures/*.txt

Each file is judged on its own, several at once, its connections counted from 1;
findings come in the order of the files. It exits with 1
where a finding at or above --fail-on is there, with 2 where a file cannot be
read; what is selected to be shown changes neither.";

/// The arguments of `wslens check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to judge; stdin where it is `-` or none is given.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print each finding as a line of JSON.
    #[arg(long)]
    json: bool,
    /// The least level that makes the exit code 1.
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailOn::Must)]
    fail_on: FailOn,
    /// How many files are read at once; as many as there are processors unless told otherwise. It changes nothing else.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A broken must.
    Must,
    /// A broken must or should.
    Should,
    /// Any finding.
    Note,
    /// Nothing.
    Never,
}

impl FailOn {
    const fn level(self) -> Option<Level> {
        match self {
            Self::Must => Some(Level::Must),
            Self::Should => Some(Level::Should),
            Self::Note => Some(Level::Note),
            Self::Never => None,
        }
    }
}

impl Args {
    /// Writes the findings; how many there are goes to stderr.
    ///
    /// # Errors
    /// Where `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let sources = Source::of_files(&self.files);
        self.input.check_follow(&sources)?;
        let workers = self.jobs.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let progress = Progress::of(all_bytes(&sources));
        let job = |number: usize, lane: &Lane<'_, Verdict>| {
            sources.get(number).map_or_else(Verdict::default, |source| {
                self.judge(source, sources.len() > 1, page, &progress, lane)
            })
        };
        let mut told = Told { out, counts: Counts::default(), exit: Exit::Done };
        in_order(sources.len(), workers, job, &mut told)?;
        let Told { out, counts, exit } = told;
        drop(progress);
        // What was found stands above what it sums up to, where both go to one terminal.
        out.flush()?;
        let so_far = if exit == Exit::Done { "" } else { ", as far as could be read" };
        say(&format!("{}{so_far}", counts.summary(sources.len())));
        let found = self.fail_on.level().is_some_and(|least| counts.at_or_above(least));
        Ok(exit.max(if found { Exit::Found } else { Exit::Done }))
    }

    /// Judges one input, on a thread of its own.
    fn judge(
        &self,
        source: &Source,
        named: bool,
        page: &Page,
        progress: &Progress,
        lane: &Lane<'_, Verdict>,
    ) -> Verdict {
        let out = BufWriter::with_capacity(PIECE, lane);
        let printer =
            if self.json { Printer::Json(JsonLines::new(out, 0)) } else { Printer::Text(*page, out) };
        let mut judging = Judging::new(self, source.name(), printer, lane);
        let manner = Manner { named, terse: true, others_shown: false, progress: Some(progress) };
        let outcome = self.input.read(source, manner, 1, &mut judging);
        Verdict { counts: judging.finish(), bad: !outcome.good }
    }
}

/// Bytes of findings that are handed on at once.
const PIECE: usize = 16 * 1024;

/// What came of one input.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    counts: Counts,
    /// Whether it could not be read to its end.
    bad: bool,
}

/// Writes what is found, in the order of the inputs.
struct Told<W> {
    out: W,
    counts: Counts,
    exit: Exit,
}

impl<W: Write> Give<Verdict> for Told<W> {
    fn give(&mut self, piece: Piece<Verdict>) -> io::Result<()> {
        match piece {
            Piece::Out(bytes) => return self.out.write_all(&bytes),
            Piece::Said(sentence) => {
                // Both may go to one terminal: the order is that of what is said.
                self.out.flush()?;
                say(&sentence);
            }
            Piece::Done(Verdict { counts, bad }) => {
                self.counts.merge(&counts);
                self.exit = self.exit.max(if bad { Exit::Incomplete } else { Exit::Done });
            }
        }
        Ok(())
    }

    fn idle(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Findings of each level: notes, shoulds, musts.
#[derive(Clone, Copy, Debug, Default)]
struct Counts([u64; 3]);

impl Counts {
    fn add(&mut self, level: Level) {
        if let Some(count) = self.0.get_mut(level as usize) {
            *count += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        for (to, from) in self.0.iter_mut().zip(other.0) {
            *to += from;
        }
    }

    fn at_or_above(&self, least: Level) -> bool {
        self.0.iter().skip(least as usize).any(|&count| count > 0)
    }

    fn summary(&self, inputs: usize) -> String {
        let inputs = if inputs == 1 { "1 input".to_owned() } else { format!("{inputs} inputs") };
        match self.0 {
            [0, 0, 0] => format!("no findings in {inputs}"),
            [notes, shoulds, musts] => format!("{musts} must, {shoulds} should, {notes} note in {inputs}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_or_above_a_level() {
        let counts = Counts([0, 2, 0]);
        assert!(counts.at_or_above(Level::Note) && counts.at_or_above(Level::Should));
        assert!(!counts.at_or_above(Level::Must));
        assert_eq!(counts.summary(2), "0 must, 2 should, 0 note in 2 inputs");
    }
}

//! `wslens check`: what is wrong, one finding a line, for people and for CI.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::{Exit, Failure};
use super::inputs::{InputArgs, Manner, Source, Taker, say};
use super::limits::LimitArgs;
use super::pipeline::Pipeline;
use super::view::SelectArgs;
use crate::render::collect::{Collector, Shown};
use crate::render::json::JsonLines;
use crate::render::page::Page;
use crate::render::select::{Selection, Selector};
use crate::rules::rule::{Finding, Level};
use crate::session::segment::Segment;

const EXAMPLES: &str = "\
Examples:
  wslens check capture.txt
  wslens check --fail-on should --json captures/*.txt

Each file is judged on its own, its connections counted from 1. It exits with 1
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
        let mut printer =
            if self.json { Printer::Json(JsonLines::new(out, 0)) } else { Printer::Text(*page, out) };
        let (mut exit, mut counts) = (Exit::Done, Counts::default());
        for source in &sources {
            let mut judging = Judging::new(self, source.name(), &mut printer, &mut counts);
            let manner = Manner { named: sources.len() > 1, terse: true };
            let outcome = self.input.read(source, manner, 1, &mut judging);
            judging.finish()?;
            exit = exit.max(if outcome.good { Exit::Done } else { Exit::Incomplete });
        }
        say(&counts.summary(sources.len()));
        let found = self.fail_on.level().is_some_and(|least| counts.at_or_above(least));
        Ok(exit.max(if found { Exit::Found } else { Exit::Done }))
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

/// How a finding is written.
enum Printer<W> {
    Text(Page, W),
    Json(JsonLines<W>),
}

impl<W: Write> Printer<W> {
    fn finding(&mut self, file: &str, shown: &Shown<'_>, finding: &Finding) -> io::Result<()> {
        match self {
            Self::Text(page, out) => out.write_all(text_line(page, file, shown, finding).as_bytes()),
            Self::Json(lines) => lines.finding(file, shown, finding),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Text(_, out) => out.flush(),
            Self::Json(lines) => lines.flush(),
        }
    }
}

/// `file:connection:sender:offset: must framing/length-minimal RFC 6455 §5.2 …`
fn text_line(page: &Page, file: &str, shown: &Shown<'_>, finding: &Finding) -> String {
    let (connection, sender, offset) = (shown.connection(), shown.sender(), shown.offset());
    let mut line = page.safe(file.as_bytes());
    let Finding { rule, broken, .. } = finding;
    // Writing to a String cannot fail.
    _ = write!(line, ":{connection}:{sender}:{offset}: {} {} ", rule.level, rule.id);
    page.sanitizer().push(&mut line, rule.cite.to_string().as_bytes());
    line.push(' ');
    page.sanitizer().push(&mut line, broken.found.as_bytes());
    line.push('\n');
    line
}

/// Judges one input.
struct Judging<'a, W: Write> {
    file: String,
    pipeline: Pipeline,
    printing: Printing<'a, W>,
}

/// Counts all findings and prints those that are selected.
struct Printing<'a, W: Write> {
    selector: Selector,
    printer: &'a mut Printer<W>,
    counts: &'a mut Counts,
    /// Why the output took no more.
    failed: Option<io::Error>,
}

impl<'a, W: Write> Judging<'a, W> {
    fn new(args: &Args, file: String, printer: &'a mut Printer<W>, counts: &'a mut Counts) -> Self {
        let selector = Selector::new(args.select.selection());
        let config = args.limits.config(args.input.agreed());
        let pipeline = Pipeline::new(config, Collector::new(0, false), Selection::default());
        Self { file, pipeline, printing: Printing { selector, printer, counts, failed: None } }
    }

    fn finish(mut self) -> io::Result<()> {
        let Self { file, pipeline, printing } = &mut self;
        pipeline.finish(&mut |shown| printing.show(file, shown));
        match self.printing.failed {
            Some(error) => Err(error),
            None => self.printing.printer.flush(),
        }
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.printing.failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl<W: Write> Printing<'_, W> {
    fn show(&mut self, file: &str, shown: &Shown<'_>) {
        let Self { selector, printer, counts, failed } = self;
        shown.findings().for_each(|finding| counts.add(finding.rule.level));
        selector.pass(shown, &mut |shown| {
            for finding in shown.findings() {
                if failed.is_none() {
                    *failed = printer.finding(file, shown, finding).err();
                }
            }
        });
    }
}

impl<W: Write> Taker for Judging<'_, W> {
    fn take(&mut self, segment: &Segment<'_>) -> ControlFlow<()> {
        let Self { file, pipeline, printing } = self;
        pipeline.feed(segment, &mut |shown| printing.show(file, shown));
        self.go_on()
    }

    fn idle(&mut self) -> ControlFlow<()> {
        if self.printing.failed.is_none() {
            self.printing.failed = self.printing.printer.flush().err();
        }
        self.go_on()
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

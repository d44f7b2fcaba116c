//! Judging one input, and writing what is found.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::ControlFlow;

use super::in_order::Lane;
use super::{Args, Counts, Verdict};
use crate::cli::inputs::Taker;
use crate::cli::pipeline::Pipeline;
use crate::render::collect::{Collector, Shown};
use crate::render::json::JsonLines;
use crate::render::page::Page;
use crate::render::select::{Selection, Selector};
use crate::rules::rule::Finding;
use crate::session::segment::Segment;

/// How a finding is written.
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub(super) enum Printer<W> {
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
pub(super) struct Judging<'a, W: Write> {
    file: String,
    pipeline: Pipeline,
    printing: Printing<W>,
    lane: &'a Lane<'a, Verdict>,
}

/// Counts all findings and prints those that are selected.
struct Printing<W: Write> {
    selector: Selector,
    printer: Printer<W>,
    counts: Counts,
    /// Whether the output took no more.
    failed: bool,
}

impl<'a, W: Write> Judging<'a, W> {
    pub(super) fn new(args: &Args, file: String, printer: Printer<W>, lane: &'a Lane<'a, Verdict>) -> Self {
        let selector = Selector::new(args.select.selection());
        let config = args.limits.config(args.input.agreed());
        let pipeline = Pipeline::new(config, Collector::new(0, 0), Selection::default());
        let printing = Printing { selector, printer, counts: Counts::default(), failed: false };
        Self { file, pipeline, printing, lane }
    }

    /// The input is over: what was found in it.
    pub(super) fn finish(mut self) -> Counts {
        let Self { file, pipeline, printing, .. } = &mut self;
        pipeline.finish(&mut |shown| printing.show(file, shown));
        printing.flush();
        self.printing.counts
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.printing.failed || self.lane.is_stopped() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl<W: Write> Printing<W> {
    fn show(&mut self, file: &str, shown: &Shown<'_>) {
        let Self { selector, printer, counts, failed } = self;
        shown.findings().for_each(|finding| counts.add(finding.rule.level));
        selector.pass(shown, &mut |shown| {
            for finding in shown.findings() {
                // Whoever takes the output knows why it takes no more.
                *failed = *failed || printer.finding(file, shown, finding).is_err();
            }
        });
    }

    fn flush(&mut self) {
        self.failed = self.failed || self.printer.flush().is_err();
    }
}

impl<W: Write> Taker for Judging<'_, W> {
    fn take(&mut self, segment: &Segment<'_>) -> ControlFlow<()> {
        let Self { file, pipeline, printing, .. } = self;
        pipeline.feed(segment, &mut |shown| printing.show(file, shown));
        self.go_on()
    }

    fn idle(&mut self) -> ControlFlow<()> {
        self.printing.flush();
        self.go_on()
    }

    fn say(&mut self, sentence: &str) {
        self.printing.flush();
        self.lane.say(sentence);
    }
}

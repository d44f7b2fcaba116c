//! `wslens decode`: captured bytes, taken apart.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::exit::{Exit, Failure};
use super::inputs::{InputArgs, Manner, Source, Taker, all_bytes};
use super::limits::LimitArgs;
use super::pipeline::Pipeline;
use super::progress::{Progress, say};
use super::stages;
use super::view::{View, ViewArgs};
use crate::render::collect::Shown;
use crate::render::page::Page;
use crate::session::others::Others;
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
    pub fn run(&self, page: &Page, out: &mut (impl Write + Send)) -> Result<Exit, Failure> {
        self.show(page, out, stages::are_worth_it)
    }

    /// The same; `in_stages` tells which inputs go through several threads, which changes nothing of what is shown.
    fn show(
        &self,
        page: &Page,
        out: &mut (impl Write + Send),
        in_stages: fn(&Source) -> bool,
    ) -> Result<Exit, Failure> {
        let sources = match &self.hex {
            Some(text) => vec![Source::Hex(text.clone())],
            None => Source::of_files(&self.files),
        };
        self.input.check_follow(&sources)?;
        let agreed = self.input.agreed();
        let (view, collector) = self.view.view(page, &agreed, out)?;
        let pipeline = Pipeline::new(self.limits.config(agreed), collector, self.view.select.selection());
        let mut showing = Showing { pipeline, view, failed: None };
        let (mut exit, mut connections, mut others) = (Exit::Done, 0u32, Others::default());
        let others_shown = showing.view.tells_others();
        let progress = Progress::of(all_bytes(&sources));
        for source in &sources {
            let named = sources.len() > 1;
            let manner = Manner { named, terse: false, others_shown, progress: Some(&progress) };
            let first = connections.saturating_add(1);
            let what = (source, manner, first);
            let staged = in_stages(source) && !self.input.is_followed();
            let outcome = if staged {
                let Showing { pipeline, view, .. } = &mut showing;
                match stages::share_out(&self.input, what, pipeline, view) {
                    Some(outcome) => outcome?,
                    None => stages::read_ahead(&self.input, what, &mut showing),
                }
            } else {
                self.input.read(source, manner, first, &mut showing)
            };
            connections = connections.saturating_add(outcome.connections);
            others.add(&outcome.others);
            exit = exit.max(if outcome.good { Exit::Done } else { Exit::Incomplete });
            showing.end_input()?;
        }
        drop(progress);
        showing.view.finish(&others)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::fs::{read_dir, write};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(options: &[&str], files: &[PathBuf]) -> Args {
        let files = files.iter().map(|file| file.to_str().expect("a name"));
        Line::parse_from(["decode"].into_iter().chain(options.iter().copied()).chain(files)).args
    }

    /// What is written, and the exit code, on one thread and in stages.
    fn both_ways(options: &[&str], files: &[PathBuf]) -> [(String, Exit); 2] {
        let args = args(options, files);
        [(|_| false) as fn(&Source) -> bool, |_| true].map(|in_stages| {
            let mut out = Vec::new();
            let exit = args.show(&Page::plain(), &mut out, in_stages).expect("memory takes all");
            (String::from_utf8(out).expect("text"), exit)
        })
    }

    /// So many messages of three connections, by turns, one in `large` of them more than a box holds.
    fn long_transcript(folder: &tempfile::TempDir, messages: usize, large: usize) -> PathBuf {
        let mut text = String::new();
        for i in 0..messages {
            let len = if i % large == 1 { 1_100_000 } else { 2 + i % 120 };
            let header = if len < 126 { format!("82 {len:02x}") } else { format!("82 7f {len:016x}") };
            text += &format!("connection {}\n@{i}.5\n< {header} {}\n", 1 + i % 3, "61".repeat(len));
        }
        let path = folder.path().join("long.txt");
        write(&path, text).expect("a file");
        path
    }

    fn first_other_line<'t>(one: &'t str, two: &'t str) -> Option<(&'t str, &'t str)> {
        one.lines().zip(two.lines()).find(|(one, two)| one != two)
    }

    #[test]
    fn stages_show_what_one_thread_shows() {
        let samples = read_dir("samples").expect("samples").map(|entry| entry.expect("a file").path());
        let mut samples: Vec<_> = samples.filter(|path| !path.ends_with("README.md")).collect();
        samples.sort();
        for view in ["lesson", "summary", "table", "json", "diagram"] {
            let [one, staged] = both_ways(&["--view", view], &samples);
            assert!(one.0.len() > 10_000);
            assert_eq!(first_other_line(&one.0, &staged.0), None, "{view}");
            assert!(one == staged, "{view}");
        }
    }

    #[test]
    fn large_inputs_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = [long_transcript(&folder, 3000, 1000)];
        for options in [&["--view=json", "--payload=none"][..], &["--view=summary"], &["--view=table"]] {
            let [one, staged] = both_ways(options, &files);
            assert!(one == staged, "{options:?}");
        }
        let files = [long_transcript(&folder, 30, 10)];
        let [one, staged] = both_ways(&["--json", "--only=message"], &files);
        assert!(one.0.len() > 3_000_000 && one == staged);
    }

    /// Takes some bytes, and then no more.
    struct Closing(usize);

    impl Write for Closing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn assert_closes(args: &Args, most: usize) {
        let failure = args.show(&Page::plain(), &mut Closing(most), |_| true).expect_err("it is closed");
        assert!(failure.is_closed_pipe());
    }

    #[test]
    fn a_closed_pipe_ends_every_stage() {
        let folder = tempfile::tempdir().expect("a folder");
        let args = args(&["--json", "--payload=none"], &[long_transcript(&folder, 3000, 1000)]);
        for most in [0, 100_000] {
            assert_closes(&args, most);
        }
    }

    #[test]
    fn a_closed_pipe_ends_every_share() {
        let args = args(&["--view=lesson"], &["samples/capture-two-connections.pcap".into()]);
        for most in [0, 1000] {
            assert_closes(&args, most);
        }
    }
}

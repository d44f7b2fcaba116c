//! The options about what is read, and reading it: files, stdin, or bytes given on the command line.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Failure;
use super::follow::{Follow, Stop};
use super::piped::{Piped, piped_stdin};
use super::progress::{Counted, Progress, say};
use super::select::parse_sender;
use crate::input::{self, Format, InputError, Limits, Options, Parts};
use crate::render::number::{count, grouped};
use crate::render::sanitize::Sanitizer;
use crate::session::agreed::Agreed;
use crate::session::others::Others;
use crate::session::segment::Segment;
use crate::wire::extension::ExtensionList;
use crate::wire::sender::Sender;

/// How input is read.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// What the input is, where it is not what it looks like: pcap, pcapng, har, jsonl, raw, transcript, hex, xxd, hexdump-c, hexdump, od,
    /// base64 and others; a wrong name lists all.
    #[arg(long, value_parser = parse_format)]
    format: Option<Format>,
    /// Who sent the bytes, where the input does not say.
    #[arg(long, value_name = "client|server", value_parser = parse_sender)]
    from: Option<Sender>,
    /// Go on reading the file as it grows, until Ctrl-C: a capture, a transcript or raw bytes that something still
    /// writes. What came is shown before more is waited for.
    #[arg(long)]
    follow: bool,
    /// How long a segment is waited for that a capture lacks, in seconds of the capture's own time.
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0, value_parser = parse_seconds)]
    wait: f64,
    /// How many bytes behind it are kept meanwhile, in each direction.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    wait_bytes: usize,
    /// The extensions in use where the handshake is not in the input: none, or as the response names them, such as
    /// 'permessage-deflate; server_no_context_takeover'. Without it rules that depend on them stay silent.
    #[arg(long, value_name = "none|LIST", value_parser = parse_extensions)]
    extensions: Option<Agreed>,
}

/// A time to wait, which may be none at all.
fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 => Ok(seconds),
        _ => Err("a number of seconds, such as 3 or 0.5".to_owned()),
    }
}

fn parse_format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| {
        let rows = Format::ALL.map(|format| format!("  {:<11} {}", format.name(), format.help()));
        format!("there is no such format; there are\n{}", rows.join("\n"))
    })
}

fn parse_extensions(list: &str) -> Result<Agreed, String> {
    if list == "none" {
        return Ok(Agreed::Known(Vec::new()));
    }
    let ExtensionList { extensions, problems } = ExtensionList::parse([list.as_bytes()]);
    match problems.first() {
        None => Ok(Agreed::Known(extensions)),
        Some(problem) => {
            let column = problem.span.at + 1;
            Err(format!("column {column}: {}; write it as the response does, or none", problem.kind))
        }
    }
}

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Stdin.
    Stdin,
    /// A file.
    File(PathBuf),
    /// Hex given on the command line.
    Hex(String),
}

impl Source {
    /// What FILE arguments stand for: `-` is stdin, and so is none at all.
    #[must_use]
    pub fn of_files(files: &[PathBuf]) -> Vec<Self> {
        if files.is_empty() {
            return vec![Self::Stdin];
        }
        let source =
            |file: &PathBuf| if file == Path::new("-") { Self::Stdin } else { Self::File(file.clone()) };
        files.iter().map(source).collect()
    }

    /// What the user calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "stdin".to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Hex(_) => "--hex".to_owned(),
        }
    }

    /// How long it is, where it is a file that lies on a disk.
    #[must_use]
    pub fn file_len(&self) -> Option<u64> {
        let Self::File(path) = self else { return None };
        path.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
    }

    /// Opens it; and whether it may come slowly, so that what is known should be shown before waiting for more.
    fn open(&self) -> io::Result<(Box<dyn Read + '_>, bool)> {
        Ok(match self {
            Self::Stdin => (open_stdin()?, true),
            Self::Hex(text) => (Box::new(text.as_bytes()), false),
            Self::File(path) => {
                let file = File::open(path)?;
                let kind = file.metadata()?.file_type();
                if kind.is_dir() {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                (Box::new(file), !kind.is_file())
            }
        })
    }
}

/// Stdin; where it is a pipe, Ctrl-C ends the reading of it, and what came is shown to its end.
fn open_stdin() -> io::Result<Box<dyn Read>> {
    let Some(pipe) = piped_stdin() else { return Ok(Box::new(stdin().lock())) };
    let stop = Stop::default();
    stop.at_ctrl_c()?;
    Ok(Box::new(Piped::new(pipe, stop)?))
}

/// How what there is to say about a source is said.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// Whether each sentence names the source, as there are several.
    pub named: bool,
    /// Whether only what changes the meaning is said: not what the source was read as, where that is plain.
    pub terse: bool,
    /// Whether connections without WebSocket are told by what takes the segments, and not here.
    pub others_shown: bool,
    /// What counts how much was read.
    pub progress: Option<&'a Progress>,
}

/// What takes the segments of an input.
pub trait Taker {
    /// Takes a segment; breaks when it wants no more.
    fn take(&mut self, segment: &Segment<'_>) -> ControlFlow<()>;

    /// More may be long in coming: shows what is held back. Breaks when it wants no more.
    fn idle(&mut self) -> ControlFlow<()>;

    /// There is something to say about the input, for stderr.
    fn say(&mut self, sentence: &str) {
        say(sentence);
    }
}

/// How reading a source went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many connections began.
    pub connections: u32,
    /// Whether the source could be read, as far as the taker wanted it.
    pub good: bool,
    /// The TCP connections that carry no WebSocket.
    pub others: Others,
}

impl InputArgs {
    /// Whether the input is read on while it is still being written.
    #[must_use]
    pub const fn is_followed(&self) -> bool {
        self.follow
    }

    fn limits(&self) -> Limits {
        // A cast of a float stops at the ends of what an integer holds.
        Limits { bytes: self.wait_bytes, time: (self.wait * 1e9) as u64 }
    }

    /// Whether what is asked for can be followed.
    ///
    /// # Errors
    /// Where there are several inputs: the first would never end.
    pub fn check_follow(&self, sources: &[Source]) -> Result<(), Failure> {
        match sources {
            [Source::File(_)] => Ok(()),
            _ if !self.follow => Ok(()),
            [_] => {
                Err("--follow needs a file: what comes through a pipe is read as it comes".to_owned().into())
            }
            _ => Err("--follow needs one file: the first of several would never end".to_owned().into()),
        }
    }

    /// Opens a source: reads on where the file ends, where that is asked for, and counts what is read where it will end. Also
    /// whether it may come slowly, so that what is known should be shown before waiting for more.
    fn open<'r>(&self, source: &'r Source, manner: Manner<'r>) -> io::Result<(Box<dyn Read + 'r>, bool)> {
        if self.follow
            && let Source::File(path) = source
        {
            let stop = Stop::default();
            let follow = Follow::open(path, stop.clone())?;
            stop.at_ctrl_c()?;
            return Ok((Box::new(follow), true));
        }
        let (reader, slow) = source.open()?;
        Ok(match manner.progress {
            Some(progress) => (Box::new(Counted::new(reader, progress)), slow),
            None => (reader, slow),
        })
    }

    /// The extensions in use where the handshake is not seen.
    #[must_use]
    pub fn agreed(&self) -> Agreed {
        self.extensions.clone().unwrap_or_default()
    }

    /// Reads a source and numbers its connections from `first_connection`. What there is to say about it, and why
    /// it cannot be read, goes to stderr.
    pub fn read(
        &self,
        source: &Source,
        manner: Manner<'_>,
        first_connection: u32,
        taker: &mut dyn Taker,
    ) -> Outcome {
        let name = source.name();
        let taker = std::cell::RefCell::new(taker);
        let mut notice = |sentence: &str| taker.borrow_mut().say(&manner.of(source, sentence));
        let (reader, slow) = match self.open(source, manner) {
            Ok(opened) => opened,
            Err(error) => {
                let why = format!("error: {}: {}", safe(&name), unreadable(&error));
                taker.borrow_mut().say(&why);
                return Outcome { connections: 0, good: false, others: Others::default() };
            }
        };
        let options = self.options(source, manner, first_connection);
        let mut last = first_connection - 1;
        let mut each = |segment: Segment<'_>| {
            last = last.max(segment.connection);
            taker.borrow_mut().take(&segment)
        };
        let reader = Waiting {
            reader,
            before: || if slow { taker.borrow_mut().idle() } else { ControlFlow::Continue(()) },
        };
        let mut others = Others::default();
        let read = input::read_and_count(&name, reader, &options, &mut notice, &mut each, &mut others);
        let mut say = |sentence: &str| taker.borrow_mut().say(sentence);
        end(source, manner, &mut say, (last + 1 - first_connection, others, read.err()))
    }

    fn options(&self, source: &Source, manner: Manner<'_>, first_connection: u32) -> Options {
        let format = self.format.or(matches!(source, Source::Hex(_)).then_some(Format::Dump));
        let (from, terse, limits) = (self.from, manner.terse, self.limits());
        Options { format, from, first_connection, terse, limits, growing: self.follow }
    }

    /// The same source, to be read part by part, where it is a capture file; otherwise nothing is said of it yet.
    pub fn parts<'s>(
        &self,
        source: &'s Source,
        manner: Manner<'s>,
        first_connection: u32,
    ) -> Option<Parts<'s>> {
        let Source::File(path) = source else { return None };
        let file = File::open(path).ok()?;
        let options = self.options(source, manner, first_connection);
        let mut notice = |sentence: &str| say(&manner.of(source, sentence));
        match manner.progress {
            Some(progress) => {
                Parts::open(&source.name(), Counted::new(file, progress), &options, &mut notice)
            }
            None => Parts::open(&source.name(), file, &options, &mut notice),
        }
        .ok()?
    }
}

/// A capture was read part by part, as far as somebody wanted it.
pub fn end_parts(source: &Source, manner: Manner<'_>, parts: Parts<'_>) -> Outcome {
    end(source, manner, &mut |sentence| say(sentence), parts.finish())
}

/// A source was read: its connections, and why not to its end.
fn end(
    source: &Source,
    manner: Manner<'_>,
    say: &mut dyn FnMut(&str),
    (connections, others, error): (u32, Others, Option<InputError>),
) -> Outcome {
    if let Some(says) = others_say(&others).filter(|_| !manner.others_shown) {
        say(&manner.of(source, &says));
    }
    if let Some(error) = &error {
        say(&format!("error: {error}"));
    }
    Outcome { connections, good: error.is_none(), others }
}

impl Manner<'_> {
    /// A sentence about a source, as it is said.
    #[must_use]
    pub fn of(self, source: &Source, sentence: &str) -> String {
        if self.named { format!("{}: {sentence}", safe(&source.name())) } else { sentence.to_owned() }
    }
}

/// Does something before it waits for more; where that breaks, the input ends there.
struct Waiting<R, F> {
    reader: R,
    before: F,
}

impl<R: Read, F: FnMut() -> ControlFlow<()>> Read for Waiting<R, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match (self.before)() {
            ControlFlow::Continue(()) => self.reader.read(into),
            ControlFlow::Break(()) => Ok(0),
        }
    }
}

/// Why a file cannot be opened, without the number of the system's error.
fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// How many connections without WebSocket there were. TLS and HTTP/2 have sentences of their own, with what to do.
fn others_say(others: &Others) -> Option<String> {
    let others = Others { tls: 0, http2: 0, ..*others };
    let kinds: Vec<_> = others.kinds().map(|(number, what)| format!("{} {what}", grouped(number))).collect();
    let connections = count(others.all(), "TCP connection");
    (others.all() > 0).then(|| format!("{connections} without WebSocket left out: {}", kinds.join(", ")))
}

/// A name as it can be printed.
fn safe(name: &str) -> String {
    let mut out = String::new();
    Sanitizer { ascii: false }.push(&mut out, name.as_bytes());
    out
}

/// The bytes of all these, where all are files.
#[must_use]
pub fn all_bytes(sources: &[Source]) -> Option<u64> {
    sources.iter().try_fold(0u64, |sum, source| {
        let Source::File(path) = source else { return None };
        let file = path.metadata().ok().filter(std::fs::Metadata::is_file);
        // What is no file, or not there, has nothing to wait for.
        Some(sum.saturating_add(file.map_or(0, |file| file.len())))
    })
}

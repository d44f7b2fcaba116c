//! The options about what is shown and how, the same for every command that shows a connection.

mod part;

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::exit::Failure;
use super::pages::Chooser;
use super::progress::say;
use super::select::SelectArgs;
use crate::render::anatomy::{self, Anatomy};
use crate::render::clock::Times;
use crate::render::collect::{Collector, Shown};
use crate::render::connections::Connections;
use crate::render::diagram::{self, Diagram};
use crate::render::json::JsonLines;
use crate::render::lesson::{self, Lesson};
use crate::render::page::Page;
use crate::render::payload::PayloadShown;
use crate::render::select::Selector;
use crate::render::summary::{self, Summary};
use crate::render::table::Table;
use crate::render::zone::Zone;
use crate::session::agreed::Agreed;
use crate::session::others::Others;

/// How a connection is shown.
#[derive(Clone, Debug, Args)]
pub struct ViewArgs {
    /// How to show it; the lesson unless told otherwise.
    #[arg(long, value_enum, help_heading = "View")]
    view: Option<ViewName>,
    /// Short for --view json; with --view connections or table the same as JSON Lines, with --view
    /// deflate the pieces of compressed messages too.
    #[arg(long, help_heading = "View")]
    json: bool,
    /// How much of each payload to show: none, a number of bytes, or all (up to 64 MiB). json shows all unless
    /// told otherwise, the lesson 256 bytes, the diagram 20 (64 KiB with all), the
    /// summary what fits in its line. For deflate it is a number of symbols, 40 where nothing is said.
    #[arg(long, value_name = "none|N|all", help_heading = "View")]
    payload: Option<PayloadShown>,
    /// Explain everything each time, not only where it is first met.
    #[arg(long, help_heading = "View")]
    verbose: bool,
    /// From where times are counted, where the input has any; json keeps seconds since 1970.
    #[arg(long, value_enum, value_name = "FROM", default_value_t = TimeName::Relative, help_heading = "View")]
    time: TimeName,
    /// What of it to show.
    #[command(flatten)]
    pub select: SelectArgs,
}

/// The views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ViewName {
    /// Byte by byte and bit by bit, with what each does.
    Lesson,
    /// One line a frame.
    Summary,
    /// The connections: who, what about, how much, how it ended, and the worst finding.
    Connections,
    /// What each connection sums up to, by sender and opcode: sizes, gaps, ping times.
    Table,
    /// The RFC's picture of each frame, with the frame's own bits in it.
    Diagram,
    /// Compressed messages from the inside: block by block, symbol by symbol, and where each byte comes from.
    Deflate,
    /// JSON Lines, one object an event; `wslens schema` prints their schema.
    Json,
}

/// From where times are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TimeName {
    /// From the first time of the connection.
    Relative,
    /// From the time of what is shown before.
    Delta,
    /// The date and the time of day where it is read (TZ, or the system's zone), and how far that is from UTC.
    Absolute,
    /// The date and the time of day in UTC, as the Z at its end says.
    Utc,
}

impl From<TimeName> for Times {
    fn from(name: TimeName) -> Self {
        match name {
            TimeName::Relative => Self::Relative,
            TimeName::Delta => Self::Delta,
            TimeName::Absolute => Self::Absolute(Zone::Local),
            TimeName::Utc => Self::Absolute(Zone::Utc),
        }
    }
}

impl ViewArgs {
    /// Whether the view explains, so that words around it have a reader.
    #[must_use]
    pub const fn teaches(&self) -> bool {
        !self.json && matches!(self.view, None | Some(ViewName::Lesson))
    }

    /// The view that these options ask for, which writes to `out`, and the collector that it needs. `agreed` are the
    /// extensions in use where the handshake is not seen.
    ///
    /// # Errors
    /// Where --json is asked for and a view that has no such form.
    pub fn view<W: Write>(
        &self,
        page: &Page,
        agreed: &Agreed,
        out: W,
    ) -> Result<(View<W>, Collector), Failure> {
        let options = || self.lesson_options(page, agreed);
        let view = match self.name()? {
            ViewName::Lesson => TextView::Lesson(Lesson::new(options())),
            ViewName::Diagram => TextView::Diagram(Diagram::new(options())),
            ViewName::Summary => {
                let payload = self.payload != Some(PayloadShown::None);
                let options = summary::Options { page: *page, times: self.time.into(), payload };
                TextView::Summary(Summary::new(options))
            }
            ViewName::Connections if self.json => TextView::Connections(Connections::new(*page).as_json()),
            ViewName::Connections => TextView::Connections(Connections::new(*page)),
            ViewName::Table if self.json => TextView::Table(Table::new(*page).as_json()),
            ViewName::Table => TextView::Table(Table::new(*page)),
            ViewName::Deflate => TextView::Anatomy(Anatomy::new(options(), self.symbols())),
            ViewName::Json => {
                let cap = self.payload.unwrap_or(PayloadShown::All).cap();
                let collector = Collector::new(cap, 0);
                let asks = self.view == Some(ViewName::Deflate);
                let collector = if asks { collector.with_parts() } else { collector };
                return Ok((View::Json(JsonLines::new(out, cap)), collector));
            }
        };
        let collector = view.collector(self.payload);
        Ok((View::Text(view, TextOut::new(out)), collector))
    }

    /// The view that is asked for.
    fn name(&self) -> Result<ViewName, Failure> {
        match (self.view, self.json) {
            (None, true) => Ok(ViewName::Json),
            (None, false) => Ok(ViewName::Lesson),
            (Some(name), false) => Ok(name),
            (Some(ViewName::Deflate), true) => Ok(ViewName::Json),
            (Some(name @ (ViewName::Json | ViewName::Connections | ViewName::Table)), true) => Ok(name),
            (Some(_), true) => Err(Failure::Said(
                "--json is a view of its own: leave --view out, or take --view connections, table or deflate, of \
                 which it makes JSON Lines"
                    .to_owned(),
            )),
        }
    }

    /// What chooses among all that passes: pages become one line, unless all is asked for, or kinds of things are.
    #[must_use]
    pub fn chooser(&self, page: &Page) -> Chooser {
        let by_line = matches!(
            self.name(),
            Ok(ViewName::Lesson | ViewName::Summary | ViewName::Diagram | ViewName::Deflate)
        );
        let asks = !self.verbose && !self.select.asks_for_things();
        Chooser::new(Selector::new(self.select.selection()), Some(*page).filter(|_| by_line && asks))
    }

    /// How many symbols of a compressed message are explained.
    const fn symbols(&self) -> u64 {
        match self.payload {
            None => anatomy::EXPLAINED,
            Some(PayloadShown::None) => 0,
            Some(PayloadShown::First(most)) => most,
            Some(PayloadShown::All) => u64::MAX,
        }
    }

    fn lesson_options(&self, page: &Page, agreed: &Agreed) -> lesson::Options {
        lesson::Options {
            page: *page,
            payload: self.payload.unwrap_or_default(),
            verbose: self.verbose,
            times: self.time.into(),
            agreed: agreed.clone(),
        }
    }
}

/// A view at work, and where it writes.
#[derive(Debug)]
pub enum View<W> {
    /// Text, block by block.
    Text(TextView, TextOut<W>),
    /// JSON Lines.
    Json(JsonLines<W>),
}

/// A view that appends text.
#[derive(Debug)]
pub enum TextView {
    /// Byte by byte and bit by bit.
    Lesson(Lesson),
    /// One line a frame.
    Summary(Summary),
    /// The connections.
    Connections(Connections),
    /// What each connection sums up to.
    Table(Table),
    /// The RFC's picture of each frame.
    Diagram(Diagram),
    /// Compressed messages from the inside.
    Anatomy(Anatomy),
}

impl<W> View<W> {
    /// The same of connections that pass while they are shown.
    #[must_use]
    pub fn live(self) -> Self {
        match self {
            Self::Text(TextView::Connections(connections), out) => {
                Self::Text(TextView::Connections(connections.live()), out)
            }
            other => other,
        }
    }
}

impl TextView {
    /// What keeps as much payload as the view shows, and as sent where it shows that too.
    fn collector(&self, payload: Option<PayloadShown>) -> Collector {
        match self {
            Self::Lesson(_) => Collector::new(payload.unwrap_or_default().cap(), lesson::EXPLAINED),
            Self::Diagram(_) => {
                let shown = payload.unwrap_or_default();
                Collector::new(shown.cap(), diagram::drawn(shown))
            }
            Self::Summary(_) => {
                let cap = payload.unwrap_or(PayloadShown::All).cap();
                Collector::new(cap.min(summary::KEEP), 0)
            }
            Self::Connections(_) | Self::Table(_) => Collector::new(0, 0),
            Self::Anatomy(_) => Collector::new(anatomy::KEEP, 0).with_parts(),
        }
    }

    /// Whether it writes JSON, in which words beside it have no place.
    const fn is_json(&self) -> bool {
        match self {
            Self::Connections(connections) => connections.is_json(),
            Self::Table(table) => table.is_json(),
            Self::Lesson(_) | Self::Summary(_) | Self::Diagram(_) | Self::Anatomy(_) => false,
        }
    }

    fn begin(&mut self, shown: &Shown<'_>, out: &mut String) {
        match self {
            Self::Lesson(lesson) => lesson.begin(shown, out),
            Self::Summary(summary) => summary.show(shown, out),
            Self::Connections(connections) => connections.show(shown, out),
            Self::Table(table) => table.show(shown, out),
            Self::Diagram(diagram) => diagram.show(shown, out),
            Self::Anatomy(anatomy) => anatomy.show(shown, out),
        }
    }

    /// Nothing more comes, and there were these connections besides.
    fn finish(&mut self, others: &Others, out: &mut String) {
        match self {
            Self::Lesson(_) | Self::Diagram(_) | Self::Anatomy(_) => {}
            Self::Summary(summary) => summary.finish(others, out),
            Self::Connections(connections) => connections.finish(others, out),
            Self::Table(table) => table.finish(out),
        }
    }
}

impl<W: Write> View<W> {
    /// Shows what comes next.
    ///
    /// # Errors
    /// Where the output takes no more.
    #[inline]
    pub fn show(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        self.begin(shown)?;
        while self.go_on(shown)? {}
        Ok(())
    }

    /// Shows what comes next: its beginning, where it is very long.
    ///
    /// # Errors
    /// Where the output takes no more.
    #[inline]
    pub fn begin(&mut self, shown: &Shown<'_>) -> io::Result<()> {
        match self {
            Self::Text(view, text) => text.write(|out| view.begin(shown, out)),
            Self::Json(lines) => lines.show(shown),
        }
    }

    /// Goes on with it, piece by piece; whether there was more of it.
    ///
    /// # Errors
    /// Where the output takes no more.
    #[inline]
    pub fn go_on(&mut self, shown: &Shown<'_>) -> io::Result<bool> {
        let Self::Text(TextView::Lesson(lesson), text) = self else { return Ok(false) };
        let mut more = false;
        text.write(|out| more = lesson.go_on(shown, out))?;
        Ok(more)
    }

    /// Words beside what is shown: within the text, or on stderr where the output is for programs.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn words(&mut self, words: &str) -> io::Result<()> {
        match self {
            Self::Text(view, text) if !view.is_json() => text.write(|out| {
                out.push_str(words);
                out.push('\n');
            }),
            Self::Text(..) | Self::Json(_) => {
                say(words);
                Ok(())
            }
        }
    }

    /// Whether it tells how many connections without WebSocket there were.
    #[must_use]
    pub const fn tells_others(&self) -> bool {
        matches!(self, Self::Text(TextView::Summary(_) | TextView::Connections(_), _))
    }

    /// Nothing more comes: shows what sums it up, with the connections without WebSocket, and writes all that is held back.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn finish(&mut self, others: &Others) -> io::Result<()> {
        if let Self::Text(view, text) = self {
            text.write(|out| view.finish(others, out))?;
        }
        self.flush()
    }

    /// Writes all that is held back.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Text(_, text) => text.flush(),
            Self::Json(lines) => lines.flush(),
        }
    }
}

/// Gathers text and writes it in large pieces.
#[derive(Debug)]
pub struct TextOut<W> {
    out: W,
    text: String,
    /// Bytes that are gathered before they are written.
    most: usize,
}

/// Bytes of text that are gathered before they are written.
const FULL: usize = 64 * 1024;

impl<W: Write> TextOut<W> {
    const fn new(out: W) -> Self {
        Self { out, text: String::new(), most: FULL }
    }

    fn write(&mut self, append: impl FnOnce(&mut String)) -> io::Result<()> {
        append(&mut self.text);
        if self.text.len() >= self.most {
            self.out.write_all(self.text.as_bytes())?;
            self.text.clear();
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        self.out.flush()
    }
}

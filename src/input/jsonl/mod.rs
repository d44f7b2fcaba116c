//! Our own JSON Lines, as `--json` prints and `--record FILE.jsonl` keeps them.
//!
//! Heads are in them as they were sent, and a frame's header and payload are enough to write it again bit by bit. So the
//! bytes are made anew, and everything else, such as messages and findings, follows from them. What a line leaves
//! out of a payload is missing.

mod answer;
mod frame;
mod line;
mod open;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use self::answer::Answer;
use self::line::{Bad, Line};
use super::counted::grouped;
use super::emit::{Emitter, Stop};
use super::error::InputError;
use super::format::Format;
use super::surrogates::{self, Alone};
use crate::session::segment::{How, Opening, Time};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// How a line begins.
const START: &[u8] = b"{\"v\":1,\"type\":\"";

/// The longest line that is read: longer than any that is written.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Holes in a frame that are remembered until its line comes.
const MOST_GAPS: usize = 256;

/// Whether a text begins as ours does.
pub(super) fn is_jsonl(head: &[u8]) -> bool {
    head.starts_with(START)
}

/// Reads JSON Lines.
pub(super) fn read(
    name: &str,
    reader: impl Read,
    notice: &mut dyn FnMut(&str),
    to: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let mut reader = BufReader::with_capacity(256 * 1024, reader);
    let mut lines = Lines { to, connections: BTreeMap::new(), answer: None, others: 0 };
    let (mut text, mut alone) = (Vec::new(), Alone::default());
    for number in 1.. {
        text.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut text);
        let len = read.map_err(|source| InputError::Read { name: name.to_owned(), source })?;
        if len == 0 {
            break;
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        let fault =
            |column, what: String| InputError::Text { name: name.to_owned(), line: number, column, what };
        mend(&mut text, number, &mut alone);
        let line: Value = serde_json::from_slice(&text).map_err(|error| match error.is_eof() {
            true => fault(len as u64, "this line is cut short; what came before was read".to_owned()),
            false => fault(error.column() as u64, "this is no JSON; what came before was read".to_owned()),
        })?;
        lines.line(Line(&line)).map_err(|bad| match bad {
            Bad::Stop(stop) => stop,
            Bad::Lacks(key) => {
                fault(1, format!("this line has no \"{key}\" as wslens --json writes it")).into()
            }
        })?;
    }
    lines.finish()?;
    if let Some(says) = alone.says() {
        notice(&says);
    }
    if lines.others > 0 {
        notice(&format!("{} lines of other kinds were passed over", grouped(lines.others)));
    }
    Ok(())
}

/// Mends the escapes of a line.
fn mend(text: &mut [u8], line: u64, alone: &mut Alone) {
    let mut next = 0;
    while let Some(rest) = text.get_mut(next..)
        && let Some(at) = memchr::memchr(b'\\', rest)
    {
        let (len, is_alone) = surrogates::mend(rest.get_mut(at..).unwrap_or_default());
        if is_alone {
            alone.add(line, (next + at) as u64 + 1);
        }
        next += at + len;
    }
}

/// What is known of a connection.
struct Connection {
    index: usize,
    client: Side,
    server: Side,
}

impl Connection {
    fn new(index: usize) -> Self {
        Self { index, client: Side::default(), server: Side::default() }
    }

    const fn side(&mut self, sender: Sender) -> &mut Side {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }
}

/// What is known of a sender's stream.
#[derive(Default)]
struct Side {
    /// Bytes that lines have covered; none before the first.
    covered: Option<u64>,
    /// Holes in a frame: where, and of how many bytes.
    gaps: Vec<(u64, u64)>,
    /// The frame that they are in, and how many bytes it lacks.
    frame: Option<Value>,
    missing: u64,
}

struct Lines<'a, 'e> {
    to: &'a mut Emitter<'e>,
    connections: BTreeMap<u64, Connection>,
    /// The answer that came behind what the next lines tell.
    answer: Option<Answer>,
    others: u64,
}

impl Lines<'_, '_> {
    fn line(&mut self, line: Line<'_>) -> Result<(), Bad> {
        if self.answer.as_ref().is_some_and(|answer| !answer.may_be_behind(line)) {
            self.tell_answer()?;
        }
        if line.text("type") == Some("response") && line.number("early").is_ok() {
            self.hold_answer(line)
        } else {
            self.tell(line)
        }
    }

    /// Holds an answer until it is told what came before it.
    fn hold_answer(&mut self, line: Line<'_>) -> Result<(), Bad> {
        self.answer = Some(Answer::of(line)?);
        Ok(())
    }

    fn tell_answer(&mut self) -> Result<(), Bad> {
        let Some(answer) = self.answer.take() else { return Ok(()) };
        self.bytes(answer.line(), answer.raw(), 0)
    }

    /// Hands bytes on, and the answer where it came behind some of them.
    fn give(&mut self, index: usize, sender: Sender, time: Option<Time>, bytes: &[u8]) -> Result<(), Bad> {
        let before = match &mut self.answer {
            Some(answer) if sender == Sender::Client => answer.take(bytes.len()),
            _ => bytes.len(),
        };
        let (early, rest) = bytes.split_at_checked(before).unwrap_or((bytes, &[]));
        self.to.bytes(index, sender, time, early)?;
        if self.answer.as_ref().is_some_and(Answer::has_come) {
            self.tell_answer()?;
        }
        Ok(self.to.bytes(index, sender, time, rest)?)
    }

    /// What a line says, now that its turn has come.
    fn tell(&mut self, line: Line<'_>) -> Result<(), Bad> {
        match line.text("type").ok_or(Bad::Lacks("type"))? {
            "open" => self.open(line),
            "request" | "response" => self.bytes(line, &line.raw()?, 0),
            "frame" => self.frame(line),
            "message" => self.message(line),
            "opaque" if line.text("why") == Some("reported") => {
                let (index, sender, (words, _)) = (self.index(line)?, line.sender()?, line.payload()?);
                Ok(self.to.reported(index, sender, line.time("time"), &words)?)
            }
            "opaque" => {
                let (bytes, omitted) = line.payload()?;
                self.bytes(line, &bytes, omitted)
            }
            "gap" => self.gap(line),
            "end" => self.end(line),
            _ => {
                self.others += 1;
                Ok(())
            }
        }
    }

    fn open(&mut self, line: Line<'_>) -> Result<(), Bad> {
        let number = line.number("connection")?;
        let index = self.to.open(line.time("time"), open::read(line))?;
        self.connections.insert(number, Connection::new(index));
        Ok(())
    }

    /// The connection of a line. Where its opening is not in the input, it begins with it.
    fn connection(&mut self, line: Line<'_>) -> Result<&mut Connection, Bad> {
        let number = line.number("connection")?;
        if !self.connections.contains_key(&number) {
            let opening = Opening { input: Format::Jsonl.name().to_owned(), ..Opening::default() };
            let index = self.to.open(line.time("time"), opening)?;
            self.connections.insert(number, Connection::new(index));
        }
        self.connections.get_mut(&number).ok_or(Bad::Lacks("connection"))
    }

    fn index(&mut self, line: Line<'_>) -> Result<usize, Bad> {
        Ok(self.connection(line)?.index)
    }

    /// Comes to the place of a line, past what is missing before it; and where its connection is.
    fn come_to(&mut self, line: Line<'_>) -> Result<usize, Bad> {
        let (sender, offset, len) = (line.sender()?, line.number("offset")?, line.number("len")?);
        self.settle(line, sender)?;
        let connection = self.connection(line)?;
        let (index, side) = (connection.index, connection.side(sender));
        let missing = side.covered.map_or(0, |covered| offset.saturating_sub(covered));
        side.covered = Some(offset.saturating_add(len));
        self.to.gap(index, sender, line.time("time"), missing)?;
        Ok(index)
    }

    /// Bytes that a line covers from its first, and how many more there were.
    fn bytes(&mut self, line: Line<'_>, bytes: &[u8], omitted: u64) -> Result<(), Bad> {
        let (sender, index) = (line.sender()?, self.come_to(line)?);
        let (first, rest) = bytes.split_at_checked(1).unwrap_or((bytes, &[]));
        let (time, end) = (line.time("time"), line.time("time_end"));
        if time == end {
            self.give(index, sender, time, bytes)?;
        } else {
            self.give(index, sender, time, first)?;
            self.give(index, sender, end, rest)?;
        }
        Ok(self.to.gap(index, sender, end, omitted)?)
    }

    /// A hole: at its place in the stream, or in the frame whose line stands before or behind it.
    fn gap(&mut self, line: Line<'_>) -> Result<(), Bad> {
        let (sender, offset, lost) = (line.sender()?, line.number("offset")?, line.number("lost")?);
        let connection = self.connection(line)?;
        let (index, side) = (connection.index, connection.side(sender));
        let inside = side.covered.is_some_and(|covered| offset < covered);
        if side.covered.is_none_or(|covered| covered == offset) {
            side.covered = Some(offset.saturating_add(lost));
            return Ok(self.to.gap(index, sender, line.time("time"), lost)?);
        }
        if side.gaps.len() < MOST_GAPS {
            side.gaps.push((offset, lost));
        }
        if inside && side.gaps.iter().map(|gap| gap.1).fold(0, u64::saturating_add) >= side.missing {
            self.settle(line, sender)?;
        }
        Ok(())
    }

    /// A frame. Where bytes of it are missing, lines about them follow.
    fn frame(&mut self, line: Line<'_>) -> Result<(), Bad> {
        let (sender, len) = (line.sender()?, line.number("len")?);
        let (payload, omitted) = line.payload()?;
        self.come_to(line)?;
        let known = frame::header_len(line.0)
            .unwrap_or(len)
            .saturating_add(payload.len() as u64)
            .saturating_add(omitted);
        let side = self.connection(line)?.side(sender);
        side.missing = len.saturating_sub(known);
        let told = side.gaps.iter().map(|gap| gap.1).fold(0, u64::saturating_add);
        if told >= side.missing {
            return self.write(line, sender);
        }
        side.frame = Some(line.0.clone());
        Ok(())
    }

    /// Writes the frame that waits to learn where its holes are.
    fn settle(&mut self, line: Line<'_>, sender: Sender) -> Result<(), Bad> {
        match self.connection(line)?.side(sender).frame.take() {
            Some(frame) => self.write(Line(&frame), sender),
            None => Ok(()),
        }
    }

    /// Writes the frame of a line, with the holes that are known.
    fn write(&mut self, line: Line<'_>, sender: Sender) -> Result<(), Bad> {
        let connection = self.connection(line)?;
        let (index, side) = (connection.index, connection.side(sender));
        let (offset, len) = (line.number("offset")?, line.number("len")?);
        let end = offset.saturating_add(len);
        let gaps = std::mem::take(&mut side.gaps);
        let inside = gaps.into_iter().filter(|(at, _)| (offset..end).contains(at));
        let gaps: Vec<_> = inside.map(|(at, lost)| (at - offset, lost)).collect();
        let (payload, omitted) = line.payload()?;
        let (time, time_end) = (line.time("time"), line.time("time_end"));
        let mut first = true;
        frame::write(line.0, len, &payload, &gaps, omitted, &mut |piece| {
            let time = if std::mem::take(&mut first) { time } else { time_end };
            match piece {
                frame::Piece::Bytes(bytes) => self.give(index, sender, time, bytes),
                frame::Piece::Gap(lost) => Ok(self.to.gap(index, sender, time, lost)?),
            }
        })
    }

    /// Nothing more comes: what waits is written as far as it is known.
    fn finish(&mut self) -> Result<(), Stop> {
        let sides = self.connections.values().flat_map(|it| [&it.client, &it.server]);
        let waiting: Vec<Value> = sides.filter_map(|side| side.frame.clone()).collect();
        for frame in &waiting {
            let line = Line(frame);
            let settled = line.sender().and_then(|sender| self.settle(line, sender));
            if let Err(Bad::Stop(stop)) = settled {
                return Err(stop);
            }
        }
        match self.tell_answer() {
            Err(Bad::Stop(stop)) => Err(stop),
            _ => Ok(()),
        }
    }

    /// A message follows from its frames; where there are none, it is all that there is.
    fn message(&mut self, line: Line<'_>) -> Result<(), Bad> {
        let frames = line.0.get("frames").and_then(Value::as_array);
        if frames.is_none_or(|frames| !frames.is_empty()) {
            return Ok(());
        }
        let (index, sender, (payload, _)) = (self.index(line)?, line.sender()?, line.payload()?);
        let opcode = if line.number("opcode")? == 1 { Opcode::TEXT } else { Opcode::BINARY };
        Ok(self.to.message(index, sender, line.time("time"), (opcode, &payload))?)
    }

    fn end(&mut self, line: Line<'_>) -> Result<(), Bad> {
        let how = match line.text("how") {
            Some("fin") => How::Fin,
            Some("reset") => How::Reset,
            _ => How::Unknown,
        };
        let (sender, index) = (line.sender()?, self.come_to(line)?);
        Ok(self.to.end(index, sender, line.time("time"), how)?)
    }
}

//! The transcript: both directions of connections in a plain text file, to be written by hand and kept in a
//! repository.
//!
//! ```text
//! # A comment is a line of its own, or stands behind bytes.
//! connection 1 127.0.0.1:51234 -> localhost:8000
//! @0.000
//! > GET /chat HTTP/1.1
//! > Host: localhost
//! >
//! @0.002
//! < HTTP/1.1 101 Switching Protocols
//! < Upgrade: websocket
//! <
//! @0.010 > 81 94 9f af 77 f8   # the header and the key
//!   c8 ca 15 8b f0 cc 1c 9d eb dc 57 99 ed ca 57 9f ed ca 16 8c
//! < 81 14 "Hi, from the server!"
//! < 82 7e 01 00  "a" x 256
//! > missing 12
//! < FIN
//! > RST
//! ```
//!
//! A line is one of these:
//!
//! * `> …` is sent by the client, `< …` by the server. A line that begins with two spaces goes on where the
//!   marked line above it stopped: the spaces stand for its mark. Below a mark alone the spaces may be left
//!   out, except before `>`, `<`, `@` and `#`.
//! * `connection N`, with `client -> server` or `client → server` behind it and `tls` after that where they
//!   are known, begins connection N, or goes back to it. Without such a line there is one connection.
//! * `@seconds` with up to nine decimals sets the time of what follows, on a line of its own or before a
//!   mark.
//! * `# …` is a comment. It stands in its own line, or behind bytes; in a line of text it is part of the
//!   text.
//! * An empty line says nothing, except that it ends a head.
//!
//! Behind a mark stands one of these:
//!
//! * **Bytes**: pairs of hex digits with any spaces, and strings in double quotes: the characters in UTF-8,
//!   with `\r`, `\n`, `\t`, `\0`, `\\`, `\"` and `\xNN` for single bytes. No line end is added. `x N` repeats
//!   the run of digits or the string before it, so that it stands N times; one line gives at most 64 MiB.
//! * **A head**: a line that begins with `HTTP/`, or whose last word does, begins a head. From there on the
//!   lines of this sender are text, byte for byte, each with CRLF added, up to and with the empty line that
//!   ends the head. What text cannot show (a bare LF, a blank at the end of a line) is written as a string in
//!   quotes, to which nothing is added.
//! * **`FIN`** or **`RST`**: the sender's stream ends here. **`missing N`**: N of its bytes are not in the
//!   transcript. These three are meant even within a head.
//!
//! Lines end in LF or CRLF and have at most 64 MiB. A file of any size is read line by line.

mod data;
mod line;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use self::data::Data;
use self::line::Ending;
use super::emit::{Emitter, Stop};
use super::error::{Fault, InputError};
use super::format::Format;
use super::text::Line;
use crate::session::segment::{How, Opening, Roles, Time};
use crate::wire::sender::Sender;

pub(super) use self::line::is_statement;

/// The longest line.
const LINE: usize = 64 * 1024 * 1024;

/// Reads to the end. Of a file that is `growing`, a last line without an end is not whole yet, and left out.
pub(super) fn read(name: &str, reader: impl Read, growing: bool, to: &mut Emitter<'_>) -> Result<(), Stop> {
    let mut reader = BufReader::with_capacity(128 * 1024, reader);
    let mut transcript = Transcript {
        to,
        time: None,
        talks: Vec::new(),
        numbers: HashMap::new(),
        at: None,
        block: false,
        data: Data::default(),
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = (&mut reader).take(LINE as u64 + 1).read_until(b'\n', &mut line);
        if read.map_err(|source| InputError::Read { name: name.to_owned(), source })? == 0 {
            break;
        }
        if line.len() > LINE {
            let fault = Fault::new(LINE, "a line of more than 64 MiB: write several");
            return Err(InputError::in_line(name, number, &line, fault).into());
        }
        if growing && !line.ends_with(b"\n") {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = if number == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
        transcript.line(Line { at: 0, text }).map_err(|problem| match problem {
            Problem::Stop(stop) => stop,
            Problem::Fault(fault) => Stop::Bad(InputError::in_line(name, number, text, fault)),
        })?;
    }
    Ok(())
}

/// Why a line is not taken.
#[derive(Debug)]
enum Problem {
    Stop(Stop),
    Fault(Fault),
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What the lines so far have set.
struct Transcript<'t, 'e> {
    to: &'t mut Emitter<'e>,
    time: Option<Time>,
    talks: Vec<Talk>,
    /// From the number in the file to the index in `talks`.
    numbers: HashMap<u32, usize>,
    /// The connection that is spoken of, and whose mark was last.
    at: Option<(usize, Option<Sender>)>,
    /// Whether its last mark stood alone.
    block: bool,
    data: Data,
}

/// One connection.
struct Talk {
    connection: usize,
    client: Voice,
    server: Voice,
}

/// One sender of a connection.
#[derive(Default)]
struct Voice {
    head: Option<HeadLine>,
    ended: bool,
}

/// Where the bytes of a head stand: it ends at the first empty line.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum HeadLine {
    /// Within a line.
    #[default]
    Within,
    /// Behind LF.
    Start,
    /// Behind LF CR.
    StartCr,
}

impl Transcript<'_, '_> {
    fn line(&mut self, line: Line<'_>) -> Result<(), Problem> {
        match line.text {
            text if text.trim_ascii().is_empty() => self.empty_line(),
            [b'#', ..] => Ok(()),
            [b'@', ..] => self.timed(line),
            [b'>' | b'<', ..] => self.marked(line),
            [b' ' | b'\t', ..] => self.continued(line),
            [b'c', ..] if line::connection(line).is_ok() || !self.block => self.connection(line),
            _ if self.block => self.continued(line),
            _ => Err(line::unknown(line).into()),
        }
    }

    /// A line without anything: the empty line of a head, or nothing.
    fn empty_line(&mut self) -> Result<(), Problem> {
        if let Some((_, Some(sender))) = self.at
            && self.in_head()?
        {
            return self.send(sender, b"\r\n");
        }
        Ok(())
    }

    /// `@seconds`, and perhaps a marked line behind it.
    fn timed(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let (time, rest) = line::time(line)?;
        self.time = Some(time);
        match rest.text {
            [] | [b'#', ..] => Ok(()),
            [b'>' | b'<', ..] => self.marked(rest),
            _ => Err(Fault::new(rest.at, "behind a time stands > or <, or nothing").into()),
        }
    }

    fn connection(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let (number, opening) = line::connection(line)?;
        self.block = false;
        match (self.numbers.get(&number), opening) {
            (Some(talk), None) => self.at = Some((*talk, None)),
            (Some(_), Some(_)) => {
                let what = format!(
                    "connection {number} began further above: write only \"connection {number}\" to go on with it"
                );
                return Err(Fault::new(line.at, what).into());
            }
            (None, opening) => self.open(number, opening.unwrap_or_default())?,
        }
        Ok(())
    }

    fn open(&mut self, number: u32, opening: Opening) -> Result<(), Stop> {
        let input = Format::Transcript.name().to_owned();
        let connection = self.to.open(self.time, Opening { input, roles: Roles::Marked, ..opening })?;
        self.numbers.insert(number, self.talks.len());
        self.at = Some((self.talks.len(), None));
        self.talks.push(Talk { connection, client: Voice::default(), server: Voice::default() });
        Ok(())
    }

    /// A line that begins with its mark.
    fn marked(&mut self, line: Line<'_>) -> Result<(), Problem> {
        let sender = if line.text.starts_with(b">") { Sender::Client } else { Sender::Server };
        let rest = line.skip(1);
        if self.at.is_none() {
            self.open(1, Opening::default())?;
        }
        if let Some((_, last)) = &mut self.at {
            *last = Some(sender);
        }
        let content = rest.behind(b" ").unwrap_or(rest);
        self.block = content.text.is_empty() && !self.in_head()?;
        self.content(sender, content)
    }

    /// A line that goes on where the one above it stopped.
    fn continued(&mut self, line: Line<'_>) -> Result<(), Problem> {
        if line.text.trim_ascii_start().starts_with(b"#") && !self.in_head()? {
            return Ok(());
        }
        let Some((_, Some(sender))) = self.at else {
            return Err(Fault::new(line.at, "a line that begins with a space goes on with a marked line, and above it there is none: begin with > or <").into());
        };
        let text = line.behind(b"  ").unwrap_or(line);
        self.content(sender, text)
    }

    /// What stands behind a mark.
    fn content(&mut self, sender: Sender, line: Line<'_>) -> Result<(), Problem> {
        if self.voice(sender)?.ended {
            return Err(Fault::new(
                line.at,
                format!("the {sender}'s stream ended further above: nothing can follow"),
            )
            .into());
        }
        match line::ending(line)? {
            Some(ending) => self.ending(sender, ending),
            None if line.text.starts_with(b"\"") => self.bytes(sender, line),
            None if self.voice(sender)?.head.is_some() => self.text(sender, line),
            None if line::begins_head(line.text) => {
                self.voice(sender)?.head = Some(HeadLine::Within);
                self.text(sender, line)
            }
            None => self.bytes(sender, line),
        }
    }

    fn ending(&mut self, sender: Sender, ending: Ending) -> Result<(), Problem> {
        let time = self.time;
        let connection = self.talk()?.connection;
        let voice = self.voice(sender)?;
        voice.head = None;
        let how = match ending {
            Ending::Fin => How::Fin,
            Ending::Rst => How::Reset,
            Ending::Missing(lost) => return Ok(self.to.gap(connection, sender, time, lost)?),
        };
        voice.ended = true;
        Ok(self.to.end(connection, sender, time, how)?)
    }

    /// A line of a head: text, and CRLF.
    fn text(&mut self, sender: Sender, line: Line<'_>) -> Result<(), Problem> {
        let mut text = std::mem::take(&mut self.data.piece);
        text.clear();
        text.extend_from_slice(line.text);
        text.extend_from_slice(b"\r\n");
        let sent = self.send(sender, &text);
        self.data.piece = text;
        sent
    }

    /// A line of digits and strings.
    fn bytes(&mut self, sender: Sender, line: Line<'_>) -> Result<(), Problem> {
        let mut data = std::mem::take(&mut self.data);
        let sent = data.read(line, &mut |piece| self.send(sender, piece));
        self.data = data;
        sent
    }

    fn send(&mut self, sender: Sender, bytes: &[u8]) -> Result<(), Problem> {
        let (time, connection) = (self.time, self.talk()?.connection);
        let voice = self.voice(sender)?;
        voice.head = voice.head.and_then(|head| head.behind(bytes));
        Ok(self.to.bytes(connection, sender, time, bytes)?)
    }

    fn in_head(&mut self) -> Result<bool, Fault> {
        match self.at {
            Some((_, Some(sender))) => Ok(self.voice(sender)?.head.is_some()),
            _ => Ok(false),
        }
    }

    fn voice(&mut self, sender: Sender) -> Result<&mut Voice, Fault> {
        let talk = self.talk()?;
        Ok(if sender == Sender::Client { &mut talk.client } else { &mut talk.server })
    }

    fn talk(&mut self) -> Result<&mut Talk, Fault> {
        let index = self.at.map_or(0, |(talk, _)| talk);
        self.talks.get_mut(index).ok_or_else(|| Fault::new(0, "no connection has begun"))
    }
}

impl HeadLine {
    /// Where a head stands behind `bytes`; `None` where it ended.
    fn behind(self, bytes: &[u8]) -> Option<Self> {
        bytes.iter().try_fold(self, |at, byte| match (at, byte) {
            (Self::Start | Self::StartCr, b'\n') => None,
            (_, b'\n') => Some(Self::Start),
            (Self::Start, b'\r') => Some(Self::StartCr),
            _ => Some(Self::Within),
        })
    }
}

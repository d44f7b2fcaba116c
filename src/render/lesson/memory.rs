//! What was explained already on a connection, so that each thing is explained where it is first met, and once.

use std::collections::BTreeSet;

use super::opaque::Runs;
use crate::render::clock::{Times, push_date_time, push_seconds, span};
use crate::render::glyphs::Mark;
use crate::render::page::Page;
use crate::rules::facts::Rsv;
use crate::session::agreed::Agreed;
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// A thing that is explained at length where it is first met on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum Note {
    /// What Payload len does.
    Frame,
    /// That a client masks.
    ClientMask,
    /// That a server does not.
    ServerMask,
    /// The three reserved bits.
    Rsv,
    /// A payload with a mask: key and XOR.
    Masked,
    /// The first byte of such a payload, bit by bit.
    BitByBit,
    /// Why a client masks.
    WhyMasked,
    /// A payload without a mask.
    Unmasked,
    /// A length of 16 bits.
    Sixteen,
    /// The bits of a length of 64 bits.
    SixtyFour,
    /// What 127 says.
    WhySixtyFour,
    /// FIN and opcode of a message in pieces.
    Pieces,
    /// Why a message comes in pieces.
    WhyPieces,
    /// A control frame between the pieces of a message.
    Between,
    /// A message of several frames.
    Message,
    /// A compressed message.
    Compressed,
    /// A frame that is compressed by itself.
    PerFrame,
    /// A reserved bit of an extension that is not known here.
    Foreign,
    /// One that is inflated.
    Inflated,
    /// What was agreed on for the client's compressor.
    ClientCompressor,
    /// What was agreed on for the server's.
    ServerCompressor,
    /// Ping.
    Ping,
    /// Pong.
    Pong,
    /// The first Close of a connection.
    Close,
    /// The Close that answers it.
    CloseAnswer,
    /// A Close with a code.
    CloseCode,
    /// A Close without a code.
    NoCode,
    /// Bytes that are missing.
    Gap,
    Resync,
}

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// What the lesson remembers of one connection.
#[derive(Debug)]
pub(in crate::render) struct Memory {
    /// Where in the text the rest of a long payload's dump or quote belongs.
    pub(super) rest: Option<usize>,
    /// Everything is explained each time.
    verbose: bool,
    /// From where times are counted.
    times: Times,
    /// The time of what was shown before, of whatever connection.
    previous: Option<Time>,
    met: u64,
    rules: BTreeSet<&'static str>,
    /// When the connection began, as far as the times of what is shown tell.
    pub(in crate::render) began: Option<Time>,
    /// Heads are rebuilt from lists, in which headers may be missing.
    pub(super) rebuilt: bool,
    /// The extensions in use, as far as they are known.
    pub(in crate::render) rsv: Rsv,
    /// The bytes that are not read.
    pub(super) runs: Runs,
    client: SideMemory,
    server: SideMemory,
}

/// What the lesson remembers of one sender.
#[derive(Debug, Default)]
pub(in crate::render) struct SideMemory {
    /// A message is open: its last piece has not come.
    pub(in crate::render) open: bool,
    /// A control frame came between the pieces of the message.
    pub(in crate::render) between: bool,
    /// The lengths of the pieces of the message, the first [`MOST_PIECES`] of them.
    pub(in crate::render) pieces: Vec<u64>,
    /// It has sent Close.
    pub(in crate::render) closed: bool,
    /// The frame whose header was shown when it began.
    pub(super) begun: Option<u64>,
}

/// How many lengths of pieces are remembered: as many as fit in a sum on one line.
pub(in crate::render) const MOST_PIECES: usize = 8;

impl SideMemory {
    /// A piece of a message came.
    pub(in crate::render) fn piece(&mut self, number: u64, len: u64, last: bool) {
        if number == 1 {
            self.pieces.clear();
            self.between = false;
        }
        if self.pieces.len() < MOST_PIECES {
            self.pieces.push(len);
        }
        self.open = !last;
    }
}

impl Memory {
    pub(in crate::render) fn new(verbose: bool, times: Times, agreed: &Agreed) -> Self {
        Self {
            rest: None,
            verbose,
            times,
            previous: None,
            met: 0,
            rules: BTreeSet::new(),
            began: None,
            rebuilt: false,
            rsv: agreed.rsv(),
            runs: Runs::default(),
            client: SideMemory::default(),
            server: SideMemory::default(),
        }
    }

    /// What is remembered of a sender.
    pub(in crate::render) const fn side(&mut self, sender: Sender) -> &mut SideMemory {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    /// Something came at this time: the connection began then, if nothing came before. `previous` is the time of
    /// what was shown before.
    pub(in crate::render) const fn came(&mut self, time: Option<Time>, previous: Option<Time>) {
        self.previous = previous;
        if self.began.is_none() {
            self.began = time;
        }
    }

    /// A time as it stands at the right of a title; empty where none is known.
    pub(in crate::render) fn when(&self, time: Option<Time>) -> String {
        let mut out = String::with_capacity(48);
        if let Some(time) = time {
            self.push_when(time, &mut out);
        }
        out
    }

    fn push_when(&self, time: Time, out: &mut String) {
        let start = match self.times {
            Times::Relative => self.began,
            Times::Delta => {
                out.push('+');
                self.previous
            }
            Times::Absolute(zone) => return push_date_time(out, zone, time),
        };
        push_seconds(out, start.unwrap_or(time), time);
        out.push_str(" s");
    }

    /// Appends the times of a first and a last byte: `0.016–1.209 s`, or only the first where they are the same to the
    /// millisecond.
    pub(in crate::render) fn push_between(
        &self,
        page: &Page,
        first: Option<Time>,
        last: Option<Time>,
        out: &mut String,
    ) {
        let Some(first) = first else { return };
        let last = last.unwrap_or(first);
        let start = self.began.unwrap_or(first);
        match self.times {
            Times::Relative if last.since(start) / MILLISECOND != first.since(start) / MILLISECOND => {
                push_seconds(out, start, first);
                out.push_str(page.mark(Mark::Range));
                push_seconds(out, start, last);
                out.push_str(" s");
            }
            Times::Delta | Times::Absolute(_) if last.since(first) >= MILLISECOND => {
                self.push_when(first, out);
                out.push_str(" in ");
                out.push_str(&span(last.since(first)));
            }
            _ => self.push_when(first, out),
        }
    }

    /// Whether this is the first time; always, where everything is explained each time.
    pub(in crate::render) const fn first(&mut self, note: Note) -> bool {
        let bit = 1 << note as u32;
        let first = self.met & bit == 0;
        self.met |= bit;
        first || self.verbose
    }

    /// Whether this rule is broken for the first time; always, where everything is explained each time.
    pub(in crate::render) fn first_of_rule(&mut self, id: &'static str) -> bool {
        self.rules.insert(id) || self.verbose
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::zone::Zone;

    #[test]
    fn times_count_from_where_they_are_asked_to() {
        for (times, first, second) in [
            (Times::Relative, "0.000 s", "1.500 s"),
            (Times::Delta, "+0.000 s", "+0.500 s"),
            (Times::Absolute(Zone::Utc), "1970-01-01T00:00:01.000Z", "1970-01-01T00:00:02.500Z"),
        ] {
            let mut memory = Memory::new(false, times, &Agreed::Unknown);
            memory.came(Some(Time(1_000_000_000)), None);
            assert_eq!(memory.when(Some(Time(1_000_000_000))), first);
            memory.came(Some(Time(2_500_000_000)), Some(Time(2_000_000_000)));
            assert_eq!(memory.when(Some(Time(2_500_000_000))), second);
            assert_eq!(memory.when(None), "");
        }
    }

    #[test]
    fn a_frame_that_took_its_time_tells_both_its_ends() {
        for (times, long, short) in [
            (Times::Relative, "0.500–1.509 s", "0.500 s"),
            (Times::Delta, "+0.500 s in 1.009 s", "+0.500 s"),
            (Times::Absolute(Zone::Utc), "1970-01-01T00:00:01.500Z in 1.009 s", "1970-01-01T00:00:01.500Z"),
        ] {
            let mut memory = Memory::new(false, times, &Agreed::Unknown);
            memory.came(Some(Time(1_000_000_000)), Some(Time(1_000_000_000)));
            let told = |last| {
                let mut out = String::new();
                memory.push_between(&Page::plain(), Some(Time(1_500_000_000)), last, &mut out);
                out
            };
            assert_eq!(told(Some(Time(2_509_000_000))), long);
            assert_eq!(told(Some(Time(1_500_900_000))), short);
            assert_eq!(told(None), short);
        }
    }

    #[test]
    fn a_thing_is_new_once_unless_all_is_explained_each_time() {
        let mut terse = Memory::new(false, Times::Relative, &Agreed::Unknown);
        assert!(terse.first(Note::Ping) && !terse.first(Note::Ping) && terse.first(Note::Gap));
        assert!(terse.first_of_rule("a/b") && !terse.first_of_rule("a/b"));
        let mut verbose = Memory::new(true, Times::Relative, &Agreed::Unknown);
        assert!(verbose.first(Note::Ping) && verbose.first(Note::Ping));
    }
}

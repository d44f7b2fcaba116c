//! What was explained already on a connection, so that each thing is explained where it is first met, and once.

use std::collections::BTreeSet;

use super::opaque::Runs;
use crate::render::clock::push_seconds;
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
}

/// What the lesson remembers of one connection.
#[derive(Debug)]
pub(in crate::render) struct Memory {
    /// Everything is explained each time.
    verbose: bool,
    /// Times are shown.
    times: bool,
    met: u64,
    rules: BTreeSet<&'static str>,
    /// When the connection began, as far as the times of what is shown tell.
    pub(in crate::render) began: Option<Time>,
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
    pub(in crate::render) fn new(verbose: bool, times: bool, agreed: &Agreed) -> Self {
        Self {
            verbose,
            times,
            met: 0,
            rules: BTreeSet::new(),
            began: None,
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

    /// Something came at this time: the connection began then, if nothing came before.
    pub(in crate::render) const fn came(&mut self, time: Option<Time>) {
        if self.began.is_none() {
            self.began = time;
        }
    }

    /// A time since the connection began, as it stands at the right of a title; empty where none is shown.
    pub(in crate::render) fn when(&self, time: Option<Time>) -> String {
        let mut out = String::new();
        if let (true, Some(began), Some(time)) = (self.times, self.began, time) {
            push_seconds(&mut out, began, time);
            out.push_str(" s");
        }
        out
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

    #[test]
    fn times_count_from_the_first_and_are_shown_if_wanted() {
        let mut memory = Memory::new(false, true, &Agreed::Unknown);
        assert_eq!(memory.when(Some(Time(5))), "");
        memory.came(Some(Time(1_000_000_000)));
        memory.came(Some(Time(2_000_000_000)));
        assert_eq!(memory.when(Some(Time(2_500_000_000))), "1.500 s");
        let mut silent = Memory::new(false, false, &Agreed::Unknown);
        silent.came(Some(Time(0)));
        assert_eq!(silent.when(Some(Time(5))), "");
    }

    #[test]
    fn a_thing_is_new_once_unless_all_is_explained_each_time() {
        let mut terse = Memory::new(false, true, &Agreed::Unknown);
        assert!(terse.first(Note::Ping) && !terse.first(Note::Ping) && terse.first(Note::Gap));
        assert!(terse.first_of_rule("a/b") && !terse.first_of_rule("a/b"));
        let mut verbose = Memory::new(true, true, &Agreed::Unknown);
        assert!(verbose.first(Note::Ping) && verbose.first(Note::Ping));
    }
}

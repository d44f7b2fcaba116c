//! What a dump held, whatever its style: bytes in turns, and what is known of the connections.

use std::ops::Range;

use super::emit::{Emitter, Stop};
use super::format::Format;
use super::roles;
use crate::session::segment::{Opening, Roles, Time};
use crate::wire::sender::Sender;

/// The bytes of a dump and how they are to be understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dump {
    pub bytes: Vec<u8>,
    /// What happened, in order.
    pub turns: Vec<Turn>,
    /// What is known of each connection that a turn names.
    pub talks: Vec<Talk>,
    /// What the user should hear, one sentence each.
    pub notes: Vec<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Index of the connection.
    pub talk: usize,
    pub side: Side,
    pub time: Option<Time>,
    pub what: What,
}

/// What happened in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Bytes(Range<usize>),
}

/// A side of a connection, before it is known which one is the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(super) enum Side {
    /// The only one of an unmarked dump, or whichever its marks put first.
    #[default]
    First,
    Second,
}

/// What is known of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Talk {
    /// Who the first side is, where the dump itself tells.
    pub first: Option<Sender>,
    /// The addresses of the first and the second side.
    pub addresses: [Option<String>; 2],
    pub tls: bool,
    /// Whether the dump tells its sides apart.
    pub marked: bool,
}

impl Dump {
    /// Bytes of one side, and nobody says whose.
    pub(super) fn unmarked(bytes: Vec<u8>) -> Self {
        let mut dump = Self { bytes, talks: vec![Talk::default()], ..Self::default() };
        dump.turn_since(0, 0, Side::First, None);
        dump
    }

    /// Whether it is one stream that nothing assigns to a sender.
    pub(super) fn is_unmarked(&self) -> bool {
        matches!(self.talks.as_slice(), [Talk { first: None, marked: false, .. }])
    }

    /// Takes the bytes from `start` on as a turn; bytes right behind those of the same turn join them.
    pub(super) fn turn_since(&mut self, start: usize, talk: usize, side: Side, time: Option<Time>) {
        let range = start..self.bytes.len();
        if range.is_empty() {
            return;
        }
        if let Some(Turn { talk: last_talk, side: last_side, time: last_time, what: What::Bytes(last) }) =
            self.turns.last_mut()
            && (*last_talk, *last_side, *last_time) == (talk, side, time)
        {
            last.end = range.end;
            return;
        }
        self.turns.push(Turn { talk, side, time, what: What::Bytes(range) });
    }

    /// Adds a sentence for the user, once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The first bytes of a side, if the dump has them from the start.
    fn head(&self, talk: usize, side: Side) -> &[u8] {
        match self.turns.iter().find(|turn| turn.talk == talk && turn.side == side).map(|turn| &turn.what) {
            Some(What::Bytes(range)) => self.bytes.get(range.clone()).unwrap_or_default(),
            None => &[],
        }
    }

    /// Who the first side of a connection is, and how that is known.
    pub(super) fn roles(&self, talk: usize, from: Option<Sender>) -> (Sender, Roles) {
        if let Some(sender) = self.talks.get(talk).and_then(|talk| talk.first) {
            return (sender, Roles::Marked);
        }
        if let Some(sender) = from {
            return (sender, Roles::Given);
        }
        let first = roles::infer(self.head(talk, Side::First));
        let second = self.head(talk, Side::Second);
        let (sender, how) = roles::infer(second);
        if first.1 == Roles::MaskBit
            && (how != Roles::MaskBit || self.head(talk, Side::First).len() < 2)
            && second.len() > 1
        {
            return (sender.other(), how);
        }
        first
    }

    /// Splits an unmarked dump where a response follows a request: both sides are in it.
    pub(super) fn split_joined_sides(&mut self) {
        let [Turn { talk: 0, side: Side::First, time: None, what: What::Bytes(range) }, ..] =
            self.turns.as_mut_slice()
        else {
            return;
        };
        let bytes = self.bytes.get(range.clone()).unwrap_or_default();
        let Some(at) = roles::response_behind_request(bytes) else { return };
        let response = range.start + at..range.end;
        range.end = response.start;
        for turn in self.turns.iter_mut().skip(1) {
            turn.side = Side::Second;
        }
        self.turns.insert(1, Turn { talk: 0, side: Side::Second, time: None, what: What::Bytes(response) });
        self.note(joined_sides(at));
    }

    /// Hands everything on as segments.
    pub(super) fn deliver(
        &self,
        format: Format,
        from: Option<Sender>,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        let mut opened: Vec<Option<(usize, Sender)>> = vec![None; self.talks.len()];
        for turn in &self.turns {
            let Some(slot) = opened.get_mut(turn.talk) else { continue };
            let (connection, first) = match *slot {
                Some(open) => open,
                None => {
                    let (first, roles) = self.roles(turn.talk, from);
                    let opening = self.opening(turn.talk, first, roles, format);
                    *slot.insert((to.open(turn.time, opening)?, first))
                }
            };
            let sender = of_side(first, turn.side);
            match &turn.what {
                What::Bytes(range) => {
                    let bytes = self.bytes.get(range.clone()).unwrap_or_default();
                    to.bytes(connection, sender, turn.time, bytes)?;
                }
            }
        }
        Ok(())
    }

    fn opening(&self, index: usize, first: Sender, roles: Roles, format: Format) -> Opening {
        let talk = self.talks.get(index).cloned().unwrap_or_default();
        let [one, two] = talk.addresses;
        let (client, server) = if first == Sender::Client { (one, two) } else { (two, one) };
        let spoke = |side| {
            let mut turns = self.turns.iter().filter(|turn| turn.talk == index && turn.side == side);
            turns.next().is_some()
        };
        let only = match (spoke(Side::First), spoke(Side::Second)) {
            (true, false) => Some(first),
            (false, true) => Some(first.other()),
            _ => None,
        };
        Opening { client, server, tls: talk.tls, input: format.name().to_owned(), roles, only }
    }
}

/// Who a side is, when the first one is `first`.
const fn of_side(first: Sender, side: Side) -> Sender {
    match side {
        Side::First => first,
        Side::Second => first.other(),
    }
}

/// What to say when an unmarked input is split at byte `at`.
pub(super) fn joined_sides(at: usize) -> String {
    format!("both sides are in it: from byte {at} on, where a response begins, the bytes are the server's")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sided(first: &[u8], second: &[u8]) -> Dump {
        let mut dump = Dump { talks: vec![Talk { marked: true, ..Talk::default() }], ..Dump::default() };
        dump.bytes.extend_from_slice(first);
        dump.turn_since(0, 0, Side::First, None);
        dump.bytes.extend_from_slice(second);
        dump.turn_since(first.len(), 0, Side::Second, None);
        dump
    }

    #[test]
    fn either_side_can_tell_who_is_who() {
        assert_eq!(sided(b"GET / HTTP/1.1\r\n", b"").roles(0, None), (Sender::Client, Roles::RequestLine));
        assert_eq!(
            sided(b"\x81\x00", b"GET / HTTP/1.1\r\n").roles(0, None),
            (Sender::Server, Roles::RequestLine)
        );
        assert_eq!(sided(b"", b"\x81\x80").roles(0, None), (Sender::Server, Roles::MaskBit));
        assert_eq!(sided(b"\x81\x80", b"\x81\x00").roles(0, None), (Sender::Client, Roles::MaskBit));
        assert_eq!(sided(b"\x81\x80", b"").roles(0, Some(Sender::Server)), (Sender::Server, Roles::Given));
    }

    #[test]
    fn joined_sides_are_split() {
        let mut dump = Dump::unmarked(b"GET / HTTP/1.1\r\n\r\nHTTP/1.1 101 x\r\n\r\n\x81\x00".to_vec());
        dump.split_joined_sides();
        let ranges: Vec<_> = dump.turns.iter().map(|turn| (turn.side, turn.what.clone())).collect();
        assert_eq!(ranges, [(Side::First, What::Bytes(0..18)), (Side::Second, What::Bytes(18..38))]);
        assert_eq!(dump.notes.len(), 1);
    }
}

//! What a dump held, whatever its style: bytes in turns, and what is known of the connections.

use std::ops::Range;

use super::emit::{Emitter, Stop};
use super::format::Format;
use super::roles;
use crate::session::segment::{How, Opening, Roles, Time};
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
    Gap(u64),
    End(How),
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

    /// Bytes that the dump says were there, and does not hold.
    pub(super) fn gap(&mut self, talk: usize, side: Side, time: Option<Time>, lost: u64) {
        if lost > 0 {
            self.turns.push(Turn { talk, side, time, what: What::Gap(lost) });
        }
    }

    /// Adds a sentence for the user, once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Who the first side of each connection is, and how that is known; and which sides speak.
    pub(super) fn roles(&self, from: Option<Sender>) -> Vec<Known> {
        let heads = self.heads();
        self.talks.iter().zip(&heads).map(|(talk, heads)| known(talk, heads, from)).collect()
    }

    /// How each side of each connection begins.
    fn heads(&self) -> Vec<[Head; 2]> {
        let mut heads: Vec<[Head; 2]> = vec![Default::default(); self.talks.len()];
        for turn in &self.turns {
            let Some([first, second]) = heads.get_mut(turn.talk) else { continue };
            let head = if turn.side == Side::First { first } else { second };
            match &turn.what {
                What::Bytes(range) => head.add(self.bytes.get(range.clone()).unwrap_or_default()),
                What::Gap(_) => head.stop(),
                What::End(_) => {}
            }
        }
        heads
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
    pub(super) fn deliver(&self, format: Format, known: &[Known], to: &mut Emitter<'_>) -> Result<(), Stop> {
        let mut opened: Vec<Option<usize>> = vec![None; self.talks.len()];
        for turn in &self.turns {
            let (Some(slot), Some(known), Some(talk)) =
                (opened.get_mut(turn.talk), known.get(turn.talk), self.talks.get(turn.talk))
            else {
                continue;
            };
            let connection = match *slot {
                Some(open) => open,
                None => *slot.insert(to.open(turn.time, known.opening(talk, format))?),
            };
            let sender = of_side(known.first, turn.side);
            match &turn.what {
                What::Bytes(range) => {
                    let bytes = self.bytes.get(range.clone()).unwrap_or_default();
                    to.bytes(connection, sender, turn.time, bytes)?;
                }
                What::Gap(lost) => to.gap(connection, sender, turn.time, *lost)?,
                What::End(how) => to.end(connection, sender, turn.time, *how)?,
            }
        }
        Ok(())
    }
}

/// How a side begins.
#[derive(Clone, Debug, Default)]
struct Head {
    bytes: Vec<u8>,
    /// Whether it says anything.
    speaks: bool,
    /// Whether `bytes` is all that can be known.
    full: bool,
}

impl Head {
    fn add(&mut self, bytes: &[u8]) {
        self.speaks = true;
        if !self.full {
            self.bytes.extend(bytes.iter().take(roles::START_LINE));
            self.full = self.bytes.len() >= roles::START_LINE || memchr::memchr(b'\n', &self.bytes).is_some();
        }
    }

    fn stop(&mut self) {
        self.speaks = true;
        self.full = true;
    }
}

/// What is known of a connection, once all of its dump was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Who the first side is.
    pub first: Sender,
    pub roles: Roles,
    /// The only sender who says anything.
    pub only: Option<Sender>,
}

fn known(talk: &Talk, [first, second]: &[Head; 2], from: Option<Sender>) -> Known {
    let (sender, roles) = match (talk.first, from) {
        (Some(sender), _) => (sender, Roles::Marked),
        (None, Some(sender)) => (sender, Roles::Given),
        (None, None) => by_heads(&first.bytes, &second.bytes),
    };
    let only = match (first.speaks, second.speaks) {
        (true, false) => Some(sender),
        (false, true) => Some(sender.other()),
        _ => None,
    };
    Known { first: sender, roles, only }
}

/// Who the first side is by how both begin.
fn by_heads(first: &[u8], second: &[u8]) -> (Sender, Roles) {
    let ((one, how_one), (two, how_two)) = (roles::infer(first), roles::infer(second));
    // A start line is better evidence than the MASK bit, and both need bytes.
    if how_one == Roles::MaskBit && second.len() > 1 && (how_two != Roles::MaskBit || first.len() < 2) {
        return (two.other(), how_two);
    }
    (one, how_one)
}

impl Known {
    fn opening(self, talk: &Talk, format: Format) -> Opening {
        let [one, two] = talk.addresses.clone();
        let (client, server) = if self.first == Sender::Client { (one, two) } else { (two, one) };
        let input = format.name().to_owned();
        Opening {
            client,
            server,
            tls: talk.tls,
            input,
            roles: self.roles,
            only: self.only,
            ..Opening::default()
        }
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

    fn roles(first: &[u8], second: &[u8], from: Option<Sender>) -> (Sender, Roles) {
        let known = sided(first, second).roles(from)[0];
        (known.first, known.roles)
    }

    #[test]
    fn either_side_can_tell_who_is_who() {
        assert_eq!(roles(b"GET / HTTP/1.1\r\n", b"", None), (Sender::Client, Roles::RequestLine));
        assert_eq!(roles(b"\x81\x00", b"GET / HTTP/1.1\r\n", None), (Sender::Server, Roles::RequestLine));
        assert_eq!(roles(b"", b"\x81\x80", None), (Sender::Server, Roles::MaskBit));
        assert_eq!(roles(b"\x81\x80", b"\x81\x00", None), (Sender::Client, Roles::MaskBit));
        assert_eq!(roles(b"\x81\x80", b"", Some(Sender::Server)), (Sender::Server, Roles::Given));
    }

    #[test]
    fn a_start_line_may_come_in_pieces() {
        let mut dump = sided(b"", b"");
        for piece in [&b"G"[..], b"ET / HT", b"TP/1.1\r\n"] {
            let start = dump.bytes.len();
            dump.bytes.extend_from_slice(piece);
            dump.turn_since(start, 0, Side::Second, Some(Time(start as u64)));
        }
        let known = dump.roles(None)[0];
        assert_eq!(
            known,
            Known { first: Sender::Server, roles: Roles::RequestLine, only: Some(Sender::Client) }
        );
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

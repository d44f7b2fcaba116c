//! Packets of a dump, put together to connections: in the order of their sequence numbers, each byte once.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use super::dump::{Dump, Side, Talk, Turn, What};
use super::packet::Packet;
use crate::session::segment::{How, Time};
use crate::wire::sender::Sender;

/// Where the count of a stream begins, so that a number before it is no negative one.
const START: u64 = 1 << 32;

/// Puts packets together.
#[derive(Debug, Default)]
pub(super) struct Flows {
    dump: Dump,
    /// From both addresses to the index of the connection.
    index: HashMap<(SocketAddr, SocketAddr), usize>,
    flows: Vec<Flow>,
}

/// A connection.
#[derive(Debug)]
struct Flow {
    /// The address of its first side.
    first: SocketAddr,
    ways: [Way; 2],
}

/// One direction.
#[derive(Debug, Default)]
struct Way {
    /// The sequence number of the next byte, once one is known.
    next: Option<u32>,
    /// The same, counted without end.
    at: u64,
    /// What came before its turn.
    early: BTreeMap<u64, Vec<Piece>>,
    ended: bool,
}

/// What a packet adds to a direction.
#[derive(Debug)]
struct Piece {
    bytes: Vec<u8>,
    cut: u64,
    end: Option<How>,
    time: Option<Time>,
}

impl Flows {
    /// Takes the next packet.
    pub(super) fn add(&mut self, packet: &Packet<'_>, time: Option<Time>) {
        let talk = self.flow_of(packet);
        let Some(flow) = self.flows.get_mut(talk) else { return };
        let side = if flow.first == packet.from { Side::First } else { Side::Second };
        let [one, two] = &mut flow.ways;
        let (way, other) = if side == Side::First { (one, two) } else { (two, one) };
        let to = (talk, side);
        if packet.syn {
            way.begin(packet.seq.wrapping_add(1));
        }
        let end = if packet.rst { Some(How::Reset) } else { packet.fin.then_some(How::Fin) };
        let first = if packet.syn { packet.seq.wrapping_add(1) } else { packet.seq };
        way.begin(first);
        let piece = Piece { bytes: packet.payload.to_vec(), cut: packet.cut, end, time };
        way.add(way.count(first), piece, to, &mut self.dump);
        if let Some(ack) = packet.ack {
            other.begin(ack);
            other.acknowledged(ack, time, (talk, opposite(side)), &mut self.dump);
        }
    }

    /// What all of them give.
    pub(super) fn finish(mut self) -> Dump {
        for (talk, flow) in self.flows.iter_mut().enumerate() {
            let [one, two] = &mut flow.ways;
            one.release((talk, Side::First), &mut self.dump);
            two.release((talk, Side::Second), &mut self.dump);
        }
        self.dump
    }

    /// The connection that a packet belongs to; a new SYN begins a new one.
    fn flow_of(&mut self, packet: &Packet<'_>) -> usize {
        let key = if packet.from < packet.to { (packet.from, packet.to) } else { (packet.to, packet.from) };
        let opens = packet.syn && packet.ack.is_none();
        if let Some(&known) = self.index.get(&key) {
            let anew = opens && self.flows.get(known).is_some_and(|flow| !flow.is_at(packet));
            if !anew {
                return known;
            }
        }
        // Who sends SYN is the client; who answers it with SYN and ACK the server.
        let (first, second) = if packet.syn && packet.ack.is_some() {
            (packet.to, packet.from)
        } else {
            (packet.from, packet.to)
        };
        let talk = self.flows.len();
        self.index.insert(key, talk);
        self.flows.push(Flow { first, ways: Default::default() });
        self.dump.talks.push(Talk {
            first: packet.syn.then_some(Sender::Client),
            addresses: [Some(first.to_string()), Some(second.to_string())],
            tls: false,
            marked: true,
        });
        talk
    }
}

impl Flow {
    /// Whether a SYN is the one that began this connection, sent again.
    fn is_at(&self, packet: &Packet<'_>) -> bool {
        let [way, _] = &self.ways;
        self.first == packet.from && way.at == START && way.next == Some(packet.seq.wrapping_add(1))
    }
}

const fn opposite(side: Side) -> Side {
    match side {
        Side::First => Side::Second,
        Side::Second => Side::First,
    }
}

impl Way {
    /// The first sequence number that is known is where the stream begins.
    fn begin(&mut self, seq: u32) {
        if self.next.is_none() {
            self.next = Some(seq);
            self.at = START;
        }
    }

    /// A sequence number counted without end.
    fn count(&self, seq: u32) -> u64 {
        let ahead = seq.wrapping_sub(self.next.unwrap_or(seq)).cast_signed();
        self.at.saturating_add_signed(i64::from(ahead))
    }

    fn add(&mut self, start: u64, piece: Piece, to: (usize, Side), dump: &mut Dump) {
        if self.ended || piece.bytes.is_empty() && piece.cut == 0 && piece.end.is_none() {
            return;
        }
        // A reset does not wait for what is missing before it.
        if piece.end == Some(How::Reset) {
            self.release(to, dump);
            self.take(start.max(self.at), piece, to, dump);
        } else if start > self.at {
            self.early.entry(start).or_default().push(piece);
        } else {
            self.take(start, piece, to, dump);
            self.take_early(to, dump);
        }
    }

    /// Takes what begins at `start`, at the latest where the stream is; what came already is left out.
    fn take(&mut self, start: u64, piece: Piece, to: (usize, Side), dump: &mut Dump) {
        let Piece { bytes, cut, end, time } = piece;
        let (talk, side) = to;
        let old = usize::try_from(self.at.saturating_sub(start)).unwrap_or(usize::MAX);
        let new = bytes.get(old..).unwrap_or_default();
        let stop = start.saturating_add(bytes.len() as u64);
        let from = dump.bytes.len();
        dump.bytes.extend_from_slice(new);
        dump.turn_since(from, talk, side, time);
        self.go_to(self.at.max(stop));
        if stop.saturating_add(cut) > self.at {
            let lost = stop.saturating_add(cut) - self.at;
            dump.gap(talk, side, time, lost);
            self.go_to(self.at + lost);
        }
        if let Some(how) = end
            && !self.ended
        {
            self.ended = true;
            self.go_to(self.at + 1);
            dump.turns.push(Turn { talk, side, time, what: What::End(how) });
        }
    }

    /// Takes what waited for its turn.
    fn take_early(&mut self, to: (usize, Side), dump: &mut Dump) {
        while let Some(entry) = self.early.first_entry().filter(|entry| *entry.key() <= self.at) {
            let (start, pieces) = entry.remove_entry();
            for piece in pieces {
                self.take(start, piece, to, dump);
            }
        }
    }

    /// The other side has all bytes before `ack`: those that are not here by now will not come.
    fn acknowledged(&mut self, ack: u32, time: Option<Time>, to: (usize, Side), dump: &mut Dump) {
        let until = self.count(ack);
        while self.at < until && !self.ended {
            let next = self.early.first_key_value().map_or(until, |(start, _)| *start).min(until);
            // A FIN counts as one byte, and may be missing here.
            if next - self.at > 1 || !self.early.is_empty() {
                dump.gap(to.0, to.1, time, next - self.at);
            }
            self.go_to(next);
            self.take_early(to, dump);
        }
    }

    /// Nothing more comes: what is missing is a gap.
    fn release(&mut self, to: (usize, Side), dump: &mut Dump) {
        while let Some((&start, pieces)) = self.early.first_key_value() {
            let time = pieces.first().and_then(|piece| piece.time);
            dump.gap(to.0, to.1, time, start.saturating_sub(self.at));
            self.go_to(self.at.max(start));
            self.take_early(to, dump);
        }
    }

    fn go_to(&mut self, at: u64) {
        let by = at - self.at;
        // Sequence numbers wrap (RFC 9293 §3.4): only the low 32 bits count.
        self.next = self.next.map(|next| next.wrapping_add((by & 0xffff_ffff) as u32));
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::packet::tests::print;
    use crate::input::packet::{Found, find};

    /// From the server; sequence number, acknowledgment, flags and payload.
    type Sent = (bool, u32, u32, u8, &'static [u8]);

    /// What becomes of packets: `1: client Hello`.
    fn story(packets: &[Sent]) -> Vec<String> {
        let mut flows = Flows::default();
        for (back, seq, ack, flags, payload) in packets {
            let bytes = print(*back, *seq, *ack, *flags, payload);
            let Found::Tcp(packet) = find(&bytes) else { panic!("no packet") };
            flows.add(&packet, None);
        }
        let dump = flows.finish();
        let shown = |turn: &Turn| match &turn.what {
            What::Bytes(range) => String::from_utf8_lossy(&dump.bytes[range.clone()]).into_owned(),
            What::Gap(lost) => format!("gap {lost}"),
            What::End(how) => how.name().to_owned(),
        };
        dump.turns.iter().map(|turn| format!("{} {:?} {}", turn.talk, turn.side, shown(turn))).collect()
    }

    const SYN: Sent = (false, 99, 0, 2, b"");
    const SYN_ACK: Sent = (true, 499, 100, 0x12, b"");

    #[test]
    fn a_whole_connection_is_told() {
        let packets = [
            SYN,
            SYN_ACK,
            (false, 100, 500, 0x18, b"Hello"),
            (true, 500, 105, 0x18, b"Hi"),
            (true, 502, 105, 0x11, b""),
            (false, 105, 503, 0x11, b""),
            (true, 503, 106, 0x10, b""),
        ];
        assert_eq!(story(&packets), ["0 First Hello", "0 Second Hi", "0 Second fin", "0 First fin"]);
    }

    #[test]
    fn order_is_that_of_the_sequence_numbers() {
        let packets = [
            SYN,
            (false, 105, 0, 0x18, b" world"),
            (false, 100, 0, 0x18, b"Hello"),
            (false, 103, 0, 0x18, b"lo wor"),
            (false, 100, 0, 0x18, b"Hello"),
        ];
        assert_eq!(story(&packets), ["0 First Hello world"]);
    }

    #[test]
    fn numbers_wrap() {
        let packets = [
            (false, 0xffff_fffd, 0, 2, &b""[..]),
            (false, 1, 0, 0x18, b"lo"),
            (false, 0xffff_fffe, 0, 0x18, b"Hel"),
            (false, 3, 0, 0x18, b"!"),
        ];
        assert_eq!(story(&packets), ["0 First Hello!"]);
    }

    #[test]
    fn what_is_missing_is_a_gap() {
        let packets = [
            SYN,
            (false, 100, 0, 0x18, b"Hel"),
            (false, 105, 0, 0x18, b"!"),
            (true, 500, 106, 0x10, b""),
            (false, 106, 0, 0x18, b"?"),
        ];
        assert_eq!(story(&packets), ["0 First Hel", "0 First gap 2", "0 First !?"]);
        let never = [SYN, (false, 100, 0, 0x18, b"Hel"), (false, 105, 0, 0x18, b"!")];
        assert_eq!(story(&never), ["0 First Hel", "0 First gap 2", "0 First !"]);
    }

    #[test]
    fn a_reset_ends_at_once_and_a_new_syn_begins_anew() {
        let packets = [
            SYN,
            (false, 100, 0, 0x18, b"Hi"),
            (true, 500, 102, 4, b""),
            (false, 7000, 0, 2, b""),
            (false, 7001, 0, 0x18, b"again"),
            SYN_ACK,
        ];
        assert_eq!(story(&packets), ["0 First Hi", "0 Second reset", "1 First again"]);
    }

    #[test]
    fn without_a_syn_the_first_speaker_is_first() {
        assert_eq!(
            story(&[(true, 10, 20, 0x18, b"a"), (false, 20, 11, 0x18, b"b")]),
            ["0 First a", "0 Second b"]
        );
    }
}

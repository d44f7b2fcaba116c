//! A compressed message piece by piece, and where each of its plain bytes comes from (RFC 1951 §3.2, RFC 7692 §7.1.1).
//!
//! It is told only where the [`Config`](super::Config) asks for it. What is remembered of earlier messages is where each
//! begins among the plain bytes of its sender: that, for the last 32 KiB, tells which of them a copy reaches into.

use std::collections::{BTreeMap, VecDeque};

use crate::wire::deflate::{BlockType, Observer, Seen, Symbol};

/// The furthest that a distance reaches.
const REACH: u64 = 32 * 1024;

/// A piece of a compressed message as its reader met it. It comes before the plain bytes that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The number of the message.
    pub message: u64,
    /// The number of the frame in which the piece ends.
    pub frame: u64,
    /// The number of its block in the message, from 1.
    pub block: u64,
    /// Plain bytes of the message before it.
    pub at: u64,
    /// What it is.
    pub kind: PartKind<'a>,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind<'a> {
    /// As the reader told it: everything but a length and a distance.
    Read(Seen<'a>),
    /// A length and a distance.
    Copy(Copy<'a>),
}

/// A length and a distance, and what they stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy<'a> {
    /// How many bytes.
    pub length: Symbol,
    /// From how many bytes back.
    pub distance: Symbol,
    /// The bytes, `?` for each that is unknown; none where there is nothing so far back.
    pub text: &'a [u8],
    /// How many of them are unknown.
    pub unknown: usize,
    /// Where the first of them was copied from.
    pub origin: Origin,
}

/// Where bytes were copied from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The same message, behind so many of its plain bytes.
    Own(u64),
    /// An earlier message of the same sender.
    Earlier {
        /// Its number.
        message: u64,
        /// Plain bytes of it before them.
        at: u64,
    },
    /// From bytes that were sent and are not here.
    Unknown,
    /// From before the first byte that was ever sent.
    Nowhere,
}

/// Where the plain bytes of a message come from, and what they were written in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Blocks, by BTYPE; the empty one that the four bytes put back would complete is among them.
    pub blocks: [u64; 4],
    /// Literals.
    pub literals: u64,
    /// Copies.
    pub copies: u64,
    /// Bytes of stored blocks.
    pub stored: u64,
    /// Bytes that were copied from the message itself.
    pub own: u64,
    /// Bytes that were copied from earlier messages, by their numbers.
    pub earlier: BTreeMap<u64, u64>,
    /// Bytes that were copied from bytes that are not here.
    pub unknown: u64,
    /// Bits of literals' codes.
    pub literal_bits: u64,
    /// Bits of lengths and distances, extra bits included.
    pub copy_bits: u64,
    /// Bits of the code lengths of dynamic blocks, with their counts.
    pub table_bits: u64,
}

impl Sources {
    /// Bytes that were copied from earlier messages.
    #[must_use]
    pub fn from_earlier(&self) -> u64 {
        self.earlier.values().sum()
    }
}

/// What is known of the plain bytes of one sender.
#[derive(Debug, Default)]
pub(super) struct Anatomy {
    /// Plain bytes since the beginning, or since they are known.
    sent: u64,
    /// Bytes were sent before these.
    lost: bool,
    /// Where messages begin among them: those within reach, the latest last.
    begins: VecDeque<(u64, u64)>,
    message: u64,
    block: u64,
    at: u64,
    length_and_distance: Option<(Symbol, Symbol)>,
    sources: Sources,
}

impl Anatomy {
    /// Nothing has come yet; `lost` where bytes were sent that are not here.
    pub(super) fn new(lost: bool) -> Self {
        Self { lost, ..Self::default() }
    }

    /// A message begins.
    pub(super) fn begin(&mut self, message: u64) {
        (self.message, self.block, self.at) = (message, 0, 0);
        self.sources = Sources::default();
        while self.begins.get(1).is_some_and(|(begin, _)| self.sent - begin >= REACH) {
            self.begins.pop_front();
        }
        if self.begins.back().is_some_and(|(begin, _)| *begin == self.sent) {
            self.begins.pop_back();
        }
        self.begins.push_back((self.sent, message));
    }

    /// What was sent up to here is unknown from here on.
    pub(super) fn forget(&mut self) {
        (self.sent, self.lost) = (0, true);
        self.begins.clear();
    }

    /// Of a message that is over: where its bytes come from.
    pub(super) fn sources(&self, message: u64) -> Option<&Sources> {
        (self.message == message).then_some(&self.sources)
    }

    /// An observer that counts, and gives each piece on.
    pub(super) const fn observer<G: FnMut(&Part<'_>)>(&mut self, frame: u64, give: G) -> Watch<'_, G> {
        Watch { anatomy: self, frame, give }
    }

    /// Where the byte `distance` back was sent, and how many bytes of that message follow up to here.
    fn origin(&self, distance: u64) -> (Origin, u64) {
        let Some(from) = self.sent.checked_sub(distance) else {
            let before = distance - self.sent;
            return (if self.lost { Origin::Unknown } else { Origin::Nowhere }, before);
        };
        let behind = self.begins.partition_point(|(begin, _)| *begin <= from);
        let end = self.begins.get(behind).map_or(self.sent, |(begin, _)| *begin);
        match behind.checked_sub(1).and_then(|at| self.begins.get(at)) {
            Some(&(begin, message)) if message == self.message => (Origin::Own(from - begin), u64::MAX),
            Some(&(begin, message)) => (Origin::Earlier { message, at: from - begin }, end - from),
            None => (Origin::Unknown, end - from),
        }
    }

    /// Counts the bytes of a copy by where they come from.
    fn count_copy(&mut self, len: u64, distance: u64) {
        let mut done = 0;
        while done < len && done < distance {
            let (origin, run) = self.origin(distance - done);
            let run = run.clamp(1, len - done);
            match origin {
                Origin::Own(_) => self.sources.own += run,
                Origin::Earlier { message, .. } => *self.sources.earlier.entry(message).or_default() += run,
                Origin::Unknown | Origin::Nowhere => self.sources.unknown += run,
            }
            done += run;
        }
        // A copy that reaches its own beginning goes on with what it wrote itself.
        self.sources.own += len - done;
    }

    fn made(&mut self, bytes: u64) {
        self.sent += bytes;
        self.at += bytes;
    }

    /// Counts what was read, and gives the bytes that it makes.
    fn count(&mut self, seen: &Seen<'_>) -> u64 {
        match *seen {
            Seen::Block { kind, .. } => self.begin_block(kind),
            Seen::Stored(bytes) => {
                self.sources.stored += bytes.len() as u64;
                return bytes.len() as u64;
            }
            Seen::Counts { code_length, .. } => self.sources.table_bits += 14 + 3 * u64::from(code_length),
            Seen::CodeLength { symbol, .. } => self.sources.table_bits += u64::from(symbol.len()),
            Seen::Literal(symbol) => {
                self.sources.literals += 1;
                self.sources.literal_bits += u64::from(symbol.len());
                return 1;
            }
            _ => {}
        }
        0
    }

    fn begin_block(&mut self, kind: BlockType) {
        self.block += 1;
        if let Some(count) = self.sources.blocks.get_mut(usize::from(kind.btype())) {
            *count += 1;
        }
    }
}

/// Watches the reader for one piece of input.
pub(super) struct Watch<'a, G> {
    anatomy: &'a mut Anatomy,
    frame: u64,
    give: G,
}

impl<G: FnMut(&Part<'_>)> Watch<'_, G> {
    fn part(&mut self, kind: PartKind<'_>) {
        let &mut Anatomy { message, block, at, .. } = self.anatomy;
        (self.give)(&Part { message, frame: self.frame, block, at, kind });
    }

    fn copied(&mut self, (length, distance): (Symbol, Symbol), text: &[u8], unknown: usize) {
        let back = u64::from(distance.value());
        let (origin, _) = self.anatomy.origin(back);
        self.part(PartKind::Copy(Copy { length, distance, text, unknown, origin }));
        self.anatomy.sources.copies += 1;
        self.anatomy.sources.copy_bits += u64::from(length.len() + distance.len());
        self.anatomy.count_copy(text.len() as u64, back);
        self.anatomy.made(text.len() as u64);
    }
}

impl<G: FnMut(&Part<'_>)> Observer for Watch<'_, G> {
    fn saw(&mut self, seen: Seen<'_>) {
        let pending = self.anatomy.length_and_distance.take();
        match (seen, pending) {
            (Seen::Pair(length, distance), _) => self.anatomy.length_and_distance = Some((length, distance)),
            (Seen::Copied { text, unknown }, Some(pair)) => self.copied(pair, text, unknown),
            (seen, pending) => {
                if let Some(pair) = pending {
                    self.copied(pair, &[], 0);
                }
                if matches!(seen, Seen::Block { .. }) {
                    self.anatomy.count(&seen);
                    self.part(PartKind::Read(seen));
                } else {
                    self.part(PartKind::Read(seen));
                    let made = self.anatomy.count(&seen);
                    self.anatomy.made(made);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::event::{Event, Kind};
    use crate::session::segment::{Content, Segment};
    use crate::session::{Config, Session};
    use crate::wire::sender::Sender;

    /// What is told of the server's bytes, cut into pieces.
    fn told(pieces: &[Content<'_>]) -> (Vec<String>, Vec<Sources>) {
        let config = Config { anatomy: true, ..Config::default() };
        let (mut session, mut parts, mut sources) = (Session::new(config), Vec::new(), Vec::new());
        let mut sink = |event: &Event<'_>| match event.kind {
            Kind::Part(part) => parts.push(match part.kind {
                PartKind::Copy(copy) => format!(
                    "{}.{} at {}: {:?} from {:?}",
                    part.message,
                    part.block,
                    part.at,
                    String::from_utf8_lossy(copy.text),
                    copy.origin
                ),
                PartKind::Read(Seen::Literal(symbol)) => {
                    format!("{}.{} at {}: {}", part.message, part.block, part.at, symbol.value())
                }
                PartKind::Read(Seen::Stored(_)) => format!("{}.{} stored", part.message, part.block),
                PartKind::Read(_) => format!("{}.{} in frame {}", part.message, part.block, part.frame),
            }),
            Kind::Message(message) => sources.extend(message.sources.cloned()),
            _ => {}
        };
        let request =
            b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        let response =
            b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        let heads = [(Sender::Client, Content::Bytes(request)), (Sender::Server, Content::Bytes(response))];
        let pieces = pieces.iter().map(|content| (Sender::Server, content.clone()));
        for (sender, content) in heads.into_iter().chain(pieces) {
            session.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut sink);
        }
        session.finish(&mut sink);
        // The bytes of a stored block may come in pieces.
        parts.dedup_by(|next, part| next == part && part.ends_with("stored"));
        (parts, sources)
    }

    /// A message of a stored block, `de`, and one that copies three bytes from four back.
    const FRAMES: &[u8] = &[
        0xc1, 0x08, 0x00, 0x02, 0x00, 0xfd, 0xff, b'd', b'e', 0x00, // "de"
        0xc1, 0x04, 0x02, 0x62, 0x00, 0x00, // three from four back
    ];

    #[test]
    fn copies_name_the_message_that_they_reach_into() {
        let (parts, sources) = told(&[Content::Bytes(FRAMES)]);
        assert!(parts.contains(&"2.1 at 0: \"\" from Nowhere".to_owned()), "{parts:#?}");
        assert_eq!((sources[0].stored, sources[0].blocks), (2, [2, 0, 0, 0]));
        let ok = [&FRAMES[..10], &[0xc1, 0x04, 0x02, 0x42, 0x00, 0x00]].concat();
        let (parts, sources) = told(&[Content::Bytes(&ok)]);
        assert!(
            parts.contains(&"2.1 at 0: \"ded\" from Earlier { message: 1, at: 0 }".to_owned()),
            "{parts:#?}"
        );
        assert_eq!((sources[1].earlier.get(&1), sources[1].own, sources[1].copies), (Some(&2), 1, 1));
        for cut in 1..ok.len() {
            let (first, second) = ok.split_at(cut);
            assert_eq!(told(&[Content::Bytes(first), Content::Bytes(second)]).0, parts, "cut at {cut}");
        }
    }

    #[test]
    fn behind_lost_bytes_a_copy_comes_from_nobody_knows_where() {
        let again = [0xc1, 0x04, 0x02, 0x42, 0x00, 0x00];
        let (parts, sources) = told(&[Content::Bytes(&FRAMES[..6]), Content::Gap(4), Content::Bytes(&again)]);
        assert!(parts.contains(&"2.1 at 0: \"???\" from Unknown".to_owned()), "{parts:#?}");
        assert_eq!((sources[1].unknown, sources[1].from_earlier()), (2, 0));
    }

    #[test]
    fn as_many_messages_are_remembered_as_a_distance_can_reach() {
        let mut anatomy = Anatomy::new(false);
        for message in 1..=100_000 {
            anatomy.begin(message);
            anatomy.made(message % 3);
            assert!(anatomy.begins.len() as u64 <= REACH + 2);
        }
        anatomy.begin(100_001);
        let oldest = anatomy.begins.front().copied().unwrap_or_default();
        assert!(anatomy.sent - oldest.0 >= REACH, "what is within reach has a name");
        assert!(matches!(anatomy.origin(REACH).0, Origin::Earlier { .. }));
        anatomy.forget();
        assert_eq!(anatomy.origin(1).0, Origin::Unknown);
    }
}

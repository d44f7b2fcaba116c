//! The counters of the table: frames by sender and kind.

use crate::render::collect::{FrameHeader, WholeFrame};
use crate::session::event::Compression;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Of each opcode: frames as they are, those of a compressed message, and those whose RSV1 belongs to another extension or
/// to one that is not known.
const FORMS: u8 = 3;

/// A kind of frames: its opcode and its form, as a number by which rows are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FrameKind(u8);

impl FrameKind {
    /// Text and binary come before their continuations, the rest by their opcodes.
    const fn new(opcode: Opcode, form: u8) -> Self {
        let row = match opcode.0 & 0xf {
            0 => 2,
            1 => 0,
            2 => 1,
            other => other,
        };
        Self(row * FORMS + form)
    }

    const fn opcode(self) -> Opcode {
        Opcode(match self.0 / FORMS {
            0 => 1,
            1 => 2,
            2 => 0,
            other => other,
        })
    }

    /// Its name: the opcode's, with `deflate` where the message is compressed, and `rsv1` where that is not known.
    pub(super) fn name(self) -> String {
        let opcode = self.opcode();
        let name = opcode.name().map_or_else(|| format!("opcode {}", opcode.0), str::to_owned);
        let form = match self.0 % FORMS {
            0 => return name,
            1 => "deflate",
            _ => "rsv1",
        };
        match opcode {
            Opcode::CONTINUATION => format!("cont. {form}"),
            Opcode::BINARY => format!("bin. {form}"),
            _ => format!("{name} {form}"),
        }
    }
}

/// Counters by sender and kind: of a connection just those that count something, since many may be open at once.
#[derive(Debug, Default)]
pub(super) struct Counts {
    client: Vec<(FrameKind, Counter)>,
    server: Vec<(FrameKind, Counter)>,
}

/// Frames of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counter {
    pub(super) frames: u64,
    pub(super) payload: u64,
    pub(super) headers: u64,
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Counter {
    fn add(&mut self, payload: u64, header: u64) {
        let one = Self { frames: 1, payload, headers: header, least: payload, most: payload };
        self.merge(&one);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if other.frames == 0 {
            return;
        }
        self.least = if self.frames == 0 { other.least } else { self.least.min(other.least) };
        self.most = self.most.max(other.most);
        self.frames = self.frames.saturating_add(other.frames);
        self.payload = self.payload.saturating_add(other.payload);
        self.headers = self.headers.saturating_add(other.headers);
    }
}

impl Counts {
    /// Those of one sender, in the order of their rows.
    pub(super) fn of(&self, sender: Sender) -> &[(FrameKind, Counter)] {
        match sender {
            Sender::Client => &self.client,
            Sender::Server => &self.server,
        }
    }

    fn counter(&mut self, sender: Sender, kind: FrameKind) -> Option<&mut Counter> {
        let counters = match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        };
        let at = counters.binary_search_by_key(&kind, |(kind, _)| *kind).unwrap_or_else(|at| {
            counters.reserve_exact(1);
            counters.insert(at, (kind, Counter::default()));
            at
        });
        counters.get_mut(at).map(|(_, counter)| counter)
    }

    /// Counts a frame; one whose header is cut has no kind.
    pub(super) fn add(&mut self, frame: &WholeFrame<'_>) {
        let (FrameHeader::Whole(header), Some(end)) = (frame.header, frame.end) else { return };
        // The compressed ones are told by their message's first frame, and stand beside the others.
        let form = match end.place.map(|place| place.compression) {
            Some(Compression::Deflate) => 1,
            Some(other) if other.of_frame(&header) => 2,
            _ => 0,
        };
        if let Some(counter) = self.counter(frame.sender, FrameKind::new(header.opcode(), form)) {
            counter.add(end.captured, header.header_len() as u64);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for sender in Sender::BOTH {
            for (kind, from) in other.of(sender) {
                if let Some(to) = self.counter(sender, *kind) {
                    to.merge(from);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_opcode_has_a_place_of_its_own_and_text_comes_first() {
        let mut kinds: Vec<_> = (0..16).map(|opcode| FrameKind::new(Opcode(opcode), 0)).collect();
        kinds.sort();
        let opcodes: Vec<_> = kinds.iter().map(|kind| kind.opcode().0).collect();
        assert_eq!(opcodes, [1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(FrameKind::new(Opcode::CONTINUATION, 1).name(), "cont. deflate");
        assert_eq!(FrameKind::new(Opcode(11), 2).name(), "opcode 11 rsv1");
    }
}

//! The counters of the table: frames by sender and kind.

use crate::render::collect::{FrameHeader, WholeFrame};
use crate::session::event::Compression;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Kinds of frames: sixteen opcodes, each compressed or not.
const KINDS: usize = 32;

/// The kinds in the order of their rows: text and binary before their continuations.
pub(super) const ORDER: [usize; KINDS] = {
    let mut order = [0; KINDS];
    let mut kind = 0;
    #[expect(clippy::indexing_slicing, reason = "computed by the compiler: a wrong index would not compile")]
    while kind < KINDS {
        order[kind] = match kind {
            0..4 => kind + 2,
            4 | 5 => kind - 4,
            _ => kind,
        };
        kind += 1;
    }
    order
};

/// Counters by sender and kind.
#[derive(Debug, Default)]
pub(super) struct Counts {
    client: [Counter; KINDS],
    server: [Counter; KINDS],
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
    /// Those of one sender.
    pub(super) const fn of(&mut self, sender: Sender) -> &mut [Counter; KINDS] {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    /// Counts a frame; one whose header is cut has no kind.
    pub(super) fn add(&mut self, frame: &WholeFrame<'_>) {
        let (FrameHeader::Whole(header), Some(end)) = (frame.header, frame.end) else { return };
        // The compressed ones are told by their message's first frame, and stand beside the others.
        let compressed = end.place.is_some_and(|place| place.compression != Compression::None);
        let kind = usize::from(header.opcode().0) * 2 + usize::from(compressed);
        if let Some(counter) = self.of(frame.sender).get_mut(kind) {
            counter.add(end.captured, header.header_len() as u64);
        }
    }

    pub(super) fn merge(&mut self, other: &mut Self) {
        for sender in Sender::BOTH {
            for (to, from) in self.of(sender).iter_mut().zip(other.of(sender)) {
                to.merge(from);
            }
        }
    }
}

/// Its name: the opcode's, with `deflate` where the message is compressed.
pub(super) fn kind_name(kind: usize) -> String {
    let opcode = Opcode((kind / 2) as u8);
    let name = opcode.name().map_or_else(|| format!("opcode {}", opcode.0), str::to_owned);
    match (kind % 2, opcode) {
        (1, Opcode::CONTINUATION) => "cont. deflate".to_owned(),
        (1, Opcode::BINARY) => "bin. deflate".to_owned(),
        (1, _) => format!("{name} deflate"),
        _ => name,
    }
}

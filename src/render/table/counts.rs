//! The counters of the table: frames by sender and kind.

use crate::render::collect::{FrameHeader, WholeFrame};
use crate::session::event::Compression;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Of each opcode: frames as they are, those of a compressed message, and those whose RSV1 belongs to another extension or
/// to one that is not known.
const FORMS: usize = 3;

/// Kinds of frames: sixteen opcodes in each form.
const KINDS: usize = 16 * FORMS;

/// The kinds in the order of their rows: text and binary before their continuations.
pub(super) const ORDER: [usize; KINDS] = {
    let mut order = [0; KINDS];
    let mut kind = 0;
    #[expect(clippy::indexing_slicing, reason = "computed by the compiler: a wrong index would not compile")]
    while kind < KINDS {
        order[kind] = match kind {
            0..6 => kind + FORMS,
            6..9 => kind - 2 * FORMS,
            _ => kind,
        };
        kind += 1;
    }
    order
};

/// Counters by sender and kind.
#[derive(Debug)]
pub(super) struct Counts {
    client: [Counter; KINDS],
    server: [Counter; KINDS],
}

impl Default for Counts {
    fn default() -> Self {
        let none = [Counter::default(); KINDS];
        Self { client: none, server: none }
    }
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
        let form = match end.place.map(|place| place.compression) {
            Some(Compression::Deflate) => 1,
            Some(other) if other.of_frame(&header) => 2,
            _ => 0,
        };
        let kind = usize::from(header.opcode().0) * FORMS + form;
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

/// Its name: the opcode's, with `deflate` where the message is compressed, and `rsv1` where that is not known.
pub(super) fn kind_name(kind: usize) -> String {
    let opcode = Opcode((kind / FORMS) as u8);
    let name = opcode.name().map_or_else(|| format!("opcode {}", opcode.0), str::to_owned);
    let form = match kind % FORMS {
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

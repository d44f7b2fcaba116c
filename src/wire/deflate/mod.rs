//! DEFLATE as permessage-deflate uses it: compressed messages in, plain bytes and exact verdicts out (RFC 1951,
//! RFC 7692 §7.2).
//!
//! ```text
//! feed(bytes, budget) ─► bits ─► blocks ─┬─ stored ────────────────┐
//!                       reader           ├─ fixed ───┐             ├─► window ─► known and unknown runs
//!                                        └─ dynamic ─┴─► symbols ──┘   32 KiB
//! end_of_message() ─► how it ended: the four bytes 00 00 ff ff put back
//! ```
//!
//! The reader takes pieces of any size and gives the same bytes and the same verdict whatever the cuts. It decodes
//! and does not judge: a copy from beyond the agreed window, or from an earlier message though that was refused, is
//! made all the same and told. Each verdict carries the exact bit. There is no second reader: block types, stored
//! lengths, codes, symbols and distances are checked as they pass, and the end when it is known to be the end.
//!
//! What was lost is a window of *unknown* bytes: copies out of it come out as [`Plain::Unknown`], never as bytes
//! that only look right. A message that broke off leaves such a window behind for the next one.

mod block_type;
mod blocks;
mod codes;
mod dynamic;
mod fault;
mod marks;
mod observe;
mod reader;
mod symbols;
mod table;
mod window;
pub mod write;

#[cfg(test)]
mod tests;

pub use block_type::BlockType;
pub use fault::{Code, Ending, Fault, FaultKind, Inside, Reach};
pub use observe::{Observer, Seen, Symbol, distance_of, length_of};
pub use window::Plain;

use std::fmt;

use blocks::{Agreed, Blocks, Step};
use reader::{BitReader, Held};
use window::{LAP, Window};

/// Inflates the messages of one direction of a connection, one after another.
///
/// It holds no memory to speak of before the first compressed byte, and under 48 KiB from then on.
pub struct Inflater {
    agreed: Agreed,
    window: Option<Window>,
    /// Bytes were sent that are not in the window.
    lost: bool,
    blocks: Blocks,
    held: Held,
    message: Message,
}

/// What a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its bytes on the wire, as far as they were fed.
    pub compressed: u64,
    /// Its plain bytes, unknown ones included.
    pub plain: u64,
    /// How many of these are unknown. A message without any is certain.
    pub unknown: u64,
    /// How it ended.
    pub ending: Ending,
    /// The first copy from beyond the agreed window; it was made.
    pub beyond_window: Option<Reach>,
    /// The first copy from an earlier message, where context takeover was refused; it was made.
    pub before_message: Option<Reach>,
}

/// What became of the bytes that were fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fed {
    /// How many of them were taken.
    pub taken: usize,
    /// Why no more was done.
    pub status: Status,
}

/// Why [`Inflater::feed`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All the bytes are taken, and all that can be made of them is made.
    Hungry,
    /// The budget is spent and more plain bytes would come. Feed the bytes that were not taken to go on.
    Full,
    /// The message is not DEFLATE; the rest of its bytes is passed over.
    Faulty(Fault),
}

impl Message {
    const EMPTY: Self = Self {
        compressed: 0,
        plain: 0,
        unknown: 0,
        ending: Ending::Nothing,
        beyond_window: None,
        before_message: None,
    };
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").field("message", &self.message).finish_non_exhaustive()
    }
}

impl Inflater {
    /// For a sender whose compressor may look back 2^`window_bits` bytes (8 to 15; others count as the nearest),
    /// and with `takeover` into earlier messages.
    #[must_use]
    pub fn new(window_bits: u8, takeover: bool) -> Self {
        Self {
            agreed: Agreed { window: 1 << window_bits.clamp(8, 15), takeover },
            window: None,
            lost: false,
            blocks: Blocks::new(),
            held: Held::default(),
            message: Message::EMPTY,
        }
    }

    /// Takes the next compressed bytes of a message and hands out at most `budget` plain bytes.
    pub fn feed(&mut self, input: &[u8], budget: u64, sink: &mut dyn FnMut(Plain<'_>)) -> Fed {
        self.feed_observed(input, budget, sink, &mut ())
    }

    /// The same; `observer` is told of each piece that is read. It is told of a copy before the budget cuts it.
    pub fn feed_observed<O: Observer>(
        &mut self,
        input: &[u8],
        budget: u64,
        sink: &mut dyn FnMut(Plain<'_>),
        observer: &mut O,
    ) -> Fed {
        if let Ending::Faulty(fault) = self.message.ending {
            self.message.compressed += input.len() as u64;
            return Fed { taken: input.len(), status: Status::Faulty(fault) };
        }
        let window = self.window.get_or_insert_with(|| Window::new(self.lost));
        let mut reader = BitReader::new(self.held, input, self.message.compressed);
        let mut room = usize::try_from(budget).unwrap_or(usize::MAX);
        let mut unknown = 0;
        let status = loop {
            if window.pos >= LAP {
                unknown += window.deliver(sink);
                window.wrap();
            }
            let start = window.pos;
            let step = self.blocks.step(&mut reader, window, self.agreed, room, observer);
            let made = window.pos - start;
            room -= made;
            self.message.plain += made as u64;
            match step {
                Ok(Step::On) => {}
                Ok(Step::Hungry) => break Status::Hungry,
                Ok(Step::Full) => break Status::Full,
                Err((kind, at)) => {
                    let fault = Fault { kind, at, behind_final: self.blocks.behind_final };
                    observer.saw(Seen::Fault(fault));
                    break Status::Faulty(fault);
                }
            }
        };
        self.message.unknown += unknown + window.deliver(sink);
        self.held = reader.held();
        self.settle(input.len(), reader.rest.len(), status)
    }

    /// Writes down how the message stands.
    fn settle(&mut self, len: usize, left: usize, status: Status) -> Fed {
        let (taken, ending) = match status {
            Status::Hungry => (len, Ending::Clean),
            Status::Full => (len - left, Ending::Stopped),
            Status::Faulty(fault) => (len, Ending::Faulty(fault)),
        };
        self.message.compressed += taken as u64;
        self.message.ending = ending;
        Fed { taken, status }
    }

    /// How many bits of the current message were used so far, while it has no fault. Where a budget stopped it,
    /// the bytes behind this bit are what is left.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.message.compressed * 8 - self.held.count()
    }

    /// The message has no more bytes: puts the four bytes `00 00 ff ff` back and tells how it ended.
    ///
    /// If not all of its plain bytes are here, the history is unknown from here on.
    pub fn end_of_message(&mut self) -> Message {
        let (compressed, unused) = (self.message.compressed, self.held.count());
        let ending = match self.message.ending {
            ending @ (Ending::Faulty(_) | Ending::Stopped) => ending,
            _ => self.blocks.ending(compressed, unused),
        };
        let (beyond_window, before_message) = (self.blocks.beyond_window, self.blocks.before_message);
        let message = Message { ending, beyond_window, before_message, ..self.message };
        self.begin_message();
        if !ending.is_whole() {
            self.lose_history();
        }
        message
    }

    /// Bytes were sent that are not here: what was sent up to now is unknown from here on, and what was begun of
    /// a message is dropped. Frees the memory.
    pub fn lose_history(&mut self) {
        self.begin_message();
        self.blocks = Blocks::new();
        self.window = None;
        self.lost = true;
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.window.as_ref().map_or(0, Window::memory) + self.blocks.memory()
    }

    fn begin_message(&mut self) {
        self.blocks.reset();
        self.held = Held::default();
        self.message = Message::EMPTY;
        if !self.agreed.takeover
            && let Some(window) = &mut self.window
        {
            window.set_floor();
        }
    }
}

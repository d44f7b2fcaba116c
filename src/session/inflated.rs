//! What is said of a compressed message: how it was inflated, how far, and with which memory (RFC 7692 §7.2.2).

use crate::wire::deflate::{self, Plain};

/// A piece of a compressed message, inflated. It speaks about the frames before it and covers no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The number of the message.
    pub message: u64,
    /// Plain bytes of the message before it.
    pub at: u64,
    /// The bytes, or how many were copied out of history that is not here.
    pub plain: Plain<'a>,
}

/// What became of a compressed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inflated {
    /// What the reader of DEFLATE says: how many bytes, how many of them unknown, how it ended.
    pub read: deflate::Message,
    /// Compressed bytes that came and were not inflated.
    pub left: u64,
    /// Why not all of it was inflated, where it is not the sender's fault.
    pub stop: Option<Stop>,
    /// Where bytes are unknown: why.
    pub lost: Option<Lost>,
    /// The sender may look back 2^this many bytes.
    pub window_bits: u8,
    /// Whether it may look into earlier messages.
    pub takeover: bool,
    /// The sender's compressed messages up to here, this one included.
    pub account: Account,
}

impl Inflated {
    /// Whether every byte of the message is here, and certain.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        self.stop.is_none() && self.read.unknown == 0 && self.read.ending.is_whole()
    }
}

/// Why the inflation of a message stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// It has more plain bytes than a message may have here.
    Limit,
    /// It grows more than a message may grow here.
    Ratio,
    /// The end of it never came.
    Cut,
    /// Bytes of it are missing.
    Gap,
    /// Another compressed message began inside it.
    Interrupted,
    /// Its window was needed for other connections while it waited.
    Memory,
}

impl Stop {
    /// `limit`, `ratio`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Ratio => "ratio",
            Self::Cut => "cut",
            Self::Gap => "gap",
            Self::Interrupted => "interrupted",
            Self::Memory => "memory",
        }
    }
}

/// Why the bytes before a message are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lost {
    /// The input began in the middle of the connection.
    Middle,
    /// The message with this number was not inflated to its end.
    Message(u64),
    /// The window was dropped: so many connections held one that the memory was needed elsewhere.
    Memory,
}

/// A sender's compressed messages, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Account {
    /// How many.
    pub messages: u64,
    /// Their bytes on the wire.
    pub wire: u64,
    /// Their plain bytes, as far as they were inflated.
    pub plain: u64,
    /// Bytes of memory that are set aside for the sender's window and tables.
    pub memory: u64,
}

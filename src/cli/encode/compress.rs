//! The options about compression: how the messages of permessage-deflate are written, and how they are broken.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::wire::deflate::write::flaw::{Flaw, Impossible};
use crate::wire::deflate::write::message::{Blocks, Deflater, Options};
use crate::wire::permessage_deflate::{NAME, WINDOW_BITS};
use crate::wire::sender::Sender;

/// How messages are compressed.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Compression")]
pub(super) struct DeflateArgs {
    /// Compress each message as permessage-deflate does, and set RSV1 on its first frame. Decode it with
    /// --extensions permessage-deflate.
    #[arg(long, conflicts_with_all = ["ping", "pong", "close"])]
    pub(super) deflate: bool,
    /// How hard to look for copies: 0 not at all, 9 as hard as can be.
    #[arg(long, value_name = "0-9", default_value_t = 6, requires = "deflate")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=9))]
    level: u8,
    /// Look back 2^BITS bytes at most, 8 to 15.
    #[arg(long, value_name = "BITS", default_value_t = 15, requires = "deflate")]
    #[arg(value_parser = clap::value_parser!(u8).range(8..=15))]
    window_bits: u8,
    /// Begin each message with an empty window, as no_context_takeover demands.
    #[arg(long, requires = "deflate")]
    no_takeover: bool,
    /// The kind of all blocks.
    #[arg(long, value_enum, value_name = "KIND", default_value_t = BlockKind::Any, requires = "deflate")]
    block: BlockKind,
    /// End each message with a block whose BFINAL is 1, and the byte 00 behind it.
    #[arg(long, requires = "deflate")]
    bfinal: bool,
    /// Break the last message.
    #[arg(long = "break", value_enum, value_name = "FLAW", requires = "deflate")]
    flaw: Option<FlawName>,
}

/// The kinds of blocks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum BlockKind {
    /// What zlib chooses.
    Any,
    /// Bytes as they are.
    Stored,
    /// Symbols in the code that RFC 1951 fixes.
    Fixed,
    /// Symbols in codes that each block brings along.
    Dynamic,
}

impl From<BlockKind> for Blocks {
    fn from(kind: BlockKind) -> Self {
        match kind {
            BlockKind::Any => Self::Chosen,
            BlockKind::Stored => Self::Stored,
            BlockKind::Fixed => Self::Fixed,
            BlockKind::Dynamic => Self::Dynamic,
        }
    }
}

impl DeflateArgs {
    fn options(&self) -> Options {
        Options {
            level: self.level,
            window_bits: self.window_bits,
            takeover: !self.no_takeover,
            blocks: self.block.into(),
            is_final: self.bfinal,
        }
    }

    /// The payloads of messages, compressed where that is asked for.
    ///
    /// # Errors
    /// Where the last cannot be broken as asked.
    pub(super) fn payloads(&self, messages: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Impossible> {
        if !self.deflate {
            return Ok(messages);
        }
        let mut deflater = Deflater::new(self.options());
        let last = messages.len().saturating_sub(1);
        let payload = |(i, plain): (usize, &Vec<u8>)| match self.flaw {
            Some(FlawName(flaw)) if i == last => deflater.broken(plain, flaw),
            _ => Ok(deflater.message(plain)),
        };
        messages.iter().enumerate().map(payload).collect()
    }

    /// What both ends must have agreed on for such messages of this sender, as a response says it.
    pub(super) fn agreement(&self, sender: Sender) -> Option<String> {
        let window = if self.window_bits < WINDOW_BITS {
            format!("; {sender}_max_window_bits={}", self.window_bits)
        } else {
            String::new()
        };
        let takeover =
            if self.no_takeover { format!("; {sender}_no_context_takeover") } else { String::new() };
        self.deflate.then(|| format!("{NAME}{window}{takeover}"))
    }
}

/// A flaw by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FlawName(Flaw);

impl ValueEnum for FlawName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FlawName; Flaw::ALL.len()] = {
            let mut all = [FlawName(Flaw::Cut); Flaw::ALL.len()];
            let mut i = 0;
            #[expect(
                clippy::indexing_slicing,
                reason = "computed by the compiler: a wrong index would not compile"
            )]
            while i < all.len() {
                all[i] = FlawName(Flaw::ALL[i]);
                i += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self.0 {
            Flaw::BlockType => ("block-type", "a block of type 3, which is reserved"),
            Flaw::StoredLength => ("stored-length", "NLEN is not the complement of LEN"),
            Flaw::TooManyLengths => ("too-many-lengths", "HLIT announces 287 codes"),
            Flaw::TooManyDistances => ("too-many-distances", "HDIST announces 31 codes"),
            Flaw::CodeLengths => ("code-lengths", "more codes than their lengths allow"),
            Flaw::Incomplete => ("incomplete", "code lengths that leave bits without a meaning"),
            Flaw::NothingToRepeat => ("nothing-to-repeat", "the first code length repeats the one before"),
            Flaw::RepeatBeyondEnd => ("repeat-beyond-end", "a code length is repeated too often"),
            Flaw::NoEndOfBlock => ("no-end-of-block", "a block without a code for its end"),
            Flaw::NoSuchCode => ("no-such-code", "bits that are no code"),
            Flaw::ReservedLength => ("reserved-length", "length symbol 286"),
            Flaw::ReservedDistance => ("reserved-distance", "distance symbol 30"),
            Flaw::TooFar => ("too-far", "a copy from before the first byte that was sent"),
            Flaw::Cut => ("cut", "the end of the message is missing"),
            Flaw::NoFlush => ("no-flush", "a final block, and no 00 behind it"),
            Flaw::TailKept => ("tail-kept", "the four bytes 00 00 ff ff are not taken off"),
            Flaw::Empty => ("empty", "no bytes at all"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

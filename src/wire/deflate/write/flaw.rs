//! What can be wrong with a compressed message, made on purpose: one for each verdict of the reader.

use super::Writer;
use super::head::{Head, Run};
use super::message::TAIL;
use super::symbol::{Number, Symbol};
use crate::wire::deflate::BlockType;

/// Something wrong with a compressed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// A block of type 3.
    BlockType,
    /// A stored block whose NLEN is not the complement of LEN.
    StoredLength,
    /// HLIT announces more than 286 codes.
    TooManyLengths,
    /// HDIST announces more than 30.
    TooManyDistances,
    /// Code lengths that leave no room for all codes.
    CodeLengths,
    /// Code lengths that leave bits without a meaning.
    Incomplete,
    /// A code length that is the one before, where there is none.
    NothingToRepeat,
    /// A code length that is repeated beyond the last one.
    RepeatBeyondEnd,
    /// A block without a code for its end.
    NoEndOfBlock,
    /// Bits that are no code.
    NoSuchCode,
    /// Length symbol 286.
    ReservedLength,
    /// Distance symbol 30.
    ReservedDistance,
    /// A copy from before the first byte that was ever sent.
    TooFar,
    /// The end is missing.
    Cut,
    /// A final block, and no `00` behind it.
    NoFlush,
    /// The four bytes `00 00 ff ff` are not taken off.
    TailKept,
    /// No bytes at all.
    Empty,
}

/// Why a flaw cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// No distance reaches in front of the first byte.
    #[error("{0} bytes were sent before, and no distance reaches back further than 32,768")]
    AllInReach(u64),
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::BlockType,
        Self::StoredLength,
        Self::TooManyLengths,
        Self::TooManyDistances,
        Self::CodeLengths,
        Self::Incomplete,
        Self::NothingToRepeat,
        Self::RepeatBeyondEnd,
        Self::NoEndOfBlock,
        Self::NoSuchCode,
        Self::ReservedLength,
        Self::ReservedDistance,
        Self::TooFar,
        Self::Cut,
        Self::NoFlush,
        Self::TailKept,
        Self::Empty,
    ];

    /// Breaks a message whose whole blocks are written, and `flushed` where the header of the empty one behind them is
    /// too; `sent` are the connection's plain bytes up to here.
    pub(super) fn break_message(
        self,
        mut writer: Writer,
        flushed: bool,
        sent: u64,
    ) -> Result<Vec<u8>, Impossible> {
        match self {
            Self::Empty => return Ok(Vec::new()),
            Self::NoFlush => return Ok(writer.into_bytes()),
            Self::Cut | Self::TailKept => {
                if !flushed {
                    writer.flush();
                }
                let mut bytes = writer.into_bytes();
                match self {
                    Self::TailKept => bytes.extend(TAIL),
                    _ => bytes.truncate(bytes.len() - (bytes.len() / 4).max(2).min(bytes.len())),
                }
                return Ok(bytes);
            }
            _ => {}
        }
        if flushed {
            writer.bytes(&TAIL);
        }
        self.write_block(&mut writer, sent)?;
        Ok(writer.into_bytes())
    }

    /// Writes a block that is wrong.
    fn write_block(self, writer: &mut Writer, sent: u64) -> Result<(), Impossible> {
        match self {
            Self::BlockType => writer.begin_block(false, BlockType::Reserved),
            Self::StoredLength => {
                writer.begin_block(false, BlockType::Stored);
                writer.stored_length(0, 5, 5);
            }
            Self::ReservedLength => {
                fixed(writer, Number { symbol: 286, extra: 0 }, Number::distance(1));
            }
            Self::ReservedDistance => {
                fixed(writer, Number::length(3), Number { symbol: 30, extra: 0 });
            }
            Self::TooFar => {
                let distance = u16::try_from(sent + 1).ok().filter(|distance| *distance <= 32_768);
                let distance = distance.ok_or(Impossible::AllInReach(sent))?;
                fixed(writer, Number::length(3), Number::distance(distance));
            }
            _ => {
                writer.begin_block(false, BlockType::Dynamic);
                writer.head(&self.head());
                if self == Self::NoSuchCode {
                    // A length, whose code is 11, and of the two bits that a distance may be the one that is none.
                    writer.raw(0b111, 3);
                }
            }
        }
        Ok(())
    }

    /// A dynamic block's head with this wrong in it.
    fn head(self) -> Head {
        const LITERAL: usize = b'a' as usize;
        let of = |rows: &[(usize, u8)]| Head::of_lengths(&litlen(rows), &[1]);
        let plain = || of(&[(LITERAL, 1), (256, 2), (257, 2)]);
        match self {
            Self::TooManyLengths => Head { hlit: 30, ..plain() },
            Self::TooManyDistances => Head { hdist: 30, ..plain() },
            Self::CodeLengths => of(&[(LITERAL, 1), (LITERAL + 1, 1), (256, 1)]),
            Self::Incomplete => of(&[(LITERAL, 2), (256, 2)]),
            Self::NoEndOfBlock => of(&[(LITERAL, 1), (LITERAL + 1, 1)]),
            Self::NothingToRepeat => with_run(plain(), 0, Run { symbol: 16, extra: 0 }),
            Self::RepeatBeyondEnd => {
                let mut head = plain();
                head.runs.pop();
                let last = head.runs.len();
                with_run(head, last, Run { symbol: 18, extra: 127 })
            }
            _ => plain(),
        }
    }
}

/// Literal/length code lengths: those given, and 0 for the others.
fn litlen(rows: &[(usize, u8)]) -> Vec<u8> {
    let mut lengths = vec![0; 258];
    for (symbol, length) in rows {
        if let Some(slot) = lengths.get_mut(*symbol) {
            *slot = *length;
        }
    }
    lengths
}

/// The head with one run more, at this place.
fn with_run(mut head: Head, at: usize, run: Run) -> Head {
    head.runs.insert(at, run);
    head.choose_code();
    head
}

/// A fixed block with a copy.
fn fixed(writer: &mut Writer, length: Number, distance: Number) {
    writer.begin_block(false, BlockType::Fixed);
    _ = writer.symbol(Symbol::Copy { length, distance });
    _ = writer.symbol(Symbol::End);
}

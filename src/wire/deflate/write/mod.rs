//! The way back: DEFLATE written symbol by symbol, legal or broken on purpose (RFC 1951 §3.2).
//!
//! ```text
//! plain bytes ─► matches ─► symbols ─┐
//!           what a reader observed ──┴─► Writer: blocks, heads, symbols ─► bytes, bit for bit
//! ```
//!
//! A [`Writer`] takes what a block is made of just as it stands there: each symbol with its extra bits, each code
//! length as it was run-length encoded, even the bits that fill up a byte. So whatever a reader tells in these terms
//! is written back the same to the last bit. Nothing here asks whether a stream is legal: a copy may reach too far,
//! LEN and NLEN may disagree, code lengths may make no code.
//!
//! [`Deflater`](message::Deflater) makes the compressed messages of one direction.

mod bits;
mod code;
pub mod flaw;
mod head;
mod huffman;
mod matches;
pub mod message;
mod symbol;
#[cfg(test)]
mod tests;

pub use bits::BitWriter;
pub use head::{Head, Run};
pub use symbol::{Number, Symbol};

use super::BlockType;
use code::Code;

/// A symbol that the block's code has no code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the code of this block has no code for symbol {0}")]
pub struct NoCode(pub u16);

/// Writes a DEFLATE stream, block after block.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bits: BitWriter,
    /// The codes of the block that is being written.
    litlen: Code,
    distance: Code,
}

impl Writer {
    /// Begins with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the three bits that begin a block: BFINAL and BTYPE.
    pub fn begin_block(&mut self, is_final: bool, kind: BlockType) {
        self.bits.put(is_final.into(), 1);
        self.bits.put(kind.btype().into(), 2);
        if kind == BlockType::Fixed {
            (self.litlen, self.distance) = (Code::fixed_litlen(), Code::fixed_distance());
        }
    }

    /// Writes a stored block's inside: its bytes behind LEN and NLEN. The bits up to the next byte are taken from
    /// `padding`; compressors leave them 0. No more than 65,535 bytes are written.
    pub fn stored(&mut self, padding: u8, bytes: &[u8]) {
        let bytes = bytes.get(..usize::from(u16::MAX)).unwrap_or(bytes);
        let len = bytes.len() as u16;
        self.stored_length(padding, len, !len);
        self.bits.bytes(bytes);
    }

    /// Writes LEN and NLEN, whatever they say, behind the bits up to the next byte.
    pub fn stored_length(&mut self, padding: u8, len: u16, nlen: u16) {
        self.bits.align(padding);
        self.bits.put(len.into(), 16);
        self.bits.put(nlen.into(), 16);
    }

    /// Writes whole bytes, as many of a stored block's as are here.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bits.bytes(bytes);
    }

    /// Writes a dynamic block's head; symbols behind it are written in the code that it describes.
    pub fn head(&mut self, head: &Head) {
        head.write(&mut self.bits);
        let (litlen, distance) = head.lengths();
        (self.litlen, self.distance) = (Code::of_lengths(&litlen), Code::of_lengths(&distance));
    }

    /// Writes a symbol in the code of the block.
    ///
    /// # Errors
    /// Where that has no code for it; nothing is written then.
    pub fn symbol(&mut self, symbol: Symbol) -> Result<(), NoCode> {
        match symbol {
            Symbol::Literal(byte) => self.litlen.put(byte.into(), &mut self.bits),
            Symbol::End => self.litlen.put(symbol::END_OF_BLOCK, &mut self.bits),
            Symbol::Copy { length, distance } => {
                if !self.distance.has(distance.symbol) {
                    return Err(NoCode(distance.symbol));
                }
                self.litlen.put(length.symbol, &mut self.bits)?;
                self.bits.put(length.extra.into(), symbol::length_extra_bits(length.symbol));
                self.distance.put(distance.symbol, &mut self.bits)?;
                self.bits.put(distance.extra.into(), symbol::distance_extra_bits(distance.symbol));
                Ok(())
            }
        }
    }

    /// Writes bits as they are, the lowest first; up to 32.
    pub fn raw(&mut self, value: u32, len: u32) {
        self.bits.put(value, len);
    }

    /// Ends a message as a sync flush does, less the four bytes `00 00 ff ff` that permessage-deflate takes off:
    /// with the header of an empty stored block and the bits up to the next byte (RFC 7692 §7.2.1).
    pub fn flush(&mut self) {
        self.begin_block(false, BlockType::Stored);
        self.bits.align(0);
    }

    /// Fills up the current byte.
    pub const fn align(&mut self, padding: u8) {
        self.bits.align(padding);
    }

    /// Bits that were written so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.bits.position()
    }

    /// What was written; free bits of the last byte are 0.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bits.into_bytes()
    }
}

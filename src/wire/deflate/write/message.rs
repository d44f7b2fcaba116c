//! The compressed messages of one direction, as its compressor writes them (RFC 7692 §7.2.1).

use flate2::{Compress, Compression, FlushCompress};

use super::flaw::{Flaw, Impossible};
use super::head::Head;
use super::matches;
use super::symbol::{END_OF_BLOCK, Symbol};
use super::{Writer, huffman};
use crate::wire::deflate::BlockType;

/// What a sync flush ends with: taken off by the sender, put back by the receiver.
pub(super) const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The most symbols in a dynamic block of ours: few enough that a change of what comes is met by new codes.
const SYMBOLS_IN_A_BLOCK: usize = 16 * 1024;

/// The smallest window that zlib knows.
const SMALLEST_OF_ZLIB: u8 = 9;

/// How a compressor writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How hard it looks for copies: 0 not at all, 9 as hard as it can.
    pub level: u8,
    /// It looks back 2^this many bytes at most: 8 to 15.
    pub window_bits: u8,
    /// Whether it looks into earlier messages.
    pub takeover: bool,
    /// The kind of all blocks.
    pub blocks: Blocks,
    /// Whether the last block of each message has BFINAL 1 (RFC 7692 §7.2.3.4).
    pub is_final: bool,
}

/// The kind of a message's blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Blocks {
    /// Whatever zlib chooses.
    #[default]
    Chosen,
    /// Bytes as they are.
    Stored,
    /// The RFC's own code.
    Fixed,
    /// Codes that each block brings along.
    Dynamic,
}

impl Default for Options {
    fn default() -> Self {
        Self { level: 6, window_bits: 15, takeover: true, blocks: Blocks::Chosen, is_final: false }
    }
}

/// Compresses the messages of one direction, one after another.
#[derive(Clone, Debug)]
pub struct Deflater {
    options: Options,
    /// What copies may come from: the last plain bytes of earlier messages, where takeover is allowed.
    history: Vec<u8>,
    /// Plain bytes that were compressed so far.
    sent: u64,
}

impl Deflater {
    /// Begins with no history.
    #[must_use]
    pub const fn new(options: Options) -> Self {
        Self { options, history: Vec::new(), sent: 0 }
    }

    /// The payload of a message of these plain bytes.
    pub fn message(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut writer = Writer::new();
        let flushed = self.blocks(plain, self.options.is_final, &mut writer);
        self.remember(plain);
        if !flushed {
            writer.flush();
        }
        writer.into_bytes()
    }

    /// The payload of such a message, with this wrong in it.
    ///
    /// # Errors
    /// Where that cannot be wrong in this message.
    pub fn broken(&mut self, plain: &[u8], flaw: Flaw) -> Result<Vec<u8>, Impossible> {
        let mut writer = Writer::new();
        let is_final = self.options.is_final || flaw == Flaw::NoFlush;
        let flushed = self.blocks(plain, is_final, &mut writer);
        self.remember(plain);
        flaw.break_message(writer, flushed, self.sent)
    }

    fn remember(&mut self, plain: &[u8]) {
        self.sent += plain.len() as u64;
        if self.options.takeover {
            self.history.extend_from_slice(plain);
            let older = self.history.len().saturating_sub(self.window());
            self.history.drain(..older);
        }
    }

    fn window(&self) -> usize {
        1 << self.options.window_bits.clamp(8, 15)
    }

    /// Writes the blocks of a message; gives whether the header of the empty stored block behind them stands there too.
    fn blocks(&self, plain: &[u8], is_final: bool, writer: &mut Writer) -> bool {
        match self.options.blocks {
            Blocks::Stored => stored(plain, is_final, writer),
            Blocks::Fixed => fixed(&self.symbols(plain), is_final, writer),
            Blocks::Dynamic => dynamic(&self.symbols(plain), is_final, writer),
            Blocks::Chosen if plain.is_empty() && !is_final => {}
            Blocks::Chosen => {
                if let Some(bytes) = self.of_zlib(plain, is_final) {
                    writer.bytes(&bytes);
                    return !is_final;
                }
                self.shorter(plain, is_final, writer);
            }
        }
        if is_final {
            writer.align(0);
        }
        false
    }

    /// What zlib makes of it, up to the header of the last empty block or the end of the final one; none where it has
    /// no such window.
    fn of_zlib(&self, plain: &[u8], is_final: bool) -> Option<Vec<u8>> {
        let Options { level, window_bits, .. } = self.options;
        if !(SMALLEST_OF_ZLIB..=15).contains(&window_bits) {
            return None;
        }
        let level = Compression::new(u32::from(level.min(9)));
        let mut compress = Compress::new_with_window_bits(level, false, window_bits);
        if !self.history.is_empty() {
            compress.set_dictionary(&self.history).ok()?;
        }
        let flush = if is_final { FlushCompress::Finish } else { FlushCompress::Sync };
        let mut bytes = Vec::new();
        loop {
            // Room for stored blocks all over; more is made where zlib asks for it.
            bytes.reserve(plain.len() + plain.len() / 1000 + 64);
            let rest = plain.get(compress.total_in() as usize..)?;
            compress.compress_vec(rest, &mut bytes, flush).ok()?;
            if bytes.len() < bytes.capacity() {
                break;
            }
        }
        if !is_final {
            bytes.truncate(bytes.strip_suffix(&TAIL)?.len());
        }
        Some(bytes)
    }

    /// A fixed block or dynamic ones, whichever is shorter.
    fn shorter(&self, plain: &[u8], is_final: bool, writer: &mut Writer) {
        let symbols = self.symbols(plain);
        let mut other = writer.clone();
        fixed(&symbols, is_final, writer);
        dynamic(&symbols, is_final, &mut other);
        if other.position() < writer.position() {
            *writer = other;
        }
    }

    fn symbols(&self, plain: &[u8]) -> Vec<Symbol> {
        let effort = match self.options.level {
            0 => 0,
            level @ 1..=8 => 2 << level,
            _ => 4096,
        };
        matches::symbols(&self.history, plain, self.window(), effort)
    }
}

fn stored(plain: &[u8], is_final: bool, writer: &mut Writer) {
    let mut rest = plain;
    loop {
        let (bytes, behind) = rest.split_at(rest.len().min(usize::from(u16::MAX)));
        writer.begin_block(is_final && behind.is_empty(), BlockType::Stored);
        writer.stored(0, bytes);
        rest = behind;
        if rest.is_empty() {
            return;
        }
    }
}

fn fixed(symbols: &[Symbol], is_final: bool, writer: &mut Writer) {
    writer.begin_block(is_final, BlockType::Fixed);
    write_all(symbols, writer);
}

fn dynamic(symbols: &[Symbol], is_final: bool, writer: &mut Writer) {
    let blocks = symbols.len().div_ceil(SYMBOLS_IN_A_BLOCK).max(1);
    for i in 0..blocks {
        let from = i * SYMBOLS_IN_A_BLOCK;
        let of_block = symbols.get(from..symbols.len().min(from + SYMBOLS_IN_A_BLOCK)).unwrap_or_default();
        writer.begin_block(is_final && i + 1 == blocks, BlockType::Dynamic);
        writer.head(&head_for(of_block));
        write_all(of_block, writer);
    }
}

/// Symbols and the end of their block. Every code has all of them, since it was made for them.
fn write_all(symbols: &[Symbol], writer: &mut Writer) {
    for symbol in symbols.iter().chain(&[Symbol::End]) {
        _ = writer.symbol(*symbol);
    }
}

/// The head that makes a block of these symbols and its end the shortest.
fn head_for(symbols: &[Symbol]) -> Head {
    let (mut litlen, mut distances) = ([0u32; 286], [0u32; 30]);
    let count = |counts: &mut [u32], symbol: u16| {
        if let Some(count) = counts.get_mut(usize::from(symbol)) {
            *count += 1;
        }
    };
    count(&mut litlen, END_OF_BLOCK);
    for symbol in symbols {
        match symbol {
            Symbol::Literal(byte) => count(&mut litlen, (*byte).into()),
            Symbol::End => {}
            Symbol::Copy { length, distance } => {
                count(&mut litlen, length.symbol);
                count(&mut distances, distance.symbol);
            }
        }
    }
    let (litlen, distances) = (huffman::lengths(&litlen, 15), huffman::lengths(&distances, 15));
    Head::of_lengths(used(&litlen, 257), used(&distances, 1))
}

/// The lengths up to the last that is none of nothing, but `least` of them.
fn used(lengths: &[u8], least: usize) -> &[u8] {
    let len = lengths.iter().rposition(|length| *length > 0).map_or(0, |last| last + 1);
    lengths.get(..len.max(least)).unwrap_or(lengths)
}

//! The head of a dynamic block: how many codes, and the length of each (RFC 1951 §3.2.7).

use super::codes::{Codes, END_OF_BLOCK};
use super::fault::FaultKind;
use super::observe::{Observer, Seen, Symbol};
use super::reader::BitReader;

/// The order in which the lengths of the code length code are written.
pub(super) const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The most lengths that may be announced: 286 and 30.
const MOST_LENGTHS: usize = 316;

/// A fault and its first bit.
pub(super) type Located = (FaultKind, u64);

/// What has been read of the head so far.
pub(super) struct Head {
    stage: Stage,
    /// Lengths of literal/length codes, of distance codes, and of code length codes that are announced.
    litlen: usize,
    distance: usize,
    code_length: usize,
    /// Lengths that were read in this stage.
    read: usize,
    lengths: [u8; MOST_LENGTHS],
    /// The first bit of this stage.
    at: u64,
}

#[derive(Clone, Copy)]
enum Stage {
    Counts,
    CodeLengthCode,
    Lengths,
}

impl Head {
    pub(super) const fn new() -> Self {
        let lengths = [0; MOST_LENGTHS];
        Self { stage: Stage::Counts, litlen: 0, distance: 0, code_length: 0, read: 0, lengths, at: 0 }
    }

    /// Goes on reading; `true` once `codes` are those of the block, `false` where more input is needed.
    pub(super) fn read<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        codes: &mut Codes,
        observer: &mut O,
    ) -> Result<bool, Located> {
        loop {
            let done = match self.stage {
                Stage::Counts => self.read_counts(reader, observer)?,
                Stage::CodeLengthCode => self.read_code_length_code(reader, codes, observer)?,
                Stage::Lengths => self.read_lengths(reader, codes, observer)?,
            };
            if !done {
                return Ok(false);
            }
            (self.read, self.at) = (0, reader.position());
            self.stage = match self.stage {
                Stage::Counts => Stage::CodeLengthCode,
                Stage::CodeLengthCode => Stage::Lengths,
                Stage::Lengths => {
                    self.stage = Stage::Counts;
                    return Ok(true);
                }
            };
        }
    }

    /// HLIT, HDIST and HCLEN.
    fn read_counts<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        observer: &mut O,
    ) -> Result<bool, Located> {
        let at = reader.position();
        let Some(bits) = reader.take(14) else { return Ok(false) };
        self.litlen = 257 + (bits & 31) as usize;
        self.distance = 1 + (bits >> 5 & 31) as usize;
        self.code_length = 4 + (bits >> 10) as usize;
        let [litlen, distance, code_length] =
            [self.litlen, self.distance, self.code_length].map(|count| count as u16);
        observer.saw(Seen::Counts { at, litlen, distance, code_length });
        if self.litlen > 286 {
            return Err((FaultKind::TooManyLengthCodes(self.litlen as u16), at));
        }
        if self.distance > 30 {
            return Err((FaultKind::TooManyDistanceCodes(self.distance as u16), at + 5));
        }
        self.lengths.fill(0);
        Ok(true)
    }

    fn read_code_length_code<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        codes: &mut Codes,
        observer: &mut O,
    ) -> Result<bool, Located> {
        for &symbol in ORDER.iter().take(self.code_length).skip(self.read) {
            let Some(length) = reader.take(3) else { return Ok(false) };
            if let Some(slot) = self.lengths.get_mut(usize::from(symbol)) {
                *slot = length as u8;
            }
            self.read += 1;
        }
        let lengths = self.lengths.get(..ORDER.len()).unwrap_or_default();
        observer.saw(Seen::CodeLengthCode { at: self.at, lengths });
        codes.build_code_length(lengths).map_err(|kind| (kind, self.at))?;
        Ok(true)
    }

    fn read_lengths<O: Observer>(
        &mut self,
        reader: &mut BitReader<'_>,
        codes: &mut Codes,
        observer: &mut O,
    ) -> Result<bool, Located> {
        let all = self.litlen + self.distance;
        while self.read < all {
            reader.refill();
            let entry = codes.code_length(reader.hold);
            if entry.len() > reader.count {
                return Ok(false);
            }
            let extra = entry.extra(reader.hold) as usize;
            let run = self.run(entry.value() as u8, extra).map_err(|kind| (kind, reader.position()))?;
            if O::OBSERVES {
                let symbol = Symbol::new(entry, reader.position(), reader.hold);
                let length = self.lengths.get(self.read).copied().unwrap_or_default();
                observer.saw(Seen::CodeLength { symbol, length, repeat: run as u16 });
            }
            self.read += run;
            reader.skip(entry.len());
        }
        let lengths = self.lengths.get(..all).unwrap_or_default();
        let (litlen, distance) = lengths.split_at_checked(self.litlen).unwrap_or_default();
        observer.saw(Seen::Lengths { litlen, distance });
        if lengths.get(END_OF_BLOCK) == Some(&0) {
            return Err((FaultKind::NoEndOfBlock, self.at));
        }
        codes.build(litlen, distance).map_err(|kind| (kind, self.at))?;
        Ok(true)
    }

    /// Enters the lengths that one symbol stands for, and gives their number.
    fn run(&mut self, symbol: u8, extra: usize) -> Result<usize, FaultKind> {
        let (length, repeat) = match symbol {
            16 => {
                let last = self.read.checked_sub(1).and_then(|last| self.lengths.get(last));
                (*last.ok_or(FaultKind::NothingToRepeat)?, 3 + extra)
            }
            17 => (0, 3 + extra),
            18 => (0, 11 + extra),
            length => (length, 1),
        };
        let left = self.litlen + self.distance - self.read;
        if repeat > left {
            return Err(FaultKind::RepeatBeyondEnd { repeat: repeat as u16, left: left as u16 });
        }
        if let Some(run) = self.lengths.get_mut(self.read..self.read + repeat) {
            run.fill(length);
        }
        Ok(repeat)
    }
}

//! The head of a dynamic block: how long each code is (RFC 1951 §3.2.7).

use super::bits::BitWriter;
use super::code::Code;
use super::huffman;
use crate::wire::deflate::dynamic::ORDER;

/// The head of a dynamic block, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// HLIT: how many literal/length codes have a length, less 257.
    pub hlit: u8,
    /// HDIST: how many distance codes have one, less 1.
    pub hdist: u8,
    /// The lengths of the code length code, in the RFC's odd order; HCLEN says how many stand there, 4 to 19.
    pub code_lengths: Vec<u8>,
    /// The lengths of both codes, run-length encoded.
    pub runs: Vec<Run>,
}

/// A symbol of the code length code, and the extra bits behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// 0 to 15: one length. 16: the length before, 3 to 6 times. 17 and 18: zeroes, 3 to 10 and 11 to 138 of them.
    pub symbol: u8,
    /// The number that the extra bits hold.
    pub extra: u8,
}

impl Run {
    /// Extra bits behind it.
    const fn extra_bits(self) -> u32 {
        match self.symbol {
            16 => 2,
            17 => 3,
            18 => 7,
            _ => 0,
        }
    }

    /// How many lengths it gives.
    #[must_use]
    pub const fn repeat(self) -> usize {
        match self.symbol {
            16 | 17 => 3 + self.extra as usize,
            18 => 11 + self.extra as usize,
            _ => 1,
        }
    }
}

impl Head {
    /// The head for codes of these lengths: 257 to 286 of literals and lengths, 1 to 30 of distances. Those of symbols
    /// that have none may be left out at the end.
    #[must_use]
    pub fn of_lengths(litlen: &[u8], distance: &[u8]) -> Self {
        let all: Vec<u8> = litlen.iter().chain(distance).copied().collect();
        let mut head = Self {
            hlit: litlen.len().saturating_sub(257) as u8,
            hdist: distance.len().saturating_sub(1) as u8,
            code_lengths: Vec::new(),
            runs: runs(&all),
        };
        head.choose_code();
        head
    }

    /// Gives the code length code the shortest codes for the runs that there are.
    pub fn choose_code(&mut self) {
        let mut counts = [0; 19];
        for run in &self.runs {
            if let Some(count) = counts.get_mut(usize::from(run.symbol)) {
                *count += 1;
            }
        }
        let lengths = huffman::lengths(&counts, 7);
        let in_order = ORDER.iter().map(|symbol| lengths.get(usize::from(*symbol)).copied().unwrap_or(0));
        self.code_lengths = in_order.collect();
        while self.code_lengths.len() > 4 && self.code_lengths.last() == Some(&0) {
            self.code_lengths.pop();
        }
    }

    /// The lengths of both codes that the runs stand for, as far as they go.
    #[must_use]
    pub fn lengths(&self) -> (Vec<u8>, Vec<u8>) {
        let mut all = Vec::new();
        for run in &self.runs {
            let length = match run.symbol {
                16 => all.last().copied().unwrap_or(0),
                17 | 18 => 0,
                length => length,
            };
            all.resize(all.len() + run.repeat(), length);
        }
        let distance = all.split_off(all.len().min(257 + usize::from(self.hlit)));
        (all, distance)
    }

    /// Writes it, behind the three bits that begin a block. Runs without a code are left out.
    pub(super) fn write(&self, bits: &mut BitWriter) {
        bits.put(self.hlit.into(), 5);
        bits.put(self.hdist.into(), 5);
        bits.put(self.code_lengths.len().saturating_sub(4) as u32, 4);
        let mut lengths = [0; 19];
        for (length, symbol) in self.code_lengths.iter().zip(ORDER) {
            bits.put((*length).into(), 3);
            if let Some(slot) = lengths.get_mut(usize::from(symbol)) {
                *slot = *length;
            }
        }
        let code = Code::of_lengths(&lengths);
        for run in &self.runs {
            if code.put(run.symbol.into(), bits).is_ok() {
                bits.put(run.extra.into(), run.extra_bits());
            }
        }
    }
}

/// Lengths as runs, the longest first taken.
fn runs(lengths: &[u8]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut rest = lengths;
    while let Some(&length) = rest.first() {
        let same = rest.iter().take_while(|other| **other == length).count();
        let taken = match (length, same) {
            (0, 11..) => push_run(&mut runs, 18, same.min(138), 11),
            (0, 3..) => push_run(&mut runs, 17, same, 3),
            (1.., 4..) => {
                runs.push(Run { symbol: length, extra: 0 });
                1 + push_run(&mut runs, 16, (same - 1).min(6), 3)
            }
            _ => push_run(&mut runs, length, 1, 1),
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    runs
}

fn push_run(runs: &mut Vec<Run>, symbol: u8, repeat: usize, least: usize) -> usize {
    runs.push(Run { symbol, extra: (repeat - least) as u8 });
    repeat
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_are_as_long_as_they_may_be() {
        let lengths = [vec![5; 9], vec![0; 140], vec![0; 2], vec![3; 3], vec![0; 5]].concat();
        let symbols: Vec<_> = runs(&lengths).iter().map(|run| (run.symbol, run.repeat())).collect();
        assert_eq!(
            symbols,
            [(5, 1), (16, 6), (5, 1), (5, 1), (18, 138), (17, 4), (3, 1), (3, 1), (3, 1), (17, 5)]
        );
    }

    proptest! {
        #[test]
        fn the_runs_stand_for_the_lengths(runs in proptest::collection::vec((0u8..16, 1usize..200), 1..20), cut in 1usize..30) {
            let lengths: Vec<u8> = runs.iter().flat_map(|(length, times)| vec![*length; *times]).cycle().take(257 + cut).collect();
            let (litlen, distance) = lengths.split_at(257);
            let head = Head::of_lengths(litlen, distance);
            prop_assert_eq!(head.lengths(), (litlen.to_vec(), distance.to_vec()));
        }
    }
}

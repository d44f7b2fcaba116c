//! What an observer is told: nothing is left out, nothing is made up, and cuts do not matter.

use wslens::wire::deflate::{BlockType, Inflater, Observer, Plain, Seen, Status, Symbol};

use super::sample::{Bits, Seeded};

/// What was seen, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    Block(u64, bool, BlockType),
    StoredLength(u64, u16, u16),
    Stored(Vec<u8>),
    Counts(u64, [u16; 3]),
    CodeLengthCode(u64, Vec<u8>),
    CodeLength(Symbol, u8, u16),
    Lengths(Vec<u8>, Vec<u8>),
    Literal(Symbol),
    Pair(Symbol, Symbol),
    Copied(Vec<u8>, usize),
    End(Symbol),
    Fault(u64),
}

#[derive(Default)]
struct Watch(Vec<Kept>);

impl Observer for Watch {
    fn saw(&mut self, seen: Seen<'_>) {
        let kept = match seen {
            Seen::Block { at, is_final, kind } => Kept::Block(at, is_final, kind),
            Seen::StoredLength { at, len, nlen } => Kept::StoredLength(at, len, nlen),
            Seen::Stored(bytes) => {
                if let Some(Kept::Stored(before)) = self.0.last_mut() {
                    return before.extend_from_slice(bytes);
                }
                Kept::Stored(bytes.to_vec())
            }
            Seen::Counts { at, litlen, distance, code_length } => {
                Kept::Counts(at, [litlen, distance, code_length])
            }
            Seen::CodeLengthCode { at, lengths } => Kept::CodeLengthCode(at, lengths.to_vec()),
            Seen::CodeLength { symbol, length, repeat } => Kept::CodeLength(symbol, length, repeat),
            Seen::Lengths { litlen, distance } => Kept::Lengths(litlen.to_vec(), distance.to_vec()),
            Seen::Literal(symbol) => Kept::Literal(symbol),
            Seen::Pair(length, distance) => Kept::Pair(length, distance),
            Seen::Copied { text, unknown } => Kept::Copied(text.to_vec(), unknown),
            Seen::EndOfBlock(symbol) => Kept::End(symbol),
            Seen::Fault(fault) => Kept::Fault(fault.at),
        };
        self.0.push(kept);
    }
}

/// What is seen of bytes that come in pieces of `piece`, and their plain bytes.
fn seen(bytes: &[u8], piece: usize) -> (Vec<Kept>, Vec<u8>) {
    let (mut inflater, mut watch, mut plain) = (Inflater::new(15, true), Watch::default(), Vec::new());
    let mut sink = |given: Plain<'_>| match given {
        Plain::Known(bytes) => plain.extend_from_slice(bytes),
        Plain::Unknown(_) => panic!("nothing is unknown"),
    };
    for piece in bytes.chunks(piece) {
        let fed = inflater.feed_observed(piece, u64::MAX, &mut sink, &mut watch);
        assert!(fed.taken == piece.len() && fed.status != Status::Full);
    }
    (watch.0, plain)
}

/// The codes of RFC 1951 §3.2.2 for these lengths.
fn canonical(lengths: &[u8]) -> Vec<usize> {
    let (mut codes, mut code) = (vec![0; lengths.len()], 0);
    for len in 1..=15 {
        for (symbol, _) in lengths.iter().enumerate().filter(|(_, it)| **it == len) {
            codes[symbol] = code;
            code += 1;
        }
        code <<= 1;
    }
    codes
}

/// Writes blocks anew out of the values that were seen, never out of their bits.
#[derive(Default)]
struct Encoder {
    bits: Bits,
    at: usize,
    litlen: Codes,
    distance: Codes,
    code_length: Codes,
}

/// Code lengths by symbol, and the codes that they make.
#[derive(Default)]
struct Codes {
    lengths: Vec<u8>,
    codes: Vec<usize>,
}

impl Codes {
    fn new(lengths: Vec<u8>) -> Self {
        Self { codes: canonical(&lengths), lengths }
    }
}

impl Encoder {
    fn put(&mut self, number: usize, len: usize) {
        self.bits.put(number, len);
        self.at += len;
    }

    fn code(&mut self, of: impl Fn(&Self) -> &Codes, symbol: usize) {
        let codes = of(self);
        let (code, len) = (codes.codes[symbol], codes.lengths[symbol].into());
        self.bits.put_code(code, len);
        self.at += len;
    }

    fn align(&mut self) {
        self.put(0, self.at.next_multiple_of(8) - self.at);
    }

    /// A number as the last symbol whose base is not above it, and extra bits. `first` and `doubled` say how bases grow.
    fn number(&mut self, of: impl Fn(&Self) -> &Codes, value: usize, first: (usize, usize), step: usize) {
        let (mut symbol, mut base, mut extra) = (first.0, first.1, 0);
        let mut left = 2 * step;
        while value >= base + (1 << extra) {
            base += 1 << extra;
            symbol += 1;
            left -= 1;
            if left == 0 {
                extra += 1;
                left = step;
            }
        }
        self.code(of, symbol);
        self.put(value - base, extra);
    }

    fn write(&mut self, kept: &Kept) {
        match kept {
            Kept::Block(at, is_final, kind) => {
                if *at > self.at as u64 {
                    self.align();
                }
                assert_eq!(*at, self.at as u64);
                self.put(usize::from(*is_final) | usize::from(kind.btype()) << 1, 3);
                self.litlen = Codes::new([[8; 144].as_slice(), &[9; 112], &[7; 24], &[8; 8]].concat());
                self.distance = Codes::new(vec![5; 32]);
            }
            Kept::StoredLength(at, len, nlen) => {
                self.align();
                assert_eq!(*at, self.at as u64);
                self.put((*len).into(), 16);
                self.put((*nlen).into(), 16);
            }
            Kept::Stored(bytes) => bytes.iter().for_each(|byte| self.put((*byte).into(), 8)),
            Kept::Counts(at, [litlen, distance, code_length]) => {
                assert_eq!(*at, self.at as u64);
                self.put(usize::from(*litlen) - 257, 5);
                self.put(usize::from(*distance) - 1, 5);
                self.put(usize::from(*code_length) - 4, 4);
                self.code_length = Codes::new(vec![0; usize::from(*code_length)]);
            }
            Kept::CodeLengthCode(at, lengths) => {
                const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
                assert_eq!(*at, self.at as u64);
                for symbol in &ORDER[..self.code_length.lengths.len()] {
                    self.put(lengths[*symbol].into(), 3);
                }
                self.code_length = Codes::new(lengths.clone());
            }
            Kept::CodeLength(symbol, length, repeat) => {
                assert_eq!(symbol.at, self.at as u64);
                self.code(|it| &it.code_length, symbol.base.into());
                match symbol.base {
                    16 => self.put(usize::from(*repeat) - 3, 2),
                    17 => self.put(usize::from(*repeat) - 3, 3),
                    18 => self.put(usize::from(*repeat) - 11, 7),
                    base => assert_eq!((base, 1), ((*length).into(), *repeat)),
                }
            }
            Kept::Lengths(litlen, distance) => {
                (self.litlen, self.distance) = (Codes::new(litlen.clone()), Codes::new(distance.clone()));
            }
            Kept::Literal(symbol) => self.code(|it| &it.litlen, symbol.value().into()),
            Kept::Pair(length, back) => {
                assert_eq!(length.at, self.at as u64);
                match length.value() {
                    258 if length.base == 258 => self.code(|it| &it.litlen, 285),
                    value => self.number(|it| &it.litlen, value.into(), (257, 3), 4),
                }
                assert_eq!(back.at, self.at as u64);
                self.number(|it| &it.distance, back.value().into(), (0, 1), 2);
            }
            Kept::Copied(..) | Kept::Fault(_) => {}
            Kept::End(_) => self.code(|it| &it.litlen, 256),
        }
    }
}

/// The plain bytes that the pieces stand for.
fn plain_of(kept: &[Kept]) -> Vec<u8> {
    kept.iter().fold(Vec::new(), |mut plain, kept| {
        match kept {
            Kept::Stored(bytes) | Kept::Copied(bytes, _) => plain.extend_from_slice(bytes),
            Kept::Literal(symbol) => plain.push(symbol.value() as u8),
            _ => {}
        }
        plain
    })
}

/// Symbol counts by a reader of its own, as slow as can be: bit by bit, each code looked for in a list.
fn slow_counts(bytes: &[u8]) -> Vec<[usize; 3]> {
    let bit = |at: usize| bytes.get(at / 8).map(|byte| usize::from(byte >> (at % 8) & 1));
    let number = |at: &mut usize, len: usize| {
        let value = (0..len).try_fold(0, |sum, i| Some(sum | bit(*at + i)? << i))?;
        *at += len;
        Some(value)
    };
    let symbol = |at: &mut usize, lengths: &[u8], codes: &[usize]| {
        let (mut code, mut len) = (0, 0u8);
        loop {
            code = code << 1 | bit(*at)?;
            (*at, len) = (*at + 1, len + 1);
            if let Some(found) = (0..lengths.len()).find(|i| lengths[*i] == len && codes[*i] == code) {
                return Some(found);
            }
        }
    };
    let (mut at, mut counts) = (0, Vec::new());
    let mut block = |at: &mut usize| {
        let (is_final, kind) = (number(at, 1)?, number(at, 2)?);
        counts.push([0; 3]);
        let count: &mut [usize; 3] = counts.last_mut()?;
        let mut lengths = [[8; 144].as_slice(), &[9; 112], &[7; 24], &[8; 8], &[5; 32]].concat();
        let mut litlen = 288;
        if kind == 0 {
            *at = at.next_multiple_of(8);
            count[0] = number(at, 32)? & 0xffff;
            *at += 8 * count[0];
            return Some(());
        }
        if kind == 2 {
            litlen = 257 + number(at, 5)?;
            let all = litlen + 1 + number(at, 5)?;
            let mut code_length = [0; 19];
            for i in 0..4 + number(at, 4)? {
                code_length[[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15][i]] =
                    number(at, 3)? as u8;
            }
            lengths.clear();
            let codes = canonical(&code_length);
            while lengths.len() < all {
                let (length, times) = match symbol(at, &code_length, &codes)? {
                    16 => (*lengths.last()?, 3 + number(at, 2)?),
                    17 => (0, 3 + number(at, 3)?),
                    18 => (0, 11 + number(at, 7)?),
                    length => (length as u8, 1),
                };
                lengths.extend(std::iter::repeat_n(length, times));
            }
        }
        let (litlen, distance) = lengths.split_at(litlen);
        let (litlen_codes, distance_codes) = (canonical(litlen), canonical(distance));
        loop {
            match symbol(at, litlen, &litlen_codes)? {
                256 => break,
                0..256 => count[1] += 1,
                length => {
                    number(at, if length < 265 || length == 285 { 0 } else { (length - 261) / 4 })?;
                    let distance = symbol(at, distance, &distance_codes)?;
                    number(at, if distance < 4 { 0 } else { distance / 2 - 1 })?;
                    count[2] += 1;
                }
            }
        }
        if is_final == 1 {
            *at = at.next_multiple_of(8);
        }
        Some(())
    };
    while block(&mut at).is_some() {}
    counts
}

#[test]
fn symbols_written_anew_give_the_same_bits() {
    for seed in 0..400 {
        let mut random = Seeded::new(seed);
        let len = random.below(20_000);
        let plain = random.plain(len);
        let bytes = random.compressed(&plain);
        let (kept, given) = seen(&bytes, bytes.len().max(1));
        assert_eq!(given, plain, "seed {seed}");
        assert_eq!(plain_of(&kept), plain, "seed {seed}");
        let mut encoder = Encoder::default();
        kept.iter().for_each(|kept| encoder.write(kept));
        let (written, whole) = (encoder.bits.bytes(), encoder.at / 8);
        assert!(bytes.len() <= whole + 1, "seed {seed}: nothing is left out");
        assert_eq!(written[..whole], bytes[..whole], "seed {seed}");
    }
}

#[test]
fn counts_are_those_of_a_reader_of_their_own() {
    for seed in 0..60 {
        let mut random = Seeded::new(seed);
        let len = random.below(6_000);
        let plain = random.plain(len);
        let bytes = random.compressed(&plain);
        let mut counts = Vec::new();
        for kept in seen(&bytes, 7).0 {
            match kept {
                Kept::Block(..) => counts.push([0; 3]),
                Kept::Stored(bytes) => counts.last_mut().unwrap()[0] += bytes.len(),
                Kept::Literal(_) => counts.last_mut().unwrap()[1] += 1,
                Kept::Pair(..) => counts.last_mut().unwrap()[2] += 1,
                _ => {}
            }
        }
        assert_eq!(counts, slow_counts(&bytes), "seed {seed}");
    }
}

#[test]
fn cuts_and_damage_change_nothing_of_what_is_seen() {
    for seed in 0..400 {
        let mut random = Seeded::new(seed);
        let len = random.below(2_000);
        let plain = random.plain(len);
        let bytes = random.compressed(&plain);
        let bytes = if seed % 2 == 0 { bytes } else { random.damaged(bytes) };
        let whole = seen(&bytes, bytes.len().max(1));
        for piece in [1, 2, 5, 64] {
            assert_eq!(seen(&bytes, piece), whole, "seed {seed}, pieces of {piece}");
        }
        let (mut unobserved, mut inflater) = (Vec::new(), Inflater::new(15, true));
        let fed = inflater.feed(&bytes, u64::MAX, &mut |given| match given {
            Plain::Known(bytes) => unobserved.extend_from_slice(bytes),
            Plain::Unknown(_) => panic!("nothing is unknown"),
        });
        assert_eq!(unobserved, whole.1, "seed {seed}");
        let fault = whole.0.iter().find_map(|kept| if let Kept::Fault(at) = kept { Some(*at) } else { None });
        let told = if let Status::Faulty(fault) = fed.status { Some(fault.at) } else { None };
        assert_eq!(fault, told, "seed {seed}");
    }
}

#[test]
fn what_is_copied_out_of_lost_history_is_marked() {
    let mut inflater = Inflater::new(15, true);
    inflater.lose_history();
    let mut watch = Watch::default();
    // A stored block of "de", then a fixed one that copies three bytes from four back.
    let bytes = [0x00, 0x02, 0x00, 0xfd, 0xff, b'd', b'e', 0x02, 0x62, 0x00, 0x00];
    inflater.feed_observed(&bytes, u64::MAX, &mut |_| {}, &mut watch);
    assert!(watch.0.contains(&Kept::Copied(b"??d".to_vec(), 2)), "{:?}", watch.0);
}

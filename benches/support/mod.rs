//! What the benches share: streams to read, and a clock that asks for the best of many rounds.

#![allow(dead_code, reason = "each bench uses a part of it")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use wslens::wire::frame::{Header, LengthForm};
use wslens::wire::mask::MaskingKey;

/// A stream of frames.
pub struct Stream {
    pub bytes: Vec<u8>,
    pub frames: u64,
}

/// What a payload holds.
#[derive(Clone, Copy)]
pub enum Text {
    /// English: one byte a character.
    Ascii,
    /// Greek with spaces: mostly two bytes a character.
    Greek,
}

/// Numbers without pattern, the same in every run (xorshift64*).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + (self.next() % (most - least + 1) as u64) as usize
    }
}

/// At least `size` bytes of masked text frames of one client, with payloads of `least` to `most` bytes.
pub fn text_frames(size: usize, (least, most): (usize, usize), text: Text) -> Stream {
    let mut random = Random(0x9faf_77f8);
    let words = words(2 * most + 64 * 1024, text, &mut random);
    let mut stream = Stream { bytes: Vec::with_capacity(size + most + 14), frames: 0 };
    while stream.bytes.len() < size {
        let len = random.between(least, most);
        let from = boundary(&words, random.between(0, words.len() - len));
        let to = boundary(&words, from + len);
        let key = MaskingKey(((random.next() >> 16) as u32 | 1).to_be_bytes());
        Header::new(0x81, len as u64, LengthForm::shortest(len as u64), Some(key)).encode(&mut stream.bytes);
        let start = stream.bytes.len();
        stream.bytes.extend_from_slice(&words.as_bytes()[from..to]);
        stream.bytes.resize(start + len, b'.');
        key.apply(&mut stream.bytes[start..]);
        stream.frames += 1;
    }
    stream
}

/// The last place between two characters that is not behind `at`.
fn boundary(words: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| words.is_char_boundary(at)).unwrap_or(0)
}

/// At least `len` bytes of words.
fn words(len: usize, text: Text, random: &mut Random) -> String {
    let (first, letters) = match text {
        Text::Ascii => ('a', 26),
        Text::Greek => ('α', 25),
    };
    let mut words = String::new();
    while words.len() < len {
        let letter = first as u32 + random.between(0, letters - 1) as u32;
        words.push(if random.between(0, 5) == 0 { ' ' } else { char::from_u32(letter).unwrap_or(' ') });
    }
    words
}

/// What the command line asks for: a part of the names of rows; empty for all.
pub fn wanted() -> String {
    std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default()
}

/// One thing to time; it gives a number that depends on all its work.
pub struct Runner<'a> {
    pub name: &'a str,
    pub run: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Runner<'a> {
    pub fn new(name: &'a str, run: impl FnMut() -> u64 + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The best time of each runner over `rounds` rounds. They take turns, so that a busy moment of the machine
/// meets all of them.
pub fn best_of(rounds: usize, runners: &mut [Runner<'_>]) -> Vec<Duration> {
    let mut best = vec![Duration::MAX; runners.len()];
    for _ in 0..rounds {
        for (runner, best) in runners.iter_mut().zip(&mut best) {
            let start = Instant::now();
            black_box((runner.run)());
            *best = start.elapsed().min(*best);
        }
    }
    best
}

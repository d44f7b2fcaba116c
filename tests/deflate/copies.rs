//! Copies of every length and distance, against a history that is simply kept whole.

use wslens::wire::deflate::{Ending, Inflater, Plain};

use super::sample::{Bits, Seeded};

/// The symbol of a number counted from 0, its extra bits and how many they are, where from the third group on each
/// `group` symbols have one extra bit more than those before (RFC 1951 §3.2.5).
fn symbol(number: usize, group: usize) -> (usize, usize, usize) {
    let extra = (number / group).checked_ilog2().unwrap_or(0) as usize;
    (extra * group + (number >> extra), number & ((1 << extra) - 1), extra)
}

fn literal(bits: &mut Bits, byte: u8) {
    match byte {
        0..144 => bits.put_code(0x30 + usize::from(byte), 8),
        _ => bits.put_code(0x190 + usize::from(byte) - 144, 9),
    }
}

fn copy(bits: &mut Bits, len: usize, distance: usize) {
    let (length, extra, extra_len) = if len == 258 { (28, 0, 0) } else { symbol(len - 3, 4) };
    match 257 + length {
        symbol @ 257..280 => bits.put_code(symbol - 256, 7),
        symbol => bits.put_code(0xc0 + symbol - 280, 8),
    }
    bits.put(extra, extra_len);
    let (distance, extra, extra_len) = symbol(distance - 1, 2);
    bits.put_code(distance, 5);
    bits.put(extra, extra_len);
}

/// Short and long ones, and above all those near the ends of what there is.
fn distance(random: &mut Seeded, most: usize) -> usize {
    let distance = match random.below(4) {
        0 => 1 + random.below(20),
        1 => most - random.below(20).min(most - 1),
        2 => 1 + random.below(1000),
        _ => 1 + random.below(32_768),
    };
    distance.min(most)
}

fn length(random: &mut Seeded) -> usize {
    match random.below(3) {
        0 => 3 + random.below(256),
        1 => 258 - random.below(5),
        _ => 3 + random.below(14),
    }
}

/// A message of one fixed block, and what it adds to a history in which `None` is unknown.
fn message(random: &mut Seeded, history: &mut Vec<Option<u8>>, steps: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0b010, 3);
    for _ in 0..steps {
        if history.is_empty() || random.below(3) == 0 {
            let byte = random.next() as u8;
            literal(&mut bits, byte);
            history.push(Some(byte));
        } else {
            let (len, distance) = (length(random), distance(random, history.len().min(32_768)));
            copy(&mut bits, len, distance);
            for _ in 0..len {
                history.push(history[history.len() - distance]);
            }
        }
    }
    bits.put(0, 7 + 3);
    bits.bytes()
}

fn follow(seed: u64, lost: bool) {
    let mut random = Seeded::new(seed);
    let mut inflater = Inflater::new(15, true);
    let mut history = Vec::new();
    if lost {
        inflater.lose_history();
        history.resize(32_768, None);
    }
    for number in 0..30 {
        let (steps, before) = (random.below(150), history.len());
        let bytes = message(&mut random, &mut history, steps);
        let mut read = Vec::new();
        let cut = random.below(bytes.len());
        for piece in [&bytes[..cut], &bytes[cut..]] {
            inflater.feed(piece, u64::MAX, &mut |plain| match plain {
                Plain::Known(bytes) => read.extend(bytes.iter().copied().map(Some)),
                Plain::Unknown(len) => read.extend(std::iter::repeat_n(None, len)),
            });
        }
        assert!(read == history[before..], "seed {seed}, lost {lost}, message {number}");
        let told = inflater.end_of_message();
        let unknown = read.iter().filter(|byte| byte.is_none()).count();
        assert_eq!((told.ending, told.unknown), (Ending::Clean, unknown as u64));
    }
}

#[test]
fn copies_are_what_stood_there() {
    (0..60).for_each(|seed| follow(seed, false));
}

#[test]
fn copies_of_unknown_bytes_are_unknown() {
    (0..60).for_each(|seed| follow(seed, true));
}

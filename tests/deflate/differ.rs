//! Random, valid and damaged streams: who reads what, and who refuses.

use wslens::wire::deflate::{Code, Fault, FaultKind};

use super::oracle::{Outcome, miniz, ours, zlib};
use super::sample::Seeded;

/// How many streams: `DEFLATE_RUNS`, or enough for every day.
fn runs() -> u64 {
    std::env::var("DEFLATE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1_500)
}

/// Holds our reader against both of the others, whole and cut.
fn compare(seed: u64, bytes: &[u8], random: &mut Seeded) {
    let (whole, fault) = ours(bytes, &[bytes.len()]);
    let cuts: Vec<usize> = (0..5).map(|_| 1 + random.below(30)).collect();
    assert_eq!(ours(bytes, &cuts), (whole.clone(), fault), "seed {seed}, cuts {cuts:?}");
    let from_zlib = zlib(bytes);
    if !zlib_has_a_reason(&from_zlib, fault) {
        assert_eq!(whole, from_zlib, "zlib, seed {seed}, {fault:?}");
    }
    let from_miniz = miniz(bytes);
    if !miniz_has_a_reason(bytes, fault) {
        assert_eq!(whole, from_miniz, "miniz, seed {seed}, {fault:?}");
    }
}

/// zlib takes a code length code without any code, reads zeroes with it, and finds fault with them later, so not
/// where the stream ends before.
fn zlib_has_a_reason(zlib: &Outcome, fault: Option<Fault>) -> bool {
    zlib.accepted && fault.is_some_and(|fault| fault.kind == FaultKind::Incomplete(Code::CodeLength))
}

/// miniz takes a single code of any length for a whole code, and a block without an end for a block, and reads on;
/// zlib refuses both, as we do. And it refuses a repeat of nothing before the repeat's extra bits are here.
fn miniz_has_a_reason(bytes: &[u8], fault: Option<Fault>) -> bool {
    use FaultKind::{Incomplete, NoEndOfBlock, NothingToRepeat};
    match fault.map(|fault| fault.kind) {
        Some(Incomplete(Code::LiteralLength | Code::Distance) | NoEndOfBlock) => true,
        Some(_) => false,
        None => {
            ours(&[bytes, &[0]].concat(), &[usize::MAX]).1.is_some_and(|fault| fault.kind == NothingToRepeat)
        }
    }
}

#[test]
fn random_bytes() {
    for seed in 0..runs() * 4 {
        let mut random = Seeded::new(seed);
        let len = 1 + random.below(80);
        let mut bytes = random.bytes(len);
        // Half of them a fixed block, a quarter a dynamic one: where there is most to go wrong.
        bytes[0] = match random.below(4) {
            0 | 1 => bytes[0] & !6 | 2,
            2 => bytes[0] & !6 | 4,
            _ => bytes[0],
        };
        compare(seed, &bytes, &mut random);
    }
}

#[test]
fn random_codes() {
    for seed in 0..runs() * 4 {
        let mut random = Seeded::new(seed);
        let bytes = random.dynamic();
        compare(seed, &bytes, &mut random);
    }
}

#[test]
fn streams_of_zlib() {
    for seed in 0..runs() / 4 {
        let mut random = Seeded::new(seed);
        let len = random.below(if seed % 50 == 0 { 200_000 } else { 3_000 });
        let plain = random.plain(len);
        let bytes = random.compressed(&plain);
        let (read, fault) = ours(&bytes, &[1 + random.below(1000), 1 + random.below(50)]);
        assert!(read.plain == plain && fault.is_none(), "seed {seed}, {fault:?}");
    }
}

#[test]
fn damaged_streams_of_zlib() {
    for seed in 0..runs() {
        let mut random = Seeded::new(seed);
        let len = random.below(if seed % 50 == 0 { 60_000 } else { 1_500 });
        let plain = random.plain(len);
        let bytes = random.compressed(&plain);
        let bytes = random.damaged(bytes);
        compare(seed, &bytes, &mut random);
    }
}

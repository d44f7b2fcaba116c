//! Whole connections: messages one after another, with a window kept, dropped or lost.

use flate2::{Compress, Compression, FlushCompress};
use wslens::wire::deflate::{Ending, Inflater, Message, Plain, Status};

use super::oracle::{collect, zlib};
use super::sample::Seeded;

const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Messages as permessage-deflate sends them.
struct Sender {
    compress: Compress,
    takeover: bool,
}

impl Sender {
    fn new(level: u32, window_bits: u8, takeover: bool) -> Self {
        let compress = Compress::new_with_window_bits(Compression::new(level), false, window_bits);
        Self { compress, takeover }
    }

    fn message(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() * 2 + 1024);
        self.compress.compress_vec(plain, &mut out, FlushCompress::Sync).unwrap();
        if !self.takeover {
            self.compress.reset();
        }
        // zlib writes nothing for an empty message behind a flush: it is the byte 00 (RFC 7692 §7.2.3.6).
        if out.is_empty() {
            return vec![0];
        }
        assert!(out.ends_with(&TAIL));
        out.truncate(out.len() - TAIL.len());
        out
    }
}

/// Feeds a message in random pieces and budgets.
fn inflate(
    inflater: &mut Inflater,
    bytes: &[u8],
    random: &mut Seeded,
    sink: &mut dyn FnMut(Plain<'_>),
) -> Message {
    let (mut rest, most) = (bytes, 1 + random.below(400));
    while !rest.is_empty() {
        let piece = &rest[..rest.len().min(1 + random.below(most))];
        let budget = random.below(3 * most) as u64;
        let mut made = 0;
        let fed = inflater.feed(piece, budget, &mut |plain| {
            made += match plain {
                Plain::Known(bytes) => bytes.len(),
                Plain::Unknown(len) => len,
            } as u64;
            sink(plain);
        });
        match fed.status {
            Status::Hungry => assert!(made <= budget && fed.taken == piece.len()),
            Status::Full => assert_eq!(made, budget),
            Status::Faulty(fault) => panic!("{fault:?}"),
        }
        rest = &rest[fed.taken..];
    }
    while inflater.feed(&[], most as u64, sink).status == Status::Full {}
    inflater.end_of_message()
}

#[test]
fn every_level_and_window_with_takeover_and_without() {
    for (seed, level) in (0..=9).enumerate() {
        for window_bits in 9..=15 {
            for takeover in [true, false] {
                let mut random = Seeded::new(seed as u64 * 100 + u64::from(window_bits));
                let mut sender = Sender::new(level, window_bits, takeover);
                let mut inflater = Inflater::new(window_bits, takeover);
                let source = random.plain(60_000);
                for _ in 0..12 {
                    let from = random.below(source.len());
                    let plain = &source[from..(from + random.below(8_000)).min(source.len())];
                    let bytes = sender.message(plain);
                    let mut read = Vec::new();
                    let message = inflate(&mut inflater, &bytes, &mut random, &mut collect(&mut read));
                    assert!(read == plain, "level {level}, {window_bits} bits, takeover {takeover}");
                    let counted = (message.compressed, message.plain, message.unknown);
                    assert_eq!(counted, (bytes.len() as u64, plain.len() as u64, 0));
                    let told = (message.ending, message.beyond_window, message.before_message);
                    assert_eq!(told, (Ending::Clean, None, None));
                }
            }
        }
    }
}

#[test]
fn a_larger_window_than_agreed_and_a_kept_one_are_told_and_read() {
    let mut random = Seeded::new(7);
    let noise = random.bytes(3_000);
    let mut sender = Sender::new(6, 15, true);
    let mut inflater = Inflater::new(9, false);
    for number in 0..3 {
        let bytes = sender.message(&noise);
        let mut read = Vec::new();
        let message = inflate(&mut inflater, &bytes, &mut random, &mut collect(&mut read));
        assert!(read == noise && message.ending == Ending::Clean);
        let before = message.before_message.map(|reach| (reach.distance, reach.allowed < 3000));
        assert_eq!(before, (number > 0).then_some((3000, true)));
        let beyond = message.beyond_window.map(|reach| (reach.distance, reach.allowed));
        assert_eq!(beyond, (number > 0).then_some((3000, 512)));
    }
}

/// The first messages are lost: what is shown of the others is what was sent, or marked.
#[test]
fn behind_a_hole_no_byte_is_known_that_was_not_sent() {
    let mut marked = 0;
    for seed in 0..60 {
        let mut random = Seeded::new(seed);
        let mut sender = Sender::new(1 + random.below(9) as u32, 9 + random.below(7) as u8, true);
        let mut inflater = Inflater::new(15, true);
        let source = random.plain(20_000);
        for number in 0..60 {
            let from = random.below(source.len());
            let plain = &source[from..(from + random.below(4_000)).min(source.len())];
            let bytes = sender.message(plain);
            match number {
                0..5 => continue,
                5 => inflater.lose_history(),
                _ => {}
            }
            let mut at = 0;
            let message = inflate(&mut inflater, &bytes, &mut random, &mut |piece| match piece {
                Plain::Known(bytes) => {
                    assert!(bytes == &plain[at..at + bytes.len()], "seed {seed}, message {number}");
                    at += bytes.len();
                }
                Plain::Unknown(len) => at += len,
            });
            assert_eq!((at, message.ending), (plain.len(), Ending::Clean));
            marked += message.unknown;
        }
    }
    assert!(marked > 1_000, "only {marked}");
}

/// Without takeover nothing is unknown even then.
#[test]
fn without_takeover_a_message_behind_a_hole_is_certain() {
    let mut random = Seeded::new(3);
    let mut sender = Sender::new(6, 15, false);
    let mut inflater = Inflater::new(15, false);
    inflater.lose_history();
    for _ in 0..30 {
        let len = random.below(5_000);
        let plain = random.plain(len);
        let mut read = Vec::new();
        let message = inflate(&mut inflater, &sender.message(&plain), &mut random, &mut collect(&mut read));
        assert!(read == plain && message.ending == Ending::Clean && message.before_message.is_none());
    }
}

/// A message ends well where zlib, given the four bytes and then a stored `X`, reads just that `X` more.
#[test]
fn every_message_cut_at_every_byte_ends_as_zlib_would_go_on() {
    for seed in 0..150 {
        let mut random = Seeded::new(seed);
        let plain = random.plain(40 + seed as usize);
        let whole = random.compressed(&plain);
        for len in 1..=whole.len() {
            let bytes = &whole[..len];
            let mut inflater = Inflater::new(15, true);
            let mut read = Vec::new();
            inflater.feed(bytes, u64::MAX, &mut collect(&mut read));
            let ending = inflater.end_of_message().ending;
            let went_on = zlib(&[bytes, &TAIL, &[0, 1, 0, 0xfe, 0xff, b'X']].concat());
            read.push(b'X');
            assert_eq!(
                ending == Ending::Clean,
                went_on.accepted && went_on.plain == read,
                "seed {seed}, {len}: {ending:?}"
            );
        }
    }
}

#[test]
fn a_bomb_stops_at_its_limit() {
    let zeroes = vec![0; 64 << 20];
    let bytes = Sender::new(9, 15, true).message(&zeroes);
    assert!(zeroes.len() / bytes.len() > 1000);
    let mut inflater = Inflater::new(15, true);
    let mut made = 0;
    let mut count = |plain: Plain<'_>| match plain {
        Plain::Known(bytes) => made += bytes.len(),
        Plain::Unknown(_) => panic!("nothing was lost"),
    };
    let fed = inflater.feed(&bytes, 1 << 20, &mut count);
    assert_eq!(fed.status, Status::Full);
    // A thousandth of the plain bytes is all that was read of the compressed ones.
    assert!(inflater.position() / 8 < 1200 && fed.taken < 1200);
    let rest = inflater.feed(&bytes[fed.taken..], u64::MAX, &mut count);
    assert_eq!((rest.status, made), (Status::Hungry, zeroes.len()));
    assert_eq!(inflater.end_of_message().ending, Ending::Clean);
}

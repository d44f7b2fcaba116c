//! Finding frames again: behind lost bytes they are found, and in noise none is.
//!
//! `WSLENS_FUZZ_RUNS` says how many streams of noise are tried: a million where `CI=true`, otherwise few enough for every day.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use std::ops::Range;

use support::mutate::Random;
use support::{REQUEST, RESPONSE, frame};
use wslens::session::event::{Event, Kind};
use wslens::session::segment::{Begins, Content, How, Opening, Segment};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender;

fn runs() -> u64 {
    let asked = std::env::var("WSLENS_FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok());
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    asked.unwrap_or(if ci { 1_000_000 } else { 3_000 })
}

/// A session behind a handshake with these heads, in which `sender` goes on.
struct Talk {
    session: Session,
    sender: Sender,
    /// Bytes of the sender before its first frame.
    head: u64,
    /// Where frames began, and where it was said that they are found again.
    starts: Vec<u64>,
    again: Vec<(u64, u32, u32)>,
    /// Bytes that were not read.
    opaque: u64,
}

impl Talk {
    fn new(sender: Sender, compressing: bool) -> Self {
        let line =
            if compressing { &b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"[..] } else { b"\r\n" };
        let heads = [REQUEST, RESPONSE].map(|head| [&head[..head.len() - 2], line].concat());
        let mut talk = Self { head: heads[sender as usize].len() as u64, ..Self::anew(sender) };
        for (by, head) in Sender::BOTH.into_iter().zip(&heads) {
            talk.feed(by, Content::Bytes(head));
        }
        talk
    }

    fn anew(sender: Sender) -> Self {
        let session = Session::new(Config::default());
        Self { session, sender, head: 0, starts: Vec::new(), again: Vec::new(), opaque: 0 }
    }

    fn feed(&mut self, sender: Sender, content: Content<'_>) {
        let Self { session, starts, again, opaque, .. } = self;
        let mut sink = |event: &Event<'_>| match event.kind {
            Kind::FrameStart(_) => starts.push(event.offset),
            Kind::Resync(resync) => again.push((event.offset, resync.headers, resync.bits)),
            Kind::Opaque(_) => *opaque += event.len,
            _ => {}
        };
        session.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut sink);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.feed(self.sender, Content::Bytes(bytes));
    }

    fn gap(&mut self, lost: u64) {
        self.feed(self.sender, Content::Gap(lost));
    }

    fn end(&mut self) {
        self.feed(self.sender, Content::End(How::Fin));
    }
}

fn sender(random: &mut Random) -> Sender {
    if random.under(2) == 0 { Sender::Client } else { Sender::Server }
}

fn noise(len: usize, random: &mut Random) -> Vec<u8> {
    (0..len).map(|_| random.next() as u8).collect()
}

/// Bytes of many kinds, none of them frames.
fn not_frames(random: &mut Random) -> Vec<u8> {
    let len = 16 + random.under(1000);
    match random.under(6) {
        0 => "naïve café, π и слово 日本語 🙂 ".bytes().cycle().skip(random.under(40)).take(len).collect(),
        1 => vec![random.next() as u8; len],
        // Numbers of fixed width, most of them small.
        2 => {
            let width = [2, 4, 8][random.under(3)];
            (0..len).map(|at| if at % width == 0 { random.next() as u8 } else { 0 }).collect()
        }
        _ => noise(len, random),
    }
}

#[test]
fn no_frame_is_found_where_none_is() {
    let mut random = Random(0x7265_7379_6e63);
    for run in 0..runs() {
        let mut talk = Talk::new(sender(&mut random), random.under(2) == 0);
        talk.gap(1);
        let bytes = not_frames(&mut random);
        talk.bytes(&bytes);
        talk.end();
        assert_eq!((talk.starts.len(), &*talk.again), (0, &[][..]), "run {run}: {}", hex::encode(&bytes));
    }
}

/// A stream of frames as a sender may send them, and where each begins.
fn stream(by: Sender, random: &mut Random) -> (Vec<u8>, Vec<u64>) {
    let (mut bytes, mut starts) = (Vec::new(), Vec::new());
    let text = "The price of 日本 is 12.5, {\"id\": true} и так далее ".repeat(30);
    for _ in 0..40 {
        starts.push(bytes.len() as u64);
        let len = match random.under(4) {
            0 => 126 + random.under(1000),
            _ => random.under(126),
        };
        let from = (random.under(100)..).find(|at| text.is_char_boundary(*at)).unwrap();
        let to = (from + len..).find(|at| text.is_char_boundary(*at)).unwrap();
        let (first, payload) = match random.under(6) {
            0 => (0x82, text.as_bytes()[from..to].to_vec()),
            1 => (0x89, noise(len.min(125), random)),
            2 => (0x82, noise(len, random)),
            _ => (0x81, text.as_bytes()[from..to].to_vec()),
        };
        let key = (by == Sender::Client).then(|| (random.next() as u32).to_be_bytes());
        bytes.extend(frame(first, &payload, key));
    }
    (bytes, starts)
}

#[test]
fn behind_a_loss_frames_are_found_and_none_is_invented() {
    let mut random = Random(0x6c6f_7373);
    let (mut lost_boundaries, mut soon) = (0, 0);
    for run in 0..runs() / 10 {
        let by = sender(&mut random);
        let (bytes, starts) = stream(by, &mut random);
        let mut talk = Talk::new(by, random.under(2) == 0);
        let head = talk.head;
        let from = random.under(bytes.len() / 2);
        let to = from + 1 + random.under(1500).min(bytes.len() - from - 1);
        talk.bytes(&bytes[..from]);
        talk.gap((to - from) as u64);
        talk.bytes(&bytes[to..]);
        talk.end();
        for start in &talk.starts {
            assert!(
                starts.contains(&(start - head)),
                "run {run}: a frame at {} that never was",
                start - head
            );
        }
        let behind: Vec<u64> = starts.iter().copied().filter(|start| *start >= to as u64).collect();
        if talk.opaque > 0 && behind.len() > 16 {
            lost_boundaries += 1;
            soon += u64::from(talk.again.first().is_some_and(|again| again.0 - head <= behind[15]));
        }
    }
    assert!(lost_boundaries > 50 && soon * 100 >= lost_boundaries * 95, "{soon} of {lost_boundaries}");
}

/// How many frames of a server are told of bytes with this hole, where each of them takes `each` bytes. None is told that
/// never was, and behind the hole one is found within so many.
fn frames_around_a_hole(bytes: &[u8], hole: Range<usize>, each: usize, within: usize) -> usize {
    let mut talk = Talk::new(Sender::Server, false);
    let head = talk.head;
    talk.bytes(&bytes[..hole.start]);
    talk.gap(hole.len() as u64);
    talk.bytes(&bytes[hole.end..]);
    talk.end();
    assert!(talk.starts.iter().all(|start| (start - head).is_multiple_of(each as u64)), "{each} bytes each");
    // Where the hole ends where a frame does, nothing need be found again.
    let soon = (hole.end + within * each) as u64;
    assert!(talk.again.first().is_none_or(|again| again.0 - head <= soon), "{each} bytes each");
    talk.starts.len()
}

#[test]
fn frames_of_one_size_are_found_though_they_are_full_of_zeros() {
    let mut random = Random(0x7a65_726f);
    for size in [8, 16, 32, 64, 100] {
        for counted in [false, true] {
            let frames = (0..400u64).map(|i| {
                let mut payload = vec![0; size];
                payload[4..8].copy_from_slice(&u32::to_be_bytes(if counted { i as u32 } else { 0 }));
                frame(0x82, &payload, None)
            });
            let bytes: Vec<u8> = frames.flatten().collect();
            let from = random.under(bytes.len() / 4);
            let to = from + 1 + random.under(1500);
            let frames = frames_around_a_hole(&bytes, from..to, size + 2, 16);
            assert!(frames > 250, "{size} {counted}: {frames}");
        }
    }
}

/// Frames of a server, all with the same two bytes of header, and numbers in them.
fn numbers(count: u64, size: usize, random: &mut Random) -> Vec<u8> {
    let (first, random_too) = (random.under(1000) as u64, random.under(2) == 0);
    let payload = |i: u64| {
        let number = if random_too { (first + i).wrapping_mul(0x9e37_79b9_7f4a_7c15) } else { first + i };
        number.to_be_bytes()[8 - size..].to_vec()
    };
    (0..count).flat_map(|i| frame(0x82, &payload(i), None)).collect()
}

#[test]
fn the_smallest_frames_are_found_where_those_before_looked_the_same() {
    let mut random = Random(0x736d_616c);
    for size in 1..=5 {
        for _ in 0..20 {
            let bytes = numbers(400, size, &mut random);
            let from = 40 * (size + 2) + random.under(200);
            let to = from + 1 + random.under(500);
            let frames = frames_around_a_hole(&bytes, from..to, size + 2, 24);
            assert!(frames > 200, "{size}: {frames}");
        }
    }
}

#[test]
fn behind_small_frames_that_look_the_same_none_is_invented() {
    let mut random = Random(0x696e_7665_6e74);
    for run in 0..runs() {
        let size = 1 + random.under(5);
        let before = numbers(40, size, &mut random);
        let mut talk = Talk::new(Sender::Server, random.under(2) == 0);
        talk.bytes(&before);
        talk.gap(1 + random.under(1000) as u64);
        let bytes = not_frames(&mut random);
        talk.bytes(&bytes);
        talk.end();
        assert_eq!((talk.starts.len(), &*talk.again), (40, &[][..]), "run {run}: {}", hex::encode(&bytes));
    }
    // Nor where frames of other kinds follow.
    for run in 0..runs() / 10 {
        let before = numbers(40, 1 + random.under(5), &mut random);
        let (bytes, starts) = stream(Sender::Server, &mut random);
        let mut talk = Talk::new(Sender::Server, random.under(2) == 0);
        let head = talk.head + before.len() as u64;
        let lost = 1 + random.under(1500);
        talk.bytes(&before);
        talk.gap(lost as u64);
        talk.bytes(&bytes[lost..]);
        talk.end();
        for start in &talk.starts[40..] {
            assert!(
                starts.contains(&(start - head)),
                "run {run}: a frame at {} that never was",
                start - head
            );
        }
    }
}

/// What comes of a stream with a hole, fed in pieces of this size.
fn story(
    by: Sender,
    (before, lost, behind): (&[u8], u64, &[u8]),
    size: usize,
) -> (Vec<u64>, Vec<(u64, u32, u32)>, u64) {
    let mut talk = Talk::new(by, false);
    before.chunks(size).for_each(|piece| talk.bytes(piece));
    talk.gap(lost);
    behind.chunks(size).for_each(|piece| talk.bytes(piece));
    talk.end();
    (talk.starts, talk.again, talk.opaque)
}

#[test]
fn what_is_found_does_not_depend_on_how_the_bytes_come() {
    let mut random = Random(0x6375_7473);
    for _ in 0..20 {
        let by = sender(&mut random);
        let (bytes, _) = stream(by, &mut random);
        let from = random.under(2000);
        let noise = noise(random.under(200_000), &mut random);
        let behind = [&noise, &bytes[from + 1 + random.under(300)..]].concat();
        let whole = story(by, (&bytes[..from], 300, &behind), usize::MAX);
        for size in [1, 1000, 70_000] {
            assert_eq!(story(by, (&bytes[..from], 300, &behind), size), whole, "{size}");
        }
    }
}

#[test]
fn a_stream_that_begins_in_the_middle_is_searched() {
    let mut random = Random(0x6d69_6464);
    for run in 0..200 {
        let by = sender(&mut random);
        let (bytes, starts) = stream(by, &mut random);
        let from = random.under(1500);
        let mut talk = Talk::anew(by);
        let opening = Opening { middle: Some([Begins::Somewhere; 2]), ..Opening::default() };
        talk.feed(Sender::Client, Content::Open(Box::new(opening)));
        talk.bytes(&bytes[from..]);
        talk.end();
        assert_eq!(talk.again.len(), 1, "run {run}");
        assert_eq!(talk.starts[0], talk.again[0].0);
        assert!(talk.starts.iter().all(|start| starts.contains(&(start + from as u64))), "run {run}");
        assert!(talk.again[0].2 >= 30 && talk.again[0].1 > 1);
    }
}

#[test]
fn large_frames_are_found_by_the_next_one() {
    let big = vec![7; 300_000];
    for by in Sender::BOTH {
        let frames: Vec<u8> = (0..6u8)
            .flat_map(|at| frame(0x82, &big, (by == Sender::Client).then_some([at, 2, 3, 4])))
            .collect();
        let mut talk = Talk::new(by, false);
        // Half of the first frame is here, and its header is not.
        talk.gap(1000);
        talk.bytes(&frames[150_000..]);
        talk.end();
        assert!(talk.starts.len() >= 3, "{:?} of 5, {:?}", talk.starts.len(), talk.again);
    }
}

#[test]
fn much_that_is_no_frame_is_passed_on_and_not_held() {
    let mut random = Random(0x6d75_6368);
    let mut talk = Talk::new(Sender::Server, false);
    talk.gap(5);
    let mut sent = 0;
    for _ in 0..40 {
        let bytes = noise(20_000, &mut random);
        talk.bytes(&bytes);
        sent += bytes.len() as u64;
        assert!(sent - talk.opaque <= 64 * 1024 + 16, "{sent} came, {} were passed on", talk.opaque);
    }
    // Every place looks like the longest of frames.
    for _ in 0..40 {
        talk.bytes(&b"\x82\x7f\0\0\0\0".repeat(5000));
    }
    talk.end();
    assert_eq!(talk.again, []);
}

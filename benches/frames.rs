//! Frames from memory, one core: wslens beside tungstenite, fastwebsockets and the bare minimum, in one run.
//!
//! `cargo bench --bench frames`; `-- NAME` picks the rows whose name holds NAME, `ROUNDS=50` asks for more rounds.
//! Every row is the best of its rounds, the rows taking turns, because other work on the machine only ever makes one
//! slower. What counts are the ratios within one run.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench"
)]

mod support;

use std::hint::black_box;
use std::io::Cursor;

use support::{Runner, Stream, Text, best_of, text_frames, wanted};
use wslens::session::agreed::Agreed;
use wslens::session::at_once::AtOnce;
use wslens::session::event::{Event, Kind, Payload, Sink};
use wslens::session::segment::{Content, Segment};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender;

const MIB: usize = 1 << 20;

/// How the input is cut for wslens, as a reader of files would.
const SEGMENT: usize = 256 * 1024;

/// Counts events and the bytes that they cover.
#[derive(Default)]
struct Counting {
    events: u64,
    bytes: u64,
    findings: usize,
}

impl Sink for Counting {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        self.events += 1;
        self.bytes += event.len;
        self.findings += event.findings.len();
    }

    #[inline]
    fn frame(&mut self, frame: &AtOnce<'_>) {
        self.events += if frame.raw.is_empty() { 2 } else { 3 };
        self.bytes += frame.len;
    }
}

/// Unmasks every payload into a small buffer, as a view does that shows it.
struct Unmasking {
    buffer: Box<[u8; 16 * 1024]>,
    sum: u64,
}

impl Sink for Unmasking {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        if let Kind::Payload(payload) = event.kind {
            self.unmask(payload);
        }
    }

    #[inline]
    fn frame(&mut self, frame: &AtOnce<'_>) {
        self.unmask(frame.payload());
    }
}

impl Unmasking {
    #[inline]
    fn unmask(&mut self, payload: Payload<'_>) {
        for raw in payload.raw.chunks(self.buffer.len()) {
            let plain = payload.key.map_or(raw, |key| key.apply_into(raw, &mut self.buffer[..]));
            self.sum += u64::from(black_box(plain)[0]);
        }
    }
}

fn session(stream: &[u8], check_text: bool, sink: &mut (impl Sink + ?Sized)) {
    let mut session =
        Session::new(Config { check_text, agreed: Agreed::Known(Vec::new()), ..Config::default() });
    for piece in stream.chunks(SEGMENT) {
        let content = Content::Bytes(piece);
        session.feed(
            &Segment { connection: 1, sender: Sender::Client, time: None, packet: None, content },
            sink,
        );
    }
    session.finish(sink);
}

fn count(stream: &Stream, check_text: bool) -> u64 {
    let mut sink = Counting::default();
    session(&stream.bytes, check_text, &mut sink);
    assert_eq!(sink.bytes, stream.bytes.len() as u64);
    assert_eq!(sink.findings, 0);
    sink.events
}

/// The same, with a sink that is not known when the session is compiled.
fn count_behind_a_pointer(stream: &Stream) -> u64 {
    let mut sink = Counting::default();
    session(&stream.bytes, false, black_box(&mut sink as &mut dyn Sink));
    sink.events
}

fn unmask(stream: &Stream) -> u64 {
    let mut sink = Unmasking { buffer: Box::new([0; 16 * 1024]), sum: 0 };
    session(&stream.bytes, false, &mut sink);
    sink.sum
}

fn tungstenite(stream: &Stream) -> u64 {
    let mut socket = tungstenite::protocol::frame::FrameSocket::new(Cursor::new(&stream.bytes));
    let mut frames = 0;
    while let Some(frame) = socket.read(None).expect("frames") {
        black_box(&frame);
        frames += 1;
    }
    assert_eq!(frames, stream.frames);
    frames
}

/// Bytes to read and nowhere to write to, as fastwebsockets wants it.
fn fastwebsockets(stream: &Cursor<Vec<u8>>, frames: u64) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut socket = fastwebsockets::WebSocket::after_handshake(stream.clone(), fastwebsockets::Role::Server);
    let read = runtime.block_on(async {
        let mut read = 0;
        while let Ok(frame) = socket.read_frame().await {
            black_box(&frame.payload[..]);
            read += 1;
        }
        read
    });
    assert_eq!(read, frames);
    read
}

/// The least that finds every frame: read two bytes, the length, and step over.
fn walk(bytes: &[u8]) -> u64 {
    let (mut at, mut frames) = (0usize, 0);
    while let Some(&[first, second]) = bytes.get(at..at + 2) {
        black_box(first);
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        at += match second & 0x7f {
            126 => 4 + mask + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]])),
            127 => 10 + mask + u64::from_be_bytes(bytes[at + 2..at + 10].try_into().expect("eight")) as usize,
            len => 2 + mask + usize::from(len),
        };
        frames += 1;
    }
    frames
}

fn read(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |sum, eight| sum ^ u64::from_ne_bytes(*eight))
}

fn copy(bytes: &[u8], to: &mut [u8]) -> u64 {
    for piece in bytes.chunks(to.len()) {
        to[..piece.len()].copy_from_slice(piece);
        black_box(&mut *to);
    }
    bytes.len() as u64
}

fn main() {
    let mut copied = vec![0; SEGMENT];
    let small = text_frames(64 * MIB, (20, 200), Text::Ascii);
    {
        let for_fast = Cursor::new(small.bytes.clone());
        let mut copied_small = copied.clone();
        report(
            &small,
            vec![
                Runner::new("memory read", || read(&small.bytes)),
                Runner::new("memcpy", || copy(&small.bytes, &mut copied_small)),
                Runner::new("bare header walk", || walk(&small.bytes)),
                Runner::new("tungstenite, not unmasked", || tungstenite(&small)),
                Runner::new("fastwebsockets, UTF-8 checked", || fastwebsockets(&for_fast, small.frames)),
                Runner::new("wslens, every framing rule", || count(&small, false)),
                Runner::new("wslens, sink behind a pointer", || count_behind_a_pointer(&small)),
                Runner::new("wslens, unmasked", || unmask(&small)),
                Runner::new("wslens, UTF-8 checked", || count(&small, true)),
            ],
        );
    }
    let greek = text_frames(64 * MIB, (20, 200), Text::Greek);
    report(&greek, vec![Runner::new("wslens, UTF-8 checked, Greek", || count(&greek, true))]);
    let large = text_frames(64 * MIB, (65536, 65536), Text::Ascii);
    report(
        &large,
        vec![
            Runner::new("memory read", || read(&large.bytes)),
            Runner::new("memcpy", || copy(&large.bytes, &mut copied)),
            Runner::new("tungstenite, not unmasked", || tungstenite(&large)),
            Runner::new("wslens, unmasked", || unmask(&large)),
            Runner::new("wslens, UTF-8 checked", || count(&large, true)),
        ],
    );
}

/// Times the runners over one stream, and prints a row for each.
fn report(stream: &Stream, runners: Vec<Runner<'_>>) {
    let mut runners: Vec<_> = runners.into_iter().filter(|runner| runner.name.contains(&wanted())).collect();
    if runners.is_empty() {
        return;
    }
    let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let best = best_of(rounds, &mut runners);
    let mean = stream.bytes.len() as u64 / stream.frames;
    println!("{} frames of {mean} bytes, {} MiB", stream.frames, stream.bytes.len() / MIB);
    for (runner, best) in runners.iter().zip(best) {
        let seconds = best.as_secs_f64();
        println!(
            "  {:<32} {:>7.2} M frames/s {:>7.1} ns a frame {:>6.2} GB/s",
            runner.name,
            stream.frames as f64 / seconds / 1e6,
            seconds * 1e9 / stream.frames as f64,
            stream.bytes.len() as f64 / seconds / 1e9,
        );
    }
}

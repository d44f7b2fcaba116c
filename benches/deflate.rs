//! Our DEFLATE reader, alone and within a session, beside zlib-rs, in one run.
//!
//! `cargo bench --bench deflate` prints, for each kind of traffic, what each of the three inflates in a second and
//! how many times as fast as zlib-rs ours are. The session takes frames as they come from a server, checks the text
//! as UTF-8 and judges each message; zlib-rs only inflates. Times on a shared machine wander; the ratios hold, since
//! the three take turns.

#![allow(clippy::indexing_slicing, clippy::expect_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use wslens::rules::rule::Level;
use wslens::session::agreed::Agreed;
use wslens::session::event::{Event, Kind};
use wslens::session::segment::{Content, Segment};
use wslens::session::{Config, Session};
use wslens::wire::deflate::{Inflater, Plain};
use wslens::wire::extension::ExtensionList;
use wslens::wire::frame::{Header, LengthForm};
use wslens::wire::sender::Sender;

const TAIL: &[u8] = &[0x00, 0x00, 0xff, 0xff];

/// Bytes of frames that come at once.
const READ: usize = 64 * 1024;

/// Turns that each of the three takes.
const TURNS: usize = 15;

/// A kind of traffic: its messages, compressed one after another with context takeover.
struct Traffic {
    name: &'static str,
    plain_len: usize,
    messages: Vec<Vec<u8>>,
    /// The same as frames of a server.
    frames: Vec<u8>,
}

impl Traffic {
    fn new(name: &'static str, level: u32, len: usize, count: usize) -> Self {
        let mut text = Text(0x9e37_79b9_7f4a_7c15);
        let mut compress = Compress::new(Compression::new(level), false);
        let messages: Vec<_> = (0..count).map(|i| deflate(&mut compress, &text.message(i, len))).collect();
        let mut frames = Vec::new();
        for message in &messages {
            let form = LengthForm::shortest(message.len() as u64);
            Header::new(0xc1, message.len() as u64, form, None).encode(&mut frames);
            frames.extend_from_slice(message);
        }
        Self { name, plain_len: len, messages, frames }
    }
}

/// Words and numbers as an application sends them, from a seed.
struct Text(u64);

impl Text {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn message(&mut self, number: usize, len: usize) -> Vec<u8> {
        const WORDS: [&str; 24] = [
            "price",
            "volume",
            "symbol",
            "update",
            "trade",
            "order",
            "the quick",
            "brown fox",
            "lazy dog",
            "websocket",
            "message",
            "from the server",
            "hello",
            "user",
            "status",
            "online",
            "offline",
            "typing",
            "room",
            "channel",
            "subscribe",
            "heartbeat",
            "sequence",
            "timestamp",
        ];
        let mut text = format!("{{\"id\":{number}");
        while text.len() < len {
            let word = WORDS[self.next() as usize % WORDS.len()];
            match self.next() % 3 {
                0 => text += &format!(",\"{word}\":{}", self.next() % 100_000),
                1 => text += &format!(",\"{word}\":\"{}\"", WORDS[self.next() as usize % WORDS.len()]),
                _ => text += &format!(",\"{word}\":[{:x},true]", self.next() >> 40),
            }
        }
        text.truncate(len);
        text.into_bytes()
    }
}

fn deflate(compress: &mut Compress, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + 1024);
    compress.compress_vec(plain, &mut out, FlushCompress::Sync).expect("compresses");
    assert!(out.ends_with(TAIL));
    out.truncate(out.len() - TAIL.len());
    out
}

fn ours(traffic: &Traffic) -> u64 {
    let mut inflater = Inflater::new(15, true);
    let mut plain = 0;
    for message in &traffic.messages {
        inflater.feed(message, u64::MAX, &mut |piece| {
            if let Plain::Known(bytes) = piece {
                plain += black_box(bytes).len() as u64;
            }
        });
        inflater.end_of_message();
    }
    plain
}

/// The whole session: headers, payload, UTF-8, rules.
fn session(traffic: &Traffic) -> u64 {
    let agreed = Agreed::Known(ExtensionList::parse([&b"permessage-deflate"[..]]).extensions);
    let mut session = Session::new(Config { agreed, ..Config::default() });
    let (mut plain, mut messages) = (0, 0);
    let mut sink = |event: &Event<'_>| match &event.kind {
        Kind::Inflated(piece) => {
            if let Plain::Known(bytes) = piece.plain {
                plain += black_box(bytes).len() as u64;
            }
        }
        Kind::Message(message) => {
            messages += 1;
            // Stored blocks are larger than what they hold, which is noted, and no more.
            assert!(event.findings.iter().all(|it| it.rule.level == Level::Note));
            assert!(message.utf8_error.is_none() && message.utf8_checked);
        }
        _ => {}
    };
    for piece in traffic.frames.chunks(READ) {
        let content = Content::Bytes(piece);
        let sender = Sender::Server;
        session.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut sink);
    }
    session.finish(&mut sink);
    assert_eq!(messages, traffic.messages.len());
    plain
}

fn zlib(traffic: &Traffic) -> u64 {
    let mut inflater = Decompress::new(false);
    let mut out = vec![0; traffic.plain_len + 64];
    for message in &traffic.messages {
        let before = inflater.total_out() as usize;
        inflater.decompress(message, &mut out, FlushDecompress::Sync).expect("inflates");
        let made = inflater.total_out() as usize - before;
        inflater.decompress(TAIL, &mut out[made..], FlushDecompress::Sync).expect("inflates");
        black_box(&out);
    }
    inflater.total_out()
}

fn best(of: &mut Duration, inflate: impl Fn(&Traffic) -> u64, traffic: &Traffic) {
    let start = Instant::now();
    let plain = inflate(traffic);
    *of = (*of).min(start.elapsed());
    assert_eq!(plain, (traffic.plain_len * traffic.messages.len()) as u64);
}

fn main() {
    println!("{:34}{:>22}{:>22}{:>22}{:>7}{:>9}", "", "zlib-rs", "ours", "session", "ours", "session");
    let kinds = [
        Traffic::new("128-byte messages, level 6", 6, 128, 100_000),
        Traffic::new("128-byte messages, level 1", 1, 128, 100_000),
        Traffic::new("1 KiB messages, level 6", 6, 1024, 20_000),
        Traffic::new("64 KiB messages, level 6", 6, 65_536, 300),
        Traffic::new("64 KiB messages, level 1", 1, 65_536, 300),
        Traffic::new("64 KiB messages, level 0 (stored)", 0, 65_536, 300),
    ];
    for traffic in &kinds {
        let (mut own, mut whole, mut other) = (Duration::MAX, Duration::MAX, Duration::MAX);
        for _ in 0..TURNS {
            best(&mut own, ours, traffic);
            best(&mut whole, session, traffic);
            best(&mut other, zlib, traffic);
        }
        let shown = |time: Duration| {
            let messages = traffic.messages.len() as f64 / time.as_secs_f64();
            let (million, giga) = (messages / 1e6, messages * traffic.plain_len as f64 / 1e9);
            format!("{million:.2} M/s {giga:.2} GB/s")
        };
        let ratio = |time: Duration| other.as_secs_f64() / time.as_secs_f64();
        println!(
            "{:34}{:>22}{:>22}{:>22}{:>7.2}{:>9.2}",
            traffic.name,
            shown(other),
            shown(own),
            shown(whole),
            ratio(own),
            ratio(whole)
        );
    }
}

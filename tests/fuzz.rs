//! Each fuzz body on mutated samples, from a seed: the same inputs in every run.
//!
//! `WSLENS_FUZZ_RUNS` says how many inputs each body gets: a million where `CI=true`, otherwise few enough for every day.
//! `WSLENS_FUZZ_SEED` gives other inputs.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

#[path = "support/fuzz_bodies.rs"]
mod bodies;
mod support;

use std::panic::catch_unwind;

use bodies::{BODIES, Body, as_acts};
use support::{REQUEST, RESPONSE, net};
use support::{masked, mutate, samples, server_frame};
use wslens::input::Format;
use wslens::wire::sender::Sender;

/// The longest input; longer ones find little more and take their time.
const LONGEST: usize = 1024;

fn runs() -> u64 {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    number("RUNS").unwrap_or(if ci { 1_000_000 } else { 1_000 })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(format!("WSLENS_FUZZ_{name}")).ok()?.parse().ok()
}

/// Runs a body on the seeds as they are, then on what becomes of them.
fn run(name: &str, seeds: &[Vec<u8>]) {
    let body: Body = BODIES.iter().find(|row| row.0 == name).expect("a body").1;
    let mut random = mutate::Random(0x5753_4c45_4e53_0001 ^ number("SEED").unwrap_or(0) << 16);
    for seed in seeds {
        check(name, body, &seed[..seed.len().min(LONGEST)]);
    }
    for _ in 0..runs() {
        let mut data = mutate::mutated(seeds, &mut random);
        data.truncate(LONGEST);
        check(name, body, &data);
    }
}

fn check(name: &str, body: Body, data: &[u8]) {
    if catch_unwind(|| body(data)).is_err() {
        panic!("{name} fails on {}", hex::encode(data));
    }
}

/// The bytes of both sides of every sample, in the form that the bodies read.
fn conversations() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (name, bytes) in samples() {
        for conversation in support::conversations(&name, &bytes) {
            let mut data = Vec::new();
            for (sender, act) in conversation {
                if let support::Act::Bytes(bytes) = act {
                    as_acts(sender, &bytes[..bytes.len().min(300)], &mut data);
                }
            }
            all.push(data);
        }
    }
    all.push(broken());
    all
}

/// Frames of all kinds behind a handshake, among them some that break rules.
fn broken() -> Vec<u8> {
    let mut data = Vec::new();
    as_acts(Sender::Client, REQUEST, &mut data);
    as_acts(Sender::Server, RESPONSE, &mut data);
    for frame in [
        masked(0x01, b"caf\xc3"),
        masked(0x89, b""),
        masked(0x80, b"\xa9"),
        masked(0xf5, b"?"),
        vec![0x82, 0xfe, 0, 1, 1, 2, 3, 4, 5],
        vec![0x82, 0x7f, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5],
    ] {
        as_acts(Sender::Client, &frame, &mut data);
    }
    for frame in
        [server_frame(0x88, b"\x03"), server_frame(0x8a, b"x"), server_frame(0x81, b"\x1b]52;\xe2\x80\xae")]
    {
        as_acts(Sender::Server, &frame, &mut data);
    }
    data
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Everything that is kept under this folder of `tests/`, each behind a byte that leaves the format open.
fn dumps() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/input");
    let paths = std::fs::read_dir(folder).expect("the dumps").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    let files = paths.into_iter().map(|path| std::fs::read(path).expect("a dump"));
    let samples = samples().into_iter().map(|(_, bytes)| bytes);
    files.chain(samples).map(|bytes| [vec![0], bytes].concat()).collect()
}

/// The beginning of a connection in our JSON Lines.
const OPEN: &str = r#"{"v":1,"type":"open","connection":1,"sender":"client","time":"1.000000000","offset":0,"len":0}
"#;
/// A frame of it.
const FRAME: &str = r#"{"v":1,"type":"frame","connection":1,"sender":"client","time":null,"time_end":null,"offset":9,"len":8,"fin":true,"rsv1":false,"rsv2":false,"rsv3":false,"opcode":1,"mask":true,"masking_key":"01020304","payload_len":2,"length_bits":7,"text":"hi"}"#;

/// A small HAR with a row of every kind.
const HAR: &str = r#"{"log":{"entries":[{"_webSocketMessages":[{"type":"send","time":1.5,"opcode":1,"data":"a\u202e"},
    {"type":"receive","time":1772373909412.5,"opcode":2,"data":"AAE="},{"type":"error","opcode":-1,"data":"\u001b["}],
    "request":{"method":"GET","url":"ws://a/b?c","headers":[{"name":"Upgrade","value":"websocket"}]},
    "response":{"status":101,"headers":[]},"startedDateTime":"2026-03-01T14:05:09.250+01:00","timings":{"wait":2}}]}}"#;

#[test]
fn header() {
    run("header", &[masked(0x81, b"Hello"), masked(0x82, &[7; 300]), server_frame(0x82, &[7; 70_000])]);
}

#[test]
fn session() {
    run("session", &conversations());
}

#[test]
fn head() {
    run(
        "head",
        &[REQUEST.to_vec(), RESPONSE.to_vec(), b"GET / HTTP/1.1\nx :a\r\n b\r\nno colon\n\r\n".to_vec()],
    );
}

#[test]
fn extensions() {
    run(
        "extensions",
        &texts(&[
            "permessage-deflate; client_max_window_bits=\"1\\5\", x; y=z",
            "foo;bar=\"a\\\"b\"; baz\n,bar",
        ]),
    );
}

#[test]
fn list() {
    run("list", &texts(&["keep-alive, Upgrade", "a; x=\"1,\\\",2\" , b,,\t c"]));
}

#[test]
fn close() {
    run("close", &[b"\x03\xe8bye".to_vec(), b"\x03".to_vec(), Vec::new()]);
}

#[test]
fn utf8() {
    run(
        "utf8",
        &texts(&["\u{5}plain ASCII, long enough for more than one block of it", "\u{2}κόσμε €𐍈 mixed"]),
    );
}

#[test]
fn deflate() {
    let seeds =
        ["f248cdc9c90700", "f200110000ffff", "0a040000ffff", "c40d0a0000ffff", "000500faff48656c6c6f00"];
    run("deflate", &seeds.map(|seed| hex::decode(seed).expect("hex")));
}

#[test]
fn anatomy() {
    let seeds = ["f248cdc9c90700", "f20011000000", "c40d0a0000ffff", "000500faff48656c6c6f00"];
    run("anatomy", &seeds.map(|seed| hex::decode(["5028", seed, seed].concat()).expect("hex")));
}

/// Packets of a small connection, on Ethernet.
fn packets() -> Vec<net::Packet> {
    let mut talk =
        net::Talk::new(net::host("192.0.2.1", 4000), net::host("192.0.2.2", 80), [7, u32::MAX - 9]).open();
    talk.say_in(0, REQUEST, 90)
        .say(1, RESPONSE)
        .say(0, &masked(0x81, b"Hello"))
        .say(1, &server_frame(0x81, b"Hi"));
    talk.fin(0).fin(1);
    talk.on_ethernet()
}

#[test]
fn pcap() {
    let file = net::Pcap::default().file(&packets());
    run("pcap", &[[&[1], &file[24..]].concat()]);
}

#[test]
fn pcapng() {
    let mut file = net::Pcapng::new(false);
    let start = file.out.len();
    for packet in packets() {
        file.packet(0, packet.time / 1000, &packet);
    }
    run("pcapng", &[[&[1], &file.out[start..]].concat()]);
}

#[test]
fn packet() {
    let all =
        packets().into_iter().flat_map(|packet| [vec![packet.bytes.len() as u8], packet.bytes].concat());
    run("packet", &[std::iter::once(1).chain(all).collect()]);
}

#[test]
fn input() {
    let lines = [OPEN, FRAME].concat();
    let number = Format::ALL.iter().position(|format| *format == Format::Jsonl).expect("a format") as u8 + 1;
    let seeds = [dumps(), vec![[&[number], lines.as_bytes()].concat()]].concat();
    run("input", &seeds);
}

#[test]
fn har() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let paths = std::fs::read_dir(folder).expect("the samples").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "har")).collect();
    paths.sort();
    let mut seeds = texts(&[HAR]);
    // Where they are longest nothing of interest stands: the end of each is cut.
    seeds.extend(paths.iter().map(|path| std::fs::read(path).expect("a sample")));
    run("har", &seeds);
}

#[test]
fn views() {
    let seeds = conversations().into_iter().map(|data| [vec![80], data].concat());
    run("views", &seeds.collect::<Vec<_>>());
}

/// What bodies once failed on.
#[test]
fn what_was_found_stays_found() {
    let found: [(&str, Body, &str); 3] = [
        // A joiner of graphemes and control characters in the line that an error quotes.
        (
            "input",
            bodies::input,
            "4b400fd1eb91591781708a630e556248f9df62e72132accd8fa5ce1777d39f4a6164db63c3788273d566d702c6e3f152cd\
             971afb",
        ),
        // A header's name behind more blanks than the page has columns.
        ("views", bodies::views, &blank_name()),
        // A fault in a DEFLATE block, with plain bytes before it.
        ("session", bodies::session, &deflate_fault()),
    ];
    for (name, body, data) in found {
        check(name, body, &hex::decode(data).expect("hex"));
    }
}

/// A header line of the response begins with a whole page of blanks.
fn blank_name() -> String {
    let mut data = vec![80];
    as_acts(Sender::Client, REQUEST, &mut data);
    let blanks = [b"HTTP/1.1 101 Switching Protocols\r\n", &[b' '; 180][..], b"Upgrade: websocket\r\n\r\n"];
    as_acts(Sender::Server, &blanks.concat(), &mut data);
    hex::encode(data)
}

/// Plain bytes come before the fault, where a frame is whole as where it is cut.
fn deflate_fault() -> String {
    let mut data = Vec::new();
    let offer = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    for (sender, head) in [(Sender::Client, REQUEST), (Sender::Server, RESPONSE)] {
        let head = head.strip_suffix(b"\r\n\r\n").expect("the end of a head");
        as_acts(sender, &[head, offer.as_bytes()].concat(), &mut data);
    }
    as_acts(Sender::Server, &[0xc1, 7, 0xca, 0x20, 0xac, 4, 0x88, 0, 0], &mut data);
    hex::encode(data)
}

#[test]
fn every_body_has_a_test_and_a_target() {
    let (test, folder) = (include_str!("fuzz.rs"), concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"));
    let manifest = std::fs::read_to_string(format!("{folder}/Cargo.toml")).expect("the manifest");
    for (name, _) in BODIES {
        assert!(test.contains(&format!("\nfn {name}() {{")), "a test for {name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} in fuzz/Cargo.toml");
        let target = std::fs::read_to_string(format!("{folder}/fuzz_targets/{name}.rs")).expect("a target");
        assert!(target.contains(&format!("bodies::{}", if name == "list" { "elements" } else { name })));
    }
}

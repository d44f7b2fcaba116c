//! tshark and we see the same frames, one by one, in whatever is clean: opcode, FIN, RSV, MASK, length and payload.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::process::Command;

use serde_json::Value;
use support::generate::{self, Plan, Sizes};
use support::net::{Packet, Pcap, Talk, ethernet, host};
use support::{Act, conversations, samples};
use wslens::input::{Options, read};
use wslens::session::event::{Event, Kind};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender;

/// A frame: opcode, FIN, RSV, MASK, length, payload unmasked.
type Frame = (u8, bool, u8, bool, u64, String);

/// The frames of each sender, by the client's port.
type Frames = BTreeMap<(u16, bool), Vec<Frame>>;

/// The port of the servers: the one on which tshark expects HTTP.
const HTTP: u16 = 80;

/// How much of a payload tshark unmasks.
const UNMASKED: usize = 256 * 1024;

/// Whether tshark is there; without it a test says so, and fails where all must be tested.
fn tshark_is_there() -> bool {
    let there = Command::new("tshark").arg("--version").output().is_ok();
    if !there {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "tshark is missing");
        println!("skipped: no tshark");
    }
    there
}

/// What tshark sees.
fn by_tshark(file: &[u8]) -> Frames {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture.pcap");
    std::fs::write(&path, file).unwrap();
    let out = Command::new("tshark")
        .arg("-r")
        .arg(&path)
        .args(["-Y", "websocket", "-T", "json", "-x", "--no-duplicate-keys"])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let packets: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    let mut frames = Frames::new();
    for packet in &packets {
        let layers = &packet["_source"]["layers"];
        let port = |name: &str| layers["tcp"][name].as_str().unwrap().parse::<u16>().unwrap();
        let (from, to) = (port("tcp.srcport"), port("tcp.dstport"));
        let key = if to == HTTP { (from, false) } else { (to, true) };
        let websocket = &layers["websocket"];
        let all = websocket.as_array().cloned().unwrap_or_else(|| vec![websocket.clone()]);
        frames.entry(key).or_default().extend(all.iter().map(frame_of));
    }
    frames
}

fn frame_of(frame: &Value) -> Frame {
    let number = |name: &str| -> Option<u64> {
        let text = frame[format!("websocket.{name}")].as_str()?;
        text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok())
    };
    let len =
        number("payload_length_ext_64").or(number("payload_length_ext_16")).or(number("payload_length"));
    let payload = frame["websocket.payload_raw"][0].as_str().unwrap_or_default();
    (
        number("opcode").unwrap() as u8,
        number("fin") == Some(1),
        number("rsv").unwrap() as u8,
        number("mask") == Some(1),
        len.unwrap(),
        payload.to_owned(),
    )
}

/// What we see.
fn by_us(file: &[u8]) -> Frames {
    let mut frames = Frames::new();
    let mut ports = BTreeMap::new();
    let mut payloads: BTreeMap<(u32, bool), Vec<u8>> = BTreeMap::new();
    let mut sink = |event: &Event<'_>| {
        let who = (event.connection, event.sender == Sender::Server);
        match event.kind {
            Kind::Open(opening) => {
                let client = opening.client.clone().unwrap();
                ports.insert(event.connection, client.rsplit(':').next().unwrap().parse::<u16>().unwrap());
            }
            Kind::FrameStart(_) => _ = payloads.insert(who, Vec::new()),
            Kind::Payload(piece) => {
                let mut plain = piece.raw.to_vec();
                if let Some(key) = piece.key {
                    key.apply(&mut plain);
                }
                payloads.get_mut(&who).unwrap().extend(plain);
            }
            Kind::FrameEnd(end) => {
                let header = end.header;
                let mut payload = hex::encode(&payloads[&who]);
                if header.mask() {
                    payload.truncate(2 * UNMASKED);
                }
                frames.entry((ports[&event.connection], who.1)).or_default().push((
                    header.opcode().0,
                    header.fin(),
                    header.rsv(),
                    header.mask(),
                    header.payload_len(),
                    payload,
                ));
            }
            _ => {}
        }
    };
    let mut session = Session::new(Config::default());
    read("capture", file, &Options::default(), &mut |_| (), &mut |segment| {
        session.feed(&segment, &mut sink);
        ControlFlow::Continue(())
    })
    .unwrap();
    session.finish(&mut sink);
    frames
}

/// Every clean sample as a connection of its own, and the names of the samples by the client's port.
fn all_samples() -> (Vec<u8>, BTreeMap<u16, String>) {
    let (mut packets, mut names) = (Vec::new(), BTreeMap::new());
    let clean = samples()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("break-") && !name.starts_with("tutorial-"));
    for (name, bytes) in clean {
        for conversation in conversations(&name, &bytes) {
            let missing = conversation.iter().any(|(_, act)| matches!(act, Act::Gap(_)));
            let http = conversation.first().is_some_and(
                |(_, act)| matches!(act, Act::Bytes(bytes) if bytes.windows(6).any(|six| six == b"HTTP/1")),
            );
            if missing || !http {
                continue;
            }
            let port = 20_000 + names.len() as u16;
            names.insert(port, name.clone());
            let mut talk = Talk::new(host("192.0.2.1", port), host("192.0.2.2", HTTP), [1, 2]).open();
            for (sender, act) in &conversation {
                let end = usize::from(*sender == Sender::Server);
                match act {
                    Act::Bytes(bytes) => _ = talk.say_in(end, bytes, 1400),
                    Act::End(_) => _ = talk.fin(end),
                    Act::Gap(_) => {}
                }
            }
            packets.append(&mut talk.packets);
        }
    }
    let packets: Vec<Packet> =
        (0u64..).zip(&packets).map(|(at, tcp)| Packet::new(at * 1_000_000, ethernet(&tcp.ip()))).collect();
    (Pcap::default().file(&packets), names)
}

fn assert_same(ours: &Frames, theirs: &Frames, name: impl Fn(u16) -> String) {
    for (&(port, server), frames) in ours {
        let sender = if server { "server" } else { "client" };
        let seen = theirs.get(&(port, server)).map(Vec::as_slice).unwrap_or_default();
        for (at, (one, two)) in frames.iter().zip(seen).enumerate() {
            assert_eq!(one, two, "frame {} of the {sender} in {}", at + 1, name(port));
        }
        assert_eq!(frames.len(), seen.len(), "frames of the {sender} in {}", name(port));
    }
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
}

#[test]
fn of_every_clean_sample() {
    if !tshark_is_there() {
        return;
    }
    let (file, names) = all_samples();
    let ours = by_us(&file);
    assert!(names.len() > 20 && ours.values().flatten().count() > 60);
    assert_same(&ours, &by_tshark(&file), |port| names[&port].clone());
}

#[test]
fn of_generated_captures() {
    if !tshark_is_there() {
        return;
    }
    for (seed, sizes, bytes) in
        [(1, Sizes::Small, 60_000), (2, Sizes::Mixed, 600_000), (3, Sizes::Large, 1_500_000)]
    {
        for compression in [false, true] {
            let plan = Plan { seed, sizes, bytes, compression, ..Plan::default() };
            let (file, _) = generate::capture(&plan);
            assert_same(&by_us(&file), &by_tshark(&file), |port| format!("{sizes:?}, port {port}"));
        }
    }
}

//! The capture among the samples: made here, so that it is known what is in it.

use std::env::var;
use std::fs;
use std::process::Command;

use super::packets::frames;
use super::support::net::{Packet, Tcp, ethernet};
use super::*;
use support::server_frame;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/capture-two-connections.pcap");

/// Two connections to one server: the second breaks a rule, and a frame of the first comes in three segments, its header
/// cut in two, one of them sent twice.
fn packets() -> Vec<Packet> {
    let server = host("192.0.2.80", 8000);
    let with =
        |head: &[u8]| [head.strip_suffix(b"\r\n").unwrap(), b"Sec-WebSocket-Protocol: chat\r\n\r\n"].concat();
    let (request, response) = (REQUEST.to_vec(), RESPONSE.to_vec());
    let mut one = Talk::new(host("192.0.2.7", 51242), server, [1000, 5000]).open();
    let mut two = Talk::new(host("192.0.2.8", 51300), server, [77_000, 99_000]).open();
    one.say(0, &with(&request)).say(1, &with(&response)).say(0, &masked(b"Hello")).say(1, &plain(b"Hi"));
    let mut all: Vec<Tcp> = one.packets.split_off(0);
    two.say(0, &request).say(1, &response).say(1, &masked(b"a server never masks"));
    all.append(&mut two.packets);
    let long = masked("What comes in three segments is one frame all the same. ".repeat(6).as_bytes());
    one.say(0, &long[..2]).say(0, &long[2..160]).say(0, &long[160..]);
    all.append(&mut one.packets);
    all.push(all[all.len() - 2].clone());
    one.say(1, &server_frame(0x89, b"still there?"));
    one.say(0, &support::frame(0x8a, b"still there?", Some([9, 8, 7, 6])));
    one.say(0, &support::frame(0x88, b"\x03\xe9bye", Some([6, 7, 8, 9])))
        .say(1, &server_frame(0x88, b"\x03\xe9"));
    one.fin(1).fin(0);
    all.append(&mut one.packets);
    let mut time = 1_772_373_909_000_000_000;
    let at = |(i, tcp): (usize, &Tcp)| {
        time += [1, 1, 12, 40, 500][i % 5] * 1_000_000;
        Packet::new(time, ethernet(&tcp.ip()))
    };
    all.iter().enumerate().map(at).collect()
}

#[test]
fn the_sample_is_what_is_made_here() {
    let made = Pcap::default().file(&packets());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(PATH, &made).expect("the sample can be written");
    }
    assert!(fs::read(PATH).unwrap_or_default() == made, "UPDATE_GOLDEN=1 cargo test writes it anew");
    let seen = see(&made);
    assert_eq!((seen.openings.len(), seen.notices, seen.error), (2, vec![], None));
}

/// The packets in which tshark shows a frame, one for each frame; none where there is no tshark.
fn by_tshark() -> Option<Vec<u64>> {
    let fields = ["-T", "fields", "-e", "frame.number", "-e", "websocket.opcode"];
    let mut tshark = Command::new("tshark");
    tshark.args(["-r", PATH, "-Y", "websocket"]).args(fields);
    let output = match tshark.output() {
        Ok(output) => output,
        Err(_) if var("CI").as_deref() != Ok("true") => {
            println!("skipped: no tshark");
            return None;
        }
        Err(error) => panic!("tshark: {error}"),
    };
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let frames = text.lines().flat_map(|line| {
        let (packet, opcodes) = line.split_once('\t').expect("two fields");
        vec![packet.parse().expect("a number"); opcodes.split(',').count()]
    });
    Some(frames.collect())
}

#[test]
fn wireshark_gives_the_packets_the_same_numbers() {
    let mut ours: Vec<_> =
        frames(&fs::read(PATH).unwrap()).into_iter().map(|([_, _, last], ..)| last).collect();
    ours.sort_unstable();
    assert_eq!(ours, [6, 7, 13, 16, 18, 19, 20, 21]);
    if let Some(theirs) = by_tshark() {
        assert_eq!(ours, theirs);
    }
}

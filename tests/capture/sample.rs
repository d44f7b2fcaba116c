//! The capture among the samples: made here, so that it is known what is in it.

use std::env::var;
use std::fs;
use std::process::Command;

use super::packets::frames;
use super::support::net::{Packet, Pcapng, Tcp, ethernet, on_link};
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
fn by_tshark(path: &str) -> Option<Vec<u64>> {
    let fields = ["-T", "fields", "-e", "frame.number", "-e", "websocket.opcode"];
    let mut tshark = Command::new("tshark");
    tshark.args(["-r", path, "-Y", "websocket"]).args(fields);
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
    for (name, want) in [
        ("capture-two-connections.pcap", &[6, 7, 13, 16, 18, 19, 20, 21][..]),
        ("capture-big-endian.pcap", &[6, 7, 8]),
        ("capture-sections.pcapng", &[7, 8, 9]),
        ("capture-others.pcap.gz", &[22, 23, 24]),
        ("record-wslens.pcapng", &[]),
    ] {
        let path = format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut ours: Vec<_> =
            frames(&fs::read(&path).unwrap()).into_iter().map(|([_, _, last], ..)| last).collect();
        ours.sort_unstable();
        assert!(want.is_empty() || ours == want, "{name}: {ours:?}");
        if let Some(theirs) = by_tshark(&path) {
            assert_eq!(ours, theirs, "{name}");
        }
    }
}

/// A sample of its own for each kind of capture file that the others are not.
fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let packets = conversation().packets;
    let null =
        |(i, tcp): (usize, &Tcp)| Packet::new(BEGIN + i as u64 * 1_000_001, on_link(0, true, &tcp.ip()));
    let null: Vec<_> = packets.iter().enumerate().map(null).collect();
    let kind = Pcap { big_endian: true, magic: 0xa1b2_3c4d, link: 0, ..Pcap::default() };
    vec![
        ("capture-big-endian.pcap", kind.file(&null)),
        ("capture-sections.pcapng", sections(&packets)),
        ("capture-others.pcap.gz", gzip(&Pcap::default().file(&at(&others())))),
    ]
}

const BEGIN: u64 = 1_772_373_909_000_000_000;

fn at(packets: &[Tcp]) -> Vec<Packet> {
    let at = |(i, tcp): (usize, &Tcp)| Packet::new(BEGIN + i as u64 * 1_000_000, ethernet(&tcp.ip()));
    packets.iter().enumerate().map(at).collect()
}

/// A section in each byte order: the first counts time in powers of two, from an offset; the second has packets of every kind.
fn sections(packets: &[Tcp]) -> Vec<u8> {
    let packets = at(packets);
    let (one, two) = packets.split_at(5);
    let mut file = Pcapng::new(false);
    let seconds = BEGIN / 1_000_000_000;
    let options = [file.option(9, &[0x8a]), file.option(14, &seconds.to_le_bytes()), vec![0; 4]].concat();
    file.interface(1, 0, &options);
    for (i, packet) in one.iter().enumerate() {
        file.packet(0, i as u64, packet);
    }
    // Keys of TLS, a block of a kind that nobody knows, and one of somebody's own, which Wireshark numbers like a packet.
    file.block(10, b"KSLT\x04\0\0\0\x20\0\0\0").block(0xdead, b"unknown").block(0xbad, b"\x39\x30\0\0ours");
    file.big_endian = true;
    file.section().interface(1, 0, &[]);
    for (i, packet) in two.iter().enumerate() {
        let ticks = packet.time / 1000;
        match i {
            0 => file.obsolete_packet(0, ticks, packet),
            1 => file.simple_packet(packet),
            _ => file.packet(0, ticks, packet),
        };
    }
    file.out
}

/// A WebSocket among TLS, HTTP/2, a page, and a connection on which nothing is said.
fn others() -> Vec<Tcp> {
    let other = |port: u16| Talk::new(client_of(port), host("192.0.2.80", 443), [u32::from(port), 9]).open();
    let (mut tls, mut http2, mut page, silent) = (other(51_001), other(51_002), other(51_003), other(51_004));
    tls.say(0, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03");
    http2.say(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    page.say(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    [tls, http2, page, silent, conversation()].map(|talk| talk.packets).concat()
}

fn client_of(port: u16) -> Host {
    host("192.0.2.7", port)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    io::Write::write_all(&mut gzip, bytes).unwrap();
    gzip.finish().unwrap()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn a_sample_of_each_kind_is_what_is_made_here() {
    for (name, made) in kinds() {
        let path = format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &made).expect("the sample can be written");
        }
        let kept = fs::read(&path).unwrap_or_default();
        // Another version of the compressor may pack it in other bytes.
        let same = kept == made || name.ends_with(".gz") && unpacked(&kept) == unpacked(&made);
        assert!(same, "{name}: UPDATE_GOLDEN=1 cargo test writes it anew");
        let mut seen = see(&made);
        seen.notices.clear();
        assert_conversation(&seen);
    }
}

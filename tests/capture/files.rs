//! pcap and pcapng in every variant give the same.

use std::cell::Cell;
use std::io::Write as _;

use super::support::net::{Packet, Pcap, Pcapng, on_link};
use super::*;

const BEGIN: u64 = 1_600_000_000_000_000_000;

#[test]
fn pcap_in_every_order_and_resolution() {
    let packets = conversation().on_ethernet();
    for big_endian in [false, true] {
        for magic in [0xa1b2_c3d4, 0xa1b2_3c4d] {
            let seen = see(&Pcap { big_endian, magic, ..Pcap::default() }.file(&packets));
            assert_conversation(&seen);
            assert_eq!(seen.format, Some(Format::Pcap));
            assert_eq!(seen.times[0], Time(BEGIN));
        }
    }
}

#[test]
fn pcap_with_modified_headers() {
    let packets = conversation().on_ethernet();
    for big_endian in [false, true] {
        for (magic, more) in [
            (0xa1b2_cd34, 8),
            (0xa1b2_cd34, 12),
            (0xa1b2_cd34, 0),
            (0xa1b2_c3d4, 8),
            (0xa1b2_c3d4, 4),
            (0x1c00_01ac, 0),
            (0x1c00_01ab, 0),
        ] {
            let file = Pcap { big_endian, magic, more, ..Pcap::default() }.file(&packets);
            // How much comes at once does not decide what the file is taken for.
            for pieces in [usize::MAX, 50, 1] {
                let seen = see_with(&file, pieces, &Options::default());
                assert_eq!(seen.openings.len(), 1, "{magic:x} {more} {pieces}");
                assert_conversation(&seen);
            }
        }
    }
}

#[test]
fn the_length_of_the_check_sequence_is_no_link_type() {
    let file = Pcap { link: 1 | 4 << 28 | 1 << 26, ..Pcap::default() }.file(&conversation().on_ethernet());
    assert_conversation(&see(&file));
}

#[test]
fn pcapng_in_both_orders_with_every_packet_block() {
    let packets = conversation().on_ethernet();
    for big_endian in [false, true] {
        for how in 0..3 {
            let mut file = Pcapng::new(big_endian);
            file.interface(1, 0, &[]);
            for packet in &packets {
                match how {
                    0 => file.packet(0, packet.time / 1000, packet),
                    1 => file.obsolete_packet(0, packet.time / 1000, packet),
                    _ => file.simple_packet(packet),
                };
            }
            let seen = see(&file.out);
            assert_conversation(&seen);
            assert_eq!(seen.format, Some(Format::Pcapng));
            assert_eq!(seen.times.first().copied(), (how < 2).then_some(Time(BEGIN)));
        }
    }
}

#[test]
fn every_resolution_and_offset_of_time() {
    let packets = conversation().on_ethernet();
    for big_endian in [false, true] {
        for (resolution, per_second, offset) in [
            (6u8, 1_000_000u128, 0i64),
            (9, 1_000_000_000, 0),
            (3, 1000, 0),
            (0x8a, 1024, 1_500_000_000),
            (9, 1_000_000_000, -40),
        ] {
            let mut file = Pcapng::new(big_endian);
            let bytes = if big_endian { offset.to_be_bytes() } else { offset.to_le_bytes() };
            let options = [file.option(9, &[resolution]), file.option(14, &bytes), vec![0; 4]].concat();
            file.interface(1, 0, &options);
            for packet in &packets {
                let since = i128::from(packet.time) - i128::from(offset) * 1_000_000_000;
                let ticks = since as u128 * per_second / 1_000_000_000;
                file.packet(0, ticks as u64, packet);
            }
            let seen = see(&file.out);
            assert_conversation(&seen);
            let first = seen.times[0];
            assert!(
                BEGIN - first.0 < 1_000_000_000 / per_second as u64 + 1,
                "{resolution} {offset}: {first}"
            );
        }
    }
}

#[test]
fn sections_interfaces_and_blocks_of_other_kinds() {
    let packets = conversation().on_ethernet();
    let mut file = Pcapng::new(false);
    file.interface(101, 0, &[]).interface(1, 0, &[]);
    file.block(4, &[0; 8]).block(5, &[0; 12]).block(0xbad, &[1, 2, 3, 4, 5]).block(0x7777_7777, &[9; 100]);
    // The data link of the first interface is raw IP.
    file.packet(0, packets[0].time / 1000, &Packet::new(0, packets[0].bytes[14..].to_vec()));
    packets[1..4].iter().for_each(|packet| _ = file.packet(1, packet.time / 1000, packet));
    // Another section, in the other order, with interfaces of its own.
    let mut second = Pcapng::new(true);
    second.interface(1, 0, &[]);
    packets[4..].iter().for_each(|packet| _ = second.packet(0, packet.time / 1000, packet));
    file.out.extend_from_slice(&second.out);
    assert_conversation(&see(&file.out));
}

#[test]
fn an_interface_that_nobody_described_and_keys_are_said() {
    let packets = conversation().on_ethernet();
    let mut file = Pcapng::new(false);
    file.interface(1, 0, &[]);
    file.block(10, b"KSLT\x03\0\0\0abc");
    packets.iter().for_each(|packet| _ = file.packet(0, packet.time / 1000, packet));
    file.packet(7, 0, &packets[0]);
    let seen = see(&file.out);
    assert_eq!(
        seen.notices,
        [
            "1 packet skipped: no interface description says what they are",
            "1 block with keys of TLS in the file: not used, since TLS is not decrypted",
        ]
    );
}

#[test]
fn a_simple_packet_is_as_long_as_the_interface_lets_it() {
    let mut file = Pcapng::new(false);
    file.interface(1, 60, &[]);
    for packet in conversation().on_ethernet() {
        let bytes = packet.bytes[..packet.bytes.len().min(60)].to_vec();
        file.simple_packet(&Packet { bytes, ..packet });
    }
    let seen = see(&file.out);
    // Nothing of the request but its first six bytes was captured: no handshake.
    assert_eq!(seen.error, None);
    assert_eq!((seen.openings.len(), seen.others.all()), (0, 1));
}

#[test]
fn gzip_and_short_reads() {
    let packets = conversation().on_ethernet();
    let mut ng = Pcapng::new(false);
    ng.interface(1, 0, &[]);
    packets.iter().for_each(|packet| _ = ng.packet(0, packet.time / 1000, packet));
    for file in [Pcap::default().file(&packets), ng.out] {
        for size in [1, 2, 3, 7, 100] {
            assert_conversation(&see_with(&file, size, &Options::default()));
        }
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(&file).unwrap();
        let gzip = gzip.finish().unwrap();
        for size in [1, 1000] {
            let mut seen = see_with(&gzip, size, &Options::default());
            assert_eq!(seen.notices.remove(0), "unpacked from gzip");
            assert_conversation(&seen);
        }
        let cut = see(&gzip[..gzip.len() - 20]);
        assert!(
            cut.error.as_deref().is_some_and(|error| error.contains("the gzip data is cut off behind")),
            "{cut:?}"
        );
    }
}

#[test]
fn gzip_of_several_members_and_filled_up_with_zeros() {
    let file = pcap(&conversation().packets);
    let pack = |bytes: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    let (one, two) = file.split_at(file.len() / 2);
    let (one, two, none) = (pack(one), pack(two), pack(b""));
    for packed in [
        [&one[..], &two].concat(),
        [&none[..], &one, &none, &two, &none].concat(),
        [&one[..], &two, &[0; 700]].concat(),
        [&one[..], &[0; 512], &two, &[0]].concat(),
        [&one[..], &two, &[0; 100_000]].concat(),
    ] {
        for size in [1, 7, usize::MAX] {
            let mut seen = see_with(&packed, size, &Options::default());
            assert_eq!(seen.notices.remove(0), "unpacked from gzip");
            assert_conversation(&seen);
        }
    }
    let error = see(&[&one[..], &two, &[0; 9], b"x"].concat()).error.unwrap();
    assert!(error.contains("the gzip data is "), "{error}");
}

/// Gives a file up to its first packet, and what follows only once something was made of that.
struct Waiting<'a> {
    now: &'a [u8],
    later: &'a [u8],
    told: &'a Cell<bool>,
}

impl Read for Waiting<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.now.is_empty() {
            assert!(self.told.get(), "more is asked for before the first packet is told");
            self.now = std::mem::take(&mut self.later);
        }
        let len = into.len().min(self.now.len());
        into[..len].copy_from_slice(&self.now[..len]);
        self.now = &self.now[len..];
        Ok(len)
    }
}

#[test]
fn the_first_packet_of_a_live_capture_is_told_at_once() {
    for v6 in [false, true] {
        for (link, magic, more) in
            [(1, 0xa1b2_c3d4u32, 0), (276, 0xa1b2_3c4d, 0), (113, 0xa1b2_c3d4, 0), (101, 0xa1b2_cd34, 8)]
        {
            let hosts = if v6 { ["2001:db8::1", "2001:db8::2"] } else { ["192.0.2.1", "192.0.2.2"] };
            let mut talk = Talk::new(host(hosts[0], 50000), host(hosts[1], 80), [1, 2]);
            talk.say(0, REQUEST).say(1, RESPONSE);
            let packets: Vec<_> =
                talk.packets.iter().map(|tcp| Packet::new(7, on_link(link, true, &tcp.ip()))).collect();
            let kind = Pcap { magic, link: u32::from(link), more, ..Pcap::default() };
            let (first, whole) = (kind.file(&packets[..1]), kind.file(&packets));
            let told = Cell::new(false);
            let reader = Waiting { now: &first, later: &whole[first.len()..], told: &told };
            read("capture", reader, &Options::default(), &mut |_| {}, &mut |segment| {
                told.set(told.get() || matches!(segment.content, Content::Bytes(bytes) if bytes == REQUEST));
                ControlFlow::Continue(())
            })
            .expect("a capture");
        }
    }
}

#[test]
fn options_that_lie_are_said_and_the_packets_are_read() {
    for big_endian in [false, true] {
        for where_it_lies in ["section", "interface", "packet"] {
            let mut ng = Pcapng::new(big_endian);
            let section = ng.out.len();
            let mut lie = ng.option(1, b"abcd");
            let at = if big_endian { 3 } else { 2 };
            lie[at] = 0xf0;
            if where_it_lies == "section" {
                ng.out[24 + at] = 0xf0;
            }
            ng.interface(1, 0, if where_it_lies == "interface" { &lie } else { &[] });
            let first = match where_it_lies {
                "section" => 0,
                "interface" => section,
                _ => ng.out.len(),
            };
            for (i, packet) in conversation().on_ethernet().iter().enumerate() {
                let start = ng.out.len();
                ng.packet(0, i as u64, packet);
                let comment = start + 28 + packet.bytes.len().next_multiple_of(4);
                ng.out[comment + at] = if where_it_lies == "packet" { 0xf0 } else { ng.out[comment + at] };
            }
            let mut seen = see(&ng.out);
            let blocks = if where_it_lies == "packet" { "10 blocks" } else { "1 block" };
            let says = format!(
                "{blocks} with an option that claims to be longer than its block (the first at byte {first})"
            );
            assert!(seen.notices.remove(0).starts_with(&says), "{says}");
            assert_conversation(&seen);
        }
    }
}

#[test]
fn what_our_proxy_decrypted_is_said_to_have_been_tls() {
    for (name, tls) in [(&b"wslens-tls"[..], true), (b"wslens", false), (b"eth0", false)] {
        let mut ng = Pcapng::new(false);
        let options = [ng.option(2, name), vec![0; 4]].concat();
        ng.interface(1, 0, &options);
        for (i, packet) in conversation().on_ethernet().iter().enumerate() {
            ng.packet(0, i as u64, packet);
        }
        let seen = see(&ng.out);
        assert_conversation(&seen);
        assert_eq!(seen.openings[0].tls, tls);
    }
}

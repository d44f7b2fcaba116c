//! Link types and IP in every shape give the same.

use super::support::net::{Packet, Pcap, Tcp, ethernet, ipv4, ipv6, on_ethernet};
use super::{assert_conversation, conversation, of, see};
use wslens::wire::sender::Sender;

/// A file of this link type, each packet made of its IP packet.
fn file(link: u32, each: impl Fn(&Tcp) -> Vec<Vec<u8>>) -> Vec<u8> {
    let packets: Vec<Packet> = conversation()
        .packets
        .iter()
        .enumerate()
        .flat_map(|(at, tcp)| {
            each(tcp).into_iter().map(move |bytes| Packet::new(at as u64 * 1_000_000, bytes))
        })
        .collect();
    Pcap { link, ..Pcap::default() }.file(&packets)
}

fn before(front: &[u8], ip: &[u8]) -> Vec<Vec<u8>> {
    vec![[front, ip].concat()]
}

#[test]
fn every_link_type() {
    let mac = [2u8; 12];
    let sll = [&[0, 0, 3, 4, 0, 6][..], &[0; 8], &[8, 0]].concat();
    let sll2 = [&[8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6][..], &[0; 8]].concat();
    let vlan = [&mac[..], &[0x81, 0, 0, 5, 8, 0]].concat();
    let qinq = [&mac[..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat();
    for (link, front) in [
        (1, vlan),
        (1, qinq),
        (113, sll),
        (276, sll2),
        (0, vec![2, 0, 0, 0]),
        (0, vec![0, 0, 0, 2]),
        (108, vec![0, 0, 0, 2]),
        (108, vec![2, 0, 0, 0]),
        (101, vec![]),
        (228, vec![]),
    ] {
        assert_conversation(&see(&file(link, |tcp| before(&front, &tcp.ip()))));
    }
}

/// The addresses of a segment, as those of IPv6.
fn v6(tcp: &Tcp) -> ([u8; 16], [u8; 16]) {
    let of = |port: u16| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (port >> 8) as u8, port as u8];
    (of(tcp.from.port), of(tcp.to.port))
}

#[test]
fn ipv6_with_extension_headers() {
    for extensions in [
        &[][..],
        &[(0, [0, 1, 4, 0, 0, 0, 0])],
        &[(60, [0, 1, 4, 0, 0, 0, 0]), (43, [0, 0, 0, 0, 0, 0, 0])],
        // A fragment that is all of its packet.
        &[(44, [0, 0, 0, 0, 0, 0, 1])],
    ] {
        let seen = see(&file(229, |tcp| {
            let (from, to) = v6(tcp);
            let mut payload = tcp.bytes();
            let mut next = 6;
            for (kind, rest) in extensions.iter().rev() {
                payload = [&[next][..], rest, &payload].concat();
                next = *kind;
            }
            vec![ipv6(from, to, next, &payload)]
        }));
        assert_conversation(&seen);
        assert_eq!(seen.openings[0].client.as_deref(), Some("[2001:db8::c350]:50000"));
    }
}

fn v4(tcp: &Tcp) -> ([u8; 4], [u8; 4]) {
    let of = |port: u16| [10, 0, (port >> 8) as u8, port as u8];
    (of(tcp.from.port), of(tcp.to.port))
}

#[test]
fn ipv4_with_options_and_lengths_of_zero() {
    assert_conversation(&see(&file(101, |tcp| {
        let (from, to) = v4(tcp);
        vec![ipv4(from, to, 1, 0, 6, &[7, 3, 4, 0], &tcp.bytes())]
    })));
    // What segmentation offload leaves: a total length of 0, and no padding.
    assert_conversation(&see(&file(101, |tcp| {
        let mut ip = tcp.ip();
        ip[2..4].fill(0);
        vec![ip]
    })));
    assert_conversation(&see(&file(229, |tcp| {
        let (from, to) = v6(tcp);
        let mut ip = ipv6(from, to, 6, &tcp.bytes());
        ip[4..6].fill(0);
        vec![ip]
    })));
}

#[test]
fn padding_of_ethernet_is_no_payload() {
    let packets: Vec<Packet> = on_ethernet(&conversation().packets)
        .into_iter()
        .map(|packet| {
            let mut bytes = packet.bytes;
            bytes.resize(bytes.len().max(60) + 4, 0xaa);
            Packet::new(packet.time, bytes)
        })
        .collect();
    assert_conversation(&see(&Pcap::default().file(&packets)));
}

#[test]
fn fragments_are_put_together() {
    for backwards in [false, true] {
        let seen = see(&file(101, |tcp| {
            let (from, to) = v4(tcp);
            let id = tcp.seq as u16;
            let bytes = tcp.bytes();
            let last = bytes.len().div_ceil(16) - 1;
            let mut all: Vec<_> = bytes
                .chunks(16)
                .enumerate()
                .map(|(at, piece)| {
                    let more = if at < last { 0x2000 } else { 0 };
                    ipv4(from, to, id, more | (at as u16 * 2), 6, &[], piece)
                })
                .collect();
            if backwards {
                all.reverse();
            }
            all
        }));
        assert_conversation(&seen);
    }
    for backwards in [false, true] {
        let seen = see(&file(229, |tcp| {
            let (from, to) = v6(tcp);
            let bytes = tcp.bytes();
            let half = bytes.len() / 2 / 8 * 8;
            let mut all = vec![
                ipv6(
                    from,
                    to,
                    44,
                    &[&[6, 0, 0, 1, 0, 0][..], &(tcp.seq as u16).to_be_bytes(), &bytes[..half]].concat(),
                ),
                ipv6(
                    from,
                    to,
                    44,
                    &[
                        &[6, 0][..],
                        &(half as u16).to_be_bytes(),
                        &[0, 0],
                        &(tcp.seq as u16).to_be_bytes(),
                        &bytes[half..],
                    ]
                    .concat(),
                ),
            ];
            if backwards {
                all.reverse();
            }
            all
        }));
        assert_conversation(&seen);
    }
}

#[test]
fn fragments_of_ipv6_hold_the_headers_behind_theirs() {
    for (size, backwards) in [(8, false), (8, true), (64, false), (64, true)] {
        let seen = see(&file(229, |tcp| {
            let (from, to) = v6(tcp);
            // Options for the destination alone stand behind the fragment header (RFC 8200 §4.1).
            let bytes = [&[6, 0, 1, 4, 0, 0, 0, 0][..], &tcp.bytes()].concat();
            let last = (bytes.len() - 1) / size * size;
            let mut all: Vec<_> = (0..bytes.len())
                .step_by(size)
                .map(|at| {
                    let place = at as u16 | u16::from(at < last);
                    let front = [&[60, 0][..], &place.to_be_bytes(), &tcp.seq.to_be_bytes()].concat();
                    let piece = &bytes[at..(at + size).min(bytes.len())];
                    ipv6(from, to, 44, &[&front[..], piece].concat())
                })
                .collect();
            if backwards {
                all.reverse();
            }
            all
        }));
        assert_conversation(&seen);
    }
}

#[test]
fn a_fragment_may_come_twice() {
    // As on the device "any", which sees what a machine sends to itself when it leaves and when it arrives.
    let mut id = 0;
    let packets: Vec<Packet> = conversation()
        .packets
        .iter()
        .flat_map(|tcp| {
            let (from, to) = v4(tcp);
            let bytes = tcp.bytes();
            let (one, two) = bytes.split_at(16);
            id += 1;
            let one = ipv4(from, to, id, 0x2000, 6, &[], one);
            let two = ipv4(from, to, id, 2, 6, &[], two);
            [one.clone(), one, two.clone(), two]
        })
        .map(|bytes| Packet::new(0, bytes))
        .collect();
    assert_conversation(&see(&Pcap { link: 101, ..Pcap::default() }.file(&packets)));
}

#[test]
fn fragments_without_their_rest_are_counted() {
    let packets: Vec<Packet> = (0..100u16)
        .map(|id| Packet::new(0, ipv4([10, 0, 0, 1], [10, 0, 0, 2], id, 0x2000, 6, &[], &[0; 8])))
        .collect();
    let seen = see(&Pcap { link: 101, ..Pcap::default() }.file(&packets));
    assert_eq!(seen.notices, ["100 IP fragments skipped: the rest of the packet is not in the capture"]);
}

#[test]
fn what_the_snap_length_cut_is_a_gap_of_that_size() {
    let mut talk = super::talk();
    talk.say(0, &super::masked(&[b'x'; 100])).say(0, &super::masked(b"y"));
    let packets: Vec<Packet> = talk
        .on_ethernet()
        .into_iter()
        .enumerate()
        .map(|(at, packet)| {
            let kept = if at == 5 { 14 + 20 + 20 + 60 } else { packet.bytes.len() };
            Packet { bytes: packet.bytes[..kept].to_vec(), ..packet }
        })
        .collect();
    let seen = see(&Pcap::default().file(&packets));
    let client = of(&seen, Sender::Client);
    assert_eq!(client.len(), super::REQUEST.len() + 106 + 7);
    assert!(seen.story.contains(&"1 client gap 46".to_owned()), "{:?}", seen.story);
    assert!(client.ends_with(&super::masked(b"y")));
}

#[test]
fn what_is_not_read_is_counted_and_said() {
    let seen = see(&Pcap { link: 147, ..Pcap::default() }.file(&vec![Packet::new(0, vec![0; 40]); 1204]));
    assert!(seen.notices[0].starts_with("1,204 packets of link type 147 skipped; wslens reads Ethernet"));
    let udp = ipv4([1; 4], [2; 4], 0, 0, 17, &[], &[0; 20]);
    let arp = [&[0; 12][..], &[8, 6], &[0; 28]].concat();
    let broken = [0x45, 0, 0, 40];
    let ethernet = |ip: &[u8]| [&[0; 12][..], &[8, 0], ip].concat();
    let packets = [ethernet(&udp), arp, ethernet(&broken), vec![1, 2, 3]].map(|bytes| Packet::new(0, bytes));
    let seen = see(&Pcap::default().file(&packets));
    assert_eq!(
        seen.notices,
        [
            "2 packets skipped: not TCP, of 4 in all",
            "2 packets skipped: a header in it is cut off or makes no sense",
        ]
    );
}

#[test]
fn tunnels_are_named_and_told_what_to_do_about() {
    let inner = conversation().packets[3].ip();
    let around = |protocol: u8, payload: &[u8]| {
        ethernet(&ipv4([192, 0, 2, 1], [192, 0, 2, 2], 1, 0, protocol, &[], payload))
    };
    let vxlan = [&[0x80, 1, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 5, 0][..], &ethernet(&inner)].concat();
    let mut mpls = ethernet(&[&[0, 6, 0x41, 64][..], &inner].concat());
    mpls[12..14].copy_from_slice(&[0x88, 0x47]);
    for (name, packet) in [
        ("IP in IP", around(4, &inner)),
        ("GRE", around(47, &[&[0, 0, 8, 0][..], &inner].concat())),
        ("IPsec (ESP)", around(50, &[7; 60])),
        ("VXLAN", around(17, &vxlan)),
        ("MPLS", mpls),
    ] {
        let seen = see(&Pcap::default().file(&[Packet::new(0, packet)]));
        let says =
            format!("1 packet inside {name} skipped, and what they carry: capture behind the tunnel's end");
        assert_eq!(seen.notices, [says]);
    }
}

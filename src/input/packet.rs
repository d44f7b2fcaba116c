//! TCP packets: what stands around the bytes of a connection (RFC 791, RFC 8200, RFC 9293).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A TCP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub seq: u32,
    /// The acknowledgment, where it has one.
    pub ack: Option<u32>,
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    pub payload: &'a [u8],
    /// Bytes of the payload that were sent and are not here.
    pub cut: u64,
    /// Whether the packet is just as long as it says, with a checksum that fits.
    pub is_exact: bool,
}

/// What the bytes of a packet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Tcp(Packet<'a>),
    /// An IP packet of another protocol, or a fragment.
    Other,
    /// No IP packet.
    Nothing,
}

/// Finds the TCP packet in `bytes`, which may begin with the header of a link.
pub(super) fn find(bytes: &[u8]) -> Found<'_> {
    let behind_links = [0, 14, 18, 16, 20, 4];
    let starts =
        behind_links.into_iter().filter(|start| is_link(bytes.get(..*start).unwrap_or_default(), *start));
    for start in starts {
        let ip = bytes.get(start..).unwrap_or_default();
        let found = match ip.first().map(|first| first >> 4) {
            Some(4) => version_4(ip),
            Some(6) => version_6(ip),
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
    }
    Found::Nothing
}

/// Whether these bytes can be the header of a link of that length, and announce IP.
fn is_link(header: &[u8], len: usize) -> bool {
    let announces = |at| matches!(u16_at(header, at), Some(0x0800 | 0x86dd));
    match len {
        0 => true,
        // Ethernet, and with a VLAN tag.
        14 => announces(12),
        18 => u16_at(header, 12) == Some(0x8100) && announces(16),
        // Linux "any": SLL and SLL2.
        16 => announces(14),
        20 => announces(0),
        // BSD loopback: the number of an address family.
        _ => matches!(header, [2 | 24 | 28 | 30, 0, 0, 0] | [0, 0, 0, 2 | 24 | 28 | 30]),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

fn version_4(ip: &[u8]) -> Option<Found<'_>> {
    let header_len = usize::from(ip.first()? & 0x0f) * 4;
    let header = ip.get(..header_len).filter(|_| header_len >= 20)?;
    let total = match usize::from(u16_at(header, 2)?) {
        // Offloaded to the network card, which fills it in later.
        0 => ip.len(),
        total => total,
    };
    let len = total.checked_sub(header_len)?;
    let is_fragment = u16_at(header, 6)? & 0x3fff != 0;
    if is_fragment || header.get(9) != Some(&6) {
        return Some(Found::Other);
    }
    let address = |at: usize| Some(IpAddr::V4(Ipv4Addr::from(*header.get(at..)?.first_chunk::<4>()?)));
    let exact = ip.len() == total && sum(header) == 0xffff;
    tcp(ip.get(header_len..)?, len, address(12)?, address(16)?, exact)
}

/// The sum that a checksum makes all ones (RFC 1071).
fn sum(header: &[u8]) -> u32 {
    let (words, _) = header.as_chunks::<2>();
    let sum: u32 = words.iter().map(|word| u32::from(u16::from_be_bytes(*word))).sum();
    (sum & 0xffff) + (sum >> 16)
}

fn version_6(ip: &[u8]) -> Option<Found<'_>> {
    let header = ip.get(..40)?;
    let mut len = usize::from(u16_at(header, 4)?);
    let exact = ip.len() == 40 + len;
    let mut next = *header.get(6)?;
    let mut rest = ip.get(40..)?;
    // Hop-by-hop, routing and destination options.
    while matches!(next, 0 | 43 | 60) {
        let skip = (usize::from(*rest.get(1)?) + 1) * 8;
        next = *rest.first()?;
        len = len.checked_sub(skip)?;
        rest = rest.get(skip..)?;
    }
    if next != 6 {
        return Some(Found::Other);
    }
    let address = |at: usize| Some(IpAddr::V6(Ipv6Addr::from(*header.get(at..)?.first_chunk::<16>()?)));
    tcp(rest, len, address(8)?, address(24)?, exact)
}

/// `len` bytes of TCP, as far as they are here.
fn tcp(bytes: &[u8], len: usize, from: IpAddr, to: IpAddr, is_exact: bool) -> Option<Found<'_>> {
    let flags = *bytes.get(13)?;
    let header_len = usize::from(bytes.get(12)? >> 4) * 4;
    if header_len < 20 || header_len > len {
        return None;
    }
    let payload = bytes.get(header_len..bytes.len().min(len)).unwrap_or_default();
    let flag = |bit: u8| flags & bit != 0;
    Some(Found::Tcp(Packet {
        from: SocketAddr::new(from, u16_at(bytes, 0)?),
        to: SocketAddr::new(to, u16_at(bytes, 2)?),
        seq: u32_at(bytes, 4)?,
        ack: u32_at(bytes, 8).filter(|_| flag(0x10)),
        syn: flag(0x02),
        fin: flag(0x01),
        rst: flag(0x04),
        payload,
        cut: (len - header_len - payload.len()) as u64,
        is_exact,
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::input::testing::bytes;
    use proptest::prelude::*;

    /// An IPv4 packet from port 50000 to port 80 of this machine, or back.
    pub(in crate::input) fn print(back: bool, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
        let total = 40 + payload.len() as u16;
        let mut ip = vec![0x45, 0];
        ip.extend(total.to_be_bytes());
        ip.extend([0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        let checksum = !(sum(&ip) as u16);
        ip[10..12].copy_from_slice(&checksum.to_be_bytes());
        let (from, to) = if back { (80u16, 50000u16) } else { (50000, 80) };
        ip.extend(from.to_be_bytes());
        ip.extend(to.to_be_bytes());
        ip.extend(seq.to_be_bytes());
        ip.extend(ack.to_be_bytes());
        ip.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        ip.extend(payload);
        ip
    }

    fn packet(bytes: &[u8]) -> Packet<'_> {
        match find(bytes) {
            Found::Tcp(packet) => packet,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_packet_is_found_behind_every_link() {
        let ip = print(false, 7, 9, 0x18, b"Hello");
        let links: [&[u8]; 6] = [
            &[],
            &[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 8, 0],
            &[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 0x81, 0, 0, 5, 8, 0],
            &[0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0],
            &[8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0],
            &[2, 0, 0, 0],
        ];
        for link in links {
            let bytes = [link, &ip].concat();
            let packet = packet(&bytes);
            assert_eq!((packet.seq, packet.ack, packet.payload), (7, Some(9), &b"Hello"[..]));
            assert_eq!(
                (packet.from.to_string(), packet.to.to_string()),
                ("127.0.0.1:50000".into(), "127.0.0.1:80".into())
            );
            assert!(packet.is_exact && !packet.syn && !packet.fin && !packet.rst);
        }
    }

    #[test]
    fn a_packet_may_be_cut_or_padded() {
        let ip = print(false, 7, 9, 0x18, b"Hello");
        let cut = packet(&ip[..42]);
        assert_eq!((cut.payload, cut.cut, cut.is_exact), (&b"He"[..], 3, false));
        let padded = [&ip[..], &[0; 6]].concat();
        assert_eq!((packet(&padded).payload, packet(&padded).cut), (&b"Hello"[..], 0));
    }

    #[test]
    fn ipv6_is_read_with_its_options() {
        let tcp = &print(false, 7, 9, 0x18, b"Hello")[20..];
        for options in [&[][..], &[6, 0, 1, 4, 0, 0, 0, 0]] {
            let next = if options.is_empty() { 6 } else { 0 };
            let mut ip = vec![0x60, 0, 0, 0, 0, (tcp.len() + options.len()) as u8, next, 64];
            ip.extend([0; 15].iter().chain(&[1]).chain(&[0; 15]).chain(&[1]));
            ip.extend(options);
            ip.extend(tcp);
            let packet = packet(&ip);
            assert_eq!((packet.payload, packet.from.to_string()), (&b"Hello"[..], "[::1]:50000".to_owned()));
        }
    }

    #[test]
    fn other_packets_are_told_apart() {
        let mut udp = print(false, 0, 0, 0, b"");
        udp[9] = 17;
        assert_eq!(find(&udp), Found::Other);
        assert_eq!(find(b"GET / HTTP/1.1\r\n"), Found::Nothing);
        assert_eq!(find(b""), Found::Nothing);
    }

    proptest! {
        #[test]
        fn nothing_panics(mut bytes in bytes(0..80), version in prop::sample::select(vec![0x45u8, 0x60, 0x4f])) {
            let _ = find(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = version;
            }
            let _ = find(&bytes);
        }
    }
}

//! The packet that most are: IPv4 without options, whole, around TCP.
//!
//! It is read at once. [`super::packet`] reads all others, and would say the same of these.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;

use crate::input::tcp::{Flags, Packet};
use crate::session::segment::Time;

/// Bytes of a header without options, of IPv4 and of TCP alike.
const HEADER: usize = 20;

/// The TCP segment of an IP packet, where it is such a packet.
#[inline]
pub(super) fn read(ip: &[u8], (time, number): (Option<Time>, Option<NonZeroU64>)) -> Option<Packet<'_>> {
    let (words, _) = ip.first_chunk::<{ 2 * HEADER }>()?.as_chunks::<4>();
    // RFC 791 §3.1, RFC 9293 §3.1.
    let &[first, second, third, source, target, ports, seq, ack, fourth, _] = words else { return None };
    let ([0x45, _, total @ ..], [_, _, fragment @ ..], [_, 6, ..]) = (first, second, third) else {
        return None;
    };
    if u16::from_be_bytes(fragment) & 0x3fff != 0 {
        return None;
    }
    let [offset, flags, ..] = fourth;
    let header = usize::from(offset >> 4) * 4;
    let payload = ip.get(HEADER..usize::from(u16::from_be_bytes(total)))?.get(header..)?;
    let [from, from_low, to, to_low] = ports;
    let end = |address: [u8; 4], port| {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::from(address)), u16::from_be_bytes(port))
    };
    let has = |flag: u8| flags & flag != 0;
    (header >= HEADER).then(|| Packet {
        from: end(source, [from, from_low]),
        to: end(target, [to, to_low]),
        seq: u32::from_be_bytes(seq),
        ack: has(0x10).then(|| u32::from_be_bytes(ack)),
        flags: Flags { syn: has(2), fin: has(1), rst: has(4) },
        payload,
        cut: 0,
        time,
        number,
    })
}

#[cfg(test)]
mod tests {
    use super::super::packet::whole;
    use super::*;
    use proptest::prelude::*;

    /// 30 bytes of payload behind headers of the usual length, and padding of Ethernet.
    fn packet() -> Vec<u8> {
        let mut packet: Vec<u8> = (100..180).collect();
        packet[..4].copy_from_slice(&[0x45, 0, 0, 70]);
        packet[6..10].copy_from_slice(&[0x40, 0, 64, 6]);
        packet[32..34].copy_from_slice(&[0x50, 0x18]);
        packet
    }

    #[test]
    fn the_usual_packet_is_read() {
        let read = read(&packet(), (None, None)).map(|packet| (packet.seq, packet.payload.len()));
        assert_eq!(read, Some((u32::from_be_bytes([124, 125, 126, 127]), 30)));
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_any_packet_is_read_as(
            changes in proptest::collection::vec((0..40usize, any::<u8>()), 0..4), len in 0..=80usize,
        ) {
            let mut bytes = packet();
            changes.iter().for_each(|(at, byte)| bytes[*at] = *byte);
            bytes.truncate(len.max(changes.len() * 20));
            if let Some(packet) = read(&bytes, (None, None)) {
                let other = whole(&bytes, 0, (None, None), |other| format!("{other:?}"));
                prop_assert_eq!(Ok(format!("{packet:?}")), other);
            }
        }
    }
}

//! From an IP header to a TCP segment: options, extension headers and lengths by etherparse, fragments put together.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use etherparse::{IpNumber, LaxIpSlice, TcpSlice};

use super::fragment::Fragment;
use super::fragments::Fragments;
use super::plain;
use crate::input::tcp::{Flags, Packet};
use crate::session::segment::Time;

/// Why a packet is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is IP, but not TCP.
    NotTcp,
    /// What is around another IP packet.
    Tunnel(&'static str),
    /// A header is cut off or makes no sense.
    Broken,
    /// A part of a packet whose other parts have not come.
    Fragment,
}

/// Reads an IP packet, and gives its TCP segment to `each`.
///
/// `number` tells which packet of the capture it is, and `beyond` how many bytes of the packet were sent and not captured.
pub(super) fn read<T>(
    ip: &[u8],
    beyond: u32,
    when: (Option<Time>, Option<NonZeroU64>),
    fragments: &mut Fragments,
    each: impl FnOnce(&Packet<'_>) -> T,
) -> Result<T, Unread> {
    if let Some(packet) = plain::read(ip, when) {
        return Ok(each(&packet));
    }
    let Some(fragment) = Fragment::of(ip) else { return whole(ip, beyond, when, each) };
    if !fragment.is_whole {
        return Err(Unread::Broken);
    }
    let joined = fragments.add(&fragment).ok_or(Unread::Fragment)?;
    whole(&joined, 0, when, each)
}

/// Reads an IP packet that is no fragment.
pub(super) fn whole<T>(
    ip: &[u8],
    beyond: u32,
    (time, number): (Option<Time>, Option<NonZeroU64>),
    each: impl FnOnce(&Packet<'_>) -> T,
) -> Result<T, Unread> {
    let (slice, stopped) = LaxIpSlice::from_slice(ip).map_err(|_| Unread::Broken)?;
    let payload = slice.payload();
    let whole = Whole {
        source: slice.source_addr(),
        target: slice.destination_addr(),
        cut: missing(&slice, ip, beyond),
        time,
        number,
    };
    if stopped.is_some() {
        return Err(Unread::Broken);
    }
    if payload.ip_number != IpNumber::TCP {
        return Err(tunnel(payload.ip_number, payload.payload).map_or(Unread::NotTcp, Unread::Tunnel));
    }
    if payload.fragmented {
        return Err(Unread::Broken);
    }
    whole.segment(payload.payload, each)
}

/// What a protocol is called that carries other packets.
fn tunnel(protocol: IpNumber, payload: &[u8]) -> Option<&'static str> {
    match protocol {
        IpNumber::IPV4 | IpNumber::IPV6 => Some("IP in IP"),
        IpNumber::GRE => Some("GRE"),
        IpNumber::ENCAPSULATING_SECURITY_PAYLOAD => Some("IPsec (ESP)"),
        // The port that VXLAN has (RFC 7348 §5), and GENEVE's (RFC 8926 §3.3).
        IpNumber::UDP => match payload.get(2..4)? {
            [0x12, 0xb5] => Some("VXLAN"),
            [0x17, 0xc1] => Some("GENEVE"),
            _ => None,
        },
        _ => None,
    }
}

/// How many bytes of the IP packet were sent and are not here. A length of zero is what a network card with segmentation
/// offload leaves: then the packet is as long as the capture says.
fn missing(slice: &LaxIpSlice<'_>, ip: &[u8], beyond: u32) -> u32 {
    let claimed = match slice {
        LaxIpSlice::Ipv4(v4) => usize::from(v4.header().total_len()),
        LaxIpSlice::Ipv6(v6) => match v6.header().payload_length() {
            0 => 0,
            len => 40 + usize::from(len),
        },
    };
    match claimed {
        0 => beyond,
        _ => u32::try_from(claimed.saturating_sub(ip.len())).unwrap_or(u32::MAX),
    }
}

/// An IP packet that holds a TCP segment.
struct Whole {
    source: std::net::IpAddr,
    target: std::net::IpAddr,
    cut: u32,
    time: Option<Time>,
    number: Option<NonZeroU64>,
}

impl Whole {
    fn segment<T>(&self, bytes: &[u8], each: impl FnOnce(&Packet<'_>) -> T) -> Result<T, Unread> {
        let tcp = TcpSlice::from_slice(bytes).map_err(|_| Unread::Broken)?;
        Ok(each(&Packet {
            from: SocketAddr::new(self.source, tcp.source_port()),
            to: SocketAddr::new(self.target, tcp.destination_port()),
            seq: tcp.sequence_number(),
            ack: tcp.ack().then(|| tcp.acknowledgment_number()),
            flags: Flags { syn: tcp.syn(), fin: tcp.fin(), rst: tcp.rst() },
            payload: tcp.payload(),
            cut: self.cut,
            time: self.time,
            number: self.number,
        }))
    }
}

//! From the first byte of a packet to its IP header, by the link type of the interface.
//!
//! By hand: etherparse has no SLL2, and refuses SLL on loopback, which is what `tcpdump -i any` writes.

/// The most tags of VLAN that are passed over.
const MOST_TAGS: usize = 8;

/// What a packet of some link type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside<'a> {
    /// An IP packet, of version 4 or 6.
    Ip(&'a [u8]),
    /// What carries other packets, by its name.
    Tunnel(&'static str),
    /// Something else.
    Other,
    /// The header of the link is not all there.
    Cut,
    /// A link type that cannot be read.
    Unknown,
}

/// The link types that are read (<https://www.tcpdump.org/linktypes.html>).
mod kind {
    pub(super) const NULL: u16 = 0;
    pub(super) const ETHERNET: u16 = 1;
    /// As some systems number RAW inside.
    pub(super) const RAW_BSD: u16 = 12;
    pub(super) const RAW_OPENBSD: u16 = 14;
    pub(super) const RAW: u16 = 101;
    pub(super) const LOOP: u16 = 108;
    pub(super) const LINUX_SLL: u16 = 113;
    pub(super) const IPV4: u16 = 228;
    pub(super) const IPV6: u16 = 229;
    pub(super) const LINUX_SLL2: u16 = 276;
}

/// What they are called, for people.
pub(super) const READ: &str = "Ethernet, Linux cooked (SLL, SLL2), loopback (NULL, LOOP) and raw IP";

/// What a packet of this link type holds.
#[inline]
pub(super) fn inside(link: u16, packet: &[u8]) -> Inside<'_> {
    match link {
        // Nearly all, so without a look at tags.
        kind::ETHERNET if packet.get(12..14) == Some(&[8, 0]) => {
            Inside::Ip(packet.get(14..).unwrap_or_default())
        }
        kind::ETHERNET => behind(packet, 12, 14),
        kind::LINUX_SLL => behind(packet, 14, 16),
        kind::LINUX_SLL2 => behind(packet, 0, 20),
        kind::NULL | kind::LOOP => loopback(packet),
        kind::RAW | kind::RAW_BSD | kind::RAW_OPENBSD | kind::IPV4 | kind::IPV6 => raw(packet),
        _ => Inside::Unknown,
    }
}

/// Behind a header of `len` bytes, in which the type of what follows stands at `at`.
fn behind(packet: &[u8], at: usize, len: usize) -> Inside<'_> {
    let (Some(kind), Some(rest)) = (word(packet, at), packet.get(len..)) else { return Inside::Cut };
    by_ethertype(kind, rest)
}

/// What the type of Ethernet says that this is, behind any tags.
fn by_ethertype(mut kind: u16, mut rest: &[u8]) -> Inside<'_> {
    for _ in 0..=MOST_TAGS {
        match kind {
            0x0800 | 0x86dd => return Inside::Ip(rest),
            // VLAN (802.1Q), QinQ (802.1ad), and the numbers that QinQ had before.
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
                let (Some(next), Some(behind)) = (word(rest, 2), rest.get(4..)) else { return Inside::Cut };
                (kind, rest) = (next, behind);
            }
            // PPPoE (RFC 2516 §4): six bytes, then the protocol of PPP.
            0x8864 => {
                return match (word(rest, 6), rest.get(8..)) {
                    (Some(0x0021 | 0x0057), Some(behind)) => Inside::Ip(behind),
                    (Some(_), _) => Inside::Other,
                    _ => Inside::Cut,
                };
            }
            0x8847 | 0x8848 => return Inside::Tunnel("MPLS"),
            _ => return Inside::Other,
        }
    }
    Inside::Other
}

/// BSD's loopback: the address family in four bytes, in the order of the machine that captured, or of the network.
fn loopback(packet: &[u8]) -> Inside<'_> {
    let (Some(family), Some(rest)) = (packet.first_chunk::<4>(), packet.get(4..)) else { return Inside::Cut };
    // AF_INET is 2 everywhere; AF_INET6 is 10, 24, 28 or 30.
    match (u32::from_le_bytes(*family), u32::from_be_bytes(*family)) {
        (2 | 10 | 24 | 28 | 30, _) | (_, 2 | 10 | 24 | 28 | 30) => Inside::Ip(rest),
        _ => Inside::Other,
    }
}

/// IP without anything in front: its version tells what it is.
fn raw(packet: &[u8]) -> Inside<'_> {
    match packet.first().map(|byte| byte >> 4) {
        Some(4 | 6) => Inside::Ip(packet),
        Some(_) => Inside::Other,
        None => Inside::Cut,
    }
}

/// The 16-bit number at a place.
fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_be_bytes(*two))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn every_link_type_leads_to_ip() {
        let ip = [0x45u8, 1, 2, 3];
        let mac = [0u8; 12];
        for (link, front) in [
            (1, joined(&[&mac, &[8, 0]])),
            (1, joined(&[&mac, &[0x86, 0xdd]])),
            (1, joined(&[&mac, &[0x81, 0, 0, 5, 8, 0]])),
            (1, joined(&[&mac, &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]])),
            (1, joined(&[&mac, &[0x91, 0, 0, 5, 0x81, 0, 0, 6, 8, 0]])),
            (1, joined(&[&mac, &[0x88, 0x64, 0x11, 0, 0, 1, 0, 6, 0, 0x21]])),
            (113, joined(&[&[0, 4, 3, 4, 0, 6], &[0; 8], &[8, 0]])),
            (276, joined(&[&[8, 0], &[0; 18]])),
            (276, joined(&[&[0x86, 0xdd], &[0; 18]])),
            (0, vec![2, 0, 0, 0]),
            (0, vec![0, 0, 0, 2]),
            (0, vec![30, 0, 0, 0]),
            (108, vec![0, 0, 0, 24]),
            (108, vec![28, 0, 0, 0]),
            (101, vec![]),
            (12, vec![]),
            (14, vec![]),
            (228, vec![]),
            (229, vec![]),
        ] {
            let packet = joined(&[&front, &ip]);
            assert_eq!(inside(link, &packet), Inside::Ip(&ip), "{link}: {front:x?}");
            for cut in 0..front.len() {
                assert_eq!(inside(link, &packet[..cut]), Inside::Cut, "{link}: {front:x?} at {cut}");
            }
        }
    }

    #[test]
    fn what_is_not_ip_is_said() {
        assert_eq!(inside(147, &[0x45; 40]), Inside::Unknown);
        assert_eq!(inside(1, &[&[0; 12][..], &[8, 6, 1, 2]].concat()), Inside::Other);
        assert_eq!(inside(101, &[0x50]), Inside::Other);
        assert_eq!(inside(0, &[7, 0, 0, 0, 0x45]), Inside::Other);
        // Tags without end.
        assert_eq!(inside(1, &[&[0; 12][..], &[0x81, 0, 0, 0].repeat(20)].concat()), Inside::Other);
    }
}

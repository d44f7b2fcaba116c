//! A fragment of an IP packet, and the header that the whole one has (RFC 791 §3.1, RFC 8200 §4.5).
//!
//! By hand: the headers of a packet may go on behind the fragment header of IPv6, so that only its first fragment has them, and none
//! can be followed before it is whole.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A fragment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment<'a> {
    pub(super) packet: Identity,
    /// Where it stands in the packet, in units of eight bytes.
    pub(super) offset: u16,
    pub(super) more: bool,
    pub(super) payload: &'a [u8],
    /// Whether the capture has all of it.
    pub(super) is_whole: bool,
    /// The IP header in front of it.
    header: &'a [u8],
    /// What the packet holds.
    next: u8,
}

/// Which packet a fragment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    source: IpAddr,
    target: IpAddr,
    number: u32,
}

/// The header of a whole packet, but for its length.
#[derive(Debug)]
pub(super) struct Front(Vec<u8>);

/// Headers of IPv6 in front of others, TCP, and what else may be in front of it.
mod next {
    pub(super) const HOP_BY_HOP: u8 = 0;
    pub(super) const TCP: u8 = 6;
    pub(super) const ROUTING: u8 = 43;
    pub(super) const FRAGMENT: u8 = 44;
    pub(super) const AUTHENTICATION: u8 = 51;
    pub(super) const OPTIONS: u8 = 60;
}

/// Bytes of the header of IPv6.
const V6: usize = 40;

impl<'a> Fragment<'a> {
    /// What an IP packet is a fragment of, where it is one, and may hold TCP.
    #[inline]
    pub(super) fn of(ip: &'a [u8]) -> Option<Self> {
        let found = match (ip.first()? >> 4, word(ip, 6)?) {
            (4, flags) if flags & 0x3fff != 0 => Self::of_v4(ip, flags),
            (6, next) if may_lead_to_fragment((next >> 8) as u8) => Self::of_v6(ip),
            _ => None,
        };
        found.filter(|fragment| {
            matches!(fragment.next, next::TCP | next::AUTHENTICATION) || fragment.leads_on()
        })
    }

    /// Whether other headers follow, of which only the first fragment tells.
    fn leads_on(&self) -> bool {
        matches!(self.next, next::HOP_BY_HOP | next::ROUTING | next::OPTIONS) && is_v6(self.header)
    }

    fn of_v4(ip: &'a [u8], flags: u16) -> Option<Self> {
        let header = ip.get(..usize::from(ip.first()? & 15) * 4).filter(|header| header.len() >= 20)?;
        let end = match usize::from(word(ip, 2)?) {
            0 => ip.len(),
            total => total,
        };
        let address = |at: usize| Some(IpAddr::V4(Ipv4Addr::from(*header.get(at..)?.first_chunk::<4>()?)));
        Some(Self {
            packet: Identity { source: address(12)?, target: address(16)?, number: u32::from(word(ip, 4)?) },
            offset: flags & 0x1fff,
            more: flags & 0x2000 != 0,
            payload: ip.get(header.len()..end.min(ip.len()))?,
            is_whole: end <= ip.len(),
            header,
            next: *header.get(9)?,
        })
    }

    fn of_v6(ip: &'a [u8]) -> Option<Self> {
        let header = ip.get(..V6)?;
        let end = match usize::from(word(ip, 4)?) {
            0 => ip.len(),
            len => V6 + len,
        };
        let (mut next, mut rest) = (*header.get(6)?, ip.get(V6..end.min(ip.len()))?);
        while next != next::FRAGMENT {
            let len = match next {
                next::HOP_BY_HOP | next::ROUTING | next::OPTIONS => (usize::from(*rest.get(1)?) + 1) * 8,
                next::AUTHENTICATION => (usize::from(*rest.get(1)?) + 2) * 4,
                _ => return None,
            };
            (next, rest) = (*rest.first()?, rest.get(len..)?);
        }
        let place = word(rest, 2)?;
        if place & 0xfff9 == 0 {
            // All of its packet (RFC 6946).
            return None;
        }
        let address = |at: usize| Some(IpAddr::V6(Ipv6Addr::from(*header.get(at..)?.first_chunk::<16>()?)));
        let number = u32::from_be_bytes(*rest.get(4..)?.first_chunk()?);
        Some(Self {
            packet: Identity { source: address(8)?, target: address(24)?, number },
            offset: place >> 3,
            more: place & 1 != 0,
            payload: rest.get(8..)?,
            is_whole: end <= ip.len(),
            header,
            next: *rest.first()?,
        })
    }

    /// Whether it is of a packet whose bytes are known: it came twice.
    pub(super) fn is_of(&self, packet: Identity, bytes: &[u8]) -> bool {
        let here = bytes.get(usize::from(self.offset) * 8..).unwrap_or_default();
        packet == self.packet && !self.payload.is_empty() && here.starts_with(self.payload)
    }

    /// The header of the whole packet, told by its first fragment.
    pub(super) fn front(&self) -> Front {
        let mut header = self.header.to_vec();
        if is_v6(&header) {
            header.get_mut(6..7).unwrap_or_default().fill(self.next);
        } else {
            // No fragment any more.
            header.get_mut(6..8).unwrap_or_default().fill(0);
        }
        Front(header)
    }
}

impl Front {
    /// The whole packet.
    pub(super) fn before(mut self, payload: &[u8]) -> Vec<u8> {
        let (at, len) = if is_v6(&self.0) { (4, payload.len()) } else { (2, self.0.len() + payload.len()) };
        // A length of zero is that of a packet as long as what is here.
        let len = u16::try_from(len).unwrap_or(0);
        self.0.get_mut(at..at + 2).unwrap_or_default().copy_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(payload);
        self.0
    }
}

fn is_v6(header: &[u8]) -> bool {
    header.first().is_some_and(|first| first >> 4 == 6)
}

const fn may_lead_to_fragment(next: u8) -> bool {
    use next::{AUTHENTICATION, FRAGMENT, HOP_BY_HOP, OPTIONS, ROUTING};
    matches!(next, HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | OPTIONS)
}

/// The 16-bit number at a place.
fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|two| u16::from_be_bytes(*two))
}

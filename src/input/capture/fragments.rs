//! IP packets that came in fragments (RFC 791 §3.2, RFC 8200 §4.5), put together within limits.

use std::collections::VecDeque;
use std::net::IpAddr;

use etherparse::defrag::IpDefragBuf;
use etherparse::{IpFragOffset, IpNumber, Ipv6ExtensionSlice, LaxIpSlice};

/// The most packets that wait for fragments at once; each has 64 KiB at most. The oldest goes first.
const MOST: usize = 64;

/// Which packet a fragment belongs to, and where.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    packet: Identity,
    offset: IpFragOffset,
    more: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    source: IpAddr,
    target: IpAddr,
    number: u32,
}

impl Fragment {
    /// What the headers say of it; none where it is no fragment.
    pub(super) fn of(slice: &LaxIpSlice<'_>) -> Option<Self> {
        let (number, offset, more) = match slice {
            LaxIpSlice::Ipv4(v4) => {
                let header = v4.header();
                (u32::from(header.identification()), header.fragments_offset(), header.more_fragments())
            }
            LaxIpSlice::Ipv6(v6) => {
                let found = v6.extensions().clone().into_iter().find_map(|extension| match extension {
                    Ipv6ExtensionSlice::Fragment(fragment) => Some(fragment.to_header()),
                    _ => None,
                })?;
                (found.identification, found.fragment_offset, found.more_fragments)
            }
        };
        let packet = Identity { source: slice.source_addr(), target: slice.destination_addr(), number };
        Some(Self { packet, offset, more })
    }
}

/// The packets that wait for fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: VecDeque<(Identity, u64, IpDefragBuf)>,
    /// Fragments of packets that never came whole.
    pub(super) lost: u64,
}

impl Fragments {
    /// Takes a fragment; the payload of the packet, where it is whole now.
    pub(super) fn add(&mut self, fragment: &Fragment, payload: &[u8]) -> Option<Vec<u8>> {
        let at = match self.waiting.iter().position(|(identity, ..)| *identity == fragment.packet) {
            Some(at) => at,
            None => self.begin(fragment.packet),
        };
        let (_, count, buffer) = self.waiting.get_mut(at)?;
        if buffer.add(fragment.offset, fragment.more, payload).is_err() {
            self.lost += 1;
            return None;
        }
        *count += 1;
        if !buffer.is_complete() {
            return None;
        }
        let (.., buffer) = self.waiting.remove(at)?;
        Some(buffer.take_bufs().0)
    }

    fn begin(&mut self, packet: Identity) -> usize {
        if self.waiting.len() == MOST
            && let Some((_, count, _)) = self.waiting.pop_front()
        {
            self.lost += count;
        }
        let buffer = IpDefragBuf::new(IpNumber::TCP, Vec::new(), Vec::new());
        self.waiting.push_back((packet, 0, buffer));
        self.waiting.len() - 1
    }

    /// Nothing more comes: how many fragments were of no use.
    pub(super) fn finish(&mut self) -> u64 {
        self.waiting.drain(..).map(|(_, count, _)| count).sum::<u64>() + self.lost
    }
}

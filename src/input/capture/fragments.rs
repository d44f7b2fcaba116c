//! IP packets that came in fragments (RFC 791 §3.2, RFC 8200 §4.5), put together within limits.

use std::collections::VecDeque;

use etherparse::defrag::IpDefragBuf;
use etherparse::{IpFragOffset, IpNumber};

use super::fragment::{Fragment, Front, Identity};

/// The most packets that wait for fragments at once; each has 64 KiB at most. The oldest goes first.
const MOST: usize = 64;

/// Packets that came whole and are remembered, so that a fragment which comes twice is known.
const REMEMBERED: usize = 4;

/// The packets that wait for fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    waiting: VecDeque<Waiting>,
    done: VecDeque<(Identity, Vec<u8>)>,
    /// Fragments of packets that never came whole.
    lost: u64,
}

/// A packet of which fragments came.
#[derive(Debug)]
struct Waiting {
    packet: Identity,
    /// The header of the whole packet, once its first fragment came.
    front: Option<Front>,
    /// Fragments that are none of a packet that came whole just before, under the same number.
    new: u64,
    buffer: IpDefragBuf,
}

impl Waiting {
    fn new(packet: Identity) -> Self {
        let buffer = IpDefragBuf::new(IpNumber::TCP, Vec::new(), Vec::new());
        Self { packet, front: None, new: 0, buffer }
    }
}

impl Fragments {
    /// Takes a fragment; the packet, where it is whole now.
    pub(super) fn add(&mut self, fragment: &Fragment<'_>) -> Option<Vec<u8>> {
        let again = self.done.iter().any(|(packet, bytes)| fragment.is_of(*packet, bytes));
        let at = match self.waiting.iter().position(|waiting| waiting.packet == fragment.packet) {
            Some(at) => at,
            None => self.begin(fragment.packet),
        };
        let waiting = self.waiting.get_mut(at)?;
        if waiting.new == 0 && !again && fragment.offset == 0 {
            // What waits here came twice, and is of the packet before.
            *waiting = Waiting::new(fragment.packet);
        }
        waiting.new += u64::from(!again);
        let offset = IpFragOffset::try_new(fragment.offset).ok()?;
        if waiting.buffer.add(offset, fragment.more, fragment.payload).is_err() {
            return None;
        }
        if fragment.offset == 0 {
            waiting.front = Some(fragment.front());
        }
        if !waiting.buffer.is_complete() {
            return None;
        }
        let Waiting { packet, front, buffer, .. } = self.waiting.remove(at)?;
        let (payload, _) = buffer.take_bufs();
        let whole = front?.before(&payload);
        self.done.truncate(REMEMBERED - 1);
        self.done.push_front((packet, payload));
        Some(whole)
    }

    fn begin(&mut self, packet: Identity) -> usize {
        if self.waiting.len() == MOST
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.lost += oldest.new;
        }
        self.waiting.push_back(Waiting::new(packet));
        self.waiting.len() - 1
    }

    /// Nothing more comes: how many fragments were of no use.
    pub(super) fn finish(&mut self) -> u64 {
        self.waiting.drain(..).map(|waiting| waiting.new).sum::<u64>() + self.lost
    }
}

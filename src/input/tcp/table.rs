//! The connections that are followed, by the addresses of both ends.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use super::flow::Flow;
use super::packet::Packet;

/// The most connections that are remembered though they have said nothing, or nothing that is followed.
const MOST_SILENT: usize = 16 * 1024;

/// How many connections are found without a search; a power of two.
const RECENT: usize = 64;

/// Both ends of a connection, the lower address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    low: (u128, u16),
    high: (u128, u16),
}

/// Which end of a [`Key`] something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndPoint {
    Low,
    High,
}

impl EndPoint {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

impl Key {
    /// The connection of a packet, and the end that sent it.
    pub(super) fn of(packet: &Packet<'_>) -> (Self, EndPoint) {
        let (from, to) = (number(packet.from), number(packet.to));
        if from <= to {
            (Self { low: from, high: to }, EndPoint::Low)
        } else {
            (Self { low: to, high: from }, EndPoint::High)
        }
    }
}

fn number(address: SocketAddr) -> (u128, u16) {
    let ip = match address.ip() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    (ip, address.port())
}

/// A connection in the table. It stays invalid once the connection is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    slot: usize,
    generation: u64,
}

/// The connections.
#[derive(Debug, Default)]
pub(super) struct Table {
    index: HashMap<Key, Index>,
    slots: Vec<Option<(Key, u64, Flow)>>,
    free: Vec<usize>,
    /// Counts the connections.
    generation: u64,
    /// Those that may be silent, the oldest first.
    silent: VecDeque<Index>,
    recent: Recent,
}

/// The connections of the latest packets, each in the place that its key gives it: most packets belong to one of them.
#[derive(Debug)]
struct Recent([Option<(Key, Index)>; RECENT]);

impl Default for Recent {
    fn default() -> Self {
        Self([None; RECENT])
    }
}

impl Recent {
    /// The place of a connection.
    #[inline]
    fn place(&mut self, key: &Key) -> Option<&mut Option<(Key, Index)>> {
        let ((low, low_port), (high, high_port)) = (key.low, key.high);
        // One end's port is mostly the same for all of them, and so is one address.
        let mixed = (low ^ high) as usize ^ usize::from(low_port ^ high_port).wrapping_mul(5);
        self.0.get_mut(mixed % RECENT)
    }
}

impl Table {
    /// The connection of this key, new where there is none.
    pub(super) fn find_or_insert(&mut self, key: Key, new: impl FnOnce() -> Flow) -> Index {
        if let Some(Some((recent, index))) = self.recent.place(&key)
            && *recent == key
        {
            return *index;
        }
        let index = match self.index.get(&key) {
            Some(&index) => index,
            None => self.insert(key, new()),
        };
        if let Some(place) = self.recent.place(&key) {
            *place = Some((key, index));
        }
        index
    }

    fn insert(&mut self, key: Key, flow: Flow) -> Index {
        self.generation += 1;
        let slot = self.free.pop().unwrap_or(self.slots.len());
        let index = Index { slot, generation: self.generation };
        let entry = Some((key, self.generation, flow));
        match self.slots.get_mut(slot) {
            Some(free) => *free = entry,
            None => self.slots.push(entry),
        }
        self.index.insert(key, index);
        self.silent.push_back(index);
        index
    }

    /// How many connections there are.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn get_mut(&mut self, index: Index) -> Option<&mut Flow> {
        let (_, generation, flow) = self.slots.get_mut(index.slot)?.as_mut()?;
        (*generation == index.generation).then_some(flow)
    }

    pub(super) fn remove(&mut self, index: Index) {
        if self.get_mut(index).is_none() {
            return;
        }
        if let Some((key, ..)) = self.slots.get_mut(index.slot).and_then(Option::take) {
            self.index.remove(&key);
            self.free.push(index.slot);
            if let Some(place) = self.recent.place(&key) {
                *place = None;
            }
        }
    }

    /// Removes the oldest connections that are silent, beyond those that may be remembered.
    pub(super) fn forget_oldest(
        &mut self,
        is_silent: &mut dyn FnMut(&Flow) -> bool,
        leave: &mut dyn FnMut(&mut Flow),
    ) {
        while self.silent.len() > MOST_SILENT {
            let Some(index) = self.silent.pop_front() else { return };
            let Some(flow) = self.get_mut(index) else { continue };
            if is_silent(flow) {
                leave(flow);
                self.remove(index);
            }
        }
    }

    /// All connections, in the order in which they began.
    pub(super) fn in_order(&mut self) -> impl Iterator<Item = &mut Flow> {
        let mut all: Vec<_> = self.slots.iter_mut().flatten().collect();
        all.sort_by_key(|(_, generation, _)| *generation);
        all.into_iter().map(|(.., flow)| flow)
    }
}

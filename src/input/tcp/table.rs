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

/// The connections of the latest packets, each in the place that its ends give it: most packets belong to one of them.
#[derive(Debug)]
struct Recent([Option<Known>; RECENT]);

/// A connection and its ends.
#[derive(Clone, Copy, Debug)]
struct Known {
    index: Index,
    low: SocketAddr,
    high: SocketAddr,
}

impl Default for Recent {
    fn default() -> Self {
        Self([None; RECENT])
    }
}

impl Recent {
    /// The place of a packet's connection.
    #[inline]
    fn place(&mut self, packet: &Packet<'_>) -> Option<&mut Option<Known>> {
        let low_bits = |address: SocketAddr| match address.ip() {
            IpAddr::V4(v4) => v4.to_bits() as usize,
            IpAddr::V6(v6) => v6.to_bits() as usize,
        };
        // One end's port is mostly the same for all of them, and so is one address.
        let ports = usize::from(packet.from.port() ^ packet.to.port());
        let mixed = low_bits(packet.from) ^ low_bits(packet.to) ^ ports.wrapping_mul(5);
        self.0.get_mut(mixed % RECENT)
    }

    /// The connection of a packet, and the end that sent it.
    #[inline]
    fn find(&mut self, packet: &Packet<'_>) -> Option<(Index, EndPoint)> {
        let Known { index, low, high } = (*self.place(packet)?)?;
        match (packet.from, packet.to) {
            ends if ends == (low, high) => Some((index, EndPoint::Low)),
            ends if ends == (high, low) => Some((index, EndPoint::High)),
            _ => None,
        }
    }

    fn remember(&mut self, packet: &Packet<'_>, index: Index, end: EndPoint) {
        let (low, high) = match end {
            EndPoint::Low => (packet.from, packet.to),
            EndPoint::High => (packet.to, packet.from),
        };
        if let Some(place) = self.place(packet) {
            *place = Some(Known { index, low, high });
        }
    }

    fn forget(&mut self, index: Index) {
        for place in &mut self.0 {
            place.take_if(|known| known.index == index);
        }
    }
}

impl Table {
    /// The connection of a packet, new where there is none, and the end that sent it.
    #[inline]
    pub(super) fn find_or_insert(&mut self, packet: &Packet<'_>) -> (Index, EndPoint) {
        self.recent.find(packet).unwrap_or_else(|| self.search_or_insert(packet))
    }

    fn search_or_insert(&mut self, packet: &Packet<'_>) -> (Index, EndPoint) {
        let (key, end) = Key::of(packet);
        let index = match self.index.get(&key) {
            Some(&index) => index,
            None => self.insert(key, Flow::new(packet, end)),
        };
        self.recent.remember(packet, index, end);
        (index, end)
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
            self.recent.forget(index);
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

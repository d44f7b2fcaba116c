//! The pcap file: a header, then records of a header and a packet (draft-ietf-opsawg-pcap).
//!
//! Read by hand, sixteen bytes at a time: the parser crate knows one of the three modified record headers, and that in
//! one byte order only.

use std::io::Read;

use super::link::{self, Inside};
use super::time::Clock;
use super::window::{LONGEST, Window};
use super::{Damage, Raw, Trouble};
use crate::session::segment::Time;

/// Bytes of the file header.
const FILE_HEADER: usize = 24;

/// Bytes of a record header that every variant begins with.
const RECORD_HEADER: usize = 16;

/// The most that a packet has where a record header is guessed to be one.
const LIKELY_PACKET: u32 = 256 * 1024;

/// A pcap file behind its file header.
#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    clock: Clock,
    link: u16,
    /// Bytes of a record header; 16 but for the modified kinds.
    header: usize,
    /// Whether old versions' order of the two lengths is possible.
    may_be_swapped: bool,
    checked: bool,
}

/// The byte order of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The number that four bytes are.
    pub(super) const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// The number that two bytes are.
    pub(super) const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

/// What the first four bytes of a file say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    order: Order,
    /// Ten to this power of ticks are a second.
    ticks: u8,
    /// Bytes of a record header, as far as the magic number tells.
    header: usize,
    /// Bytes behind the file header that belong to it.
    more: usize,
}

impl Kind {
    /// The kind of file whose first bytes these are.
    fn of(magic: [u8; 4]) -> Option<Self> {
        [Order::Little, Order::Big].into_iter().find_map(|order| {
            let (ticks, header, more) = match order.u32(magic) {
                0xa1b2_c3d4 => (6, RECORD_HEADER, 0),
                0xa1b2_3c4d => (9, RECORD_HEADER, 0),
                // Alexey Kuznetzov's: interface, protocol and packet type behind the lengths.
                0xa1b2_cd34 => (6, RECORD_HEADER + 8, 0),
                // IXIA's lcap, from hardware and from software: the length of all records behind the file header.
                0x1c00_01ac | 0x1c00_01ab => (9, RECORD_HEADER, 4),
                _ => return None,
            };
            Some(Self { order, ticks, header, more })
        })
    }
}

/// Whether a file that begins with these bytes is pcap.
pub(super) fn is_pcap(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|magic| Kind::of(*magic).is_some())
}

/// A record header.
#[derive(Clone, Copy, Debug)]
struct Record {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl Record {
    fn decode(order: Order, bytes: &[u8]) -> Option<Self> {
        let (words, _) = bytes.get(..RECORD_HEADER)?.as_chunks::<4>();
        let [seconds, fraction, captured, original] = words else { return None };
        let of = |word: &[u8; 4]| order.u32(*word);
        Some(Self {
            seconds: of(seconds),
            fraction: of(fraction),
            captured: of(captured),
            original: of(original),
        })
    }

    /// Whether it can be one: what is guessed from what follows must be strict.
    const fn is_likely(&self) -> bool {
        self.captured > 0
            && self.captured <= LIKELY_PACKET
            && self.captured <= self.original
            && self.original <= LIKELY_PACKET
            && self.fraction < 1_000_000_000
    }
}

impl Pcap {
    /// Reads the file header.
    pub(super) fn open(window: &mut Window<impl Read>) -> Result<Self, Trouble> {
        if !window.need(FILE_HEADER)? {
            return Err(window.cut(0, "the file header", FILE_HEADER as u64).into());
        }
        let (words, _) = window.bytes().get(..FILE_HEADER).unwrap_or_default().as_chunks::<4>();
        let &[magic, version, _zone, _figures, _snap, link] = words else { return Err(no_pcap()) };
        let kind = Kind::of(magic).ok_or_else(no_pcap)?;
        let [_, _, minor @ ..] = version;
        let minor = kind.order.u16(minor);
        window.take(FILE_HEADER);
        if !window.need(kind.more)? {
            return Err(window.cut(0, "the file header", (FILE_HEADER + kind.more) as u64).into());
        }
        window.take(kind.more);
        Ok(Self {
            order: kind.order,
            clock: Clock::decimal(kind.ticks),
            // The upper bits may tell the length of the frame check sequence.
            link: kind.order.u32(link) as u16,
            header: kind.header,
            may_be_swapped: minor <= 3,
            checked: false,
        })
    }

    /// The next packet; it stays in the window until it is taken.
    pub(super) fn next(&mut self, window: &mut Window<impl Read>) -> Result<Option<Raw>, Trouble> {
        let at = window.offset();
        if !window.need(RECORD_HEADER)? {
            return match window.bytes().len() {
                0 => Ok(None),
                _ => Err(window.cut(at, "a record header", RECORD_HEADER as u64).into()),
            };
        }
        if !self.checked {
            self.checked = true;
            if !self.holds_ip(window) {
                self.check_header_length(window);
            }
        }
        let Some(mut record) = Record::decode(self.order, window.bytes()) else { return Ok(None) };
        if self.may_be_swapped && record.captured > record.original {
            std::mem::swap(&mut record.captured, &mut record.original);
        }
        let len = record.captured as usize;
        if len > LONGEST {
            let what =
                format!("a record claims {len} bytes, more than any packet has; what came before was read");
            return Err(Damage { at, what }.into());
        }
        let total = self.header + len;
        if !window.need(total)? {
            return Err(window.cut(at, "a record", total as u64).into());
        }
        let time = self.time(&record);
        Ok(Some(Raw {
            front: self.header,
            len,
            total,
            link: self.link,
            decrypted: false,
            time,
            original: record.original,
        }))
    }

    fn time(&self, record: &Record) -> Option<Time> {
        self.clock.seconds_and_ticks(u64::from(record.seconds), u64::from(record.fraction))
    }

    /// Whether an IP packet stands behind the first record header, as long as both say: then nothing more need be looked at,
    /// which a live capture would have to wait for.
    fn holds_ip(&self, window: &mut Window<impl Read>) -> bool {
        let Some(record) = self.record(0, window).filter(Record::is_likely) else { return false };
        let end = self.header + record.captured as usize;
        if !window.need(end).unwrap_or(false) {
            return false;
        }
        let packet = window.bytes().get(self.header..end).unwrap_or_default();
        let Inside::Ip(ip) = link::inside(self.link, packet) else { return false };
        let front = packet.len() - ip.len();
        let len = match *ip {
            [first, _, one, two, ..] if first >> 4 == 4 => usize::from(u16::from_be_bytes([one, two])),
            [first, _, _, _, one, two, ..] if first >> 4 == 6 => {
                40 + usize::from(u16::from_be_bytes([one, two]))
            }
            _ => return false,
        };
        len >= 20 && front + len == record.original as usize
    }

    /// Programs wrote longer record headers under either magic number. The records that follow tell which one this file
    /// has. With the usual header the first of them is enough, so that a live capture does not wait for long: with a header
    /// that is read as too short, a time stands where a length should.
    fn check_header_length(&mut self, window: &mut Window<impl Read>) {
        let enough = if self.header == RECORD_HEADER { 1 } else { 3 };
        if self.fits(self.header, enough, window) != Some(false) {
            return;
        }
        // As it is, Kuznetzov's, his with the processor's numbers, Nokia's.
        let known = [16, 24, 28, 20];
        if let Some(header) = known.into_iter().find(|header| self.fits(*header, 3, window) == Some(true)) {
            self.header = header;
        }
    }

    /// Whether so many records behind the first, or all that the file has, are likely with this header.
    fn fits(&self, header: usize, records: usize, window: &mut Window<impl Read>) -> Option<bool> {
        let mut at = 0;
        let mut likely = None;
        let mut record = self.record(at, window)?;
        for _ in 0..records {
            if record.captured > LIKELY_PACKET {
                return Some(false);
            }
            at += header + record.captured as usize;
            let Some(next) = self.record(at, window) else { break };
            if !next.is_likely() {
                return Some(false);
            }
            likely = Some(true);
            record = next;
        }
        likely
    }

    /// The record header so far in the window. What cannot be read is said when its turn comes.
    fn record(&self, at: usize, window: &mut Window<impl Read>) -> Option<Record> {
        window.need(at + RECORD_HEADER).ok().filter(|whole| *whole)?;
        Record::decode(self.order, window.bytes().get(at..)?)
    }
}

fn no_pcap() -> Trouble {
    Damage { at: 0, what: "this is no pcap file: it begins with another number".to_owned() }.into()
}

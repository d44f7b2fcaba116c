//! The pcapng file: sections of blocks (draft-ietf-opsawg-pcapng). This is the only file that knows the parser crate.
//!
//! Where a block begins and ends is read here, and of its inside the crate reads what is described in it. Times are counted
//! here: the crate takes an offset for little-endian always, and knows no resolution in powers of two.

use std::io::Read;

use pcap_parser::pcapng::{
    EnhancedPacketBlock, InterfaceDescriptionBlock, OptionCode, parse_enhancedpacketblock_be,
    parse_enhancedpacketblock_le, parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le,
};
use pcap_parser::traits::PcapNGPacketBlock;

use super::counts::Outside;
use super::pcap::Order;
use super::time::Clock;
use super::window::{LONGEST, Window};
use super::{Damage, Raw, Trouble};

/// The first bytes of a file, in either byte order.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// The byte-order magic in a section header.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// Bytes of the type and length in front of a block's body, and of the length behind it.
const FRONT: usize = 8;
const BACK: usize = 4;

/// The most interfaces that are remembered; packets of others are counted as skipped.
const MOST_INTERFACES: usize = 65_536;

/// The name of the interface on which our proxy records what passed inside TLS.
const DECRYPTED: &[u8] = b"wslens-tls";

/// The types of block that are looked into.
mod block {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const OBSOLETE_PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const ENHANCED_PACKET: u32 = 6;
    pub(super) const SECRETS: u32 = 10;
    /// The first two are of whoever likes to write them, the third is an entry of systemd's journal.
    pub(super) const CUSTOM: [u32; 3] = [0xbad, 0x4000_0bad, 9];
}

/// A pcapng file.
#[derive(Debug)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
    pub(super) outside: Outside,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    /// The most bytes of a packet that are kept; 0 where there is no limit.
    snap: u32,
    clock: Clock,
    /// Whether our proxy wrote on it what passed inside TLS.
    decrypted: bool,
}

/// Where the packet of a block is.
struct Packet {
    interface: u32,
    ticks: Option<u64>,
    /// Bytes of the block before the packet.
    front: usize,
    len: usize,
    original: u32,
}

/// Whether a file that begins with these bytes is pcapng.
pub(super) fn is_pcapng(head: &[u8]) -> bool {
    head.starts_with(&MAGIC)
}

impl Pcapng {
    /// Begins with no section.
    pub(super) const fn new() -> Self {
        Self { order: Order::Little, interfaces: Vec::new(), outside: Outside::NONE }
    }

    /// The next packet; it stays in the window until it is taken.
    pub(super) fn next(&mut self, window: &mut Window<impl Read>) -> Result<Option<Raw>, Trouble> {
        loop {
            let at = window.offset();
            if !window.need(FRONT + BACK)? {
                return match window.bytes().len() {
                    0 => Ok(None),
                    _ => Err(window.cut(at, "a block", (FRONT + BACK) as u64).into()),
                };
            }
            let (kind, len) = self.front(at, window.bytes())?;
            match kind {
                block::SECTION
                | block::INTERFACE
                | block::OBSOLETE_PACKET
                | block::SIMPLE_PACKET
                | block::ENHANCED_PACKET => {
                    let raw = self.block(at, kind, len, window)?;
                    if raw.is_some() {
                        return Ok(raw);
                    }
                    window.take(len);
                }
                _ => {
                    self.outside.secrets += u64::from(kind == block::SECRETS);
                    self.outside.numbered += u64::from(block::CUSTOM.contains(&kind));
                    self.pass_over(at, len, window)?;
                }
            }
        }
    }

    /// The type of a block and its length.
    fn front(&mut self, at: u64, bytes: &[u8]) -> Result<(u32, usize), Damage> {
        let word =
            |at: usize| bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).copied().unwrap_or_default();
        if word(0) == MAGIC {
            let orders = [Order::Little, Order::Big];
            let order = orders.into_iter().find(|order| order.u32(word(8)) == BYTE_ORDER);
            self.order = order.ok_or_else(|| {
                damage(at, "a section header has no byte-order magic 1a 2b 3c 4d, in neither order")
            })?;
        } else if at == 0 {
            return Err(damage(at, "this is no pcapng file: it begins with no section header"));
        }
        let len = self.order.u32(word(4));
        if (len as usize) < FRONT + BACK || !len.is_multiple_of(4) {
            return Err(Damage {
                at,
                what: format!(
                    "a block claims a length of {len}, which no block can have; what came before was read"
                ),
            });
        }
        Ok((self.order.u32(word(0)), len as usize))
    }

    /// A block that is not looked into.
    fn pass_over(&self, at: u64, len: usize, window: &mut Window<impl Read>) -> Result<(), Trouble> {
        if !window.skip((len - BACK) as u64)? || !window.need(BACK)? {
            return Err(window.cut(at, "a block", len as u64).into());
        }
        self.check_back(at, len, window.bytes())?;
        window.take(BACK);
        Ok(())
    }

    /// The length is told twice, so that a file can be read from its end: both must agree.
    fn check_back(&self, at: u64, len: usize, back: &[u8]) -> Result<(), Damage> {
        let told = back.first_chunk().map_or(0, |word| self.order.u32(*word));
        if told as usize == len {
            return Ok(());
        }
        let what = format!(
            "a block tells two lengths, {len} before and {told} behind it; what came before was read"
        );
        Err(Damage { at, what })
    }

    /// A block that is looked into, and its packet where it has one.
    fn block(
        &mut self,
        at: u64,
        kind: u32,
        len: usize,
        window: &mut Window<impl Read>,
    ) -> Result<Option<Raw>, Trouble> {
        if len > LONGEST {
            let what =
                format!("a block claims {len} bytes, more than any packet has; what came before was read");
            return Err(Damage { at, what }.into());
        }
        if !window.need(len)? {
            return Err(window.cut(at, "a block", len as u64).into());
        }
        let bytes = window.bytes().get(..len).unwrap_or_default();
        self.check_back(at, len, bytes.get(len - BACK..).unwrap_or_default())?;
        let packet = match kind {
            block::SECTION => {
                self.begin_section(at, bytes)?;
                return Ok(None);
            }
            block::INTERFACE => {
                self.add_interface(at, bytes)?;
                return Ok(None);
            }
            block::ENHANCED_PACKET => self.enhanced(bytes),
            block::SIMPLE_PACKET => self.simple(bytes),
            _ => self.obsolete(bytes),
        };
        if let Some(Packet { front, len: kept, .. }) = packet
            && kind != block::SIMPLE_PACKET
            && self.has_lying_options(bytes, front + kept.next_multiple_of(4))
        {
            self.outside.lies(at);
        }
        let packet = packet.ok_or_else(|| {
            damage(at, "a packet block is too short for the packet that it claims; what came before was read")
        })?;
        let Some(interface) = self.interfaces.get(packet.interface as usize) else {
            self.outside.homeless += 1;
            return Ok(None);
        };
        Ok(Some(Raw {
            front: packet.front,
            len: packet.len,
            total: len,
            link: interface.link,
            decrypted: interface.decrypted,
            time: packet.ticks.and_then(|ticks| interface.clock.ticks(ticks)),
            original: packet.original,
        }))
    }

    /// A section numbers its interfaces anew.
    fn begin_section(&mut self, at: u64, bytes: &[u8]) -> Result<(), Damage> {
        self.interfaces.clear();
        let major = bytes.get(12..).and_then(<[u8]>::first_chunk).map_or(0, |two| self.order.u16(*two));
        match major {
            1 if bytes.len() >= 28 => {
                if self.has_lying_options(bytes, FRONT + 16) {
                    self.outside.lies(at);
                }
                Ok(())
            }
            1 => Err(damage(at, "a section header is shorter than its fields")),
            _ => Err(Damage {
                at,
                what: format!("a section of version {major} of pcapng, of which only version 1 is known"),
            }),
        }
    }

    fn add_interface(&mut self, at: u64, bytes: &[u8]) -> Result<(), Damage> {
        let parsed = match self.order {
            Order::Little => parse_interfacedescriptionblock_le(bytes),
            Order::Big => parse_interfacedescriptionblock_be(bytes),
        };
        let Ok((_, described)) = parsed else {
            return Err(damage(at, "an interface description is shorter than its fields"));
        };
        if self.has_lying_options(bytes, FRONT + 8) {
            self.outside.lies(at);
        }
        if self.interfaces.len() < MOST_INTERFACES {
            self.interfaces.push(self.interface(&described));
        }
        Ok(())
    }

    fn interface(&self, described: &InterfaceDescriptionBlock<'_>) -> Interface {
        let mut resolution = 6;
        let mut offset = 0;
        let mut decrypted = false;
        for option in &described.options {
            match (option.code, option.as_bytes().unwrap_or_default()) {
                (OptionCode::EndOfOpt, _) => break,
                (OptionCode::IfName, name) => decrypted = name == DECRYPTED,
                (OptionCode::IfTsresol, &[value]) => resolution = value,
                (OptionCode::IfTsoffset, value) => offset = self.offset_of(value).unwrap_or(offset),
                _ => {}
            }
        }
        let clock = Clock::described(resolution, offset);
        // The crate holds the number signed and wide; in the file it has 16 bits.
        Interface { link: described.linktype.0 as u16, snap: described.snaplen, clock, decrypted }
    }

    /// Whether of the options that begin there in a block one claims to be longer than the block.
    fn has_lying_options(&self, block: &[u8], begin: usize) -> bool {
        let end = block.len().saturating_sub(BACK);
        let mut rest = block.get(begin..end).unwrap_or_default();
        while let Some((&[code_1, code_2, len_1, len_2], behind)) = rest.split_first_chunk() {
            if [code_1, code_2] == [0, 0] {
                return false;
            }
            let len = usize::from(self.order.u16([len_1, len_2])).next_multiple_of(4);
            let Some(next) = behind.get(len..) else { return true };
            rest = next;
        }
        false
    }

    fn offset_of(&self, value: &[u8]) -> Option<i64> {
        let value: [u8; 8] = value.try_into().ok()?;
        Some(match self.order {
            Order::Little => i64::from_le_bytes(value),
            Order::Big => i64::from_be_bytes(value),
        })
    }

    fn enhanced(&self, bytes: &[u8]) -> Option<Packet> {
        let (_, block): (_, EnhancedPacketBlock<'_>) = match self.order {
            Order::Little => parse_enhancedpacketblock_le(bytes),
            Order::Big => parse_enhancedpacketblock_be(bytes),
        }
        .ok()?;
        Some(Packet {
            interface: block.if_id,
            ticks: Some(u64::from(block.ts_high) << 32 | u64::from(block.ts_low)),
            front: 28,
            len: block.packet_data().len(),
            original: block.origlen,
        })
    }

    /// Of a simple packet block, only the limit of the first interface tells how much was kept.
    fn simple(&self, bytes: &[u8]) -> Option<Packet> {
        let body = bytes.get(FRONT..bytes.len() - BACK)?;
        let original = self.order.u32(*body.first_chunk()?);
        let snap = self.interfaces.first().map_or(0, |first| first.snap);
        let kept = if snap == 0 { original } else { original.min(snap) } as usize;
        let len = kept.min(body.len() - 4);
        Some(Packet { interface: 0, ticks: None, front: FRONT + 4, len, original })
    }

    /// The packet block that programs wrote before there was the enhanced one.
    fn obsolete(&self, bytes: &[u8]) -> Option<Packet> {
        let body = bytes.get(FRONT..bytes.len() - BACK)?;
        let interface = u32::from(self.order.u16(*body.first_chunk()?));
        let (words, _) = body.get(4..20)?.as_chunks::<4>();
        let [high, low, captured, original] = words else { return None };
        let [high, low, captured, original] =
            [high, low, captured, original].map(|word| self.order.u32(*word));
        let len = captured as usize;
        (len <= body.len() - 20).then_some(Packet {
            interface,
            ticks: Some(u64::from(high) << 32 | u64::from(low)),
            front: FRONT + 20,
            len,
            original,
        })
    }
}

fn damage(at: u64, what: &str) -> Damage {
    Damage { at, what: what.to_owned() }
}

//! Cuts one sender's bytes into headers and payloads, however they come (RFC 6455 §5.2).

use std::num::NonZeroU64;

use super::current::Current;
use super::event::{FrameCut, Kind, Sink};
use super::link::{Link, Times};
use super::packets::Packets;
use super::segment::Time;
use super::sequence::Sequence;
use crate::rules::{self, facts};
use crate::wire::frame::{Header, LONGEST_HEADER, Partial};

/// The frames of one sender.
///
/// A frame that lies whole in the bytes of one moment is told at once, without being stored in between: nearly all of
/// them do, and storing costs more than all the rest.
#[derive(Debug)]
pub(super) struct Frames {
    stage: Stage,
    sequence: Sequence,
}

/// Where the bytes have stopped.
#[derive(Debug, Default)]
enum Stage {
    /// At the boundary between two frames.
    #[default]
    Between,
    /// In a header.
    Header(Held),
    /// In a payload, or right behind the header.
    Payload(Current),
}

/// A header that is not whole yet: what came of it, the frame's number, and when it began.
#[derive(Debug)]
struct Held {
    bytes: [u8; LONGEST_HEADER],
    len: usize,
    number: u64,
    time: Option<Time>,
    packets: Option<Packets>,
}

/// A frame goes on in this packet.
fn go_on(packets: &mut Option<Packets>, packet: Option<NonZeroU64>, in_header: bool) {
    if let (Some(packets), Some(packet)) = (packets, packet) {
        packets.go_on(packet, in_header);
    }
}

impl Held {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Adds bytes until the header is whole, and gives those behind it.
    fn fill<'b>(&mut self, bytes: &'b [u8]) -> (Option<Header>, &'b [u8]) {
        for (i, byte) in bytes.iter().enumerate() {
            if let Some(slot) = self.bytes.get_mut(self.len) {
                *slot = *byte;
                self.len += 1;
            }
            if let Some(header) = Header::decode(self.bytes()) {
                return (Some(header), bytes.get(i + 1..).unwrap_or_default());
            }
        }
        (None, &[])
    }
}

impl Frames {
    /// Begins at a boundary; `open_unknown` where messages may have begun before, `early` while what comes was
    /// sent before the answer to the handshake.
    pub(super) const fn new(open_unknown: bool, early: bool) -> Self {
        Self { stage: Stage::Between, sequence: Sequence::new(open_unknown, early) }
    }

    /// Whether what comes now was sent before the answer to the handshake.
    pub(super) const fn set_early(&mut self, early: bool) {
        self.sequence.early = early;
    }

    /// Takes all of `bytes`.
    pub(super) fn feed<S: Sink + ?Sized>(&mut self, mut bytes: &[u8], link: &mut Link<'_, S>) {
        if !matches!(self.stage, Stage::Between) {
            bytes = self.go_on(bytes, link);
        }
        while !bytes.is_empty() {
            let number = link.next_frame();
            bytes = match Header::decode(bytes) {
                Some(header) => self.frame(number, header, bytes, link),
                None => self.hold(number, bytes, link.time(), link.packet.map(Packets::begin)),
            };
        }
    }

    /// A frame begins here, and its header is whole: takes what is here of it, and gives the bytes behind it.
    #[inline(always)]
    fn frame<'b, S: Sink + ?Sized>(
        &mut self,
        number: u64,
        header: Header,
        bytes: &'b [u8],
        link: &mut Link<'_, S>,
    ) -> &'b [u8] {
        let behind = bytes.get(header.header_len()..).unwrap_or_default();
        let facts = self.sequence.facts(header, link);
        match self.sequence.whole(&facts, behind, link) {
            Some((payload, rest)) => {
                let len = (bytes.len() - rest.len()) as u64;
                self.sequence.at_once(number, &header, (len, payload), link);
                rest
            }
            None => self.begin(number, facts, behind, link),
        }
    }

    /// A frame begins that needs more care, or goes on in what comes later.
    #[inline(never)]
    fn begin<'b, S: Sink + ?Sized>(
        &mut self,
        number: u64,
        facts: facts::Frame,
        behind: &'b [u8],
        link: &mut Link<'_, S>,
    ) -> &'b [u8] {
        self.stage = Stage::Payload(self.sequence.begin(number, facts, link.time(), link));
        self.payload(behind, link)
    }

    /// The sender's window is needed elsewhere.
    pub(super) fn drop_window(&mut self) {
        self.sequence.drop_window();
    }

    /// `lost` bytes are missing here; whether the next boundary is still known.
    pub(super) fn gap<S: Sink + ?Sized>(&mut self, lost: u64, link: &mut Link<'_, S>) -> bool {
        self.sequence.lose_sample();
        if !matches!(&self.stage, Stage::Payload(current) if lost <= current.left()) {
            self.stop(link);
            link.gap(lost);
            return false;
        }
        if let Stage::Payload(current) = &mut self.stage {
            self.sequence.lose(current, lost, link);
            link.gap(lost);
        }
        self.payload(&[], link);
        true
    }

    /// Nothing more comes: what is unfinished is shown as far as it came.
    pub(super) fn stop<S: Sink + ?Sized>(&mut self, link: &mut Link<'_, S>) {
        match std::mem::take(&mut self.stage) {
            Stage::Between => {}
            Stage::Header(held) => {
                link.side().cut = true;
                let header = Partial::of(held.bytes());
                let cut = Kind::FrameCut(FrameCut { number: held.number, header, packets: held.packets });
                let (sender, roles_known) = (link.sender(), link.shared.roles_known);
                let text_goes_on = self.sequence.text_goes_on(link.side().frames + 1);
                let facts = facts::FrameCut { header, sender, roles_known, text_goes_on };
                let judge = |found: &mut Vec<_>| rules::judge_frame_cut(&facts, found);
                link.emit_judged(Times::since(held.time), held.len as u64, cut, judge);
            }
            Stage::Payload(current) => {
                link.side().cut = true;
                self.sequence.end(&current, &[], link);
            }
        }
        self.sequence.stop(link);
    }

    /// Goes on with what was cut, and gives the bytes behind it.
    #[inline(never)]
    fn go_on<'b, S: Sink + ?Sized>(&mut self, bytes: &'b [u8], link: &mut Link<'_, S>) -> &'b [u8] {
        match &mut self.stage {
            Stage::Between => bytes,
            Stage::Payload(current) => {
                go_on(&mut current.packets, link.packet, false);
                self.payload(bytes, link)
            }
            Stage::Header(held) => {
                go_on(&mut held.packets, link.packet, true);
                let (header, behind) = held.fill(bytes);
                let Some(header) = header else { return behind };
                let facts = self.sequence.facts(header, link);
                let current = self.sequence.begin(held.number, facts, held.time, link);
                self.stage = Stage::Payload(Current { packets: held.packets, ..current });
                self.payload(behind, link)
            }
        }
    }

    /// The header is not whole: holds what there is of it.
    #[cold]
    fn hold<'b>(
        &mut self,
        number: u64,
        bytes: &'b [u8],
        time: Option<Time>,
        packets: Option<Packets>,
    ) -> &'b [u8] {
        let mut held = Held { bytes: [0; LONGEST_HEADER], len: 0, number, time, packets };
        held.fill(bytes);
        self.stage = Stage::Header(held);
        &[]
    }

    /// Takes what is here of a payload, ends the frame with its last byte, and gives the bytes behind it.
    fn payload<'b, S: Sink + ?Sized>(&mut self, bytes: &'b [u8], link: &mut Link<'_, S>) -> &'b [u8] {
        let Self { stage, sequence } = self;
        let Stage::Payload(current) = stage else { return bytes };
        let len = current.left().min(bytes.len() as u64) as usize;
        let (here, behind) = bytes.split_at_checked(len).unwrap_or_default();
        if here.len() as u64 != current.header.payload_len() {
            sequence.keep_sample(current, here);
        }
        sequence.take(current, here, link);
        if current.left() == 0 {
            sequence.end(current, here, link);
            *stage = Stage::Between;
        }
        behind
    }
}

//! Frames that come whole, at one moment: nearly all small ones do.
//!
//! A frame of which no rule speaks is followed and told in one go, where all that is known of it is at hand. What comes of it
//! is what comes of its start, its payload and its end one after the other.

use super::Sequence;
use crate::rules::{self, facts};
use crate::session::SCRATCH;
use crate::session::event::{FrameEnd, Sink};
use crate::session::link::Link;
use crate::session::packets::Packets;
use crate::wire::frame::Header;
use crate::wire::opcode::Opcode;

impl Sequence {
    /// The payload of a frame that can be told at once, and the bytes behind it; none where the frame needs more care.
    #[inline(always)]
    pub(in crate::session) fn whole<'b, S: Sink + ?Sized>(
        &self,
        facts: &facts::Frame,
        behind: &'b [u8],
        link: &Link<'_, S>,
    ) -> Option<(&'b [u8], &'b [u8])> {
        let usual = match facts.header.opcode() {
            Opcode::PING => true,
            // What a Pong answers and what a Close says is judged when it ends.
            Opcode::PONG | Opcode::CLOSE => false,
            _ => !self.is_compressed(facts) && !link.remembers_frames(),
        };
        let len = usize::try_from(facts.header.payload_len()).ok().filter(|len| *len <= SCRATCH)?;
        if usual && rules::is_unremarkable(facts) { behind.split_at_checked(len) } else { None }
    }

    /// Whether a data frame may be a piece of a compressed message.
    fn is_compressed(&self, facts: &facts::Frame) -> bool {
        facts.header.rsv1() || self.open.as_ref().is_some_and(|message| message.content.compressed)
    }

    /// Takes a frame of `len` bytes that is [whole](Self::whole).
    #[inline(always)]
    pub(in crate::session) fn at_once<S: Sink + ?Sized>(
        &mut self,
        number: u64,
        header: &Header,
        (len, payload): (u64, &[u8]),
        link: &mut Link<'_, S>,
    ) {
        let (time, captured) = (link.time(), payload.len() as u64);
        let belongs = self.place(number, header, time, link);
        let (_, unmasked) = self.look_at((header, 0, &belongs), payload, link);
        link.count_frame(header);
        link.count_payload(captured);
        let packets = link.packet.map(Packets::begin);
        let mut end = FrameEnd::of(number, *header, belongs.place(), captured, packets.as_ref());
        if header.opcode().is_control() {
            self.control.read(&mut end, link);
        }
        link.emit_frame(len, &end, payload, unmasked);
        self.end_message((header, &belongs, time), true, Some(payload), link);
    }
}

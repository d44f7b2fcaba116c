//! Control frames: what is kept of one, and what it tells (RFC 6455 §5.5).

use super::event::{FrameEnd, Sink};
use super::link::Link;
use crate::wire::close::CloseBody;
use crate::wire::opcode::Opcode;

/// The most bytes that a control frame may carry (RFC 6455 §5.5), and that are kept of one.
const CONTROL_LEN: usize = 125;

/// The payload of the control frame at hand, unmasked.
#[derive(Debug)]
pub(super) struct Control([u8; CONTROL_LEN]);

impl Control {
    /// Of no frame.
    pub(super) const NOTHING: Self = Self([0; CONTROL_LEN]);

    /// Takes the piece of the payload that stands at `at`; what is behind the limit is left out.
    pub(super) fn take(&mut self, at: u64, plain: &[u8]) {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let room = self.0.get_mut(at..).unwrap_or_default();
        let len = room.len().min(plain.len());
        if let (Some(to), Some(from)) = (room.get_mut(..len), plain.get(..len)) {
            to.copy_from_slice(from);
        }
    }

    /// The frame ends: Pings are remembered, Pongs paired, Closes taken apart.
    pub(super) fn read<'s, S: Sink + ?Sized>(&'s self, end: &mut FrameEnd<'s>, link: &mut Link<'_, S>) {
        let held = usize::try_from(end.captured).unwrap_or(CONTROL_LEN).min(CONTROL_LEN);
        end.control = self.0.get(..held).unwrap_or_default();
        if end.partial() {
            return;
        }
        let (sender, now) = (link.sender(), link.time());
        match end.header.opcode() {
            Opcode::CLOSE => {
                end.close_code = CloseBody::decode(end.control).code;
                link.count_close(end);
            }
            // Nobody is left to answer a Ping that comes behind the end of the other side.
            Opcode::PING if !link.other_ended() => {
                link.shared.pings_of(sender).sent(end.number, end.control, now);
            }
            Opcode::PONG => end.answers = link.pong(end.control),
            _ => {}
        }
    }
}

//! Messages that the input kept without their frames, and what it says besides.

use super::connection::Turn;
use super::event::{Compression, Kind, Message, Opaque, Sink, Why};
use super::link::Times;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

impl<S: Sink + ?Sized> Turn<'_, S> {
    /// A whole message. Where its bytes stood in the stream is not known, so it covers none.
    pub(super) fn message(&mut self, sender: Sender, opcode: Opcode, payload: &[u8]) {
        // A request that waits for its answer is shown before what came behind it.
        self.settle_pending(true);
        let time = self.time;
        let mut link = self.link(sender);
        let number = link.next_message();
        link.shared.ending.opened = true;
        let side = link.side();
        side.seen = true;
        side.payload = side.payload.saturating_add(payload.len() as u64);
        let message = Message {
            number,
            opcode,
            frames: &[],
            frame_count: 0,
            // Nobody can know.
            compression: Compression::None,
            wire_len: payload.len() as u64,
            complete: true,
            utf8_error: None,
            utf8_checked: false,
            inflated: None,
            sources: None,
            kept: Some(payload),
        };
        link.emit(Times::since(time), 0, Kind::Message(message), &[]);
    }

    /// What a program says of the connection.
    pub(super) fn reported(&mut self, sender: Sender, words: &[u8]) {
        self.settle_pending(true);
        let reported = Opaque { why: Why::Reported, bytes: words };
        self.emit(sender, Times::since(self.time), 0, Kind::Opaque(reported));
    }
}

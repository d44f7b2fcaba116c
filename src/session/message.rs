//! A message while its frames come (RFC 6455 §5.4, §5.6).

use super::event::{Compression, Kind, MOST_FRAMES_LISTED, Message, Place, Sink};
use super::link::{Link, Times};
use super::segment::Time;
use crate::rules::{self, facts};
use crate::wire::frame::Header;
use crate::wire::opcode::Opcode;
use crate::wire::utf8::Utf8Check;

/// A message whose last frame is not over.
#[derive(Clone, Debug)]
pub(super) struct OpenMessage {
    /// Where its latest frame stands in it.
    pub(super) place: Place,
    time: Option<Time>,
    /// The numbers of its frames behind the first one.
    more_frames: Vec<u64>,
    wire_len: u64,
    /// None where the payload is not text, or cannot be checked.
    utf8: Option<Utf8Check>,
    lost: bool,
}

impl OpenMessage {
    /// Begins with a frame of text or binary.
    #[inline]
    pub(super) fn begin<S: Sink + ?Sized>(
        number: u64,
        header: &Header,
        time: Option<Time>,
        link: &mut Link<'_, S>,
    ) -> Self {
        let compression = match header.rsv1() {
            false => Compression::None,
            true => link.shared.compression_by_rsv1(),
        };
        let place = Place {
            message: link.next_message(),
            piece: 1,
            first_frame: number,
            opcode: header.opcode(),
            compression,
        };
        // Who knows what a payload is whose RSV1 has no agreed meaning? Mostly it is compressed all the same.
        let text = header.opcode() == Opcode::TEXT && !header.rsv1() && link.checks_text();
        Self {
            place,
            time,
            more_frames: Vec::new(),
            wire_len: 0,
            utf8: text.then(Utf8Check::default),
            lost: false,
        }
    }

    /// Goes on with another frame.
    pub(super) fn add_frame(&mut self, number: u64) -> Place {
        self.place.piece += 1;
        if self.more_frames.len() + 1 < MOST_FRAMES_LISTED {
            self.more_frames.push(number);
        }
        self.place
    }

    /// Whether the payload is checked, and so must be unmasked.
    #[inline]
    pub(super) fn checks(&self) -> bool {
        self.utf8.as_ref().is_some_and(|check| check.bad_at().is_none())
    }

    /// Takes the next piece of payload, unmasked where it is checked.
    #[inline]
    pub(super) fn feed(&mut self, len: usize, plain: Option<&[u8]>) {
        self.wire_len += len as u64;
        if let (Some(check), Some(plain)) = (&mut self.utf8, plain) {
            check.feed(plain);
        }
    }

    /// Bytes of its payload are missing: it cannot be checked any more.
    pub(super) fn lose(&mut self) {
        self.lost = true;
        self.utf8 = None;
    }

    /// Ends; `whole` where its last frame came, and all of it.
    #[inline]
    pub(super) fn end<S: Sink + ?Sized>(self, whole: bool, link: &mut Link<'_, S>) {
        let complete = whole && !self.lost;
        // A text that was cut off may end inside a character: only its whole bytes are judged.
        let utf8_error = self.utf8.as_ref().and_then(|c| if complete { c.finish() } else { c.bad_at() });
        let Place { message: number, first_frame, opcode, compression, piece: frame_count } = self.place;
        let alone = [first_frame];
        let mut all = Vec::new();
        let frames = if self.more_frames.is_empty() {
            &alone[..]
        } else {
            all.reserve_exact(1 + self.more_frames.len());
            all.push(first_frame);
            all.extend_from_slice(&self.more_frames);
            &all[..]
        };
        let message = Message {
            number,
            opcode,
            frames,
            frame_count,
            compression,
            wire_len: self.wire_len,
            complete,
            utf8_error,
            utf8_checked: self.utf8.is_some(),
        };
        let mut found = link.take_findings();
        if utf8_error.is_some() {
            let facts = facts::Message { opcode, sender: link.sender(), utf8_error, wire_len: self.wire_len };
            rules::judge_message(&facts, &mut found);
        }
        link.emit(Times::since(self.time), 0, Kind::Message(message), &found);
        link.put_findings(found);
    }
}

//! A message while its frames come (RFC 6455 §5.4, §5.6).

use super::event::{Compression, Kind, MOST_FRAMES_LISTED, Message, Place, Sink};
use super::inflate::Inflation;
use super::link::{Link, Times};
use super::segment::Time;
use crate::rules::{self, facts};
use crate::wire::opcode::Opcode;
use crate::wire::utf8::Utf8Check;

/// What is known of a message's payload.
#[derive(Debug)]
pub(super) struct Content {
    wire_len: u64,
    /// None where the payload is not text, or cannot be checked.
    pub(super) utf8: Option<Utf8Check>,
    lost: bool,
    /// It is to be inflated; what is checked is the plain text.
    pub(super) compressed: bool,
}

impl Content {
    /// Of no message.
    pub(super) const NOTHING: Self = Self { wire_len: 0, utf8: None, lost: false, compressed: false };

    /// Of a message that begins with this frame.
    #[inline]
    pub(super) fn begin<S: Sink + ?Sized>(place: &Place, link: &Link<'_, S>) -> Self {
        let text = place.opcode == Opcode::TEXT && place.compression.is_read();
        Self {
            wire_len: 0,
            utf8: (text && link.checks_text()).then(Utf8Check::default),
            lost: false,
            compressed: place.compression == Compression::Deflate,
        }
    }

    /// Whether the payload is inflated or checked, and so must be unmasked.
    #[inline]
    pub(super) fn checks(&self) -> bool {
        self.compressed || self.utf8.as_ref().is_some_and(|check| check.bad_at().is_none())
    }

    /// Takes the next piece of payload, unmasked where it is checked.
    #[inline]
    pub(super) fn feed(&mut self, len: usize, plain: Option<&[u8]>) {
        self.wire_len += len as u64;
        if let (Some(check), Some(plain), false) = (&mut self.utf8, plain, self.compressed) {
            check.feed(plain);
        }
    }

    /// Bytes of the payload are missing: it cannot be checked any more.
    pub(super) fn lose(&mut self) {
        self.lost = true;
        self.utf8 = None;
    }

    /// The message ends.
    #[inline]
    pub(super) fn end<S: Sink + ?Sized>(
        &self,
        place: &Place,
        ending: &Ending<'_>,
        inflation: &mut Inflation,
        link: &mut Link<'_, S>,
    ) {
        let &Ending { time, frames, whole, prefix } = ending;
        let complete = whole && !self.lost;
        let inflated = self.compressed.then(|| inflation.message(place, self.wire_len, complete, link));
        // A text that was cut off may end inside a character: only its whole bytes are judged.
        let all = complete && inflated.is_none_or(|inflated| inflated.is_certain());
        let utf8_error = self.utf8.as_ref().and_then(|c| if all { c.finish() } else { c.bad_at() });
        let &Place { message: number, opcode, compression, piece: frame_count, .. } = place;
        let (wire_len, utf8_checked) = (self.wire_len, self.utf8.is_some());
        let message = Kind::Message(Message {
            number,
            opcode,
            frames,
            frame_count,
            compression,
            wire_len,
            complete,
            utf8_error,
            utf8_checked,
            inflated: inflated.as_ref(),
            sources: inflated.as_ref().and_then(|_| inflation.sources(place.message)),
            kept: None,
        });
        let read = inflated.map(|inflated| inflated.read);
        let sender = link.sender();
        let facts = facts::Message {
            opcode,
            sender,
            utf8_error,
            wire_len,
            complete,
            inflated: read,
            prefix,
            earlier: None,
        };
        if rules::is_unremarkable_message(&facts) {
            link.emit(Times::since(time), 0, message, &[]);
        } else {
            let earlier = link.earlier_frame();
            let facts = facts::Message { earlier: earlier.as_ref(), ..facts };
            let judge = move |found: &mut Vec<_>| rules::judge_message(&facts, found);
            link.emit_judged(Times::since(time), 0, message, judge);
        }
    }
}

/// What is known of a message when it ends.
pub(super) struct Ending<'a> {
    /// When its first frame began.
    pub(super) time: Option<Time>,
    pub(super) frames: &'a [u64],
    /// Whether its last frame came, and all of it.
    pub(super) whole: bool,
    /// The first bytes of its payload, as sent.
    pub(super) prefix: &'a [u8],
}

/// Room for the numbers of so many frames is made at once: hardly a message has more.
const FEW_FRAMES: usize = 8;

/// A message of several frames whose last frame is not over.
#[derive(Debug)]
pub(super) struct OpenMessage {
    /// Where its latest frame stands in it.
    pub(super) place: Place,
    pub(super) content: Content,
    time: Option<Time>,
    /// The numbers of its first frames.
    frames: Vec<u64>,
    /// The first bytes of its first frame's payload, as sent, where it is text.
    prefix: Vec<u8>,
}

impl OpenMessage {
    /// Begins with the frame that stands at this place.
    pub(super) fn begin(place: Place, content: Content, time: Option<Time>) -> Self {
        let mut frames = Vec::with_capacity(FEW_FRAMES);
        frames.push(place.first_frame);
        Self { place, content, time, frames, prefix: Vec::new() }
    }

    /// Its first frame is over; the payload of that began with these bytes.
    pub(super) fn begins_with(&mut self, prefix: &[u8]) {
        if self.content.utf8.is_some() {
            self.prefix = prefix.to_vec();
        }
    }

    /// Goes on with another frame.
    pub(super) fn add_frame(&mut self, number: u64) -> Place {
        self.place.piece += 1;
        if self.frames.len() < MOST_FRAMES_LISTED {
            self.frames.push(number);
        }
        self.place
    }

    /// Ends; `whole` where its last frame came, and all of it.
    pub(super) fn end<S: Sink + ?Sized>(
        self,
        whole: bool,
        inflation: &mut Inflation,
        link: &mut Link<'_, S>,
    ) {
        let ending = Ending { time: self.time, frames: &self.frames, whole, prefix: &self.prefix };
        self.content.end(&self.place, &ending, inflation, link);
    }
}

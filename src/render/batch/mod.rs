//! What is to be shown, kept: so that it can be shown later, and on another thread.
//!
//! A [`Shown`] borrows. A [`Batch`] copies what it borrows from, the bytes of all of them one behind the other, so
//! that a frame costs no allocation of its own.

mod kept;
mod part;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::kept::{Common, Frame, KeptEvent, KeptKind, KeptMessage, KeptPart, KeptPlain};
use super::collect::{InflatedPlain, Shown, WholeFrame, WholeMessage};
use crate::session::anatomy::Part;
use crate::session::event::{End, Event, FrameEnd, Kind, Message, Opaque, Request, Response};

/// What a batch gives back.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// What was kept.
    Shown(&'a Shown<'a>),
    /// Words beside it.
    Words(&'a str),
}

/// Things to be shown, in their order.
#[derive(Debug, Default)]
pub struct Batch {
    items: Vec<Item>,
    bytes: Vec<u8>,
    numbers: Vec<u64>,
    /// Bytes that stand elsewhere: heads and sentences.
    elsewhere: usize,
}

#[derive(Debug)]
enum Item {
    Frame(Frame),
    Message(KeptMessage),
    Event(Box<KeptEvent>),
    Part(Box<KeptPart>),
    Words(String),
}

/// Where bytes stand in a batch.
type Place = Range<usize>;

impl Batch {
    /// Bytes of memory that it holds, about.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.items.len() * size_of::<Item>() + self.bytes.len() + self.numbers.len() * 8 + self.elsewhere
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Forgets everything, and keeps its memory for the next.
    pub fn clear(&mut self) {
        self.items.clear();
        self.bytes.clear();
        self.numbers.clear();
        self.elsewhere = 0;
    }

    /// Keeps words.
    pub fn push_words(&mut self, words: String) {
        self.elsewhere += words.len();
        self.items.push(Item::Words(words));
    }

    /// Keeps a copy. Of bytes that are not WebSocket at most `most_opaque` are kept.
    #[inline]
    pub fn push(&mut self, shown: &Shown<'_>, most_opaque: usize) {
        match shown {
            Shown::Frame(frame) => self.push_frame(frame),
            Shown::Message(message) => self.push_message(message),
            Shown::Event(event) => self.push_event(event, most_opaque),
        }
    }

    #[inline]
    fn keep(&mut self, bytes: &[u8]) -> Place {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    fn push_frame(&mut self, frame: &WholeFrame<'_>) {
        let WholeFrame { connection, sender, time, time_end, offset, len, number, header, omitted, .. } =
            *frame;
        let common = Common {
            connection,
            sender,
            time,
            time_end,
            offset,
            len,
            findings: frame.header_findings.to_vec(),
        };
        let control = self.keep(frame.end.map_or(&[], |end| end.control));
        let raw = self.keep(frame.raw);
        // Unmasked payload is the payload as sent: it is kept once.
        let plain = if frame.plain == frame.raw { raw.clone() } else { self.keep(frame.plain) };
        let end = frame.end.map(|end| FrameEnd { control: &[], packets: None, ..*end });
        let end_findings = frame.end_findings.to_vec();
        let inflated = frame.inflated.map(|inflated| {
            let InflatedPlain { plain, len, unknown } = inflated;
            Box::new(KeptPlain { plain: self.keep(plain), len, unknown: unknown.to_vec() })
        });
        self.items.push(Item::Frame(Frame {
            common,
            number,
            header,
            end,
            packets: frame.packets.copied(),
            control,
            raw,
            plain,
            omitted,
            inflated,
            end_findings,
        }));
    }

    fn push_message(&mut self, whole: &WholeMessage<'_>) {
        let start = self.numbers.len();
        self.numbers.extend_from_slice(whole.message.frames);
        let frames = start..self.numbers.len();
        let kept = whole.message.kept.map(|bytes| self.keep(bytes));
        let plain = match self.items.last() {
            // A message of one frame has the payload of that frame: it is kept once.
            Some(Item::Frame(frame)) if self.bytes.get(frame.plain.clone()) == Some(whole.plain) => {
                frame.plain.clone()
            }
            _ => self.keep(whole.plain),
        };
        self.items.push(Item::Message(KeptMessage {
            common: Common::of(whole.event),
            message: Message { frames: &[], inflated: None, sources: None, kept: None, ..*whole.message },
            frames,
            kept,
            plain,
            omitted: whole.omitted,
            inflated: whole.message.inflated.copied().map(Box::new),
            sources: whole.message.sources.cloned().map(Box::new),
            unknown: whole.unknown.to_vec(),
        }));
    }

    fn push_event(&mut self, event: &Event<'_>, most_opaque: usize) {
        let kind = match event.kind {
            Kind::Open(opening) => KeptKind::Open(opening.clone()),
            Kind::Request(Request { head, handshake, partial }) => {
                self.elsewhere += 2 * head.raw().len();
                KeptKind::Request { head: head.clone(), handshake, partial }
            }
            Kind::Response(Response { head, handshake, partial, request, agreed, early }) => {
                self.elsewhere += 2 * (head.raw().len() + request.map_or(0, |head| head.raw().len()));
                let (head, request, agreed) = (head.clone(), request.cloned(), agreed.clone());
                KeptKind::Response { head, handshake, partial, request, agreed, early }
            }
            Kind::Opaque(Opaque { why, bytes }) => {
                let bytes = bytes.get(..most_opaque).unwrap_or(bytes);
                KeptKind::Opaque(why, self.keep(bytes))
            }
            Kind::Gap => KeptKind::Gap,
            Kind::Resync(resync) => KeptKind::Resync(resync),
            Kind::Part(part) => return self.push_part(event, part),
            Kind::End(End { how, connection }) => KeptKind::End(how, connection.cloned().map(Box::new)),
            // The collector joins these to frames and messages.
            Kind::FrameStart(_)
            | Kind::FrameCut(_)
            | Kind::Payload(_)
            | Kind::Inflated(_)
            | Kind::FrameEnd(_)
            | Kind::Message(_) => return,
        };
        self.elsewhere += size_of::<KeptEvent>();
        self.items.push(Item::Event(Box::new(KeptEvent { common: Common::of(event), kind })));
    }

    fn push_part(&mut self, event: &Event<'_>, part: &Part<'_>) {
        let (part, one, two) = part::take_apart(part);
        let kept = KeptPart { common: Common::of(event), part, one: self.keep(one), two: self.keep(two) };
        self.elsewhere += size_of::<KeptPart>();
        self.items.push(Item::Part(Box::new(kept)));
    }

    /// Gives everything back, in its order.
    ///
    /// # Errors
    /// Where `give` gives up; the rest is not given then.
    pub fn each<E>(&self, mut give: impl FnMut(Given<'_>) -> Result<(), E>) -> Result<(), E> {
        for item in &self.items {
            match item {
                Item::Words(words) => give(Given::Words(words))?,
                Item::Frame(frame) => {
                    let (control, packets) = (self.at(&frame.control), frame.packets.as_ref());
                    let end = frame.end.map(|end| FrameEnd { control, packets, ..end });
                    give(Given::Shown(&Shown::Frame(self.frame(frame, end.as_ref()))))?;
                }
                Item::Message(kept) => {
                    let frames = self.numbers.get(kept.frames.clone()).unwrap_or_default();
                    let (inflated, sources) = (kept.inflated.as_deref(), kept.sources.as_deref());
                    let as_kept = kept.kept.as_ref().map(|place| self.at(place));
                    let message = &Message { frames, inflated, sources, kept: as_kept, ..kept.message };
                    let event = &kept.common.event(Kind::Message(*message));
                    let (plain, omitted, unknown) = (self.at(&kept.plain), kept.omitted, &*kept.unknown);
                    let whole = WholeMessage { event, message, plain, omitted, unknown };
                    give(Given::Shown(&Shown::Message(whole)))?;
                }
                Item::Part(kept) => {
                    let part = part::put_together(&kept.part, self.at(&kept.one), self.at(&kept.two));
                    give(Given::Shown(&Shown::Event(&kept.common.event(Kind::Part(&part)))))?;
                }
                Item::Event(kept) => {
                    let event = kept.common.event(self.kind(&kept.kind));
                    give(Given::Shown(&Shown::Event(&event)))?;
                }
            }
        }
        Ok(())
    }

    fn at(&self, place: &Place) -> &[u8] {
        self.bytes.get(place.clone()).unwrap_or_default()
    }

    fn frame<'a>(&'a self, frame: &'a Frame, end: Option<&'a FrameEnd<'a>>) -> WholeFrame<'a> {
        let Common { connection, sender, time, time_end, offset, len, .. } = frame.common;
        WholeFrame {
            connection,
            sender,
            time,
            time_end,
            offset,
            len,
            number: frame.number,
            header: frame.header,
            end,
            packets: frame.packets.as_ref(),
            raw: self.at(&frame.raw),
            plain: self.at(&frame.plain),
            omitted: frame.omitted,
            inflated: frame.inflated.as_ref().map(|kept| InflatedPlain {
                plain: self.at(&kept.plain),
                len: kept.len,
                unknown: &kept.unknown,
            }),
            header_findings: &frame.common.findings,
            end_findings: &frame.end_findings,
        }
    }

    fn kind<'a>(&'a self, kind: &'a KeptKind) -> Kind<'a> {
        match kind {
            KeptKind::Open(opening) => Kind::Open(opening),
            KeptKind::Request { head, handshake, partial } => {
                Kind::Request(Request { head, handshake: *handshake, partial: *partial })
            }
            KeptKind::Response { head, handshake, partial, request, agreed, early } => {
                Kind::Response(Response {
                    head,
                    handshake: *handshake,
                    partial: *partial,
                    request: request.as_ref(),
                    agreed,
                    early: *early,
                })
            }
            KeptKind::Opaque(why, place) => Kind::Opaque(Opaque { why: *why, bytes: self.at(place) }),
            KeptKind::Gap => Kind::Gap,
            KeptKind::Resync(resync) => Kind::Resync(*resync),
            KeptKind::End(how, ending) => Kind::End(End { how: *how, connection: ending.as_deref() }),
        }
    }
}

//! Follows the frames of one sender: header, payload, end, message (RFC 6455 §5).

use super::event::{FrameCut, FrameEnd, FrameStart, Kind, Payload, Place};
use super::link::{Link, Times};
use super::message::OpenMessage;
use super::segment::Time;
use crate::rules::{self, facts};
use crate::wire::close::CloseBody;
use crate::wire::frame::{Header, LONGEST_HEADER, Partial};
use crate::wire::opcode::Opcode;

use super::event::Sink;

/// The most bytes that a control frame may carry (RFC 6455 §5.5), and that are kept of one.
const CONTROL_LEN: usize = 125;

/// The frames of one sender.
#[derive(Debug)]
pub(super) struct Frames {
    stage: Stage,
    /// The message whose last frame has not come.
    open: Option<OpenMessage>,
    /// A message may be open that began before the input did.
    open_unknown: bool,
    closed_by: Option<u64>,
    last_key: Option<[u8; 4]>,
    same_key: u32,
    control: [u8; CONTROL_LEN],
    /// Whether these bytes came before the answer to the handshake.
    pub(super) early: bool,
}

#[derive(Debug)]
enum Stage {
    /// At the boundary between two frames.
    Between,
    /// In a header: what came of it, the frame's number, and when it began.
    Header { held: [u8; LONGEST_HEADER], len: usize, number: u64, time: Option<Time> },
    /// In a payload.
    Payload(Current),
}

/// The frame whose payload is coming.
#[derive(Clone, Debug)]
struct Current {
    number: u64,
    header: Header,
    /// Bytes of the payload that came or are known to be lost.
    at: u64,
    captured: u64,
    time: Option<Time>,
    place: Option<Place>,
    /// The message, where this frame is all of it.
    alone: Option<OpenMessage>,
}

impl Frames {
    /// Begins at a boundary; `open_unknown` where messages may have begun before,
    /// `early` while bytes come that were sent before the answer to the handshake.
    pub(super) const fn new(open_unknown: bool, early: bool) -> Self {
        Self {
            stage: Stage::Between,
            open: None,
            open_unknown,
            closed_by: None,
            last_key: None,
            same_key: 0,
            control: [0; CONTROL_LEN],
            early,
        }
    }

    /// Takes all of `bytes`.
    pub(super) fn feed<S: Sink + ?Sized>(&mut self, mut bytes: &[u8], link: &mut Link<'_, S>) {
        while !bytes.is_empty() {
            let taken = match &mut self.stage {
                Stage::Between => self.begin(bytes, link),
                Stage::Header { .. } => self.go_on_with_header(bytes, link),
                Stage::Payload(_) => self.go_on_with_payload(bytes, link),
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// `lost` bytes are missing here; whether the next boundary is still known.
    pub(super) fn gap<S: Sink + ?Sized>(&mut self, lost: u64, link: &mut Link<'_, S>) -> bool {
        let known = match &mut self.stage {
            Stage::Payload(current) if lost <= current.header.payload_len() - current.at => {
                current.at += lost;
                true
            }
            _ => false,
        };
        if !known {
            self.stop(link);
        } else if let Some(message) = self.message_mut() {
            message.lose();
        }
        link.gap(lost);
        self.end_frame_if_over(link);
        known
    }

    /// Nothing more comes: what is unfinished is shown as far as it came.
    pub(super) fn stop<S: Sink + ?Sized>(&mut self, link: &mut Link<'_, S>) {
        match std::mem::replace(&mut self.stage, Stage::Between) {
            Stage::Between => {}
            Stage::Header { held, len, number, time } => {
                let header = Partial::of(held.get(..len).unwrap_or_default());
                link.side().cut = true;
                link.emit(Times::since(time), len as u64, Kind::FrameCut(FrameCut { number, header }), &[]);
            }
            Stage::Payload(current) => {
                link.side().cut = true;
                self.end_frame(current, link);
            }
        }
        if let Some(message) = self.open.take() {
            message.end(false, link);
        }
    }

    /// At a boundary: reads a header, or holds what there is of one.
    #[inline]
    fn begin<S: Sink + ?Sized>(&mut self, bytes: &[u8], link: &mut Link<'_, S>) -> usize {
        let number = link.next_frame();
        if let Some(header) = Header::decode(bytes) {
            self.start_frame(number, header, link.time(), link);
            return header.header_len();
        }
        let mut held = [0; LONGEST_HEADER];
        let len = bytes.len().min(LONGEST_HEADER);
        for (to, from) in held.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.stage = Stage::Header { held, len, number, time: link.time() };
        len
    }

    /// In a header that was cut: adds bytes until it is whole.
    fn go_on_with_header<S: Sink + ?Sized>(&mut self, bytes: &[u8], link: &mut Link<'_, S>) -> usize {
        let Stage::Header { held, len, number, time } = &mut self.stage else { return 0 };
        let before = *len;
        for byte in bytes {
            if let Some(slot) = held.get_mut(*len) {
                *slot = *byte;
                *len += 1;
            }
            if let Some(header) = Header::decode(held.get(..*len).unwrap_or_default()) {
                let (number, time, taken) = (*number, *time, *len - before);
                self.start_frame(number, header, time, link);
                return taken;
            }
        }
        bytes.len()
    }

    #[inline]
    fn start_frame<S: Sink + ?Sized>(
        &mut self,
        number: u64,
        header: Header,
        time: Option<Time>,
        link: &mut Link<'_, S>,
    ) {
        self.count_key(&header);
        let facts = facts::Frame {
            header,
            sender: link.sender(),
            roles_known: link.shared.roles_known,
            rsv: link.shared.rsv,
            deflate: link.shared.deflate,
            open: self.open.as_ref().map(|message| message.place.first_frame),
            open_unknown: self.open_unknown,
            closed_by: self.closed_by,
            same_key: self.same_key,
            early: self.early,
        };
        let mut found = link.take_findings();
        rules::judge_frame(&facts, &mut found);
        let (place, alone) = self.place(number, &header, time, link);
        let start = FrameStart { number, header, place };
        link.emit(Times::since(time), header.header_len() as u64, Kind::FrameStart(start), &found);
        link.put_findings(found);
        link.count_frame(&header);
        self.stage = Stage::Payload(Current { number, header, at: 0, captured: 0, time, place, alone });
        self.end_frame_if_over(link);
    }

    #[inline]
    fn count_key(&mut self, header: &Header) {
        let key = header.key().map(|key| key.0);
        self.same_key =
            if key.is_some() && key == self.last_key { self.same_key.saturating_add(1) } else { 1 };
        self.last_key = key;
    }

    /// The message that a frame belongs to; and that message itself, where the frame is all of it.
    ///
    /// A whole message inside another leaves that one open; a first piece inside another ends it.
    #[inline]
    fn place<S: Sink + ?Sized>(
        &mut self,
        number: u64,
        header: &Header,
        time: Option<Time>,
        link: &mut Link<'_, S>,
    ) -> (Option<Place>, Option<OpenMessage>) {
        let opcode = header.opcode();
        if opcode.begins_message() {
            self.open_unknown = false;
            let message = OpenMessage::begin(number, header, time, link);
            let place = Some(message.place);
            if header.fin() {
                return (place, Some(message));
            }
            if let Some(unfinished) = self.open.replace(message) {
                unfinished.end(false, link);
            }
            return (place, None);
        }
        if opcode != Opcode::CONTINUATION {
            return (None, None);
        }
        if header.fin() {
            self.open_unknown = false;
        }
        (self.open.as_mut().map(|message| message.add_frame(number)), None)
    }

    fn message_mut(&mut self) -> Option<&mut OpenMessage> {
        let Stage::Payload(current) = &mut self.stage else { return None };
        match &mut current.alone {
            Some(message) => Some(message),
            None => self.open.as_mut().filter(|_| current.place.is_some()),
        }
    }

    /// In a payload: takes a piece of it.
    #[inline]
    fn go_on_with_payload<S: Sink + ?Sized>(&mut self, bytes: &[u8], link: &mut Link<'_, S>) -> usize {
        let Stage::Payload(current) = &mut self.stage else { return 0 };
        let left = current.header.payload_len() - current.at;
        let len = left.min(bytes.len() as u64) as usize;
        let raw = bytes.get(..len).unwrap_or_default();
        let message = match (&mut current.alone, current.place) {
            (Some(message), _) => Some(message),
            (None, Some(_)) => self.open.as_mut(),
            (None, None) => None,
        };
        let control = current.header.opcode().is_control();
        let check = message.as_ref().is_some_and(|message| message.checks());
        let taken =
            if control || check { link.unmask(raw, current.header.key(), current.at) } else { raw.len() };
        let raw = raw.get(..taken).unwrap_or_default();
        let key = current.header.key().map(|key| key.at_phase(current.at));
        let plain = match key {
            None => Some(raw),
            Some(_) if control || check => Some(link.unmasked(taken)),
            Some(_) => None,
        };
        if let Some(message) = message {
            message.feed(raw.len(), plain);
        } else if let Some(plain) = plain.filter(|_| control) {
            let at = usize::try_from(current.at).unwrap_or(usize::MAX);
            for (to, from) in self.control.iter_mut().skip(at).zip(plain) {
                *to = *from;
            }
        }
        let payload = Payload { frame: current.number, at: current.at, raw, key, plain: None };
        current.at += taken as u64;
        current.captured += taken as u64;
        link.emit_payload(payload, control || check);
        self.end_frame_if_over(link);
        taken
    }

    #[inline]
    fn end_frame_if_over<S: Sink + ?Sized>(&mut self, link: &mut Link<'_, S>) {
        if matches!(&self.stage, Stage::Payload(current) if current.at == current.header.payload_len())
            && let Stage::Payload(current) = std::mem::replace(&mut self.stage, Stage::Between)
        {
            self.end_frame(current, link);
        }
    }

    fn end_frame<S: Sink + ?Sized>(&mut self, current: Current, link: &mut Link<'_, S>) {
        let Current { number, header, captured, time, place, alone, .. } = current;
        let mut end =
            FrameEnd { number, header, place, captured, close_code: None, control: &[], answers: None };
        if header.opcode().is_control() {
            let held = usize::try_from(captured).unwrap_or(CONTROL_LEN).min(CONTROL_LEN);
            end.control = self.control.get(..held).unwrap_or_default();
            self.closed_by = self.closed_by.or((header.opcode() == Opcode::CLOSE).then_some(number));
            end_control(end, time, link);
            return;
        }
        link.count_payload(captured);
        link.emit(Times::since(time), 0, Kind::FrameEnd(end), &[]);
        let whole = !end.partial();
        match alone {
            Some(message) => message.end(whole, link),
            None if header.fin() && place.is_some() => {
                if let Some(message) = self.open.take() {
                    message.end(whole, link);
                }
            }
            None => {}
        }
    }
}

/// Ends a control frame: Pings are remembered, Pongs paired, Closes read and judged.
fn end_control<S: Sink + ?Sized>(mut end: FrameEnd<'_>, time: Option<Time>, link: &mut Link<'_, S>) {
    let opcode = end.header.opcode();
    let whole = !end.partial();
    let (sender, now) = (link.sender(), link.time());
    match opcode {
        Opcode::CLOSE if whole => {
            end.close_code = CloseBody::decode(end.control).code;
            link.count_close(&end);
        }
        // Nobody is left to answer a Ping that comes behind the end of the other side.
        Opcode::PING if whole && !link.other_ended() => {
            link.shared.pings_of(sender).sent(end.number, end.control, now)
        }
        Opcode::PONG if whole => end.answers = link.pong(end.control),
        _ => {}
    }
    let facts = facts::FrameEnd {
        header: end.header,
        sender,
        roles_known: link.shared.roles_known,
        partial: !whole,
        control: end.control,
        answers: end.answers.is_some(),
        pings_known: link.shared.pings_known(sender.other()),
    };
    let mut found = link.take_findings();
    rules::judge_frame_end(&facts, &mut found);
    link.count_payload(end.captured);
    link.emit(Times::since(time), 0, Kind::FrameEnd(end), &found);
    link.put_findings(found);
}

//! Follows the frames of one sender, one behind the other: what each belongs to, says and breaks (RFC 6455 §5).

mod at_once;
mod care;

use super::control::Control;
use super::current::{Belongs, Current};
use super::event::{Kind, Payload, Place, Sink};
use super::inflate::Inflation;
use super::link::{Link, Times};
use super::message::{Content, Ending, OpenMessage};
use super::packets::Packets;
use super::sample::Sample;
use super::segment::Time;
use crate::rules::{self, facts};
use crate::wire::frame::Header;
use crate::wire::opcode::Opcode;

/// What the frames before tell about the next one.
#[derive(Debug)]
pub(super) struct Sequence {
    /// The message of several frames whose last one has not come. There are many senders, and few have one.
    open: Option<Box<OpenMessage>>,
    /// The payload of the message that the current frame is all of.
    alone: Content,
    inflation: Inflation,
    /// A message may be open that began before the input did.
    open_unknown: bool,
    closed_by: Option<u64>,
    last_key: Option<[u8; 4]>,
    same_key: u32,
    control: Control,
    /// Of the current frame's payload, where that did not come in one piece.
    sample: Sample,
    /// Which frame of this sender was last said to be plain text, by its place among them from 1.
    text_at: Option<u64>,
    /// Whether these bytes came before the answer to the handshake.
    pub(super) early: bool,
}

impl Sequence {
    /// Nothing has come yet; `open_unknown` where messages may have begun before.
    pub(super) const fn new(open_unknown: bool, early: bool) -> Self {
        Self {
            open: None,
            alone: Content::NOTHING,
            inflation: Inflation::new(open_unknown),
            open_unknown,
            closed_by: None,
            last_key: None,
            same_key: 0,
            control: Control::NOTHING,
            sample: Sample::NOTHING,
            text_at: None,
            early,
        }
    }

    /// A header has come: what the rules about headers need to know of it.
    #[inline(always)]
    pub(super) fn facts<S: Sink + ?Sized>(&mut self, header: Header, link: &Link<'_, S>) -> facts::Frame {
        self.count_key(&header);
        facts::Frame {
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
        }
    }

    /// A frame begins: judges its header, and finds the message it belongs to.
    #[inline(always)]
    pub(super) fn begin<S: Sink + ?Sized>(
        &mut self,
        number: u64,
        facts: facts::Frame,
        time: Option<Time>,
        link: &mut Link<'_, S>,
    ) -> Current {
        let header = facts.header;
        let message = self.place(number, &header, time, link);
        let packets = link.packet.map(Packets::begin);
        let mut current =
            Current { number, header, at: 0, captured: 0, time, packets, message, suspicious: false };
        let (times, len) = (Times::since(time), header.header_len() as u64);
        if rules::is_unremarkable(&facts) {
            link.emit(times, len, current.start(), &[]);
        } else {
            let judge = move |found: &mut Vec<_>| rules::judge_frame(&facts, found);
            current.suspicious = link.emit_judged(times, len, current.start(), judge);
        }
        link.count_frame(&header);
        current
    }

    #[inline]
    fn count_key(&mut self, header: &Header) {
        let key = header.key().map(|key| key.0);
        self.same_key =
            if key.is_some() && key == self.last_key { self.same_key.saturating_add(1) } else { 1 };
        self.last_key = key;
    }

    /// The message that a frame belongs to.
    ///
    /// A whole message inside another leaves that one open; a first piece inside another ends it.
    #[inline(always)]
    fn place<S: Sink + ?Sized>(
        &mut self,
        number: u64,
        header: &Header,
        time: Option<Time>,
        link: &mut Link<'_, S>,
    ) -> Belongs {
        let opcode = header.opcode();
        if opcode.begins_message() {
            self.open_unknown = false;
            let compression = link.shared.compression(header);
            let place =
                Place { message: link.next_message(), piece: 1, first_frame: number, opcode, compression };
            if !header.fin() {
                return self.open(place, time, link);
            }
            self.alone = Content::begin(&place, link);
            Belongs::Alone(place)
        } else if opcode == Opcode::CONTINUATION {
            self.open_unknown &= !header.fin();
            self.open.as_mut().map_or(Belongs::Nowhere, |message| Belongs::Open(message.add_frame(number)))
        } else {
            Belongs::Nowhere
        }
    }

    /// The first piece of a message of several.
    #[cold]
    fn open<S: Sink + ?Sized>(
        &mut self,
        place: Place,
        time: Option<Time>,
        link: &mut Link<'_, S>,
    ) -> Belongs {
        let message = Box::new(OpenMessage::begin(place, Content::begin(&place, link), time));
        if let Some(unfinished) = self.open.replace(message) {
            unfinished.end(false, &mut self.inflation, link);
        }
        Belongs::Open(place)
    }

    /// The payload that a frame belongs to.
    #[inline]
    fn content(&mut self, belongs: &Belongs) -> Option<&mut Content> {
        match belongs {
            Belongs::Nowhere => None,
            Belongs::Alone(_) => Some(&mut self.alone),
            Belongs::Open(_) => self.open.as_mut().map(|message| &mut message.content),
        }
    }

    /// Takes the next bytes of a payload; they do not go beyond its end.
    #[inline(always)]
    pub(super) fn take<S: Sink + ?Sized>(
        &mut self,
        current: &mut Current,
        mut bytes: &[u8],
        link: &mut Link<'_, S>,
    ) {
        while !bytes.is_empty() {
            let taken = self.piece(current, bytes, link);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Takes a piece of payload: all that is here, or as much as is unmasked at once.
    #[inline(always)]
    fn piece<S: Sink + ?Sized>(
        &mut self,
        current: &mut Current,
        bytes: &[u8],
        link: &mut Link<'_, S>,
    ) -> usize {
        let place = (&current.header, current.at, &current.message);
        let (raw, looked_at) = self.look_at(place, bytes, link);
        let key = current.header.key().map(|key| key.at_phase(current.at));
        let (frame, at) = (current.number, current.at);
        link.emit_payload(Payload { frame, at, raw, key, plain: None }, looked_at);
        if looked_at && !current.header.opcode().is_control() {
            self.inflate(current, (raw, key.is_some()), link);
        }
        current.at += raw.len() as u64;
        current.captured += raw.len() as u64;
        raw.len()
    }

    /// Unmasks and checks the front of `bytes`, which stand at `at` in the payload, where somebody looks at it: that part of them,
    /// and whether it was unmasked.
    #[inline(always)]
    fn look_at<'b, S: Sink + ?Sized>(
        &mut self,
        (header, at, belongs): (&Header, u64, &Belongs),
        bytes: &'b [u8],
        link: &mut Link<'_, S>,
    ) -> (&'b [u8], bool) {
        let key = header.key().map(|key| key.at_phase(at));
        let content = self.content(belongs);
        let control = header.opcode().is_control();
        let looked_at = control || content.as_ref().is_some_and(|content| content.checks());
        let (raw, plain) = if looked_at { link.unmask(bytes, key) } else { (bytes, None) };
        if let Some(content) = content {
            content.feed(raw.len(), plain);
        } else if let Some(plain) = plain.filter(|_| control) {
            self.control.take(at, plain);
        }
        (raw, looked_at)
    }

    /// Inflates a piece of a payload, where it is compressed.
    #[inline]
    fn inflate<S: Sink + ?Sized>(&mut self, current: &Current, piece: (&[u8], bool), link: &mut Link<'_, S>) {
        let Self { open, alone, inflation, .. } = self;
        let (content, place) = match (&current.message, open) {
            (Belongs::Alone(place), _) => (alone, place),
            (Belongs::Open(place), Some(message)) => (&mut message.content, place),
            _ => return,
        };
        if content.compressed {
            inflation.feed((place.message, current.number), piece, &mut content.utf8, link);
        }
    }

    /// Bytes are missing in the frame that is read, or behind all that came of it.
    pub(super) const fn lose_sample(&mut self) {
        self.sample.lose();
    }

    /// `lost` bytes of a payload are missing.
    pub(super) fn lose<S: Sink + ?Sized>(&mut self, current: &mut Current, lost: u64, link: &Link<'_, S>) {
        current.at += lost;
        let Some(content) = self.content(&current.message) else { return };
        content.lose();
        if let (true, Some(place)) = (content.compressed, current.place()) {
            self.inflation.lose(place.message, link);
        }
    }

    /// The payload did not come in one piece: keeps a sample of the piece that is here.
    #[cold]
    #[inline(never)]
    pub(super) fn keep_sample(&mut self, current: &Current, here: &[u8]) {
        if current.at == 0 {
            self.sample = Sample::of(&current.header);
        }
        self.sample.take(current.at, here);
    }

    /// Ends a frame: its payload is over, or as much of it as will come. `here` is its last piece.
    #[inline(always)]
    pub(super) fn end<S: Sink + ?Sized>(&mut self, current: &Current, here: &[u8], link: &mut Link<'_, S>) {
        let &Current { ref header, captured, time, ref message, suspicious, .. } = current;
        link.count_payload(captured);
        let whole = captured == header.payload_len();
        if suspicious || !whole || header.opcode().is_control() || link.remembers_frames() {
            self.end_with_care(*current, here, link);
        } else {
            link.emit(Times::since(time), 0, Kind::FrameEnd(current.end()), &[]);
        }
        let here = if here.len() as u64 == header.payload_len() { Some(here) } else { None };
        self.end_message((header, message, time), whole, here, link);
    }

    /// A frame that began at `time` is over, and with it perhaps its message. `payload` is all of its payload, where that came in
    /// one piece.
    #[inline(always)]
    fn end_message<S: Sink + ?Sized>(
        &mut self,
        (header, belongs, time): (&Header, &Belongs, Option<Time>),
        whole: bool,
        payload: Option<&[u8]>,
        link: &mut Link<'_, S>,
    ) {
        let prefix = payload.map_or_else(|| self.sample.prefix(), Sample::prefix_of);
        match belongs {
            Belongs::Alone(place) => {
                let ending = Ending { time, frames: &[place.first_frame], whole, prefix };
                self.alone.end(place, &ending, &mut self.inflation, link);
            }
            Belongs::Open(place) => {
                if let Some(message) = self.open.as_mut().filter(|_| place.piece == 1) {
                    message.begins_with(prefix);
                }
                if header.fin()
                    && let Some(message) = self.open.take()
                {
                    message.end(whole, &mut self.inflation, link);
                }
            }
            Belongs::Nowhere => {}
        }
    }

    /// Nothing more comes: a message that is open never ends.
    pub(super) fn stop<S: Sink + ?Sized>(&mut self, link: &mut Link<'_, S>) {
        if let Some(message) = self.open.take() {
            message.end(false, &mut self.inflation, link);
        }
        self.inflation.end(link);
    }

    /// The sender's window is needed elsewhere.
    pub(super) fn drop_window(&mut self) {
        self.inflation.drop_window();
    }
}

//! Inflates a sender's compressed messages while their frames come (RFC 7692 §7.2.2).
//!
//! Nothing is held until the first compressed byte. Then it is one window, kept from message to message, and read
//! as the handshake agreed. A message that is not inflated to its end leaves a history that is unknown.

use std::cell::RefCell;

use super::anatomy::{Anatomy, Sources};
use super::event::{Event, Kind, Place, Sink};
use super::inflated::{Account, Inflated, Lost, Piece, Stop};
use super::link::{Link, Out};
use super::windows::WINDOW;
use crate::wire::deflate::{self, Ending, Inflater, Observer, Plain, Status};
use crate::wire::permessage_deflate::WINDOW_BITS;
use crate::wire::utf8::Utf8Check;

/// The guard against bombs looks at so many compressed bytes at once, the first ones counting in full. That it
/// looks at fixed places makes it stop at the same byte however the stream is cut.
const STEP: u64 = 64 * 1024;

/// The compressed messages of one sender.
#[derive(Debug)]
pub(super) struct Inflation {
    stream: Option<Box<Stream>>,
    /// Messages may have been sent before the first one that is here.
    middle: bool,
}

#[derive(Debug)]
struct Stream {
    inflater: Inflater,
    window_bits: u8,
    takeover: bool,
    lost: Option<Lost>,
    current: Option<Current>,
    /// The number of the latest message that was begun.
    begun: u64,
    /// A message that another one interrupted, and what had become of it.
    interrupted: Option<(u64, deflate::Message)>,
    account: Account,
    /// What its pieces are, where somebody asks.
    anatomy: Option<Box<Anatomy>>,
}

/// The message that is inflated.
#[derive(Clone, Copy, Debug)]
struct Current {
    message: u64,
    /// Compressed bytes of it that came.
    came: u64,
    plain: u64,
    stop: Option<Stop>,
    /// Compressed bytes that were used up to where it stopped.
    used: u64,
}

impl Inflation {
    /// Nothing has come yet; `middle` where messages may have been sent before.
    pub(super) const fn new(middle: bool) -> Self {
        Self { stream: None, middle }
    }

    /// Takes the next piece of a compressed message, out of the frame with this number, as sent; where it was masked, unmasked it lies in the scratch
    /// buffer. Its plain bytes are checked by `utf8`, until one of them is unknown.
    #[inline]
    pub(super) fn feed<S: Sink + ?Sized>(
        &mut self,
        (message, frame): (u64, u64),
        (raw, masked): (&[u8], bool),
        utf8: &mut Option<Utf8Check>,
        link: &mut Link<'_, S>,
    ) {
        let middle = self.middle;
        let stream = self.stream.get_or_insert_with(|| Box::new(Stream::new(middle, link)));
        stream.begin(message);
        let Some(current) = stream.current.as_mut().filter(|current| current.message == message) else {
            return;
        };
        let (connection, sender, time, offset) =
            (link.shared.connection, link.sender, link.time, *link.offset);
        let Out { sink, scratch, config, windows, .. } = &mut link.out;
        let sent = if masked { scratch.get(..raw.len()).unwrap_or_default() } else { raw };
        if current.stop.is_some() {
            current.came += sent.len() as u64;
            return;
        }
        windows.used((connection, sender));
        let (limit, ratio) = (config.message_limit, config.ratio_limit.saturating_mul(STEP));
        let mut check = |plain: Plain<'_>| match (plain, utf8.as_mut()) {
            (Plain::Known(bytes), Some(check)) => check.feed(bytes),
            (Plain::Unknown(_), _) => *utf8 = None,
            (Plain::Known(_), None) => {}
        };
        let (time_end, len, findings) = (time, 0, &[][..]);
        let inflater = &mut stream.inflater;
        let Some(anatomy) = &mut stream.anatomy else {
            let mut give = |at: u64, plain: Plain<'_>| {
                check(plain);
                let kind = Kind::Inflated(Piece { message, at, plain });
                sink.event(&Event { connection, sender, time, time_end, offset, len, kind, findings });
            };
            return current.inflate(inflater, sent, (limit, ratio), &mut give, &mut ());
        };
        // Two give events by turns: the plain bytes, and what is seen of the pieces that make them.
        let sink = RefCell::new(sink);
        let event = |kind: Kind<'_>| {
            let event = Event { connection, sender, time, time_end, offset, len, kind, findings };
            sink.borrow_mut().event(&event);
        };
        let mut give = |at: u64, plain: Plain<'_>| {
            check(plain);
            event(Kind::Inflated(Piece { message, at, plain }));
        };
        let mut watch = anatomy.observer(frame, |part| event(Kind::Part(part)));
        current.inflate(inflater, sent, (limit, ratio), &mut give, &mut watch);
    }

    /// Bytes of a message are missing.
    pub(super) fn lose<S: Sink + ?Sized>(&mut self, message: u64, link: &Link<'_, S>) {
        let middle = self.middle;
        let stream = self.stream.get_or_insert_with(|| Box::new(Stream::new(middle, link)));
        stream.begin(message);
        stream.stop(message, Stop::Gap);
    }

    /// The window is needed elsewhere.
    pub(super) fn drop_window(&mut self) {
        if let Some(stream) = &mut self.stream {
            if let Some(current) = stream.current {
                stream.stop(current.message, Stop::Memory);
            }
            stream.forget(Lost::Memory);
        }
    }

    /// Nothing more comes.
    pub(super) fn end<S: Sink + ?Sized>(&mut self, link: &mut Link<'_, S>) {
        if self.stream.take().is_some() {
            link.out.windows.release((link.shared.connection, link.sender));
        }
    }

    /// Where the bytes of the message that is over came from, where somebody asks.
    pub(super) fn sources(&self, message: u64) -> Option<&Sources> {
        self.stream.as_ref()?.anatomy.as_ref()?.sources(message)
    }

    /// A message is over; `complete` where all of it came.
    pub(super) fn message<S: Sink + ?Sized>(
        &mut self,
        place: &Place,
        wire_len: u64,
        complete: bool,
        link: &mut Link<'_, S>,
    ) -> Inflated {
        let middle = self.middle;
        let stream = self.stream.get_or_insert_with(|| Box::new(Stream::new(middle, link)));
        let inflated = stream.message(place.message, wire_len, complete);
        if stream.inflater.memory() == 0 {
            link.out.windows.release((link.shared.connection, link.sender));
        }
        inflated
    }
}

impl Stream {
    fn new<S: Sink + ?Sized>(middle: bool, link: &Link<'_, S>) -> Self {
        let agreed = link.shared.agreed.deflate_parameters().unwrap_or_default();
        let takeover = !agreed.no_context_takeover(link.sender);
        let window_bits = agreed.window_bits(link.sender).min(WINDOW_BITS);
        let mut inflater = Inflater::new(window_bits, takeover);
        if middle {
            inflater.lose_history();
        }
        Self {
            inflater,
            window_bits,
            takeover,
            lost: middle.then_some(Lost::Middle),
            current: None,
            begun: 0,
            interrupted: None,
            account: Account::default(),
            anatomy: link.out.config.anatomy.then(|| Box::new(Anatomy::new(middle))),
        }
    }

    /// Begins a message, unless it has begun. One that is under way is interrupted.
    #[inline]
    fn begin(&mut self, message: u64) {
        if message <= self.begun {
            return;
        }
        if let Some(current) = self.current.take() {
            self.interrupted = Some((current.message, self.inflater.end_of_message()));
            self.forget(Lost::Message(current.message));
        }
        self.begun = message;
        if let Some(anatomy) = &mut self.anatomy {
            anatomy.begin(message);
        }
        self.current = Some(Current { message, came: 0, plain: 0, stop: None, used: 0 });
    }

    /// A message is not inflated further.
    fn stop(&mut self, message: u64, stop: Stop) {
        let used = self.inflater.position().div_ceil(8);
        if let Some(current) = self.current.as_mut().filter(|it| it.message == message && it.stop.is_none()) {
            (current.stop, current.used) = (Some(stop), used);
        }
    }

    fn forget(&mut self, lost: Lost) {
        self.inflater.lose_history();
        self.lost = Some(lost);
        self.forget_anatomy();
    }

    fn forget_anatomy(&mut self) {
        if let Some(anatomy) = &mut self.anatomy {
            anatomy.forget();
        }
    }

    fn message(&mut self, message: u64, wire_len: u64, complete: bool) -> Inflated {
        let interrupted = self.interrupted.take_if(|(number, _)| *number == message);
        let (read, stop, left) = match (self.current.take_if(|it| it.message == message), interrupted) {
            (Some(current), _) => self.end_current(current, complete),
            (None, Some((_, read))) => {
                (stopped(read), Some(Stop::Interrupted), wire_len.saturating_sub(read.compressed))
            }
            // No byte of it came.
            (None, None) => (NOTHING, (!complete).then_some(Stop::Cut), 0),
        };
        let memory = if self.inflater.memory() == 0 { 0 } else { WINDOW };
        let Account { messages, wire, plain, .. } = self.account;
        let account =
            Account { messages: messages + 1, wire: wire + wire_len, plain: plain + read.plain, memory };
        let lost = self.lost.filter(|_| read.unknown > 0);
        if stop.is_some() || !read.ending.is_whole() {
            self.lost = Some(Lost::Message(message));
            self.forget_anatomy();
        }
        self.account = account;
        Inflated { read, left, stop, lost, window_bits: self.window_bits, takeover: self.takeover, account }
    }

    fn end_current(&mut self, current: Current, complete: bool) -> (deflate::Message, Option<Stop>, u64) {
        let read = self.inflater.end_of_message();
        let (stop, used) = match (current.stop, read.ending) {
            (_, Ending::Faulty(fault)) => (None, fault.at / 8),
            (Some(stop), _) => (Some(stop), current.used),
            (None, _) => ((!complete).then_some(Stop::Cut), current.came),
        };
        if stop.is_some() {
            self.inflater.lose_history();
        }
        let keeps_ending = matches!(stop, None | Some(Stop::Cut));
        let read = deflate::Message { compressed: current.came, plain: current.plain, ..read };
        (if keeps_ending { read } else { stopped(read) }, stop, current.came.saturating_sub(used))
    }
}

/// What is said of a message without bytes.
const NOTHING: deflate::Message = deflate::Message {
    compressed: 0,
    plain: 0,
    unknown: 0,
    ending: Ending::Nothing,
    beyond_window: None,
    before_message: None,
};

const fn stopped(read: deflate::Message) -> deflate::Message {
    deflate::Message { ending: Ending::Stopped, ..read }
}

impl Current {
    /// Inflates a piece, step by step, and stops where a limit is reached.
    #[inline]
    fn inflate<O: Observer>(
        &mut self,
        inflater: &mut Inflater,
        mut sent: &[u8],
        (limit, ratio): (u64, u64),
        give: &mut dyn FnMut(u64, Plain<'_>),
        observer: &mut O,
    ) {
        while !sent.is_empty() {
            let step = self.came / STEP;
            let len = (STEP - self.came % STEP).min(sent.len() as u64) as usize;
            let (now, later) = sent.split_at_checked(len).unwrap_or((sent, &[]));
            let by_ratio = ratio.saturating_mul(step.max(1));
            let budget = limit.min(by_ratio).saturating_sub(self.plain);
            let plain = &mut self.plain;
            let mut sink = |piece: Plain<'_>| {
                give(*plain, piece);
                *plain += match piece {
                    Plain::Known(bytes) => bytes.len() as u64,
                    Plain::Unknown(bytes) => bytes as u64,
                };
            };
            let fed = inflater.feed_observed(now, budget, &mut sink, observer);
            self.came += now.len() as u64;
            if fed.status == Status::Full {
                self.stop = Some(if by_ratio < limit { Stop::Ratio } else { Stop::Limit });
                self.used = inflater.position().div_ceil(8);
                self.came += later.len() as u64;
                return;
            }
            sent = later;
        }
    }
}

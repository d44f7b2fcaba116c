//! What all connections share: the clock, the session that decodes, and whoever looks on.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;

use super::clock::Clock;
use super::note::Note;
use super::observer::Observer;
use crate::session::event::{Event, Kind, Sink};
use crate::session::segment::{Content, How, Opening, Segment, Time};
use crate::session::{Config, Session};
use crate::wire::deflate::Plain;
use crate::wire::sender::Sender;

/// Bytes that are read at once. One buffer serves all connections: it is never held while one waits.
const BUFFER: usize = 64 * 1024;

/// What all connections share. Everything happens on one thread, so nothing is locked.
pub(super) struct Hub {
    core: RefCell<Core>,
    buffer: RefCell<Box<[u8]>>,
    next: Cell<u32>,
    clock: Clock,
    pub(super) seen: Cell<Seen>,
}

struct Core {
    session: Session,
    observer: Box<dyn Observer>,
}

/// What has passed so far, for the advice to whoever waits in vain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) responses: u64,
    pub(super) handshakes: u64,
}

/// What the forwarding needs to know of a response that just passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) handshake: bool,
    pub(super) status: u16,
    /// Host and Origin of the request, where the answer is a refusal.
    pub(super) host: Option<Vec<u8>>,
    pub(super) origin: Option<Vec<u8>>,
    /// Whether messages may be compressed from here on.
    pub(super) inflates: bool,
}

/// What became of bytes that were told.
#[derive(Debug)]
pub(super) struct Told {
    /// A response that stood in them.
    pub(super) answer: Option<Answer>,
    /// How many plain bytes were inflated.
    pub(super) plain: u64,
}

impl Hub {
    pub(super) fn new(config: Config, observer: Box<dyn Observer>) -> Self {
        Self {
            core: RefCell::new(Core { session: Session::new(config), observer }),
            buffer: RefCell::new(vec![0; BUFFER].into()),
            next: Cell::new(1),
            clock: Clock::new(),
            seen: Cell::default(),
        }
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    /// The buffer that all connections read into, for as long as nobody waits.
    pub(super) const fn buffer(&self) -> &RefCell<Box<[u8]>> {
        &self.buffer
    }

    /// Begins a connection, and gives its number.
    pub(super) fn open(&self, time: Time, ends: (SocketAddr, Option<SocketAddr>), opening: Opening) -> u32 {
        let connection = self.next.get();
        self.next.set(connection.saturating_add(1));
        self.core.borrow_mut().observer.opened(connection, ends.0, ends.1);
        self.feed(connection, Sender::Client, time, Content::Open(Box::new(opening)));
        connection
    }

    /// Bytes passed.
    pub(super) fn bytes(&self, connection: u32, sender: Sender, bytes: &[u8]) -> Option<Answer> {
        self.feed(connection, sender, self.now(), Content::Bytes(bytes))
    }

    /// A sender's stream ended.
    pub(super) fn end(&self, connection: u32, sender: Sender, how: How) {
        self.feed(connection, sender, self.now(), Content::End(how));
    }

    pub(super) fn feed(
        &self,
        connection: u32,
        sender: Sender,
        time: Time,
        content: Content<'_>,
    ) -> Option<Answer> {
        let segment = Segment { connection, sender, time: Some(time), packet: None, content };
        let mut core = self.core.borrow_mut();
        let Core { session, observer } = &mut *core;
        observer.segment(&segment);
        let answer = feed(session, observer.as_mut(), &self.seen, &segment).answer;
        observer.settled();
        answer
    }

    /// Bytes passed; [`Self::tell`] will say what they mean, all at once or piece by piece.
    pub(super) fn passed(&self, connection: u32, sender: Sender, time: Time, bytes: &[u8]) {
        let content = Content::Bytes(bytes);
        let segment = Segment { connection, sender, time: Some(time), packet: None, content };
        self.core.borrow_mut().observer.segment(&segment);
    }

    /// Says what a piece of them means.
    pub(super) fn tell(&self, connection: u32, sender: Sender, time: Time, piece: &[u8]) -> Told {
        let content = Content::Bytes(piece);
        let segment = Segment { connection, sender, time: Some(time), packet: None, content };
        let Core { session, observer } = &mut *self.core.borrow_mut();
        feed(session, observer.as_mut(), &self.seen, &segment)
    }

    /// All that passed is told.
    pub(super) fn settled(&self) {
        self.core.borrow_mut().observer.settled();
    }

    pub(super) fn note(&self, connection: Option<u32>, note: &Note) {
        self.core.borrow_mut().observer.note(connection, note);
    }

    pub(super) fn tick(&self) {
        self.core.borrow_mut().observer.tick();
    }

    /// Nothing more will be told: what is open ends now, nobody knows how.
    pub(super) fn finish(&self) {
        let mut core = self.core.borrow_mut();
        let Core { session, observer } = &mut *core;
        session.finish(&mut |event: &Event<'_>| observer.event(event));
        observer.settled();
        observer.closed();
    }
}

fn feed(
    session: &mut Session,
    observer: &mut dyn Observer,
    seen: &Cell<Seen>,
    segment: &Segment<'_>,
) -> Told {
    let mut tap = Tap { observer, told: Told { answer: None, plain: 0 }, seen };
    session.feed(segment, &mut tap);
    tap.told
}

/// Hands events on, and notes what the forwarding needs to know of them.
struct Tap<'a> {
    observer: &'a mut dyn Observer,
    told: Told,
    seen: &'a Cell<Seen>,
}

impl Sink for Tap<'_> {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        match &event.kind {
            Kind::Response(_) => self.response(event),
            Kind::Inflated(piece) => {
                self.told.plain += match piece.plain {
                    Plain::Known(bytes) => bytes.len() as u64,
                    Plain::Unknown(len) => len as u64,
                };
            }
            _ => {}
        }
        self.observer.event(event);
    }
}

impl Tap<'_> {
    fn response(&mut self, event: &Event<'_>) {
        let Kind::Response(response) = &event.kind else { return };
        let status = response.head.status().unwrap_or(0);
        let mut seen = self.seen.get();
        seen.responses += 1;
        seen.handshakes += u64::from(response.handshake);
        self.seen.set(seen);
        let request = response.request.filter(|_| response.handshake && matches!(status, 400 | 401 | 403));
        let field = |name| Some(request?.first_value(name)?.into_owned());
        self.told.answer = Some(Answer {
            handshake: response.handshake,
            status,
            host: field("host"),
            origin: field("origin"),
            inflates: response.handshake && response.agreed.deflate(),
        });
    }
}

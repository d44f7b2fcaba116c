//! Follows one connection: the opening handshake, then frames, each sender on its own.
//!
//! A connection is read in turns, one a segment. What a turn does with bytes depends on the sender's
//! [`Phase`]; the neighbours [`super::start`], [`super::request`], [`super::response`] and
//! [`super::stop`] hold one part each.

use std::num::NonZeroU64;

use super::agreed::Agreed;
use super::backlog::{Backlog, Came};
use super::event::{Kind, Opaque, Sink, Why};
use super::frames::Frames;
use super::link::{Link, Out, Times};
use super::segment::{Content, How, Opening, Roles, Segment, Time};
use super::shared::Shared;
use super::waiting::Waiting;
use crate::wire::body::Body;
use crate::wire::boundary::Search;
use crate::wire::head::HeadReader;
use crate::wire::sender::Sender;

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) shared: Shared,
    /// Whether answers to requests may come: not where the input holds the client's side only, nor where one
    /// was waited for too long.
    pub(super) answers_come: bool,
    pub(super) client: Direction,
    pub(super) server: Direction,
    pub(super) waiting: Waiting,
    /// What a 101 switched to.
    pub(super) switched: Option<Switched>,
}

/// What a 101 switched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switched {
    WebSocket,
    Other,
}

/// One sender's stream.
#[derive(Debug)]
pub(super) struct Direction {
    pub(super) phase: Phase,
    pub(super) offset: u64,
    /// When the first byte of the head that is being read came.
    pub(super) since: Option<Time>,
    /// When the latest bytes came.
    pub(super) latest: Option<Time>,
    /// Whether bytes that are no HTTP are frames here: no HTTP was seen, or it is over.
    pub(super) frames_may_come: bool,
    /// How each of its frames began before bytes were lost, where all were alike.
    pub(super) usual: Option<[u8; 2]>,
    pub(super) ended: bool,
}

/// What is being read.
#[derive(Debug)]
pub(super) enum Phase {
    /// The first bytes of something, until they tell what it is.
    Start(Backlog),
    Head(HeadReader),
    /// A bare request's head that may be a handshake without all of its fields, and when its last byte came. It is held,
    /// since its answer may make it one.
    Pending(HeadReader, Option<Time>),
    /// A body; whether it belongs to a request after which all depends on the answer.
    Body(Body, bool),
    /// What a client sent behind its handshake, before the answer.
    Held(Backlog),
    Frames(Box<Frames>),
    /// Where the next frame begins is not known, and searched; and why.
    Search(Box<Search<Came>>, Why),
    Opaque(Why),
}

impl Phase {
    /// Nothing has come yet.
    pub(super) fn start() -> Self {
        Self::Start(Backlog::default())
    }

    /// From here on it is frames; `open_unknown` where messages may have begun before.
    pub(super) fn frames(open_unknown: bool, early: bool) -> Self {
        Self::Frames(Box::new(Frames::new(open_unknown, early)))
    }
}

impl Default for Direction {
    fn default() -> Self {
        Self {
            phase: Phase::start(),
            offset: 0,
            since: None,
            latest: None,
            frames_may_come: true,
            usual: None,
            ended: false,
        }
    }
}

impl Connection {
    pub(super) fn new(number: u32, agreed: Agreed) -> Self {
        Self {
            shared: Shared::new(number, agreed),
            answers_come: true,
            client: Direction::default(),
            server: Direction::default(),
            waiting: Waiting::default(),
            switched: None,
        }
    }

    /// Takes a segment of this connection.
    pub(super) fn feed<S: Sink + ?Sized>(&mut self, segment: &Segment<'_>, out: Out<'_, S>) {
        if let Some(time) = segment.time {
            self.shared.ending.began.get_or_insert(time.0);
            self.shared.ending.ended = Some(time.0);
        }
        let mut turn =
            Turn { connection: self, out, time: segment.time, packet: segment.packet, early: false };
        match &segment.content {
            Content::Open(opening) => turn.open(segment.sender, opening),
            Content::Bytes(bytes) => turn.bytes(segment.sender, bytes),
            Content::Gap(lost) => turn.gap(segment.sender, *lost),
            Content::End(how) => turn.end(segment.sender, *how),
            Content::Message(opcode, payload) => turn.message(segment.sender, *opcode, payload),
            Content::Reported(words) => turn.reported(segment.sender, words),
        }
    }

    /// Nothing more comes: whoever has not ended ends now, nobody knows how.
    pub(super) fn finish<S: Sink + ?Sized>(&mut self, out: Out<'_, S>) {
        let mut turn = Turn { connection: self, out, time: None, packet: None, early: false };
        turn.end(Sender::Client, How::Unknown);
        turn.end(Sender::Server, How::Unknown);
    }

    /// The window of a sender is needed elsewhere.
    pub(super) fn drop_window(&mut self, sender: Sender) {
        if let Phase::Frames(frames) = &mut self.direction(sender).phase {
            frames.drop_window();
        }
    }

    /// Whether the head of a request may be completed by what comes next, from this sender.
    pub(super) fn may_shake_hands(&self, sender: Sender) -> bool {
        match &self.client.phase {
            Phase::Frames(_) | Phase::Opaque(_) => false,
            // The answer sets free what the client sent behind its request.
            Phase::Held(backlog) => sender == Sender::Client || !backlog.bytes().is_empty(),
            _ => true,
        }
    }

    /// Whether both streams have ended.
    pub(super) const fn is_over(&self) -> bool {
        self.client.ended && self.server.ended
    }

    pub(super) const fn direction(&mut self, sender: Sender) -> &mut Direction {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }
}

/// A connection while one segment is fed to it.
pub(super) struct Turn<'a, S: Sink + ?Sized> {
    pub(super) connection: &'a mut Connection,
    pub(super) out: Out<'a, S>,
    pub(super) time: Option<Time>,
    pub(super) packet: Option<NonZeroU64>,
    /// Whether bytes are read that a client sent before the answer to its handshake.
    pub(super) early: bool,
}

impl<S: Sink + ?Sized> Turn<'_, S> {
    fn open(&mut self, sender: Sender, opening: &Opening) {
        self.connection.shared.roles_known = opening.roles != Roles::MaskBit;
        self.connection.answers_come = opening.only != Some(Sender::Client);
        self.connection.shared.ending.messages_only = opening.messages_only;
        self.emit(sender, Times::since(self.time), 0, Kind::Open(opening));
        for (sender, len) in Sender::BOTH.into_iter().zip(opening.before).filter(|(_, len)| *len > 0) {
            let before = Opaque { why: Why::HttpBody, bytes: &[] };
            self.emit(sender, Times::since(self.time), len, Kind::Opaque(before));
        }
        for (sender, begins) in Sender::BOTH.into_iter().zip(opening.middle.into_iter().flatten()) {
            self.begin_in_the_middle(sender, begins);
        }
    }

    pub(super) fn bytes(&mut self, sender: Sender, mut bytes: &[u8]) {
        self.connection.direction(sender).latest = self.time;
        self.connection.shared.ending.side_mut(sender).seen = true;
        while !bytes.is_empty() {
            let taken = self.step(sender, bytes);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Takes bytes from the front, as the sender's phase tells, and says how many.
    fn step(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let (phase, mut link) = self.lend(sender);
        match phase {
            Phase::Frames(frames) => {
                frames.feed(bytes, &mut link);
                bytes.len()
            }
            Phase::Start(_) => self.start(sender, bytes),
            Phase::Head(_) => self.head(sender, bytes),
            Phase::Pending(..) => {
                self.settle_pending(false);
                0
            }
            Phase::Body(..) => self.body(sender, bytes),
            Phase::Held(_) => self.hold(bytes),
            Phase::Search(..) => self.search(sender, bytes),
            Phase::Opaque(why) => {
                let why = *why;
                self.opaque(sender, why, bytes)
            }
        }
    }

    /// Lends the sender's phase, and all that its events need.
    pub(super) fn lend(&mut self, sender: Sender) -> (&mut Phase, Link<'_, S>) {
        let Connection { shared, client, server, .. } = &mut *self.connection;
        let Direction { phase, offset, .. } = if sender == Sender::Client { client } else { server };
        (phase, Link { out: self.out.lend(), shared, offset, sender, time: self.time, packet: self.packet })
    }

    pub(super) fn link(&mut self, sender: Sender) -> Link<'_, S> {
        self.lend(sender).1
    }

    pub(super) fn emit(&mut self, sender: Sender, times: Times, len: u64, kind: Kind<'_>) {
        self.link(sender).emit(times, len, kind, &[]);
    }

    pub(super) fn opaque(&mut self, sender: Sender, why: Why, bytes: &[u8]) -> usize {
        if why != Why::HttpBody {
            self.connection.shared.ending.side_mut(sender).opaque += bytes.len() as u64;
        }
        let len = bytes.len() as u64;
        self.emit(sender, Times::since(self.time), len, Kind::Opaque(Opaque { why, bytes }));
        bytes.len()
    }

    /// When and in which packet the bytes at hand came.
    pub(super) const fn came(&self) -> Came {
        Came { time: self.time, packet: self.packet }
    }

    /// Enters a phase, and gives the one that is left.
    pub(super) const fn enter(&mut self, sender: Sender, phase: Phase) -> Phase {
        std::mem::replace(&mut self.connection.direction(sender).phase, phase)
    }

    /// Reads bytes that were held back, each piece at its own time.
    pub(super) fn replay(&mut self, sender: Sender, backlog: &Backlog) {
        let now = (self.time, self.packet);
        for (came, lost, bytes) in backlog.pieces() {
            (self.time, self.packet) = (came.time, came.packet);
            self.gap(sender, lost);
            self.bytes(sender, bytes);
        }
        (self.time, self.packet) = now;
    }
}

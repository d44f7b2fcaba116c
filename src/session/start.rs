//! The first bytes of something: gathered until they tell what it is.

use super::backlog::Backlog;
use super::connection::{Phase, Switched, Turn};
use super::event::{Kind, Opaque, Sink, Why};
use super::link::Times;
use super::sniff::{LONGEST_DOUBT, Protocol, sniff, sniff_last};
use crate::rules::{self, facts};
use crate::wire::head::HeadReader;
use crate::wire::sender::Sender;

/// How many bytes of something that is no HTTP are shown to the rules, where an answer must stand.
const FIRST: usize = 64;

impl<S: Sink + ?Sized> Turn<'_, S> {
    /// Gathers bytes until they tell what they are, and says how many it took.
    pub(super) fn start(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let came = self.came();
        let Phase::Start(backlog) = &mut self.connection.direction(sender).phase else { return 0 };
        let taken = bytes.len().min(LONGEST_DOUBT - backlog.bytes().len());
        backlog.push(came, bytes.get(..taken).unwrap_or_default());
        let told = sniff(sender, backlog.bytes());
        let enough = backlog.bytes().len() >= FIRST;
        match told {
            Some(Protocol::Frames) if !enough && self.answer_must_come(sender) => {}
            Some(protocol) => self.decide(sender, protocol),
            None => {}
        }
        taken
    }

    /// Nothing more comes for now: decides by what there is.
    pub(super) fn flush_start(&mut self, sender: Sender) {
        if let Phase::Start(backlog) = &self.connection.direction(sender).phase
            && !backlog.bytes().is_empty()
        {
            let protocol = sniff_last(sender, backlog.bytes());
            self.decide(sender, protocol);
        }
    }

    /// It is known that nothing readable begins here.
    pub(super) fn give_up_start(&mut self, sender: Sender, why: Why) {
        if matches!(self.connection.direction(sender).phase, Phase::Start(_))
            && let Phase::Start(backlog) = self.enter(sender, Phase::Opaque(why))
        {
            self.replay(sender, &backlog);
        }
    }

    /// Whether only the answer to a handshake can stand here.
    fn answer_must_come(&self, sender: Sender) -> bool {
        let connection = &self.connection;
        sender == Sender::Server
            && !connection.server.frames_may_come
            && connection.waiting.handshake_is_next()
    }

    /// The first bytes have told what they are: reads them as that.
    fn decide(&mut self, sender: Sender, protocol: Protocol) {
        let phase = match protocol {
            Protocol::Http => Phase::Head(HeadReader::default()),
            Protocol::Tls => Phase::Opaque(Why::Tls),
            Protocol::Http2 => Phase::Opaque(Why::Http2),
            Protocol::Frames => self.not_http(sender),
        };
        if matches!(phase, Phase::Head(_)) {
            self.connection.client.frames_may_come &= self.connection.switched.is_some();
            self.connection.server.frames_may_come = false;
        }
        let judged = matches!(phase, Phase::Opaque(Why::NotHttp)) && self.answer_must_come(sender);
        if let Phase::Start(backlog) = self.enter(sender, phase) {
            if judged {
                self.judge_not_http(backlog);
            } else {
                self.replay(sender, &backlog);
            }
        }
    }

    /// What bytes are that are no HTTP.
    fn not_http(&mut self, sender: Sender) -> Phase {
        let other = &self.connection.direction(sender.other()).phase;
        if let Phase::Opaque(why @ (Why::Tls | Why::Http2)) = other {
            return Phase::Opaque(*why);
        }
        if self.connection.shared.ending.messages_only {
            // Such an input rebuilds heads, and has no other bytes.
            return Phase::Opaque(Why::NotHttp);
        }
        let direction = self.connection.direction(sender);
        let from_the_middle = direction.offset == 0;
        match (direction.frames_may_come, self.connection.switched) {
            (true, _) => Phase::frames(from_the_middle, self.early),
            (false, Some(Switched::Other)) => Phase::Opaque(Why::OtherProtocol),
            (false, _) => Phase::Opaque(Why::NotHttp),
        }
    }

    /// Where the answer to a handshake must stand, something else came.
    fn judge_not_http(&mut self, backlog: Backlog) {
        let (first, rest) = backlog.bytes().split_at_checked(FIRST).unwrap_or((backlog.bytes(), &[]));
        let since = backlog.pieces().next().and_then(|(came, ..)| came.time);
        let (len, kind) = (first.len() as u64, Kind::Opaque(Opaque { why: Why::NotHttp, bytes: first }));
        let mut link = self.link(Sender::Server);
        link.side().opaque += len;
        let facts = facts::NotHttp { first };
        link.emit_judged(Times::since(since), len, kind, |found| rules::judge_not_http(&facts, found));
        // No answer will tell any more what the client sent behind its request.
        self.release_unanswered();
        self.bytes(Sender::Server, rest);
    }
}

//! Heads and bodies, and what a client sends behind them before the answer (RFC 6455 §4.1, RFC 9112 §9.3).

use super::agreed::Agreed;
use super::backlog::Backlog;
use super::connection::{Phase, Switched, Turn};
use super::event::{Kind, Request, Response, Sink, Why};
use super::link::Times;
use crate::rules::{self, facts};
use crate::wire::body::Body;
use crate::wire::head::{Head, Progress};
use crate::wire::list;
use crate::wire::sender::Sender;

/// The most bytes of a client that are held until the answer to its handshake tells what they are.
const MOST_HELD: usize = 64 * 1024;

impl<S: Sink + ?Sized> Turn<'_, S> {
    /// In a head: takes bytes until it is whole, and says how many.
    pub(super) fn head(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let time = self.time;
        let direction = self.connection.direction(sender);
        let Phase::Head(reader) = &mut direction.phase else { return 0 };
        if reader.bytes().is_empty() {
            direction.since = time;
        }
        let (taken, progress) = reader.feed(bytes);
        match progress {
            Progress::More => {}
            Progress::Whole if sender == Sender::Client => self.request(),
            Progress::Whole => self.response(),
            Progress::TooLong => self.cut_head(sender, Why::HeadTooLong),
        }
        taken
    }

    /// A head that never comes whole: shown as far as it came.
    pub(super) fn cut_head(&mut self, sender: Sender, why: Why) {
        if !matches!(self.connection.direction(sender).phase, Phase::Head(_)) {
            return;
        }
        let Phase::Head(reader) = self.enter(sender, Phase::Opaque(why)) else { return };
        let times = Times::since(self.connection.direction(sender).since);
        let awaited = self.connection.waiting.handshake_is_next();
        let head = reader.finish();
        let handshake = names_websocket(&head);
        let kind = match sender {
            Sender::Client => Kind::Request(Request { head: &head, handshake, partial: true }),
            Sender::Server => Kind::Response(Response {
                head: &head,
                handshake: handshake || awaited,
                partial: true,
                request: None,
                agreed: &Agreed::Unknown,
                early: 0,
            }),
        };
        let mut link = self.link(sender);
        link.side().cut = true;
        link.emit(times, head.raw().len() as u64, kind, &[]);
    }

    /// A request's head is whole.
    fn request(&mut self) {
        let time = self.time;
        let Phase::Head(reader) = self.enter(Sender::Client, Phase::start()) else { return };
        let head = Head::decode(reader.bytes().to_vec());
        if names_websocket(&head) || self.connection.switched.is_some() {
            self.emit_request(reader.finish(), self.connection.switched != Some(Switched::Other));
        } else if is_ordinary(&head) && !self.connection.shared.ending.messages_only {
            self.emit_request(reader.finish(), false);
        } else {
            self.enter(Sender::Client, Phase::Pending(reader, time));
        }
    }

    /// The held request's answer came, or something else did: `handshake` where the answer is 101.
    pub(super) fn settle_pending(&mut self, handshake: bool) {
        if let Phase::Pending(reader, time) = &mut self.connection.client.phase {
            let (head, time) = (std::mem::take(reader).finish(), *time);
            let now = std::mem::replace(&mut self.time, time);
            self.emit_request(head, handshake);
            self.time = now;
        }
    }

    fn emit_request(&mut self, head: Head, handshake: bool) {
        let times = Times::since(self.connection.client.since);
        let len = head.raw().len() as u64;
        let kind = Kind::Request(Request { head: &head, handshake, partial: false });
        let mut link = self.link(Sender::Client);
        if handshake {
            let nonce = head.first_value("sec-websocket-key");
            let connection = link.shared.connection;
            let same_nonce_on = nonce.and_then(|nonce| link.out.nonces.used(&nonce, connection));
            let facts = facts::Request { head: &head, same_nonce_on };
            let rebuilt = link.shared.ending.messages_only;
            link.emit_judged(times, len, kind, |found| {
                rules::judge_request(&facts, found);
                if rebuilt {
                    rules::rebuilt::leave_what_is_known(found);
                }
            });
        } else {
            link.emit(times, len, kind, &[]);
        }
        let body = Body::of_request(&head);
        let waits = handshake || head.method() == Some(b"CONNECT");
        self.connection.waiting.push(head, handshake);
        match body {
            Body::NONE => self.behind_message(Sender::Client, waits),
            body => _ = self.enter(Sender::Client, Phase::Body(body, waits)),
        }
    }

    /// In a body: takes what belongs to it, and says how many bytes.
    pub(super) fn body(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let Phase::Body(body, waits) = &mut self.connection.direction(sender).phase else { return 0 };
        let ((taken, over), waits) = (body.feed(bytes), *waits);
        self.opaque(sender, Why::HttpBody, bytes.get(..taken).unwrap_or_default());
        if over {
            self.behind_message(sender, waits);
        }
        taken
    }

    /// A message of HTTP and its body are over; `waits` where all that follows depends on the answer.
    pub(super) fn behind_message(&mut self, sender: Sender, waits: bool) {
        let phase = match (sender, self.connection.switched) {
            (Sender::Client, Some(Switched::WebSocket)) => Phase::frames(false, false),
            (Sender::Client, Some(Switched::Other)) => Phase::Opaque(Why::OtherProtocol),
            (Sender::Client, None) if waits && self.connection.answers_come => {
                Phase::Held(Backlog::default())
            }
            _ => Phase::start(),
        };
        self.connection.direction(sender).frames_may_come |= waits && matches!(phase, Phase::Start(_));
        self.enter(sender, phase);
    }

    /// Holds what the client sends before the answer; beyond the limit no answer is waited for.
    pub(super) fn hold(&mut self, bytes: &[u8]) -> usize {
        let came = self.came();
        let Phase::Held(backlog) = &mut self.connection.client.phase else { return 0 };
        let taken = bytes.len().min(MOST_HELD - backlog.bytes().len());
        backlog.push(came, bytes.get(..taken).unwrap_or_default());
        if backlog.bytes().len() == MOST_HELD {
            self.release_unanswered();
        }
        taken
    }

    /// Reads what was held without knowing the answer: as HTTP where it looks so, otherwise as frames.
    pub(super) fn release_unanswered(&mut self) {
        self.connection.answers_come = false;
        self.connection.client.frames_may_come = true;
        self.release(Phase::start());
    }

    /// The server speaks in frames, so its answer was among what is missing: what the client sent behind its handshake is
    /// frames too, and nobody knows whether they came early.
    pub(super) fn release_since_frames_came(&mut self) {
        self.connection.answers_come = false;
        self.connection.client.frames_may_come = true;
        if matches!(self.connection.client.phase, Phase::Held(_))
            && let Phase::Held(backlog) = self.enter(Sender::Client, Phase::start())
        {
            self.replay(Sender::Client, &backlog);
        }
    }

    /// Whether what is held came before the answer. Where nothing of the server is here, or some of it is missing, its
    /// answer may have come before.
    const fn are_held_bytes_early(&self) -> bool {
        let server = &self.connection.shared.ending.server;
        server.seen && server.lost == 0
    }

    /// Bytes that are known to have come before the answer, and are held until it is told.
    pub(super) fn early_bytes(&self) -> u64 {
        match &self.connection.client.phase {
            Phase::Held(backlog) if self.are_held_bytes_early() => backlog.bytes().len() as u64,
            _ => 0,
        }
    }

    /// Reads what was held, if anything was, as what `phase` says.
    pub(super) fn release(&mut self, phase: Phase) {
        if !matches!(self.connection.client.phase, Phase::Held(_)) {
            return;
        }
        if let Phase::Held(backlog) = self.enter(Sender::Client, phase) {
            self.early = self.are_held_bytes_early();
            self.replay(Sender::Client, &backlog);
            self.early = false;
            if let Phase::Frames(frames) = &mut self.connection.client.phase {
                frames.set_early(false);
            }
        }
    }
}

/// Whether a head is about WebSocket: Upgrade names it, or a Sec-WebSocket-* field stands in it.
pub(super) fn names_websocket(head: &Head) -> bool {
    let prefix = b"sec-websocket-";
    head.all("upgrade").any(|line| list::has_token(&head.value(line), "websocket"))
        || head.headers.iter().any(|line| {
            head.name(line).get(..prefix.len()).is_some_and(|front| front.eq_ignore_ascii_case(prefix))
        })
}

/// Whether a head that does not name WebSocket is surely none of a handshake that lacks all of its fields: it is no GET,
/// or says which media types it takes, as browsers and HTTP libraries do, and nobody does who is to speak in frames.
fn is_ordinary(head: &Head) -> bool {
    head.method() != Some(b"GET") || head.first("accept").is_some()
}

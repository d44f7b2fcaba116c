//! The answer to a request, and what it makes of the connection (RFC 6455 §4.2.2, RFC 9110 §9.3.6, §15.2).

use super::agreed::Agreed;
use super::connection::{Phase, Switched, Turn};
use super::event::{Kind, Response, Sink, Why};
use super::link::Times;
use super::request::names_websocket;
use super::waiting::Asked;
use crate::rules::{self, facts};
use crate::wire::body::Body;
use crate::wire::head::Head;
use crate::wire::sender::Sender;

impl<S: Sink + ?Sized> Turn<'_, S> {
    /// A response's head is whole.
    pub(super) fn response(&mut self) {
        let Phase::Head(reader) = self.enter(Sender::Server, Phase::start()) else { return };
        let head = reader.finish();
        self.connection.answers_come = true;
        match head.status() {
            Some(101) => self.switching(&head),
            Some(100..=199) => {
                self.settle_if_next(false);
                self.emit_response(&head, false, None);
            }
            _ => self.final_response(&head),
        }
    }

    /// 101: from here on both speak another protocol.
    fn switching(&mut self, head: &Head) {
        // A 101 that names nothing at all is meant for WebSocket too, and so is any answer to a handshake.
        let named_other = head.first("upgrade").is_some() && !names_websocket(head);
        self.settle_if_next(!named_other);
        let asked = self.connection.waiting.pop();
        let websocket = !named_other || asked.as_ref().is_some_and(|asked| asked.handshake);
        if websocket {
            self.connection.shared.agree(Agreed::by_response(head));
            self.connection.shared.ending.opened = true;
        }
        self.emit_response(head, websocket, asked.as_ref());
        if websocket {
            self.connection.switched = Some(Switched::WebSocket);
            self.connection.client.frames_may_come = true;
            self.enter(Sender::Server, Phase::frames(false, false));
            self.release(Phase::frames(false, true));
        } else {
            self.connection.switched = Some(Switched::Other);
            self.enter(Sender::Server, Phase::Opaque(Why::OtherProtocol));
            self.release(Phase::Opaque(Why::OtherProtocol));
            self.give_up_start(Sender::Client, Why::OtherProtocol);
        }
        self.settle_pending(false);
    }

    /// The answer to the request that is held, if there is none before it.
    fn settle_if_next(&mut self, handshake: bool) {
        if self.connection.waiting.is_empty() {
            self.settle_pending(handshake);
        }
    }

    /// The last answer to a request: HTTP goes on, unless a tunnel begins here.
    fn final_response(&mut self, head: &Head) {
        self.settle_if_next(false);
        let asked = self.connection.waiting.pop();
        let handshake = asked.as_ref().map_or_else(|| names_websocket(head), |asked| asked.handshake);
        self.emit_response(head, handshake, asked.as_ref());
        let method = asked.map(|asked| asked.method);
        let success = head.status().is_some_and(|status| (200..300).contains(&status));
        if success && method.as_deref() == Some(b"CONNECT") {
            self.connection.client.frames_may_come = true;
            self.connection.server.frames_may_come = true;
        }
        match Body::of_response(head, method.as_deref()) {
            Body::NONE => {}
            body => _ = self.enter(Sender::Server, Phase::Body(body, false)),
        }
        // What the client sent behind its last request is told by the answer to just that one.
        if self.connection.waiting.is_empty() {
            self.release(Phase::start());
        }
    }

    fn emit_response(&mut self, head: &Head, handshake: bool, asked: Option<&Asked>) {
        let times = Times::since(self.connection.server.since);
        let request = asked.and_then(|asked| asked.head.as_ref());
        let agreed = self.connection.shared.agreed.clone();
        // An answer to an earlier request, or one before the last, says nothing of what came behind this one.
        let is_last = asked.is_some() && self.connection.waiting.is_empty();
        let early = if is_last { self.early_bytes() } else { 0 };
        let response = Response { head, handshake, partial: false, request, agreed: &agreed, early };
        let (len, kind) = (head.raw().len() as u64, Kind::Response(response));
        let mut link = self.link(Sender::Server);
        if handshake {
            link.shared.ending.status = head.status();
            let facts = facts::Response { head, request };
            let rebuilt = link.shared.ending.messages_only;
            link.emit_judged(times, len, kind, |found| {
                rules::judge_response(&facts, found);
                if rebuilt {
                    rules::rebuilt::leave_what_is_known(found);
                }
            });
        } else {
            link.emit(times, len, kind, &[]);
        }
    }
}

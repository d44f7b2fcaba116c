//! Passes bytes on between a client and a server, both ways, until both streams are over.
//!
//! FIN stays FIN and RST stays RST. Whatever passes is told to the hub right after it is on its way.

mod heads;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::Sleep;

use super::address::Upstream;
use super::answers::Answers;
use super::changes::{Change, Rewrite};
use super::flow::{Flow, Stage};
use super::gate::Gate;
use super::hub::Hub;
use super::note::Note;
use super::stream::{Got, Stream};
use super::telling::Telling;
use crate::session::segment::How;
use crate::wire::sender::Sender;

/// What a relay is told.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// The server.
    pub(super) upstream: Upstream,
    /// What the user wants changed.
    pub(super) rewrite: Rewrite,
    /// Whether heads are meant for a proxy, and their duties are to be done.
    pub(super) forward: bool,
    /// How long a head may take.
    pub(super) patience: Duration,
}

/// How a relay is over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Both streams ended, or one end cut the connection: all is told and done.
    Over,
    /// The client's head is too long, and every request before it is answered.
    HeadTooLong,
    /// The client's head takes too long.
    SlowHead,
    /// The next request goes to another server: its head, and what came behind it.
    Elsewhere(Upstream, Vec<u8>),
    /// The same, or a head that is too long, but the server has ended its answers, and so the client is told already that no
    /// more comes.
    TooLate,
}

/// Two ends, and what is under way between them.
pub(super) struct Relay {
    hub: Rc<Hub>,
    way: Rc<Way>,
    /// Its number; none where nobody looks on.
    connection: Option<u32>,
    client: Stream,
    server: Stream,
    up: Flow,
    down: Flow,
    /// What passed and is not told yet, up and down.
    telling: [Telling; 2],
    /// Whether messages are compressed, or may be once an answer came: what they say may take long to tell.
    inflates: bool,
    /// Whether a WebSocket was opened.
    websocket: bool,
    gate: Gate,
    answers: Answers,
    slow: Option<Pin<Box<Sleep>>>,
    /// Changes to heads that passed, to be told behind these.
    changes: Vec<Vec<Change>>,
    /// An end that takes no more: what it sent before is still passed on, then the other is cut off as well.
    deaf: Option<Sender>,
    halted: Option<Outcome>,
}

impl Relay {
    pub(super) fn new(
        hub: Rc<Hub>,
        way: Rc<Way>,
        connection: Option<u32>,
        client: Stream,
        server: Stream,
    ) -> Self {
        Self {
            hub,
            way,
            connection,
            client,
            server,
            up: Flow::default(),
            down: Flow::default(),
            telling: Default::default(),
            inflates: true,
            websocket: false,
            gate: Gate::default(),
            answers: Answers::default(),
            slow: None,
            changes: Vec::new(),
            deaf: None,
            halted: None,
        }
    }

    /// Passes everything, and looks at nothing.
    pub(super) fn look_away(&mut self) {
        self.gate = Gate::Pass;
    }

    /// Takes what the client sent before the server was there. It is told already.
    pub(super) fn begin(&mut self, early: &[u8]) {
        self.up.came += early.len() as u64;
        self.through_gate(early);
        self.tell_changes();
    }

    /// The client's stream ended before the server was there. It is told already.
    pub(super) fn client_has_ended(&mut self, end: Got) {
        self.pass_end(Sender::Client, end);
    }

    /// The client, once the server is not needed any more.
    pub(super) fn into_client(self) -> Stream {
        self.client
    }

    /// Passes bytes on until it is over.
    pub(super) async fn run(&mut self) -> Outcome {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let up = self.poll_side(cx, Sender::Client);
        let down = self.poll_side(cx, Sender::Server);
        let cut_by = match (up, down) {
            (Poll::Ready(Err(by)), _) | (_, Poll::Ready(Err(by))) => by,
            (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => match self.deaf {
                Some(deaf) => deaf,
                None => return Poll::Ready(Outcome::Over),
            },
            _ if self.halted.is_some() && self.down.stage() == Stage::Over => match self.deaf {
                Some(deaf) => deaf,
                None => return Poll::Ready(Outcome::TooLate),
            },
            _ => return self.poll_halt(cx),
        };
        self.cut(cut_by);
        Poll::Ready(Outcome::Over)
    }

    /// Whether something else than the end of both streams stops the relay.
    fn poll_halt(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        if self.is_too_slow(cx) {
            return Poll::Ready(Outcome::SlowHead);
        }
        // What the client asked before is answered first.
        let may = self.answers.are_over() && self.down.stage() == Stage::Open && !self.down.holds();
        match self.halted.take_if(|_| may) {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        }
    }

    /// Passes on what one end sends, as far as it goes now; an error names who cut the connection.
    fn poll_side(&mut self, cx: &mut Context<'_>, sender: Sender) -> Poll<Result<(), Sender>> {
        loop {
            let (flow, to) = self.flow(sender);
            if ready!(flow.poll_drain(cx, to)).is_err() {
                self.turned_deaf(sender.other());
            }
            ready!(self.poll_tell(cx, sender));
            let (flow, to) = self.flow(sender);
            match flow.stage() {
                Stage::Over => return Poll::Ready(Ok(())),
                Stage::Ending(notify) => {
                    // Whoever is gone already cannot be told; that is seen where it is read.
                    _ = ready!(to.poll_end(cx, notify));
                    flow.set(Stage::Over);
                }
                Stage::Open if sender == Sender::Client && self.halted.is_some() => return Poll::Pending,
                Stage::Open => ready!(self.poll_pass(cx, sender))?,
            }
        }
    }

    /// Tells a portion of what passed; ready once all is told. Every other connection has its turn before the next.
    fn poll_tell(&mut self, cx: &mut Context<'_>, sender: Sender) -> Poll<()> {
        let Some(connection) = self.connection else { return Poll::Ready(()) };
        let telling = telling(&mut self.telling, sender);
        if telling.is_over() {
            return Poll::Ready(());
        }
        if let Some(answer) = telling.go_on(&self.hub, (connection, sender)) {
            self.answered(&answer);
        }
        // This future is pending when it is polled first, and wakes us behind all that waits, sockets included.
        pin!(yield_now()).poll(cx)
    }

    /// Reads once and passes it on.
    fn poll_pass(&mut self, cx: &mut Context<'_>, sender: Sender) -> Poll<Result<(), Sender>> {
        let hub = Rc::clone(&self.hub);
        let mut buffer = hub.buffer().borrow_mut();
        let from = if sender == Sender::Client { &mut self.client } else { &mut self.server };
        let got = ready!(from.poll_read(cx, &mut buffer));
        Poll::Ready(match got {
            Ok(Got::Bytes(len)) => {
                let bytes = buffer.get(..len).unwrap_or_default();
                if self.pass(cx, sender, bytes).is_err() {
                    self.turned_deaf(sender.other());
                }
                let telling = telling(&mut self.telling, sender);
                if let Some(connection) = self.connection
                    && let Some(answer) = telling.begin(&self.hub, (connection, sender), bytes, self.inflates)
                {
                    self.answered(&answer);
                }
                self.tell_changes();
                Ok(())
            }
            Ok(_) if self.deaf == Some(sender) => Err(sender),
            Ok(end) => {
                if let Some(connection) = self.connection {
                    self.hub.end(connection, sender, How::Fin);
                }
                self.pass_end(sender, end);
                Ok(())
            }
            Err(_) => Err(sender),
        })
    }

    fn flow(&mut self, sender: Sender) -> (&mut Flow, &mut Stream) {
        match sender {
            Sender::Client => (&mut self.up, &mut self.server),
            Sender::Server => (&mut self.down, &mut self.client),
        }
    }

    #[inline]
    fn pass(&mut self, cx: &mut Context<'_>, sender: Sender, bytes: &[u8]) -> io::Result<()> {
        if sender == Sender::Server {
            self.answers.feed(bytes);
        } else if !self.gate.is_open() {
            self.up.came += bytes.len() as u64;
            self.through_gate(bytes);
            return Ok(());
        }
        let (flow, to) = self.flow(sender);
        flow.came += bytes.len() as u64;
        flow.push(cx, to, bytes)
    }

    /// A stream ended: the other end will be told the same way, behind all bytes.
    fn pass_end(&mut self, sender: Sender, end: Got) {
        if sender == Sender::Client {
            // A head that never came whole passes as far as it came.
            let held = self.gate.held().to_vec();
            self.up.hold(&held);
            self.gate = Gate::Pass;
        }
        let (flow, _) = self.flow(sender);
        flow.ended = true;
        if flow.stage() == Stage::Open {
            flow.set(Stage::Ending(end == Got::End));
        }
        // Browsers do so with most pages; of a WebSocket it is told.
        if end == Got::EndWithoutNotify && self.websocket {
            let other = sender.other();
            self.note(&Note::Said(format!("no close_notify from the {sender}, nor to the {other}")));
        }
    }

    /// An end takes no more: nothing goes to it from here on.
    fn turned_deaf(&mut self, deaf: Sender) {
        self.deaf.get_or_insert(deaf);
        let (flow, _) = self.flow(deaf.other());
        flow.give_up();
    }

    /// One end cut the connection: so is the other.
    fn cut(&mut self, by: Sender) {
        let other = if by == Sender::Client { &self.server } else { &self.client };
        other.reset_when_dropped();
        let (flow, _) = self.flow(by);
        let (came, passed) = (flow.came, flow.passed);
        self.note(&Note::Cut { by, came, passed });
        self.tell_end(by, How::Reset);
        self.tell_end(by.other(), How::Unknown);
    }

    /// The relay stops before the streams have ended.
    pub(super) fn stop(&mut self) {
        self.tell_end(Sender::Client, How::Unknown);
        self.tell_end(Sender::Server, How::Unknown);
    }

    fn tell_end(&mut self, sender: Sender, how: How) {
        let (flow, _) = self.flow(sender);
        if !std::mem::replace(&mut flow.ended, true)
            && let Some(connection) = self.connection
        {
            telling(&mut self.telling, sender).finish(&self.hub, (connection, sender));
            self.hub.end(connection, sender, how);
        }
    }

    fn note(&self, note: &Note) {
        if self.connection.is_some() {
            self.hub.note(self.connection, note);
        }
    }
}

/// What a sender's direction has still to tell.
const fn telling(both: &mut [Telling; 2], sender: Sender) -> &mut Telling {
    let [up, down] = both;
    match sender {
        Sender::Client => up,
        Sender::Server => down,
    }
}

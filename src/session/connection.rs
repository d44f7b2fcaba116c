//! Follows one connection: the opening handshake, then frames, each sender on its own.

use std::collections::VecDeque;

use super::agreed::Agreed;
use super::event::{End, Kind, Opaque, Request, Response, Sink, Why};
use super::frames::Frames;
use super::link::{Link, Out, Shared, Times};
use super::segment::{Content, How, Opening, Roles, Segment, Time};
use super::sniff::{Protocol, sniff};
use crate::rules::ending::Ended;
use crate::rules::{self, facts};
use crate::wire::body::Body;
use crate::wire::head::{Head, HeadReader, Progress};
use crate::wire::list;
use crate::wire::sender::Sender;

/// The most bytes of a client that are held until the answer to its handshake tells what they are.
const MOST_HELD: usize = 64 * 1024;

/// The most requests that may wait for their response; beyond that the oldest is forgotten.
const MOST_REQUESTS: usize = 1024;

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    shared: Shared,
    opening: Opening,
    client: Direction,
    server: Direction,
    requests: VecDeque<Asked>,
}

/// One sender's stream.
#[derive(Debug)]
struct Direction {
    phase: Phase,
    offset: u64,
    /// When the first byte of the head that is being read came.
    since: Option<Time>,
    ended: bool,
}

/// What is being read.
#[derive(Debug)]
enum Phase {
    /// The first bytes, until they tell what they are.
    Start(Vec<u8>),
    Head(HeadReader),
    /// A request's head that does not look like a handshake: held, since its answer may make it one.
    Pending(HeadReader),
    Body(Body),
    /// What a client sent behind its handshake, before the answer.
    Held(Vec<(Option<Time>, Vec<u8>)>, usize),
    Frames(Box<Frames>),
    Opaque(Why),
}

/// A request that waits for its response.
#[derive(Debug)]
struct Asked {
    head: Head,
    handshake: bool,
}

impl Default for Direction {
    fn default() -> Self {
        Self { phase: Phase::Start(Vec::new()), offset: 0, since: None, ended: false }
    }
}

impl Connection {
    pub(super) fn new(number: u32, agreed: Agreed) -> Self {
        Self {
            shared: Shared::new(number, agreed),
            opening: Opening::default(),
            client: Direction::default(),
            server: Direction::default(),
            requests: VecDeque::new(),
        }
    }

    /// Takes a segment of this connection.
    pub(super) fn feed<S: Sink + ?Sized>(&mut self, segment: &Segment<'_>, out: Out<'_, S>) {
        let mut turn = Turn { connection: self, out, time: segment.time };
        if let Some(time) = segment.time {
            let ending = &mut turn.connection.shared.ending;
            ending.began.get_or_insert(time.0);
            ending.ended = Some(time.0);
        }
        match &segment.content {
            Content::Open(opening) => turn.open(segment.sender, opening),
            Content::Bytes(bytes) => turn.bytes(segment.sender, bytes),
            Content::Gap(lost) => turn.gap(segment.sender, *lost),
            Content::End(how) => turn.end(segment.sender, *how),
        }
    }

    /// Nothing more comes: whoever has not ended ends now, nobody knows how.
    pub(super) fn finish<S: Sink + ?Sized>(&mut self, out: Out<'_, S>) {
        let mut turn = Turn { connection: self, out, time: None };
        turn.end(Sender::Client, How::Unknown);
        turn.end(Sender::Server, How::Unknown);
    }

    /// Whether both streams have ended.
    pub(super) const fn is_over(&self) -> bool {
        self.client.ended && self.server.ended
    }

    const fn direction(&mut self, sender: Sender) -> &mut Direction {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }
}

/// A connection while one segment is fed to it.
struct Turn<'a, S: Sink + ?Sized> {
    connection: &'a mut Connection,
    out: Out<'a, S>,
    time: Option<Time>,
}

impl<S: Sink + ?Sized> Turn<'_, S> {
    fn open(&mut self, sender: Sender, opening: &Opening) {
        self.connection.shared.roles_known = opening.roles != Roles::MaskBit;
        self.connection.opening = opening.clone();
        self.emit(sender, 0, Kind::Open(opening));
    }

    fn bytes(&mut self, sender: Sender, mut bytes: &[u8]) {
        self.connection.shared.ending.side_mut(sender).seen = true;
        while !bytes.is_empty() {
            let taken = self.step(sender, bytes);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Takes bytes from the front, as the sender's phase tells, and says how many.
    fn step(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        match &mut self.connection.direction(sender).phase {
            Phase::Frames(_) => self.frames(sender, bytes),
            Phase::Start(_) => self.start(sender, bytes),
            Phase::Head(_) => self.head(sender, bytes),
            Phase::Pending(_) => {
                self.settle_pending(false);
                0
            }
            Phase::Body(_) => self.body(sender, bytes),
            Phase::Held(..) => self.hold(bytes),
            Phase::Opaque(why) => {
                let why = *why;
                self.opaque(sender, why, bytes)
            }
        }
    }

    fn frames(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        self.with_frames(sender, |frames, link| frames.feed(bytes, link));
        bytes.len()
    }

    /// Lends the sender's frames and all that they need.
    fn with_frames<T>(
        &mut self,
        sender: Sender,
        with: impl FnOnce(&mut Frames, &mut Link<'_, S>) -> T,
    ) -> Option<T> {
        let Connection { shared, client, server, .. } = &mut *self.connection;
        let direction = if sender == Sender::Client { client } else { server };
        let Direction { phase: Phase::Frames(frames), offset, .. } = direction else { return None };
        let out = Out {
            sink: &mut *self.out.sink,
            config: self.out.config,
            nonces: &mut *self.out.nonces,
            scratch: &mut *self.out.scratch,
            findings: &mut *self.out.findings,
        };
        Some(with(frames, &mut Link { out, shared, offset, sender, time: self.time }))
    }

    /// Lends what an event of this sender needs.
    fn with_link<T>(&mut self, sender: Sender, with: impl FnOnce(&mut Link<'_, S>) -> T) -> T {
        let Connection { shared, client, server, .. } = &mut *self.connection;
        let direction = if sender == Sender::Client { client } else { server };
        let out = Out {
            sink: &mut *self.out.sink,
            config: self.out.config,
            nonces: &mut *self.out.nonces,
            scratch: &mut *self.out.scratch,
            findings: &mut *self.out.findings,
        };
        with(&mut Link { out, shared, offset: &mut direction.offset, sender, time: self.time })
    }

    fn emit(&mut self, sender: Sender, len: u64, kind: Kind<'_>) {
        let times = Times::since(self.time);
        self.with_link(sender, |link| link.emit(times, len, kind, &[]));
    }

    fn opaque(&mut self, sender: Sender, why: Why, bytes: &[u8]) -> usize {
        if !matches!(why, Why::HttpBody) {
            self.connection.shared.ending.side_mut(sender).opaque += bytes.len() as u64;
        }
        self.emit(sender, bytes.len() as u64, Kind::Opaque(Opaque { why, bytes }));
        bytes.len()
    }

    fn set(&mut self, sender: Sender, phase: Phase) {
        self.connection.direction(sender).phase = phase;
    }

    /// Gathers the first bytes until they tell what they are.
    fn start(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let time = self.time;
        let direction = self.connection.direction(sender);
        let Phase::Start(held) = &mut direction.phase else { return 0 };
        if held.is_empty() {
            direction.since = time;
        }
        // More than this is never needed at once, and what follows is taken in its own turn.
        let taken = bytes.len().min(4096);
        held.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        if let Some(protocol) = sniff(sender, held) {
            self.decide(sender, protocol);
        }
        taken
    }

    /// The first bytes have told what they are: reads them as that.
    fn decide(&mut self, sender: Sender, protocol: Protocol) {
        let answered = !self.connection.requests.is_empty() && sender == Sender::Server;
        let phase = match protocol {
            Protocol::Http => Phase::Head(HeadReader::default()),
            Protocol::Tls => Phase::Opaque(Why::Tls),
            Protocol::Http2 => Phase::Opaque(Why::Http2),
            Protocol::Frames if self.connection.is_http2() => Phase::Opaque(Why::Http2),
            Protocol::Frames if answered => Phase::Opaque(Why::NotHttp),
            Protocol::Frames => Phase::Frames(Box::new(Frames::new(true))),
        };
        let direction = self.connection.direction(sender);
        let since = direction.since;
        let Phase::Start(held) = std::mem::replace(&mut direction.phase, phase) else { return };
        if matches!(direction.phase, Phase::Opaque(Why::NotHttp)) {
            self.not_http(sender, &held);
            return;
        }
        let now = std::mem::replace(&mut self.time, since);
        self.bytes(sender, &held);
        self.time = now;
    }

    /// Where a response must stand, something else came.
    fn not_http(&mut self, sender: Sender, first: &[u8]) {
        let opaque = Kind::Opaque(Opaque { why: Why::NotHttp, bytes: first });
        let times = Times::since(self.connection.direction(sender).since);
        self.connection.shared.ending.side_mut(sender).opaque += first.len() as u64;
        self.with_link(sender, |link| {
            let facts = facts::NotHttp { first };
            link.emit_judged(times, first.len() as u64, opaque, |found| rules::judge_not_http(&facts, found));
        });
    }

    fn head(&mut self, sender: Sender, bytes: &[u8]) -> usize {
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
    fn cut_head(&mut self, sender: Sender, why: Why) {
        let direction = self.connection.direction(sender);
        let times = Times::since(direction.since);
        let (Phase::Head(reader) | Phase::Pending(reader)) =
            std::mem::replace(&mut direction.phase, Phase::Opaque(why))
        else {
            return;
        };
        let len = reader.bytes().len() as u64;
        if len == 0 {
            return;
        }
        self.connection.shared.ending.side_mut(sender).cut = true;
        let head = reader.finish();
        let handshake = asks(&head);
        let agreed = Agreed::Unknown;
        let kind = match sender {
            Sender::Client => Kind::Request(Request { head: &head, handshake, partial: true }),
            Sender::Server => {
                let handshake =
                    self.connection.requests.front().is_some_and(|asked| asked.handshake) || handshake;
                Kind::Response(Response {
                    head: &head,
                    handshake,
                    partial: true,
                    request: None,
                    agreed: &agreed,
                })
            }
        };
        self.with_link(sender, |link| link.emit(times, len, kind, &[]));
    }

    /// A request's head is whole.
    fn request(&mut self) {
        let direction = &mut self.connection.client;
        let Phase::Head(reader) = std::mem::replace(&mut direction.phase, Phase::Start(Vec::new())) else {
            return;
        };
        if asks(&Head::decode(reader.bytes().to_vec())) {
            self.emit_request(reader.finish(), true);
        } else {
            direction.phase = Phase::Pending(reader);
        }
    }

    /// The held request's answer came, or something else did: `handshake` where the answer is 101.
    fn settle_pending(&mut self, handshake: bool) {
        if let Phase::Pending(reader) = &mut self.connection.client.phase {
            let head = std::mem::take(reader).finish();
            self.emit_request(head, handshake);
        }
    }

    fn emit_request(&mut self, head: Head, handshake: bool) {
        let times = Times::since(self.connection.client.since);
        let len = head.raw().len() as u64;
        self.with_link(Sender::Client, |link| {
            let request = Kind::Request(Request { head: &head, handshake, partial: false });
            if !handshake {
                return link.emit(times, len, request, &[]);
            }
            let nonce = head.first_value("sec-websocket-key");
            let connection = link.shared.connection;
            let same_nonce_on = nonce.and_then(|nonce| link.out.nonces.used(&nonce, connection));
            let facts = facts::Request { head: &head, same_nonce_on };
            link.emit_judged(times, len, request, |found| rules::judge_request(&facts, found));
        });
        let body = Body::of_request(&head);
        let only_client = self.connection.opening.only == Some(Sender::Client);
        self.connection.client.phase = match body {
            Body::NONE if handshake && only_client => Phase::Frames(Box::new(Frames::new(false))),
            Body::NONE => Self::behind_request(handshake),
            body => Phase::Body(body),
        };
        if self.connection.requests.len() == MOST_REQUESTS {
            self.connection.requests.pop_front();
        }
        self.connection.requests.push_back(Asked { head, handshake });
    }

    /// What comes behind a request and its body: after a handshake only its answer tells.
    fn behind_request(handshake: bool) -> Phase {
        if handshake { Phase::Held(Vec::new(), 0) } else { Phase::Head(HeadReader::default()) }
    }

    fn body(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let Phase::Body(body) = &mut self.connection.direction(sender).phase else { return 0 };
        let (taken, over) = body.feed(bytes);
        self.opaque(sender, Why::HttpBody, bytes.get(..taken).unwrap_or_default());
        if over {
            let handshake = self.connection.requests.back().is_some_and(|asked| asked.handshake);
            let phase = match sender {
                Sender::Client => Self::behind_request(handshake),
                Sender::Server => Phase::Head(HeadReader::default()),
            };
            self.set(sender, phase);
        }
        taken
    }

    /// Holds what the client sends before the answer; beyond the limit it is taken for frames.
    fn hold(&mut self, bytes: &[u8]) -> usize {
        let time = self.time;
        let Phase::Held(held, len) = &mut self.connection.client.phase else { return 0 };
        let taken = bytes.len().min(MOST_HELD - *len);
        held.push((time, bytes.get(..taken).unwrap_or_default().to_vec()));
        *len += taken;
        if *len == MOST_HELD {
            self.release_as_frames();
        }
        taken
    }

    /// Reads what was held, now that it is known what it is.
    fn release_as_frames(&mut self) {
        let early = matches!(self.connection.client.phase, Phase::Held(..));
        let mut frames = Frames::new(false);
        frames.set_early(early);
        self.switch(Sender::Client, Phase::Frames(Box::new(frames)));
        self.with_frames(Sender::Client, |frames, _| frames.set_early(false));
    }

    /// Goes on as something else, and reads as that whatever was held until now.
    fn switch(&mut self, sender: Sender, phase: Phase) {
        let direction = self.connection.direction(sender);
        let (now, since) = (self.time, direction.since);
        let held = match std::mem::replace(&mut direction.phase, phase) {
            Phase::Held(held, _) => held,
            Phase::Start(bytes) => vec![(since, bytes)],
            Phase::Head(reader) | Phase::Pending(reader) => vec![(since, reader.bytes().to_vec())],
            Phase::Body(_) | Phase::Frames(_) | Phase::Opaque(_) => return,
        };
        for (time, bytes) in held {
            self.time = time;
            self.bytes(sender, &bytes);
        }
        self.time = now;
    }

    /// A response's head is whole.
    fn response(&mut self) {
        let direction = &mut self.connection.server;
        let next = Phase::Head(HeadReader::default());
        let Phase::Head(reader) = std::mem::replace(&mut direction.phase, next) else { return };
        let head = reader.finish();
        let status = head.status().unwrap_or(0);
        let switches = status == 101;
        self.settle_pending(switches && !other_protocol(&head));
        let interim = (100..200).contains(&status) && !switches;
        let asked = if interim { None } else { self.connection.requests.pop_front() };
        let request = asked.as_ref().map(|asked| &asked.head);
        let names_websocket = names_websocket(&head);
        let handshake = asked.as_ref().map_or(names_websocket || switches, |asked| asked.handshake);
        let opens = switches && handshake && (names_websocket || !other_protocol(&head) || asked.is_some());
        if opens {
            self.connection.shared.agree(Agreed::by_response(&head));
        }
        self.emit_response(&head, handshake && !interim, request);
        let method = request.and_then(Head::method).map(<[u8]>::to_vec);
        if opens {
            self.set(Sender::Server, Phase::Frames(Box::new(Frames::new(false))));
            self.become_websocket();
        } else if switches {
            self.set(Sender::Server, Phase::Opaque(Why::OtherProtocol));
            self.switch(Sender::Client, Phase::Opaque(Why::OtherProtocol));
        } else if !interim {
            self.go_on_with_http(&head, method.as_deref());
        }
    }

    fn emit_response(&mut self, head: &Head, handshake: bool, request: Option<&Head>) {
        let times = Times::since(self.connection.server.since);
        if handshake {
            self.connection.shared.ending.status = head.status();
        }
        let agreed = self.connection.shared.agreed.clone();
        self.with_link(Sender::Server, |link| {
            let response = Response { head, handshake, partial: false, request, agreed: &agreed };
            let (response, len) = (Kind::Response(response), head.raw().len() as u64);
            if !handshake {
                return link.emit(times, len, response, &[]);
            }
            let facts = facts::Response { head, request };
            link.emit_judged(times, len, response, |found| rules::judge_response(&facts, found));
        });
    }

    /// The 101 came: from here on the client sends frames too.
    fn become_websocket(&mut self) {
        self.connection.shared.ending.opened = true;
        if !matches!(self.connection.client.phase, Phase::Frames(_) | Phase::Opaque(_)) {
            self.release_as_frames();
        }
    }

    /// The answer was no 101: HTTP goes on, unless a tunnel begins here (RFC 9110 §9.3.6).
    fn go_on_with_http(&mut self, head: &Head, method: Option<&[u8]>) {
        let status = head.status().unwrap_or(0);
        if method == Some(b"CONNECT") && (200..300).contains(&status) {
            self.set(Sender::Server, Phase::Start(Vec::new()));
            self.switch(Sender::Client, Phase::Start(Vec::new()));
            return;
        }
        match Body::of_response(head, method) {
            Body::NONE => {}
            body => self.set(Sender::Server, Phase::Body(body)),
        }
        if matches!(self.connection.client.phase, Phase::Held(..)) {
            self.switch(Sender::Client, Phase::Head(HeadReader::default()));
        }
    }

    fn gap(&mut self, sender: Sender, lost: u64) {
        if lost == 0 {
            return;
        }
        self.connection.shared.ending.side_mut(sender).seen = true;
        self.flush(sender);
        let known = match &mut self.connection.direction(sender).phase {
            Phase::Frames(_) => {
                let known = self.with_frames(sender, |frames, link| frames.gap(lost, link));
                if known != Some(true) {
                    self.set(sender, Phase::Opaque(Why::AfterGap));
                }
                return;
            }
            Phase::Body(body) => body.skip(lost),
            Phase::Opaque(_) => true,
            _ => false,
        };
        self.with_link(sender, |link| link.gap(lost));
        match &self.connection.direction(sender).phase {
            Phase::Body(Body::Length(0)) if known => self.set(sender, Phase::Head(HeadReader::default())),
            _ if !known => self.set(sender, Phase::Opaque(Why::AfterGap)),
            _ => {}
        }
    }

    /// What is held until more comes is shown now, as far as it came.
    fn flush(&mut self, sender: Sender) {
        match &self.connection.direction(sender).phase {
            Phase::Start(held) if !held.is_empty() => self.decide(sender, Protocol::Frames),
            Phase::Pending(_) => self.settle_pending(false),
            Phase::Held(..) => self.release_as_frames(),
            _ => {}
        }
        if matches!(self.connection.direction(sender).phase, Phase::Head(_)) {
            self.cut_head(sender, Why::AfterGap);
        }
    }

    fn end(&mut self, sender: Sender, how: How) {
        if std::mem::replace(&mut self.connection.direction(sender).ended, true) {
            return;
        }
        self.flush(sender);
        self.with_frames(sender, Frames::stop);
        let time = self.time.map(|time| time.0);
        let first = !self.connection.direction(sender.other()).ended;
        let side = self.connection.shared.ending.side_mut(sender);
        side.ended = Some(match how {
            How::Fin => Ended::Fin,
            How::Reset => Ended::Reset,
            How::Unknown => Ended::Unknown,
        });
        side.ended_at = time;
        side.ended_first = first && how != How::Unknown;
        self.emit_end(sender, how, !first);
    }

    fn emit_end(&mut self, sender: Sender, how: How, last: bool) {
        let times = Times::since(self.time);
        self.with_link(sender, |link| {
            let mut found = Vec::new();
            if last {
                let ending = link.shared.finish();
                rules::judge_end(&facts::End { facts: ending }, &mut found);
                for finding in &found {
                    if let Some(count) = link.shared.ending.findings.get_mut(finding.rule.level as usize) {
                        *count += 1;
                    }
                }
            }
            let ending = link.shared.ending.clone();
            let end = End { how, connection: last.then_some(&ending) };
            link.emit(times, 0, Kind::End(end), &found);
        });
    }
}

impl Connection {
    fn is_http2(&self) -> bool {
        [&self.client, &self.server].iter().any(|d| matches!(d.phase, Phase::Opaque(Why::Http2)))
    }
}

/// Whether a request asks for a WebSocket: Upgrade names it, or a Sec-WebSocket-* field stands in it.
fn asks(head: &Head) -> bool {
    names_websocket(head)
}

fn names_websocket(head: &Head) -> bool {
    head.all("upgrade").any(|line| list::has_token(&head.value(line), "websocket"))
        || head.headers.iter().any(|line| {
            head.name(line).get(..14).is_some_and(|front| front.eq_ignore_ascii_case(b"sec-websocket-"))
        })
}

/// Whether a 101 switches to something that is named and is not WebSocket.
fn other_protocol(head: &Head) -> bool {
    head.first("upgrade").is_some() && !names_websocket(head)
}

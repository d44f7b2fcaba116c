//! Follows one direction as far as it takes to know what it speaks: HTTP heads and bodies up to a handshake, or frames.

use super::evidence::Evidence;
use super::protocol::{Beginning, Spoken, beginning, looks_like_handshake};
use crate::session::segment::Begins;
use crate::wire::body::Body;
use crate::wire::boundary::Found;
use crate::wire::head::{Head, HeadReader, Progress};
use crate::wire::list;

/// One direction.
#[derive(Debug)]
pub(super) struct Walk {
    phase: Phase,
    /// Whether the first byte here is the first of the stream, and none was lost since.
    from_start: bool,
    /// Whether it spoke HTTP.
    http: bool,
    /// The head of the handshake, once it was seen.
    handshake: Vec<u8>,
    /// Bytes that were taken, lost ones included.
    offset: u64,
    /// Those before what may be frames.
    frames: u64,
}

#[derive(Debug)]
enum Phase {
    Start(Vec<u8>),
    Head(HeadReader, Side),
    Body(Body, Side),
    /// From the midst of a stream, and no HTTP.
    Frames(Box<Evidence>),
}

/// Which half of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// A request that asks for a WebSocket.
    Handshake,
    /// A response that agrees to a WebSocket.
    Agreement,
    /// Something that is not followed.
    Spoken(Spoken),
}

impl Walk {
    pub(super) const fn new(from_start: bool) -> Self {
        Self {
            phase: Phase::Start(Vec::new()),
            from_start,
            http: false,
            handshake: Vec::new(),
            offset: 0,
            frames: 0,
        }
    }

    pub(super) const fn is_http(&self) -> bool {
        self.http
    }

    /// The head of the handshake that was seen.
    pub(super) fn take_head(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.handshake)
    }

    /// What speaks for frames.
    pub(super) const fn evidence(&self) -> Option<&Evidence> {
        match &self.phase {
            Phase::Frames(evidence) => Some(evidence),
            _ => None,
        }
    }

    /// Where frames begin in this direction, as far as it is known.
    pub(super) fn begins(&self) -> Begins {
        match self.evidence().and_then(Evidence::begins) {
            Some(Found { at, headers, bits }) => Begins::At { offset: self.frames + at, headers, bits },
            None => Begins::Somewhere,
        }
    }

    /// Takes the next bytes of a segment, up to the first sight: how many, and what was seen.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> (usize, Option<Sight>) {
        let (taken, sight) = self.step(bytes);
        self.offset += taken as u64;
        (taken, sight)
    }

    fn step(&mut self, bytes: &[u8]) -> (usize, Option<Sight>) {
        match &mut self.phase {
            Phase::Start(_) => self.start(bytes),
            Phase::Head(reader, side) => {
                let side = *side;
                let (taken, progress) = reader.feed(bytes);
                let sight = match progress {
                    Progress::More => None,
                    Progress::Whole => self.behind_head(side),
                    Progress::TooLong => Some(Sight::Spoken(Spoken::Other)),
                };
                (taken, sight)
            }
            Phase::Body(body, side) => {
                let side = *side;
                let (taken, over) = body.feed(bytes);
                if over {
                    self.phase = Phase::Head(HeadReader::default(), side);
                }
                (taken, None)
            }
            Phase::Frames(evidence) => {
                if looks_like_handshake(bytes) || bytes.starts_with(b"HTTP/1.1 101") {
                    self.phase = Phase::Start(Vec::new());
                    return (0, None);
                }
                evidence.feed(bytes);
                (bytes.len(), None)
            }
        }
    }

    fn start(&mut self, bytes: &[u8]) -> (usize, Option<Sight>) {
        let Phase::Start(held) = &mut self.phase else { return (0, None) };
        let before = held.len();
        held.extend_from_slice(bytes);
        let Some(beginning) = beginning(held) else { return (bytes.len(), None) };
        let side = match beginning {
            Beginning::Request => Side::Request,
            Beginning::Response => Side::Response,
            Beginning::Tls => return (bytes.len(), Some(Sight::Spoken(Spoken::Tls))),
            Beginning::Http2 => return (bytes.len(), Some(Sight::Spoken(Spoken::Http2))),
            Beginning::Other if self.from_start => {
                return (bytes.len(), Some(Sight::Spoken(Spoken::Other)));
            }
            Beginning::Other => {
                let mut evidence = Box::<Evidence>::default();
                evidence.feed(held);
                self.frames = self.offset.saturating_sub(before as u64);
                self.phase = Phase::Frames(evidence);
                return (bytes.len(), None);
            }
        };
        self.http = true;
        // What was held before this segment had no whole line: the head goes on in it.
        let mut reader = HeadReader::default();
        reader.feed(held.get(..before).unwrap_or_default());
        self.phase = Phase::Head(reader, side);
        (0, None)
    }

    /// A head is whole: what it says, and what comes behind it.
    fn behind_head(&mut self, side: Side) -> Option<Sight> {
        let Phase::Head(reader, _) = std::mem::replace(&mut self.phase, Phase::Start(Vec::new())) else {
            return None;
        };
        let head = reader.finish();
        let websocket = names_websocket(&head);
        let sight = match side {
            Side::Request if websocket => Some(Sight::Handshake),
            Side::Response if websocket && head.status() == Some(101) => Some(Sight::Agreement),
            _ => None,
        };
        if sight.is_some() {
            self.handshake = head.raw().to_vec();
            return sight;
        }
        if side == Side::Response && head.status() == Some(101) && names(&head, "h2c") {
            return Some(Sight::Spoken(Spoken::Http2));
        }
        let body = match side {
            Side::Request => Body::of_request(&head),
            Side::Response => Body::of_response(&head, None),
        };
        if body != Body::NONE {
            self.phase = Phase::Body(body, side);
        }
        None
    }

    /// `lost` bytes are missing.
    pub(super) fn gap(&mut self, lost: u64) {
        self.offset = self.offset.saturating_add(lost);
        match &mut self.phase {
            Phase::Body(body, _) => {
                if body.skip(lost) {
                    return;
                }
                self.phase = Phase::Start(Vec::new());
            }
            Phase::Frames(evidence) => evidence.lose(lost),
            Phase::Start(_) | Phase::Head(..) => self.phase = Phase::Start(Vec::new()),
        }
        self.from_start = false;
    }
}

/// Whether a head speaks of WebSocket: Upgrade names it, or a Sec-WebSocket-* field stands in it.
fn names_websocket(head: &Head) -> bool {
    names(head, "websocket")
        || head.headers.iter().any(|line| {
            head.name(line).get(..14).is_some_and(|front| front.eq_ignore_ascii_case(b"sec-websocket-"))
        })
}

/// Whether Upgrade names this protocol.
fn names(head: &Head, protocol: &str) -> bool {
    head.all("upgrade").any(|line| list::has_token(&head.value(line), protocol))
}

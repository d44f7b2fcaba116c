//! A connection of which it is not yet known what it speaks: everything is held until a handshake tells, or frames do.

use std::num::NonZeroU64;

use super::evidence;
use super::protocol::Spoken;
use super::speech::{Event, What};
use super::table::EndPoint;
use super::walk::{Sight, Walk};
use crate::session::segment::{Begins, How, Roles, Time};

/// The most bytes that are held of a connection.
const MOST: usize = 64 * 1024;

/// The same, where all connections together hold more than [`MOST_OF_ALL`].
const FEWEST: usize = 4 * 1024;

/// The bytes that all connections may hold before each holds less.
const MOST_OF_ALL: usize = 8 * 1024 * 1024;

/// A connection that is not known yet.
#[derive(Debug)]
pub(super) struct Scout {
    low: Walk,
    high: Walk,
    held: Vec<Held>,
    bytes: usize,
    /// HTTP that is no longer held, by the lower and the higher end, once there was too much of it.
    let_go: Option<[u64; 2]>,
}

/// Something that happened and is held.
#[derive(Debug)]
struct Held {
    end: EndPoint,
    time: Option<Time>,
    packet: Option<NonZeroU64>,
    what: HeldWhat,
}

#[derive(Debug)]
enum HeldWhat {
    Bytes(Box<[u8]>),
    Gap(u64),
    End(How),
}

/// What the connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    WebSocket { client: EndPoint, roles: Roles },
    Other(Spoken),
}

impl Scout {
    /// `low` and `high` tell whether the first byte of each end will be its first of all.
    pub(super) const fn new(low: bool, high: bool) -> Self {
        Self { low: Walk::new(low), high: Walk::new(high), held: Vec::new(), bytes: 0, let_go: None }
    }

    /// The bytes that are held.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of the lower and the higher end that are no longer held.
    pub(super) fn let_go(&self) -> [u64; 2] {
        self.let_go.unwrap_or_default()
    }

    /// Where frames begin in what the lower and the higher end send.
    pub(super) fn begins(&self) -> [Begins; 2] {
        [self.low.begins(), self.high.begins()]
    }

    /// Takes what happened next; a verdict, once there is one. `all` is how many bytes all connections hold.
    pub(super) fn take(&mut self, event: &Event<'_>, all: usize) -> Option<Verdict> {
        let end = event.end;
        let (taken, verdict) = match event.what {
            What::Bytes(bytes) => self.look(end, bytes),
            What::Gap(lost) => {
                self.walk(end).gap(lost);
                (0, None)
            }
            What::End(_) => (0, None),
        };
        match (verdict, self.let_go) {
            (Some(Verdict::WebSocket { .. }), Some(gone)) => self.go_on_from_head(event, taken, gone),
            _ => self.hold(event),
        }
        verdict.or_else(|| self.by_evidence(evidence::ENOUGH)).or_else(|| self.at_limit(all))
    }

    const fn walk(&mut self, end: EndPoint) -> &mut Walk {
        match end {
            EndPoint::Low => &mut self.low,
            EndPoint::High => &mut self.high,
        }
    }

    /// Looks at bytes up to the first that tell: how many, and what.
    fn look(&mut self, end: EndPoint, bytes: &[u8]) -> (usize, Option<Verdict>) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (taken, sight) = self.walk(end).feed(rest);
            at += taken;
            let verdict = match sight {
                None => continue,
                Some(Sight::Handshake) => Verdict::WebSocket { client: end, roles: Roles::RequestLine },
                Some(Sight::Agreement) => {
                    Verdict::WebSocket { client: end.other(), roles: Roles::StatusLine }
                }
                Some(Sight::Spoken(spoken)) => Verdict::Other(spoken),
            };
            return (at, Some(verdict));
        }
        (at, None)
    }

    /// The handshake came after HTTP that was let go: from its head on everything is there.
    fn go_on_from_head(&mut self, event: &Event<'_>, taken: usize, mut gone: [u64; 2]) {
        let What::Bytes(bytes) = event.what else { return };
        let head = self.walk(event.end).take_head();
        count(&mut gone, event.end, taken);
        let of_end = if event.end == EndPoint::Low { &mut gone[0] } else { &mut gone[1] };
        *of_end = of_end.saturating_sub(head.len() as u64);
        self.let_go = Some(gone);
        let Event { end, time, packet, .. } = *event;
        let rest = bytes.get(taken..).unwrap_or_default().into();
        self.held = vec![
            Held { end, time, packet, what: HeldWhat::Bytes(head.into()) },
            Held { end, time, packet, what: HeldWhat::Bytes(rest) },
        ];
    }

    fn by_evidence(&self, enough: u32) -> Option<Verdict> {
        let of = |walk: &Walk| walk.evidence().map_or((0, None), |e| (e.bits(), e.masked()));
        let ((low, low_masked), (high, high_masked)) = (of(&self.low), of(&self.high));
        if low_masked.is_some() && low_masked == high_masked || low + high < enough {
            return None;
        }
        // RFC 6455 §5.1: a client masks every frame, a server none.
        let client = match (low_masked, high_masked) {
            (Some(true), _) | (None, Some(false)) => EndPoint::Low,
            (Some(false), _) | (None, Some(true)) => EndPoint::High,
            (None, None) => return None,
        };
        Some(Verdict::WebSocket { client, roles: Roles::MaskBit })
    }

    /// Nothing more comes: what it was.
    pub(super) fn finish(&self) -> Verdict {
        self.by_evidence(evidence::ENOUGH_AT_END).unwrap_or_else(|| self.other())
    }

    fn other(&self) -> Verdict {
        let http = self.low.is_http() || self.high.is_http();
        Verdict::Other(if http { Spoken::Http } else { Spoken::Other })
    }

    /// Where too much is held, HTTP is let go and followed without; anything else is not followed any more.
    fn at_limit(&mut self, all: usize) -> Option<Verdict> {
        let limit = if all > MOST_OF_ALL { FEWEST } else { MOST };
        if self.bytes <= limit || self.let_go.is_some() {
            return None;
        }
        if !self.low.is_http() && !self.high.is_http() {
            return Some(self.other());
        }
        let mut let_go = [0; 2];
        for held in self.held.drain(..) {
            if let HeldWhat::Bytes(bytes) = &held.what {
                count(&mut let_go, held.end, bytes.len());
            }
        }
        self.bytes = 0;
        self.let_go = Some(let_go);
        None
    }

    fn hold(&mut self, event: &Event<'_>) {
        if let Some(let_go) = &mut self.let_go {
            match event.what {
                What::Bytes(bytes) => count(let_go, event.end, bytes.len()),
                What::Gap(lost) => count(let_go, event.end, usize::try_from(lost).unwrap_or(usize::MAX)),
                What::End(_) => {}
            }
            return;
        }
        let what = match event.what {
            What::Bytes(bytes) => {
                self.bytes += bytes.len();
                HeldWhat::Bytes(bytes.into())
            }
            What::Gap(lost) => HeldWhat::Gap(lost),
            What::End(how) => HeldWhat::End(how),
        };
        self.held.push(Held { end: event.end, time: event.time, packet: event.packet, what });
    }

    /// Gives back what was held, in order.
    pub(super) fn release<E>(self, mut each: impl FnMut(&Event<'_>) -> Result<(), E>) -> Result<(), E> {
        for Held { end, time, packet, what } in self.held {
            let what = match &what {
                HeldWhat::Bytes(bytes) => What::Bytes(bytes),
                HeldWhat::Gap(lost) => What::Gap(*lost),
                HeldWhat::End(how) => What::End(*how),
            };
            each(&Event { end, time, packet, what })?;
        }
        Ok(())
    }
}

const fn count([low, high]: &mut [u64; 2], end: EndPoint, len: usize) {
    match end {
        EndPoint::Low => *low += len as u64,
        EndPoint::High => *high += len as u64,
    }
}

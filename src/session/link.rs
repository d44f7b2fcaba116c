//! What one sender's stream shares with the rest of its connection while bytes are fed.

use std::num::NonZeroU64;

use super::at_once::AtOnce;
use super::event::{Answer, Event, FrameEnd, Kind, Payload, Sink};
use super::nonces::Nonces;
use super::segment::Time;
use super::shared::Shared;
use super::windows::Windows;
use super::{Config, SCRATCH};
use crate::rules::ending::{CloseSent, Side};
use crate::rules::facts::ClientFrame;
use crate::rules::rule::{Finding, Level};
use crate::wire::frame::Header;
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Where events go, and what is reused from one to the next.
pub(super) struct Out<'a, S: Sink + ?Sized> {
    pub(super) sink: &'a mut S,
    pub(super) config: &'a Config,
    pub(super) nonces: &'a Nonces,
    pub(super) windows: &'a mut Windows,
    pub(super) scratch: &'a mut [u8; SCRATCH],
    pub(super) findings: &'a mut Vec<Finding>,
}

impl<S: Sink + ?Sized> Out<'_, S> {
    /// The same, for a while.
    pub(super) const fn lend(&mut self) -> Out<'_, S> {
        Out {
            sink: self.sink,
            config: self.config,
            nonces: self.nonces,
            windows: self.windows,
            scratch: self.scratch,
            findings: self.findings,
        }
    }
}

/// When an event began; it ends now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times(Option<Time>);

impl Times {
    pub(super) const fn since(first: Option<Time>) -> Self {
        Self(first)
    }
}

/// One sender's stream, while bytes of one moment are fed.
pub(super) struct Link<'a, S: Sink + ?Sized> {
    pub(super) out: Out<'a, S>,
    pub(super) shared: &'a mut Shared,
    /// The offset of the next byte that an event will cover.
    pub(super) offset: &'a mut u64,
    pub(super) sender: Sender,
    pub(super) time: Option<Time>,
    /// The packet of a capture that these bytes came in.
    pub(super) packet: Option<NonZeroU64>,
}

impl<S: Sink + ?Sized> Link<'_, S> {
    pub(super) const fn sender(&self) -> Sender {
        self.sender
    }

    pub(super) const fn time(&self) -> Option<Time> {
        self.time
    }

    pub(super) const fn checks_text(&self) -> bool {
        self.out.config.check_text
    }

    pub(super) const fn side(&mut self) -> &mut Side {
        self.shared.ending.side_mut(self.sender)
    }

    pub(super) const fn next_frame(&mut self) -> u64 {
        self.shared.frames += 1;
        self.shared.frames
    }

    pub(super) const fn next_message(&mut self) -> u64 {
        self.shared.messages += 1;
        self.side().messages += 1;
        self.shared.messages
    }

    /// Emits an event with whatever `judge` finds at it; whether it found anything.
    #[cold]
    #[inline(never)]
    pub(super) fn emit_judged(
        &mut self,
        times: Times,
        len: u64,
        kind: Kind<'_>,
        judge: impl FnOnce(&mut Vec<Finding>),
    ) -> bool {
        let mut findings = std::mem::take(self.out.findings);
        judge(&mut findings);
        self.emit(times, len, kind, &findings);
        self.count_findings(&findings);
        let any = !findings.is_empty();
        findings.clear();
        *self.out.findings = findings;
        any
    }

    pub(super) fn count_findings(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.side().musts += u64::from(finding.rule.level == Level::Must);
            if let Some(count) = self.shared.ending.findings.get_mut(finding.rule.level as usize) {
                *count += 1;
            }
        }
    }

    /// Emits an event over the next `len` bytes.
    #[inline(always)]
    pub(super) fn emit(&mut self, times: Times, len: u64, kind: Kind<'_>, findings: &[Finding]) {
        let offset = *self.offset;
        *self.offset = offset.saturating_add(len);
        self.out.sink.event(&Event {
            connection: self.shared.connection,
            sender: self.sender,
            time: times.0,
            time_end: self.time,
            offset,
            len,
            kind,
            findings,
        });
    }

    /// Emits a piece of payload; `unmasked` where [`Self::unmask`] was called for it.
    #[inline(always)]
    pub(super) fn emit_payload(&mut self, payload: Payload<'_>, unmasked: bool) {
        let (offset, len) = (*self.offset, payload.raw.len() as u64);
        *self.offset = offset.saturating_add(len);
        let Payload { frame, at, raw, key, .. } = payload;
        let plain = plain(raw, key, self.out.scratch, unmasked);
        let kind = Kind::Payload(Payload { frame, at, raw, key, plain });
        self.out.sink.event(&Event {
            connection: self.shared.connection,
            sender: self.sender,
            time: self.time,
            time_end: self.time,
            offset,
            len,
            kind,
            findings: &[],
        });
    }

    /// Emits a frame of `len` bytes that came whole; `unmasked` where [`Self::unmask`] was called for all of its payload.
    #[inline(always)]
    pub(super) fn emit_frame(&mut self, len: u64, end: &FrameEnd<'_>, raw: &[u8], unmasked: bool) {
        let plain = plain(raw, end.header.key(), self.out.scratch, unmasked);
        let (connection, sender, time, offset) =
            (self.shared.connection, self.sender, self.time, *self.offset);
        *self.offset = offset.saturating_add(len);
        self.out.sink.frame(&AtOnce { connection, sender, time, offset, len, end, raw, plain });
    }

    pub(super) fn gap(&mut self, lost: u64) {
        self.side().lost += lost;
        self.emit(Times::since(self.time), lost, Kind::Gap, &[]);
    }

    /// Unmasks the front of `bytes`, as much as fits the scratch buffer: that much as sent, and unmasked.
    #[inline]
    pub(super) fn unmask<'s, 'b: 's>(
        &'s mut self,
        bytes: &'b [u8],
        key: Option<MaskingKey>,
    ) -> (&'b [u8], Option<&'s [u8]>) {
        match key {
            None => (bytes, Some(bytes)),
            Some(key) => {
                let plain = key.apply_into(bytes, self.out.scratch);
                (bytes.get(..plain.len()).unwrap_or_default(), Some(plain))
            }
        }
    }

    #[inline]
    pub(super) const fn count_frame(&mut self, header: &Header) {
        self.shared.ending.opened = true;
        self.shared.ending.last_frame = match self.time {
            Some(time) => Some(time.0),
            None => None,
        };
        let side = self.side();
        side.frames += 1;
        match header.opcode() {
            Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY => side.data_frames += 1,
            Opcode::CLOSE => side.closes += 1,
            Opcode::PING => side.pings += 1,
            Opcode::PONG => side.pongs += 1,
            _ => {}
        }
    }

    #[inline]
    pub(super) fn count_payload(&mut self, captured: u64) {
        self.shared.ending.last_frame = self.time.map(|time| time.0);
        self.side().payload += captured;
    }

    pub(super) fn count_close(&mut self, end: &FrameEnd<'_>) {
        let (sender, time) = (self.sender, self.time.map(|time| time.0));
        self.shared.ending.closed_by.get_or_insert(sender);
        let reason = end.close_reason().unwrap_or_default().to_vec();
        let too_late = self.other_ended();
        let close = CloseSent { frame: end.number, code: end.close_code, reason, time, too_late };
        self.side().close.get_or_insert(close);
    }

    /// Whether the data frame that ends now is one of a client's first.
    #[inline(always)]
    pub(super) fn remembers_frames(&self) -> bool {
        self.shared.client_frames_left > 0 && self.sender == Sender::Client
    }

    /// Remembers a data frame, where it is one of a client's first.
    pub(super) fn remember_frame(&mut self, number: u64, header: Header, prefix: &[u8]) {
        if self.remembers_frames() {
            self.shared.client_frames_left -= 1;
            self.shared.client_frame = Some(ClientFrame { number, header, prefix: prefix.to_vec() });
        }
    }

    /// What a server may have echoed: the latest of the client's first data frames.
    pub(super) fn earlier_frame(&self) -> Option<ClientFrame> {
        self.shared.client_frame.clone().filter(|_| self.sender == Sender::Server)
    }

    /// Whether nothing more can come from the other side.
    pub(super) const fn other_ended(&self) -> bool {
        self.shared.ending.side(self.sender.other()).ended.is_some()
    }

    /// A Pong came: pairs it with a Ping of the other side.
    pub(super) fn pong(&mut self, payload: &[u8]) -> Option<Answer> {
        let answer = self.shared.pings_of(self.sender.other()).answered(payload, self.time)?;
        let trips = &mut self.shared.ending.side_mut(self.sender.other()).round_trips;
        if trips.len() == MOST_ROUND_TRIPS {
            trips.remove(0);
        }
        trips.extend(answer.round_trip);
        Some(answer)
    }
}

/// A piece of payload unmasked: as it was sent, where it has no key; otherwise in the scratch buffer, where it is `unmasked`.
#[inline(always)]
fn plain<'p>(
    raw: &'p [u8],
    key: Option<MaskingKey>,
    scratch: &'p [u8; SCRATCH],
    unmasked: bool,
) -> Option<&'p [u8]> {
    match key {
        None => Some(raw),
        Some(_) if unmasked => scratch.get(..raw.len()),
        Some(_) => None,
    }
}

/// How many round trips are kept for the post-mortem.
const MOST_ROUND_TRIPS: usize = 16;

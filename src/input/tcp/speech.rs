//! What is done with the bytes of a connection once they are in order: held until it is known what they speak, then handed on.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use super::Context;
use super::piece::Early;
use super::protocol::Spoken;
use super::scout::{Scout, Verdict};
use super::table::EndPoint;
use crate::input::emit::{Emitter, Stop};
use crate::session::segment::{How, Opening, Roles, Time};
use crate::wire::sender::Sender;

/// Something that happened in a direction, now that its turn has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event<'a> {
    pub(super) end: EndPoint,
    pub(super) time: Option<Time>,
    /// The packet that it came in.
    pub(super) packet: Option<NonZeroU64>,
    pub(super) what: What<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Bytes(&'a [u8]),
    Gap(u64),
    End(How),
}

/// Who speaks, and where it goes.
#[derive(Debug)]
pub(super) struct Speech {
    pub(super) low: SocketAddr,
    pub(super) high: SocketAddr,
    /// Who sent the SYN.
    pub(super) opened_by: Option<EndPoint>,
    pub(super) began: Option<Time>,
    /// Whether TLS was around its bytes when they were sent.
    pub(super) decrypted: bool,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// No byte came.
    Silent,
    /// It is not known what is spoken.
    Unknown(Box<Scout>),
    WebSocket {
        connection: usize,
        client: EndPoint,
    },
    /// Nothing that is shown.
    Other(Spoken),
    /// A handshake made another one of it.
    Replaced,
}

impl Speech {
    /// The end that was spoken to, as far as it is known.
    pub(super) const fn server(&self) -> SocketAddr {
        match self.opened_by {
            Some(EndPoint::High) => self.low,
            Some(EndPoint::Low) => self.high,
            // Who offers a service mostly does so on the lower port.
            None if self.low.port() < self.high.port() => self.low,
            None => self.high,
        }
    }

    pub(super) fn early(
        &mut self,
        end: EndPoint,
        early: &Early,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        self.piece(end, (early.time, early.packet), &early.bytes, early.cut, context, to)
    }

    /// Bytes, and behind them some that were not captured.
    pub(super) fn piece(
        &mut self,
        end: EndPoint,
        (time, packet): (Option<Time>, Option<NonZeroU64>),
        bytes: &[u8],
        cut: u32,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        if !bytes.is_empty() {
            self.event(&Event { end, time, packet, what: What::Bytes(bytes) }, context, to)?;
        }
        if cut > 0 {
            self.event(&Event { end, time, packet, what: What::Gap(u64::from(cut)) }, context, to)?;
        }
        Ok(())
    }

    pub(super) fn event(
        &mut self,
        event: &Event<'_>,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        match &mut self.stage {
            Stage::WebSocket { connection, client } => hand_on(*connection, *client, event, to),
            Stage::Unknown(scout) => {
                context.held -= scout.bytes();
                let verdict = scout.take(event, context.held);
                context.held += scout.bytes();
                match verdict {
                    Some(verdict) => self.decide(verdict, context, to),
                    None => Ok(()),
                }
            }
            Stage::Silent | Stage::Other(_) | Stage::Replaced => Ok(()),
        }
    }

    /// It is known what is spoken: what was held goes where it belongs.
    pub(super) fn decide(
        &mut self,
        verdict: Verdict,
        context: &mut Context,
        to: &mut Emitter<'_>,
    ) -> Result<(), Stop> {
        let Stage::Unknown(scout) = std::mem::replace(&mut self.stage, Stage::Silent) else { return Ok(()) };
        context.held -= scout.bytes();
        let (client, roles) = match verdict {
            Verdict::Other(spoken) => {
                self.stage = Stage::Other(spoken);
                return Ok(());
            }
            Verdict::WebSocket { client, roles } => (client, roles),
        };
        let (mut before, mut middle) = (scout.let_go(), scout.begins());
        if client == EndPoint::High {
            before.reverse();
            middle.reverse();
        }
        let middle = (roles == Roles::MaskBit).then_some(middle);
        let opening = Opening { before, middle, ..self.opening(client, roles, context.input) };
        let connection = to.open(self.began, opening)?;
        self.stage = Stage::WebSocket { connection, client };
        scout.release(|event| hand_on(connection, client, event, to))
    }

    fn opening(&self, client: EndPoint, roles: Roles, input: &'static str) -> Opening {
        let (client_address, server_address) = match client {
            EndPoint::Low => (self.low, self.high),
            EndPoint::High => (self.high, self.low),
        };
        let roles = if self.opened_by == Some(client) { Roles::Syn } else { roles };
        Opening {
            client: Some(client_address.to_string()),
            server: Some(server_address.to_string()),
            input: input.to_owned(),
            tls: self.decrypted,
            roles,
            ..Opening::default()
        }
    }
}

/// Who an end is, where this one is the client.
pub(super) fn sender_of(end: EndPoint, client: EndPoint) -> Sender {
    if end == client { Sender::Client } else { Sender::Server }
}

fn hand_on(connection: usize, client: EndPoint, event: &Event<'_>, to: &mut Emitter<'_>) -> Result<(), Stop> {
    let sender = sender_of(event.end, client);
    match event.what {
        What::Bytes(bytes) => to.bytes_of_packet(connection, sender, (event.time, event.packet), bytes),
        What::Gap(lost) => to.gap(connection, sender, event.time, lost),
        What::End(how) => to.end(connection, sender, event.time, how),
    }
}

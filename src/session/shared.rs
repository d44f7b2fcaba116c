//! What both senders of a connection share.

use super::agreed::Agreed;
use super::event::Compression;
use super::pings::Pings;
use crate::rules::ending::Ending;
use crate::rules::facts::{ClientFrame, Rsv};
use crate::wire::frame::Header;
use crate::wire::sender::Sender;

/// How many data frames of a client are looked at as those that a server may echo.
const FIRST_FRAMES: u8 = 8;

/// What both senders of a connection share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) connection: u32,
    pub(super) agreed: Agreed,
    pub(super) rsv: Rsv,
    pub(super) deflate: bool,
    pub(super) roles_known: bool,
    pub(super) ending: Ending,
    pub(super) frames: u64,
    pub(super) messages: u64,
    client_pings: Pings,
    server_pings: Pings,
    /// The latest of the client's first data frames, and how many of them are still to come.
    pub(super) client_frame: Option<ClientFrame>,
    pub(super) client_frames_left: u8,
}

impl Shared {
    pub(super) fn new(connection: u32, agreed: Agreed) -> Self {
        let mut shared = Self {
            connection,
            agreed: Agreed::Unknown,
            rsv: Rsv::Unknown,
            deflate: false,
            roles_known: true,
            ending: Ending::default(),
            frames: 0,
            messages: 0,
            client_pings: Pings::default(),
            server_pings: Pings::default(),
            client_frame: None,
            client_frames_left: FIRST_FRAMES,
        };
        shared.agree(agreed);
        shared
    }

    pub(super) fn agree(&mut self, agreed: Agreed) {
        (self.rsv, self.deflate) = (agreed.rsv(), agreed.deflate());
        self.agreed = agreed;
    }

    /// Whether the message is compressed that begins with this frame.
    #[inline]
    pub(super) const fn compression(&self, first: &Header) -> Compression {
        if !first.rsv1() && (first.fin() || !matches!(self.rsv, Rsv::PerFrame)) {
            Compression::None
        } else if self.deflate {
            Compression::Deflate
        } else if matches!(self.rsv, Rsv::PerFrame) {
            Compression::PerFrame
        } else {
            Compression::Unknown
        }
    }

    pub(super) const fn pings_of(&mut self, sender: Sender) -> &mut Pings {
        match sender {
            Sender::Client => &mut self.client_pings,
            Sender::Server => &mut self.server_pings,
        }
    }

    /// Whether every Ping of this sender is known: its stream was seen from the start and without holes.
    pub(super) const fn pings_known(&self, sender: Sender) -> bool {
        let (side, pings) = match sender {
            Sender::Client => (&self.ending.client, &self.client_pings),
            Sender::Server => (&self.ending.server, &self.server_pings),
        };
        self.ending.status.is_some() && side.seen && side.lost == 0 && side.opaque == 0 && !pings.forgotten
    }

    /// Gathers what is only known at the end.
    pub(super) fn finish(&mut self) -> &Ending {
        for sender in Sender::BOTH {
            let (unanswered, first) = self.pings_of(sender).unanswered();
            let side = self.ending.side_mut(sender);
            (side.pings_unanswered, side.first_unanswered) = (unanswered, first);
        }
        &self.ending
    }
}

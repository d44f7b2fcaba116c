//! What is known of a connection when it is over: the facts of the post-mortem.

use crate::wire::close::CloseCode;
use crate::wire::sender::Sender;

/// How a sender's stream was over, as far as the input tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// With FIN.
    Fin,
    /// With RST.
    Reset,
    /// The input merely stops.
    Unknown,
}

/// A Close frame that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseSent {
    /// The number of the frame.
    pub frame: u64,
    /// Its code, where it has one.
    pub code: Option<CloseCode>,
    /// Its reason, as sent.
    pub reason: Vec<u8>,
    /// When its last byte came, in nanoseconds since 1970.
    pub time: Option<u64>,
    /// Whether the other side's stream had ended before, so that no answer could come.
    pub too_late: bool,
}

/// One sender's side of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Whether anything of this sender is in the input.
    pub seen: bool,
    /// How its stream ended.
    pub ended: Option<Ended>,
    /// When it ended, in nanoseconds since 1970.
    pub ended_at: Option<u64>,
    /// Whether its stream ended before the other's.
    pub ended_first: bool,
    /// Frames whose header came, of every kind.
    pub frames: u64,
    /// Text, binary and continuation frames.
    pub data_frames: u64,
    /// Messages that were begun.
    pub messages: u64,
    /// Pings.
    pub pings: u64,
    /// Pings that no Pong of the other side answered, nor any later Ping's.
    pub pings_unanswered: u64,
    /// The number of the first of these unanswered Pings.
    pub first_unanswered: Option<u64>,
    /// How long each answered Ping waited, the last 16, in nanoseconds.
    pub round_trips: Vec<u64>,
    /// Pongs.
    pub pongs: u64,
    /// Closes.
    pub closes: u64,
    /// Bytes of payload, as claimed by whole frames and as captured of partial ones.
    pub payload: u64,
    /// The first Close.
    pub close: Option<CloseSent>,
    /// Bytes that were lost from its stream.
    pub lost: u64,
    /// Bytes that could not be decoded as frames or heads.
    pub opaque: u64,
    /// Whether its last frame, or its header, was cut short.
    pub cut: bool,
    /// Findings of level must about what it sent.
    pub musts: u64,
}

/// What is known of a whole connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The client's side.
    pub client: Side,
    /// The server's side.
    pub server: Side,
    /// The status of the answer to the opening handshake, where it was seen.
    pub status: Option<u16>,
    /// Whether the WebSocket was open: a 101 was seen, or frames.
    pub opened: bool,
    /// Who sent the first Close.
    pub closed_by: Option<Sender>,
    /// When the first byte came, in nanoseconds since 1970.
    pub began: Option<u64>,
    /// When the last byte or end came, in nanoseconds since 1970.
    pub ended: Option<u64>,
    /// When the last byte of the last frame came, in nanoseconds since 1970.
    pub last_frame: Option<u64>,
    /// Whether the input keeps messages and not their frames: no Ping, Pong, Close or end of TCP can be in it.
    pub messages_only: bool,
    /// Findings of each level: notes, shoulds, musts.
    pub findings: [u64; 3],
}

impl Ending {
    /// A sender's side.
    #[must_use]
    pub const fn side(&self, sender: Sender) -> &Side {
        match sender {
            Sender::Client => &self.client,
            Sender::Server => &self.server,
        }
    }

    /// A sender's side, to be written.
    #[must_use]
    pub const fn side_mut(&mut self, sender: Sender) -> &mut Side {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    /// Who ended TCP first, where both ends were seen.
    #[must_use]
    pub fn tcp_ended_first(&self) -> Option<Sender> {
        Sender::BOTH.into_iter().find(|&sender| self.side(sender).ended_first)
    }

    /// Whether this sender's TCP was seen to end, so that what it did not send by then never came.
    #[must_use]
    pub fn tcp_ended(&self, sender: Sender) -> bool {
        matches!(self.side(sender).ended, Some(Ended::Fin | Ended::Reset))
    }

    /// Whether all that this sender sent is known: its TCP was seen to end, and nothing was lost or left unread.
    #[must_use]
    pub fn is_known(&self, sender: Sender) -> bool {
        let side = self.side(sender);
        self.tcp_ended(sender) && side.lost == 0 && side.opaque == 0
    }

    /// How long the connection lasted, in nanoseconds.
    #[must_use]
    pub fn lasted(&self) -> Option<u64> {
        Some(self.ended?.saturating_sub(self.began?))
    }
}

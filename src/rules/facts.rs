//! The facts that rules look at. The session gathers them; a rule only compares.

use crate::wire::close::CloseBody;
use crate::wire::deflate;
use crate::wire::frame::{Header, Partial};
use crate::wire::head::Head;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The head of a request or of a response of an opening handshake, whole.
#[derive(Clone, Copy, Debug)]
pub struct AnyHead<'a> {
    /// The head, as it was sent.
    pub head: &'a Head,
    /// Who sent it: the client its request, the server its response.
    pub sender: Sender,
}

/// A request of an opening handshake, whole.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The request, as it was sent.
    pub head: &'a Head,
    /// The earlier connection that used the same nonce, among the last 4096.
    pub same_nonce_on: Option<u32>,
}

/// A response to a request of an opening handshake, whole.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The response, as it was sent.
    pub head: &'a Head,
    /// The request, where it was seen.
    pub request: Option<&'a Head>,
}

/// What came where the response to a handshake must stand, and is no HTTP.
#[derive(Clone, Copy, Debug)]
pub struct NotHttp<'a> {
    /// The first bytes, as many as it took to know.
    pub first: &'a [u8],
}

/// The reserved bits that the agreed extensions give a meaning to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rsv {
    /// What was agreed is not known: the handshake was not seen.
    Unknown,
    /// These: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    Used(u8),
    /// RSV1, by x-webkit-deflate-frame: it says of one frame alone that it is compressed.
    PerFrame,
    /// These by what is known here, and any of the others by an extension that is not.
    Foreign(u8),
}

/// A frame whose header has come, and what came before it.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The header.
    pub header: Header,
    /// Who sent it.
    pub sender: Sender,
    /// Whether it is known who is the client by other evidence than the MASK bit.
    pub roles_known: bool,
    /// The reserved bits in use.
    pub rsv: Rsv,
    /// Whether RSV1 means "compressed message": permessage-deflate was agreed.
    pub deflate: bool,
    /// The frame that began the message still open, if one is.
    pub open: Option<u64>,
    /// Whether a message could be open without our knowing: the input began in the middle.
    pub open_unknown: bool,
    /// The number of this sender's Close frame, if it sent one.
    pub closed_by: Option<u64>,
    /// How many frames of this sender in a row, this one included, used this masking key.
    pub same_key: u32,
    /// Whether it was sent before the answer to the opening handshake.
    pub early: bool,
}

/// A frame whose payload is over, or as much of it as came.
#[derive(Clone, Copy, Debug)]
pub struct FrameEnd<'a> {
    /// The header.
    pub header: Header,
    /// Who sent it.
    pub sender: Sender,
    /// Whether it is known who is the client by other evidence than the MASK bit.
    pub roles_known: bool,
    /// Whether bytes of the payload are missing.
    pub partial: bool,
    /// The unmasked payload of a control frame, up to 125 bytes; empty for data frames.
    pub control: &'a [u8],
    /// For a Pong: whether a Ping of the other side with the same payload was seen before.
    pub answers: bool,
    /// For a Pong: whether the other side's Pings are all known.
    pub pings_known: bool,
    /// Whether something is odd about it: a rule about headers spoke of it, or it is partial. What follows is
    /// gathered for such frames only.
    pub suspicious: bool,
    /// The first bytes of the payload as sent, [`PREFIX`] at most.
    pub prefix: &'a [u8],
    /// What stands where the next frame would begin, had the length been meant otherwise.
    pub probe: Probe,
    /// Whether the sender's frame before this one was plain text, and that was said.
    pub text_goes_on: bool,
    /// For a server's frame: the client's latest data frame, which a careless server may have echoed.
    pub earlier: Option<&'a ClientFrame>,
}

/// How many bytes of a payload, from its first one, a rule can see.
pub const PREFIX: usize = 64;

/// What stands where the next frame would begin, had the sender meant another length than its bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Probe {
    /// Had it written its 16 or 64 bits low byte first.
    pub swapped: Option<Landing>,
    /// Had it written one byte behind 126 instead of two: then the payload begins one byte earlier.
    pub one_byte: Option<Landing>,
}

/// A place in a payload at which the next frame would begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landing {
    /// Bytes of the payload before it.
    pub at: u64,
    /// What stands there.
    pub behind: Behind,
}

/// What stands at a place in a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Nothing: the bytes that came end exactly there.
    Nothing,
    /// The last byte that came.
    One(u8),
    /// These two bytes, and perhaps more.
    Two([u8; 2]),
}

/// A data frame of the client as it was sent: one of its first eight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFrame {
    /// Its number.
    pub number: u64,
    /// Its header.
    pub header: Header,
    /// The first bytes of its payload as sent, [`PREFIX`] at most.
    pub prefix: Vec<u8>,
}

/// The beginning of a frame whose header never came whole.
#[derive(Clone, Copy, Debug)]
pub struct FrameCut {
    /// What came of its header.
    pub header: Partial,
    /// Who sent it.
    pub sender: Sender,
    /// Whether it is known who is the client by other evidence than the MASK bit.
    pub roles_known: bool,
    /// Whether the sender's frame before this one was plain text, and that was said.
    pub text_goes_on: bool,
}

impl<'a> FrameEnd<'a> {
    /// The body of a whole Close frame.
    #[must_use]
    pub fn close(&self) -> Option<CloseBody<'a>> {
        let whole = self.header.opcode() == Opcode::CLOSE && !self.partial;
        whole.then(|| CloseBody::decode(self.control))
    }
}

/// A message whose last frame is over.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Text or binary.
    pub opcode: Opcode,
    /// Who sent it.
    pub sender: Sender,
    /// The offset of the first byte of its payload that is not UTF-8, where it is text and was checked.
    pub utf8_error: Option<u64>,
    /// Bytes of payload over all its frames.
    pub wire_len: u64,
    /// The first bytes of its payload as sent, [`PREFIX`] at most, where it is text.
    pub prefix: &'a [u8],
    /// For a server's message: the client's latest data frame, which a careless server may have echoed.
    pub earlier: Option<&'a ClientFrame>,
    /// Whether its last frame came, and all of it.
    pub complete: bool,
    /// What the reader of DEFLATE says, where it is compressed.
    pub inflated: Option<deflate::Message>,
}

/// The end of a connection: both senders' streams are over.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// What is known of the whole connection.
    pub facts: &'a super::ending::Ending,
}

//! What comes out of a session: everything that was said, in order, each with the findings it deserves.

use super::agreed::Agreed;
use super::anatomy::{Part, Sources};
use super::at_once::AtOnce;
use super::inflated::{Inflated, Piece};
use super::packets::Packets;
use super::segment::{How, Opening, Time};
use crate::rules::ending::Ending;
use crate::rules::rule::Finding;
use crate::wire::close::CloseCode;
use crate::wire::frame::{Header, Partial};
use crate::wire::head::Head;
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// One event. Per sender, events cover the stream end to end: each starts where the last one ended.
///
/// It borrows from the input and from the session; whoever keeps it copies what it needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// Which connection.
    pub connection: u32,
    /// Whose stream it belongs to.
    pub sender: Sender,
    /// When its first byte came.
    pub time: Option<Time>,
    /// When its last byte came.
    pub time_end: Option<Time>,
    /// Bytes of this sender before it, HTTP and lost bytes included.
    pub offset: u64,
    /// Bytes that it covers; 0 where it speaks about the stream.
    pub len: u64,
    /// What it is.
    pub kind: Kind<'a>,
    /// The rules that it breaks.
    pub findings: &'a [Finding],
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    /// The connection begins.
    Open(&'a Opening),
    /// The head of a request.
    Request(Request<'a>),
    /// The head of a response.
    Response(Response<'a>),
    /// The header of a frame.
    FrameStart(FrameStart),
    /// The beginning of a header that never came whole.
    FrameCut(FrameCut),
    /// A piece of a frame's payload, as sent.
    Payload(Payload<'a>),
    /// A piece of a compressed message as it is written, where the session was asked for it.
    Part(&'a Part<'a>),
    /// A piece of a compressed message, inflated: it follows the payload that completes it.
    Inflated(Piece<'a>),
    /// The payload of a frame is over, or as much of it as will come.
    FrameEnd(FrameEnd<'a>),
    /// A message is over, or as much of it as will come.
    Message(Message<'a>),
    /// Bytes that are not WebSocket, or cannot be read as it.
    Opaque(Opaque<'a>),
    /// Bytes that were sent and are not here; they count in `len`.
    Gap,
    /// Where frames begin was not known, and is found: the next event is the start of a frame. It covers no bytes.
    Resync(Resync),
    /// Nothing more comes from this sender.
    End(End<'a>),
}

/// The head of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request<'a> {
    /// The head, as far as it came.
    pub head: &'a Head,
    /// Whether it asks for a WebSocket. Other requests are never judged.
    pub handshake: bool,
    /// Whether its end never came, or it is longer than what is read.
    pub partial: bool,
}

/// The head of a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response<'a> {
    /// The head, as far as it came.
    pub head: &'a Head,
    /// Whether it answers a request for a WebSocket, or agrees to one.
    pub handshake: bool,
    /// Whether its end never came, or it is longer than what is read.
    pub partial: bool,
    /// The request that it answers, where it was seen.
    pub request: Option<&'a Head>,
    /// What it agrees on, where it is a 101.
    pub agreed: &'a Agreed,
    /// Bytes that the client sent behind its request before this answer came; they are told behind it.
    pub early: u64,
}

/// The header of a frame, whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameStart {
    /// Counted from 1 over both senders, by first byte.
    pub number: u64,
    /// The header.
    pub header: Header,
    /// The message that a data frame belongs to.
    pub place: Option<Place>,
}

/// Where a data frame stands in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the message: counted from 1 over both senders, by first byte.
    pub message: u64,
    /// Which piece of it, counted from 1.
    pub piece: u64,
    /// Its first frame.
    pub first_frame: u64,
    /// What kind of message.
    pub opcode: Opcode,
    /// What the first frame's RSV1 says of compression.
    pub compression: Compression,
}

/// Whether a message is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// RSV1 is 0.
    None,
    /// RSV1 is 1 and permessage-deflate was agreed.
    Deflate,
    /// x-webkit-deflate-frame was agreed, and a frame of the message may be compressed: its RSV1 tells of each frame alone.
    PerFrame,
    /// RSV1 is 1 and what it means is not known: nothing that is read here was agreed, or what was is unknown.
    Unknown,
}

impl Compression {
    /// Whether the plain bytes of the message are read here.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::None | Self::Deflate)
    }

    /// Whether a frame of such a message is compressed, or may be.
    #[must_use]
    pub const fn of_frame(self, header: &Header) -> bool {
        match self {
            Self::None => false,
            Self::Deflate | Self::Unknown => true,
            Self::PerFrame => header.rsv1(),
        }
    }
}

/// The beginning of a header that never came whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameCut {
    /// The number of the frame.
    pub number: u64,
    /// What came of its header.
    pub header: Partial,
    /// In which packets it came, where the input is a capture.
    pub packets: Option<Packets>,
}

/// A piece of a frame's payload. Pieces follow one another without holes unless a gap stands between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    /// The number of the frame.
    pub frame: u64,
    /// Bytes of the payload before it, lost ones included.
    pub at: u64,
    /// The piece as sent.
    pub raw: &'a [u8],
    /// The key as the first byte of this piece meets it, where the frame is masked.
    pub key: Option<MaskingKey>,
    /// The piece unmasked, where it has been unmasked already.
    pub plain: Option<&'a [u8]>,
}

/// The end of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameEnd<'a> {
    /// The number of the frame.
    pub number: u64,
    /// The header.
    pub header: Header,
    /// The message that a data frame belongs to.
    pub place: Option<Place>,
    /// Bytes of the payload that came; fewer than claimed where the stream was cut or bytes were lost.
    pub captured: u64,
    /// In which packets it came, where the input is a capture.
    pub packets: Option<&'a Packets>,
    /// Of a Close: its code, where it came.
    pub close_code: Option<CloseCode>,
    /// Of a control frame: its payload, unmasked, up to 125 bytes.
    pub control: &'a [u8],
    /// Of a Pong: the Ping that it answers.
    pub answers: Option<Answer>,
}

impl<'a> FrameEnd<'a> {
    /// As far as it is known of every frame.
    #[inline]
    pub(super) const fn of(
        number: u64,
        header: Header,
        place: Option<Place>,
        captured: u64,
        packets: Option<&'a Packets>,
    ) -> Self {
        let (close_code, control, answers) = (None, &[], None);
        Self { number, header, place, captured, packets, close_code, control, answers }
    }

    /// Whether bytes of the payload are missing.
    #[must_use]
    pub const fn partial(&self) -> bool {
        self.captured < self.header.payload_len()
    }

    /// Of a Close with a code: the reason behind it.
    #[must_use]
    pub fn close_reason(&self) -> Option<&[u8]> {
        self.close_code.and_then(|_| self.control.get(2..))
    }
}

/// The Ping that a Pong answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The number of the Ping's frame.
    pub frame: u64,
    /// Nanoseconds from the Ping's last byte to the Pong's, where times are known.
    pub round_trip: Option<u64>,
}

/// The end of a message. It speaks about the frames before it and covers no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Counted from 1 over both senders, by first byte.
    pub number: u64,
    /// Text or binary.
    pub opcode: Opcode,
    /// The numbers of its first frames, [`MOST_FRAMES_LISTED`] at most.
    pub frames: &'a [u64],
    /// How many frames it has.
    pub frame_count: u64,
    /// Whether it is compressed.
    pub compression: Compression,
    /// Bytes of payload over all its frames, as they came.
    pub wire_len: u64,
    /// Whether its last frame came, and all of it.
    pub complete: bool,
    /// The offset of the first byte of its payload, inflated where it is compressed, that is not UTF-8, where it is
    /// text and was checked.
    pub utf8_error: Option<u64>,
    /// Whether the payload was checked as UTF-8.
    pub utf8_checked: bool,
    /// What became of it, where it is compressed.
    pub inflated: Option<&'a Inflated>,
    /// Where its bytes come from, where it is compressed and the session was asked for it.
    pub sources: Option<&'a Sources>,
    /// Its payload, where the input keeps messages and not their frames: then `frames` is empty, and whether it was
    /// compressed is not known.
    pub kept: Option<&'a [u8]>,
}

/// How many frame numbers a [`Message`] lists.
pub const MOST_FRAMES_LISTED: usize = 256;

/// Bytes that are not WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opaque<'a> {
    /// Why they are not read.
    pub why: Why,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// A boundary between frames, found by searching: from here on headers follow one another, each where the frame before
/// it ends. What was open before, a message or the window of a compressor, is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resync {
    /// How many headers did so when it was believed.
    pub headers: u32,
    /// How sure that is: of 2^bits such searches in noise, one finds as much.
    pub bits: u32,
}

/// Why bytes are not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The body of an HTTP message.
    HttpBody,
    /// Behind a head that is longer than what is read.
    HeadTooLong,
    /// Where HTTP must stand, something else came.
    NotHttp,
    /// Bytes were lost, and where the next frame or head begins is not known.
    AfterGap,
    /// The input begins in the middle of the stream, and no frame was seen to begin here.
    FromTheMiddle,
    /// TLS: the bytes are encrypted.
    Tls,
    /// HTTP/2.
    Http2,
    /// The server agreed to another protocol than WebSocket.
    OtherProtocol,
    /// Behind the end of its sender's stream.
    AfterEnd,
    /// It was not sent: a program wrote it into the input, of what it met on the connection.
    Reported,
}

impl Why {
    /// `http-body`, `after-gap`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpBody => "http-body",
            Self::HeadTooLong => "head-too-long",
            Self::NotHttp => "not-http",
            Self::AfterGap => "after-gap",
            Self::FromTheMiddle => "from-the-middle",
            Self::Tls => "tls",
            Self::Http2 => "http2",
            Self::OtherProtocol => "other-protocol",
            Self::AfterEnd => "after-end",
            Self::Reported => "reported",
        }
    }

    /// The same as a sentence.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::HttpBody => "the body of an HTTP message",
            Self::HeadTooLong => {
                "the head before it is longer than 64 KiB or 256 lines, and is not read further"
            }
            Self::NotHttp => "no HTTP, where a request or the answer to one must stand",
            Self::AfterGap => "bytes are missing before it, so where a frame begins is not known",
            Self::FromTheMiddle => "the input begins in the middle, perhaps inside a frame",
            Self::Tls => "TLS: these bytes are encrypted",
            Self::Http2 => "HTTP/2, in which WebSocket looks different",
            Self::OtherProtocol => "the connection switched to another protocol than WebSocket",
            Self::AfterEnd => "it comes after the sender's TCP ended, where nothing can come",
            Self::Reported => "not sent: what the program that wrote the input says of the connection",
        }
    }
}

/// The end of a sender's stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End<'a> {
    /// How it ended.
    pub how: How,
    /// What is known of the whole connection, once both streams are over.
    pub connection: Option<&'a Ending>,
}

/// What takes events as they come.
pub trait Sink {
    /// Takes one event.
    fn event(&mut self, event: &Event<'_>);

    /// Takes a frame that came whole: event by event, unless a sink has a shorter way.
    #[inline]
    fn frame(&mut self, frame: &AtOnce<'_>) {
        frame.events(|event| self.event(event));
    }
}

impl<F: FnMut(&Event<'_>)> Sink for F {
    fn event(&mut self, event: &Event<'_>) {
        self(event);
    }
}

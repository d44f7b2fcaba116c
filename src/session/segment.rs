//! What goes into a session: bytes of one sender, or what happened to its stream.

use std::fmt;
use std::num::NonZeroU64;

use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// A moment: nanoseconds since 1970-01-01 00:00 UTC, or since whatever the input counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(pub u64);

impl Time {
    /// Nanoseconds from `earlier` to here; 0 where the clock went back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Time {
    /// Seconds with nine decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

/// One thing that happened on a connection, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Which connection, numbered from 1 in the order of appearance.
    pub connection: u32,
    /// Who sent it; for [`Content::Open`] the end that opened the connection.
    pub sender: Sender,
    /// When, where the input knows.
    pub time: Option<Time>,
    /// The number of the packet that these bytes are of, where the input is a capture: counted from 1 over all its packets.
    pub packet: Option<NonZeroU64>,
    /// What happened.
    pub content: Content<'a>,
}

/// What happened to a sender's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// The connection begins. At most once, before anything else of it.
    Open(Box<Opening>),
    /// The next bytes.
    Bytes(&'a [u8]),
    /// That many bytes were sent and are not here.
    Gap(u64),
    /// Nothing more comes from this sender.
    End(How),
    /// A whole message, where the input keeps messages and not their frames.
    Message(Opcode, &'a [u8]),
    /// What a program wrote into the input about the connection. Nobody sent it.
    Reported(&'a [u8]),
}

/// What is known of a connection when it begins.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Opening {
    /// The client's address, where it is known.
    pub client: Option<String>,
    /// The server's address, where it is known.
    pub server: Option<String>,
    /// Whether TLS was around these bytes.
    pub tls: bool,
    /// What was read, in a word or two: `xxd`, `transcript`.
    pub input: String,
    /// How it is known who is the client.
    pub roles: Roles,
    /// The only sender whose bytes are in the input, where it holds just one side.
    pub only: Option<Sender>,
    /// Bytes of HTTP that client and server sent before those that are handed on.
    pub before: [u64; 2],
    /// Whether the input keeps messages and not their frames, and lists of headers instead of heads. What depends on either
    /// is not judged.
    pub messages_only: bool,
    /// Where frames begin in the streams of client and server, where the input begins in the middle of them and that may
    /// be inside a frame.
    pub middle: Option<[Begins; 2]>,
}

/// Where frames begin in a stream that does not begin with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// It is searched.
    Somewhere,
    /// The reader of the input has found that so many headers, which tell this many bits, follow one another from an offset.
    At {
        /// The offset of the first of them.
        offset: u64,
        /// How many there are.
        headers: u32,
        /// What they tell: n bits are what one in 2^n streams of noise has.
        bits: u32,
    },
}

/// How it is known which end is the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Roles {
    /// The input marks each sender.
    #[default]
    Marked,
    /// The user said so.
    Given,
    /// It sent the SYN that opened the TCP connection.
    Syn,
    /// The bytes begin with a request line.
    RequestLine,
    /// The bytes begin with a status line.
    StatusLine,
    /// Only the MASK bit of the first frame tells: a client's is 1. Rules about masking stay silent then.
    MaskBit,
}

impl Roles {
    /// In a few words, for people.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Marked => "marked in the input",
            Self::Given => "given on the command line",
            Self::Syn => "it opened the TCP connection",
            Self::RequestLine => "it begins with a request",
            Self::StatusLine => "it begins with a response",
            Self::MaskBit => "guessed from the MASK bit of its first frame",
        }
    }
}

/// How a sender's stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// TCP FIN: the sender said that it has nothing more to send.
    Fin,
    /// TCP RST: the connection was cut.
    Reset,
    /// The input merely stops: nothing can be said of what came after.
    Unknown,
}

impl How {
    /// `fin`, `reset` or `unknown`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Reset => "reset",
            Self::Unknown => "unknown",
        }
    }
}

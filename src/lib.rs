//! wslens shows what a WebSocket connection really says.
//!
//! It reads bytes that somebody captured and takes them apart: the opening handshake header by header, every
//! frame bit by bit. Then it says what is wrong, why, and in which section of which RFC. What it shows it never
//! changes, and what it cannot read it shows as it is.
//!
//! # A tour
//!
//! Imports run down this list and never up, so each part can be read without those above it.
//!
//! * [`wire`] turns bytes into typed values and never judges: a frame's header, a close code, an HTTP head. Begin
//!   with [`wire::frame`].
//! * [`rules`] is the book: one row for each demand of the RFCs, with its section, its strength, and a check that
//!   compares facts.
//! * [`session`] follows connections: a [`Segment`](session::segment::Segment) goes in, whatever it says comes out
//!   as [`Event`](session::event::Event)s, each with the findings that it deserves. It knows no files, no sockets,
//!   no clocks; it cannot fail, and its memory is bounded whatever the bytes claim.
//! * [`input`] makes segments of captured bytes, in all the forms in which people paste them, and of captures.
//! * [`proxy`] makes segments of live bytes, while they pass between a browser and a server.
//! * [`record`] writes what passes to files.
//! * [`render`] makes of events what a person or a program reads.
//! * [`cli`] joins the others, one file a command.
//!
//! # A complete use
//!
//! ```
//! use wslens::session::event::{Event, Kind};
//! use wslens::session::segment::{Content, Segment};
//! use wslens::session::{Config, Session};
//! use wslens::wire::sender::Sender;
//!
//! // A server's text frame: FIN and opcode 1, a length of 2, "Hi" — and a Ping whose FIN is 0, which no rule allows.
//! let bytes = [0x81, 0x02, b'H', b'i', 0x09, 0x00];
//!
//! let mut broken = Vec::new();
//! let mut session = Session::new(Config::default());
//! let mut sink = |event: &Event<'_>| {
//!     if let Kind::FrameStart(frame) = event.kind {
//!         println!("frame {}: opcode {}", frame.number, frame.header.opcode().0);
//!     }
//!     broken.extend(event.findings.iter().map(|finding| finding.rule.id));
//! };
//! let segment = Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content: Content::Bytes(&bytes) };
//! session.feed(&segment, &mut sink);
//! session.finish(&mut sink);
//! assert_eq!(broken, ["framing/control-fragmented"]);
//! ```
//!
//! What it does not do: speak WebSocket itself, or change a bit of what passes. For a client or a server take a library; wslens
//! is there to see what that library says.

pub mod cli;
pub mod input;
pub mod proxy;
pub mod record;
pub mod render;
pub mod rules;
pub mod session;
pub mod wire;

//! Joins the pieces of a frame and of a message for the views, up to a cap.
//!
//! The core streams, so that a frame of any size passes through constant memory. A view shows whole frames: this
//! is the one place that keeps payload, and it keeps no more than it was told to.

mod kept;
mod shown;
mod stream;
#[cfg(test)]
mod tests;

use self::kept::Keeping;
pub(in crate::render) use self::kept::forget;
pub use self::shown::{FrameHeader, Shown, WholeFrame, WholeMessage};
use self::stream::{At, Stream};
pub use super::plain::{InflatedPlain, Unknown};
use crate::session::at_once::AtOnce;
use crate::session::event::{Event, Kind};
use crate::session::per_connection::PerConnection;
use crate::wire::sender::Sender;

/// Joins what belongs together, each sender of each connection on its own.
#[derive(Debug)]
pub struct Collector {
    keeping: Keeping,
    /// Whether pieces of compressed messages are asked for.
    parts: bool,
    connections: PerConnection<Streams>,
}

/// Both streams of a connection.
#[derive(Debug, Default)]
struct Streams {
    client: Stream,
    server: Stream,
}

impl Collector {
    /// Keeps `cap` bytes of each payload, and `raw` of them as sent too.
    #[must_use]
    pub fn new(cap: usize, raw: usize) -> Self {
        let keeping = Keeping::new(cap, raw.min(cap));
        Self { keeping, parts: false, connections: PerConnection::default() }
    }

    /// Asks for compressed messages piece by piece too, as the session tells them where its
    /// [`Config`](crate::session::Config) says so.
    #[must_use]
    pub fn with_parts(self) -> Self {
        Self { parts: true, ..self }
    }

    /// Another that joins in the same way, for other connections.
    #[must_use]
    pub fn part(&self) -> Self {
        let Keeping { cap, raw, .. } = self.keeping;
        Self { keeping: Keeping::new(cap, raw), parts: self.parts, connections: PerConnection::default() }
    }

    /// Takes back what a part holds of connections that are not over.
    pub fn join(&mut self, part: Self) {
        self.connections.extend(part.connections);
    }

    /// Whether the session must tell compressed messages piece by piece.
    #[must_use]
    pub const fn wants_parts(&self) -> bool {
        self.parts
    }

    /// The stream that an event belongs to, and how its payloads are kept.
    #[inline(always)]
    fn stream(&mut self, event: &Event<'_>) -> (&mut Stream, &mut Keeping) {
        self.stream_of(event.connection, event.sender)
    }

    #[inline(always)]
    fn stream_of(&mut self, connection: u32, sender: Sender) -> (&mut Stream, &mut Keeping) {
        let streams = self.connections.get_or_insert_with(connection, Streams::default);
        let stream = match sender {
            Sender::Client => &mut streams.client,
            Sender::Server => &mut streams.server,
        };
        (stream, &mut self.keeping)
    }

    /// A stream is over, and with the second one the connection.
    fn forget(&mut self, event: &Event<'_>, last: bool) {
        *self.stream(event).0 = Stream::default();
        if last {
            self.connections.remove(event.connection);
        }
    }

    /// Keeps no more than `most` bytes of each payload, whatever it was told before.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        let Keeping { cap, raw, .. } = self.keeping;
        Self { keeping: Keeping::new(cap.min(most), raw.min(most)), ..self }
    }

    /// Takes an event, and gives what it completes.
    pub fn event(&mut self, event: &Event<'_>, give: &mut impl FnMut(Shown<'_>)) {
        match &event.kind {
            Kind::FrameStart(_) => {
                let (stream, keeping) = self.stream(event);
                stream.begin(event.time, event.offset, event.findings, keeping);
            }
            Kind::FrameCut(cut) => give(Shown::Frame(WholeFrame::cut(event, cut))),
            Kind::Payload(payload) => {
                let (stream, keeping) = self.stream(event);
                stream.payload(payload, keeping);
            }
            Kind::Inflated(piece) => {
                let (stream, keeping) = self.stream(event);
                stream.inflating.push(piece, keeping.cap);
            }
            Kind::FrameEnd(end) => {
                let Event { connection, sender, time_end, offset, findings, .. } = *event;
                let at = At { connection, sender, time_end, offset };
                let (stream, keeping) = self.stream(event);
                stream.end(&at, end, findings, keeping, give);
            }
            Kind::Message(message) => {
                let (stream, keeping) = self.stream(event);
                stream.message(event, message, keeping, give);
            }
            Kind::Gap if self.stream(event).0.waits(event) => {}
            Kind::End(end) => {
                self.forget(event, end.connection.is_some());
                give(Shown::Event(event));
            }
            _ => give(Shown::Event(event)),
        }
    }

    /// Takes a frame that came whole, and gives it.
    #[inline]
    pub fn frame(&mut self, frame: &AtOnce<'_>, give: &mut impl FnMut(Shown<'_>)) {
        let (stream, keeping) = self.stream_of(frame.connection, frame.sender);
        stream.frame(frame, keeping, give);
    }
}

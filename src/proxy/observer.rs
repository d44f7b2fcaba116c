//! What looks on while bytes pass.

use std::net::SocketAddr;

use super::note::Note;
use crate::session::event::Event;
use crate::session::segment::Segment;

/// What takes a copy of all that passes. It is called on the thread that forwards, after the bytes are on their
/// way, so it must be quick: work that takes long belongs on a thread of its own.
pub trait Observer {
    /// A connection begins: the addresses of its two ends, as far as they are known.
    fn opened(&mut self, connection: u32, client: SocketAddr, server: Option<SocketAddr>);

    /// Bytes passed, or a sender's stream ended.
    fn segment(&mut self, segment: &Segment<'_>);

    /// What the bytes mean.
    fn event(&mut self, event: &Event<'_>);

    /// Something that the proxy did or met, of a connection or of none.
    fn note(&mut self, connection: Option<u32>, note: &Note);

    /// All bytes that came at once have been told: called after every segment.
    fn settled(&mut self) {}

    /// Called a few times a second, whether anything passes or not.
    fn tick(&mut self) {}

    /// Nothing more is told.
    fn closed(&mut self) {}
}

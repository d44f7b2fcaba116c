//! A frame while its payload comes.

use super::event::{FrameEnd, FrameStart, Kind, Place};
use super::packets::Packets;
use super::segment::Time;
use crate::wire::frame::Header;

/// A frame whose header has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub(super) number: u64,
    pub(super) header: Header,
    /// Bytes of the payload that came or are known to be lost.
    pub(super) at: u64,
    pub(super) captured: u64,
    pub(super) time: Option<Time>,
    pub(super) packets: Option<Packets>,
    pub(super) message: Belongs,
    /// Whether a rule about headers spoke of it.
    pub(super) suspicious: bool,
}

/// The message that a frame belongs to, and its place there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Belongs {
    /// To none: a control frame, a reserved opcode, a continuation of nothing.
    Nowhere,
    /// The frame is all of it.
    Alone(Place),
    /// To the one of several frames.
    Open(Place),
}

impl Current {
    /// Bytes of the payload that are still to come.
    #[inline]
    pub(super) const fn left(&self) -> u64 {
        self.header.payload_len() - self.at
    }

    /// Its start.
    #[inline]
    pub(super) const fn start(&self) -> Kind<'static> {
        Kind::FrameStart(FrameStart { number: self.number, header: self.header, place: self.place() })
    }

    /// Its end, as far as it is known of every frame.
    #[inline]
    pub(super) const fn end(&self) -> FrameEnd<'_> {
        FrameEnd::of(self.number, self.header, self.place(), self.captured, self.packets.as_ref())
    }

    /// The message that it belongs to.
    #[inline]
    pub(super) const fn place(&self) -> Option<Place> {
        self.message.place()
    }
}

impl Belongs {
    /// The place in the message, where there is one.
    #[inline]
    pub(super) const fn place(&self) -> Option<Place> {
        match self {
            Self::Nowhere => None,
            Self::Alone(place) | Self::Open(place) => Some(*place),
        }
    }
}

//! A TCP segment as a capture has it.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use crate::session::segment::Time;

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub(in crate::input) struct Packet<'a> {
    pub(in crate::input) from: SocketAddr,
    pub(in crate::input) to: SocketAddr,
    /// The sequence number of its first byte, or of its SYN.
    pub(in crate::input) seq: u32,
    /// The sequence number that its sender expects next, where it tells.
    pub(in crate::input) ack: Option<u32>,
    pub(in crate::input) flags: Flags,
    pub(in crate::input) payload: &'a [u8],
    /// Bytes behind the payload that were sent and not captured.
    pub(in crate::input) cut: u32,
    pub(in crate::input) time: Option<Time>,
    /// Which packet of the capture it is, counted from 1 over all of them.
    pub(in crate::input) number: Option<NonZeroU64>,
}

/// The flags of a segment that matter here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::input) struct Flags {
    pub(in crate::input) syn: bool,
    pub(in crate::input) fin: bool,
    pub(in crate::input) rst: bool,
}

impl Packet<'_> {
    /// Whether it carries bytes of the stream, captured or not. What a RST carries only says why it was sent (RFC 9293
    /// §3.5.3).
    pub(super) const fn has_data(&self) -> bool {
        (!self.payload.is_empty() || self.cut > 0) && !self.flags.rst
    }

    /// The sequence number of its first byte: a SYN takes the one before.
    pub(super) const fn first(&self) -> u32 {
        self.seq.wrapping_add(self.flags.syn as u32)
    }
}

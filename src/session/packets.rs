//! The packets of a capture in which a frame came.

use std::num::NonZeroU64;

/// The packets in which the bytes of a frame came, by their numbers in the capture. Of bytes that were sent more than
/// once it is the packet whose bytes were used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packets {
    /// The packet of its first byte.
    pub first: NonZeroU64,
    /// The packet of the last byte of its header; another than the first where the header was cut.
    pub header_end: NonZeroU64,
    /// The packet of its last byte.
    pub last: NonZeroU64,
    /// In how many TCP segments it came.
    pub segments: u32,
    /// In how many of them its header came.
    pub header_segments: u32,
    /// Whether those were captured in the order of their bytes.
    pub in_order: bool,
}

impl Packets {
    /// The frame begins in this packet.
    #[inline]
    pub(super) const fn begin(first: NonZeroU64) -> Self {
        Self { first, header_end: first, last: first, segments: 1, header_segments: 1, in_order: true }
    }

    /// The frame goes on in this packet.
    pub(super) fn go_on(&mut self, packet: NonZeroU64, in_header: bool) {
        if packet == self.last {
            return;
        }
        self.segments = self.segments.saturating_add(1);
        self.in_order &= packet > self.last;
        self.last = packet;
        if in_header {
            (self.header_end, self.header_segments) = (packet, self.segments);
        }
    }

    /// Whether the header came in more than one packet.
    #[must_use]
    pub const fn header_is_cut(&self) -> bool {
        self.header_segments > 1
    }
}

//! Frames that came whole, at one moment, as nearly all small ones do: all that is known of one is at hand at once.

use super::event::{Event, FrameEnd, FrameStart, Kind, Payload};
use super::segment::Time;
use crate::wire::sender::Sender;

/// A frame that came whole, at one moment, and breaks no rule: what its three events say, without making three of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtOnce<'a> {
    /// Which connection.
    pub connection: u32,
    /// Whose stream it belongs to.
    pub sender: Sender,
    /// When it came.
    pub time: Option<Time>,
    /// Bytes of this sender before it.
    pub offset: u64,
    /// Bytes that it covers.
    pub len: u64,
    /// Its end, which tells its header too.
    pub end: &'a FrameEnd<'a>,
    /// Its payload as sent.
    pub raw: &'a [u8],
    /// Its payload unmasked, where it has been unmasked already.
    pub plain: Option<&'a [u8]>,
}

impl<'a> AtOnce<'a> {
    /// Its payload, as one piece.
    #[must_use]
    #[inline]
    pub const fn payload(&self) -> Payload<'a> {
        let FrameEnd { number, header, .. } = *self.end;
        Payload { frame: number, at: 0, raw: self.raw, key: header.key(), plain: self.plain }
    }

    /// Gives its events: the start, the payload where there is one, and the end.
    #[inline]
    pub fn events(&self, mut give: impl FnMut(&Event<'_>)) {
        let Self { connection, sender, time, mut offset, end, raw, .. } = *self;
        let FrameEnd { number, header, place, .. } = *end;
        let mut tell = |len, kind| {
            give(&Event { connection, sender, time, time_end: time, offset, len, kind, findings: &[] });
            offset = offset.saturating_add(len);
        };
        tell(header.header_len() as u64, Kind::FrameStart(FrameStart { number, header, place }));
        if !raw.is_empty() {
            tell(raw.len() as u64, Kind::Payload(self.payload()));
        }
        tell(0, Kind::FrameEnd(*end));
    }
}

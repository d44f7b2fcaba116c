//! Segments, kept so that another thread can follow them.

use std::num::NonZeroU64;

use super::belt::Load;
use crate::session::segment::{Content, How, Opening, Segment, Time};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Segments in their order, their bytes one behind the other.
#[derive(Debug, Default)]
pub(super) struct Segments {
    kept: Vec<Kept>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Kept {
    connection: u32,
    sender: Sender,
    time: Option<Time>,
    packet: Option<NonZeroU64>,
    what: What,
}

#[derive(Debug)]
enum What {
    Open(Box<Opening>),
    /// So many of the bytes.
    Bytes(usize),
    Gap(u64),
    End(How),
    /// The same.
    Message(Opcode, usize),
    Reported(usize),
}

impl Segments {
    /// Keeps a copy.
    pub(super) fn push(&mut self, segment: &Segment<'_>) {
        let Segment { connection, sender, time, packet, ref content } = *segment;
        let what = match content {
            Content::Open(opening) => What::Open(opening.clone()),
            Content::Bytes(bytes) => What::Bytes(self.keep(bytes)),
            Content::Gap(lost) => What::Gap(*lost),
            Content::End(how) => What::End(*how),
            Content::Message(opcode, bytes) => What::Message(*opcode, self.keep(bytes)),
            Content::Reported(bytes) => What::Reported(self.keep(bytes)),
        };
        self.kept.push(Kept { connection, sender, time, packet, what });
    }

    fn keep(&mut self, bytes: &[u8]) -> usize {
        self.bytes.extend_from_slice(bytes);
        bytes.len()
    }

    /// Gives them back, in their order.
    pub(super) fn each<E>(&self, mut give: impl FnMut(&Segment<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut rest = self.bytes.as_slice();
        let mut next = |len: &usize| {
            let (bytes, behind) = rest.split_at_checked(*len).unwrap_or_default();
            rest = behind;
            bytes
        };
        for &Kept { connection, sender, time, packet, ref what } in &self.kept {
            let content = match what {
                What::Open(opening) => Content::Open(opening.clone()),
                What::Bytes(len) => Content::Bytes(next(len)),
                What::Gap(lost) => Content::Gap(*lost),
                What::End(how) => Content::End(*how),
                What::Message(opcode, len) => Content::Message(*opcode, next(len)),
                What::Reported(len) => Content::Reported(next(len)),
            };
            give(&Segment { connection, sender, time, packet, content })?;
        }
        Ok(())
    }
}

impl Load for Segments {
    #[inline]
    fn size(&self) -> usize {
        self.kept.len() * size_of::<Kept>() + self.bytes.len()
    }

    fn clear(&mut self) {
        self.kept.clear();
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_back_as_they_were() {
        let contents = [
            Content::Open(Box::default()),
            Content::Bytes(b"one"),
            Content::Gap(7),
            Content::Message(Opcode::TEXT, b"two"),
            Content::Reported(b"three"),
            Content::Bytes(b"four"),
            Content::End(How::Reset),
        ];
        let segments = contents.map(|content| Segment {
            connection: 3,
            sender: Sender::Server,
            time: Some(Time(5)),
            packet: NonZeroU64::new(9),
            content,
        });
        let mut kept = Segments::default();
        segments.iter().for_each(|segment| kept.push(segment));
        let mut left = segments.iter();
        let same = kept.each(|segment| if left.next() == Some(segment) { Ok(()) } else { Err(()) });
        assert_eq!((same, left.next()), (Ok(()), None));
        kept.clear();
        assert_eq!(kept.size(), 0);
    }
}

//! What lines that follow one another have in common: whose they are, and when it was.
//!
//! All frames and messages of a segment share it, and without times those of a whole stream do, so it is written once
//! and copied.

use super::line::Line;
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// What the latest line had behind its type, up to its offset.
#[derive(Debug, Default)]
pub(super) struct Alike {
    of: Option<Whose>,
    text: Line,
}

/// Whose a line is, and when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whose {
    pub(super) connection: u32,
    pub(super) sender: Sender,
    pub(super) time: Option<Time>,
    pub(super) time_end: Option<Time>,
}

impl Alike {
    /// The same as JSON.
    #[inline]
    pub(super) fn text(&mut self, whose: Whose) -> &[u8] {
        if self.of != Some(whose) {
            self.write(whose);
        }
        &self.text.bytes
    }

    #[inline(never)]
    fn write(&mut self, whose: Whose) {
        let Whose { connection, sender, time, time_end } = whose;
        self.of = Some(whose);
        let line = &mut self.text;
        line.bytes.clear();
        line.raw(",\"connection\":");
        line.number(u64::from(connection));
        match sender {
            Sender::Client => line.raw(",\"sender\":\"client\",\"time\":"),
            Sender::Server => line.raw(",\"sender\":\"server\",\"time\":"),
        }
        let start = line.bytes.len();
        line.time(time);
        let end = line.bytes.len();
        line.raw(",\"time_end\":");
        if time == time_end {
            line.bytes.extend_from_within(start..end);
        } else {
            line.time(time_end);
        }
        line.raw(",\"offset\":");
    }
}

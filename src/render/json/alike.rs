//! What lines that follow one another have in common: whose they are, and when it was.
//!
//! All frames and messages of a segment share it, and without times those of a whole stream do, so it is written once
//! and copied.

use super::cursor::Padded;
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// It, with room for the longest.
pub(super) type AlikeText = Padded<128>;

/// What the latest line had behind its type, up to its offset.
#[derive(Debug)]
pub(super) struct Alike {
    of: Option<Whose>,
    text: AlikeText,
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
    /// Of no line yet.
    pub(super) const fn new() -> Self {
        Self { of: None, text: AlikeText::of(b"") }
    }

    /// The same as JSON.
    #[inline(always)]
    pub(super) fn text(&mut self, whose: Whose) -> &AlikeText {
        if self.of != Some(whose) {
            self.write(whose);
        }
        &self.text
    }

    #[inline(never)]
    fn write(&mut self, whose: Whose) {
        let Whose { connection, sender, time, time_end } = whose;
        self.of = Some(whose);
        self.text = AlikeText::written(|to| {
            to.raw(b",\"connection\":");
            to.number(u64::from(connection));
            match sender {
                Sender::Client => to.raw(b",\"sender\":\"client\",\"time\":"),
                Sender::Server => to.raw(b",\"sender\":\"server\",\"time\":"),
            }
            let start = to.at();
            to.time(time);
            let end = to.at();
            to.raw(b",\"time_end\":");
            if time == time_end {
                to.again(start, end);
            } else {
                to.time(time_end);
            }
            to.raw(b",\"offset\":");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_has_room() {
        let time = Some(Time(u64::MAX));
        let whose = Whose { connection: u32::MAX, sender: Sender::Client, time, time_end: time };
        let mut alike = Alike::new();
        let written = alike.text(whose).as_bytes();
        let text = String::from_utf8_lossy(written);
        assert!(text.ends_with("551615\",\"time_end\":\"18446744073.709551615\",\"offset\":"), "{text}");
    }
}

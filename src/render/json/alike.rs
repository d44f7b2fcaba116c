//! What lines that follow one another have in common: whose they are, when it was, and in which packet it came.
//!
//! All frames and messages of a segment share it, and without times those of a whole stream do, so it is written once
//! and copied.

use std::num::NonZeroU64;

use super::cursor::{Cursor, Padded, SECOND};
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// It, with room for the longest.
pub(super) type AlikeText = Padded<128>;

/// The same of the packet.
pub(super) type PacketText = Padded<96>;

/// What the latest line had behind its type, up to its offset; and the packet of the latest frame that came in one.
#[derive(Debug)]
pub(super) struct Alike {
    of: Option<Whose>,
    text: AlikeText,
    packet: Option<NonZeroU64>,
    packet_text: PacketText,
    second: Second,
}

/// A second, and how a string of seconds begins in it: up to the point.
#[derive(Debug)]
struct Second {
    of: u64,
    text: Padded<32>,
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
        let second = Second { of: 0, text: Padded::of(b"\"0.") };
        Self { of: None, text: AlikeText::of(b""), packet: None, packet_text: PacketText::of(b""), second }
    }

    /// The line that comes is of this.
    #[inline(always)]
    pub(super) fn is_of(&mut self, whose: Whose) {
        if self.of != Some(whose) {
            self.write(whose);
        }
    }

    /// Whose the line is and when it was, as JSON.
    #[inline(always)]
    pub(super) const fn text(&self) -> &AlikeText {
        &self.text
    }

    /// The frame that comes came in this packet alone.
    #[inline(always)]
    pub(super) fn is_in(&mut self, packet: NonZeroU64) {
        if self.packet != Some(packet) {
            self.packet = Some(packet);
            self.packet_text.rewrite(|to| {
                to.raw(b",\"packets\":[");
                let start = to.at();
                to.number(packet.get());
                to.again(start, b",");
                to.raw(b"],\"segments\":1");
            });
        }
    }

    /// That, as JSON.
    #[inline(always)]
    pub(super) const fn packet(&self) -> &PacketText {
        &self.packet_text
    }

    #[inline(never)]
    fn write(&mut self, whose: Whose) {
        let Whose { connection, sender, time, time_end } = whose;
        self.of = Some(whose);
        let second = &mut self.second;
        self.text.rewrite(|to| {
            to.raw(b",\"connection\":");
            to.number(u64::from(connection));
            match sender {
                Sender::Client => to.raw(b",\"sender\":\"client\",\"time\":"),
                Sender::Server => to.raw(b",\"sender\":\"server\",\"time\":"),
            }
            let start = to.at();
            second.write(to, time);
            if time == time_end {
                to.again(start, b",\"time_end\":");
            } else {
                to.raw(b",\"time_end\":");
                second.write(to, time_end);
            }
            to.raw(b",\"offset\":");
        });
    }
}

impl Second {
    /// A moment, or null. Most lines are of the same second as the one before.
    fn write<const ROOM: usize>(&mut self, to: &mut Cursor<'_, ROOM>, time: Option<Time>) {
        let Some(Time(nanoseconds)) = time else { return to.raw(b"null") };
        let second = nanoseconds / SECOND;
        if self.of != second {
            self.of = second;
            self.text.rewrite(|to| to.begin_seconds(second));
        }
        to.padded(&self.text);
        to.end_seconds(nanoseconds % SECOND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_has_room() {
        let (time, time_end) = (Some(Time(u64::MAX)), Some(Time(u64::MAX - 1)));
        let whose = Whose { connection: u32::MAX, sender: Sender::Client, time, time_end };
        let mut alike = Alike::new();
        alike.is_of(whose);
        let text = String::from_utf8_lossy(alike.text().as_bytes());
        assert!(text.ends_with("551615\",\"time_end\":\"18446744073.709551614\",\"offset\":"), "{text}");
        alike.is_in(NonZeroU64::MAX);
        let packet = alike.packet().as_bytes();
        assert!(packet.ends_with(b",18446744073709551615],\"segments\":1"));
    }

    #[test]
    fn each_second_has_its_own_text() {
        let mut alike = Alike::new();
        for (nanoseconds, want) in [
            (5, "0.000000005"),
            (1_999_999_999, "1.999999999"),
            (7, "0.000000007"),
            (u64::MAX, "18446744073.709551615"),
        ] {
            let time = Some(Time(nanoseconds));
            alike.is_of(Whose { connection: 1, sender: Sender::Server, time, time_end: None });
            let text = String::from_utf8_lossy(alike.text().as_bytes());
            assert!(text.contains(&format!("\"time\":\"{want}\",\"time_end\":null")), "{text}");
        }
    }
}

//! Pairs Pings with the Pongs that answer them (RFC 6455 §5.5.2, §5.5.3).

use std::collections::VecDeque;

use super::event::Answer;
use super::segment::Time;

/// How many Pings may wait for their Pong at once; beyond that the oldest is forgotten.
const MOST_WAITING: usize = 1024;

/// The Pings of one sender that still wait for a Pong of the other.
#[derive(Debug, Default)]
pub(super) struct Pings {
    waiting: VecDeque<Ping>,
    /// Whether a Ping was forgotten, or lost with bytes that are missing.
    pub(super) forgotten: bool,
}

#[derive(Debug)]
struct Ping {
    frame: u64,
    payload: Box<[u8]>,
    time: Option<Time>,
    /// A Pong that came later has its payload, so it may have been answered with it.
    perhaps: bool,
}

impl Pings {
    pub(super) fn sent(&mut self, frame: u64, payload: &[u8], time: Option<Time>) {
        if self.waiting.len() == MOST_WAITING {
            self.waiting.pop_front();
            self.forgotten = true;
        }
        self.waiting.push_back(Ping { frame, payload: payload.into(), time, perhaps: false });
    }

    /// A Pong came: the oldest waiting Ping with its payload is answered, and with it all before it.
    pub(super) fn answered(&mut self, payload: &[u8], time: Option<Time>) -> Option<Answer> {
        let at = self.waiting.iter().position(|ping| *ping.payload == *payload)?;
        self.waiting.drain(..at);
        let ping = self.waiting.pop_front()?;
        // A Pong may answer the latest Ping only, so others with this payload are not known to be unanswered.
        let last = self.waiting.iter().rposition(|ping| *ping.payload == *payload).map_or(0, |at| at + 1);
        for ping in self.waiting.iter_mut().take(last) {
            ping.perhaps = true;
        }
        let round_trip = time.zip(ping.time).map(|(pong, ping)| pong.since(ping));
        Some(Answer { frame: ping.frame, round_trip })
    }

    /// The Pings that nothing answered: how many, and the first of them.
    pub(super) fn unanswered(&self) -> (u64, Option<u64>) {
        let mut left = self.waiting.iter().filter(|ping| !ping.perhaps).map(|ping| ping.frame);
        let first = left.next();
        (left.count() as u64 + u64::from(first.is_some()), first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_answers_its_ping_and_all_before_it() {
        let mut pings = Pings::default();
        for frame in 1..=3 {
            pings.sent(frame, &[frame as u8], Some(Time(100 * frame)));
        }
        assert_eq!(pings.answered(&[2], Some(Time(250))), Some(Answer { frame: 2, round_trip: Some(50) }));
        assert_eq!(pings.unanswered(), (1, Some(3)));
        assert_eq!(pings.answered(&[9], None), None);
    }

    #[test]
    fn one_pong_for_the_latest_of_equal_pings_leaves_none_surely_unanswered() {
        let mut pings = Pings::default();
        (1..=3).for_each(|frame| pings.sent(frame, b"", None));
        assert_eq!(pings.answered(b"", None).map(|a| a.frame), Some(1));
        assert_eq!(pings.unanswered(), (0, None));
    }

    #[test]
    fn a_flood_is_bounded_and_said() {
        let mut pings = Pings::default();
        (0..2000).for_each(|frame| pings.sent(frame, b"x", None));
        assert_eq!(pings.unanswered().0, MOST_WAITING as u64);
        assert!(pings.forgotten);
    }
}

//! Pairs Pings with the Pongs that answer them (RFC 6455 §5.5.2, §5.5.3).

use super::event::Answer;
use super::segment::Time;

/// How many Pings are remembered until their Pong comes; beyond that the oldest is only counted. Many connections may be open
/// at once, whose ends answer none.
const MOST_WAITING: usize = 64;

/// How many bytes of their payloads are remembered.
const MOST_BYTES: usize = 1024;

/// The Pings of one sender that still wait for a Pong of the other.
#[derive(Debug, Default)]
pub(super) struct Pings {
    waiting: Vec<Ping>,
    /// Their payloads, one behind the other.
    payloads: Vec<u8>,
    /// Those before them of which only this is known: how many nothing answered, and the first of them.
    counted: (u64, Option<u64>),
    /// Whether a Ping was forgotten, or lost with bytes that are missing.
    pub(super) forgotten: bool,
}

#[derive(Debug)]
struct Ping {
    frame: u64,
    time: Option<Time>,
    /// Bytes of its payload, 125 at most.
    len: u8,
    /// A Pong that came later has its payload, so it may have been answered with it.
    perhaps: bool,
}

impl Pings {
    pub(super) fn sent(&mut self, frame: u64, payload: &[u8], time: Option<Time>) {
        while self.waiting.len() >= MOST_WAITING || self.payloads.len() + payload.len() > MOST_BYTES {
            self.count_oldest();
        }
        // Mostly one waits, and there may be many connections.
        self.payloads.reserve_exact(payload.len());
        self.payloads.extend_from_slice(payload);
        self.waiting.reserve_exact(1);
        self.waiting.push(Ping { frame, time, len: payload.len() as u8, perhaps: false });
    }

    /// The oldest is counted, and its payload forgotten.
    fn count_oldest(&mut self) {
        let (more, first) = unanswered(self.waiting.get(..1).unwrap_or_default());
        let (count, first_of_all) = self.counted;
        self.counted = (count + more, first_of_all.or(first));
        self.forgotten = true;
        self.remove(1);
    }

    /// Removes the oldest.
    fn remove(&mut self, count: usize) {
        let bytes: usize = self.waiting.drain(..count).map(|ping| usize::from(ping.len)).sum();
        self.payloads.drain(..bytes);
    }

    /// Where those stand that have this payload.
    fn alike(&self, payload: &[u8]) -> impl Iterator<Item = usize> {
        let mut rest = self.payloads.as_slice();
        self.waiting.iter().enumerate().filter_map(move |(at, ping)| {
            let (own, behind) = rest.split_at_checked(ping.len.into())?;
            rest = behind;
            (own == payload).then_some(at)
        })
    }

    /// A Pong came: the oldest waiting Ping with its payload is answered, and with it all before it.
    pub(super) fn answered(&mut self, payload: &[u8], time: Option<Time>) -> Option<Answer> {
        // Whatever it answers, it may answer what is only counted.
        self.counted = (0, None);
        let mut alike = self.alike(payload);
        let at = alike.next()?;
        // A Pong may answer the latest Ping only, so others with this payload are not known to be unanswered.
        let last = alike.last().map_or(0, |last| last - at);
        let ping = self.waiting.get(at)?;
        let round_trip = time.zip(ping.time).map(|(pong, ping)| pong.since(ping));
        let answer = Answer { frame: ping.frame, round_trip };
        self.remove(at + 1);
        for ping in self.waiting.iter_mut().take(last) {
            ping.perhaps = true;
        }
        Some(answer)
    }

    /// The Pings that nothing answered: how many, and the first of them.
    pub(super) fn unanswered(&self) -> (u64, Option<u64>) {
        let (count, first) = unanswered(&self.waiting);
        let (count_before, first_before) = self.counted;
        (count_before + count, first_before.or(first))
    }
}

/// How many of these surely nothing answered, and the first of them.
fn unanswered(pings: &[Ping]) -> (u64, Option<u64>) {
    let mut left = pings.iter().filter(|ping| !ping.perhaps).map(|ping| ping.frame);
    let first = left.next();
    (left.count() as u64 + u64::from(first.is_some()), first)
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
    fn a_flood_is_bounded_and_counted() {
        let mut pings = Pings::default();
        (1..=2000).for_each(|frame| pings.sent(frame, &[b'x'; 125], Some(Time(frame))));
        assert_eq!(pings.unanswered(), (2000, Some(1)));
        assert!(pings.forgotten && pings.payloads.len() <= MOST_BYTES);
        (2001..=3000).for_each(|frame| pings.sent(frame, &[frame as u8], Some(Time(frame))));
        assert_eq!((pings.unanswered(), pings.waiting.len()), ((3000, Some(1)), MOST_WAITING));
        // What answers one that is remembered answers all before it.
        let answer = Answer { frame: 2998, round_trip: Some(2) };
        assert_eq!(pings.answered(&[2998u64 as u8], Some(Time(3000))), Some(answer));
        assert_eq!(pings.unanswered(), (2, Some(2999)));
        (0..100).for_each(|frame| pings.sent(frame, b"y", None));
        assert_eq!(pings.answered(b"of one that is forgotten", None), None);
        assert_eq!(
            pings.unanswered(),
            (MOST_WAITING as u64, Some(36)),
            "none is accused that may have been answered"
        );
    }
}

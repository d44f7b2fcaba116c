//! Tells what passed in portions, so that inflating a bomb on one connection keeps no other waiting.
//!
//! The bytes are on their way already. A connection that has agreed on compression is told in pieces so small that
//! no piece can grow beyond what is left of a mebibyte; once that much was inflated, the rest waits until every
//! other connection had its turn. Until then nothing more is read of that direction.

use super::hub::{Answer, Hub, Told};
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// Plain bytes that are inflated in one turn.
const TURN: u64 = 1024 * 1024;

/// How many times as large DEFLATE makes bytes at most: 258 bytes out of two bits.
const MOST_GROWTH: u64 = 1032;

/// The smallest piece that is told: smaller ones would cost more than they inflate.
const LEAST_PIECE: u64 = 256;

/// What one direction has passed on and not told yet.
#[derive(Debug, Default)]
pub(super) struct Telling {
    rest: Vec<u8>,
    told: usize,
    time: Option<Time>,
}

impl Telling {
    /// Whether all is told.
    pub(super) const fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// Tells what just passed, or the first portion of it where the connection `inflates`; the rest is kept.
    pub(super) fn begin(
        &mut self,
        hub: &Hub,
        (connection, sender): (u32, Sender),
        bytes: &[u8],
        inflates: bool,
    ) -> Option<Answer> {
        let time = hub.now();
        hub.passed(connection, sender, time, bytes);
        let (told, answer) = if inflates {
            portion(hub, (connection, sender), time, bytes)
        } else {
            (bytes.len(), hub.tell(connection, sender, time, bytes).answer)
        };
        let rest = bytes.get(told..).unwrap_or_default();
        if rest.is_empty() {
            hub.settled();
        }
        *self = Self { rest: rest.to_vec(), told: 0, time: Some(time) };
        answer
    }

    /// Tells the next portion.
    pub(super) fn go_on(&mut self, hub: &Hub, whose: (u32, Sender)) -> Option<Answer> {
        let rest = self.rest.get(self.told..).unwrap_or_default();
        let (told, answer) = portion(hub, whose, self.time.unwrap_or_else(|| hub.now()), rest);
        self.told += told;
        if self.told >= self.rest.len() {
            *self = Self::default();
            hub.settled();
        }
        answer
    }

    /// Tells all that is left: the connection ends.
    pub(super) fn finish(&mut self, hub: &Hub, whose: (u32, Sender)) {
        while !self.is_over() {
            // Nothing is forwarded any more that an answer could tell about.
            _ = self.go_on(hub, whose);
        }
    }
}

/// Tells bytes until a turn's worth of them is inflated, and says how many, and what response stood in them.
fn portion(
    hub: &Hub,
    (connection, sender): (u32, Sender),
    time: Time,
    bytes: &[u8],
) -> (usize, Option<Answer>) {
    let (mut told, mut inflated, mut response) = (0, 0, None);
    while let Some(rest) = bytes.get(told..).filter(|rest| !rest.is_empty()) {
        let piece = TURN.saturating_sub(inflated) / MOST_GROWTH;
        if piece < LEAST_PIECE {
            break;
        }
        let piece = rest.get(..piece as usize).unwrap_or(rest);
        let Told { plain, answer } = hub.tell(connection, sender, time, piece);
        inflated += plain;
        told += piece.len();
        response = answer.or(response);
    }
    (told, response)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::net::SocketAddr;
    use std::rc::Rc;

    use super::*;
    use crate::proxy::note::Note;
    use crate::proxy::observer::Observer;
    use crate::session::Config;
    use crate::session::agreed::Agreed;
    use crate::session::event::{Event, Kind};
    use crate::session::segment::{Content, Segment};
    use crate::wire::deflate::Plain;
    use crate::wire::deflate::write::message::{Deflater, Options};
    use crate::wire::extension::ExtensionList;

    /// What was looked at: plain bytes of the connection since somebody asked, and all bytes that passed.
    #[derive(Default)]
    struct Seen {
        plain: u64,
        passed: Vec<u8>,
        messages: usize,
        settled: usize,
    }

    struct Looking(Rc<RefCell<Seen>>);

    impl Observer for Looking {
        fn opened(&mut self, _: u32, _: SocketAddr, _: Option<SocketAddr>) {}
        fn segment(&mut self, segment: &Segment<'_>) {
            if let Content::Bytes(bytes) = segment.content {
                self.0.borrow_mut().passed.extend_from_slice(bytes);
            }
        }
        fn event(&mut self, event: &Event<'_>) {
            let mut seen = self.0.borrow_mut();
            match &event.kind {
                Kind::Inflated(piece) => match piece.plain {
                    Plain::Known(bytes) => seen.plain += bytes.len() as u64,
                    Plain::Unknown(len) => seen.plain += len as u64,
                },
                Kind::Message(_) => seen.messages += 1,
                _ => {}
            }
        }
        fn note(&mut self, _: Option<u32>, _: &Note) {}
        fn settled(&mut self) {
            self.0.borrow_mut().settled += 1;
        }
    }

    fn hub() -> (Hub, Rc<RefCell<Seen>>) {
        let seen = Rc::new(RefCell::new(Seen::default()));
        let agreed = Agreed::Known(ExtensionList::parse([&b"permessage-deflate"[..]]).extensions);
        let config = Config { agreed, ratio_limit: u64::MAX, ..Config::default() };
        (Hub::new(config, Box::new(Looking(Rc::clone(&seen)))), seen)
    }

    /// A frame of the server with this payload, compressed.
    fn frame(payload: &[u8]) -> Vec<u8> {
        [&[0xc2, 127][..], &(payload.len() as u64).to_be_bytes(), payload].concat()
    }

    #[test]
    fn no_turn_inflates_more_than_a_mebibyte() {
        let bomb = Deflater::new(Options::default()).message(&vec![0; 20 << 20]);
        let bytes = [frame(&bomb), b"\x81\x02Hi".to_vec()].concat();
        let (hub, seen) = hub();
        let (mut telling, mut turns) = (Telling::default(), 1);
        assert_eq!(telling.begin(&hub, (1, Sender::Server), &bytes, true), None);
        let mut most = std::mem::take(&mut seen.borrow_mut().plain);
        while !telling.is_over() {
            telling.go_on(&hub, (1, Sender::Server));
            most = most.max(std::mem::take(&mut seen.borrow_mut().plain));
            turns += 1;
        }
        assert!(most <= TURN && turns >= 20, "{most} bytes at most in {turns} turns");
        let seen = seen.borrow();
        assert!(seen.passed == bytes, "what passed is told once, and whole");
        assert_eq!((seen.messages, seen.settled), (2, 1));
    }

    #[test]
    fn ordinary_bytes_are_told_at_once() {
        let message =
            Deflater::new(Options::default()).message("not so often the same ".repeat(9).as_bytes());
        let bytes = frame(&message).repeat(300);
        assert!(bytes.len() > 10_000);
        let (hub, seen) = hub();
        let mut telling = Telling::default();
        telling.begin(&hub, (1, Sender::Server), &bytes, true);
        assert!(telling.is_over());
        assert_eq!((seen.borrow().messages, seen.borrow().settled), (300, 1));
    }

    #[test]
    fn what_is_left_is_told_before_the_end() {
        let bomb = frame(&Deflater::new(Options::default()).message(&vec![0; 5 << 20]));
        let (hub, seen) = hub();
        let mut telling = Telling::default();
        telling.begin(&hub, (1, Sender::Server), &bomb, true);
        assert!(!telling.is_over());
        telling.finish(&hub, (1, Sender::Server));
        assert_eq!((seen.borrow().messages, seen.borrow().plain), (1, 5 << 20));
    }
}

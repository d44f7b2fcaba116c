//! Requests that wait for their response: HTTP answers them in their order (RFC 9112 §9.3.2).

use std::collections::VecDeque;

use crate::wire::head::Head;

/// The most requests of which something is remembered; more are only counted.
const MOST_REQUESTS: usize = 1024;

/// The most bytes of heads that are kept; behind that only what the answer's reader needs.
const MOST_BYTES: usize = 128 * 1024;

/// A request that waits for its response.
#[derive(Debug)]
pub(super) struct Asked {
    /// The request, unless too much was waiting when it came.
    pub(super) head: Option<Head>,
    /// Its method.
    pub(super) method: Vec<u8>,
    /// Whether it asks for a WebSocket.
    pub(super) handshake: bool,
}

/// The requests of one connection that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queue: VecDeque<Asked>,
    bytes: usize,
    /// Requests behind those in the queue.
    more: u64,
}

impl Waiting {
    /// Another request was sent.
    pub(super) fn push(&mut self, head: Head, handshake: bool) {
        if self.queue.len() == MOST_REQUESTS || self.more > 0 {
            self.more += 1;
            return;
        }
        let method = head.method().unwrap_or_default().to_vec();
        let room = self.bytes + head.raw().len() <= MOST_BYTES;
        self.bytes += if room { head.raw().len() } else { 0 };
        self.queue.push_back(Asked { head: room.then_some(head), method, handshake });
    }

    /// A response came: the request that it answers.
    pub(super) fn pop(&mut self) -> Option<Asked> {
        let Some(asked) = self.queue.pop_front() else {
            self.more = self.more.saturating_sub(1);
            return None;
        };
        self.bytes -= asked.head.as_ref().map_or(0, |head| head.raw().len());
        if self.queue.is_empty() {
            // Mostly this was the handshake, and none comes behind it.
            self.queue = VecDeque::new();
        }
        Some(asked)
    }

    /// Whether the next response answers a request for a WebSocket.
    pub(super) fn handshake_is_next(&self) -> bool {
        self.queue.front().is_some_and(|asked| asked.handshake)
    }

    /// Whether no request waits.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.more == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(target: usize, padding: usize) -> Head {
        Head::decode(format!("GET /{target}{} HTTP/1.1\r\n\r\n", "x".repeat(padding)).into())
    }

    #[test]
    fn answers_keep_their_order_when_there_are_too_many_requests() {
        let mut waiting = Waiting::default();
        (0..2000).for_each(|n| waiting.push(head(n, 0), false));
        assert_eq!((0..2000).filter_map(|_| waiting.pop()).count(), MOST_REQUESTS);
        assert!(waiting.is_empty());
        waiting.push(head(1, 0), true);
        assert!(waiting.pop().is_some_and(|asked| asked.handshake));
    }

    #[test]
    fn long_heads_are_not_all_kept() {
        let mut waiting = Waiting::default();
        (0..10).for_each(|n| waiting.push(head(n, 60_000), false));
        assert!(waiting.bytes <= MOST_BYTES);
        let kept = (0..10).filter_map(|_| waiting.pop()).filter(|asked| asked.head.is_some()).count();
        assert_eq!((kept, waiting.bytes), (2, 0));
    }
}

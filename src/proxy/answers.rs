//! Follows the answers to a client's requests, to know when none is under way.

use std::collections::VecDeque;

use crate::wire::body::Body;
use crate::wire::head::{Head, HeadReader, Progress};

/// The most requests that may wait for an answer; beyond that it is not known any more when none does.
const MOST_WAITING: usize = 1024;

/// The requests that wait for an answer, and what has come of it.
#[derive(Debug, Default)]
pub(super) struct Answers {
    methods: VecDeque<Box<[u8]>>,
    at: At,
}

/// Where in the server's stream it stands.
#[derive(Debug, Default)]
enum At {
    /// Between two answers.
    #[default]
    Between,
    Head(HeadReader),
    Body(Body),
    /// In bytes that are no HTTP, or of which it is not known whose answer they are.
    Lost,
}

impl Answers {
    /// A request passed.
    pub(super) fn asked(&mut self, head: &Head) {
        if self.methods.len() == MOST_WAITING {
            self.at = At::Lost;
        } else {
            self.methods.push_back(head.method().unwrap_or_default().into());
        }
    }

    /// Whether every request has its whole answer.
    pub(super) fn are_over(&self) -> bool {
        self.methods.is_empty() && matches!(self.at, At::Between)
    }

    /// The server's next bytes.
    #[inline]
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if !matches!(self.at, At::Lost) {
            self.read(bytes);
        }
    }

    fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = match &mut self.at {
                At::Lost => return,
                At::Between => {
                    self.at = At::Head(HeadReader::default());
                    0
                }
                At::Body(body) => {
                    let (taken, over) = body.feed(bytes);
                    if over {
                        self.at = At::Between;
                    }
                    taken
                }
                At::Head(reader) => {
                    let (taken, progress) = reader.feed(bytes);
                    match progress {
                        Progress::More => {}
                        Progress::TooLong => self.at = At::Lost,
                        Progress::Whole => {
                            let head = std::mem::take(reader).finish();
                            self.at = self.behind(&head);
                        }
                    }
                    taken
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// What follows a response's head.
    fn behind(&mut self, head: &Head) -> At {
        match head.status() {
            None | Some(101) => At::Lost,
            Some(100..=199) => At::Between,
            Some(status) => {
                let method = self.methods.pop_front();
                if (200..300).contains(&status) && method.as_deref() == Some(b"CONNECT") {
                    return At::Lost;
                }
                match Body::of_response(head, method.as_deref()) {
                    Body::Length(0) => At::Between,
                    body => At::Body(body),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over_after(requests: &[&str], answer: &str) -> Vec<usize> {
        let mut answers = Answers::default();
        for request in requests {
            answers.asked(&Head::decode(request.as_bytes().to_vec()));
        }
        let fed = |byte: (usize, u8)| {
            answers.feed(&[byte.1]);
            answers.are_over().then_some(byte.0 + 1)
        };
        answer.bytes().enumerate().filter_map(fed).collect()
    }

    #[test]
    fn an_answer_is_over_with_the_last_byte_of_its_body() {
        let get = "GET / HTTP/1.1\r\n\r\n";
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(over_after(&[get], answer), [answer.len()]);
        assert_eq!(over_after(&[get, get], &answer.repeat(2)), [2 * answer.len()]);
        let chunked = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
        assert_eq!(over_after(&[get], chunked), [chunked.len()]);
        assert_eq!(
            over_after(&["HEAD / HTTP/1.1\r\n\r\n"], "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").len(),
            1
        );
        assert_eq!(over_after(&[get], "HTTP/1.1 200 OK\r\n\r\nuntil the end").len(), 0);
        assert_eq!(over_after(&[get], "HTTP/1.1 101 Yes\r\n\r\n\x01\x00").len(), 0);
    }
}

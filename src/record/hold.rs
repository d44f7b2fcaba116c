//! Holds bytes back until it is known which of them are a head, so that its secrets can be masked.

use std::collections::BTreeMap;

use super::redact::redact;
use crate::session::event::{Event, Kind};
use crate::session::segment::{Content, Segment};
use crate::wire::sender::Sender;

/// Bytes of each sender that no event has covered yet.
///
/// Events cover a stream end to end, so whatever is held is covered in the end.
#[derive(Debug, Default)]
pub struct Hold {
    streams: BTreeMap<(u32, Sender), Held>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// How many of them were covered.
    covered: usize,
}

impl Hold {
    /// Takes a segment. What is no bytes is given on.
    pub fn segment(&mut self, segment: &Segment<'_>, mut give: impl FnMut(&Segment<'_>)) {
        let key = (segment.connection, segment.sender);
        match &segment.content {
            Content::Bytes(bytes) => self.streams.entry(key).or_default().bytes.extend_from_slice(bytes),
            // What is held belongs before the end; the session says now what it is.
            Content::End(_) => {}
            Content::Open(_) | Content::Gap(_) | Content::Message(..) | Content::Reported(_) => give(segment),
        }
    }

    /// Takes an event, and gives the bytes that it covers.
    pub fn event(&mut self, event: &Event<'_>, mut give: impl FnMut(&Segment<'_>)) {
        let Event { connection, sender, time_end: time, .. } = *event;
        let mut give = |content| give(&Segment { connection, sender, time, packet: None, content });
        match &event.kind {
            Kind::End(end) => {
                self.streams.remove(&(connection, sender));
                give(Content::End(end.how));
            }
            Kind::Gap | Kind::Resync(_) | Kind::Open(_) => {}
            kind => {
                let Some(held) = self.streams.get_mut(&(connection, sender)) else { return };
                let start = held.covered;
                let len = usize::try_from(event.len).unwrap_or(usize::MAX);
                held.covered = start.saturating_add(len).min(held.bytes.len());
                let redacted = match kind {
                    Kind::Request(request) => Some(redact(request.head)),
                    Kind::Response(response) => Some(redact(response.head)),
                    _ => None,
                };
                let bytes =
                    redacted.as_deref().or_else(|| held.bytes.get(start..held.covered)).unwrap_or_default();
                if !bytes.is_empty() {
                    give(Content::Bytes(bytes));
                }
                if held.covered == held.bytes.len() {
                    held.bytes.clear();
                    held.covered = 0;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::segment::How;
    use crate::session::{Config, Session};

    #[test]
    fn all_bytes_come_out_and_heads_masked() {
        let request = b"GET /?a=b HTTP/1.1\r\nUpgrade: websocket\r\nCookie: a\r\n\r\n\x81\x81abcd";
        for cut in 1..request.len() {
            let (mut hold, mut session) = (Hold::default(), Session::new(Config::default()));
            let (mut out, mut ended) = (Vec::new(), None);
            let parts =
                [Content::Bytes(&request[..cut]), Content::Bytes(&request[cut..]), Content::End(How::Fin)];
            for content in parts {
                let segment =
                    Segment { connection: 1, sender: Sender::Client, time: None, packet: None, content };
                hold.segment(&segment, |_| panic!("nothing passes at once here"));
                session.feed(&segment, &mut |event: &Event<'_>| {
                    hold.event(event, |segment| match segment.content {
                        Content::Bytes(bytes) => out.extend_from_slice(bytes),
                        Content::End(how) => ended = Some(how),
                        _ => {}
                    });
                });
            }
            let want = b"GET /?a=* HTTP/1.1\r\nUpgrade: websocket\r\nCookie: *\r\n\r\n\x81\x81abcd";
            assert_eq!(
                (out.escape_ascii().to_string(), ended),
                (want.escape_ascii().to_string(), Some(How::Fin))
            );
        }
    }
}

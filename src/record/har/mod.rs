//! Writes a HAR (HTTP Archive 1.2), with messages as Chrome's DevTools export them.
//!
//! An entry of a HAR holds a whole connection, while many connections speak at once. So what passes goes into a spool
//! first, a line each; at the end [`finish`] makes the HAR of it, in memory that does not grow with the messages. Where the
//! recording was cut off, the spool is finished later.
//!
//! A line of the spool: the connection and which exchange of it, as `3.1`, a letter for its kind, and a piece of JSON
//! that goes into the HAR as it is.

pub mod finish;
mod head;

use std::collections::{BTreeMap, VecDeque};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::rules::ending::{Ending, Side};
use crate::session::event::{Event, Kind, Message, Request, Response};
use crate::session::segment::{Opening, Time};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// How a spool begins.
const MAGIC: &str = "wslens-har-spool 1";

/// What a HAR cannot hold.
pub const CANNOT_HOLD: &str = "A HAR holds messages, not frames: which frames a message came in, FIN, RSV bits, masks, pings, \
                               pongs and Close are not here, nor are bodies. A record that ends in .pcapng or .txt holds all.";

/// Requests of a connection whose times are kept until the answer comes.
const MOST_WAITING: usize = 64;

/// The kinds of lines.
mod kind {
    /// A request for a WebSocket, and any other.
    pub(super) const HANDSHAKE: char = 'w';
    pub(super) const REQUEST: char = 'r';
    pub(super) const RESPONSE: char = 's';
    pub(super) const MESSAGE: char = 'm';
    /// What is said of an entry when its connection is over.
    pub(super) const END: char = 'e';
    /// Words about all of it, as a string.
    pub(super) const COMMENT: char = 'c';
    /// The recording came to its own end.
    pub(super) const WHOLE: char = '.';
}

/// Writes a spool.
#[derive(Debug, Default)]
pub struct Spool {
    connections: BTreeMap<u32, Connection>,
}

/// A connection whose end has not come.
#[derive(Debug, Default)]
struct Connection {
    /// Where it goes, as the input names it.
    server: Option<String>,
    tls: bool,
    /// How many requests and final answers there were: the n-th answers the n-th.
    requests: u64,
    responses: u64,
    /// When the requests came that wait for an answer: first and last byte.
    waiting: VecDeque<(Option<Time>, Option<Time>)>,
    /// The exchange that opened the WebSocket.
    open: Option<u64>,
}

impl Spool {
    /// Begins a spool that says of itself what `words` say.
    #[must_use]
    pub fn begin(out: &mut Vec<u8>, words: &[String]) -> Self {
        out.extend_from_slice(MAGIC.as_bytes());
        out.push(b'\n');
        let spool = Self::default();
        words.iter().for_each(|words| spool.comment(out, words));
        spool
    }

    /// Words beside the bytes.
    pub fn comment(&self, out: &mut Vec<u8>, words: &str) {
        line(out, (0, 0), kind::COMMENT, &json!(words).to_string());
    }

    /// Appends what an event says, where a HAR has a place for it.
    pub fn event(&mut self, out: &mut Vec<u8>, event: &Event<'_>) {
        match &event.kind {
            Kind::Open(opening) => self.opened(event.connection, opening),
            Kind::Request(request) => self.request(out, event, request),
            Kind::Response(response) => self.response(out, event, response),
            Kind::End(end) => {
                if let Some(ending) = end.connection {
                    self.ended(out, event.connection, ending);
                }
            }
            _ => {}
        }
    }

    /// Appends a message: its payload, and how many more bytes of it came.
    pub fn message(
        &self,
        out: &mut Vec<u8>,
        event: &Event<'_>,
        message: &Message<'_>,
        payload: &[u8],
        omitted: u64,
    ) {
        let Some(Connection { open: Some(number), .. }) = self.connections.get(&event.connection) else {
            return;
        };
        let text = (message.opcode == Opcode::TEXT).then(|| std::str::from_utf8(payload).ok()).flatten();
        let data = text.map_or_else(|| BASE64_STANDARD.encode(payload), ToOwned::to_owned);
        let mut value = json!({
            "type": if event.sender == Sender::Client { "send" } else { "receive" },
            "time": event.time_end.or(event.time).map(seconds),
            "opcode": message.opcode.0,
            "data": data,
        });
        if text.is_none() && message.opcode == Opcode::TEXT {
            put(&mut value, "_encoding", json!("base64"));
        }
        if omitted > 0 {
            put(&mut value, "_omitted", json!(omitted));
        }
        if !message.complete {
            put(&mut value, "comment", json!("not whole: the connection ended, or bytes were lost"));
        }
        line(out, (event.connection, *number), kind::MESSAGE, &value.to_string());
    }

    /// Ends the spool: nothing was cut off.
    pub fn finish(&self, out: &mut Vec<u8>) {
        line(out, (0, 0), kind::WHOLE, "");
    }

    fn opened(&mut self, number: u32, opening: &Opening) {
        let connection =
            Connection { server: opening.server.clone(), tls: opening.tls, ..Connection::default() };
        self.connections.insert(number, connection);
    }

    fn request(&mut self, out: &mut Vec<u8>, event: &Event<'_>, request: &Request<'_>) {
        let connection = self.connections.entry(event.connection).or_default();
        connection.requests += 1;
        if connection.waiting.len() < MOST_WAITING {
            connection.waiting.push_back((event.time, event.time_end));
        }
        let secure = connection.tls;
        let (kind, scheme) = match (request.handshake, secure) {
            (true, false) => (kind::HANDSHAKE, "ws"),
            (true, true) => (kind::HANDSHAKE, "wss"),
            (false, false) => (kind::REQUEST, "http"),
            (false, true) => (kind::REQUEST, "https"),
        };
        let server = connection.server.as_deref().unwrap_or("unknown");
        let value = json!({
            "startedDateTime": head::date_time(event.time.unwrap_or(Time(0))),
            "connection": event.connection.to_string(),
            "request": head::request(request.head, scheme, server),
        });
        line(out, (event.connection, connection.requests), kind, inside(&value.to_string()));
    }

    fn response(&mut self, out: &mut Vec<u8>, event: &Event<'_>, response: &Response<'_>) {
        let status = response.head.status().unwrap_or(0);
        let Some(connection) = self.connections.get_mut(&event.connection) else { return };
        // More answers to the same request follow those.
        if matches!(status, 100 | 102..=199) || connection.responses == connection.requests {
            return;
        }
        connection.responses += 1;
        if status == 101 {
            connection.open = Some(connection.responses);
        }
        let (first, last) = connection.waiting.pop_front().unwrap_or_default();
        let between = |from: Option<Time>, to: Option<Time>| match (from, to) {
            (Some(from), Some(to)) => to.since(from) as f64 / 1e6,
            _ => 0.0,
        };
        let value = json!({
            "response": head::response(response.head),
            "time": between(first, event.time_end),
            "timings": {
                "blocked": -1, "dns": -1, "connect": -1, "ssl": -1,
                "send": between(first, last),
                "wait": between(last, event.time),
                "receive": between(event.time, event.time_end),
            },
        });
        line(out, (event.connection, connection.responses), kind::RESPONSE, inside(&value.to_string()));
    }

    fn ended(&mut self, out: &mut Vec<u8>, number: u32, ending: &Ending) {
        let Some(Connection { open: Some(open), .. }) = self.connections.remove(&number) else { return };
        let [frames, pings, pongs] =
            [|side: &Side| side.frames, |side: &Side| side.pings, |side: &Side| side.pongs]
                .map(|of| of(&ending.client).saturating_add(of(&ending.server)));
        let close = match (ending.closed_by, ending.closed_by.and_then(|by| ending.side(by).close.as_ref())) {
            (Some(by), Some(close)) => match close.code {
                Some(code) => format!("the {by} sent Close {}", code.0),
                None => format!("the {by} sent Close without a code"),
            },
            _ => "no Close came".to_owned(),
        };
        let words = format!(
            "{}, {} and {} passed; {close}. None of these can stand in a HAR.",
            counted(frames, "frame"),
            counted(pings, "ping"),
            counted(pongs, "pong")
        );
        line(out, (number, open), kind::END, inside(&json!({ "comment": words }).to_string()));
    }
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Seconds since 1970, as Chrome writes them: a number, to the microsecond.
fn seconds(time: Time) -> f64 {
    (time.0 / 1000) as f64 / 1e6
}

fn put(value: &mut Value, key: &str, what: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(key.to_owned(), what);
    }
}

/// An object without its braces, so that more can follow.
fn inside(object: &str) -> &str {
    object.trim_start_matches('{').strip_suffix('}').unwrap_or(object)
}

fn line(out: &mut Vec<u8>, (connection, number): (u32, u64), kind: char, json: &str) {
    out.extend_from_slice(format!("{connection}.{number} {kind} ").as_bytes());
    out.extend_from_slice(json.as_bytes());
    out.push(b'\n');
}

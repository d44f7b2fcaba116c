//! What is no WebSocket, in one line: the page, its scripts and its API calls pass too, and a reader looks for
//! something else.
//!
//! It stands between the selector and a view of the proxy. Where the user asks for kinds of things, all is shown.

use std::collections::BTreeMap;

use crate::render::batch::Given;
use crate::render::clock::push_seconds;
use crate::render::collect::Shown;
use crate::render::cut::push_cut;
use crate::render::glyphs::Mark;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::render::select::Selector;
use crate::render::wrap::display_width;
use crate::session::event::{Event, Kind, Request, Response, Why};
use crate::session::segment::{Opening, Time};
use crate::wire::head::{Head, StartLine};
use crate::wire::sender::Sender;

/// Columns that a time may take at the right, and what parts it from the text.
const LONGEST_TIME: usize = 12;

/// Columns of a request that are always shown.
const LEAST_TARGET: usize = 12;

/// Chooses what is shown, and makes one line of each request that is for no WebSocket.
#[derive(Debug)]
pub struct Chooser {
    selector: Selector,
    /// The page of the lines; none where everything is shown as it is.
    page: Option<Page>,
    connections: BTreeMap<u32, Plain>,
}

/// A connection on which there was no WebSocket by now.
#[derive(Debug)]
struct Plain {
    sender: Sender,
    time: Option<Time>,
    opening: Opening,
    /// Requests that have no answer by now.
    asked: u64,
}

impl Chooser {
    /// Lets through what `selector` does; with a page, requests that are for no WebSocket become lines of it.
    #[must_use]
    pub const fn new(selector: Selector, page: Option<Page>) -> Self {
        Self { selector, page, connections: BTreeMap::new() }
    }

    /// Gives the thing on, or a line for it, if it is selected.
    pub fn pass(&mut self, shown: &Shown<'_>, give: &mut impl FnMut(Given<'_>)) {
        let Self { selector, page, connections } = self;
        selector.pass(shown, &mut |shown| match page {
            Some(page) => tell(page, connections, shown, give),
            None => give(Given::Shown(shown)),
        });
    }
}

/// Tells a thing of a plain connection in a line, or not at all; anything else goes on as it is.
fn tell(
    page: &Page,
    connections: &mut BTreeMap<u32, Plain>,
    shown: &Shown<'_>,
    give: &mut impl FnMut(Given<'_>),
) {
    let number = shown.connection();
    if let Shown::Event(event) = shown
        && event.findings.is_empty()
        && is_told(page, connections, event, give)
    {
        return;
    }
    if let Some(plain) = connections.remove(&number) {
        plain.open(number, give);
    }
    give(Given::Shown(shown));
}

/// Whether an event is of a plain connection, and told as such.
fn is_told(
    page: &Page,
    connections: &mut BTreeMap<u32, Plain>,
    event: &Event<'_>,
    give: &mut impl FnMut(Given<'_>),
) -> bool {
    let Event { connection: number, sender, time, .. } = *event;
    if let Kind::Open(opening) = event.kind {
        connections.insert(number, Plain { sender, time, opening: opening.clone(), asked: 0 });
        return true;
    }
    let Some(plain) = connections.get_mut(&number) else { return false };
    match &event.kind {
        Kind::Request(Request { handshake: false, partial: false, .. }) => plain.asked += 1,
        Kind::Response(response) if is_plain(response) => {
            // An answer of 1xx is not the last one.
            if response.head.status().is_some_and(|status| status >= 200) {
                plain.asked = plain.asked.saturating_sub(1);
                give(Given::Words(&line(page, number, &exchange(page, number, response), plain.time, time)));
            }
        }
        Kind::Opaque(opaque) if opaque.why == Why::HttpBody => {}
        Kind::End(end) => {
            if end.connection.is_some() {
                if plain.asked > 0 {
                    let text = format!("requests without an answer: {}", plain.asked);
                    give(Given::Words(&line(page, number, &text, plain.time, time)));
                }
                connections.remove(&number);
            }
        }
        _ => return false,
    }
    true
}

/// Whether a response is told in a line: one to a request that is known, and to none that asks for something else than
/// HTTP; or one of 1xx, behind which the answer itself follows.
fn is_plain(response: &Response<'_>) -> bool {
    let plain = match response.head.status() {
        Some(101) => false,
        Some(100..200) => true,
        _ => response.request.is_some_and(|request| request.method() != Some(b"CONNECT")),
    };
    plain && !response.handshake && !response.partial
}

impl Plain {
    /// It is no plain connection after all: its opening is told.
    fn open(&self, connection: u32, give: &mut impl FnMut(Given<'_>)) {
        let Self { sender, time, ref opening, .. } = *self;
        let kind = Kind::Open(opening);
        let event =
            Event { connection, sender, time, time_end: time, offset: 0, len: 0, kind, findings: &[] };
        give(Given::Shown(&Shown::Event(&event)));
    }
}

/// `GET /app.js → 200 OK`, with the target cut where the line has no room for it.
fn exchange(page: &Page, connection: u32, response: &Response<'_>) -> String {
    let asked = page.safe(response.request.map_or(&b""[..], without_version));
    let answer = match response.head.start {
        StartLine::Response { status, reason, .. } => {
            [response.head.at(status), response.head.at(reason)].join(&b' ')
        }
        StartLine::Request { .. } => Vec::new(),
    };
    let answer = format!(" {} {}", page.mark(Mark::Right), page.safe(answer.trim_ascii()));
    let used = format!("connection {connection}   ").len() + display_width(&answer) + LONGEST_TIME;
    let mut text = String::new();
    push_cut(page, &mut text, &asked, page.width.saturating_sub(used).max(LEAST_TARGET));
    text + &answer
}

/// The method and the target.
fn without_version(request: &Head) -> &[u8] {
    let first = request.at(request.first_line);
    let StartLine::Request { target, .. } = request.start else { return first };
    let end = target.end().saturating_sub(request.first_line.at);
    first.get(..end).unwrap_or(first)
}

/// A line of a plain connection, with the time since it began at the right.
fn line(page: &Page, connection: u32, text: &str, began: Option<Time>, time: Option<Time>) -> String {
    let mut when = String::new();
    if let Some(time) = time {
        push_seconds(&mut when, began.unwrap_or(time), time);
        when.push_str(" s");
    }
    let (who, text) = (format!("connection {connection}"), format!("   {text}"));
    let mut out = String::new();
    page.spread(
        &mut out,
        0,
        &[(Role::of_connection(connection), &who), (Role::Plain, &text)],
        (Role::Dim, &when),
    );
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::collect::Collector;
    use crate::render::select::Selection;
    use crate::session::segment::{Content, How, Segment};
    use crate::session::{Config, Session};

    const WEBSOCKET: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    const fn name(kind: &Kind<'_>) -> &'static str {
        match kind {
            Kind::Open(_) => "open",
            Kind::Request(_) => "request",
            Kind::Response(_) => "response",
            _ => "other",
        }
    }

    /// What is given of a connection that says this: lines as they are, of the rest the name of its kind.
    fn told(page: Option<Page>, said: &[(Sender, &str)]) -> Vec<String> {
        let mut session = Session::new(Config::default());
        let mut collector = Collector::new(64, 0);
        let mut chooser = Chooser::new(Selector::new(Selection::default()), page);
        let mut told = Vec::new();
        let mut feed = |sender, content| {
            let segment = Segment { connection: 7, sender, time: None, packet: None, content };
            session.feed(&segment, &mut |event: &Event<'_>| {
                collector.event(event, &mut |shown| {
                    chooser.pass(&shown, &mut |given| match given {
                        Given::Words(words) => told.push(words.trim_end().to_owned()),
                        Given::Shown(Shown::Event(event)) => told.push(name(&event.kind).to_owned()),
                        Given::Shown(Shown::Frame(_)) => told.push("frame".to_owned()),
                        Given::Shown(Shown::Message(_)) => told.push("message".to_owned()),
                    });
                });
            });
        };
        feed(Sender::Client, Content::Open(Box::default()));
        for (sender, bytes) in said {
            feed(*sender, Content::Bytes(bytes.as_bytes()));
        }
        for sender in Sender::BOTH {
            feed(sender, Content::End(How::Fin));
        }
        told
    }

    fn plain(said: &[(Sender, &str)]) -> Vec<String> {
        told(Some(Page::plain()), said)
    }

    #[test]
    fn a_page_is_one_line_however_long_its_body() {
        let exchange = [
            (Sender::Client, "GET /a?b HTTP/1.1\r\n\r\nGET /\x1b HTTP/1.1\r\n\r\n"),
            (Sender::Server, "HTTP/1.1 103 Early Hints\r\n\r\n"),
            (Sender::Server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
            (Sender::Server, "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n"),
        ];
        assert_eq!(plain(&exchange), ["connection 7   GET /a?b → 200 OK", "connection 7   GET /\\x1b → 404"]);
        assert!(told(None, &exchange).len() > 7, "all of it where no line is wanted");
    }

    #[test]
    fn a_long_target_is_cut_so_that_the_line_is_one() {
        let request = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(500));
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let told = plain(&[(Sender::Client, &request), (Sender::Server, answer)]);
        assert!(
            told.len() == 1 && told[0].ends_with("aa… → 200 OK") && display_width(&told[0]) < 70,
            "{told:?}"
        );
    }

    #[test]
    fn a_request_without_an_answer_is_told() {
        let unanswered = [(Sender::Client, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")];
        assert_eq!(plain(&unanswered), ["connection 7   requests without an answer: 2"]);
    }

    #[test]
    fn a_websocket_is_shown_from_its_opening_on_also_behind_a_page() {
        let handshake = plain(&[(Sender::Client, WEBSOCKET)]);
        assert_eq!(&handshake[..2], ["open", "request"]);
        let behind = plain(&[
            (Sender::Client, "GET / HTTP/1.1\r\n\r\n"),
            (Sender::Server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            (Sender::Client, WEBSOCKET),
            (Sender::Server, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
        ]);
        assert_eq!(&behind[..4], ["connection 7   GET / → 200 OK", "open", "request", "response"]);
        let unread = plain(&[(Sender::Client, "what is no HTTP at all\n")]);
        assert_eq!(unread[0], "open");
    }
}

//! What of a connection is shown: it stands between the collector and a view.
//!
//! It chooses among what was decoded and judged already, so it never changes what is found, and a frame keeps its
//! number. Several demands hold together: what is shown meets all of them.

mod kinds;
mod numbers;
mod request;

use std::collections::BTreeMap;

pub use self::kinds::{KINDS, Kinds};
pub use self::numbers::Numbers;
use super::collect::Shown;
use crate::rules::rule::Finding;
use crate::session::event::{Event, FrameStart, Kind, Request};
use crate::session::segment::{Opening, Time};
use crate::wire::sender::Sender;

/// What the user wants to see; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only what is of one of these kinds.
    pub only: Option<Kinds>,
    /// Nothing that is of one of these kinds.
    pub hide: Kinds,
    /// Only what this sender sent.
    pub sender: Option<Sender>,
    /// Only frames with these numbers, and the messages that they are part of.
    pub frames: Option<Numbers>,
    /// Only these connections.
    pub connections: Option<Numbers>,
    /// Only connections whose request names this host: with a port that one, without a port any.
    pub host: Option<String>,
    /// Only connections whose request names this path: with a query that one, without a query any.
    pub path: Option<String>,
}

impl Selection {
    /// Whether the demands on the thing itself are met.
    fn shows(&self, shown: &Shown<'_>) -> bool {
        let kinds = Kinds::of(shown);
        self.only.is_none_or(|only| only.meets(kinds))
            && !self.hide.meets(kinds)
            && self.sender.is_none_or(|wanted| wanted == shown.sender())
            && self.connections.as_ref().is_none_or(|wanted| wanted.contains(u64::from(shown.connection())))
            && self.frames.as_ref().is_none_or(|wanted| has_frame(shown, wanted))
    }

    /// Whether a connection must wait for its request to be known.
    const fn asks_for_request(&self) -> bool {
        self.host.is_some() || self.path.is_some()
    }

    fn wants(&self, request: &Request<'_>) -> bool {
        let head = request.head;
        self.host.as_ref().is_none_or(|host| request::has_host(head, host))
            && self.path.as_ref().is_none_or(|path| request::has_path(head, path))
    }
}

fn has_frame(shown: &Shown<'_>, wanted: &Numbers) -> bool {
    match shown {
        Shown::Frame(frame) => wanted.contains(frame.number),
        Shown::Message(whole) => whole.message.frames.iter().any(|&frame| wanted.contains(frame)),
        Shown::Event(Event { kind: Kind::Part(part), .. }) => wanted.contains(part.frame),
        Shown::Event(_) => false,
    }
}

/// Lets through what is selected.
#[derive(Debug)]
pub struct Selector {
    selection: Selection,
    /// Whether nothing is asked, so that nothing need be looked at.
    all: bool,
    connections: BTreeMap<u32, Known>,
}

/// What is known of a connection where its request matters.
#[derive(Debug)]
enum Known {
    /// The request has not come. The beginning is held until then, since it comes before.
    Nothing(Option<Box<Held>>),
    /// The latest request is one that is wanted, or not.
    Request(bool),
}

/// The beginning of a connection, kept.
#[derive(Debug)]
struct Held {
    sender: Sender,
    time: Option<Time>,
    opening: Opening,
    findings: Vec<Finding>,
}

impl Selector {
    /// Lets through what `selection` asks for.
    #[must_use]
    pub fn new(selection: Selection) -> Self {
        Self { all: selection == Selection::default(), selection, connections: BTreeMap::new() }
    }

    /// Another that selects the same, for other connections.
    #[must_use]
    pub fn part(&self) -> Self {
        Self::new(self.selection.clone())
    }

    /// Takes back what a part knows of its connections.
    pub fn join(&mut self, mut part: Self) {
        self.connections.append(&mut part.connections);
    }

    /// Gives the thing on, if it is selected.
    #[inline]
    pub fn pass(&mut self, shown: &Shown<'_>, give: &mut impl FnMut(&Shown<'_>)) {
        if self.all {
            give(shown);
        } else if !self.selection.asks_for_request() || self.meets_request(shown, give) {
            self.give_selected(shown, give);
        }
    }

    /// Takes note of what decides whether a connection is wanted. For who does not [`pass`](Self::pass) everything.
    pub fn learn(&mut self, event: &Event<'_>) {
        if self.selection.asks_for_request() {
            self.meets_request(&Shown::Event(event), &mut |_| ());
        }
    }

    /// Whether a frame would be shown, of which only the header has come; findings of its payload are not known.
    #[must_use]
    pub fn wants_frame(&self, event: &Event<'_>, frame: &FrameStart) -> bool {
        let Selection { only, hide, sender, frames, connections, .. } = &self.selection;
        let kinds = Kinds::of_frame_with(frame.header.opcode());
        let wanted = || matches!(self.connections.get(&event.connection), Some(Known::Request(true)));
        (!self.selection.asks_for_request() || wanted())
            && only.is_none_or(|only| only.meets(kinds))
            && !hide.meets(kinds)
            && sender.is_none_or(|sender| sender == event.sender)
            && frames.as_ref().is_none_or(|wanted| wanted.contains(frame.number))
            && connections.as_ref().is_none_or(|wanted| wanted.contains(u64::from(event.connection)))
    }

    fn give_selected(&self, shown: &Shown<'_>, give: &mut impl FnMut(&Shown<'_>)) {
        if self.selection.shows(shown) {
            give(shown);
        }
    }

    /// Whether the connection is one whose request is wanted, as far as that is known by now.
    fn meets_request(&mut self, shown: &Shown<'_>, give: &mut impl FnMut(&Shown<'_>)) -> bool {
        let number = shown.connection();
        let known = self.connections.entry(number).or_insert(Known::Nothing(None));
        let Shown::Event(event) = shown else { return matches!(known, Known::Request(true)) };
        match &event.kind {
            Kind::Open(opening) => {
                let (sender, time) = (event.sender, event.time);
                let findings = event.findings.to_vec();
                let held = Held { sender, time, opening: (*opening).clone(), findings };
                *known = Known::Nothing(Some(Box::new(held)));
                return false;
            }
            Kind::Request(request) => {
                let wanted = self.selection.wants(request);
                if let Known::Nothing(Some(held)) = std::mem::replace(known, Known::Request(wanted))
                    && wanted
                {
                    self.give_selected(&Shown::Event(&held.event(number)), give);
                }
                return wanted;
            }
            _ => {}
        }
        let wanted = matches!(known, Known::Request(true));
        if matches!(&event.kind, Kind::End(end) if end.connection.is_some()) {
            self.connections.remove(&number);
        }
        wanted
    }
}

impl Held {
    fn event(&self, connection: u32) -> Event<'_> {
        let Self { sender, time, ref opening, ref findings } = *self;
        let kind = Kind::Open(opening);
        Event { connection, sender, time, time_end: time, offset: 0, len: 0, kind, findings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::collect::Collector;
    use crate::session::segment::{Content, How, Segment};
    use crate::session::{Config, Session};

    /// Two connections; what is shown of them, in a word each.
    fn shown(selection: Selection) -> String {
        let mut words: Vec<String> = Vec::new();
        let mut collector = Collector::new(0, 0);
        let mut selector = Selector::new(selection);
        let mut session = Session::new(Config::default());
        let mut sink = |event: &Event<'_>| {
            collector.event(event, &mut |shown| {
                selector.pass(&shown, &mut |shown| words.push(word(shown)));
            });
        };
        for (connection, host) in [(1, "a.example:8000"), (2, "B")] {
            let request = format!(
                "GET /chat?x=1 HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            );
            let response = "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            for (sender, content) in [
                (Sender::Client, Content::Open(Box::default())),
                (Sender::Client, Content::Bytes(request.as_bytes())),
                (Sender::Server, Content::Bytes(response.as_bytes())),
                (Sender::Server, Content::Bytes(b"\x89\x00\x01\x00\x80\x00\x83\x00")),
                (Sender::Client, Content::Bytes(b"\x82\x80\x01\x02\x03\x04")),
                (Sender::Client, Content::End(How::Fin)),
                (Sender::Server, Content::End(How::Fin)),
            ] {
                session.feed(&Segment { connection, sender, time: None, packet: None, content }, &mut sink);
            }
        }
        words.join(" ")
    }

    fn word(shown: &Shown<'_>) -> String {
        let connection = shown.connection();
        let what = match shown {
            Shown::Frame(frame) => format!("f{}", frame.number),
            Shown::Message(message) => format!("m{}", message.message.number),
            Shown::Event(event) => match event.kind {
                Kind::Open(_) => "open".into(),
                Kind::Request(_) => "request".into(),
                Kind::Response(_) => "response".into(),
                _ => "end".into(),
            },
        };
        format!("{connection}:{what}")
    }

    /// All of connection 1; the second is the same.
    const FIRST: &str = "1:open 1:request 1:response 1:f1 1:f2 1:f3 1:m1 1:f4 1:f5 1:m2 1:end 1:end";

    fn kinds(names: &str) -> Kinds {
        Kinds::parse(names).expect("kinds")
    }

    #[test]
    fn by_default_all_is_shown() {
        assert_eq!(shown(Selection::default()), format!("{FIRST} {}", FIRST.replace("1:", "2:")));
    }

    #[test]
    fn kinds_are_chosen_or_hidden() {
        let first = || Some(Numbers::parse("1").expect("a number"));
        let only = |names| {
            shown(Selection { only: Some(kinds(names)), connections: first(), ..Selection::default() })
        };
        assert_eq!(only("open,ping"), "1:open 1:f1");
        assert_eq!(only("handshake"), "1:request 1:response");
        assert_eq!(only("text"), "1:f2 1:m1");
        assert_eq!(only("continuation"), "1:f3");
        let found = only("findings");
        assert!(found.contains("1:f4") && !found.contains("open") && !found.contains("1:f5"), "{found}");
        let hide =
            |names| shown(Selection { hide: kinds(names), connections: first(), ..Selection::default() });
        assert_eq!(hide("handshake,frames,open,end"), "1:m1 1:m2");
        assert_eq!(hide("data,control,http"), "1:open 1:request 1:response 1:end 1:end");
        let both = Selection {
            only: Some(kinds("data")),
            hide: kinds("message"),
            connections: first(),
            ..Selection::default()
        };
        assert_eq!(shown(both), "1:f2 1:f3 1:f4 1:f5");
    }

    #[test]
    fn frames_are_chosen_by_number_with_their_messages() {
        let frames = Some(Numbers::parse("1,3-4").expect("numbers"));
        let selection = Selection { frames, sender: Some(Sender::Server), ..Selection::default() };
        assert_eq!(shown(selection), "1:f1 1:f3 1:m1 1:f4 2:f1 2:f3 2:m1 2:f4");
    }

    #[test]
    fn a_connection_is_chosen_by_its_request_and_shown_from_its_beginning() {
        let host = |host: &str| shown(Selection { host: Some(host.into()), ..Selection::default() });
        assert_eq!(host("A.Example"), FIRST);
        assert_eq!(host("a.example:8000"), FIRST);
        assert_eq!(host("a.example:80"), "");
        assert_eq!(host("b"), FIRST.replace("1:", "2:"));
        let path = |path: &str| shown(Selection { path: Some(path.into()), ..Selection::default() });
        assert_eq!(path("/chat"), path("/chat?x=1"));
        assert!(path("/chat").starts_with(FIRST));
        assert_eq!(path("/chat?x=2") + &path("/ch") + &path("/Chat"), "");
    }
}

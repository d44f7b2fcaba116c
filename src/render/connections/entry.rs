//! What is remembered of a connection for its entry in the list.

use crate::render::clock::span;
use crate::render::collect::{Shown, WholeFrame};
use crate::rules::ending::{Ended, Ending};
use crate::rules::rule::{Finding, Level};
use crate::session::agreed::Agreed;
use crate::session::event::{Event, Kind, Request, Response};
use crate::session::segment::Opening;
use crate::wire::extension::Extension;
use crate::wire::head::StartLine;
use crate::wire::sender::Sender;

/// The most bytes that are kept of a text that a peer chose.
const MOST_TEXT: usize = 256;

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) opening: Option<Box<Opening>>,
    pub(super) host: Option<Vec<u8>>,
    pub(super) target: Option<Vec<u8>>,
    pub(super) subprotocol: Option<Vec<u8>>,
    pub(super) extensions: Vec<Vec<u8>>,
    /// Whether it is known which extensions are in use.
    pub(super) extensions_known: bool,
    pub(super) client: Side,
    pub(super) server: Side,
    /// Notes, shoulds and musts.
    pub(super) findings: [u64; 3],
    /// The first of the worst findings.
    pub(super) worst: Option<(Level, &'static str)>,
    pub(super) ending: Option<Box<Ending>>,
}

/// What one end sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Side {
    pub(super) frames: u64,
    /// Bytes of payload that came.
    pub(super) payload: u64,
}

impl Entry {
    pub(super) const fn side(&self, sender: Sender) -> Side {
        match sender {
            Sender::Client => self.client,
            Sender::Server => self.server,
        }
    }

    const fn side_mut(&mut self, sender: Sender) -> &mut Side {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    /// Takes the next thing that was said on it; whether it is over with that.
    pub(super) fn take(&mut self, shown: &Shown<'_>) -> bool {
        shown.findings().for_each(|finding| self.finding(finding));
        match shown {
            Shown::Frame(frame) => self.frame(frame),
            Shown::Message(whole) if whole.message.kept.is_some() => {
                let side = self.side_mut(whole.event.sender);
                side.payload = side.payload.saturating_add(whole.message.wire_len);
            }
            Shown::Message(_) => {}
            Shown::Event(event) => return self.event(event),
        }
        false
    }

    fn finding(&mut self, finding: &Finding) {
        let level = finding.rule.level;
        if let Some(count) = self.findings.get_mut(level as usize) {
            *count += 1;
        }
        if self.worst.is_none_or(|(worst, _)| (level as usize) > worst as usize) {
            self.worst = Some((level, finding.rule.id));
        }
    }

    fn frame(&mut self, frame: &WholeFrame<'_>) {
        let side = self.side_mut(frame.sender);
        side.frames += 1;
        side.payload = side.payload.saturating_add(frame.captured());
    }

    fn event(&mut self, event: &Event<'_>) -> bool {
        match &event.kind {
            Kind::Open(opening) => self.opening = Some(Box::new((*opening).clone())),
            Kind::Request(request) => self.request(request),
            Kind::Response(response) => self.response(response),
            Kind::End(end) => {
                self.ending = end.connection.map(|ending| Box::new(ending.clone()));
                return end.connection.is_some();
            }
            _ => {}
        }
        false
    }

    /// A handshake tells more than the requests before it.
    fn request(&mut self, request: &Request<'_>) {
        if !request.handshake && self.target.is_some() {
            return;
        }
        let head = request.head;
        self.host = head.first_value("host").map(|host| cut(&host));
        if let StartLine::Request { target, .. } = head.start {
            self.target = Some(cut(head.at(target)));
        }
    }

    fn response(&mut self, response: &Response<'_>) {
        if !response.handshake || response.head.status() != Some(101) {
            return;
        }
        self.subprotocol = response.head.first_value("sec-websocket-protocol").map(|name| cut(&name));
        if let Agreed::Known(extensions) = response.agreed {
            self.extensions_known = true;
            self.extensions = extensions.iter().take(8).map(|extension| cut(name(extension))).collect();
        }
    }

    /// `ws://localhost:8000/chat`, as far as it is known.
    pub(super) fn url(&self) -> Option<Vec<u8>> {
        let target = self.target.as_deref()?;
        if !target.starts_with(b"/") {
            return Some(target.to_vec());
        }
        let tls = self.opening.as_ref().is_some_and(|opening| opening.tls);
        let scheme: &[u8] = if tls { b"wss://" } else { b"ws://" };
        Some([scheme, self.host.as_deref().unwrap_or_default(), target].concat())
    }

    /// How it ended, in a few words.
    pub(super) fn how(&self) -> String {
        self.ending.as_deref().map(how).unwrap_or_default()
    }

    /// How long it lasted.
    pub(super) fn lasted(&self) -> String {
        let lasted = self.ending.as_ref().and_then(|ending| ending.lasted()).filter(|lasted| *lasted > 0);
        lasted.map(|lasted| ["after ", &span(lasted)].concat()).unwrap_or_default()
    }
}

fn how(ending: &Ending) -> String {
    if let Some(sender) = ending.closed_by {
        let code = ending.side(sender).close.as_ref().and_then(|close| close.code);
        return match code {
            Some(code) => format!("Close {} by {sender}", code.0),
            None => format!("Close by {sender}"),
        };
    }
    if !ending.opened {
        return match ending.status {
            Some(status) => format!("refused: HTTP {status}"),
            None => "no handshake".to_owned(),
        };
    }
    match ending.tcp_ended_first() {
        Some(sender) if ending.side(sender).ended == Some(Ended::Reset) => format!("RST by {sender}"),
        Some(sender) => format!("FIN by {sender}"),
        None if ending.messages_only => "not known".to_owned(),
        None => "still open".to_owned(),
    }
}

fn name(extension: &Extension) -> &[u8] {
    extension.name.as_bytes()
}

/// The beginning of a text, with an ellipsis where that is not all.
fn cut(text: &[u8]) -> Vec<u8> {
    match text.get(..MOST_TEXT) {
        Some(beginning) if text.len() > MOST_TEXT => [beginning, "…".as_bytes()].concat(),
        _ => text.to_vec(),
    }
}

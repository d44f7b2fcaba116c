//! What a session says of a conversation, one line an event.

use wslens::rules::rule::Finding;
use wslens::session::event::{Event, FrameStart, Kind, Message, Sink};
use wslens::session::segment::{Content, Opening, Segment};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender;

use super::{Act, segment};

/// Bytes of a sender that are missing.
pub fn gap(sender: Sender, lost: u64) -> (Sender, Act) {
    (sender, Act::Gap(lost))
}

/// What is said of a conversation. It goes on: only what ended is over.
pub fn told(conversation: &[(Sender, Act)]) -> Vec<String> {
    told_by(Config::default(), conversation)
}

/// The same, and then the input stops.
pub fn told_to_the_end(conversation: &[(Sender, Act)]) -> Vec<String> {
    let mut telling = Telling::default();
    let mut session = Session::new(Config::default());
    for (sender, act) in conversation {
        session.feed(&segment(*sender, act), &mut telling);
    }
    session.finish(&mut telling);
    telling.lines
}

/// What is said by a session with this configuration.
pub fn told_by(config: Config, conversation: &[(Sender, Act)]) -> Vec<String> {
    let mut telling = Telling::default();
    let mut session = Session::new(config);
    for (sender, act) in conversation {
        session.feed(&segment(*sender, act), &mut telling);
    }
    telling.lines
}

/// What is said of a connection of which more is known at its beginning.
pub fn told_of(opening: &Opening, conversation: &[(Sender, Act)]) -> Vec<String> {
    let mut telling = Telling::default();
    let mut session = Session::new(Config::default());
    let content = Content::Open(Box::new(opening.clone()));
    session.feed(
        &Segment { connection: 1, sender: Sender::Client, time: None, packet: None, content },
        &mut telling,
    );
    for (sender, act) in conversation {
        session.feed(&segment(*sender, act), &mut telling);
    }
    telling.lines
}

#[derive(Default)]
struct Telling {
    lines: Vec<String>,
}

impl Sink for Telling {
    fn event(&mut self, event: &Event<'_>) {
        let Some(line) = line(event) else { return };
        let arrow = if event.sender == Sender::Client { '>' } else { '<' };
        let findings: String = event.findings.iter().map(id).collect();
        let line = if line == "open" { line } else { format!("{arrow} {line}{findings}") };
        match self.lines.last_mut() {
            Some(last) if line.contains("opaque") && joined(last, &line).is_some() => {
                *last = joined(last, &line).unwrap_or_default();
            }
            _ => self.lines.push(line),
        }
    }
}

/// Two lines about the same kind of bytes as one.
fn joined(last: &str, line: &str) -> Option<String> {
    let (before, first) = last.rsplit_once(' ')?;
    let (same, second) = line.rsplit_once(' ')?;
    let sum = first.parse::<u64>().ok()? + second.parse::<u64>().ok()?;
    (before == same).then(|| format!("{before} {sum}"))
}

fn id(finding: &Finding) -> String {
    match finding.rule.id {
        // What a head breaks is not what these conversations are about.
        id if id.starts_with("request/") || id.starts_with("response/") || id.starts_with("handshake/") => {
            String::new()
        }
        id if id.starts_with("closing/") || id.contains("hint") || id.contains("early") => String::new(),
        id => format!(" !{id}"),
    }
}

fn line(event: &Event<'_>) -> Option<String> {
    Some(match &event.kind {
        Kind::Open(_) => "open".into(),
        Kind::Request(request) => {
            let handshake = if request.handshake { ", handshake" } else { "" };
            let partial = if request.partial { ", partial" } else { "" };
            format!("request {}{handshake}{partial}", target(request.head))
        }
        Kind::Response(response) => {
            let status = response.head.status().unwrap_or(0);
            let handshake = if response.handshake { ", handshake" } else { "" };
            let partial = if response.partial { ", partial" } else { "" };
            let answers =
                response.request.map(|head| format!(", answers {}", target(head))).unwrap_or_default();
            format!("response {status}{handshake}{answers}{partial}")
        }
        Kind::FrameStart(FrameStart { number, header, .. }) => {
            let name = header.opcode().name().map_or(format!("opcode {}", header.opcode().0), str::to_owned);
            format!("frame {number} {name} {}", header.payload_len())
        }
        Kind::FrameCut(cut) => format!("cut frame {}: {} bytes", cut.number, cut.header.bytes().len()),
        Kind::FrameEnd(end) if end.partial() => {
            format!("frame {} is partial: {} bytes came", end.number, end.captured)
        }
        Kind::FrameEnd(_) | Kind::Payload(_) | Kind::Part(_) | Kind::Inflated(_) => return None,
        Kind::Message(message) => of_message(message),
        Kind::Opaque(opaque) => format!("opaque {} {}", opaque.why.name(), event.len),
        Kind::Gap => format!("gap {}", event.len),
        Kind::Resync(resync) => format!("found again by {} headers", resync.headers),
        Kind::End(end) => {
            let facts = end.connection.map(|ending| {
                let frames = ending.client.frames + ending.server.frames;
                let closed = ending.closed_by.map(|by| format!(", closed by {by}")).unwrap_or_default();
                format!(", {frames} frames{closed}")
            });
            format!("end {}{}", end.how.name(), facts.unwrap_or_default())
        }
    })
}

fn target(head: &wslens::wire::head::Head) -> String {
    let line = String::from_utf8_lossy(head.at(head.first_line)).into_owned();
    line.split(' ').nth(1).unwrap_or_default().to_owned()
}

fn of_message(message: &Message<'_>) -> String {
    let name = message.opcode.name().unwrap_or_default();
    let mut line = format!("message {} {name} {}", message.number, message.wire_len);
    if message.frame_count > 1 {
        line += &format!(", frames {:?}", message.frames);
    }
    if let Some(inflated) = message.inflated {
        line += &format!(", {} inflated", inflated.read.plain);
        if inflated.read.unknown > 0 {
            line += &format!(", {} unknown", inflated.read.unknown);
        }
        if let Some(stop) = inflated.stop {
            line += &format!(", {}, {} left", stop.name(), inflated.left);
        }
        if let Some(lost) = inflated.lost {
            line += &format!(", lost {lost:?}");
        }
    }
    if !message.compression.is_read() {
        line += ", compression unknown";
    }
    if !message.complete {
        line += ", not complete";
    }
    if let Some(at) = message.utf8_error {
        line += &format!(", bad at {at}");
    }
    line
}

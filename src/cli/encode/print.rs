//! The forms in which frames are printed: hex, bytes, a transcript, a lesson.

use std::io::Write;

use crate::cli::exit::Failure;
use crate::cli::pipeline::Pipeline;
use crate::render::collect::{Collector, Shown};
use crate::render::hex::{PAIRS_IN_A_LINE, push_pairs};
use crate::render::lesson::{self, Lesson};
use crate::render::page::Page;
use crate::render::select::Selection;
use crate::session::Config;
use crate::session::event::{Event, Kind};
use crate::session::segment::{Content, Opening, Roles, Segment};
use crate::wire::accept::accept;
use crate::wire::sender::Sender;

/// The nonce of the RFC's own example.
const NONCE: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Pairs of hex digits, in lines that begin with `first` and then with `later`.
pub(super) fn hex(frame: &[u8], first: &str, later: &str, out: &mut impl Write) -> Result<(), Failure> {
    let mut line = String::new();
    for (i, bytes) in frame.chunks(PAIRS_IN_A_LINE).enumerate() {
        line.clear();
        line.push_str(if i == 0 { first } else { later });
        push_pairs(&mut line, bytes);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// The lines of an opening handshake, the client's and the server's, that agrees on these extensions.
fn handshake(extensions: Option<&str>) -> [Vec<String>; 2] {
    let extensions = extensions.map(|list| format!("Sec-WebSocket-Extensions: {list}"));
    let mut heads = [
        vec![
            "GET / HTTP/1.1".to_owned(),
            "Host: localhost".to_owned(),
            "Connection: Upgrade".to_owned(),
            "Upgrade: websocket".to_owned(),
            "Origin: http://localhost".to_owned(),
            "Sec-WebSocket-Version: 13".to_owned(),
            format!("Sec-WebSocket-Key: {NONCE}"),
        ],
        vec![
            "HTTP/1.1 101 Switching Protocols".to_owned(),
            "Connection: Upgrade".to_owned(),
            "Upgrade: websocket".to_owned(),
            format!("Sec-WebSocket-Accept: {}", accept(NONCE.as_bytes())),
        ],
    ];
    heads.iter_mut().for_each(|head| head.extend(extensions.clone()));
    heads
}

/// The handshake as lines of a transcript.
pub(super) fn opening(extensions: Option<&str>, out: &mut impl Write) -> Result<(), Failure> {
    for (sender, head) in Sender::BOTH.into_iter().zip(handshake(extensions)) {
        let mark = mark(sender);
        for line in head {
            writeln!(out, "{mark} {line}")?;
        }
        writeln!(out, "{mark}")?;
    }
    Ok(())
}

/// What begins a sender's lines in a transcript.
pub(super) const fn mark(sender: Sender) -> &'static str {
    match sender {
        Sender::Client => ">",
        Sender::Server => "<",
    }
}

/// The lesson about all frames of a sender, behind a handshake that agreed on these extensions, or with nothing known
/// of one.
pub(super) fn lesson(page: &Page, sender: Sender, extensions: Option<&str>, bytes: &[u8]) -> String {
    let options = lesson::Options { page: *page, ..lesson::Options::default() };
    let collector = Collector::new(options.payload.cap(), lesson::EXPLAINED);
    let mut pipeline = Pipeline::new(Config::default(), collector, Selection::default());
    let (mut lesson, mut text) = (Lesson::new(options), String::new());
    let mut show = |shown: &Shown<'_>| {
        // A connection that never was has no beginning and no end to speak of.
        let beside = |kind: &Kind<'_>| {
            matches!(kind, Kind::Open(_) | Kind::Request(_) | Kind::Response(_) | Kind::End(_))
        };
        if !matches!(shown, Shown::Event(Event { kind, .. }) if beside(kind)) {
            lesson.show(shown, &mut text);
        }
    };
    let only = extensions.is_none().then_some(sender);
    let opening = Opening { roles: Roles::Given, only, ..Opening::default() };
    let mut feed = |sender: Sender, content: Content<'_>| {
        pipeline.feed(&Segment { connection: 1, sender, time: None, content, packet: None }, &mut show);
    };
    feed(sender, Content::Open(Box::new(opening)));
    if extensions.is_some() {
        for (sender, head) in Sender::BOTH.into_iter().zip(handshake(extensions)) {
            feed(sender, Content::Bytes((head.join("\r\n") + "\r\n\r\n").as_bytes()));
        }
    }
    feed(sender, Content::Bytes(bytes));
    pipeline.finish(&mut show);
    text
}

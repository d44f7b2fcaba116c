//! What the proxy recorded of a conversation, as its JSON view and as its transcript.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value;
use wslens::input::{self, Options};
use wslens::session::segment::Content;
use wslens::wire::sender::Sender;

use crate::said::{Said, payload, recorded, to_send};
use crate::tap::Passed;

/// The record of the connection on which a WebSocket was spoken.
pub struct Recorded {
    lines: Vec<Value>,
    bytes: Passed,
}

/// What the proxy is told so that it records both forms into a folder.
pub fn arguments(dir: &Path) -> Vec<String> {
    let file = |name| dir.join(name).to_str().expect("text").to_owned();
    ["--record".to_owned(), file("x.jsonl"), "--record".to_owned(), file("x.txt")].to_vec()
}

impl Recorded {
    /// Reads what [`arguments`] made the proxy write.
    pub fn read(dir: &Path) -> Self {
        let text = fs::read_to_string(dir.join("x.jsonl")).expect("a record");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let spoken = |line: &&Value| line["type"] == "response" && line["status"] == 101;
        let connection = lines.iter().find(spoken).expect("a handshake")["connection"].clone();
        let lines = lines.into_iter().filter(|line| line["connection"] == connection).collect();
        let bytes = transcript(&dir.join("x.txt")).into_values().find(Passed::is_websocket);
        Self { lines, bytes: bytes.expect("a handshake") }
    }

    /// Our messages are those of both applications, our bytes those of the wire, and nothing is broken.
    pub fn agrees_with(&self, client: &Said, server: &Said, wire: &Passed) {
        assert!(client.sent == to_send(), "the client sent all");
        assert!(client.received == client.sent && server.received == server.sent, "the server echoes");
        assert!(recorded(&self.lines, "client") == client.sent, "the client's messages are recorded");
        assert!(recorded(&self.lines, "server") == server.sent, "the server's messages are recorded");
        let bye = (4001, "bye".to_owned());
        assert_eq!((&client.close, &server.close), (&bye, &bye));
        assert!(
            self.frames("client").any(|frame| frame["close_code"] == 4001 && frame["close_reason"] == "bye")
        );
        assert!(self.bytes == *wire, "the transcript has the bytes of the wire");
        let musts =
            self.lines.iter().flat_map(|line| line["findings"].as_array().cloned().unwrap_or_default());
        assert_eq!(
            musts.filter(|finding| finding["level"] == "must").collect::<Vec<_>>(),
            Vec::<Value>::new()
        );
    }

    /// The frames of a sender.
    pub fn frames(&self, sender: &'static str) -> impl Iterator<Item = &Value> {
        self.lines.iter().filter(move |line| line["type"] == "frame" && line["sender"] == sender)
    }

    /// Whether messages were compressed.
    pub fn has_compressed(&self) -> bool {
        self.lines.iter().any(|line| line["compressed"] == true)
    }

    /// The server's Ping has the client's Pong.
    pub fn has_an_answered_ping(&self) {
        let text =
            |frame: &Value, opcode: u64| frame["opcode"] == opcode && payload(frame) == b"still there?";
        assert!(self.frames("server").any(|frame| text(frame, 9)));
        assert!(self.frames("client").any(|frame| text(frame, 10)));
    }
}

/// The bytes of each connection of a transcript.
fn transcript(path: &Path) -> BTreeMap<u32, Passed> {
    let mut all = BTreeMap::<u32, Passed>::new();
    let file = File::open(path).expect("a record");
    let read = input::read("x.txt", file, &Options::default(), &mut |_| {}, &mut |segment| {
        let passed = all.entry(segment.connection).or_default();
        if let Content::Bytes(bytes) = segment.content {
            match segment.sender {
                Sender::Client => passed.client.extend_from_slice(bytes),
                Sender::Server => passed.server.extend_from_slice(bytes),
            }
        }
        ControlFlow::Continue(())
    });
    read.unwrap_or_else(|error| panic!("{error}"));
    all
}

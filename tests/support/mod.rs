//! What several test files use: conversations, and events in a form that can be compared.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

pub mod conversations;
pub mod found;
pub mod generate;
pub mod golden;
pub mod mutate;
pub mod net;
pub mod told;

use wslens::session::event::{Event, Kind};
use wslens::session::segment::{Content, How, Segment};
use wslens::session::{Config, Session};
use wslens::wire::deflate::Plain;
use wslens::wire::frame::{Header, LengthForm};
use wslens::wire::mask::MaskingKey;
use wslens::wire::sender::Sender;

/// A request for a WebSocket.
pub const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// The response that agrees to it.
pub const RESPONSE: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A frame with this first byte, its payload masked where there is a key.
pub fn frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mut out = Vec::new();
    let len = payload.len() as u64;
    Header::new(first, len, LengthForm::shortest(len), key.map(MaskingKey)).encode(&mut out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = key {
        MaskingKey(key).apply(&mut out[start..]);
    }
    out
}

/// The same, with permessage-deflate: the client offers it, and the server accepts it with these parameters.
pub fn compressing(parameters: &str) -> [(Sender, Act); 2] {
    let head = |head: &[u8], line: &str| {
        let blank = head.len() - 2;
        [&head[..blank], line.as_bytes(), b"\r\n\r\n"].concat()
    };
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    let answer = format!("Sec-WebSocket-Extensions: permessage-deflate{parameters}");
    [client(head(REQUEST, offer)), server(head(RESPONSE, &answer))]
}

/// One thing that a sender did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Bytes(Vec<u8>),
    Gap(u64),
    End(How),
}

/// The client sends bytes.
pub fn client(bytes: impl Into<Vec<u8>>) -> (Sender, Act) {
    (Sender::Client, Act::Bytes(bytes.into()))
}

/// The server sends bytes.
pub fn server(bytes: impl Into<Vec<u8>>) -> (Sender, Act) {
    (Sender::Server, Act::Bytes(bytes.into()))
}

/// The client ends TCP.
pub fn the_client_ends() -> (Sender, Act) {
    (Sender::Client, Act::End(How::Fin))
}

/// The server ends TCP.
pub fn the_server_ends() -> (Sender, Act) {
    (Sender::Server, Act::End(How::Fin))
}

/// A frame as a client sends it; the key depends on the payload, so that it is not always the same.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let sum = payload.iter().fold(1, |sum: u8, byte| sum.rotate_left(3) ^ byte);
    frame(first, payload, Some([sum, 2, 3, first]))
}

/// A frame as a server sends it.
pub fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, payload, None)
}

/// What both senders did, in order.
pub type Conversation = Vec<(Sender, Act)>;

/// An event in a form that can be kept and compared; adjacent pieces are joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub sender: Sender,
    pub offset: u64,
    pub len: u64,
    pub what: String,
    /// The bytes that the event covers.
    pub bytes: Vec<u8>,
    /// The plain bytes that it gives of a compressed message.
    pub inflated: Vec<u8>,
    pub findings: Vec<String>,
}

impl Said {
    fn of(event: &Event<'_>) -> Self {
        let (mut bytes, mut inflated) = (Vec::new(), Vec::new());
        let what = match event.kind {
            Kind::Request(r) => {
                bytes.extend_from_slice(r.head.raw());
                format!("request {} {}", r.handshake, r.partial)
            }
            Kind::Response(r) => {
                bytes.extend_from_slice(r.head.raw());
                format!("response {} {} {}", r.handshake, r.partial, r.request.is_some())
            }
            Kind::FrameStart(f) => {
                f.header.encode(&mut bytes);
                format!("{f:?}")
            }
            Kind::FrameCut(f) => {
                bytes.extend_from_slice(f.header.bytes());
                format!("frame {} cut", f.number)
            }
            Kind::Payload(p) => {
                bytes.extend_from_slice(p.raw);
                format!("payload of {}", p.frame)
            }
            Kind::Opaque(o) => {
                bytes.extend_from_slice(o.bytes);
                format!("opaque {:?}", o.why)
            }
            Kind::Gap => {
                bytes.resize(event.len as usize, b'?');
                "gap".into()
            }
            Kind::Inflated(piece) => {
                inflated = match piece.plain {
                    Plain::Known(known) => known.to_vec(),
                    Plain::Unknown(unknown) => vec![b'?'; unknown],
                };
                format!("inflated of {}", piece.message)
            }
            other => format!("{other:?}"),
        };
        let findings = event.findings.iter().map(|f| format!("{} {:?}", f.rule.id, f.broken)).collect();
        Self { sender: event.sender, offset: event.offset, len: event.len, what, bytes, inflated, findings }
    }

    fn goes_on(&self, next: &Self) -> bool {
        let pieces = ["payload", "opaque", "gap"].iter().any(|kind| self.what.starts_with(kind));
        pieces && self.sender == next.sender && self.what == next.what && next.findings.is_empty()
    }
}

/// Feeds a conversation to a session and gives what it said.
pub fn said(conversation: &[(Sender, Act)]) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    let mut session = Session::new(Config::default());
    let mut sink = |event: &Event<'_>| {
        let next = Said::of(event);
        match said.last_mut() {
            // A piece of a compressed message speaks about the payload before it.
            Some(last) if matches!(event.kind, Kind::Inflated(_)) => {
                assert!(last.what.starts_with("payload") && event.len == 0, "behind {}", last.what);
                assert_eq!(event.offset, last.offset + last.len, "it stands where its payload ends");
                last.inflated.extend(next.inflated);
            }
            Some(last) if last.goes_on(&next) => {
                last.len += next.len;
                last.bytes.extend(next.bytes);
            }
            _ => said.push(next),
        }
    };
    for (sender, act) in conversation {
        session.feed(&segment(*sender, act), &mut sink);
    }
    session.finish(&mut sink);
    said
}

/// One act as a segment of connection 1.
pub fn segment(sender: Sender, act: &Act) -> Segment<'_> {
    let content = match act {
        Act::Bytes(bytes) => Content::Bytes(bytes),
        Act::Gap(lost) => Content::Gap(*lost),
        Act::End(how) => Content::End(*how),
    };
    Segment { connection: 1, sender, time: None, packet: None, content }
}

/// What a sender put on the wire, lost bytes as `?`.
pub fn stream(conversation: &[(Sender, Act)], sender: Sender) -> Vec<u8> {
    let mut all = Vec::new();
    for (_, act) in conversation.iter().filter(|(from, _)| *from == sender) {
        match act {
            Act::Bytes(bytes) => all.extend_from_slice(bytes),
            Act::Gap(lost) => all.resize(all.len() + *lost as usize, b'?'),
            Act::End(_) => break,
        }
    }
    all
}

/// Law 1: per sender, events cover the stream end to end, and their bytes are the bytes that came in.
pub fn assert_conserved(conversation: &[(Sender, Act)]) {
    let said = said(conversation);
    for sender in Sender::BOTH {
        let mut bytes = Vec::new();
        for event in said.iter().filter(|event| event.sender == sender) {
            assert_eq!(event.offset, bytes.len() as u64, "{} starts where the last one ended", event.what);
            assert_eq!(event.len, event.bytes.len() as u64, "{} covers its bytes", event.what);
            bytes.extend_from_slice(&event.bytes);
        }
        assert_eq!(
            bytes.escape_ascii().to_string(),
            stream(conversation, sender).escape_ascii().to_string(),
            "the bytes of the {sender} in {:#?}",
            told::told(conversation)
        );
    }
}

/// The same conversation with every run of bytes cut into pieces; `size` gives the length of the next one.
pub fn cut(conversation: &[(Sender, Act)], mut size: impl FnMut() -> usize) -> Conversation {
    let mut pieces = Vec::new();
    for (sender, act) in conversation {
        match act {
            Act::Bytes(bytes) => {
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let (piece, more) = rest.split_at(size().clamp(1, rest.len()));
                    pieces.push((*sender, Act::Bytes(piece.to_vec())));
                    rest = more;
                }
            }
            other => pieces.push((*sender, other.clone())),
        }
    }
    pieces
}

/// Every sample: its name and its bytes.
pub fn samples() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"))
        .expect("the samples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a sample"))
        })
        .collect();
    all.sort();
    all
}

/// The conversations of a sample, by connection.
pub fn conversations(name: &str, bytes: &[u8]) -> Vec<Conversation> {
    let mut all: std::collections::BTreeMap<u32, Conversation> = std::collections::BTreeMap::new();
    let options = wslens::input::Options::default();
    let mut each = |segment: Segment<'_>| {
        let act = match segment.content {
            Content::Bytes(bytes) => Act::Bytes(bytes.to_vec()),
            Content::Gap(lost) => Act::Gap(lost),
            Content::End(how) => Act::End(how),
            Content::Open(_) | Content::Message(..) | Content::Reported(_) => {
                return std::ops::ControlFlow::Continue(());
            }
        };
        all.entry(segment.connection).or_default().push((segment.sender, act));
        std::ops::ControlFlow::Continue(())
    };
    wslens::input::read(name, bytes, &options, &mut |_| (), &mut each).expect("a sample reads");
    all.into_values().collect()
}

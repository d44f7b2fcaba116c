//! What a session finds in a capture, in the form of a generator's truth.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use sha1::{Digest, Sha1};
use wslens::input::{Options, read};
use wslens::session::event::{Event, Kind, Sink, Why};
use wslens::session::{Config, Session};
use wslens::wire::deflate::Plain;

use super::generate::What;

/// A frame or message that was found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub what: What,
    pub connection: usize,
    pub sender: usize,
    /// As the session counts, over both senders.
    pub number: u64,
    pub opcode: u8,
    pub fin: bool,
    pub rsv1: bool,
    pub len: u64,
    pub hash: [u8; 20],
    /// Of a frame: the offset of its first byte. Of a message: the offset behind its last.
    pub at: u64,
}

/// All of a capture.
#[derive(Debug, Default)]
pub struct Findings {
    pub found: Vec<Found>,
    /// Frames that are there in part.
    pub partial: usize,
    /// The rules that are broken, and how often.
    pub broken: BTreeMap<&'static str, u64>,
    /// Where a boundary was lost, and where one was found again: connection, sender, offset, and whether it was found.
    pub again: Vec<(usize, usize, u64, bool)>,
    pub error: Option<String>,
    frames: BTreeMap<(usize, usize), (u64, Sha1)>,
    plain: BTreeMap<(usize, usize, u64), (u64, Sha1)>,
    frame_message: BTreeMap<(usize, usize), Option<u64>>,
}

impl Sink for Findings {
    fn event(&mut self, event: &Event<'_>) {
        let (connection, sender) = (event.connection as usize, event.sender as usize);
        let who = (connection, sender);
        for finding in event.findings {
            *self.broken.entry(finding.rule.id).or_default() += 1;
        }
        match event.kind {
            Kind::FrameStart(start) => {
                self.frames.insert(who, (event.offset, Sha1::new()));
                self.frame_message.insert(who, start.place.map(|place| place.message));
            }
            Kind::Payload(piece) => {
                let mut plain = piece.raw.to_vec();
                if let Some(key) = piece.key {
                    key.apply(&mut plain);
                }
                self.frames.get_mut(&who).expect("it began").1.update(&plain);
                if let Some(message) = self.frame_message[&who] {
                    let entry = self.plain.entry((connection, sender, message)).or_default();
                    entry.0 += plain.len() as u64;
                    entry.1.update(&plain);
                }
            }
            Kind::FrameEnd(end) => {
                let (at, hash) = self.frames.remove(&who).expect("it began");
                if end.partial() {
                    self.partial += 1;
                    return;
                }
                self.found.push(Found {
                    what: What::Frame,
                    connection,
                    sender,
                    number: end.number,
                    opcode: end.header.opcode().0,
                    fin: end.header.fin(),
                    rsv1: end.header.rsv1(),
                    len: end.header.payload_len(),
                    hash: hash.finalize().into(),
                    at,
                });
            }
            Kind::Inflated(piece) => {
                // Behind the messages as they were sent.
                let entry = self.plain.entry((connection, sender + 2, piece.message)).or_default();
                if let Plain::Known(bytes) = piece.plain {
                    entry.0 += bytes.len() as u64;
                    entry.1.update(bytes);
                }
            }
            Kind::Message(message) => {
                let sent = self.plain.remove(&(connection, sender, message.number)).unwrap_or_default();
                let inflated =
                    self.plain.remove(&(connection, sender + 2, message.number)).unwrap_or_default();
                if !message.complete
                    || message
                        .inflated
                        .is_some_and(|inflated| inflated.stop.is_some() || inflated.lost.is_some())
                {
                    return;
                }
                let (len, hash) = if message.inflated.is_some() { inflated } else { sent };
                self.found.push(Found {
                    what: What::Message,
                    connection,
                    sender,
                    number: message.number,
                    opcode: message.opcode.0,
                    fin: true,
                    rsv1: message.inflated.is_some(),
                    len,
                    hash: hash.finalize().into(),
                    at: event.offset,
                });
            }
            Kind::Resync(_) => self.again.push((connection, sender, event.offset, true)),
            Kind::Opaque(opaque) if opaque.why == Why::AfterGap => {
                // The first piece of a run.
                let open =
                    self.again.iter().rev().find(|told| (told.0, told.1) == who).is_some_and(|told| !told.3);
                if !open {
                    self.again.push((connection, sender, event.offset, false));
                }
            }
            _ => {}
        }
    }
}

/// Reads a capture.
pub fn find(file: &[u8]) -> Findings {
    let mut findings = Findings::default();
    let mut session = Session::new(Config::default());
    let read = read("capture", file, &Options::default(), &mut |_| (), &mut |segment| {
        session.feed(&segment, &mut findings);
        ControlFlow::Continue(())
    });
    session.finish(&mut findings);
    findings.error = read.err().map(|error| error.to_string());
    findings
}

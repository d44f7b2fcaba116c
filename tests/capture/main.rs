//! Captures: every kind of file, whatever the network did, and whatever is wrong with them.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

#[path = "../support/mod.rs"]
mod support;

mod confirmed;
mod damage;
mod files;
mod generated;
mod links;
mod lost;
mod order;
mod packets;
mod parts;
mod resets;
mod sample;
mod shuffle;
mod which;

use std::io::{self, Read};
use std::ops::ControlFlow;

use support::net::{Host, Packet, Pcap, Talk, Tcp, host, on_ethernet};
use wslens::input::{Format, Options, read, read_and_count};
use wslens::session::others::Others;
use wslens::session::segment::{Content, How, Opening, Segment, Time};
use wslens::wire::sender::Sender;

/// What came of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    openings: Vec<Opening>,
    /// For each connection what client and server sent, lost bytes as `?`.
    bytes: Vec<[Vec<u8>; 2]>,
    /// All but bytes, and whose bytes came, in order: `1 client 20`, `1 server gap 7`, `1 client fin`.
    story: Vec<String>,
    times: Vec<Time>,
    notices: Vec<String>,
    others: Others,
    error: Option<String>,
    format: Option<Format>,
}

impl Seen {
    fn take(&mut self, segment: &Segment<'_>) {
        let at = segment.connection as usize - 1;
        let sender = segment.sender;
        let who = format!("{} {sender}", segment.connection);
        self.times.extend(segment.time);
        match &segment.content {
            Content::Open(opening) => {
                self.openings.push((**opening).clone());
                self.bytes.push(Default::default());
                self.story.push(format!("{} open", segment.connection));
            }
            Content::Bytes(bytes) => {
                self.bytes[at][sender as usize].extend_from_slice(bytes);
                let last = self.story.last_mut().expect("a connection begins with Open");
                match last.strip_prefix(&format!("{who} ")).and_then(|len| len.parse::<usize>().ok()) {
                    Some(len) => *last = format!("{who} {}", len + bytes.len()),
                    None => self.story.push(format!("{who} {}", bytes.len())),
                }
            }
            Content::Gap(lost) => {
                let bytes = &mut self.bytes[at][sender as usize];
                bytes.resize(bytes.len() + usize::try_from(*lost.min(&(1 << 24))).unwrap(), b'?');
                self.story.push(format!("{who} gap {lost}"));
            }
            Content::End(how) => self.story.push(format!("{who} {}", how.name())),
            Content::Message(..) | Content::Reported(_) => panic!("no HAR"),
        }
    }

    /// What was said, but as what it was read.
    fn hear(&mut self, notices: Vec<String>) {
        self.notices = notices.into_iter().filter(|notice| !notice.starts_with("read as")).collect();
    }
}

/// Gives what it reads in pieces of this size.
struct Slowly<'a>(&'a [u8], usize);

impl Read for Slowly<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(self.1).min(self.0.len());
        into[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

fn see(file: &[u8]) -> Seen {
    see_with(file, usize::MAX, &Options::default())
}

fn see_with(file: &[u8], pieces: usize, options: &Options) -> Seen {
    let (mut seen, mut notices) = (Seen::default(), Vec::new());
    let mut others = Others::default();
    let report = read_and_count(
        "capture",
        Slowly(file, pieces),
        options,
        &mut |notice| notices.push(notice.to_owned()),
        &mut |segment| {
            seen.take(&segment);
            ControlFlow::Continue(())
        },
        &mut others,
    );
    seen.others = others;
    match report {
        Ok(report) => seen.format = Some(report.format),
        Err(error) => seen.error = Some(error.to_string()),
    }
    seen.hear(notices);
    seen
}

/// The capture of these segments in the plainest file.
fn pcap(packets: &[Tcp]) -> Vec<u8> {
    Pcap::default().file(&on_ethernet(packets))
}

const REQUEST: &[u8] = support::REQUEST;
const RESPONSE: &[u8] = support::RESPONSE;

fn client() -> Host {
    host("192.0.2.1", 50000)
}

fn server() -> Host {
    host("192.0.2.2", 80)
}

/// An opened connection behind its handshake.
fn talk() -> Talk {
    talk_at([1000, 5000])
}

fn talk_at(isn: [u32; 2]) -> Talk {
    let mut talk = Talk::new(client(), server(), isn).open();
    talk.say(0, REQUEST).say(1, RESPONSE);
    talk
}

/// A masked text frame.
fn masked(text: &[u8]) -> Vec<u8> {
    support::frame(0x81, text, Some([1, 2, 3, 4]))
}

/// A text frame of a server.
fn plain(text: &[u8]) -> Vec<u8> {
    support::frame(0x81, text, None)
}

/// A whole small conversation.
fn conversation() -> Talk {
    let mut talk = talk();
    talk.say(0, &masked(b"Hello")).say(1, &plain(b"Hi")).say(0, &masked(b"bye")).fin(0).fin(1);
    talk
}

/// What every way to write that conversation down must give.
fn assert_conversation(seen: &Seen) {
    assert_eq!(seen.error, None);
    assert_eq!(seen.notices, Vec::<String>::new());
    let hello = [REQUEST, &masked(b"Hello"), &masked(b"bye")].concat();
    let hi = [RESPONSE, &plain(b"Hi")].concat();
    assert_eq!(seen.bytes, [[hello, hi]]);
    assert_eq!(seen.story.last().map(String::as_str), Some("1 server fin"), "{:?}", seen.story);
    assert_eq!(seen.story[seen.story.len() - 2], "1 client fin");
}

fn at_time(packets: &[Packet], nanoseconds: u64) -> Vec<Packet> {
    packets.iter().cloned().map(|packet| Packet { time: packet.time + nanoseconds, ..packet }).collect()
}

fn only_how(how: How) -> String {
    how.name().to_owned()
}

fn of(seen: &Seen, sender: Sender) -> &[u8] {
    &seen.bytes[0][sender as usize]
}

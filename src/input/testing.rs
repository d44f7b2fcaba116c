//! What the tests of every format need: one input read, and all that came of it.

use std::ops::{ControlFlow, Range};

use proptest::prelude::*;

use super::{Format, InputError, Options, Report, read};
use crate::session::segment::{Content, Opening, Segment};
use crate::wire::sender::Sender;

/// All that came of an input.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// What happened but for the bytes, in order, with those of neighbouring pieces counted: `1 client 20`.
    pub story: Vec<String>,
    /// The bytes of each connection's client and server.
    pub bytes: Vec<[Vec<u8>; 2]>,
    pub openings: Vec<Opening>,
    pub notices: Vec<String>,
}

impl Seen {
    /// The bytes of a sender on the first connection.
    pub(super) fn of(&self, sender: Sender) -> &[u8] {
        self.bytes.first().map_or(&[], |both| &both[sender as usize])
    }

    /// The bytes of both, where only one can have any.
    pub(super) fn all(&self) -> Vec<u8> {
        self.bytes.iter().flatten().flatten().copied().collect()
    }

    fn add(&mut self, segment: Segment<'_>) {
        let Segment { connection, sender, time, content, .. } = segment;
        let who = match time {
            Some(time) => format!("{connection} {time} {sender}"),
            None => format!("{connection} {sender}"),
        };
        match content {
            Content::Open(opening) => {
                self.openings.push(*opening);
                self.bytes.push([vec![], vec![]]);
                self.story.push(format!("{connection} open"));
            }
            Content::Bytes(bytes) => {
                self.bytes[connection as usize - 1][sender as usize].extend_from_slice(bytes);
                let last = self.story.last_mut().expect("a connection begins with Open");
                match last.strip_prefix(&format!("{who} ")).and_then(|len| len.parse::<usize>().ok()) {
                    Some(len) => *last = format!("{who} {}", len + bytes.len()),
                    None => self.story.push(format!("{who} {}", bytes.len())),
                }
            }
            Content::Gap(lost) => self.story.push(format!("{who} gap {lost}")),
            Content::End(how) => self.story.push(format!("{who} {}", how.name())),
            Content::Message(opcode, payload) => {
                self.story.push(format!("{who} message {} {}", opcode.0, payload.escape_ascii()));
            }
            Content::Reported(words) => self.story.push(format!("{who} reported {}", words.escape_ascii())),
        }
    }
}

/// Any bytes, so many of them.
pub(super) fn bytes(count: Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), count)
}

/// What two sides say in turns: whether it is the server, and its bytes.
pub(super) fn turns(count: Range<usize>) -> impl Strategy<Value = Vec<(bool, Vec<u8>)>> {
    proptest::collection::vec((any::<bool>(), bytes(1..60)), count)
}

/// What each side says in all: the client's bytes, and the server's.
pub(super) fn by_side(turns: &[(bool, Vec<u8>)]) -> [Vec<u8>; 2] {
    let of = |server| turns.iter().filter(|turn| turn.0 == server).flat_map(|turn| turn.1.clone()).collect();
    [of(false), of(true)]
}

/// Reads `text` as `format`, or as what it looks like.
pub(super) fn read_as(
    format: Option<Format>,
    from: Option<Sender>,
    text: &[u8],
) -> Result<(Seen, Report), InputError> {
    let (mut seen, mut notices) = (Seen::default(), Vec::new());
    let options = Options { format, from, ..Options::default() };
    let report =
        read("dump.txt", text, &options, &mut |notice| notices.push(notice.to_owned()), &mut |segment| {
            seen.add(segment);
            ControlFlow::Continue(())
        })?;
    assert!(report.complete);
    assert_eq!(report.connections as usize, seen.openings.len());
    seen.notices = notices;
    Ok((seen, report))
}

/// Reads `text` as what it looks like; panics where it is bad.
pub(super) fn sniffed(text: impl AsRef<[u8]>) -> (Seen, Format) {
    let text = text.as_ref();
    match read_as(None, None, text) {
        Ok((seen, report)) => (seen, report.format),
        Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(text)),
    }
}

/// What is wrong with `text`.
pub(super) fn error(format: Format, text: &str) -> String {
    match read_as(Some(format), None, text.as_bytes()) {
        Ok((seen, _)) => panic!("this was read: {seen:?}\n{text}"),
        Err(error) => error.to_string(),
    }
}

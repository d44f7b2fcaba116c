//! Makes the HAR of a spool.
//!
//! The spool is read twice: first to learn which of its lines belong to which entry, then entry by entry. What is kept
//! meanwhile is where they stand, a few bytes for each run of lines of one entry, and never what they hold.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

use serde_json::json;

use super::{CANNOT_HOLD, MAGIC, head, inside, kind};

/// The longest line of a spool: more than a message of the largest size in base64.
const LONGEST: u64 = 512 * 1024 * 1024;

/// The most bytes of a spool that are read at once.
const MOST_AT_ONCE: usize = 256 * 1024;

/// Why a spool cannot be finished.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("it does not begin as a spool of wslens does: with the words {MAGIC}")]
    NoSpool,
    /// A line is none of a spool.
    #[error("line {0} is none of a spool; what stands before it can be saved by removing it and all behind")]
    Line(u64),
}

/// What became of a spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How many entries the HAR has.
    pub entries: usize,
    /// Whether the recording came to its own end.
    pub whole: bool,
}

/// The lines of an entry: runs of them, each with its place and length.
type Runs = Vec<(u64, u64)>;

/// What the first reading found.
#[derive(Debug, Default)]
struct Index {
    /// Which entry is at which index, and all in the order in which they began.
    numbers: BTreeMap<(u32, u64), usize>,
    entries: Vec<Runs>,
    comments: Vec<String>,
    whole: bool,
    /// The entry whose line was the latest.
    latest: Option<usize>,
}

/// Writes the HAR of a spool.
///
/// # Errors
/// Where it is no spool, or cannot be read or written.
pub fn finish(mut spool: impl Read + Seek, mut out: impl Write) -> Result<Finished, Unfinished> {
    let index = Index::read(&mut spool)?;
    let mut comments = index.comments.clone();
    comments.push(CANNOT_HOLD.to_owned());
    if !index.whole {
        comments.push("The recording was cut off: what came last may be missing.".to_owned());
    }
    let start = json!({
        "version": "1.2",
        "creator": { "name": "wslens", "version": env!("CARGO_PKG_VERSION") },
        "comment": comments.join("\n"),
    });
    write!(out, "{{\"log\":{{{},\n\"entries\":[", inside(&start.to_string()))?;
    for (at, runs) in index.entries.iter().enumerate() {
        out.write_all(if at > 0 { b",\n" } else { b"\n" })?;
        write_entry(&mut spool, runs, &mut out)?;
    }
    out.write_all(b"\n]}}\n")?;
    out.flush()?;
    Ok(Finished { entries: index.entries.len(), whole: index.whole })
}

impl Index {
    fn read(spool: &mut (impl Read + Seek)) -> Result<Self, Unfinished> {
        spool.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(MOST_AT_ONCE, spool);
        let mut line = Vec::new();
        let first = next_line(&mut reader, &mut line)?;
        if line.strip_suffix(b"\n") != Some(MAGIC.as_bytes()) {
            return Err(Unfinished::NoSpool);
        }
        let (mut index, mut at) = (Self::default(), first);
        for number in 2.. {
            let len = next_line(&mut reader, &mut line)?;
            // What a kill cut off ends without a line end.
            let Some(text) = line.strip_suffix(b"\n").filter(|_| len > 0) else { break };
            let (key, kind, json) = split(text).ok_or(Unfinished::Line(number))?;
            match kind {
                kind::COMMENT => index.comments.extend(serde_json::from_slice::<String>(json).ok()),
                kind::WHOLE => index.whole = true,
                _ => index.add(key, at, len),
            }
            at += len;
        }
        Ok(index)
    }

    fn add(&mut self, key: (u32, u64), at: u64, len: u64) {
        let next = self.entries.len();
        let entry = *self.numbers.entry(key).or_insert(next);
        if entry == next {
            self.entries.push(Runs::new());
        }
        let Some(runs) = self.entries.get_mut(entry) else { return };
        match runs.last_mut() {
            Some((start, run)) if self.latest == Some(entry) && *start + *run == at => *run += len,
            _ => runs.push((at, len)),
        }
        self.latest = Some(entry);
    }
}

/// Reads a line, and gives its length.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<u64> {
    line.clear();
    Ok(reader.take(LONGEST).read_until(b'\n', line)? as u64)
}

/// `3.1 m {…}`
fn split(line: &[u8]) -> Option<((u32, u64), char, &[u8])> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let key = std::str::from_utf8(parts.next()?).ok()?;
    let (connection, number) = key.split_once('.')?;
    let &[kind] = parts.next()? else { return None };
    Some(((connection.parse().ok()?, number.parse().ok()?), char::from(kind), parts.next()?))
}

/// An entry: what its lines say, its messages in a list.
fn write_entry(spool: &mut (impl Read + Seek), runs: &Runs, out: &mut impl Write) -> Result<(), Unfinished> {
    let mut parts = Parts::default();
    let mut line = Vec::new();
    for &(at, len) in runs {
        spool.seek(SeekFrom::Start(at))?;
        // Connections that speak in turn have runs of a line each: no more is read than that.
        let room = usize::try_from(len).unwrap_or(MOST_AT_ONCE).min(MOST_AT_ONCE);
        let mut reader = BufReader::with_capacity(room, spool.take(len));
        while next_line(&mut reader, &mut line)? > 0 {
            let Some((_, kind, json)) = line.strip_suffix(b"\n").and_then(split) else { break };
            parts.write(kind, json, out)?;
        }
    }
    parts.end(out)?;
    Ok(())
}

/// What was written of an entry.
#[derive(Debug, Default)]
struct Parts {
    handshake: bool,
    response: bool,
    messages: u64,
    /// What stands behind the messages.
    last: Vec<u8>,
}

impl Parts {
    fn write(&mut self, kind: char, json: &[u8], out: &mut impl Write) -> io::Result<()> {
        match kind {
            kind::HANDSHAKE | kind::REQUEST => {
                self.handshake = kind == kind::HANDSHAKE;
                out.write_all(b"{")?;
                out.write_all(json)?;
                out.write_all(b",\"cache\":{}")?;
                if self.handshake {
                    out.write_all(b",\"_resourceType\":\"websocket\"")?;
                }
            }
            kind::RESPONSE => {
                self.response = true;
                out.write_all(b",")?;
                out.write_all(json)?;
            }
            kind::MESSAGE => {
                self.answer(out)?;
                out.write_all(if self.messages == 0 { b",\"_webSocketMessages\":[\n" } else { b",\n" })?;
                self.messages += 1;
                out.write_all(json)?;
            }
            _ => self.last = json.to_vec(),
        }
        Ok(())
    }

    /// Every entry needs a response.
    fn answer(&mut self, out: &mut impl Write) -> io::Result<()> {
        if !std::mem::replace(&mut self.response, true) {
            write!(out, ",{}", inside(&head::no_response().to_string()))?;
        }
        Ok(())
    }

    fn end(mut self, out: &mut impl Write) -> io::Result<()> {
        self.answer(out)?;
        match (self.messages, self.handshake) {
            (0, true) => out.write_all(b",\"_webSocketMessages\":[]")?,
            (0, false) => {}
            _ => out.write_all(b"\n]")?,
        }
        if !self.last.is_empty() {
            out.write_all(b",")?;
            out.write_all(&self.last)?;
        }
        out.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::io::Cursor;

    fn finished(spool: &str) -> (Value, Finished) {
        let mut out = Vec::new();
        let finished = finish(Cursor::new(spool), &mut out).expect("a spool");
        (serde_json::from_slice(&out).expect("JSON"), finished)
    }

    const SPOOL: &str = "wslens-har-spool 1\n0.0 c \"made by a test\"\n1.1 r \"request\":1\n2.1 w \"request\":2\n\
        1.1 s \"response\":3\n2.1 s \"response\":4\n1.2 w \"request\":5\n2.1 m {\"data\":\"a\"}\n2.1 m {\"data\":\"b\"}\n\
        1.2 s \"response\":6\n2.1 m {\"data\":\"c\"}\n2.1 e \"comment\":\"over\"\n0.0 . \n";

    #[test]
    fn entries_are_put_together_in_the_order_in_which_they_began() {
        let (har, told) = finished(SPOOL);
        assert_eq!(told, Finished { entries: 3, whole: true });
        let log = &har["log"];
        assert_eq!((&log["version"], &log["creator"]["name"]), (&json!("1.2"), &json!("wslens")));
        let comment = log["comment"].as_str().expect("a comment");
        assert!(
            comment.starts_with("made by a test\n")
                && comment.contains("pings")
                && !comment.contains("cut off")
        );
        let entries = &log["entries"];
        assert_eq!(entries[0], json!({"request": 1, "cache": {}, "response": 3}));
        assert_eq!(entries[1]["_webSocketMessages"], json!([{"data": "a"}, {"data": "b"}, {"data": "c"}]));
        assert_eq!((&entries[1]["comment"], &entries[1]["response"]), (&json!("over"), &json!(4)));
        assert_eq!((&entries[2]["_webSocketMessages"], &entries[2]["response"]), (&json!([]), &json!(6)));
    }

    #[test]
    fn a_spool_that_was_cut_anywhere_is_finished_and_says_so() {
        for cut in "wslens-har-spool 1\n".len()..SPOOL.len() {
            let (har, told) = finished(&SPOOL[..cut]);
            assert!(!told.whole, "{cut}");
            assert!(har["log"]["comment"].as_str().expect("a comment").contains("cut off"));
            let entries = har["log"]["entries"].as_array().expect("entries");
            assert!(entries.iter().all(|entry| !entry["request"].is_null() && !entry["response"].is_null()));
        }
    }

    #[test]
    fn what_is_no_spool_is_told() {
        let said = |text: &str| {
            let error = finish(Cursor::new(text.to_owned()), Vec::new()).expect_err("no spool");
            error.to_string()
        };
        assert!(said("").starts_with("it does not begin"));
        assert!(said("{}\n").starts_with("it does not begin"));
        assert!(said("wslens-har-spool 1\n1.1 r {}\nwhat?\n").starts_with("line 3 is none"));
    }
}

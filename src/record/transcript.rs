//! Writes the transcript format: every byte of both senders, in a text file that wslens reads again.
//!
//! Bytes that are all text stand in quotes, a line each; others in hex. Nothing is interpreted, so that whatever
//! passes can be written at once.

use crate::session::segment::{Content, How, Opening, Segment, Time};
use crate::wire::sender::Sender;

/// Bytes of a row of hex.
const ROW: usize = 32;

/// Writes segments as a transcript.
#[derive(Debug, Default)]
pub struct Transcript {
    /// The connection that the last lines spoke of.
    current: Option<u32>,
    time: Option<Time>,
}

impl Transcript {
    /// Says where it comes from.
    #[must_use]
    pub fn begin(out: &mut Vec<u8>, words: &[String]) -> Self {
        for words in words {
            comment(out, words);
        }
        Self::default()
    }

    /// Appends a comment.
    pub fn comment(&self, out: &mut Vec<u8>, words: &str) {
        comment(out, words);
    }

    /// Appends a segment.
    pub fn segment(&mut self, out: &mut Vec<u8>, segment: &Segment<'_>) {
        if let Content::Open(opening) = &segment.content {
            self.current = Some(segment.connection);
            self.time(out, segment.time);
            open(out, segment.connection, opening);
            return;
        }
        if self.current != Some(segment.connection) {
            self.current = Some(segment.connection);
            out.extend_from_slice(format!("connection {}\n", segment.connection).as_bytes());
        }
        let what = match segment.content {
            Content::End(How::Fin) => "FIN",
            Content::End(How::Reset) => "RST",
            // Of an end that nobody saw there is nothing to write.
            Content::End(How::Unknown) | Content::Open(_) => return,
            // No proxy meets a message without its frames.
            Content::Message(..) | Content::Reported(_) => return,
            Content::Gap(lost) => {
                self.time(out, segment.time);
                mark(out, segment.sender, &format!("missing {lost}"));
                return;
            }
            Content::Bytes(bytes) => {
                self.time(out, segment.time);
                write_bytes(out, segment.sender, bytes);
                return;
            }
        };
        self.time(out, segment.time);
        mark(out, segment.sender, what);
    }

    fn time(&mut self, out: &mut Vec<u8>, time: Option<Time>) {
        if let Some(time) = time.filter(|_| time != self.time) {
            out.extend_from_slice(format!("@{time}\n").as_bytes());
            self.time = Some(time);
        }
    }
}

fn comment(out: &mut Vec<u8>, words: &str) {
    for line in words.lines() {
        out.extend_from_slice(b"# ");
        out.extend(line.bytes().map(|byte| if byte < b' ' || byte == 0x7f { b'?' } else { byte }));
        out.push(b'\n');
    }
}

fn open(out: &mut Vec<u8>, connection: u32, opening: &Opening) {
    let ends = match (&opening.client, &opening.server) {
        (Some(client), Some(server)) => format!(" {client} -> {server}"),
        _ => String::new(),
    };
    let tls = if opening.tls { " tls" } else { "" };
    out.extend_from_slice(format!("connection {connection}{ends}{tls}\n").as_bytes());
}

const fn mark_of(sender: Sender) -> &'static [u8] {
    match sender {
        Sender::Client => b"> ",
        Sender::Server => b"< ",
    }
}

fn mark(out: &mut Vec<u8>, sender: Sender, what: &str) {
    out.extend_from_slice(mark_of(sender));
    out.extend_from_slice(what.as_bytes());
    out.push(b'\n');
}

fn write_bytes(out: &mut Vec<u8>, sender: Sender, bytes: &[u8]) {
    let text = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t'));
    let mut rest = bytes;
    while !rest.is_empty() {
        // The first row has the mark, those below it two spaces in its place.
        let first = rest.len() == bytes.len();
        out.extend_from_slice(if first { mark_of(sender) } else { b"  " });
        let len = if text { line_len(rest) } else { rest.len().min(ROW) };
        let (row, below) = rest.split_at(len);
        if text {
            write_text(out, row)
        } else {
            write_hex(out, row)
        }
        out.push(b'\n');
        rest = below;
    }
}

/// Bytes up to the end of a line of text, if it is not endless.
fn line_len(text: &[u8]) -> usize {
    const MOST: usize = 4096;
    let piece = text.get(..MOST).unwrap_or(text);
    memchr::memchr(b'\n', piece).map_or(piece.len(), |at| at + 1)
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

fn write_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + 2 * bytes.len(), 0);
    // It cannot fail: the room is what hex needs.
    _ = hex::encode_to_slice(bytes, out.get_mut(start..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(contents: Vec<(Sender, Content<'_>)>) -> String {
        let mut out = Vec::new();
        let mut transcript = Transcript::begin(&mut out, &["made\nby a test\x1b".to_owned()]);
        for (i, (sender, content)) in contents.into_iter().enumerate() {
            let segment = Segment {
                connection: 1,
                sender,
                time: Some(Time(i as u64 * 500_000_000)),
                packet: None,
                content,
            };
            transcript.segment(&mut out, &segment);
        }
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_transcript_can_be_read_by_people() {
        let opening = Opening {
            client: Some("a:1".into()),
            server: Some("b:2".into()),
            tls: true,
            ..Opening::default()
        };
        let text = segments(vec![
            (Sender::Client, Content::Open(Box::new(opening))),
            (Sender::Client, Content::Bytes(b"GET / HTTP/1.1\r\nA: \"b\"\r\n\r\n")),
            (Sender::Server, Content::Bytes(&[0x82; 40])),
            (Sender::Server, Content::Gap(3)),
            (Sender::Server, Content::End(How::Reset)),
            (Sender::Client, Content::End(How::Unknown)),
        ]);
        let want = "# made\n# by a test?\n@0.000000000\nconnection 1 a:1 -> b:2 tls\n@0.500000000\n> \"GET / HTTP/1.1\\r\\n\"\n  \
                    \"A: \\\"b\\\"\\r\\n\"\n  \"\\r\\n\"\n@1.000000000\n< \
                    8282828282828282828282828282828282828282828282828282828282828282\n  8282828282828282\n\
                    @1.500000000\n< missing 3\n@2.000000000\n< RST\n";
        assert_eq!(text, want);
    }
}

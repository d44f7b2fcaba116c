//! Bytes that are not WebSocket, or cannot be read as it: one block for each run of them.
//!
//! They come in pieces. The first ones are held until it is clear how the run goes on: until it is over, until
//! there are enough to show, or until something else is to be shown.

use super::memory::Memory;
use super::{finding, title};
use crate::render::glyphs::Mark;
use crate::render::hex::{PAIRS_IN_A_LINE, pairs};
use crate::render::number::{Digits, count, push_number};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::render::wrap::lines;
use crate::rules::rule::Finding;
use crate::session::event::{Event, Opaque, Why};
use crate::wire::sender::Sender;

/// Bytes of a run that are kept to be shown.
const KEPT: usize = 512;
/// Lines of text that are shown of them.
const MOST_LINES: usize = 6;

/// The runs of a connection, and whether the HTTP before them belongs to a handshake.
#[derive(Debug, Default)]
pub(super) struct Runs {
    client: Stream,
    server: Stream,
}

#[derive(Debug, Default)]
struct Stream {
    /// Whether the last head of this sender belongs to a handshake: then its body is shown.
    handshake: bool,
    run: Option<Run>,
}

#[derive(Debug)]
struct Run {
    why: Why,
    offset: u64,
    len: u64,
    first: Vec<u8>,
    findings: Vec<Finding>,
    /// How much of it was there when it was shown.
    shown: Option<u64>,
}

impl Stream {
    /// The run was shown, as far as it is there.
    const fn shown(&mut self) {
        if let Some(run) = &mut self.run {
            run.shown = Some(run.len);
        }
    }
}

impl Runs {
    const fn of(&mut self, sender: Sender) -> &mut Stream {
        match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        }
    }

    /// A head came; what follows is its body.
    pub(super) const fn head(&mut self, sender: Sender, handshake: bool) {
        self.of(sender).handshake = handshake;
    }
}

/// Takes the next piece of a run, or the first.
pub(super) fn opaque(
    page: &Page,
    memory: &mut Memory,
    event: &Event<'_>,
    opaque: &Opaque<'_>,
    out: &mut String,
) {
    let goes_on = |run: &Run| run.why == opaque.why && event.findings.is_empty();
    let stream = memory.runs.of(event.sender);
    let run = stream.run.get_or_insert_with(|| Run {
        why: opaque.why,
        offset: event.offset,
        len: 0,
        first: Vec::new(),
        findings: event.findings.to_vec(),
        shown: None,
    });
    debug_assert!(run.len == 0 || goes_on(run), "whatever ends a run ends it before the next one begins");
    run.len = run.len.saturating_add(event.len);
    let room = KEPT.saturating_sub(run.first.len()).min(opaque.bytes.len());
    run.first.extend_from_slice(opaque.bytes.get(..room).unwrap_or_default());
    if run.first.len() == KEPT && run.shown.is_none() && (stream.handshake || opaque.why != Why::HttpBody) {
        show(page, memory, event.sender, false, out);
    }
}

/// Something else is to be shown: shows before it what is still held, and how long the runs were that end with it.
/// Each block is followed by an empty line.
pub(super) fn before(
    page: &Page,
    memory: &mut Memory,
    event: Option<&Event<'_>>,
    sender: Sender,
    out: &mut String,
) {
    let next = event.and_then(|event| match &event.kind {
        crate::session::event::Kind::Opaque(opaque) if event.findings.is_empty() => Some(opaque.why),
        _ => None,
    });
    for side in Sender::BOTH {
        let Some(run) = &memory.runs.of(side).run else { continue };
        let over = side == sender && next != Some(run.why);
        if side == sender && !over {
            continue;
        }
        let start = out.len();
        let quiet = run.why == Why::HttpBody && !memory.runs.of(side).handshake;
        show_or_end(page, memory, side, over, quiet, out);
        if out.len() > start {
            out.push('\n');
        }
    }
}

fn show_or_end(page: &Page, memory: &mut Memory, sender: Sender, over: bool, quiet: bool, out: &mut String) {
    let Some(run) = &memory.runs.of(sender).run else { return };
    match run.shown {
        None if quiet => {
            title::block(page, sender, "the body of it", &place(page, run.offset, run.len), out);
            memory.runs.of(sender).shown();
        }
        None => show(page, memory, sender, over, out),
        Some(shown) if over && run.len > shown => {
            let (more, from) = (run.len - shown, run.offset.saturating_add(shown));
            title::block(page, sender, "and on like that", &place(page, from, more), out);
        }
        Some(_) => {}
    }
    if over {
        memory.runs.of(sender).run = None;
    }
}

/// `20 bytes at 0–19`.
fn place(page: &Page, offset: u64, len: u64) -> String {
    let mut place = count(len, "byte");
    place.push_str(" at ");
    push_number(&mut place, offset);
    if len > 1 {
        place.push_str(page.mark(Mark::Range));
        push_number(&mut place, offset.saturating_add(len - 1));
    }
    place
}

/// The block of a run: what it is, why it is not read, and its first bytes.
fn show(page: &Page, memory: &mut Memory, sender: Sender, over: bool, out: &mut String) {
    memory.runs.of(sender).shown();
    let Some(run) = &mut memory.runs.of(sender).run else { return };
    let at = match over {
        _ if run.why == Why::Reported => String::new(),
        true => place(page, run.offset, run.len),
        false => format!("from byte {} on", Digits::of(run.offset).as_str()),
    };
    let (what, why) = says(run.why, sender);
    title::block(page, sender, what, &at, out);
    if !why.is_empty() {
        page.paragraph(out, 2, Role::Plain, why);
    }
    first_bytes(page, &run.first, run.len, out);
    let findings = std::mem::take(&mut run.findings);
    finding::all(page, memory, &findings, out);
}

fn first_bytes(page: &Page, first: &[u8], len: u64, out: &mut String) {
    let shown = if is_text(first) { text(page, first, out) } else { bytes(page, first, out) };
    let more = len.saturating_sub(shown as u64);
    if more > 0 {
        let says = format!("{} {} more", page.mark(Mark::Ellipsis), count(more, "byte"));
        page.paragraph(out, 4, Role::Dim, &says);
    }
}

/// The first lines of a text, and how many bytes they are.
fn text(page: &Page, first: &[u8], out: &mut String) -> usize {
    let (mut shown, mut used) = (0, 0);
    for line in first.split_inclusive(|byte| *byte == b'\n') {
        let text = page.safe(line.trim_ascii_end());
        let rows = lines(&text, page.width - 4).count();
        if used > 0 && used + rows > MOST_LINES {
            break;
        }
        if !text.is_empty() {
            page.paragraph(out, 4, Role::Payload, &text);
        }
        (shown, used) = (shown + line.len(), used + rows);
    }
    shown
}

/// A line of hex, and the same as text.
fn bytes(page: &Page, first: &[u8], out: &mut String) -> usize {
    let shown = first.len().min(PAIRS_IN_A_LINE).min((page.width - 4) / 3);
    let first = first.get(..shown).unwrap_or_default();
    page.paragraph(out, 4, Role::Payload, &pairs(first));
    page.paragraph(out, 4, Role::Dim, &page.quoted(first));
    shown
}

/// Whether these bytes read as text: UTF-8 but for a last character that may be cut, and hardly a control character.
fn is_text(bytes: &[u8]) -> bool {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let strange = text.chars().filter(|ch| ch.is_control() && !matches!(ch, '\n' | '\r' | '\t')).count();
    !text.is_empty() && strange * 20 <= text.len()
}

/// What they are, and why they are not read.
const fn says(why: Why, sender: Sender) -> (&'static str, &'static str) {
    match why {
        Why::HttpBody => (
            if matches!(sender, Sender::Client) { "body of the request" } else { "body of the response" },
            "",
        ),
        Why::HeadTooLong => (
            "bytes that are not read",
            "The head before them is longer than 64 KiB or 256 lines and is not read further, so what these are is not known.",
        ),
        Why::NotHttp => (
            "bytes that are no answer",
            "Here the response to the handshake must stand. Until its 101 the connection speaks HTTP, so these bytes \
             cannot be read as frames either.",
        ),
        Why::AfterGap => (
            "bytes that cannot be read",
            "Bytes are missing before them. Each frame tells where the next one begins; with one length lost, that is \
             no longer known until several headers follow one another again.",
        ),
        Why::FromTheMiddle => (
            "bytes before the first frame that is sure",
            "The input begins in the middle of this stream, perhaps inside a frame. Each frame tells where the next one \
             begins, so the first is found only where several follow one another.",
        ),
        Why::Tls => (
            "TLS: encrypted bytes",
            "This is wss:// as the network sees it: handshake and frames are inside, and only the two ends can read them.",
        ),
        Why::Http2 => (
            "HTTP/2",
            "Over HTTP/2 a WebSocket begins with CONNECT instead of a GET with Upgrade (RFC 8441). It is not read here.",
        ),
        Why::OtherProtocol => {
            ("bytes of another protocol", "The 101 switched to another protocol than WebSocket.")
        }
        Why::Reported => {
            ("a report, not sent", "The program that wrote the input says this of the connection:")
        }
        Why::AfterEnd => (
            "bytes behind the end",
            "This sender's TCP had ended before them, and nothing can come behind that: the input is out of order.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_bytes() {
        assert!(is_text(b"Hi, from the server!\n"));
        assert!(is_text("caf\u{e9}".as_bytes()) && is_text(b"caf\xc3"), "a cut character is still text");
        assert!(!is_text(b"\x16\x03\x01\x02\x00") && !is_text(b"\xff\xfe") && !is_text(b""));
    }
}

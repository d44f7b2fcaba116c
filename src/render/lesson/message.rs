//! A message, once its last frame is over.

use super::memory::{Memory, Note};
use super::payload::BODY;
use super::quote::{Quote, is_long, quote};
use super::{finding, inflated, title};
use crate::render::collect::WholeMessage;
use crate::render::glyphs::Mark;
use crate::render::hex::{PAIRS_IN_A_LINE, pairs};
use crate::render::number::{Digits, grouped, push_bytes, push_grouped, push_hex, push_number};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::payload::PayloadShown;
use crate::rules::facts::Rsv;
use crate::session::event::{Compression, Message};
use crate::wire::opcode::Opcode;

/// A text of at most so many bytes stands whole under its one frame already.
const SHOWN_BY_FRAME: u64 = 20;
/// How many bytes of a text are quoted where the payload is not limited.
const QUOTED: usize = 1024;

/// What a message adds to the frames that were shown.
pub(in crate::render) fn message(
    page: &Page,
    shown: PayloadShown,
    memory: &mut Memory,
    whole: &WholeMessage<'_>,
    out: &mut String,
) {
    let message = whole.message;
    if message.kept.is_some() {
        return kept(page, shown, memory, whole, out);
    }
    let alone = message.frame_count == 1;
    let is_text = message.opcode == Opcode::TEXT && message.compression.is_read();
    let len = message.inflated.map_or(message.wire_len, |inflated| inflated.read.plain);
    let quoted = is_text && shown != PayloadShown::None && len > 0;
    let findings = whole.event.findings;
    let adds = !alone
        || message.inflated.is_some()
        || !findings.is_empty()
        || (quoted && message.wire_len > SHOWN_BY_FRAME);
    if adds {
        title(page, memory, whole, out);
        if quoted {
            text(page, shown, memory, whole, out);
        } else if message.inflated.is_some() && shown != PayloadShown::None {
            hex(page, shown, whole, out);
        }
        if let Some(at) = message.utf8_error {
            bad_byte(page, whole.plain, at, out);
        }
        if let Some(inflated) = message.inflated {
            inflated::account(page, memory, whole.event.sender, inflated, out);
        }
        if !alone && memory.first(Note::Message) {
            several(page, memory, whole, out);
        }
    }
    finding::all(page, memory, findings, out);
}

/// A message of an input that keeps no frames: all that is known of it.
fn kept(page: &Page, shown: PayloadShown, memory: &mut Memory, whole: &WholeMessage<'_>, out: &mut String) {
    let message = whole.message;
    let mut words = "message ".to_owned();
    push_number(&mut words, message.number);
    words.push_str("   ");
    words.push_str(message.opcode.name().unwrap_or("data"));
    words.push_str(", ");
    push_bytes(&mut words, message.wire_len);
    title::block(page, whole.event.sender, &words, &memory.when(whole.event.time), out);
    match message.opcode {
        _ if shown == PayloadShown::None || message.wire_len == 0 => {}
        Opcode::TEXT => text(page, shown, memory, whole, out),
        _ => hex(page, shown, whole, out),
    }
}

/// `message 2   text, frames 4 + 6: 5 + 6 = 11 bytes, valid UTF-8`
fn title(page: &Page, memory: &mut Memory, whole: &WholeMessage<'_>, out: &mut String) {
    let message = whole.message;
    let mut words = String::with_capacity(96);
    words.push_str("message ");
    push_number(&mut words, message.number);
    indent(out, 2);
    page.paint(out, Role::Heading, &words);
    let at = BODY.max(2 + words.len() + 2);
    indent(out, at - 2 - words.len());
    words.clear();
    words.push_str(message.opcode.name().unwrap_or("data"));
    words.push_str(", ");
    frames(message, &mut words);
    if message.frame_count > 1 && message.complete {
        sum(message, &memory.side(whole.event.sender).pieces, &mut words);
    }
    push_bytes(&mut words, message.wire_len);
    match message.inflated {
        Some(inflated) => words.push_str(&inflated::verdict(page, whole, inflated)),
        None => words.push_str(verdict(message, memory.rsv)),
    }
    page.hang(out, at, Role::Plain, &words);
}

/// `frames 4 + 6: `
pub(in crate::render) fn frames(message: &Message<'_>, out: &mut String) {
    const MOST: usize = 8;
    out.push_str(if message.frame_count == 1 { "frame " } else { "frames " });
    for (i, number) in message.frames.iter().take(MOST).enumerate() {
        if i > 0 {
            out.push_str(" + ");
        }
        push_number(out, *number);
    }
    if message.frame_count > MOST as u64 {
        out.push_str(" and ");
        push_grouped(out, message.frame_count - MOST as u64);
        out.push_str(" more");
    }
    out.push_str(": ");
}

/// `5 + 6 = `, where all the lengths are known.
fn sum(message: &Message<'_>, pieces: &[u64], out: &mut String) {
    if pieces.len() as u64 != message.frame_count || pieces.iter().sum::<u64>() != message.wire_len {
        return;
    }
    for (i, len) in pieces.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { " + " });
        push_grouped(out, *len);
    }
    out.push_str(" = ");
}

const fn verdict(message: &Message<'_>, rsv: Rsv) -> &'static str {
    match message {
        Message { complete: false, .. } => ", not whole",
        Message { compression: Compression::PerFrame, .. } => ", compressed frame by frame, not inflated",
        Message { compression: Compression::Unknown, .. } if matches!(rsv, Rsv::Foreign(_)) => {
            ", by an extension that is not known here"
        }
        Message { compression: Compression::Unknown, .. } => ", compressed, if that was agreed",
        Message { utf8_checked: true, utf8_error: None, .. } => ", valid UTF-8",
        Message { utf8_error: Some(_), .. } => ", not UTF-8",
        Message { .. } => "",
    }
}

/// The text, or as much of it as is shown; a long one is left to [`quote_piece`].
fn text(page: &Page, shown: PayloadShown, memory: &mut Memory, whole: &WholeMessage<'_>, out: &mut String) {
    let text = quoted(shown, whole);
    indent(out, BODY);
    if is_long(text) {
        memory.rest = Some(out.len());
    } else {
        quote(page, BODY, text, out);
    }
    let left = (whole.plain.len() - text.len()) as u64 + whole.omitted;
    if left > 0 {
        let words = [&grouped(left), " more: --payload all"].concat();
        page.paragraph(out, BODY, Role::Plain, &words);
    }
}

/// The part of a text that is shown.
fn quoted<'a>(shown: PayloadShown, whole: &WholeMessage<'a>) -> &'a [u8] {
    let most = if shown == PayloadShown::All { usize::MAX } else { shown.cap().min(QUOTED) };
    let text = whole.plain.get(..most).unwrap_or(whole.plain);
    if text.len() == whole.plain.len() && whole.omitted == 0 {
        return text;
    }
    text.get(..whole_characters(text)).unwrap_or_default()
}

/// A piece of a long text's quote, the first one where none was before; whether there are more behind it.
pub(super) fn quote_piece(
    page: &Page,
    shown: PayloadShown,
    before: &mut Option<Quote>,
    whole: &WholeMessage<'_>,
    out: &mut String,
) -> bool {
    before.get_or_insert_with(|| Quote::new(page, BODY)).go_on(page, quoted(shown, whole), out)
}

/// The first bytes of a message that is inflated and no text.
fn hex(page: &Page, shown: PayloadShown, whole: &WholeMessage<'_>, out: &mut String) {
    const MOST: usize = 64;
    let most = whole.plain.len().min(shown.cap()).min(MOST);
    let mut left = most;
    for line in whole.plain.get(..most).unwrap_or_default().chunks(PAIRS_IN_A_LINE) {
        page.paragraph(out, BODY, Role::Payload, &pairs(line));
        left -= line.len();
    }
    let more = (whole.plain.len() - most + left) as u64 + whole.omitted;
    if more > 0 {
        page.paragraph(out, BODY, Role::Plain, &[&grouped(more), " more"].concat());
    }
}

/// The byte that begins no character, with what is around it, and a mark under it.
fn bad_byte(page: &Page, plain: &[u8], at: u64, out: &mut String) {
    const BEFORE: usize = 6;
    const MOST: usize = 10;
    let Some(bad) = usize::try_from(at).ok().filter(|at| *at < plain.len()) else { return };
    let before = bad.min(BEFORE);
    let start = bad - before;
    let lead = if start > 0 { "... " } else { "" };
    let shown = (page.width.saturating_sub(BODY + lead.len()) / 3).min(MOST);
    indent(out, BODY);
    out.push_str(lead);
    out.push_str(page.palette.start(Role::Payload));
    for (i, byte) in plain.iter().skip(start).take(shown).enumerate() {
        out.push_str(if i == 0 { "" } else { " " });
        push_hex(out, *byte);
    }
    out.push_str(page.palette.end(Role::Payload));
    out.push('\n');
    indent(out, BODY + lead.len() + 3 * before);
    page.paint(out, Role::Finding, page.mark(Mark::Bad));
    out.push(' ');
    let words = ["byte ", Digits::of(at).as_str()].concat();
    page.hang(out, BODY + lead.len() + 3 * before + 2, Role::Plain, &words);
}

/// How many bytes at the start are whole characters: a text that was cut may end inside one.
fn whole_characters(text: &[u8]) -> usize {
    let begins = text.iter().rev().take(3).position(|byte| byte & 0xc0 != 0x80);
    let last = begins.map_or(text.len(), |behind| text.len() - 1 - behind);
    match std::str::from_utf8(text.get(last..).unwrap_or_default()) {
        Err(error) if error.error_len().is_none() => last,
        _ => text.len(),
    }
}

fn several(page: &Page, memory: &mut Memory, whole: &WholeMessage<'_>, out: &mut String) {
    let mut words = "One message, however many frames: onmessage fires once, with all of it.".to_owned();
    if memory.side(whole.event.sender).between {
        words.push_str(" A control frame between them is part of no message.");
    }
    page.paragraph(out, BODY, Role::Dim, &words);
}

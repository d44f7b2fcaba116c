//! The title of a frame: who sent it to whom, its number, what it is, and where it stands.

use std::borrow::Cow;

use super::grid::fill;
use super::memory::Memory;
use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::glyphs::Mark;
use crate::render::number::{push_bytes, push_number};
use crate::render::page::Page;
use crate::render::palette::{Palette, Role};
use crate::session::segment::Time;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// What parts the pieces of a title.
const PART: &str = "   ";
/// What parts a place and a time.
const GAP: &str = "  ";

const fn side(sender: Sender) -> Role {
    match sender {
        Sender::Client => Role::Client,
        Sender::Server => Role::Server,
    }
}

/// Appends who sends to whom, and says how many columns it took.
pub(in crate::render) fn direction(page: &Page, sender: Sender, out: &mut String) -> usize {
    let role = side(sender);
    out.push_str(page.palette.start(role));
    out.push_str(sender.name());
    out.push(' ');
    out.push_str(page.mark(Mark::Right));
    out.push(' ');
    out.push_str(sender.other().name());
    out.push_str(page.palette.end(role));
    "client > server".len()
}

/// Where a block stands: whose bytes, which of them, when.
#[derive(Clone, Copy, Debug)]
pub(in crate::render) struct Place {
    pub(in crate::render) sender: Sender,
    pub(in crate::render) offset: u64,
    pub(in crate::render) len: u64,
    /// When its first byte came.
    pub(in crate::render) time: Option<Time>,
    /// When its last byte came.
    pub(in crate::render) end: Option<Time>,
}

/// Appends the title of a frame.
pub(in crate::render) fn frame(
    page: &Page,
    memory: &Memory,
    frame: &WholeFrame<'_>,
    no_frame: bool,
    out: &mut String,
) {
    let mut text = String::with_capacity(64);
    if no_frame {
        push_bytes(&mut text, frame.len);
        text.push_str(" that are no frame");
    } else {
        kind(frame, &mut text);
    }
    let (offset, len, time, end) = (frame.offset, frame.len, frame.time, frame.time_end);
    let place = Place { sender: frame.sender, offset, len, time, end };
    line(page, memory, place, (!no_frame).then_some(frame.number), &text, out);
}

/// Appends a title: who sends, the number of the frame, what it is, and where it stands.
pub(in crate::render) fn line(
    page: &Page,
    memory: &Memory,
    at: Place,
    number: Option<u64>,
    text: &str,
    out: &mut String,
) {
    let mut used = direction(page, at.sender, out);
    if let Some(number) = number {
        out.push_str(PART);
        out.push_str(page.palette.start(Role::Heading));
        let start = out.len();
        out.push_str("frame ");
        push_number(out, number);
        used += PART.len() + out.len() - start;
        out.push_str(page.palette.end(Role::Heading));
    }
    let mut at_the_right = String::with_capacity(128);
    let short = place(page, at, &mut at_the_right);
    let end = at_the_right.len();
    memory.push_between(page, at.time, at.end, &mut at_the_right);
    let (place, when) = at_the_right.split_at(end);
    if used + PART.len() + text.len() > page.width {
        out.push('\n');
        page.paragraph(out, 2, Role::Heading, text);
        used = 0;
    } else {
        out.push_str(PART);
        page.paint(out, Role::Heading, text);
        used += PART.len() + text.len();
    }
    right(page, used, place, short, when, out);
}

/// Appends where a block stands, and says how long that is without its last byte: `12 bytes at 3`, and `–14`.
fn place(page: &Page, at: Place, out: &mut String) -> usize {
    if at.len > 0 {
        push_bytes(out, at.len);
        out.push(' ');
    }
    out.push_str("at ");
    push_number(out, at.offset);
    let short = out.len();
    if at.len > 1 {
        out.push_str(page.mark(Mark::Range));
        push_number(out, at.offset.saturating_add(at.len - 1));
    }
    short
}

/// The columns of a place or a time, in which each character takes one.
fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Appends the title of a block that is no frame: who sends, what it is, and something at the right.
pub(super) fn block(page: &Page, sender: Sender, text: &str, right: &str, out: &mut String) {
    let mut who = String::new();
    direction(&Page { palette: Palette::default(), ..*page }, sender, &mut who);
    who.push_str(PART);
    page.spread(out, 0, &[(side(sender), &who), (Role::Heading, text)], (Role::Dim, right));
}

/// Appends place and time at the right edge. Where both have no room, the place is its first `short` bytes, which
/// do not tell where it ends; where that has none either, it gets a line of its own, and so do
/// both where the time has no room.
fn right(page: &Page, used: usize, place: &str, short: usize, when: &str, out: &mut String) {
    // As with citations, the last column of the page stays free.
    let edge = page.width - 1;
    let room = edge.saturating_sub(used + 2);
    let time = if when.is_empty() { 0 } else { GAP.len() + when.len() };
    let short = place.get(..short).unwrap_or(place);
    let (beside, below) = match () {
        () if columns(place) + time <= room => ([place, when], ["", ""]),
        () if short.len() + time <= room && time > 0 => ([short, when], ["", ""]),
        () if time <= room && time > 0 => (["", when], [place, ""]),
        () => (["", ""], [place, when]),
    };
    let (line, below) = (join(beside), join(below));
    if !line.is_empty() {
        fill(out, used, edge.saturating_sub(columns(&line)));
        page.paint(out, Role::Dim, &line);
    }
    if used > 0 || !line.is_empty() {
        out.push('\n');
    }
    if !below.is_empty() {
        page.paragraph(out, edge.saturating_sub(columns(&below)), Role::Dim, &below);
    }
}

/// Both, or the one that is not empty.
fn join([one, other]: [&str; 2]) -> Cow<'_, str> {
    match (one, other) {
        ("", one) | (one, "") => one.into(),
        _ => [one, GAP, other].concat().into(),
    }
}

/// What begins.
fn begun(opcode: Opcode, out: &mut String) {
    match opcode.name() {
        Some(name) => out.push_str(name),
        None => {
            out.push_str("opcode ");
            push_number(out, u64::from(opcode.0));
        }
    }
    out.push_str(", its header");
}

/// What a frame is, and which piece of which message.
fn kind(frame: &WholeFrame<'_>, out: &mut String) {
    let header = match &frame.header {
        FrameHeader::Whole(header) => header,
        FrameHeader::Begun(header) => return begun(header.opcode(), out),
        FrameHeader::Cut(_) => return out.push_str("a header cut short"),
    };
    let opcode = header.opcode();
    match frame.end.and_then(|end| end.place) {
        Some(place) => {
            out.push_str(place.opcode.name().unwrap_or("data"));
            match (place.piece, header.fin()) {
                (1, true) => out.push_str(", a whole message"),
                (1, false) => out.push_str(", first piece of message "),
                (_, true) => out.push_str(", last piece of message "),
                (piece, false) => {
                    out.push_str(", piece ");
                    push_number(out, piece);
                    out.push_str(" of message ");
                }
            }
            if (place.piece, header.fin()) != (1, true) {
                push_number(out, place.message);
            }
        }
        None => match opcode.name() {
            Some(_) if opcode == Opcode::CONTINUATION => out.push_str("continuation of no message here"),
            Some(name) => out.push_str(name),
            None => {
                out.push_str("opcode ");
                push_number(out, u64::from(opcode.0));
                out.push_str(", reserved");
            }
        },
    }
    if frame.partial() {
        let lost = frame.len == (header.header_len() as u64).saturating_add(header.payload_len());
        out.push_str(if lost { ", with a hole" } else { ", cut short" });
    }
}

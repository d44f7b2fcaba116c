//! The row of a frame.

use super::Summary;
use super::row::Row;
use crate::render::clock::after;
use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::cut;
use crate::render::number::{Digits, push_number, width};
use crate::render::palette::Role;
use crate::session::event::{Compression, FrameEnd, Place};
use crate::wire::frame::Header;
use crate::wire::opcode::Opcode;

/// Columns that a payload must have to be worth showing behind findings.
const LEAST_PAYLOAD: usize = 8;

impl Summary {
    /// Appends the row of a frame. That of a message's last frame stays open, since the message may add to it.
    pub(super) fn frame(&mut self, frame: &WholeFrame<'_>, out: &mut String) {
        let place = frame.end.and_then(|end| end.place);
        let whole = place.map(|place| self.add_piece(frame, place));
        let shows_payload = self.options.payload;
        let mut row = self.row_at(frame.connection, frame.sender, frame.time, Some(frame.number), out);
        let (FrameHeader::Whole(header), Some(end)) = (frame.header, frame.end) else {
            row.kind(Role::Structure, &["header, cut"]);
            row.bytes(frame.len, None);
            finish_findings(row, frame);
            return;
        };
        kind(&mut row, &header, place);
        let (captured, claimed) = (end.captured, header.payload_len());
        let alone = place.is_some_and(|place| place.piece == 1);
        match frame.inflated.filter(|_| alone && captured == claimed) {
            Some(inflated) => row.inflated(captured, inflated.len),
            None => row.bytes(captured, Some(claimed).filter(|claimed| *claimed != captured)),
        }
        if frame.findings().next().is_some() {
            row.payload();
            row.findings(frame.findings());
        }
        let last = place.filter(|place| header.fin() && place.piece > 1).map(|place| Whole {
            message: place.message,
            sent: whole.unwrap_or(0),
            inflated: frame.inflated.map(|inflated| inflated.len),
        });
        let behind = last.map_or(0, |whole| whole.width());
        if shows_payload {
            payload(&mut row, frame, end, place, behind);
        }
        if let Some(whole) = last {
            whole.write(&mut row);
        }
        // A message follows whose findings may have to be added.
        if place.is_some() && header.fin() {
            self.open_row = Some(row.at());
        } else {
            row.end();
        }
    }

    /// Adds a piece to its message, and says how many bytes that has now.
    #[inline]
    fn add_piece(&mut self, frame: &WholeFrame<'_>, place: Place) -> u64 {
        let captured = frame.captured();
        if place.piece == 1 && frame.end.is_some_and(|end| end.header.fin()) {
            return captured;
        }
        let side = self.connection(frame.connection, frame.time).side(frame.sender);
        side.message = if place.piece == 1 { captured } else { side.message.saturating_add(captured) };
        side.message
    }
}

fn finish_findings(mut row: Row<'_>, frame: &WholeFrame<'_>) {
    row.payload();
    row.findings(frame.findings());
    row.end();
}

/// `text`, `text, more`, `text  deflate`, `ping`, `opcode 11`.
#[inline]
fn kind(row: &mut Row<'_>, header: &Header, place: Option<Place>) {
    let opcode = header.opcode();
    let Some(place) = place else {
        return match opcode.name() {
            Some(name) => row.kind(Role::Structure, &[name]),
            None => row.kind(Role::Structure, &["opcode ", Digits::of(u64::from(opcode.0)).as_str()]),
        };
    };
    let name = place.opcode.name().unwrap_or("data");
    let piece = match (place.piece, header.fin()) {
        (1, true) => "",
        (_, false) => ", more",
        (_, true) => ", last",
    };
    let compressed = match place.compression {
        Compression::Deflate if place.piece == 1 => "  deflate",
        Compression::Unknown if place.piece == 1 => "  rsv1",
        Compression::PerFrame if header.rsv1() => "  rsv1",
        _ => "",
    };
    row.kind(Role::Structure, &[name, piece, compressed]);
}

/// The payload, cut to the room that is left, less what must stand behind it.
#[inline]
fn payload(
    row: &mut Row<'_>,
    frame: &WholeFrame<'_>,
    end: &FrameEnd<'_>,
    place: Option<Place>,
    behind: usize,
) {
    let opcode = place.map_or(end.header.opcode(), |place| place.opcode);
    if opcode == Opcode::CLOSE {
        row.payload();
        return close(row, end);
    }
    // Where a message ends that is compressed, all of it is shown inflated.
    let inflated = frame.inflated;
    let (plain, omitted) = inflated.map_or((frame.plain, frame.omitted), |it| (it.plain, it.omitted()));
    let more = omitted > 0;
    let empty = plain.is_empty() && !more;
    if empty && (opcode.is_control() || behind > 0) && end.answers.is_none() && behind == 0 {
        return;
    }
    let room = row.payload();
    let wanted = behind + if end.answers.is_some() { PONG } else { 0 };
    let room = if room >= wanted + LEAST_PAYLOAD { room - wanted } else { room };
    if room < LEAST_PAYLOAD {
        return;
    }
    let compressed = inflated.is_none() && place.is_some_and(|place| place.compression.of_frame(&end.header));
    let text = !compressed && (opcode == Opcode::TEXT || is_printable(opcode, plain));
    match (empty, text) {
        (true, _) if opcode != Opcode::TEXT => {}
        (_, true) => row.write(Role::Payload, |page, out, _| cut::push_quoted(page, out, plain, more, room)),
        (_, false) => row.write(Role::Payload, |page, out, _| cut::push_hex(page, out, plain, more, room)),
    }
    if let Some(answer) = end.answers {
        if !empty {
            row.space(1);
        }
        answered(row, answer.frame, answer.round_trip);
    }
}

/// Columns for ` after 120.5 ms`.
const PONG: usize = 16;

/// A Ping or a Pong often carries a word.
fn is_printable(opcode: Opcode, plain: &[u8]) -> bool {
    matches!(opcode, Opcode::PING | Opcode::PONG) && plain.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// The Ping that a Pong answers: how long it took, or where it stands.
fn answered(row: &mut Row<'_>, frame: u64, round_trip: Option<u64>) {
    match round_trip {
        Some(round_trip) => row.say(Role::Plain, &after(round_trip)),
        None => {
            row.say(Role::Plain, "answers frame ");
            row.say(Role::Plain, Digits::of(frame).as_str());
        }
    }
}

/// Code, name and reason.
fn close(row: &mut Row<'_>, end: &FrameEnd<'_>) {
    let Some(code) = end.close_code else {
        let says = match end.captured {
            _ if end.partial() => "",
            0 => "no code",
            _ => "a byte, no code",
        };
        return row.say(Role::Dim, says);
    };
    row.say(Role::Payload, Digits::of(u64::from(code.0)).as_str());
    row.space(1);
    row.say(Role::Plain, code.name().unwrap_or(code_range(code.0)));
    let reason = end.close_reason().unwrap_or_default();
    if !reason.is_empty() && row.room() > LEAST_PAYLOAD {
        row.space(1);
        row.write(Role::Payload, |page, out, room| cut::push_quoted(page, out, reason, false, room));
    }
}

const fn code_range(code: u16) -> &'static str {
    match code {
        4000..=4999 => "private",
        3000..=3999 => "of a library",
        _ => "unassigned",
    }
}

/// A message of several frames, once its last one is here.
#[derive(Clone, Copy)]
struct Whole {
    message: u64,
    /// Its bytes as they came, and inflated where it is compressed.
    sent: u64,
    inflated: Option<u64>,
}

impl Whole {
    /// Columns of what it says.
    fn width(self) -> usize {
        let inflated = self.inflated.map_or(0, |inflated| 1 + width(inflated));
        "  message  is whole: ".len() + width(self.message) + width(self.sent) + inflated
    }

    /// `  message 3 is whole: 11`, `  message 3 is whole: 8→20`
    fn write(self, row: &mut Row<'_>) {
        let width = self.width();
        if row.room() >= width {
            row.space(2);
        } else {
            row.make_room(width);
        }
        let mut words = "message ".to_owned();
        push_number(&mut words, self.message);
        words.push_str(" is whole: ");
        push_number(&mut words, self.sent);
        if let Some(inflated) = self.inflated {
            words.push('→');
            push_number(&mut words, inflated);
        }
        row.say(Role::Good, &words);
    }
}

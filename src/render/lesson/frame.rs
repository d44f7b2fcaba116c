//! A frame, byte by byte and bit by bit: title, header, payload, what it is for, what is wrong.

use super::control::control;
use super::finding;
use super::grid::Grid;
use super::header::HeaderView;
use super::memory::{Memory, Note};
use super::notes::{self, note};
use super::packets;
use super::payload::PayloadView;
use super::rows::Rows;
use super::title::{self, Place};
use crate::render::collect::{FrameHeader, WholeFrame};
use crate::render::number::bytes;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::render::payload::PayloadShown;
use crate::rules::facts::Rsv;
use crate::rules::is_unframed_text;
use crate::session::event::{Compression, Event, FrameEnd};
use crate::wire::frame::{Header, LengthForm, Partial};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// A frame, as far as it came.
pub(super) fn frame(
    page: &Page,
    shown: PayloadShown,
    memory: &mut Memory,
    rows: &mut Rows,
    frame: &WholeFrame<'_>,
    out: &mut String,
) {
    let no_frame = frame.findings().any(is_unframed_text);
    title::frame(page, memory, frame, no_frame, out);
    if let Some(packets) = frame.packets {
        packets::packets(page, packets, out);
    }
    out.push('\n');
    learn(memory, frame);
    let grid = Grid::of(page);
    let view = HeaderView { page, grid, frame, no_frame };
    let begun = memory.side(frame.sender).begun.take() == Some(frame.number);
    match (&frame.header, frame.end) {
        (FrameHeader::Whole(header), Some(end)) => {
            if begun {
                page.paragraph(out, 2, Role::Dim, "Its header stands above, where it began.");
            } else {
                view.whole(memory, rows, header, out);
            }
            if !no_frame {
                payload(page, grid, shown, memory, frame, end, out);
                control(page, frame, end, out);
                background(page, memory, frame, end, out);
            }
        }
        (FrameHeader::Begun(header), _) => {
            view.whole(memory, rows, header, out);
            page.paragraph(out, 2, Role::Plain, &payload_is_awaited(header));
            memory.side(frame.sender).begun = Some(frame.number);
        }
        (FrameHeader::Whole(header), None) => view.whole(memory, rows, header, out),
        (FrameHeader::Cut(partial), _) => {
            view.cut(memory, partial, out);
            page.paragraph(out, 2, Role::Plain, &header_breaks_off(partial));
        }
    }
    // Those of the header were told with it.
    let of_header = if begun { &[][..] } else { frame.header_findings };
    finding::all(page, memory, of_header.iter().chain(frame.end_findings), out);
}

fn payload_is_awaited(header: &Header) -> String {
    ["Its payload of ", &bytes(header.payload_len()), " follows; it is told when the last of it has passed."]
        .concat()
}

/// Where the handshake is not shown, a frame that is known to be compressed tells what was agreed.
fn learn(memory: &mut Memory, frame: &WholeFrame<'_>) {
    let compression = frame.end.and_then(|end| end.place).map(|place| place.compression);
    memory.rsv = match (memory.rsv, compression) {
        (Rsv::Unknown, Some(Compression::Deflate)) => Rsv::Used(4),
        (Rsv::Unknown, Some(Compression::PerFrame)) => Rsv::PerFrame,
        (known, _) => known,
    };
}

fn payload(
    page: &Page,
    grid: Grid,
    shown: PayloadShown,
    memory: &mut Memory,
    frame: &WholeFrame<'_>,
    end: &FrameEnd<'_>,
    out: &mut String,
) {
    payload_of(page, grid, shown, frame, end).payload(memory, out);
    if frame.partial() {
        page.paragraph(out, 2, Role::Plain, &payload_breaks_off(frame, &end.header));
    }
}

fn payload_of<'a, 'f>(
    page: &'a Page,
    grid: Grid,
    shown: PayloadShown,
    frame: &'a WholeFrame<'f>,
    end: &'a FrameEnd<'_>,
) -> PayloadView<'a, 'f> {
    let compression = end.place.map_or(Compression::None, |place| place.compression);
    let compression = if compression.of_frame(&end.header) { compression } else { Compression::None };
    let opcode = end.place.map_or(end.header.opcode(), |place| place.opcode);
    let text = opcode == Opcode::TEXT;
    PayloadView { page, grid, frame, header: &end.header, shown, compression, text }
}

/// A piece of a long payload's dump, counted from 0; whether there are more behind it.
pub(super) fn dump_piece(
    page: &Page,
    shown: PayloadShown,
    frame: &WholeFrame<'_>,
    piece: usize,
    out: &mut String,
) -> bool {
    let of = |end| payload_of(page, Grid::of(page), shown, frame, end);
    frame.end.is_some_and(|end| of(end).dump_piece(piece, out))
}

fn payload_breaks_off(frame: &WholeFrame<'_>, header: &Header) -> String {
    let missing = header.payload_len().saturating_sub(frame.captured());
    let whole = (header.header_len() as u64).saturating_add(header.payload_len());
    match frame.len == whole {
        true => {
            ["There is a hole in this payload: ", &bytes(missing), " of it are not in the input."].concat()
        }
        false => ["Here the frame breaks off: ", &bytes(missing), " of its payload did not come."].concat(),
    }
}

fn header_breaks_off(partial: &Partial) -> String {
    let have = partial.bytes().len();
    let needed = partial.second().map_or(2, |second| {
        2 + LengthForm::announced_by(second).extended_bytes() + if second & 0x80 == 0 { 0 } else { 4 }
    });
    let mut words = "Here the header breaks off: ".to_owned();
    if partial.second().is_none() {
        words.push_str("at least ");
    }
    words.push_str(&bytes(needed.saturating_sub(have) as u64));
    words.push_str(" of it did not come.");
    words
}

/// Notes about what is met here for the first time.
fn background(
    page: &Page,
    memory: &mut Memory,
    frame: &WholeFrame<'_>,
    end: &FrameEnd<'_>,
    out: &mut String,
) {
    let header = &end.header;
    if frame.sender == Sender::Client && header.mask() && memory.first(Note::WhyMasked) {
        note(page, notes::WHY_MASKED, out);
    }
    match header.length_form() {
        LengthForm::Sixteen if memory.first(Note::Sixteen) => note(page, notes::SIXTEEN, out),
        LengthForm::SixtyFour if memory.first(Note::WhySixtyFour) => note(page, notes::SIXTY_FOUR, out),
        _ => {}
    }
    if header.opcode().is_control() {
        control_background(page, memory, frame, end, out);
    } else if let Some(place) = end.place {
        memory.side(frame.sender).piece(place.piece, header.payload_len(), header.fin());
        if place.piece == 1 && !header.fin() && memory.first(Note::WhyPieces) {
            note(page, notes::WHY_PIECES, out);
        }
        if place.piece == 1 && place.compression == Compression::Deflate && memory.first(Note::Compressed) {
            note(page, notes::COMPRESSED, out);
        }
        match (place.compression, memory.rsv) {
            (Compression::PerFrame, _) if header.rsv1() && memory.first(Note::PerFrame) => {
                note(page, notes::PER_FRAME, out);
            }
            (Compression::Unknown, Rsv::Foreign(_)) if memory.first(Note::Foreign) => {
                note(page, notes::FOREIGN, out);
            }
            _ => {}
        }
    }
}

fn control_background(
    page: &Page,
    memory: &mut Memory,
    frame: &WholeFrame<'_>,
    end: &FrameEnd<'_>,
    out: &mut String,
) {
    let side = memory.side(frame.sender);
    side.between |= side.open;
    if side.open && memory.first(Note::Between) {
        note(page, notes::BETWEEN, out);
    }
    match end.header.opcode() {
        Opcode::PING if memory.first(Note::Ping) => note(page, notes::PING, out),
        Opcode::PONG
            if end.answers.is_none() && frame.end_findings.is_empty() && memory.first(Note::Pong) =>
        {
            note(page, notes::PONG_ALONE, out)
        }
        Opcode::CLOSE if !end.partial() => close_background(page, memory, frame, end, out),
        _ => {}
    }
}

fn close_background(
    page: &Page,
    memory: &mut Memory,
    frame: &WholeFrame<'_>,
    end: &FrameEnd<'_>,
    out: &mut String,
) {
    if end.close_code.is_some() && memory.first(Note::CloseCode) {
        note(page, notes::CLOSE_CODE, out);
    }
    if end.header.payload_len() == 0 && memory.first(Note::NoCode) {
        note(page, notes::NO_CODE, out);
    }
    let answers = memory.side(frame.sender.other()).closed;
    memory.side(frame.sender).closed = true;
    if !answers && memory.first(Note::Close) {
        note(page, notes::CLOSE, out);
    }
    if answers && memory.first(Note::CloseAnswer) {
        note(page, notes::CLOSE_ANSWER, out);
    }
}

/// Bytes that were sent and are not here.
pub(super) fn gap(page: &Page, memory: &mut Memory, event: &Event<'_>, out: &mut String) {
    let place =
        Place { sender: event.sender, offset: event.offset, len: event.len, time: event.time, end: None };
    title::line(page, memory, place, None, "bytes that are missing", out);
    if memory.first(Note::Gap) {
        let words = "They were sent, and the input does not have them. Where they lie inside one payload, it is still \
                     known where the next frame begins; where a header is among them, that must be found again.";
        page.paragraph(out, 2, Role::Dim, words);
    }
    finding::all(page, memory, event.findings, out);
}

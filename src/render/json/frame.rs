//! The line of a frame: with that of a message, the path that must be fast.

use std::io::{self, Write};

use super::alike::{Alike, Whose};
use super::header::{write_cut, write_header};
use super::line::{Line, LineCursor};
use super::payload::Payload;
use super::{Common, JsonLines};
use crate::render::collect::{FrameHeader, WholeFrame};
use crate::session::event::{Answer, Compression, FrameEnd, Place};
use crate::session::packets::Packets;
use crate::wire::frame::Header;
use crate::wire::opcode::Opcode;

impl<W: Write> JsonLines<W> {
    #[inline]
    pub(super) fn frame(&mut self, frame: &WholeFrame<'_>) -> io::Result<()> {
        let WholeFrame { connection, sender, time, time_end, offset, len, number, .. } = *frame;
        let common = Common { whose: Whose { connection, sender, time, time_end }, offset, len };
        let findings = [frame.header_findings, frame.end_findings];
        let (start, first_bytes) = (br#"{"v":1,"type":"frame""#, self.first_bytes);
        if let Some(packets) = frame.packets.filter(|packets| packets.segments == 1) {
            self.alike.is_in(packets.first);
        }
        let (FrameHeader::Whole(header), Some(end)) = (&frame.header, frame.end) else {
            self.numbered(start, &common, findings, number, |to, alike| {
                match &frame.header {
                    FrameHeader::Whole(header) | FrameHeader::Begun(header) => {
                        write_header(to, first_bytes, header, true);
                    }
                    FrameHeader::Cut(partial) => write_cut(to, first_bytes, partial),
                }
                write_no_payload(to, alike, frame.packets);
            });
            return self.end_line();
        };
        let payload = Payload {
            kept: frame.plain,
            omitted: frame.omitted,
            is_text: is_text(end.place.as_ref(), header),
            alone_in: is_alone(end.place.as_ref(), header).then_some((connection, number)),
        };
        let partial = end.partial();
        if end.close_code.is_some() {
            self.numbered(start, &common, findings, number, |to, _| {
                write_header(to, first_bytes, header, partial);
            });
            let Self { line, alike, .. } = self;
            write_close(line, end);
            line.with(|to| write_end(to, alike, end, frame.packets));
            return self.payload(&payload);
        }
        self.numbered(start, &common, findings, number, |to, alike| {
            write_header(to, first_bytes, header, partial);
            to.number(end.captured);
            to.raw(b",\"close_code\":null,\"close_reason\":null,\"message\":");
            write_end(to, alike, end, frame.packets);
            payload.write_left_out(to);
        });
        if payload.is_left_out() { self.spill() } else { self.shown(&payload) }
    }
}

/// What is said behind a header where no payload came.
fn write_no_payload(to: &mut LineCursor<'_>, alike: &Alike, packets: Option<&Packets>) {
    to.raw(b"0,\"close_code\":null,\"close_reason\":null,\"message\":null,\"piece\":null");
    write_packets(to, alike, packets);
}

/// How much of a Close came, and what it says.
#[inline(never)]
fn write_close(line: &mut Line, end: &FrameEnd<'_>) {
    line.number(end.captured);
    line.raw(",\"close_code\":");
    line.number_or_null(end.close_code.map(|code| u64::from(code.0)));
    line.raw(",\"close_reason\":");
    line.text_or_bytes(end.close_reason().unwrap_or_default());
    line.raw(",\"message\":");
}

/// What the end of a frame knows, behind `"message":`.
#[inline(always)]
fn write_end(to: &mut LineCursor<'_>, alike: &Alike, end: &FrameEnd<'_>, packets: Option<&Packets>) {
    match end.place {
        None => to.raw(b"null,\"piece\":null"),
        Some(place) => {
            to.number(place.message);
            to.raw(b",\"piece\":");
            to.number(place.piece);
        }
    }
    if end.header.opcode() == Opcode::PONG {
        write_answer(to, end.answers);
    }
    write_packets(to, alike, packets);
}

/// In which packets of a capture it came.
#[inline(always)]
fn write_packets(to: &mut LineCursor<'_>, alike: &Alike, packets: Option<&Packets>) {
    match packets {
        None => {}
        Some(Packets { segments: 1, .. }) => to.padded(alike.packet()),
        Some(packets) => write_several(to, packets),
    }
}

#[inline(never)]
fn write_several(to: &mut LineCursor<'_>, packets: &Packets) {
    to.raw(b",\"packets\":[");
    to.number(packets.first.get());
    to.raw(b",");
    to.number(packets.last.get());
    to.raw(b"],\"segments\":");
    to.number(u64::from(packets.segments));
    if packets.header_is_cut() {
        to.raw(b",\"header_cut\":[");
        to.number(packets.first.get());
        to.raw(b",");
        to.number(packets.header_end.get());
        to.raw(b"]");
    }
}

#[inline(always)]
fn write_answer(to: &mut LineCursor<'_>, answer: Option<Answer>) {
    to.raw(b",\"answers\":");
    to.number_or_null(answer.map(|answer| answer.frame));
    to.raw(b",\"round_trip\":");
    to.seconds_or_null(answer.and_then(|answer| answer.round_trip));
}

/// Whether a frame's payload is text: it is a piece of a text message that is not compressed.
fn is_text(place: Option<&Place>, header: &Header) -> bool {
    place.is_some_and(|place| place.opcode == Opcode::TEXT && !place.compression.of_frame(header))
}

/// Whether a frame is all of its message, which then has the same payload.
fn is_alone(place: Option<&Place>, header: &Header) -> bool {
    header.fin() && place.is_some_and(|place| place.piece == 1 && place.compression == Compression::None)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;
    use crate::session::segment::Time;
    use crate::wire::frame::LengthForm;
    use crate::wire::mask::MaskingKey;
    use crate::wire::sender::Sender;

    #[test]
    fn the_greatest_numbers_have_room() {
        let (most, time) = (u64::MAX, Some(Time(u64::MAX)));
        let packet = NonZeroU64::MAX;
        let packets = Packets {
            first: packet,
            header_end: NonZeroU64::MIN,
            last: packet,
            segments: u32::MAX,
            header_segments: 2,
            in_order: false,
        };
        let header = Header::new(0x0a, most, LengthForm::SixtyFour, Some(MaskingKey([0xff; 4])));
        let end = FrameEnd {
            number: most,
            header,
            place: Some(Place {
                message: most,
                piece: most,
                first_frame: most,
                opcode: Opcode::TEXT,
                compression: Compression::None,
            }),
            captured: most,
            packets: Some(&packets),
            close_code: None,
            control: &[],
            answers: Some(Answer { frame: most, round_trip: Some(most) }),
        };
        let frame = WholeFrame {
            connection: u32::MAX,
            sender: Sender::Client,
            time,
            time_end: time,
            offset: most,
            len: most,
            number: most,
            header: FrameHeader::Whole(header),
            end: Some(&end),
            packets: Some(&packets),
            raw: &[],
            plain: &[],
            omitted: most,
            inflated: None,
            header_findings: &[],
            end_findings: &[],
        };
        let mut lines = JsonLines::new(Vec::new(), 0);
        lines.frame(&frame).expect("a Vec takes it");
        lines.flush().expect("a Vec takes it");
        let line: serde_json::Value = serde_json::from_slice(&lines.into_inner()).expect("JSON");
        for name in ["offset", "len", "number", "captured", "message", "piece", "answers", "payload_omitted"]
        {
            assert_eq!(line[name], most, "{name}");
        }
        assert_eq!(line["header_cut"], serde_json::json!([most, 1]));
        assert_eq!(line["round_trip"], "18446744073.709551615");
    }
}

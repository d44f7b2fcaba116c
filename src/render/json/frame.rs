//! The lines of frames and messages: the path that must be fast.

use std::io::{self, Write};

use super::alike::Whose;
use super::line::Line;
use super::part::write_sources;
use super::{Common, JsonLines};
use crate::render::collect::{FrameHeader, Unknown, WholeFrame, WholeMessage};
use crate::session::event::{Answer, Compression, FrameEnd, Place};
use crate::session::inflated::{Account, Inflated};
use crate::session::packets::Packets;
use crate::wire::deflate::Ending;
use crate::wire::frame::{Header, LengthForm, Partial};
use crate::wire::opcode::Opcode;

/// What each value of a frame's first byte says, as JSON, written once.
#[derive(Debug)]
pub(super) struct FirstBytes(Vec<String>);

impl FirstBytes {
    pub(super) fn new() -> Self {
        Self((0..=u8::MAX).map(first_byte).collect())
    }

    fn of(&self, first: u8) -> &str {
        self.0.get(usize::from(first)).map_or("", String::as_str)
    }
}

fn first_byte(first: u8) -> String {
    let bit = |mask: u8| first & mask != 0;
    let opcode = Opcode(first & 0xf);
    let name = opcode.name().map_or("null".into(), |name| format!("\"{name}\""));
    format!(
        r#","fin":{},"rsv1":{},"rsv2":{},"rsv3":{},"opcode":{},"opcode_name":{name}"#,
        bit(0x80),
        bit(0x40),
        bit(0x20),
        bit(0x10),
        opcode.0,
    )
}

impl<W: Write> JsonLines<W> {
    #[inline]
    pub(super) fn frame(&mut self, frame: &WholeFrame<'_>) -> io::Result<()> {
        let WholeFrame { connection, sender, time, time_end, offset, len, .. } = *frame;
        let common = Common { whose: Whose { connection, sender, time, time_end }, offset, len };
        self.begin(r#"{"v":1,"type":"frame""#, &common, frame.findings());
        self.line.raw(",\"number\":");
        self.line.number(frame.number);
        match (&frame.header, frame.end) {
            (FrameHeader::Whole(header), Some(end)) => {
                self.header(header);
                write_end(&mut self.line, end);
                write_packets(&mut self.line, frame.packets);
                self.payload(frame.plain, frame.omitted, is_text(end.place.as_ref(), header))
            }
            (FrameHeader::Whole(header) | FrameHeader::Begun(header), _) => {
                self.header(header);
                self.line.raw(NO_PAYLOAD);
                Ok(())
            }
            (FrameHeader::Cut(partial), _) => {
                self.cut_header(partial);
                self.line.raw(NO_PAYLOAD);
                write_packets(&mut self.line, frame.packets);
                Ok(())
            }
        }
    }

    fn header(&mut self, header: &Header) {
        self.line.raw(self.first_bytes.of(header.first()));
        match header.key() {
            None => self.line.raw(",\"mask\":false,\"masking_key\":null,\"payload_len\":"),
            Some(key) => {
                self.line.raw(",\"mask\":true,\"masking_key\":\"");
                self.line.hex4(key.0);
                self.line.raw("\",\"payload_len\":");
            }
        }
        self.line.number(header.payload_len());
        self.line.raw(length_bits(header.length_form()));
    }

    /// What came of a header that never came whole; the rest is null.
    fn cut_header(&mut self, partial: &Partial) {
        match partial.first() {
            Some(first) => self.line.raw(self.first_bytes.of(first)),
            None => self
                .line
                .raw(r#","fin":null,"rsv1":null,"rsv2":null,"rsv3":null,"opcode":null,"opcode_name":null"#),
        }
        let Some(second) = partial.second() else {
            return self
                .line
                .raw(",\"mask\":null,\"masking_key\":null,\"payload_len\":null,\"length_bits\":null");
        };
        self.line.raw(",\"mask\":");
        self.line.bool(second & 0x80 != 0);
        self.line.raw(",\"masking_key\":null,\"payload_len\":");
        self.line.number_or_null(claimed_len(partial.bytes()));
        self.line.raw(length_bits(LengthForm::announced_by(second)));
    }

    pub(super) fn message(&mut self, whole: &WholeMessage<'_>) -> io::Result<()> {
        let message = whole.message;
        self.begin(r#"{"v":1,"type":"message""#, &Common::of(whole.event), whole.event.findings);
        let line = &mut self.line;
        line.raw(",\"number\":");
        line.number(message.number);
        match message.opcode {
            Opcode::TEXT => line.raw(",\"opcode\":1,\"opcode_name\":\"text\",\"frames\":"),
            _ => line.raw(",\"opcode\":2,\"opcode_name\":\"binary\",\"frames\":"),
        }
        match message.frames {
            [frame] => {
                line.raw("[");
                line.number(*frame);
                line.raw("],\"frame_count\":");
            }
            frames => {
                line.list(frames, |line, frame| line.number(*frame));
                line.raw(",\"frame_count\":");
            }
        }
        line.number(message.frame_count);
        match message.compression {
            _ if message.kept.is_some() => line.raw(",\"compressed\":null,\"wire_len\":"),
            Compression::None => line.raw(",\"compressed\":false,\"wire_len\":"),
            Compression::Deflate => line.raw(",\"compressed\":true,\"wire_len\":"),
            Compression::PerFrame | Compression::Unknown => line.raw(",\"compressed\":null,\"wire_len\":"),
        }
        line.number(message.wire_len);
        match (message.complete, message.utf8_checked) {
            (true, true) => line.raw(",\"complete\":true,\"utf8_checked\":true,\"utf8_error\":"),
            (true, false) => line.raw(",\"complete\":true,\"utf8_checked\":false,\"utf8_error\":"),
            (false, true) => line.raw(",\"complete\":false,\"utf8_checked\":true,\"utf8_error\":"),
            (false, false) => line.raw(",\"complete\":false,\"utf8_checked\":false,\"utf8_error\":"),
        }
        line.number_or_null(message.utf8_error);
        if let Some(inflated) = message.inflated {
            write_inflated(line, inflated, whole.unknown);
        }
        if let Some(sources) = message.sources {
            write_sources(line, sources);
        }
        let text = message.opcode == Opcode::TEXT && message.compression.is_read();
        self.payload(whole.plain, whole.omitted, text && message.utf8_error.is_none())
    }
}

/// What became of a compressed message.
fn write_inflated(line: &mut Line, inflated: &Inflated, unknown: &[Unknown]) {
    line.raw(",\"inflated_len\":");
    line.number(inflated.read.plain);
    line.raw(",\"inflated\":");
    line.string(verdict(inflated));
    line.raw(",\"not_inflated\":");
    line.number(inflated.left);
    line.raw(",\"unknown\":");
    line.number(inflated.read.unknown);
    line.raw(",\"unknown_at\":");
    line.list(unknown, |line, run| {
        line.raw("[");
        line.number(run.at);
        line.raw(",");
        line.number(run.len);
        line.raw("]");
    });
    let Account { messages, wire, plain, memory } = inflated.account;
    line.raw(",\"window_bits\":");
    line.number(inflated.window_bits.into());
    line.raw(",\"takeover\":");
    line.bool(inflated.takeover);
    for (name, number) in [
        (",\"account\":{\"messages\":", messages),
        (",\"wire_len\":", wire),
        (",\"inflated_len\":", plain),
        (if plain < wire { ",\"saved\":-" } else { ",\"saved\":" }, plain.abs_diff(wire)),
        (",\"memory\":", memory),
    ] {
        line.raw(name);
        line.number(number);
    }
    line.raw("}");
}

/// How the inflation of a message ended, in a word.
const fn verdict(inflated: &Inflated) -> &'static str {
    match (inflated.stop, inflated.read.ending) {
        (_, Ending::Faulty(_)) => "faulty",
        (Some(stop), _) => stop.name(),
        (None, Ending::Truncated(_)) => "truncated",
        (None, _) => "whole",
    }
}

/// What a frame says behind its header where no payload came.
const NO_PAYLOAD: &str =
    r#","partial":true,"captured":0,"close_code":null,"close_reason":null,"message":null,"piece":null"#;

/// What the end of a frame knows.
#[inline]
fn write_end(line: &mut Line, end: &FrameEnd<'_>) {
    match end.partial() {
        false => line.raw(",\"partial\":false,\"captured\":"),
        true => line.raw(",\"partial\":true,\"captured\":"),
    }
    line.number(end.captured);
    match end.close_code {
        None => line.raw(",\"close_code\":null,\"close_reason\":null,\"message\":"),
        Some(code) => {
            line.raw(",\"close_code\":");
            line.number(u64::from(code.0));
            line.raw(",\"close_reason\":");
            line.text_or_bytes(end.close_reason().unwrap_or_default());
            line.raw(",\"message\":");
        }
    }
    match end.place {
        None => line.raw("null,\"piece\":null"),
        Some(place) => {
            line.number(place.message);
            line.raw(",\"piece\":");
            line.number(place.piece);
        }
    }
    if end.header.opcode() == Opcode::PONG {
        write_answer(line, end.answers);
    }
}

/// In which packets of a capture it came.
#[inline]
fn write_packets(line: &mut Line, packets: Option<&Packets>) {
    let Some(packets) = packets else { return };
    line.raw(",\"packets\":[");
    line.number(packets.first.get());
    line.raw(",");
    line.number(packets.last.get());
    line.raw("],\"segments\":");
    line.number(u64::from(packets.segments));
    if packets.header_is_cut() {
        line.raw(",\"header_cut\":[");
        line.number(packets.first.get());
        line.raw(",");
        line.number(packets.header_end.get());
        line.raw("]");
    }
}

fn write_answer(line: &mut Line, answer: Option<Answer>) {
    line.raw(",\"answers\":");
    line.number_or_null(answer.map(|answer| answer.frame));
    line.raw(",\"round_trip\":");
    line.seconds_or_null(answer.and_then(|answer| answer.round_trip));
}

/// Whether a frame's payload is text: it is a piece of a text message that is not compressed.
fn is_text(place: Option<&Place>, header: &Header) -> bool {
    place.is_some_and(|place| place.opcode == Opcode::TEXT && !place.compression.of_frame(header))
}

#[inline]
const fn length_bits(form: LengthForm) -> &'static str {
    match form {
        LengthForm::Seven => ",\"length_bits\":7",
        LengthForm::Sixteen => ",\"length_bits\":16",
        LengthForm::SixtyFour => ",\"length_bits\":64",
    }
}

/// The length that a header claims whose masking key never came, where its length did.
fn claimed_len(bytes: &[u8]) -> Option<u64> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let mut whole = vec![first, second];
    whole.extend_from_slice(rest.get(..LengthForm::announced_by(second).extended_bytes())?);
    whole.extend_from_slice(&[0; 4]);
    Some(Header::decode(&whole)?.payload_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_header_says_what_came_of_it() {
        assert_eq!(claimed_len(b"\x81"), None);
        assert_eq!(claimed_len(b"\x81\x85\x01"), Some(5));
        assert_eq!(claimed_len(b"\x81\xfe\x01"), None);
        assert_eq!(claimed_len(b"\x81\xfe\x01\x02\x03"), Some(0x102));
        assert_eq!(claimed_len(b"\x81\xff\x80\0\0\0\0\0\0\x01"), Some((1 << 63) + 1));
    }

    #[test]
    fn the_first_byte_is_written_once_for_all_frames() {
        let json = format!("{{\"v\":1{}}}", FirstBytes::new().of(0xc3));
        let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!((&value["rsv1"], &value["opcode"]), (&true.into(), &3.into()));
        assert!(value["opcode_name"].is_null());
    }
}

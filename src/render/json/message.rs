//! The line of a message.

use std::io::{self, Write};

use super::cursor::Padded;
use super::line::{Line, LineCursor};
use super::part::write_sources;
use super::payload::Payload;
use super::{Common, JsonLines};
use crate::render::collect::{Unknown, WholeMessage};
use crate::session::event::{Compression, Message};
use crate::session::inflated::{Account, Inflated};
use crate::wire::deflate::Ending;
use crate::wire::opcode::Opcode;

/// What a message's opcode says, up to its frames.
static OPCODES: [Padded<48>; 2] = [
    Padded::of(br#","opcode":1,"opcode_name":"text","frames":["#),
    Padded::of(br#","opcode":2,"opcode_name":"binary","frames":["#),
];

impl<W: Write> JsonLines<W> {
    #[inline]
    pub(super) fn message(&mut self, whole: &WholeMessage<'_>) -> io::Result<()> {
        let (event, message) = (whole.event, whole.message);
        let findings = [event.findings, &[]];
        let [text, binary] = &OPCODES;
        let opcode = if message.opcode == Opcode::TEXT { text } else { binary };
        let is_text = message.opcode == Opcode::TEXT && message.compression.is_read();
        let payload = Payload {
            kept: whole.plain,
            omitted: whole.omitted,
            is_text: is_text && message.utf8_error.is_none(),
            alone_in: match (message.compression, message.frames) {
                (Compression::None, [frame]) if message.kept.is_none() => Some((event.connection, *frame)),
                _ => None,
            },
        };
        let start = br#"{"v":1,"type":"message""#;
        if let (&[frame], None) = (message.frames, message.inflated) {
            self.numbered(start, &Common::of(event), findings, message.number, |to, _| {
                to.padded(opcode);
                to.number(frame);
                write_facts(to, message);
                payload.write_left_out(to);
            });
            return if payload.is_left_out() { self.spill() } else { self.shown_again(&payload) };
        }
        self.numbered(start, &Common::of(event), findings, message.number, |to, _| to.padded(opcode));
        let line = &mut self.line;
        write_frames(line, message.frames);
        line.with(|to| write_facts(to, message));
        if let Some(inflated) = message.inflated {
            write_inflated(line, inflated, whole.unknown);
        }
        if let Some(sources) = message.sources {
            write_sources(line, sources);
        }
        self.payload_again(&payload)
    }
}

#[inline(never)]
fn write_frames(line: &mut Line, frames: &[u64]) {
    for (i, frame) in frames.iter().enumerate() {
        line.raw(if i > 0 { "," } else { "" });
        line.number(*frame);
    }
}

/// What is behind the list of frames.
#[inline(always)]
fn write_facts(to: &mut LineCursor<'_>, message: &Message<'_>) {
    to.raw(b"],\"frame_count\":");
    to.number(message.frame_count);
    match message.compression {
        Compression::None if message.kept.is_none() => to.raw(b",\"compressed\":false,\"wire_len\":"),
        Compression::Deflate if message.kept.is_none() => to.raw(b",\"compressed\":true,\"wire_len\":"),
        _ => to.raw(b",\"compressed\":null,\"wire_len\":"),
    }
    to.number(message.wire_len);
    match (message.complete, message.utf8_checked) {
        (true, true) => to.raw(b",\"complete\":true,\"utf8_checked\":true,\"utf8_error\":"),
        (true, false) => to.raw(b",\"complete\":true,\"utf8_checked\":false,\"utf8_error\":"),
        (false, true) => to.raw(b",\"complete\":false,\"utf8_checked\":true,\"utf8_error\":"),
        (false, false) => to.raw(b",\"complete\":false,\"utf8_checked\":false,\"utf8_error\":"),
    }
    to.number_or_null(message.utf8_error);
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

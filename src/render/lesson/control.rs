//! What the payload of a control frame says: a code and a reason, a question, an answer.

use std::borrow::Cow;

use super::finding;
use super::grid::{ascii, fill};
use super::payload::{BODY, LABEL};
use super::quote::quote;
use crate::render::clock::span;
use crate::render::collect::WholeFrame;
use crate::render::glyphs::Mark;
use crate::render::number::{Digits, hex_pair};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::event::FrameEnd;
use crate::wire::bits::Bits;
use crate::wire::close::CloseCode;
use crate::wire::opcode::Opcode;

/// The meaning of a control frame's payload; nothing for other frames.
pub(super) fn control(page: &Page, frame: &WholeFrame<'_>, end: &FrameEnd<'_>, out: &mut String) {
    match end.header.opcode() {
        Opcode::CLOSE if !end.partial() => close(page, frame, end, out),
        Opcode::PONG => pong(page, end, out),
        _ => {}
    }
}

fn close(page: &Page, frame: &WholeFrame<'_>, end: &FrameEnd<'_>, out: &mut String) {
    let start = end.header.header_len() as u64;
    let mark = |bits| finding::mark_at(frame.end_findings.iter(), bits);
    label(page, mark(Bits::bytes(start, 2)), "code", out);
    let words: Cow<'_, str> = match (end.close_code, end.control) {
        (Some(code), _) => code_in_words(code).into(),
        (None, []) => "none: the other side's API reports 1005, \"no status received\"".into(),
        (None, _) => "none: a code is two bytes, and here is one".into(),
    };
    page.hang(out, BODY, Role::Plain, &words);
    if let Some(reason) = end.close_reason().filter(|reason| !reason.is_empty()) {
        label(page, mark(Bits::bytes(start + 2, reason.len() as u64)), "reason", out);
        quote(page, BODY, reason, out);
    }
}

/// `03 e9 = 0x03e9 = 1001, going away: the server shuts down, …`
fn code_in_words(code: CloseCode) -> String {
    let [high, low] = code.0.to_be_bytes().map(hex_pair);
    let (high, low) = (ascii(&high), ascii(&low));
    let number = Digits::of(u64::from(code.0));
    let mut words = [high, " ", low, " = 0x", high, low, " = ", number.as_str()].concat();
    if let Some(name) = code.name() {
        words.push_str(", ");
        words.push_str(name);
    }
    words.push_str(if code.name().is_some() { ": " } else { ", " });
    words.push_str(code.meaning());
    words
}

fn pong(page: &Page, end: &FrameEnd<'_>, out: &mut String) {
    let Some(answer) = end.answers else { return };
    let mut words = ["the ping of frame ", Digits::of(answer.frame).as_str()].concat();
    if let Some(nanos) = answer.round_trip {
        words.push_str(", after ");
        words.push_str(&span(nanos));
    }
    label(page, None, "answers", out);
    page.hang(out, BODY, Role::Plain, &words);
}

/// Begins a line: its mark, its name, and spaces up to what it says.
fn label(page: &Page, mark: Option<Mark>, name: &str, out: &mut String) {
    let at = fill(out, 0, LABEL - 2);
    if let Some(mark) = mark {
        page.paint(out, Role::Finding, page.mark(mark));
    }
    fill(out, at + usize::from(mark.is_some()), LABEL);
    page.paint(out, Role::Dim, name);
    fill(out, LABEL + name.len(), BODY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_bytes_high_byte_first() {
        assert_eq!(
            code_in_words(CloseCode(1001)),
            "03 e9 = 0x03e9 = 1001, going away: the server shuts down, or the browser left the page"
        );
        assert!(code_in_words(CloseCode(4242)).starts_with("10 92 = 0x1092 = 4242, private"));
    }
}

//! Messages: how frames make a message, and what a text may hold (RFC 6455 §5.4, §5.6; RFC 7692 §6).

use super::facts::{Frame, Message};
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::frame::field;
use crate::wire::opcode::Opcode;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "messages/continuation-of-nothing",
        cite: Cite::ws("5.4"),
        level: Level::Must,
        word: "MUST",
        says: "A continuation goes on with a message whose first frame came before, with FIN 0.",
        why: "Without a first frame nobody knows whether it is text or binary; browsers fail the connection.",
        entails: &[],
        check: Check::Frame(continuation_of_nothing),
    },
    Rule {
        id: "messages/new-inside-another",
        cite: Cite::ws("5.4"),
        level: Level::Must,
        word: "MUST NOT",
        says: "No new message begins before the last frame of the one under way.",
        why: "Fragments carry no number: only their order tells which message they belong to.",
        entails: &[],
        check: Check::Frame(new_inside_another),
    },
    Rule {
        id: "messages/rsv1-on-continuation",
        cite: Cite::deflate("6"),
        level: Level::Must,
        word: "MUST NOT",
        says: "RSV1 is set on the first frame of a compressed message only, never on a continuation.",
        why: "Compression is a matter of the whole message, so the bit is said once, at its beginning.",
        entails: &[],
        check: Check::Frame(rsv1_on_continuation),
    },
    Rule {
        id: "messages/rsv1-on-control",
        cite: Cite::deflate("6"),
        level: Level::Must,
        word: "MUST NOT",
        says: "RSV1 is 0 on control frames: they are never compressed.",
        why: "permessage-deflate compresses data messages; a control frame must be readable at once.",
        entails: &[],
        check: Check::Frame(rsv1_on_control),
    },
    Rule {
        id: "messages/text-utf8",
        cite: Cite::ws("8.1"),
        level: Level::Must,
        word: "MUST",
        says: "The payload of a text message is UTF-8, over all its frames together.",
        why: "A receiver must fail the connection, with code 1007, on bytes that are no UTF-8.",
        entails: &[],
        check: Check::Message(text_utf8),
    },
];

fn continuation_of_nothing(f: &Frame) -> Option<Broken> {
    let nothing = f.header.opcode() == Opcode::CONTINUATION && f.open.is_none() && !f.open_unknown;
    nothing.then(|| {
        let found = "Opcode 0 goes on with a message, but none is under way.";
        Broken::at(field::OPCODE, found)
            .send(format!("{:02x} as byte 0 to begin a text message", f.header.first() | 1))
    })
}

fn new_inside_another(f: &Frame) -> Option<Broken> {
    let open = f.open.filter(|_| f.header.opcode().begins_message())?;
    let found = format!(
        "Opcode {} begins a message, but the one that frame {open} began has had no last frame.",
        f.header.opcode().0
    );
    Some(
        Broken::at(field::OPCODE, found)
            .send(format!("{:02x} as byte 0 to go on with it", f.header.first() & 0xf0)),
    )
}

fn rsv1_on_continuation(f: &Frame) -> Option<Broken> {
    let wrong = f.deflate && f.header.rsv1() && f.header.opcode() == Opcode::CONTINUATION;
    wrong.then(|| {
        let found = "RSV1 is 1 on a continuation; it belongs to the first frame of the message.";
        Broken::at(field::RSV1, found).send(format!("{:02x} as byte 0", f.header.first() & !0x40))
    })
}

fn rsv1_on_control(f: &Frame) -> Option<Broken> {
    let wrong = f.deflate && f.header.rsv1() && f.header.opcode().is_control();
    wrong.then(|| {
        let found = "RSV1 is 1 on a control frame; only data messages are compressed.";
        Broken::at(field::RSV1, found).send(format!("{:02x} as byte 0", f.header.first() & !0x40))
    })
}

fn text_utf8(m: &Message<'_>) -> Option<Broken> {
    let at = m.utf8_error?;
    let found = format!("Byte {at} of the message's payload begins no UTF-8 character.");
    Some(
        Broken::at(Bits::bytes(at, 1), found)
            .send("the text encoded as UTF-8, or a binary message (opcode 2)"),
    )
}

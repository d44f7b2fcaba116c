//! What a browser says: the sentence on Chromium's console, looked up from the bytes a server sent.
//!
//! Each sentence was seen, with Chromium 156; `tests/browser.rs` provokes them again. Chromium stops at the
//! first thing it does not like, and in an order of its own, so there is at most one sentence for each thing
//! that is judged, and it belongs to one finding. Where it is not known what Chromium would say, nothing is
//! said. Whatever the sentence, the page's `onclose` gets code 1006.

mod handshake;

use super::facts::{Frame, FrameEnd, Message, NotHttp, Rsv};
use super::framing::longer_than_needed;
use crate::wire::frame::LengthForm;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

pub use self::handshake::response;

/// A sentence, and which findings it may stand at: the first of them that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Says {
    /// The ids of the rules.
    pub rules: &'static [&'static str],
    /// The sentence.
    pub sentence: String,
}

impl Says {
    fn new(rules: &'static [&'static str], sentence: impl Into<String>) -> Option<Self> {
        Some(Self { rules, sentence: sentence.into() })
    }
}

/// What is said of something that is no HTTP.
#[must_use]
pub fn not_http(_: &NotHttp<'_>) -> Option<Says> {
    Says::new(&["response/not-http"], "net::ERR_INVALID_HTTP_RESPONSE")
}

/// What is said of a frame's header.
#[must_use]
pub fn frame(f: &Frame) -> Option<Says> {
    if f.sender == Sender::Client {
        return None;
    }
    if breaks_parser(f) {
        const RULES: &[&str] = &[
            "framing/control-fragmented",
            "framing/control-length",
            "framing/length-minimal",
            "framing/length-top-bit",
        ];
        return Says::new(RULES, INVALID_HEADER);
    }
    // Then the payload is inflated: what comes of it the header does not tell.
    if f.deflate && f.header.rsv1() && !f.header.opcode().is_control() {
        let again = f.header.opcode() == Opcode::CONTINUATION;
        return if again { Says::new(&["messages/rsv1-on-continuation"], INVALID_HEADER) } else { None };
    }
    if f.header.mask() {
        let sentence = "A server must not mask any frames that it sends to the client.";
        return Says::new(&["framing/server-masked"], sentence);
    }
    if f.header.rsv() != 0 {
        return reserved_bits(f);
    }
    match f.closed_by {
        Some(_) => after_close(f.header.opcode()),
        None => opcode(f),
    }
}

const INVALID_HEADER: &str = "Invalid frame header";

/// Whether Chromium's parser already gives up.
fn breaks_parser(f: &Frame) -> bool {
    let (opcode, len) = (f.header.opcode(), f.header.payload_len());
    let control = opcode.is_control() && (!f.header.fin() || len > 125);
    let negative = f.header.length_form() == LengthForm::SixtyFour && len >> 63 == 1;
    control || negative || longer_than_needed(f)
}

fn reserved_bits(f: &Frame) -> Option<Says> {
    // With an extension that Chromium does not offer there would be no connection.
    if matches!(f.rsv, Rsv::Unknown | Rsv::Foreign(_)) || (f.rsv != Rsv::Used(0) && !f.deflate) {
        return None;
    }
    const RULES: &[&str] = &[
        "framing/rsv1-not-agreed",
        "framing/rsv2-not-agreed",
        "framing/rsv3-not-agreed",
        "messages/rsv1-on-control",
    ];
    let bit = |is: bool| u8::from(is);
    let (one, two, three) = (bit(f.header.rsv1()), bit(f.header.rsv2()), bit(f.header.rsv3()));
    Says::new(
        RULES,
        format!(
            "One or more reserved bits are on: reserved1 = {one}, reserved2 = {two}, reserved3 = {three}"
        ),
    )
}

fn after_close(opcode: Opcode) -> Option<Says> {
    const RULES: &[&str] =
        &["closing/data-after-close", "closing/control-after-close", "closing/second-close"];
    let what = match opcode {
        Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY => "Data frame",
        Opcode::CLOSE => "Close",
        Opcode::PING => "Ping",
        Opcode::PONG => "Pong",
        _ => "Unknown frame type",
    };
    Says::new(RULES, format!("{what} received after close"))
}

fn opcode(f: &Frame) -> Option<Says> {
    let opcode = f.header.opcode();
    if opcode.is_reserved() {
        let sentence = format!("Unrecognized frame opcode: {}", opcode.0);
        return Says::new(&["framing/opcode-reserved"], sentence);
    }
    if opcode == Opcode::CONTINUATION && f.open.is_none() && !f.open_unknown {
        return Says::new(&["messages/continuation-of-nothing"], "Received unexpected continuation frame.");
    }
    // Where the open message is compressed, Chromium says other things.
    if opcode.begins_message() && f.open.is_some() && !f.deflate {
        let sentence = "Received start of new message but previous message is unfinished.";
        return Says::new(&["messages/new-inside-another"], sentence);
    }
    None
}

/// What is said of a Close.
#[must_use]
pub fn frame_end(f: &FrameEnd<'_>) -> Option<Says> {
    let close = f.close().filter(|_| f.sender == Sender::Server)?;
    if f.control.len() == 1 {
        let sentence = "Received a broken close frame with an invalid size of 1 byte.";
        return Says::new(&["closing/body-one-byte"], sentence);
    }
    if close.code?.is_never_sent() {
        let sentence = "Received a broken close frame containing a reserved status code.";
        return Says::new(&["closing/code-never-sent"], sentence);
    }
    std::str::from_utf8(close.reason).err()?;
    Says::new(&["closing/reason-utf8"], "Received a broken close frame containing invalid UTF-8.")
}

/// What is said of a message.
#[must_use]
pub fn message(m: &Message<'_>) -> Option<Says> {
    m.utf8_error.filter(|_| m.sender == Sender::Server)?;
    Says::new(&["messages/text-utf8"], "Could not decode a text frame as UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::Header;

    /// What is said of a header; `open`, `closed` and `deflate` say what came before it.
    fn said(hex: &str, open: bool, closed: bool, deflate: bool) -> Option<String> {
        let bytes = hex::decode(hex).expect("hex");
        let facts = Frame {
            header: Header::decode(&bytes).expect("a whole header"),
            sender: Sender::Server,
            roles_known: true,
            rsv: Rsv::Used(if deflate { 4 } else { 0 }),
            deflate,
            open: open.then_some(1),
            open_unknown: false,
            closed_by: closed.then_some(1),
            same_key: 1,
            early: false,
        };
        frame(&facts).map(|says| says.sentence)
    }

    /// As seen on the console of Chromium 156.
    #[test]
    fn the_first_thing_that_chromium_does_not_like() {
        const MASKED: &str = "A server must not mask any frames that it sends to the client.";
        const BITS: &str = "One or more reserved bits are on: reserved1";
        for (hex, sentence) in [
            ("b300", format!("{BITS} = 0, reserved2 = 1, reserved3 = 1")),
            ("c900", format!("{BITS} = 1, reserved2 = 0, reserved3 = 0")),
            ("0305", "Unrecognized frame opcode: 3".to_owned()),
            ("8f00", "Unrecognized frame opcode: 15".to_owned()),
            ("0b00", INVALID_HEADER.to_owned()),
            ("897e007e", INVALID_HEADER.to_owned()),
            ("c17e0005", INVALID_HEADER.to_owned()),
            ("827f8000000000000005", INVALID_HEADER.to_owned()),
            ("098500000000", INVALID_HEADER.to_owned()),
            ("81fe000500000000", INVALID_HEADER.to_owned()),
            ("c18500000000", MASKED.to_owned()),
            ("838500000000", MASKED.to_owned()),
            ("0005", "Received unexpected continuation frame.".to_owned()),
            ("c005", format!("{BITS} = 1, reserved2 = 0, reserved3 = 0")),
        ] {
            assert_eq!(said(hex, false, false, false), Some(sentence), "{hex}");
        }
        assert_eq!(said("8105", false, false, false), None);
        let unfinished = "Received start of new message but previous message is unfinished.";
        assert_eq!(said("0103", true, false, false).as_deref(), Some(unfinished));
    }

    #[test]
    fn behind_a_close_and_with_compression() {
        for (hex, sentence) in [
            ("8000", "Data frame received after close"),
            ("8104", "Data frame received after close"),
            ("8800", "Close received after close"),
            ("8900", "Ping received after close"),
            ("8b00", "Unknown frame type received after close"),
            ("0900", INVALID_HEADER),
            ("818000000000", "A server must not mask any frames that it sends to the client."),
        ] {
            assert_eq!(said(hex, false, true, false).as_deref(), Some(sentence), "{hex}");
        }
        assert_eq!(said("c004", true, false, true).as_deref(), Some(INVALID_HEADER));
        assert_eq!(said("c105", false, false, true), None);
        let bits = "One or more reserved bits are on: reserved1 = 1, reserved2 = 0, reserved3 = 0";
        assert_eq!(said("c905", false, false, true).as_deref(), Some(bits));
    }
}

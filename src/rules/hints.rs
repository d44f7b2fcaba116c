//! Hints: what most likely happened where several findings, or one that says little, have one cause.
//!
//! A hint is a guess, so it is a note, and it is made only where the bytes fit it exactly. It stands above the
//! findings that it explains; its `entails` names the rules that it may explain.

mod checks;
mod echo;
mod send;

use super::rule::{Check, Level, Rule};
use crate::wire::bits::Cite;

/// The hint that a frame is plain text, of which views show no fields.
pub(super) const UNFRAMED_TEXT: &str = "hint/unframed-text";

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: UNFRAMED_TEXT,
        cite: Cite::ws("5"),
        level: Level::Note,
        word: "",
        says: "Plain text was written to the socket, where only frames may go.",
        why: "Write the header of a frame first, two bytes at least, or let a WebSocket library do it.",
        entails: &[
            "framing/rsv1-not-agreed",
            "framing/rsv2-not-agreed",
            "framing/rsv3-not-agreed",
            "framing/opcode-reserved",
            "framing/control-fragmented",
            "framing/control-length",
            "framing/client-not-masked",
            "messages/continuation-of-nothing",
        ],
        check: Check::Several(&[
            Check::FrameEnd(checks::unframed_text),
            Check::FrameCut(checks::unframed_text_cut),
        ]),
    },
    Rule {
        id: "hint/length-little-endian",
        cite: Cite::ws("5.2"),
        level: Level::Note,
        word: "",
        says: "The length was written low byte first.",
        why: "Numbers on the wire stand high byte first. Most machines store them the other way round, so write \
              them with a function that says big-endian or BE.",
        entails: &["messages/text-utf8"],
        check: Check::FrameEnd(checks::length_little_endian),
    },
    Rule {
        id: "hint/length-one-byte",
        cite: Cite::ws("5.2"),
        level: Level::Note,
        word: "",
        says: "One byte of length was written behind 126, where two belong.",
        why: "126 announces a length in the next two bytes, 127 one in the next eight, however small it is.",
        entails: &["messages/text-utf8"],
        check: Check::FrameEnd(checks::length_one_byte),
    },
    Rule {
        id: "hint/key-at-2",
        cite: Cite::ws("5.2"),
        level: Level::Note,
        word: "",
        says: "The key was looked for at bytes 2 to 5, though the length goes on there.",
        why: "The key stands behind the whole length: at byte 2 up to 125 bytes, at byte 4 with 126, at byte 10 \
              with 127.",
        entails: &["messages/text-utf8"],
        check: Check::Message(echo::key_at_2),
    },
    Rule {
        id: "hint/one-chunk-one-frame",
        cite: Cite::ws("5.2"),
        level: Level::Note,
        word: "",
        says: "All that came in one chunk was taken for one frame, and a second frame was in it.",
        why: "TCP keeps no borders: a chunk may hold a piece of a frame, or several frames. Take as many bytes as the \
              length says and keep the rest for the next frame.",
        entails: &["messages/text-utf8"],
        check: Check::Message(echo::one_chunk_one_frame),
    },
    Rule {
        id: "hint/mask-by-server",
        cite: Cite::ws("5.1"),
        level: Level::Note,
        word: "",
        says: "The server builds its frames as a client does.",
        why: "A server leaves MASK 0, writes no key, and sends the payload as it is.",
        entails: &["framing/server-masked", "framing/key-zero"],
        check: Check::FrameEnd(checks::mask_by_server),
    },
    Rule {
        id: "hint/echo-still-masked",
        cite: Cite::ws("5.3"),
        level: Level::Note,
        word: "",
        says: "The server sends back what the client sent, still masked.",
        why: "Take the mask off first: XOR each byte with its byte of the key. Then build a frame of the server's own.",
        entails: &["framing/server-masked", "messages/text-utf8"],
        check: Check::Several(&[Check::FrameEnd(echo::masked_frame), Check::Message(echo::masked_payload)]),
    },
];

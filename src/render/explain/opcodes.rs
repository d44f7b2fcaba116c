//! The opcodes, in the order of their numbers.

use super::topic::Topic;
use crate::wire::bits::Cite;
use crate::wire::frame::field;

/// One row an opcode, the reserved ones together.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        words: &["continuation", "0"],
        title: "continuation: opcode 0",
        cite: Cite::ws("5.4"),
        bits: Some(field::OPCODE),
        is: "A later piece of the message that was begun.",
        does: "Append the payload to what you have. Whether it is text or binary the first piece said; FIN 1 ends \
               the message.",
        wrong: "Without a message under way it breaks the connection. So does opcode 1 or 2 where a continuation \
                must come.",
        example: "01 02 48 65, then 00 01 6c, then 80 02 6c 6f: Hello in three pieces",
    },
    Topic {
        words: &["text", "1"],
        title: "text: opcode 1",
        cite: Cite::ws("5.6"),
        bits: Some(field::OPCODE),
        is: "A message of UTF-8 text, or its first piece.",
        does: "onmessage gets a string. A character may be cut between two pieces: only the whole must be UTF-8.",
        wrong: "Bytes that are no UTF-8 break the connection with 1007: Latin-1 text, or binary sent as text.",
        example: "81 05 48 65 6c 6c 6f: Hello",
    },
    Topic {
        words: &["binary", "2"],
        title: "binary: opcode 2",
        cite: Cite::ws("5.6"),
        bits: Some(field::OPCODE),
        is: "A message of any bytes, or its first piece.",
        does: "onmessage gets a Blob or an ArrayBuffer, as binaryType says.",
        wrong: "A page that expects a string gets a Blob: send text with opcode 1.",
        example: "82 02 ff 00: two bytes",
    },
    Topic {
        words: &["close", "8"],
        title: "close: opcode 8",
        cite: Cite::ws("5.5.1"),
        bits: Some(field::OPCODE),
        is: "The closing handshake: the last frame that this side sends.",
        does: "Answer with a Close, usually with the same code, if you have sent none. Then the server ends TCP. \
               The payload is empty, or two bytes of code, high byte first, and a reason in UTF-8.",
        wrong: "One byte of payload is half a code. Data behind it breaks a rule. TCP that ends without it makes \
                onclose say 1006.",
        example: "88 02 03 e8: code 1000; 88 00: no code, reported as 1005",
    },
    Topic {
        words: &["ping", "9", "heartbeat", "keepalive"],
        title: "ping: opcode 9",
        cite: Cite::ws("5.5.2"),
        bits: Some(field::OPCODE),
        is: "A question: are you there? With up to 125 bytes of payload.",
        does: "Send a Pong with the same payload as soon as you can, even between the pieces of a message. Where \
               several Pings wait, the answer to the latest will do.",
        wrong: "A page's JavaScript can neither send nor see it: browsers answer by themselves. Proxies end silent \
                connections, so let the server ping.",
        example: "89 02 68 69: a Ping with hi; a server's, since MASK is 0",
    },
    Topic {
        words: &["pong", "10"],
        title: "pong: opcode 10",
        cite: Cite::ws("5.5.3"),
        bits: Some(field::OPCODE),
        is: "The answer to a Ping, with its payload; or a sign of life that nobody asked for.",
        does: "Match it with the Ping of the same payload: it answers that one and all before it. It needs no answer.",
        wrong: "A Pong with another payload than the Ping's answers nothing.",
        example: "8a 02 68 69: answers the Ping with hi",
    },
    Topic {
        words: &["reserved", "3", "4", "5", "6", "7", "11", "12", "13", "14", "15"],
        title: "3 to 7 and 11 to 15: reserved opcodes",
        cite: Cite::ws("5.2"),
        bits: Some(field::OPCODE),
        is: "Opcodes without a meaning yet: 3 to 7 for frames with data, 11 to 15 for control frames.",
        does: "Fail the connection.",
        wrong: "It usually means that what was read is no frame: a length was misread before, or the stream is text.",
        example: "83 05 48 65 6c 6c 6f: opcode 3",
    },
];

//! The fields of a frame, in the order of the wire.

use super::topic::Topic;
use crate::wire::bits::Cite;
use crate::wire::frame::field;

/// One row a field.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        words: &["fin", "fragment", "fragments", "fragmentation"],
        title: "FIN: a field of the frame",
        cite: Cite::ws("5.4"),
        bits: Some(field::FIN),
        is: "Whether this frame is the last of its message. Most messages are one frame, and have 1 here.",
        does: "0 says: more pieces follow, with opcode 0; keep what you have. 1 says: the message is whole, give it \
               to the application. onmessage fires once for each message, however many frames it has.",
        wrong: "Control frames (close, ping, pong) come whole: with FIN 0 they break the connection. After a piece \
                with FIN 0 nothing but its continuations and control frames may come.",
        example: "01 03 48 65 6c, then 80 02 6c 6f: the text Hello in two pieces",
    },
    Topic {
        words: &["rsv1", "compressed", "compression"],
        title: "RSV1: a field of the frame",
        cite: Cite::ws("5.2"),
        bits: Some(field::RSV1),
        is: "The first of three bits kept for extensions.",
        does: "With permessage-deflate agreed, 1 on the first frame of a message says that the whole message is \
               compressed (RFC 7692 §6). Without an extension it says nothing and must be 0.",
        wrong: "A 1 that nobody agreed on breaks the connection. So does a 1 on a continuation or a control frame. \
                Plain text read as a frame often has it: a letter begins with the bits 01.",
        example: "c1 07 f2 48 cd c9 c9 07 00: the text Hello, compressed; 1100 0001 has RSV1 in its second bit",
    },
    Topic {
        words: &["rsv2", "rsv"],
        title: "RSV2: a field of the frame",
        cite: Cite::ws("5.2"),
        bits: Some(field::RSV2),
        is: "The second of three bits kept for extensions. No registered extension uses it.",
        does: "Nothing: it is 0.",
        wrong: "A receiver that finds 1 must fail the connection. It usually means that what was read is no frame: \
                a length was misread before, or text was written to the socket.",
        example: "a1 05 48 65 6c 6c 6f: 1010 0001 has RSV2 in its third bit",
    },
    Topic {
        words: &["rsv3", "rsv"],
        title: "RSV3: a field of the frame",
        cite: Cite::ws("5.2"),
        bits: Some(field::RSV3),
        is: "The third of three bits kept for extensions. No registered extension uses it.",
        does: "Nothing: it is 0.",
        wrong: "A receiver that finds 1 must fail the connection. It usually means that what was read is no frame: \
                a length was misread before, or text was written to the socket.",
        example: "91 05 48 65 6c 6c 6f: 1001 0001 has RSV3 in its fourth bit",
    },
    Topic {
        words: &["opcode", "opcodes"],
        title: "opcode: a field of the frame",
        cite: Cite::ws("5.2"),
        bits: Some(field::OPCODE),
        is: "What kind of frame it is: 0 continuation, 1 text, 2 binary; 8 close, 9 ping, 10 pong. The other ten have \
             no meaning yet.",
        does: "The high bit of the four tells control frames (8 to 15) from those with data. Data makes messages; \
               control is handled at once, even between the pieces of a message.",
        wrong: "A reserved opcode breaks the connection. Later pieces of a message carry 0, not 1 or 2 again.",
        example: "81: FIN 1, opcode 1; a whole text message. 8a: FIN 1, opcode 10; a pong",
    },
    Topic {
        words: &["mask", "masked", "masking"],
        title: "MASK: a field of the frame",
        cite: Cite::ws("5.1"),
        bits: Some(field::MASK),
        is: "Whether the payload is masked. A client masks every frame, a server none.",
        does: "1 says: four bytes of key stand behind the length, and each byte of the payload is XORed with one of \
               them. 0 says: no key, the payload stands there as it is.",
        wrong: "A client's frame without a mask, or a server's with one, breaks the connection. A server that \
                echoes a client's frame must unmask it first and clear this bit.",
        example: "81 85 37 fa 21 3d 7f 9f 4d 51 58: Hello from a client; 81 05 48 65 6c 6c 6f: from a server",
    },
    Topic {
        words: &["payload len", "payload length", "length", "len", "126", "127"],
        title: "Payload len: a field of the frame",
        cite: Cite::ws("5.2"),
        bits: Some(field::PAYLOAD_LEN),
        is: "Seven bits with the length of the payload, up to 125; or 126 or 127, which announce a longer form.",
        does: "Up to 125: this is the length. 126: the next two bytes are the length. 127: the next eight bytes are. \
               The key and the header count in none of them.",
        wrong: "126 does not mean \"the next byte\", and 127 not \"four bytes in all\". The bytes stand high byte \
                first. The shortest form that fits is the only one allowed.",
        example: "81 7d: 125 bytes follow. 81 7e 00 7e: 126 bytes. 81 7f 00 00 00 00 00 01 00 00: 65536 bytes",
    },
    Topic {
        words: &["extended payload length", "extended length", "extended"],
        title: "Extended payload length: a field of the frame",
        cite: Cite::ws("5.2"),
        bits: None,
        is: "The length where seven bits are too few: two bytes behind byte 1 where Payload len is 126, eight where \
             it is 127.",
        does: "Read it high byte first. Only then comes the masking key, at byte 4 or byte 10 instead of byte 2.",
        wrong: "Low byte first makes 128 out of 00 80 into 32768. A key looked for at byte 2 is really the length. \
                The first bit of the eight bytes must be 0.",
        example: "82 7e 01 00: 256 bytes follow",
    },
    Topic {
        words: &["masking-key", "masking key", "key", "xor", "unmask"],
        title: "Masking-key: a field of the frame",
        cite: Cite::ws("5.3"),
        bits: None,
        is: "Four random bytes, new for each frame, behind the length where MASK is 1.",
        does: "Byte i of the payload was XORed with byte i mod 4 of the key. The same step takes the mask off again.",
        wrong: "The key is no secret, it stands in the frame: it keeps a page from choosing the bytes on the wire, \
                nothing more. A key that can be foreseen, or of zeros, protects nothing. In a frame longer than 125 \
                bytes it does not begin at byte 2.",
        example: "81 85 37 fa 21 3d 7f 9f 4d 51 58: 7f XOR 37 = 48, H; 9f XOR fa = 65, e",
    },
    Topic {
        words: &["payload", "payload data", "application data", "frame"],
        title: "Payload data: the rest of the frame",
        cite: Cite::ws("5.2"),
        bits: None,
        is: "As many bytes as the length says, behind the header of 2 to 14 bytes.",
        does: "Of a text message it is UTF-8 over all frames together; of a Close a code and a reason; of a Ping any \
               bytes, which the Pong sends back.",
        wrong: "One chunk from the socket is not one frame: it may hold a piece of a frame, or several. Read by the \
                length, and keep the rest for the next one.",
        example: "81 02 48 69 81 02 48 6f: two frames in one chunk",
    },
];

//! Framing: what the header of a frame may say (RFC 6455 §5).

use super::facts::{Frame, Rsv};
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::frame::{LengthForm, field};
use crate::wire::sender::Sender;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "framing/rsv1-not-agreed",
        cite: Cite::ws("5.2"),
        level: Level::Must,
        word: "MUST",
        says: "RSV1 is 0 unless an agreed extension gives it a meaning.",
        why: "The receiver cannot know what the bit does to the payload, so it must fail the connection.",
        entails: &[],
        check: Check::Frame(|f| rsv_not_agreed(f, 4, "RSV1", field::RSV1)),
    },
    Rule {
        id: "framing/rsv2-not-agreed",
        cite: Cite::ws("5.2"),
        level: Level::Must,
        word: "MUST",
        says: "RSV2 is 0 unless an agreed extension gives it a meaning.",
        why: "The receiver cannot know what the bit does to the payload, so it must fail the connection.",
        entails: &[],
        check: Check::Frame(|f| rsv_not_agreed(f, 2, "RSV2", field::RSV2)),
    },
    Rule {
        id: "framing/rsv3-not-agreed",
        cite: Cite::ws("5.2"),
        level: Level::Must,
        word: "MUST",
        says: "RSV3 is 0 unless an agreed extension gives it a meaning.",
        why: "The receiver cannot know what the bit does to the payload, so it must fail the connection.",
        entails: &[],
        check: Check::Frame(|f| rsv_not_agreed(f, 1, "RSV3", field::RSV3)),
    },
    Rule {
        id: "framing/opcode-reserved",
        cite: Cite::ws("5.2"),
        level: Level::Must,
        word: "MUST",
        says: "The opcode is one of 0, 1, 2, 8, 9 and 10.",
        why: "The other ten have no meaning yet: a receiver that meets one must fail the connection.",
        entails: &[],
        check: Check::Frame(opcode_reserved),
    },
    Rule {
        id: "framing/length-minimal",
        cite: Cite::ws("5.2"),
        level: Level::Must,
        word: "MUST",
        says: "The length is written in the shortest of its three forms.",
        why: "One length, one spelling: several would let two readers of the same bytes disagree.",
        entails: &[],
        check: Check::Frame(length_minimal),
    },
    Rule {
        id: "framing/length-top-bit",
        cite: Cite::ws("5.2"),
        level: Level::Must,
        word: "MUST",
        says: "The first bit of a 64-bit length is 0.",
        why: "So the length fits a signed number too; with a 1 it would read as negative in many languages.",
        entails: &[],
        check: Check::Frame(length_top_bit),
    },
    Rule {
        id: "framing/client-not-masked",
        cite: Cite::ws("5.1"),
        level: Level::Must,
        word: "MUST",
        says: "A client masks every frame.",
        why: "Masking keeps a page from choosing the bytes on the wire, with which it could fool a proxy; \
              a server must close the connection on a frame without a mask.",
        entails: &[],
        check: Check::Frame(client_not_masked),
    },
    Rule {
        id: "framing/server-masked",
        cite: Cite::ws("5.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A server masks no frame.",
        why: "Only what a client sends could fool a proxy, so only clients mask; a client must close the \
              connection on a masked frame.",
        entails: &[],
        check: Check::Frame(server_masked),
    },
    Rule {
        id: "framing/control-fragmented",
        cite: Cite::ws("5.5"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A control frame has FIN 1: it is never cut into fragments.",
        why: "Control frames may stand between the fragments of a message, so they cannot have fragments themselves.",
        entails: &[],
        check: Check::Frame(control_fragmented),
    },
    Rule {
        id: "framing/control-length",
        cite: Cite::ws("5.5"),
        level: Level::Must,
        word: "MUST",
        says: "A control frame carries at most 125 bytes.",
        why: "So its length always stands in byte 1, and it can be handled at once, whatever else is under way.",
        entails: &[],
        check: Check::Frame(control_length),
    },
    Rule {
        id: "framing/key-zero",
        cite: Cite::ws("5.3"),
        level: Level::Note,
        word: "",
        says: "A masking key of zeros masks nothing.",
        why: "XOR with 0 leaves each byte as it was. The key must be unpredictable; four zeros may come by \
              chance once in four billion frames, but usually mean that masking was switched off.",
        entails: &[],
        check: Check::Frame(key_zero),
    },
    Rule {
        id: "framing/key-repeated",
        cite: Cite::ws("5.3"),
        level: Level::Note,
        word: "",
        says: "Each frame gets a new masking key.",
        why: "A key that can be foreseen protects nothing: whoever knows it can choose the bytes on the wire.",
        entails: &[],
        check: Check::Frame(key_repeated),
    },
];

/// How many frames in a row may use the same key before it is noted.
pub const SAME_KEY: u32 = 4;

/// The reserved bits that are set without an agreed meaning; none where what was agreed is unknown.
pub(super) const fn rsv_without_meaning(f: &Frame) -> u8 {
    match f.rsv {
        Rsv::Unknown | Rsv::Foreign(_) => 0,
        Rsv::PerFrame => f.header.rsv() & !4,
        Rsv::Used(used) => f.header.rsv() & !used,
    }
}

fn rsv_not_agreed(f: &Frame, bit: u8, name: &str, bits: Bits) -> Option<Broken> {
    (rsv_without_meaning(f) & bit != 0).then(|| {
        let first = f.header.first() & !(bit << 4);
        Broken::at(
            bits,
            format!("{name} is 1, but the handshake agreed on no extension that gives it a meaning."),
        )
        .send(format!("{first:02x} as byte 0"))
    })
}

fn opcode_reserved(f: &Frame) -> Option<Broken> {
    let opcode = f.header.opcode();
    opcode.is_reserved().then(|| {
        let kind = if opcode.is_control() { "control" } else { "data" };
        Broken::at(
            field::OPCODE,
            format!("Opcode {} is reserved for a {kind} frame yet to be defined.", opcode.0),
        )
        .send("opcode 1 for text, 2 for bytes, 8 to close, 9 to ping, 10 to answer a ping")
    })
}

/// Whether the form is longer than the length needs.
pub(super) const fn longer_than_needed(f: &Frame) -> bool {
    let (form, len) = (f.header.length_form(), f.header.payload_len());
    form.bits() > LengthForm::shortest(len).bits()
}

fn length_minimal(f: &Frame) -> Option<Broken> {
    longer_than_needed(f).then(|| {
        let (form, len) = (f.header.length_form(), f.header.payload_len());
        let shortest = LengthForm::shortest(len);
        let bits = Bits::new(field::PAYLOAD_LEN.at, 7 + f.header.extended_bits().len);
        let found =
            format!("The length {len} is written in {} bits; {} hold it.", form.bits(), shortest.bits());
        Broken::at(bits, found).send(length_bytes(f.header.mask(), len))
    })
}

/// Byte 1 and the extended length as they should stand for `len` bytes.
fn length_bytes(mask: bool, len: u64) -> String {
    let mask = if mask { 0x80 } else { 0 };
    match LengthForm::shortest(len) {
        LengthForm::Seven => format!("{:02x} as byte 1, and no extended length", mask | len as u8),
        LengthForm::Sixteen => {
            format!("{:02x} {:02x} {:02x} as bytes 1 to 3", mask | 126, len >> 8, len & 0xff)
        }
        LengthForm::SixtyFour => format!("{:02x} as byte 1, then the length in 8 bytes", mask | 127),
    }
}

fn length_top_bit(f: &Frame) -> Option<Broken> {
    let set = f.header.length_form() == LengthForm::SixtyFour && f.header.payload_len() >> 63 == 1;
    set.then(|| {
        let found =
            format!("The first of the 64 bits is 1: the length would be {} bytes.", f.header.payload_len());
        Broken::at(field::BEHIND.then(1), found).send("the number of bytes that follow, high byte first")
    })
}

fn client_not_masked(f: &Frame) -> Option<Broken> {
    (f.roles_known && f.sender == Sender::Client && !f.header.mask()).then(|| {
        Broken::at(field::MASK, "This frame comes from the client, and its MASK bit is 0.").send(format!(
            "{:02x} as byte 1, a random key of four bytes before the payload, the payload XORed with it",
            f.header.second() | 0x80
        ))
    })
}

fn server_masked(f: &Frame) -> Option<Broken> {
    (f.roles_known && f.sender == Sender::Server && f.header.mask()).then(|| {
        Broken::at(field::MASK, "This frame comes from the server, and its MASK bit is 1.")
            .send(format!("{:02x} as byte 1, no key, the payload as it is", f.header.second() & 0x7f))
    })
}

fn control_fragmented(f: &Frame) -> Option<Broken> {
    let opcode = f.header.opcode();
    (opcode.is_control() && !f.header.fin()).then(|| {
        let name = opcode.name().unwrap_or("reserved");
        let found = format!("Opcode {} ({name}) is a control frame: FIN must be 1.", opcode.0);
        Broken::at(field::FIN, found).send(format!("{:02x} as byte 0", f.header.first() | 0x80))
    })
}

fn control_length(f: &Frame) -> Option<Broken> {
    let (opcode, len) = (f.header.opcode(), f.header.payload_len());
    (opcode.is_control() && len > 125).then(|| {
        let bits = Bits::new(field::PAYLOAD_LEN.at, 7 + f.header.extended_bits().len);
        let name = opcode.name().unwrap_or("control frame");
        Broken::at(bits, format!("This {name} announces {len} bytes; 125 is the most."))
            .send("at most 125 bytes, in one frame")
    })
}

fn key_zero(f: &Frame) -> Option<Broken> {
    (f.header.key()?.0 == [0; 4] && f.sender == Sender::Client).then(|| {
        Broken::at(f.header.key_bits(), "The masking key is 00 00 00 00: the payload stands there as it is.")
    })
}

fn key_repeated(f: &Frame) -> Option<Broken> {
    let key = f.header.key()?.0;
    (f.same_key == SAME_KEY && f.sender == Sender::Client && key != [0; 4]).then(|| {
        let [a, b, c, d] = key;
        let found =
            format!("The key {a:02x} {b:02x} {c:02x} {d:02x} is used for the {SAME_KEY}th frame in a row.");
        Broken::at(f.header.key_bits(), found).send("four new random bytes as the key of each frame")
    })
}

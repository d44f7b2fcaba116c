//! Hints that one frame gives.

use super::echo;
use super::send::message;
use crate::rules::facts::{Behind, FrameCut, FrameEnd, Landing};
use crate::rules::quote::{hex, plain, quote};
use crate::rules::rule::Broken;
use crate::wire::bits::Bits;
use crate::wire::frame::{Header, LengthForm};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Where a hint about a frame points: to its header.
pub(super) const fn header_bits(header: &Header) -> Bits {
    Bits::bytes(0, header.header_len() as u64)
}

/// The frame's bytes as they were sent: its header, and as much of its payload as is known.
pub(super) fn sent(header: &Header, prefix: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    bytes.extend_from_slice(prefix);
    bytes
}

pub(super) fn unframed_text(f: &FrameEnd<'_>) -> Option<Broken> {
    f.suspicious.then_some(())?;
    let bytes = sent(&f.header, f.prefix);
    let text = text_in(&bytes)?;
    if f.text_goes_on {
        return Some(text_goes_on(header_bits(&f.header), text));
    }
    let broken = text_found(header_bits(&f.header), text);
    // A frame that was cut ends with all that came: only then is the whole text known.
    let whole = f.partial && f.prefix.len() < crate::rules::facts::PREFIX;
    Some(broken.send(if whole {
        message(f.sender, Opcode::TEXT, &bytes)
    } else {
        let bit =
            if f.sender == Sender::Client { "MASK 1, the length, four bytes of key" } else { "the length" };
        format!("81, {bit}, then the text; `wslens encode --text` prints such a frame")
    }))
}

pub(super) fn unframed_text_cut(f: &FrameCut) -> Option<Broken> {
    let bytes = f.header.bytes();
    let text = text_in(bytes)?;
    let bits = Bits::bytes(0, bytes.len() as u64);
    if f.text_goes_on {
        return Some(text_goes_on(bits, text));
    }
    Some(text_found(bits, text).send(message(f.sender, Opcode::TEXT, bytes)))
}

/// What it means, and what to send, was said of the frame before.
fn text_goes_on(bits: Bits, text: &str) -> Broken {
    Broken::at(bits, format!("The plain text goes on: {}.", quote(text.as_bytes())))
}

fn text_found(bits: Bits, text: &str) -> Broken {
    let two: String = text.chars().take(2).collect();
    let found = format!(
        "These bytes are plain text: {}. Until the 101 the socket speaks HTTP, after it only frames: {} was read as \
         bytes 0 and 1 of one.",
        quote(text.as_bytes()),
        quote(two.as_bytes()),
    );
    Broken::at(bits, found)
}

/// The bytes as text, where they are nothing else: no frame begins so.
fn text_in(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may be cut.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let first = *bytes.first()?;
    // Letters have a reserved bit set. These three may begin a compressed message, so they must go on as text.
    let least = if matches!(first, b'@' | b'A' | b'B') { 8 } else { 2 };
    let is_text = |ch: char| matches!(ch, '\t' | '\r' | '\n') || !ch.is_control();
    (bytes.len() >= least && first.is_ascii() && text.chars().all(is_text)).then_some(text)
}

/// Whether a frame of this sender may begin there, or all that came ends there.
fn is_boundary(f: &FrameEnd<'_>, landing: Landing) -> bool {
    // Zeros are common in payloads, so continuations and first pieces are no sign of a frame.
    let begins = |first: u8| matches!(first, 0x81 | 0x82 | 0x88..=0x8a);
    match landing.behind {
        Behind::Nothing => true,
        Behind::One(first) => begins(first),
        Behind::Two([first, second]) => begins(first) && (second & 0x80 != 0) == (f.sender == Sender::Client),
    }
}

/// What stands there, in words.
const fn there(landing: Landing) -> &'static str {
    match landing.behind {
        Behind::Nothing => "and just so many came",
        Behind::One(_) | Behind::Two(_) => "and there the next frame begins",
    }
}

pub(super) fn length_little_endian(f: &FrameEnd<'_>) -> Option<Broken> {
    let landing = f.probe.swapped.filter(|landing| f.partial && is_boundary(f, *landing))?;
    // Who wrote it chose the form by the true length. It is the shorter one: that of a frame of which bytes were lost may read the same
    // both ways.
    let is_meant = LengthForm::shortest(landing.at) == f.header.length_form();
    (is_meant && landing.at < f.header.payload_len()).then_some(())?;
    let len = f.header.payload_len();
    let bytes = extended(&f.header);
    let found = format!(
        "The length bytes {} say {len}, and so many never came. Low byte first they say {}, {}.",
        hex(&bytes),
        landing.at,
        there(landing)
    );
    Some(Broken::at(f.header.extended_bits(), found).send(length_bytes(&f.header, landing.at)))
}

pub(super) fn length_one_byte(f: &FrameEnd<'_>) -> Option<Broken> {
    let landing = f.probe.one_byte.filter(|landing| f.partial && is_boundary(f, *landing))?;
    let [high, low] = extended(&f.header)[..] else { return None };
    let meant = u64::from(high);
    (meant > 125).then(|| {
        let found = format!(
            "Behind 126 the bytes {high:02x} {low:02x} say {}, and so many never came. {high:02x} alone says {meant}, {}: \
             {low:02x} belongs to what follows.",
            f.header.payload_len(),
            there(landing)
        );
        Broken::at(f.header.extended_bits(), found).send(length_bytes(&f.header, meant))
    })
}

/// The bytes of the extended length, as they were sent.
fn extended(header: &Header) -> Vec<u8> {
    let mut bytes = sent(header, &[]);
    bytes.truncate(2 + header.length_form().extended_bytes());
    bytes.split_off(2)
}

/// The first bytes of the same frame with this length.
fn length_bytes(header: &Header, len: u64) -> String {
    let right = Header::new(header.first(), len, LengthForm::shortest(len), header.key());
    let mut bytes = sent(&right, &[]);
    bytes.truncate(2 + right.length_form().extended_bytes());
    format!("{} as the first {} bytes", hex(&bytes), bytes.len())
}

pub(super) fn mask_by_server(f: &FrameEnd<'_>) -> Option<Broken> {
    let key =
        f.header.key().filter(|_| f.roles_known && f.sender == Sender::Server && !f.prefix.is_empty())?;
    if echo::is_same_frame(f) {
        return None;
    }
    let mut payload = f.prefix.to_vec();
    key.apply(&mut payload);
    let is = match std::str::from_utf8(&payload) {
        Ok(_) => quote(&payload),
        Err(_) => plain(hex(&payload).as_bytes()),
    };
    let found =
        format!("The server masked this frame with the key {}. Without the mask it is {is}.", hex(&key.0));
    let whole = f.header.payload_len() == payload.len() as u64;
    let send = if whole && f.header.fin() && f.header.opcode().begins_message() {
        message(Sender::Server, f.header.opcode(), &payload)
    } else {
        format!("{:02x} as byte 1, no key, the payload as it is", f.header.second() & 0x7f)
    };
    Some(Broken::at(header_bits(&f.header), found).send(send))
}

//! Hints that an echo gives: what the server sends back tells how it read the client's frame.

use super::checks::{header_bits, sent};
use super::send::message;
use crate::rules::facts::{ClientFrame, FrameEnd, Message};
use crate::rules::quote::{hex, quote};
use crate::rules::rule::Broken;
use crate::wire::bits::Bits;
use crate::wire::frame::LengthForm;
use crate::wire::mask::MaskingKey;
use crate::wire::sender::Sender;

/// Fewer bytes than this may agree by chance.
const LEAST: usize = 4;

/// Where a hint about a message points: to what is known of its payload.
const fn payload_bits(m: &Message<'_>) -> Bits {
    Bits::bytes(0, m.prefix.len() as u64)
}

/// The client's frame that a server's message may be an echo of.
const fn echoed<'a>(m: &Message<'a>) -> Option<&'a ClientFrame> {
    match m.sender {
        Sender::Server => m.earlier,
        Sender::Client => None,
    }
}

/// Whether both begin alike, as far as both are known, and that is no chance.
fn agree(one: &[u8], other: &[u8]) -> bool {
    one.len().min(other.len()) >= LEAST && one.iter().zip(other).all(|(a, b)| a == b)
}

pub(super) fn key_at_2(m: &Message<'_>) -> Option<Broken> {
    let frame = echoed(m)?;
    let form = frame.header.length_form();
    frame.header.key().filter(|_| form != LengthForm::Seven)?;
    let bytes = sent(&frame.header, &frame.prefix);
    let wrong = MaskingKey(*bytes.get(2..)?.first_chunk::<4>()?);
    // The payload was taken from behind that key, or from where it really begins.
    [6, frame.header.header_len()].into_iter().find(|&start| {
        let mut payload = bytes.get(start..).unwrap_or_default().to_vec();
        wrong.apply(&mut payload);
        agree(&payload, m.prefix)
    })?;
    let at = frame.header.header_len() - 4;
    let found = format!(
        "This is the payload of the client's frame {}, XORed with {}: its bytes 2 to 5, which begin with the length. \
         Its key stands at bytes {at} to {}.",
        frame.number,
        hex(&wrong.0),
        at + 3
    );
    let key = frame.header.key()?;
    let mut payload = frame.prefix.clone();
    key.apply(&mut payload);
    let send = format!("the payload XORed with {}; it begins {}", hex(&key.0), quote(&payload));
    Some(Broken::at(payload_bits(m), found).send(send))
}

pub(super) fn one_chunk_one_frame(m: &Message<'_>) -> Option<Broken> {
    let frame = echoed(m)?;
    let second = sent(&frame.header, &frame.prefix);
    let at = (1..m.prefix.len()).find(|&at| {
        let rest = m.prefix.get(at..).unwrap_or_default();
        // Were the first four bytes masked like the second frame's, the key would be this.
        let key: Vec<u8> = rest.iter().zip(&second).take(4).map(|(a, b)| a ^ b).collect();
        let mut masked = rest.iter().zip(&second).zip(key.iter().cycle());
        let enough = rest.len().min(second.len()) >= 4 + LEAST;
        enough && key.iter().any(|&byte| byte != 0) && masked.all(|((a, b), key)| a ^ b == *key)
    })?;
    let first = m.prefix.get(..at).unwrap_or_default();
    let found = format!(
        "Behind {} stands the client's frame {}, header and all, unmasked with the key of the frame before it: both came \
         in one chunk.",
        quote(first),
        frame.number
    );
    Some(Broken::at(payload_bits(m), found).send(message(Sender::Server, m.opcode, first)))
}

/// Whether a server's frame is the client's frame, byte for byte.
pub(super) fn is_same_frame(f: &FrameEnd<'_>) -> bool {
    f.sender == Sender::Server
        && f.roles_known
        && f.earlier
            .is_some_and(|frame| frame.header == f.header && frame.header.mask() && frame.prefix == f.prefix)
}

pub(super) fn masked_frame(f: &FrameEnd<'_>) -> Option<Broken> {
    let frame = f.earlier.filter(|_| is_same_frame(f))?;
    let found = format!("This is the client's frame {}, byte for byte, mask and key too.", frame.number);
    Some(Broken::at(header_bits(&f.header), found).send(unmasked(frame)))
}

pub(super) fn masked_payload(m: &Message<'_>) -> Option<Broken> {
    let frame = echoed(m)?;
    let key = frame.header.key()?;
    let whole = sent(&frame.header, &frame.prefix);
    let what = if m.wire_len == frame.header.payload_len() && agree(m.prefix, &frame.prefix) {
        "the payload of the client's"
    } else if agree(m.prefix, &whole) {
        "the whole of the client's"
    } else {
        return None;
    };
    let found = format!("This is {what} frame {}, still masked with the key {}.", frame.number, hex(&key.0));
    Some(Broken::at(payload_bits(m), found).send(unmasked(frame)))
}

/// The client's message as the server should send it back, where all of it is known.
fn unmasked(frame: &ClientFrame) -> String {
    let mut payload = frame.prefix.clone();
    if let Some(key) = frame.header.key() {
        key.apply(&mut payload);
    }
    if frame.header.payload_len() == payload.len() as u64 && frame.header.opcode().begins_message() {
        return message(Sender::Server, frame.header.opcode(), &payload);
    }
    "a header of the server's own, MASK 0, and the payload without the mask".to_owned()
}

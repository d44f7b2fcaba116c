//! A frame, written again from what its line says.

use std::borrow::Cow;

use serde_json::Value;

use crate::wire::frame::{Header, LengthForm};
use crate::wire::mask::MaskingKey;

/// What a frame is made of on the wire.
pub(super) enum Piece<'a> {
    Bytes(&'a [u8]),
    /// So many bytes that are not here.
    Gap(u64),
}

/// Gives the frame of a line in pieces, its first byte alone.
///
/// It has `len` bytes, and those of `payload` stand behind its header, without those of `gaps`, which count from its first
/// byte, and `omitted` more behind them.
pub(super) fn write<E>(
    line: &Value,
    len: u64,
    payload: &[u8],
    gaps: &[(u64, u64)],
    omitted: u64,
    give: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let Some(header) = header(line) else { return cut_header(line, len, give) };
    let mut bytes = Vec::with_capacity(16);
    header.encode(&mut bytes);
    pieces(&header, &bytes, payload, gaps, give)?;
    if omitted > 0 { give(Piece::Gap(omitted)) } else { Ok(()) }
}

fn pieces<E>(
    header: &Header,
    head: &[u8],
    payload: &[u8],
    gaps: &[(u64, u64)],
    give: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let (first, rest) = head.split_at_checked(1).unwrap_or((head, &[]));
    give(Piece::Bytes(first))?;
    give(Piece::Bytes(rest))?;
    let (mut at, mut left) = (0u64, payload);
    for (place, lost) in gaps {
        let place = place.saturating_sub(head.len() as u64);
        let before = usize::try_from(place.saturating_sub(at)).unwrap_or(usize::MAX).min(left.len());
        let (piece, more) = left.split_at(before);
        give(Piece::Bytes(&masked(header, piece, at)))?;
        give(Piece::Gap(*lost))?;
        at = at.saturating_add(before as u64).saturating_add(*lost);
        left = more;
    }
    give(Piece::Bytes(&masked(header, left, at)))
}

/// A piece of the payload as it was sent, `at` bytes behind its beginning.
fn masked<'a>(header: &Header, piece: &'a [u8], at: u64) -> Cow<'a, [u8]> {
    let Some(key) = header.key() else { return piece.into() };
    let mut piece = piece.to_vec();
    key.at_phase(at).apply(&mut piece);
    piece.into()
}

/// Of a header that never came whole its first two bytes at most are told.
fn cut_header<E>(line: &Value, len: u64, give: &mut impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
    let seven = match (
        line.get("length_bits").and_then(Value::as_u64),
        line.get("payload_len").and_then(Value::as_u64),
    ) {
        (Some(16), _) => Some(126),
        (Some(64), _) => Some(127),
        (Some(7), Some(len)) => u8::try_from(len).ok(),
        _ => None,
    };
    let mask = if line.get("mask") == Some(&Value::Bool(true)) { 0x80 } else { 0 };
    let second = line.get("mask").and_then(Value::as_bool).and(seven).map(|seven| seven & 0x7f | mask);
    let bytes: Vec<u8> = first(line).into_iter().chain(first(line).and(second)).collect();
    give(Piece::Bytes(&bytes))?;
    match len.saturating_sub(bytes.len() as u64) {
        0 => Ok(()),
        lost => give(Piece::Gap(lost)),
    }
}

fn first(line: &Value) -> Option<u8> {
    let bit = |key: &str, value: u8| line.get(key)?.as_bool().map(|set| if set { value } else { 0 });
    let opcode = line.get("opcode")?.as_u64().and_then(|opcode| u8::try_from(opcode).ok())?;
    Some(bit("fin", 0x80)? | bit("rsv1", 0x40)? | bit("rsv2", 0x20)? | bit("rsv3", 0x10)? | opcode & 0xf)
}

/// Bytes of a frame's header, where it came whole.
pub(super) fn header_len(line: &Value) -> Option<u64> {
    header(line).map(|header| header.header_len() as u64)
}

fn header(line: &Value) -> Option<Header> {
    let first = first(line)?;
    let len = line.get("payload_len")?.as_u64()?;
    let form = match line.get("length_bits")?.as_u64()? {
        7 => LengthForm::Seven,
        16 => LengthForm::Sixteen,
        64 => LengthForm::SixtyFour,
        _ => return None,
    };
    let key = match line.get("mask")?.as_bool()? {
        false => None,
        true => Some(MaskingKey(hex::decode(line.get("masking_key")?.as_str()?).ok()?.try_into().ok()?)),
    };
    (len <= form.most()).then(|| Header::new(first, len, form, key))
}

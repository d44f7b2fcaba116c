//! What bytes tell of being a frame, in bits: n bits are what one of 2^n places in noise has (RFC 6455 §5).

use crate::wire::close::CloseBody;
use crate::wire::frame::{Header, LengthForm};
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Bytes of payload that are looked at.
pub(super) const LOOKED_AT: usize = 32;

/// What a header tells that breaks no rule: of the first byte's 256 values a dozen are left, and the MASK bit is known.
const HEADER: u32 = 5;

/// What an empty frame without a mask tells: zeros are everywhere.
const EMPTY: u32 = 2;

/// What a 64-bit length tells whose upper half is 0; less than it seems, since zeros are everywhere.
const LONG: u32 = 16;

/// The most that text, or the reason of a Close, tells where it is not masked: that a header stands at its beginning is
/// all that it can tell.
const TEXT: u32 = 16;

/// What a header and the bytes around it tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tells {
    /// The bits of the header's first two bytes, and of what comes behind them.
    pub(super) header: u32,
    pub(super) more: u32,
    /// Those of a payload that is text; they count where the text does not go on behind it.
    pub(super) text: u32,
    /// Whether the header itself reads as text that goes on.
    pub(super) in_text: bool,
}

/// What frames of a sender must look like.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    mask: bool,
    /// The reserved bits that a first frame of a message may have: 4 is RSV1.
    rsv: u8,
    /// The first two bytes of every frame that came before.
    usual: Option<[u8; 2]>,
}

impl Expected {
    /// What is expected of a sender (§5.1); `rsv` are the reserved bits that may have a meaning: RSV1 is 4.
    #[must_use]
    pub const fn of(sender: Sender, rsv: u8) -> Self {
        Self { mask: matches!(sender, Sender::Client), rsv, usual: None }
    }

    /// Where every frame before began with the same two bytes: those.
    #[must_use]
    pub const fn with_usual(self, usual: Option<[u8; 2]>) -> Self {
        Self { usual, ..self }
    }

    /// Whether these bytes begin as every frame did before.
    pub(super) fn is_usual(&self, bytes: &[u8]) -> bool {
        self.usual.is_some_and(|usual| bytes.starts_with(&usual))
    }

    /// Whether a frame may begin with these bytes (§5.1, §5.2, §5.5).
    pub(super) fn may_begin(&self, bytes: &[u8]) -> bool {
        match *bytes {
            [first, second, ..] => (second & 0x80 != 0) == self.mask && self.may_be_first(first),
            _ => false,
        }
    }

    const fn may_be_first(&self, first: u8) -> bool {
        let (fin, rsv) = (first & 0x80 != 0, first >> 4 & 7);
        match first & 0xf {
            0 => rsv == 0,
            1 | 2 => rsv & !self.rsv == 0,
            8..=10 => fin && rsv == 0,
            _ => false,
        }
    }
}

/// What `header` tells, which stands in front of `bytes` and behind `before`; none where it breaks a rule.
pub(super) fn tells(header: &Header, before: &[u8], bytes: &[u8]) -> Option<Tells> {
    let (opcode, len) = (header.opcode(), header.payload_len());
    if header.length_form() != LengthForm::shortest(len)
        || opcode.is_control() && len > 125
        || len > u64::from(u32::MAX)
    {
        return None;
    }
    let long = if header.length_form() == LengthForm::SixtyFour { LONG } else { 0 };
    let mut buffer = [0; LOOKED_AT];
    let payload = bytes.get(header.header_len()..).unwrap_or_default();
    let looked_at = usize::try_from(len).unwrap_or(usize::MAX).min(LOOKED_AT);
    let payload = payload.get(..looked_at).unwrap_or(payload);
    let key = header.key().unwrap_or(MaskingKey([0; 4]));
    let plain = key.apply_into(payload, &mut buffer);
    // What a key makes text of was masked with it. Where there is none, text may be anywhere; and where the key may be
    // that of a longer header, this one may be nothing but the end of its length.
    let hidden = key != MaskingKey([0; 4]) && !ends_a_length(before);
    let in_text = !hidden && goes_on_text(before, bytes);
    let (content, text) = match opcode {
        Opcode::CLOSE => match close(plain, len)? {
            bits if hidden => (bits, 0),
            _ if in_text => (0, 0),
            bits => (bits.min(TEXT), 0),
        },
        Opcode::TEXT if !header.rsv1() => match text(plain)? {
            bits if hidden => (0, bits),
            _ if in_text => (0, 0),
            bits => (0, bits.min(TEXT)),
        },
        _ => (0, 0),
    };
    let header = match (header.mask(), header.first(), len) {
        (false, 0, _) => 0,
        (false, _, 0) => EMPTY,
        _ => HEADER,
    };
    Some(Tells { header, more: long + content, text, in_text })
}

/// What it tells that a text is text: a bit a byte at least; none where it cannot be.
fn text(plain: &[u8]) -> Option<u32> {
    let text = match str::from_utf8(plain) {
        Ok(text) => text,
        // The rest of the character lies behind what is looked at, or in the next piece of the message.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(plain.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return None,
    };
    Some(if is_strange(text) { 0 } else { u32::try_from(text.len()).unwrap_or(0) })
}

/// Whether a text has characters that hardly any text has.
fn is_strange(text: &str) -> bool {
    text.chars().any(|ch| ch.is_control() && !matches!(ch, '\n' | '\r' | '\t'))
}

/// What the body of a Close tells; none where it has a code that no Close has (§7.4).
fn close(plain: &[u8], len: u64) -> Option<u32> {
    if len == 0 || plain.len() < 2 {
        return (len != 1).then_some(0);
    }
    let body = CloseBody::decode(plain);
    let valid = body.code.is_some_and(|code| (1000..5000).contains(&code.0));
    let reason = text(body.reason)?;
    valid.then_some(reason + 3)
}

/// Whether two bytes behind these may be the end of an extended length of a masked frame, so that its key would stand
/// where theirs does (RFC 6455 §5.2).
fn ends_a_length(before: &[u8]) -> bool {
    let second = |form: usize| before.len().checked_sub(form - 1).and_then(|at| before.get(at)).copied();
    second(2) == Some(0xfe) || second(8) == Some(0xff)
}

/// Whether the bytes in front of a payload read as text that merely goes on.
fn goes_on_text(before: &[u8], bytes: &[u8]) -> bool {
    let last = before.len().saturating_sub(3);
    let before = before.get(last..).unwrap_or_default();
    let joined = [before, bytes.get(..2).unwrap_or(bytes)].concat();
    // Whatever stood before the first of them may have begun the character that they end.
    let cut = joined.iter().take_while(|byte| **byte & 0xc0 == 0x80).count();
    match str::from_utf8(joined.get(cut..).unwrap_or_default()) {
        Ok(text) => !is_strange(text),
        Err(error) => error.error_len().is_none(),
    }
}

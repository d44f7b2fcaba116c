//! The groups of digits in a row.

use super::width;
use crate::input::error::Fault;
use crate::input::hex::stray;
use crate::input::text::{Line, eight, is_hex, pair};

/// How the bytes of a row are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Pairs of hex digits in the order of the bytes, grouped or not.
    Pairs,
    /// Groups of hex digits that are little-endian numbers: `hexdump`, `od -x`, `xxd -e`.
    Swapped,
    /// Groups of eight bits: `xxd -b`.
    Bits,
}

impl Kind {
    /// What a row looks like.
    pub(super) fn of(data: Line<'_>, colon: bool) -> Self {
        let first =
            data.text.split(u8::is_ascii_whitespace).find(|group| !group.is_empty()).unwrap_or_default();
        if first.len() <= 2 {
            return Self::Pairs;
        }
        if !colon {
            return Self::Swapped;
        }
        // Behind a colon all of them are found; only the text column tells xxd from xxd -e and xxd -b.
        let by_text = |kind: &Self| width::by_text(data, *kind).is_some();
        // xxd -e sets a short group to the right.
        let order = if data.text.starts_with(b"   ") {
            [Self::Bits, Self::Swapped, Self::Pairs]
        } else {
            [Self::Bits, Self::Pairs, Self::Swapped]
        };
        order.into_iter().find(by_text).unwrap_or(Self::Pairs)
    }

    pub(super) const fn is_swapped(self) -> bool {
        matches!(self, Self::Swapped)
    }

    /// The first byte or word of `rest`, and how much of the text it takes.
    fn next(self, rest: &[u8], to: &mut Vec<u8>) -> Option<usize> {
        match (self, rest) {
            (Self::Pairs, [high, low, ..]) => {
                to.push(pair(*high, *low)?);
                Some(2)
            }
            (Self::Pairs, _) => None,
            (Self::Swapped, _) => {
                let group = group(rest)?;
                let (pairs, odd) = group.as_chunks::<2>();
                if !odd.is_empty() || !is_hex(group) {
                    return None;
                }
                to.extend(pairs.iter().rev().filter_map(|[high, low]| pair(*high, *low)));
                Some(group.len())
            }
            (Self::Bits, _) => {
                let group = group(rest).filter(|group| group.len() == 8)?;
                let byte = u8::from_str_radix(std::str::from_utf8(group).ok()?, 2).ok()?;
                to.push(byte);
                Some(8)
            }
        }
    }
}

fn group(rest: &[u8]) -> Option<&[u8]> {
    rest.split(|byte| byte.is_ascii_whitespace()).next().filter(|group| !group.is_empty())
}

/// What may stand between two groups; a dash stands in the middle of some rows.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'-')
}

/// Eight bytes at the front, in one of the usual groupings.
#[inline]
fn eight_bytes(text: &[u8], kind: Kind) -> Option<([u8; 8], &[u8])> {
    match (kind, text) {
        (Kind::Pairs, [_, _, b' ', ..]) => eight::<1, 23>(text),
        (Kind::Pairs, _) => eight::<2, 19>(text),
        (Kind::Swapped, _) => {
            let (mut bytes, behind) = eight::<2, 19>(text)?;
            // A longer group is no 16-bit word.
            behind.first().is_none_or(u8::is_ascii_whitespace).then_some(())?;
            for word in bytes.as_chunks_mut::<2>().0 {
                word.swap(0, 1);
            }
            Some((bytes, behind))
        }
        (Kind::Bits, _) => None,
    }
}

/// Reads `len` bytes, and gives what stands behind them.
#[inline]
pub(super) fn append<'a>(
    data: Line<'a>,
    kind: Kind,
    len: usize,
    to: &mut Vec<u8>,
) -> Result<Line<'a>, Fault> {
    let end = to.len() + len;
    let mut rest = data.text;
    while to.len() < end {
        if end - to.len() >= 8
            && let Some((eight, behind)) = eight_bytes(rest, kind)
        {
            to.extend_from_slice(&eight);
            rest = behind.strip_prefix(b" ").unwrap_or(behind);
            continue;
        }
        if kind == Kind::Pairs
            && let [high, low, behind @ ..] = rest
            && let Some(byte) = pair(*high, *low)
        {
            to.push(byte);
            rest = behind.strip_prefix(b" ").unwrap_or(behind);
            continue;
        }
        rest = match rest {
            [blank, behind @ ..] if is_blank(*blank) => behind,
            _ => match kind.next(rest, to) {
                Some(used) => rest.get(used..).unwrap_or_default(),
                None => return Err(fault(data, data.text.len() - rest.len())),
            },
        };
    }
    to.truncate(end);
    Ok(data.skip(data.text.len() - rest.len()))
}

/// The bytes at the front of a row, each with the end of its text, up to anything else; at most `most`.
pub(super) fn front(data: Line<'_>, kind: Kind, most: usize) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    let mut at = 0;
    while bytes.len() < most {
        let rest = data.text.get(at..).unwrap_or_default();
        if rest.first().is_some_and(|byte| is_blank(*byte)) {
            at += 1;
            continue;
        }
        let Some(used) = kind.next(rest, &mut bytes) else { break };
        at += used;
        ends.resize(bytes.len(), at);
    }
    (bytes, ends)
}

/// Whether another group stands behind one blank: too many bytes, or a text column that looks like one.
#[inline]
pub(super) fn begins_with_group(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let [high, low, behind @ ..] = rest else { return false };
    let ends = behind.first().is_none_or(|byte| is_blank(*byte) || byte.is_ascii_hexdigit());
    pair(*high, *low).is_some() && ends
}

/// What is wrong at `at` of a row, where no byte could be read.
pub(super) fn fault(data: Line<'_>, at: usize) -> Fault {
    let rest = data.skip(at);
    match rest.text {
        [digit, next @ ..] if digit.is_ascii_hexdigit() => match next.first() {
            Some(next) if !is_blank(*next) => stray_at(rest.skip(1)),
            _ => Fault::new(rest.at, "a digit without its partner: a byte is two hex digits"),
        },
        _ => stray_at(rest),
    }
}

fn stray_at(rest: Line<'_>) -> Fault {
    Fault { at: rest.at, ..stray(rest.text, 0) }
}

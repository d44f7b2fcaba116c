//! Literals and copies: the inside of a compressed block (RFC 1951 §3.2.3, §3.2.5).
//!
//! One loop in two forms. The plain form runs while input, window and budget have room for a whole step, and so
//! asks for none of them on the way. The other form, [`EDGE`](decode), looks before each symbol whether its bits
//! are here, and takes a symbol whole or not at all: so input may be cut anywhere, and nothing else needs a state
//! in the middle of a symbol.

use super::codes::Codes;
use super::fault::{Code, FaultKind};
use super::observe::{Observer, Seen, Symbol};
use super::reader::BitReader;
use super::table::Entry;
use super::window::{self, LAP, LONGEST, SIZE, Window};

/// The most plain bytes that a step makes: two literals and a copy.
const STEP: usize = 2 + LONGEST;

/// Input that a step of the plain form may want to see: it fills up twice.
const AHEAD: usize = 16;

/// Why the loop stopped.
pub(super) enum Exit {
    /// The room for whole steps is used up, or the lap is full.
    Edge,
    /// The next symbol is not all here yet.
    Hungry,
    /// The block has ended.
    End,
    /// A symbol makes more than the budget allows; it is not used.
    Full,
    /// A copy that needs a closer look, or goes beyond the budget; its symbols are used.
    Copy(Copy),
    /// Not DEFLATE, from this bit on.
    Fault(FaultKind, u64),
}

/// A length and a distance.
pub(super) struct Copy {
    pub(super) len: usize,
    pub(super) distance: usize,
    /// The first bit of the distance's code.
    pub(super) at: u64,
}

/// Reads symbols until something stops it. `allowed` is the agreed window, `room` the budget.
///
/// An observer sees each symbol: it makes the loop take the other form, and leave it at each copy.
pub(super) fn decode<O: Observer>(
    codes: &Codes,
    reader: &mut BitReader<'_>,
    window: &mut Window,
    allowed: usize,
    room: usize,
    observer: &mut O,
) -> Exit {
    let start = window.pos;
    let plain_form = !O::OBSERVES && room > STEP && reader.rest.len() >= AHEAD;
    let exit = if plain_form {
        run::<false, O>(codes, reader, window, allowed, room, observer)
    } else {
        run::<true, O>(codes, reader, window, allowed, room, observer)
    };
    window.mark_known(start);
    exit
}

#[inline(always)]
fn run<const EDGE: bool, O: Observer>(
    codes: &Codes,
    reader_then: &mut BitReader<'_>,
    window: &mut Window,
    allowed: usize,
    room: usize,
    observer: &mut O,
) -> Exit {
    let (mut reader, mut pos, past) = (*reader_then, window.pos, window.past());
    let bytes: &mut [u8; SIZE] = &mut window.bytes;
    let full = pos.saturating_add(room);
    let stop = if EDGE { LAP } else { LAP.min(full - STEP) };
    let exit = loop {
        if pos >= stop || !EDGE && reader.rest.len() < AHEAD {
            break Exit::Edge;
        }
        reader.refill();
        let before = reader;
        let mut entry = codes.litlen(reader.hold);
        // Of the 56 bits that are here now, two short literals use 20, and a length at most 20.
        if !EDGE && entry.is_literal() {
            put(bytes, &mut pos, &mut reader, entry);
            entry = codes.litlen(reader.hold);
            if entry.is_literal() {
                put(bytes, &mut pos, &mut reader, entry);
                entry = codes.litlen(reader.hold);
            }
        }
        if entry.is_pointer() {
            entry = codes.long_litlen(entry, reader.hold);
        }
        if EDGE && entry.len() > reader.count {
            break Exit::Hungry;
        }
        if entry.is_literal() {
            if EDGE && pos == full {
                break Exit::Full;
            }
            if O::OBSERVES {
                observer.saw(Seen::Literal(symbol(entry, &reader)));
            }
            put(bytes, &mut pos, &mut reader, entry);
            continue;
        }
        if entry.is_special() {
            if entry.is_end() {
                if O::OBSERVES {
                    observer.saw(Seen::EndOfBlock(symbol(entry, &reader)));
                }
                reader.skip(entry.len());
                break Exit::End;
            }
            break Exit::Fault(bad_litlen(entry), reader.position());
        }
        let len = (entry.value() + entry.extra(reader.hold)) as usize;
        let length = if O::OBSERVES { Some(symbol(entry, &reader)) } else { None };
        reader.skip(entry.len());
        if !EDGE {
            reader.refill();
        }
        let entry = codes.distance(reader.hold);
        if EDGE && entry.len() > reader.count {
            reader = before;
            break Exit::Hungry;
        }
        if entry.is_special() {
            break Exit::Fault(bad_distance(entry), reader.position());
        }
        let distance = (entry.value() + entry.extra(reader.hold)) as usize;
        if let Some(length) = length {
            observer.saw(Seen::Pair(length, symbol(entry, &reader)));
        }
        reader.skip(entry.len());
        let from = past.back(pos, distance);
        let silent =
            !O::OBSERVES && distance <= past.free(pos).min(allowed) && past.in_one_piece(pos, from, len);
        if !silent || EDGE && pos + len > full {
            let at = reader.position() - u64::from(entry.len());
            break Exit::Copy(Copy { len, distance, at });
        }
        window::copy(bytes, from, pos, len);
        pos += len;
    };
    (*reader_then, window.pos) = (reader, pos);
    exit
}

/// The symbol at which the reader stands.
#[inline(always)]
const fn symbol(entry: Entry, reader: &BitReader<'_>) -> Symbol {
    Symbol::new(entry, reader.position(), reader.hold)
}

/// Uses a literal.
#[inline(always)]
fn put(bytes: &mut [u8; SIZE], pos: &mut usize, reader: &mut BitReader<'_>, literal: Entry) {
    if let Some(to) = bytes.get_mut(*pos) {
        *to = literal.value() as u8;
    }
    *pos += 1;
    reader.skip(literal.len());
}

const fn bad_litlen(entry: Entry) -> FaultKind {
    match entry.value() {
        0 => FaultKind::NoSuchCode(Code::LiteralLength),
        symbol => FaultKind::ReservedLength(symbol as u16),
    }
}

const fn bad_distance(entry: Entry) -> FaultKind {
    match entry.value() {
        0 => FaultKind::NoSuchCode(Code::Distance),
        symbol => FaultKind::ReservedDistance(symbol as u16),
    }
}

//! The history that copies reach back into: the last 32 KiB of plain bytes (RFC 1951 §3.2.5, RFC 7692 §7.1).
//!
//! The buffer is somewhat longer than 32 KiB and is written in laps: from the front to wherever the last copy of
//! a lap ends, then from the front again. So a copy never wraps while it writes, it may write a few bytes too
//! many in whole chunks, and the 32 KiB behind the writing position are always there.

use super::marks::Marks;

/// The furthest that any distance reaches.
pub(super) const REACH: usize = 32 * 1024;

/// The longest copy.
pub(super) const LONGEST: usize = 258;

/// Copies are made in chunks of this many bytes, the last one reaching beyond the copy's end.
const CHUNK: usize = 16;

/// A lap ends with the step that gets here. What chunks wrote too much lies beyond every distance's reach.
pub(super) const LAP: usize = REACH + 4 * CHUNK;

/// A lap, the longest step (two literals and a copy) and a chunk too much, in whole words of marks.
pub(super) const SIZE: usize = (LAP + 2 + LONGEST + CHUNK).next_multiple_of(64);

/// Plain bytes on their way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain<'a> {
    /// The next bytes.
    Known(&'a [u8]),
    /// That many bytes were copied out of history that is not here.
    Unknown(usize),
}

/// Where plain bytes go.
pub(super) type Sink<'s> = dyn FnMut(Plain<'_>) + 's;

pub(super) struct Window {
    pub(super) bytes: Box<[u8; SIZE]>,
    /// Where the next byte goes.
    pub(super) pos: usize,
    /// Where the lap before this one ended.
    end: usize,
    /// Plain bytes before this lap.
    before: u64,
    /// Where what the sink has not seen yet begins.
    undelivered: usize,
    /// No copy may silently reach in front of this plain byte.
    floor: u64,
    /// Which bytes are unknown; none where all within reach are known.
    marks: Option<Box<Marks>>,
    /// The plain byte behind the last unknown one.
    unknown_end: u64,
}

impl Window {
    /// With nothing sent so far, or with 32 KiB and more sent that nobody saw.
    pub(super) fn new(lost: bool) -> Self {
        let mut window = Self {
            bytes: zeroes(),
            pos: 0,
            end: 0,
            before: 0,
            undelivered: 0,
            floor: 0,
            marks: None,
            unknown_end: 0,
        };
        if lost {
            window.lose();
        }
        window
    }

    /// From here on, all that came before is unknown.
    pub(super) fn lose(&mut self) {
        self.before = LAP as u64;
        (self.pos, self.end, self.undelivered) = (0, LAP, 0);
        (self.floor, self.unknown_end) = (self.before, self.before);
        self.marks = Some(Box::new(Marks::all()));
    }

    /// Bytes that it occupies.
    pub(super) fn memory(&self) -> usize {
        SIZE + self.marks.as_ref().map_or(0, |_| size_of::<Marks>())
    }

    /// Plain bytes sent since the beginning, as far as that matters to a distance.
    pub(super) const fn sent(&self) -> u64 {
        self.before + self.pos as u64
    }

    /// A message begins that may not reach in front of itself.
    pub(super) const fn set_floor(&mut self) {
        self.floor = self.sent();
    }

    /// Bytes behind the floor: what a copy may reach by the agreement.
    pub(super) const fn above_floor(&self) -> u64 {
        self.sent() - self.floor
    }

    /// What is behind, for a loop that keeps `pos` to itself.
    pub(super) fn past(&self) -> Past {
        let unknown = if self.marks.is_some() { self.unknown_end } else { 0 };
        Past { end: self.end, carry: self.before.wrapping_sub(self.floor.max(unknown)) as usize }
    }

    /// Takes bytes as they are, as many as the lap has room for.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let to = self.bytes.get_mut(self.pos..).and_then(|free| free.get_mut(..bytes.len()));
        if let Some(to) = to {
            to.copy_from_slice(bytes);
            self.pos += bytes.len();
        }
    }

    /// Copies byte by byte, unknown ones as unknown, from history that may be cut in two.
    pub(super) fn copy_slowly(&mut self, len: usize, distance: usize) {
        let past = self.past();
        for _ in 0..len {
            let from = past.back(self.pos, distance);
            let byte = self.bytes.get(from).copied().unwrap_or_default();
            if let Some(to) = self.bytes.get_mut(self.pos) {
                *to = byte;
            }
            if let Some(marks) = &mut self.marks {
                let unknown = marks.is_set(from);
                marks.set(self.pos, unknown);
                if unknown {
                    self.unknown_end = self.before + self.pos as u64 + 1;
                }
            }
            self.pos += 1;
        }
    }

    /// What such a copy will write, `?` for each unknown byte, and how many of those there are.
    pub(super) fn preview(&self, len: usize, distance: usize, show: impl FnOnce(&[u8], usize)) {
        let (past, mut text, mut unknown) = (self.past(), [0; LONGEST], 0);
        for (i, to) in text.iter_mut().take(len).enumerate() {
            let from = past.back(self.pos, distance - i % distance.max(1));
            *to = self.bytes.get(from).copied().unwrap_or_default();
            if self.marks.as_ref().is_some_and(|marks| marks.is_set(from)) {
                (*to, unknown) = (b'?', unknown + 1);
            }
        }
        show(text.get(..len).unwrap_or_default(), unknown);
    }

    /// The bytes from `start` up to here were not copied out of unknown ones.
    pub(super) fn mark_known(&mut self, start: usize) {
        if let Some(marks) = &mut self.marks {
            marks.clear(start..self.pos);
        }
    }

    /// Hands out what is new, and gives how many bytes of it are unknown.
    pub(super) fn deliver(&mut self, sink: &mut Sink<'_>) -> u64 {
        let new = self.undelivered..self.pos;
        self.undelivered = self.pos;
        match &self.marks {
            _ if new.is_empty() => 0,
            None => {
                sink(Plain::Known(self.bytes.get(new).unwrap_or_default()));
                0
            }
            Some(marks) => {
                let mut unknown = 0;
                for (run, is_unknown) in marks.runs(new) {
                    if is_unknown {
                        unknown += run.len() as u64;
                        sink(Plain::Unknown(run.len()));
                    } else {
                        sink(Plain::Known(self.bytes.get(run).unwrap_or_default()));
                    }
                }
                if self.sent() - self.unknown_end >= REACH as u64 {
                    self.marks = None;
                }
                unknown
            }
        }
    }

    /// Begins a new lap where this one is full; what is new must have been handed out.
    pub(super) const fn wrap(&mut self) {
        self.before += self.pos as u64;
        (self.end, self.pos, self.undelivered) = (self.pos, 0, 0);
    }
}

/// Where earlier bytes stand, seen from a position in the lap.
#[derive(Clone, Copy)]
pub(super) struct Past {
    /// Where the lap before this one ended.
    end: usize,
    /// What to add to the position for the number of bytes within free reach; it may wrap around to less.
    carry: usize,
}

impl Past {
    /// How far back copies may reach without a closer look: all is known there, and none of it refused.
    #[inline(always)]
    pub(super) const fn free(self, pos: usize) -> usize {
        pos.wrapping_add(self.carry)
    }

    /// Where the byte `distance` back stands; it must have been sent.
    #[inline(always)]
    pub(super) const fn back(self, pos: usize, distance: usize) -> usize {
        if distance <= pos { pos - distance } else { (pos + self.end).wrapping_sub(distance) }
    }

    /// Whether `len` bytes from `from` on stand there in one piece.
    #[inline(always)]
    pub(super) const fn in_one_piece(self, pos: usize, from: usize, len: usize) -> bool {
        from < pos || from + len <= self.end
    }
}

/// Zeroes on the heap that never were on the stack.
fn zeroes() -> Box<[u8; SIZE]> {
    match vec![0; SIZE].into_boxed_slice().try_into() {
        Ok(bytes) => bytes,
        Err(_) => Box::new([0; SIZE]),
    }
}

/// Copies `len` bytes within the buffer, in chunks; writes up to a chunk too much behind them.
#[inline(always)]
pub(super) fn copy(bytes: &mut [u8; SIZE], from: usize, to: usize, len: usize) {
    if to.wrapping_sub(from) >= CHUNK {
        copy_chunks::<CHUNK>(bytes, from, to, len);
    } else {
        copy_overlapping(bytes, from, to, len);
    }
}

#[inline(always)]
fn copy_chunks<const N: usize>(bytes: &mut [u8; SIZE], mut from: usize, mut to: usize, len: usize) {
    let end = to + len;
    loop {
        let Some(&chunk) = bytes.get(from..).and_then(<[u8]>::first_chunk::<N>) else { return };
        let Some(place) = bytes.get_mut(to..).and_then(<[u8]>::first_chunk_mut::<N>) else { return };
        *place = chunk;
        (from, to) = (from + N, to + N);
        if to >= end {
            return;
        }
    }
}

/// A copy that reads what it has just written: a pattern of `to - from` bytes, again and again.
#[inline(never)]
fn copy_overlapping(bytes: &mut [u8; SIZE], from: usize, to: usize, len: usize) {
    let distance = to - from;
    if distance >= 8 {
        return copy_chunks::<8>(bytes, from, to, len);
    }
    let Some(&pattern) = bytes.get(from..).and_then(<[u8]>::first_chunk::<8>) else { return };
    let mut repeated = pattern;
    for (i, byte) in repeated.iter_mut().enumerate() {
        *byte = pattern.get(i % distance).copied().unwrap_or_default();
    }
    // As many whole patterns as fit into eight bytes, so that each store begins where a pattern does.
    let step = 8 - 8 % distance;
    let mut at = to;
    while at < to + len {
        let Some(place) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<8>) else { return };
        *place = repeated;
        at += step;
    }
}

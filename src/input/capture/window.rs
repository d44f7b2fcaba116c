//! A capture file while it is read: the bytes that are needed next, and where they stand in the file.

use std::io::Read;

use super::super::error::InputError;
use super::super::source::fill;
use super::{Damage, Trouble};

/// Bytes that are asked for at once, where they do not come slower.
const PIECE: usize = 256 * 1024;

/// The most bytes that are needed at once: longer than any packet or block that a capture program writes.
pub(super) const LONGEST: usize = 32 * 1024 * 1024;

/// What was read of a file and not used.
pub(super) struct Window<R> {
    name: String,
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where the byte at `start` stands in the file.
    offset: u64,
    /// Whether the file ended.
    over: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(name: &str, reader: R) -> Self {
        let name = name.to_owned();
        Self { name, reader, buffer: vec![0; PIECE], start: 0, end: 0, offset: 0, over: false }
    }

    /// Goes on in other memory, with the bytes that are here; the former is given back.
    pub(super) fn go_on_in(&mut self, memory: &mut Vec<u8>) {
        let here = self.bytes().len();
        if memory.len() < here {
            memory.resize(here, 0);
        }
        if let Some(to) = memory.get_mut(..here) {
            to.copy_from_slice(self.bytes());
        }
        std::mem::swap(&mut self.buffer, memory);
        (self.start, self.end) = (0, here);
    }

    /// Where the next byte stands in the file.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes of the file were read.
    pub(super) const fn read(&self) -> u64 {
        self.offset + (self.end - self.start) as u64
    }

    /// Whether the file ended.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// The bytes that are here.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until `len` bytes are here, [`LONGEST`] at most, and no longer than that; false where the file ends before.
    #[inline]
    pub(super) fn need(&mut self, len: usize) -> Result<bool, InputError> {
        if self.end - self.start >= len { Ok(true) } else { self.read_up_to(len) }
    }

    #[inline(never)]
    fn read_up_to(&mut self, len: usize) -> Result<bool, InputError> {
        while self.end - self.start < len {
            if self.over {
                return Ok(false);
            }
            self.make_room(len);
            let free = self.buffer.get_mut(self.end..).unwrap_or_default();
            match fill(&self.name, &mut self.reader, free)? {
                0 => self.over = true,
                more => self.end += more,
            }
        }
        Ok(true)
    }

    /// Room for at least one byte more. The buffer grows with the bytes that came, not with what somebody claims.
    fn make_room(&mut self, len: usize) {
        if self.start > 0 && (self.start == self.end || self.start + len > self.buffer.len()) {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }

    /// The first `len` bytes are done with.
    pub(super) fn take(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.offset += len as u64;
    }

    /// Passes over `len` bytes, which need not be here; false where the file ends before.
    pub(super) fn skip(&mut self, mut len: u64) -> Result<bool, InputError> {
        loop {
            let here = (self.end - self.start).min(usize::try_from(len).unwrap_or(usize::MAX));
            self.take(here);
            len -= here as u64;
            if len == 0 {
                return Ok(true);
            }
            if !self.need(1)? {
                return Ok(false);
            }
        }
    }

    /// The file ends inside something that began at `at`.
    pub(super) fn cut(&self, at: u64, what: &str, needed: u64) -> Damage {
        let here = self.offset + (self.end - self.start) as u64 - at;
        Damage {
            at,
            what: format!(
                "the file ends inside {what}: {here} of its {needed} bytes are there; what came before was read"
            ),
        }
    }

    /// The error that stops reading here.
    pub(super) fn error(&self, trouble: Trouble) -> InputError {
        match trouble {
            Trouble::Damage(Damage { at, what }) => InputError::Damaged { name: self.name.clone(), at, what },
            Trouble::Read(error) => error,
        }
    }
}

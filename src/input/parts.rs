//! A capture that is read part by part, each on whatever thread has time for it.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use super::Options;
use super::capture::{self, Reading};
use super::emit::{Emitted, Emitter, Stop};
use super::error::InputError;
use super::sniff::Guess;
use super::source::fill;
use crate::session::others::Others;
use crate::session::segment::Segment;

/// Bytes that tell a capture.
const MAGIC: usize = 4;

/// A capture file, and how far it was read.
#[expect(missing_debug_implementations, reason = "what it reads from has none")]
pub struct Parts<'r> {
    reading: Reading<Box<dyn Read + Send + 'r>>,
    emitted: Emitted,
    /// How it ended, when it has.
    end: Option<Result<(), Stop>>,
}

impl<'r> Parts<'r> {
    /// Opens a capture, and says in `notice` what it is read as. None where it is no capture, or packed.
    ///
    /// # Errors
    /// Where its beginning cannot be read.
    pub fn open(
        name: &str,
        mut reader: impl Read + Send + 'r,
        options: &Options,
        notice: &mut dyn FnMut(&str),
    ) -> Result<Option<Self>, InputError> {
        let mut head = [0; MAGIC];
        let mut len = 0;
        while let Some(rest) = head.get_mut(len..).filter(|rest| !rest.is_empty()) {
            match fill(name, &mut reader, rest)? {
                0 => break,
                more => len += more,
            }
        }
        let head = head.get(..len).unwrap_or_default().to_vec();
        let Some(format) = capture::recognise(&head) else { return Ok(None) };
        if options.format.is_some_and(|wanted| wanted != format) {
            return Ok(None);
        }
        if options.format.is_none() && !options.terse {
            notice(&Guess::new(format).says());
        }
        let reader: Box<dyn Read + Send + 'r> = Box::new(Cursor::new(head).chain(reader));
        Ok(Some(Self {
            reading: Reading::new(name, format, reader, options),
            emitted: Emitted::new(options.first_connection),
            end: None,
        }))
    }

    /// Reads on as far as the bytes go that are read into `memory` at once, or to the end: then `notice` gets what there is to
    /// say of all. Whether more is left.
    pub fn go_on(
        &mut self,
        memory: &mut Vec<u8>,
        notice: &mut dyn FnMut(&str),
        each: &mut dyn FnMut(Segment<'_>) -> ControlFlow<()>,
    ) -> bool {
        if self.end.is_none() {
            let mut to = Emitter::behind(std::mem::take(&mut self.emitted), each);
            self.end = match self.reading.round(memory, notice, &mut to) {
                Ok(false) => None,
                Ok(true) => Some(to.finish()),
                Err(stop) => Some(Err(stop)),
            };
            self.emitted = to.emitted();
        }
        self.end.is_none()
    }

    /// How many connections began, how many TCP connections carry no WebSocket, and why the file could not be read to its
    /// end, where it was to be.
    #[must_use]
    pub fn finish(self) -> (u32, Others, Option<InputError>) {
        let error = match self.end {
            Some(Err(Stop::Bad(error))) => Some(error),
            None | Some(Ok(()) | Err(Stop::Closed)) => None,
        };
        (self.emitted.connections(), self.emitted.others, error)
    }
}

//! Takes the lines of all threads, in the order of the segments.

use std::io::{self, Write};

use super::Written;
use super::dealer::Order;
use crate::cli::stages::belt::{Getter, Load};
use crate::render::json::JsonLines;

/// What all threads write.
#[derive(Debug)]
pub(super) struct Merge(Vec<Source>);

/// What one of them writes.
#[derive(Debug)]
struct Source {
    boxes: Getter<Written>,
    /// The box at hand.
    written: Written,
    /// How many of its bytes, and of its segments, were taken.
    taken: usize,
    segments: usize,
}

impl Merge {
    pub(super) fn new(sources: Vec<Getter<Written>>) -> Self {
        let source = |boxes| Source { boxes, written: Written::default(), taken: 0, segments: 0 };
        Self(sources.into_iter().map(source).collect())
    }

    /// Writes all lines, in this order.
    ///
    /// # Errors
    /// Where the output takes no more: all threads will hear of it.
    pub(super) fn write(mut self, order: Getter<Order>, lines: &mut JsonLines<impl Write>) -> io::Result<()> {
        order.each(|order| {
            order.threads().try_for_each(|thread| match self.0.get_mut(thread) {
                Some(source) => source.segment(lines),
                None => Ok(()),
            })
        })
    }
}

impl Source {
    /// Writes the lines of the next segment; none where the thread has ended before it.
    fn segment(&mut self, lines: &mut JsonLines<impl Write>) -> io::Result<()> {
        loop {
            let end = self.written.ends.get(self.segments).copied();
            let len = self.written.bytes.len();
            lines.lines(self.written.bytes.get(self.taken..end.unwrap_or(len)).unwrap_or_default())?;
            if let Some(end) = end {
                (self.taken, self.segments) = (end, self.segments + 1);
                if self.segments == self.written.ends.len() && end == len {
                    self.give_back();
                }
                return Ok(());
            }
            self.give_back();
            match self.boxes.next() {
                Some(written) => self.written = written,
                None => return Ok(()),
            }
        }
    }

    /// The box is empty.
    fn give_back(&mut self) {
        if self.written.size() > 0 {
            self.boxes.give_back(std::mem::take(&mut self.written));
        }
        (self.taken, self.segments) = (0, 0);
    }
}

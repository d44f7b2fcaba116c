//! Follows the connections that were dealt to a thread, and writes their lines.

use std::cell::RefCell;
use std::io::{self, Write};

use super::Written;
use super::dealer::Dealt;
use super::turns::Turns;
use crate::cli::pipeline::Pipeline;
use crate::cli::stages::belt::{FULL, Getter, Giver};
use crate::render::json::JsonLines;
use crate::session::segment::Segment;

/// Bytes that go into a box at once, at most.
const PIECE: usize = FULL / 4;

/// A thread that follows connections.
pub(super) struct Worker<'a> {
    place: Place<'a>,
    pipeline: &'a mut Pipeline,
    lines: JsonLines<Into<'a>>,
    to: &'a RefCell<Giver<Written>>,
}

/// How far a thread is. When it ends, for whatever reason, nobody waits for it any more.
struct Place<'a> {
    me: usize,
    turns: &'a Turns,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turns.reach(self.me, u64::MAX);
    }
}

/// Writes into a box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Into<'a>(pub(super) &'a RefCell<Giver<Written>>);

impl Write for Into<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // No box is much more than full: large ones would be waited for.
        let bytes = bytes.get(..PIECE).unwrap_or(bytes);
        let put = self.0.borrow_mut().put(|written| written.bytes.extend_from_slice(bytes));
        if put.is_continue() { Ok(bytes.len()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Worker<'a> {
    /// The thread with this number, which writes through `lines` into the boxes of `to`.
    pub(super) const fn new(
        me: usize,
        turns: &'a Turns,
        pipeline: &'a mut Pipeline,
        lines: JsonLines<Into<'a>>,
        to: &'a RefCell<Giver<Written>>,
    ) -> Self {
        Self { place: Place { me, turns }, pipeline, lines, to }
    }

    /// Takes all that is dealt. Where nobody takes what it writes, that is no error of its own.
    pub(super) fn work(mut self, segments: Getter<Dealt>) {
        _ = segments.each(|dealt| {
            dealt.each(|turn, segment| self.segment(turn, segment))?;
            let Place { me, turns } = self.place;
            turns.reach(me, dealt.end());
            self.pass()
        });
    }

    fn segment(&mut self, turn: u64, segment: &Segment<'_>) -> io::Result<()> {
        let Place { me, turns } = self.place;
        turns.reach(me, turn);
        if self.pipeline.needs_order(segment) {
            self.pass()?;
            turns.wait(turn);
        }
        let (lines, mut went) = (&mut self.lines, Ok(()));
        self.pipeline.feed(segment, &mut |shown| {
            if went.is_ok() {
                went = lines.show(shown);
            }
        });
        went?;
        self.lines.flush()?;
        let mut giver = self.to.borrow_mut();
        let written = giver.filling();
        written.ends.push(written.bytes.len());
        Ok(())
    }

    /// Gives on what was written by now.
    fn pass(&self) -> io::Result<()> {
        let mut giver = self.to.borrow_mut();
        if giver.filling().ends.is_empty() || giver.pass().is_continue() {
            return Ok(());
        }
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

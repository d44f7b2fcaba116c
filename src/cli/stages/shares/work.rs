//! Follows the connections that were dealt to a thread, and writes what is shown of them.

use std::cell::RefCell;
use std::io::{self, Write};

use super::crew::{Crew, Task};
use super::dealer::{Dealt, ROUND};
use super::desk::Desk;
use super::merge::{Mark, Written};
use super::turns::Turns;
use crate::cli::pipeline::Pipeline;
use crate::cli::view::View;
use crate::render::collect::Shown;
use crate::render::gathered::Gathered;
use crate::session::segment::Segment;

/// Bytes of a long line that are put onto the desk at once.
const PIECE: usize = 64 * 1024;

/// A thread that follows connections.
pub(super) struct Worker<'a, 's> {
    place: Place<'a, 's>,
    pipeline: &'a mut Pipeline,
    view: View<Into<'a>>,
    to: &'a RefCell<To<'a>>,
}

/// How far a thread is. When it ends, for whatever reason, nobody waits for it any more.
struct Place<'a, 's> {
    me: usize,
    turns: &'a Turns,
    desk: &'a dyn Desk,
    crew: &'a Crew<'s>,
}

impl Drop for Place<'_, '_> {
    fn drop(&mut self) {
        self.crew.leave();
        self.turns.reach(self.me, u64::MAX);
        self.desk.leave(self.me);
    }
}

/// What a thread puts onto the desk.
pub(super) struct To<'a> {
    me: usize,
    turns: &'a Turns,
    desk: &'a dyn Desk,
    /// The place of the segment that is followed.
    turn: u64,
    /// Of what is gathered and not there.
    marks: Vec<Mark>,
    /// What to fill next.
    room: Gathered,
}

/// Where a view writes what it cannot hold.
pub(super) struct Into<'a>(pub(super) &'a RefCell<To<'a>>);

impl<'a> To<'a> {
    pub(super) fn new(me: usize, turns: &'a Turns, desk: &'a dyn Desk) -> Self {
        Self { me, turns, desk, turn: 0, marks: Vec::new(), room: Gathered::default() }
    }

    /// It says how far the thread is first, as there may be no room.
    fn put(&mut self, text: Gathered) -> io::Result<()> {
        self.turns.reach(self.me, self.turn);
        let marks = std::mem::take(&mut self.marks);
        Written { text: self.room, marks: self.marks } = self.desk.put(self.me, Written { text, marks })?;
        Ok(())
    }

    /// Puts the first bytes of what is gathered there, which no mark needs to follow.
    fn put_copy(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.marks.partition_point(|mark| mark.end <= bytes.len());
        let mut behind = self.marks.split_off(before);
        behind.iter_mut().for_each(|mark| mark.end -= bytes.len());
        self.marks.push(Mark { end: bytes.len(), lead: 0, connection: 0, whole: false });
        self.put(bytes.into())?;
        self.marks.append(&mut behind);
        Ok(())
    }
}

impl Write for Into<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = bytes.get(..PIECE).unwrap_or(bytes);
        self.0.borrow_mut().put_copy(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a, 's> Worker<'a, 's> {
    /// The thread that puts onto the desk what `view` writes.
    pub(super) fn new(
        crew: &'a Crew<'s>,
        pipeline: &'a mut Pipeline,
        view: View<Into<'a>>,
        to: &'a RefCell<To<'a>>,
    ) -> Self {
        let To { me, turns, desk, .. } = *to.borrow();
        Self { place: Place { me, turns, desk, crew }, pipeline, view, to }
    }

    /// Does what is to be done, until all is. Where nobody takes what it writes, that is no error of its own.
    pub(super) fn work(mut self, notice: &mut dyn FnMut(&str)) -> View<Into<'a>> {
        let Place { me, desk, crew, .. } = self.place;
        // Its own, so that it stays in the core's cache.
        let mut memory = vec![0; ROUND];
        while let Some(task) = crew.next(me) {
            match task {
                Task::Deal(mut dealer, mut boxes) => {
                    let more = dealer.deal(&mut memory, &mut boxes, desk, notice);
                    crew.dealt(dealer, boxes, more);
                }
                Task::Follow(dealt) => {
                    if self.follow(&dealt).is_err() {
                        break;
                    }
                    crew.followed(dealt);
                }
            }
        }
        self.view
    }

    fn follow(&mut self, dealt: &Dealt) -> io::Result<()> {
        dealt.each(|turn, segment| self.segment(turn, segment))?;
        self.place.turns.reach(self.place.me, dealt.end());
        pass(&mut self.view, self.to)
    }

    fn segment(&mut self, turn: u64, segment: &Segment<'_>) -> io::Result<()> {
        let Self { place: Place { me, turns, .. }, pipeline, view, to } = self;
        to.borrow_mut().turn = turn;
        if pipeline.needs_order(segment) {
            pass(view, to)?;
            turns.reach(*me, turn);
            turns.wait(turn);
        }
        let connection = segment.connection;
        let (mut went, mut led) = (Ok(()), false);
        let mut mark = |view: &View<_>, whole: bool| {
            let lead = if std::mem::replace(&mut led, true) { 0 } else { view.lead() };
            to.borrow_mut().marks.push(Mark { end: view.gathered(), lead, connection, whole });
        };
        view.begin_segment();
        pipeline.feed(segment, &mut |shown| {
            if went.is_ok() {
                went = show(view, shown, |view| {
                    mark(view, false);
                    pass(view, to)
                });
            }
        });
        went?;
        view.end_segment();
        mark(view, true);
        Ok(())
    }
}

/// Shows something; `full` takes what is gathered where that is much.
#[inline]
fn show<W: Write>(
    view: &mut View<W>,
    shown: &Shown<'_>,
    mut full: impl FnMut(&mut View<W>) -> io::Result<()>,
) -> io::Result<()> {
    view.begin(shown)?;
    loop {
        if view.is_full() {
            full(view)?;
        }
        if !view.go_on(shown)? {
            return Ok(());
        }
    }
}

/// Puts onto the desk what was written by now.
fn pass(view: &mut View<Into<'_>>, to: &RefCell<To<'_>>) -> io::Result<()> {
    let room = std::mem::take(&mut to.borrow_mut().room);
    let gathered = view.give_away(room)?;
    let mut to = to.borrow_mut();
    if to.marks.is_empty() { Ok(()) } else { to.put(gathered.unwrap_or_default()) }
}

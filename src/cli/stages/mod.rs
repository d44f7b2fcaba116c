//! A large capture is shared out among as many threads as there are cores, where what is shown of a connection depends on no
//! other one: [`shares`]. Any other large input is read on one thread and followed and shown on another.
//!
//! What is shown, and in which order, is what a single thread shows. Memory stays bounded: what one thread makes goes to the
//! next in few boxes. Where the output takes no more, each thread hears of it.

mod belt;
mod segments;
mod shares;

use std::ops::ControlFlow;
use std::thread::{self, available_parallelism};

use self::belt::{Giver, belt};
use self::segments::Segments;
pub(super) use self::shares::share_out;
use super::inputs::{InputArgs, Manner, Outcome, Source, Taker};
use crate::session::segment::Segment;

/// A file must be that large to be worth the threads: less is shown in the time that it takes to begin them.
const LEAST: u64 = 2 * 1024 * 1024;

/// Whether an input is worth several threads here.
pub(super) fn are_worth_it(source: &Source) -> bool {
    source.file_len().is_some_and(|len| len >= LEAST)
        && available_parallelism().is_ok_and(|cores| cores.get() > 1)
}

/// What is read: from where, how it is said, and the number of its first connection.
pub(super) type What<'a> = (&'a Source, Manner<'a>, u32);

/// Reads an input on another thread, a little ahead of what takes its segments here.
pub(super) fn read_ahead(input: &InputArgs, what: What<'_>, taker: &mut dyn Taker) -> Outcome {
    let (read, to_follow) = belt::<Segments>();
    thread::scope(|scope| {
        let reading = scope.spawn(move || read_all(input, what, read));
        // What wants no more says why itself.
        _ = to_follow.each(|segments| {
            segments.each(|segment| if taker.take(segment).is_continue() { Ok(()) } else { Err(()) })
        });
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn read_all(input: &InputArgs, (source, manner, first): What<'_>, mut to: Giver<Segments>) -> Outcome {
    let outcome = input.read(source, manner, first, &mut to);
    // Where nobody follows any more, whoever shows has failed, and says so.
    _ = to.pass();
    outcome
}

impl Taker for Giver<Segments> {
    fn take(&mut self, segment: &Segment<'_>) -> ControlFlow<()> {
        self.put(|segments| segments.push(segment))
    }

    fn idle(&mut self) -> ControlFlow<()> {
        self.pass()
    }
}

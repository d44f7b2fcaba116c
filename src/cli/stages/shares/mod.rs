//! A capture, shared out: each thread follows some of its connections and writes what is shown of them, and what all have
//! written goes out in the order of the segments that it came of.
//!
//! There are as many threads as cores, and all do the same. Whoever has little to follow reads a round on, if no other one
//! reads at the moment, and deals it out: a box of segments for each. What the threads write they put onto a desk, piece by
//! piece, with a mark where that of a segment ends. Whoever puts something there also writes what is next in the order of
//! the segments, as far as it is there. So each has something to do nearly always, and memory stays bounded by few boxes and
//! pieces.
//!
//! Nobody waits for ever: of all segments whose text is not out yet, the first one waits for nothing. Its box has been dealt, as
//! rounds are dealt whole; its thread has nothing older to do, and reading does not wait; and whoever waits for their turn has
//! put on the desk first what they had written.

mod crew;
mod dealer;
mod desk;
mod merge;
mod turns;
mod work;

use std::cell::RefCell;
use std::io::{self, Write};
use std::thread::{self, available_parallelism};

use self::crew::Crew;
use self::dealer::Dealer;
use self::desk::Before;
use self::turns::Turns;
use self::work::{Into, To, Worker};
use super::What;
use crate::cli::inputs::{InputArgs, Outcome, end_parts};
use crate::cli::pipeline::Pipeline;
use crate::cli::progress::say;
use crate::cli::view::View;

/// Reads a capture, which is over then, follows its connections on as many threads as there are cores, and writes what is shown
/// of them. What is still open of them goes back to `pipeline` and `view`. None where the input is no capture, or where what the
/// view shows of a connection depends on others.
///
/// # Errors
/// Where the output takes no more.
pub(in crate::cli) fn share_out<W: Write + Send>(
    input: &InputArgs,
    (source, manner, first): What<'_>,
    pipeline: &mut Pipeline,
    view: &mut View<W>,
) -> Option<io::Result<Outcome>> {
    let groups = pipeline.groups();
    let threads = available_parallelism().map_or(2, usize::from).clamp(1, groups);
    let mut shown = (0..threads).map(|_| view.part()).collect::<Option<Vec<_>>>()?;
    let dealer = Box::new(Dealer::new(input.parts(source, manner, first)?, groups));
    let mut pipelines: Vec<_> = shown.iter().map(|_| pipeline.part()).collect();
    let (turns, desk, crew) = (Turns::new(threads), Before::new(threads, view), Crew::new(threads, dealer));
    let parts: Vec<_> = thread::scope(|scope| {
        let (turns, desk, crew) = (&turns, &desk, &crew);
        let working = pipelines.iter_mut().zip(&mut shown).enumerate().map(|(me, (pipeline, shown))| {
            scope.spawn(move || {
                // Made here once more: memory that another thread took stays one that both wait for, however it grows.
                let (mut pipeline, shown) = (pipeline.part(), shown.part()?);
                let to = RefCell::new(To::new(me, turns, desk));
                let worker = Worker::new(crew, &mut pipeline, shown.onto(Into(&to)), &to);
                let shown = worker.work(&mut |sentence| say(&manner.of(source, sentence))).onto(io::sink());
                Some((pipeline, shown))
            })
        });
        let working: Vec<_> = working.collect();
        let ended = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        working.into_iter().filter_map(ended).collect()
    });
    let closed = desk.close();
    for (followed, shown) in parts {
        pipeline.join(followed);
        view.join(shown);
    }
    let outcome = end_parts(source, manner, crew.close()?.into_parts());
    Some(closed.map(|()| outcome))
}

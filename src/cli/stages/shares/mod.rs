//! Connections, shared out: each thread follows some of them and writes what is shown of them, and what all have written
//! goes out in the order of the segments that it came of.
//!
//! One thread reads and deals the segments out, in rounds: a box for each thread that follows. What these write they put onto a
//! desk, piece by piece, with a mark where that of a segment ends. Whoever puts something there also writes what is next in
//! the order of the segments, as far as it is there. So no more than finished text crosses from one core to another, nobody is
//! woken for it, and memory stays bounded by few boxes and pieces.
//!
//! Nobody waits for ever: of all segments whose text is not out yet, the first one waits for nothing. Its box has been dealt, as
//! rounds are dealt whole; and whoever waits for their turn, or for a box, has put on the desk first what they had written.

mod dealer;
mod desk;
mod merge;
mod turns;
mod work;

use std::cell::RefCell;
use std::io::{self, Write};
use std::thread::{self, available_parallelism};

use self::dealer::{Dealer, Dealt};
use self::desk::Before;
use self::turns::Turns;
use self::work::{Into, To, Worker};
use super::What;
use super::belt::belt_of;
use crate::cli::inputs::{InputArgs, Outcome};
use crate::cli::pipeline::Pipeline;
use crate::cli::view::View;

/// How many rounds may wait to be followed: a thread may have a long frame to show while the others have short ones.
const ROUNDS: usize = 4;

/// Reads an input, which is over then, follows its connections on as many other threads as there are cores, and writes what is
/// shown of them. What is still open of them goes back to `pipeline` and `view`. None where what the view shows of a
/// connection depends on others.
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
    let shown = (0..threads).map(|_| view.part()).collect::<Option<Vec<_>>>()?;
    let mut parts: Vec<_> = shown.iter().map(|_| pipeline.part()).collect();
    let turns = Turns::new(threads);
    let desk = Before::new(threads, view);
    let (dealt, to_follow): (Vec<_>, Vec<_>) = parts.iter().map(|_| belt_of::<Dealt>(ROUNDS)).unzip();
    let (outcome, shown) = thread::scope(|scope| {
        let (turns, desk) = (&turns, &desk);
        let following =
            parts.iter_mut().zip(shown).zip(to_follow).enumerate().map(|(me, ((part, shown), segments))| {
                scope.spawn(move || {
                    let to = RefCell::new(To::new(me, turns, desk));
                    Worker::new(part, shown.onto(Into(&to)), &to).work(segments).onto(io::sink())
                })
            });
        let following: Vec<_> = following.collect();
        let mut dealer = Dealer::new(dealt, groups, |order| desk.order(order));
        let outcome = input.read(source, manner, first, &mut dealer);
        // Where nobody follows any more, whoever wrote has failed, and says so.
        _ = dealer.end_round();
        drop(dealer);
        let ended = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        (outcome, following.into_iter().map(ended).collect::<Vec<_>>())
    });
    let closed = desk.close();
    parts.into_iter().for_each(|part| pipeline.join(part));
    shown.into_iter().for_each(|shown| view.join(shown));
    Some(closed.map(|()| outcome))
}

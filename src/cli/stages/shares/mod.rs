//! Connections, shared out: each thread follows some of them and writes their lines, and what all have written goes out in the
//! order of the segments that it came of.
//!
//! One thread reads and deals the segments out, in rounds: a box for each thread that follows. Each of those writes into
//! boxes of its own, with a mark where the lines of a segment end, and the last one takes from them by turns. So no more
//! than lines crosses from one core to another, and memory stays bounded by few boxes.
//!
//! Nobody waits for ever: of all segments whose lines are not out yet, the first one waits for nothing. Its box has been dealt, as
//! rounds are dealt whole; and whoever waits for their turn has given on first what they had written.

mod dealer;
mod merge;
mod turns;
mod work;

use std::cell::RefCell;
use std::io::{self, Write};
use std::thread::{self, available_parallelism};

use self::dealer::{Dealer, Dealt, Order};
use self::merge::Merge;
use self::turns::Turns;
use self::work::Worker;
use super::What;
use super::belt::{Load, belt_of};
use crate::cli::inputs::{InputArgs, Outcome};
use crate::cli::pipeline::Pipeline;
use crate::render::json::JsonLines;

/// How many rounds may wait to be followed: a thread may have a long frame to show while the others have short ones.
const ROUNDS: usize = 4;

/// How many boxes of lines may wait to be written, of all threads together.
const BOXES: usize = 12;

/// Lines that were written, and where those of each segment end.
#[derive(Debug, Default)]
pub(super) struct Written {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Load for Written {
    fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<usize>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// Reads an input, which is over then, on another thread, follows its connections on as many as there are cores, and writes
/// their lines here. What is still open of them goes back to `pipeline`.
///
/// # Errors
/// Where the output takes no more.
pub(in crate::cli) fn share_out<W: Write>(
    input: &InputArgs,
    what: What<'_>,
    pipeline: &mut Pipeline,
    lines: &mut JsonLines<W>,
) -> io::Result<Outcome> {
    let groups = pipeline.groups();
    let threads = available_parallelism().map_or(2, usize::from).clamp(1, groups);
    let mut parts: Vec<_> = (0..threads).map(|_| pipeline.part()).collect();
    let turns = Turns::new(threads);
    let (order, to_merge) = belt_of::<Order>(ROUNDS);
    let (dealt, to_follow): (Vec<_>, Vec<_>) = parts.iter().map(|_| belt_of::<Dealt>(ROUNDS)).unzip();
    let each = (BOXES / threads).max(1);
    let (written, to_write): (Vec<_>, Vec<_>) = parts.iter().map(|_| belt_of::<Written>(each)).unzip();
    let outcome = thread::scope(|scope| {
        let turns = &turns;
        let reading = scope.spawn(move || {
            let mut dealer = Dealer::new(dealt, order, groups);
            let (source, manner, first) = what;
            let outcome = input.read(source, manner, first, &mut dealer);
            // Where nobody follows any more, whoever writes has failed, and says so.
            _ = dealer.end_round();
            outcome
        });
        for (me, ((part, segments), to)) in parts.iter_mut().zip(to_follow).zip(written).enumerate() {
            // The lines that are written here stay on this thread.
            let lines = lines.part(io::sink());
            scope.spawn(move || {
                let to = RefCell::new(to);
                Worker::new(me, turns, part, lines.part(work::Into(&to)), &to).work(segments);
            });
        }
        Merge::new(to_write).write(to_merge, lines)?;
        Ok(reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    parts.into_iter().for_each(|part| pipeline.join(part));
    outcome
}

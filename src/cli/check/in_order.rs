//! Several jobs at once, and what they give in the order of the jobs.
//!
//! Memory is bounded: a job whose turn has not come holds a few pieces and then waits, and no job begins far ahead of the
//! one whose turn it is.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many pieces a job may give before its turn has come.
const MOST_PIECES: usize = 8;

/// How many jobs for each worker may be begun from the one on whose turn it is.
const AHEAD: usize = 4;

/// What a job gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<R> {
    /// Output.
    Out(Vec<u8>),
    /// A sentence for stderr.
    Said(String),
    /// The last piece: what came of it.
    Done(R),
}

/// Takes what a job gives.
#[derive(Debug)]
pub(super) struct Lane<'a, R> {
    to: SyncSender<Piece<R>>,
    stopped: &'a AtomicBool,
}

impl<R> Lane<'_, R> {
    /// A sentence for stderr.
    pub(super) fn say(&self, sentence: &str) {
        // Where nobody listens any more, the output could not be written: that is said elsewhere.
        _ = self.to.send(Piece::Said(sentence.to_owned()));
    }

    /// Whether nobody wants to hear more.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl<R> Write for &Lane<'_, R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Piece::Out(bytes.to_vec());
        self.to.send(piece).map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Which job is to be done next, and whose turn it is.
#[derive(Debug, Default)]
struct Turns {
    next: usize,
    over: usize,
}

#[derive(Debug, Default)]
struct Queue {
    turns: Mutex<Turns>,
    moved: Condvar,
    stopped: AtomicBool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, once it may begin.
    fn claim(&self, jobs: usize, ahead: usize) -> Option<usize> {
        let mut turns = self.lock();
        loop {
            if turns.next >= jobs || self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            if turns.next < turns.over + ahead {
                turns.next += 1;
                return Some(turns.next - 1);
            }
            turns = self.moved.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The job whose turn it was is over.
    fn go_on(&self) {
        self.lock().over += 1;
        self.moved.notify_all();
    }

    fn stop(&self) {
        let turns = self.lock();
        self.stopped.store(true, Ordering::Relaxed);
        drop(turns);
        self.moved.notify_all();
    }
}

/// What takes the pieces.
pub(super) trait Give<R> {
    /// Takes the next piece.
    fn give(&mut self, piece: Piece<R>) -> io::Result<()>;

    /// More may be long in coming.
    fn idle(&mut self) -> io::Result<()>;
}

/// Does `jobs` jobs on so many `workers`, and gives what they give to `give`: all of the first one, then all of the next.
///
/// # Errors
/// Those of `give`; what is not begun by then is not done.
pub(super) fn in_order<R: Send>(
    jobs: usize,
    workers: usize,
    job: impl Fn(usize, &Lane<'_, R>) -> R + Sync,
    give: &mut impl Give<R>,
) -> io::Result<()> {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..jobs).map(|_| sync_channel(MOST_PIECES)).unzip();
    let senders: Vec<_> = senders.into_iter().map(|sender| Mutex::new(Some(sender))).collect();
    let (queue, workers) = (Queue::default(), workers.clamp(1, jobs.max(1)));
    let work = || {
        while let Some(number) = queue.claim(jobs, AHEAD * workers) {
            let sender = senders.get(number).and_then(|one| one.lock().ok()?.take());
            let Some(to) = sender else { continue };
            let lane = Lane { to, stopped: &queue.stopped };
            let done = job(number, &lane);
            _ = lane.to.send(Piece::Done(done));
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
        let given = receivers.into_iter().try_for_each(|receiver| {
            let given = give_all(&receiver, give);
            queue.go_on();
            given
        });
        queue.stop();
        given
    })
}

/// Gives all pieces of one job.
fn give_all<R>(receiver: &Receiver<Piece<R>>, give: &mut impl Give<R>) -> io::Result<()> {
    loop {
        let piece = match receiver.try_recv() {
            Ok(piece) => piece,
            Err(TryRecvError::Disconnected) => return Ok(()),
            Err(TryRecvError::Empty) => {
                give.idle()?;
                match receiver.recv() {
                    Ok(piece) => piece,
                    Err(_) => return Ok(()),
                }
            }
        };
        give.give(piece)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Kept {
        given: Vec<Piece<usize>>,
        /// Fails when so many pieces were given.
        enough: Option<usize>,
    }

    impl Give<usize> for Kept {
        fn give(&mut self, piece: Piece<usize>) -> io::Result<()> {
            if self.enough == Some(self.given.len()) {
                return Err(ErrorKind::StorageFull.into());
            }
            self.given.push(piece);
            Ok(())
        }

        fn idle(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Every third job gives more pieces than may wait.
    fn job(number: usize, lane: &Lane<'_, usize>) -> usize {
        let mut to = lane;
        for piece in 0..if number.is_multiple_of(3) { 5 * MOST_PIECES } else { 1 } {
            if to.write_all(&[number as u8, piece as u8]).is_err() {
                return 0;
            }
        }
        lane.say("done");
        number
    }

    #[test]
    fn what_jobs_give_comes_in_their_order_however_many_work() {
        let of = |workers| {
            let mut kept = Kept::default();
            in_order(100, workers, job, &mut kept).unwrap();
            kept.given
        };
        let one = of(1);
        assert_eq!(one.len(), 34 * 5 * MOST_PIECES + 66 + 200);
        for workers in [2, 7, 500] {
            assert_eq!(of(workers), one);
        }
        assert_eq!(of(0), one);
    }

    #[test]
    fn no_job_gives_nothing() {
        let mut kept = Kept::default();
        in_order(0, 4, job, &mut kept).unwrap();
        assert!(kept.given.is_empty());
    }

    #[test]
    fn where_nobody_takes_more_all_stop() {
        let mut kept = Kept { enough: Some(50), ..Kept::default() };
        let error = in_order(10_000, 4, job, &mut kept).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}

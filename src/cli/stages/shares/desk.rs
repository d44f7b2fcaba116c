//! Where the threads put what they have written. Whoever puts something there also writes all whose turn has come, unless
//! another one does so at the moment: so no thread has to be woken for it.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::merge::{Incoming, Merge, ORDER, Thread, Written};
use crate::cli::view::View;

/// How much may lie there of each thread before it has to wait, in pieces.
const MOST: usize = 24;

/// Where the threads put what they have written.
pub(super) trait Desk: Sync {
    /// Says for which thread each of the next segments is.
    fn order(&self, order: &[u8]);

    /// Takes what a thread has written, and gives it something empty. Where too much lies there, it waits.
    ///
    /// # Errors
    /// Where the output took no more, which whoever wrote says.
    fn put(&self, thread: usize, written: Written) -> io::Result<Written>;

    /// A thread has ended, for whatever reason.
    fn leave(&self, thread: usize);
}

/// The desk before an output.
#[derive(Debug)]
pub(super) struct Before<'o, W> {
    state: Mutex<State<'o, W>>,
    moved: Condvar,
}

#[derive(Debug)]
struct State<'o, W> {
    incoming: Incoming,
    /// None while a thread writes.
    merge: Option<Merge<'o, W>>,
    /// How many threads wait for room.
    waiting: usize,
    /// Why the output took no more.
    failed: Option<io::Error>,
}

impl<'o, W: Write> Before<'o, W> {
    /// For so many threads, which write what `view` would.
    pub(super) fn new(threads: usize, view: &'o mut View<W>) -> Self {
        let incoming = Incoming {
            order: Vec::with_capacity(ORDER),
            threads: (0..threads).map(|_| Thread::new(MOST)).collect(),
        };
        let merge = Some(Merge::new(threads, view));
        Self { state: Mutex::new(State { incoming, merge, waiting: 0, failed: None }), moved: Condvar::new() }
    }

    /// All threads have ended.
    ///
    /// # Errors
    /// Where the output took no more.
    pub(super) fn close(self) -> io::Result<()> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.failed.map_or(Ok(()), Err)
    }

    fn lock(&self) -> MutexGuard<'_, State<'o, W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes all whose turn has come, unless another thread does.
    fn write<'d>(&'d self, mut state: MutexGuard<'d, State<'o, W>>) -> MutexGuard<'d, State<'o, W>> {
        let Some(mut merge) = state.merge.take() else { return state };
        while state.failed.is_none() && merge.fetch(&mut state.incoming) {
            if state.waiting > 0 {
                self.moved.notify_all();
            }
            drop(state);
            let went = merge.write();
            state = self.lock();
            if let Err(error) = went {
                state.failed = Some(error);
                self.moved.notify_all();
            }
        }
        state.merge = Some(merge);
        state
    }
}

impl<W: Write + Send> Desk for Before<'_, W> {
    fn order(&self, order: &[u8]) {
        self.lock().incoming.order.extend_from_slice(order);
    }

    fn put(&self, thread: usize, written: Written) -> io::Result<Written> {
        let mut state = self.lock();
        if let Some(thread) = state.incoming.threads.get_mut(thread) {
            thread.written.push_back(written);
        }
        loop {
            state = self.write(state);
            if state.failed.is_some() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let Some(mine) = state.incoming.threads.get_mut(thread) else { return Ok(Written::default()) };
            if mine.written.len() < MOST {
                return Ok(mine.empty.pop().unwrap_or_default());
            }
            state.waiting += 1;
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    fn leave(&self, thread: usize) {
        let mut state = self.lock();
        if let Some(thread) = state.incoming.threads.get_mut(thread) {
            thread.over = true;
        }
        if thread::panicking() {
            state.failed = Some(io::ErrorKind::Other.into());
            self.moved.notify_all();
        }
        drop(self.write(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::stages::shares::merge::Mark;
    use crate::render::json::JsonLines;

    /// A segment for each of the threads by turns, each in two pieces of which the first holds half of its text.
    #[test]
    fn what_threads_write_comes_in_the_order_of_the_segments() {
        let (threads, segments) = (3, 900);
        let mut view = View::Json(JsonLines::new(Vec::new(), 0));
        let desk = Before::new(threads, &mut view);
        thread::scope(|scope| {
            for me in 0..threads {
                let desk = &desk;
                scope.spawn(move || {
                    for segment in (me..segments).step_by(threads) {
                        let text = format!("{segment}\n");
                        let (one, two) = text.split_at(text.len() / 2);
                        for (text, whole) in [(one, false), (two, true)] {
                            let mark = Mark { end: text.len(), lead: 0, connection: 0, whole };
                            let written = Written { text: text.as_bytes().into(), marks: vec![mark] };
                            assert!(desk.put(me, written).is_ok());
                        }
                    }
                    desk.leave(me);
                });
            }
            for round in (0..segments).collect::<Vec<_>>().chunks(7) {
                let order: Vec<_> = round.iter().map(|segment| (segment % threads) as u8).collect();
                desk.order(&order);
            }
            // A segment of a thread that ends before it.
            desk.order(&[0]);
        });
        desk.leave(0);
        desk.close().expect("a Vec takes it");
        let View::Json(lines) = view else { panic!("it was JSON") };
        let want: String = (0..segments).map(|segment| format!("{segment}\n")).collect();
        assert_eq!(String::from_utf8(lines.into_inner()).as_deref(), Ok(want.as_str()));
    }
}

//! Shows what passes while it passes, on another thread than the one that forwards.
//!
//! Forwarding never waits for the view. What is to be shown goes through a queue of bounded size; where it is full,
//! things are left out and counted, and the number is shown.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::pages::Chooser;
use super::progress::say;
use super::view::View;
use crate::render::batch::{Batch, Given};
use crate::render::collect::Shown;
use crate::session::event::Kind;
use crate::session::others::Others;

/// The most bytes of a payload that are shown.
pub const MOST_PAYLOAD: usize = 4096;

/// The most bytes that wait to be shown. As many may be shown at the moment.
const MOST_WAITING: usize = 4 * 1024 * 1024;

/// Of these, what is left for openings, heads and ends, without which the rest makes no sense.
const RESERVED: usize = 512 * 1024;

/// How long the view rests between two looks at the queue: short for an eye, long beside waking a thread.
const REST: Duration = Duration::from_millis(8);

/// The end of the queue that takes.
#[derive(Clone, Debug, Default)]
pub struct Queue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    left_out: u64,
    /// Whether the view sleeps until something comes.
    sleeps: bool,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // What is in the queue is whole whoever panicked meanwhile.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self, mut state: MutexGuard<'_, State>) {
        if std::mem::take(&mut state.sleeps) {
            drop(state);
            self.0.news.notify_one();
        }
    }

    /// Takes what is to be shown, or leaves it out where the queue is full.
    pub fn show(&self, shown: &Shown<'_>) {
        let most = if is_needed(shown) { MOST_WAITING } else { MOST_WAITING - RESERVED };
        let mut state = self.lock();
        if state.closed {
            return;
        }
        if state.waiting.size() < most {
            state.waiting.push(shown, MOST_PAYLOAD);
        } else {
            state.left_out += 1;
        }
        self.changed(state);
    }

    /// Takes words.
    pub fn words(&self, words: String) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        if state.waiting.size() < MOST_WAITING {
            state.waiting.push_words(words);
        } else {
            state.left_out += 1;
        }
        self.changed(state);
    }

    /// Nothing more comes.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.changed(state);
    }

    /// Waits for something to show. `batch` is emptied, filled, and not empty unless nothing comes any more; the
    /// number says how many things were left out behind those in it.
    fn take(&self, batch: &mut Batch) -> u64 {
        batch.clear();
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed {
            state.sleeps = true;
            state = self.0.news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut state.waiting, batch);
        std::mem::take(&mut state.left_out)
    }
}

/// Whether a view needs this to make sense of what follows.
const fn is_needed(shown: &Shown<'_>) -> bool {
    match shown {
        Shown::Event(event) => {
            matches!(event.kind, Kind::Open(_) | Kind::Request(_) | Kind::Response(_) | Kind::End(_))
        }
        Shown::Frame(_) | Shown::Message(_) => false,
    }
}

/// Shows what comes out of the queue until nothing more comes; without a view only the words, on stderr.
///
/// # Errors
/// Where the output takes no more.
pub fn show_all<W: Write>(queue: &Queue, mut view: Option<View<W>>, chooser: &mut Chooser) -> io::Result<()> {
    let mut batch = Batch::default();
    loop {
        let left_out = queue.take(&mut batch);
        if batch.is_empty() && left_out == 0 {
            return view.as_mut().map_or(Ok(()), |view| view.finish(&Others::default()));
        }
        batch.each(|given| match given {
            Given::Words(words) => say_beside(view.as_mut(), words),
            Given::Shown(shown) => show_selected(view.as_mut(), chooser, shown),
        })?;
        if left_out > 0 {
            let words = format!(
                "wslens: {left_out} events are not shown here: they came faster than they\n  could be shown. All of them \
                 passed, and are in every record."
            );
            say_beside(view.as_mut(), &words)?;
        }
        if let Some(view) = &mut view {
            view.flush()?;
        }
        thread::sleep(REST);
    }
}

fn say_beside<W: Write>(view: Option<&mut View<W>>, words: &str) -> io::Result<()> {
    match view {
        Some(view) => view.words(words),
        None => {
            say(words);
            Ok(())
        }
    }
}

fn show_selected<W: Write>(
    view: Option<&mut View<W>>,
    chooser: &mut Chooser,
    shown: &Shown<'_>,
) -> io::Result<()> {
    let Some(view) = view else { return Ok(()) };
    let mut done = Ok(());
    chooser.pass(shown, &mut |given| {
        if done.is_ok() {
            done = match given {
                Given::Shown(shown) => view.show(shown),
                Given::Words(words) => view.words(words),
            };
        }
    });
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::event::{Event, Opaque, Why};
    use crate::wire::sender::Sender;

    /// Shows `times` runs of `len` bytes to a queue that nobody empties; how many were left out.
    fn left_out(times: usize, len: usize) -> usize {
        let bytes = vec![0; len];
        let kind = Kind::Opaque(Opaque { why: Why::HttpBody, bytes: &bytes });
        let event = Event {
            connection: 1,
            sender: Sender::Client,
            time: None,
            time_end: None,
            offset: 0,
            len: len as u64,
            kind,
            findings: &[],
        };
        let queue = Queue::default();
        for _ in 0..times {
            queue.show(&Shown::Event(&event));
        }
        let (batch, left_out) = taken(&queue, times);
        assert!(batch.size() <= MOST_WAITING);
        left_out
    }

    /// Takes what waits, and how many of the `all` that were put were left out.
    fn taken(queue: &Queue, all: usize) -> (Batch, usize) {
        let mut batch = Batch::default();
        let left_out = queue.take(&mut batch);
        let mut given = 0;
        let count = |_: Given<'_>| {
            given += 1;
            Ok::<(), ()>(())
        };
        assert!(batch.each(count).is_ok());
        assert_eq!(given + left_out, all as u64, "everything is shown or counted");
        (batch, left_out as usize)
    }

    #[test]
    fn what_is_left_out_is_counted_exactly() {
        assert_eq!(left_out(1_000, 10), 0);
        assert!(left_out(10_000, 100_000) > 9_000 - MOST_WAITING / MOST_PAYLOAD);
    }

    #[test]
    fn words_are_left_out_and_counted_as_events_are() {
        let queue = Queue::default();
        let words = "x".repeat(1000);
        let all = 2 * MOST_WAITING / words.len();
        (0..all).for_each(|_| queue.words(words.clone()));
        assert!(taken(&queue, all).1 > 0);
    }

    #[test]
    fn a_closed_queue_ends() {
        let queue = Queue::default();
        queue.words("last".to_owned());
        queue.close();
        let mut batch = Batch::default();
        queue.take(&mut batch);
        assert!(!batch.is_empty());
        queue.take(&mut batch);
        assert!(batch.is_empty());
    }
}

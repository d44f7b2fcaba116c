//! How far each thread is with its segments, and waiting until all are so far.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// How far the threads are.
#[derive(Debug)]
pub(super) struct Turns {
    /// Of each thread: none of its segments before this place is left.
    done: Vec<AtomicU64>,
    waiting: AtomicUsize,
    lock: Mutex<()>,
    moved: Condvar,
}

impl Turns {
    /// Of so many threads, which have all segments to come.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            done: (0..threads).map(|_| AtomicU64::new(0)).collect(),
            waiting: AtomicUsize::new(0),
            lock: Mutex::new(()),
            moved: Condvar::new(),
        }
    }

    /// A thread has no segment left before this place.
    pub(super) fn reach(&self, thread: usize, place: u64) {
        if let Some(done) = self.done.get(thread) {
            done.store(place, Ordering::SeqCst);
        }
        // Whoever is about to wait has counted itself before it looks, in the same order that all threads see.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.moved.notify_all();
        }
    }

    /// Waits until no thread has a segment left before this place.
    pub(super) fn wait(&self, place: u64) {
        if self.have_all_reached(place) {
            return;
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        while !self.have_all_reached(place) {
            guard = self.moved.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        drop(guard);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    fn have_all_reached(&self, place: u64) -> bool {
        self.done.iter().all(|done| done.load(Ordering::SeqCst) >= place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn each_waits_for_all_before() {
        let (turns, threads, rounds) = (Turns::new(4), 4, 500);
        let said = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for me in 0..threads {
                let (turns, said) = (&turns, &said);
                scope.spawn(move || {
                    for place in (0..rounds).map(|round| round * threads as u64 + me as u64) {
                        turns.reach(me, place);
                        turns.wait(place);
                        said.lock().expect("whole").push(place);
                    }
                    turns.reach(me, u64::MAX);
                });
            }
        });
        assert!(said.into_inner().expect("whole").into_iter().eq(0..rounds * threads as u64));
    }
}

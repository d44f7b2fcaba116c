//! Who does what next: a thread that has little to follow reads on, if no other one does.

use std::collections::VecDeque;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::dealer::{Dealer, Dealt};

/// Boxes that lie before a thread when it need not read on.
const AHEAD: usize = 3;

/// The most boxes that may lie before a thread.
const MOST_BOXES: usize = 6;

/// The most bytes in all boxes when somebody reads on.
const MOST_BYTES: usize = 4 << 20;

/// How often a thread looks whether there is something to do before it sleeps.
const LOOKS: usize = 2000;

/// What a thread is to do.
pub(super) enum Task<'s> {
    /// Deal into these boxes.
    Deal(Box<Dealer<'s>>, Vec<Dealt>),
    /// Follow these segments.
    Follow(Dealt),
}

/// What lies before each thread, and who reads.
pub(super) struct Crew<'s> {
    state: Mutex<State<'s>>,
    changed: Condvar,
    /// How often something changed.
    changes: AtomicUsize,
}

struct State<'s> {
    /// None while somebody reads.
    dealer: Option<Box<Dealer<'s>>>,
    /// For each thread.
    boxes: Vec<VecDeque<Dealt>>,
    /// Boxes that each thread may fill again.
    empty: Vec<Vec<Dealt>>,
    /// Bytes in boxes that are not followed yet.
    bytes: usize,
    /// Whether all is dealt, or nobody wants more.
    over: bool,
    /// How many threads wait for something to do.
    waiting: usize,
}

impl<'s> Crew<'s> {
    /// So many threads, who share what is dealt.
    pub(super) fn new(threads: usize, dealer: Box<Dealer<'s>>) -> Self {
        let boxes = (0..threads).map(|_| VecDeque::with_capacity(MOST_BOXES + 1)).collect();
        let empty = (0..threads).map(|_| Vec::with_capacity(threads * (MOST_BOXES + 1))).collect();
        let state = State { dealer: Some(dealer), boxes, empty, bytes: 0, over: false, waiting: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), changes: AtomicUsize::new(0) }
    }

    /// What a thread is to do next; it waits where there is nothing. None when all is done.
    pub(super) fn next(&self, me: usize) -> Option<Task<'s>> {
        let (mut state, mut looked) = (self.lock(), false);
        loop {
            if let Some(task) = state.task(me) {
                return Some(task);
            }
            if state.over {
                return None;
            }
            if !looked {
                looked = true;
                let seen = self.changes.load(Ordering::Relaxed);
                drop(state);
                self.look(seen);
                state = self.lock();
                continue;
            }
            looked = false;
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// A round was dealt; whether there is `more`.
    pub(super) fn dealt(&self, dealer: Box<Dealer<'s>>, dealt: Vec<Dealt>, more: bool) {
        let mut state = self.lock();
        state.bytes += dealt.iter().map(Dealt::size).sum::<usize>();
        state.boxes.iter_mut().zip(dealt).for_each(|(boxes, dealt)| boxes.push_back(dealt));
        state.dealer = Some(dealer);
        state.over |= !more;
        self.tell(&state);
    }

    /// A box was followed.
    pub(super) fn followed(&self, dealt: Dealt) {
        let mut state = self.lock();
        state.bytes -= dealt.size();
        if let Some(empty) = state.empty.get_mut(dealt.by) {
            empty.push(dealt);
        }
        self.tell(&state);
    }

    /// A thread ends, for whatever reason: nobody reads on.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.over = true;
        self.tell(&state);
    }

    /// Who deals, when all threads have ended; none where one of them failed while it did.
    pub(super) fn close(self) -> Option<Box<Dealer<'s>>> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).dealer
    }

    /// Looks for a moment whether something changes: a thread that sleeps takes longer to wake than a round takes to read.
    fn look(&self, seen: usize) {
        for _ in 0..LOOKS {
            if self.changes.load(Ordering::Relaxed) != seen {
                return;
            }
            spin_loop();
        }
    }

    fn tell(&self, state: &State<'_>) {
        self.changes.fetch_add(1, Ordering::Relaxed);
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'s>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'s> State<'s> {
    fn task(&mut self, me: usize) -> Option<Task<'s>> {
        let before_me = self.boxes.get(me).map_or(0, VecDeque::len);
        let fits = self.bytes < MOST_BYTES && self.boxes.iter().all(|boxes| boxes.len() < MOST_BOXES);
        if before_me < AHEAD
            && fits
            && !self.over
            && let Some(dealer) = self.dealer.take()
        {
            let mut empty = self.empty.get_mut(me);
            let mut one = || empty.as_mut().and_then(|empty| empty.pop());
            let boxes = self.boxes.iter().map(|_| one().unwrap_or_else(|| Dealt::by(me)));
            let boxes = boxes.collect();
            return Some(Task::Deal(dealer, boxes));
        }
        self.boxes.get_mut(me)?.pop_front().map(Task::Follow)
    }
}

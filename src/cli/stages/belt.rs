//! Hands what one thread made to the next, many things at once, in boxes that come back empty.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// A box is handed on when it holds so many bytes.
pub(super) const FULL: usize = 256 * 1024;

/// What holds more than this is in no more than one box at a time, and its memory is given back.
const LARGE: usize = 4 * FULL;

/// What can be put into a box.
pub(super) trait Load: Default {
    /// Bytes of memory that it holds, about.
    fn size(&self) -> usize;

    /// Forgets everything, and keeps its memory for the next.
    fn clear(&mut self);
}

/// The end at which boxes are filled.
#[derive(Debug)]
pub(super) struct Giver<T> {
    filling: T,
    full: SyncSender<T>,
    back: Receiver<T>,
    /// Boxes that are not back.
    out: usize,
}

/// The end at which they are emptied.
#[derive(Debug)]
pub(super) struct Getter<T> {
    full: Receiver<T>,
    back: Sender<T>,
}

/// A belt of few boxes: one is filled, one waits, one is emptied.
pub(super) fn belt<T: Load>() -> (Giver<T>, Getter<T>) {
    let (full, to_empty) = sync_channel(1);
    let (emptied, back) = channel();
    (Giver { filling: T::default(), full, back, out: 0 }, Getter { full: to_empty, back: emptied })
}

impl<T: Load> Giver<T> {
    /// Puts something into the box. Breaks where nobody takes it any more.
    #[inline]
    pub(super) fn put(&mut self, put: impl FnOnce(&mut T)) -> ControlFlow<()> {
        put(&mut self.filling);
        if self.filling.size() < FULL { ControlFlow::Continue(()) } else { self.pass() }
    }

    /// Hands the box on as it is. A large one is waited for until it is emptied.
    pub(super) fn pass(&mut self) -> ControlFlow<()> {
        let is_large = self.filling.size() > LARGE;
        let next = self.back.try_recv().inspect(|_| self.out -= 1).unwrap_or_default();
        if self.full.send(std::mem::replace(&mut self.filling, next)).is_err() {
            return ControlFlow::Break(());
        }
        self.out += 1;
        while is_large && self.out > 0 {
            if self.back.recv().is_err() {
                return ControlFlow::Break(());
            }
            self.out -= 1;
        }
        ControlFlow::Continue(())
    }
}

impl<T: Load> Getter<T> {
    /// Takes every box that comes.
    ///
    /// # Errors
    /// Where `take` gives up: the giver will hear of it.
    pub(super) fn each<E>(self, mut take: impl FnMut(&T) -> Result<(), E>) -> Result<(), E> {
        while let Some(full) = self.next() {
            take(&full)?;
            self.give_back(full);
        }
        Ok(())
    }

    /// The next box that comes; none where no more will.
    pub(super) fn next(&self) -> Option<T> {
        self.full.recv().ok()
    }

    /// A box is empty.
    pub(super) fn give_back(&self, mut emptied: T) {
        if emptied.size() > LARGE {
            emptied = T::default();
        }
        emptied.clear();
        // Where the giver is done it needs no box.
        _ = self.back.send(emptied);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::thread;

    impl Load for Vec<u8> {
        fn size(&self) -> usize {
            self.len()
        }

        fn clear(&mut self) {
            Self::clear(self);
        }
    }

    /// The sizes of the boxes in which pieces of these lengths come.
    fn boxes(pieces: &[usize]) -> Vec<usize> {
        let (mut giver, getter) = belt::<Vec<u8>>();
        let came = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                getter.each(|full| {
                    came.lock().expect("whole").push(full.len());
                    Ok::<(), ()>(())
                })
            });
            for &piece in pieces {
                let put = giver.put(|filling| filling.resize(filling.len() + piece, 0));
                assert!(put.is_continue());
            }
            assert!(giver.pass().is_continue());
            drop(giver);
        });
        came.into_inner().expect("whole")
    }

    #[test]
    fn full_boxes_go_on_and_the_last_one_too() {
        assert_eq!(boxes(&[1, 2]), [3]);
        assert_eq!(boxes(&[FULL, 5]), [FULL, 5]);
        assert_eq!(boxes(&[FULL - 1, LARGE, 7, LARGE + 1]), [FULL - 1 + LARGE, LARGE + 8, 0]);
        assert_eq!(boxes(&[100_000; 50]).iter().sum::<usize>(), 5_000_000);
    }

    #[test]
    fn where_nobody_takes_any_more_that_is_said() {
        let (mut giver, getter) = belt::<Vec<u8>>();
        thread::scope(|scope| {
            let gives_up = scope.spawn(|| getter.each(|_| Err(())));
            let endless = std::iter::repeat_with(|| giver.put(|filling| filling.resize(FULL, 0)));
            assert!(endless.take(10).any(|put| put.is_break()));
            assert_eq!(gives_up.join().expect("no panic"), Err(()));
        });
    }
}

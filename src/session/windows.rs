//! Who holds a window, over all connections: beyond a limit the one that was idle longest must let go.

use std::collections::BTreeMap;

use crate::wire::sender::Sender;

/// The bytes that are set aside for the window and the tables of one sender: the most that an inflater holds.
pub(super) const WINDOW: u64 = 48 * 1024;

/// A sender of a connection.
pub(super) type Holder = (u32, Sender);

/// The windows that are held, by when they were last used.
#[derive(Debug)]
pub(super) struct Windows {
    /// How many may be held.
    most: usize,
    uses: u64,
    by_use: BTreeMap<u64, Holder>,
    last_use: BTreeMap<Holder, u64>,
    /// Whoever used its window last: runs of one sender cost nothing.
    latest: Option<Holder>,
    /// Who must let go of it.
    dropped: Vec<Holder>,
}

impl Windows {
    /// For so many bytes of memory; one window is always granted.
    pub(super) fn new(memory: u64) -> Self {
        let most = usize::try_from(memory / WINDOW).unwrap_or(usize::MAX).max(1);
        Self {
            most,
            uses: 0,
            by_use: BTreeMap::new(),
            last_use: BTreeMap::new(),
            latest: None,
            dropped: Vec::new(),
        }
    }

    /// A sender's window is used.
    #[inline]
    pub(super) fn used(&mut self, holder: Holder) {
        if self.latest != Some(holder) {
            self.use_another(holder);
        }
    }

    fn use_another(&mut self, holder: Holder) {
        self.release(holder);
        self.uses += 1;
        self.by_use.insert(self.uses, holder);
        self.last_use.insert(holder, self.uses);
        self.latest = Some(holder);
        while self.by_use.len() > self.most
            && let Some((_, idle)) = self.by_use.pop_first()
        {
            self.last_use.remove(&idle);
            self.dropped.push(idle);
        }
    }

    /// A sender's window is freed.
    pub(super) fn release(&mut self, holder: Holder) {
        if let Some(used) = self.last_use.remove(&holder) {
            self.by_use.remove(&used);
        }
        self.latest = self.latest.filter(|latest| *latest != holder);
    }

    /// The next sender that must let go.
    #[inline]
    pub(super) fn next_dropped(&mut self) -> Option<Holder> {
        self.dropped.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_idle_lets_go() {
        let mut windows = Windows::new(2 * WINDOW);
        let holder = |connection| (connection, Sender::Client);
        for connection in [1, 2, 1, 3] {
            windows.used(holder(connection));
        }
        assert_eq!(windows.next_dropped(), Some(holder(2)));
        assert_eq!(windows.next_dropped(), None);
        windows.release(holder(3));
        windows.used(holder(4));
        assert_eq!(windows.next_dropped(), None);
        assert_eq!((windows.by_use.len(), windows.last_use.len()), (2, 2));
    }
}

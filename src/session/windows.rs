//! Who holds a window, over all connections: beyond a limit the one that was idle longest must let go.

use std::collections::BTreeMap;

use crate::wire::sender::Sender;

/// The bytes that are set aside for the window and the tables of one sender: the most that an inflater holds.
pub(super) const WINDOW: u64 = 48 * 1024;

/// The most groups into which connections are parted.
const MOST_GROUPS: usize = 16;

/// The fewest windows that a group may hold, where there is more than one group.
const LEAST_WINDOWS: usize = 64;

/// A sender of a connection.
pub(super) type Holder = (u32, Sender);

/// The windows that are held, of all connections.
///
/// Connections are parted into groups by their numbers, and each group has its share of the memory. So the windows that are
/// dropped depend on nothing that is done for the connections of other groups, and groups can be followed apart.
#[derive(Debug)]
pub(super) struct Windows {
    groups: Box<[Group]>,
    /// Who must let go of a window.
    dropped: Vec<Holder>,
}

/// The windows of a group, by when they were last used.
#[derive(Debug)]
struct Group {
    /// How many may be held.
    most: usize,
    uses: u64,
    by_use: BTreeMap<u64, Holder>,
    last_use: BTreeMap<Holder, u64>,
    /// Whoever used its window last: runs of one sender cost nothing.
    latest: Option<Holder>,
}

/// Into how many groups connections are parted for so much memory.
pub(super) fn groups(memory: u64) -> usize {
    (windows(memory) / LEAST_WINDOWS).clamp(1, MOST_GROUPS)
}

/// How many windows so much memory holds; one is always granted.
fn windows(memory: u64) -> usize {
    usize::try_from(memory / WINDOW).unwrap_or(usize::MAX).max(1)
}

impl Windows {
    /// For so many bytes of memory.
    pub(super) fn new(memory: u64) -> Self {
        let groups = groups(memory);
        let most = windows(memory) / groups;
        Self { groups: (0..groups).map(|_| Group::new(most)).collect(), dropped: Vec::new() }
    }

    /// The group of a connection.
    fn group(&mut self, (connection, _): Holder) -> Option<&mut Group> {
        let index = connection as usize % self.groups.len();
        self.groups.get_mut(index)
    }

    /// A sender's window is used.
    #[inline]
    pub(super) fn used(&mut self, holder: Holder) {
        if let Some(group) = self.group(holder)
            && group.latest != Some(holder)
            && let Some(idle) = group.use_another(holder)
        {
            self.dropped.push(idle);
        }
    }

    /// A sender's window is freed.
    pub(super) fn release(&mut self, holder: Holder) {
        if let Some(group) = self.group(holder) {
            group.release(holder);
        }
    }

    /// The next sender that must let go.
    #[inline]
    pub(super) fn next_dropped(&mut self) -> Option<Holder> {
        self.dropped.pop()
    }
}

impl Group {
    const fn new(most: usize) -> Self {
        Self { most, uses: 0, by_use: BTreeMap::new(), last_use: BTreeMap::new(), latest: None }
    }

    /// Another holder than the latest uses its window: whoever must let go for it.
    fn use_another(&mut self, holder: Holder) -> Option<Holder> {
        self.release(holder);
        self.uses += 1;
        self.by_use.insert(self.uses, holder);
        self.last_use.insert(holder, self.uses);
        self.latest = Some(holder);
        if self.by_use.len() <= self.most {
            return None;
        }
        let (_, idle) = self.by_use.pop_first()?;
        self.last_use.remove(&idle);
        Some(idle)
    }

    fn release(&mut self, holder: Holder) {
        if let Some(used) = self.last_use.remove(&holder) {
            self.by_use.remove(&used);
        }
        self.latest = self.latest.filter(|latest| *latest != holder);
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
        let [group] = &*windows.groups else { panic!("little memory is not parted") };
        assert_eq!((group.by_use.len(), group.last_use.len()), (2, 2));
    }

    #[test]
    fn groups_share_the_memory_and_know_nothing_of_each_other() {
        let most = 5461;
        assert_eq!(
            (groups(most * WINDOW), groups(127 * WINDOW), groups(128 * WINDOW), groups(0)),
            (16, 1, 2, 1)
        );
        let mut windows = Windows::new(most * WINDOW);
        let share = most as u32 / 16;
        (0..=share).for_each(|i| windows.used((16 * i + 3, Sender::Server)));
        assert_eq!(windows.next_dropped(), Some((3, Sender::Server)));
        (0..share).for_each(|i| windows.used((16 * i + 4, Sender::Server)));
        assert_eq!(windows.next_dropped(), None);
    }
}

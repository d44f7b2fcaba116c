//! The nonces that were seen lately: each connection needs a new one (RFC 6455 §4.1).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How many are remembered.
const MOST: usize = 4096;

/// The last [`MOST`] nonces and the connections that used them. A clone is the same memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Nonces(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    order: VecDeque<Box<[u8]>>,
    used_by: HashMap<Box<[u8]>, u32>,
}

impl Nonces {
    /// Remembers a nonce; the earlier connection that used it, if one did.
    pub(super) fn used(&self, nonce: &[u8], connection: u32) -> Option<u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).used(nonce, connection)
    }
}

impl Seen {
    fn used(&mut self, nonce: &[u8], connection: u32) -> Option<u32> {
        if let Some(&earlier) = self.used_by.get(nonce) {
            return (earlier != connection).then_some(earlier);
        }
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.used_by.remove(&oldest);
        }
        self.order.push_back(nonce.into());
        self.used_by.insert(nonce.into(), connection);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_remembered_for_4096_others() {
        let (nonces, same) = (Nonces::default(), Nonces::default());
        assert_eq!((nonces.used(b"a", 1), same.used(b"a", 2)), (None, None));
        let same = nonces.clone();
        assert_eq!(same.used(b"a", 2), Some(1));
        assert_eq!(nonces.used(b"a", 2), Some(1));
        for i in 0..MOST as u32 {
            nonces.used(&i.to_be_bytes(), 3);
        }
        assert_eq!(nonces.used(b"a", 4), None);
    }
}

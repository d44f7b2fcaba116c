//! What every connection is served with.

use std::rc::Rc;
use std::time::Duration;

use super::address::Upstream;
use super::changes::Rewrite;
use super::hub::Hub;
use super::relay::Way;

/// What every connection is served with.
pub(super) struct Shop {
    pub(super) hub: Rc<Hub>,
    /// The server behind; none for a forward proxy.
    pub(super) upstream: Option<Upstream>,
    pub(super) rewrite: Rewrite,
    pub(super) patience: Duration,
}

impl Shop {
    pub(super) fn way_to(&self, upstream: Upstream, forward: bool) -> Way {
        Way { upstream, rewrite: self.rewrite, forward, patience: self.patience }
    }
}

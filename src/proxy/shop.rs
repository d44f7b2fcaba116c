//! What every connection is served with.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::address::Upstream;
use super::changes::Rewrite;
use super::hub::Hub;
use super::pattern::Pattern;
use super::relay::Way;
use super::tls::Tls;

/// What every connection is served with.
pub(super) struct Shop {
    pub(super) hub: Rc<Hub>,
    /// The server behind; none for a forward proxy.
    pub(super) upstream: Option<Upstream>,
    /// Where we listen ourselves: whoever is sent there would come again and again.
    pub(super) own: Vec<SocketAddr>,
    pub(super) rewrite: Rewrite,
    pub(super) patience: Duration,
    pub(super) tls: Arc<Tls>,
    /// Whether clients speak TLS with a reverse proxy.
    pub(super) serve_tls: bool,
    /// What a connection says of where it comes from.
    pub(super) input: String,
    /// The hosts that a forward proxy leaves alone.
    pub(super) left_alone: Vec<Pattern>,
}

impl Shop {
    /// Whether connecting to this address leads back here.
    pub(super) fn is_own(&self, address: SocketAddr) -> bool {
        let leads_here = |own: &SocketAddr| {
            own.port() == address.port()
                && (own.ip() == address.ip() || own.ip().is_unspecified() && address.ip().is_loopback())
        };
        self.own.iter().any(leads_here)
    }

    pub(super) fn way_to(&self, upstream: Upstream, forward: bool) -> Way {
        Way { upstream, rewrite: self.rewrite, forward, patience: self.patience }
    }
}

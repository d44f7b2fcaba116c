//! Listens, and takes connections as long as there are file descriptors for them.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::address::Listen;
use super::note::{Note, reason};
use super::serve::serve;
use super::shop::Shop;

/// File descriptors that are left for everything but connections: listeners, records, look-ups of names.
const RESERVED: u64 = 32;

/// A connection has two of them.
const PER_CONNECTION: u64 = 2;

/// Connections that may wait until they are taken.
const BACKLOG: u32 = 1024;

/// How often another port is tried where a free one on both addresses of this machine is wanted.
const TRIES: usize = 16;

/// Why the proxy cannot listen.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Something else listens there.
    #[error("{0} is in use: stop the program that listens there, or choose another port with --listen")]
    InUse(SocketAddr),
    /// The address is none of this machine, or the port is not for everyone.
    #[error("cannot listen on {0}: {1}; choose another address or port with --listen")]
    Refused(SocketAddr, String),
    /// The system gives no more of what is needed.
    #[error("the proxy cannot start: {0}")]
    System(#[from] io::Error),
}

/// Listens on every address. To be called within a runtime.
pub(super) fn listen(wanted: &Listen) -> Result<Vec<TcpListener>, ListenError> {
    let mut last = None;
    for _ in 0..TRIES {
        match listen_once(wanted) {
            // Port 0 found a port that is free on one address and taken on the other.
            Err(ListenError::InUse(address)) if wanted.port == 0 => last = Some(ListenError::InUse(address)),
            done => return done,
        }
    }
    Err(last.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrInUse).into()))
}

fn listen_once(wanted: &Listen) -> Result<Vec<TcpListener>, ListenError> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut port = wanted.port;
    for host in &wanted.hosts {
        let address = SocketAddr::new(*host, port);
        match listen_on(address) {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(ListenError::InUse(address));
            }
            // A machine without IPv6 still has the other address of localhost.
            Err(_) if !listeners.is_empty() => {}
            Err(error) => return Err(ListenError::Refused(address, reason(&error))),
        }
    }
    Ok(listeners)
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// How many connections may be open at once.
#[derive(Debug)]
pub(super) struct Places {
    free: Semaphore,
    descriptors: u64,
    all: usize,
    told: Cell<bool>,
}

impl Places {
    /// As many as the system lets us have: the soft limit of file descriptors is raised to the hard one.
    pub(super) fn new() -> Self {
        // Where it cannot be raised or read, the system itself says when there are no more.
        let descriptors = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
        let all = (descriptors.saturating_sub(RESERVED) / PER_CONNECTION).max(1);
        let all = usize::try_from(all).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { free: Semaphore::new(all), descriptors, all, told: Cell::new(false) }
    }

    /// Tells once that all are taken.
    fn tell(&self, shop: &Shop) {
        if self.free.available_permits() == 0 && !self.told.replace(true) {
            let Self { descriptors, all, .. } = self;
            shop.hub.note(
                None,
                &Note::Full(format!(
                    "{all} connections are open, as many as {descriptors} file descriptors allow (ulimit -n); others wait \
                     until one of them ends"
                )),
            );
        }
    }
}

/// Takes connections for ever.
pub(super) async fn accept(listener: TcpListener, shop: Rc<Shop>, places: Rc<Places>) {
    let mut trouble = false;
    loop {
        places.tell(&shop);
        let Ok(place) = places.free.acquire().await else { return };
        match listener.accept().await {
            Ok((stream, address)) => {
                trouble = false;
                let (shop, places) = (Rc::clone(&shop), Rc::clone(&places));
                place.forget();
                spawn_local(async move {
                    serve(shop, stream, address).await;
                    places.free.add_permits(1);
                });
            }
            // The client went before it was taken.
            Err(error) if is_about_one(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut trouble, true) {
                    let why = format!("no new connection can be taken now: {}; trying again", reason(&error));
                    shop.hub.note(None, &Note::Full(why));
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn is_about_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

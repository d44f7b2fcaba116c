//! Follows connections: [`segment::Segment`] in, [`event::Event`] out.
//!
//! Five laws hold, and are tests: events cover each sender's stream end to end; cutting the input elsewhere
//! gives the same events; whatever arrives is something to show; decoding never judges; a live stream passes
//! unchanged. Memory is bounded whatever the bytes claim.

pub mod agreed;
pub mod anatomy;
pub mod at_once;
mod backlog;
pub mod calendar;
mod connection;
mod control;
mod current;
pub mod event;
mod frames;
mod inflate;
pub mod inflated;
mod kept;
mod link;
mod message;
mod nonces;
pub mod others;
pub mod packets;
pub mod per_connection;
mod pings;
mod request;
mod response;
mod resync;
mod sample;
pub mod segment;
mod sequence;
mod shared;
mod sniff;
mod start;
mod stop;
mod waiting;
mod windows;

use self::agreed::Agreed;
use self::connection::Connection;
use self::event::Sink;
use self::link::Out;
use self::nonces::Nonces;
use self::per_connection::PerConnection;
use self::segment::{Content, Segment};
use self::windows::Windows;
use crate::rules::rule::Finding;

/// Bytes that are unmasked at once: few enough to stay in the fastest cache.
const SCRATCH: usize = 16 * 1024;

/// What a session is told before it begins.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether text messages are checked as UTF-8. Payload that nobody checks or looks at is not unmasked.
    pub check_text: bool,
    /// The extensions in use where the handshake is not seen; unknown unless the user tells.
    pub agreed: Agreed,
    /// The most plain bytes that are inflated of one message.
    pub message_limit: u64,
    /// How many times as large as its compressed bytes a message may grow; counted in steps of 64 KiB, so that
    /// small messages may be of any ratio.
    pub ratio_limit: u64,
    /// Whether compressed messages are told piece by piece, to the bit, with where their bytes come from.
    pub anatomy: bool,
    /// The most bytes that the windows of all connections together may take. Where it is much, connections are parted by
    /// their numbers into [`groups`](Session::groups) of the same share.
    pub window_memory: u64,
}

/// A mebibyte.
const MIB: u64 = 1024 * 1024;

impl Default for Config {
    fn default() -> Self {
        Self {
            check_text: true,
            agreed: Agreed::Unknown,
            message_limit: 64 * MIB,
            ratio_limit: 256,
            anatomy: false,
            window_memory: 256 * MIB,
        }
    }
}

/// Follows any number of connections.
#[derive(Debug)]
pub struct Session {
    config: Config,
    connections: PerConnection<Connection>,
    nonces: Nonces,
    windows: Windows,
    scratch: Box<[u8; SCRATCH]>,
    findings: Vec<Finding>,
}

impl Session {
    /// Begins with no connection.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            windows: Windows::new(config.window_memory),
            config,
            connections: PerConnection::default(),
            nonces: Nonces::default(),
            scratch: Box::new([0; SCRATCH]),
            findings: Vec::new(),
        }
    }

    /// Into how many groups connections are parted: a connection's number, divided by that, leaves its group.
    #[must_use]
    pub fn groups(&self) -> usize {
        windows::groups(self.config.window_memory)
    }

    /// Another session, for some of the groups. Both together tell what one would of all, as long as each segment that
    /// [`needs_order`](Self::needs_order) waits for all segments before it.
    #[must_use]
    pub fn part(&self) -> Self {
        Self { nonces: self.nonces.clone(), ..Self::new(self.config.clone()) }
    }

    /// Takes back what is still open of a part. No window is counted for it any more: it is to be finished.
    pub fn join(&mut self, part: Self) {
        self.connections.extend(part.connections);
    }

    /// Whether a segment may tell something that depends on other connections: its nonce.
    pub fn needs_order(&mut self, segment: &Segment<'_>) -> bool {
        match self.connections.get_mut(segment.connection) {
            Some(connection) => connection.may_shake_hands(segment.sender),
            None => !matches!(segment.content, Content::Open(_)),
        }
    }

    /// Takes a segment and gives the events that it completes. It cannot fail.
    pub fn feed<S: Sink + ?Sized>(&mut self, segment: &Segment<'_>, sink: &mut S) {
        let number = segment.connection;
        let Self { config, connections, nonces, windows, scratch, findings } = self;
        let connection =
            connections.get_or_insert_with(number, || Connection::new(number, config.agreed.clone()));
        connection.feed(segment, Out { sink, config, nonces, windows, scratch, findings });
        if connection.is_over() {
            connections.remove(number);
        }
        while let Some((number, sender)) = windows.next_dropped() {
            if let Some(connection) = connections.get_mut(number) {
                connection.drop_window(sender);
            }
        }
    }

    /// Ends every connection that is still open: the input merely stops.
    pub fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S) {
        let Self { config, connections, nonces, windows, scratch, findings } = self;
        for (_, mut connection) in connections.take_all() {
            connection.finish(Out { sink, config, nonces, windows, scratch, findings });
        }
    }
}

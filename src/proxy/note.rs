//! What the proxy tells beside the bytes: what it changed, answered, met and advises.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::address::Upstream;
use super::changes::{Change, Told};
use crate::session::segment::How;
use crate::wire::sender::Sender;

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A head was changed on its way.
    Changed(Vec<Change>),
    /// An answer of our own: its status line, and why.
    Answered(&'static str, String),
    /// Our own answer to CONNECT, by which a tunnel to this server stands.
    Tunnel(Upstream),
    /// The connection was cut by one end, and the cut was passed on to the other.
    Cut {
        /// Who cut it.
        by: Sender,
        /// Bytes that came from that end.
        came: u64,
        /// Bytes of them that were handed to the other end.
        passed: u64,
    },
    /// A request's head took too long.
    SlowHead(u64),
    /// A server refused a handshake whose Host or Origin names another port.
    NamesAnother {
        /// `Host` or `Origin`.
        field: &'static str,
        /// What stands there.
        value: Vec<u8>,
        /// The server that refused.
        upstream: Upstream,
        /// Its answer.
        status: u16,
    },
    /// Pages passed, and no WebSocket came.
    NoWebSocket(String),
    /// No more connections can be taken now.
    Full(String),
    /// Something that stands by itself.
    Said(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(changes) => Told(changes).fmt(f),
            Self::Tunnel(upstream) => {
                write!(f, "wslens itself answered CONNECT {upstream} with 200")
            }
            Self::Answered(status, why) => write!(f, "wslens itself answered {status}: {why}"),
            Self::Cut { by, came: 0, .. } => write!(
                f,
                "the {by} cut the connection ({}) before it sent anything; the {} was cut off the same way",
                How::Reset.name(),
                by.other()
            ),
            Self::Cut { by, came, passed } => write!(
                f,
                "the {by} cut the connection ({}) after {came} bytes; the first {passed} of them were handed to the {}, \
                 which was then cut off the same way: what it had not read by then is lost",
                How::Reset.name(),
                by.other()
            ),
            Self::SlowHead(seconds) => write!(
                f,
                "the head of the request did not come whole within {seconds} s (--handshake-timeout), so the connection \
                 was closed"
            ),
            Self::NamesAnother { field, value, upstream, status } => write!(
                f,
                "the server refused with {status}; {field} says \"{}\", while the server is {upstream}: if it checks \
                 that, use --rewrite-{}",
                value.escape_ascii(),
                field.to_ascii_lowercase()
            ),
            Self::NoWebSocket(advice) => {
                write!(f, "requests passed, but no WebSocket came within ten seconds; {advice}")
            }
            Self::Full(why) | Self::Said(why) => f.write_str(why),
        }
    }
}

/// Why a server could not be reached: each address that was tried, and what it said.
#[derive(Debug)]
pub(super) struct Unreachable {
    pub(super) upstream: Upstream,
    pub(super) tried: Vec<(SocketAddr, io::Error)>,
    /// What is wrong, where it is not with the addresses.
    pub(super) why: Option<String>,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server {} cannot be reached: ", self.upstream)?;
        if let Some(why) = &self.why {
            return f.write_str(why);
        }
        for (i, (address, error)) in self.tried.iter().enumerate() {
            write!(f, "{}{address}: {}", if i > 0 { "; " } else { "" }, reason(error))?;
        }
        Ok(())
    }
}

/// What an error of the system says, without its number.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused, so nothing listens there".to_owned(),
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        _ => {
            let text = error.to_string();
            text.rfind(" (os error")
                .map_or_else(|| text.clone(), |at| text.get(..at).unwrap_or_default().to_owned())
        }
    }
}

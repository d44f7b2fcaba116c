//! Connects to a server: every address of its name is tried, in their order.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::address::Upstream;
use super::note::{Unreachable, reason};

/// How long an address may stay silent. One that refuses says so at once.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The addresses of `localhost`, whatever a file says (RFC 6761 §6.3), in the order in which browsers try them.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)];

/// Connects, and says which address answered. Those that are our own are passed over.
pub(super) async fn dial(
    upstream: &Upstream,
    is_own: impl Fn(SocketAddr) -> bool,
) -> Result<(TcpStream, SocketAddr), Unreachable> {
    let mut failed = Unreachable { upstream: upstream.clone(), tried: Vec::new(), why: None };
    let addresses = match addresses_of(upstream).await {
        Ok(addresses) => addresses,
        Err(why) => {
            failed.why = Some(why);
            return Err(failed);
        }
    };
    for address in addresses {
        if is_own(address) {
            failed.tried.push((address, io::Error::other("wslens itself listens there")));
            continue;
        }
        let answer = timeout(PATIENCE, TcpStream::connect(address)).await;
        match answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) if is_itself(&stream) => {
                failed.tried.push((address, io::ErrorKind::ConnectionRefused.into()));
            }
            Ok(stream) => return Ok((stream, address)),
            Err(error) => failed.tried.push((address, error)),
        }
    }
    Err(failed)
}

async fn addresses_of(upstream: &Upstream) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = upstream.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, upstream.port)]);
    }
    if upstream.host.eq_ignore_ascii_case("localhost") {
        return Ok(LOOPBACK.map(|address| SocketAddr::new(address, upstream.port)).to_vec());
    }
    let found = lookup_host((upstream.host.as_str(), upstream.port)).await;
    let found: Vec<_> = found
        .map_err(|error| format!("the name {} has no address ({})", upstream.host, reason(&error)))?
        .collect();
    if found.is_empty() {
        return Err(format!("the name {} has no address", upstream.host));
    }
    Ok(found)
}

/// Whether a connection to a free port of this machine met itself: TCP can open from both ends at once.
fn is_itself(stream: &TcpStream) -> bool {
    stream.local_addr().ok() == stream.peer_addr().ok()
}

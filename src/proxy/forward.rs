//! The forward proxy: each request says itself where it goes.

use super::address::Upstream;
use crate::wire::head::{Head, StartLine};

/// Where an absolute-form request goes: `GET http://host/path` (RFC 9112 §3.2.2).
pub(super) fn target_of(head: &Head) -> Option<Upstream> {
    let StartLine::Request { target, .. } = head.start else { return None };
    let target = std::str::from_utf8(head.at(target)).ok()?;
    let (scheme, rest) = target.split_once("://")?;
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => false,
        "https" | "wss" => true,
        _ => return None,
    };
    let authority = rest.split(['/', '?']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Upstream::from_authority(authority, if tls { 443 } else { 80 }, tls)
}

//! Whether a request is one that `--host` or `--path` names.

use crate::wire::head::{Head, StartLine};

/// Whether the Host field names this host; without a port in `wanted` any port will do. Case does not matter.
pub(super) fn has_host(head: &Head, wanted: &str) -> bool {
    let Some(host) = head.first_value("host") else { return false };
    let name = if has_port(wanted.as_bytes()) { &host } else { without_port(&host) };
    name.eq_ignore_ascii_case(wanted.as_bytes())
}

/// Whether the request is for this path; without a query in `wanted` any query will do.
pub(super) fn has_path(head: &Head, wanted: &str) -> bool {
    let StartLine::Request { target, .. } = head.start else { return false };
    let target = without_authority(head.at(target));
    let path = if wanted.contains('?') { target } else { before(target, b'?') };
    path == wanted.as_bytes()
}

fn has_port(host: &[u8]) -> bool {
    without_port(host).len() < host.len()
}

/// `host` of `host:80`, `[::1]` of `[::1]:80`.
fn without_port(host: &[u8]) -> &[u8] {
    match host.iter().rposition(|&byte| byte == b':') {
        Some(colon) if host.get(colon + 1..).is_some_and(|port| port.iter().all(u8::is_ascii_digit)) => {
            let name = host.get(..colon).unwrap_or(host);
            // An IPv6 address without brackets has no port that could be told apart.
            if name.contains(&b':') && name.last() != Some(&b']') { host } else { name }
        }
        _ => host,
    }
}

/// The path of a target in absolute form, as proxies get it: `/chat` of `http://a/chat`.
fn without_authority(target: &[u8]) -> &[u8] {
    let Some(scheme) = target.windows(3).position(|three| three == b"://") else { return target };
    if target.starts_with(b"/") {
        return target;
    }
    let rest = target.get(scheme + 3..).unwrap_or_default();
    rest.iter().position(|&byte| byte == b'/').and_then(|slash| rest.get(slash..)).unwrap_or(b"/")
}

fn before(bytes: &[u8], stop: u8) -> &[u8] {
    bytes.split(|&byte| byte == stop).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(target: &str, host: &str) -> Head {
        Head::decode(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").into())
    }

    #[test]
    fn a_host_with_and_without_its_port() {
        assert!(has_host(&head("/", "A:80"), "a"));
        assert!(has_host(&head("/", "a:80"), "A:80"));
        assert!(!has_host(&head("/", "a"), "a:80"));
        assert!(has_host(&head("/", "[::1]:80"), "[::1]"));
        assert!(!has_host(&head("/", "b.a"), "a"));
    }

    #[test]
    fn a_path_with_and_without_its_query() {
        assert!(has_path(&head("/chat?x=/1://", "a"), "/chat"));
        assert!(has_path(&head("/chat?x", "a"), "/chat?x"));
        assert!(!has_path(&head("/chat?x", "a"), "/chat?"));
        assert!(has_path(&head("http://a:80/chat?x", "a"), "/chat"));
        assert!(has_path(&head("http://a", "a"), "/"));
    }
}

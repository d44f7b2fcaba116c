//! The addresses on the command line: where to listen, and which server stands behind.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The port on which the proxy listens unless told otherwise.
const DEFAULT_PORT: u16 = 8080;

/// `[ADDR:]PORT`: where the proxy listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The addresses; those of this machine's loopback where none was given.
    pub hosts: Vec<IpAddr>,
    /// The port; 0 for any that is free.
    pub port: u16,
}

impl Listen {
    /// Both addresses of `localhost`.
    const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

    /// Whether machines other than this one can reach it.
    #[must_use]
    pub fn is_beyond_loopback(&self) -> bool {
        self.hosts.iter().any(|host| !host.is_loopback())
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self { hosts: Self::LOOPBACK.to_vec(), port: DEFAULT_PORT }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, port) = text.rsplit_once(':').map_or((None, text), |(host, port)| (Some(host), port));
        let port = port.parse().map_err(|_| {
            format!("{port:?} is no port: write a number up to 65535, or ADDR:PORT, such as 0.0.0.0:8080")
        })?;
        let hosts = match host {
            None | Some("localhost") => Self::LOOPBACK.to_vec(),
            Some(host) => vec![ip(host).ok_or_else(|| {
                format!("{host:?} is no address of this machine: write one such as 127.0.0.1 or [::1]")
            })?],
        };
        Ok(Self { hosts, port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.hosts {
            [IpAddr::V6(host)] => write!(f, "[{host}]:{}", self.port),
            [host] => write!(f, "{host}:{}", self.port),
            _ => write!(f, "{}", self.port),
        }
    }
}

/// A server: its name or address, its port, and whether it speaks TLS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is around the bytes: `wss`, `https`.
    pub tls: bool,
}

impl Upstream {
    /// What a client writes into Host: the port only where the scheme does not say it already.
    #[must_use]
    pub fn authority(&self) -> String {
        let default = if self.tls { 443 } else { 80 };
        if self.port == default { bracketed(&self.host) } else { self.to_string() }
    }

    /// The origin of a page that this server itself delivers.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }

    /// Reads `host:port` or `host`, as it stands in a Host field or behind CONNECT.
    #[must_use]
    pub fn from_authority(text: &str, default_port: u16, tls: bool) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, port.parse().ok().filter(|port| *port > 0)?)
            }
            _ => (text, default_port),
        };
        let host = match host.strip_prefix('[') {
            Some(v6) => v6.strip_suffix(']').filter(|v6| v6.parse::<Ipv6Addr>().is_ok())?,
            None if host.contains(':') => return None,
            None => host,
        };
        // A name in another script comes in Punycode, and what a client asks for is printed.
        let plausible =
            !host.is_empty() && !host.contains(|c: char| !c.is_ascii_graphic() || "/@?#[]\"\\".contains(c));
        plausible.then(|| Self { host: host.to_owned(), port, tls })
    }
}

impl FromStr for Upstream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "write one such as ws://localhost:8001 or localhost:8001";
        let (scheme, rest) = text.split_once("://").map_or((None, text), |(s, rest)| (Some(s), rest));
        let (default, tls) = match scheme.map(str::to_ascii_lowercase).as_deref() {
            None => (0, false),
            Some("ws" | "http") => (80, false),
            Some("wss" | "https") => (443, true),
            Some(other) => {
                return Err(format!("{other:?} is none of ws, wss, http and https: {EXAMPLE}"));
            }
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if !matches!(path, "" | "/") {
            return Err(format!(
                "the path {path} has no use here, since each request keeps its own: leave it out, {EXAMPLE}"
            ));
        }
        let upstream = Self::from_authority(authority, default, tls)
            .ok_or_else(|| format!("{text:?} names no server: {EXAMPLE}"))?;
        if upstream.port == 0 {
            return Err(format!("{text:?} has no port: {EXAMPLE}"));
        }
        Ok(upstream)
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", bracketed(&self.host), self.port)
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

fn ip(text: &str) -> Option<IpAddr> {
    text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_in_every_form() {
        for (text, shown, authority, tls) in [
            ("ws://localhost:8001", "localhost:8001", "localhost:8001", false),
            ("http://localhost/", "localhost:80", "localhost", false),
            ("WSS://example.org", "example.org:443", "example.org", true),
            ("https://example.org:8443", "example.org:8443", "example.org:8443", true),
            ("localhost:8001", "localhost:8001", "localhost:8001", false),
            ("ws://[::1]:8001", "[::1]:8001", "[::1]:8001", false),
            ("127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1", false),
        ] {
            let upstream: Upstream = text.parse().expect(text);
            assert_eq!(
                (upstream.to_string().as_str(), upstream.authority().as_str(), upstream.tls),
                (shown, authority, tls)
            );
        }
    }

    #[test]
    fn what_is_no_upstream_is_told() {
        for (text, says) in [
            ("localhost", "has no port"),
            ("ftp://localhost", "none of ws, wss"),
            ("ws://localhost:8001/chat", "the path /chat"),
            ("ws://localhost:x", "names no server"),
            ("ws://localhost:0", "names no server"),
            ("ws://", "names no server"),
            ("ws://me@localhost:1", "names no server"),
            ("ws://::1:8001", "names no server"),
            ("ws://[zz]:8001", "names no server"),
        ] {
            let error = text.parse::<Upstream>().expect_err(text);
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn places_to_listen() {
        assert_eq!("0".parse(), Ok(Listen { port: 0, ..Listen::default() }));
        assert_eq!("localhost:8000".parse(), Ok(Listen { port: 8000, ..Listen::default() }));
        let all: Listen = "0.0.0.0:80".parse().expect("an address");
        assert!(all.is_beyond_loopback() && !Listen::default().is_beyond_loopback());
        assert_eq!("[::]:80".parse::<Listen>().expect("an address").to_string(), "[::]:80");
        for bad in ["", "x", "65536", "localhost:", "example.org:80"] {
            assert!(bad.parse::<Listen>().is_err(), "{bad}");
        }
    }
}

//! The forward proxy: each request says itself where it goes.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::timeout;

use super::address::Upstream;
use super::changes::ESTABLISHED;
use super::first::{Begins, First};
use super::note::Note;
use super::serve::{Begun, Visit};
use super::shop::Shop;
use super::stream::{Got, Stream, Tcp};
use crate::wire::head::{Head, StartLine};

/// How long a client in a tunnel may stay silent. Where the server speaks first, the tunnel is for something else.
const SILENCE: Duration = Duration::from_secs(1);

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// What a client is told whose request is none for a proxy.
const NOT_A_PROXY_REQUEST: &str = "this is a forward proxy, and the request does not say which server it is for: set the \
                                   address as the browser's HTTP proxy, or start wslens with the server's address";

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

/// The server of `CONNECT host:port` (RFC 9110 §9.3.6).
fn tunnel_of(head: &Head) -> Option<Upstream> {
    let StartLine::Request { target, .. } = head.start else { return None };
    let target = std::str::from_utf8(head.at(target)).ok().filter(|_| head.method() == Some(b"CONNECT"))?;
    Upstream::from_authority(target, 443, false)
}

/// A client of the forward proxy.
pub(super) struct Forwarding {
    shop: Rc<Shop>,
    address: SocketAddr,
}

impl Forwarding {
    pub(super) const fn new(shop: Rc<Shop>, address: SocketAddr) -> Self {
        Self { shop, address }
    }

    /// Reads the first request and does what it asks for.
    pub(super) async fn begin(self, tcp: Tcp) -> Option<Begun> {
        let (mut first, mut client) = (First::default(), Stream::Plain(tcp));
        let begins = timeout(self.shop.patience, first.read(&self.shop.hub, &mut client)).await;
        let head = match begins {
            Ok(Ok(Begins::Request(head))) => head,
            Ok(Ok(Begins::TooLong)) => {
                self.visit(nowhere(), true).after(first).refuse_long_head(client).await;
                return None;
            }
            Ok(Ok(Begins::Other)) => {
                let why = "the client sent no request that a proxy can read".to_owned();
                self.shop.hub.note(None, &Note::Said(why));
                return None;
            }
            // Browsers connect in advance, and may never need it.
            Err(_) if !first.bytes.is_empty() => {
                self.shop.hub.note(None, &Note::SlowHead(self.shop.patience.as_secs()));
                return None;
            }
            Ok(Ok(Begins::Nothing) | Err(_)) | Err(_) => return None,
        };
        match (target_of(&head), tunnel_of(&head), client) {
            (_, Some(upstream), Stream::Plain(mut tcp)) => {
                tcp.unread(first.bytes.get(head.raw().len()..).unwrap_or_default());
                self.tunnel(tcp, upstream).await
            }
            (Some(upstream), _, client) => self.visit(upstream, true).after(first).pass_on(client).await,
            (None, _, client) => {
                self.visit(nowhere(), true).after(first).refuse(client, NOT_A_PROXY_REQUEST.to_owned()).await;
                None
            }
        }
    }

    fn visit(&self, upstream: Upstream, forward: bool) -> Visit {
        Visit::new(&self.shop, self.address, self.shop.way_to(upstream, forward))
    }

    /// Opens a tunnel, and looks what goes through it.
    async fn tunnel(&self, tcp: Tcp, upstream: Upstream) -> Option<Begun> {
        let mut client = Stream::Plain(tcp);
        if client.write_all(ESTABLISHED).await.is_err() {
            return None;
        }
        let Stream::Plain(mut tcp) = client else { return None };
        if self.shop.left_alone.iter().any(|pattern| pattern.matches(&upstream.host)) {
            self.leave_alone(tcp, upstream, "as --tunnel wants it").await;
            return None;
        }
        match timeout(SILENCE, first_byte(&mut tcp)).await {
            Ok(Some(TLS_HANDSHAKE)) => {
                let shop = &self.shop;
                if let Some(client) = shop.accept_tls(tcp, &upstream.host, Some(&upstream)).await {
                    return self
                        .visit(Upstream { tls: true, ..upstream }, false)
                        .in_tunnel()
                        .begin(client)
                        .await;
                }
            }
            Ok(Some(_)) => {
                return self.visit(upstream, false).in_tunnel().begin(Stream::Plain(tcp)).await;
            }
            Ok(None) => self.shop.hub.note(None, &Note::Tunnel(upstream)),
            Err(_) => self.leave_alone(tcp, upstream, "since the client says nothing first").await,
        }
        None
    }

    async fn leave_alone(&self, tcp: Tcp, upstream: Upstream, why: &str) {
        let why = format!("{}, and nobody looks into it, {why}", Note::Tunnel(upstream.clone()));
        self.shop.hub.note(None, &Note::Said(why));
        let way = Rc::new(self.shop.way_to(upstream, false));
        self.shop.pass_silently(&way, Stream::Plain(tcp), First::default()).await;
    }
}

/// What stands for the server where a request names none.
fn nowhere() -> Upstream {
    Upstream { host: "nowhere".to_owned(), port: 0, tls: false }
}

/// The first byte that comes, which stays to be read.
async fn first_byte(tcp: &mut Tcp) -> Option<u8> {
    let mut byte = [0];
    match poll_fn(|cx| tcp.poll_get(cx, &mut byte)).await {
        Ok(Got::Bytes(_)) => {
            tcp.unread(&byte);
            byte.first().copied()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(line: &str) -> Head {
        Head::decode(format!("{line}\r\n\r\n").into_bytes())
    }

    #[test]
    fn a_request_says_where_it_goes() {
        for (line, want) in [
            ("GET http://a/b HTTP/1.1", Some("a:80 false")),
            ("GET ws://a:81?b HTTP/1.1", Some("a:81 false")),
            ("GET HTTPS://me:pw@[::1]/ HTTP/1.1", Some("[::1]:443 true")),
            ("GET /b HTTP/1.1", None),
            ("GET ftp://a/ HTTP/1.1", None),
            ("CONNECT a:443 HTTP/1.1", None),
        ] {
            let target = target_of(&head(line)).map(|to| format!("{to} {}", to.tls));
            assert_eq!(target.as_deref(), want, "{line}");
        }
        assert_eq!(
            tunnel_of(&head("CONNECT a:80 HTTP/1.1")).map(|to| to.to_string()).as_deref(),
            Some("a:80")
        );
        assert_eq!(tunnel_of(&head("CONNECT / HTTP/1.1")), None);
        assert_eq!(tunnel_of(&head("GET a:80 HTTP/1.1")), None);
    }
}

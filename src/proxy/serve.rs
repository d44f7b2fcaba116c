//! A client's connection from its first byte to its last.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::Upstream;
use super::changes;
use super::dial::{PATIENCE, dial};
use super::first::{Begins, First};
use super::forward::Forwarding;
use super::note::{Note, Unreachable};
use super::relay::{Outcome, Relay, Way};
use super::shop::Shop;
use super::stream::{Got, Stream, Tcp};
use super::tls::{client_failed, server_failed};
use crate::session::segment::{Content, How, Opening};
use crate::wire::sender::Sender;

/// How long a client may take to read an answer of ours.
const FAREWELL: Duration = Duration::from_secs(2);

/// The most bytes that are read and forgotten behind an answer of ours, so that it is not lost to an RST.
const MOST_FORGOTTEN: usize = 1024 * 1024;

/// Serves one connection.
pub(super) async fn serve(shop: Rc<Shop>, tcp: TcpStream, address: SocketAddr) {
    // What a beginning needs is much, and given back when bytes pass: most connections are idle most of the time.
    if let Some(begun) = Box::pin(begin(&shop, Tcp::new(tcp), address)).await {
        shop.run(begun).await;
    }
}

/// All that comes before bytes pass; nothing where none will.
async fn begin(shop: &Rc<Shop>, tcp: Tcp, address: SocketAddr) -> Option<Begun> {
    let Some(upstream) = &shop.upstream else {
        return Forwarding::new(Rc::clone(shop), address).begin(tcp).await;
    };
    let way = shop.way_to(upstream.clone(), false);
    let client =
        if shop.serve_tls { shop.accept_tls(tcp, "localhost", None).await? } else { Stream::Plain(tcp) };
    Visit::new(shop, address, way).begin(client).await
}

/// Both ends are there: bytes pass from here on.
pub(super) struct Begun {
    relay: Box<Relay>,
    connection: u32,
}

/// A client that wants to be passed on to a server.
pub(super) struct Visit {
    shop: Rc<Shop>,
    address: SocketAddr,
    way: Rc<Way>,
    first: First,
    /// Whether what is no HTTP is left alone: in a tunnel it can be anything.
    in_tunnel: bool,
}

impl Visit {
    pub(super) fn new(shop: &Rc<Shop>, address: SocketAddr, way: Way) -> Self {
        let (shop, way) = (Rc::clone(shop), Rc::new(way));
        Self { shop, address, way, first: First::default(), in_tunnel: false }
    }

    /// The same in a tunnel.
    pub(super) fn in_tunnel(self) -> Self {
        Self { in_tunnel: true, ..self }
    }

    /// The same for a client that has said something already.
    pub(super) fn after(self, first: First) -> Self {
        Self { first, ..self }
    }

    /// Reads what the client wants, and connects to the server where bytes are to pass.
    pub(super) async fn begin(mut self, mut client: Stream) -> Option<Begun> {
        let begins = timeout(self.way.patience, self.first.read(&self.shop.hub, &mut client)).await;
        match begins {
            Ok(Ok(Begins::Other)) if self.in_tunnel => {
                self.tell_tunnel(None);
                let silent = self.shop.pass_silently(&self.way, client, self.first);
                silent.await;
            }
            Ok(Ok(Begins::Request(_) | Begins::Other)) => return self.pass_on(client).await,
            Ok(Ok(Begins::TooLong)) => self.refuse_long_head(client).await,
            Ok(Ok(Begins::Nothing)) => self.tell_tunnel(None),
            Ok(Err(error)) => {
                self.shop.tell_client_failed(&error, self.in_tunnel.then_some(&self.way.upstream));
                self.gone(&client, How::Reset, None);
            }
            Err(_) => self.gone(&client, How::Unknown, Some(Note::SlowHead(self.way.patience.as_secs()))),
        }
        None
    }

    /// The head is too long to be read.
    pub(super) async fn refuse_long_head(self, client: Stream) {
        let connection = self.open(client.is_tls(), None);
        self.shop.refuse_long_head(connection, client).await;
    }

    /// Has nowhere to pass it on to, and says why.
    pub(super) async fn refuse(self, client: Stream, why: String) {
        let connection = self.open(client.is_tls(), None);
        self.shop.answer(connection, client, &changes::bad_gateway(&why), ("502", why)).await;
    }

    /// Connects to the server and passes on what the client said.
    pub(super) async fn pass_on(self, client: Stream) -> Option<Begun> {
        let (server, address) = match self.shop.reach(&self.way.upstream).await {
            Ok(reached) => reached,
            Err(unreachable) => {
                let connection = self.open(client.is_tls(), None);
                self.shop.refuse_unreachable(connection, client, &unreachable).await;
                return None;
            }
        };
        let connection = self.open(client.is_tls() || server.is_tls(), Some(address));
        let (hub, way) = (Rc::clone(&self.shop.hub), Rc::clone(&self.way));
        let mut relay = Box::new(Relay::new(hub, way, Some(connection), client, server));
        relay.begin(&self.first.bytes);
        if let Some(end) = self.first.end {
            relay.client_has_ended(end);
        }
        Some(Begun { relay, connection })
    }

    /// The client went before it was known what it wanted.
    fn gone(&self, client: &Stream, how: How, note: Option<Note>) {
        if self.first.bytes.is_empty() {
            return;
        }
        let connection = self.open(client.is_tls(), None);
        if let Some(note) = note {
            self.shop.hub.note(Some(connection), &note);
        }
        self.shop.hub.end(connection, Sender::Client, how);
        self.shop.hub.end(connection, Sender::Server, How::Unknown);
    }

    /// In a tunnel our own answer stands before all that the client says.
    fn tell_tunnel(&self, connection: Option<u32>) {
        if self.in_tunnel {
            self.shop.hub.note(connection, &Note::Tunnel(self.way.upstream.clone()));
        }
    }

    /// Begins the connection, and tells what the client has said until now.
    fn open(&self, tls: bool, server: Option<SocketAddr>) -> u32 {
        let hub = &self.shop.hub;
        let since = self.first.since.unwrap_or_else(|| hub.now());
        let opening = Opening {
            client: Some(self.address.to_string()),
            // A request to a proxy may name no server.
            server: (self.way.upstream.port > 0).then(|| self.way.upstream.to_string()),
            tls,
            input: self.shop.input.clone(),
            ..Opening::default()
        };
        let connection = hub.open(since, (self.address, server), opening);
        self.tell_tunnel(Some(connection));
        let (last, at) = self.first.last.unwrap_or((since, 0));
        let (before, piece) = self.first.bytes.split_at(at.min(self.first.bytes.len()));
        for (time, bytes) in [(since, before), (last, piece)] {
            if !bytes.is_empty() {
                hub.feed(connection, Sender::Client, time, Content::Bytes(bytes));
            }
        }
        if self.first.end.is_some() {
            hub.end(connection, Sender::Client, How::Fin);
        }
        connection
    }
}

impl Shop {
    /// Runs relays, one after the other where a forward proxy's client asks several servers.
    async fn run(&self, Begun { mut relay, connection }: Begun) {
        loop {
            match relay.run().await {
                Outcome::Over => return,
                Outcome::HeadTooLong => {
                    Box::pin(self.refuse_long_head(connection, relay.into_client())).await;
                    return;
                }
                Outcome::SlowHead => {
                    self.hub.note(Some(connection), &Note::SlowHead(self.patience.as_secs()));
                    relay.stop();
                    return;
                }
                Outcome::TooLate => {
                    relay.stop();
                    // Whether and how the client ends does not matter any more.
                    _ = Box::pin(timeout(FAREWELL, self.wait_for_end(&mut relay.into_client()))).await;
                    return;
                }
                Outcome::Elsewhere(upstream, bytes) => {
                    let client = relay.into_client();
                    match Box::pin(self.go_elsewhere(connection, client, upstream, &bytes)).await {
                        Some(next) => relay = next,
                        None => return,
                    }
                }
            }
        }
    }

    async fn go_elsewhere(
        &self,
        connection: u32,
        client: Stream,
        upstream: Upstream,
        bytes: &[u8],
    ) -> Option<Box<Relay>> {
        self.hub.note(Some(connection), &Note::Said(format!("this request goes to {upstream}")));
        match self.reach(&upstream).await {
            Ok((server, _)) => {
                let way = Rc::new(self.way_to(upstream, true));
                let relay = Relay::new(Rc::clone(&self.hub), way, Some(connection), client, server);
                let mut relay = Box::new(relay);
                relay.begin(bytes);
                Some(relay)
            }
            Err(unreachable) => {
                self.refuse_unreachable(connection, client, &unreachable).await;
                None
            }
        }
    }

    /// Passes on what nobody looks at.
    pub(super) async fn pass_silently(&self, way: &Rc<Way>, client: Stream, first: First) {
        match self.reach(&way.upstream).await {
            Ok((server, _)) => {
                let mut relay = Relay::new(Rc::clone(&self.hub), Rc::clone(way), None, client, server);
                relay.look_away();
                relay.begin(&first.bytes);
                if let Some(end) = first.end {
                    relay.client_has_ended(end);
                }
                relay.run().await;
            }
            Err(unreachable) => self.hub.note(None, &Note::Said(unreachable.to_string())),
        }
    }

    /// Connects to a server, with TLS around the bytes where it wants that.
    pub(super) async fn reach(&self, upstream: &Upstream) -> Result<(Stream, SocketAddr), Unreachable> {
        let (tcp, address) = dial(upstream, |address| self.is_own(address)).await?;
        let tcp = Tcp::new(tcp);
        if !upstream.tls {
            return Ok((Stream::Plain(tcp), address));
        }
        let answer = timeout(PATIENCE, self.tls.connect(tcp, &upstream.host)).await;
        let why = match answer {
            Ok(Ok(stream)) => return Ok((stream, address)),
            Ok(Err(error)) => server_failed(&error),
            Err(_) => "it does not answer in TLS".to_owned(),
        };
        Err(Unreachable { upstream: upstream.clone(), tried: Vec::new(), why: Some(why) })
    }

    /// Answers a client's TLS handshake as the server `name`, in a tunnel to that server or in none.
    pub(super) async fn accept_tls(&self, tcp: Tcp, name: &str, tunnel: Option<&Upstream>) -> Option<Stream> {
        match timeout(self.patience, self.tls.accept(tcp, name)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                self.tell_client_failed(&error, tunnel);
                None
            }
            Err(_) => {
                self.tell_client_failed(&io::ErrorKind::TimedOut.into(), tunnel);
                None
            }
        }
    }

    fn tell_client_failed(&self, error: &io::Error, tunnel: Option<&Upstream>) {
        let note = match (tunnel.map(|to| Note::Tunnel(to.clone())), client_failed(error)) {
            (Some(tunnel), Some(why)) => Note::Said(format!("{tunnel}; {why}")),
            (Some(tunnel), None) => tunnel,
            (None, Some(why)) => Note::Said(why),
            (None, None) => return,
        };
        self.hub.note(None, &note);
    }

    async fn refuse_long_head(&self, connection: u32, client: Stream) {
        let why = "the head of the request is longer than 64 KiB or has more than 256 lines".to_owned();
        self.answer(connection, client, &changes::head_too_long(), ("431", why)).await;
    }

    async fn refuse_unreachable(&self, connection: u32, client: Stream, why: &Unreachable) {
        let why = why.to_string();
        self.answer(connection, client, &changes::bad_gateway(&why), ("502", why)).await;
    }

    /// Gives an answer of our own, and ends the connection behind it.
    pub(super) async fn answer(
        &self,
        connection: u32,
        mut client: Stream,
        bytes: &[u8],
        told: (&'static str, String),
    ) {
        self.hub.bytes(connection, Sender::Server, bytes);
        self.hub.note(Some(connection), &Note::Answered(told.0, told.1));
        self.hub.end(connection, Sender::Server, How::Fin);
        let how = timeout(FAREWELL, self.say_farewell(&mut client, bytes)).await;
        self.hub.end(connection, Sender::Client, how.unwrap_or(How::Unknown));
    }

    /// Writes, ends, and waits for the client's end: an RST for unread bytes would destroy the answer.
    async fn say_farewell(&self, client: &mut Stream, bytes: &[u8]) -> How {
        if client.write_all(bytes).await.is_err() || poll_fn(|cx| client.poll_end(cx, true)).await.is_err() {
            return How::Reset;
        }
        self.wait_for_end(client).await
    }

    /// Reads and forgets what a client still sends.
    async fn wait_for_end(&self, client: &mut Stream) -> How {
        let mut forgotten = 0;
        while forgotten < MOST_FORGOTTEN {
            let got = poll_fn(|cx| client.poll_read(cx, &mut self.hub.buffer().borrow_mut())).await;
            match got {
                Ok(Got::Bytes(len)) => forgotten += len,
                Ok(_) => return How::Fin,
                Err(_) => return How::Reset,
            }
        }
        How::Unknown
    }
}

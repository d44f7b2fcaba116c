//! A tap: passes bytes on to a server and keeps a copy of them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::taps::PATIENCE;

/// What passed on one connection.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub client: Vec<u8>,
    pub server: Vec<u8>,
}

impl Passed {
    /// Whether it is the connection of a WebSocket.
    pub fn is_websocket(&self) -> bool {
        let head = self.client.to_ascii_lowercase();
        head.windows(20).any(|window| window == b"\r\nupgrade: websocket")
    }
}

/// Stands before the server at a port of this machine.
pub struct Tap {
    pub port: u16,
    passed: Receiver<Passed>,
}

impl Tap {
    /// A tap before `to`; with TLS it takes the client's TLS off, and keeps the plain bytes.
    pub fn start(to: u16, tls: Option<ServerConfig>) -> Self {
        let (tell, passed) = channel();
        let (tell_port, port) = channel();
        let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell_port.send(listener.local_addr().expect("an address").port()).expect("a listener");
                while let Ok((client, _)) = listener.accept().await {
                    client.set_nodelay(true).expect("a socket");
                    let (tell, acceptor) = (tell.clone(), acceptor.clone());
                    tokio::spawn(async move {
                        let passed = match acceptor {
                            None => between(client, to).await,
                            Some(acceptor) => match acceptor.accept(client).await {
                                Ok(client) => between(client, to).await,
                                Err(_) => return,
                            },
                        };
                        // Nobody may wait for this one.
                        _ = tell.send(passed);
                    });
                }
            });
        });
        Self { port: port.recv().expect("a port"), passed }
    }

    /// What passed on the next connection of a WebSocket that is over.
    pub fn websocket(&self) -> Passed {
        loop {
            let passed = self.passed.recv_timeout(PATIENCE).expect("a connection of a WebSocket ends");
            if passed.is_websocket() {
                return passed;
            }
        }
    }
}

async fn between(client: impl AsyncRead + AsyncWrite, to: u16) -> Passed {
    let server = TcpStream::connect(("127.0.0.1", to)).await.expect("the server listens");
    server.set_nodelay(true).expect("a socket");
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = server.into_split();
    let (client, server) = futures_util::join!(pass(from_client, to_server), pass(from_server, to_client));
    Passed { client, server }
}

/// Passes bytes on up to their end, and gives them. An end that no longer listens loses nothing here.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
    while let Ok(len @ 1..) = from.read(&mut piece).await {
        all.extend_from_slice(&piece[..len]);
        if to.write_all(&piece[..len]).await.is_err() || to.flush().await.is_err() {
            break;
        }
    }
    _ = to.shutdown().await;
    all
}

//! Servers and clients of Rust's libraries: the server echoes, the client sends each message after the last one's echo.

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, Role, WebSocket};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message as Tungstenite;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use wslens::wire::accept::accept;
use wslens::wire::head::Head;

use crate::said::{Message, Said, to_send};
use crate::taps::handshake;

/// A library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    TokioTungstenite,
    Fastwebsockets,
}

impl Library {
    /// Serves one connection on a port of its own, and tells what it said.
    pub fn server(self) -> (u16, Receiver<Said>) {
        let (tell, said) = channel();
        let (tell_port, port) = channel();
        run(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            tell_port.send(listener.local_addr().expect("an address").port()).expect("the test waits");
            let (stream, _) = listener.accept().await.expect("a connection");
            let said = match self {
                Self::TokioTungstenite => serve_tungstenite(stream).await,
                Self::Fastwebsockets => serve_fastwebsockets(stream).await,
            };
            tell.send(said).expect("the test waits");
        });
        (port.recv().expect("a port"), said)
    }

    /// Talks to the server at a port.
    pub fn client(self, port: u16) -> Said {
        run(async move {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
            match self {
                Self::TokioTungstenite => ask_tungstenite(stream).await,
                Self::Fastwebsockets => ask_fastwebsockets(stream).await,
            }
        })
        .join()
        .expect("it does not panic")
    }
}

fn run<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> thread::JoinHandle<T> {
    thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(task)
    })
}

async fn serve_tungstenite(stream: TcpStream) -> Said {
    let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
    let mut said = Said::default();
    while let Some(Ok(message)) = socket.next().await {
        match told(&message) {
            Some(data) => {
                said.received.push(data.clone());
                socket.send(message).await.expect("it is taken");
                said.sent.push(data);
            }
            None => close_of(&message, &mut said),
        }
    }
    said
}

async fn ask_tungstenite(stream: TcpStream) -> Said {
    let (mut socket, _) =
        tokio_tungstenite::client_async("ws://localhost/chat", stream).await.expect("a handshake");
    let mut said = Said::default();
    for (opcode, data) in to_send() {
        let message = match opcode {
            1 => Tungstenite::text(String::from_utf8(data.clone()).expect("text")),
            _ => Tungstenite::binary(data.clone()),
        };
        socket.send(message).await.expect("it is taken");
        said.sent.push((opcode, data));
        let echo = socket.next().await.expect("an echo").expect("an echo");
        said.received.push(told(&echo).expect("a message"));
    }
    let close = CloseFrame { code: 4001.into(), reason: "bye".into() };
    socket.close(Some(close)).await.expect("it is taken");
    while let Some(Ok(message)) = socket.next().await {
        close_of(&message, &mut said);
    }
    said
}

fn told(message: &Tungstenite) -> Option<Message> {
    match message {
        Tungstenite::Text(text) => Some((1, text.as_bytes().to_vec())),
        Tungstenite::Binary(data) => Some((2, data.to_vec())),
        _ => None,
    }
}

fn close_of(message: &Tungstenite, said: &mut Said) {
    if let Tungstenite::Close(Some(close)) = message {
        said.close = (close.code.into(), close.reason.to_string());
    }
}

async fn serve_fastwebsockets(mut stream: TcpStream) -> Said {
    let head = Head::decode(read_head(&mut stream).await);
    let accept = accept(&head.first_value("sec-websocket-key").expect("a nonce"));
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await.expect("it is taken");
    let mut socket = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Server));
    let mut said = Said::default();
    while let Some(frame) = next(&mut socket, &mut said).await {
        said.received.push(frame.clone());
        let echo = Frame::new(true, opcode(frame.0), None, Payload::from(frame.1.clone()));
        socket.write_frame(echo).await.expect("it is taken");
        said.sent.push(frame);
    }
    said
}

async fn ask_fastwebsockets(mut stream: TcpStream) -> Said {
    stream.write_all(handshake().as_bytes()).await.expect("it is taken");
    assert!(read_head(&mut stream).await.starts_with(b"HTTP/1.1 101 "));
    let mut socket = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Client));
    let mut said = Said::default();
    for (code, data) in to_send() {
        let (first, last) = data.split_at(data.len() / 3);
        let pieces = [(false, opcode(code), first), (true, OpCode::Continuation, last)];
        for (fin, opcode, piece) in pieces {
            let frame = Frame::new(fin, opcode, None, Payload::from(piece.to_vec()));
            socket.write_frame(frame).await.expect("it is taken");
        }
        said.sent.push((code, data.clone()));
        let echo = next(&mut socket, &mut said).await.expect("an echo");
        said.received.push(echo);
    }
    socket.write_frame(Frame::close(4001, b"bye")).await.expect("it is taken");
    assert_eq!(next(&mut socket, &mut said).await, None);
    said
}

/// The next message, or none where it is a Close.
async fn next(socket: &mut FragmentCollector<TcpStream>, said: &mut Said) -> Option<Message> {
    let frame = socket.read_frame().await.expect("a frame");
    let payload = frame.payload.to_vec();
    if frame.opcode == OpCode::Close {
        let (code, reason) = payload.split_at(2);
        said.close =
            (u16::from_be_bytes([code[0], code[1]]), String::from_utf8(reason.to_vec()).expect("text"));
        return None;
    }
    Some((if frame.opcode == OpCode::Text { 1 } else { 2 }, payload))
}

fn opcode(number: u8) -> OpCode {
    if number == 1 { OpCode::Text } else { OpCode::Binary }
}

async fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a head"));
    }
    head
}

//! The tutorial's server: one path a step, each as far as the tutorial has come by then.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::talk::{Frame, Talk};
use crate::wire::accept::accept;
use crate::wire::head::{Head, StartLine};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// What the server says.
const GREETING: &str = "Hi, from the server!";

/// The longest message that is kept, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// Serves on a free port of this machine, each connection on a thread of its own; `/` gives `page`.
///
/// # Errors
/// Where the machine has no loopback.
pub(super) fn start(page: String) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let page = Arc::new(page);
    thread::Builder::new().name("server".to_owned()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let page = Arc::clone(&page);
            // A client that goes away is no fault; what it did is in the lesson.
            thread::spawn(move || _ = serve(stream, &page));
        }
    })?;
    // An address that can be bound is not always one that can be reached.
    TcpStream::connect(address)?;
    Ok(address)
}

fn serve(stream: TcpStream, page: &str) -> io::Result<()> {
    let mut talk = Talk::new(stream, Sender::Server)?;
    let head = talk.read_head()?;
    let path = path_of(&head);
    let step = path.strip_prefix('/').and_then(|path| path.parse::<u8>().ok());
    match (head.first_value("sec-websocket-key"), step) {
        (Some(nonce), Some(step @ 1..=5)) => Play::new(talk, step).play(&accept(&nonce)),
        _ => {
            talk.write(&http(&path, page))?;
            talk.end_first()
        }
    }
}

fn path_of(head: &Head) -> String {
    let StartLine::Request { target, .. } = head.start else { return String::new() };
    String::from_utf8_lossy(head.at(target)).into_owned()
}

/// The answer to whoever asks for no WebSocket.
fn http(path: &str, page: &str) -> Vec<u8> {
    let (status, body) = if path == "/" { ("200 OK", page) } else { ("404 Not Found", "") };
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One step, at work.
struct Play {
    talk: Talk,
    step: u8,
    /// The message that is coming.
    message: Vec<u8>,
    /// What is to be sent behind the pong.
    rest: Vec<u8>,
    /// Whether our Close is sent.
    closing: bool,
}

impl Play {
    const fn new(talk: Talk, step: u8) -> Self {
        Self { talk, step, message: Vec::new(), rest: Vec::new(), closing: false }
    }

    fn play(mut self, accept: &str) -> io::Result<()> {
        let proof =
            if self.step == 1 { String::new() } else { format!("Sec-WebSocket-Accept: {accept}\r\n") };
        let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
        self.talk.write(format!("{head}{proof}\r\n").as_bytes())?;
        match self.step {
            1 => self.talk.end_second(),
            2 => {
                // The mistake of this step: text where a frame must be.
                self.talk.write(GREETING.as_bytes())?;
                self.talk.end_second()
            }
            _ => self.converse(),
        }
    }

    /// Answers frames until a Close has come and is answered.
    fn converse(mut self) -> io::Result<()> {
        while let Some(frame) = self.talk.read_frame()? {
            match frame.header.opcode() {
                Opcode::CLOSE => {
                    if !self.closing {
                        self.talk.write_frame(Opcode::CLOSE, true, &frame.payload)?;
                    }
                    // The server ends TCP first (RFC 6455 §7.1.1).
                    return self.talk.end_first();
                }
                Opcode::PING => self.talk.write_frame(Opcode::PONG, true, &frame.payload)?,
                Opcode::PONG => self.last_piece()?,
                _ if !self.rest.is_empty() => {}
                _ => self.piece(&frame)?,
            }
        }
        self.talk.end_second()
    }

    /// A piece of a message has come, maybe its last.
    fn piece(&mut self, frame: &Frame) -> io::Result<()> {
        self.message.extend_from_slice(&frame.payload);
        if self.message.len() > LONGEST_MESSAGE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a message too long for the demo"));
        }
        if !frame.header.fin() {
            return Ok(());
        }
        let message = std::mem::take(&mut self.message);
        self.reply(&message)
    }

    /// What is said to a whole message.
    fn reply(&mut self, message: &[u8]) -> io::Result<()> {
        match self.step {
            4 => self.talk.write_frame(Opcode::TEXT, true, GREETING.as_bytes()),
            5 => {
                let (piece, rest) = halves(message);
                self.rest = rest.to_vec();
                self.talk.write_frame(Opcode::TEXT, false, piece)?;
                self.talk.write_frame(Opcode::PING, true, b"still")
            }
            _ => Ok(()),
        }
    }

    /// The ping between the pieces is answered: the rest, and goodbye.
    fn last_piece(&mut self) -> io::Result<()> {
        if self.rest.is_empty() || std::mem::replace(&mut self.closing, true) {
            return Ok(());
        }
        self.talk.write_frame(Opcode::CONTINUATION, true, &self.rest)?;
        self.talk.write_close(1001, "shutting down")
    }
}

/// A message in two pieces. A piece may end within a character: only the whole must be UTF-8 (RFC 6455 §5.6).
fn halves(message: &[u8]) -> (&[u8], &[u8]) {
    message.split_at(message.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::time::Duration;

    /// All that the server says to these bytes.
    fn answer(bytes: &[u8]) -> Vec<u8> {
        let server = start("the page".to_owned()).expect("a loopback");
        let mut stream = TcpStream::connect(server).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        stream.write_all(bytes).expect("bytes are taken");
        stream.shutdown(std::net::Shutdown::Write).expect("an end");
        let mut all = Vec::new();
        // A connection that is cut has said what it said.
        _ = stream.read_to_end(&mut all);
        all
    }

    /// What the server sends behind its 101 to these frames.
    fn frames(step: u8, bytes: &[u8]) -> Vec<u8> {
        let request = format!("GET /{step} HTTP/1.1\r\nSec-WebSocket-Key: a\r\n\r\n");
        let all = answer(&[request.as_bytes(), bytes].concat());
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        assert!(all.starts_with(b"HTTP/1.1 101 "));
        all[end + 4..].to_vec()
    }

    #[test]
    fn the_page_is_at_the_root_alone() {
        assert!(answer(b"GET / HTTP/1.1\r\n\r\n").ends_with(b"\r\n\r\nthe page"));
        for request in
            [&b"GET /1 HTTP/1.1\r\n\r\n"[..], b"GET /9 HTTP/1.1\r\nSec-WebSocket-Key: a\r\n\r\n", b"?"]
        {
            assert!(answer(request).starts_with(b"HTTP/1.1 404 "), "{}", request.escape_ascii());
        }
    }

    #[test]
    fn pieces_are_joined_and_pongs_that_nobody_asked_for_are_passed_over() {
        let hi = [&[0x81, 20][..], GREETING.as_bytes()].concat();
        assert_eq!(frames(4, b"\x01\x01a\x8a\x00\x80\x01b"), hi, "unmasked or not, it is read");
        assert_eq!(frames(5, b"\x8a\x00\x8a\x00"), b"");
        assert_eq!(
            frames(5, b"\x81\x02ab\x8a\x00\x8a\x00"),
            b"\x01\x01a\x89\x05still\x80\x01b\x88\x0f\x03\xe9shutting down"
        );
        assert_eq!(frames(3, b"\x89\x01x\x88\x02\x03\xe8"), b"\x8a\x01x\x88\x02\x03\xe8");
    }

    #[test]
    fn what_a_length_claims_is_not_believed() {
        assert_eq!(frames(4, b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), b"");
        let pieces = [&[0x01, 126, 0x40, 0][..], &[b'a'; 0x4000]].concat().repeat(5);
        assert_eq!(frames(4, &pieces), b"");
    }
}

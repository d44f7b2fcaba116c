//! The tutorial's page without a browser: it does what a browser does, as far as the tutorial goes.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::steps::{Leaves, Step};
use super::talk::{Frame, Talk, random};
use crate::wire::accept::{accept, nonce_for};
use crate::wire::close::CloseBody;
use crate::wire::frame::Header;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// How long anything may take: over loopback it is there at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a visit ended, as a page is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The connection was failed (RFC 6455 §7.1.7), and why: onclose gets 1006.
    Failed(&'static str),
    /// The server's Close came, with this code: onclose gets it.
    Closed(Option<u16>),
}

/// Opens the WebSocket of `step` at `to` and does what the page does.
///
/// # Errors
/// Where the connection breaks, or nothing comes for a while.
pub(super) fn visit(to: SocketAddr, step: &Step) -> io::Result<Outcome> {
    let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut talk = Talk::new(stream, Sender::Client)?;
    let nonce = nonce_for(random()?);
    talk.write(request(to.port(), step.number, &nonce).as_bytes())?;
    let head = talk.read_head()?;
    let proof = head.first_value("sec-websocket-accept");
    if head.status() != Some(101) || proof.as_deref() != Some(accept(nonce.as_bytes()).as_bytes()) {
        return fail(talk, "no right Sec-WebSocket-Accept");
    }
    converse(talk, step)
}

fn request(port: u16, step: u8, nonce: &str) -> String {
    format!(
        "GET /{step} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Origin: http://localhost:{port}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n"
    )
}

/// Speaks in frames until the server has closed.
fn converse(mut talk: Talk, step: &Step) -> io::Result<Outcome> {
    if let Some(says) = step.says {
        talk.write_frame(Opcode::TEXT, true, says.as_bytes())?;
    }
    let mut left = step.leaves == Leaves::Soon;
    if left {
        talk.write_close(1001, "")?;
    }
    loop {
        let Some(header) = talk.peek_header()? else { return fail(talk, "no Close came") };
        if let Some(why) = is_wrong(&header) {
            return fail(talk, why);
        }
        let Some(Frame { header, payload }) = talk.read_frame()? else { return fail(talk, "no Close came") };
        match header.opcode() {
            Opcode::PING => talk.write_frame(Opcode::PONG, true, &payload)?,
            Opcode::CLOSE => {
                if !left {
                    talk.write_frame(Opcode::CLOSE, true, payload.get(..2).unwrap_or_default())?;
                }
                talk.end_second()?;
                return Ok(Outcome::Closed(CloseBody::decode(&payload).code.map(|code| code.0)));
            }
            Opcode::PONG => {}
            _ if header.fin() && step.leaves == Leaves::AfterReply && !left => {
                talk.write_close(1000, "done")?;
                left = true;
            }
            _ => {}
        }
    }
}

/// Why a header makes a client fail the connection: what a server may never send.
const fn is_wrong(header: &Header) -> Option<&'static str> {
    match header.opcode() {
        _ if header.rsv() != 0 => Some("a reserved bit is set"),
        _ if header.mask() => Some("a masked frame from the server"),
        opcode if opcode.is_reserved() => Some("an unknown opcode"),
        opcode if opcode.is_control() && !header.fin() => Some("a fragmented control frame"),
        opcode if opcode.is_control() && header.payload_len() > 125 => Some("a control frame too long"),
        _ => None,
    }
}

/// Fails the connection: it ends without a Close.
fn fail(talk: Talk, why: &'static str) -> io::Result<Outcome> {
    talk.end_first()?;
    Ok(Outcome::Failed(why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::server;
    use crate::cli::demo::steps::STEPS;

    #[test]
    fn the_page_is_told_what_a_browsers_page_is_told() {
        let server = server::start(String::new()).expect("a loopback");
        let ended: Vec<_> = STEPS.iter().map(|step| visit(server, step).expect("a visit")).collect();
        assert_eq!(
            ended,
            [
                Outcome::Failed("no right Sec-WebSocket-Accept"),
                Outcome::Failed("a reserved bit is set"),
                Outcome::Closed(Some(1001)),
                Outcome::Closed(Some(1000)),
                Outcome::Closed(Some(1001)),
            ]
        );
    }

    #[test]
    fn what_a_server_may_never_send_fails_the_connection() {
        for (bytes, wrong) in [
            ([0x81, 0], false),
            ([0x89, 125], false),
            ([0xc1, 0], true),
            ([0x83, 0], true),
            ([0x09, 0], true),
        ] {
            let header = Header::decode(&bytes).expect("a header");
            assert_eq!(is_wrong(&header).is_some(), wrong, "{bytes:x?}");
        }
        let masked = Header::decode(&[0x81, 0x80, 1, 2, 3, 4]).expect("a header");
        assert!(is_wrong(&masked).is_some());
    }
}

//! What a client says first: it decides where the connection goes.

use std::future::poll_fn;
use std::io;

use super::gate::{Gate, Step};
use super::hub::Hub;
use super::stream::{Got, Stream};
use crate::session::segment::Time;
use crate::wire::head::Head;

/// The first bytes of a client, and what they are.
#[derive(Debug, Default)]
pub(super) struct First {
    /// All bytes that came.
    pub(super) bytes: Vec<u8>,
    /// When the first of them came.
    pub(super) since: Option<Time>,
    /// When the last piece of them came, and how many bytes stood before it.
    pub(super) last: Option<(Time, usize)>,
    /// How the stream ended, where it has.
    pub(super) end: Option<Got>,
    gate: Gate,
}

/// What the first bytes of a client are.
#[derive(Debug)]
pub(super) enum Begins {
    /// A whole head of a request.
    Request(Box<Head>),
    /// Something else, or a head that never came whole.
    Other,
    /// A head that is too long.
    TooLong,
    /// Nothing at all: the client went away.
    Nothing,
}

impl First {
    /// Reads until it is known what the client wants. What came stays here even where nobody waits for the rest.
    pub(super) async fn read(&mut self, hub: &Hub, client: &mut Stream) -> io::Result<Begins> {
        loop {
            let start = self.bytes.len();
            let got = poll_fn(|cx| {
                let mut buffer = hub.buffer().borrow_mut();
                let got = client.poll_read(cx, &mut buffer);
                if let std::task::Poll::Ready(Ok(Got::Bytes(len))) = got {
                    self.bytes.extend_from_slice(buffer.get(..len).unwrap_or_default());
                }
                got
            });
            match got.await? {
                Got::Bytes(_) => {}
                end => {
                    self.end = Some(end);
                    return Ok(if self.bytes.is_empty() { Begins::Nothing } else { Begins::Other });
                }
            }
            let now = hub.now();
            self.since.get_or_insert(now);
            self.last = Some((now, start));
            match self.gate.step(self.bytes.get(start..).unwrap_or_default()) {
                Step::Hold => {}
                Step::Head(_, head) => return Ok(Begins::Request(head)),
                Step::TooLong => return Ok(Begins::TooLong),
                Step::Pass(_) | Step::NotHttp(..) => return Ok(Begins::Other),
            }
        }
    }
}

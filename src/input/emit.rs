//! Hands segments on: numbers the connections, and ends every stream that began.

use std::num::NonZeroU64;
use std::ops::ControlFlow;

use super::error::InputError;
use crate::session::others::Others;
use crate::session::segment::{Content, How, Opening, Segment, Time};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Why reading stops before the end of the input.
#[derive(Debug)]
pub(super) enum Stop {
    /// Whoever takes the segments wants no more.
    Closed,
    /// The input is bad.
    Bad(InputError),
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Bad(error)
    }
}

/// Takes what a reader finds, and hands it on as segments.
pub(super) struct Emitter<'e> {
    each: &'e mut dyn FnMut(Segment<'_>) -> ControlFlow<()>,
    first: u32,
    /// For each connection whether the client, and the server, still speaks.
    speaks: Vec<[bool; 2]>,
    /// What there was besides, of which nothing is handed on.
    pub(super) others: Others,
}

/// What was handed on, for one who hands on more.
#[derive(Debug, Default)]
pub(super) struct Emitted {
    first: u32,
    speaks: Vec<[bool; 2]>,
    pub(super) others: Others,
}

impl Emitted {
    /// Nothing; the first connection will have the number `first`.
    pub(super) fn new(first: u32) -> Self {
        Self { first, ..Self::default() }
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> u32 {
        u32::try_from(self.speaks.len()).unwrap_or(u32::MAX)
    }
}

impl<'e> Emitter<'e> {
    /// The first connection will have the number `first`.
    pub(super) fn new(first: u32, each: &'e mut dyn FnMut(Segment<'_>) -> ControlFlow<()>) -> Self {
        Self::behind(Emitted::new(first), each)
    }

    /// Goes on behind what was handed on.
    pub(super) fn behind(emitted: Emitted, each: &'e mut dyn FnMut(Segment<'_>) -> ControlFlow<()>) -> Self {
        let Emitted { first, speaks, others } = emitted;
        Self { each, first, speaks, others }
    }

    /// What was handed on by now.
    pub(super) fn emitted(self) -> Emitted {
        let Self { first, speaks, others, .. } = self;
        Emitted { first, speaks, others }
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> u32 {
        u32::try_from(self.speaks.len()).unwrap_or(u32::MAX)
    }

    /// Begins a connection, and gives its index.
    pub(super) fn open(&mut self, time: Option<Time>, opening: Opening) -> Result<usize, Stop> {
        let connection = self.speaks.len();
        self.speaks.push([false; 2]);
        self.hand_on(connection, Sender::Client, time, Content::Open(Box::new(opening)))?;
        Ok(connection)
    }

    /// The next bytes of a sender; nothing where there are none.
    pub(super) fn bytes(
        &mut self,
        connection: usize,
        sender: Sender,
        time: Option<Time>,
        bytes: &[u8],
    ) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.set_speaks(connection, sender, true);
        self.hand_on(connection, sender, time, Content::Bytes(bytes))
    }

    /// The same, of a packet of a capture.
    pub(super) fn bytes_of_packet(
        &mut self,
        connection: usize,
        sender: Sender,
        came: (Option<Time>, Option<NonZeroU64>),
        bytes: &[u8],
    ) -> Result<(), Stop> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (time, packet) = came;
        self.set_speaks(connection, sender, true);
        let connection = self.number(connection);
        self.give(Segment { connection, sender, time, packet, content: Content::Bytes(bytes) })
    }

    /// `lost` bytes of a sender that are not in the input.
    pub(super) fn gap(
        &mut self,
        connection: usize,
        sender: Sender,
        time: Option<Time>,
        lost: u64,
    ) -> Result<(), Stop> {
        if lost == 0 {
            return Ok(());
        }
        self.set_speaks(connection, sender, true);
        self.hand_on(connection, sender, time, Content::Gap(lost))
    }

    /// A whole message of a sender, without its frames.
    pub(super) fn message(
        &mut self,
        connection: usize,
        sender: Sender,
        time: Option<Time>,
        (opcode, payload): (Opcode, &[u8]),
    ) -> Result<(), Stop> {
        self.hand_on(connection, sender, time, Content::Message(opcode, payload))
    }

    /// What a program wrote about a connection.
    pub(super) fn reported(
        &mut self,
        connection: usize,
        sender: Sender,
        time: Option<Time>,
        words: &[u8],
    ) -> Result<(), Stop> {
        self.hand_on(connection, sender, time, Content::Reported(words))
    }

    /// The end of a sender's stream.
    pub(super) fn end(
        &mut self,
        connection: usize,
        sender: Sender,
        time: Option<Time>,
        how: How,
    ) -> Result<(), Stop> {
        self.set_speaks(connection, sender, false);
        self.hand_on(connection, sender, time, Content::End(how))
    }

    /// The end of the input: whoever still speaks is cut off here.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        for connection in 0..self.speaks.len() {
            for sender in Sender::BOTH {
                if self.speaks(connection, sender) {
                    self.end(connection, sender, None, How::Unknown)?;
                }
            }
        }
        Ok(())
    }

    fn speaks(&self, connection: usize, sender: Sender) -> bool {
        let [client, server] = self.speaks.get(connection).copied().unwrap_or_default();
        if sender == Sender::Client { client } else { server }
    }

    fn set_speaks(&mut self, connection: usize, sender: Sender, speaks: bool) {
        if let Some([client, server]) = self.speaks.get_mut(connection) {
            *(if sender == Sender::Client { client } else { server }) = speaks;
        }
    }

    fn hand_on(
        &mut self,
        connection: usize,
        sender: Sender,
        time: Option<Time>,
        content: Content<'_>,
    ) -> Result<(), Stop> {
        let connection = self.number(connection);
        self.give(Segment { connection, sender, time, packet: None, content })
    }

    /// The number of the connection with this index.
    fn number(&self, index: usize) -> u32 {
        self.first.saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn give(&mut self, segment: Segment<'_>) -> Result<(), Stop> {
        match (self.each)(segment) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Closed),
        }
    }
}

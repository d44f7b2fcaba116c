//! One end of a connection of the demo: heads and frames, read and written, and no more than the tutorial needs.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::wire::encode::Outgoing;
use crate::wire::frame::Header;
use crate::wire::head::{Head, HeadReader, Progress};
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The longest payload that is read, in bytes: the tutorial's are far shorter, but anybody can open the page's port.
const LONGEST: u64 = 64 * 1024;

/// Bytes that are read at once.
const PIECE: usize = 4096;

/// A connection, seen from one of its ends.
#[derive(Debug)]
pub(super) struct Talk {
    stream: TcpStream,
    /// What came and is not read yet.
    ahead: Vec<u8>,
    /// Who we are: a client masks its frames (RFC 6455 §5.3).
    role: Sender,
}

/// A frame, its payload unmasked.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
}

impl Talk {
    /// # Errors
    /// Where the system refuses the option by which small frames are sent at once.
    pub(super) fn new(stream: TcpStream, role: Sender) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, ahead: Vec::new(), role })
    }

    /// Reads a head, whole or as far as it comes.
    pub(super) fn read_head(&mut self) -> io::Result<Head> {
        let mut reader = HeadReader::default();
        loop {
            let (taken, progress) = reader.feed(&self.ahead);
            self.ahead.drain(..taken);
            if progress != Progress::More || !self.read_more()? {
                return Ok(reader.finish());
            }
        }
    }

    /// Reads the header of the next frame, which stays to be read; none where no whole one comes.
    pub(super) fn peek_header(&mut self) -> io::Result<Option<Header>> {
        loop {
            if let Some(header) = Header::decode(&self.ahead) {
                return Ok(Some(header));
            }
            if !self.read_more()? {
                return Ok(None);
            }
        }
    }

    /// Reads the next frame; none where no whole one comes.
    pub(super) fn read_frame(&mut self) -> io::Result<Option<Frame>> {
        let Some(header) = self.peek_header()? else { return Ok(None) };
        let len = usize::try_from(header.payload_len().min(LONGEST + 1)).unwrap_or(usize::MAX);
        if len as u64 > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame too long for the demo"));
        }
        let whole = header.header_len() + len;
        while self.ahead.len() < whole {
            if !self.read_more()? {
                return Ok(None);
            }
        }
        let mut payload: Vec<u8> = self.ahead.drain(..whole).skip(header.header_len()).collect();
        if let Some(key) = header.key() {
            key.apply(&mut payload);
        }
        Ok(Some(Frame { header, payload }))
    }

    /// Writes bytes as they are.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Writes one frame, with a fresh masking key where we are the client.
    pub(super) fn write_frame(&mut self, opcode: Opcode, fin: bool, payload: &[u8]) -> io::Result<()> {
        let key = (self.role == Sender::Client).then(random).transpose()?.map(MaskingKey);
        let outgoing = Outgoing { opcode, payload, fin, rsv: 0, form: None, piece: None };
        let mut bytes = Vec::new();
        for frame in outgoing.frames().map_err(io::Error::other)? {
            frame.encode(key, &mut bytes);
        }
        self.write(&bytes)
    }

    /// Writes a Close with a code and a reason (RFC 6455 §5.5.1).
    pub(super) fn write_close(&mut self, code: u16, reason: &str) -> io::Result<()> {
        self.write_frame(Opcode::CLOSE, true, &[&code.to_be_bytes(), reason.as_bytes()].concat())
    }

    /// Sends FIN, and reads to the other end's.
    pub(super) fn end_first(mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)?;
        self.read_to_end()
    }

    /// Reads to the other end's FIN, and answers with ours.
    pub(super) fn end_second(mut self) -> io::Result<()> {
        self.read_to_end()?;
        self.stream.shutdown(Shutdown::Write)
    }

    fn read_to_end(&mut self) -> io::Result<()> {
        self.ahead.clear();
        while self.read_more()? {
            self.ahead.clear();
        }
        Ok(())
    }

    /// Waits for more bytes; false where none come any more.
    fn read_more(&mut self) -> io::Result<bool> {
        let mut piece = [0; PIECE];
        let len = loop {
            match self.stream.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => break done?,
            }
        };
        self.ahead.extend_from_slice(piece.get(..len).unwrap_or_default());
        Ok(len > 0)
    }
}

/// Random bytes: nonces and masking keys must not be foreseen (RFC 6455 §10.3).
pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

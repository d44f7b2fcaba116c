//! What gzip compressed (RFC 1952), unpacked while it is read.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use super::counted::counted;

/// Reads what is inside, and says in a sentence where that cannot be read further.
pub(super) struct Unpacked<R> {
    at: At<R>,
    /// Bytes that came out.
    len: u64,
    /// What stopped it: said again whenever more is asked for.
    stopped: Option<ErrorKind>,
}

/// Where it reads. A file may hold several members, each compressed on its own (RFC 1952 §2.2).
enum At<R> {
    Member(Box<GzDecoder<BufReader<R>>>),
    /// Behind a member.
    Between(BufReader<R>),
    End,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(reader: R) -> Self {
        let member = Box::new(GzDecoder::new(BufReader::new(reader)));
        Self { at: At::Member(member), len: 0, stopped: None }
    }

    /// Reads on, from one member to the next.
    fn go_on(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.at {
                At::End => return Ok(0),
                At::Member(member) => {
                    let len = member.read(to)?;
                    if len > 0 || to.is_empty() {
                        return Ok(len);
                    }
                    if let At::Member(member) = std::mem::replace(&mut self.at, At::End) {
                        self.at = At::Between(member.into_inner());
                    }
                }
                At::Between(reader) => {
                    let over = skip_zeros(reader)?;
                    if let At::Between(reader) = std::mem::replace(&mut self.at, At::End)
                        && !over
                    {
                        self.at = At::Member(Box::new(GzDecoder::new(reader)));
                    }
                }
            }
        }
    }

    fn error(&self, kind: ErrorKind) -> io::Error {
        let what = match kind {
            ErrorKind::UnexpectedEof => "cut off",
            _ => "damaged, or followed by something else,",
        };
        let len = counted(self.len, "byte");
        io::Error::new(kind, format!("the gzip data is {what} behind the first {len} that it unpacks to"))
    }
}

/// Passes over the zeros with which tapes and block devices fill up a file; true where nothing else follows.
fn skip_zeros(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let here = reader.fill_buf()?;
        let zeros = here.iter().take_while(|byte| **byte == 0).count();
        if zeros < here.len() || here.is_empty() {
            let over = here.is_empty();
            reader.consume(zeros);
            return Ok(over);
        }
        reader.consume(zeros);
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.stopped {
            return Err(self.error(kind));
        }
        match self.go_on(to) {
            Ok(len) => {
                self.len += len as u64;
                Ok(len)
            }
            Err(error) => match error.kind() {
                // The decoder's own words for bytes that are no gzip, and for an end that comes too early.
                kind @ (ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
                    self.stopped = Some(kind);
                    Err(self.error(kind))
                }
                _ => Err(error),
            },
        }
    }
}

/// Gives an error when it is read, and nothing else.
pub(super) struct Broken(Option<io::Error>);

impl Broken {
    pub(super) const fn new(error: Option<io::Error>) -> Self {
        Self(error)
    }
}

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

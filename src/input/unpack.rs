//! What gzip compressed (RFC 1952), unpacked while it is read.

use std::io::{self, ErrorKind, Read};

use flate2::read::MultiGzDecoder;

use super::counted::counted;

/// Reads what is inside, and says in a sentence where that cannot be read further.
pub(super) struct Unpacked<R> {
    decoder: MultiGzDecoder<R>,
    /// Bytes that came out.
    len: u64,
    /// What stopped it: said again whenever more is asked for.
    stopped: Option<ErrorKind>,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { decoder: MultiGzDecoder::new(reader), len: 0, stopped: None }
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

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if let Some(kind) = self.stopped {
            return Err(self.error(kind));
        }
        match self.decoder.read(to) {
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

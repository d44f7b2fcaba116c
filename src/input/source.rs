//! The beginning of an input, to be looked at before it is read.

use std::io::{Cursor, Read};

use super::error::InputError;
use super::sniff;
use super::text::{from_utf16, is_utf16};
use super::unpack::Broken;

/// How much of an input is looked at.
const HEAD: usize = 64 * 1024;

/// How gzip begins, with deflate as its method (RFC 1952 §2.3).
pub(super) const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// An input whose beginning was read.
pub(super) struct Source<'r> {
    /// Its first bytes: enough to tell what it is.
    pub head: Vec<u8>,
    reader: Box<dyn Read + 'r>,
}

impl<'r> Source<'r> {
    /// Reads the beginning. Text in UTF-16 becomes UTF-8.
    pub(super) fn open(name: &str, mut reader: impl Read + 'r) -> Result<Self, InputError> {
        let mut head = vec![0; HEAD];
        let mut len = 0;
        let mut later = None;
        while len < HEAD && !sniff::is_sure(head.get(..len).unwrap_or_default()) {
            match fill(name, &mut reader, head.get_mut(len..).unwrap_or_default()) {
                Ok(0) => break,
                Ok(more) => len += more,
                // What came before is read first.
                Err(InputError::Read { source, .. }) if len > 0 => {
                    later = Some(source);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        head.truncate(len);
        let mut reader = Broken::new(later).chain(reader);
        if is_utf16(&head) {
            let mut rest = Vec::new();
            reader
                .read_to_end(&mut rest)
                .map_err(|source| InputError::Read { name: name.to_owned(), source })?;
            head.append(&mut rest);
            let text = from_utf16(&head);
            return Ok(Self {
                head: text.get(..HEAD).unwrap_or(&text).to_vec(),
                reader: Box::new(Cursor::new(text)),
            });
        }
        let again = Cursor::new(head.clone());
        Ok(Self { head, reader: Box::new(again.chain(reader)) })
    }

    /// Whether it is compressed by gzip.
    pub(super) fn is_gzip(&self) -> bool {
        self.head.starts_with(&GZIP)
    }

    /// Whether more follows than was looked at.
    pub(super) fn is_cut(&self) -> bool {
        self.head.len() >= HEAD
    }

    /// Everything, from the first byte on.
    pub(super) fn into_reader(self) -> Box<dyn Read + 'r> {
        self.reader
    }
}

/// Reads until some bytes are there, at most `to` full; 0 at the end.
pub(super) fn fill(name: &str, reader: &mut impl Read, to: &mut [u8]) -> Result<usize, InputError> {
    loop {
        match reader.read(to) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(InputError::Read { name: name.to_owned(), source }),
            Ok(len) => return Ok(len),
        }
    }
}

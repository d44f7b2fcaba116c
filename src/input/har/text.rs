//! The text of a HAR while the JSON parser reads it: where it stands, and that no string of it grows without bound.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::input::surrogates::{self, Alone};

/// The longest string that is read: longer than any message that wslens inflates, in base64.
pub(super) const LONGEST: usize = 128 * 1024 * 1024;

/// Objects and lists within one another.
const DEEPEST: u32 = 10_000;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// From 1.
    pub line: u64,
    /// Bytes from the start of the line to the last byte that was read.
    pub column: u64,
}

/// Hands bytes to the parser, which takes them one by one, and follows where they stand.
pub(super) struct Followed<R> {
    reader: R,
    piece: Vec<u8>,
    /// Where in the piece the next byte is, and where it ends.
    next: usize,
    end: usize,
    at: Rc<Cell<At>>,
    /// The length of the string that it is in.
    string: Option<usize>,
    escaped: bool,
    /// Bytes that belong to an escape that was looked at.
    looked_at: usize,
    alone: Rc<Cell<Alone>>,
    depth: u32,
    longest: usize,
}

impl<R: Read> Followed<R> {
    pub(super) fn new(reader: R) -> Self {
        let at = Rc::new(Cell::new(At { line: 1, column: 0 }));
        Self {
            reader,
            piece: vec![0; 64 * 1024],
            next: 0,
            end: 0,
            at,
            string: None,
            escaped: false,
            looked_at: 0,
            alone: Rc::default(),
            depth: 0,
            longest: LONGEST,
        }
    }

    /// Where the last byte that was taken stands, now and later.
    pub(super) fn place(&self) -> Rc<Cell<At>> {
        Rc::clone(&self.at)
    }

    /// What stood alone of surrogate pairs, now and later.
    pub(super) fn alone(&self) -> Rc<Cell<Alone>> {
        Rc::clone(&self.alone)
    }

    /// Reads more behind what is here; false where there is no more.
    fn fill(&mut self) -> io::Result<bool> {
        self.piece.copy_within(self.next..self.end, 0);
        (self.next, self.end) = (0, self.end - self.next);
        loop {
            match self.reader.read(self.piece.get_mut(self.end..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(len) => {
                    self.end += len;
                    return Ok(len > 0);
                }
            }
        }
    }

    /// The next byte begins an escape: what is half of a pair and stands alone is mended.
    fn look_at_escape(&mut self) -> io::Result<()> {
        while self.end - self.next < surrogates::LONGEST && self.fill()? {}
        let Some(escape) = self.piece.get_mut(self.next..self.end) else { return Ok(()) };
        let (len, alone) = surrogates::mend(escape);
        self.looked_at = len;
        if alone {
            let (mut all, At { line, column }) = (self.alone.get(), self.at.get());
            all.add(line, column + 1);
            self.alone.set(all);
        }
        Ok(())
    }

    fn follow(&mut self, byte: u8) -> io::Result<()> {
        let At { line, column } = self.at.get();
        self.at.set(match byte {
            b'\n' => At { line: line + 1, column: 0 },
            _ => At { line, column: column + 1 },
        });
        match &mut self.string {
            None if byte == b'"' => self.string = Some(0),
            None if matches!(byte, b'{' | b'[') => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(io::Error::other("it is nested too deep, and is not read further"));
                }
            }
            None if matches!(byte, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            None => {}
            Some(_) if self.escaped => self.escaped = false,
            Some(_) if byte == b'"' => self.string = None,
            Some(len) => {
                self.escaped = byte == b'\\';
                *len += 1;
                if *len > self.longest {
                    return Err(io::Error::other("a string is longer than 128 MiB, and is not read further"));
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Followed<R> {
    #[inline]
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(to) = to.first_mut() else { return Ok(0) };
        if self.next == self.end {
            self.fill()?;
        }
        if self.looked_at > 0 {
            self.looked_at -= 1;
        } else if self.string.is_some() && self.piece.get(self.next) == Some(&b'\\') {
            self.look_at_escape()?;
            self.looked_at -= 1;
        }
        let Some(&byte) = self.piece.get(self.next..self.end).and_then(<[u8]>::first) else { return Ok(0) };
        self.next += 1;
        self.follow(byte)?;
        *to = byte;
        Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_where_each_byte_stands() {
        let mut followed = Followed::new(&b"{\n \"a\n\\\"\": 1}"[..]);
        let place = followed.place();
        let mut all = Vec::new();
        followed.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"{\n \"a\n\\\"\": 1}");
        assert_eq!(place.get(), At { line: 3, column: 7 });
    }

    #[test]
    fn a_string_without_end_is_given_up() {
        let endless = b"\"".chain(io::repeat(b'a'));
        let followed = |reader| Followed { longest: 1000, ..Followed::new(reader) };
        let error = io::copy(&mut followed(Box::new(endless) as Box<dyn Read>), &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("128 MiB"));
        let many = "\"abc\\\"\",".repeat(300).into_bytes();
        let many = Box::new(io::Cursor::new(many)) as Box<dyn Read>;
        assert!(io::copy(&mut followed(many), &mut io::sink()).is_ok());
    }

    #[test]
    fn lists_within_lists_without_end_are_given_up() {
        let error = io::copy(&mut Followed::new(io::repeat(b'[')), &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("nested too deep"));
    }
}

//! Bytes that a view has gathered, given away as they are: to be written by another thread.

use std::io::{self, IoSlice, Write};

/// Bytes that a view has gathered, and memory behind them, which the view uses again when it is given back.
#[derive(Debug, Default)]
pub struct Gathered {
    bytes: Vec<u8>,
    len: usize,
}

impl Gathered {
    /// The first `len` of `bytes`.
    pub(super) const fn new(bytes: Vec<u8>, len: usize) -> Self {
        Self { bytes, len }
    }

    /// What was gathered.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Whether there is memory for so many bytes, all of it set to something, and not for many more.
    pub(super) const fn has_room(&self, bytes: usize) -> bool {
        self.bytes.len() == bytes
    }

    /// Bytes of memory.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.bytes.capacity()
    }

    /// The memory.
    pub(super) fn into_room(self) -> Vec<u8> {
        self.bytes
    }
}

impl From<&[u8]> for Gathered {
    fn from(bytes: &[u8]) -> Self {
        Self { len: bytes.len(), bytes: bytes.to_vec() }
    }
}

impl From<String> for Gathered {
    fn from(text: String) -> Self {
        Self { len: text.len(), bytes: text.into_bytes() }
    }
}

impl Gathered {
    /// An empty text in the same memory.
    #[must_use]
    pub fn into_text(mut self) -> String {
        self.bytes.clear();
        String::from_utf8(self.bytes).unwrap_or_default()
    }
}

/// Writes all of these, one after the other.
///
/// # Errors
/// Where `out` takes no more.
pub fn write_all(out: &mut impl Write, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    // Empty ones in front are no sign that it takes no more.
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match out.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes no more than two bytes at once.
    struct Slow(Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let len = bytes.len().min(2);
            self.0.extend_from_slice(bytes.get(..len).unwrap_or_default());
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn all_of_them_are_written() {
        let mut out = Slow(Vec::new());
        let mut slices = ["", "abc", "", "d", "efghi", ""].map(|text| IoSlice::new(text.as_bytes()));
        write_all(&mut out, &mut slices).expect("it takes all");
        assert_eq!(out.0, b"abcdefghi");
        let full = write_all(&mut [0; 3].as_mut_slice(), &mut [IoSlice::new(b"abcd")]);
        assert_eq!(full.map_err(|error| error.kind()), Err(io::ErrorKind::WriteZero));
    }
}

//! The rows of bytes 0 and 1 as they were written before: most headers look like one before them.
//!
//! They are kept only of frames of which nothing is wrong and nothing is missing, so there are few of them.

use crate::rules::facts::Rsv;
use crate::wire::sender::Sender;

/// All that the rows of byte 0 depend on, but for a continuation's number of the frame that it continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Byte0 {
    pub(super) byte: u8,
    /// What is known of the reserved bits, and whether each has a row.
    pub(super) known: Rsv,
    pub(super) spread: bool,
    /// Whether it is the first piece of a message that is met.
    pub(super) first_piece: bool,
}

/// All that the rows of byte 1 depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Byte1 {
    pub(super) byte: u8,
    pub(super) sender: Sender,
    /// Whether the length has the form that is shortest.
    pub(super) minimal: bool,
    /// Whether this sender's MASK, and a length, are met here for the first time.
    pub(super) first_mask: bool,
    pub(super) first_length: bool,
}

/// Rows that were written.
#[derive(Debug, Default)]
pub(super) struct Rows {
    byte_0: Kept<Byte0>,
    byte_1: Kept<Byte1>,
}

impl Byte0 {
    /// A place of its own for each byte, with an extension in use and without one.
    fn slot(self) -> usize {
        usize::from(self.byte) | usize::from(self.known != Rsv::Used(0)) << 8
    }
}

impl Rows {
    /// Appends the rows of byte 0: those that were written before, or else what `write` writes.
    pub(super) fn byte_0(&mut self, looks: Byte0, out: &mut String, write: impl FnOnce(&mut String)) {
        self.byte_0.append(looks.slot(), looks, out, write);
    }

    /// The same of byte 1.
    pub(super) fn byte_1(&mut self, looks: Byte1, out: &mut String, write: impl FnOnce(&mut String)) {
        self.byte_1.append(usize::from(looks.byte), looks, out, write);
    }
}

/// The latest rows in each slot, and what they depend on.
#[derive(Debug)]
struct Kept<T>(Vec<Option<(T, String)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Kept<T> {
    fn append(&mut self, slot: usize, looks: T, out: &mut String, write: impl FnOnce(&mut String)) {
        if self.0.len() <= slot {
            self.0.resize_with(slot + 1, || None);
        }
        match self.0.get_mut(slot) {
            Some(Some((kept, rows))) if *kept == looks => out.push_str(rows),
            Some(kept) => {
                let start = out.len();
                write(out);
                *kept = out.get(start..).map(|rows| (looks, rows.to_owned()));
            }
            None => write(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_once_and_anew_where_anything_differs() {
        let mut rows = Rows::default();
        let text = Byte0 { byte: 0x81, known: Rsv::Used(0), spread: false, first_piece: false };
        let of_deflate = Byte0 { known: Rsv::Used(4), ..text };
        let spread = Byte0 { spread: true, ..text };
        let mut out = String::new();
        for (looks, words) in [
            (text, "a"),
            (text, "-"),
            (of_deflate, "b"),
            (text, "-"),
            (spread, "c"),
            (text, "d"),
            (text, "-"),
        ] {
            rows.byte_0(looks, &mut out, |out| out.push_str(words));
        }
        assert_eq!(out, "aabacdd");
    }
}

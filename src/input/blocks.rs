//! A long text in blocks of whole lines, so that it is never in memory as a whole.

use std::io::Read;

use super::error::{Fault, InputError};
use super::text::clean;

/// How much is read at a time.
const BLOCK: usize = 256 * 1024;

/// Takes a block, and whether it is the last; gives where in it the next one shall begin: what is behind that
/// comes again.
pub(super) type Feed<'f> = &'f mut dyn FnMut(&[u8], bool) -> Result<usize, Fault>;

/// Gives all of `reader` to `feed`, block by block. Each ends with a line, or with the text.
pub(super) fn each(name: &str, mut reader: impl Read, feed: Feed<'_>) -> Result<(), InputError> {
    let mut text = Vec::new();
    let mut lines = 0;
    loop {
        // What is there already is not read again and again: a line that is longer than a block doubles it.
        let seen = text.len();
        let room = seen.max(BLOCK);
        let read = (&mut reader).take(room as u64).read_to_end(&mut text);
        let is_last = read.map_err(|source| InputError::Read { name: name.to_owned(), source })? < room;
        let line_end = memchr::memrchr(b'\n', text.get(seen..).unwrap_or_default()).map(|at| seen + at + 1);
        let whole = if is_last { text.len() } else { line_end.unwrap_or(0) };
        if whole > 0 {
            let block = clean(text.get(..whole).unwrap_or_default());
            let next =
                feed(&block, is_last).map_err(|fault| InputError::in_text(name, lines, &block, fault))?;
            lines += memchr::memchr_iter(b'\n', block.get(..next).unwrap_or_default()).count() as u64;
            let again = block.get(next..).unwrap_or_default().to_vec();
            text.splice(..whole, again);
        }
        if is_last {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_lines_and_faults_know_theirs() {
        let line = b"81 94 9f af 77 f8 c8 ca\n";
        let text = line.repeat(3 * BLOCK / line.len());
        let (mut seen, mut blocks) = (Vec::new(), 0);
        each("x", &text[..], &mut |block, is_last| {
            assert!(block.ends_with(b"\n"));
            blocks += 1;
            // The last line comes again.
            let next = if is_last { block.len() } else { block.len() - line.len() };
            seen.extend_from_slice(&block[..next]);
            Ok(next)
        })
        .unwrap();
        assert!(blocks > 2);
        assert!(seen == text);
        let (mut lines, mut blocks) = (0, 0);
        let error = each("x", &text[..], &mut |block, _| {
            (lines, blocks) = (lines + block.len() / line.len(), blocks + 1);
            if blocks == 3 { Err(Fault::new(block.len() - 2, "so")) } else { Ok(block.len()) }
        });
        assert!(error.unwrap_err().to_string().starts_with(&format!("x:{lines}:23: so")));
    }

    #[test]
    fn a_long_line_is_one_block() {
        let text = vec![b'8'; 5 * BLOCK];
        let mut lens = Vec::new();
        each("x", &text[..], &mut |block, _| {
            lens.push(block.len());
            Ok(block.len())
        })
        .unwrap();
        assert_eq!(lens, [5 * BLOCK]);
    }
}

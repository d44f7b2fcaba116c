//! Where copying the text of a JSON string stops: at what must be escaped, or may have to be.
//!
//! A byte tells so of ASCII. Of longer characters the first byte tells that some that begin with it are unsafe, the
//! second one that some that begin with both are, and the character whether it is.

use super::cursor::Padded;
use super::digits::hex;
use super::escape::BLOCK;
use crate::render::sanitize::is_unsafe;

/// The bytes of a block to stop at, a bit each, the first one lowest.
///
/// There is no branch within a loop, so that the compiler makes vector instructions of them.
#[inline(always)]
pub(super) fn stops(block: &[u8; BLOCK]) -> u64 {
    let mut marks = [0; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(block) {
        *mark = if stops_at(*byte) { 0xff } else { 0 };
    }
    if marks.iter().fold(0, |all, mark| all | mark) == 0 {
        return 0;
    }
    let (words, _) = marks.as_chunks();
    words.iter().rev().fold(0, |bits, word| bits << 8 | one_bit_each(u64::from_le_bytes(*word)))
}

/// The bits of eight bytes that are 00 or ff. Each byte keeps its own bit, and the product sums them up in its highest byte.
#[inline(always)]
const fn one_bit_each(marks: u64) -> u64 {
    (marks & 0x8040_2010_0804_0201).wrapping_mul(0x0101_0101_0101_0101) >> 56
}

/// Whether to stop at a byte: at what JSON escapes, at DEL, and where a character of several bytes may be unsafe.
#[inline(always)]
const fn stops_at(byte: u8) -> bool {
    let escaped = (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f);
    let of_two = (byte == 0xc2) | (byte == 0xcd) | (byte == 0xd8);
    let of_more = (byte.wrapping_sub(0xe1) < 3) | (byte >= 0xef);
    escaped | of_two | of_more
}

/// The escape of each character of ASCII that has one.
pub(super) static ESCAPES: [Padded<8>; 128] = escapes();

const fn escapes() -> [Padded<8>; 128] {
    let mut escapes = [Padded::of(b""); 128];
    let mut rest: &mut [_] = &mut escapes;
    let mut byte = 0;
    while let Some((escape, more)) = rest.split_first_mut() {
        let [.., high, low] = hex([0, 0, 0, byte]);
        *escape = match byte {
            b'"' => Padded::of(b"\\\""),
            b'\\' => Padded::of(b"\\\\"),
            b'\n' => Padded::of(b"\\n"),
            b'\r' => Padded::of(b"\\r"),
            b'\t' => Padded::of(b"\\t"),
            _ => Padded::of(&[b'\\', b'u', b'0', b'0', high, low]),
        };
        rest = more;
        byte += 1;
    }
    escapes
}

/// Whether no character is unsafe that begins with these two bytes, the first of which is not ASCII.
#[inline(always)]
pub(super) fn is_safe(first: u8, second: u8) -> bool {
    UNSAFE.get(usize::from(first & 0x3f)).is_some_and(|seconds| seconds >> (second & 0x3f) & 1 == 0)
}

/// For the first byte of a character, c0 to ff, the second ones, 80 to bf, behind which there are unsafe characters, a bit each.
static UNSAFE: [u64; 64] = pairs();

const fn pairs() -> [u64; 64] {
    let mut pairs = [0; 64];
    let mut rest: &mut [u64] = &mut pairs;
    let mut first = 0xc0;
    while let Some((seconds, more)) = rest.split_first_mut() {
        let mut second = 0x80;
        while second < 0xc0 {
            *seconds |= (begins_unsafe(first, second) as u64) << (second & 0x3f);
            second += 1;
        }
        rest = more;
        first = first.wrapping_add(1);
    }
    pairs
}

const fn begins_unsafe(first: u8, second: u8) -> bool {
    matches!(
        (first, second),
        (0xc2, 0x80..=0x9f | 0xad)
            | (0xcd, 0x8f)
            | (0xd8, 0x9c)
            | (0xe1, 0x85 | 0x9e | 0xa0)
            | (0xe2, 0x80 | 0x81)
            | (0xe3, 0x85)
            | (0xef, 0xb8 | 0xbb | 0xbe | 0xbf)
            | (0xf0, 0x9b | 0x9d)
            | (0xf3, 0xa0)
    )
}

/// The escape of a character of several bytes, where it is unsafe, and how many bytes it has.
#[inline(never)]
pub(super) fn escape_char(bytes: &[u8; 4]) -> Option<(Padded<12>, usize)> {
    let ch = bytes.utf8_chunks().next()?.valid().chars().next().filter(|ch| is_unsafe(*ch))?;
    let escape = Padded::written(|to| {
        for unit in ch.encode_utf16(&mut [0; 2]) {
            let [high, low] = unit.to_be_bytes();
            let [_, _, _, _, digits @ ..] = hex([0, 0, high, low]);
            to.raw(b"\\u");
            to.raw(&digits);
        }
    });
    Some((escape, ch.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_at_each_unsafe_character() {
        for ch in ('\0'..=char::MAX).filter(|ch| is_unsafe(*ch)) {
            let mut block = [b' '; BLOCK];
            let len = ch.encode_utf8(&mut block).len();
            assert_eq!(stops(&block), 1, "U+{:04x}", ch as u32);
            let [first, second, third, fourth, ..] = block;
            assert!(len == 1 || !is_safe(first, second), "U+{:04x}", ch as u32);
            let escape = (len > 1).then(|| escape_char(&[first, second, third, fourth]));
            assert!(escape.is_none_or(|escape| escape.is_some_and(|(_, read)| read == len)));
        }
    }

    #[test]
    fn each_byte_has_its_bit() {
        for at in 0..BLOCK {
            let mut block = [b'a'; BLOCK];
            block[at] = b'"';
            assert_eq!(stops(&block), 1 << at);
        }
    }
}

//! Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng), in little-endian order.

use crate::session::segment::Time;

/// The types of block.
mod kind {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const STATISTICS: u32 = 5;
    pub(super) const PACKET: u32 = 6;
}

/// The options that are written.
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const COMMENT: u16 = 1;
    pub(super) const INTERFACE_NAME: u16 = 2;
    pub(super) const INTERFACE_DESCRIPTION: u16 = 3;
    pub(super) const APPLICATION: u16 = 4;
    pub(super) const RESOLUTION: u16 = 9;
}

/// Packets that begin with their IP header, of either version.
const LINKTYPE_RAW: u16 = 101;

/// Times count nanoseconds: ten to the minus ninth.
const NANOSECONDS: u8 = 9;

/// The most bytes of a text that an option holds; its length has 16 bits.
const MOST_TEXT: usize = 60_000;

/// Appends a section header: which program wrote it, and what it says of its making.
pub(super) fn section(out: &mut Vec<u8>, application: &str, words: &[String]) {
    block(out, kind::SECTION, |out| {
        out.extend_from_slice(&0x1a2b_3c4d_u32.to_le_bytes());
        // Version 1.0, and a length that is not known.
        out.extend_from_slice(&[1, 0, 0, 0]);
        out.extend_from_slice(&u64::MAX.to_le_bytes());
        text(out, option::APPLICATION, application);
        for words in words {
            text(out, option::COMMENT, words);
        }
        end_options(out);
    });
}

/// Appends the description of an interface; they are numbered from 0.
pub(super) fn interface(out: &mut Vec<u8>, name: &str, description: &str) {
    block(out, kind::INTERFACE, |out| {
        out.extend_from_slice(&LINKTYPE_RAW.to_le_bytes());
        // Two reserved bytes, and no limit to the length of a packet.
        out.extend_from_slice(&[0; 6]);
        text(out, option::INTERFACE_NAME, name);
        text(out, option::INTERFACE_DESCRIPTION, description);
        value(out, option::RESOLUTION, &[NANOSECONDS]);
        end_options(out);
    });
}

/// Appends a packet of `len` bytes that `write` appends.
pub(super) fn packet(
    out: &mut Vec<u8>,
    interface: u32,
    time: Time,
    len: usize,
    comments: &[String],
    write: impl FnOnce(&mut Vec<u8>),
) {
    block(out, kind::PACKET, |out| {
        out.extend_from_slice(&interface.to_le_bytes());
        push_time(out, time);
        // As much was kept as was there. No packet is longer than 64 KiB.
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&len.to_le_bytes());
        let start = out.len();
        write(out);
        pad(out, start);
        for comment in comments {
            text(out, option::COMMENT, comment);
        }
        if !comments.is_empty() {
            end_options(out);
        }
    });
}

/// Appends the statistics of an interface, with words: what stands at the end of a file that is whole.
pub(super) fn statistics(out: &mut Vec<u8>, interface: u32, time: Time, words: &[String]) {
    block(out, kind::STATISTICS, |out| {
        out.extend_from_slice(&interface.to_le_bytes());
        push_time(out, time);
        for words in words {
            text(out, option::COMMENT, words);
        }
        end_options(out);
    });
}

/// The upper half stands first.
fn push_time(out: &mut Vec<u8>, time: Time) {
    out.extend_from_slice(&((time.0 >> 32) as u32).to_le_bytes());
    out.extend_from_slice(&(time.0 as u32).to_le_bytes());
}

/// A block: its type, its length, its body, and its length again.
fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    body(out);
    let len = u32::try_from(out.len() - start + 4).unwrap_or(u32::MAX).to_le_bytes();
    out.extend_from_slice(&len);
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&len);
    }
}

fn text(out: &mut Vec<u8>, code: u16, text: &str) {
    let end = (0..=text.len().min(MOST_TEXT)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    value(out, code, text.get(..end).unwrap_or_default().as_bytes());
}

fn value(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    let start = out.len();
    out.extend_from_slice(value);
    pad(out, start);
}

fn end_options(out: &mut Vec<u8>) {
    value(out, option::END, &[]);
}

/// Fills up with zeros to a multiple of four bytes since `start`.
fn pad(out: &mut Vec<u8>, start: usize) {
    let len = (out.len() - start).next_multiple_of(4);
    out.resize(start + len, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stand_on_both_ends_and_all_is_padded() {
        let mut out = Vec::new();
        packet(&mut out, 1, Time(0x1_0000_0002), 3, &["é".to_owned()], |out| out.extend_from_slice(b"abc"));
        let want = [
            &[6, 0, 0, 0, 48, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0][..],
            b"abc\0",
            &[1, 0, 2, 0, 0xc3, 0xa9, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0],
        ];
        assert_eq!(out, want.concat());
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut out = Vec::new();
        text(&mut out, 1, &"é".repeat(MOST_TEXT));
        assert_eq!(out.len(), 4 + MOST_TEXT);
        assert!(std::str::from_utf8(&out[4..]).is_ok());
        out.clear();
        text(&mut out, 1, &format!("a{}", "é".repeat(MOST_TEXT)));
        assert_eq!(out[2..4], ((MOST_TEXT - 1) as u16).to_le_bytes());
    }
}

//! The header of a frame, bit by bit.

use std::sync::LazyLock;

use super::cursor::{Cursor, Padded};
use super::line::LineCursor;
use crate::wire::frame::{Header, LengthForm, Partial};
use crate::wire::opcode::Opcode;

/// What each value of a frame's first byte says, as JSON, written once.
#[derive(Debug)]
pub(super) struct FirstBytes(Vec<FirstByte>);

/// The most bytes of it.
type FirstByte = Padded<96>;

static FIRST_BYTES: LazyLock<FirstBytes> = LazyLock::new(|| {
    FirstBytes((0..=u8::MAX).map(|first| FirstByte::written(|to| write_first_byte(to, first))).collect())
});

impl FirstBytes {
    /// The one table.
    pub(super) fn get() -> &'static Self {
        &FIRST_BYTES
    }

    #[inline(always)]
    fn of(&self, first: u8) -> &FirstByte {
        const EMPTY: &FirstByte = &FirstByte::of(b"");
        self.0.get(usize::from(first)).unwrap_or(EMPTY)
    }
}

fn write_first_byte<const ROOM: usize>(to: &mut Cursor<'_, ROOM>, first: u8) {
    for (name, mask) in
        [(",\"fin\":", 0x80), (",\"rsv1\":", 0x40), (",\"rsv2\":", 0x20), (",\"rsv3\":", 0x10)]
    {
        to.text(name);
        to.text(if first & mask != 0 { "true" } else { "false" });
    }
    let opcode = Opcode(first & 0xf);
    to.text(",\"opcode\":");
    to.number(opcode.0.into());
    to.text(",\"opcode_name\":");
    match opcode.name() {
        None => to.text("null"),
        Some(name) => ["\"", name, "\""].into_iter().for_each(|part| to.text(part)),
    }
}

/// The form of the length, and whether some of the frame is missing: up to the number of bytes of payload that came.
static LENGTH_AND_END: [[Padded<48>; 2]; 3] = [
    [
        Padded::of(br#","length_bits":7,"partial":false,"captured":"#),
        Padded::of(br#","length_bits":7,"partial":true,"captured":"#),
    ],
    [
        Padded::of(br#","length_bits":16,"partial":false,"captured":"#),
        Padded::of(br#","length_bits":16,"partial":true,"captured":"#),
    ],
    [
        Padded::of(br#","length_bits":64,"partial":false,"captured":"#),
        Padded::of(br#","length_bits":64,"partial":true,"captured":"#),
    ],
];

/// A header, up to the number of bytes of payload that came.
#[inline(always)]
pub(super) fn write_header(
    to: &mut LineCursor<'_>,
    first_bytes: &FirstBytes,
    header: &Header,
    partial: bool,
) {
    to.padded(first_bytes.of(header.first()));
    match header.key() {
        None => to.raw(b",\"mask\":false,\"masking_key\":null,\"payload_len\":"),
        Some(key) => {
            to.raw(b",\"mask\":true,\"masking_key\":\"");
            to.hex4(key.0);
            to.raw(b"\",\"payload_len\":");
        }
    }
    to.number(header.payload_len());
    write_length_and_end(to, header.length_form(), partial);
}

#[inline(always)]
fn write_length_and_end(to: &mut LineCursor<'_>, form: LengthForm, partial: bool) {
    let [seven, sixteen, sixty_four] = &LENGTH_AND_END;
    let [whole, cut] = match form {
        LengthForm::Seven => seven,
        LengthForm::Sixteen => sixteen,
        LengthForm::SixtyFour => sixty_four,
    };
    to.padded(if partial { cut } else { whole });
}

/// The same of a header that never came whole: what did not come is null.
#[inline(never)]
pub(super) fn write_cut(to: &mut LineCursor<'_>, first_bytes: &FirstBytes, partial: &Partial) {
    match partial.first() {
        Some(first) => to.padded(first_bytes.of(first)),
        None => {
            to.text(r#","fin":null,"rsv1":null,"rsv2":null,"rsv3":null,"opcode":null,"opcode_name":null"#);
        }
    }
    let Some(second) = partial.second() else {
        to.text(r#","mask":null,"masking_key":null,"payload_len":null"#);
        return to.text(r#","length_bits":null,"partial":true,"captured":"#);
    };
    to.text(",\"mask\":");
    to.text(if second & 0x80 != 0 { "true" } else { "false" });
    to.text(",\"masking_key\":null,\"payload_len\":");
    to.number_or_null(claimed_len(partial.bytes()));
    write_length_and_end(to, LengthForm::announced_by(second), true);
}

/// The length that a header claims whose masking key never came, where its length did.
fn claimed_len(bytes: &[u8]) -> Option<u64> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let mut whole = vec![first, second];
    whole.extend_from_slice(rest.get(..LengthForm::announced_by(second).extended_bytes())?);
    whole.extend_from_slice(&[0; 4]);
    Some(Header::decode(&whole)?.payload_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_header_says_what_came_of_it() {
        assert_eq!(claimed_len(b"\x81"), None);
        assert_eq!(claimed_len(b"\x81\x85\x01"), Some(5));
        assert_eq!(claimed_len(b"\x81\xfe\x01"), None);
        assert_eq!(claimed_len(b"\x81\xfe\x01\x02\x03"), Some(0x102));
        assert_eq!(claimed_len(b"\x81\xff\x80\0\0\0\0\0\0\x01"), Some((1 << 63) + 1));
    }

    #[test]
    fn the_first_byte_is_written_once_for_all_frames() {
        let first_bytes = FirstBytes::get();
        for (first, rsv1, opcode, name) in
            [(0xc3, true, 3, None), (0x00, false, 0, Some("continuation")), (0x8a, false, 10, Some("pong"))]
        {
            let text = String::from_utf8_lossy(first_bytes.of(first).as_bytes());
            let value: serde_json::Value = serde_json::from_str(&format!("{{\"v\":1{text}}}")).expect("JSON");
            assert_eq!((&value["rsv1"], &value["opcode"]), (&rsv1.into(), &opcode.into()));
            assert_eq!(value["opcode_name"].as_str(), name);
        }
    }
}

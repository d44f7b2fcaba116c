//! A dump: offset, hex and text, line by line.

use super::cells::push_columns;
use super::grid::{ascii, fill};
use super::payload::{BODY, LABEL};
use crate::render::number::{hex_pair, push_hex_number};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;

/// Where the columns of a dump stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dump {
    pub(super) per_line: usize,
    /// Hex digits of an offset.
    digits: u32,
    offset: usize,
    hex: usize,
}

impl Dump {
    pub(super) fn of(page: &Page, digits: u32) -> Self {
        let (per_line, offset, hex) = match page.width {
            80.. => (16, LABEL, BODY),
            64.. => (8, LABEL, BODY),
            _ if digits == 4 => (8, 1, 7),
            _ => (4, 1, 11),
        };
        Self { per_line, digits, offset, hex }
    }

    /// Appends a line; the text is that of the bytes around it, since a character may begin or end there.
    pub(super) fn line(
        &self,
        page: &Page,
        start: usize,
        bytes: &[u8],
        text: Option<&[u8]>,
        out: &mut String,
    ) {
        indent(out, self.offset);
        out.push_str(page.palette.start(Role::Dim));
        push_hex_number(out, start as u64, self.digits / 2);
        out.push_str(page.palette.end(Role::Dim));
        fill(out, self.offset + self.digits as usize, self.hex);
        out.push_str(page.palette.start(Role::Payload));
        let used = push_pairs(out, bytes);
        if let Some(text) = text {
            fill(out, used, 3 * self.per_line + self.per_line.div_ceil(8));
            push_columns(page, text, start..start + bytes.len(), out);
        }
        out.push_str(page.palette.end(Role::Payload));
        end_line(out);
    }
}

/// Appends up to 16 bytes in hex, eight and eight apart, and says how many columns they took.
fn push_pairs(out: &mut String, bytes: &[u8]) -> usize {
    let mut line = [b' '; 50];
    for (half, eight) in line.chunks_mut(25).zip(bytes.chunks(8)) {
        for (slot, byte) in half.as_chunks_mut::<3>().0.iter_mut().zip(eight) {
            let [high, low] = hex_pair(*byte);
            *slot = [high, low, b' '];
        }
    }
    let used = (3 * bytes.len() + usize::from(bytes.len() > 8)).saturating_sub(1);
    out.push_str(ascii(line.get(..used).unwrap_or_default()));
    used
}

fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

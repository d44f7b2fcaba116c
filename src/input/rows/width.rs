//! How many bytes a row holds, when no offset behind it tells: the text column does, or the gap before it.

use super::groups::{self, Kind};
use crate::input::error::Fault;
use crate::input::text::Line;

/// Rows longer than this have no text column that anybody would look at.
const MOST: usize = 256;

/// How many bytes the row holds.
///
/// # Errors
///
/// When something that is no digit stands where a byte should.
pub(in crate::input) fn of(data: Line<'_>, kind: Kind) -> Result<usize, Fault> {
    if let Some(len) = by_text(data, kind) {
        return Ok(len);
    }
    let (bytes, ends) = groups::front(data, kind, usize::MAX);
    let stop = ends.last().copied().unwrap_or(0);
    let rest = data.skip(stop);
    let text = rest.text.trim_ascii();
    if text.is_empty() || matches!(text, [b'|', ..] | [b'>', .., b'<']) {
        return Ok(bytes.len());
    }
    let bad = stop + rest.text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    by_gap(data, &ends, bad).ok_or_else(|| groups::fault(data, bad))
}

/// How many bytes the row holds by its text column, which shows just those bytes.
pub(super) fn by_text(data: Line<'_>, kind: Kind) -> Option<usize> {
    let (bytes, ends) = groups::front(data, kind, MOST);
    (1..=bytes.len()).rev().find(|len| {
        let end = ends.get(len - 1).copied().unwrap_or(0);
        let behind = data.text.get(end..).unwrap_or_default();
        let whole_group = ends.get(*len) != Some(&end);
        whole_group && is_column(behind) && bytes.get(..*len).is_some_and(|bytes| shows(behind, bytes))
    })
}

/// How many bytes stand before the last wide gap, if what is behind it can be a text column of that many.
fn by_gap(data: Line<'_>, ends: &[usize], bad: usize) -> Option<usize> {
    if ends.len() > MOST {
        return None;
    }
    (1..=ends.len()).rev().find(|len| {
        let end = ends.get(len - 1).copied().unwrap_or(0);
        let behind = data.text.get(end..).unwrap_or_default();
        // No character of a text column has more than four bytes.
        let text = behind.trim_ascii_start();
        let text = text.get(..4 * len + 16).unwrap_or(text);
        end <= bad && is_column(behind) && String::from_utf8_lossy(text).trim().chars().count() <= len + 1
    })
}

/// Whether what stands behind a group is set off like a text column.
fn is_column(behind: &[u8]) -> bool {
    matches!(
        behind,
        [] | [b' ' | b'\t', b' ' | b'\t', ..] | [b'\t', ..] | [b' ', b'|' | b'>', ..] | [b'|', ..]
    )
}

/// Whether `column` shows `bytes`: printable ASCII as it is, a mark for each other byte.
fn shows(column: &[u8], bytes: &[u8]) -> bool {
    // A column has one to four bytes a character, and may lack blanks at its ends.
    let column = column.trim_ascii();
    if column.len() > 4 * bytes.len() + 3 {
        return false;
    }
    let text = String::from_utf8_lossy(column);
    match text.strip_prefix('|').and_then(|text| text.strip_suffix('|')) {
        Some(framed) if framed.chars().count() == bytes.len() => return same(framed, bytes),
        _ => {}
    }
    match text.strip_prefix('>').and_then(|text| text.strip_suffix('<')) {
        Some(framed) if framed.chars().count() == bytes.len() => return same(framed, bytes),
        _ => {}
    }
    if same(&text, trim_spaces(bytes)) {
        return true;
    }
    // Wireshark sets the ninth byte apart in the text too.
    let (left, right) = bytes.split_at_checked(8).unwrap_or((bytes, &[]));
    let spaced: Vec<u8> = left.iter().chain(b" ").chain(right).copied().collect();
    !right.is_empty() && same(&text, trim_spaces(&spaced))
}

fn trim_spaces(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().take_while(|byte| **byte == b' ').count();
    let bytes = bytes.get(start..).unwrap_or_default();
    let end = bytes.iter().rev().take_while(|byte| **byte == b' ').count();
    bytes.get(..bytes.len() - end).unwrap_or_default()
}

/// Whether `text` shows `bytes`, one character each.
fn same(text: &str, bytes: &[u8]) -> bool {
    let mut chars = text.chars();
    bytes.iter().all(|byte| match chars.next() {
        // Which mark stands for other bytes differs; none of them is a letter or a digit.
        Some(shown) if (0x20..0x7f).contains(byte) => shown == char::from(*byte),
        Some(shown) => !shown.is_ascii_alphanumeric(),
        None => false,
    }) && chars.next().is_none()
}

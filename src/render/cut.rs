//! A peer's bytes in what room is left on a line.

use super::glyphs::Mark;
use super::hex::push_pairs;
use super::page::Page;
use super::wrap::{char_width, display_width};

/// The most bytes that one column can need: a character of four bytes in a text of single columns.
const BYTES_A_COLUMN: usize = 4;

/// Bytes that must be kept of a payload so that a line of the widest page can be filled.
pub const KEEP: usize = super::page::WIDEST * BYTES_A_COLUMN;

/// Appends the text of `bytes` in quotation marks, made safe and cut to `room` columns, and says how many it took.
/// `more` tells that the text goes on behind these bytes.
/// With room for less than quotation marks and an ellipsis, nothing is appended.
pub fn push_quoted(page: &Page, out: &mut String, bytes: &[u8], more: bool, room: usize) -> usize {
    let start = out.len();
    if room < 2 + mark_width(page.mark(Mark::Ellipsis)) {
        return 0;
    }
    if let Some(width) = push_clean(page, out, bytes, more, room) {
        return width;
    }
    let enough = at_character(bytes, room.saturating_mul(BYTES_A_COLUMN));
    let more = more || enough < bytes.len();
    page.sanitizer().push_quoted(out, bytes.get(..enough).unwrap_or_default());
    let width = display_width(out.get(start..).unwrap_or_default());
    if !more && width <= room {
        return width;
    }
    let mark = page.mark(Mark::Ellipsis);
    let mark_width = mark_width(mark);
    // Without the closing quotation mark: it comes behind the ellipsis.
    out.pop();
    let (kept, used) =
        units_within(out.get(start..).unwrap_or_default(), room.saturating_sub(mark_width + 1));
    out.truncate(start + kept);
    out.push_str(mark);
    out.push('"');
    used + mark_width + 1
}

/// The columns of a mark: each of its characters takes one.
#[inline]
fn mark_width(mark: &str) -> usize {
    mark.chars().count()
}

/// The same for text that is nothing but ASCII and needs no escape, as most is; none where it is not.
fn push_clean(page: &Page, out: &mut String, bytes: &[u8], more: bool, room: usize) -> Option<usize> {
    let front = bytes.get(..bytes.len().min(room))?;
    if !front.iter().fold(true, |all, byte| all & is_clean(*byte)) {
        return None;
    }
    let text = str::from_utf8(front).ok()?;
    out.push('"');
    if !more && bytes.len() + 2 <= room {
        out.push_str(text);
        out.push('"');
        return Some(bytes.len() + 2);
    }
    let mark = page.mark(Mark::Ellipsis);
    let behind = mark_width(mark) + 1;
    let kept = text.len().min(room - 1 - behind);
    out.push_str(text.get(..kept).unwrap_or_default());
    out.push_str(mark);
    out.push('"');
    Some(1 + kept + behind)
}

const fn is_clean(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Appends the bytes as pairs of hex digits, as many as `room` holds, and says how many columns they took.
pub fn push_hex(page: &Page, out: &mut String, bytes: &[u8], more: bool, room: usize) -> usize {
    let start = out.len();
    let all = (room + 1) / 3;
    if !more && bytes.len() <= all {
        push_pairs(out, bytes);
        return out.len() - start;
    }
    let mark = page.mark(Mark::Ellipsis);
    let mark_width = mark_width(mark);
    let Some(fit) = room.checked_sub(mark_width).map(|room| room / 3) else { return 0 };
    push_pairs(out, bytes.get(..fit.min(bytes.len())).unwrap_or_default());
    if out.len() > start {
        out.push(' ');
    }
    let used = out.len() - start;
    out.push_str(mark);
    used + mark_width
}

/// Appends a safe text of one line, cut to `room` columns, and says how many it took.
pub fn push_cut(page: &Page, out: &mut String, text: &str, room: usize) -> usize {
    let width = display_width(text);
    if width <= room {
        out.push_str(text);
        return width;
    }
    let mark = page.mark(Mark::Ellipsis);
    let Some(left) = room.checked_sub(mark_width(mark)) else { return 0 };
    let (kept, used) = units_within(text, left);
    out.push_str(text.get(..kept).unwrap_or_default());
    out.push_str(mark);
    used + mark_width(mark)
}

/// The largest number up to `most` that does not cut a character of `bytes`.
fn at_character(bytes: &[u8], most: usize) -> usize {
    if bytes.len() <= most {
        return bytes.len();
    }
    let inside = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (most.saturating_sub(3)..=most).rev().find(|at| !inside(at)).unwrap_or(most)
}

/// How much of a safe text has room: its bytes and its columns. An escape such as `\x1b` is not cut.
fn units_within(text: &str, room: usize) -> (usize, usize) {
    let (mut kept, mut used) = (0, 0);
    while let Some((len, width)) = unit(text.get(kept..).unwrap_or_default()) {
        if used + width > room {
            break;
        }
        (kept, used) = (kept + len, used + width);
    }
    (kept, used)
}

/// The bytes and the columns of the first character or escape.
fn unit(text: &str) -> Option<(usize, usize)> {
    let mut chars = text.chars();
    let ch = chars.next()?;
    if ch != '\\' {
        return Some((ch.len_utf8(), char_width(ch)));
    }
    let len = match chars.next() {
        Some('x') => 4,
        Some('u') => text.find('}').map_or(2, |at| at + 1),
        Some(_) => 2,
        None => 1,
    };
    let len = if text.is_char_boundary(len) { len } else { 1 };
    Some((len, display_width(text.get(..len).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::glyphs::Glyphs;
    use proptest::prelude::*;

    fn quoted(bytes: impl AsRef<[u8]>, more: bool, room: usize) -> String {
        let mut out = String::new();
        let used = push_quoted(&Page::plain(), &mut out, bytes.as_ref(), more, room);
        assert_eq!(used, display_width(&out));
        out
    }

    fn hex(bytes: &[u8], more: bool, room: usize) -> String {
        let mut out = String::new();
        let used = push_hex(&Page::plain(), &mut out, bytes, more, room);
        assert_eq!(used, display_width(&out));
        out
    }

    #[test]
    fn what_fits_stands_whole() {
        assert_eq!(quoted("hello", false, 7), "\"hello\"");
        assert_eq!(hex(&[1, 2, 3], false, 8), "01 02 03");
        assert_eq!((quoted("", false, 9), hex(&[], false, 9)), ("\"\"".into(), String::new()));
    }

    #[test]
    fn what_does_not_is_cut_and_marked() {
        assert_eq!(quoted("hello", false, 6), "\"hel…\"");
        assert_eq!(quoted("hello", true, 20), "\"hello…\"");
        assert_eq!(quoted("日本語", false, 7), "\"日本…\"");
        assert_eq!(hex(&[1, 2, 3], false, 7), "01 02 …");
        assert_eq!(hex(&[1, 2, 3], true, 20), "01 02 03 …");
    }

    #[test]
    fn an_escape_is_not_cut() {
        assert_eq!(quoted("ab\x1bcd", false, 9), "\"ab\\x1b…\"");
        assert_eq!(quoted("ab\x1bcd", false, 8), "\"ab…\"");
        assert_eq!(quoted("ab\u{202e}cdefgh", false, 9), "\"ab…\"");
        assert_eq!(quoted("a\\\\b", false, 5), "\"a…\"");
    }

    proptest! {
        #[test]
        fn nothing_takes_more_room_than_there_is(bytes in any::<Vec<u8>>(), text in any::<String>(), more in any::<bool>(), room in 0usize..120, ascii in any::<bool>()) {
            let page = Page { glyphs: Glyphs::new(ascii), ..Page::plain() };
            for bytes in [&bytes[..], text.as_bytes()] {
                let mut out = String::new();
                prop_assert_eq!(push_quoted(&page, &mut out, bytes, more, room), display_width(&out));
                prop_assert!(display_width(&out) <= room, "{}", out);
                out.clear();
                prop_assert_eq!(push_hex(&page, &mut out, bytes, more, room), display_width(&out));
                prop_assert!(display_width(&out) <= room, "{}", out);
                let safe = page.safe(bytes);
                out.clear();
                prop_assert_eq!(push_cut(&page, &mut out, &safe, room), display_width(&out));
                prop_assert!(display_width(&out) <= room, "{}", out);
            }
        }
    }
}

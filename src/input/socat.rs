//! `socat -x`, also with `-v`: `>` is what passed from its left address to its right one, `<` the way back.

use super::dump::{Dump, Side, Talk};
use super::error::Fault;
use super::hex;
use super::stamp::stamp;
use super::text::{Line, lines};
use crate::session::segment::Time;

/// Where the text column of `-v` begins, counted from the first digit: sixteen pairs and two blanks.
const COLUMN: usize = 16 * 3 - 1;

/// Reads both sides of `text`.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut dump = Dump::default();
    let mut at: Option<Header> = None;
    let mut ends = [0, 0];
    let mut start = 0;
    for line in lines(text) {
        if let Some(header) = header(line) {
            end(at.as_ref(), start, &mut dump)?;
            start = dump.bytes.len();
            begin(&header, &mut ends, &mut dump);
            at = Some(header);
        } else if at.is_some() && line.text != b"--" {
            let digits = without_text(line.trimmed());
            hex::append(digits.text, &mut dump.bytes)
                .map_err(|fault| Fault { at: fault.at + digits.at, ..fault })?;
        } else if at.is_none() && !line.text.trim_ascii().is_empty() && stamp(line.text).is_none() {
            return Err(Fault::new(
                line.at,
                "socat's lines begin with > or < and a date: remove what does not belong to it",
            ));
        }
    }
    end(at.as_ref(), start, &mut dump)?;
    Ok(dump)
}

/// `> 2024/01/31 12:34:56.789012  length=26 from=157 to=182`
#[derive(Debug, PartialEq, Eq)]
struct Header {
    at: usize,
    side: Side,
    time: Option<Time>,
    len: u64,
    /// The offset of the first byte in its direction.
    from: u64,
}

/// Whether a line is such a header.
pub(super) fn is_header(line: Line<'_>) -> bool {
    header(line).is_some()
}

fn header(line: Line<'_>) -> Option<Header> {
    let side = match line.text {
        [b'>', b' ', ..] => Side::First,
        [b'<', b' ', ..] => Side::Second,
        _ => return None,
    };
    let (time, len) = stamp(line.skip(2).text)?;
    let text = std::str::from_utf8(line.skip(2 + len).text).ok()?;
    let value =
        |name: &str| text.split_ascii_whitespace().find_map(|word| word.strip_prefix(name))?.parse().ok();
    Some(Header { at: line.at, side, time: Some(time), len: value("length=")?, from: value("from=")? })
}

/// Finds the connection of a header: offsets that begin anew are another one's.
fn begin(header: &Header, ends: &mut [u64; 2], dump: &mut Dump) {
    let [first, second] = ends;
    let end = if header.side == Side::First { &mut *first } else { &mut *second };
    if dump.talks.is_empty() || header.from == 0 && *end > 0 {
        dump.talks.push(Talk { marked: true, ..Talk::default() });
        (*first, *second) = (0, 0);
    }
    let end = if header.side == Side::First { first } else { second };
    let talk = dump.talks.len() - 1;
    dump.gap(talk, header.side, header.time, header.from.saturating_sub(*end));
    *end = header.from.saturating_add(header.len);
}

/// What stands behind a header is just as long as that says.
fn end(header: Option<&Header>, start: usize, dump: &mut Dump) -> Result<(), Fault> {
    let Some(header) = header else { return Ok(()) };
    let has = dump.bytes.len() - start;
    if has as u64 != header.len {
        return Err(Fault::new(
            header.at,
            format!("socat says {} bytes, and {has} follow: was it run with -x?", header.len),
        ));
    }
    dump.turn_since(start, dump.talks.len().saturating_sub(1), header.side, header.time);
    Ok(())
}

/// A row without its text column.
fn without_text(line: Line<'_>) -> Line<'_> {
    match line.text.get(COLUMN..COLUMN + 2) {
        Some(b"  ") => Line { text: line.text.get(..COLUMN).unwrap_or_default(), ..line },
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{by_side, bytes, error, read_as, sniffed, turns};
    use crate::session::segment::Roles;
    use crate::wire::sender::Sender;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// As socat prints it: with -v in rows that end at line ends, with a text column.
    fn print(turns: &[(bool, Vec<u8>)], verbose: bool) -> String {
        let mut text = String::new();
        let mut offsets = [0, 0];
        for (server, bytes) in turns {
            let from = &mut offsets[usize::from(*server)];
            let mark = if *server { '<' } else { '>' };
            let _ = writeln!(
                text,
                "{mark} 2026/11/23 03:31:14.000724296  length={} from={from} to={}",
                bytes.len(),
                *from + bytes.len() - 1
            );
            *from += bytes.len();
            let rows: Vec<&[u8]> = if verbose {
                bytes.split_inclusive(|byte| *byte == b'\n').flat_map(|line| line.chunks(16)).collect()
            } else {
                vec![bytes]
            };
            for row in rows {
                let hex: String = row.iter().map(|byte| format!(" {byte:02x}")).collect();
                if verbose {
                    let shown: String = row
                        .iter()
                        .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
                        .collect();
                    let _ = writeln!(text, "{hex:48}  {shown}");
                } else {
                    let _ = writeln!(text, "{hex}");
                }
            }
            if verbose {
                text.push_str("--\n");
            }
        }
        text
    }

    #[test]
    fn the_request_tells_which_side_is_the_client() {
        let turns = [(false, b"GET / HTTP/1.1\r\n\r\n".to_vec()), (true, b"HTTP/1.1 101 x\r\n\r\n".to_vec())];
        for verbose in [false, true] {
            let (seen, format) = sniffed(print(&turns, verbose));
            assert_eq!(format, Format::Socat);
            assert_eq!(
                seen.story,
                [
                    "1 open",
                    "1 1795404674.724296000 client 18",
                    "1 1795404674.724296000 server 18",
                    "1 client unknown",
                    "1 server unknown"
                ]
            );
            assert_eq!(seen.openings[0].roles, Roles::RequestLine);
        }
        let back = [(true, b"GET / HTTP/1.1\r\n\r\n".to_vec()), (false, b"HTTP/1.1 101 x\r\n\r\n".to_vec())];
        assert_eq!(sniffed(print(&back, true)).0.of(Sender::Client), b"GET / HTTP/1.1\r\n\r\n");
    }

    #[test]
    fn offsets_tell_connections_and_gaps() {
        let one = print(&[(false, b"\x81\x80abcd".to_vec()), (true, b"\x81\x00".to_vec())], false);
        let (seen, _) = sniffed(one.repeat(2));
        assert_eq!(
            seen.bytes,
            [
                [b"\x81\x80abcd".to_vec(), b"\x81\x00".to_vec()],
                [b"\x81\x80abcd".to_vec(), b"\x81\x00".to_vec()]
            ]
        );
        let (seen, _) = sniffed(one.replace("from=0 to=1", "from=5 to=6"));
        assert_eq!(seen.story.iter().filter(|line| line.ends_with("server gap 5")).count(), 1);
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let text = "> 2026/11/23 03:31:14.000724296  length=3 from=0 to=2\n 81 94\n";
        assert!(error(Format::Socat, text).starts_with("dump.txt:1:1: socat says 3 bytes, and 2 follow"));
        assert!(
            error(Format::Socat, &text.replace("94", "9g")).starts_with("dump.txt:2:6: 'g' is no hex digit")
        );
        assert!(error(Format::Socat, "hello\n").starts_with("dump.txt:1:1: socat's lines begin with"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(turns in turns(1..8), verbose: bool) {
            let text = print(&turns, verbose);
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Socat);
            // Without a request the MASK bit decides who is who.
            let [one, two] = by_side(&turns);
            prop_assert!(seen.bytes[0] == [one.clone(), two.clone()] || seen.bytes[0] == [two, one], "{}", text);
        }

        #[test]
        fn mutated_dumps_are_read_or_refused(bytes in bytes(1..40), at: prop::sample::Index, to: u8) {
            let mut text = print(&[(false, bytes)], true).into_bytes();
            let at = at.index(text.len());
            text[at] = to;
            let _ = read_as(Some(Format::Socat), None, &text);
        }
    }
}

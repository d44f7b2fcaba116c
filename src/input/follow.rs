//! Wireshark's Follow Stream, as hex dump or raw, and the same from tshark: the lines of one side are
//! indented.

use super::dump::{Dump, Side, Talk};
use super::error::Fault;
use super::hex;
use super::rows::{Row, Rows};
use super::text::{Line, is_hex, lines};

/// Reads both sides of `text`.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut dump = Dump { talks: vec![Talk { marked: true, ..Talk::default() }], ..Dump::default() };
    let margin = lines(text).filter(|line| is_bytes(*line)).map(indent).min().unwrap_or(0);
    let mut block = Block::default();
    for line in lines(text) {
        let words = line.trimmed().text;
        if !is_bytes(line) {
            block.end(&mut dump)?;
            about(line, &mut dump)?;
            continue;
        }
        let side = if indent(line) > margin { Side::Second } else { Side::First };
        if side != block.side {
            block.end(&mut dump)?;
            block.side = side;
        }
        if is_hex(words) {
            block.end(&mut dump)?;
            let start = dump.bytes.len();
            hex::append(words, &mut dump.bytes)
                .map_err(|fault| Fault { at: fault.at + line.trimmed().at, ..fault })?;
            dump.turn_since(start, 0, side, None);
        } else {
            block.rows.line(line)?;
        }
    }
    block.end(&mut dump)?;
    Ok(dump)
}

/// Whether `text` is one: by its heading, or because some of its rows are indented and others are not.
pub(super) fn is_follow(text: &[u8]) -> bool {
    if lines(text).any(|line| line.text.starts_with(b"Follow: ")) {
        return true;
    }
    let is_wide = |row: &Row<'_>| row.is_evident() && row.has_wide_offset();
    let mut indents =
        lines(text).filter(|line| Row::parse(*line).is_some_and(|row| is_wide(&row))).map(indent);
    let first = indents.next();
    indents.any(|indent| Some(indent) != first)
}

/// Rows of one side behind each other.
#[derive(Default)]
struct Block<'a> {
    side: Side,
    rows: Rows<'a>,
}

impl Block<'_> {
    fn end(&mut self, dump: &mut Dump) -> Result<(), Fault> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.finish(None)?;
        let start = dump.bytes.len();
        dump.bytes.append(&mut rows.seen.bytes);
        dump.turn_since(start, 0, self.side, None);
        Ok(())
    }
}

/// How far a line is indented; a tab is as good as any number of spaces.
fn indent(line: Line<'_>) -> usize {
    line.text.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Whether a line holds bytes: a row, or digits alone.
fn is_bytes(line: Line<'_>) -> bool {
    is_hex(line.trimmed().text) || Row::parse(line).is_some_and(Row::is_evident)
}

/// A line that holds none.
fn about(line: Line<'_>, dump: &mut Dump) -> Result<(), Fault> {
    let text = line.trimmed().text;
    let node = |prefix: &[u8]| {
        text.strip_prefix(prefix).map(|address| String::from_utf8_lossy(address).into_owned())
    };
    let talk = dump.talks.first_mut();
    match (node(b"Node 0: "), node(b"Node 1: "), talk) {
        (Some(address), _, Some(Talk { addresses: [first, _], .. })) => *first = Some(address),
        (_, Some(address), Some(Talk { addresses: [_, second], .. })) => *second = Some(address),
        _ if text.iter().all(|byte| *byte == b'=') => {}
        _ if text.starts_with(b"Follow: ") || text.starts_with(b"Filter: ") => {}
        _ => {
            return Err(Fault::new(
                line.trimmed().at,
                "this line has no offset, and the lines of this dump begin with one: remove what does not belong to it",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{by_side, error, sniffed, turns};
    use crate::session::segment::Roles;
    use crate::wire::sender::Sender;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// As Wireshark prints it; tshark indents by a tab.
    fn print(turns: &[(bool, Vec<u8>)], indent: &str) -> String {
        let mut text = String::new();
        let mut offsets = [0, 0];
        for (server, bytes) in turns {
            for row in bytes.chunks(16) {
                let offset = &mut offsets[usize::from(*server)];
                let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
                let (left, right) = hex.split_at(hex.len().min(8));
                let hex = format!("{}  {}", left.join(" "), right.join(" "));
                let shown: String = row
                    .iter()
                    .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
                    .collect();
                let (left, right) = shown.split_at(shown.len().min(8));
                let gap = if right.is_empty() { "" } else { " " };
                let _ = writeln!(
                    text,
                    "{}{offset:08X}  {hex:48}   {left}{gap}{right}",
                    if *server { indent } else { "" }
                );
                *offset += row.len();
            }
        }
        text
    }

    #[test]
    fn the_indent_tells_the_speaker() {
        let turns = [
            (false, b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            (true, b"HTTP/1.1 101 x\r\n\r\n".to_vec()),
            (true, b"\x81\x00".to_vec()),
            (false, b"\x81\x80abcd".to_vec()),
        ];
        for indent in ["    ", "\t"] {
            let (seen, format) = sniffed(print(&turns, indent));
            assert_eq!(format, Format::Follow);
            assert_eq!(
                seen.story,
                [
                    "1 open",
                    "1 client 18",
                    "1 server 20",
                    "1 client 6",
                    "1 client unknown",
                    "1 server unknown"
                ]
            );
            assert_eq!((seen.openings[0].roles, seen.openings[0].only), (Roles::RequestLine, None));
        }
    }

    #[test]
    fn tshark_tells_the_addresses() {
        let head = "\n=====\nFollow: tcp,hex\nFilter: tcp.stream eq 0\nNode 0: 127.0.0.1:39916\nNode 1: 127.0.0.1:8765\n";
        for body in [
            "00000000  81 80                                            ..\n\t00000000  81 00       ..\n",
            "8180\n\t8100\n",
        ] {
            let (seen, format) = sniffed(format!("{head}{body}=====\n"));
            assert_eq!(format, Format::Follow);
            assert_eq!(
                (seen.of(Sender::Client), seen.of(Sender::Server)),
                (&b"\x81\x80"[..], &b"\x81\x00"[..])
            );
            assert_eq!(seen.openings[0].client.as_deref(), Some("127.0.0.1:39916"));
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        let text = "00000000  81 80   ..\nHello\n    00000000  81 00   ..\n";
        assert!(error(Format::Follow, text).starts_with("dump.txt:2:1: this line has no offset"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(turns in turns(2..8)) {
            prop_assume!(turns.iter().any(|turn| turn.0) && turns.iter().any(|turn| !turn.0));
            let text = print(&turns, "    ");
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Follow, "{}", text);
            // Without a request the MASK bit decides who is who.
            let [one, two] = by_side(&turns);
            prop_assert!(seen.bytes[0] == [one.clone(), two.clone()] || seen.bytes[0] == [two, one], "{}", text);
        }
    }
}

//! `curl --trace`: what curl sent and received, in rows of offset, hex and text.

use super::dump::{Dump, Side, Talk};
use super::error::Fault;
use super::rows::Rows;
use super::stamp::stamp;
use super::text::{Line, lines};
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// Reads both sides of `text`.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let talk = Talk { first: Some(Sender::Client), marked: true, ..Talk::default() };
    let mut dump = Dump { talks: vec![talk], ..Dump::default() };
    let mut block = None;
    for line in lines(text) {
        if let Some((time, mark)) = mark(line) {
            end(block.take(), &mut dump)?;
            block = Block::begin(mark, time, &mut dump)?;
        } else if let Some(block) = &mut block {
            block.row(line)?;
        } else if !line.text.trim_ascii().is_empty() {
            return Err(Fault::new(
                line.at,
                "this line belongs to no \"=> Send\" and no \"<= Recv\": remove what is no trace of curl",
            ));
        }
    }
    end(block, &mut dump)?;
    Ok(dump)
}

/// Whether a line is one that says who speaks.
pub(super) fn is_mark(line: Line<'_>) -> bool {
    mark(line).is_some_and(|(_, mark)| !mark.text.starts_with(b"== Info"))
}

/// Such a line behind its time and the numbers of its connection: `=> Send header, 191 bytes (0xbf)`.
fn mark(line: Line<'_>) -> Option<(Option<Time>, Line<'_>)> {
    let (time, len) = stamp(line.text).map_or((None, 0), |(time, len)| (Some(time), len));
    let mut rest = line.skip(len).trimmed();
    if rest.text.starts_with(b"[") {
        rest = rest.skip(memchr::memchr(b']', rest.text)? + 1).trimmed();
    }
    let is_mark =
        [&b"=> Send "[..], b"<= Recv ", b"== Info:"].iter().any(|begin| rest.text.starts_with(begin));
    is_mark.then_some((time, rest))
}

/// What was sent or received at once.
struct Block<'a> {
    at: usize,
    side: Side,
    time: Option<Time>,
    /// How many bytes curl says it is.
    len: u64,
    /// Whether these are records of TLS, whose inside stands in other blocks.
    is_tls: bool,
    rows: Rows<'a>,
}

impl<'a> Block<'a> {
    /// The block behind a mark; none where curl only tells something.
    fn begin(mark: Line<'a>, time: Option<Time>, dump: &mut Dump) -> Result<Option<Self>, Fault> {
        let side = match mark.text {
            [b'=', b'>', ..] => Side::First,
            [b'<', b'=', ..] => Side::Second,
            _ => {
                return Ok(Some(Self {
                    at: mark.at,
                    side: Side::First,
                    time,
                    len: 0,
                    is_tls: true,
                    rows: Rows::default(),
                }));
            }
        };
        let text = std::str::from_utf8(mark.text).unwrap_or_default();
        let len = text.split(", ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
        let Some(len) = len else {
            return Err(Fault::new(mark.at, "this line should say how many bytes follow"));
        };
        let is_tls = text.contains(" SSL data");
        if let Some(talk) = dump.talks.first_mut().filter(|_| is_tls) {
            talk.tls = true;
        }
        Ok(Some(Self { at: mark.at, side, time, len, is_tls, rows: Rows::of_curl() }))
    }

    fn row(&mut self, line: Line<'a>) -> Result<(), Fault> {
        if self.is_tls {
            return Ok(());
        }
        let data = line.text.split(|byte| *byte == b':').nth(1).unwrap_or_default().trim_ascii_start();
        match data {
            [] => self.rows.line(line),
            [high, low, b' ', ..] | [high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                self.rows.line(line)
            }
            _ => Err(Fault::new(line.at, "curl --trace-ascii leaves bytes out: trace again with --trace")),
        }
    }
}

fn end(block: Option<Block<'_>>, dump: &mut Dump) -> Result<(), Fault> {
    let Some(mut block) = block.filter(|block| !block.is_tls) else { return Ok(()) };
    block.rows.finish(Some(block.len))?;
    let has = block.rows.seen.bytes.len();
    if has as u64 != block.len {
        return Err(Fault::new(
            block.at,
            format!("curl says {} bytes, and {has} follow: rows are missing", block.len),
        ));
    }
    let start = dump.bytes.len();
    dump.bytes.append(&mut block.rows.seen.bytes);
    dump.turn_since(start, 0, block.side, block.time);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{by_side, bytes, error, read_as, sniffed, turns};
    use crate::session::segment::Roles;
    use crate::wire::sender::Sender;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// As curl prints it.
    fn print(turns: &[(bool, Vec<u8>)]) -> String {
        let mut text = "== Info:   Trying 127.0.0.1:8765...\n".to_owned();
        for (server, bytes) in turns {
            let mark = if *server { "<= Recv data" } else { "=> Send header" };
            let _ = writeln!(text, "{mark}, {} bytes (0x{:x})", bytes.len(), bytes.len());
            for (index, row) in bytes.chunks(16).enumerate() {
                let hex: String = row.iter().map(|byte| format!("{byte:02x} ")).collect();
                let shown: String = row
                    .iter()
                    .map(|byte| if (0x20..0x80).contains(byte) { char::from(*byte) } else { '.' })
                    .collect();
                let _ = writeln!(text, "{:04x}: {hex:48}{shown}", index * 16);
            }
        }
        text
    }

    #[test]
    fn curl_is_the_client() {
        let (seen, format) =
            sniffed(print(&[(true, b"\x81\x00".to_vec()), (false, b"\x81\x80abcd".to_vec())]));
        assert_eq!(format, Format::Curl);
        assert_eq!(
            (seen.of(Sender::Client), seen.of(Sender::Server)),
            (&b"\x81\x80abcd"[..], &b"\x81\x00"[..])
        );
        assert_eq!(seen.openings[0].roles, Roles::Marked);
    }

    #[test]
    fn tls_records_are_passed_over_and_times_kept() {
        let text = "12:00:00.5 [0-0] => Send SSL data, 2 bytes (0x2)\n0000: 16 03 ..\n12:00:01.5 [0-0] => Send data, 1 bytes (0x1)\n0000: 81 .\n";
        let (seen, _) = sniffed(text);
        assert_eq!(seen.story, ["1 open", "1 43201.500000000 client 1", "1 client unknown"]);
        assert!(seen.openings[0].tls);
    }

    #[test]
    fn what_has_no_bytes_is_refused() {
        let of = |text: &str| error(Format::Curl, text);
        for row in ["0000: GET / HTTP/1.1", "0000: Accept: */*"] {
            let error = of(&format!("=> Send header, 18 bytes (0x12)\n{row}\n"));
            assert!(
                error.starts_with(
                    "dump.txt:2:1: curl --trace-ascii leaves bytes out: trace again with --trace"
                ),
                "{error}"
            );
        }
        assert!(of("=> Send header, 3 bytes (0x3)\n0000: 81 94 .\n").starts_with("dump.txt:2:"));
        assert!(
            of("=> Send header, 3 bytes (0x3)\n")
                .starts_with("dump.txt:1:1: curl says 3 bytes, and 0 follow")
        );
        assert!(of("hello\n").starts_with("dump.txt:1:1: this line belongs to no"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(turns in turns(1..8)) {
            let text = print(&turns);
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Curl);
            prop_assert_eq!(&seen.bytes[0], &by_side(&turns), "{}", text);
        }

        #[test]
        fn mutated_dumps_are_read_or_refused(bytes in bytes(1..40), at: prop::sample::Index, to: u8) {
            let mut text = print(&[(false, bytes)]).into_bytes();
            let at = at.index(text.len());
            text[at] = to;
            let _ = read_as(Some(Format::Curl), None, &text);
        }
    }
}

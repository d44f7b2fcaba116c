//! `tcpdump -x`, `-X`, `-xx` and `-XX`: rows of packets, whose headers are taken off. Also whole packets in
//! Wireshark's hex dump.

use super::dump::Dump;
use super::error::Fault;
use super::flows::Flows;
use super::packet::{Found, find};
use super::rows::{Row, Rows, Seen};
use super::stamp::stamp;
use super::text::{Line, lines};
use crate::session::segment::Time;

/// Reads the packets of `text`.
pub(super) fn read(text: &[u8]) -> Result<Dump, Fault> {
    let mut reader = Reader::default();
    for line in lines(text) {
        match row(line) {
            Some(row) => {
                reader.first_row.get_or_insert(row.data.at);
                reader.rows.line(line)?;
            }
            None if line.text.first().is_some_and(|byte| !byte.is_ascii_whitespace()) => {
                reader.end_packet()?;
                reader.time = stamp(line.text).map(|(time, _)| time);
            }
            // With -v a second line tells more of the packet.
            None => {}
        }
    }
    reader.end_packet()?;
    reader.finish()
}

/// The row in a line: `0x0010:` and bytes.
fn row(line: Line<'_>) -> Option<Row<'_>> {
    line.trimmed().text.starts_with(b"0x").then(|| Row::parse(line))?
}

/// Whether a line is a row such as only tcpdump prints.
pub(super) fn is_row(line: Line<'_>) -> bool {
    line.trimmed().text.starts_with(b"0x0000:") && row(line).is_some_and(Row::is_evident)
}

#[derive(Default)]
struct Reader<'a> {
    rows: Rows<'a>,
    time: Option<Time>,
    flows: Flows,
    first_row: Option<usize>,
    packets: u64,
    others: u64,
}

impl Reader<'_> {
    fn end_packet(&mut self) -> Result<(), Fault> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.finish(None)?;
        if rows.seen.starts.is_empty() {
            return Ok(());
        }
        // Where nothing stands between them, rows that begin anew are another packet.
        for bytes in rows.seen.dumps() {
            match find(bytes) {
                Found::Tcp(packet) => {
                    self.packets += 1;
                    self.flows.add(&packet, self.time);
                }
                Found::Other | Found::Nothing => self.others += 1,
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Dump, Fault> {
        if self.packets == 0 {
            let what = "these rows hold no TCP packet, as those of tcpdump -X do; --format xxd reads the bytes as they are";
            return Err(Fault::new(self.first_row.unwrap_or(0), what));
        }
        let mut dump = self.flows.finish();
        dump.note(headers_off(self.packets));
        if self.others > 0 {
            dump.note(format!("{} packets of other protocols were passed over", self.others));
        }
        Ok(dump)
    }
}

fn headers_off(packets: u64) -> String {
    format!("the headers of TCP, IP and the link were taken off, {packets} packets")
}

/// The connections of dumps that are whole packets, each and every one.
pub(super) fn from_packets(rows: &Seen) -> Option<Dump> {
    let mut flows = Flows::default();
    let mut packets = 0;
    for bytes in rows.dumps() {
        match find(bytes) {
            Found::Tcp(packet) if packet.is_exact => flows.add(&packet, None),
            _ => return None,
        }
        packets += 1;
    }
    let mut dump = flows.finish();
    dump.note(headers_off(packets));
    (packets > 0).then_some(dump)
}

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::packet::tests::print;
    use crate::input::testing::{bytes, error, read_as, sniffed};
    use crate::session::segment::Roles;
    use crate::wire::sender::Sender;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    /// As tcpdump -X prints a packet; -x leaves the text out.
    fn rows(packet: &[u8], with_text: bool) -> String {
        let mut text = String::new();
        for (index, row) in packet.chunks(16).enumerate() {
            let groups: Vec<String> =
                row.chunks(2).map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
            let _ = write!(text, "\t0x{:04x}:  {:39}", index * 16, groups.join(" "));
            if with_text {
                let shown: String = row
                    .iter()
                    .map(|byte| if (0x21..0x7f).contains(byte) { char::from(*byte) } else { '.' })
                    .collect();
                let _ = write!(text, "  {shown}");
            }
            text = text.trim_end().to_owned() + "\n";
        }
        text
    }

    fn dump(packets: &[Vec<u8>], link: &[u8], with_text: bool) -> String {
        packets
            .iter()
            .enumerate()
            .map(|(i, packet)| {
                format!(
                    "12:00:0{i}.5 IP localhost.50000 > localhost.80: Flags [P.], length 1\n{}",
                    rows(&[link, packet].concat(), with_text)
                )
            })
            .collect()
    }

    #[test]
    fn headers_are_taken_off_and_the_syn_tells_the_client() {
        let packets = [
            print(true, 499, 100, 0x12, b""),
            print(true, 500, 100, 0x18, b"\x81\x00"),
            print(false, 100, 502, 0x11, b"\x81\x80abcd"),
        ];
        for (link, with_text) in
            [(&[][..], true), (&[], false), (&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0], true)]
        {
            let (seen, format) = sniffed(dump(&packets, link, with_text));
            assert_eq!(format, Format::Tcpdump);
            assert_eq!(
                seen.story,
                [
                    "1 open",
                    "1 43201.500000000 server 2",
                    "1 43202.500000000 client 6",
                    "1 43202.500000000 client fin",
                    "1 server unknown",
                ]
            );
            let opening = &seen.openings[0];
            assert_eq!(
                (opening.client.as_deref(), opening.server.as_deref()),
                (Some("127.0.0.1:50000"), Some("127.0.0.1:80"))
            );
            assert_eq!(opening.roles, Roles::Marked);
            assert!(seen.notices.iter().any(|notice| notice.contains("3 packets")), "{:?}", seen.notices);
        }
    }

    #[test]
    fn without_a_syn_the_request_tells() {
        let packets = [
            print(true, 499, 100, 0x18, b"\x81\x00"),
            print(false, 100, 502, 0x18, b"GET / HTTP/1.1\r\n\r\n"),
        ];
        let (seen, _) = sniffed(dump(&packets, &[], true));
        assert_eq!((seen.openings[0].roles, seen.of(Sender::Server)), (Roles::RequestLine, &b"\x81\x00"[..]));
    }

    #[test]
    fn whole_packets_in_a_wireshark_dump_are_taken_apart() {
        let mut text = String::new();
        for packet in [
            print(false, 1, 0, 0x18, b"GET / HTTP/1.1\r\n\r\n"),
            print(true, 7, 19, 0x18, b"HTTP/1.1 101 x\r\n\r\n"),
        ] {
            text.push_str(
                &rows(&[&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0], &packet[..]].concat(), true)
                    .replace("\t0x", "")
                    .replace(':', ""),
            );
            text.push('\n');
        }
        // Wireshark sets every byte apart.
        let (seen, _) = read_as(Some(Format::Wireshark), None, spaced(&text).as_bytes()).unwrap();
        assert_eq!(
            (seen.of(Sender::Client), seen.of(Sender::Server)),
            (&b"GET / HTTP/1.1\r\n\r\n"[..], &b"HTTP/1.1 101 x\r\n\r\n"[..])
        );
    }

    /// Rows with each byte apart.
    fn spaced(text: &str) -> String {
        let row = |line: &str| {
            let Some((offset, rest)) = line.split_once("  ") else { return String::new() };
            let digits: String = rest.split("  ").next().unwrap_or("").split_whitespace().collect();
            let bytes: Vec<&str> = (0..digits.len() / 2).map(|i| &digits[2 * i..2 * i + 2]).collect();
            format!("{offset}  {}", bytes.join(" "))
        };
        text.lines().map(|line| row(line) + "\n").collect()
    }

    #[test]
    fn rows_without_packets_are_refused() {
        let text = "\t0x0000:  4745 5420 2f20  GET./.\n";
        assert!(
            error(Format::Tcpdump, text).starts_with("dump.txt:1:9: these rows hold no TCP packet"),
            "{}",
            error(Format::Tcpdump, text)
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(bytes in bytes(1..300), with_text: bool) {
            let (seen, format) = sniffed(dump(&[print(false, 5, 0, 0x18, &bytes)], &[], with_text));
            prop_assert_eq!(format, Format::Tcpdump);
            prop_assert_eq!(seen.all(), bytes);
        }

        #[test]
        fn mutated_dumps_are_read_or_refused(bytes in bytes(0..40), at: prop::sample::Index, to: u8) {
            let mut text = dump(&[print(false, 5, 0, 0x18, &bytes)], &[], true).into_bytes();
            let at = at.index(text.len());
            text[at] = to;
            let _ = read_as(Some(Format::Tcpdump), None, &text);
        }
    }
}

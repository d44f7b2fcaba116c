//! The formats that can be read, one row each.

/// A way in which bytes are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The bytes as they are.
    Raw,
    /// Our own marked lines.
    Transcript,
    /// A capture as tcpdump writes it.
    Pcap,
    /// A capture as Wireshark writes it.
    Pcapng,
    /// An HTTP Archive of a browser, a proxy or a test.
    Har,
    /// Our own JSON Lines.
    Jsonl,
    /// Whichever of the text dumps below it looks like; never raw.
    Dump,
    /// Hex digits without offsets.
    Hex,
    /// Rows of offset, colon, hex and text.
    Xxd,
    /// `hexdump -C`.
    HexdumpC,
    /// `hexdump`: 16-bit words.
    Hexdump,
    /// `od -t x1`.
    Od,
    /// Wireshark's hex dump.
    Wireshark,
    /// Wireshark's Follow Stream as hex dump.
    Follow,
    /// `tcpdump -X`.
    Tcpdump,
    /// `socat -x`.
    Socat,
    /// `strace -xx`.
    Strace,
    /// `curl --trace`.
    Curl,
    /// Node's `<Buffer …>`.
    Buffer,
    /// A list of numbers in brackets.
    Array,
    /// A string literal with escapes.
    Escaped,
    /// Decimal numbers without brackets.
    Decimal,
    /// Zeros and ones.
    Binary,
    /// Base64.
    Base64,
}

/// Every format with its name on the command line and what it is.
const TABLE: [(Format, &str, &str); 24] = [
    (Format::Raw, "raw", "the bytes as they are"),
    (Format::Transcript, "transcript", "lines marked > (client to server) and < (server to client)"),
    (Format::Pcap, "pcap", "a capture of packets, as tcpdump -w writes it"),
    (Format::Pcapng, "pcapng", "a capture of packets, as Wireshark writes it"),
    (Format::Har, "har", "an HTTP Archive: messages without their frames"),
    (Format::Jsonl, "jsonl", "the JSON Lines that --json prints and --record FILE.jsonl keeps"),
    (Format::Dump, "dump", "any of the dumps below, whichever it looks like"),
    (Format::Hex, "hex", "hex digits in pairs or runs, also with 0x, \\x, commas or colons; xxd -p"),
    (Format::Xxd, "xxd", "rows of offset, colon, hex and text"),
    (Format::HexdumpC, "hexdump-c", "hexdump -C: rows of offset, hex and |text|"),
    (Format::Hexdump, "hexdump", "plain hexdump: 16-bit little-endian words, swapped back"),
    (Format::Od, "od", "od -t x1, offsets in octal, decimal or hex"),
    (Format::Wireshark, "wireshark", "Wireshark's hex dump, of bytes or of whole packets"),
    (Format::Follow, "follow", "Wireshark's Follow Stream as hex dump: the indent tells the speaker"),
    (Format::Tcpdump, "tcpdump", "tcpdump -x, -X, -xx or -XX: packets, their headers taken off"),
    (Format::Socat, "socat", "socat -x, also with -v"),
    (Format::Strace, "strace", "strace -xx: the reads and writes of a socket"),
    (Format::Curl, "curl", "curl --trace"),
    (Format::Buffer, "buffer", "Node's <Buffer 81 94 …>"),
    (Format::Array, "array", "a list of numbers, as C, Rust, Go, Java, JavaScript, Python or PHP write it"),
    (Format::Escaped, "escaped", "a string with escapes: \"\\x81\\x05Hello\", b'\\x81\\x05Hello'"),
    (Format::Decimal, "decimal", "decimal numbers: 129 148 159"),
    (Format::Binary, "binary", "zeros and ones: 10000001 10010100"),
    (Format::Base64, "base64", "base64, also URL-safe and over several lines"),
];

impl Format {
    /// Every format, in the order in which help shows them.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::Raw; TABLE.len()];
        let mut at = 0;
        while at < TABLE.len() {
            #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
            {
                all[at] = TABLE[at].0;
            }
            at += 1;
        }
        all
    };

    /// Its name on the command line: `hexdump-c`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it is, in one line.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.row().2
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> (Self, &'static str, &'static str) {
        TABLE.into_iter().find(|row| row.0 == self).unwrap_or((self, "", ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_name_of_its_own() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.name()), Some(format));
            assert!(!format.help().is_empty());
        }
        assert_eq!(Format::parse("hexdump-C"), None);
    }
}

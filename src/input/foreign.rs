//! Files that are something else, known by how they begin: each is named, with what makes of it something that can be read.

use super::error::InputError;

/// What to do about a file that is something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Advice {
    /// A command unpacks it to its standard output.
    Unpack(&'static str),
    /// Wireshark reads it, and writes it as pcapng.
    Convert,
    /// `wslens har` finishes it.
    Finish,
    /// There is nothing in it.
    Nothing,
}

use Advice::{Convert, Finish, Nothing, Unpack};

/// How files begin, what they are, and what to do. Each beginning is too long, or too strange, to be that of frames.
const TABLE: &[(&[u8], &str, Advice)] = &[
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", Unpack("zstd -dc")),
    (b"\xfd7zXZ\0", "compressed by xz", Unpack("xz -dc")),
    (b"BZh", "compressed by bzip2", Unpack("bzip2 -dc")),
    (b"\x04\x22\x4d\x18", "compressed by lz4", Unpack("lz4 -dc")),
    (b"\x1f\x9d\x90", "compressed by compress", Unpack("gzip -dc")),
    (b"PK\x03\x04", "a zip archive", Unpack("unzip -p")),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", Unpack("7z e -so")),
    (b"snoop\0\0\0", "a capture of Solaris' snoop", Convert),
    (b"RTSS", "a capture of Microsoft's Network Monitor", Convert),
    (b"GMBU", "a capture of Microsoft's Network Monitor", Convert),
    (b"TRSNIFF data    \x1a", "a capture of the Sniffer", Convert),
    (b"XCP\0", "a capture of the Sniffer", Convert),
    (b"\x05VNF", "a capture of Visual Networks", Convert),
    (b"\xaa\xaa\xaa\xaa", "a capture of 5View", Convert),
    (b"\0\0\0\x01\0\x07\xd0\0", "a trace of HP-UX's nettl", Convert),
    (b"TR\0d\0", "a trace of HP-UX's nettl", Convert),
    (b"ObserverPktBuffe", "a capture of Network Instruments' Observer", Convert),
    (b"iptrace ", "a trace of AIX", Convert),
    (b"btsnoop\0", "a capture of Bluetooth", Nothing),
    (b"\x7fver", "a capture of OmniPeek", Convert),
    (b"+---------+---------------+----------+", "a trace of K12, as text", Convert),
    (b"wslens-har-spool ", "a HAR whose recording was cut off", Finish),
    (b"\xff\xd8\xff", "a JPEG picture", Nothing),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", Nothing),
    (b"GIF8", "a GIF picture", Nothing),
    (b"%PDF-", "a PDF document", Nothing),
    (b"\x7fELF", "a program", Nothing),
    (b"SQLite format 3\0", "a database of SQLite", Nothing),
];

/// What to do where it is none of these all the same.
const RAW: &str = "--format raw reads the bytes as they are";

/// So many zeros at the beginning are nothing but zeros: frames without a payload are two each.
const ZEROS: usize = 512;

/// Why a file that begins so is not read, where it is known to be something else.
pub(super) fn refuse(name: &str, head: &[u8]) -> Result<(), InputError> {
    let known = TABLE.iter().find(|(begin, ..)| head.starts_with(begin) && is_like(begin, head));
    let Some((_, what, advice)) = known else { return Ok(()) };
    let what = format!("this is {what}{}; {RAW}", advice.says());
    Err(InputError::Damaged { name: name.to_owned(), at: 0, what })
}

/// Why what is no dump is not read as raw bytes either, by its name and its beginning.
pub(super) fn refuse_raw(name: &str, head: &[u8]) -> Result<(), InputError> {
    let zeros = || head.len() >= ZEROS && head.iter().take(ZEROS).all(|byte| *byte == 0);
    let what = match by_name(name).filter(|_| !head.is_empty()) {
        Some(what) => format!("{what}; {RAW}"),
        None if zeros() => {
            format!("it begins with {ZEROS} zeros, as no capture and no WebSocket does; {RAW}")
        }
        None => return Ok(()),
    };
    Err(InputError::Damaged { name: name.to_owned(), at: 0, what })
}

/// What a file of this name should be, and does not begin like.
fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if [".pcap", ".pcapng", ".cap"].iter().any(|end| name.ends_with(end)) {
        return Some("its name is that of a capture, and no pcap or pcapng file begins like this");
    }
    name.ends_with(".har").then_some("its name is that of a HAR, and none begins like this")
}

/// What a short beginning leaves open: bzip2's is followed by a digit, and by pi.
fn is_like(begin: &[u8], head: &[u8]) -> bool {
    begin != b"BZh" || head.get(4..).is_some_and(|rest| rest.starts_with(b"1AY&SY"))
}

impl Advice {
    fn says(self) -> String {
        match self {
            Unpack(command) => format!(": unpack it first, as with {command} FILE | wslens decode -"),
            Convert => ": Wireshark's editcap FILE x.pcapng makes a pcapng of it".to_owned(),
            Finish => ": wslens har FILE makes a HAR of it".to_owned(),
            Nothing => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::testing::{error, read_as, sniffed};

    fn says(head: &[u8]) -> String {
        read_as(None, None, head).expect_err("it is no input").to_string()
    }

    #[test]
    fn what_is_something_else_is_named() {
        for (begin, what, advice) in TABLE {
            let mut file = begin.to_vec();
            if *begin == b"BZh" {
                file.extend_from_slice(b"91AY&SY");
            }
            file.extend_from_slice(b"\x00\x01\x02 and so on \xff\xfe");
            let said = says(&file);
            assert!(
                said.starts_with(&format!("dump.txt: at byte 0: this is {what}{}", advice.says())),
                "{said}"
            );
            let (seen, _) = read_as(Some(Format::Raw), None, &file).expect("the bytes as they are");
            assert_eq!(seen.all(), file);
        }
        assert!(says(&[0; 4096]).contains("begins with 512 zeros"));
    }

    #[test]
    fn what_merely_begins_alike_is_read() {
        for raw in [&b"BZh and more"[..], b"\x7fEL", b"\x89\x50abc", &[0; 100]] {
            assert_eq!(sniffed(raw).1, Format::Raw, "{}", raw.escape_ascii());
        }
        assert!(error(Format::Pcap, "PK\x03\x04, and twenty bytes more").contains("no pcap file"));
    }
}

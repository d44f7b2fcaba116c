//! Captured bytes, however they were written down, become segments.
//!
//! [`read`] takes one input: a hex dump in one of many styles, raw bytes, or our own
//! [transcript]. It looks what it is, says so in one line, and hands the bytes on with
//! their sender. Raw bytes and transcripts are passed on as they come; a dump is read whole.

mod base64;
mod binary;
mod blocks;
mod buffer;
mod capture;
mod counted;
mod curl;
mod dump;
mod emit;
mod error;
mod escaped;
mod flows;
mod follow;
mod foreign;
mod format;
mod har;
mod hex;
mod jsonl;
mod literal;
mod numbers;
mod packet;
mod parts;
mod paste;
mod raw;
mod roles;
mod rows;
mod sniff;
mod socat;
mod source;
mod stamp;
mod strace;
mod surrogates;
mod tcp;
mod tcpdump;
#[cfg(test)]
mod testing;
mod text;
pub mod transcript;
mod unpack;

use std::io::Read;
use std::ops::ControlFlow;

use self::dump::{Dump, Known};
use self::emit::{Emitter, Stop};
use self::error::{Fault, Safe};
pub use self::error::{InputError, Place};
pub use self::format::Format;
pub use self::parts::Parts;
use self::paste::Paste;
use self::source::Source;
pub use self::tcp::Limits;
use self::unpack::Unpacked;
use crate::session::others::Others;
use crate::session::segment::{Roles, Segment};
use crate::wire::sender::Sender;

/// How an input is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What it is; where nobody says, it is looked at.
    pub format: Option<Format>,
    /// Who sent the bytes, where the input does not mark them. Of an input that tells its two sides apart,
    /// but not which one is the client, it names the first.
    pub from: Option<Sender>,
    /// The number of the first connection, so that several inputs number on.
    pub first_connection: u32,
    /// Whether nothing is said of what it was read as, where no other reading is likely.
    pub terse: bool,
    /// How long a capture's missing segments are waited for.
    pub limits: Limits,
    /// Whether it is still being written, so that its end may stand anywhere.
    pub growing: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            from: None,
            first_connection: 1,
            terse: false,
            limits: Limits::default(),
            growing: false,
        }
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// As what.
    pub format: Format,
    /// How many connections began.
    pub connections: u32,
    /// Whether all of it was read; otherwise `each` wanted no more.
    pub complete: bool,
}

/// Reads all of `reader` and gives its segments to `each`, until that breaks.
///
/// `name` is what errors call the input. `notice` gets sentences for the user, one line each: what the input
/// was read as, what was inferred, what is missing.
///
/// # Errors
///
/// When `reader` fails, or when the text is no dump of its format. Segments of a transcript that came before
/// the fault were given to `each` by then; those of a dump were not.
pub fn read(
    name: &str,
    reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    each: &mut dyn FnMut(Segment<'_>) -> ControlFlow<()>,
) -> Result<Report, InputError> {
    read_and_count(name, reader, options, notice, each, &mut Others::default())
}

/// The same; `others` counts the TCP connections that carry no WebSocket, also where the input is damaged.
///
/// # Errors
///
/// As [`read`].
pub fn read_and_count(
    name: &str,
    reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    each: &mut dyn FnMut(Segment<'_>) -> ControlFlow<()>,
    others: &mut Others,
) -> Result<Report, InputError> {
    let (format, reader) = open(name, reader, options, notice)?;
    let mut to = Emitter::new(options.first_connection, each);
    let end = pump(name, format, reader, options, notice, &mut to).and_then(|()| to.finish());
    let connections = to.connections();
    others.add(&to.others);
    match end {
        Ok(()) => Ok(Report { format, connections, complete: true }),
        Err(Stop::Closed) => Ok(Report { format, connections, complete: false }),
        Err(Stop::Bad(error)) => Err(error),
    }
}

/// Finds out what the input is, and says so. The reader gives all of it.
fn open<'r>(
    name: &str,
    reader: impl Read + 'r,
    options: &Options,
    notice: &mut dyn FnMut(&str),
) -> Result<(Format, Box<dyn Read + 'r>), InputError> {
    if options.format == Some(Format::Raw) {
        return Ok((Format::Raw, Box::new(reader)));
    }
    let mut source = Source::open(name, reader)?;
    if source.is_gzip() {
        notice("unpacked from gzip");
        source = Source::open(name, Unpacked::new(source.into_reader()))?;
    }
    if source.head.is_empty() {
        notice(&format!("{} is empty", Safe(name)));
    }
    // What is still being written cannot be read to its end first.
    let paste = match options.growing {
        true => None,
        false => Paste::find(&source.head, source.is_cut(), options.format),
    };
    if let Some(paste) = &paste {
        notice(&paste.says);
        source = Paste::off(name, source)?;
    }
    let format = match options.format {
        Some(format) if format != Format::Dump => format,
        wanted => {
            if wanted.is_none() {
                foreign::refuse(name, &source.head)?;
            }
            let told = paste.and_then(|paste| paste.format).map(sniff::Guess::new);
            let guess = told.unwrap_or_else(|| sniff::guess(&source.head, source.is_cut(), wanted.is_none()));
            if guess.format == Format::Raw {
                foreign::refuse_raw(name, &source.head)?;
            }
            let untold = options.terse && guess.is_plain();
            if !source.head.is_empty() && !untold {
                notice(&guess.says());
            }
            if guess.format == Format::Raw && sniff::has_lost_bytes(&source.head) {
                notice(
                    "ef bf bd in it: bytes were lost when they were printed as text; print the Buffer instead",
                );
            }
            guess.format
        }
    };
    Ok((format, source.into_reader()))
}

/// Reads what is known to be of that format.
fn pump(
    name: &str,
    format: Format,
    reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    to: &mut Emitter<'_>,
) -> Result<(), Stop> {
    match format {
        Format::Raw => return raw::read(name, reader, options, notice, to),
        Format::Jsonl => return jsonl::read(name, reader, notice, to),
        Format::Har => return har::read(name, reader, notice, to),
        Format::Pcap | Format::Pcapng => return capture::read(name, format, reader, options, notice, to),
        Format::Transcript => {
            if options.from.is_some() {
                notice("a transcript marks its senders: --from was not used");
            }
            return transcript::read(name, reader, options.growing, to);
        }
        _ => {}
    }
    if options.growing {
        notice("a dump is read whole before any of it is shown, so with --follow at Ctrl-C");
    }
    let mut dump = parse(name, format, reader)?;
    let known = settle(&mut dump, options, notice);
    dump.deliver(format, &known, to)
}

/// Reads a dump.
fn parse(name: &str, format: Format, mut reader: impl Read) -> Result<Dump, InputError> {
    let read: fn(&[u8]) -> Result<Dump, Fault> = match format {
        Format::Har
        | Format::Jsonl
        | Format::Hex
        | Format::Raw
        | Format::Transcript
        | Format::Pcap
        | Format::Pcapng
        | Format::Dump => {
            return hex::read(name, reader);
        }
        Format::Xxd | Format::HexdumpC | Format::Hexdump | Format::Od | Format::Wireshark => {
            return rows::read(name, reader);
        }
        Format::Follow => follow::read,
        Format::Tcpdump => tcpdump::read,
        Format::Socat => socat::read,
        Format::Strace => strace::read,
        Format::Curl => curl::read,
        Format::Buffer => buffer::read,
        Format::Array => numbers::read_lists,
        Format::Decimal => numbers::read_bare,
        Format::Escaped => escaped::read,
        Format::Binary => binary::read,
        Format::Base64 => base64::read,
    };
    let mut text = Vec::new();
    reader.read_to_end(&mut text).map_err(|source| InputError::Read { name: name.to_owned(), source })?;
    let text = text::clean(&text);
    read(&text).map_err(|fault| InputError::in_text(name, 0, &text, fault))
}

/// Finds out who is who in a dump, and says what the user should hear.
fn settle(dump: &mut Dump, options: &Options, notice: &mut dyn FnMut(&str)) -> Vec<Known> {
    if dump.is_unmarked() && options.from.is_none() {
        dump.split_joined_sides();
    }
    if let Some(at) = memchr::memmem::find(&dump.bytes, "\u{fffd}".as_bytes()) {
        dump.note(format!(
            "ef bf bd at byte {at}: bytes were lost when they were printed as text; print the Buffer instead"
        ));
    }
    let known = dump.roles(options.from);
    for note in &dump.notes {
        notice(note);
    }
    match known.as_slice() {
        [one] if one.roles == Roles::MaskBit && dump.bytes.len() > 1 => raw::say_mask_bit(one.first, notice),
        all if options.from.is_some() && all.iter().any(|one| one.roles == Roles::Marked) => {
            notice("the input marks its senders: --from was not used");
        }
        _ => {}
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::read_as;
    use crate::session::segment::Content;
    use std::io;

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("it is broken"))
        }
    }

    #[test]
    fn several_inputs_number_on() {
        let mut numbers = Vec::new();
        let options = Options { first_connection: 7, ..Options::default() };
        let text = "connection 1\n> 81\nconnection 2\n> 82\n";
        let report = read("x", text.as_bytes(), &options, &mut |_| {}, &mut |segment| {
            numbers.push(segment.connection);
            ControlFlow::Continue(())
        });
        assert_eq!(numbers, [7, 7, 8, 8, 7, 8]);
        assert_eq!(report.unwrap(), Report { format: Format::Transcript, connections: 2, complete: true });
    }

    #[test]
    fn an_input_that_breaks_is_said() {
        for format in
            [None, Some(Format::Raw), Some(Format::Hex), Some(Format::Array), Some(Format::Transcript)]
        {
            let options = Options { format, ..Options::default() };
            let error = read("\u{1b}x", Broken, &options, &mut |_| {}, &mut |_| ControlFlow::Continue(()));
            assert_eq!(error.unwrap_err().to_string(), "\\u{1b}x: it is broken");
        }
    }

    #[test]
    fn a_closed_pipe_ends_it_quietly() {
        for text in [&b"81 94"[..], b"\x81\x94", b"> 81 94"] {
            let mut seen = 0;
            let report = read("x", text, &Options::default(), &mut |_| {}, &mut |segment| {
                seen += usize::from(matches!(segment.content, Content::Bytes(_)));
                if seen > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert_eq!((seen, report.unwrap().complete), (1, false));
        }
    }

    #[test]
    fn both_sides_in_one_dump_are_split() {
        let both = b"GET / HTTP/1.1\r\n\r\nHTTP/1.1 101 x\r\n\r\n\x81\x00";
        let text: String = both.iter().map(|byte| format!("{byte:02x} ")).collect();
        let (seen, _) = read_as(None, None, text.as_bytes()).unwrap();
        assert_eq!((seen.of(Sender::Client), seen.of(Sender::Server)), (&both[..18], &both[18..]));
        assert!(
            seen.notices.iter().any(|notice| notice.starts_with("both sides are in it: from byte 18 on"))
        );
        let (seen, _) = read_as(None, Some(Sender::Client), text.as_bytes()).unwrap();
        assert_eq!(seen.of(Sender::Client), both);
    }

    #[test]
    fn marks_are_stronger_than_the_option() {
        for text in ["> 81 00", "=> Send data, 1 bytes (0x1)\n0000: 81 .\n"] {
            let (seen, _) = read_as(None, Some(Sender::Server), text.as_bytes()).unwrap();
            assert_eq!(seen.openings[0].roles, Roles::Marked);
            assert!(
                seen.notices.iter().any(|notice| notice.ends_with("--from was not used")),
                "{:?}",
                seen.notices
            );
        }
    }

    #[test]
    fn a_wanted_dump_is_never_raw() {
        let of = |text: &str| {
            read_as(Some(Format::Dump), None, text.as_bytes())
                .map(|(seen, report)| (seen.all(), report.format))
        };
        assert_eq!(of("81 94").unwrap(), (vec![0x81, 0x94], Format::Hex));
        assert_eq!(of("<Buffer 81 94>").unwrap(), (vec![0x81, 0x94], Format::Buffer));
        assert!(
            of("Hi, from the server!")
                .unwrap_err()
                .to_string()
                .starts_with("dump.txt:1:1: 'H' is no hex digit")
        );
    }
}

//! Captured bytes, however they were written down, become segments.
//!
//! [`read`] takes one input: a hex dump in one of many styles, raw bytes, a capture of packets, or our own
//! [transcript](self::transcript). It
//! looks what it is, says so in one line, and hands the bytes on with their sender. Raw bytes, transcripts and captures are
//! passed on as they come; a dump is read whole.

mod base64;
mod binary;
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
mod format;
mod hex;
mod literal;
mod numbers;
mod packet;
mod raw;
mod roles;
mod rows;
mod sniff;
mod socat;
mod source;
mod stamp;
mod strace;
mod tcp;
mod tcpdump;
#[cfg(test)]
mod testing;
mod text;
pub mod transcript;

use std::io::Read;
use std::ops::ControlFlow;

use flate2::read::MultiGzDecoder;

use self::dump::{Dump, Known};
use self::emit::{Emitter, Stop};
use self::error::{Fault, Safe};
pub use self::error::{InputError, Place};
pub use self::format::Format;
use self::source::Source;
pub use self::tcp::Limits;
use crate::session::segment::{Roles, Segment};
use crate::wire::sender::Sender;

/// How an input is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What it is; where nobody says, it is looked at.
    pub format: Option<Format>,
    /// Who sent the bytes, where the input does not mark them. Of an input that tells its two sides apart, but not which
    /// one is the client, it names the first.
    pub from: Option<Sender>,
    /// The number of the first connection, so that several inputs number on.
    pub first_connection: u32,
    /// How long a capture's missing segments are waited for.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self { format: None, from: None, first_connection: 1, limits: Limits::default() }
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
/// `name` is what errors call the input. `notice` gets sentences for the user, one line each: what the input was read as,
/// what was inferred, what is missing.
///
/// # Errors
///
/// When `reader` fails, or when what it gives is not of its format. Segments of a transcript or capture that came before
/// the fault were given to `each` by then; those of a dump were not.
pub fn read(
    name: &str,
    reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    each: &mut dyn FnMut(Segment<'_>) -> ControlFlow<()>,
) -> Result<Report, InputError> {
    let (format, reader) = open(name, reader, options, notice)?;
    let mut to = Emitter::new(options.first_connection, each);
    let end = pump(name, format, reader, options, notice, &mut to).and_then(|()| to.finish());
    let connections = to.connections();
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
        source = Source::open(name, MultiGzDecoder::new(source.into_reader()))?;
    }
    if source.head.is_empty() {
        notice(&format!("{} is empty", Safe(name)));
    }
    let format = match options.format {
        Some(format) if format != Format::Dump => format,
        wanted => {
            let guess = sniff::guess(&source.head, source.is_cut(), wanted.is_none());
            if !source.head.is_empty() {
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
    mut reader: impl Read,
    options: &Options,
    notice: &mut dyn FnMut(&str),
    to: &mut Emitter<'_>,
) -> Result<(), Stop> {
    match format {
        Format::Raw => return raw::read(name, reader, options, notice, to),
        Format::Pcap | Format::Pcapng => return capture::read(name, format, reader, options, notice, to),
        Format::Transcript => {
            if options.from.is_some() {
                notice("a transcript marks its senders: --from was not used");
            }
            return transcript::read(name, reader, to);
        }
        _ => {}
    }
    let mut text = Vec::new();
    reader.read_to_end(&mut text).map_err(|source| InputError::Read { name: name.to_owned(), source })?;
    let text = text::clean(&text);
    let mut dump = parse(format, &text).map_err(|fault| InputError::in_text(name, &text, fault))?;
    let known = settle(&mut dump, options, notice);
    dump.deliver(format, &known, to)
}

/// Reads the text of a dump.
fn parse(format: Format, text: &[u8]) -> Result<Dump, Fault> {
    match format {
        Format::Xxd | Format::HexdumpC | Format::Hexdump | Format::Od | Format::Wireshark => rows::read(text),
        Format::Follow => follow::read(text),
        Format::Tcpdump => tcpdump::read(text),
        Format::Socat => socat::read(text),
        Format::Strace => strace::read(text),
        Format::Curl => curl::read(text),
        Format::Buffer => buffer::read(text),
        Format::Array => numbers::read_lists(text),
        Format::Decimal => numbers::read_bare(text),
        Format::Escaped => escaped::read(text),
        Format::Binary => binary::read(text),
        Format::Base64 => base64::read(text),
        Format::Hex | Format::Raw | Format::Transcript | Format::Pcap | Format::Pcapng | Format::Dump => {
            hex::read(text)
        }
    }
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
        [one] if one.roles == Roles::MaskBit && !dump.bytes.is_empty() => {
            raw::say_mask_bit(one.first, one.roles, notice)
        }
        all if options.from.is_some() && all.iter().any(|one| one.roles == Roles::Marked) => {
            notice("the input marks its senders: --from was not used");
        }
        _ => {}
    }
    known
}

//! `wslens encode`: frames from texts, a file or a close code; legal, or broken on purpose.

mod compress;
mod parse;
mod print;
#[cfg(test)]
mod tests;
use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, Read, Write, stdin, stdout};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, ValueEnum};

use self::compress::DeflateArgs;
use super::exit::{Exit, Failure};
use crate::render::page::Page;
use crate::wire::encode::Outgoing;
use crate::wire::frame::LengthForm;
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The arguments of `wslens encode`.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("payload").required(true), override_usage = USAGE, after_help = AFTER_HELP)]
pub struct Args {
    /// A text message; given several times, as many messages.
    #[arg(long, value_name = "S", group = "payload", allow_hyphen_values = true)]
    text: Vec<OsString>,
    /// A binary message: the bytes of a file, or of stdin with `-`.
    #[arg(long, value_name = "FILE", group = "payload")]
    binary: Option<PathBuf>,
    /// A ping with this payload, which may be empty: `--ping ''`.
    #[arg(long, value_name = "S", group = "payload", allow_hyphen_values = true)]
    ping: Option<OsString>,
    /// A pong with this payload.
    #[arg(long, value_name = "S", group = "payload", allow_hyphen_values = true)]
    pong: Option<OsString>,
    /// A close with this code, 0 to 65535.
    #[arg(long, value_name = "CODE", group = "payload")]
    close: Option<u16>,
    /// The reason behind the close code.
    // `requires` alone is not enough: clap lets go of it where another payload excludes --close.
    #[arg(long, value_name = "S", requires = "close", conflicts_with_all = ["text", "binary", "ping", "pong"])]
    #[arg(allow_hyphen_values = true)]
    reason: Option<OsString>,

    /// Mask as a client does: with this key of eight hex digits, or with a random key for each frame.
    #[arg(long, value_name = "KEY", num_args = 0..=1, default_missing_value = "random", value_parser = parse::mask)]
    mask: Option<Mask>,
    /// FIN is 1 in the last frame, or in the only one: the default.
    #[arg(long, overrides_with = "no_fin")]
    fin: bool,
    /// FIN is 0 in every frame, as if more pieces followed.
    #[arg(long, overrides_with = "fin")]
    no_fin: bool,
    /// The reserved bits that are 1 in the first frame, by number: `1` for RSV1, `1,3` for RSV1 and RSV3.
    #[arg(long, value_name = "BITS", value_delimiter = ',', value_parser = parse::reserved_bit)]
    rsv: Vec<u8>,
    /// The opcode of the first frame: 0 to 15, 0x0 to 0xf, or a name such as `text`.
    #[arg(long, value_parser = parse::opcode)]
    opcode: Option<Opcode>,
    /// Write each length in this many bits, longer than needed if you like: 7, 16 or 64.
    #[arg(long, value_name = "BITS", value_parser = parse::length_form)]
    length_form: Option<LengthForm>,
    /// Cut the payload into frames of N bytes; the first has the opcode, the others continue it.
    #[arg(long, value_name = "N", value_parser = parse::fragment)]
    fragment: Option<NonZeroUsize>,

    /// What to print.
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Output::Hex)]
    output: Output,

    #[command(flatten)]
    compression: DeflateArgs,
}

// clap's own is a single line of more than 80 columns.
const USAGE: &str = "\
wslens encode [OPTIONS] --text S [--text S ...] | --binary FILE
       wslens encode [OPTIONS] --ping S | --pong S | --close CODE [--reason S]";

const AFTER_HELP: &str = "\
Nothing is refused for breaking a rule of the protocol; only what no frame can
say is, such as a length form too short for its payload.

Examples:
  wslens encode --text 'Hi, from the server!'
  wslens encode --text 'Websockets are great' --mask=9faf77f8
  wslens encode --close 1001 --reason 'shutting down'
  wslens encode --text hello --fragment 2 --output raw > pieces.bin
  wslens encode --ping hi --no-fin --rsv 1,3      # broken in three ways
  wslens encode --deflate --text 'ha ha ha' --text 'ha ha ha' --output lesson
  wslens encode --deflate --block dynamic --text hello --output transcript
  wslens encode --deflate --text hello --break too-far --output transcript";

/// The most bytes of a file: as many as a message may have in every view.
const LONGEST_FILE: u64 = 64 << 20;

/// The form of what is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// Pairs of hex digits, each frame on lines of its own.
    Hex,
    /// The bytes themselves.
    Raw,
    /// A transcript: a handshake that agrees on what the frames need, then the frames, for decode and check.
    Transcript,
    /// The frames taken apart, as `wslens decode` shows them.
    Lesson,
}

/// How frames are masked.
#[derive(Clone, Copy, Debug)]
enum Mask {
    /// Each with a random key of its own.
    Random,
    /// All with this key.
    Key(MaskingKey),
}

impl Args {
    /// Writes the frames.
    ///
    /// # Errors
    /// Where the payload cannot be read or written in the length form, there is no randomness for a key, or
    /// `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        if matches!(self.output, Output::Raw) && stdout().is_terminal() {
            return Err("raw frames are no text for a terminal: send them to a file or a pipe"
                .to_owned()
                .into());
        }
        let (opcode, messages) = self.messages()?;
        let payloads = self.compression.payloads(messages).map_err(|error| error.to_string())?;
        let agreement = self.compression.agreement(self.sender());
        if matches!(self.output, Output::Transcript) {
            print::opening(agreement.as_deref(), out)?;
        }
        let mut bytes = Vec::new();
        for payload in &payloads {
            let outgoing = self.outgoing(opcode, payload);
            let frames =
                outgoing.frames().map_err(|error| format!("{error}: take a longer form, or --fragment"))?;
            for frame in frames {
                frame.encode(self.key()?, &mut bytes);
                if !matches!(self.output, Output::Lesson) {
                    self.write(&bytes, out)?;
                    bytes.clear();
                }
            }
        }
        if matches!(self.output, Output::Lesson) {
            let lesson = print::lesson(page, self.sender(), agreement.as_deref(), &bytes);
            out.write_all(lesson.as_bytes())?;
        }
        Ok(Exit::Done)
    }

    fn outgoing<'a>(&self, opcode: Opcode, payload: &'a [u8]) -> Outgoing<'a> {
        let compressed = if self.compression.deflate { 4 } else { 0 };
        Outgoing {
            opcode: self.opcode.unwrap_or(opcode),
            payload,
            fin: !self.no_fin,
            rsv: self.rsv.iter().fold(compressed, |bits, bit| bits | bit),
            form: self.length_form,
            piece: self.fragment,
        }
    }

    /// Frames are a client's where they are masked, else a server's.
    const fn sender(&self) -> Sender {
        if self.mask.is_some() { Sender::Client } else { Sender::Server }
    }

    /// Writes a frame as bytes or as hex.
    fn write(&self, frame: &[u8], out: &mut impl Write) -> Result<(), Failure> {
        match self.output {
            Output::Raw => Ok(out.write_all(frame)?),
            Output::Hex | Output::Lesson => print::hex(frame, "", "", out),
            Output::Transcript => print::hex(frame, &format!("{} ", print::mark(self.sender())), "  ", out),
        }
    }

    /// What is to be said, and the opcode that goes with it.
    fn messages(&self) -> Result<(Opcode, Vec<Vec<u8>>), Failure> {
        let bytes = |text: &OsString| text.clone().into_encoded_bytes();
        if !self.text.is_empty() {
            return Ok((Opcode::TEXT, self.text.iter().map(bytes).collect()));
        }
        let words = [(Opcode::PING, &self.ping), (Opcode::PONG, &self.pong)];
        if let Some((opcode, text)) =
            words.into_iter().find_map(|(opcode, text)| Some((opcode, text.as_ref()?)))
        {
            return Ok((opcode, vec![bytes(text)]));
        }
        if let Some(file) = &self.binary {
            return Ok((Opcode::BINARY, vec![read(file)?]));
        }
        let code = self.close.map_or_else(Vec::new, |code| code.to_be_bytes().to_vec());
        Ok((Opcode::CLOSE, vec![[code, self.reason.as_ref().map(bytes).unwrap_or_default()].concat()]))
    }

    /// The key of the next frame.
    fn key(&self) -> Result<Option<MaskingKey>, Failure> {
        match self.mask {
            None => Ok(None),
            Some(Mask::Key(key)) => Ok(Some(key)),
            Some(Mask::Random) => {
                let mut key = [0; 4];
                getrandom::fill(&mut key).map_err(|error| {
                    format!("there are no random bytes for a key ({error}): give one to --mask")
                })?;
                Ok(Some(MaskingKey(key)))
            }
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = LONGEST_FILE + 1;
    let read = if file == Path::new("-") {
        stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    match read {
        Err(error) => Err(format!("{file:?} cannot be read: {error}").into()),
        Ok(len) if len as u64 == most => {
            Err(format!("{file:?} is longer than 64 MiB, and that much a message may have here").into())
        }
        Ok(_) => Ok(bytes),
    }
}

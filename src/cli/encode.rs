//! `wslens encode`: frames from a text, a file or a close code; legal, or broken on purpose.

use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, Read, Write, stdin, stdout};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, ValueEnum};

use super::exit::{Exit, Failure};
use super::pipeline::Pipeline;
use crate::render::collect::{Collector, Shown};
use crate::render::hex::{PAIRS_IN_A_LINE, push_pairs};
use crate::render::lesson::{self, Lesson};
use crate::render::page::Page;
use crate::render::select::Selection;
use crate::session::Config;
use crate::session::event::{Event, Kind};
use crate::session::segment::{Content, Opening, Roles, Segment};
use crate::wire::encode::Outgoing;
use crate::wire::frame::LengthForm;
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::{OPCODES, Opcode};
use crate::wire::sender::Sender;

/// The arguments of `wslens encode`.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("payload").required(true), override_usage = USAGE, after_help = AFTER_HELP)]
pub struct Args {
    /// A text message.
    #[arg(long, value_name = "S", group = "payload", allow_hyphen_values = true)]
    text: Option<OsString>,
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
    #[arg(long, value_name = "KEY", num_args = 0..=1, default_missing_value = "random", value_parser = mask)]
    mask: Option<Mask>,
    /// FIN is 1 in the last frame, or in the only one: the default.
    #[arg(long, overrides_with = "no_fin")]
    fin: bool,
    /// FIN is 0 in every frame, as if more pieces followed.
    #[arg(long, overrides_with = "fin")]
    no_fin: bool,
    /// The reserved bits that are 1 in the first frame, by number: `1` for RSV1, `1,3` for RSV1 and RSV3.
    #[arg(long, value_name = "BITS", value_delimiter = ',', value_parser = reserved_bit)]
    rsv: Vec<u8>,
    /// The opcode of the first frame: 0 to 15, 0x0 to 0xf, or a name such as `text`.
    #[arg(long, value_parser = opcode)]
    opcode: Option<Opcode>,
    /// Write each length in this many bits, longer than needed if you like: 7, 16 or 64.
    #[arg(long, value_name = "BITS", value_parser = length_form)]
    length_form: Option<LengthForm>,
    /// Cut the payload into frames of N bytes; the first has the opcode, the others continue it.
    #[arg(long, value_name = "N")]
    fragment: Option<NonZeroUsize>,

    /// What to print.
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Output::Hex)]
    output: Output,
}

// clap's own is a single line of more than 80 columns.
const USAGE: &str = "\
wslens encode [OPTIONS] --text S | --binary FILE
       wslens encode [OPTIONS] --ping S | --pong S | --close CODE [--reason S]";

const AFTER_HELP: &str = "\
Nothing is refused for breaking a rule of the protocol; only what no frame can
say is, such as a length form too short for its payload.

Examples:
  wslens encode --text 'Hi, from the server!'
  wslens encode --text 'Websockets are great' --mask=9faf77f8
  wslens encode --close 1001 --reason 'shutting down'
  wslens encode --text hello --fragment 2 --output raw > pieces.bin
  wslens encode --ping hi --no-fin --rsv 1,3      # broken in three ways";

/// The form of what is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// Pairs of hex digits, each frame on lines of its own.
    Hex,
    /// The bytes themselves.
    Raw,
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
        let (opcode, payload) = self.payload()?;
        let outgoing = Outgoing {
            opcode: self.opcode.unwrap_or(opcode),
            payload: &payload,
            fin: !self.no_fin,
            rsv: self.rsv.iter().fold(0, |bits, bit| bits | bit),
            form: self.length_form,
            piece: self.fragment,
        };
        let frames =
            outgoing.frames().map_err(|error| format!("{error}: take a longer form, or --fragment"))?;
        let mut bytes = Vec::new();
        for frame in frames {
            frame.encode(self.key()?, &mut bytes);
            if !matches!(self.output, Output::Lesson) {
                self.write(&bytes, out)?;
                bytes.clear();
            }
        }
        if matches!(self.output, Output::Lesson) {
            out.write_all(self.lesson(page, &bytes).as_bytes())?;
        }
        Ok(Exit::Done)
    }

    /// Writes a frame as bytes or as hex.
    fn write(&self, frame: &[u8], out: &mut impl Write) -> Result<(), Failure> {
        match self.output {
            Output::Raw => Ok(out.write_all(frame)?),
            Output::Hex | Output::Lesson => write_hex(frame, out),
        }
    }

    /// The lesson about all frames: those of a client where they are masked, else those of a server.
    fn lesson(&self, page: &Page, bytes: &[u8]) -> String {
        let sender = if self.mask.is_some() { Sender::Client } else { Sender::Server };
        let options = lesson::Options { page: *page, ..lesson::Options::default() };
        let collector = Collector::new(options.payload.cap(), true);
        let config = Config { agreed: options.agreed.clone(), ..Config::default() };
        let mut pipeline = Pipeline::new(config, collector, Selection::default());
        let (mut lesson, mut text) = (Lesson::new(options), String::new());
        let mut show = |shown: &Shown<'_>| {
            // A connection that never was has no beginning and no end to speak of.
            if !matches!(shown, Shown::Event(Event { kind: Kind::Open(_) | Kind::End(_), .. })) {
                lesson.show(shown, &mut text);
            }
        };
        let opening = Opening { roles: Roles::Given, only: Some(sender), ..Opening::default() };
        for content in [Content::Open(Box::new(opening)), Content::Bytes(bytes)] {
            pipeline.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut show);
        }
        pipeline.finish(&mut show);
        text
    }

    /// The payload, and the opcode that goes with it.
    fn payload(&self) -> Result<(Opcode, Vec<u8>), Failure> {
        let bytes = |text: &OsString| text.clone().into_encoded_bytes();
        let texts = [(Opcode::TEXT, &self.text), (Opcode::PING, &self.ping), (Opcode::PONG, &self.pong)];
        if let Some((opcode, text)) =
            texts.into_iter().find_map(|(opcode, text)| Some((opcode, text.as_ref()?)))
        {
            return Ok((opcode, bytes(text)));
        }
        if let Some(file) = &self.binary {
            return Ok((Opcode::BINARY, read(file)?));
        }
        let code = self.close.map_or_else(Vec::new, |code| code.to_be_bytes().to_vec());
        Ok((Opcode::CLOSE, [code, self.reason.as_ref().map(bytes).unwrap_or_default()].concat()))
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
    let read = if file == Path::new("-") {
        stdin().lock().read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("{file:?} cannot be read: {error}"))?;
    Ok(bytes)
}

fn write_hex(frame: &[u8], out: &mut impl Write) -> Result<(), Failure> {
    let mut line = String::new();
    for bytes in frame.chunks(PAIRS_IN_A_LINE) {
        line.clear();
        push_pairs(&mut line, bytes);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn mask(text: &str) -> Result<Mask, String> {
    if text == "random" {
        return Ok(Mask::Random);
    }
    let mut key = [0; 4];
    hex::decode_to_slice(text.replace(' ', ""), &mut key)
        .map_err(|_| "a masking key is eight hex digits, such as 9faf77f8".to_owned())?;
    Ok(Mask::Key(MaskingKey(key)))
}

fn reserved_bit(text: &str) -> Result<u8, String> {
    match text {
        "1" => Ok(4),
        "2" => Ok(2),
        "3" => Ok(1),
        _ => Err("the reserved bits are RSV1, RSV2 and RSV3: write 1, 2, 3 or a list such as 1,3".to_owned()),
    }
}

fn opcode(text: &str) -> Result<Opcode, String> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let named = || OPCODES.iter().find(|row| row.1.eq_ignore_ascii_case(text)).map(|row| row.0);
    number.filter(|number| *number < 16).map(Opcode).or_else(named).ok_or_else(|| {
        let names: Vec<_> = OPCODES.iter().map(|row| row.1).collect();
        format!("an opcode is 0 to 15, 0x0 to 0xf, or one of {}", names.join(", "))
    })
}

fn length_form(text: &str) -> Result<LengthForm, String> {
    [LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour]
        .into_iter()
        .find(|form| form.bits().to_string() == text)
        .ok_or_else(|| "a length is written in 7, 16 or 64 bits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    /// What `wslens encode` prints for these words, or why it does not.
    fn encode(words: &[&str]) -> Result<String, String> {
        let line = Line::try_parse_from([&["encode"], words].concat()).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        line.args.run(&Page::plain(), &mut out).map_err(|failure| failure.to_string())?;
        Ok(String::from_utf8(out).expect("hex"))
    }

    #[test]
    fn each_kind_of_frame() {
        for (words, hex) in [
            (&["--text", "Hi"][..], "81 02 48 69\n"),
            (&["--text", ""], "81 00\n"),
            (&["--text", "-5"], "81 02 2d 35\n"),
            (&["--ping", "hi"], "89 02 68 69\n"),
            (&["--pong", ""], "8a 00\n"),
            (&["--close", "1000"], "88 02 03 e8\n"),
            (&["--close", "65535", "--reason", "no"], "88 04 ff ff 6e 6f\n"),
        ] {
            assert_eq!(encode(words).as_deref(), Ok(hex), "{words:?}");
        }
    }

    #[test]
    fn broken_on_purpose() {
        for (words, hex) in [
            (&["--text", "a", "--no-fin"][..], "01 01 61\n"),
            (&["--text", "a", "--no-fin", "--fin"], "81 01 61\n"),
            (&["--text", "a", "--rsv", "1"], "c1 01 61\n"),
            (&["--text", "a", "--rsv", "1,3"], "d1 01 61\n"),
            (&["--text", "a", "--rsv", "1", "--rsv", "2"], "e1 01 61\n"),
            (&["--text", "a", "--opcode", "3"], "83 01 61\n"),
            (&["--text", "a", "--opcode", "0xF"], "8f 01 61\n"),
            (&["--text", "a", "--opcode", "Close"], "88 01 61\n"),
            (&["--text", "a", "--length-form", "16"], "81 7e 00 01 61\n"),
            (&["--text", "a", "--length-form", "64"], "81 7f 00 00 00 00 00 00 00 01 61\n"),
            (&["--ping", "abc", "--fragment", "2"], "09 02 61 62\n80 01 63\n"),
        ] {
            assert_eq!(encode(words).as_deref(), Ok(hex), "{words:?}");
        }
    }

    #[test]
    fn masked_with_a_key_or_a_random_one() {
        let masked = "81 81 01 02 03 04 60\n";
        for words in [&["--mask=01020304", "--text", "a"][..], &["--text", "a", "--mask", "01 02 03 04"]] {
            assert_eq!(encode(words).as_deref(), Ok(masked), "{words:?}");
        }
        let random = || encode(&["--mask", "--text", "aaaaaaaa"]).expect("random");
        assert_ne!((random(), random()), (random(), random()));
        let pieces = encode(&["--text", "abc", "--fragment", "1", "--mask"]).expect("random");
        let keys: Vec<_> = pieces.lines().map(|line| &line[6..17]).collect();
        assert!(keys[0] != keys[1] || keys[1] != keys[2], "a key for each frame: {keys:?}");
    }

    #[test]
    fn a_long_frame_has_lines_of_less_than_80_columns() {
        let text = "x".repeat(300);
        let hex = encode(&["--text", &text]).expect("hex");
        assert!(hex.lines().all(|line| line.len() < 80));
        assert_eq!(hex.split_whitespace().count(), 304);
    }

    #[test]
    fn the_lesson_shows_the_frames_of_whoever_masks_like_that() {
        let lesson = encode(&["--text", "Hi", "--mask=01020304", "--output", "lesson"]).expect("a lesson");
        assert!(lesson.starts_with("client → server   frame 1   text, a whole message"), "{lesson}");
        assert!(lesson.contains("key      01 02") && !lesson.contains("framing/"), "{lesson}");
        let pieces = encode(&["--text", "Hi", "--fragment", "1", "--output", "lesson"]).expect("a lesson");
        assert!(pieces.starts_with("server → client   frame 1") && pieces.contains("frame 2"), "{pieces}");
        let broken = encode(&["--ping", "", "--no-fin", "--output", "lesson"]).expect("a lesson");
        assert!(broken.contains("framing/control-fragmented"), "{broken}");
    }

    #[test]
    fn mistakes_are_told_in_a_sentence() {
        let long = "x".repeat(126);
        for (words, says) in [
            (&[][..], "required arguments were not provided"),
            (&["--text", "a", "--ping", "b"], "cannot be used with"),
            (&["--text", "a", "--reason", "b"], "cannot be used with"),
            (&["--reason", "b"], "--close <CODE>"),
            (&["--close", "70000"], "70000 is not in 0..=65535"),
            (&["--text", "a", "--mask=12"], "eight hex digits"),
            (&["--text", "a", "--rsv", "4"], "RSV1, RSV2 and RSV3"),
            (&["--text", "a", "--opcode", "16"], "0 to 15"),
            (&["--text", "a", "--opcode", "head"], "continuation, text"),
            (&["--text", "a", "--length-form", "8"], "7, 16 or 64 bits"),
            (&["--text", "a", "--fragment", "0"], "--fragment"),
            (
                &["--text", &long, "--length-form", "7"],
                "holds up to 125, but the payload of a frame has 126 bytes",
            ),
            (&["--binary", "no/such/file"], "\"no/such/file\" cannot be read"),
        ] {
            let said = encode(words).expect_err("a mistake");
            assert!(said.contains(says), "{words:?}: {said}");
        }
    }
}

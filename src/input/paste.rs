//! What stands around a dump where it was copied from: a Markdown fence, a shell prompt, a call that is given
//! the digits as a string.
//!
//! It is overwritten with blanks, so that every fault behind it keeps its line and column.

use std::io::{Cursor, Read};

use super::error::InputError;
use super::format::Format;
use super::sniff;
use super::source::Source;
use super::text::{Line, clean, lines};

/// Functions that take bytes as digits, and what the digits are; of the last the second argument tells.
const CALLS: [(&str, Option<Format>); 9] = [
    (".fromhex(", Some(Format::Hex)),
    ("unhexlify(", Some(Format::Hex)),
    ("hex!(", Some(Format::Hex)),
    ("hex2bin(", Some(Format::Hex)),
    ("hex.DecodeString(", Some(Format::Hex)),
    ("b64decode(", Some(Format::Base64)),
    ("base64_decode(", Some(Format::Base64)),
    ("atob(", Some(Format::Base64)),
    ("Buffer.from(", None),
];

/// Most bytes that may stand before a call's string, and behind it.
const AROUND: usize = 200;

/// What stands around a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paste {
    /// What the user should hear.
    pub says: String,
    /// What a call says of its string.
    pub format: Option<Format>,
}

impl Paste {
    /// What stands around the dump that begins with `head`, if it is one.
    pub(super) fn find(head: &[u8], cut: bool, wanted: Option<Format>) -> Option<Self> {
        if !sniff::is_text(head) || wanted.is_some_and(|format| !is_dump(format)) {
            return None;
        }
        let head = clean(head);
        let (inner, paste) = unwrap(&head)?;
        let format = paste.format.or(wanted).unwrap_or_else(|| sniff::guess(&inner, cut, true).format);
        is_dump(format).then_some(paste)
    }

    /// The same input without it.
    pub(super) fn off<'r>(name: &str, source: Source<'r>) -> Result<Source<'r>, InputError> {
        let mut text = Vec::new();
        source
            .into_reader()
            .read_to_end(&mut text)
            .map_err(|source| InputError::Read { name: name.to_owned(), source })?;
        let text = clean(&text).into_owned();
        let inner = unwrap(&text).map_or(text, |(inner, _)| inner);
        Source::open(name, Cursor::new(inner))
    }
}

/// Whether it is a text that only shows bytes.
const fn is_dump(format: Format) -> bool {
    !matches!(format, Format::Raw | Format::Pcap | Format::Pcapng | Format::Har | Format::Jsonl)
}

fn unwrap(text: &[u8]) -> Option<(Vec<u8>, Paste)> {
    around(text).or_else(|| call(text))
}

/// Fences and prompts in the first lines and the last ones.
fn around(text: &[u8]) -> Option<(Vec<u8>, Paste)> {
    let (mut fences, mut prompts) = (0usize, 0usize);
    let mut inner = text.to_vec();
    let mut take = |line: Line<'_>| {
        let trimmed = line.text.trim_ascii();
        let (fence, prompt) = (is_fence(trimmed), is_prompt(trimmed));
        if fence || prompt {
            fences += usize::from(fence);
            prompts += usize::from(prompt);
            blank(&mut inner, line.at, line.at + line.text.len());
        }
        fence || prompt || trimmed.is_empty()
    };
    // Most texts have none above, and then what is below does not matter.
    let first = lines(text).find(|line| !line.text.trim_ascii().is_empty())?;
    if !take(first) {
        return None;
    }
    let begun = lines(text).skip_while(|line| line.at <= first.at).find(|line| !take(*line))?.at;
    let mut end = text.len();
    while end > begun {
        let rest = text.get(..end).unwrap_or_default();
        let rest = rest.strip_suffix(b"\n").unwrap_or(rest);
        let at = memchr::memrchr(b'\n', rest).map_or(0, |at| at + 1);
        if at <= begun || !take(Line { at, text: rest.get(at..).unwrap_or_default() }) {
            break;
        }
        end = at;
    }
    let what = match (fences, prompts) {
        (_, 0) => "a Markdown fence",
        (0, _) => "a shell's prompt",
        _ => "a Markdown fence and a shell's prompt",
    };
    Some((inner, Paste { says: format!("skipped around the dump: {what}"), format: None }))
}

/// A line of Markdown that begins or ends a block of code: ``` or ```text.
fn is_fence(line: &[u8]) -> bool {
    let info = line.strip_prefix(b"```").or_else(|| line.strip_prefix(b"~~~"));
    info.is_some_and(|info| info.len() < 40 && !info.contains(&b'`') && !info.contains(&b'~'))
}

/// A shell's prompt, with a command or without: `$ xxd a`, `me@host:~$ xxd a`, `PS C:\> Format-Hex a`.
fn is_prompt(line: &[u8]) -> bool {
    // A text column may hold any of the marks: the user's name begins the line.
    let user = line.strip_prefix(b"[").unwrap_or(line);
    let len = user.iter().take_while(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b)).count();
    let is_user = len > 0 && user.get(len) == Some(&b'@');
    let is_end = |at: usize| {
        let mark = line.get(at);
        let name = line.get(..at).unwrap_or_default();
        let known = match mark {
            Some(b'$' | b'%') => name.is_empty() || is_user,
            Some(b'#') => is_user,
            Some(b'>') => name.starts_with(b"PS "),
            _ => false,
        };
        known && line.get(at + 1).is_none_or(|blank| *blank == b' ')
    };
    (0..line.len().min(AROUND)).any(is_end)
}

/// The string that the only call of a text is given, if it is given nothing else.
fn call(text: &[u8]) -> Option<(Vec<u8>, Paste)> {
    let (at, name, format) = CALLS.iter().find_map(|(name, format)| {
        let front = text.get(..AROUND + name.len()).unwrap_or(text);
        Some((memchr::memmem::find(front, name.as_bytes())?, *name, *format))
    })?;
    let open = Line { at: 0, text }.skip(at + name.len()).trim_start();
    let quote = *open.text.first().filter(|quote| matches!(quote, b'"' | b'\'' | b'`'))?;
    let inside = open.skip(1);
    let len = memchr::memchr(quote, inside.text)?;
    let behind = inside.skip(len + 1).text;
    let format = format.or_else(|| encoding(behind))?;
    // A second call's bytes would be lost.
    let again = memchr::memmem::find(behind, name.as_bytes()).is_some();
    if len == 0 || again || behind.len() > AROUND {
        return None;
    }
    let mut inner = text.to_vec();
    blank(&mut inner, 0, inside.at);
    blank(&mut inner, inside.at + len, text.len());
    let says = format!("read what {name}…) is given");
    Some((inner, Paste { says, format: Some(format) }))
}

/// The second argument of `Buffer.from`.
fn encoding(behind: &[u8]) -> Option<Format> {
    let name = behind.trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
    let name = name.get(1..)?.to_ascii_lowercase();
    let ends = |name: &[u8], of: &[u8]| {
        name.strip_prefix(of).is_some_and(|rest| matches!(rest, [b'"' | b'\'' | b'`', ..]))
    };
    match () {
        () if ends(&name, b"hex") => Some(Format::Hex),
        () if ends(&name, b"base64") || ends(&name, b"base64url") => Some(Format::Base64),
        () => None,
    }
}

/// Overwrites a part of a text, but for its line ends.
fn blank(text: &mut [u8], from: usize, to: usize) {
    for byte in text.get_mut(from..to).unwrap_or_default() {
        if !matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{read_as, sniffed};
    use proptest::prelude::*;

    const HELLO: &[u8] = b"\x81\x05Hello";

    #[test]
    fn what_stands_around_a_dump_is_skipped_and_said() {
        let fence = "skipped around the dump: a Markdown fence";
        let prompt = "skipped around the dump: a shell's prompt";
        for (text, format, says) in [
            ("```\n00000000: 8105 4865 6c6c 6f  ..Hello\n```\n", Format::Xxd, fence),
            ("\r\n```text\r\n81 05 48 65 6c 6c 6f\r\n```\r\n", Format::Hex, fence),
            ("~~~ console\n<Buffer 81 05 48 65 6c 6c 6f>\n~~~", Format::Buffer, fence),
            ("```\n< 81 05 48 65 6c 6c 6f\n```", Format::Transcript, fence),
            ("```js\n[129, 5, 72, 101, 108, 108, 111]\n```", Format::Array, fence),
            ("$ xxd capture.bin\n00000000: 8105 4865 6c6c 6f  ..Hello\n$ ", Format::Xxd, prompt),
            ("$ xxd -p capture.bin\n810548656c6c6f\n", Format::Hex, prompt),
            ("me@host:~/a$ base64 capture.bin\ngQVIZWxsbw==\nme@host:~/a$\n", Format::Base64, prompt),
            ("[me@host a]# xxd -p a\n810548656c6c6f\n", Format::Hex, prompt),
            ("PS C:\\tmp> xxd -p a\n810548656c6c6f\n", Format::Hex, prompt),
            (
                "```console\n$ xxd -p a\n810548656c6c6f\n$\n```\n",
                Format::Hex,
                "skipped around the dump: a Markdown fence and a shell's prompt",
            ),
            ("\u{1b}[32m$\u{1b}[0m xxd -p a\n810548656c6c6f\n", Format::Hex, prompt),
        ] {
            let (seen, found) = sniffed(text);
            assert_eq!((&seen.all()[..], found), (HELLO, format), "{text}");
            assert_eq!(seen.notices[0], says, "{text}");
            let (seen, _) = read_as(Some(format), None, text.as_bytes()).unwrap();
            assert_eq!(&seen.all()[..], HELLO, "{text}");
        }
    }

    #[test]
    fn a_call_gives_its_string() {
        for (text, format) in [
            ("Buffer.from('810548656c6c6f','hex')", Format::Hex),
            ("const frame = Buffer.from(\"8105 4865 6c6c 6f\", \"hex\");\n", Format::Hex),
            ("socket.write(Buffer.from(`gQVIZWxsbw==`, 'base64'))", Format::Base64),
            ("bytes.fromhex('81 05 48 65 6c 6c 6f')\n", Format::Hex),
            ("let frame = hex!(\"810548656c6c6f\");", Format::Hex),
            ("base64.b64decode('gQVIZWxsbw==')", Format::Base64),
            ("$f = hex2bin('810548656c6c6f');", Format::Hex),
        ] {
            let (seen, found) = sniffed(text);
            assert_eq!((&seen.all()[..], found), (HELLO, format), "{text}");
            assert!(seen.notices[0].starts_with("read what "), "{:?}", seen.notices);
            assert!(seen.notices[1].ends_with("; --format raw if not"), "{:?}", seen.notices);
        }
    }

    #[test]
    fn what_is_no_dump_inside_stays_as_it_is() {
        for text in [
            "```\nHi, from the server!\n```",
            "$ hello there",
            "```",
            "$ ",
            "00000000: ...@ $ ",
            "Buffer.from('810548')",
            "Buffer.from('810548', 'utf8')",
            "Buffer.from('81', 'hex'), Buffer.from('05', 'hex')",
            "Buffer.from('', 'hex')",
            "Buffer.from('81",
        ] {
            let (seen, format) = sniffed(text);
            assert_eq!((seen.all(), format), (text.as_bytes().to_vec(), Format::Raw), "{text}");
        }
        let (seen, _) = read_as(Some(Format::Raw), None, b"```\n81 05\n```").unwrap();
        assert_eq!(seen.all(), b"```\n81 05\n```");
    }

    #[test]
    fn a_text_column_is_no_prompt() {
        let text = "00000000: 8101 4023  ..@#\n00000004: 8102 4024 2420  ..@$$ \n";
        let (seen, _) = sniffed(text);
        assert_eq!((&seen.all()[..], seen.notices.len()), (&b"\x81\x01@#\x81\x02@$$ "[..], 2));
    }

    #[test]
    fn faults_keep_their_place() {
        for (text, place) in [
            ("```\n81 94 9f 0g\n```", "2:11: 'g' is no hex digit"),
            ("$ xxd a\n00000000: 8105 480g  ..H.\n", "2:19: 'g' is no hex digit"),
            ("Buffer.from('81 0g', 'hex')", "1:18: 'g' is no hex digit"),
            ("```\n81 05 48 65\n```\nand so on\n", "3:1: '`' is no hex digit"),
        ] {
            let error = read_as(None, None, text.as_bytes()).map(|_| text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("dump.txt:{place}")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([$%#>`~ \n]|Buffer.from\\(|'|hex|8|1|,){0,40}") {
            let _ = read_as(None, None, text.as_bytes());
            let _ = read_as(Some(Format::Hex), None, text.as_bytes());
        }
    }
}

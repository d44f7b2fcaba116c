//! Bytes in a line of a transcript: digits, strings, and repetition.

use super::{LINE, Problem};
use crate::input::error::Fault;
use crate::input::hex::stray;
use crate::input::text::{Line, eight, pair};

/// Bytes gathered before they are handed on.
const PIECE: usize = 64 * 1024;

/// What one line may give.
const MOST: usize = 64 * 1024 * 1024;

/// Reads lines of bytes; its buffer serves them all.
#[derive(Default)]
pub(super) struct Data {
    pub piece: Vec<u8>,
    /// Where in `piece` the last run of digits or string begins, if it may be repeated.
    item: Option<usize>,
}

type Sink<'s> = &'s mut dyn FnMut(&[u8]) -> Result<(), Problem>;

impl Data {
    /// Hands the bytes of a line to `sink`.
    pub(super) fn read(&mut self, line: Line<'_>, sink: Sink<'_>) -> Result<(), Problem> {
        debug_assert!(line.text.len() <= LINE);
        self.piece.clear();
        self.item = None;
        let mut room = MOST;
        let mut at = line;
        loop {
            at = skip_blanks(at);
            let before = self.piece.len();
            if before <= PIECE
                && let Some((eight, behind @ ([] | [b' ', ..]))) = eight::<1, 23>(at.text)
            {
                self.piece.extend_from_slice(&eight);
                at = at.skip(at.text.len() - behind.len());
                self.item = Some(before + 7);
                room = room.saturating_sub(8);
                continue;
            }
            match at.text {
                [] | [b'#', ..] => return sink(&self.piece),
                [b'x', ..] => {
                    at = self.repeat(at, &mut room, sink)?;
                    continue;
                }
                _ if before > PIECE => {
                    sink(&self.piece)?;
                    self.piece.clear();
                    continue;
                }
                [b'"', ..] => at = string(at, &mut self.piece)?,
                _ => at = digits(at, line, &mut self.piece)?,
            }
            self.item = Some(before);
            room = room.saturating_sub(self.piece.len() - before);
        }
    }

    /// `x N`: the last item stands N times.
    fn repeat<'a>(&mut self, at: Line<'a>, room: &mut usize, sink: Sink<'_>) -> Result<Line<'a>, Problem> {
        let Some(start) = self.item.take() else {
            return Err(Fault::new(
                at.at,
                "x N repeats the digits or the string before it, and there are none",
            )
            .into());
        };
        let number = skip_blanks(at.skip(1));
        let len = number.text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = number.text.get(..len).and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(times) = digits.and_then(|digits| digits.parse::<usize>().ok()).filter(|times| *times > 0)
        else {
            return Err(Fault::new(number.at, "behind x stands how often: 61 x 65536").into());
        };
        let item = self.piece.split_off(start);
        sink(&self.piece)?;
        self.piece.clear();
        let more = item.len().checked_mul(times - 1).filter(|more| *more <= *room);
        let Some(more) = more else {
            return Err(Fault::new(number.at, "one line gives at most 64 MiB: write several").into());
        };
        *room -= more;
        self.fill(&item, times, sink)?;
        Ok(number.skip(len))
    }

    /// Hands on `item` so many times; the last piece stays.
    fn fill(&mut self, item: &[u8], times: usize, sink: Sink<'_>) -> Result<(), Problem> {
        if item.is_empty() {
            return Ok(());
        }
        let in_piece = (PIECE / item.len()).clamp(1, times);
        self.piece.extend(std::iter::repeat_n(item, in_piece).flatten());
        for _ in 1..times / in_piece {
            sink(&self.piece)?;
        }
        if !times.is_multiple_of(in_piece) {
            sink(&self.piece)?;
            self.piece.truncate(times % in_piece * item.len());
        }
        Ok(())
    }
}

fn skip_blanks(line: Line<'_>) -> Line<'_> {
    line.skip(line.text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count())
}

/// Pairs of digits up to anything else.
fn digits<'a>(at: Line<'a>, line: Line<'a>, to: &mut Vec<u8>) -> Result<Line<'a>, Fault> {
    let (pairs, _) = at.text.as_chunks::<2>();
    let start = to.len();
    to.extend(pairs.iter().map_while(|[high, low]| pair(*high, *low)));
    let rest = at.skip(2 * (to.len() - start));
    match rest.text {
        [] | [b' ' | b'\t' | b'"' | b'#', ..] => Ok(rest),
        [b'x', ..] if to.len() > start => Ok(rest),
        [digit, next @ ..] if digit.is_ascii_hexdigit() => match next {
            [] | [b' ' | b'\t' | b'"' | b'#', ..] => Err(Fault::new(
                rest.at,
                "a digit without its partner: a byte is two hex digits (write 05 for 5)",
            )),
            _ => Err(no_bytes(rest.skip(1), line)),
        },
        _ => Err(no_bytes(rest, line)),
    }
}

/// Something that belongs to no byte.
fn no_bytes(at: Line<'_>, line: Line<'_>) -> Fault {
    let is_text = line.text.iter().any(|byte| byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit());
    let mut fault = stray(at.text, 0);
    fault.at = at.at;
    if is_text {
        fault.what.push_str("; text stands in double quotes, or in an HTTP head before its empty line");
    }
    fault
}

/// A string in double quotes.
fn string<'a>(at: Line<'a>, to: &mut Vec<u8>) -> Result<Line<'a>, Fault> {
    let mut rest = at.skip(1);
    loop {
        let plain = memchr::memchr2(b'"', b'\\', rest.text).unwrap_or(rest.text.len());
        to.extend_from_slice(rest.text.get(..plain).unwrap_or_default());
        rest = rest.skip(plain);
        let (byte, len) = match rest.text {
            [b'"', ..] => return Ok(rest.skip(1)),
            [] => return Err(Fault::new(at.at, "this string has no end: add a double quote")),
            [_, b'x', high, low, ..] if pair(*high, *low).is_some() => {
                (pair(*high, *low).unwrap_or_default(), 4)
            }
            [_, b'r', ..] => (b'\r', 2),
            [_, b'n', ..] => (b'\n', 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'0', ..] => (0, 2),
            [_, quoted @ (b'"' | b'\\'), ..] => (*quoted, 2),
            _ => {
                return Err(Fault::new(
                    rest.at,
                    "no such escape: there are \\r \\n \\t \\0 \\\\ \\\" and \\xNN",
                ));
            }
        };
        to.push(byte);
        rest = rest.skip(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::turns;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<u8>, Fault> {
        let mut all = Vec::new();
        let mut data = Data::default();
        let result = data.read(Line { at: 0, text: text.as_bytes() }, &mut |piece| {
            all.extend_from_slice(piece);
            Ok(())
        });
        match result {
            Ok(()) => Ok(all),
            Err(Problem::Fault(fault)) => Err(fault),
            Err(Problem::Stop(_)) => unreachable!("the sink takes all"),
        }
    }

    #[test]
    fn digits_and_strings_follow_each_other() {
        assert_eq!(
            read("8105 48\t65 \"l\\\"l\\\\o\" 0d\"\\r\\n\\0\\xfF\" # \"c\"").unwrap(),
            b"\x81\x05Hel\"l\\o\r\r\n\0\xff"
        );
        assert_eq!(read("\"κ\"").unwrap(), "κ".as_bytes());
        assert_eq!(read("").unwrap(), b"");
    }

    #[test]
    fn an_item_is_repeated() {
        assert_eq!(read("82 02 61 x 2").unwrap(), b"\x82\x02aa");
        assert_eq!(read("\"ab\"x3 63").unwrap(), b"abababc");
        assert_eq!(read("0102x2").unwrap(), [1, 2, 1, 2]);
        for times in [1, 65535, 65536, 65537, 200_000, MOST] {
            let all = read(&format!("82 61 x {times} 62")).unwrap_or_else(|_| vec![b'a'; times + 2]);
            assert_eq!(all.len(), times + 2);
            assert!(all[1..=times].iter().all(|byte| *byte == b'a'));
        }
        for times in [1, 2, 21_844, 21_845, 21_846, 100_000] {
            assert_eq!(read(&format!("\"abc\" x {times}")).unwrap(), b"abc".repeat(times));
        }
        assert!(read("61 x 67108865").unwrap_err().what.contains("64 MiB"));
        assert!(read("61 x 99999999999999999999").is_err());
        assert!(read("61 x 40000000 61 x 40000000").is_err());
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        for (text, at) in [
            ("81 9", 3),
            ("81 9 4", 3),
            ("8g", 1),
            ("81,94", 2),
            ("\"abc", 0),
            ("\"a\\q\"", 2),
            ("x 2", 0),
            ("61 x", 4),
            ("61 x 2 x 2", 7),
            ("Host: a", 0),
            ("61 x 0", 5),
        ] {
            assert_eq!(read(text).unwrap_err().at, at, "{text}");
        }
        assert!(read("Host: a").unwrap_err().what.contains("double quotes"));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_written(items in turns(0..6)) {
            let mut text = String::new();
            let mut all = Vec::new();
            for (quoted, bytes) in &items {
                all.extend_from_slice(bytes);
                if *quoted {
                    text.push_str(&format!("\"{}\" ", bytes.escape_ascii().to_string().replace("\\'", "'")));
                } else {
                    text.push_str(&format!("{} ", hex::encode(bytes)));
                }
            }
            prop_assert_eq!(read(&text), Ok(all), "{}", text);
        }

        #[test]
        fn nothing_panics(text in "[0-9a-gx\"\\\\ #]{0,30}") {
            let _ = read(&text);
        }
    }
}

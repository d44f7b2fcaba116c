//! What the single lines of a transcript say.

use crate::input::error::Fault;
use crate::input::roles::is_status_line;
use crate::input::text::Line;
use crate::session::segment::{Opening, Time};

/// What happened to a stream, where no bytes are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Fin,
    Rst,
    Missing(u64),
}

/// Whether a line could only stand in a transcript, or in something much like one.
pub(in crate::input) fn is_statement(line: &[u8]) -> bool {
    let all = Line { at: 0, text: line };
    match line {
        [b'>' | b'<'] | [b'>' | b'<', b' ', ..] => true,
        [b'@', ..] => time(all).is_ok_and(|(_, rest)| matches!(rest.text, [] | [b'#' | b'>' | b'<', ..])),
        _ => connection(all).is_ok(),
    }
}

/// `@seconds`, and what stands behind it.
pub(super) fn time(line: Line<'_>) -> Result<(Time, Line<'_>), Fault> {
    let digits = line.skip(1);
    let len = digits.text.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let text = digits.text.get(..len).unwrap_or_default();
    let rest = digits.skip(len);
    if !matches!(rest.text, [] | [b' ' | b'\t' | b'>' | b'<', ..]) {
        return Err(Fault::new(rest.at, "a time is written in seconds: @12.5"));
    }
    let time = seconds(text).ok_or_else(|| {
        Fault::new(digits.at, "a time is written in seconds, with up to nine decimals: @12.5")
    })?;
    Ok((time, rest.trim_start()))
}

/// Seconds with decimals, in nanoseconds.
pub(in crate::input) fn seconds(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) || decimals.len() > 9 {
        return None;
    }
    let scale = 10u64.pow(9 - u32::try_from(decimals.len()).ok()?);
    let nanoseconds = decimals.parse::<u64>().ok()?.checked_mul(scale)?;
    whole.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanoseconds).map(Time)
}

/// `connection N`, and what is told of it, if anything is.
pub(super) fn connection(line: Line<'_>) -> Result<(u32, Option<Opening>), Fault> {
    let Some(rest) = line.behind(b"connection").filter(|rest| rest.text.starts_with(b" ")) else {
        return Err(unknown(line));
    };
    let rest = rest.trimmed();
    let len = rest.text.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let number = rest.text.get(..len).and_then(|number| std::str::from_utf8(number).ok()?.parse().ok());
    let Some(number) = number else {
        return Err(Fault::new(rest.at, "a connection has a number: connection 1"));
    };
    let rest = rest.skip(len).trimmed();
    if rest.text.is_empty() || rest.text.starts_with(b"#") {
        return Ok((number, None));
    }
    opening(rest).map(|opening| (number, Some(opening)))
}

/// `client -> server`, and perhaps `tls`.
fn opening(line: Line<'_>) -> Result<Opening, Fault> {
    let text = String::from_utf8_lossy(line.text);
    match *text.split_whitespace().collect::<Vec<_>>() {
        [client, "->" | "→", server, ref rest @ ..] if matches!(rest, [] | ["tls"]) => Ok(Opening {
            client: Some(client.to_owned()),
            server: Some(server.to_owned()),
            tls: !rest.is_empty(),
            ..Opening::default()
        }),
        ["tls"] => Ok(Opening { tls: true, ..Opening::default() }),
        _ => Err(Fault::new(
            line.at,
            "behind the number stands client -> server, and perhaps tls: connection 1 127.0.0.1:51234 -> localhost:8000",
        )),
    }
}

/// `FIN`, `RST` or `missing N`.
pub(super) fn ending(line: Line<'_>) -> Result<Option<Ending>, Fault> {
    let text = line.text.trim_ascii_end();
    match text {
        b"FIN" => Ok(Some(Ending::Fin)),
        b"RST" => Ok(Some(Ending::Rst)),
        _ => {
            let Some(number) = line.behind(b"missing ") else { return Ok(None) };
            let number = number.trimmed();
            let digits = std::str::from_utf8(number.text).ok();
            match digits.and_then(|digits| digits.parse().ok()).filter(|lost| *lost > 0) {
                Some(lost) => Ok(Some(Ending::Missing(lost))),
                None => Err(Fault::new(
                    number.at,
                    "behind \"missing\" stands how many bytes are missing: missing 12",
                )),
            }
        }
    }
}

/// Whether a line of text begins an HTTP head: a status line, or a request line by its last word.
pub(super) fn begins_head(text: &[u8]) -> bool {
    let words = text.trim_ascii_end();
    let last = words.rsplit(|byte| *byte == b' ' || *byte == b'\t').next().unwrap_or_default();
    is_status_line(text) || last.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"HTTP/"))
}

/// A line that is nothing of all this.
pub(super) fn unknown(line: Line<'_>) -> Fault {
    Fault::new(
        line.at,
        "a line of a transcript begins with > (client to server), < (server to client), @seconds, \"connection N\" or #",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        Line { at: 0, text: text.as_bytes() }
    }

    #[test]
    fn a_time_has_up_to_nine_decimals() {
        assert_eq!(seconds(b"12"), Some(Time(12_000_000_000)));
        assert_eq!(seconds(b"0.000000001"), Some(Time(1)));
        assert_eq!(seconds(b"18446744073.709551615"), Some(Time(u64::MAX)));
        for bad in ["", ".", "1.", ".5", "1.0000000001", "18446744074", "1.2.3", "+1", "99999999999999999999"]
        {
            assert_eq!(seconds(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(time(line("@1x")).unwrap_err().at, 2);
        assert_eq!(time(line("@x")).unwrap_err().at, 1);
        assert_eq!(time(line("@")).unwrap_err().at, 1);
    }

    #[test]
    fn a_connection_has_a_number_and_perhaps_addresses() {
        assert_eq!(connection(line("connection 7")).unwrap(), (7, None));
        let (number, opening) = connection(line("connection 2 a:1 → b:2 tls")).unwrap();
        let opening = opening.unwrap();
        assert_eq!(
            (number, opening.client.as_deref(), opening.server.as_deref(), opening.tls),
            (2, Some("a:1"), Some("b:2"), true)
        );
        assert_eq!(connection(line("connection one")).unwrap_err().at, 11);
        assert_eq!(connection(line("connection 1 a b")).unwrap_err().at, 13);
        assert_eq!(connection(line("connections")).unwrap_err().at, 0);
    }

    #[test]
    fn heads_begin_with_a_start_line() {
        for head in ["GET / HTTP/1.1", "HTTP/1.1 101 x", "get / http/2", "GET\t/\tHTTP/1.1 "] {
            assert!(begins_head(head.as_bytes()), "{head}");
        }
        for other in ["81 94", "\"GET\"", "", "GET /"] {
            assert!(!begins_head(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn endings_are_words() {
        assert_eq!(ending(line("FIN ")).unwrap(), Some(Ending::Fin));
        assert_eq!(ending(line("missing 12")).unwrap(), Some(Ending::Missing(12)));
        assert_eq!(ending(line("missing x")).unwrap_err().at, 8);
        assert_eq!(ending(line("missing 0")).unwrap_err().at, 8);
        assert_eq!(ending(line("FINE")).unwrap(), None);
    }
}

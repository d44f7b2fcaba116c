//! What Chromium says of the response to its handshake.

use super::Says;
use crate::rules::facts::Response;
use crate::rules::head::lists;
use crate::rules::quote::plain;
use crate::rules::request::subprotocols;
use crate::wire::accept::accept;
use crate::wire::extension::ExtensionList;
use crate::wire::head::Head;
use crate::wire::permessage_deflate::{NAME, Parameter, Parameters, ProblemKind, Side};
use crate::wire::span::Span;

/// What is said of a response: also of one that breaks no rule, since a refusal is said too.
#[must_use]
pub fn response(f: &Response<'_>) -> Option<Says> {
    if f.head.raw().contains(&0) {
        return Says::new(&["head/control-byte"], "net::ERR_INVALID_HTTP_RESPONSE");
    }
    match f.head.status()? {
        101 => {}
        status => return refusal(status),
    }
    // Whether the accept is right, only the request tells; Chromium looks no further where it is not.
    let request = f.request?;
    upgrade(f.head)
        .or_else(|| accept_header(f.head, request))
        .or_else(|| connection(f.head))
        .or_else(|| subprotocol(f.head, request))
        .or_else(|| extensions(f.head))
}

fn refusal(status: u16) -> Option<Says> {
    const RULES: &[&str] =
        &["response/status", "response/status-2xx", "response/426-upgrade", "response/426-version"];
    match status {
        401 => Says::new(RULES, "HTTP Authentication failed; no valid credentials available"),
        407 => Says::new(RULES, "net::ERR_UNEXPECTED_PROXY_AUTH"),
        _ => Says::new(RULES, format!("Unexpected response code: {status}")),
    }
}

/// The values of all lines with this name, cut at their commas, empty ones too, as Chromium counts them.
fn values(head: &Head, name: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for line in head.all(name) {
        let value = head.value(line);
        let (mut start, mut quoted) = (0, false);
        for (at, byte) in value.iter().enumerate() {
            quoted ^= *byte == b'"';
            if *byte == b',' && !quoted {
                all.push(Span::between(start, at).trimmed(&value).of(&value).to_vec());
                start = at + 1;
            }
        }
        all.push(Span::between(start, value.len()).trimmed(&value).of(&value).to_vec());
    }
    all
}

fn more_than_once(name: &str) -> String {
    format!("'{name}' header must not appear more than once in a response")
}

fn upgrade(head: &Head) -> Option<Says> {
    const RULES: &[&str] = &["response/upgrade"];
    match &values(head, "upgrade")[..] {
        [] => Says::new(RULES, "'Upgrade' header is missing"),
        [value] if value.eq_ignore_ascii_case(b"websocket") => None,
        [value] => Says::new(RULES, format!("'Upgrade' header value is not 'WebSocket': {}", plain(value))),
        _ => Says::new(RULES, more_than_once("Upgrade")),
    }
}

fn accept_header(head: &Head, request: &Head) -> Option<Says> {
    const NAME: &str = "Sec-WebSocket-Accept";
    let nonce = request.first_value("sec-websocket-key")?;
    match &values(head, NAME)[..] {
        [] => Says::new(&["response/accept-missing"], format!("'{NAME}' header is missing")),
        [value] if value == accept(&nonce).as_bytes() => None,
        [_] => Says::new(&["response/accept-wrong"], format!("Incorrect '{NAME}' header value")),
        _ => Says::new(&["response/accept-repeated", "response/accept-wrong"], more_than_once(NAME)),
    }
}

fn connection(head: &Head) -> Option<Says> {
    const RULES: &[&str] = &["response/connection"];
    if lists(head, "connection", "upgrade") {
        return None;
    }
    match head.first("connection") {
        None => Says::new(RULES, "'Connection' header is missing"),
        Some(_) => Says::new(RULES, "'Connection' header value must contain 'Upgrade'"),
    }
}

fn subprotocol(head: &Head, request: &Head) -> Option<Says> {
    const NAME: &str = "Sec-WebSocket-Protocol";
    const RULES: &[&str] =
        &["response/subprotocol-one", "response/subprotocol-not-offered", "response/subprotocol-none"];
    let offered: Vec<_> = subprotocols(request).map(|(_, name)| name).collect();
    match (&values(head, NAME)[..], offered.is_empty()) {
        ([], true) | ([_, _, ..], true) => None,
        ([], false) => {
            Says::new(RULES, format!("Sent non-empty '{NAME}' header but no response was received"))
        }
        ([value], true) => {
            let sentence =
                "Response must not include 'Sec-WebSocket-Protocol' header if not present in request";
            Says::new(RULES, format!("{sentence}: {}", plain(value)))
        }
        ([value], false) if offered.contains(value) => None,
        ([value], false) => {
            let value = plain(value);
            Says::new(
                RULES,
                format!("'{NAME}' header value '{value}' in response does not match any of sent values"),
            )
        }
        (_, false) => Says::new(RULES, more_than_once(NAME)),
    }
}

fn extensions(head: &Head) -> Option<Says> {
    let mut seen = false;
    values(head, "sec-websocket-extensions").iter().find_map(|value| extension(value, &mut seen))
}

/// What is said of one extension; `seen` whether permessage-deflate came before.
fn extension(value: &[u8], seen: &mut bool) -> Option<Says> {
    let list = ExtensionList::parse([value]);
    let extension = match (&list.extensions[..], &list.problems[..]) {
        _ if !value.is_ascii() => return None,
        ([extension], []) => extension,
        _ => {
            let sentence = "'Sec-WebSocket-Extensions' header value is rejected by the parser";
            return Says::new(&["extensions/grammar"], format!("{sentence}: {}", plain(value)));
        }
    };
    if extension.name != NAME {
        let name = plain(extension.name.as_bytes());
        let sentence =
            format!("Found an unsupported extension '{name}' in 'Sec-WebSocket-Extensions' header");
        return Says::new(&["extensions/not-offered"], sentence);
    }
    if std::mem::replace(seen, true) {
        const RULES: &[&str] = &["extensions/accepted-twice", "extensions/header-repeated"];
        return Says::new(RULES, "Received duplicate permessage-deflate response");
    }
    let problem = Parameters::read(extension, Side::Answer).problems.into_iter().next()?;
    let sentence = format!("Error in permessage-deflate: {}", parameter(problem.kind));
    Says::new(&["extensions/answer-params"], sentence)
}

fn parameter(kind: ProblemKind) -> String {
    match kind {
        ProblemKind::Unknown => "Received an unexpected permessage-deflate extension parameter".to_owned(),
        ProblemKind::Repeated(it) => {
            format!("Received duplicate permessage-deflate extension parameter {}", it.name())
        }
        ProblemKind::ValueMissing(it @ Parameter::ClientMaxWindowBits) => {
            format!("{} must have value", it.name())
        }
        ProblemKind::ValueMissing(it)
        | ProblemKind::ValueNotAllowed(it)
        | ProblemKind::NotANumber(it)
        | ProblemKind::LeadingZero(it)
        | ProblemKind::OutOfRange(it, _) => format!("Received invalid {} parameter", it.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: &str = "Upgrade: websocket\r\n";
    const CONNECTION: &str = "Connection: Upgrade\r\n";
    const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

    fn said(protocol: &str, status: &str, lines: &[&str]) -> String {
        let request =
            format!("GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}\r\n");
        let (request, head) = (
            Head::decode(request.into()),
            Head::decode(format!("HTTP/1.1 {status} X\r\n{}\r\n", lines.concat()).into()),
        );
        response(&Response { head: &head, request: Some(&request) })
            .map(|says| says.sentence)
            .unwrap_or_default()
    }

    fn said_of(line: &str) -> String {
        said("", "101", &[UPGRADE, CONNECTION, ACCEPT, line])
    }

    /// As seen on the console of Chromium 156.
    #[test]
    fn headers_in_chromiums_order() {
        assert_eq!(said("", "404", &[]), "Unexpected response code: 404");
        assert_eq!(said("", "401", &[]), "HTTP Authentication failed; no valid credentials available");
        assert_eq!(said("", "101", &[CONNECTION]), "'Upgrade' header is missing");
        assert_eq!(said("", "101", &["Upgrade: h2c\r\n"]), "'Upgrade' header value is not 'WebSocket': h2c");
        let twice = "'Upgrade' header must not appear more than once in a response";
        assert_eq!(said("", "101", &["Upgrade: websocket, h2c\r\n", CONNECTION]), twice);
        assert_eq!(said("", "101", &[UPGRADE]), "'Sec-WebSocket-Accept' header is missing");
        let wrong = "Incorrect 'Sec-WebSocket-Accept' header value";
        assert_eq!(said("", "101", &[UPGRADE, "Sec-WebSocket-Accept: x\r\n"]), wrong);
        let twice = "'Sec-WebSocket-Accept' header must not appear more than once in a response";
        assert_eq!(said("", "101", &[UPGRADE, CONNECTION, ACCEPT, ACCEPT]), twice);
        assert_eq!(said("", "101", &[UPGRADE, ACCEPT]), "'Connection' header is missing");
        let close = "'Connection' header value must contain 'Upgrade'";
        assert_eq!(said("", "101", &[UPGRADE, ACCEPT, "Connection: close\r\n"]), close);
        assert_eq!(said_of("X-Note : a\r\n"), "");
    }

    #[test]
    fn subprotocols() {
        let with =
            |line| said("Sec-WebSocket-Protocol: chat\r\n", "101", &[UPGRADE, CONNECTION, ACCEPT, line]);
        assert_eq!(with("Sec-WebSocket-Protocol: chat\r\n"), "");
        assert_eq!(with(""), "Sent non-empty 'Sec-WebSocket-Protocol' header but no response was received");
        let no_match =
            "'Sec-WebSocket-Protocol' header value 'Chat' in response does not match any of sent values";
        assert_eq!(with("Sec-WebSocket-Protocol: Chat\r\n"), no_match);
        let twice = "'Sec-WebSocket-Protocol' header must not appear more than once in a response";
        assert_eq!(with("Sec-WebSocket-Protocol: chat, superchat\r\n"), twice);
        let unasked =
            "Response must not include 'Sec-WebSocket-Protocol' header if not present in request: other";
        assert_eq!(said_of("Sec-WebSocket-Protocol: other\r\n"), unasked);
    }

    #[test]
    fn extensions_one_after_the_other() {
        let rejected = "'Sec-WebSocket-Extensions' header value is rejected by the parser: ";
        let unsupported =
            |name| format!("Found an unsupported extension '{name}' in 'Sec-WebSocket-Extensions' header");
        let deflate = |rest| format!("Error in permessage-deflate: {rest}");
        for (value, sentence) in [
            ("a;", format!("{rejected}a;")),
            ("a; b=\"1 0\"", format!("{rejected}a; b=\"1 0\"")),
            ("permessage-deflate,", rejected.to_owned()),
            ("a,,b", unsupported("a")),
            ("Permessage-Deflate", unsupported("Permessage-Deflate")),
            ("permessage-deflate, foo", unsupported("foo")),
            ("foo, permessage-deflate; level=3", unsupported("foo")),
            (
                "permessage-deflate, permessage-deflate; level=3",
                "Received duplicate permessage-deflate response".into(),
            ),
            (
                "permessage-deflate; level=9; server_max_window_bits=77",
                deflate("Received an unexpected permessage-deflate extension parameter"),
            ),
            (
                "permessage-deflate; server_max_window_bits=08",
                deflate("Received invalid server_max_window_bits parameter"),
            ),
            (
                "permessage-deflate; server_max_window_bits",
                deflate("Received invalid server_max_window_bits parameter"),
            ),
            ("permessage-deflate; client_max_window_bits", deflate("client_max_window_bits must have value")),
            ("permessage-deflate; server_max_window_bits=8; client_max_window_bits=\"9\"", String::new()),
        ] {
            assert_eq!(said_of(&format!("Sec-WebSocket-Extensions: {value}\r\n")), sentence, "{value}");
        }
    }
}

//! The request: how a client asks for a WebSocket (RFC 6455 §4.1).

use std::collections::HashSet;

use super::facts::{Frame, Request};
use super::head::{lists, place_for_more, quoted_values, repeated};
use super::nonce;
use super::quote::{plain, quote};
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::head::{Head, HeaderLine, StartLine};
use crate::wire::list;
use crate::wire::span::Span;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "request/method",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The method is GET.",
        why: "The handshake looks like an ordinary HTTP request, and GET is the one that every server knows.",
        entails: &[],
        check: Check::Request(method),
    },
    Rule {
        id: "request/http-version",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The HTTP version is at least 1.1.",
        why: "HTTP/1.0 has no Upgrade: a server must pass over it there.",
        entails: &[],
        check: Check::Request(http_version),
    },
    Rule {
        id: "request/target",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The target is a path that begins with a slash, or a whole http:// or https:// URL.",
        why: "It says which service of the server is meant. The ws:// of a WebSocket URL never goes on the wire.",
        entails: &[],
        check: Check::Request(target),
    },
    Rule {
        id: "request/fragment",
        cite: Cite::ws("3"),
        level: Level::Must,
        word: "MUST NOT",
        says: "The target has no fragment: no # and nothing behind it.",
        why: "A fragment means something to a browser only, and no WebSocket URL has one.",
        entails: &[],
        check: Check::Request(fragment),
    },
    Rule {
        id: "request/host-missing",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "A Host header names the server.",
        why: "Many sites share one address: without Host the server cannot tell which is meant, and must answer 400.",
        entails: &[],
        check: Check::Request(host_missing),
    },
    Rule {
        id: "request/host-repeated",
        cite: Cite::http1("3.2"),
        level: Level::Must,
        word: "MUST",
        says: "Host stands there once.",
        why: "With two of them a proxy and the server may each believe another one; a server must answer 400.",
        entails: &[],
        check: Check::Request(|f| repeated(f.head, "Host")),
    },
    Rule {
        id: "request/upgrade",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Upgrade names websocket.",
        why: "It says to which protocol the client wants to switch. Without it this is an ordinary request.",
        entails: &[],
        check: Check::Request(upgrade),
    },
    Rule {
        id: "request/connection",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Connection lists the token Upgrade.",
        why: "Connection names the headers that are meant for the next hop only. Without it there, a proxy may \
              pass Upgrade on without understanding it, so servers disregard it.",
        entails: &[],
        check: Check::Request(connection),
    },
    Rule {
        id: "request/value-case",
        cite: Cite::ws("4.2.1"),
        level: Level::Note,
        word: "",
        says: "Upgrade and Connection are written as everybody writes them: websocket, Upgrade.",
        why: "Case does not matter by the RFC, but real servers compare these values letter by letter and refuse \
              others.",
        entails: &[],
        check: Check::Request(value_case),
    },
    Rule {
        id: "request/key-missing",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Key carries a nonce.",
        why: "From it the server computes Sec-WebSocket-Accept, the proof that it speaks WebSocket and did not \
              answer by accident. A page's JavaScript cannot set this header, so no page can fake a handshake.",
        entails: &[],
        check: Check::Request(key_missing),
    },
    Rule {
        id: "request/key-repeated",
        cite: Cite::ws("11.3.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "Sec-WebSocket-Key stands there once.",
        why: "With two nonces nobody knows which one the answer is computed from.",
        entails: &[],
        check: Check::Request(|f| repeated(f.head, "Sec-WebSocket-Key")),
    },
    Rule {
        id: nonce::RULE,
        cite: nonce::CITE,
        level: Level::Must,
        word: "MUST",
        says: "The nonce is base64 of 16 bytes: 24 characters, the last two of them ==.",
        why: "A server need not decode it and many do not, but those that do refuse anything else.",
        entails: &[],
        check: Check::Request(key_16_bytes),
    },
    Rule {
        id: "request/nonce-reused",
        cite: Cite::ws("4.1"),
        level: Level::Note,
        word: "",
        says: "Each connection gets a new random nonce.",
        why: "An old answer fits an old nonce: a cache that plays it back would pass for a server.",
        entails: &[],
        check: Check::Request(nonce_reused),
    },
    Rule {
        id: "request/version-missing",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Version is there.",
        why: "Early drafts framed messages differently; the server must know which dialect it is asked for.",
        entails: &[],
        check: Check::Request(version_missing),
    },
    Rule {
        id: "request/version-13",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Version is 13.",
        why: "13 is the RFC's version. A server that does not know another one answers 426 and names its own.",
        entails: &[],
        check: Check::Request(version_13),
    },
    Rule {
        id: "request/version-repeated",
        cite: Cite::ws("11.3.5"),
        level: Level::Must,
        word: "MUST NOT",
        says: "Sec-WebSocket-Version stands there once.",
        why: "A client speaks one version. The list of versions is for a server that refuses.",
        entails: &[],
        check: Check::Request(|f| repeated(f.head, "Sec-WebSocket-Version")),
    },
    Rule {
        id: "request/subprotocol-token",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Each subprotocol is a token: no blanks, no separators such as / or @, nothing but ASCII.",
        why: "The list is cut at its commas and the server sends one piece back as it is, so each must be one word.",
        entails: &[],
        check: Check::Request(subprotocol_token),
    },
    Rule {
        id: "request/subprotocol-unique",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "No subprotocol is listed twice.",
        why: "Their order is the client's preference, and one name cannot have two places in it.",
        entails: &[],
        check: Check::Request(subprotocol_unique),
    },
    Rule {
        id: "request/origin-missing",
        cite: Cite::ws("4.1"),
        level: Level::Note,
        word: "",
        says: "A browser sends Origin: where the page came from.",
        why: "A server lets in the pages it knows by it. Programs need not send it; so a User-Agent that says \
              browser without Origin is a program in disguise, or a proxy that took the header away.",
        entails: &[],
        check: Check::Request(origin_missing),
    },
    Rule {
        id: "request/body",
        cite: Cite::http("9.3.1"),
        level: Level::Should,
        word: "SHOULD NOT",
        says: "The request has no body, and no header that announces one.",
        why: "GET has no use for a body, and bytes behind the handshake could be taken for the first frames.",
        entails: &[],
        check: Check::Request(body),
    },
    Rule {
        id: "request/early-frame",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The client sends nothing more until the server's answer has come.",
        why: "The server may refuse or redirect; then what was sent too early would be read as HTTP.",
        entails: &[],
        check: Check::Frame(early_frame),
    },
];

/// The pieces of the request line; none in a head that is not a request's.
const fn request_line(head: &Head) -> Option<[Span; 3]> {
    match head.start {
        StartLine::Request { method, target, version } => Some([method, target, version]),
        StartLine::Response { .. } => None,
    }
}

fn method(f: &Request<'_>) -> Option<Broken> {
    let [method, target, version] = request_line(f.head)?;
    let is = f.head.at(method);
    (is != b"GET").then(|| {
        let case = if is.eq_ignore_ascii_case(b"GET") { "; case matters here" } else { "" };
        let found = format!("The method is {}{case}.", quote(is));
        let send = format!("GET {} {}", plain(f.head.at(target)), plain(f.head.at(version)));
        Broken::at(method.bits(), found).send(send)
    })
}

/// Major and minor of `HTTP/1.1`; none where it is no version.
pub(super) fn http_version_of(version: &[u8]) -> Option<(u8, u8)> {
    match version.strip_prefix(b"HTTP/")? {
        [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => Some((major - b'0', minor - b'0')),
        _ => None,
    }
}

fn http_version(f: &Request<'_>) -> Option<Broken> {
    let [method, target, version] = request_line(f.head)?;
    let is = f.head.at(version);
    let found = match http_version_of(is) {
        Some(version) if version >= (1, 1) => return None,
        Some(_) => format!("The version is {}.", plain(is)),
        None if is.is_empty() => "The request line names no HTTP version.".to_owned(),
        None => format!("Where the version belongs stands {}.", quote(is)),
    };
    let send = format!("{} {} HTTP/1.1", plain(f.head.at(method)), plain(f.head.at(target)));
    Some(Broken::at(version.bits(), found).send(send))
}

fn target(f: &Request<'_>) -> Option<Broken> {
    let [_, target, _] = request_line(f.head)?;
    let is = f.head.at(target);
    let whole =
        |scheme: &[u8]| is.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if is.starts_with(b"/") || whole(b"http://") || whole(b"https://") {
        return None;
    }
    let found = match is {
        [] => "The target is missing, or two blanks stand before it.".to_owned(),
        _ => format!("The target is {}.", quote(is)),
    };
    Some(Broken::at(target.bits(), found).send("GET /path HTTP/1.1"))
}

fn fragment(f: &Request<'_>) -> Option<Broken> {
    let [_, target, version] = request_line(f.head)?;
    let is = f.head.at(target);
    let at = is.iter().position(|&byte| byte == b'#')?;
    let (path, fragment) = is.split_at(at);
    let found = format!("The target ends in the fragment {}.", quote(fragment));
    let send = format!("GET {} {}, or %23 where a # is meant", plain(path), plain(f.head.at(version)));
    Some(Broken::at(Span::between(target.at + at, target.end()).bits(), found).send(send))
}

fn host_missing(f: &Request<'_>) -> Option<Broken> {
    let (bits, found) = match f.head.first("host") {
        None => (place_for_more(f.head), "There is no Host."),
        Some(line) if f.head.value(line).is_empty() => (line.line.bits(), "Host is empty."),
        Some(_) => return None,
    };
    Some(Broken::at(bits, found).send("Host: example.org, with :port where it is not the usual one"))
}

fn upgrade(f: &Request<'_>) -> Option<Broken> {
    missing_token(f.head, "Upgrade", "websocket", "Upgrade: websocket")
}

fn connection(f: &Request<'_>) -> Option<Broken> {
    missing_token(f.head, "Connection", "upgrade", "Connection: Upgrade")
}

/// The header is missing, or does not list this token.
fn missing_token(head: &Head, name: &str, token: &str, send: &str) -> Option<Broken> {
    if lists(head, name, token) {
        return None;
    }
    let (bits, found) = match head.first(name) {
        None => (place_for_more(head), format!("There is no {name}.")),
        Some(line) => (line.value.bits(), format!("{name} is {}.", quoted_values(head, name))),
    };
    Some(Broken::at(bits, found).send(send))
}

fn value_case(f: &Request<'_>) -> Option<Broken> {
    let unusual = |name: &'static str, token: &'static str, usual: &'static [&'static [u8]]| {
        f.head.all(name).find_map(|line| {
            let value = f.head.value(line);
            let span = list::elements(&value)
                .find(|span| span.of(&value).eq_ignore_ascii_case(token.as_bytes()))
                .filter(|span| !usual.contains(&span.of(&value)))?;
            Some((line, name, token, quote(span.of(&value))))
        })
    };
    let (line, name, token, is) = unusual("Upgrade", "websocket", &[b"websocket"])
        .or_else(|| unusual("Connection", "Upgrade", &[b"Upgrade", b"upgrade"]))?;
    let found = format!("{name} says {is}.");
    Some(Broken::at(line.value.bits(), found).send(format!("{name}: {token}")))
}

fn key_missing(f: &Request<'_>) -> Option<Broken> {
    if f.head.first("sec-websocket-key").is_some() {
        return None;
    }
    let send = "Sec-WebSocket-Key: with base64 of 16 random bytes; `wslens accept` makes one";
    Some(Broken::at(place_for_more(f.head), "There is no Sec-WebSocket-Key.").send(send))
}

fn key_16_bytes(f: &Request<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-key")?;
    let value = f.head.value(line);
    let trouble = nonce::trouble(&value)?;
    let found = if value.is_empty() { trouble } else { format!("{}: {trouble}", quote(&value)) };
    Some(Broken::at(line.value.bits(), found).send(nonce::INSTEAD))
}

fn nonce_reused(f: &Request<'_>) -> Option<Broken> {
    let earlier = f.same_nonce_on?;
    let line = f.head.first("sec-websocket-key")?;
    let found = format!("Connection {earlier} used the nonce {} before.", quote(&f.head.value(line)));
    Some(Broken::at(line.value.bits(), found).send(nonce::INSTEAD))
}

fn version_missing(f: &Request<'_>) -> Option<Broken> {
    f.head.first("sec-websocket-version").is_none().then(|| {
        Broken::at(place_for_more(f.head), "There is no Sec-WebSocket-Version.")
            .send("Sec-WebSocket-Version: 13")
    })
}

fn version_13(f: &Request<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-version")?;
    let value = f.head.value(line);
    (*value != *b"13").then(|| {
        let found = format!("Sec-WebSocket-Version is {}.", quote(&value));
        Broken::at(line.value.bits(), found).send("Sec-WebSocket-Version: 13")
    })
}

/// The subprotocols that are offered, each with the line it stands in.
pub(super) fn subprotocols(head: &Head) -> impl Iterator<Item = (&HeaderLine, Vec<u8>)> {
    head.all("sec-websocket-protocol").flat_map(move |line| {
        let value = head.value(line).into_owned();
        let names: Vec<_> = list::elements(&value).map(|span| (line, span.of(&value).to_vec())).collect();
        names
    })
}

fn subprotocol_token(f: &Request<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-protocol")?;
    let mut offered = subprotocols(f.head).peekable();
    if offered.peek().is_none() {
        let found = "Sec-WebSocket-Protocol is empty.";
        return Some(
            Broken::at(line.line.bits(), found).send("no such header, or Sec-WebSocket-Protocol: chat"),
        );
    }
    let (line, name) = offered.find(|(_, name)| !list::is_token(name))?;
    let found = match name.iter().find(|&&byte| !list::is_token_byte(byte)) {
        Some(b' ') => {
            format!("{} is no token: a blank stands in it. Names are parted by commas.", quote(&name))
        }
        byte => {
            let byte = byte.map_or(&[][..], std::slice::from_ref);
            format!("{} is no token: {} stands in it.", quote(&name), quote(byte))
        }
    };
    Some(Broken::at(line.value.bits(), found).send("Sec-WebSocket-Protocol: chat, superchat"))
}

fn subprotocol_unique(f: &Request<'_>) -> Option<Broken> {
    let mut seen = HashSet::new();
    let (line, name) = subprotocols(f.head).find(|(_, name)| !seen.insert(name.clone()))?;
    let found = format!("{} is listed twice.", quote(&name));
    Some(Broken::at(line.value.bits(), found).send("each name once, the preferred one first"))
}

fn origin_missing(f: &Request<'_>) -> Option<Broken> {
    let agent = f.head.first_value("user-agent")?;
    (agent.starts_with(b"Mozilla/") && f.head.first("origin").is_none()).then(|| {
        let found = format!("User-Agent is {}, and there is no Origin.", quote(&agent));
        Broken::at(place_for_more(f.head), found).send("Origin: https://example.org")
    })
}

fn body(f: &Request<'_>) -> Option<Broken> {
    let line = f.head.first("transfer-encoding").or_else(|| f.head.first("content-length"))?;
    let (name, value) = (plain(f.head.name(line)), f.head.value(line));
    let found = match &*value {
        b"0" => format!("{name} is 0: there is no body, but the header speaks of one."),
        _ => format!("{name} is {}: a body follows.", quote(&value)),
    };
    Some(
        Broken::at(line.line.bits(), found)
            .send(format!("the request without {name}, and nothing behind it")),
    )
}

fn early_frame(f: &Frame) -> Option<Broken> {
    f.early.then(|| {
        let found = "This came before the answer to the handshake.";
        Broken::at(Bits::bytes(0, 2), found).send("the same bytes, once the 101 has come")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /chat HTTP/1.1\r\nHost: localhost:8000\r\nConnection: keep-alive, Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Protocol: x.y\r\n\r\n";

    fn broken(request: &str) -> Vec<&'static str> {
        let head = Head::decode(request.into());
        let facts = Request { head: &head, same_nonce_on: None };
        let checked = RULES.iter().filter(|rule| match rule.check {
            Check::Request(check) => check(&facts).is_some_and(|broken| {
                assert!(broken.bits.end_byte() <= request.len() as u64, "{}", rule.id);
                true
            }),
            _ => false,
        });
        checked.map(|rule| rule.id).collect()
    }

    #[test]
    fn a_good_request_in_its_variety_breaks_nothing() {
        assert_eq!(broken(GOOD), [""; 0]);
        let whole = GOOD.replace("/chat", "HTTP://localhost:8000/chat?a=b");
        assert_eq!(broken(&whole), [""; 0]);
        assert_eq!(broken(&GOOD.replace("websocket\r", "h2c, websocket\r")), [""; 0]);
        assert_eq!(broken(&GOOD.replace("Upgrade\r", "upgrade\r")), [""; 0]);
    }

    #[test]
    fn one_change_breaks_one_rule() {
        for (from, to, rule) in [
            ("GET", "get", "request/method"),
            ("GET", "POST", "request/method"),
            ("HTTP/1.1", "HTTP/1.0", "request/http-version"),
            ("HTTP/1.1", "HTTP/11", "request/http-version"),
            (" HTTP/1.1", "", "request/http-version"),
            ("/chat", "ws://localhost/chat", "request/target"),
            ("/chat", "chat", "request/target"),
            ("/chat", "/chat#top", "request/fragment"),
            ("Host: localhost:8000", "X: y", "request/host-missing"),
            ("localhost:8000", "", "request/host-missing"),
            ("Host: localhost:8000", "Host: a\r\nhost: b", "request/host-repeated"),
            ("Upgrade: websocket", "Upgrade: h2c", "request/upgrade"),
            ("Upgrade: websocket\r\n", "", "request/upgrade"),
            ("keep-alive, Upgrade", "keep-alive", "request/connection"),
            ("keep-alive, Upgrade", "keep-alive, no-upgrade", "request/connection"),
            ("websocket", "WebSocket", "request/value-case"),
            ("Upgrade\r", "UPGRADE\r", "request/value-case"),
            ("Sec-WebSocket-Key", "X-Key", "request/key-missing"),
            ("jZQ==", "jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "request/key-repeated"),
            ("jZQ==", "jZQ=", "request/key-16-bytes"),
            ("Sec-WebSocket-Version", "X-Version", "request/version-missing"),
            ("13", "8", "request/version-13"),
            ("13", "13, 8", "request/version-13"),
            ("13", "13\r\nSec-WebSocket-Version: 13", "request/version-repeated"),
            ("superchat", "super/chat", "request/subprotocol-token"),
            ("superchat", "grün", "request/subprotocol-token"),
            ("superchat", "x.y", "request/subprotocol-unique"),
            ("Host", "User-Agent: Mozilla/5.0\r\nHost", "request/origin-missing"),
            ("Host", "Content-Length: 0\r\nHost", "request/body"),
            ("Host", "Transfer-Encoding: chunked\r\nHost", "request/body"),
        ] {
            assert_eq!(broken(&GOOD.replacen(from, to, 1)), [rule], "{from} -> {to}");
        }
    }

    #[test]
    fn an_empty_list_of_subprotocols_names_none() {
        let one = GOOD.replace("Sec-WebSocket-Protocol: x.y\r\n", "");
        assert_eq!(broken(&one.replace("chat, superchat", " , ")), ["request/subprotocol-token"]);
    }
}

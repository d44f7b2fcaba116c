//! The response: how a server agrees, and how it may refuse (RFC 6455 §4.2.2, checked by the client as §4.1 says).

use super::accept_mistakes;
use super::facts::{NotHttp, Response};
use super::head::{lists, place_for_more, quoted_values, repeated};
use super::quote::{plain, quote};
use super::request::{http_version_of, subprotocols};
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::accept::accept;
use crate::wire::bits::{Bits, Cite};
use crate::wire::head::{Head, StartLine};
use crate::wire::list;
use crate::wire::span::Span;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "response/not-http",
        cite: Cite::ws("4.2.2"),
        level: Level::Must,
        word: "MUST",
        says: "The handshake is answered with an HTTP response.",
        why: "Until the 101 the connection speaks HTTP, whatever comes behind it.",
        entails: &[],
        check: Check::NotHttp(not_http),
    },
    Rule {
        id: "response/status-line",
        cite: Cite::http1("4"),
        level: Level::Must,
        word: "MUST",
        says: "The first line is a version, a blank, three digits, a blank, and a reason, which may be empty.",
        why: "A client finds the three digits by the blanks around them; without the status it knows nothing.",
        entails: &[],
        check: Check::Response(status_line),
    },
    Rule {
        id: "response/http-version",
        cite: Cite::http("15.2"),
        level: Level::Note,
        word: "",
        says: "A 101 is an answer of HTTP/1.1.",
        why: "HTTP/1.0 has no status below 200, so a client may refuse such an answer.",
        entails: &[],
        check: Check::Response(http_version),
    },
    Rule {
        id: "response/status",
        cite: Cite::ws("4.2.2"),
        level: Level::Must,
        word: "MUST",
        says: "A server that agrees answers with status 101.",
        why: "Only 101 leaves HTTP. With any other status the client reads on as HTTP, whatever the headers say.",
        entails: &[],
        check: Check::Response(status),
    },
    Rule {
        id: "response/status-2xx",
        cite: Cite::ws("4.1"),
        level: Level::Note,
        word: "",
        says: "A status from 200 to 299 opens no WebSocket.",
        why: "It is the answer to an ordinary request. Mostly the server has no WebSocket at this path, or a proxy \
              took Upgrade away on the road.",
        entails: &[],
        check: Check::Response(status_2xx),
    },
    Rule {
        id: "response/426-upgrade",
        cite: Cite::http("15.5.22"),
        level: Level::Must,
        word: "MUST",
        says: "A 426 says in Upgrade which protocol it wants.",
        why: "426 means: not like this, but by that protocol. Without the name the client learns nothing.",
        entails: &[],
        check: Check::Response(upgrade_of_426),
    },
    Rule {
        id: "response/426-version",
        cite: Cite::ws("4.2.2"),
        level: Level::Must,
        word: "MUST",
        says: "A server that does not speak the client's version names its own in Sec-WebSocket-Version.",
        why: "The client may then try again with one of them.",
        entails: &[],
        check: Check::Response(version_of_426),
    },
    Rule {
        id: "response/upgrade",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Upgrade is websocket, and nothing else.",
        why: "It says to which protocol the connection switches now. Without it the client must fail the connection.",
        entails: &[],
        check: Check::Response(upgrade),
    },
    Rule {
        id: "response/connection",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Connection lists the token Upgrade.",
        why: "So Upgrade is known to come from this very server. Without it the client must fail the connection.",
        entails: &[],
        check: Check::Response(connection),
    },
    Rule {
        id: "response/accept-missing",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Accept proves that the server read the nonce.",
        why: "Without it the client cannot know that a WebSocket server answered, and must fail the connection.",
        entails: &[],
        check: Check::Response(accept_missing),
    },
    Rule {
        id: "response/accept-repeated",
        cite: Cite::ws("11.3.3"),
        level: Level::Must,
        word: "MUST NOT",
        says: "Sec-WebSocket-Accept stands there once.",
        why: "There is one nonce, and so one answer to it.",
        entails: &[],
        check: Check::Response(|f| switches(f).then(|| repeated(f.head, "Sec-WebSocket-Accept"))?),
    },
    Rule {
        id: "response/accept-wrong",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Accept is base64 of SHA-1 of the nonce with the GUID behind it.",
        why: "Any other value may come from a cache, or from a server that never read the request; the client must \
              fail the connection.",
        entails: &[],
        check: Check::Response(accept_wrong),
    },
    Rule {
        id: "response/subprotocol-not-offered",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The server picks one of the subprotocols that the client offered.",
        why: "The client cannot speak a language it did not name, and must fail the connection.",
        entails: &[],
        check: Check::Response(subprotocol_not_offered),
    },
    Rule {
        id: "response/subprotocol-one",
        cite: Cite::ws("11.3.4"),
        level: Level::Must,
        word: "MUST NOT",
        says: "The server names exactly one subprotocol, or sends no such header.",
        why: "Both sides must speak the same one, so a list decides nothing.",
        entails: &[],
        check: Check::Response(subprotocol_one),
    },
    Rule {
        id: "response/subprotocol-none",
        cite: Cite::ws("4.2.2"),
        level: Level::Note,
        word: "",
        says: "Of the subprotocols that the client offered, the server picked none.",
        why: "The RFC allows it: then no subprotocol is spoken. Browsers do not: they give the connection up.",
        entails: &[],
        check: Check::Response(subprotocol_none),
    },
    Rule {
        id: "response/content-length",
        cite: Cite::http("8.6"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A 101 has no Content-Length.",
        why: "It has no body. Who believes the header takes the first frames for one.",
        entails: &[],
        check: Check::Response(|f| body_header(f, "Content-Length")),
    },
    Rule {
        id: "response/transfer-encoding",
        cite: Cite::http1("6.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A 101 has no Transfer-Encoding.",
        why: "It has no body. Who believes the header reads the first frames as chunks.",
        entails: &[],
        check: Check::Response(|f| body_header(f, "Transfer-Encoding")),
    },
];

/// Whether the server agrees: what is demanded of its headers is demanded of a 101 only.
pub(super) fn switches(f: &Response<'_>) -> bool {
    f.head.status() == Some(101)
}

fn not_http(f: &NotHttp<'_>) -> Option<Broken> {
    const HTTP: &[u8] = b"HTTP/";
    // How many more bytes are here depends on how the input was cut, so none of them is spoken of.
    let same = f.first.iter().zip(HTTP).take_while(|(is, must)| is == must).count();
    let begins = f.first.get(..=same).unwrap_or(f.first);
    let found = match begins {
        [byte @ (0x81 | 0x82 | 0x01 | 0x02 | 0x88..=0x8a)] => {
            format!("The answer begins with the byte {byte:02x}, as a frame does; HTTP must come first.")
        }
        _ => format!("The answer begins with {}, not with HTTP/1.1 and a status.", quote(begins)),
    };
    let bits = Bits::bytes(0, begins.len() as u64);
    Some(Broken::at(bits, found).send("HTTP/1.1 101 Switching Protocols"))
}

/// The pieces of the status line; none in a head that is not a response's.
const fn pieces(head: &Head) -> Option<[Span; 3]> {
    match head.start {
        StartLine::Response { version, status, reason } => Some([version, status, reason]),
        StartLine::Request { .. } => None,
    }
}

fn status_line(f: &Response<'_>) -> Option<Broken> {
    let [version, status, reason] = pieces(f.head)?;
    let (is_version, is_status) = (f.head.at(version), f.head.at(status));
    let (bits, found) = if http_version_of(is_version).is_none() {
        (version.bits(), format!("Where the version belongs stands {}.", quote(is_version)))
    } else if f.head.status().is_none() {
        (status.bits(), format!("Where three digits belong stands {}.", quote(is_status)))
    } else if status.end() == f.head.first_line.end() {
        let behind = Span { at: status.end(), len: 0 };
        (behind.bits(), format!("The line ends with {}: the blank behind it is missing.", plain(is_status)))
    } else {
        return None;
    };
    let status = f.head.status().unwrap_or(101);
    let reason = if reason.len == 0 { "and a blank".into() } else { plain(f.head.at(reason)) };
    Some(Broken::at(bits, found).send(format!("HTTP/1.1 {status} {reason}")))
}

fn http_version(f: &Response<'_>) -> Option<Broken> {
    let [version, ..] = pieces(f.head)?;
    let is = http_version_of(f.head.at(version))?;
    (switches(f) && is < (1, 1)).then(|| {
        let found = format!("This 101 is an answer of {}.", plain(f.head.at(version)));
        Broken::at(version.bits(), found).send("HTTP/1.1 101 Switching Protocols")
    })
}

fn status(f: &Response<'_>) -> Option<Broken> {
    let [_, span, _] = pieces(f.head)?;
    let status = f.head.status().filter(|status| *status != 101)?;
    f.head.first("sec-websocket-accept")?;
    let found = format!("Sec-WebSocket-Accept agrees, but the status is {status}.");
    Some(Broken::at(span.bits(), found).send("HTTP/1.1 101 Switching Protocols"))
}

fn status_2xx(f: &Response<'_>) -> Option<Broken> {
    let [_, span, _] = pieces(f.head)?;
    let status = f.head.status().filter(|status| (200..300).contains(status))?;
    f.head.first("sec-websocket-accept").is_none().then(|| {
        let found = format!("The server answered {status}, as to any request for a page.");
        Broken::at(span.bits(), found)
            .send("HTTP/1.1 101 Switching Protocols, or a refusal such as 404 or 426")
    })
}

fn upgrade_of_426(f: &Response<'_>) -> Option<Broken> {
    (f.head.status() == Some(426) && f.head.first("upgrade").is_none())
        .then(|| Broken::at(place_for_more(f.head), "This 426 has no Upgrade.").send("Upgrade: websocket"))
}

fn version_of_426(f: &Response<'_>) -> Option<Broken> {
    (f.head.status() == Some(426) && f.head.first("sec-websocket-version").is_none()).then(|| {
        let asked = f.request.and_then(|request| request.first_value("sec-websocket-version"));
        let asked =
            asked.map(|asked| format!(" The client asked for {}.", quote(&asked))).unwrap_or_default();
        let found = format!("This 426 names no version.{asked}");
        Broken::at(place_for_more(f.head), found).send("Sec-WebSocket-Version: 13")
    })
}

fn upgrade(f: &Response<'_>) -> Option<Broken> {
    let mut lines = f.head.all("upgrade");
    let first = lines.next();
    let is = |line| f.head.value(line).eq_ignore_ascii_case(b"websocket");
    if !switches(f) || (first.is_some_and(is) && lines.next().is_none()) {
        return None;
    }
    let (bits, found) = match first {
        None => (place_for_more(f.head), "There is no Upgrade.".to_owned()),
        Some(line) => (line.value.bits(), format!("Upgrade is {}.", quoted_values(f.head, "upgrade"))),
    };
    Some(Broken::at(bits, found).send("Upgrade: websocket"))
}

fn connection(f: &Response<'_>) -> Option<Broken> {
    if !switches(f) || lists(f.head, "connection", "upgrade") {
        return None;
    }
    let (bits, found) = match f.head.first("connection") {
        None => (place_for_more(f.head), "There is no Connection.".to_owned()),
        Some(line) => (line.value.bits(), format!("Connection is {}.", quoted_values(f.head, "connection"))),
    };
    Some(Broken::at(bits, found).send("Connection: Upgrade"))
}

fn accept_missing(f: &Response<'_>) -> Option<Broken> {
    if !switches(f) || f.head.first("sec-websocket-accept").is_some() {
        return None;
    }
    let broken = |found: &str| Broken::at(place_for_more(f.head), found);
    let Some(request) = f.request else {
        return Some(broken("There is no Sec-WebSocket-Accept."));
    };
    Some(match request.first_value("sec-websocket-key") {
        Some(nonce) => broken("There is no Sec-WebSocket-Accept.")
            .send(format!("Sec-WebSocket-Accept: {}", accept(&nonce))),
        None => broken(
            "There is no Sec-WebSocket-Accept, nor could there be: the request had no Sec-WebSocket-Key to \
             compute it from.",
        )
        .send("400 to a request without Sec-WebSocket-Key"),
    })
}

fn accept_wrong(f: &Response<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-accept").filter(|_| switches(f))?;
    let request = f.request?;
    let nonces: Vec<_> = request.all("sec-websocket-key").map(|line| request.value(line)).collect();
    let nonce = nonces.first()?;
    let value = f.head.value(line);
    if nonces.iter().any(|nonce| accept(nonce).as_bytes() == &*value) {
        return None;
    }
    let right = accept(nonce);
    let why = accept_mistakes::explain(nonce, &String::from_utf8_lossy(&value)).join(" ");
    let found =
        format!("It is {}; for the nonce {} it must be {right}. {}", quote(&value), quote(nonce), why);
    Some(Broken::at(line.value.bits(), found).send(format!("Sec-WebSocket-Accept: {right}")))
}

fn subprotocol_not_offered(f: &Response<'_>) -> Option<Broken> {
    let request = f.request.filter(|_| switches(f))?;
    let offered: Vec<_> = subprotocols(request).map(|(_, name)| name).collect();
    let (line, name) = subprotocols(f.head).find(|(_, name)| !offered.contains(name))?;
    let (found, send) = match offered.first() {
        None => {
            let found = format!("The server picked {}, but the client offered no subprotocol.", quote(&name));
            (found, "no Sec-WebSocket-Protocol".to_owned())
        }
        Some(first) => {
            let all = offered.iter().take(8).map(|name| quote(name)).collect::<Vec<_>>().join(", ");
            let found = format!("The server picked {}; the client offered {all}.", quote(&name));
            (found, format!("Sec-WebSocket-Protocol: {}", plain(first)))
        }
    };
    Some(Broken::at(line.value.bits(), found).send(send))
}

fn subprotocol_one(f: &Response<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-protocol").filter(|_| switches(f))?;
    if let Some(broken) = repeated(f.head, "Sec-WebSocket-Protocol") {
        return Some(broken);
    }
    let value = f.head.value(line);
    let mut names = list::elements(&value).map(|span| span.of(&value));
    let found = match (names.next(), names.next()) {
        (None, _) => "Sec-WebSocket-Protocol is empty.".to_owned(),
        (Some(_), Some(_)) => format!("{} is a list.", quote(&value)),
        (Some(name), None) if !list::is_token(name) => format!("{} is no token.", quote(name)),
        (Some(_), None) => return None,
    };
    Some(
        Broken::at(line.line.bits(), found)
            .send("one of the names that the client offered, or no such header"),
    )
}

fn subprotocol_none(f: &Response<'_>) -> Option<Broken> {
    let request = f.request.filter(|_| switches(f))?;
    let (_, first) = subprotocols(request).next()?;
    f.head.first("sec-websocket-protocol").is_none().then(|| {
        let found = format!("The client offered {}.", quoted_values(request, "sec-websocket-protocol"));
        Broken::at(place_for_more(f.head), found).send(format!("Sec-WebSocket-Protocol: {}", plain(&first)))
    })
}

fn body_header(f: &Response<'_>, name: &'static str) -> Option<Broken> {
    let line = f.head.first(name).filter(|_| switches(f))?;
    let found = format!("This 101 has {name}: {}.", plain(&f.head.value(line)));
    Some(Broken::at(line.line.bits(), found).send(format!("the 101 without {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "GET /chat HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\n\r\n";
    const GOOD: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n\
        connection: keep-alive, upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        Sec-WebSocket-Protocol: superchat\r\n\r\n";

    fn found(request: Option<&str>, response: &str) -> Vec<(&'static str, Broken)> {
        let request = request.map(|request| Head::decode(request.into()));
        let head = Head::decode(response.into());
        let facts = Response { head: &head, request: request.as_ref() };
        let rows = RULES.iter().filter_map(|rule| match rule.check {
            Check::Response(check) => Some((rule.id, check(&facts)?)),
            _ => None,
        });
        rows.inspect(|(id, broken)| assert!(broken.bits.end_byte() <= response.len() as u64, "{id}"))
            .collect()
    }

    fn broken(response: &str) -> Vec<&'static str> {
        found(Some(REQUEST), response).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn a_good_response_breaks_nothing() {
        assert_eq!(broken(GOOD), [""; 0]);
        assert_eq!(found(None, GOOD), []);
        assert_eq!(broken(&GOOD.replace("101 Switching Protocols", "101 ")), [""; 0]);
    }

    #[test]
    fn one_change_breaks_one_rule() {
        for (from, to, rule) in [
            ("HTTP/1.1", "HTTP/1", "response/status-line"),
            ("101 Switching Protocols", "101", "response/status-line"),
            ("HTTP/1.1", "HTTP/1.0", "response/http-version"),
            ("101", "200", "response/status"),
            ("101", "403", "response/status"),
            ("upgrade: WebSocket", "upgrade: h2c", "response/upgrade"),
            ("upgrade: WebSocket", "upgrade: websocket, h2c", "response/upgrade"),
            ("upgrade: WebSocket\r\n", "", "response/upgrade"),
            ("upgrade: WebSocket", "upgrade: websocket\r\nupgrade: websocket", "response/upgrade"),
            ("keep-alive, upgrade", "close", "response/connection"),
            ("connection: keep-alive, upgrade\r\n", "", "response/connection"),
            ("Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "X: y", "response/accept-missing"),
            ("s3pP", "S3pP", "response/accept-wrong"),
            ("Sec-WebSocket-P", "Sec-WebSocket-Accept: x\r\nSec-WebSocket-P", "response/accept-repeated"),
            ("superchat", "Chat", "response/subprotocol-not-offered"),
            ("superchat", "chat, superchat", "response/subprotocol-one"),
            ("superchat", "chat\r\nSec-WebSocket-Protocol: chat", "response/subprotocol-one"),
            ("superchat", "", "response/subprotocol-one"),
            ("Sec-WebSocket-Protocol", "X", "response/subprotocol-none"),
            ("Sec-WebSocket-P", "Content-Length: 0\r\nSec-WebSocket-P", "response/content-length"),
            ("Sec-WebSocket-P", "Transfer-Encoding: x\r\nSec-WebSocket-P", "response/transfer-encoding"),
        ] {
            assert_eq!(broken(&GOOD.replacen(from, to, 1)), [rule], "{from} -> {to}");
        }
    }

    #[test]
    fn refusing_breaks_no_rule() {
        for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found", "302 Found", "500 Oops"] {
            assert_eq!(broken(&format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")), [""; 0]);
        }
        assert_eq!(broken("HTTP/1.1 200 OK\r\n\r\n"), ["response/status-2xx"]);
        let whole =
            "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13, 8\r\n\r\n";
        assert_eq!(broken(whole), [""; 0]);
        assert_eq!(broken(&whole.replace("Upgrade:", "X:")), ["response/426-upgrade"]);
        assert_eq!(broken(&whole.replace("Sec-", "X-")), ["response/426-version"]);
    }

    #[test]
    fn a_wrong_accept_is_named_with_the_right_one_and_the_mistake() {
        let wrong = GOOD.replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
        let [(id, broken)] = &found(Some(REQUEST), &wrong)[..] else { panic!("one finding") };
        assert_eq!(*id, "response/accept-wrong");
        assert!(broken.found.contains("must be s3pPLMBiTxaQ9kYGzzhZRbK+xOo=. This is the digest in hex."));
        assert_eq!(broken.send, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn what_needs_the_request_is_silent_without_it() {
        assert_eq!(found(None, &GOOD.replace("s3pP", "S3pP")), []);
        let bare =
            found(Some("GET / HTTP/1.1\r\n\r\n"), &GOOD.replace("Accept", "X").replace("Protocol:", "X:"));
        assert_eq!(bare.len(), 1);
        assert!(bare[0].1.found.contains("the request had no Sec-WebSocket-Key"));
    }
}

//! What the rules about responses look for.

use crate::rules::accept_mistakes;
use crate::rules::facts::{NotHttp, Response};
use crate::rules::head::{lists, place_for_more, quoted_values, repeated};
use crate::rules::quote::{plain, quote};
use crate::rules::request::{http_version_of, subprotocols};
use crate::rules::rule::Broken;
use crate::wire::accept::accept;
use crate::wire::bits::Bits;
use crate::wire::head::{Head, StartLine};
use crate::wire::list;
use crate::wire::span::Span;

/// Whether the server agrees: what is demanded of its headers is demanded of a 101 only.
pub(in crate::rules) fn switches(f: &Response<'_>) -> bool {
    f.head.status() == Some(101)
}

pub(super) fn not_http(f: &NotHttp<'_>) -> Option<Broken> {
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
pub(super) const fn pieces(head: &Head) -> Option<[Span; 3]> {
    match head.start {
        StartLine::Response { version, status, reason } => Some([version, status, reason]),
        StartLine::Request { .. } => None,
    }
}

pub(super) fn status_line(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn http_version(f: &Response<'_>) -> Option<Broken> {
    let [version, ..] = pieces(f.head)?;
    let is = http_version_of(f.head.at(version))?;
    (switches(f) && is < (1, 1)).then(|| {
        let found = format!("This 101 is an answer of {}.", plain(f.head.at(version)));
        Broken::at(version.bits(), found).send("HTTP/1.1 101 Switching Protocols")
    })
}

pub(super) fn status(f: &Response<'_>) -> Option<Broken> {
    let [_, span, _] = pieces(f.head)?;
    let status = f.head.status().filter(|status| *status != 101)?;
    f.head.first("sec-websocket-accept")?;
    let found = format!("Sec-WebSocket-Accept agrees, but the status is {status}.");
    Some(Broken::at(span.bits(), found).send("HTTP/1.1 101 Switching Protocols"))
}

pub(super) fn status_2xx(f: &Response<'_>) -> Option<Broken> {
    let [_, span, _] = pieces(f.head)?;
    let status = f.head.status().filter(|status| (200..300).contains(status))?;
    f.head.first("sec-websocket-accept").is_none().then(|| {
        let found = format!("The server answered {status}, as to any request for a page.");
        Broken::at(span.bits(), found)
            .send("HTTP/1.1 101 Switching Protocols, or a refusal such as 404 or 426")
    })
}

pub(super) fn upgrade_of_426(f: &Response<'_>) -> Option<Broken> {
    (f.head.status() == Some(426) && f.head.first("upgrade").is_none())
        .then(|| Broken::at(place_for_more(f.head), "This 426 has no Upgrade.").send("Upgrade: websocket"))
}

pub(super) fn version_of_426(f: &Response<'_>) -> Option<Broken> {
    (f.head.status() == Some(426) && f.head.first("sec-websocket-version").is_none()).then(|| {
        let asked = f.request.and_then(|request| request.first_value("sec-websocket-version"));
        let asked =
            asked.map(|asked| format!(" The client asked for {}.", quote(&asked))).unwrap_or_default();
        let found = format!("This 426 names no version.{asked}");
        Broken::at(place_for_more(f.head), found).send("Sec-WebSocket-Version: 13")
    })
}

pub(super) fn upgrade(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn connection(f: &Response<'_>) -> Option<Broken> {
    if !switches(f) || lists(f.head, "connection", "upgrade") {
        return None;
    }
    let (bits, found) = match f.head.first("connection") {
        None => (place_for_more(f.head), "There is no Connection.".to_owned()),
        Some(line) => (line.value.bits(), format!("Connection is {}.", quoted_values(f.head, "connection"))),
    };
    Some(Broken::at(bits, found).send("Connection: Upgrade"))
}

pub(super) fn accept_missing(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn accept_wrong(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn subprotocol_not_offered(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn subprotocol_one(f: &Response<'_>) -> Option<Broken> {
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

pub(super) fn subprotocol_none(f: &Response<'_>) -> Option<Broken> {
    let request = f.request.filter(|_| switches(f))?;
    let (_, first) = subprotocols(request).next()?;
    f.head.first("sec-websocket-protocol").is_none().then(|| {
        let found = format!("The client offered {}.", quoted_values(request, "sec-websocket-protocol"));
        Broken::at(place_for_more(f.head), found).send(format!("Sec-WebSocket-Protocol: {}", plain(&first)))
    })
}

pub(super) fn body_header(f: &Response<'_>, name: &'static str) -> Option<Broken> {
    let line = f.head.first(name).filter(|_| switches(f))?;
    let found = format!("This 101 has {name}: {}.", plain(&f.head.value(line)));
    Some(Broken::at(line.line.bits(), found).send(format!("the 101 without {name}")))
}

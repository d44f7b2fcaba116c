//! What the rules about requests look for.

use crate::rules::facts::{Frame, Request};
use crate::rules::head::{lists, place_for_more, quoted_values};
use crate::rules::nonce;
use crate::rules::quote::{plain, quote};
use crate::rules::rule::Broken;
use crate::wire::bits::Bits;
use crate::wire::head::{Head, HeaderLine, StartLine};
use crate::wire::list;
use crate::wire::span::Span;
use std::collections::HashSet;

/// The pieces of the request line; none in a head that is not a request's.
pub(super) const fn request_line(head: &Head) -> Option<[Span; 3]> {
    match head.start {
        StartLine::Request { method, target, version } => Some([method, target, version]),
        StartLine::Response { .. } => None,
    }
}

pub(super) fn method(f: &Request<'_>) -> Option<Broken> {
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
pub(in crate::rules) fn http_version_of(version: &[u8]) -> Option<(u8, u8)> {
    match version.strip_prefix(b"HTTP/")? {
        [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => Some((major - b'0', minor - b'0')),
        _ => None,
    }
}

pub(super) fn http_version(f: &Request<'_>) -> Option<Broken> {
    let [method, target, version] = request_line(f.head)?;
    let is = f.head.at(version);
    if target.len == 0 && is.rsplit(|byte| *byte == b' ').next().and_then(http_version_of) >= Some((1, 1)) {
        // Two blanks stand before the target, which another rule says.
        return None;
    }
    let found = match http_version_of(is) {
        Some(version) if version >= (1, 1) => return None,
        Some(_) => format!("The version is {}.", plain(is)),
        None if is.is_empty() => "The request line names no HTTP version.".to_owned(),
        None => format!("Where the version belongs stands {}.", quote(is)),
    };
    let send = format!("{} {} HTTP/1.1", plain(f.head.at(method)), plain(f.head.at(target)));
    Some(Broken::at(version.bits(), found).send(send))
}

pub(super) fn target(f: &Request<'_>) -> Option<Broken> {
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

pub(super) fn fragment(f: &Request<'_>) -> Option<Broken> {
    let [_, target, version] = request_line(f.head)?;
    let is = f.head.at(target);
    let at = is.iter().position(|&byte| byte == b'#')?;
    let (path, fragment) = is.split_at(at);
    let found = format!("The target ends in the fragment {}.", quote(fragment));
    let send = format!("GET {} {}, or %23 where a # is meant", plain(path), plain(f.head.at(version)));
    Some(Broken::at(Span::between(target.at + at, target.end()).bits(), found).send(send))
}

pub(super) fn host_missing(f: &Request<'_>) -> Option<Broken> {
    let (bits, found) = match f.head.first("host") {
        None => (place_for_more(f.head), "There is no Host."),
        Some(line) if f.head.value(line).is_empty() => (line.line.bits(), "Host is empty."),
        Some(_) => return None,
    };
    Some(Broken::at(bits, found).send("Host: example.org, with :port where it is not the usual one"))
}

pub(super) fn upgrade(f: &Request<'_>) -> Option<Broken> {
    missing_token(f.head, "Upgrade", "websocket", "Upgrade: websocket")
}

pub(super) fn connection(f: &Request<'_>) -> Option<Broken> {
    missing_token(f.head, "Connection", "upgrade", "Connection: Upgrade")
}

/// The header is missing, or does not list this token.
pub(super) fn missing_token(head: &Head, name: &str, token: &str, send: &str) -> Option<Broken> {
    if lists(head, name, token) {
        return None;
    }
    let (bits, found) = match head.first(name) {
        None => (place_for_more(head), format!("There is no {name}.")),
        Some(line) => (line.value.bits(), format!("{name} is {}.", quoted_values(head, name))),
    };
    Some(Broken::at(bits, found).send(send))
}

pub(super) fn value_case(f: &Request<'_>) -> Option<Broken> {
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

pub(super) fn key_missing(f: &Request<'_>) -> Option<Broken> {
    if f.head.first("sec-websocket-key").is_some() {
        return None;
    }
    let send = "Sec-WebSocket-Key: with base64 of 16 random bytes; `wslens accept` makes one";
    Some(Broken::at(place_for_more(f.head), "There is no Sec-WebSocket-Key.").send(send))
}

pub(super) fn key_16_bytes(f: &Request<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-key")?;
    let value = f.head.value(line);
    let trouble = nonce::trouble(&value)?;
    let found = if value.is_empty() { trouble } else { format!("{}: {trouble}", quote(&value)) };
    Some(Broken::at(line.value.bits(), found).send(nonce::INSTEAD))
}

pub(super) fn nonce_reused(f: &Request<'_>) -> Option<Broken> {
    let earlier = f.same_nonce_on?;
    let line = f.head.first("sec-websocket-key")?;
    let found = format!("Connection {earlier} used the nonce {} before.", quote(&f.head.value(line)));
    Some(Broken::at(line.value.bits(), found).send(nonce::INSTEAD))
}

pub(super) fn version_missing(f: &Request<'_>) -> Option<Broken> {
    f.head.first("sec-websocket-version").is_none().then(|| {
        Broken::at(place_for_more(f.head), "There is no Sec-WebSocket-Version.")
            .send("Sec-WebSocket-Version: 13")
    })
}

pub(super) fn version_13(f: &Request<'_>) -> Option<Broken> {
    let line = f.head.first("sec-websocket-version")?;
    let value = f.head.value(line);
    (*value != *b"13").then(|| {
        let found = format!("Sec-WebSocket-Version is {}.", quote(&value));
        Broken::at(line.value.bits(), found).send("Sec-WebSocket-Version: 13")
    })
}

/// The subprotocols that are offered, each with the line it stands in.
pub(in crate::rules) fn subprotocols(head: &Head) -> impl Iterator<Item = (&HeaderLine, Vec<u8>)> {
    head.all("sec-websocket-protocol").flat_map(move |line| {
        let value = head.value(line).into_owned();
        let names: Vec<_> = list::elements(&value).map(|span| (line, span.of(&value).to_vec())).collect();
        names
    })
}

pub(super) fn subprotocol_token(f: &Request<'_>) -> Option<Broken> {
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

pub(super) fn subprotocol_unique(f: &Request<'_>) -> Option<Broken> {
    let mut seen = HashSet::new();
    let (line, name) = subprotocols(f.head).find(|(_, name)| !seen.insert(name.clone()))?;
    let found = format!("{} is listed twice.", quote(&name));
    Some(Broken::at(line.value.bits(), found).send("each name once, the preferred one first"))
}

pub(super) fn origin_missing(f: &Request<'_>) -> Option<Broken> {
    let agent = f.head.first_value("user-agent")?;
    (agent.starts_with(b"Mozilla/") && f.head.first("origin").is_none()).then(|| {
        let found = format!("User-Agent is {}, and there is no Origin.", quote(&agent));
        Broken::at(place_for_more(f.head), found).send("Origin: https://example.org")
    })
}

pub(super) fn body(f: &Request<'_>) -> Option<Broken> {
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

pub(super) fn early_frame(f: &Frame) -> Option<Broken> {
    f.early.then(|| {
        let found = "This came before the answer to the handshake.";
        Broken::at(Bits::bytes(0, 2), found).send("the same bytes, once the 101 has come")
    })
}

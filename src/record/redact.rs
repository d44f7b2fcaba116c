//! Takes secrets out of heads before they are recorded.
//!
//! Masked are the values of Cookie, Set-Cookie, Authorization and Proxy-Authorization, subprotocols that look like
//! a bearer token, and in addresses the values of a query and who asks (`user:password@`). Each byte becomes a star, so
//! that all offsets and lengths stay true.

use crate::wire::head::{Head, StartLine};
use crate::wire::span::Span;

/// What stands for a byte that was masked.
const STAR: u8 = b'*';

/// Fields whose whole value is secret.
const SECRET: &[&str] = &["cookie", "set-cookie", "authorization", "proxy-authorization"];

/// A subprotocol of this length is no name that somebody registered, but a token.
const LONG: usize = 24;

/// Words in the name of a subprotocol that say that the next one is a token.
const ANNOUNCES: &[&str] = &["bearer", "token", "authorization", "jwt"];

/// Fields that hold an address.
const ADDRESSES: &[&str] = &["referer", "location", "content-location", "origin"];

/// The bytes of a head with its secrets masked: as many as before.
#[must_use]
pub fn redact(head: &Head) -> Vec<u8> {
    let mut raw = head.raw().to_vec();
    if let StartLine::Request { target, .. } = head.start {
        mask_address(&mut raw, target);
    }
    for line in &head.headers {
        mask_field(&mut raw, head.name(line).trim_ascii_end(), line.value);
    }
    raw
}

/// The value of one field with its secrets masked; of anything that is no such field, such as the request target, as of an
/// address.
#[must_use]
pub fn redact_value(name: &str, value: &[u8]) -> Vec<u8> {
    let mut raw = value.to_vec();
    let all = Span::between(0, raw.len());
    mask_field(&mut raw, name.as_bytes(), all);
    mask_address(&mut raw, all);
    raw
}

fn mask_field(raw: &mut [u8], name: &[u8], value: Span) {
    let is_one_of = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
    if is_one_of(SECRET) {
        mask(raw, value);
    } else if is_one_of(&["sec-websocket-protocol"]) {
        mask_tokens(raw, value);
    } else if is_one_of(ADDRESSES) {
        mask_address(raw, value);
    }
}

/// Masks who asks, `user:password@` (RFC 3986 §3.2.1), and the values of the query.
fn mask_address(raw: &mut [u8], span: Span) {
    let text = span.of(raw);
    // Behind the scheme; the target of CONNECT has none.
    let scheme = text.windows(3).position(|three| three == b"://").map(|at| at + 3);
    let start = scheme.unwrap_or(if text.starts_with(b"//") { 2 } else { 0 });
    let rest = text.get(start..).unwrap_or_default();
    let len = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    if let Some(at) = rest.get(..len).and_then(|authority| authority.iter().rposition(|&byte| byte == b'@')) {
        mask(raw, Span { at: span.at + start, len: at });
    }
    mask_query(raw, span);
}

/// Masks all but line ends and white space.
fn mask(raw: &mut [u8], span: Span) {
    if let Some(bytes) = raw.get_mut(span.at..span.end()) {
        bytes.iter_mut().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| *byte = STAR);
    }
}

/// Masks each value of `?name=value&name=value`; what has no name is masked whole.
fn mask_query(raw: &mut [u8], span: Span) {
    let Some(start) = span.of(raw).iter().position(|&byte| byte == b'?') else { return };
    let mut at = span.at + start + 1;
    while at < span.end() {
        let rest = Span::between(at, span.end());
        let len = rest.of(raw).iter().position(|byte| matches!(byte, b'&' | b';' | b'#')).unwrap_or(rest.len);
        let pair = Span { at, len };
        let name = pair.of(raw).iter().position(|&byte| byte == b'=').map_or(0, |equals| equals + 1);
        mask(raw, Span::between(at + name, pair.end()));
        at = pair.end() + 1;
    }
}

/// Masks the subprotocols that look like a token.
fn mask_tokens(raw: &mut [u8], span: Span) {
    let mut announced = false;
    let mut at = span.at;
    while at < span.end() {
        let rest = Span::between(at, span.end());
        let len = rest.of(raw).iter().position(|&byte| byte == b',').unwrap_or(rest.len);
        let token = Span { at, len }.trimmed(raw);
        let name = token.of(raw).to_ascii_lowercase();
        let announces = |word: &&str| name.windows(word.len()).any(|part| part == word.as_bytes());
        if announced || name.len() >= LONG {
            mask(raw, token);
        }
        announced = ANNOUNCES.iter().any(announces);
        at += len + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(head: &str) -> String {
        let bytes = redact(&Head::decode(head.as_bytes().to_vec()));
        assert_eq!(bytes.len(), head.len(), "as many bytes as before");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn secrets_become_stars_and_nothing_else_does() {
        let head = "GET /a?token=abc&x=1&flag HTTP/1.1\r\nHost: a?b=c\r\ncookie: a=b; c=d\r\nAuthorization:Basic eA==\r\n\
            Proxy-Authorization: x\r\nSec-WebSocket-Protocol: chat, bearer, s3cr3t, graphql-transport-ws\r\n\
            Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.ZXlK\r\nReferer: http://a/?q=1\r\n\r\n";
        let want = "GET /a?token=***&x=*&**** HTTP/1.1\r\nHost: a?b=c\r\ncookie: **** ***\r\nAuthorization:***** ****\r\n\
            Proxy-Authorization: *\r\nSec-WebSocket-Protocol: chat, bearer, ******, graphql-transport-ws\r\n\
            Sec-WebSocket-Protocol: ******************************************\r\nReferer: http://a/?q=*\r\n\r\n";
        assert_eq!(redacted(head), want);
    }

    #[test]
    fn who_asks_is_masked_in_every_address() {
        let head = "GET http://me:p%40w@a:1/b@c?d=e HTTP/1.1\r\nHost: a\r\nReferer: https://u@a/x@y\r\nOrigin: ws://u:p@w@a\r\n\
            From: me@a\r\n\r\n";
        let want = "GET http://********@a:1/b@c?d=* HTTP/1.1\r\nHost: a\r\nReferer: https://*@a/x@y\r\nOrigin: ws://*****@a\r\n\
            From: me@a\r\n\r\n";
        assert_eq!(redacted(head), want);
        assert!(redacted("CONNECT me:pw@a:443 HTTP/1.1\r\n\r\n").starts_with("CONNECT *****@a:443 "));
        assert!(redacted("HTTP/1.1 302 No\r\nLocation: //u:p@a/?x\r\n\r\n").contains(": //***@a/?*\r\n"));
    }

    #[test]
    fn one_value_is_masked_as_its_field_tells() {
        for (name, value, want) in [
            ("Proxy-Authorization", "Basic eA==", "***** ****"),
            ("the request target", "http://u:p@a/?t=1", "http://***@a/?t=*"),
            ("Origin", "http://a", "http://a"),
            ("Proxy-Connection", "keep-alive", "keep-alive"),
        ] {
            assert_eq!(String::from_utf8_lossy(&redact_value(name, value.as_bytes())), want);
        }
    }

    #[test]
    fn an_answer_is_masked_too() {
        let head = "HTTP/1.1 302 Found\r\nSet-Cookie: id=7\r\n  more\r\nLocation: /?code=1\r\n\r\n";
        let want = "HTTP/1.1 302 Found\r\nSet-Cookie: ****\r\n  ****\r\nLocation: /?code=*\r\n\r\n";
        assert_eq!(redacted(head), want);
    }
}

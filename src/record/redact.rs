//! Takes secrets out of heads before they are recorded.
//!
//! Masked are the values of Cookie, Set-Cookie, Authorization and Proxy-Authorization, subprotocols that look like
//! a bearer token, and the values of a query. Each byte becomes a star, so that all offsets and lengths stay true.

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

/// The bytes of a head with its secrets masked: as many as before.
#[must_use]
pub fn redact(head: &Head) -> Vec<u8> {
    let mut raw = head.raw().to_vec();
    if let StartLine::Request { target, .. } = head.start {
        mask_query(&mut raw, target);
    }
    for line in &head.headers {
        let name = head.name(line).trim_ascii_end();
        if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret.as_bytes())) {
            mask(&mut raw, line.value);
        } else if name.eq_ignore_ascii_case(b"sec-websocket-protocol") {
            mask_tokens(&mut raw, line.value);
        } else if name.eq_ignore_ascii_case(b"referer") || name.eq_ignore_ascii_case(b"location") {
            mask_query(&mut raw, line.value);
        }
    }
    raw
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
    fn an_answer_is_masked_too() {
        let head = "HTTP/1.1 302 Found\r\nSet-Cookie: id=7\r\n  more\r\nLocation: /?code=1\r\n\r\n";
        let want = "HTTP/1.1 302 Found\r\nSet-Cookie: ****\r\n  ****\r\nLocation: /?code=*\r\n\r\n";
        assert_eq!(redacted(head), want);
    }
}

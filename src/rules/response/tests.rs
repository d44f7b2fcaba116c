//! Each rule of this chapter, broken by one change.

use super::RULES;
use crate::rules::facts::Response;
use crate::rules::rule::{Broken, Check};
use crate::wire::head::Head;

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
    rows.inspect(|(id, broken)| assert!(broken.bits.end_byte() <= response.len() as u64, "{id}")).collect()
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
    let whole = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13, 8\r\n\r\n";
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
    let bare = found(Some("GET / HTTP/1.1\r\n\r\n"), &GOOD.replace("Accept", "X").replace("Protocol:", "X:"));
    assert_eq!(bare.len(), 1);
    assert!(bare[0].1.found.contains("the request had no Sec-WebSocket-Key"));
}

//! Each rule of this chapter, broken by one change.

use super::RULES;
use crate::rules::facts::Request;
use crate::rules::rule::Check;
use crate::wire::head::Head;

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
        ("GET ", "GET  ", "request/target"),
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

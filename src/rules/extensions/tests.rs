//! Each rule of this chapter, broken by one change.

use super::RULES;
use crate::rules::facts::{AnyHead, Request, Response};
use crate::rules::rule::Check;
use crate::wire::head::Head;
use crate::wire::sender::Sender;

fn broken(offer: &str, answer: &str) -> Vec<(&'static str, String)> {
    let request = format!("GET / HTTP/1.1\r\n{offer}\r\n");
    let response = format!("HTTP/1.1 101 X\r\n{answer}\r\n");
    let (asked, head) = (Head::decode(request.clone().into()), Head::decode(response.clone().into()));
    let mut all = Vec::new();
    for rule in RULES {
        let found = match rule.check {
            Check::Head(check) => [
                check(&AnyHead { head: &asked, sender: Sender::Client }).map(|it| (it, &request)),
                check(&AnyHead { head: &head, sender: Sender::Server }).map(|it| (it, &response)),
            ],
            Check::Request(check) => {
                [check(&Request { head: &asked, same_nonce_on: None }).map(|it| (it, &request)), None]
            }
            Check::Response(check) => {
                [check(&Response { head: &head, request: Some(&asked) }).map(|it| (it, &response)), None]
            }
            _ => [None, None],
        };
        for (broken, text) in found.into_iter().flatten() {
            let bytes = broken.bits.first_byte() as usize..broken.bits.end_byte() as usize;
            all.push((rule.id, text[bytes].to_owned()));
        }
    }
    all
}

fn line(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("Sec-WebSocket-Extensions: {value}\r\n") }
}

#[test]
fn what_was_offered_may_be_accepted() {
    let offer = line("foo") + &line("permessage-deflate; client_max_window_bits; server_max_window_bits=10");
    for answer in [
        "",
        "foo",
        "foo, Permessage-Deflate; server_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8; server_no_context_takeover",
    ] {
        assert_eq!(broken(&offer, &line(answer)), [], "{answer}");
    }
}

#[test]
fn each_fault_is_found_at_its_place() {
    let deflate = "permessage-deflate";
    for (offer, answer, rule, at) in [
        ("foo; =1", "", "extensions/grammar", ""),
        ("foo", "foo; b=\"1 0\"", "extensions/grammar", "\"1 0\""),
        (
            "permessage-deflate; server_max_window_bits=16",
            "",
            "extensions/offer-params",
            "server_max_window_bits=16",
        ),
        ("permessage-deflate; bits", "", "extensions/offer-params", "bits"),
        ("", deflate, "extensions/not-offered", deflate),
        (deflate, "permessage-deflate, foo", "extensions/not-offered", "foo"),
        (deflate, "permessage-deflate, permessage-deflate", "extensions/accepted-twice", deflate),
        (
            deflate,
            "permessage-deflate; server_max_window_bits=08",
            "extensions/answer-params",
            "server_max_window_bits=08",
        ),
        (
            deflate,
            "permessage-deflate; client_max_window_bits=9",
            "extensions/answer-beyond-offer",
            "client_max_window_bits=9",
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=11",
            "extensions/answer-beyond-offer",
            "server_max_window_bits=11",
        ),
        ("permessage-deflate; server_max_window_bits=10", deflate, "extensions/answer-beyond-offer", deflate),
        (
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; client_no_context_takeover",
            "extensions/answer-beyond-offer",
            "permessage-deflate; client_no_context_takeover",
        ),
    ] {
        assert_eq!(broken(&line(offer), &line(answer)), [(rule, at.to_owned())], "{offer} -> {answer}");
    }
}

#[test]
fn a_second_line_is_for_requests_only() {
    let twice = line("foo") + &line("bar");
    let found = broken(&twice, &twice);
    assert_eq!(found, [("extensions/header-repeated", "Sec-WebSocket-Extensions: bar".to_owned())]);
}

#[test]
fn an_answer_need_fit_one_of_several_offers() {
    let offers =
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, permessage-deflate";
    assert_eq!(broken(&line(offers), &line("permessage-deflate")), []);
    let answer = "permessage-deflate; server_no_context_takeover; server_max_window_bits=9";
    assert_eq!(
        broken(&line("permessage-deflate"), &line(answer)),
        [],
        "a server may promise more than was asked"
    );
}

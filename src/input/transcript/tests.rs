//! Transcripts, well written and badly.

use crate::input::testing::{Seen, by_side, error, sniffed, turns};
use crate::input::{Format, Options, read};
use crate::session::segment::Roles;
use crate::wire::sender::Sender;
use proptest::prelude::*;
use std::io::Read as _;
use std::ops::ControlFlow;

fn seen(text: &str) -> Seen {
    let (seen, format) = sniffed(text);
    assert_eq!(format, Format::Transcript, "{text}");
    seen
}

#[test]
fn the_example_of_the_description_is_read() {
    let doc = include_str!("../transcript.rs");
    let example = doc.split("//! ```text\n").nth(1).and_then(|rest| rest.split("//! ```").next()).unwrap();
    let example: String = example.lines().map(|line| format!("{}\n", line.get(4..).unwrap_or(""))).collect();
    let seen = seen(&example);
    assert_eq!(
        seen.story,
        [
            "1 open",
            "1 0.000000000 client 39",
            "1 0.002000000 server 56",
            "1 0.010000000 client 26",
            "1 0.010000000 server 282",
            "1 0.010000000 client gap 12",
            "1 0.010000000 server fin",
            "1 0.010000000 client reset",
        ]
    );
    let opening = &seen.openings[0];
    assert_eq!(
        (opening.client.as_deref(), opening.server.as_deref()),
        (Some("127.0.0.1:51234"), Some("localhost:8000"))
    );
    assert_eq!(
        (opening.input.as_str(), opening.roles, opening.only, opening.tls),
        ("transcript", Roles::Marked, None, false)
    );
    assert!(
        seen.of(Sender::Client)
            .starts_with(b"GET /chat HTTP/1.1\r\nHost: localhost\r\n\r\n\x81\x94\x9f\xaf\x77\xf8\xc8")
    );
    assert!(seen.of(Sender::Server).ends_with(b"aaa"));
}

#[test]
fn a_head_keeps_its_text() {
    let seen = seen(
        "> GET / HTTP/1.1\n> Host:  a \t\n>  folded\n> \"X: \\xff\\n\"\n> # is a name\n> 81 94\n>\n> 81 94\n",
    );
    let head = b"GET / HTTP/1.1\r\nHost:  a \t\r\n folded\r\nX: \xff\n# is a name\r\n81 94\r\n\r\n\x81\x94";
    assert_eq!(seen.of(Sender::Client), head);
}

#[test]
fn a_head_may_be_a_block_and_end_in_an_empty_line() {
    let block = seen(
        ">\n  GET / HTTP/1.1\n  Host: a\n   folded\n\n<\n  HTTP/1.1 101 x\n\n< 81 00\n  81\n  00\n\n\n> 82 80 00 00 00 00",
    );
    assert_eq!(block.of(Sender::Client), b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n\x82\x80\0\0\0\0");
    assert_eq!(block.of(Sender::Server), b"HTTP/1.1 101 x\r\n\r\n\x81\x00\x81\x00");
}

#[test]
fn below_a_mark_alone_nothing_need_be_indented() {
    let text = ">\nGET / HTTP/1.1\nconnection: upgrade\n folded\n\n<\nHTTP/1.1 101 x\n\n>\n81 80\n00 00 \"a\"\nFIN\n";
    let block = seen(text);
    assert_eq!(
        block.of(Sender::Client),
        b"GET / HTTP/1.1\r\nconnection: upgrade\r\n folded\r\n\r\n\x81\x80\0\0a"
    );
    assert_eq!(block.story.last().unwrap(), "1 server unknown");
    assert!(
        error(Format::Transcript, "> 81\n94\n")
            .starts_with("dump.txt:2:1: a line of a transcript begins with")
    );
}

#[test]
fn quoted_lines_end_a_head_too() {
    assert_eq!(
        seen("> GET / HTTP/1.1\n> \"a: b\\n\\n\" 81 80\n> 00").of(Sender::Client),
        b"GET / HTTP/1.1\r\na: b\n\n\x81\x80\x00"
    );
    assert_eq!(seen("> \"GET / HTTP/1.1\\n\"\n> 0a 81").of(Sender::Client), b"GET / HTTP/1.1\n\n\x81");
}

#[test]
fn senders_speak_in_turns_within_their_heads() {
    let seen = seen("> GET / HTTP/1.1\n< HTTP/1.1 400 x\n> Host: a\n<\n>\n< 88 00\n");
    assert_eq!(seen.of(Sender::Client), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(seen.of(Sender::Server), b"HTTP/1.1 400 x\r\n\r\n\x88\x00");
}

#[test]
fn connections_take_turns() {
    let seen = seen(
        "connection 7 a -> b\nconnection 3\n> 81\nconnection 7\n< 82 83\n@1\n< FIN\nconnection 3\n> 84\n",
    );
    assert_eq!(
        seen.story,
        [
            "1 open",
            "2 open",
            "2 client 1",
            "1 server 2",
            "1 1.000000000 server fin",
            "2 1.000000000 client 1",
            "2 client unknown",
        ]
    );
}

#[test]
fn line_ends_and_marks_of_editors_do_not_matter() {
    let plain = "# c\n> GET / HTTP/1.1\n> a: b\n>\n@1\n< \"x\" # y\n\n< RST\n";
    let expected = seen(plain);
    assert_eq!(seen(&plain.replace('\n', "\r\n")), expected);
    assert_eq!(seen(&format!("\u{feff}{plain}")), expected);
    let wide: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(sniffed(wide).0, expected);
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    let of = |text| error(Format::Transcript, text);
    assert_eq!(
        of("# c\n> 81 9g\n"),
        "dump.txt:2:7: 'g' is no hex digit: each byte is two of 0-9 and a-f; text stands in double quotes, or in an HTTP head \
         before its empty line\n  > 81 9g\n        ^",
    );
    for (text, place) in [
        ("hello\n", "1:1: a line of a transcript begins with"),
        ("> 81\n@2 hello\n", "2:4: behind a time"),
        ("@1.0000000001\n", "1:2: a time"),
        ("  81\n", "1:1: a line that begins with a space"),
        ("> FIN\n> 81\n", "2:3: the client's stream ended"),
        ("connection 1\nconnection 1 a -> b\n", "2:1: connection 1 began further above"),
        ("connection x\n", "1:12: a connection has a number"),
        ("> missing many\n", "1:11: behind \"missing\""),
        ("@3 > \"abc\n", "1:6: this string has no end"),
    ] {
        let error = of(text);
        assert!(error.starts_with(&format!("dump.txt:{place}")), "{error}");
    }
}

#[test]
fn a_line_has_a_limit() {
    let long = std::io::repeat(b'a').take(super::LINE as u64 + 100);
    let text = (&b"> 81\n> 82"[..]).chain(long);
    let error =
        read("x", text, &Options::default(), &mut |_| {}, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().starts_with("x:2:67108865: a line of more than 64 MiB"), "{error}");
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let mut count = 0;
    let report = read("x", &b"> 81\n> 82\n> 83\n"[..], &Options::default(), &mut |_| {}, &mut |_| {
        count += 1;
        if count == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((count, report.unwrap().complete), (2, false));
}

/// Lines that mean something, or nearly so.
fn lines() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just("> GET / HTTP/1.1".to_owned()),
            Just("< HTTP/1.1 101 x".to_owned()),
            Just(">".to_owned()),
            Just(String::new()),
            Just("connection 2 a -> b".to_owned()),
            Just("@1.5".to_owned()),
            Just("< FIN".to_owned()),
            Just("> missing 3".to_owned()),
            "[<> ] [0-9a-f ]{0,9}",
            "[<> ] [0-9a-fx\"\\\\# ]{0,9}",
            "\\PC{0,12}",
        ],
        0..12,
    )
    .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn any_lines_are_read_or_refused(text in lines()) {
        let _ = crate::input::testing::read_as(Some(Format::Transcript), None, text.as_bytes());
    }

    #[test]
    fn any_bytes_of_both_can_be_written(turns in turns(1..9)) {
        let mut text = String::new();
        for (server, bytes) in &turns {
            text.push_str(&format!("{} {}\n", if *server { '<' } else { '>' }, hex::encode(bytes)));
        }
        let seen = seen(&text);
        prop_assert_eq!(&seen.bytes[0], &by_side(&turns));
    }
}

//! The JSON Lines view: every line is JSON, keeps to the schema, and says what is so.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use std::num::NonZeroU64;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::conversations::conversation;
use support::{Act, REQUEST, RESPONSE, conversations, frame, samples, stream};
use wslens::render::collect::{Collector, Shown};
use wslens::render::connections::Connections;
use wslens::render::json::{JsonLines, SCHEMA};
use wslens::render::page::Page;
use wslens::render::sanitize::is_unsafe;
use wslens::render::table::Table;
use wslens::session::event::Event;
use wslens::session::others::Others;
use wslens::session::segment::{Content, How, Opening, Segment, Time};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is one")
});

/// The line of one thing, by a writer that knows of nothing before it.
fn alone(shown: &Shown<'_>, cap: usize) -> Vec<u8> {
    let mut json = JsonLines::new(Vec::new(), cap);
    json.show(shown).unwrap();
    json.flush().unwrap();
    json.into_inner()
}

/// The lines of a conversation, each checked against the schema, and against what it is without those before it. Time
/// goes on by a third of a second an act.
fn lines(conversation: &[(Sender, Act)], cap: usize) -> Vec<Value> {
    let mut json = JsonLines::new(Vec::new(), cap);
    let mut collector = Collector::new(cap, 0);
    let mut session = Session::new(Config { anatomy: true, ..Config::default() });
    let mut apart = Vec::new();
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown: Shown<'_>| {
            json.show(&shown).unwrap();
            apart.extend(alone(&shown, cap));
        });
    };
    let opening = Opening { client: Some("127.0.0.1:5\u{202e}".into()), ..Opening::default() };
    let open = (Sender::Client, Content::Open(Box::new(opening)));
    let acts = conversation.iter().map(|(sender, act)| {
        let content = match act {
            Act::Bytes(bytes) => Content::Bytes(bytes),
            Act::Gap(lost) => Content::Gap(*lost),
            Act::End(how) => Content::End(*how),
        };
        (*sender, content)
    });
    for (i, (sender, content)) in [open].into_iter().chain(acts).enumerate() {
        let time = (i > 2).then_some(Time(333_333_333 * i as u64));
        session.feed(&Segment { connection: 1, sender, time, packet: None, content }, &mut sink);
    }
    session.finish(&mut sink);
    json.flush().unwrap();
    let mut out = Vec::new();
    let text = written(json, &mut out);
    assert_eq!(text.as_bytes(), apart, "{text}");
    assert!(!text.chars().any(|ch| ch != '\n' && is_unsafe(ch)), "{text:?}");
    text.lines().map(checked).collect()
}

/// What was written, as text.
fn written(json: JsonLines<Vec<u8>>, out: &mut Vec<u8>) -> &str {
    *out = json.into_inner();
    std::str::from_utf8(out).expect("JSON is UTF-8")
}

fn checked(line: &str) -> Value {
    let value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    if let Err(error) = VALIDATOR.validate(&value) {
        let kind = format!("/$defs/{}", value["type"].as_str().unwrap_or("?"));
        let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
        schema.as_object_mut().unwrap().remove("oneOf");
        schema["$ref"] = format!("#{kind}").into();
        let only = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<_> =
            only.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        panic!("{error}\n{errors:#?}\n{line}");
    }
    value
}

fn client(bytes: &[u8]) -> (Sender, Act) {
    (Sender::Client, Act::Bytes(bytes.to_vec()))
}

fn server(bytes: &[u8]) -> (Sender, Act) {
    (Sender::Server, Act::Bytes(bytes.to_vec()))
}

/// The lines of one type.
fn of_type<'a>(lines: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["type"] == kind)
}

/// The bytes that a line shows as payload.
fn payload(line: &Value) -> Option<Vec<u8>> {
    match (&line["text"], &line["base64"]) {
        (Value::String(text), Value::Null) => Some(text.clone().into_bytes()),
        (Value::Null, Value::String(base64)) => Some(STANDARD.decode(base64).expect("base64")),
        (Value::Null, Value::Null) => None,
        _ => panic!("text and base64: {line}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_line_keeps_to_the_schema(conversation in conversation(), cap in prop_oneof![Just(0), 1usize..70, Just(9999)]) {
        let lines = lines(&conversation, cap);
        for line in &lines {
            let shown = payload(line).map_or(0, |shown| shown.len() as u64);
            let omitted = line["payload_omitted"].as_u64().unwrap_or(0);
            match line["type"].as_str() {
                Some("frame") => prop_assert_eq!(&line["captured"], shown + omitted),
                Some("message") if line["compressed"] == true => {
                    prop_assert_eq!(&line["inflated_len"], shown + omitted);
                }
                Some("message") => prop_assert_eq!(&line["wire_len"], shown + omitted),
                _ => {}
            }
        }
        for sender in Sender::BOTH {
            let covered: u64 = lines.iter().filter(|line| line["sender"] == sender.name())
                // A gap inside a frame is covered by the frame, too.
                .filter(|line| line["type"] != "gap").filter_map(|line| line["len"].as_u64()).sum();
            prop_assert!(covered <= stream(&conversation, sender).len() as u64);
        }
    }
}

#[test]
fn every_line_of_every_sample_keeps_to_the_schema() {
    for (name, bytes) in samples() {
        for conversation in conversations(&name, &bytes) {
            for cap in [0, 3, usize::MAX] {
                assert!(lines(&conversation, cap).len() > 2, "{name}");
            }
        }
    }
}

#[test]
fn a_handshake_says_what_stands_in_its_lines() {
    let mut response = RESPONSE.to_vec();
    response.truncate(response.len() - 2);
    response.extend_from_slice(b"Sec-WebSocket-Extensions: a; b=1; c\r\nX-Odd: \xff\r\n\r\n");
    let lines = lines(&[client(REQUEST), server(&response)], 0);
    assert_eq!(lines[0]["client"], "127.0.0.1:5\u{202e}");
    let request = &lines[1];
    assert_eq!([&request["method"], &request["target"], &request["version"]], ["GET", "/chat", "HTTP/1.1"]);
    assert_eq!(request["headers"][0], json!(["Host", "a"]));
    assert_eq!(request["handshake"], true);
    assert_eq!(request["raw"], STANDARD.encode(REQUEST));
    let answer = &lines[2];
    assert_eq!((&answer["status"], &answer["reason"]), (&json!(101), &json!("Switching Protocols")));
    assert_eq!(answer["headers"][4], json!(["X-Odd", {"base64": "/w=="}]));
    assert_eq!(answer["accept_expected"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(answer["extensions"], json!([{"name": "a", "params": [["b", "1"], ["c", null]]}]));
}

#[test]
fn a_frame_and_its_message_in_full() {
    let sent = frame(0x81, "Grüße \u{200b}\"".as_bytes(), Some([0x9f, 0xaf, 0x77, 0xf8]));
    let lines = lines(&[client(REQUEST), server(RESPONSE), client(&sent)], 100);
    let frame = &lines[3];
    assert_eq!(
        *frame,
        json!({
            "v": 1, "type": "frame", "connection": 1, "sender": "client",
            "time": "0.999999999", "time_end": "0.999999999", "offset": REQUEST.len(), "len": 18,
            "findings": [], "number": 1, "fin": true, "rsv1": false, "rsv2": false, "rsv3": false,
            "opcode": 1, "opcode_name": "text", "mask": true, "masking_key": "9faf77f8",
            "payload_len": 12, "length_bits": 7, "partial": false, "captured": 12,
            "close_code": null, "close_reason": null, "message": 1, "piece": 1, "text": "Grüße \u{200b}\"",
        })
    );
    assert_eq!(
        lines[4],
        json!({
            "v": 1, "type": "message", "connection": 1, "sender": "client",
            "time": "0.999999999", "time_end": "0.999999999", "offset": REQUEST.len() + 18, "len": 0,
            "findings": [], "number": 1, "opcode": 1, "opcode_name": "text", "frames": [1], "frame_count": 1,
            "compressed": false, "wire_len": 12, "complete": true, "utf8_checked": true, "utf8_error": null,
            "text": "Grüße \u{200b}\"",
        })
    );
}

/// Payloads about the lengths at which the writer does it in another way, with and without the lines of messages.
#[test]
fn a_payload_of_any_length_is_the_same_in_both_lines() {
    let text = "a\u{1f642}\"\u{1} 日本".repeat(100_000);
    let mut bytes = Vec::new();
    for len in [0, 1, 15, 16, 2_000, 14_000, 60_000, 70_000, 400_000, 1 << 20, (1 << 20) + 1] {
        let whole = (0..=len).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        for (first, payload) in [(0x81, &text.as_bytes()[..whole]), (0x82, &text.as_bytes()[..len])] {
            bytes.extend(frame(first, payload, None));
            bytes.extend(frame(0x89, b"", None));
            bytes.extend(frame(first & 0x7f, payload, None));
            bytes.extend(frame(0x80, b".", None));
        }
    }
    for (frames, messages) in [(true, true), (true, false), (false, true)] {
        let (mut json, mut apart) = (JsonLines::new(Vec::new(), 0), Vec::new());
        let (mut collector, mut session) = (Collector::new(usize::MAX, 0), Session::new(Config::default()));
        let segment =
            |content| Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content };
        session.feed(&segment(Content::Bytes(&bytes)), &mut |event: &Event<'_>| {
            collector.event(event, &mut |shown: Shown<'_>| {
                if matches!(shown, Shown::Frame(_)) && frames
                    || matches!(shown, Shown::Message(_)) && messages
                {
                    json.show(&shown).unwrap();
                    apart.extend(alone(&shown, 0));
                }
            });
        });
        json.flush().unwrap();
        let out = json.into_inner();
        assert_eq!(out.len(), apart.len());
        assert!(out == apart, "frames {frames}, messages {messages}");
        assert!(out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).all(|line| {
            let value: Value = serde_json::from_slice(line).unwrap();
            payload(&value).is_some()
        }));
    }
}

#[test]
fn a_finding_points_at_its_bits() {
    let lines = lines(&[client(REQUEST), server(RESPONSE), server(&frame(0x83, b"", None))], 100);
    let finding = &lines[3]["findings"][0];
    assert_eq!((&finding["level"], &finding["bits"]), (&json!("must"), &json!([4, 4])), "{finding}");
    assert_eq!(finding["section"], "RFC 6455 §5.2");
    assert!(lines[3]["opcode_name"].is_null());
}

#[test]
fn fragments_cut_inside_a_character_are_no_text_alone_and_text_together() {
    let lines = lines(&[server(&frame(0x01, b"h\xc3", None)), server(&frame(0x80, b"\xa9", None))], 100);
    let frames: Vec<_> = of_type(&lines, "frame").map(|frame| &frame["base64"]).collect();
    assert_eq!(frames, ["aMM=", "qQ=="]);
    let message = of_type(&lines, "message").next().unwrap();
    assert_eq!((&message["text"], &message["frames"]), (&json!("hé"), &json!([1, 2])));
}

#[test]
fn a_close_a_ping_and_its_pong() {
    let conversation = [
        server(&frame(0x89, b"are you there?", None)),
        client(&frame(0x8a, b"are you there?", Some([1, 2, 3, 4]))),
        client(&frame(0x88, b"\x03\xe8bye\xff", Some([1, 2, 3, 4]))),
        (Sender::Client, Act::End(How::Fin)),
        (Sender::Server, Act::End(How::Reset)),
    ];
    let lines = lines(&conversation, 100);
    let frames: Vec<_> = of_type(&lines, "frame").collect();
    assert_eq!(frames[0]["base64"], STANDARD.encode("are you there?"), "a ping's payload is no text");
    assert_eq!(frames[1]["answers"], 1);
    assert_eq!(frames[2]["close_code"], 1000);
    assert_eq!(frames[2]["close_reason"], json!({"base64": "Ynll/w=="}));
    let ends: Vec<_> = of_type(&lines, "end").collect();
    assert_eq!((&ends[0]["how"], &ends[0]["post_mortem"]), (&json!("fin"), &Value::Null));
    let facts = &ends[1]["post_mortem"];
    assert_eq!((&facts["closed_by"], &facts["tcp_ended_first"]), (&json!("client"), &json!("client")));
    assert_eq!(facts["client"]["close"]["code"], 1000);
    assert_eq!(facts["server"]["ended"], "reset");
}

#[test]
fn a_header_cut_short_says_what_came_of_it() {
    let lines = lines(&[server(b"\x81\x7e\x01")], 100);
    let frame = of_type(&lines, "frame").next().unwrap();
    assert_eq!((&frame["partial"], &frame["fin"], &frame["opcode"]), (&json!(true), &json!(true), &json!(1)));
    assert_eq!((&frame["length_bits"], &frame["payload_len"]), (&json!(16), &Value::Null));
    assert_eq!((&frame["mask"], &frame["len"]), (&json!(false), &json!(3)));
}

#[test]
fn lost_bytes_are_counted() {
    let lines = lines(&[server(b"\x82\x05ab"), (Sender::Server, Act::Gap(2)), server(b"e\x81\x00")], 100);
    assert_eq!(of_type(&lines, "gap").next().unwrap()["lost"], 2);
    let frame = of_type(&lines, "frame").next().unwrap();
    assert_eq!((&frame["len"], &frame["captured"], &frame["partial"]), (&json!(7), &json!(3), &json!(true)));
}

#[test]
fn bytes_that_are_no_websocket_are_opaque() {
    let lines = lines(&[client(REQUEST), server(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")], 1);
    let opaque = of_type(&lines, "opaque").next().unwrap();
    assert_eq!((&opaque["why"], &opaque["base64"]), (&json!("http-body"), &json!("bg==")));
    assert_eq!(opaque["payload_omitted"], 1);
}

#[test]
fn a_frame_of_a_capture_tells_its_packets() {
    let mut json = JsonLines::new(Vec::new(), 0);
    let (mut collector, mut session) = (Collector::new(0, 0), Session::new(Config::default()));
    let bytes = [&b"\x81\x00"[..], &frame(0x82, &[7; 200], None), b"\x89\x7e"].concat();
    for (i, piece) in [&bytes[..3], &bytes[3..4], &bytes[4..100], &bytes[100..]].into_iter().enumerate() {
        let packet = NonZeroU64::new([7, 9, 12, 10][i]);
        let content = Content::Bytes(piece);
        let segment = Segment { connection: 1, sender: Sender::Server, time: None, packet, content };
        session.feed(&segment, &mut |event: &Event<'_>| {
            collector.event(event, &mut |shown: Shown<'_>| json.show(&shown).unwrap());
        });
    }
    session.finish(&mut |event: &Event<'_>| {
        collector.event(event, &mut |shown: Shown<'_>| json.show(&shown).unwrap());
    });
    json.flush().unwrap();
    let mut out = Vec::new();
    let lines: Vec<Value> = written(json, &mut out).lines().map(checked).collect();
    let of: Vec<_> =
        of_type(&lines, "frame").map(|f| json!([f["packets"], f["segments"], f["header_cut"]])).collect();
    assert_eq!(json!(of), json!([[[7, 7], 1, null], [[7, 10], 4, [7, 12]], [[10, 10], 1, null]]));
}

/// The lines of the list and of the table for a conversation, a tenth of a second an act.
fn sums(conversation: &[(Sender, Act)]) -> Vec<Value> {
    let (mut table, mut list) =
        (Table::new(Page::plain()).as_json(), Connections::new(Page::plain()).as_json());
    let (mut collector, mut session) = (Collector::new(0, 0), Session::new(Config::default()));
    let mut out = String::new();
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown: Shown<'_>| {
            list.show(&shown, &mut out);
            table.show(&shown, &mut out);
        });
    };
    for (i, (sender, act)) in conversation.iter().enumerate() {
        let time = Some(Time(1_000_000_000 + 100_000_000 * i as u64));
        session.feed(&Segment { time, ..support::segment(*sender, act) }, &mut sink);
    }
    session.finish(&mut sink);
    list.finish(&Others::default(), &mut out);
    table.finish(&mut out);
    assert!(!out.chars().any(|ch| ch != '\n' && is_unsafe(ch)), "{out:?}");
    out.lines().map(checked).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn lists_and_tables_keep_to_the_schema(conversation in conversation()) {
        let sums = sums(&conversation);
        let lines = lines(&conversation, 0);
        for sender in Sender::BOTH {
            let sent = || of_type(&lines, "frame").filter(|line| line["sender"] == sender.name());
            let payload: u64 = sent().map(|line| line["captured"].as_u64().unwrap()).sum();
            for list in of_type(&sums, "connection") {
                prop_assert_eq!(&list[format!("{sender}_sent")]["frames"], sent().count());
                prop_assert_eq!(&list[format!("{sender}_sent")]["payload"], payload);
            }
            for table in of_type(&sums, "statistics") {
                let frames = table[sender.name()]["frames"].as_object().unwrap();
                let counted: u64 = frames.values().map(|kind| kind["payload"].as_u64().unwrap()).sum();
                prop_assert_eq!(counted, payload);
            }
        }
    }
}

#[test]
fn the_table_tells_sizes_gaps_and_round_trips() {
    let mut all = vec![client(REQUEST), server(RESPONSE)];
    for len in [3, 5, 7, 20] {
        all.push(client(&frame(0x81, &vec![b'x'; len], Some([1, 2, 3, 4]))));
    }
    all.extend([server(&frame(0x89, b"?", None)), client(&frame(0x8a, b"?", Some([0; 4])))]);
    let sums = sums(&all);
    let of_all = of_type(&sums, "statistics").last().unwrap();
    assert_eq!((&of_all["connection"], &of_all["connections"]), (&Value::Null, &json!(1)));
    let client = &of_all["client"];
    assert_eq!(
        client["text"],
        json!({"number": 4, "bytes": 35, "least": 3, "median": 5, "p95": 20, "most": 20})
    );
    assert_eq!(client["sizes"], json!([[3, 1], [7, 2], [15, 0], [31, 1]]));
    assert_eq!(client["gaps"]["number"], 3);
    assert_eq!(client["gaps"]["least"], "0.100000000");
    assert_eq!(of_all["server"]["round_trips"]["most"], "0.100000000");
    assert_eq!(of_all["traffic"]["start"], "1.200000000");
    let sent: Vec<u64> = serde_json::from_value(of_all["traffic"]["client"].clone()).unwrap();
    assert_eq!(sent.iter().sum::<u64>(), 35 + 5 * 6 + 1);
}

#[test]
fn the_list_tells_what_a_connection_was() {
    let request = REQUEST.strip_suffix(b"\r\n").unwrap();
    let response = RESPONSE.strip_suffix(b"\r\n").unwrap();
    let chat = b"Sec-WebSocket-Protocol: chat\r\n\r\n";
    let sums = sums(&[
        client(&[request, &chat[..]].concat()),
        server(&[response, &chat[..]].concat()),
        server(&frame(0x8b, b"", None)),
        server(&frame(0x88, &[3, 0xe8], None)),
        client(&frame(0x88, &[3, 0xe8], Some([1, 2, 3, 4]))),
        (Sender::Server, Act::End(How::Fin)),
        (Sender::Client, Act::End(How::Fin)),
    ]);
    let line = of_type(&sums, "connection").next().unwrap();
    assert_eq!(
        json!([line["subprotocol"], line["extensions"], line["closed_by"], line["worst"], line["status"]]),
        json!(["chat", [], "server", "framing/opcode-reserved", 101])
    );
    let side = json!({"frames": 2, "payload": 2, "close_code": 1000, "ended": "fin"});
    assert_eq!(line["server_sent"], side);
    assert_eq!(line["lasted"], "0.600000000");
}

/// JSON lets a later name win silently.
#[test]
fn every_definition_of_the_schema_has_a_name_of_its_own() {
    let indented = |line: &&str| line.starts_with("    \"") && line.ends_with(": {");
    let mut names: Vec<_> = SCHEMA.lines().filter(indented).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(all > 20);
    assert_eq!(names.len(), all, "{names:?}");
}

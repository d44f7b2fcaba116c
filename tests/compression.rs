//! Compressed messages from outside: what the views, the JSON and the options say of them.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use clap::Parser;
use serde_json::{Value, json};
use wslens::cli::{decode, encode};
use wslens::render::page::Page;
use wslens::wire::deflate::write::message::{Deflater, Options};

/// What wslens prints on stdout for these words, this stdin, and how it exits.
#[track_caller]
fn wslens(args: &[&str], input: &str) -> (String, Option<i32>) {
    let output = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("wslens"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .write_stdin(input)
        .output()
        .expect("wslens runs");
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
}

/// The lines of JSON that are about messages.
fn messages(args: &[&str], input: &str) -> Vec<Value> {
    let args = [&["decode", "--json", "--only", "message"], args].concat();
    wslens(&args, input).0.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The head of a transcript whose connection has this number and agreed on permessage-deflate.
fn opened(number: u32) -> String {
    format!(
        "connection {number}\n> GET / HTTP/1.1\n> Host: localhost\n> Connection: Upgrade\n> Upgrade: websocket\n\
         > Origin: http://localhost\n> Sec-WebSocket-Version: 13\n> Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\
         > Sec-WebSocket-Extensions: permessage-deflate\n>\n< HTTP/1.1 101 Switching Protocols\n\
         < Upgrade: websocket\n< Connection: Upgrade\n< Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n\
         < Sec-WebSocket-Extensions: permessage-deflate\n<\n"
    )
}

/// A compressed text of the server, as a line of a transcript.
fn text(payload: &[u8]) -> String {
    assert!(payload.len() < 126);
    format!("< c1 {:02x} {}\n", payload.len(), hex::encode(payload))
}

#[test]
fn the_account_is_in_the_json() {
    let said = messages(&["samples/deflate-takeover.txt"], "");
    let account = |message: &Value| {
        (message["window_bits"].clone(), message["takeover"].clone(), message["account"].clone())
    };
    let first = json!({"messages": 1, "wire_len": 81, "inflated_len": 90, "saved": 9, "memory": 49152});
    assert_eq!(account(&said[0]), (15.into(), true.into(), first));
    let second = json!({"messages": 2, "wire_len": 91, "inflated_len": 180, "saved": 89, "memory": 49152});
    assert_eq!(account(&said[1]), (15.into(), true.into(), second));
    let small = messages(&["samples/deflate-ws-windows.txt", "--sender", "client"], "");
    assert_eq!((&small[0]["window_bits"], &small[0]["takeover"]), (&10.into(), &true.into()));
    let longer = messages(&["--hex", "c1 07 f2 48 cd c9 c9 07 00", "--extensions", "permessage-deflate"], "");
    assert_eq!(longer[0]["account"]["saved"], -2);
}

#[test]
fn a_message_in_pieces_is_summed_up_in_both_sizes() {
    let (summary, _) = wslens(&["decode", "samples/deflate-fragments.txt", "--view", "summary"], "");
    assert!(summary.contains("\"ha ha ha ha ha ha ha, said th…\""), "{summary}");
    assert!(summary.contains("message 1 is whole: 39→53"), "{summary}");
    let ascii = ["decode", "samples/deflate-fragments.txt", "--view", "summary", "--ascii"];
    let (summary, _) = wslens(&ascii, "");
    assert!(summary.is_ascii() && summary.contains("message 1 is whole: 39>53"), "{summary}");
}

#[test]
fn the_limit_of_a_message_is_the_users() {
    let mut deflater = Deflater::new(Options::default());
    let input = opened(1) + &text(&deflater.message(&[b'a'; 5000])) + &text(&deflater.message(b"next"));
    let (lesson, code) = wslens(&["decode", "--message-limit", "1000"], &input);
    assert!(lesson.contains("Stopped at 1,000 bytes, "), "{lesson}");
    let words: String = lesson.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("no message may be larger here"), "{lesson}");
    assert!(lesson.contains("\"next\""), "what follows is read: {lesson}");
    assert_eq!(code, Some(0));
    let (summary, _) = wslens(&["decode", "--message-limit", "1000", "--view", "summary"], &input);
    assert!(summary.contains("→1000") && summary.contains("stopped, 5 bytes left: limit"), "{summary}");
    let said = messages(&["--message-limit", "1000"], &input);
    assert_eq!((&said[0]["inflated"], &said[0]["inflated_len"]), (&"limit".into(), &1000.into()));
    assert_eq!((&said[1]["inflated"], &said[1]["text"]), (&"whole".into(), &"next".into()));
    let said = messages(&["--message-limit", "5K"], &input);
    assert_eq!((&said[0]["inflated"], &said[0]["inflated_len"]), (&"whole".into(), &5000.into()));
}

#[test]
fn the_ratio_limit_is_the_users() {
    // A block whose length and distance take a bit each: a thousand times as much as it has bytes.
    let bomb = Deflater::new(Options::default()).message(&vec![0; 1_000_000]);
    assert!(bomb.len() < 1100);
    let input = format!("{}< c2 7e {:04x} {}\n< 81 02 \"Hi\"\n", opened(1), bomb.len(), hex::encode(&bomb));
    let said = messages(&["--ratio-limit", "2", "--payload", "none"], &input);
    assert_eq!((&said[0]["inflated"], &said[0]["inflated_len"]), (&"ratio".into(), &(2 * 65_536).into()));
    assert!(said[0]["not_inflated"].as_u64() > Some(500), "{said:?}");
    assert_eq!(said[1]["opcode_name"], "text");
    let (_, code) = wslens(&["check", "--ratio-limit", "2"], &input);
    assert_eq!(code, Some(0), "who sends a bomb breaks no rule");
}

#[test]
fn the_memory_of_the_windows_is_the_users() {
    let payloads = |times| {
        let mut deflater = Deflater::new(Options::default());
        (0..times).map(|_| text(&deflater.message(b"said once, and said once more"))).collect::<Vec<_>>()
    };
    let (one, other) = (payloads(2), payloads(1));
    let input = opened(1) + &one[0] + &opened(2) + &other[0] + "connection 1\n" + &one[1];
    let unknown = |memory: &str| -> Vec<_> {
        let said = messages(&["--window-memory", memory], &input);
        said.iter().map(|message| message["unknown"].as_u64().unwrap()).collect()
    };
    assert_eq!(unknown("96K"), [0, 0, 0]);
    assert!(unknown("95K")[2] > 10, "there is room for one window only");
    let (lesson, _) = wslens(&["decode", "--window-memory", "50K"], &input);
    let words: String = lesson.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("in a window that was dropped, the longest idle one"), "{lesson}");
    assert!(lesson.contains("????"), "{lesson}");
}

#[test]
fn a_wrong_limit_is_explained() {
    for args in [
        ["--message-limit", "0"],
        ["--message-limit", "2T"],
        ["--ratio-limit", "0"],
        ["--window-memory", "x"],
    ] {
        let (_, code) = wslens(&[&["decode"], &args[..]].concat(), "81 00");
        assert_eq!(code, Some(2), "{args:?}");
    }
}

#[test]
fn what_came_before_rfc_7692_is_named_and_left_alone() {
    let sample = "samples/deflate-frame.txt";
    let said = messages(&[sample], "");
    let compressed: Vec<_> = said.iter().map(|message| message["compressed"].clone()).collect();
    assert_eq!(compressed, [Value::Null, false.into(), Value::Null]);
    assert!(said[0]["text"].is_null() && said[1]["text"] == "Hello" && said[2]["text"].is_null());
    let (lesson, _) = wslens(&["decode", sample, "--only", "frame"], "");
    let words: String = lesson.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("x-webkit-deflate-frame was agreed"), "{lesson}");
    assert!(
        words.contains("this frame is compressed") && !words.contains("(permessage-deflate)"),
        "{lesson}"
    );
    let (lesson, _) = wslens(&["decode", sample, "--only", "response"], "");
    assert!(lesson.contains("RSV1 marks compressed"), "{lesson}");
    let (lesson, _) = wslens(&["decode", "samples/extension-not-known.txt"], "");
    assert!(lesson.contains("An extension was agreed that is not known here"), "{lesson}");
    assert!(!lesson.contains("handshake was not seen"), "{lesson}");
}

#[derive(Parser)]
struct Encode {
    #[command(flatten)]
    args: encode::Args,
}

#[derive(Parser)]
struct Decode {
    #[command(flatten)]
    args: decode::Args,
}

/// The frames for these words, taken apart again: message by message the text, the verdict, and the findings.
fn there_and_back(words: &[&str], extensions: &str) -> Vec<Value> {
    let mut hex = Vec::new();
    let line = Encode::try_parse_from([&["encode"], words].concat()).expect("words");
    line.args.run(&Page::plain(), &mut hex).map_err(|failure| failure.to_string()).unwrap();
    let hex = String::from_utf8(hex).unwrap();
    let words = ["decode", "--json", "--only", "message", "--extensions", extensions, "--hex", &hex];
    let (line, mut json) = (Decode::try_parse_from(words).expect("words"), Vec::new());
    line.args.run(&Page::plain(), &mut json).map_err(|failure| failure.to_string()).unwrap();
    let json = String::from_utf8(json).unwrap();
    json.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn what_encode_compresses_decode_inflates() {
    let texts =
        ["ha ha ha ha, said the one", "ha ha ha ha, said the other", "", "x", "Grüße, 世界! ha ha ha ha"];
    for block in ["any", "stored", "fixed", "dynamic"] {
        for bits in ["8", "9", "15"] {
            for level in ["0", "1", "9"] {
                for flags in
                    [&[][..], &["--bfinal"], &["--no-takeover"], &["--bfinal", "--no-takeover", "--mask"]]
                {
                    let mut words =
                        vec!["--deflate", "--block", block, "--window-bits", bits, "--level", level];
                    words.extend(flags);
                    words.extend(if bits == "8" { &["--fragment", "3"][..] } else { &[] });
                    words.extend(texts.iter().flat_map(|text| ["--text", text]));
                    let takeover = if flags.contains(&"--no-takeover") {
                        "; server_no_context_takeover; client_no_context_takeover"
                    } else {
                        ""
                    };
                    let agreed = format!(
                        "permessage-deflate; server_max_window_bits={bits}; client_max_window_bits={bits}{takeover}"
                    );
                    let said = there_and_back(&words, &agreed);
                    let read: Vec<_> =
                        said.iter().map(|message| message["text"].as_str().unwrap_or("-")).collect();
                    assert_eq!(read, texts, "{words:?}");
                    for message in said {
                        assert_eq!((&message["inflated"], &message["unknown"]), (&"whole".into(), &0.into()));
                        let rules: Vec<_> = message["findings"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .map(|it| it["rule"].clone())
                            .collect();
                        assert!(
                            rules.iter().all(|rule| rule == "compression/larger-than-plain"),
                            "{words:?}: {rules:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn each_finding_about_compression_can_be_made_by_hand() {
    let noise: String =
        (0..700u32).map(|i| char::from(b'!' + (i.wrapping_mul(2_654_435_761) >> 25) as u8 % 90)).collect();
    let far = format!("{noise}{noise}");
    for (words, extensions, rule) in [
        (&["--text", "Hello, hello", "--break", "code-lengths"][..], "", "not-deflate"),
        (&["--text", "Hello, hello", "--break", "cut"], "", "truncated"),
        (&["--text", "Hello, hello", "--break", "no-flush"], "", "no-empty-block"),
        (&["--text", "Hello, hello", "--break", "tail-kept"], "", "bytes-left-over"),
        (&["--text", &far], "; server_max_window_bits=9", "beyond-window"),
        (&["--text", "ha ha ha", "--text", "ha ha ha"], "; server_no_context_takeover", "takeover-refused"),
        (&["--text", "Hi"], "", "larger-than-plain"),
    ] {
        let said =
            there_and_back(&[&["--deflate"], words].concat(), &format!("permessage-deflate{extensions}"));
        let findings = said.last().unwrap()["findings"].to_string();
        assert!(findings.contains(&format!("\"compression/{rule}\"")), "{words:?}: {findings}");
    }
    let words = ["encode", "--deflate", "--text", "Hello", "--break", "too-far", "--output", "transcript"];
    let (findings, code) = wslens(&["check"], &wslens(&words, "").0);
    assert!(findings.contains("compression/beyond-start"), "{findings}");
    assert_eq!(code, Some(1));
}

#[test]
fn behind_a_hole_unknown_bytes_are_marked() {
    let said = messages(&["samples/deflate-hole.txt"], "");
    assert_eq!((&said[1]["inflated"], &said[1]["complete"]), (&"gap".into(), &false.into()));
    let text = said[2]["text"].as_str().unwrap();
    assert!(text.contains('?') && text.ends_with("and new words"), "{text}");
    let marked = text.bytes().filter(|byte| *byte == b'?').count();
    assert_eq!(said[2]["unknown"], marked);
    let (_, code) = wslens(&["check", "--fail-on", "note", "samples/deflate-hole.txt"], "");
    assert_eq!(code, Some(0), "nobody is accused of a hole in the capture");
}

#[test]
fn the_lesson_says_how_a_broken_message_ended() {
    let lesson = |flaw| {
        let words = ["encode", "--deflate", "--text", "Hello, hello", "--break", flaw, "--output", "lesson"];
        wslens(&words, "").0.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(lesson("block-type").contains("12 bytes inflated, then no DEFLATE"));
    assert!(lesson("cut").contains("8 bytes inflated, cut inside a block"));
}

//! HARs of every program that writes them: messages as messages, whatever is wrong with the file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod support;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use support::golden;

fn sample(name: &str) -> String {
    format!("{}/samples/har-{name}.har", env!("CARGO_MANIFEST_DIR"))
}

fn run(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    command.args(args).env("LC_ALL", "C.UTF-8").env("COLUMNS", "80");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The messages that are told of a HAR: sender, opcode and payload.
fn messages(output: &Output) -> Vec<Value> {
    let all = lines(output);
    assert!(!all.iter().any(|line| line["type"] == "frame"), "no frame is invented");
    let messages = all.iter().filter(|line| line["type"] == "message");
    messages.map(|m| json!([m["sender"], m["opcode"], m["text"], m["base64"]])).collect()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_program_s_har_gives_the_same_messages() {
    let all = [
        json!(["client", 1, "hello", null]),
        json!(["server", 1, "Grüße", null]),
        json!(["server", 2, null, "AAEC/w=="]),
        json!(["client", 1, "", null]),
    ];
    for (name, want) in [("chrome", 4), ("firefox", 4), ("mitmproxy", 4), ("charles", 4), ("playwright", 3)] {
        let output = run(&["decode", "--json", &sample(name)], "");
        assert_eq!((output.status.code(), messages(&output)), (Some(0), all[..want].to_vec()), "{name}");
        let lines = lines(&output);
        let (request, message) = (&lines[1], &lines[3]);
        assert_eq!((&request["type"], &request["handshake"]), (&json!("request"), &json!(true)));
        assert_eq!(
            (&request["time"], &message["time"]),
            (&json!("1772373909.250000000"), &json!("1772373909.412000000"))
        );
        assert_eq!(lines[2]["status"], 101);
        assert!(lines.iter().all(|line| line["findings"] == json!([])), "{name}: nothing is accused");
        assert_eq!(said(&output).matches("cannot be known").count(), 1, "{name}");
    }
}

#[test]
fn what_our_own_proxy_recorded_reads_back() {
    let output = run(&["decode", "--json", &sample("wslens")], "");
    let want = [
        json!(["client", 1, "hello", null]),
        json!(["server", 1, "Grüße!", null]),
        json!(["server", 2, null, "AAEC/w=="]),
    ];
    assert_eq!(messages(&output), want);
}

#[test]
fn every_view_shows_messages_as_messages() {
    let mut all = String::new();
    for view in ["lesson", "summary", "table", "diagram", "connections"] {
        let output = run(&["decode", "--view", view, &sample("chrome")], "");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        all.push_str(&format!("--view {view}\n{text}\n"));
    }
    golden::assert_golden("har-chrome.txt", &all);
}

#[test]
fn what_a_har_does_not_keep_is_not_missed() {
    let output = run(&["decode", &sample("playwright")], "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("missing") && !text.contains('✗'), "{text}");
    assert_eq!(run(&["check", &sample("playwright")], "").status.code(), Some(0));
}

#[test]
fn what_it_keeps_is_judged() {
    let har = std::fs::read_to_string(sample("chrome")).unwrap();
    let wrong = har.replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo9");
    let output = run(&["check", "-"], &wrong);
    let found = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.code() == Some(1) && found.contains("response/accept-wrong"), "{found}");
    assert_eq!(found.lines().count(), 1, "{found}");
}

#[test]
fn whatever_is_wrong_what_could_be_read_is_shown() {
    let har = std::fs::read_to_string(sample("chrome")).unwrap();
    let broken = |from: &str, to: &str| {
        assert!(har.contains(from));
        run(&["decode", "--json", "-"], &har.replacen(from, to, 1))
    };
    let base64 = broken("AAEC/w==", "AA!C/w==");
    assert_eq!((base64.status.code(), messages(&base64).len()), (Some(2), 3));
    assert!(said(&base64).contains("stdin:23:"), "{}", said(&base64));
    assert!(said(&base64).contains("the base64 of a message is broken: '!' at its character 3"));
    assert!(lines(&base64).iter().any(|line| line["why"] == "reported"), "the row is shown as what it is");

    let json = broken("\"opcode\": 2,", "\"opcode\": 2;");
    assert_eq!((json.status.code(), messages(&json).len()), (Some(2), 2));
    assert!(said(&json).contains("stdin:23:") && said(&json).contains("this is no JSON"), "{}", said(&json));

    // A byte that is no UTF-8: still a HAR, up to there.
    let dir = tempfile::tempdir().unwrap();
    let (path, at) = (dir.path().join("latin.har"), har.find("AAEC").unwrap());
    let latin = [&har.as_bytes()[..at], b"\xfc", &har.as_bytes()[at..]].concat();
    std::fs::write(&path, latin).unwrap();
    let output = run(&["decode", "--json", path.to_str().unwrap()], "");
    assert_eq!((output.status.code(), messages(&output).len()), (Some(2), 2));
    assert!(said(&output).contains("read as har") && said(&output).contains(".har:23:"), "{}", said(&output));
    assert!(said(&output).contains("a string has bytes that are no UTF-8; what came before was read"));
    let control = broken("AAEC/w==", "AAEC\u{1}");
    assert_eq!((control.status.code(), messages(&control).len()), (Some(2), 2));
    assert!(said(&control).contains("a control character stands in a string, where JSON has an escape"));
    // What only has the name of one is not read as the bytes of a socket.
    std::fs::write(&path, "{}").unwrap();
    let output = run(&["decode", path.to_str().unwrap()], "");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(said(&output).contains("its name is that of a HAR"), "{}", said(&output));

    for cut in (0..har.len()).filter(|at| har.is_char_boundary(*at)).step_by(97) {
        let output = run(&["decode", "--json", "--format", "har", "-"], &har[..cut]);
        assert_eq!(output.status.code(), Some(2), "cut at {cut}");
        assert!(said(&output).contains("error: stdin:"), "{}", said(&output));
    }
    let none = run(&["decode", "-"], r#"{"log":{"entries":[{"request":{"url":"http://a/"}},{}]}}"#);
    assert_eq!(none.status.code(), Some(0));
    assert!(said(&none).contains("2 entries that are no WebSocket left out"), "{}", said(&none));
    assert!(said(&none).contains("no entry of this HAR is a WebSocket"));
}

#[test]
fn half_a_character_is_read_as_none_and_said() {
    let har = std::fs::read_to_string(sample("chrome")).unwrap();
    let with = |text: &str| run(&["decode", "--json", "-"], &har.replacen("\"hello\"", text, 1));
    for (text, want, said_of_it) in [
        (r#""a\ud800b""#, "a\u{fffd}b", "half a surrogate pair stands alone, and is no text"),
        (r#""\udc00""#, "\u{fffd}", "half a surrogate pair stands alone"),
        (
            r#""\ud83d\ud83d\ude00\ud83d""#,
            "\u{fffd}😀\u{fffd}",
            "2 halves of surrogate pairs stand alone, and are no text",
        ),
        (r#""\\\ud800""#, "\\\u{fffd}", "half a surrogate pair stands alone"),
        (r#""\\ud800 \ud83d\ude00""#, "\\ud800 😀", ""),
    ] {
        let output = with(text);
        let all = messages(&output);
        assert_eq!((output.status.code(), all.len()), (Some(0), 4), "{text}: {}", said(&output));
        assert_eq!(all[0], json!(["client", 1, want, null]));
        assert!(said(&output).contains(said_of_it), "{text}: {}", said(&output));
        let placed = said(&output).contains("(first at 21:");
        assert_eq!(placed, !said_of_it.is_empty(), "{}", said(&output));
    }
    // Wherever the pieces end in which the file comes.
    for before in 65_400..65_560 {
        let text = format!("\"{}\\ud800\\ud83d\\ude00\"", "x".repeat(before));
        let entry = format!(r#"{{"_webSocketMessages":[{{"type":"send","opcode":1,"data":{text}}}]}}"#);
        let output = run(&["decode", "--json", "-"], &format!(r#"{{"log":{{"entries":[{entry}]}}}}"#));
        let all = messages(&output);
        assert!(all[0][2].as_str().unwrap().ends_with("x\u{fffd}😀"), "{before}: {}", said(&output));
    }
}

#[test]
fn neither_the_order_of_members_nor_odd_types_matter() {
    let entry = r#"{"response":{"headers":7,"status":"101"},"_webSocketMessages":[7,null,"x",{"data":["y"]},{"type":"send",
        "time":"2026-03-01T14:05:09Z","opcode":1,"data":"a"}],"timings":[],"request":null,"startedDateTime":5}"#;
    let output =
        run(&["decode", "--json", "-"], &format!("\u{feff}{{ \"log\" : {{\"entries\":[{entry}]}} }}"));
    assert_eq!((output.status.code(), messages(&output)), (Some(0), vec![json!(["client", 1, "a", null])]));
}

/// What is rebuilt of a broken request reads as no HTTP, and is never taken for frames.
#[test]
fn no_request_is_odd_enough_to_become_frames() {
    for method in ["GET#", "\u{81}\u{5}", "", "A-", "GETGETGETGETGETGETGETGETGET"] {
        let har = json!({"log": {"entries": [{
            "_webSocketMessages": [{"type": "send", "time": 1.5, "opcode": 1, "data": "hi"}],
            "request": {"method": method, "url": "ws://a/b", "headers": []},
        }]}});
        let output = run(&["decode", "--json", "--format", "har"], &har.to_string());
        assert_eq!(messages(&output), [json!(["client", 1, "hi", null])], "{method:?}");
    }
}

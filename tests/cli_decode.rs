//! `wslens decode`, `check` and `schema` from outside: input, options, output, exit codes.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const HELLO: &str = "81 05 48 65 6c 6c 6f";

fn wslens(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("wslens"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[track_caller]
fn run(args: &[&str], input: &[u8]) -> Output {
    assert_cmd::Command::from_std(wslens(args)).write_stdin(input).output().expect("wslens runs")
}

/// The lines of JSON on stdout, of a run that ends with this exit code.
#[track_caller]
fn lines(output: &Output, code: i32) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The type of each line, and the number of frames.
fn types(lines: &[Value]) -> String {
    let word = |line: &Value| match line["number"].as_u64() {
        Some(number) => format!("{}{number}", &line["type"].as_str().unwrap()[..1]),
        None => line["type"].as_str().unwrap().to_owned(),
    };
    lines.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn types_of(args: &[&str]) -> String {
    types(&lines(&run(args, b""), 0))
}

const TUTORIAL: &str = "samples/tutorial-5-fragments-ping-close.txt";

#[test]
fn hex_stdin_and_a_file_say_the_same() {
    let inline = run(&["decode", "--json", "--hex", HELLO], b"");
    let expected = lines(&inline, 0);
    assert_eq!(types(&expected), "open f1 m1 end end");
    assert_eq!(expected[1]["text"], "Hello");
    for args in [&["decode", "--json"][..], &["decode", "--view", "json", "-"]] {
        let output = run(args, HELLO.as_bytes());
        assert_eq!(lines(&output, 0)[1..], expected[1..]);
        assert!(stderr(&output).contains("--format raw if not"), "{}", stderr(&output));
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hello.bin");
    fs::write(&file, b"\x81\x05Hello").unwrap();
    assert_eq!(lines(&run(&["decode", "--json", file.to_str().unwrap()], b""), 0)[1..], expected[1..]);
}

#[test]
fn several_files_number_their_connections_on() {
    let output =
        run(&["decode", "--json", "--only", "open", TUTORIAL, "samples/two-connections.txt", "-"], b"8100");
    let numbers: Vec<_> = lines(&output, 0).iter().map(|line| line["connection"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert!(stderr(&output).contains(&format!("{TUTORIAL}: read as transcript")), "{}", stderr(&output));
}

#[test]
fn an_unreadable_or_damaged_file_is_told_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let damaged = dir.path().join("damaged.hex");
    fs::write(&damaged, "81 05 48 6").unwrap();
    let output = run(&["decode", "--json", "nowhere.bin", damaged.to_str().unwrap(), TUTORIAL], b"");
    let shown = lines(&output, 2);
    assert!(shown.iter().all(|line| line["connection"] == 1) && types(&shown).ends_with("end end"));
    let said = stderr(&output);
    assert!(said.contains("error: nowhere.bin: there is no such file"), "{said}");
    assert!(said.contains("damaged.hex:1:"), "{said}");
    let directory = run(&["decode", dir.path().to_str().unwrap()], b"");
    assert_eq!(directory.status.code(), Some(2), "a directory is no file");
}

#[test]
fn nothing_to_decode_is_said_and_no_failure() {
    for input in [&b""[..], b"# only a comment\n"] {
        let output = run(&["decode", "--format", "transcript"], input);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
        assert!(stderr(&output).contains("nothing to decode"), "{}", stderr(&output));
    }
}

#[test]
fn decode_never_judges_by_its_exit_code() {
    let output = run(&["decode", "--json", "--hex", "83 00"], b"");
    assert!(lines(&output, 0).iter().any(|line| line["findings"] != serde_json::json!([])));
}

#[test]
fn the_sender_and_the_extensions_can_be_told() {
    let masked = |args: &[&str]| {
        let output = run(&[&["decode", "--json", "--only", "frame", "--hex", "c1 00"], args].concat(), b"");
        let frame = lines(&output, 0).remove(0);
        let rules: Vec<_> = frame["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["rule"].as_str().unwrap().to_owned())
            .collect();
        (frame["sender"].as_str().unwrap().to_owned(), rules.join(" "))
    };
    assert_eq!(masked(&[]), ("server".into(), String::new()));
    assert_eq!(masked(&["--from", "client"]), ("client".into(), "framing/client-not-masked".into()));
    assert_eq!(masked(&["--extensions", "none"]), ("server".into(), "framing/rsv1-not-agreed".into()));
    assert_eq!(masked(&["--extensions", "permessage-deflate; server_no_context_takeover"]).1, "");
}

#[test]
fn payload_is_capped() {
    let message = |payload: &str| {
        let args =
            ["decode", "--json", "--only", "message", "--payload", payload, "--hex", "81 05 48 65 c3 a9 6f"];
        lines(&run(&args, b""), 0).remove(0)
    };
    let all = message("all");
    assert_eq!((all["text"].as_str(), all["payload_omitted"].as_u64()), (Some("Heéo"), None));
    let three = message("3");
    assert_eq!((three["text"].as_str(), three["payload_omitted"].as_u64()), (Some("He"), Some(3)));
    let none = message("none");
    assert_eq!((none["text"].as_str(), none["payload_omitted"].as_u64()), (None, Some(5)));
}

#[test]
fn what_is_shown_is_selected() {
    let decode = |args: &[&str]| types_of(&[&["decode", "--json", TUTORIAL][..], args].concat());
    assert_eq!(decode(&["--only", "message,end"]), "m1 m2 end end");
    assert_eq!(decode(&["--hide", "open,handshake,data,end"]), "f2 f3 f6 f7");
    assert_eq!(decode(&["--sender", "server", "--only", "frames"]), "f2 f5 f6");
    assert_eq!(decode(&["--frames", "4-5"]), "f4 m1 f5 m2");
    assert_eq!(decode(&["--frames", "-2"]), "f1 f2 m1");
    assert_eq!(decode(&["--frames", "7-"]), "f7");
    assert_eq!(decode(&["--connection", "2"]), "");
    assert_eq!(decode(&["--host", "localhost:8000", "--frames=1"]), "f1 m1");
    assert_eq!(decode(&["--host", "elsewhere"]), "");
    assert_eq!(decode(&["--path", "/", "--only", "open"]), "open");
    assert_eq!(decode(&["--path", "/chat"]), "");
}

#[test]
fn each_text_view_shows_a_frame() {
    for (view, part) in [
        ("lesson", "the last frame of its message"),
        ("diagram", "Payload len"),
        ("summary", "\"Hello\"\n"),
        ("table", "text"),
        ("deflate", "text, not compressed"),
    ] {
        for hidden in ["request", "message,end"] {
            let output = run(&["decode", "--view", view, "--hide", hidden, "--hex", HELLO], b"");
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && text.contains(part), "{view} without {hidden}: {text}");
            assert!(text.ends_with('\n'), "{view} without {hidden}: {text}");
        }
    }
}

#[test]
fn a_bad_value_is_a_sentence_and_exit_code_2() {
    for (args, sentence) in [
        (&["--frames", "7-3"][..], "write 3-7"),
        (&["--frames", "x"], "is no number and no range"),
        (&["--only", "pongg"], "is no kind of thing"),
        (&["--hide", ""], "is no kind of thing"),
        (&["--sender", "browser"], "a sender is client or server"),
        (&["--from", "me"], "a sender is client or server"),
        (&["--payload", "some"], "give none, all or a number of bytes"),
        (&["--extensions", "a; =1"], "column 4: a semicolon with no parameter behind it"),
        (&["--extensions", ""], "names no extension"),
        (&["--format", "hexdump-C"], "hexdump-c"),
        (&["--json", "--view", "lesson"], "leave --view out"),
        (&["--hex", "81 00", "file"], "cannot be used with"),
    ] {
        let output = run(&[&["decode"], args].concat(), b"");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(stderr(&output).contains(sentence), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn what_came_is_shown_before_more_is_waited_for() {
    let mut child = wslens(&["decode", "--json", "--format", "raw"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = |kind: &str| {
        let line: Value = serde_json::from_str(&stdout.next().unwrap().unwrap()).unwrap();
        assert_eq!(line["type"], kind);
    };
    stdin.write_all(b"\x81\x05Hello").unwrap();
    ["open", "frame", "message"].into_iter().for_each(&mut next);
    stdin.write_all(b"\x89\x00").unwrap();
    next("frame");
    drop(stdin);
    ["end", "end"].into_iter().for_each(&mut next);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_closed_pipe_is_a_quiet_end_and_nothing_more_is_read() {
    let mut child = wslens(&["decode", "--json", "--format", "raw", "/dev/zero"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 1000];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!stderr(&output).contains("error"), "{}", stderr(&output));
}

#[test]
fn check_prints_findings_and_exits_with_1() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("odd.bin");
    fs::write(&file, b"\x81\x00\x82\x7e\x00\x01x").unwrap();
    let file = file.to_str().unwrap();
    let output = run(&["check", TUTORIAL, file], b"");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let begin = format!("{file}:1:server:2: must framing/length-minimal RFC 6455 §5.2 ");
    assert!(text.starts_with(&begin) && text.lines().count() == 1, "{text}");
    assert!(
        stderr(&run(&["check", TUTORIAL, file], b"")).ends_with("1 must, 0 should, 0 note in 2 inputs\n")
    );

    let output = run(&["check", "--json", file], b"");
    let finding = &lines(&output, 1)[0];
    assert_eq!(finding["rule"], "framing/length-minimal");
    assert_eq!((finding["file"].as_str(), finding["frame"].as_u64()), (Some(file), Some(2)));
}

#[test]
fn check_says_only_what_changes_the_meaning() {
    let said = |args: &[&str], input: &[u8]| stderr(&run(&[&["check"], args].concat(), input));
    let clean = "no findings in 1 input\n";
    assert_eq!(said(&[TUTORIAL], b""), clean);
    assert_eq!(said(&["--from", "server"], b"81 05 48 65 6c 6c 6f"), clean);
    assert_eq!(said(&["--from", "server"], b"\x81\x00"), clean);
    assert_eq!(said(&[], b""), format!("stdin is empty\n{clean}"));
    assert!(said(&[], b"81 05 48 65 6c 6c 6f").starts_with("taken as the server's"));
    assert!(said(&["--from", "server"], b"10000001 00000000").starts_with("read as "));
    assert!(said(&["--from", "server"], b"Hi, from the server!").contains("plain text and no dump"));
    assert!(stderr(&run(&["decode", TUTORIAL], b"")).starts_with("read as transcript"));
}

#[test]
fn check_decides_by_level_and_by_what_could_be_read() {
    let wrong = b"\x83\x00";
    let code = |args: &[&str], input: &[u8]| run(&[&["check"], args].concat(), input).status.code().unwrap();
    assert_eq!(code(&[], wrong), 1);
    assert_eq!(code(&["--fail-on", "note"], wrong), 1);
    assert_eq!(code(&["--fail-on", "never"], wrong), 0);
    assert_eq!(code(&["--hide", "frame"], wrong), 1, "what is shown changes nothing");
    assert_eq!(code(&["-", "nowhere.bin"], wrong), 2, "2 wins over 1");
    let unread = stderr(&run(&["check", "nowhere.bin"], b""));
    assert!(unread.ends_with("no findings in 1 input, as far as could be read\n"), "{unread}");
    assert_eq!(code(&["--fail-on", "sometimes"], wrong), 2);
    let clean = run(&["check"], b"\x81\x00");
    assert_eq!((clean.status.code(), clean.stdout.len()), (Some(0), 0));
    assert!(stderr(&clean).ends_with("no findings in 1 input\n"));
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["schema"], b"");
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

/// A million frames of nothing, and a message in a million pieces: linear time, constant memory.
#[test]
fn a_million_frames_take_little_time_and_memory() {
    let mut pieces = b"\x01\x01a".to_vec();
    pieces.extend(b"\x00\x01b".repeat(999_998));
    pieces.extend(b"\x80\x01c");
    for input in [b"\x82\x00".repeat(1_000_000), pieces] {
        let begin = Instant::now();
        let mut child = wslens(&["decode", "--json", "--format", "raw"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let drain = std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()).unwrap());
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&input).unwrap();
        // All but what a pipe holds has been decoded by now.
        let peak = peak_memory(child.id());
        drop(stdin);
        assert!(drain.join().unwrap() > 300_000_000, "all frames are shown");
        assert!(child.wait().unwrap().success());
        if let Some(peak) = peak {
            assert!(peak < 64 << 10, "{peak} KiB");
        }
        // Generous, for a build without optimisation on a busy machine: quadratic time would take hours.
        assert!(begin.elapsed() < Duration::from_secs(60));
    }
}

/// The most memory that a process had, in KiB, where the system tells.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[test]
fn the_deflate_view_is_text_or_json() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/deflate-takeover.txt");
    let text = String::from_utf8(run(&["decode", "--view", "deflate", sample], b"").stdout).unwrap();
    assert!(text.contains("← message 1 at 43") && text.contains("87 from message 1"), "{text}");
    let json =
        String::from_utf8(run(&["decode", "--view", "deflate", "--json", sample], b"").stdout).unwrap();
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let copies: Vec<_> =
        lines.iter().filter(|line| line["piece"] == "copy" && line["message"] == 2).collect();
    assert_eq!(copies[1]["from"], serde_json::json!({"where": "earlier", "message": 1, "at": 43}));
    assert_eq!((&copies[1]["bit"], &copies[1]["bits"]), (&47.into(), &"0010010001".into()));
    let message = lines.iter().rfind(|line| line["type"] == "message").expect("a message");
    assert_eq!(message["sources"]["earlier"], serde_json::json!([[1, 87]]));
    let plain = String::from_utf8(run(&["decode", "--json", sample], b"").stdout).unwrap();
    assert!(!plain.contains("\"part\"") && !plain.contains("sources"), "only where it is asked for");
    // What is not shown is known all the same: the second message alone still names the first.
    let second = run(&["decode", "--view", "deflate", "--frames", "2", sample], b"");
    let second = String::from_utf8(second.stdout).unwrap();
    assert!(second.contains("← message 1 at 43") && !second.contains("message 1, text"), "{second}");
}

#[test]
fn plain_text_is_explained_once_a_run() {
    let text =
        b"And many more words follow here, in a long line of text that is no frame; it goes on and on. "
            .repeat(5);
    let long: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
    let input = format!("< {long}\n");
    let output = run(&["decode", "--json", "--extensions", "none"], input.as_bytes());
    let hints = |lines: &[Value]| -> Vec<String> {
        let all = lines.iter().flat_map(|line| line["findings"].as_array().unwrap().clone());
        let hints = all.filter(|finding| finding["rule"] == "hint/unframed-text");
        hints.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
    };
    let told = hints(&lines(&output, 0));
    assert!(told.len() > 2 && told[0].starts_with("These bytes are plain text: \"And many"), "{told:?}");
    assert!(told[1..].iter().all(|hint| hint.starts_with("The plain text goes on: ")), "{told:?}");
    // Behind a frame that is one it is said anew.
    let line = "< \"A text of 34 bytes as a frame is..\"\n";
    let input = format!("{line}< 81026869\n{line}{line}");
    let output = run(&["decode", "--json", "--extensions", "none"], input.as_bytes());
    let told = hints(&lines(&output, 0));
    let begins: Vec<_> = told.iter().map(|hint| hint.split(':').next().unwrap()).collect();
    let (first, more) = ("These bytes are plain text", "The plain text goes on");
    assert_eq!(begins, [first, first, more]);
}

#[test]
fn an_rst_ends_both_sides_in_the_summary() {
    let output = run(&["decode", "--view", "summary"], b"> 81 80 01 02 03 04\n> RST\n");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("RST") && text.ends_with("end                    cut off by the other side's RST\n"),
        "{text}"
    );
    assert!(!text.contains("the input stops here"), "{text}");
}

#[test]
fn how_long_a_lost_segment_is_waited_for_can_be_told() {
    for wrong in ["--wait=nan", "--wait=-1", "--wait=soon"] {
        let output = run(&["decode", wrong, "-"], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("a number of seconds"), "{}", stderr(&output));
    }
    // A segment of the client comes when those behind it have come, some microseconds later.
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/capture-out-of-order.pcapng");
    let gaps = |args: &[&str]| {
        let all = lines(&run(&[&["decode", "--json", sample], args].concat(), b""), 0);
        all.iter().filter(|line| line["type"] == "gap").count()
    };
    assert_eq!([gaps(&[]), gaps(&["--wait", "1000", "--wait-bytes", "100000"])], [0, 0]);
    assert!(gaps(&["--wait", "0"]) > 0 && gaps(&["--wait-bytes", "0"]) > 0);
}

#[test]
fn dates_are_those_of_the_zone_where_they_are_read() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/capture-two-connections.pcap");
    for (view, zone, time, said) in [
        ("summary", "CET-1CEST,M3.5.0,M10.5.0/3", "absolute", " 2026-03-01T15:05:"),
        ("summary", "CET-1CEST,M3.5.0,M10.5.0/3", "absolute", "+01:00 "),
        ("lesson", "<-0930>9:30", "absolute", " 2026-03-01T04:35:"),
        ("lesson", "<-0930>9:30", "absolute", "-09:30\n"),
        ("summary", "UTC", "absolute", "+00:00 "),
        ("summary", "<-0930>9:30", "utc", " 2026-03-01T14:05:"),
        ("lesson", "CET-1CEST,M3.5.0,M10.5.0/3", "utc", "Z\n"),
    ] {
        let mut command = wslens(&["decode", "--view", view, "--time", time, sample]);
        let output = command.env("TZ", zone).output().expect("wslens runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.contains(said), "{view} {zone} {time}: {text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

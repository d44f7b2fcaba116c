//! Our own JSON Lines read back: the same frames and messages, to the bit.

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

use serde_json::Value;

fn run(args: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    let mut child = command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
    std::thread::spawn(move || stdin.write_all(&input));
    child.wait_with_output().unwrap()
}

/// The lines without what tells where they were read.
fn comparable(lines: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(lines).unwrap();
    let parse = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        for key in ["input", "packets", "segments", "header_cut"] {
            value.as_object_mut().unwrap().remove(key);
        }
        value
    };
    text.lines().map(parse).collect()
}

#[test]
fn every_sample_reads_back_from_its_json_lines() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in names.iter().filter(|path| !path.ends_with("README.md")) {
        let lines = run(&["decode", "--json", path.to_str().unwrap()], b"").stdout;
        let again = run(&["decode", "--json", "-"], &lines);
        assert!(again.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&again.stderr));
        let (want, got) = (comparable(&lines), comparable(&again.stdout));
        for (got, want) in got.iter().zip(&want) {
            assert_eq!(got, want, "{}", path.display());
        }
        assert_eq!(got.len(), want.len(), "{}", path.display());
    }
}

#[test]
fn what_was_left_out_of_a_payload_is_missing() {
    let transcript = b"> GET / HTTP/1.1\n> Upgrade: websocket\n>\n< HTTP/1.1 101 x\n< Upgrade: websocket\n<\n< 82 7e 01 00 \"a\" x 256\n< 81 02 \"hi\"\n< FIN\n";
    let lines = run(&["decode", "--json", "--payload", "10", "-"], transcript).stdout;
    let again = comparable(&run(&["decode", "--json", "-"], &lines).stdout);
    let frames: Vec<_> = again.iter().filter(|line| line["type"] == "frame").collect();
    assert_eq!((&frames[0]["payload_len"], &frames[0]["captured"]), (&256.into(), &10.into()));
    assert_eq!(frames[1]["text"], "hi");
    assert!(again.iter().any(|line| line["type"] == "gap" && line["lost"] == 246));
}

#[test]
fn what_came_before_the_answer_is_read_before_it() {
    let head = "> GET / HTTP/1.1\n> Upgrade: websocket\n>\n";
    let answer = "< HTTP/1.1 101 x\n< Upgrade: websocket\n<\n";
    let early = "> 82 82 01 02 03 04 01 02\n> 01 80 00 00 00 00\n> 80 81 00 00 00 00 61\n";
    let behind = "> 82 81 00 00 00 00 62\n< 81 02 \"hi\"\n";
    let part = "> 82 82 01 02\n";
    let rest = "> 03 04 01 02\n";
    for transcript in [
        [head, early, answer, behind].concat(),
        [head, early, part, answer, rest, behind].concat(),
        [head, early, "> missing 5\n", answer].concat(),
        [head, "> GET / HTTP/1.1\n> Host: x\n>\n", "< HTTP/1.1 404 x\n< Content-Length: 0\n<\n"].concat(),
    ] {
        let lines = run(&["decode", "--json", "-"], transcript.as_bytes()).stdout;
        assert!(String::from_utf8_lossy(&lines).contains("\"early\":"), "{transcript}");
        let again = run(&["decode", "--json", "-"], &lines).stdout;
        assert_eq!(comparable(&again), comparable(&lines), "{transcript}");
    }
}

#[test]
fn a_record_that_was_cut_or_damaged_is_read_as_far_as_it_goes() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/tutorial-5-fragments-ping-close.txt");
    let lines = run(&["decode", "--json", sample], b"").stdout;
    let cut = run(&["decode", "--json", "-"], &lines[..lines.len() - 20]);
    let said = String::from_utf8_lossy(&cut.stderr).into_owned();
    assert!(
        cut.status.code() == Some(2) && said.contains("this line is cut short; what came before was read"),
        "{said}"
    );
    let frames = |bytes: &[u8]| comparable(bytes).iter().filter(|line| line["type"] == "frame").count();
    assert_eq!(frames(&cut.stdout), frames(&lines));
    for (from, to, words) in [
        ("\"sender\":\"server\"", "\"sender\":7", "has no \"sender\""),
        ("\"offset\":", "\"x\":", "has no \"offset\""),
        ("\"raw\":\"", "\"raw\":\"!", "has no \"raw\""),
        ("\"type\":\"frame\",", "\"type\":frame,", "this is no JSON"),
    ] {
        let text = String::from_utf8(lines.clone()).unwrap();
        let bad = run(&["decode", "--json", "-"], text.replace(from, to).as_bytes());
        let said = String::from_utf8_lossy(&bad.stderr).into_owned();
        assert!(bad.status.code() == Some(2) && said.contains(words) && said.contains("stdin:"), "{said}");
    }
}

#[test]
fn half_a_character_is_read_as_none_and_said() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/tutorial-4-reply.txt");
    let lines = run(&["decode", "--json", sample], b"").stdout;
    let text = String::from_utf8(lines).unwrap();
    let at = text.rfind("\"text\":\"").unwrap() + 8;
    let frame = text[..at].rfind("\"type\":\"frame\"").unwrap();
    let at = frame + text[frame..].find("\"text\":\"").unwrap() + 8;
    let broken = format!("{}\\ud800{}", &text[..at], &text[at..]);
    let again = run(&["decode", "--json", "-"], broken.as_bytes());
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.success() && said.contains("half a surrogate pair stands alone"), "{said}");
    assert!(String::from_utf8_lossy(&again.stdout).contains("\u{fffd}"));
}

#[test]
fn frames_alone_and_lines_of_other_kinds_are_no_fault() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/tutorial-5-fragments-ping-close.txt");
    let lines = run(&["decode", "--json", "--only", "frame", sample], b"").stdout;
    let again = run(
        &["decode", "--json", "--only", "frame", "-"],
        &[&lines[..], b"{\"v\":1,\"type\":\"x\"}\n\n"].concat(),
    );
    assert!(
        again.status.success() && String::from_utf8_lossy(&again.stderr).contains("1 lines of other kinds")
    );
    assert_eq!(comparable(&again.stdout).len(), comparable(&lines).len());
}

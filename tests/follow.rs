//! `--follow`: a file that is still being written is shown as far as it has come.

#![cfg(unix)]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use support::net::{Pcap, Pcapng, Talk, host, on_ethernet};
use support::{REQUEST, RESPONSE, masked, server_frame};

fn follow(path: &Path, more: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["decode", "--follow"])
        .args(more)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("wslens runs");
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

/// Reads lines up to one that has these words. Where it never comes, the test never ends.
fn until(out: &mut BufReader<ChildStdout>, words: &str) -> String {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended before {words:?}: {text}");
        text.push_str(&line);
        if line.contains(words) {
            return text;
        }
    }
}

fn interrupt(child: Child, mut out: BufReader<ChildStdout>) -> (i32, String, String) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), rest, String::from_utf8(output.stderr).unwrap())
}

/// A capture of a handshake and twenty frames, as both formats.
fn captures() -> [Vec<u8>; 2] {
    let mut talk = Talk::new(host("192.0.2.1", 50000), host("192.0.2.2", 80), [1, 2]).open();
    talk.say(0, REQUEST).say(1, RESPONSE);
    for i in 0..10 {
        talk.say(0, &masked(0x81, format!("from the client {i}").as_bytes()));
        talk.say(1, &server_frame(0x81, format!("from the server {i}").as_bytes()));
    }
    let packets = on_ethernet(&talk.packets);
    let mut ng = Pcapng::new(false);
    ng.interface(1, 0, &[]);
    for (i, packet) in packets.iter().enumerate() {
        ng.packet(0, i as u64 * 1000, packet);
    }
    [Pcap::default().file(&packets), ng.out]
}

#[test]
fn a_capture_is_shown_while_it_is_written_in_odd_pieces() {
    for whole in captures() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("growing");
        let mut file = File::create(&path).unwrap();
        let (child, mut out) = follow(&path, &["--view", "summary"]);
        // All but the last 40 bytes, in pieces of every size, while the other side already reads.
        let end = whole.len() - 40;
        let (first, bytes) = (whole[..end].to_vec(), whole.clone());
        let writer = thread::spawn(move || {
            let mut at = 0;
            for size in (1..=97usize).cycle() {
                if at == first.len() {
                    break;
                }
                let until = (at + size).min(first.len());
                file.write_all(&first[at..until]).unwrap();
                at = until;
            }
            file
        });
        let shown = until(&mut out, "from the client 9");
        assert_eq!(shown.matches("from the server").count(), 9, "{shown}");
        let mut file = writer.join().unwrap();
        file.write_all(&bytes[end..]).unwrap();
        until(&mut out, "from the server 9");
        let (code, rest, said) = interrupt(child, out);
        assert_eq!(code, 0, "{said}");
        assert!(rest.contains("the input stops here") && !said.contains("error"), "{rest}{said}");
    }
}

#[test]
fn a_packet_that_is_not_whole_when_it_is_stopped_is_no_error() {
    let [whole, _] = captures();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing");
    std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    let (child, mut out) = follow(&path, &["--view", "summary"]);
    until(&mut out, "from the client 9");
    let (code, rest, said) = interrupt(child, out);
    assert_eq!(code, 0, "{said}");
    assert!(!rest.contains("from the server 9"), "{rest}");
    // Where nothing is to follow, the same is one.
    let cut = Command::new(env!("CARGO_BIN_EXE_wslens")).arg("decode").arg(&path).output().unwrap();
    assert_eq!(cut.status.code(), Some(2));
}

#[test]
fn a_transcript_is_followed_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.txt");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"connection 1 a:1 -> b:2\n@0.000 < 81 02 \"Hi\"\n").unwrap();
    let (child, mut out) = follow(&path, &["--view", "summary"]);
    until(&mut out, "\"Hi\"");
    file.write_all(b"@0.100 < 81 03 \"you\"\n@0.200 < 8").unwrap();
    until(&mut out, "\"you\"");
    let (code, _, said) = interrupt(child, out);
    assert_eq!((code, said.contains("error")), (0, false), "{said}");
}

#[test]
fn ctrl_c_ends_the_reading_of_a_pipe_and_what_came_is_shown_to_its_end() {
    let [whole, _] = captures();
    for (view, last) in
        [("summary", "the input stops here"), ("connections", "still open"), ("table", "messages")]
    {
        // The pipe stays open, as that of a tcpdump that goes on; or it ends a little later, as one that was told too.
        for ends in [false, true] {
            let mut child = Command::new(env!("CARGO_BIN_EXE_wslens"))
                .args(["decode", "-", "--view", view])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("wslens runs");
            let mut into = child.stdin.take().unwrap();
            let mut said = BufReader::new(child.stderr.take().unwrap());
            into.write_all(&whole).unwrap();
            let mut line = String::new();
            said.read_line(&mut line).unwrap();
            assert!(line.starts_with("read as pcap"), "{line}");
            let out = BufReader::new(child.stdout.take().unwrap());
            let later = thread::spawn(move || {
                if ends {
                    drop(into);
                    return None;
                }
                Some(into)
            });
            let (code, shown, _) = interrupt(child, out);
            assert_eq!(code, 0, "{shown}");
            assert!(shown.contains(last) && !shown.is_empty(), "{view}: {shown}");
            drop(later.join().unwrap());
        }
    }
}

#[test]
fn a_file_that_is_written_anew_is_not_followed_from_its_middle() {
    let [whole, _] = captures();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing");
    std::fs::write(&path, &whole).unwrap();
    let (mut child, mut out) = follow(&path, &["--view", "summary"]);
    until(&mut out, "from the server 9");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("the input stops here"), "{rest}");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("shorter now than what was read of it"), "{said}");
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn only_one_file_can_be_followed() {
    for (files, says) in [(&["a", "b"][..], "one file"), (&[], "needs a file"), (&["-"], "needs a file")] {
        for command in ["decode", "check"] {
            let output = Command::new(env!("CARGO_BIN_EXE_wslens"))
                .args([command, "--follow"])
                .args(files)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(2) && said.contains(says), "{said}");
        }
    }
}

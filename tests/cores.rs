//! `wslens decode` of a large file, on as many cores as there are, writes what one thread writes.
//!
//! What comes through a pipe is read by one thread, and a large file by several.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::generate::{Network, Plan, Sizes, capture};

/// Captures that are shorter than that are read by one thread.
const LARGE: usize = 2 * 1024 * 1024;

fn decode(options: &[&str], file: &Path) -> [Output; 2] {
    let run = |name: &Path, stdin: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
        command.arg("decode").args(options).arg(name).stdin(stdin);
        command.output().expect("wslens runs")
    };
    [run(Path::new("-"), File::open(file).unwrap().into()), run(file, Stdio::null())]
}

/// What is written, the same by one thread and by several.
fn both_ways(options: &[&str], capture: &[u8]) -> String {
    assert!(capture.len() > LARGE, "{}", capture.len());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    fs::write(&path, capture).unwrap();
    let [one, several] = decode(options, &path);
    let [one_out, several_out] = [one.stdout, several.stdout].map(|out| String::from_utf8(out).unwrap());
    let other = one_out.lines().zip(several_out.lines()).find(|(one, two)| one != two);
    assert_eq!(other, None, "{options:?}");
    assert!(one_out == several_out, "{options:?}");
    assert_eq!(one.status.code(), several.status.code());
    let said =
        |stderr: Vec<u8>| String::from_utf8(stderr).unwrap().replace(&*path.to_string_lossy(), "stdin");
    assert_eq!(said(one.stderr), said(several.stderr));
    one_out
}

const LOSSY: Network = Network { again: 30, late: 50, overlap: 20, lost: 5 };

/// The packets of a capture and of one of other connections with the same nonces, by turns.
fn twice(plan: &Plan) -> Vec<u8> {
    let other = Plan { file: support::generate::File { ipv6: true, ..plan.file }, ..plan.clone() };
    let [first, second] = [plan, &other].map(|plan| capture(plan).0);
    let (header, mut one) = first.split_at(24);
    let (mut out, (_, mut two)) = (header.to_vec(), second.split_at(24));
    while !one.is_empty() || !two.is_empty() {
        for rest in [&mut one, &mut two] {
            let len = rest.get(8..12).map_or(0, |len| 16 + u32::from_le_bytes(len.try_into().unwrap()));
            out.extend_from_slice(rest.split_off(..len as usize).unwrap());
        }
    }
    out
}

#[test]
fn many_connections_with_losses_and_the_same_nonces() {
    let plan =
        Plan { connections: 150, bytes: 1_000_000, sizes: Sizes::Small, network: LOSSY, ..Plan::default() };
    let capture = twice(&plan);
    for options in [
        &["--json", "--payload", "none"][..],
        &["--json"],
        &["--json", "--connection", "3,7-40,290", "--payload", "9"],
        &["--json", "--only", "finding"],
        &["--json", "--path", "/none"],
        &["--json", "--host", "example.com", "--sender", "server", "--hide", "frame"],
    ] {
        let out = both_ways(options, &capture);
        if options == ["--json"] {
            let reused = out.lines().filter(|line| line.contains("\"request/nonce-reused\"")).count();
            assert_eq!(reused, 150);
        }
    }
}

#[test]
fn compressed_messages_of_all_sizes() {
    let plan = Plan { connections: 9, bytes: 6_000_000, compression: true, seed: 5, ..Plan::default() };
    let (capture, _) = capture(&Plan { network: LOSSY, ..plan.clone() });
    let out = both_ways(&["--json", "--payload", "100"], &capture);
    assert!(out.contains("\"inflated\""));
    // Windows for some of the connections only, all in one group.
    let out = both_ways(&["--json", "--payload", "none", "--window-memory", "300K"], &capture);
    assert!(out.contains("\"memory\""), "some windows were dropped");
    both_ways(&["--json", "--view", "deflate", "--only", "message"], &capture);
    both_ways(&["--view", "summary"], &capture);
    both_ways(&["--view", "deflate", "--payload", "1"], &capture);
}

#[test]
fn large_frames_and_an_end_in_the_middle() {
    let plan = Plan { connections: 5, bytes: 5_000_000, sizes: Sizes::Large, ..Plan::default() };
    let (mut capture, _) = capture(&plan);
    capture.truncate(capture.len() - 1_000_003);
    let out = both_ways(&["--json"], &capture);
    assert_eq!(out.lines().filter(|line| line.contains("\"how\":\"unknown\"")).count(), 10);
    both_ways(&["--json", "--payload", "none", "--host", "example.com"], &capture);
    both_ways(&["--json", "--payload", "2000000", "--hide", "message"], &capture);
    both_ways(&["--view", "lesson", "--payload", "300000"], &capture);
}

#[test]
fn text_is_parted_where_connections_change() {
    let plan =
        Plan { connections: 40, bytes: 1_200_000, sizes: Sizes::Small, network: LOSSY, ..Plan::default() };
    let capture = twice(&plan);
    let headings = |out: &str| out.lines().filter(|line| line.starts_with("connection ")).count();
    let out = both_ways(&["--view", "lesson"], &capture);
    assert!(headings(&out) > 1000);
    let out = both_ways(&["--view", "diagram", "--only", "frame", "--frames", "1-9"], &capture);
    assert!(!out.starts_with('\n') && out.contains("\n\n"), "empty lines stand between pictures");
    let out = both_ways(&["--view", "summary"], &capture);
    assert_eq!(out.lines().filter(|line| line.starts_with("conn frame")).count(), 1);
    for options in [
        &["--view", "summary", "--time", "delta"][..],
        &["--view", "summary", "--only", "message", "--time", "utc"],
        &["--view", "summary", "--only", "opaque"],
        &["--view", "summary", "--host", "none.example"],
        &["--view", "lesson", "--time", "delta", "--only", "frame", "--payload", "none"],
        &["--view", "lesson", "--only", "close,opaque", "--verbose"],
        &["--view", "table"],
        &["--view", "connections"],
    ] {
        both_ways(options, &capture);
    }
}

#[test]
fn who_closes_the_pipe_is_not_waited_for() {
    let plan = Plan { connections: 20, bytes: 3_000_000, sizes: Sizes::Mixed, ..Plan::default() };
    let (capture, _) = capture(&plan);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    fs::write(&path, capture).unwrap();
    for lines in [0, 1, 3000] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wslens"))
            .args(["decode", "--json"])
            .arg(&path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        assert_eq!(out.lines().take(lines).count(), lines);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

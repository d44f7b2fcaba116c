//! How much memory connections take that are open at once, and payloads that are shown.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use support::generate::{self, Plan, Sizes};

/// How many connections are open at once.
const MANY: u64 = 4000;

/// The most that each of them may take, in KiB.
const EACH: u64 = 4;

/// The most that all else may take, in KiB.
const ELSE: u64 = 32 * 1024;

/// The most memory that a process had while it ran, in KiB; none where the system does not tell.
fn peak_memory(child: &mut Child) -> Option<u64> {
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        most = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok()).or(most);
        thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    most
}

fn decode(file: &Path, options: &[&str]) -> Option<u64> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    command.arg("decode").args(options).arg(file).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("wslens runs");
    peak_memory(&mut child)
}

/// A capture of many connections, each of which sends about so many bytes.
fn capture(folder: &Path, name: &str, each: u64, sizes: Sizes) -> PathBuf {
    let path = folder.join(name);
    let plan = Plan { connections: MANY as usize, bytes: MANY * each, sizes, ..Plan::default() };
    generate::write(&plan, File::create(&path).unwrap(), None).unwrap();
    path
}

#[test]
fn each_open_connection_takes_little_memory_in_every_view() {
    let folder = tempfile::tempdir().unwrap();
    let small = capture(folder.path(), "small.pcap", 4_000, Sizes::Small);
    let medium = capture(folder.path(), "medium.pcap", 8_000, Sizes::Medium);
    for (file, options) in [
        (&small, &["--json", "--payload", "none"][..]),
        (&small, &["--view", "table"]),
        (&small, &["--view", "lesson", "--payload", "none"]),
        (&small, &["--view", "summary"]),
        (&small, &["--view", "connections", "--json"]),
        (&medium, &["--json"]),
    ] {
        let Some(peak) = decode(file, options) else { return };
        let allowed = ELSE + EACH * MANY;
        assert!(peak <= allowed, "{options:?}: {peak} KiB where {allowed} KiB are allowed");
    }
}

#[test]
fn a_long_payload_takes_no_more_than_itself() {
    const LEN: u64 = 40 << 20;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long");
    let [binary, text] = [0x82, 0x81];
    for (first, views) in [(binary, &["lesson", "diagram", "json"][..]), (text, &["lesson"])] {
        let mut frame = vec![first, 127];
        frame.extend(LEN.to_be_bytes());
        frame.resize(frame.len() + LEN as usize, b'a');
        fs::write(&path, frame).unwrap();
        for view in views {
            let Some(peak) = decode(&path, &["--format", "raw", "--payload", "all", "--view", view]) else {
                return;
            };
            let allowed = ELSE + LEN / 1024;
            assert!(peak <= allowed, "{first:x} {view}: {peak} KiB where {allowed} KiB are allowed");
        }
    }
}

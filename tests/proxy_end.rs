//! How the proxy ends: with Ctrl-C soon, with a second one at once, and never with half of a record taken for the whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod taps;

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use taps::greeting::{greeted, greeting};
use taps::unread::Unread;
use taps::*;

/// The end may take two seconds.
const LIMIT: Duration = Duration::from_secs(2);

#[test]
fn ctrl_c_tells_the_open_connections_and_ends_soon() {
    let proxy = Proxy::start(&["--json", &format!("localhost:{}", greeting())]);
    let _client = greeted(&proxy);
    let stopped = proxy.stop();
    assert!(stopped.took < LIMIT && stopped.status.success());
    let ends = stopped.lines("end");
    assert_eq!(ends.len(), 2);
    assert_eq!(ends[1]["post_mortem"]["server"]["frames"], 1);
}

#[test]
fn ctrl_c_leaves_every_record_of_open_connections_whole() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["txt", "jsonl", "pcapng", "har"].map(|ending| dir.path().join(format!("a.{ending}")));
    let upstream = format!("localhost:{}", greeting());
    let mut args = vec!["--quiet", &upstream];
    files.iter().for_each(|file| args.extend(["--record", file.to_str().unwrap()]));
    let proxy = Proxy::start(&args);
    let _clients = [greeted(&proxy), greeted(&proxy)];
    let stopped = proxy.stop();
    assert!(stopped.took < LIMIT && stopped.status.success(), "{}", stopped.err);
    for file in files {
        let read = Command::new(env!("CARGO_BIN_EXE_wslens"))
            .args(["decode", "--json", "--only", "message", file.to_str().unwrap()])
            .output()
            .unwrap();
        let lines = String::from_utf8(read.stdout).unwrap();
        assert!(
            read.status.success() && lines.matches("\"text\":\"hi\"").count() == 2,
            "{}: {lines}",
            file.display()
        );
    }
}

/// A proxy that records a HAR into `a.har` of that folder. Its spool has so many lines in turn that making the HAR takes
/// longer than the end may.
fn with_a_large_spool() -> (tempfile::TempDir, Proxy) {
    let dir = tempfile::tempdir().unwrap();
    let har = dir.path().join("a.har");
    let upstream = format!("localhost:{}", greeting());
    let proxy = Proxy::start(&["--quiet", "--record", har.to_str().unwrap(), &upstream]);
    drop(greeted(&proxy));
    let lines = b"1.1 m 0\n2.1 m 0\n".repeat(100_000);
    let mut spool = OpenOptions::new().append(true).open(dir.path().join("a.har.spool")).unwrap();
    for _ in 0..30 {
        spool.write_all(&lines).unwrap();
    }
    (dir, proxy)
}

#[test]
fn a_har_that_takes_too_long_leaves_its_spool_and_says_so() {
    let (dir, proxy) = with_a_large_spool();
    let stopped = proxy.stop();
    assert!(stopped.took < LIMIT, "{:?}", stopped.took);
    assert_eq!(stopped.status.code(), Some(2), "{}", stopped.err);
    assert!(
        stopped.err.contains("`wslens har ") && stopped.err.matches("warning: ").count() == 1,
        "{}",
        stopped.err
    );
    let left: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.har.spool"]);
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    // What would keep the first one busy for more than a second.
    let (dir, proxy) = with_a_large_spool();
    let start = Instant::now();
    proxy.signal("-INT");
    thread::sleep(Duration::from_millis(300));
    let stopped = proxy.stop();
    assert_eq!(stopped.status.code(), Some(2), "{}", stopped.err);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    let is_there = |name| dir.path().join(name).exists();
    assert!(is_there("a.har.spool") && !is_there("a.har"), "nothing is presented as whole");
}

#[test]
fn a_terminal_that_takes_nothing_does_not_hold_the_end_up() {
    let mut proxy = Unread::start(&["--verbose", &format!("localhost:{}", greeting())]);
    // More than a pipe takes.
    for _ in 0..40 {
        let mut client = connect(proxy.port);
        client.write_all(handshake().as_bytes()).unwrap();
        read_head(&mut client);
        client.read_exact(&mut [0; 4]).unwrap();
    }
    thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    proxy.interrupt();
    let code = proxy.wait();
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    assert_eq!(code, Some(2), "not all was shown");
    let mut rest = String::new();
    proxy.err.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("the end took too long and was cut off"), "{rest}");
}

//! `wslens check` over many files: several at once give what one after the other gives.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn check(jobs: &str, more: &[&str], files: &[PathBuf]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["check", "--jobs", jobs])
        .args(more)
        .args(files)
        .stdin(Stdio::null())
        .output()
        .expect("wslens runs")
}

fn samples() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    all.sort();
    all
}

#[test]
fn several_at_once_give_the_same_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = samples();
    assert!(files.len() > 50);
    // One that is not there, one that is damaged, one that says more than may wait for its turn.
    files.insert(3, folder.path().join("not there"));
    let damaged = folder.path().join("damaged.pcap");
    fs::write(&damaged, b"\xd4\xc3\xb2\xa1\x02\0\x04\0damaged").unwrap();
    files.insert(7, damaged);
    let long = folder.path().join("long.txt");
    fs::write(&long, "< 8f 7e 00 01 00\n".repeat(1500)).unwrap();
    files.insert(0, long.clone());
    files.push(long);
    for more in [&[][..], &["--json"], &["--fail-on", "note", "--only", "ping"]] {
        let one = check("1", more, &files);
        assert_eq!(one.status.code(), Some(2), "a file could not be read");
        for jobs in ["2", "8", "1000"] {
            let several = check(jobs, more, &files);
            assert_eq!(several.status, one.status);
            assert!(several.stdout == one.stdout, "{jobs} jobs write something else");
            assert_eq!(String::from_utf8(several.stderr), String::from_utf8(one.stderr.clone()));
        }
    }
    let text = String::from_utf8(check("4", &[], &files).stdout).unwrap();
    let first: Vec<_> = text.lines().map(|line| line.split(':').next().unwrap()).collect();
    let mut seen = first.clone();
    seen.dedup();
    let place = |name: &str| files.iter().position(|file| file.to_string_lossy() == name).unwrap();
    let places: Vec<_> = seen.iter().skip(1).take(seen.len() - 2).map(|name| place(name)).collect();
    assert!(places.is_sorted() && text.len() > 300_000, "findings come in the order of the files");
}

#[test]
fn what_is_found_anywhere_is_found() {
    let clean: Vec<_> =
        samples().into_iter().filter(|path| !path.to_string_lossy().contains("break-")).take(3).collect();
    let broken =
        samples().into_iter().find(|path| path.to_string_lossy().contains("length-minimal")).unwrap();
    let alone = check("4", &[], std::slice::from_ref(&broken));
    assert_eq!(alone.status.code(), Some(1));
    let mut files = clean;
    files.insert(1, broken);
    let output = check("4", &["--fail-on", "never"], &files);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.windows(14).any(|part| part == b"length-minimal"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("in 4 inputs"));
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.txt");
    fs::write(&long, "< 8f 7e 00 01 00\n".repeat(20_000)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["check", "--jobs", "3"])
        .args(std::iter::repeat_n(&long, 12))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

//! The whole program, from a file to /dev/null, beside xxd and hexdump where they are there.
//!
//! `cargo bench --bench program`; `-- NAME` picks the rows whose name holds NAME, `ROUNDS=20` asks for more rounds.
//! Each row is the best of its rounds, the rows taking turns: other work on the machine only ever makes one slower.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench"
)]

mod support;

use std::fmt::Write as _;
use std::fs::{File, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Runner, Text, best_of, text_frames, wanted};

const MIB: usize = 1 << 20;
const PROGRAM: &str = env!("CARGO_BIN_EXE_wslens");

/// What is run, and what is counted of it.
struct Row {
    name: String,
    command: Vec<String>,
    /// Frames in its input.
    frames: u64,
    /// Bytes that its speed is measured by: of the text that it writes, or of its input.
    bytes: u64,
}

/// Runs a command to its end and gives its exit code; its output goes nowhere.
fn run(command: &[String]) -> u64 {
    let status = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(File::create("/dev/null").expect("/dev/null"))
        .stderr(Stdio::null())
        .status();
    status.expect("it runs").code().unwrap_or(-1) as u64
}

/// How many bytes a command writes.
fn written(command: &[String]) -> u64 {
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut out = child.stdout.take().expect("its output");
    let len = std::io::copy(&mut out, &mut std::io::sink()).expect("its output");
    child.wait().expect("its end");
    len
}

fn words(line: &[&str], file: &Path) -> Vec<String> {
    line.iter().copied().chain([file.to_str().expect("a path")]).map(str::to_owned).collect()
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Pairs without end, and the lines of xxd, of the same bytes.
fn as_hex(bytes: &[u8]) -> (String, String) {
    let (mut plain, mut xxd) = (String::new(), String::new());
    for (row, sixteen) in bytes.chunks(16).enumerate() {
        let _ = write!(xxd, "{:08x}: ", row * 16);
        for pair in sixteen.chunks(2) {
            let hex = hex::encode(pair);
            plain.push_str(&hex);
            let _ = write!(xxd, "{hex} ");
        }
        let text = sixteen.iter().map(|b| if (0x20..0x7f).contains(b) { char::from(*b) } else { '.' });
        xxd.push(' ');
        xxd.extend(text);
        xxd.push('\n');
        if row % 4 == 3 {
            plain.push('\n');
        }
    }
    (plain, xxd)
}

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        write(&path, bytes).expect("a file");
        path
    }
}

fn main() {
    let mib = std::env::var("MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(32);
    let files = Files { folder: tempfile::tempdir().expect("a folder") };
    let stream = text_frames(mib * MIB, (20, 200), Text::Ascii);
    let raw = files.put("raw.bin", &stream.bytes);
    let (plain, xxd) = as_hex(&stream.bytes);
    let of_raw = [PROGRAM, "decode", "--format", "raw", "--from", "client", "--extensions", "none", "--view"];
    let view = |view: &[&str]| words(&[&of_raw[..], view].concat(), &raw);
    let row = |name: &str, command: Vec<String>, bytes: u64| Row {
        name: name.to_owned(),
        command,
        frames: stream.frames,
        bytes,
    };
    let out = |name: &str, command: Vec<String>| {
        let bytes = if name.contains(&wanted()) { written(&command) } else { 0 };
        row(&format!("{name}, text out"), command, bytes)
    };
    let mut rows = vec![
        row("json --payload none, raw in", view(&["json", "--payload", "none"]), stream.bytes.len() as u64),
        row("summary, raw in", view(&["summary"]), stream.bytes.len() as u64),
        row("table, raw in", view(&["table"]), stream.bytes.len() as u64),
        out("json", view(&["json"])),
        out("lesson", view(&["lesson"])),
    ];
    for (name, text) in [("plain hex", &plain), ("xxd", &xxd)] {
        let file = files.put(&name.replace(' ', "-"), text.as_bytes());
        let line = [PROGRAM, "decode", "--from", "client", "--view", "json", "--payload", "none"];
        rows.push(row(&format!("json --payload none, {name} in"), words(&line, &file), text.len() as u64));
    }
    for peer in ["xxd", "hexdump"].into_iter().filter(|peer| is_there(peer)) {
        let command = if peer == "xxd" { words(&["xxd"], &raw) } else { words(&["hexdump", "-C"], &raw) };
        rows.push(out(peer, command));
    }
    report(rows);
    report(floods(&files));
    report_starts(&files);
}

/// A million frames of nothing, and a message of a million fragments of one byte.
fn floods(files: &Files) -> Vec<Row> {
    let empty = [0x82, 0x00].repeat(1_000_000);
    let fragments =
        [&[0x01, 0x01, b'a'][..], &[0x00, 0x01, b'a'].repeat(999_998), &[0x80, 0x01, b'a']].concat();
    let mut rows = Vec::new();
    for (name, bytes) in [("a million empty frames", empty), ("a million fragments", fragments)] {
        let file = files.put(&name.replace(' ', "-"), &bytes);
        for view in ["json", "summary", "lesson"] {
            let line = [
                PROGRAM,
                "decode",
                "--format",
                "raw",
                "--from",
                "server",
                "--extensions",
                "none",
                "--view",
                view,
            ];
            let (command, frames, bytes) = (words(&line, &file), 1_000_000, bytes.len() as u64);
            rows.push(Row { name: format!("{name}, {view}"), command, frames, bytes });
        }
    }
    rows
}

fn rounds() -> usize {
    std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

fn best(rows: &[Row], rounds: usize) -> Vec<Duration> {
    let runners = rows.iter().map(|row| Runner::new(&row.name, || run(&row.command)));
    best_of(rounds, &mut runners.collect::<Vec<_>>())
}

fn report(rows: Vec<Row>) {
    let rows: Vec<_> = rows.into_iter().filter(|row| row.name.contains(&wanted())).collect();
    for (row, best) in rows.iter().zip(best(&rows, rounds())) {
        let seconds = best.as_secs_f64();
        println!(
            "  {:<36} {:>7.2} M frames/s {:>6.2} GB/s {:>7.3} s{}",
            row.name,
            row.frames as f64 / seconds / 1e6,
            row.bytes as f64 / seconds / 1e9,
            seconds,
            memory(&row.command).map(|kib| format!(" {:>5} MiB", kib / 1024)).unwrap_or_default(),
        );
    }
}

/// The most memory that a command held, in KiB, where GNU time is there to tell.
fn memory(command: &[String]) -> Option<u64> {
    let mut time = Command::new("/usr/bin/time");
    let output = time.args(["-f", "%M"]).args(command).stdout(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

/// From start to exit, where there is little to do.
fn report_starts(files: &Files) {
    let file = files.put("small.bin", b"\x81\x02Hi");
    let row = |name: &str, command| Row { name: name.to_owned(), command, frames: 1, bytes: 4 };
    let rows = [
        row("--version", vec![PROGRAM.to_owned(), "--version".to_owned()]),
        row("a small file", words(&[PROGRAM, "decode"], &file)),
        row("true, which does nothing", vec!["true".to_owned()]),
    ];
    for (row, best) in rows.iter().zip(best(&rows, 20 * rounds())) {
        println!("  {:<36} {:>7.2} ms from start to exit", row.name, best.as_secs_f64() * 1e3);
    }
}

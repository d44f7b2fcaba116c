//! The whole program, from a file to /dev/null, beside xxd, hexdump and tshark where they are there.
//!
//! `cargo bench --bench program`; `-- NAME` picks the rows whose name holds NAME, `ROUNDS=20` asks for more rounds.
//! Each row is the best of its rounds, the rows taking turns: other work on the machine only ever makes one slower.
//! Rows are of one core (the first, by taskset) unless they say otherwise. `GB=10` adds a capture of ten gigabytes.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench"
)]

mod captures;
mod rows;
#[path = "../support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::fs::write;
use std::path::PathBuf;

use rows::{PROGRAM, Row, best, is_there, on_one_core, report, rounds, words, written};
use support::{Text, text_frames, wanted};

const MIB: usize = 1 << 20;

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

/// The folder of the inputs.
pub struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    pub fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
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
        command: on_one_core(command),
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
    println!("Raw bytes of one client, frames of 20 to 200 bytes");
    report(&rows);
    println!("Floods: in under two seconds and 64 MiB");
    report(&floods(&files));
    captures::report_all(&files);
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
            let (command, frames, bytes) = (on_one_core(words(&line, &file)), 1_000_000, bytes.len() as u64);
            rows.push(Row { name: format!("{name}, {view}"), command, frames, bytes });
        }
    }
    rows
}

/// From start to exit, where there is little to do.
fn report_starts(files: &Files) {
    let file = files.put("small.bin", b"\x81\x02Hi");
    let row = |name: &str, command| Row { name: name.to_owned(), command, frames: 1, bytes: 4 };
    let rows = [
        row("--version", vec![PROGRAM.to_owned(), "--version".to_owned()]),
        row("a small file", words(&[PROGRAM, "decode"], &file)),
        row("a capture of 12 frames", words(&[PROGRAM, "decode"], &captures::of_twelve_frames(files))),
        row("true, which does nothing", vec!["true".to_owned()]),
    ];
    println!("From start to exit");
    for (row, best) in rows.iter().zip(best(&rows, 20 * rounds())) {
        println!("  {:<44} {:>7.2} ms", row.name, best.as_secs_f64() * 1e3);
    }
}

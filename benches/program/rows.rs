//! Rows of the report: commands, how long they take, and how much memory.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Runner, best_of, wanted};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_wslens");

/// The same command on the first core alone, where taskset is there to see to it.
pub fn on_one_core(command: Vec<String>) -> Vec<String> {
    let taskset = ["taskset", "-c", "0"].map(str::to_owned);
    if is_there("taskset") { taskset.into_iter().chain(command).collect() } else { command }
}

/// What is run, and what is counted of it.
#[derive(Clone)]
pub struct Row {
    pub name: String,
    pub command: Vec<String>,
    /// Frames in its input.
    pub frames: u64,
    /// Bytes that its speed is measured by: of the text that it writes, or of its input.
    pub bytes: u64,
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
pub fn written(command: &[String]) -> u64 {
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

pub fn words(line: &[&str], file: &Path) -> Vec<String> {
    line.iter().copied().chain([file.to_str().expect("a path")]).map(str::to_owned).collect()
}

pub fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// How many rounds are asked for.
pub fn rounds() -> usize {
    std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

/// The best time of each row.
pub fn best(rows: &[Row], rounds: usize) -> Vec<Duration> {
    let runners = rows.iter().map(|row| Runner::new(&row.name, || run(&row.command)));
    best_of(rounds, &mut runners.collect::<Vec<_>>())
}

/// The rows that the command line asks for, each with its best time; printed.
pub fn report(rows: &[Row]) -> Vec<(Row, Duration)> {
    let rows: Vec<_> = rows.iter().filter(|row| row.name.contains(&wanted())).cloned().collect();
    let best = best(&rows, rounds());
    let timed: Vec<_> = rows.into_iter().zip(best).collect();
    for (row, best) in &timed {
        let seconds = best.as_secs_f64();
        println!(
            "  {:<54} {:>7.2} M frames/s {:>6.2} GB/s {:>7.3} s{}",
            row.name,
            row.frames as f64 / seconds / 1e6,
            row.bytes as f64 / seconds / 1e9,
            seconds,
            memory(&row.command).map(|kib| format!(" {:>5.1} MiB", kib as f64 / 1024.0)).unwrap_or_default(),
        );
    }
    timed
}

/// The most memory that a command held, in KiB, where GNU time is there to tell.
fn memory(command: &[String]) -> Option<u64> {
    let mut time = Command::new("/usr/bin/time");
    let output = time.args(["-f", "%M"]).args(command).stdout(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

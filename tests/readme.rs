//! The README says what is so: every command in a `console` block is run, and its output compared.
//!
//! A line `…` stands for lines left out. `UPDATE_GOLDEN=1 cargo test --test readme` writes the real output into blocks
//! without such a line.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What a command line prints on stdout, run by a shell in the project's root.
fn output(command: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_wslens")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(ROOT)
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("COLUMNS");
    let output = shell.output().expect("a shell");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Whether `real` is `told`, where a line `…` of `told` stands for any lines.
fn matches(told: &[&str], real: &[&str]) -> bool {
    match told.split_first() {
        None => real.is_empty(),
        Some((&"…", rest)) => (0..=real.len()).any(|skipped| matches(rest, &real[skipped..])),
        Some((line, rest)) => real.first() == Some(line) && matches(rest, &real[1..]),
    }
}

/// A command of a console block and the lines told as its output.
fn transcripts(block: &str) -> Vec<(&str, Vec<&str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push((command, Vec::new())),
            (None, Some((_, told))) => told.push(line),
            (None, None) => panic!("a console block begins with a command: {line}"),
        }
    }
    all
}

#[test]
fn every_command_prints_what_the_readme_says() {
    let path = format!("{ROOT}/README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let mut rewritten = String::new();
    let mut wrong = Vec::new();
    let mut rest = readme.as_str();
    let mut commands = 0;
    while let Some((before, behind)) = rest.split_once("```console\n") {
        let (block, after) = behind.split_once("```\n").expect("a block ends");
        rewritten += before;
        rewritten += "```console\n";
        for (command, told) in transcripts(block) {
            commands += 1;
            let real = output(command);
            let keep = told.contains(&"…");
            if !matches(&told, &real.lines().collect::<Vec<_>>()) {
                wrong.push(command.to_owned());
            }
            rewritten += &format!("$ {command}\n");
            rewritten += &if keep { told.join("\n") + "\n" } else { real };
        }
        rewritten += "```\n";
        rest = after;
    }
    rewritten += rest;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, rewritten).expect("written");
        return;
    }
    assert!(commands > 4, "the README shows commands");
    assert!(wrong.is_empty(), "these print something else than README.md says: {wrong:#?}");
}

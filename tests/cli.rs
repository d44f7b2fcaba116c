//! The program as its users meet it: arguments in; stdout, stderr and an exit code out.
#![allow(clippy::expect_used)] // the helpers here are part of the tests

use std::process::{Command, Output, Stdio};

use clap::CommandFactory;
use wslens::cli::Cli;

const NONCE: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// wslens in an environment that says nothing about colour, locale or width.
fn wslens(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("wslens"));
    command.args(args);
    for name in ["LC_ALL", "LC_CTYPE", "LANG", "COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

fn run(args: &[&str]) -> Output {
    wslens(args).output().expect("wslens runs")
}

fn run_with_stdin(args: &[&str], input: &[u8]) -> Output {
    assert_cmd::Command::from_std(wslens(args)).write_stdin(input).output().expect("wslens runs")
}

/// Stdout of a run that must end with this exit code and say nothing on stderr.
#[track_caller]
fn stdout(output: &Output, code: i32) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(code));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Stderr of a run that must end with exit code 2 and say nothing on stdout.
#[track_caller]
fn mistake(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn help_and_version_are_results() {
    assert_eq!(stdout(&run(&["--version"]), 0), concat!("wslens ", env!("CARGO_PKG_VERSION"), "\n"));
    let help = stdout(&run(&["--help"]), 0);
    assert!(help.contains("Exit codes:") && help.contains("accept"), "{help}");
}

#[test]
fn no_help_is_wider_than_80_columns() {
    let cli = Cli::command();
    let commands = cli.get_subcommands().map(|command| vec![command.get_name(), "--help"]);
    for command in commands.chain([vec!["--help"], vec!["-h"]]) {
        let help = stdout(&run(&command), 0);
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    }
}

#[test]
fn a_mistake_in_the_command_is_told_on_stderr() {
    assert!(mistake(&run(&[])).contains("Usage: wslens"));
    assert!(mistake(&run(&["acept"])).contains("a similar subcommand exists: 'accept'"));
    assert!(mistake(&run(&["accept", "--quite"])).contains("'--quiet'"));
    assert!(mistake(&run(&["accept", "--expect", ACCEPT])).contains("<NONCE>"));
    assert!(mistake(&run(&["accept", "--quiet", "--json"])).contains("cannot be used with"));
    assert!(mistake(&run(&["accept", "--color", "blue", NONCE])).contains("auto, always, never"));
}

#[test]
fn accept_is_a_lesson() {
    let lesson = stdout(&run(&["accept", NONCE]), 0);
    assert!(lesson.starts_with("Sec-WebSocket-Accept, step by step"));
    assert!(lesson.contains("     └──────── nonce ───────┘└"), "{lesson}");
    assert!(lesson.ends_with(&format!("\nSec-WebSocket-Accept: {ACCEPT}\n")));
}

#[test]
fn accept_quietly_is_the_value_alone() {
    assert_eq!(stdout(&run(&["accept", NONCE, "--quiet"]), 0), format!("{ACCEPT}\n"));
    assert_eq!(stdout(&run(&["accept", "--quiet", "no nonce"]), 0), "r3jh8QD9QwoRJIMnT57TvXHZUqE=\n");
    assert_eq!(stdout(&run(&["accept", "--quiet", ""]), 0), "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=\n");
}

#[test]
fn a_fresh_nonce_is_printed_with_its_accept() {
    let line = stdout(&run(&["accept", "--quiet"]), 0);
    let (nonce, accept) = line.trim_end().split_once(' ').expect("nonce and accept");
    assert_eq!(stdout(&run(&["accept", "--quiet", nonce]), 0), format!("{accept}\n"));
    assert_ne!(stdout(&run(&["accept", "--quiet"]), 0), line);
    assert!(stdout(&run(&["accept"]), 0).contains("A fresh random nonce"));
}

#[test]
fn a_nonce_from_stdin_loses_its_line_end_alone() {
    let accept = |input: &[u8]| stdout(&run_with_stdin(&["accept", "-", "--quiet"], input), 0);
    for end in ["", "\n", "\r\n", "\nanother line\n"] {
        assert_eq!(accept(format!("{NONCE}{end}").as_bytes()), format!("{ACCEPT}\n"), "{end:?}");
    }
    assert_ne!(accept(format!("{NONCE} \n").as_bytes()), format!("{ACCEPT}\n"));
    assert!(mistake(&run_with_stdin(&["accept", "-"], b"")).contains("stdin is empty"));
}

#[test]
fn an_expected_accept_is_compared() {
    let same = stdout(&run(&["accept", NONCE, "--expect", ACCEPT]), 0);
    assert!(same.ends_with("  ✓ as expected\n"), "{same}");
    // The accept of the 16 bytes that the nonce stands for.
    let wrong = stdout(&run(&["accept", NONCE, "--expect", "BXhwxM0SZasKmCD9S4BfpPmCnEw="]), 1);
    assert!(wrong.contains("base64-decoded before"), "{wrong}");
    assert_eq!(stdout(&run(&["accept", NONCE, "--quiet", "--expect", "x"]), 1), format!("{ACCEPT}\n"));
}

#[test]
fn accept_as_json_is_one_object() {
    let object = |args: &[&str], code| -> serde_json::Value {
        let line = stdout(&run(&[&["accept", "--json"], args].concat()), code);
        assert_eq!(line.lines().count(), 1);
        serde_json::from_str(&line).expect("JSON")
    };
    let known = object(&[NONCE], 0);
    assert_eq!(known["accept"], ACCEPT);
    assert_eq!(known["sha1"], "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
    assert_eq!(known["nonce_bytes"], "7468652073616d706c65206e6f6e6365");
    assert_eq!(known["findings"], serde_json::json!([]));
    let differs = object(&["a\u{7f}\u{202e}", "--expect", "x"], 1);
    assert_eq!(differs["expect"]["same"], false);
    assert_eq!(differs["nonce"], "a\u{7f}\u{202e}");
    assert_eq!(differs["findings"].as_array().map(Vec::len), Some(1));
    assert!(!stdout(&run(&["accept", "--json", "a\u{7f}\u{202e}"]), 0).contains(['\u{7f}', '\u{202e}']));
}

#[test]
fn a_nonce_with_terminal_controls_does_not_reach_the_terminal() {
    let shown = stdout(&run(&["accept", "\x1b]52;c;YQ==\x07\u{9b}2J\u{202e}\u{200b}"]), 0);
    assert!(shown.contains(r"\x1b]52;c;YQ==\x07\u{9b}2J\u{202e}\u{200b}"), "{shown}");
    assert!(!shown.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}', '\u{200b}']));
}

#[test]
fn colour_and_ascii_are_decided_by_options_and_environment() {
    let colour = |command: &mut Command| stdout(&command.output().expect("wslens runs"), 0).contains('\x1b');
    assert!(!colour(&mut wslens(&["accept", NONCE])), "a pipe is no terminal");
    assert!(colour(&mut wslens(&["accept", NONCE, "--color", "always"])));
    assert!(colour(&mut wslens(&["--color=always", "accept", NONCE])), "before the command too");
    assert!(colour(wslens(&["accept", NONCE]).env("CLICOLOR_FORCE", "1")));
    assert!(!colour(wslens(&["accept", NONCE]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    let ascii = |command: &mut Command| stdout(&command.output().expect("wslens runs"), 0).is_ascii();
    assert!(!ascii(&mut wslens(&["accept", NONCE])));
    assert!(ascii(&mut wslens(&["accept", "naïve", "--ascii"])));
    assert!(ascii(wslens(&["accept", "naïve"]).env("LC_ALL", "C").env("LANG", "de_DE.UTF-8")));
}

#[test]
fn the_width_is_that_of_the_columns() {
    for (columns, width) in [("40", 40), ("64", 64), ("1", 40), ("100000000", 120)] {
        let output = wslens(&["accept", "no nonce"]).env("COLUMNS", columns).output().expect("wslens runs");
        let longest = stdout(&output, 0).lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{longest:?} at {columns}");
    }
}

#[test]
fn encode_prints_pairs_of_hex_digits() {
    let args = ["encode", "--text", "Websockets are great", "--mask=9faf77f8"];
    let hex = "81 94 9f af 77 f8 c8 ca 15 8b f0 cc 1c 9d eb dc 57 99 ed ca 57 9f ed ca 16 8c\n";
    assert_eq!(stdout(&run(&args), 0), hex);
    assert_eq!(stdout(&run_with_stdin(&["encode", "--binary", "-"], b"\x00\xff\x0a"), 0), "82 03 00 ff 0a\n");
}

#[test]
fn encode_writes_raw_bytes() {
    let output = run(&["encode", "--close", "1001", "--reason", "bye", "--output", "raw"]);
    assert_eq!((output.status.code(), output.stdout), (Some(0), b"\x88\x05\x03\xe9bye".to_vec()));
}

#[cfg(unix)]
#[test]
fn text_that_is_no_utf8_can_be_encoded() {
    use std::os::unix::ffi::OsStrExt;
    let mut command = wslens(&["encode", "--text"]);
    command.arg(std::ffi::OsStr::from_bytes(b"\xff"));
    assert_eq!(stdout(&command.output().expect("wslens runs"), 0), "81 01 ff\n");
}

#[test]
fn encode_says_what_it_cannot_do() {
    assert!(mistake(&run(&["encode"])).contains("--text <S>|--binary <FILE>"));
    let long = "x".repeat(70_000);
    let said = mistake(&run(&["encode", "--text", &long, "--length-form", "16"]));
    assert!(said.starts_with("error: a length form of 16 bits holds up to 65535,"), "{said}");
    assert!(
        mistake(&run(&["encode", "--binary", "no/such/file"])).contains("\"no/such/file\" cannot be read")
    );
}

#[test]
fn man_pages_and_completions_know_every_command() {
    assert!(stdout(&run(&["man"]), 0).contains("wslens\\-accept(1)"));
    assert!(stdout(&run(&["man", "encode"]), 0).contains("length\\-form"));
    assert!(mistake(&run(&["man", "nothing"])).contains("no command \"nothing\""));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(stdout(&run(&["completions", shell]), 0).contains("accept"), "{shell}");
    }
    assert!(mistake(&run(&["completions", "tcsh"])).contains("bash, elvish"));
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let bytes = tempfile::NamedTempFile::new().expect("a file");
    // More than any pipe holds, so that wslens must notice.
    std::fs::write(bytes.path(), vec![0; 4 << 20]).expect("written");
    let mut command = wslens(&["encode", "--binary"]);
    let mut child =
        command.arg(bytes.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("wslens runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("wslens ends");
    assert_eq!(stdout(&output, 0), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = wslens(&["accept", NONCE]).stdout(full).output().expect("wslens runs");
    assert!(mistake(&output).starts_with("error: the output cannot be written: "));
}

#[test]
fn explain_shows_what_it_knows_and_says_what_it_does_not() {
    let known = stdout(&run(&["explain", "81", "94"]), 0);
    assert!(known.contains("4 bytes of key, then 20 bytes of payload."), "{known}");
    let said = mistake(&run(&["explain", "pign"]));
    assert!(said.contains("\"pign\"") && said.contains("ping"), "{said}");
    let both = run(&["explain", "ping", "pign"]);
    assert_eq!(both.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&both.stdout).contains("ping: opcode 9"));
}

#[test]
fn rules_lists_the_book() {
    let book = stdout(&run(&["rules"]), 0);
    assert!(book.contains("framing/length-minimal"), "{book}");
    let json = stdout(&run(&["rules", "--json"]), 0);
    assert!(json.lines().all(|line| line.starts_with(r#"{"v":1,"type":"rule","id":""#)), "{json}");
}

#[test]
fn the_demo_needs_neither_browser_nor_server() {
    let told = stdout(&run(&["demo"]), 0);
    assert!(
        told.contains("5  Pieces, a ping, and the end") && told.contains("wslens encode --text"),
        "{told}"
    );
    let ascii = stdout(&run(&["demo", "--ascii"]), 0);
    assert!(ascii.is_ascii() && ascii.lines().all(|line| line.len() <= 80), "{ascii}");
}

#[test]
fn what_the_demo_cannot_do_is_one_sentence() {
    assert!(mistake(&run(&["demo", "--listen", "0"])).contains("--serve"));
    assert!(mistake(&run(&["demo", "--step", "6"])).contains("1..=5"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = taken.local_addr().expect("an address").to_string();
    let error = mistake(&run(&["demo", "--serve", "--listen", &place]));
    assert!(
        error.starts_with(&format!("error: {place} is in use: ")) && error.lines().count() == 1,
        "{error}"
    );
}

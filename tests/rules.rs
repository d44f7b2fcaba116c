//! The rule book and its samples: each rule has one that breaks it and nothing else.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use wslens::input::{self, Options};
use wslens::rules::rule::{Finding, Level, Rule};
use wslens::rules::{CHAPTERS, book, find};
use wslens::session::event::{Event, Kind};
use wslens::session::{Config, Session};

/// A finding, and how many bytes the thing has that it speaks of.
struct Found {
    finding: Finding,
    len: u64,
    what: &'static str,
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// Bytes of what an event's findings speak of: of the frame where its end tells, of the message's payload.
fn judged(event: &Event<'_>) -> (u64, &'static str) {
    match event.kind {
        Kind::FrameStart(_) => (event.len, "header"),
        Kind::FrameEnd(end) => (end.header.header_len() as u64 + end.captured, "frame"),
        Kind::Message(message) => {
            // A finding about its text counts in the plain bytes.
            (message.inflated.map_or(0, |it| it.read.plain).max(message.wire_len), "message")
        }
        Kind::End(_) => (0, "end"),
        _ => (event.len, "head"),
    }
}

/// All findings of a file.
fn findings(path: &Path) -> Vec<Found> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    findings_in(&path.display().to_string(), file)
}

/// All findings of a transcript.
fn findings_in(name: &str, transcript: impl Read) -> Vec<Found> {
    let mut all = Vec::new();
    let mut session = Session::new(Config::default());
    let mut sink = |event: &Event<'_>| {
        let (len, what) = judged(event);
        all.extend(event.findings.iter().cloned().map(|finding| Found { finding, len, what }));
    };
    let read = input::read(name, transcript, &Options::default(), &mut |_| {}, &mut |segment| {
        session.feed(&segment, &mut sink);
        ControlFlow::Continue(())
    });
    read.unwrap_or_else(|error| panic!("{error}"));
    session.finish(&mut sink);
    all
}

fn sample_of(rule: &Rule) -> PathBuf {
    samples().join(format!("break-{}.txt", rule.id.replace('/', "-")))
}

fn ids(found: &[Found]) -> BTreeSet<&'static str> {
    found.iter().map(|found| found.finding.rule.id).collect()
}

#[test]
fn each_rule_has_a_sample_that_breaks_it_and_nothing_else() {
    let mut wrong = Vec::new();
    for rule in book() {
        let path = sample_of(rule);
        if !path.exists() {
            wrong.push(format!("{} has no sample", rule.id));
            continue;
        }
        let found = ids(&findings(&path));
        let wanted: BTreeSet<_> = rule.entails.iter().copied().chain([rule.id]).collect();
        // A hint stands above what it explains, which differs with the bytes.
        let right = match rule.id.starts_with("hint/") {
            true => found.contains(rule.id) && found.is_subset(&wanted),
            false => found == wanted,
        };
        if !right {
            wrong.push(format!("{}: found {found:?}, not {wanted:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_sample_that_breaks_something_belongs_to_a_rule() {
    for entry in fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("break-") {
            assert!(book().any(|rule| sample_of(rule) == path), "{name} belongs to no rule");
        }
    }
}

#[test]
fn each_sample_says_what_it_shows_and_has_a_line_in_the_readme() {
    let readme = fs::read_to_string(samples().join("README.md")).unwrap();
    for rule in book() {
        let path = sample_of(rule);
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(text.starts_with("# "), "{} begins with a comment", path.display());
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("| `{name}` |")), "{name} has no line in samples/README.md");
    }
}

#[test]
fn findings_lie_inside_what_they_speak_of() {
    for entry in fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            for Found { finding, len, what } in findings(&path) {
                let bits = finding.broken.bits;
                assert!(
                    bits.at + bits.len <= 8 * len,
                    "{}: {} {bits:?} in {what} of {len}",
                    path.display(),
                    finding.rule.id
                );
            }
        }
    }
}

#[test]
fn rows_are_whole() {
    for rule in book() {
        let id = rule.id;
        assert!(
            rule.entails.iter().all(|entailed| find(entailed).is_some()),
            "{id} entails a rule of the book"
        );
        assert_eq!(
            rule.level == Level::Note,
            rule.word.is_empty() && rule.level != Level::Should,
            "{id}: its word"
        );
        assert!(rule.level != Level::Must || !rule.word.is_empty(), "{id}: a must names its word");
        assert!(!rule.cite.section.is_empty(), "{id}: a section");
        for text in [rule.says, rule.why] {
            assert!(text.ends_with('.') && !text.contains("  "), "{id}: {text:?} is a sentence");
        }
    }
}

/// What a reader meets: not too long, one line each.
#[test]
fn what_is_found_is_short_and_in_one_line() {
    let mut longest = BTreeMap::new();
    for rule in book() {
        for Found { finding, .. } in findings(&sample_of(rule)) {
            let broken = &finding.broken;
            let drawn = rule.id.starts_with("hint/");
            assert!(!broken.found.contains('\n') && (drawn || !broken.send.contains('\n')), "{}", rule.id);
            assert!(broken.found.ends_with(['.', '?']), "{}: {:?} is a sentence", rule.id, broken.found);
            assert!(
                finding.rule.level != Level::Must || !broken.send.is_empty(),
                "{} says what to send",
                rule.id
            );
            longest.insert(broken.found.len(), rule.id);
        }
    }
    let (len, id) = longest.last_key_value().unwrap();
    assert!(*len < 400, "{id} says {len} bytes");
}

#[test]
fn chapters_are_in_the_order_of_a_connection() {
    let names: Vec<_> = CHAPTERS.iter().map(|chapter| chapter.name).collect();
    assert_eq!(
        names,
        [
            "head",
            "request",
            "response",
            "extensions",
            "framing",
            "messages",
            "compression",
            "closing",
            "hint"
        ]
    );
}

/// Behind a handshake without fault, `rest` breaks these rules.
#[track_caller]
fn assert_breaks(rest: &str, rules: &[&str]) {
    let handshake = "> GET / HTTP/1.1\n> Host: a\n> Connection: Upgrade\n> Upgrade: websocket\n\
        > Sec-WebSocket-Version: 13\n> Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n>\n\
        < HTTP/1.1 101 Switching Protocols\n< Upgrade: websocket\n< Connection: Upgrade\n\
        < Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n<\n";
    let found = ids(&findings_in("inline", format!("{handshake}{rest}").as_bytes()));
    assert_eq!(found, rules.iter().copied().collect(), "{rest}");
}

const CLIENT_CLOSE: &str = "> 88 82 01 02 03 04 02 ea\n";
const SERVER_CLOSE: &str = "< 88 02 03 e8\n";

#[test]
fn what_never_came_is_judged_only_where_it_can_be_known() {
    assert_breaks(&format!("{SERVER_CLOSE}> FIN\n< FIN\n"), &["closing/not-answered"]);
    // The input stops; bytes are missing; the Close came behind the client's end.
    assert_breaks(SERVER_CLOSE, &[]);
    assert_breaks(&format!("{SERVER_CLOSE}< FIN\n"), &[]);
    assert_breaks(&format!("> missing 8\n{SERVER_CLOSE}> FIN\n< FIN\n"), &[]);
    assert_breaks(&format!("> FIN\n{SERVER_CLOSE}< FIN\n"), &[]);
    assert_breaks("", &[]);
    assert_breaks("> missing 8\n> FIN\n< FIN\n", &[]);
    assert_breaks("> FIN\n< RST\n", &["closing/no-close"]);
}

/// Nothing of the server is here, so its answer may have come before the client's frame.
#[test]
fn a_frame_is_too_early_only_where_the_server_was_seen() {
    let asks = "> GET / HTTP/1.1\n> Host: a\n> Connection: Upgrade\n> Upgrade: websocket\n\
        > Sec-WebSocket-Version: 13\n> Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n>\n";
    let found = findings_in("inline", format!("{asks}{CLIENT_CLOSE}").as_bytes());
    assert!(ids(&found).is_empty(), "{:?}", ids(&found));
}

#[test]
fn nobody_owes_an_answer_to_who_broke_a_rule() {
    let rest = format!("< 91 00\n{SERVER_CLOSE}> FIN\n< FIN\n");
    assert_breaks(&rest, &["framing/rsv3-not-agreed"]);
    let rest = "< 91 00\n< 89 00\n> FIN\n< FIN\n";
    assert_breaks(rest, &["framing/rsv3-not-agreed"]);
}

#[test]
fn a_client_that_waited_long_enough_may_end_tcp() {
    let closes = format!("@1.0\n{CLIENT_CLOSE}{SERVER_CLOSE}");
    assert_breaks(&format!("{closes}@1.1\n> FIN\n< FIN\n"), &["closing/client-ended-tcp-first"]);
    assert_breaks(&format!("{closes}@2.5\n> FIN\n< FIN\n"), &[]);
    assert_breaks(&format!("{closes}@1.1\n< FIN\n> FIN\n"), &[]);
}

#[test]
fn a_ping_is_answered_by_the_pong_to_a_later_one_and_needs_none_once_close_came() {
    let both = ["closing/no-close", "closing/ping-unanswered"];
    assert_breaks("< 89 01 31\n> FIN\n< FIN\n", &both);
    assert_breaks("< 89 01 31\n< 89 01 32\n> 8a 81 01 02 03 04 33\n> FIN\n< FIN\n", &both[..1]);
    assert_breaks(&format!("< 89 01 31\n{CLIENT_CLOSE}{SERVER_CLOSE}< FIN\n> FIN\n"), &[]);
    assert_breaks("> FIN\n< 89 01 31\n< FIN\n", &both[..1]);
    assert_breaks("< 89 01 31\n", &[]);
}

#[test]
fn a_code_low_byte_first_is_recognised() {
    let found = findings_in("inline", &b"< 88 02 e8 03\n"[..]);
    assert!(
        found[0].finding.broken.found.contains("swapped it is 1000"),
        "{}",
        found[0].finding.broken.found
    );
}

/// What a broken stream is not taken for.
#[test]
fn hints_are_silent_where_the_bytes_do_not_fit() {
    // A frame that the input cuts; zeros in its payload are no frame.
    assert_breaks("< 82 7e 04 00 00 x 300\n", &[]);
    assert_breaks("< 82 7e 80 01 00 x 500\n", &[]);
    // An echo without the mask, and one of another text.
    let hello = "> 81 85 9f af 77 f8 f7 ca 1b 94 f0\n";
    assert_breaks(&format!("{hello}< 81 05 \"hello\"\n"), &[]);
    assert_breaks(&format!("{hello}< 81 05 ff ca 1b 94 f0\n"), &["messages/text-utf8"]);
    // No letters.
    assert_breaks("< c3 02 01 02\n", &["framing/rsv1-not-agreed", "framing/opcode-reserved"]);
}

#[test]
fn hints_know_other_forms_of_the_same_mistake() {
    // The next frame begins where the length low byte first would end.
    let text = "messages/text-utf8";
    assert_breaks("< 81 7e 80 00 \"a\" x 128 81 02 \"hi\"\n", &["hint/length-little-endian", text]);
    assert_breaks("< 81 7e 80 \"a\" x 128 88 00\n", &["hint/length-one-byte", text]);
    // The whole frame of the client in a frame of the server; and the frame itself.
    let hello = "81 85 9f af 77 f8 f7 ca 1b 94 f0";
    assert_breaks(
        &format!("> {hello}\n< 81 0b {hello}\n"),
        &["hint/echo-still-masked", "messages/text-utf8"],
    );
    assert_breaks(&format!("> {hello}\n< {hello}\n"), &["hint/echo-still-masked", "framing/server-masked"]);
    // Two letters, and a text longer than the length that its second letter says.
    let found = ["hint/unframed-text", "framing/rsv1-not-agreed", "framing/control-fragmented"];
    assert_breaks("< \"Hi\"\n", &found);
}

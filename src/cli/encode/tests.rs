//! What is printed for which words, and which words are no command.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

/// What `wslens encode` prints for these words, or why it does not.
fn encode(words: &[&str]) -> Result<String, String> {
    let line = Line::try_parse_from([&["encode"], words].concat()).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    line.args.run(&Page::plain(), &mut out).map_err(|failure| failure.to_string())?;
    Ok(String::from_utf8(out).expect("hex"))
}

#[test]
fn each_kind_of_frame() {
    for (words, hex) in [
        (&["--text", "Hi"][..], "81 02 48 69\n"),
        (&["--text", ""], "81 00\n"),
        (&["--text", "-5"], "81 02 2d 35\n"),
        (&["--ping", "hi"], "89 02 68 69\n"),
        (&["--pong", ""], "8a 00\n"),
        (&["--close", "1000"], "88 02 03 e8\n"),
        (&["--close", "65535", "--reason", "no"], "88 04 ff ff 6e 6f\n"),
    ] {
        assert_eq!(encode(words).as_deref(), Ok(hex), "{words:?}");
    }
}

#[test]
fn broken_on_purpose() {
    for (words, hex) in [
        (&["--text", "a", "--no-fin"][..], "01 01 61\n"),
        (&["--text", "a", "--no-fin", "--fin"], "81 01 61\n"),
        (&["--text", "a", "--rsv", "1"], "c1 01 61\n"),
        (&["--text", "a", "--rsv", "1,3"], "d1 01 61\n"),
        (&["--text", "a", "--rsv", "1", "--rsv", "2"], "e1 01 61\n"),
        (&["--text", "a", "--opcode", "3"], "83 01 61\n"),
        (&["--text", "a", "--opcode", "0xF"], "8f 01 61\n"),
        (&["--text", "a", "--opcode", "Close"], "88 01 61\n"),
        (&["--text", "a", "--length-form", "16"], "81 7e 00 01 61\n"),
        (&["--text", "a", "--length-form", "64"], "81 7f 00 00 00 00 00 00 00 01 61\n"),
        (&["--ping", "abc", "--fragment", "2"], "09 02 61 62\n80 01 63\n"),
    ] {
        assert_eq!(encode(words).as_deref(), Ok(hex), "{words:?}");
    }
}

#[test]
fn masked_with_a_key_or_a_random_one() {
    let masked = "81 81 01 02 03 04 60\n";
    for words in [&["--mask=01020304", "--text", "a"][..], &["--text", "a", "--mask", "01 02 03 04"]] {
        assert_eq!(encode(words).as_deref(), Ok(masked), "{words:?}");
    }
    let random = || encode(&["--mask", "--text", "aaaaaaaa"]).expect("random");
    assert_ne!((random(), random()), (random(), random()));
    let pieces = encode(&["--text", "abc", "--fragment", "1", "--mask"]).expect("random");
    let keys: Vec<_> = pieces.lines().map(|line| &line[6..17]).collect();
    assert!(keys[0] != keys[1] || keys[1] != keys[2], "a key for each frame: {keys:?}");
}

#[test]
fn a_long_frame_has_lines_of_less_than_80_columns() {
    let text = "x".repeat(300);
    let hex = encode(&["--text", &text]).expect("hex");
    assert!(hex.lines().all(|line| line.len() < 80));
    assert_eq!(hex.split_whitespace().count(), 304);
}

#[test]
fn the_lesson_shows_the_frames_of_whoever_masks_like_that() {
    let lesson = encode(&["--text", "Hi", "--mask=01020304", "--output", "lesson"]).expect("a lesson");
    assert!(lesson.starts_with("client → server   frame 1   text, a whole message"), "{lesson}");
    assert!(lesson.contains("key      01 02") && !lesson.contains("framing/"), "{lesson}");
    let pieces = encode(&["--text", "Hi", "--fragment", "1", "--output", "lesson"]).expect("a lesson");
    assert!(pieces.starts_with("server → client   frame 1") && pieces.contains("frame 2"), "{pieces}");
    let broken = encode(&["--ping", "", "--no-fin", "--output", "lesson"]).expect("a lesson");
    assert!(broken.contains("framing/control-fragmented"), "{broken}");
}

#[test]
fn mistakes_are_told_in_a_sentence() {
    let long = "x".repeat(126);
    for (words, says) in [
        (&[][..], "required arguments were not provided"),
        (&["--text", "a", "--ping", "b"], "cannot be used with"),
        (&["--text", "a", "--reason", "b"], "cannot be used with"),
        (&["--reason", "b"], "--close <CODE>"),
        (&["--close", "70000"], "70000 is not in 0..=65535"),
        (&["--text", "a", "--mask=12"], "eight hex digits"),
        (&["--text", "a", "--rsv", "4"], "RSV1, RSV2 and RSV3"),
        (&["--text", "a", "--opcode", "16"], "0 to 15"),
        (&["--text", "a", "--opcode", "head"], "continuation, text"),
        (&["--text", "a", "--length-form", "8"], "7, 16 or 64 bits"),
        (&["--text", "a", "--fragment", "0"], "1 or more"),
        (&["--text", "a", "--fragment=-1"], "1 or more"),
        (
            &["--text", &long, "--length-form", "7"],
            "holds up to 125, but the payload of a frame has 126 bytes",
        ),
        (&["--binary", "no/such/file"], "\"no/such/file\" cannot be read"),
        (&["--text", "a", "--level", "3"], "--deflate"),
        (&["--text", "a", "--break", "cut"], "--deflate"),
        (&["--ping", "a", "--deflate"], "cannot be used with"),
        (&["--deflate", "--text", "a", "--window-bits", "16"], "16 is not in 8..=15"),
        (&["--deflate", "--text", "a", "--break", "no"], "block-type"),
    ] {
        let said = encode(words).expect_err("a mistake");
        assert!(said.contains(says), "{words:?}: {said}");
    }
}

#[test]
fn compressed_messages() {
    let hello = "c1 07 f2 48 cd c9 c9 07 00\n";
    for (words, hex) in [
        (&["--deflate", "--text", "Hello"][..], hello),
        (&["--deflate", "--text", "Hello", "--block", "fixed"], hello),
        (
            &["--deflate", "--text", "Hello", "--block", "fixed", "--bfinal"],
            "c1 08 f3 48 cd c9 c9 07 00 00\n",
        ),
        (&["--deflate", "--text", "Hi", "--block", "stored"], "c1 08 00 02 00 fd ff 48 69 00\n"),
        (&["--deflate", "--text", ""], "c1 01 00\n"),
        (&["--deflate", "--text", "Hello", "--fragment", "4"], "41 04 f2 48 cd c9\n80 03 c9 07 00\n"),
        (&["--deflate", "--text", "Hi", "--rsv", "2", "--break", "empty"], "e1 00\n"),
        (&["--text", "a", "--text", "b"], "81 01 61\n81 01 62\n"),
    ] {
        assert_eq!(encode(words).as_deref(), Ok(hex), "{words:?}");
    }
    let twice = |more: &[&str]| {
        let words = ["--deflate", "--block", "fixed", "--text", "Hello", "--text", "Hello"];
        encode(&[&words, more].concat()).expect("two messages").lines().last().map(str::len)
    };
    assert!(twice(&[]) < twice(&["--no-takeover"]));
    assert!(twice(&["--level", "0"]) == twice(&["--no-takeover"]));
}

#[test]
fn a_transcript_begins_with_the_handshake_that_the_frames_need() {
    let words =
        ["--deflate", "--window-bits", "9", "--text", "Hi", "--output", "transcript", "--mask=01020304"];
    let transcript = encode(&words).expect("a transcript");
    assert!(transcript.starts_with("> GET / HTTP/1.1\n"), "{transcript}");
    assert!(
        transcript.contains(
            "\n< Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\n<\n> c1 84"
        )
    );
    let long = "x".repeat(100);
    let plain = encode(&["--text", &long, "--output", "transcript"]).expect("a transcript");
    assert!(
        !plain.contains("Extensions") && plain.contains("\n<\n< 81 64 78") && plain.contains("\n  78 78")
    );
}

#[test]
fn the_lesson_inflates_what_was_compressed() {
    let words = ["--deflate", "--text", "Hello", "--text", "Hello", "--no-takeover", "--output", "lesson"];
    let lesson = encode(&words).expect("a lesson");
    assert!(lesson.contains("7 bytes → 5 bytes inflated, valid UTF-8"), "{lesson}");
    assert!(lesson.contains("begins each message with an empty"), "{lesson}");
    let broken =
        encode(&["--deflate", "--text", "Hi", "--break", "too-far", "--output", "lesson"]).expect("a lesson");
    assert!(broken.contains("compression/beyond-start"), "{broken}");
}

#[test]
fn a_file_without_end_is_not_read_to_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    file.as_file().set_len(LONGEST_FILE + 1).expect("a long file");
    let path = file.path().to_str().expect("a name");
    let error = encode(&["--binary", path]).expect_err("too long");
    assert!(error.contains("longer than 64 MiB"), "{error}");
}

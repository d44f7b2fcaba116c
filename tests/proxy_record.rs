//! What passed is in the record: all of it, readable again, whatever happens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod support;
mod taps;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use support::frame;
use taps::greeting::{greeted, greeting};
use taps::tshark::{ours, tshark};
use taps::*;
use wslens::input::{Format, Options, read};
use wslens::record::transcript::Transcript;
use wslens::session::segment::{Content, Segment, Time};
use wslens::wire::sender::Sender;

/// The lines of a JSON view without what differs from one reading to another.
fn comparable(lines: &str) -> Vec<serde_json::Value> {
    let parse = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).expect(line);
        for key in ["input", "payload_omitted", "roles", "server", "packets", "segments"] {
            value.as_object_mut().unwrap().remove(key);
        }
        value
    };
    lines.lines().map(parse).collect()
}

fn same(got: &str, want: &str) {
    for (got, want) in comparable(got).iter().zip(&comparable(want)) {
        assert_eq!(got, want);
    }
    assert_eq!(got.lines().count(), want.lines().count());
}

fn wslens(args: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_wslens")).args(args).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// An exchange with a page, a handshake, frames whole and cut, and bytes that are no text.
fn talk(args: &[&str]) -> Stopped {
    let key = [0x82, 0xfe, 0, 200, 1, 2, 3, 4];
    let client = [
        b"GET /?token=abc HTTP/1.1\r\nCookie: id=7\r\n\r\n".to_vec(),
        handshake().into_bytes(),
        [&key[..], &noise(200, 5)].concat(),
        b"\x89".to_vec(),
        b"\x80\x01\x02\x03\x04\x88\x82\x00\x00\x00\x00\x03\xe8".to_vec(),
    ];
    let server = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: id=8\r\n\r\n<a>\"\n".to_vec(),
        [SWITCHING.as_bytes(), b"\x81\x03a\"\\"].concat(),
        b"\x88\x02\x03\xe8".to_vec(),
    ];
    let (got, stopped) = exchange(args, client.to_vec(), server.to_vec());
    assert!(got.server_got == client.concat() && got.client_got == server.concat());
    stopped
}

#[test]
fn a_transcript_and_json_lines_hold_what_was_shown() {
    let dir = tempfile::tempdir().unwrap();
    let (txt, jsonl) = (dir.path().join("a.txt"), dir.path().join("a.jsonl"));
    let (txt, jsonl) = (txt.to_str().unwrap(), jsonl.to_str().unwrap());
    let stopped = talk(&["--record", txt, "--record", jsonl]);
    assert!(stopped.status.success());
    same(&std::fs::read_to_string(jsonl).unwrap(), &stopped.out);
    same(&wslens(&["decode", "--json", txt]), &stopped.out);
    for file in [txt, jsonl] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// The ending of every kind of record.
const ENDINGS: [&str; 3] = ["txt", "jsonl", "pcapng"];

#[test]
fn secrets_are_masked_in_every_record_and_nothing_else_is() {
    let dir = tempfile::tempdir().unwrap();
    for ending in ENDINGS {
        let file = dir.path().join(format!("a.{ending}"));
        let file = file.to_str().unwrap();
        let args = ["--redact", "--record", file];
        let stopped = talk(&args);
        assert!(stopped.status.success());
        let bytes = std::fs::read(file).unwrap();
        for secret in ["abc", "id=7", "id=8", &BASE64_STANDARD.encode("id=7")[..5]] {
            assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "{ending}: {secret}");
        }
        let found = |words: &str| memchr::memmem::find(&bytes, words.as_bytes()).is_some();
        assert!(found("token=***"), "{ending}");
        assert!(found("secrets are masked") || ending == "jsonl", "{ending}");
        let lines = wslens(&["decode", "--json", file]);
        let frames: Vec<_> = comparable(&lines).into_iter().filter(|line| line["type"] == "frame").collect();
        assert_eq!(
            frames,
            comparable(&stopped.out).into_iter().filter(|line| line["type"] == "frame").collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_disk_that_is_full_stops_nothing_and_is_told_at_the_end() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: no /dev/full");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for ending in ENDINGS {
        let full = dir.path().join(format!("full.{ending}"));
        std::os::unix::fs::symlink("/dev/full", &full).unwrap();
        let good = dir.path().join(format!("good.{ending}.txt"));
        let stopped = talk(&["--record", full.to_str().unwrap(), "--record", good.to_str().unwrap()]);
        assert_eq!(stopped.status.code(), Some(2));
        assert_eq!(stopped.err.matches("warning: ").count(), 1, "{}", stopped.err);
        same(&wslens(&["decode", "--json", good.to_str().unwrap()]), &stopped.out);
    }
}

#[test]
fn after_a_kill_the_record_reads_up_to_the_last_second() {
    let dir = tempfile::tempdir().unwrap();
    let files = ENDINGS.map(|ending| dir.path().join(format!("a.{ending}")).to_str().unwrap().to_owned());
    let upstream = format!("localhost:{}", greeting());
    let records = files.iter().flat_map(|file| ["--record", file]);
    let args: Vec<_> = ["--quiet", &upstream].into_iter().chain(records).collect();
    let proxy = Proxy::start(&args);
    let _client = greeted(&proxy);
    thread::sleep(Duration::from_millis(1000));
    proxy.signal("-KILL");
    proxy.wait();
    for file in &files {
        let lines = wslens(&["decode", "--json", file]);
        assert!(comparable(&lines).iter().any(|line| line["text"] == "hi"), "{file}: {lines}");
    }
    if let Some(frames) = tshark(&files[2], &[]) {
        assert_eq!(frames.len(), 1);
    }
}

#[test]
fn every_record_reads_back_to_the_same_messages() {
    let dir = tempfile::tempdir().unwrap();
    let files = ["txt", "jsonl", "pcapng", "har"]
        .map(|ending| dir.path().join(format!("a.{ending}")).to_str().unwrap().to_owned());
    let args: Vec<_> = files.iter().flat_map(|file| ["--record", file]).collect();
    assert!(turns(&args).status.success());
    let read = |file: &String| {
        let lines = comparable(&wslens(&["decode", "--json", "--only", "message", file]));
        let told = |line: &serde_json::Value| {
            (line["sender"].clone(), line["opcode"].clone(), line["text"].clone(), line["base64"].clone())
        };
        lines.iter().map(told).collect::<Vec<_>>()
    };
    let want = read(&files[0]);
    assert_eq!(want.len(), 5);
    for file in &files {
        assert!(read(file) == want, "{file}");
    }
    same(&wslens(&["decode", "--json", &files[1]]), &std::fs::read_to_string(&files[1]).unwrap());
}

#[test]
fn a_disk_that_fills_up_leaves_what_was_there_and_everything_passes() {
    let dir = tempfile::tempdir().unwrap();
    for ending in ENDINGS {
        let file = dir.path().join(format!("a.{ending}"));
        let file = file.to_str().unwrap();
        // The shell cuts files off at so many blocks of 512 bytes, as a full disk would; the signal that says so is ignored.
        let mut command = Command::new("sh");
        let limited = "trap '' XFSZ; ulimit -f 300; exec \"$0\" \"$@\"";
        command.args(["-c", limited, env!("CARGO_BIN_EXE_wslens")]);
        let port = server(|mut stream| {
            read_head(&mut stream);
            stream.write_all(SWITCHING.as_bytes()).unwrap();
            for _ in 0..40 {
                stream.write_all(&frame(0x82, &noise(60_000, 7), None)).unwrap();
            }
            read_all(&mut stream);
        });
        let proxy =
            Proxy::start_command(command, &["--quiet", "--record", file, &format!("localhost:{port}")]);
        let mut client = proxy.connect();
        client.write_all(handshake().as_bytes()).unwrap();
        read_head(&mut client);
        client.read_exact(&mut vec![0; 40 * 60_004]).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        read_all(&mut client);
        let stopped = proxy.stop();
        assert_eq!(stopped.status.code(), Some(2), "{}", stopped.err);
        assert_eq!(stopped.err.matches("cannot be written any further").count(), 1, "{}", stopped.err);
        assert!(std::fs::metadata(file).unwrap().len() <= 300 * 512);
        let read =
            Command::new(env!("CARGO_BIN_EXE_wslens")).args(["decode", "--json", file]).output().unwrap();
        let lines = String::from_utf8(read.stdout).unwrap();
        let frames =
            comparable(&lines).into_iter().filter(|line| line["type"] == "frame" && line["partial"] == false);
        assert!(frames.count() > 0, "{ending}: what came before is readable");
    }
}

#[test]
fn what_cannot_be_recorded_is_told_before_anything_starts() {
    let run = |file: &str| {
        let args = ["proxy", "--listen", "0", "localhost:1", "--record", file];
        let run = Command::new(env!("CARGO_BIN_EXE_wslens")).args(args).output().unwrap();
        assert_eq!(run.status.code(), Some(2));
        String::from_utf8(run.stderr).unwrap()
    };
    let args = ["proxy", "--listen", "0", "localhost:1", "--record", "a.txt", "--record", "a.txt"];
    let twice = Command::new(env!("CARGO_BIN_EXE_wslens")).args(args).output().unwrap();
    assert!(String::from_utf8_lossy(&twice.stderr).contains("a.txt is named twice"));
    let dir = tempfile::tempdir().unwrap();
    let args = ["proxy", "--listen", "0", "localhost:1", "--record", "b.txt", "--record", "./b.txt"];
    let twice =
        Command::new(env!("CARGO_BIN_EXE_wslens")).args(args).current_dir(dir.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&twice.stderr).contains("./b.txt is named twice"));
    assert!(run("a.doc").contains("its name must end in"));
    assert!(run("/no/such/directory/a.txt").contains("cannot be written"));
}

/// A conversation in which each waits for the other, as peers do that mean well.
fn turns(args: &[&str]) -> Stopped {
    let big = frame(0x82, &noise(200_000, 3), None);
    let from_server =
        [big.clone(), frame(0x81, "grüße".as_bytes(), None), frame(0x88, b"\x03\xe8bye", None)].concat();
    let key = Some([1, 2, 3, 4]);
    let from_client = [
        frame(0x81, b"hello", key),
        frame(0x01, &[b'x'; 300], key),
        frame(0x89, b"ping", key),
        frame(0x80, b"!", key),
        frame(0x82, &noise(150_000, 4), key),
    ]
    .concat();
    let (asks, len) = (from_client.clone(), from_server.len());
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        stream.read_exact(&mut vec![0; asks.len()]).unwrap();
        stream.write_all(&from_server).unwrap();
        read_all(&mut stream);
    });
    let proxy = Proxy::start(&[args, &["--json", &format!("ws://localhost:{port}")]].concat());
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    read_head(&mut client);
    client.write_all(&from_client).unwrap();
    client.read_exact(&mut vec![0; len]).unwrap();
    client.write_all(&frame(0x88, b"\x03\xe8", key)).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    read_all(&mut client);
    proxy.stop()
}

#[test]
fn wireshark_shows_the_same_frames() {
    let dir = tempfile::tempdir().unwrap();
    let (file, lines) = (dir.path().join("a.pcapng"), dir.path().join("a.jsonl"));
    let (file, lines) = (file.to_str().unwrap(), lines.to_str().unwrap());
    let stopped = turns(&["--record", file, "--record", lines]);
    assert!(stopped.status.success());
    same(&wslens(&["decode", "--json", file]), &std::fs::read_to_string(lines).unwrap());
    let Some(frames) = tshark(file, &[]) else { return };
    assert_eq!(frames, ours(lines));
    assert_eq!(frames.len(), 9);
}

proptest! {
    #[test]
    fn every_byte_of_a_transcript_reads_back(
        pieces in prop::collection::vec((any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 1..200)), 0..20)
    ) {
        let (mut text, mut all) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut transcript = Transcript::begin(&mut text, &["of a test".to_owned()]);
        for (i, (client, ascii, bytes)) in pieces.iter().enumerate() {
            let bytes: Vec<u8> = bytes.iter().map(|byte| if *ascii { byte & 0x7f } else { *byte }).collect();
            let sender = if *client { Sender::Client } else { Sender::Server };
            let time = Some(Time(i as u64 / 2 * 500_000_000));
            transcript.segment(&mut text, &Segment { connection: 1, sender, time, packet: None, content: Content::Bytes(&bytes) });
            all[usize::from(*client)].extend_from_slice(&bytes);
        }
        let mut got = [Vec::new(), Vec::new()];
        let mut each = |segment: Segment<'_>| {
            if let Content::Bytes(bytes) = segment.content {
                got[usize::from(segment.sender == Sender::Client)].extend_from_slice(bytes);
            }
            ControlFlow::Continue(())
        };
        let options = Options { format: Some(Format::Transcript), ..Options::default() };
        let report = read("a", &text[..], &options, &mut |_| {}, &mut each);
        prop_assert!(report.is_ok());
        prop_assert_eq!(got, all);
    }
}

#[test]
fn a_cut_connection_and_one_over_both_versions_of_ip_read_back_from_a_capture() {
    let dir = tempfile::tempdir().unwrap();
    let (file, lines) = (dir.path().join("a.pcapng"), dir.path().join("a.jsonl"));
    let (file, lines) = (file.to_str().unwrap(), lines.to_str().unwrap());
    let port = server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(&[SWITCHING.as_bytes(), b"\x81\x02hi"].concat()).unwrap();
        stream.read_exact(&mut [0; 6]).unwrap();
        reset(stream);
    });
    let proxy = Proxy::start(&["--quiet", "--record", file, "--record", lines, &format!("127.0.0.1:{port}")]);
    let clients = ["127.0.0.1", "::1"].map(|ip| std::net::TcpStream::connect((ip, proxy.port)));
    let mut count = 0;
    // A machine may have no IPv6.
    for mut client in clients.into_iter().flatten() {
        client.write_all(handshake().as_bytes()).unwrap();
        read_head(&mut client);
        client.read_exact(&mut [0; 4]).unwrap();
        client.write_all(b"\x89\x80\x01\x02\x03\x04").unwrap();
        assert!(!read_all(&mut client).1, "it was cut");
        count += 1;
    }
    assert!(proxy.stop().status.success());
    let told = |lines: &str| {
        let lines = comparable(lines).into_iter().filter(|line| line["type"] != "open");
        let mut told: Vec<_> = lines.map(|line| (line["connection"].as_u64(), line)).collect();
        // Both ends of a cut are told by the proxy, and one of them by an RST.
        told.retain(|(_, line)| line["type"] != "end");
        told.sort_by_key(|(connection, _)| *connection);
        told
    };
    let decoded = wslens(&["decode", "--json", file]);
    assert_eq!(told(&decoded), told(&std::fs::read_to_string(lines).unwrap()));
    assert_eq!(decoded.matches("\"how\":\"reset\"").count() / count, 2, "{decoded}");
    if let Some(frames) = tshark(file, &[]) {
        assert_eq!(frames.len(), 2 * count);
    }
}

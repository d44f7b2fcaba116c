//! A HAR of what passed: as Chrome writes it, and never half of one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod support;
mod taps;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use support::frame;
use taps::greeting::{greeted, greeting};
use taps::*;

/// A page, then a WebSocket with text, binary, an empty message, a fragmented one, a ping and text that is none.
fn talk(args: &[&str]) -> Stopped {
    let from_server = [
        frame(0x02, &[0], None),
        frame(0x89, b"?", None),
        frame(0x80, &[1, 255], None),
        frame(0x88, b"\x03\xe9", None),
    ];
    let from_server = from_server.concat();
    let key = Some([1, 2, 3, 4]);
    let from_client =
        [frame(0x81, "grüße\u{1f600}\n".as_bytes(), key), frame(0x81, b"", key), frame(0x81, b"a\xff", key)]
            .concat();
    let (asks, len) = (from_client.len(), from_server.len());
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: id=8\r\n\r\nhi").unwrap();
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        stream.read_exact(&mut vec![0; asks]).unwrap();
        stream.write_all(&from_server).unwrap();
        read_all(&mut stream);
    });
    let proxy = Proxy::start(&[args, &["--json", &format!("ws://localhost:{port}")]].concat());
    let mut client = proxy.connect();
    client.write_all(b"GET /?token=abc HTTP/1.1\r\nHost: localhost:9\r\nCookie: id=7\r\n\r\n").unwrap();
    read_head(&mut client);
    client.read_exact(&mut [0; 2]).unwrap();
    client.write_all(handshake().as_bytes()).unwrap();
    read_head(&mut client);
    client.write_all(&from_client).unwrap();
    client.read_exact(&mut vec![0; len]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    read_all(&mut client);
    proxy.stop()
}

fn read(path: &Path) -> Value {
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn finish(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wslens")).arg("har").args(args).output().unwrap()
}

#[test]
fn a_har_holds_messages_as_chrome_writes_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.har");
    let stopped = talk(&["--record", file.to_str().unwrap()]);
    assert!(stopped.status.success(), "{}", stopped.err);
    let har = read(&file);
    let log = &har["log"];
    assert_eq!(log["version"], "1.2");
    for words in ["recorded by wslens", "A HAR holds messages, not frames"] {
        assert!(log["comment"].as_str().unwrap().contains(words), "{words}");
    }
    let [page, socket] = log["entries"].as_array().unwrap().as_slice() else { panic!("{log}") };
    assert_eq!(page["request"]["url"], "http://localhost:9/?token=abc");
    assert_eq!(page["response"]["cookies"], json!([{"name": "id", "value": "8"}]));
    assert!(page["_webSocketMessages"].is_null());
    assert_eq!(socket["_resourceType"], "websocket");
    assert_eq!(socket["request"]["url"], "ws://localhost/chat");
    assert_eq!(socket["response"]["status"], 101);
    let names: Vec<_> = socket["request"]["headers"].as_array().unwrap().iter().map(|h| &h["name"]).collect();
    assert_eq!(names[..3], ["Host", "Connection", "Upgrade"]);
    let messages = socket["_webSocketMessages"].as_array().unwrap();
    let told: Vec<_> = messages.iter().map(|m| json!([m["type"], m["opcode"], m["data"]])).collect();
    let want = [
        json!(["send", 1, "grüße😀\n"]),
        json!(["send", 1, ""]),
        json!(["send", 1, BASE64_STANDARD.encode(b"a\xff")]),
        json!(["receive", 2, BASE64_STANDARD.encode([0, 1, 255])]),
    ];
    assert_eq!(told, want);
    assert_eq!((&messages[0]["_encoding"], &messages[2]["_encoding"]), (&json!(null), &json!("base64")));
    let opened = stopped.lines("open")[0]["time"].as_str().unwrap().parse::<f64>().unwrap();
    let times: Vec<_> = messages.iter().map(|m| m["time"].as_f64().unwrap() - opened).collect();
    assert!(times.is_sorted() && times[0] >= 0.0 && times[3] < 60.0, "seconds since 1970: {times:?}");
    assert!(socket["time"].as_f64().unwrap() > 0.0 && socket["timings"]["send"].is_number());
    assert!(
        socket["comment"].as_str().unwrap().contains("1 ping and 0 pongs passed; the server sent Close 1001")
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no spool is left");
}

#[test]
fn secrets_are_masked_in_a_har_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.har");
    assert!(talk(&["--redact", "--record", file.to_str().unwrap()]).status.success());
    let text = std::fs::read_to_string(&file).unwrap();
    for secret in ["abc", "id=7", "id=8", "\"7\"", "\"8\""] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("?token=***") && text.contains("secrets are masked"));
}

#[test]
fn after_a_kill_the_spool_is_finished_by_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let (file, spool) = (dir.path().join("a.har"), dir.path().join("a.har.spool"));
    let (har, spool) = (file.to_str().unwrap(), spool.to_str().unwrap());
    let upstream = format!("localhost:{}", greeting());
    let args = ["--quiet", "--record", har, &upstream];
    let proxy = Proxy::start(&args);
    let _client = greeted(&proxy);
    thread::sleep(Duration::from_millis(1000));
    proxy.signal("-KILL");
    proxy.wait();
    assert!(!file.exists(), "nothing is presented as whole");

    let again = Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["proxy", "--listen", "0"])
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(again.status.code() == Some(2) && said.contains(&format!("wslens har {spool}")), "{said}");

    let done = finish(&[spool]);
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success() && said.contains("1 entry; the recording was cut off"), "{said}");
    let read = read(&file);
    assert_eq!(read["log"]["entries"][0]["_webSocketMessages"][0]["data"], "hi");
    assert!(read["log"]["comment"].as_str().unwrap().contains("The recording was cut off"));
    assert_eq!(finish(&[spool, "--out", "-"]).stdout, std::fs::read(&file).unwrap());
    let no_spool = finish(&[har, "--out", "-"]);
    assert!(no_spool.status.code() == Some(2) && no_spool.stdout.is_empty());
    assert_eq!(finish(&["/no/such.har.spool"]).status.code(), Some(2));
    assert_eq!(finish(&[spool, "--out", "/no/such/directory/a.har"]).status.code(), Some(2));
}

#[test]
fn a_har_that_cannot_be_written_leaves_its_spool() {
    let dir = tempfile::tempdir().unwrap();
    let (file, spool) = (dir.path().join("a.har"), dir.path().join("a.har.spool"));
    let elsewhere = dir.path().join("b.har");
    std::fs::create_dir(&file).unwrap();
    let stopped = talk(&["--record", file.to_str().unwrap()]);
    assert!(
        stopped.status.code() == Some(2) && stopped.err.contains("a.har cannot be written"),
        "{}",
        stopped.err
    );
    assert!(stopped.err.contains("wslens har ") && !dir.path().join("a.har.part").exists());
    let done = finish(&[spool.to_str().unwrap(), "--out", elsewhere.to_str().unwrap()]);
    assert!(done.status.success() && !String::from_utf8(done.stderr).unwrap().contains("cut off"));
    assert_eq!(read(&elsewhere)["log"]["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn a_disk_that_is_full_makes_no_har_and_is_told_at_the_end() {
    if !Path::new("/dev/full").exists() {
        println!("skipped: no /dev/full");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.har");
    symlink("/dev/full", dir.path().join("a.har.spool")).unwrap();
    let stopped = talk(&["--record", file.to_str().unwrap()]);
    assert_eq!(stopped.status.code(), Some(2));
    assert!(
        stopped.err.contains("cannot be written any further") && stopped.err.contains("makes a HAR of it")
    );
    assert_eq!(stopped.err.matches("warning: ").count(), 1, "{}", stopped.err);
    assert!(!file.exists());
}

//! The proxy of a browser: what is told of its duties, and what is kept of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod taps;

use std::io::Write;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use taps::tls::start;
use taps::*;

const OK: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nLocation: http://me:pw@a/?t=tok\r\n\r\n";

/// A server that answers one request with nothing.
fn empty() -> u16 {
    server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(OK).unwrap();
    })
}

#[test]
fn no_secret_of_a_request_to_a_proxy_is_recorded_not_even_in_a_note() {
    let home = tempfile::tempdir().unwrap();
    let files = ["txt", "jsonl", "pcapng", "har"].map(|ending| home.path().join(format!("a.{ending}")));
    let mut args = vec!["--redact"];
    files.iter().for_each(|file| args.extend(["--record", file.to_str().unwrap()]));
    let proxy = start(home.path(), &args);
    let mut client = proxy.connect();
    let request = format!(
        "GET http://us3r:p4ss@localhost:{}/a?t=t0k3n HTTP/1.1\r\nHost: localhost\r\nProxy-Authorization: Basic s3cr3t\r\n\
         Referer: http://us3r:p4ss@b/\r\nOrigin: http://us3r:p4ss@b\r\n\r\n",
        empty()
    );
    client.write_all(request.as_bytes()).unwrap();
    assert_eq!(read_all(&mut client).0, OK, "what passes is not masked");
    let stopped = proxy.stop();
    assert!(stopped.status.success(), "{}", stopped.err);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let secrets = ["us3r", "p4ss", "t0k3n", "s3cr3t", "me:pw", "tok\r\n"];
        let encoded = secrets.map(|secret| BASE64_STANDARD.encode(format!("{secret}xx"))[..4].to_owned());
        for secret in secrets.iter().copied().chain(encoded.iter().map(String::as_str)) {
            assert!(
                memchr::memmem::find(&bytes, secret.as_bytes()).is_none(),
                "{}: {secret}",
                file.display()
            );
        }
    }
}

#[test]
fn its_duties_are_one_short_line_each() {
    let home = tempfile::tempdir().unwrap();
    let proxy = start(home.path(), &[] as &[&str]);
    let port = empty();
    let mut client = proxy.connect();
    let head = format!("GET http://localhost:{port}/a.js HTTP/1.1\r\nProxy-Connection: keep-alive\r\n\r\n");
    client.write_all(head.as_bytes()).unwrap();
    assert_eq!(read_all(&mut client).0, OK);
    let mut tunnel = proxy.connect();
    tunnel.write_all(format!("CONNECT localhost:{port} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
    assert!(read_head(&mut tunnel).contains(" 200 "));
    tunnel.write_all(b"GET /b.js HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(read_all(&mut tunnel).0, OK);
    drop((client, tunnel));
    let out = proxy.stop().out;
    let lines: Vec<_> =
        out.lines().map(|line| line.split("   ").map(str::trim).collect::<Vec<_>>().join("|")).collect();
    let told = |what: &str| lines.iter().filter(|line| line.starts_with(what)).count();
    assert_eq!(told("wslens: connection 1: passed on as \"/a.js\", without Proxy-Connection"), 1, "{out}");
    assert_eq!(told("wslens: connection 2: answered CONNECT localhost:"), 1, "{out}");
    assert_eq!(told("connection 2|GET /b.js → 200 OK|"), 1, "{out}");
    assert!(lines.len() <= 5, "{out}");
}

#[test]
fn a_name_that_would_reach_the_terminal_raw_is_none() {
    let home = tempfile::tempdir().unwrap();
    let proxy = start(home.path(), &[] as &[&str]);
    for line in
        ["CONNECT a\x1b]0;b:80 HTTP/1.1", "GET http://a\x1b[31m/ HTTP/1.1", "CONNECT \u{202e}a:80 HTTP/1.1"]
    {
        let mut client = proxy.connect();
        client.write_all(format!("{line}\r\nProxy-\x1b[2J: a\r\n\r\n").as_bytes()).unwrap();
        assert!(String::from_utf8(read_all(&mut client).0).unwrap().starts_with("HTTP/1.1 502 "), "{line}");
    }
    let mut client = proxy.connect();
    let head = format!("GET http://localhost:{}/\x1b[31m HTTP/1.1\r\nProxy-\x1b[2J: a\r\n\r\n", empty());
    client.write_all(head.as_bytes()).unwrap();
    read_all(&mut client);
    let stopped = proxy.stop();
    for text in [&stopped.out, &stopped.err] {
        assert!(!text.contains(['\x1b', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn a_head_that_is_too_long_or_too_slow_is_told_and_one_that_never_begins_is_not() {
    let home = tempfile::tempdir().unwrap();
    let proxy = start(home.path(), &["--handshake-timeout", "1"]);
    for head in [
        format!("GET http://a/ HTTP/1.1\r\nA: {}", "a".repeat(70_000)),
        "CONNECT a:80 HTTP/1.1\r\n".to_owned() + &"A: b\r\n".repeat(300),
    ] {
        let mut client = proxy.connect();
        client.write_all(head.as_bytes()).unwrap();
        let answer = String::from_utf8(read_all(&mut client).0).unwrap();
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let (mut slow, mut silent) = (proxy.connect(), proxy.connect());
    slow.write_all(b"GET http://a/ HT").unwrap();
    assert_eq!([read_all(&mut slow), read_all(&mut silent)], [(Vec::new(), true), (Vec::new(), true)]);
    drop((slow, silent));
    let out = proxy.stop().out;
    assert_eq!(out.matches("did not come whole within 1 s").count(), 1, "{out}");
    assert!(!out.contains("no request that a proxy can read"), "{out}");
}

#[test]
fn a_request_to_another_server_behind_an_answer_that_ends_with_its_connection_comes_too_late() {
    let home = tempfile::tempdir().unwrap();
    let until_end = server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nuntil the end").unwrap();
    });
    let proxy = start(home.path(), &["--json"]);
    let before = sockets(&proxy);
    let mut client = proxy.connect();
    let request = |port| format!("GET http://localhost:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n");
    client.write_all((request(until_end) + &request(empty())).as_bytes()).unwrap();
    assert_eq!(read_all(&mut client), (b"HTTP/1.1 200 OK\r\n\r\nuntil the end".to_vec(), true));
    drop(client);
    // Nothing of it is left behind: its place is free again.
    let limit = std::time::Instant::now() + PATIENCE;
    while sockets(&proxy) > before {
        assert!(std::time::Instant::now() < limit, "the connection is never over");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(proxy.stop().lines("end").len(), 2);
}

/// How many sockets a proxy has.
fn sockets(proxy: &Proxy) -> usize {
    let all = std::fs::read_dir(format!("/proc/{}/fd", proxy.pid())).expect("Linux").flatten();
    let is_socket = |to: &std::path::Path| to.to_string_lossy().starts_with("socket:");
    all.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| is_socket(&to))).count()
}

//! What the views of the proxy show while it passes on: as a person or a program reads it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod taps;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use taps::unread::Unread;
use taps::*;

/// A frame's payload that is announced.
const LARGE: usize = 70_000;

/// A server that answers the handshake, and then with each byte that it gets.
fn echo() -> u16 {
    server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        let mut piece = [0; 4096];
        while let Ok(len @ 1..) = stream.read(&mut piece) {
            stream.write_all(&piece[..len]).unwrap();
        }
    })
}

fn open(proxy: &Proxy, path: &str) -> TcpStream {
    let mut stream = proxy.connect();
    stream.write_all(handshake().replace("/chat", path).as_bytes()).unwrap();
    read_head(&mut stream);
    stream
}

/// Sends bytes and waits until they have come back.
fn ping_pong(stream: &mut TcpStream, bytes: &[u8]) {
    let mut reader = stream.try_clone().unwrap();
    let len = bytes.len();
    let back = thread::spawn(move || reader.read_exact(&mut vec![0; len]).unwrap());
    stream.write_all(bytes).unwrap();
    back.join().unwrap();
}

/// A large binary frame of a client, whose second half comes 30 ms behind the first.
fn send_large(stream: &mut TcpStream) {
    let mut frame = vec![0x82, 0xff];
    frame.extend((LARGE as u64).to_be_bytes());
    frame.extend([1, 2, 3, 4]);
    frame.extend([0; LARGE]);
    let (first, second) = frame.split_at(LARGE / 2);
    ping_pong(stream, first);
    thread::sleep(Duration::from_millis(30));
    ping_pong(stream, second);
}

#[test]
fn a_large_frame_is_announced_where_it_will_be_shown_and_tells_when_it_began_and_ended() {
    for (args, announced) in [
        (&["--sender", "client"][..], 1),
        (&["--only", "ping"], 0),
        (&["--hide", "binary"], 0),
        (&["--path", "/a", "--sender", "client"], 1),
        (&["--path", "/b"], 0),
        (&["--frames", "3"], 0),
    ] {
        let upstream = format!("localhost:{}", echo());
        let proxy = Proxy::start(&[args, &[&upstream]].concat());
        send_large(&mut open(&proxy, "/a"));
        let out = proxy.stop().out;
        for says in [
            "frame 1   binary, its header ",
            "Its payload of 70,000 bytes follows",
            "Its header stands above",
        ] {
            assert_eq!(out.matches(says).count(), announced, "{args:?}: {out}");
        }
        assert_eq!(out.matches("Payload len 127").count(), announced, "no grid is told twice: {out}");
        if announced > 0 {
            let title = out.split_once("binary, a whole message").unwrap().1.lines().next().unwrap();
            let (from, to) = title.trim().trim_end_matches(" s").split_once('–').unwrap();
            assert!(from.parse::<f64>().unwrap() + 0.03 <= to.parse().unwrap(), "{title}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_large_frame_is_told_with_its_header_and_once() {
    let upstream = format!("localhost:{}", echo());
    let proxy = Proxy::start(&["--sender", "client", &upstream]);
    let mut stream = open(&proxy, "/a");
    // No mask.
    let header = [&[0x82, 0x7f][..], &(LARGE as u64).to_be_bytes(), &[0; 100]].concat();
    ping_pong(&mut stream, &header);
    drop(stream);
    let out = proxy.stop().out;
    let at = |words: &str| out.find(words).unwrap_or_else(|| panic!("{words} is not in {out}"));
    let begins = at("Its payload of 70,000 bytes follows");
    let (wrong, ends) = (at("framing/client-not-masked"), at("binary, a whole message, cut short"));
    assert!(begins < wrong && wrong < ends, "{out}");
    assert_eq!(out.matches("framing/client-not-masked").count(), 1, "{out}");
}

#[test]
fn in_other_views_a_large_frame_is_announced_in_words() {
    for view in ["summary", "json", "diagram"] {
        let upstream = format!("localhost:{}", echo());
        let proxy = Proxy::start(&["--view", view, "--sender", "client", &upstream]);
        send_large(&mut open(&proxy, "/a"));
        let stopped = proxy.stop();
        let says = "frame 1 from the client begins: binary, FIN 1, 70,000 bytes\n";
        assert!((stopped.out + &stopped.err).contains(says), "{view}");
    }
}

#[test]
fn every_connection_has_its_number_and_its_end() {
    let upstream = format!("localhost:{}", echo());
    let proxy = Proxy::start(&[&upstream]);
    let (mut one, mut two) = (open(&proxy, "/1"), open(&proxy, "/2"));
    ping_pong(&mut one, b"\x81\x80\x01\x02\x03\x04");
    ping_pong(&mut two, b"\x89\x80\x01\x02\x03\x04");
    ping_pong(&mut one, b"\x88\x80\x01\x02\x03\x04");
    drop((one, two));
    let out = proxy.stop().out;
    for words in [
        "\nconnection 2   127.0.0.1:",
        "\nconnection 1\n",
        "How connection 1 ended, after ",
        "How connection 2 ",
    ] {
        assert!(out.contains(words), "{words:?} is not in {out}");
    }
}

#[test]
fn a_page_is_one_line_unless_all_is_asked_for() {
    let page = server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage").unwrap();
    });
    let upstream = format!("localhost:{page}");
    for (args, one_line) in [
        (&[][..], true),
        (&["--view", "summary"], true),
        (&["--verbose"], false),
        (&["--only", "http"], false),
        (&["--json"], false),
    ] {
        let proxy = Proxy::start(&[args, &[&upstream]].concat());
        let mut client = proxy.connect();
        client.write_all(b"GET /app.js HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        read_all(&mut client);
        drop(client);
        let out = proxy.stop().out;
        assert_eq!(out.contains("connection 1   GET /app.js → 200 OK "), one_line, "{args:?}: {out}");
        assert!(!one_line || out.lines().count() <= 2, "{args:?}: {out}");
    }
}

#[test]
fn a_view_that_nobody_reads_holds_nothing_up_and_what_it_leaves_out_is_counted_exactly() {
    const FRAMES: usize = 300_000;
    let port = server(|mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        let thousand = b"\x81\x02hi".repeat(1000);
        (0..FRAMES / 1000).for_each(|_| stream.write_all(&thousand).unwrap());
    });
    let mut proxy = Unread::start(&["--json", &format!("localhost:{port}")]);
    let mut client = connect(proxy.port);
    client.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_all(&mut client), ([SWITCHING.as_bytes(), &b"\x81\x02hi".repeat(FRAMES)].concat(), true));
    drop(client);
    let mut out = proxy.out.take().unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        text
    });
    thread::sleep(Duration::from_millis(500));
    proxy.interrupt();
    let (out, mut err) = (reader.join().unwrap(), String::new());
    proxy.err.read_to_string(&mut err).unwrap();
    let shown = out
        .lines()
        .filter(|line| ["frame", "message"].iter().any(|kind| line.contains(&format!("\"type\":\"{kind}\""))))
        .count();
    let left_out = err
        .split("wslens: ")
        .filter_map(|note| note.split_once(" events are not shown")?.0.parse::<usize>().ok());
    let left_out: usize = left_out.sum();
    assert!(left_out > 0 && shown + left_out == 2 * FRAMES, "{shown} + {left_out}");
    for kind in ["open", "response", "end"] {
        assert!(out.contains(&format!("\"type\":\"{kind}\"")), "{kind} is never left out");
    }
}

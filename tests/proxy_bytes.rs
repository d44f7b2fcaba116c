//! What goes in at one side of the proxy comes out at the other: the same bytes, the same order, the same end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod taps;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use taps::*;

/// A handshake, then these bytes from each end; the server's come in the same write as its 101.
fn after_handshake(client: Vec<Vec<u8>>, server: Vec<Vec<u8>>) -> Stopped {
    let from_client = [vec![handshake().into_bytes()], client].concat();
    let first = [SWITCHING.as_bytes(), &server[0]].concat();
    let from_server = [vec![first], server[1..].to_vec()].concat();
    let (got, stopped) = exchange(&[], from_client.clone(), from_server.clone());
    assert!(got.server_got == from_client.concat(), "the client's bytes arrive");
    assert!(got.client_got == from_server.concat(), "the server's bytes arrive");
    stopped
}

fn single_bytes(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.chunks(1).map(<[u8]>::to_vec).collect()
}

#[test]
fn invalid_frames_of_every_kind_pass_and_are_shown() {
    let invalid: &[&[u8]] = &[
        b"\x81\x05hello",
        b"\xf1\x00",
        b"\x83\x00",
        b"\x8b\x00",
        b"\x09\x00",
        b"\x89\x7e\x00\x7e",
        &[b'p'; 126],
        b"\x80\x00",
        b"\x01\x01a",
        b"\x01\x01b",
        b"\x80\x01\xff",
        b"\x82\x7e\x00\x01x",
        b"\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01x",
        b"\x81\x81\x00\x00\x00\x00\xc3",
        b"\x88\x01x",
        b"\x88\x02\x03\xed",
        b"\x81\x01z",
        b"\x88\x7f\xff\xff\xff\xff\xff\xff\xff\xffrest",
    ];
    let bytes = invalid.concat();
    let stopped = after_handshake(single_bytes(&bytes), vec![bytes.clone()]);
    let frames = stopped.lines("frame");
    assert_eq!(frames.len(), 34);
    let rules: std::collections::BTreeSet<_> = frames
        .iter()
        .chain(&stopped.lines("message"))
        .flat_map(|frame| frame["findings"].as_array().unwrap().clone())
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    assert!(rules.len() >= 12, "{rules:?}");
}

#[test]
fn bytes_before_the_answer_pass() {
    let (tell, told) = channel();
    let port = server(move |mut stream| {
        read_head(&mut stream);
        let mut early = [0; 8];
        stream.read_exact(&mut early).expect("they pass before there is an answer");
        tell.send(early).unwrap();
        stream.write_all(SWITCHING.as_bytes()).unwrap();
    });
    let proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(&[handshake().as_bytes(), b"\x81\x82\x00\x00\x00\x00hi"].concat()).unwrap();
    assert_eq!(&told.recv_timeout(PATIENCE).unwrap(), b"\x81\x82\x00\x00\x00\x00hi");
    assert_eq!(read_head(&mut client), SWITCHING);
    drop(client);
    assert_eq!(proxy.stop().lines("frame")[0]["text"], "hi");
}

#[test]
fn a_thousand_frames_in_one_write_are_a_thousand_events() {
    let frames: Vec<u8> = (0..1000).flat_map(|i| format!("\u{1}{i:04}").into_bytes()).collect();
    let frames: Vec<u8> = frames.chunks(5).flat_map(|five| [&[0x81, 4], &five[1..]].concat()).collect();
    let stopped = after_handshake(vec![vec![]], vec![frames]);
    let texts: Vec<_> =
        stopped.lines("frame").iter().map(|frame| frame["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, (0..1000).map(|i| format!("{i:04}")).collect::<Vec<_>>());
}

#[test]
fn sixty_four_mebibytes_in_one_message_pass_and_are_announced_first() {
    let payload = noise(64 << 20, 7);
    let header = [&[0x82, 0x7f][..], &(64u64 << 20).to_be_bytes()].concat();
    let stopped = after_handshake(vec![vec![]], vec![header, payload]);
    let frames = stopped.lines("frame");
    assert_eq!(frames[0]["captured"], 64 << 20);
    assert_eq!(frames[0]["payload_omitted"], (64 << 20) - 4096);
    assert!(stopped.err.contains("begins: binary, FIN 1, 67,108,864 bytes"), "{}", stopped.err);
}

#[test]
fn what_is_no_http_passes_as_it_comes() {
    for (i, first) in
        [&b"\x16\x03\x01garbage"[..], b"hello\n", b"\x00\xff", b"GET / HTTP/9.9\r\n\r\n"].iter().enumerate()
    {
        let client = vec![first.to_vec(), noise(100_000, i as u64 + 1)];
        let server = vec![noise(100_000, i as u64 + 11)];
        let (got, stopped) = exchange(&[], client.clone(), server.clone());
        assert!(got.server_got == client.concat() && got.client_got == server.concat());
        assert!(stopped.status.success());
    }
}

#[test]
fn a_head_that_never_comes_whole_passes_as_far_as_it_came() {
    let client = vec![b"GET / HTTP/1.1\r\nHost: a".to_vec()];
    let (got, _) = exchange(&[], client.clone(), vec![b"HTTP/1.1 400 No\r\n\r\n".to_vec()]);
    assert_eq!(got.server_got, client.concat());
}

#[test]
fn a_half_closed_connection_goes_on_the_other_way() {
    let port = server(|mut stream| {
        let (got, fin) = read_all(&mut stream);
        assert!(fin);
        stream.write_all(&got).unwrap();
    });
    let proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&mut client), (handshake().into_bytes(), true), "no byte more, no Close invented");

    let (tell, told) = channel();
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        tell.send(read_all(&mut stream)).unwrap();
    });
    let proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_all(&mut client), (SWITCHING.as_bytes().to_vec(), true));
    client.write_all(b"\x89\x80\x01\x02\x03\x04").unwrap();
    drop(client);
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), (b"\x89\x80\x01\x02\x03\x04".to_vec(), true));
    let stopped = proxy.stop();
    assert!(stopped.lines("end").iter().all(|end| end["how"] == "fin"), "{}", stopped.out);
}

#[test]
fn a_reset_of_either_end_reaches_the_other() {
    let (tell, told) = channel();
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        tell.send(read_all(&mut stream)).unwrap();
    });
    let mut proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    read_head(&mut client);
    reset(client);
    assert_eq!(
        told.recv_timeout(PATIENCE).unwrap(),
        (Vec::new(), false),
        "the server sees an RST, not a FIN"
    );
    proxy.wait_for("the client cut the connection");
    let ends = proxy.stop().lines("end");
    assert_eq!((&ends[0]["sender"], &ends[0]["how"]), (&"client".into(), &"reset".into()));

    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(100));
        reset(stream);
    });
    let mut proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_all(&mut client), (SWITCHING.as_bytes().to_vec(), false));
    proxy.wait_for("the server cut the connection");
}

#[test]
fn a_server_that_closes_while_the_client_still_sends_is_a_cut() {
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
    });
    let proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    assert_eq!(read_all(&mut client), (SWITCHING.as_bytes().to_vec(), true));
    let start = Instant::now();
    while client.write_all(&[0x82, 0x80, 1, 2, 3, 4]).is_ok() {
        assert!(start.elapsed() < PATIENCE, "the cut never comes back");
        thread::sleep(Duration::from_millis(5));
    }
    let stopped = proxy.stop();
    assert_eq!(stopped.lines("open").len(), 1);
    assert_eq!(stopped.lines("end").len(), 2, "{}", stopped.out);
}

#[test]
fn a_slow_receiver_is_felt_by_the_sender() {
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        thread::sleep(PATIENCE);
    });
    let proxy = Proxy::start(&["--quiet", &format!("localhost:{port}")]);
    let mut client = proxy.connect();
    client.write_all(handshake().as_bytes()).unwrap();
    read_head(&mut client);
    client.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let (piece, mut sent) = (vec![0; 64 * 1024], 0);
    while let Ok(len) = client.write(&piece) {
        sent += len;
        assert!(sent < 64 << 20, "the proxy takes bytes that nobody reads");
    }
    let memory = proxy.memory();
    assert!(memory < 40 << 20, "{memory} bytes");
}

#[test]
fn a_hundred_connections_at_once_keep_their_bytes_apart() {
    let port = server(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(SWITCHING.as_bytes()).unwrap();
        let mut buffer = [0; 3000];
        while let Ok(len) = stream.read(&mut buffer)
            && len > 0
        {
            stream.write_all(&buffer[..len]).unwrap();
        }
    });
    let proxy = Proxy::start(&["--json", &format!("localhost:{port}")]);
    let port = proxy.port;
    let talk = move |i: u64| {
        let mut client = connect(port);
        client.write_all(handshake().as_bytes()).unwrap();
        assert_eq!(read_head(&mut client), SWITCHING);
        let mut reader = client.try_clone().unwrap();
        let echo = thread::spawn(move || read_all(&mut reader));
        let frames: Vec<u8> = (0..200)
            .flat_map(|n| [&[0x82, 0xfe, 0, 200, 0, 0, 0, 0], &*noise(200, i * 1000 + n + 1)].concat())
            .collect();
        frames.chunks(777).for_each(|piece| client.write_all(piece).unwrap());
        client.shutdown(Shutdown::Write).unwrap();
        assert!(echo.join().unwrap() == (frames, true));
    };
    thread::scope(|scope| (0..100).for_each(|i| drop(scope.spawn(move || talk(i)))));
    let stopped = proxy.stop();
    assert_eq!(stopped.lines("open").len(), 100);
    let left_out = if stopped.err.contains("not shown") { "counted" } else { "none" };
    let frames = stopped.lines("frame").len();
    assert!(frames == 100 * 400 || left_out == "counted", "{frames} frames, {left_out}");
    for end in stopped.lines("end").iter().filter(|end| !end["post_mortem"].is_null()) {
        assert_eq!(end["post_mortem"]["client"]["frames"], 200);
        assert_eq!(end["post_mortem"]["server"]["frames"], 200);
    }
}

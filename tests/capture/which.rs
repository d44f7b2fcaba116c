//! Which connections are shown, and who is the client.

use super::support::net::{Pcap, SYN, Talk, host, on_ethernet};
use super::*;

const PAGE: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const PAGE_ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A connection of its own.
fn other(port: u16) -> Talk {
    Talk::new(host("10.0.0.1", port), host("10.0.0.2", 443), [u32::from(port), 9]).open()
}

#[test]
fn what_is_no_websocket_is_a_line() {
    let mut tls = other(1);
    tls.say(0, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03");
    let mut http2 = other(2);
    http2.say(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    let mut http = other(3);
    http.say(0, PAGE).say(1, PAGE_ANSWER);
    let mut ssh = other(4);
    ssh.say(1, b"SSH-2.0-OpenSSH_9.2\r\n").say(0, b"SSH-2.0-x\r\n");
    let silent = other(5);
    let all = [tls, http2, http, ssh, silent, conversation()].map(|talk| talk.packets).concat();
    let seen = see(&pcap(&all));
    assert_eq!(seen.openings.len(), 1);
    assert_eq!(
        seen.notices,
        [
            "1 connection is TLS (to 10.0.0.2:443): encrypted, and not read; capture where the bytes are plain, as behind \
             the proxy that ends TLS",
            "1 connection is HTTP/2 (to 10.0.0.2:443), in which WebSocket looks different: not read; make the client speak \
             HTTP/1.1",
        ]
    );
    assert_eq!(seen.others, Others { tls: 1, http2: 1, http: 1, silent: 1, unknown: 1 });
    // Where the file is damaged too.
    let mut cut = pcap(&all);
    cut.truncate(cut.len() - 1);
    let seen = see(&cut);
    assert!(seen.error.is_some() && seen.others.all() == 5);
}

#[test]
fn http2_by_upgrade_is_named_too() {
    let mut talk = other(1);
    talk.say(0, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n");
    talk.say(1, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let [notice] = &see(&pcap(&talk.packets)).notices[..] else { panic!() };
    assert!(notice.starts_with("1 connection is HTTP/2 (to 10.0.0.2:443)"), "{notice}");
    // Who asks in vain goes on with HTTP/1.1.
    let mut talk = Talk::new(client(), server(), [1, 2]).open();
    talk.say(0, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        .say(1, PAGE_ANSWER);
    talk.say(0, REQUEST).say(1, RESPONSE);
    assert_eq!(see(&pcap(&talk.packets)).openings.len(), 1);
}

#[test]
fn requests_before_the_handshake_are_walked_through() {
    let mut talk = Talk::new(client(), server(), [1, 2]).open();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n";
    let post = b"POST /a HTTP/1.1\r\nContent-Length: 20\r\n\r\nUpgrade: websocket\r\n";
    talk.say(0, PAGE).say(1, PAGE_ANSWER).say_in(0, post, 7).say(1, chunked);
    talk.say_in(0, REQUEST, 50).say(1, RESPONSE).say(0, &masked(b"x"));
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Client), [PAGE, post, REQUEST, &masked(b"x")].concat());
    assert_eq!(of(&seen, Sender::Server), [PAGE_ANSWER, chunked, RESPONSE].concat());
    assert_eq!(seen.openings[0].before, [0, 0]);
}

#[test]
fn much_http_before_the_handshake_is_not_held() {
    let mut talk = Talk::new(client(), server(), [1, 2]).open();
    let body = vec![b'x'; 100_000];
    let answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", &body[..]].concat();
    for _ in 0..5 {
        talk.say(0, PAGE).say_in(1, &answer, 1400);
    }
    talk.say_in(0, REQUEST, 50).say(1, RESPONSE).say(0, &masked(b"x"));
    let seen = see(&pcap(&talk.packets));
    assert_eq!(seen.openings[0].before, [5 * PAGE.len() as u64, 5 * answer.len() as u64]);
    assert_eq!(of(&seen, Sender::Client), [REQUEST, &masked(b"x")].concat());
    assert_eq!(of(&seen, Sender::Server), RESPONSE);
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let handshake = conversation().packets;
    // Behind the SYN: the request tells.
    let seen = see(&pcap(&handshake[3..]));
    assert_conversation(&seen);
    assert_eq!(seen.openings[0].roles.says(), "it begins with a request");
    // Behind the request: the response does.
    let seen = see(&pcap(&handshake[4..]));
    assert_eq!(seen.openings[0].roles.says(), "it begins with a response");
    assert_eq!(seen.openings[0].client.as_deref(), Some("192.0.2.1:50000"));
    // Behind the handshake: frames do.
    for swapped in [false, true] {
        let (one, two) = if swapped { (server(), client()) } else { (client(), server()) };
        let mut talk = Talk::new(one, two, [1, 2]);
        for i in 0..3 {
            talk.say(0, &masked(&[b'a'; 40])).say(1, &plain(&vec![b'b'; 300 * i]));
        }
        let seen = see(&pcap(&talk.packets));
        assert_eq!(seen.openings[0].client, Some(format!("{}:{}", one.ip, one.port)));
        assert_eq!(seen.openings[0].roles.says(), "guessed from the MASK bit of its first frame");
        assert_eq!(of(&seen, Sender::Client).len(), 3 * 46);
    }
}

#[test]
fn a_handshake_is_found_on_a_connection_that_spoke_something_else() {
    let mut talk = Talk::new(client(), server(), [1, 2]);
    talk.say_in(1, &vec![b'x'; 200_000], 1400);
    talk.say(0, REQUEST).say(1, RESPONSE).say(0, &masked(b"x"));
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Client), [REQUEST, &masked(b"x")].concat());
    assert_eq!(of(&seen, Sender::Server), RESPONSE);
}

#[test]
fn a_million_syns_are_bounded() {
    let mut packets = Vec::new();
    for i in 0..40_000u32 {
        let mut talk =
            Talk::new(host("10.0.0.1", i as u16), host(&format!("10.0.1.{}", i >> 16), 80), [i, 9]);
        talk.push(0, i, 0, SYN, b"");
        packets.append(&mut talk.packets);
    }
    packets.extend(conversation().packets);
    let seen = see(&pcap(&packets));
    assert_eq!(seen.openings.len(), 1);
    assert_eq!((seen.notices, seen.others), (vec![], Others { silent: 40_000, ..Others::default() }));
}

#[test]
fn many_connections_at_once() {
    let mut talks: Vec<Talk> = (0..200u16)
        .map(|port| {
            let mut talk = Talk::new(host("10.0.0.1", port + 1), server(), [u32::from(port), 9]).open();
            talk.say(0, REQUEST).say(1, RESPONSE);
            for i in 0..20 {
                talk.say(0, &masked(&[i; 30]));
            }
            talk.fin(0).fin(1);
            talk
        })
        .collect();
    let mut packets = Vec::new();
    while talks.iter().any(|talk| !talk.packets.is_empty()) {
        for talk in &mut talks {
            if !talk.packets.is_empty() {
                packets.push(talk.packets.remove(0));
            }
        }
    }
    let seen = see(&Pcap::default().file(&on_ethernet(&packets)));
    assert_eq!(seen.openings.len(), 200);
    assert!(seen.bytes.iter().all(|both| both[0].len() == REQUEST.len() + 20 * 36));
}

/// What wslens writes to stdout and to stderr of a capture.
fn run(args: &[&str], file: &[u8]) -> [String; 2] {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wslens"));
    command.arg("decode").args(args).env("COLUMNS", "80");
    let output = assert_cmd::Command::from_std(command).write_stdin(file).output().expect("wslens runs");
    assert!(output.status.success());
    [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
}

#[test]
fn other_tcp_is_one_line_of_the_list_and_of_the_summary() {
    let mut tls = other(1);
    tls.say(0, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03");
    let all = [tls, other(2), other(3), conversation()].map(|talk| talk.packets).concat();
    let file = pcap(&all);
    let line = "Without WebSocket: 3 TCP connections (1 TLS, 2 without a byte)";
    for view in ["connections", "summary"] {
        let [out, err] = run(&["--view", view], &file);
        assert!(out.lines().any(|told| told == line), "{out}");
        assert!(err.contains("1 connection is TLS") && !err.contains("without WebSocket"), "{err}");
        let [out, _] = run(&["--view", view], &pcap(&conversation().packets));
        assert!(!out.contains("Without WebSocket"));
    }
    // A list without an entry tells it too.
    let [out, _] = run(&["--view", "connections"], &pcap(&other(1).packets));
    assert_eq!(out, "Without WebSocket: 1 TCP connection (1 without a byte)\n");
    let [out, _] = run(&["--view", "connections", "--json"], &file);
    let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let schema = serde_json::from_str(include_str!("../../src/render/json/schema.json")).unwrap();
    assert!(jsonschema::draft202012::new(&schema).unwrap().is_valid(&last));
    assert_eq!((&last["type"], &last["tls"], &last["silent"]), (&"other_tcp".into(), &1.into(), &2.into()));
    for view in ["lesson", "json"] {
        let [out, err] = run(&["--view", view], &file);
        assert!(!out.contains("Without WebSocket"));
        assert!(err.contains("2 TCP connections without WebSocket left out: 2 without a byte"), "{err}");
    }
}

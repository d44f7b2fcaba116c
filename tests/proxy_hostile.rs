//! Conversations that careless and hostile peers make of good ones: whatever they say passes, and is shown as its record is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "support/mutate.rs"]
mod mutate;
mod taps;

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use mutate::{Random, mutated};
use serde_json::Value;
use taps::*;

/// How many conversations there are.
const CONVERSATIONS: usize = 400;

/// What clients say.
fn of_clients() -> Vec<Vec<u8>> {
    let frames = b"\x81\x85\x01\x02\x03\x04iggha\x89\x80\x01\x02\x03\x04\x02\x81\x00\x00\x00\x00a\x80\x81\x00\x00\x00\x00b";
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n".to_vec(),
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloHEAD / HTTP/1.0\r\n\r\n".to_vec(),
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\nB: c\r\n\r\n".to_vec(),
        b"CONNECT a:80 HTTP/1.1\r\n\r\n\x16\x03\x01\x00".to_vec(),
        [handshake().as_bytes(), frames].concat(),
    ]
    .to_vec()
}

/// What servers say.
fn of_servers() -> Vec<Vec<u8>> {
    let frames = b"\x81\x02hi\x8a\x00\x01\x01a\x80\x01b\x82\x7e\x00\xc8\x00\x88\x02\x03\xe8";
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n".to_vec(),
        b"HTTP/1.1 426 No\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n".to_vec(),
        b"HTTP/1.0 304 N\r\n\r\nuntil the end".to_vec(),
        [SWITCHING.as_bytes(), frames].concat(),
    ]
    .to_vec()
}

/// Says these bytes in pieces, ends, and gives what came and whether it ended with FIN.
fn converse(mut stream: TcpStream, says: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let mut reader = stream.try_clone().unwrap();
    let reader = thread::spawn(move || read_all(&mut reader));
    says.chunks(piece).for_each(|piece| stream.write_all(piece).unwrap());
    stream.shutdown(Shutdown::Write).unwrap();
    reader.join().unwrap()
}

/// The heads, frames and messages of a JSON view, as they stand in each stream.
fn told(lines: &str) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str::<Value>(line).expect(line);
    let kinds = ["request", "response", "frame", "message"];
    let mut told: Vec<_> =
        lines.lines().map(parse).filter(|line| kinds.iter().any(|kind| line["type"] == *kind)).collect();
    told.sort_by_key(|line| {
        (line["connection"].as_u64(), line["sender"].to_string(), line["offset"].as_u64())
    });
    told
}

#[test]
fn what_nobody_should_say_passes_byte_for_byte_and_is_recorded_as_it_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let record = dir.path().join("a.txt");
    let record = record.to_str().unwrap();
    let says = Arc::new(Mutex::new(Vec::new()));
    let (tell, heard) = channel();
    let answers = Arc::clone(&says);
    let port = server(move |stream| {
        let (bytes, piece): (Vec<u8>, usize) = answers.lock().unwrap().clone().into_iter().next().unwrap();
        tell.send(converse(stream, &bytes, piece)).unwrap();
    });
    let proxy = Proxy::start(&["--json", "--record", record, &format!("localhost:{port}")]);
    let (clients, servers, mut random) = (of_clients(), of_servers(), Random(20_260_117));
    for number in 0..CONVERSATIONS {
        let [client, server] = [&clients, &servers].map(|samples| {
            (0..=random.under(3)).flat_map(|_| mutated(samples, &mut random)).collect::<Vec<u8>>()
        });
        if client.is_empty() {
            continue;
        }
        let piece = |random: &mut Random| [1, 7, 100_000][random.under(3)];
        *says.lock().unwrap() = vec![(server.clone(), piece(&mut random))];
        let got = converse(proxy.connect(), &client, piece(&mut random));
        assert_eq!(got.0.escape_ascii().to_string(), server.escape_ascii().to_string(), "{number}");
        let heard = heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!(heard.0.escape_ascii().to_string(), client.escape_ascii().to_string(), "{number}");
        assert!(got.1 && heard.1, "{number}: a FIN stays a FIN");
    }
    let stopped = proxy.stop();
    assert!(stopped.status.success(), "{}", stopped.err);
    let decoded =
        Command::new(env!("CARGO_BIN_EXE_wslens")).args(["decode", "--json", record]).output().unwrap();
    let (shown, recorded) = (told(&stopped.out), told(&String::from_utf8(decoded.stdout).unwrap()));
    assert!(shown.len() > CONVERSATIONS, "{} things are shown", shown.len());
    for (shown, recorded) in shown.iter().zip(&recorded) {
        assert_eq!(shown, recorded);
    }
    assert_eq!(shown.len(), recorded.len());
}

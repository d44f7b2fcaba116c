//! Records of what passed inside TLS: decrypted, and with the keys to decrypt what others captured.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod taps;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use taps::tls::*;
use taps::tshark::{ours, tshark};
use taps::*;
use wslens::record::pcapng::Pcapng;
use wslens::session::segment::{Content, How, Segment, Time};
use wslens::wire::sender::Sender;

/// Passes one connection on, and keeps what passes as a capture program would.
struct Tap {
    pcapng: Pcapng,
    file: Vec<u8>,
    time: u64,
}

impl Tap {
    fn take(&mut self, sender: Sender, content: Content<'_>) {
        self.time += 1_000_000;
        let segment = Segment { connection: 1, sender, time: Some(Time(self.time)), packet: None, content };
        self.pcapng.segment(&mut self.file, &segment);
    }
}

fn pass(from: TcpStream, to: TcpStream, sender: Sender, tap: Arc<Mutex<Tap>>) -> thread::JoinHandle<()> {
    let (mut from, mut to) = (from, to);
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            tap.lock().unwrap().take(sender, Content::Bytes(&buffer[..len]));
            to.write_all(&buffer[..len]).unwrap();
        }
        tap.lock().unwrap().take(sender, Content::End(How::Fin));
        _ = to.shutdown(Shutdown::Write);
    })
}

/// A tap before the port: its own port, and what it gives once the connection is over.
fn tapped(port: u16) -> (u16, thread::JoinHandle<Vec<u8>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let given = thread::spawn(move || {
        let (client, address) = listener.accept().unwrap();
        let mut file = Vec::new();
        let mut pcapng = Pcapng::begin(&mut file, &[]);
        pcapng.opened(1, address, Some(([127, 0, 0, 1], 443).into()));
        let tap = Arc::new(Mutex::new(Tap { pcapng, file, time: 1_800_000_000_000_000_000 }));
        tap.lock().unwrap().take(Sender::Client, Content::Open(Box::default()));
        let server = connect(port);
        let ways = [
            pass(client.try_clone().unwrap(), server.try_clone().unwrap(), Sender::Client, Arc::clone(&tap)),
            pass(server, client, Sender::Server, Arc::clone(&tap)),
        ];
        ways.into_iter().for_each(|way| way.join().unwrap());
        let mut tap = tap.lock().unwrap();
        std::mem::take(&mut tap.file)
    });
    (own, given)
}

#[test]
fn what_was_inside_tls_is_recorded_decrypted_and_the_keys_open_what_was_captured() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (root, keys, lines, record) = (path("root.pem"), path("keys"), path("a.jsonl"), path("a.pcapng"));
    let server = tls_server("localhost", 4000, b"http/1.1", true);
    std::fs::write(&root, &server.root).unwrap();
    let upstream = format!("wss://localhost:{}", server.port);
    let options = ["--quiet", "--tls", "--upstream-ca", &root, "--keylog", &keys];
    let records = ["--record", &lines, "--record", &record, &upstream];
    let proxy = start(home.path(), &[&options[..], &records[..]].concat());
    let (port, capture) = tapped(proxy.port);
    let mut tls = client(connect(port), "localhost", &[ca(home.path())]);
    tls.write_all(handshake().as_bytes()).unwrap();
    let mut got = vec![0; answer().len()];
    tls.read_exact(&mut got).unwrap();
    tls.write_all(b"\x81\x85\x01\x02\x03\x04iggha").unwrap();
    tls.conn.send_close_notify();
    tls.flush().unwrap();
    tls.sock.shutdown(Shutdown::Write).unwrap();
    _ = tls.read_to_end(&mut got);
    drop(tls);
    let capture = capture.join().unwrap();
    server.got.recv_timeout(PATIENCE).unwrap();
    assert!(proxy.stop().status.success());

    let frames = ours(&lines);
    assert_eq!(frames.len(), 2);
    let decoded = Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["decode", "--json", "--only", "frame", &record])
        .output()
        .unwrap();
    std::fs::write(path("b.jsonl"), &decoded.stdout).unwrap();
    assert_eq!(ours(&path("b.jsonl")), frames, "we read our own");
    let bytes = std::fs::read(&record).unwrap();
    for words in ["wslens-tls", "decrypted: TLS was around these bytes", "recorded by wslens"] {
        assert!(memchr::memmem::find(&bytes, words.as_bytes()).is_some(), "{words}");
    }
    let Some(seen) = tshark(&record, &[]) else { return };
    assert_eq!(seen, frames, "Wireshark reads it without a key");
    std::fs::write(path("wire.pcapng"), capture).unwrap();
    assert_eq!(tshark(&path("wire.pcapng"), &[]).unwrap(), [], "what was captured is encrypted");
    let keylog = format!("tls.keylog_file:{keys}");
    assert_eq!(tshark(&path("wire.pcapng"), &["-o", &keylog]).unwrap(), frames, "with the keys it opens");
}

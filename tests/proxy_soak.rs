//! A thousand connections for a while: none is lost, nothing is out of order, and memory stays where it was.
//!
//! `CI=true` makes it a minute; `WSLENS_SOAK_SECONDS` says another time. Otherwise two seconds, for every day.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod taps;

use std::time::{Duration, Instant};

use taps::{Proxy, SWITCHING, handshake, noise};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::sleep;

const CONNECTIONS: u32 = 1000;

/// How long each client rests between two frames.
const REST: Duration = Duration::from_millis(500);

/// How much memory may come and go.
const SLACK: usize = 8 * 1024 * 1024;

fn how_long() -> Duration {
    let asked = std::env::var("WSLENS_SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    Duration::from_secs(asked.unwrap_or(if ci { 60 } else { 2 }))
}

/// Answers handshakes, then sends back whatever comes.
async fn echo(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            read_head(&mut stream).await;
            stream.write_all(SWITCHING.as_bytes()).await.unwrap();
            let mut buffer = [0; 4096];
            while let Ok(len @ 1..) = stream.read(&mut buffer).await {
                stream.write_all(&buffer[..len]).await.unwrap();
            }
        });
    }
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
}

/// A binary frame whose payload tells connection and place, masked with zeros so that its echo is the same.
fn frame(connection: u32, place: u32) -> Vec<u8> {
    let len = 8 + (connection as usize * 7 + place as usize * 131) % 2000;
    let mut payload = noise(len, u64::from(connection) << 32 | u64::from(place) | 1 << 63);
    payload[..4].copy_from_slice(&connection.to_be_bytes());
    payload[4..8].copy_from_slice(&place.to_be_bytes());
    let header = [&[0x82, 0xfe][..], &(len as u16).to_be_bytes(), &[0; 4]].concat();
    [header, payload].concat()
}

/// Sends frame after frame until it is time, each after the last one's echo, and one at least; how many.
async fn talk(port: u16, connection: u32, until: Instant) -> u32 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(handshake().as_bytes()).await.unwrap();
    read_head(&mut stream).await;
    let mut place = 0;
    loop {
        let sent = frame(connection, place);
        stream.write_all(&sent).await.unwrap();
        let mut got = vec![0; sent.len()];
        stream.read_exact(&mut got).await.unwrap();
        assert!(got == sent, "frame {place} of connection {connection}");
        place += 1;
        if Instant::now() >= until {
            return place;
        }
        sleep(REST).await;
    }
}

#[test]
fn a_thousand_connections_lose_nothing_and_memory_stays_flat() {
    rlimit::increase_nofile_limit(3 * u64::from(CONNECTIONS)).unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap().port();
        tokio::spawn(echo(listener));
        let proxy = Proxy::start(&["--json", "--only", "open,end", &format!("localhost:{server}")]);
        let (start, lasts) = (Instant::now(), how_long());
        let mut clients = JoinSet::new();
        for connection in 0..CONNECTIONS {
            clients.spawn(talk(proxy.port, connection, start + lasts));
        }
        sleep(lasts / 3).await;
        let early = proxy.memory();
        sleep(lasts / 2).await;
        let late = proxy.memory();
        assert!(late < early + SLACK, "{early} bytes of memory, then {late}");
        let sent: u32 = clients.join_all().await.into_iter().sum();
        assert!(sent >= CONNECTIONS, "everybody has sent something");
        // The last connections are still being told.
        sleep(Duration::from_millis(200)).await;
        told(&proxy.stop(), sent);
        println!("{sent} frames each way in {lasts:?}; memory {} KiB, then {} KiB", early >> 10, late >> 10);
    });
}

/// Every connection is told, and every frame of it counted.
fn told(stopped: &taps::Stopped, sent: u32) {
    assert!(!stopped.err.contains("not shown"), "{}", stopped.err);
    assert_eq!(stopped.lines("open").len(), CONNECTIONS as usize);
    let ends = stopped.lines("end");
    let over: Vec<_> = ends.iter().map(|end| &end["post_mortem"]).filter(|told| !told.is_null()).collect();
    assert_eq!(over.len(), CONNECTIONS as usize);
    for side in ["client", "server"] {
        let frames: u64 = over.iter().map(|told| told[side]["frames"].as_u64().unwrap()).sum();
        assert_eq!(frames, u64::from(sent), "of the {side}s");
    }
}

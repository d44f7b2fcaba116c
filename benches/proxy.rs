//! What the proxy costs, beside a bare forwarder in the same run: `cargo bench --bench proxy`. A word behind it chooses
//! among `latency`, `bulk`, `many`, `idle` and `start`.
//!
//! A record is measured twice: into a file, and into `/dev/null`, which leaves what the record itself costs without what
//! the system takes to keep the bytes. How long the system takes is measured beside it, by writing the same number of
//! bytes to the same disk and doing nothing else.
//!
//! Everything runs on one core and the rounds are interleaved, so that what the machine does otherwise meets all
//! alike. The bare forwarder is tokio's `copy_bidirectional` and nothing else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a bench may fail")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// A client's frame of 125 bytes, and the server's answer to it.
const PING_LEN: usize = 2 + 4 + 125;
const PONG_LEN: usize = 2 + 125;

/// A client's frame of 64 KiB.
const BULK: usize = 64 * 1024;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, mode, to] = &*args
        && mode == "forward"
    {
        forward(to.clone());
        return;
    }
    if std::env::var_os("PINNED").is_none() {
        let mut again = Command::new("taskset");
        let again = again.args(["-c", "0"]).arg(std::env::current_exe().unwrap()).args(&args[1..]);
        let again = again.env("PINNED", "1");
        match again.status() {
            Ok(status) => assert!(status.success()),
            Err(_) => println!("skipped: no taskset"),
        }
        return;
    }
    run();
}

/// The bare forwarder.
fn forward(to: String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        eprintln!("listens on {}", listener.local_addr().unwrap());
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = tokio::net::TcpStream::connect(&to).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
}

/// A way from the client to the server.
struct Way {
    name: &'static str,
    child: Child,
    port: u16,
}

impl Way {
    fn start(name: &'static str, command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        err.read_line(&mut line).unwrap();
        thread::spawn(move || err.lines().for_each(drop));
        let address = line.split("listens on ").nth(1).unwrap().split_whitespace().next().unwrap();
        let port = address.rsplit(':').next().unwrap().parse().unwrap();
        Self { name, child, port }
    }

    /// Memory of its own, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Answers handshakes; then frames of 125 bytes where the path is `/`, and otherwise only reads.
fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map(Result::unwrap) {
            let serve = move || {
                stream.set_nodelay(true).unwrap();
                let mut head = vec![0; REQUEST.len()];
                if stream.read_exact(&mut head).is_err() {
                    return;
                }
                stream.write_all(RESPONSE).unwrap();
                let mut pong = vec![b'x'; PONG_LEN];
                pong[..2].copy_from_slice(&[0x81, 125]);
                let mut buffer = vec![0; BULK];
                while let Ok(len) = stream.read(&mut buffer)
                    && len > 0
                {
                    if len == PING_LEN && stream.write_all(&pong).is_err() {
                        return;
                    }
                }
            };
            _ = thread::Builder::new().stack_size(256 * 1024).spawn(serve);
        }
    });
    port
}

fn connect(port: u16) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(REQUEST).unwrap();
    stream.read_exact(&mut vec![0; RESPONSE.len()]).unwrap();
    stream
}

/// Each with a key of its own, as clients choose them: one key for all breaks a rule, and to say so takes time.
fn pings() -> Vec<Vec<u8>> {
    let ping = |key| {
        let mut frame = vec![b'a' ^ key; PING_LEN];
        frame[..6].copy_from_slice(&[0x81, 0x80 | 125, key, key, key, key]);
        frame
    };
    (1..=30).map(ping).collect()
}

fn bulk() -> Vec<u8> {
    let mut frame = vec![0x55; 14 + BULK];
    frame[..2].copy_from_slice(&[0x82, 0xff]);
    frame[2..10].copy_from_slice(&(BULK as u64).to_be_bytes());
    frame[10..14].copy_from_slice(&[1, 2, 3, 4]);
    frame
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn run() {
    let port = server();
    let to = format!("127.0.0.1:{port}");
    let scratch = std::env::temp_dir().join(format!("wslens-bench-{}", std::process::id()));
    std::fs::create_dir(&scratch).unwrap();
    let wslens = env!("CARGO_BIN_EXE_wslens");
    let (record, nothing) = (scratch.join("x.jsonl"), scratch.join("nothing.jsonl"));
    std::os::unix::fs::symlink("/dev/null", &nothing).unwrap();
    let word = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = |name: &str| word.as_ref().is_none_or(|word| name == word);
    if wanted("start") {
        start_time(wslens, &to);
    }
    let recording = |to_file| {
        let mut command = Command::new(wslens);
        command.args(["proxy", "--listen", "0", "-q", &to, "--record"]).arg(to_file);
        command
    };
    let ways = [
        Way::start("bare forwarder", Command::new(std::env::current_exe().unwrap()).args(["forward", &to])),
        Way::start("wslens, view off", Command::new(wslens).args(["proxy", "--listen", "0", "-q", &to])),
        Way::start("wslens, lesson", Command::new(wslens).args(["proxy", "--listen", "0", &to])),
        Way::start("wslens, record x.jsonl", &mut recording(&record)),
        Way::start("the same, to /dev/null", &mut recording(&nothing)),
    ];
    if wanted("latency") {
        latency(&ways);
    }
    let disk = Disk { record: &record, plain: &scratch.join("plain") };
    if wanted("bulk") {
        throughput(&ways, 1, "one connection, frames of 64 KiB", &disk);
    }
    if wanted("many") {
        throughput(&ways, 100, "100 connections, frames of 64 KiB", &disk);
    }
    drop(ways);
    if wanted("idle") {
        idle(wslens, &to);
    }
    _ = std::fs::remove_dir_all(scratch);
}

fn latency(ways: &[Way]) {
    let pings = pings();
    let mut streams: Vec<_> = ways.iter().map(|way| connect(way.port)).collect();
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..60 {
        for (stream, times) in streams.iter_mut().zip(&mut times) {
            for ping in pings.iter().cycle().take(1000) {
                let start = Instant::now();
                stream.write_all(ping).unwrap();
                stream.read_exact(&mut [0; PONG_LEN]).unwrap();
                if round > 4 {
                    times.push(start.elapsed().as_nanos() as f64 / 1000.0);
                }
            }
        }
    }
    println!("round trip of 125 bytes, median of {}", times[0].len());
    let bare = median(&mut times[0]);
    for (way, times) in ways.iter().zip(&mut times) {
        let median = median(times);
        println!("  {:24} {median:8.2} µs  {:+6.2} µs", way.name, median - bare);
    }
}

/// Where is recorded, and where as much is written by nobody but us.
struct Disk<'a> {
    record: &'a Path,
    plain: &'a Path,
}

impl Disk<'_> {
    /// Gives back the room of what was recorded, so that the bench needs no more than a few GB. The record goes on behind
    /// the hole.
    fn make_room(&self) {
        File::options().write(true).open(self.record).unwrap().set_len(0).unwrap();
    }

    /// What the record of a frame takes there since it had `before` bytes, as bytes, and as microseconds where nothing but writing is done.
    fn cost(&self, before: u64, frames: f64) -> (f64, f64) {
        let each = (std::fs::metadata(self.record).unwrap().len() - before) as f64 / frames;
        let piece = vec![b'x'; 1024 * 1024];
        let times = |_| {
            let mut file = File::create(self.plain).unwrap();
            let start = Instant::now();
            (0..256).for_each(|_| file.write_all(&piece).unwrap());
            start.elapsed().as_secs_f64() / 256.0
        };
        let mut times: Vec<_> = (0..9).map(times).collect();
        std::fs::remove_file(self.plain).unwrap();
        (each, median(&mut times) / piece.len() as f64 * each * 1e6)
    }
}

fn throughput(ways: &[Way], connections: usize, what: &str, disk: &Disk<'_>) {
    let frame = bulk();
    let mut rates = vec![Vec::new(); ways.len()];
    let before = std::fs::metadata(disk.record).unwrap().len();
    let mut recorded = 0.0;
    for round in 0..8 {
        for (way, rates) in ways.iter().zip(&mut rates) {
            let records = way.name.ends_with("x.jsonl");
            if records && round > 0 {
                disk.make_room();
            }
            let (sent, stop) = (AtomicU64::new(0), AtomicBool::new(false));
            let streams: Vec<_> = (0..connections).map(|_| connect(way.port)).collect();
            let start = Instant::now();
            thread::scope(|scope| {
                for mut stream in streams {
                    let (frame, sent, stop) = (&frame, &sent, &stop);
                    scope.spawn(move || {
                        while !stop.load(Ordering::Relaxed) {
                            stream.write_all(frame).unwrap();
                            sent.fetch_add(frame.len() as u64, Ordering::Relaxed);
                        }
                    });
                }
                thread::sleep(Duration::from_millis(500));
                stop.store(true, Ordering::Relaxed);
            });
            if records {
                recorded += sent.load(Ordering::Relaxed) as f64 / frame.len() as f64;
            }
            if round > 0 {
                rates.push(sent.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64() / 1e6);
            }
        }
    }
    println!("{what}");
    let bare = median(&mut rates[0]);
    for (way, rates) in ways.iter().zip(&mut rates) {
        let median = median(rates);
        println!("  {:24} {median:8.0} MB/s  {:5.2} of the bare forwarder", way.name, median / bare);
    }
    let (bytes, time) = disk.cost(before, recorded);
    println!(
        "  a frame takes the bare forwarder {:.0} µs; to write its record of {:.0} KB to this disk takes {time:.0} µs more",
        frame.len() as f64 / bare,
        bytes / 1000.0
    );
}

/// Memory of open connections on which a message has passed each way.
fn idle(wslens: &str, to: &str) {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(0);
    let count = 10_000.min(limit.saturating_sub(100) / 2);
    let way = Way::start("idle", Command::new(wslens).args(["proxy", "--listen", "0", "-q", to]));
    drop(connect(way.port));
    let before = way.memory();
    let pings = pings();
    let open = |_| {
        let mut stream = connect(way.port);
        stream.write_all(&pings[0]).unwrap();
        stream.read_exact(&mut [0; PONG_LEN]).unwrap();
        stream
    };
    let streams: Vec<_> = (0..count).map(open).collect();
    let each = way.memory().saturating_sub(before) as f64 / streams.len() as f64;
    println!("{} open connections\n  {:.1} KiB each", streams.len(), each / 1024.0);
}

fn start_time(wslens: &str, to: &str) {
    let start = |_| {
        let start = Instant::now();
        let way = Way::start("start", Command::new(wslens).args(["proxy", "--listen", "0", "-q", to]));
        let listens = start.elapsed().as_secs_f64() * 1000.0;
        drop(way);
        listens
    };
    let mut times: Vec<_> = (0..50).map(start).collect();
    println!("from start to the line that says where it listens\n  {:.2} ms", median(&mut times));
}

//! A proxy under test, and what stands before and behind it: sockets that remember every byte.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

pub mod certificate;
pub mod greeting;
pub mod tls;
pub mod tshark;
pub mod unread;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longer than anything here takes, so that a hang is a failure.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const NONCE: &str = "dGhlIHNhbXBsZSBub25jZQ==";

pub const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

pub fn handshake() -> String {
    format!(
        "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {NONCE}\r\n\r\n"
    )
}

/// `wslens proxy` on a free port.
pub struct Proxy {
    child: Child,
    pub port: u16,
    out: Option<JoinHandle<String>>,
    err: Receiver<String>,
    told: String,
}

/// What is left of a proxy that has stopped.
pub struct Stopped {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Proxy {
    pub fn start(args: &[impl AsRef<OsStr>]) -> Self {
        Self::start_command(Command::new(env!("CARGO_BIN_EXE_wslens")), args)
    }

    /// The same with `command` as the beginning of the command line.
    pub fn start_command(mut command: Command, args: &[impl AsRef<OsStr>]) -> Self {
        command.args(["proxy", "--listen", "0"]).args(args).env("LC_ALL", "C.UTF-8");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("wslens starts");
        let (mut out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let out = thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).expect("UTF-8");
            text
        });
        let (tell, told) = channel();
        thread::spawn(move || {
            BufReader::new(err).lines().map_while(Result::ok).for_each(|line| _ = tell.send(line + "\n"));
        });
        let mut proxy = Self { child, port: 0, out: Some(out), err: told, told: String::new() };
        let first = proxy.wait_for("listens on ");
        let address =
            first.split("listens on ").nth(1).expect("an address").split_whitespace().next().unwrap();
        proxy.port = address.rsplit(':').next().unwrap().parse().expect("a port");
        proxy
    }

    /// Waits until stderr says `words`, and gives that line.
    pub fn wait_for(&mut self, words: &str) -> String {
        let limit = Instant::now() + PATIENCE;
        loop {
            let line = self.err.recv_timeout(limit.saturating_duration_since(Instant::now()));
            let line = line.unwrap_or_else(|_| panic!("stderr never says {words:?}, but:\n{}", self.told));
            self.told.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
    }

    pub fn connect(&self) -> TcpStream {
        connect(self.port)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Bytes of memory that it has at the moment.
    pub fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("Linux");
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let kib: usize = memory.split_whitespace().next().unwrap().parse().unwrap();
        kib * 1024
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    }

    /// Ctrl-C, and all that was said.
    pub fn stop(self) -> Stopped {
        self.signal("-INT");
        self.wait()
    }

    pub fn wait(mut self) -> Stopped {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(5));
        };
        let took = start.elapsed();
        let out = self.out.take().unwrap().join().expect("stdout");
        let mut err = std::mem::take(&mut self.told);
        err.extend(self.err.iter());
        Stopped { status, out, err, took }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Stopped {
    /// The lines of the JSON view of one type.
    pub fn lines(&self, kind: &str) -> Vec<serde_json::Value> {
        let parse = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect(line);
        self.out.lines().map(parse).filter(|line| line["type"] == kind).collect()
    }
}

pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream
}

/// A server of ours: each connection is served on its own thread.
pub fn server(serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().unwrap().port();
    serve_on(listener, serve);
    port
}

pub fn serve_on(listener: TcpListener, serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_nodelay(true).expect("a socket");
            stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
}

/// Reads up to the end of a head, byte by byte.
pub fn read_head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).expect("a head") == 0 {
            break;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("text")
}

/// All that comes, and whether it ended with FIN.
pub fn read_all(stream: &mut TcpStream) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => (all, true),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => (all, false),
        Err(error) => panic!("{error} after {} bytes", all.len()),
    }
}

/// Cuts a connection with RST.
pub fn reset(stream: TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    stream.set_nonblocking(true).expect("a socket");
    runtime.block_on(async {
        tokio::net::TcpStream::from_std(stream).expect("a socket").set_zero_linger().expect("a socket");
    });
}

/// What two ends sent and received.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Exchange {
    pub client_got: Vec<u8>,
    pub server_got: Vec<u8>,
}

/// Sends pieces from both ends at once, through the proxy if there is one, and ends both.
pub fn exchange(args: &[&str], from_client: Vec<Vec<u8>>, from_server: Vec<Vec<u8>>) -> (Exchange, Stopped) {
    let (tell, told) = channel();
    let port = server(move |stream| {
        let got = send_and_read(stream, &from_server);
        _ = tell.send(got);
    });
    let upstream = format!("ws://localhost:{port}");
    let proxy = Proxy::start(&[args, &["--json", &upstream]].concat());
    let client_got = send_and_read(proxy.connect(), &from_client);
    let server_got = told.recv_timeout(PATIENCE).expect("a connection");
    (Exchange { client_got, server_got }, proxy.stop())
}

fn send_and_read(mut stream: TcpStream, pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut reader = stream.try_clone().expect("a socket");
    let reader = thread::spawn(move || read_all(&mut reader).0);
    for piece in pieces {
        stream.write_all(piece).expect("bytes are taken");
    }
    stream.shutdown(Shutdown::Write).expect("an end");
    reader.join().expect("bytes")
}

/// Bytes that look like chance, the same each time.
pub fn noise(len: usize, mut seed: u64) -> Vec<u8> {
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 32) as u8
    };
    (0..len).map(|_| next()).collect()
}

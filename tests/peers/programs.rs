//! Servers and clients of node's `ws` and Python's `websockets`: the scripts of this folder, as programs.
//!
//! `target/peers` holds the two libraries, where `npm` and `pip` of this machine do not have them anyway:
//!
//! ```text
//! npm install --prefix target/peers --no-save ws
//! python3 -m pip install --target target/peers/python websockets
//! ```

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::said::{Said, to_send_as_json};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A library of another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Node,
    Python,
}

/// A server that runs until it is dropped.
pub struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub port: u16,
}

impl Program {
    /// The library's name, for those who lack it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node's ws",
            Self::Python => "Python's websockets",
        }
    }

    /// Whether it is on this machine.
    pub fn is_here(self) -> bool {
        let mut command = match self {
            Self::Node => Command::new("node"),
            Self::Python => Command::new("python3"),
        };
        let look = match self {
            Self::Node => ["-e", "require('node:module').createRequire(process.env.PEERS + '/')('ws')"],
            Self::Python => ["-c", "import websockets.asyncio.server"],
        };
        let status = Self::here(&mut command).args(look).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    fn here(command: &mut Command) -> &mut Command {
        command.env("PEERS", format!("{ROOT}/target/peers"));
        command.env("PYTHONPATH", format!("{ROOT}/target/peers/python"))
    }

    fn start(self, args: &[&str], stdin: &str) -> Child {
        let mut command = match self {
            Self::Node => Command::new("node"),
            Self::Python => Command::new("python3"),
        };
        let script = match self {
            Self::Node => "ws.cjs",
            Self::Python => "websockets_peer.py",
        };
        let command = Self::here(&mut command).arg(format!("{ROOT}/tests/peers/{script}")).args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut to = child.stdin.take().expect("a pipe");
        to.write_all(stdin.as_bytes()).expect("it reads");
        child
    }

    /// A server that echoes, and serves a page to whoever asks for no WebSocket.
    pub fn server(self, page: &str) -> Server {
        let mut child = self.start(&["server"], page);
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let port = line(&mut lines).trim().parse().expect("a port");
        Server { child, lines, port }
    }

    /// A client of the server at a port.
    pub fn client(self, port: u16) -> Said {
        let mut child = self.start(&["client", &format!("ws://127.0.0.1:{port}/chat")], &to_send_as_json());
        let said = Said::parse(&line(&mut BufReader::new(child.stdout.take().expect("a pipe"))));
        assert!(child.wait().expect("it ends").success());
        said
    }
}

fn line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).expect("text");
    line
}

impl Server {
    /// What it says of the next connection that is over.
    pub fn said(&mut self) -> Said {
        Said::parse(&line(&mut self.lines))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Without a child left to wait for, there is nothing to end.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

//! A proxy whose view nobody reads, as behind a terminal that is stopped.

use std::io::Read;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

/// `wslens proxy` on a free port.
pub struct Unread {
    child: Child,
    pub out: Option<ChildStdout>,
    pub err: ChildStderr,
    pub port: u16,
}

impl Unread {
    pub fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
        command.args(["proxy", "--listen", "0"]).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, mut err) = (child.stdout.take(), child.stderr.take().unwrap());
        let mut said = Vec::new();
        while !said.ends_with(b"\n") {
            let mut byte = [0];
            err.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
        let said = String::from_utf8(said).unwrap();
        let address = said.split("listens on ").nth(1).unwrap().split_whitespace().next().unwrap();
        let port = address.rsplit(':').next().unwrap().parse().unwrap();
        Self { child, out, err, port }
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        assert!(
            Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success()
        );
    }

    /// Its exit code, once it ends.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

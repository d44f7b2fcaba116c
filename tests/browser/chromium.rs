//! A headless Chromium whose console can be read, over the pipe of its DevTools protocol.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// What runs it: quiet, alone, and with the pipe's two ends as files.
const RUN: &str = "exec chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --user-data-dir=\"$0/profile\" --remote-debugging-pipe \"$@\" about:blank 3<\"$0/in\" 4>\"$0/out\"";

/// A browser that runs; it ends when dropped.
pub struct Chromium {
    child: Child,
    to: File,
    from: BufReader<File>,
    calls: u64,
}

/// Whether there is one on this machine.
fn is_here() -> bool {
    let found = Command::new("sh")
        .args(["-c", "command -v chromium && command -v mkfifo"])
        .stdout(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

/// The same, and says so where there is none; where it was promised, that is a failure.
pub fn is_here_or_skipped() -> bool {
    let here = is_here();
    if !here {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "chromium is missing");
        eprintln!("skipped: no chromium");
    }
    here
}

impl Chromium {
    /// Starts one that keeps all its files in `dir`, with more arguments, and opens a page.
    pub fn open(dir: &Path, args: &[&str], url: &str) -> Self {
        let pipes = Command::new("mkfifo").arg(dir.join("in")).arg(dir.join("out")).status();
        assert!(pipes.expect("mkfifo").success());
        let mut run = Command::new("sh");
        run.args(["-c", RUN]).arg(dir).args(args).stdout(Stdio::null()).stderr(Stdio::null());
        let child = run.spawn().expect("a shell");
        let to = OpenOptions::new().write(true).open(dir.join("in")).expect("the pipe to Chromium");
        let from = BufReader::new(File::open(dir.join("out")).expect("the pipe from Chromium"));
        let mut chromium = Self { child, to, from, calls: 0 };
        let target = chromium.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = chromium.call(None, "Target.attachToTarget", &attach);
        let session = attached["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Log.enable", "Runtime.enable"] {
            chromium.call(Some(&session), domain, &json!({}));
        }
        chromium.send(Some(&session), "Page.navigate", &json!({"url": url}));
        chromium
    }

    /// The lines of the console, as they come, up to the one that says `last`.
    pub fn console(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let message = self.receive();
            let text = match message["method"].as_str() {
                Some("Log.entryAdded") => &message["params"]["entry"]["text"],
                Some("Runtime.consoleAPICalled") => &message["params"]["args"][0]["value"],
                _ => continue,
            };
            let text = text.as_str().unwrap_or_default();
            if text == last {
                return lines;
            }
            lines.push(text.to_owned());
        }
    }

    fn call(&mut self, session: Option<&str>, method: &str, params: &Value) -> Value {
        let id = self.send(session, method, params);
        loop {
            let mut message = self.receive();
            if message["id"] == id {
                return message["result"].take();
            }
        }
    }

    fn send(&mut self, session: Option<&str>, method: &str, params: &Value) -> u64 {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let bytes = [call.to_string().as_bytes(), b"\0"].concat();
        self.to.write_all(&bytes).expect("Chromium listens");
        self.calls
    }

    fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("Chromium answers");
        assert_eq!(bytes.pop(), Some(0), "Chromium ended");
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Without a child left to wait for, there is nothing to end.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

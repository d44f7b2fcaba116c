//! `wslens demo --serve` with a real browser: what its page is told, and what passed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::chromium::{self, Chromium};

/// A demo that serves; it ends when dropped.
struct Demo {
    child: Child,
    url: String,
}

impl Demo {
    fn serve(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
        command.args(["demo", "--serve", "--listen", "0", "--json"]).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("wslens starts");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines
            .find_map(|line| Some(line.strip_prefix("Open ")?.split(' ').next()?.to_owned()))
            .expect("it says where");
        Self { child, url }
    }

    /// What the page logs until all steps are played.
    fn play(&self) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a directory");
        Chromium::open(dir.path(), &[], &self.url).console("all steps are played")
    }

    /// Ctrl-C, and the lines of the JSON view.
    fn stop(mut self) -> Vec<Value> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).expect("UTF-8");
        assert_eq!(self.child.wait().expect("a child").code(), Some(0), "Ctrl-C is how it ends");
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The opcodes of the frames on the connection that asked for `path`.
fn opcodes(lines: &[Value], path: &str) -> Vec<String> {
    let asked = lines.iter().find(|line| line["type"] == "request" && line["target"] == path);
    let connection = &asked.unwrap_or_else(|| panic!("nobody asked for {path}"))["connection"];
    let frames = lines.iter().filter(|line| line["type"] == "frame" && line["connection"] == *connection);
    frames.map(|frame| format!("{} {}", frame["sender"], frame["opcode_name"]).replace('"', "")).collect()
}

#[test]
fn the_page_shows_what_a_browser_tells_and_the_proxy_what_passed() {
    if !chromium::is_here_or_skipped() {
        return;
    }
    let demo = Demo::serve(&[]);
    let log = demo.play();
    for line in [
        "step 1: onclose: code 1006, no reason, not clean",
        "step 2: onopen",
        "step 2: onclose: code 1006, no reason, not clean",
        "step 3: socket.send(\"Websockets are great\")",
        "step 3: onclose: code 1000, reason \"done\", clean",
        "step 4: onmessage: \"Hi, from the server!\"",
        "step 4: onclose: code 1000, reason \"done\", clean",
        "step 5: onmessage: \"hello world\"",
        "step 5: onclose: code 1001, reason \"shutting down\", clean",
    ] {
        assert!(log.iter().any(|logged| logged == line), "{line} is missing in {log:#?}");
    }
    assert!(!log.iter().any(|line| line == "step 1: onopen"), "without an accept it never opens");
    let lines = demo.stop();
    let finding = |id: &str| lines.iter().any(|line| line["findings"].to_string().contains(id));
    assert!(finding("response/accept-missing") && finding("hint/unframed-text"));
    assert_eq!(opcodes(&lines, "/1"), [""; 0]);
    assert_eq!(opcodes(&lines, "/3"), ["client text", "client close", "server close"]);
    assert_eq!(opcodes(&lines, "/4"), ["client text", "server text", "client close", "server close"]);
    assert_eq!(
        opcodes(&lines, "/5"),
        [
            "client text",
            "server text",
            "server ping",
            "client pong",
            "server continuation",
            "server close",
            "client close"
        ]
    );
}

#[test]
fn one_step_alone_can_be_served() {
    if !chromium::is_here_or_skipped() {
        return;
    }
    let demo = Demo::serve(&["--step", "4"]);
    let log = demo.play();
    assert!(log.iter().all(|line| !line.starts_with("step ") || line.starts_with("step 4: ")), "{log:#?}");
    assert_eq!(opcodes(&demo.stop(), "/4").len(), 4);
}

//! Chromium behind the proxy: page and socket, with and without TLS, before a server and as the browser's proxy.

use std::path::Path;
use std::process::Command;

use rustls::ServerConfig;

use crate::chromium::{self, Chromium};
use crate::has_program;
use crate::programs::{Program, Server};
use crate::record::{self, Recorded};
use crate::said::{Said, to_send_as_json};
use crate::tap::{Passed, Tap};
use crate::taps::{Proxy, certificate};

/// A page that talks to the WebSocket server at `address`, an expression of JavaScript in a string.
fn page(address: &str) -> String {
    include_str!("page.html").replace("MESSAGES", &to_send_as_json()).replace("ADDRESS", address)
}

/// The page's own view of what happened, once it is done.
fn visit(dir: &Path, args: &[&str], url: &str) -> Said {
    let lines = Chromium::open(dir, args, url).console("done");
    let said = lines.iter().find(|line| line.starts_with('{'));
    Said::parse(said.unwrap_or_else(|| panic!("the page says {lines:?}")))
}

/// `wslens` with a configuration of its own in `home`.
fn wslens(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslens"));
    command.env("XDG_CONFIG_HOME", home);
    command
}

/// What makes Chromium believe the CA of the proxy, as `wslens ca` tells.
fn believes(home: &Path) -> String {
    let told = wslens(home).arg("ca").output().expect("it runs").stdout;
    let told = String::from_utf8(told).expect("text");
    let option =
        told.split_whitespace().find(|word| word.starts_with("--ignore-certificate-errors-spki-list="));
    option.expect("the option").to_owned()
}

fn is_here() -> bool {
    chromium::is_here_or_skipped() && has_program(Program::Node)
}

/// The server of a page and its WebSocket, the tap before it, and a folder for all that is written.
struct Stage {
    dir: tempfile::TempDir,
    server: Server,
    behind: Tap,
    scheme: &'static str,
}

impl Stage {
    /// Sets it up; `behind` is the server's TLS, where it has any, and `tls` whether the page's address says https.
    fn set(tls: bool, behind: Option<ServerConfig>) -> Self {
        let server = Program::Node.server(&page("' + location.origin.replace('http', 'ws') + '/chat"));
        let behind = Tap::start(server.port, behind);
        let dir = tempfile::tempdir().unwrap();
        Self { dir, server, behind, scheme: if tls { "https" } else { "http" } }
    }

    /// The proxy with these arguments, which records.
    fn proxy(&self, args: &[&str]) -> Proxy {
        let mut all = record::arguments(self.dir.path());
        all.push("--quiet".to_owned());
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        Proxy::start_command(wslens(self.dir.path()), &all)
    }

    /// Lets the browser open the page at a port, with these arguments.
    fn visit(&self, args: &[&str], port: u16) -> Said {
        let trust = believes(self.dir.path());
        let args = [&[&*trust][..], args].concat();
        visit(self.dir.path(), &args, &format!("{}://localhost:{port}/", self.scheme))
    }

    /// Ends the proxy; its record must be what the page, the server and the wire say.
    fn compare(mut self, proxy: Proxy, said: &Said, wire: &Passed) -> Recorded {
        assert!(proxy.stop().status.success());
        let recorded = Recorded::read(self.dir.path());
        recorded.agrees_with(said, &self.server.said(), wire);
        recorded.has_an_answered_ping();
        recorded
    }
}

#[test]
fn a_page_works_behind_a_reverse_proxy_with_and_without_tls() {
    if !is_here() {
        return;
    }
    for tls in [false, true] {
        let stage = Stage::set(tls, None);
        let upstream = format!("localhost:{}", stage.behind.port);
        let both = [&*upstream, "--tls"];
        let proxy = stage.proxy(if tls { &both } else { &both[..1] });
        let before = (!tls).then(|| Tap::start(proxy.port, None));
        let port = before.as_ref().map_or(proxy.port, |tap| tap.port);
        let said = stage.visit(&[], port);
        let wire = stage.behind.websocket();
        if let Some(before) = before {
            assert!(before.websocket() == wire, "what left one side reached the other");
        }
        assert!(stage.compare(proxy, &said, &wire).has_compressed());
    }
}

#[test]
fn a_page_works_through_the_browsers_proxy_with_and_without_tls() {
    if !is_here() {
        return;
    }
    for tls in [false, true] {
        let (root, config) = certificate::server_config("localhost", 2100);
        let stage = Stage::set(tls, tls.then_some(config));
        let file = stage.dir.path().join("root.pem");
        std::fs::write(&file, root).unwrap();
        let proxy = stage.proxy(&["--upstream-ca", file.to_str().unwrap()]);
        // The page and its server are on this machine, where a browser asks no proxy unless told to.
        let through = format!("--proxy-server=http://127.0.0.1:{}", proxy.port);
        let said = stage.visit(&[&through, "--proxy-bypass-list=<-loopback>"], stage.behind.port);
        let wire = stage.behind.websocket();
        stage.compare(proxy, &said, &wire);
    }
}

#[test]
fn the_arguments_for_the_browsers_proxy_are_those_of_the_readme_and_of_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let readme = include_str!("../../README.md");
    let proxy = Proxy::start_command(wslens(dir.path()), &["--quiet"]);
    let (port, start) = (proxy.port, proxy.stop().err);
    for (text, port) in [(readme, 8080), (&*start, port)] {
        assert!(text.contains("--proxy-bypass-list='<-loopback>'"), "{text}");
        let host = text.split("--proxy-server=http://").nth(1).expect("the option");
        assert!(
            ["127.0.0.1", "localhost"].iter().any(|it| host.starts_with(&format!("{it}:{port} "))),
            "{host}"
        );
    }
}

//! Chromium behind the proxy: page and socket, with and without TLS, before a server and as the browser's proxy.

use std::path::Path;
use std::process::Command;

use crate::chromium::{self, Chromium};
use crate::has_program;
use crate::programs::Program;
use crate::record::{self, Recorded};
use crate::said::{Said, to_send_as_json};
use crate::tap::Tap;
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

#[test]
fn a_page_works_behind_a_reverse_proxy_with_and_without_tls() {
    if !is_here() {
        return;
    }
    for tls in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let scheme = if tls { "https" } else { "http" };
        let mut server = Program::Node.server(&page("' + location.origin.replace('http', 'ws') + '/chat"));
        let behind = Tap::start(server.port, None);
        let mut args = record::arguments(dir.path());
        args.extend(["--quiet".to_owned(), format!("localhost:{}", behind.port)]);
        args.extend(tls.then(|| "--tls".to_owned()));
        let proxy = Proxy::start_command(wslens(dir.path()), &args);
        let before = (!tls).then(|| Tap::start(proxy.port, None));
        let port = before.as_ref().map_or(proxy.port, |tap| tap.port);
        let url = format!("{scheme}://localhost:{port}/");
        let said = visit(dir.path(), &[&believes(dir.path())], &url);
        let wire = behind.websocket();
        if let Some(before) = before {
            assert!(before.websocket() == wire, "what left one side reached the other");
        }
        assert!(proxy.stop().status.success());
        let recorded = Recorded::read(dir.path());
        recorded.agrees_with(&said, &server.said(), &wire);
        recorded.has_an_answered_ping();
        assert!(recorded.has_compressed());
    }
}

#[test]
fn a_page_works_through_the_browsers_proxy_with_and_without_tls() {
    if !is_here() {
        return;
    }
    for tls in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let scheme = if tls { "https" } else { "http" };
        let mut server = Program::Node.server(&page("' + location.origin.replace('http', 'ws') + '/chat"));
        let (root, config) = certificate::server_config("localhost", 2100);
        let root_file = dir.path().join("root.pem");
        std::fs::write(&root_file, root).unwrap();
        let behind = Tap::start(server.port, tls.then_some(config));
        let mut args = record::arguments(dir.path());
        args.extend([
            "--quiet".to_owned(),
            "--upstream-ca".to_owned(),
            root_file.to_str().unwrap().to_owned(),
        ]);
        let proxy = Proxy::start_command(wslens(dir.path()), &args);
        let through = format!("--proxy-server=http://127.0.0.1:{}", proxy.port);
        let args = [&believes(dir.path()), &*through, "--proxy-bypass-list=<-loopback>"];
        let said = visit(dir.path(), &args, &format!("{scheme}://localhost:{}/", behind.port));
        let wire = behind.websocket();
        assert!(proxy.stop().status.success());
        let recorded = Recorded::read(dir.path());
        recorded.agrees_with(&said, &server.said(), &wire);
        recorded.has_an_answered_ping();
    }
}

//! Real libraries and a real browser talk through the proxy: it changes nothing, and what it shows is what they say.
//!
//! A tap stands before the proxy and one behind it. Whatever left one side must have reached the other, byte for
//! byte; and the messages of our record must be those that the applications say they sent and received.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod browser;
#[path = "../browser/chromium.rs"]
mod chromium;
mod libraries;
mod programs;
mod record;
mod said;
mod tap;
#[path = "../taps/mod.rs"]
mod taps;

use libraries::Library;
use programs::Program;
use record::Recorded;
use said::{Said, to_send};
use tap::Tap;
use taps::Proxy;

/// Lets a client talk through a reverse proxy to the server at a port, and compares.
fn through(server: u16, client: impl FnOnce(u16) -> Said, server_said: impl FnOnce() -> Said) -> Recorded {
    let behind = Tap::start(server, None);
    let dir = tempfile::tempdir().unwrap();
    let upstream = format!("ws://127.0.0.1:{}", behind.port);
    let proxy = Proxy::start(&[&record::arguments(dir.path())[..], &["--quiet".into(), upstream]].concat());
    let before = Tap::start(proxy.port, None);
    let (client_said, server_said) = (client(before.port), server_said());
    let (left, reached) = (before.websocket(), behind.websocket());
    assert!(left.client == reached.client, "what the client sent reached the server");
    assert!(left.server == reached.server, "what the server sent reached the client");
    assert!(proxy.stop().status.success());
    let recorded = Recorded::read(dir.path());
    recorded.agrees_with(&client_said, &server_said, &reached);
    recorded
}

/// Whether a test goes on: a peer that is missing is only allowed where nobody installs it.
fn has_program(program: Program) -> bool {
    let here = program.is_here();
    if !here {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", program.name());
        eprintln!("skipped: no {}", program.name());
    }
    here
}

#[test]
fn rust_libraries_talk_through_the_proxy() {
    let both = [Library::TokioTungstenite, Library::Fastwebsockets];
    for (client, server) in both.iter().flat_map(|client| both.map(|server| (*client, server))) {
        let (port, said) = server.server();
        let recorded =
            through(port, |port| client.client(port), || said.recv_timeout(taps::PATIENCE).unwrap());
        assert!(!recorded.has_compressed(), "{client:?} and {server:?} agree on no compression");
        let fragments = recorded.frames("client").filter(|frame| frame["fin"] == false).count();
        let want = if client == Library::Fastwebsockets { to_send().len() } else { 0 };
        assert_eq!(fragments, want, "fragments stay fragments");
    }
}

#[test]
fn compressed_messages_of_node_and_python_are_read() {
    let both = [Program::Node, Program::Python];
    if !both.into_iter().all(has_program) {
        return;
    }
    for (client, server) in both.iter().flat_map(|client| both.map(|server| (*client, server))) {
        let mut server = server.server("");
        let recorded = through(server.port, |port| client.client(port), || server.said());
        assert!(recorded.has_compressed(), "{client:?} offers permessage-deflate, and every server takes it");
        assert!(recorded.frames("client").any(|frame| frame["fin"] == false), "{client:?} sends fragments");
        recorded.has_an_answered_ping();
    }
}

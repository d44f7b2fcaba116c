//! What Chromium really says of what the samples' servers send, against what the findings quote.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod chromium;
mod demo;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chromium::Chromium;
use wslens::input::{self, Options};
use wslens::session::event::{Event, Kind};
use wslens::session::segment::Content;
use wslens::session::{Config, Session};
use wslens::wire::accept::accept;
use wslens::wire::head::{Head, HeadReader, Progress};
use wslens::wire::sender::Sender;

/// The accept of the samples' nonce, for which the accept of Chromium's own one stands in.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Chromium lets a page wait after some failures, so it is started anew for this many.
const AT_ONCE: usize = 12;

/// A sample whose server makes Chromium say something.
#[derive(Clone, Debug, Default)]
struct Case {
    server: Vec<u8>,
    subprotocols: String,
    /// The sentences that its findings quote, in their order. Chromium says the first.
    quoted: Vec<String>,
}

fn case(path: &Path) -> Case {
    let mut case = Case::default();
    let mut session = Session::new(Config::default());
    let sink = |event: &Event<'_>, case: &mut Case| {
        case.quoted.extend(event.findings.iter().filter_map(|finding| finding.browser.clone()));
        if let Kind::Request(request) = event.kind {
            let offered = request.head.first_value("sec-websocket-protocol").unwrap_or_default();
            case.subprotocols = String::from_utf8_lossy(&offered).into_owned();
        }
    };
    let file = File::open(path).expect("a sample");
    let read = input::read("sample", file, &Options::default(), &mut |_| {}, &mut |segment| {
        if let (Sender::Server, Content::Bytes(bytes)) = (segment.sender, &segment.content) {
            case.server.extend_from_slice(bytes);
        }
        session.feed(&segment, &mut |event: &Event<'_>| sink(event, &mut case));
        ControlFlow::Continue(())
    });
    read.unwrap_or_else(|error| panic!("{error}"));
    session.finish(&mut |event: &Event<'_>| sink(event, &mut case));
    case
}

/// The samples of which a browser says something, by name.
fn cases() -> BTreeMap<String, Case> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let files = fs::read_dir(dir).expect("samples").map(|entry| entry.expect("a sample").path());
    let named = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".txt")?.to_owned();
        let case = case(&path);
        (!case.quoted.is_empty()).then_some((name, case))
    });
    named.collect()
}

/// A page that opens one WebSocket after the other and says when it is done.
fn page(cases: &BTreeMap<String, Case>) -> String {
    let list = serde_json::json!(
        cases.iter().map(|(name, case)| (name, case.subprotocols.as_str())).collect::<Vec<_>>()
    );
    format!(
        "<script>(async () => {{ for (const [name, offered] of {list}) await new Promise(done => {{
           const protocols = offered.split(', ').filter(name => name);
           const socket = new WebSocket(`ws://${{location.host}}/${{name}}`, protocols);
           socket.onclose = done; setTimeout(done, 8000);
         }}); console.log('done'); }})()</script>"
    )
}

fn serve(mut client: TcpStream, cases: &BTreeMap<String, Case>) -> std::io::Result<()> {
    let mut reader = HeadReader::default();
    let mut piece = [0; 4096];
    while let read @ 1.. = client.read(&mut piece)? {
        if reader.feed(&piece[..read]).1 != Progress::More {
            break;
        }
    }
    let head = reader.finish();
    let line = String::from_utf8_lossy(head.at(head.first_line)).into_owned();
    match line.split(' ').nth(1).and_then(|path| cases.get(path.get(1..)?)) {
        Some(case) => client.write_all(&for_this_nonce(&case.server, &head))?,
        None => {
            let (page, kind) = (page(cases), "Content-Type: text/html\r\nConnection: close");
            let len = page.len();
            write!(client, "HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {len}\r\n\r\n{page}")?;
        }
    }
    client.set_read_timeout(Some(Duration::from_millis(500)))?;
    while let Ok(1..) = client.read(&mut piece) {}
    client.shutdown(Shutdown::Write)
}

/// The server's bytes, with the accept of the samples' nonce made that of this request's.
fn for_this_nonce(bytes: &[u8], request: &Head) -> Vec<u8> {
    let nonce = request.first_value("sec-websocket-key").unwrap_or_default();
    let (mut bytes, right) = (bytes.to_vec(), accept(&nonce));
    while let Some(at) = bytes.windows(ACCEPT.len()).position(|window| window == ACCEPT.as_bytes()) {
        bytes[at..at + ACCEPT.len()].copy_from_slice(right.as_bytes());
    }
    bytes
}

/// What the console says of each, without the words around it.
fn console(cases: BTreeMap<String, Case>) -> BTreeMap<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let cases = Arc::new(cases);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let cases = Arc::clone(&cases);
            // A browser that has gone is no fault of the server.
            thread::spawn(move || serve(client, &cases).ok());
        }
    });
    let dir = tempfile::tempdir().expect("a directory");
    let lines = Chromium::open(dir.path(), &[], &url).console("done");
    let said = lines.iter().filter_map(|line| {
        let (_, rest) = line.split_once("WebSocket connection to 'ws://")?;
        let (path, said) = rest.split_once("' failed: ")?;
        let said = said.strip_prefix("Error during WebSocket handshake: ").unwrap_or(said);
        Some((path.split_once('/')?.1.to_owned(), said.trim_end().to_owned()))
    });
    said.collect()
}

#[test]
fn chromium_says_what_the_findings_quote() {
    if !chromium::is_here_or_skipped() {
        return;
    }
    let cases = cases();
    assert!(cases.len() > 20, "many samples make a browser speak");
    let mut wrong = Vec::new();
    let all: Vec<_> = cases.into_iter().collect();
    for some in all.chunks(AT_ONCE) {
        let said = console(some.iter().cloned().collect());
        for (name, case) in some {
            if said.get(name) != Some(&case.quoted[0]) {
                wrong.push(format!("{name}: said {:?}, quoted {:?}", said.get(name), case.quoted));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

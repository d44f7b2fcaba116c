use super::*;
use crate::render::collect::Collector;
use crate::render::json::JsonLines;
use crate::session::segment::{Content, How, Opening, Segment, Time};
use crate::session::{Config, Session};
use crate::wire::sender::Sender;

/// Lines as they come, and lines from a batch.
fn both(parts: &[(Sender, &[u8])]) -> (Vec<u8>, Vec<u8>) {
    let (mut direct, mut later) = (Vec::new(), Vec::new());
    let mut batch = Batch::default();
    let mut lines = JsonLines::new(&mut direct, usize::MAX);
    let (mut collector, mut session) =
        (Collector::new(usize::MAX, usize::MAX), Session::new(Config::default()));
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown| {
            lines.show(&shown).expect("memory");
            batch.push(&shown, usize::MAX);
        });
    };
    let opening = Opening { client: Some("a:1".into()), tls: true, ..Opening::default() };
    let contents = parts.iter().map(|(sender, bytes)| (*sender, Content::Bytes(bytes)));
    let open = [(Sender::Client, Content::Open(Box::new(opening)))];
    let end = [(Sender::Client, Content::Gap(3)), (Sender::Server, Content::End(How::Reset))];
    for (i, (sender, content)) in open.into_iter().chain(contents).chain(end).enumerate() {
        let time = Some(Time(i as u64 * 1000));
        session.feed(&Segment { connection: 7, sender, time, packet: None, content }, &mut sink);
    }
    session.finish(&mut sink);
    lines.flush().expect("memory");
    drop(lines);
    let mut lines = JsonLines::new(&mut later, usize::MAX);
    let give = |given: Given<'_>| match given {
        Given::Shown(shown) => lines.show(shown),
        Given::Words(_) => unreachable!("no words were kept"),
    };
    assert!({ batch }.each(give).is_ok());
    lines.flush().expect("memory");
    drop(lines);
    (direct, later)
}

#[test]
fn what_is_kept_is_shown_as_if_it_came_now() {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let response = b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n";
    let (direct, later) = both(&[
        (Sender::Client, request),
        (Sender::Server, response),
        (Sender::Server, b"\x01\x05hello\x89\x01x\x80\x06 world\x81\x02ok\x91\x00\x82\x01\xff"),
        (Sender::Client, b"\x81\x85\x01\x02\x03\x04iodho\x88\x82\x00\x00\x00\x00\x03\xe8\x81"),
    ]);
    assert!(direct.len() > 2000);
    assert_eq!(String::from_utf8(later), String::from_utf8(direct));
    let page = b"GET / HTTP/1.1\r\n\r\n";
    let (direct, later) =
        both(&[(Sender::Client, page), (Sender::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]);
    assert_eq!(later, direct);
}

#[test]
fn a_cleared_batch_is_empty() {
    let mut batch = Batch::default();
    batch.push_words("words".to_owned());
    assert!(!batch.is_empty() && batch.size() > 5);
    batch.clear();
    assert!(batch.is_empty() && batch.size() == 0);
}

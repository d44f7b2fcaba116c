//! The list of connections and the table: against golden files, on every width, in both character sets.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use support::golden::assert_golden;
use support::{REQUEST, RESPONSE, masked, server_frame};
use wslens::render::collect::{Collector, Shown};
use wslens::render::connections::Connections;
use wslens::render::glyphs::Glyphs;
use wslens::render::page::Page;
use wslens::render::sanitize::is_unsafe;
use wslens::render::table::Table;
use wslens::render::wrap::display_width;
use wslens::session::event::Event;
use wslens::session::others::Others;
use wslens::session::segment::{Content, How, Opening, Segment, Time};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender::{self, Client, Server};

/// Both views of what is fed.
struct Sums {
    session: Session,
    collector: Collector,
    list: Connections,
    table: Table,
    out: [String; 2],
    now: u64,
}

impl Sums {
    fn new(page: Page) -> Self {
        Self {
            session: Session::new(Config::default()),
            collector: Collector::new(0, 0),
            list: Connections::new(page),
            table: Table::new(page),
            out: Default::default(),
            now: 1_767_225_600_000_000_000,
        }
    }

    fn feed(&mut self, connection: u32, sender: Sender, content: Content<'_>) {
        let Self { session, collector, list, table, out, now } = self;
        let segment = Segment { connection, sender, time: Some(Time(*now)), packet: None, content };
        session.feed(&segment, &mut |event: &Event<'_>| {
            collector.event(event, &mut |shown: Shown<'_>| {
                list.show(&shown, &mut out[0]);
                table.show(&shown, &mut out[1]);
            });
        });
    }

    fn say(&mut self, connection: u32, sender: Sender, bytes: &[u8]) {
        self.feed(connection, sender, Content::Bytes(bytes));
    }

    fn open(&mut self, connection: u32, client: &str, more: &str) {
        let server = "[2001:db8::1]:8000".to_owned();
        let opening = Opening { client: Some(client.to_owned()), server: Some(server), ..Opening::default() };
        self.feed(connection, Client, Content::Open(Box::new(opening)));
        let with = |head: &[u8]| [head.strip_suffix(b"\r\n").unwrap(), more.as_bytes(), b"\r\n"].concat();
        self.say(connection, Client, &with(REQUEST));
        self.say(connection, Server, &with(RESPONSE));
    }

    fn finish(mut self) -> [String; 2] {
        let Self { session, collector, list, table, out, .. } = &mut self;
        session.finish(&mut |event: &Event<'_>| {
            collector.event(event, &mut |shown: Shown<'_>| {
                list.show(&shown, &mut out[0]);
                table.show(&shown, &mut out[1]);
            });
        });
        list.finish(&Others::default(), &mut out[0]);
        table.finish(&mut out[1]);
        self.out
    }
}

/// Four connections: one that ends well, one that is broken, one that is refused, one that is cut off.
fn sums(page: Page) -> [String; 2] {
    let mut sums = Sums::new(page);
    sums.open(1, "192.0.2.7:50001", "Sec-WebSocket-Protocol: chat\r\n");
    sums.open(2, "[2001:db8::7]:50002", "");
    for i in 0..24u32 {
        sums.now += 1_000_000 * u64::from(i * i * 7 % 400 + 20);
        sums.say(1, Client, &masked(0x81, &vec![b'a'; (i * i * 13 % 900) as usize]));
        sums.now += 2_500_000;
        sums.say(1, Server, &server_frame(0x82, &vec![1; (i * i * i * 7 % 5000) as usize]));
        if i % 8 == 0 {
            sums.say(1, Server, &server_frame(0x89, &[i as u8]));
            sums.now += 1_234_567;
            sums.say(1, Client, &masked(0x8a, &[i as u8]));
        }
    }
    sums.say(2, Server, &server_frame(0x8b, b"?"));
    sums.say(2, Client, b"\x81\x00");
    sums.feed(2, Client, Content::End(How::Reset));
    sums.feed(3, Client, Content::Open(Box::default()));
    sums.say(3, Client, REQUEST);
    sums.say(3, Server, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    sums.open(4, "192.0.2.7:50004", "Sec-WebSocket-Protocol: \x1b[31mred\u{202e}\r\n");
    sums.say(1, Client, &masked(0x88, b"\x03\xe9bye"));
    sums.now += 1_000_000;
    sums.say(1, Server, &server_frame(0x88, b"\x03\xe9"));
    sums.feed(1, Server, Content::End(How::Fin));
    sums.feed(1, Client, Content::End(How::Fin));
    sums.finish()
}

#[test]
fn the_list_and_the_table() {
    let [list, table] = sums(Page::plain());
    assert_golden("connections.txt", &list);
    assert_golden("table-statistics.txt", &table);
    let [list, table] = sums(Page { width: 50, glyphs: Glyphs::new(true), ..Page::plain() });
    assert_golden("connections-narrow-ascii.txt", &list);
    assert_golden("table-statistics-narrow-ascii.txt", &table);
}

#[test]
fn they_hold_every_width() {
    for width in 40..=120 {
        for ascii in [false, true] {
            for text in sums(Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() }) {
                assert!(!ascii || text.is_ascii(), "{text}");
                for line in text.lines() {
                    assert!(display_width(line) <= width, "{width}: {line}");
                    assert!(!line.chars().any(is_unsafe) && !line.ends_with(' '), "{line:?}");
                }
            }
        }
    }
}

#[test]
fn a_list_without_end_is_cut_and_says_so() {
    let mut sums = Sums::new(Page::plain());
    for connection in 1..=5000 {
        sums.feed(connection, Client, Content::Open(Box::default()));
        for sender in [Client, Server] {
            sums.feed(connection, sender, Content::End(How::Fin));
        }
    }
    let [list, _] = sums.finish();
    assert!(
        list.contains("\n904 connections more, numbered on, are not listed: the list holds 4,096."),
        "{list}"
    );
    assert!(list.contains("\n4096  client") && !list.contains("\n4097"));
}

#[test]
fn nothing_gives_no_list() {
    assert_eq!(Sums::new(Page::plain()).finish(), ["", ""]);
}

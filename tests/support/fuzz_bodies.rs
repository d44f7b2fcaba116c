//! What is done with hostile bytes: one body for each parser, and one through the text views.
//!
//! `tests/fuzz.rs` runs each on mutated samples with stable Rust; `fuzz/` holds a libFuzzer target for each. A new
//! parser gets a body here, a line in [`BODIES`], a test and a target.

#![allow(dead_code, reason = "each target uses one body")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure is what is looked for"
)]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use wslens::input::{self, Format, Options};
use wslens::render::anatomy::{Anatomy, KEEP};
use wslens::render::collect::{Collector, Shown};
use wslens::render::connections::Connections;
use wslens::render::diagram::Diagram;
use wslens::render::glyphs::Glyphs;
use wslens::render::json::JsonLines;
use wslens::render::lesson::{self, Lesson};
use wslens::render::page::Page;
use wslens::render::sanitize::is_unsafe;
use wslens::render::summary::{self, Summary};
use wslens::render::table::Table;
use wslens::render::wrap::display_width;
use wslens::session::agreed::Agreed;
use wslens::session::event::{Event, Kind};
use wslens::session::others::Others;
use wslens::session::segment::{Content, How, Segment, Time};
use wslens::session::{Config, Session};
use wslens::wire::close::CloseBody;
use wslens::wire::deflate::{Inflater, Plain, Status};
use wslens::wire::extension::ExtensionList;
use wslens::wire::frame::{Header, Partial};
use wslens::wire::head::{Head, HeadReader, Progress};
use wslens::wire::list;
use wslens::wire::permessage_deflate::{Parameters, Side};
use wslens::wire::sender::Sender;
use wslens::wire::utf8::Utf8Check;

/// A body: it panics on whatever must not be.
pub type Body = fn(&[u8]);

/// Every body and its name.
pub const BODIES: [(&str, Body); 15] = [
    ("header", header),
    ("session", session),
    ("head", head),
    ("extensions", extensions),
    ("list", elements),
    ("close", close),
    ("utf8", utf8),
    ("deflate", deflate),
    ("input", input),
    ("pcap", pcap),
    ("pcapng", pcapng),
    ("packet", packet),
    ("har", har),
    ("views", views),
    ("anatomy", anatomy),
];

/// A header is written again as it was read, from no byte less.
pub fn header(data: &[u8]) {
    let _ = Partial::of(data).fields();
    let Some(header) = Header::decode(data) else { return };
    let mut again = Vec::new();
    header.encode(&mut again);
    assert_eq!(again, data[..header.header_len()]);
    assert!((0..again.len()).all(|cut| Header::decode(&data[..cut]).is_none()));
    assert_eq!(Header::decode(&again), Some(header));
    let bits: u64 = header.fields().iter().map(|field| field.bits.len).sum();
    assert_eq!(bits, 8 * again.len() as u64);
}

/// One thing that a sender did, as bodies read it from bytes.
enum Act<'a> {
    Bytes(&'a [u8]),
    Gap(u64),
    End,
}

/// Acts, each behind a byte that tells sender and kind: 0 a gap, 1 an end, otherwise bytes behind their length.
fn acts(data: &[u8]) -> Vec<(Sender, Act<'_>)> {
    let mut acts = Vec::new();
    let (mut rest, mut ended) = (data, [false; 2]);
    while let Some((&tag, behind)) = rest.split_first() {
        let sender = Sender::BOTH[usize::from(tag & 1)];
        let (&number, behind) = behind.split_first().unwrap_or((&0, &[]));
        let (act, behind) = match tag >> 1 & 15 {
            0 => (Act::Gap(u64::from(number) + 1), behind),
            1 => (Act::End, behind),
            _ => {
                let (bytes, behind) = behind.split_at(usize::from(number).min(behind.len()));
                (Act::Bytes(bytes), behind)
            }
        };
        rest = behind;
        if !ended[sender as usize] {
            ended[sender as usize] = matches!(act, Act::End);
            acts.push((sender, act));
        }
    }
    acts
}

/// Bytes of a sender as [`acts`] reads them.
pub fn as_acts(sender: Sender, bytes: &[u8], out: &mut Vec<u8>) {
    for piece in bytes.chunks(255) {
        out.extend([sender as u8 | 4, piece.len() as u8]);
        out.extend_from_slice(piece);
    }
}

/// Feeds acts, their bytes in pieces of `size`.
fn feed(acts: &[(Sender, Act<'_>)], size: usize, sink: &mut impl FnMut(&Event<'_>)) {
    let mut session = Session::new(Config::default());
    for (i, (sender, act)) in acts.iter().enumerate() {
        // Every other one has a time, and the clock jumps.
        let time = (i % 2 == 1).then_some(Time((i as u64 % 7) << (i % 60)));
        let mut one = |content| {
            session.feed(&Segment { connection: 1, sender: *sender, time, packet: None, content }, sink);
        };
        match act {
            Act::Bytes(bytes) => bytes.chunks(size).for_each(|piece| one(Content::Bytes(piece))),
            Act::Gap(lost) => one(Content::Gap(*lost)),
            Act::End => one(Content::End(How::Fin)),
        }
    }
    session.finish(sink);
}

/// What is said of acts.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// Per event its place and what it is, adjacent pieces joined.
    events: Vec<(Sender, u64, String, usize)>,
    /// The plain bytes of each compressed message, 256 for one that is unknown.
    plain: BTreeMap<u64, Vec<u16>>,
}

/// What is said of acts; and the laws of offsets.
fn said(acts: &[(Sender, Act<'_>)], size: usize) -> Told {
    let Told { events: mut said, mut plain } = Told::default();
    let mut next = [0; 2];
    feed(acts, size, &mut |event| {
        let at = &mut next[event.sender as usize];
        assert_eq!(event.offset, *at, "events follow one another");
        *at += event.len;
        let what = match event.kind {
            Kind::Payload(payload) => {
                assert_eq!(event.len, payload.raw.len() as u64);
                return;
            }
            Kind::Inflated(piece) => {
                // It stands behind the piece of payload that it came from, wherever that was cut.
                let before = plain.entry(piece.message).or_default();
                assert_eq!(piece.at, before.len() as u64, "plain bytes follow one another");
                match piece.plain {
                    Plain::Known(bytes) => before.extend(bytes.iter().copied().map(u16::from)),
                    Plain::Unknown(len) => before.resize(before.len() + len, 256),
                }
                return;
            }
            Kind::Opaque(opaque) => format!("{:?}", opaque.why),
            kind => format!("{kind:?}"),
        };
        let piece = matches!(event.kind, Kind::Opaque(_)) && event.findings.is_empty();
        match said.last() {
            Some(last) if piece && last.0 == event.sender && last.2 == what => {}
            _ => said.push((event.sender, event.offset, what, event.findings.len())),
        }
    });
    let sum = |of: Sender| {
        acts.iter().filter(move |(sender, _)| *sender == of).map(|(_, act)| match act {
            Act::Bytes(bytes) => bytes.len() as u64,
            Act::Gap(lost) => *lost,
            Act::End => 0,
        })
    };
    assert_eq!(next, Sender::BOTH.map(|sender| sum(sender).sum::<u64>()), "every byte is covered");
    Told { events: said, plain }
}

/// However it is cut, a conversation says the same, and every byte of it is covered.
pub fn session(data: &[u8]) {
    let acts = acts(data);
    let whole = said(&acts, usize::MAX);
    assert_eq!(whole, said(&acts, 1), "byte by byte");
    assert_eq!(whole, said(&acts, 7), "in sevens");
}

/// A head ends where it ends however it is cut, and keeps its bytes.
pub fn head(data: &[u8]) {
    let mut reader = HeadReader::default();
    let (taken, progress) = reader.feed(data);
    let mut cut = HeadReader::default();
    let last = data[..taken].iter().map(|byte| cut.feed(&[*byte]).1).last();
    assert_eq!(last.unwrap_or(Progress::More), progress);
    assert_eq!(reader.bytes(), &data[..taken]);
    let head = reader.finish();
    assert_eq!((head.raw(), cut.bytes()), (&data[..taken], &data[..taken]));
    let _ = (head.method(), head.status(), head.version());
    for line in &head.headers {
        let _ = (head.name(line), head.value(line), line.space_before_colon(head.raw()));
    }
    assert_eq!(Head::decode(data[..taken].to_vec()), head);
}

/// The grammar of extensions, and what permessage-deflate makes of its parameters.
pub fn extensions(data: &[u8]) {
    let lines: Vec<_> = data.split(|&byte| byte == b'\n').collect();
    let list = ExtensionList::parse(lines.iter().copied());
    for extension in &list.extensions {
        for side in [Side::Offer, Side::Answer] {
            let bits = Parameters::read(extension, side).window_bits(Sender::Client);
            assert!((8..=15).contains(&bits));
        }
    }
}

/// The elements of a list lie one behind the other, inside it.
pub fn elements(data: &[u8]) {
    let mut end = 0;
    for span in list::elements(data) {
        assert!(span.at >= end && span.end() <= data.len() && span.len > 0);
        end = span.end();
    }
    let _ = list::has_token(data, "upgrade");
}

/// The body of a Close keeps all its bytes.
pub fn close(data: &[u8]) {
    let body = CloseBody::decode(data);
    match body.code {
        Some(code) => {
            assert_eq!([&code.0.to_be_bytes()[..], body.reason].concat(), data);
            let _ = (code.name(), code.meaning());
        }
        None => assert!(data.len() < 2),
    }
}

/// In pieces the verdict is that of the standard library on the whole.
pub fn utf8(data: &[u8]) {
    let (size, text) = data.split_first().map_or((1, data), |(size, text)| (usize::from(*size) + 1, text));
    let mut check = Utf8Check::default();
    text.chunks(size).for_each(|piece| check.feed(piece));
    assert_eq!(check.finish(), std::str::from_utf8(text).err().map(|error| error.valid_up_to() as u64));
}

/// However a message is cut, and however little may come at once, it inflates to the same.
pub fn deflate(data: &[u8]) {
    const MOST: u64 = 1 << 16;
    let inflate = |size: usize, budget: u64| {
        let mut inflater = Inflater::new(15, true);
        let mut plain = Vec::new();
        for piece in data.chunks(size) {
            let mut rest = piece;
            loop {
                let left = budget.min(MOST.saturating_sub(plain.len() as u64));
                let fed = inflater.feed(rest, left, &mut |piece| match piece {
                    Plain::Known(bytes) => plain.extend_from_slice(bytes),
                    Plain::Unknown(len) => plain.resize(plain.len() + len, b'?'),
                });
                rest = &rest[fed.taken..];
                if fed.status != Status::Full || plain.len() as u64 >= MOST {
                    break;
                }
            }
            if plain.len() as u64 >= MOST {
                break;
            }
        }
        plain
    };
    let whole = inflate(usize::MAX, MOST);
    assert_eq!(whole, inflate(1, MOST), "byte by byte");
    assert_eq!(whole, inflate(5, 3), "three bytes at a time");
}

/// Whatever is given as whatever format: segments or one clear sentence, and no more bytes than stand there.
pub fn input(data: &[u8]) {
    let Some((&format, text)) = data.split_first() else { return };
    let format = usize::from(format).checked_sub(1).map(|at| Format::ALL[at % Format::ALL.len()]);
    let options = Options { format, ..Options::default() };
    let mut session = Session::new(Config::default());
    let mut bytes = 0;
    let mut each = |segment: Segment<'_>| {
        if let Content::Bytes(piece) = &segment.content {
            bytes += piece.len();
        }
        session.feed(&segment, &mut |_: &Event<'_>| ());
        if bytes < 1 << 20 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    if let Err(error) = input::read("fuzz", text, &options, &mut |_| (), &mut each) {
        let said = error.to_string();
        assert!(!said.is_empty() && !said.chars().any(|ch| ch != '\n' && is_unsafe(ch)), "{said:?}");
    }
}

/// A HAR is read or refused in a sentence, and what was read is shown in every view.
pub fn har(text: &[u8]) {
    let mut session = Session::new(Config::default());
    let (mut lesson, mut summary) =
        (Lesson::new(lesson::Options::default()), Summary::new(summary::Options::default()));
    let (mut json, mut collector) = (JsonLines::new(Vec::new(), 1 << 20), Collector::new(1 << 20, 1 << 20));
    let mut texts: [String; 2] = Default::default();
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown: Shown<'_>| {
            assert!(!matches!(shown, Shown::Frame(_)), "no frame is invented");
            lesson.show(&shown, &mut texts[0]);
            summary.show(&shown, &mut texts[1]);
            json.show(&shown).unwrap();
        });
    };
    let mut each = |segment: Segment<'_>| {
        session.feed(&segment, &mut sink);
        ControlFlow::Continue(())
    };
    let options = Options { format: Some(Format::Har), ..Options::default() };
    if let Err(error) = input::read("fuzz", text, &options, &mut |_| (), &mut each) {
        let said = error.to_string();
        assert!(!said.is_empty() && !said.chars().any(is_unsafe), "{said:?}");
    }
    for text in texts {
        assert!(!text.chars().any(|ch| ch != '\n' && is_unsafe(ch)), "{text:?}");
    }
}

/// A pcap file with a good header, the link type first.
pub fn pcap(data: &[u8]) {
    let Some((&link, records)) = data.split_first() else { return };
    let file = [&pcap_header(link), records].concat();
    // Which of the longer record headers a file has is told by the records that are there at once, so no more is asked.
    capture(Format::Pcap, &file, usize::MAX);
    capture(Format::Pcap, &file, 3);
}

/// A pcapng file with a good section header, the link type of its first interface first.
pub fn pcapng(data: &[u8]) {
    let Some((&link, blocks)) = data.split_first() else { return };
    let section =
        *b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0";
    let interface = [1, 0, 0, 0, 20, 0, 0, 0, link, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0];
    let file = [&section[..], &interface, blocks].concat();
    assert_eq!(capture(Format::Pcapng, &file, usize::MAX), capture(Format::Pcapng, &file, 3));
}

/// Packets, each behind its length, in a file that is otherwise good: down to the segments of TCP.
pub fn packet(data: &[u8]) {
    let Some((&link, mut rest)) = data.split_first() else { return };
    let mut file = pcap_header(link);
    while let Some((&len, behind)) = rest.split_first() {
        let (packet, more) = behind.split_at(usize::from(len).min(behind.len()));
        for word in [1, 0, packet.len() as u32, packet.len() as u32] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        file.extend_from_slice(packet);
        rest = more;
    }
    assert_eq!(capture(Format::Pcap, &file, usize::MAX), capture(Format::Pcap, &file, 1000));
}

fn pcap_header(link: u8) -> Vec<u8> {
    let words = [0xa1b2_c3d4u32, 4 << 16 | 2, 0, 0, 65_535, u32::from(link)];
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// What a capture says that comes in pieces of this size: segments, no more bytes than it holds, and one clear sentence
/// where it is damaged.
fn capture(format: Format, file: &[u8], size: usize) -> (Vec<String>, Option<String>) {
    let options = Options { format: Some(format), ..Options::default() };
    let (mut session, mut bytes, mut story) = (Session::new(Config::default()), 0, Vec::new());
    let mut each = |segment: Segment<'_>| {
        story.push(format!("{segment:?}"));
        if let Content::Bytes(piece) = &segment.content {
            bytes += piece.len();
        }
        session.feed(&segment, &mut |_: &Event<'_>| ());
        ControlFlow::Continue(())
    };
    let read = input::read("fuzz", Slowly(file, size), &options, &mut |_| (), &mut each);
    assert!(bytes <= file.len(), "{bytes} bytes of {}", file.len());
    session.finish(&mut |_: &Event<'_>| ());
    let error = read.err().map(|error| error.to_string());
    if let Some(said) = &error {
        assert!(said.contains("at byte") && !said.chars().any(|ch| ch == '\n' || is_unsafe(ch)), "{said:?}");
    }
    (story, error)
}

/// Gives what it reads in pieces of this size.
struct Slowly<'a>(&'a [u8], usize);

impl std::io::Read for Slowly<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = into.len().min(self.1).min(self.0.len());
        into[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

/// Nothing that a peer chose reaches a terminal raw, no line is wider than the page, every JSON line is JSON.
pub fn views(data: &[u8]) {
    let Some((&shape, data)) = data.split_first() else { return };
    let width = 40 + usize::from(shape >> 1) % 81;
    let page = Page { width, glyphs: Glyphs::new(shape & 1 != 0), ..Page::plain() };
    let options = lesson::Options { page, ..lesson::Options::default() };
    let mut lesson = Lesson::new(options.clone());
    let mut diagram = Diagram::new(options);
    let mut summary = Summary::new(summary::Options { page, ..summary::Options::default() });
    let mut table = Table::new(page);
    let mut connections = Connections::new(page);
    let mut programs = (Table::new(page).as_json(), Connections::new(page).as_json(), String::new());
    let mut json = JsonLines::new(Vec::new(), 1 << 20);
    let mut collector = Collector::new(1 << 20, 1 << 20);
    let mut texts: [String; 5] = Default::default();
    let mut last = [0; 2];
    feed(&acts(data), usize::MAX, &mut |event| {
        collector.event(event, &mut |shown: Shown<'_>| {
            let last = &mut last[shown.sender() as usize];
            assert!(shown.offset() >= *last, "in the order of a sender's bytes");
            *last = shown.offset();
            lesson.show(&shown, &mut texts[0]);
            diagram.show(&shown, &mut texts[1]);
            summary.show(&shown, &mut texts[2]);
            table.show(&shown, &mut texts[3]);
            connections.show(&shown, &mut texts[4]);
            programs.0.show(&shown, &mut programs.2);
            programs.1.show(&shown, &mut programs.2);
            json.show(&shown).expect("a Vec takes all");
        });
    });
    summary.finish(&Others::default(), &mut texts[2]);
    table.finish(&mut texts[3]);
    connections.finish(&Others::default(), &mut texts[4]);
    programs.0.finish(&mut programs.2);
    programs.1.finish(&Others::default(), &mut programs.2);
    for line in texts.iter().flat_map(|text| text.lines()) {
        assert!(!line.chars().any(is_unsafe), "{line:?}");
        assert!(display_width(line) <= width, "wider than {width}: {line}");
    }
    json.flush().expect("a Vec takes all");
    let lines = String::from_utf8(json.into_inner()).expect("JSON is UTF-8");
    for line in lines.lines().chain(programs.2.lines()) {
        assert!(!line.chars().any(is_unsafe), "{line:?}");
        serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON");
    }
}

/// Two compressed messages of any bytes, from the inside: safe, within the page, and JSON.
pub fn anatomy(data: &[u8]) {
    let Some((&[shape, most], data)) = data.split_first_chunk::<2>() else { return };
    let width = 40 + usize::from(shape >> 1) % 81;
    let page = Page { width, glyphs: Glyphs::new(shape & 1 != 0), ..Page::plain() };
    let agreed = Agreed::Known(ExtensionList::parse([&b"permessage-deflate"[..]]).extensions);
    let options = lesson::Options { page, agreed: agreed.clone(), ..lesson::Options::default() };
    let mut view = Anatomy::new(options, if most == 255 { u64::MAX } else { most.into() });
    let mut json = JsonLines::new(Vec::new(), 1 << 10);
    let mut collector = Collector::new(KEEP, 0).with_parts();
    let config = Config { agreed, anatomy: true, message_limit: 1 << 14, ..Config::default() };
    let (mut session, mut text) = (Session::new(config), String::new());
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown: Shown<'_>| {
            view.show(&shown, &mut text);
            json.show(&shown).expect("a Vec takes all");
        });
    };
    let (one, two) = data.split_at(data.len() / 2);
    for payload in [one, two] {
        let len = (payload.len() as u16).to_be_bytes();
        let frame = [&[0xc1, 0x7e, len[0], len[1]], payload].concat();
        let content = Content::Bytes(&frame);
        let segment = Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content };
        session.feed(&segment, &mut sink);
    }
    session.finish(&mut sink);
    for line in text.lines() {
        assert!(!line.chars().any(is_unsafe), "{line:?}");
        assert!(display_width(line) <= width, "wider than {width}: {line}");
    }
    let lines = String::from_utf8(json.into_inner()).expect("JSON is UTF-8");
    for line in lines.lines().filter(|line| line.ends_with('}')) {
        assert!(!line.chars().any(is_unsafe), "{line:?}");
        serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON");
    }
}

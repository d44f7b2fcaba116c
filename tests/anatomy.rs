//! The DEFLATE lesson: golden files for each kind of block and each fault, and what must hold on every message.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::golden::assert_golden;
use support::{Act, conversations, samples};
use wslens::render::anatomy::{Anatomy, EXPLAINED, KEEP};
use wslens::render::collect::Collector;
use wslens::render::glyphs::Glyphs;
use wslens::render::lesson::Options;
use wslens::render::page::Page;
use wslens::render::palette::Palette;
use wslens::render::sanitize::is_unsafe;
use wslens::render::wrap::display_width;
use wslens::session::agreed::Agreed;
use wslens::session::event::Event;
use wslens::session::{Config, Session};
use wslens::wire::deflate::write::flaw::Flaw;
use wslens::wire::deflate::write::message::{Blocks, Deflater, Options as Writing};
use wslens::wire::extension::ExtensionList;
use wslens::wire::frame::{Header, LengthForm};
use wslens::wire::sender::Sender::{self, Client, Server};

/// Options where the handshake is known to have agreed on permessage-deflate.
fn agreed(page: Page) -> Options {
    let extensions = ExtensionList::parse([&b"permessage-deflate"[..]]).extensions;
    Options { page, agreed: Agreed::Known(extensions), ..Options::default() }
}

/// What the view writes of a conversation, and the most that it wrote at once.
fn shown(options: &Options, most: u64, acts: &[(Sender, Act)]) -> (String, usize) {
    let mut view = Anatomy::new(options.clone(), most);
    let mut collector = Collector::new(KEEP, 0).with_parts();
    let config = Config { agreed: options.agreed.clone(), anatomy: true, ..Config::default() };
    let (mut session, mut out, mut largest) = (Session::new(config), String::new(), 0);
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown| {
            let before = out.len();
            view.show(&shown, &mut out);
            largest = largest.max(out.len() - before);
        });
    };
    for (sender, act) in acts {
        session.feed(&support::segment(*sender, act), &mut sink);
    }
    session.finish(&mut sink);
    (out, largest)
}

fn lesson(acts: &[(Sender, Act)]) -> String {
    shown(&agreed(Page::plain()), EXPLAINED, acts).0
}

fn sample(name: &str) -> Vec<(Sender, Act)> {
    let (_, bytes) = samples().into_iter().find(|(found, _)| found == name).expect("the sample");
    conversations(name, &bytes).swap_remove(0)
}

/// A frame of the server's.
fn frame(first: u8, payload: &[u8]) -> (Sender, Act) {
    let mut bytes = Vec::new();
    Header::new(first, payload.len() as u64, LengthForm::shortest(payload.len() as u64), None)
        .encode(&mut bytes);
    bytes.extend_from_slice(payload);
    (Server, Act::Bytes(bytes))
}

fn compressed(payload: &[u8]) -> (Sender, Act) {
    frame(0xc1, payload)
}

#[test]
fn each_kind_of_block() {
    let acts = sample("deflate-blocks");
    assert_golden("anatomy-blocks.txt", &lesson(&acts));
    for (name, page) in [
        ("narrow", Page { width: 40, ..Page::plain() }),
        ("wide", Page { width: 120, ..Page::plain() }),
        ("ascii", Page { glyphs: Glyphs::new(true), ..Page::plain() }),
    ] {
        let (text, _) = shown(&agreed(page), EXPLAINED, &acts);
        assert!(name != "ascii" || text.is_ascii());
        assert_golden(&format!("anatomy-{name}.txt"), &text);
    }
    for (name, most) in [("none", 0), ("five", 5), ("all", u64::MAX)] {
        assert_golden(&format!("anatomy-{name}.txt"), &shown(&agreed(Page::plain()), most, &acts).0);
    }
}

#[test]
fn with_takeover_and_without() {
    for name in ["takeover", "no-takeover"] {
        assert_golden(&format!("anatomy-{name}.txt"), &lesson(&sample(&format!("deflate-{name}"))));
    }
}

#[test]
fn every_fault_at_its_bit() {
    let heads = [
        (Client, Act::Bytes(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n".to_vec())),
        (Server, Act::Bytes(b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n".to_vec())),
    ];
    let mut text = String::new();
    for flaw in Flaw::ALL {
        // Nothing was sent before, so a copy can reach too far.
        let payload = Deflater::new(Writing::default()).broken(b"ha ha", flaw).expect("it can be wrong");
        let acts: Vec<(Sender, Act)> = heads.clone().into_iter().chain([compressed(&payload)]).collect();
        let shown = lesson(&acts);
        let (_, rows) = shown.split_once("message 1, text").expect("the message is shown");
        let rows: Vec<_> = rows.lines().skip(1).filter(|line| !line.contains("so far")).collect();
        text.push_str(&format!("== {flaw:?}\n{}\n", rows.join("\n")));
    }
    assert_golden("anatomy-faults.txt", &text);
}

#[test]
fn what_is_not_here_is_marked() {
    let mut deflater = Deflater::new(Writing::default());
    let [first, second, third] = ["hello, hello, world", "hello, world, hello", "and world"]
        .map(|text| deflater.message(text.as_bytes()));
    // The capture begins behind the first message; later a message loses bytes.
    let acts = [
        compressed(&second),
        compressed(&third),
        (Server, Act::Bytes([&[0xc1, first.len() as u8], &first[..3]].concat())),
        (Server, Act::Gap(first.len() as u64 - 3)),
        compressed(&third),
    ];
    let text = lesson(&acts);
    assert!(text.contains("? bytes not here") && text.contains("from bytes that are not here"), "{text}");
    assert_golden("anatomy-unknown.txt", &text);
}

#[test]
fn a_peers_text_is_safe_and_characters_stay_whole() {
    let mut deflater = Deflater::new(Writing { blocks: Blocks::Fixed, ..Writing::default() });
    let texts = ["\x1b]0;title\x07\u{202e}gpj.exe\r\n\t", "日本 日本 €🎉 日本", "a \"quoted\\\" text"];
    let acts: Vec<_> = texts.iter().map(|text| compressed(&deflater.message(text.as_bytes()))).collect();
    assert_golden("anatomy-text.txt", &lesson(&acts));
}

#[test]
fn colour_adds_and_takes_nothing_away() {
    let acts = sample("deflate-blocks");
    let page = Page { palette: Palette::new(true), ..Page::plain() };
    let (coloured, _) = shown(&agreed(page), EXPLAINED, &acts);
    assert!(coloured.contains("\x1b[35m"), "what comes from an earlier message has its colour");
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').expect("the end of a colour").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, lesson(&acts));
}

#[test]
fn a_long_message_is_written_in_pieces_and_a_short_view_of_it_is_short() {
    let mut noise = 1u32;
    let text: Vec<u8> = (0..300_000)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (noise >> 28) as u8
        })
        .collect();
    let payload = Deflater::new(Writing::default()).message(&text);
    // In two frames, with the other side's message between them.
    let (one, two) = payload.split_at(payload.len() / 2);
    let acts = [frame(0x41, one), (Client, Act::Bytes(vec![0xc1, 0x01, 0x00])), frame(0x80, two)];
    let options = agreed(Page::plain());
    let (brief, _) = shown(&options, EXPLAINED, &acts);
    assert!(brief.len() < 32 * 1024, "{}", brief.len());
    assert!(brief.contains("--payload all explains them"));
    let (all, largest) = shown(&options, u64::MAX, &acts);
    assert!(all.len() > 1024 * 1024 && largest < 128 * 1024, "{} in pieces of {largest}", all.len());
    assert!(all.contains("message 1, its sizes at its end") && all.contains("message 1, which goes on"));
    assert_eq!(all.matches("bits as read").count(), 3, "the columns are named where rows begin");
}

/// Messages of random text in random ways, some of them damaged, cut into frames.
fn traffic() -> impl Strategy<Value = Vec<(Sender, Act)>> {
    let text = prop_oneof![
        "[a-c ]{0,80}",
        vec(any::<u8>(), 0..60).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    ];
    let one = (text, 0..20usize, any::<usize>(), any::<u8>());
    vec(one, 1..6).prop_map(|messages| {
        let mut deflater = Deflater::new(Writing::default());
        let mut acts = Vec::new();
        for (text, flaw, at, bit) in messages {
            let mut payload = match Flaw::ALL.get(flaw) {
                Some(flaw) => deflater.broken(text.as_bytes(), *flaw).unwrap_or_default(),
                None => deflater.message(text.as_bytes()),
            };
            if bit < 64 && !payload.is_empty() {
                let at = at % payload.len();
                payload[at] ^= 1 << (bit % 8);
            }
            let (one, two) = payload.split_at(at % (payload.len() + 1));
            if bit % 2 == 0 {
                acts.push(compressed(&payload));
            } else {
                acts.extend([frame(0x41, one), frame(0x80, two)]);
            }
        }
        acts
    })
}

proptest! {
    #[test]
    fn every_line_fits_and_is_safe(acts in traffic(), width in 40usize..121, ascii in any::<bool>(), most in prop_oneof![Just(0), 0u64..60, Just(u64::MAX)]) {
        let page = Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() };
        let (text, _) = shown(&agreed(page), most, &acts);
        for line in text.lines() {
            prop_assert!(display_width(line) <= width, "wider than {}: {:?}", width, line);
            prop_assert!(!line.chars().any(is_unsafe) && (!ascii || line.is_ascii()), "{:?}", line);
            prop_assert!(!line.ends_with(' '), "{:?}", line);
        }
    }

    #[test]
    fn cuts_change_nothing(acts in traffic(), size in 1usize..40) {
        let bytes: Vec<u8> = acts.iter().flat_map(|(_, act)| match act {
            Act::Bytes(bytes) => bytes.clone(),
            _ => Vec::new(),
        }).collect();
        let cut: Vec<_> = bytes.chunks(size).map(|piece| (Server, Act::Bytes(piece.to_vec()))).collect();
        let options = agreed(Page::plain());
        prop_assert_eq!(shown(&options, EXPLAINED, &cut).0, shown(&options, EXPLAINED, &acts).0);
    }
}

//! The lesson's frames and messages against golden files, and on every width.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::Act;
use support::golden::assert_golden;
use wslens::render::collect::{Collector, Shown};
use wslens::render::diagram::Diagram;
use wslens::render::glyphs::Glyphs;
use wslens::render::lesson::{Lesson, Options};
use wslens::render::page::Page;
use wslens::render::palette::Palette;
use wslens::render::payload::PayloadShown;
use wslens::render::wrap::display_width;
use wslens::session::agreed::Agreed;
use wslens::session::event::{Event, Kind};
use wslens::session::segment::{How, Segment, Time};
use wslens::session::{Config, Session};
use wslens::wire::extension::ExtensionList;
use wslens::wire::frame::{Header, LengthForm};
use wslens::wire::mask::MaskingKey;
use wslens::wire::sender::Sender::{self, Client, Server};

/// A conversation with the millisecond of each act, where it is known.
type Timed = Vec<(Option<u64>, Sender, Act)>;

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn lesson(options: &Options, acts: &[(Option<u64>, Sender, Act)]) -> String {
    let mut view = Lesson::new(options.clone());
    shown(options, acts, |shown, out| view.show(shown, out))
}

fn diagram(options: &Options, acts: &[(Option<u64>, Sender, Act)]) -> String {
    let mut view = Diagram::new(options.clone());
    shown(options, acts, |shown, out| view.show(shown, out))
}

/// What a view writes about a conversation, without its end.
fn shown(
    options: &Options,
    acts: &[(Option<u64>, Sender, Act)],
    mut show: impl FnMut(&Shown<'_>, &mut String),
) -> String {
    let mut out = String::new();
    let mut collector = Collector::new(options.payload.cap(), usize::MAX);
    let mut session = Session::new(Config { agreed: options.agreed.clone(), ..Config::default() });
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown| {
            if !matches!(shown, Shown::Event(Event { kind: Kind::End(_), .. })) {
                show(&shown, &mut out);
            }
        })
    };
    for (millis, sender, act) in acts {
        let time = millis.map(|millis| Time(millis * 1_000_000));
        session.feed(&Segment { time, ..support::segment(*sender, act) }, &mut sink);
    }
    session.finish(&mut sink);
    out
}

/// Options where the handshake is known to have agreed on these extensions.
fn agreed(extensions: &str) -> Options {
    let values = [extensions.as_bytes()].into_iter().filter(|value| !value.is_empty());
    Options { agreed: Agreed::Known(ExtensionList::parse(values).extensions), ..Options::default() }
}

fn hex(sender: Sender, hex: &str) -> (Option<u64>, Sender, Act) {
    (None, sender, Act::Bytes(hex::decode(hex.replace([' ', '\n'], "")).expect("hex")))
}

fn bytes(sender: Sender, bytes: impl AsRef<[u8]>) -> (Option<u64>, Sender, Act) {
    (None, sender, Act::Bytes(bytes.as_ref().to_vec()))
}

/// A frame as it should be: masked from the client, the shortest length.
fn frame(sender: Sender, first: u8, payload: &[u8]) -> (Option<u64>, Sender, Act) {
    let key = (sender == Client).then_some(MaskingKey(KEY));
    framed(sender, first, payload, key, LengthForm::shortest(payload.len() as u64))
}

fn framed(
    sender: Sender,
    first: u8,
    payload: &[u8],
    key: Option<MaskingKey>,
    form: LengthForm,
) -> (Option<u64>, Sender, Act) {
    let mut out = Vec::new();
    Header::new(first, payload.len() as u64, form, key).encode(&mut out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = key {
        key.apply(&mut out[start..]);
    }
    (None, sender, Act::Bytes(out))
}

/// The act at this millisecond.
fn at(millis: u64, (_, sender, act): (Option<u64>, Sender, Act)) -> (Option<u64>, Sender, Act) {
    (Some(millis), sender, act)
}

fn tutorial() -> Timed {
    vec![
        hex(Client, "81 94 9f af 77 f8 c8 ca 15 8b f0 cc 1c 9d eb dc 57 99 ed ca 57 9f ed ca 16 8c"),
        hex(Server, "81 02 48 69"),
        frame(Client, 0x81, b"once more"),
        frame(Server, 0x81, b""),
    ]
}

fn pieces() -> Timed {
    vec![
        frame(Client, 0x01, b"hello"),
        frame(Client, 0x89, b"hi"),
        frame(Server, 0x8a, b"hi"),
        frame(Client, 0x80, b" world"),
        frame(Server, 0x02, &[0, 1, 2]),
        frame(Server, 0x00, &[3, 4]),
        frame(Server, 0x80, &[5]),
    ]
}

#[test]
fn the_tutorials_frame_and_an_answer() {
    assert_golden("lesson-tutorial.txt", &lesson(&agreed(""), &tutorial()));
    let verbose = Options { verbose: true, ..agreed("") };
    assert_golden("lesson-tutorial-verbose.txt", &lesson(&verbose, &tutorial()));
}

#[test]
fn the_same_where_there_is_less_room_or_more_and_without_unicode() {
    let on = |width, ascii| {
        let page = Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() };
        Options { page, ..agreed("") }
    };
    let mut acts = tutorial();
    acts.extend(pieces());
    assert_golden("lesson-narrow.txt", &lesson(&on(40, false), &acts));
    assert_golden("lesson-wide.txt", &lesson(&on(110, false), &acts));
    let ascii = lesson(&on(80, true), &acts);
    assert!(ascii.is_ascii());
    assert_golden("lesson-ascii.txt", &ascii);
}

#[test]
fn colour_adds_and_takes_nothing_away() {
    let mut acts = tutorial();
    acts.extend(pieces());
    acts.push(hex(Client, "c1 02 48 69"));
    let coloured = Options { page: Page { palette: Palette::new(true), ..Page::plain() }, ..agreed("") };
    let mut plain = String::new();
    let mut rest = lesson(&coloured, &acts);
    assert!(rest.contains("\x1b[35m"), "the mask has its colour");
    while let Some((before, after)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = after.split_once('m').expect("the end of a colour").1.to_owned();
    }
    plain.push_str(&rest);
    assert_eq!(plain, lesson(&agreed(""), &acts));
}

#[test]
fn the_longer_lengths() {
    let acts = [
        frame(Server, 0x82, &[b'a'; 125]),
        frame(Client, 0x82, &[b'a'; 126]),
        frame(Server, 0x82, &[b'b'; 3000]),
        frame(Server, 0x82, &[b'c'; 65535]),
        frame(Server, 0x82, &[b'd'; 65536]),
        frame(Client, 0x82, &[b'e'; 65537]),
    ];
    let options = Options { payload: PayloadShown::First(32), ..agreed("") };
    assert_golden("lesson-lengths.txt", &lesson(&options, &acts));
}

#[test]
fn how_much_of_a_payload_is_shown() {
    let text: String = (0..40).map(|i| format!("line {i} of a longer text, ")).collect();
    let acts = [frame(Client, 0x81, text.as_bytes()), frame(Server, 0x82, &(0..=255).collect::<Vec<u8>>())];
    for (name, payload) in
        [("default", PayloadShown::default()), ("none", PayloadShown::None), ("7", PayloadShown::First(7))]
    {
        let options = Options { payload, ..agreed("") };
        assert_golden(&format!("lesson-payload-{name}.txt"), &lesson(&options, &acts));
    }
    let all = lesson(&Options { payload: PayloadShown::All, ..agreed("") }, &acts);
    assert!(!all.contains("--payload all") && all.contains("     03b0"), "{all}");
}

/// A long dump comes in pieces: no line is lost between them, and what belongs behind it stands there.
#[test]
fn a_long_payload_is_dumped_to_its_end() {
    let options = Options { payload: PayloadShown::All, ..Options::default() };
    let payload: Vec<u8> = (0..200_001u32).map(|i| (i % 251) as u8).collect();
    for sender in [Client, Server] {
        let text = lesson(&options, &[frame(sender, 0x82, &payload), frame(sender, 0x82, b"behind")]);
        let offset = |line: &str| {
            let (offset, hex) = line.strip_prefix("     ")?.split_at_checked(8)?;
            u64::from_str_radix(offset, 16).ok().filter(|_| hex.starts_with(' '))
        };
        let offsets = text.lines().filter_map(offset);
        assert!(offsets.eq((0..200_001).step_by(16)), "{sender:?}");
        let places = ["00000000", "00030d40", "127", "frame 2"].map(|words| text.rfind(words));
        assert!(places.is_sorted() && places[0].is_some(), "{sender:?}: {places:?}");
    }
}

/// So does a long quote.
#[test]
fn a_long_text_is_quoted_to_its_end() {
    let options = Options { payload: PayloadShown::All, ..Options::default() };
    let said: String = (0..30_000).map(|i| format!("{i}é ")).collect();
    let half = said.find("14999").expect("the middle");
    let (first, second) = said.as_bytes().split_at(half);
    let acts = [frame(Server, 0x01, first), frame(Server, 0x80, second), frame(Server, 0x81, b"behind")];
    let text = lesson(&options, &acts);
    let (_, message) = text.split_once("  message 1").expect("its title");
    let (quote, behind) = message[message.find('"').expect("a mark") + 1..].split_once("\"\n").expect("two");
    let words = quote.split_ascii_whitespace();
    assert!(words.eq(said.split_ascii_whitespace()), "{quote}");
    assert!(behind.starts_with("              One message, however many frames"), "{behind}");
    assert!(behind.contains("frame 3"), "{behind}");
}

#[test]
fn a_message_in_pieces_with_a_ping_between() {
    assert_golden("lesson-pieces.txt", &lesson(&agreed(""), &pieces()));
}

#[test]
fn closing_with_times() {
    let acts = [
        at(1_000, frame(Server, 0x89, b"")),
        at(1_000, frame(Client, 0x8a, b"")),
        at(1_500, frame(Client, 0x8a, b"alone")),
        at(4_213, frame(Server, 0x88, b"\x03\xe9shutting down")),
        at(4_214, frame(Client, 0x88, b"\x03\xe9")),
    ];
    assert_golden("lesson-closing.txt", &lesson(&agreed(""), &acts));
    let odd = [
        frame(Server, 0x88, b""),
        frame(Client, 0x88, b"\x03"),
        frame(Client, 0x88, b"\x03\xee"),
        frame(Client, 0x88, b"\x10\x92bye\x1b[2J\xff"),
    ];
    assert_golden("lesson-closing-odd.txt", &lesson(&agreed(""), &odd));
}

#[test]
fn headers_that_break_rules() {
    let acts = [
        hex(Client, "81 02 48 69"),
        framed(Server, 0x81, b"Hi", Some(MaskingKey(KEY)), LengthForm::Seven),
        hex(Server, "f1 02 48 69"),
        hex(Server, "83 01 00"),
        hex(Server, "8b 00"),
        hex(Server, "80 00"),
        framed(Server, 0x82, b"short", None, LengthForm::Sixteen),
        framed(Server, 0x82, b"short", None, LengthForm::SixtyFour),
        framed(Client, 0x81, b"zero", Some(MaskingKey([0; 4])), LengthForm::Seven),
        frame(Server, 0x09, b"cut"),
        frame(Server, 0x89, &[b'p'; 126]),
    ];
    assert_golden("lesson-broken.txt", &lesson(&agreed(""), &acts));
}

#[test]
fn plain_text_where_frames_must_be() {
    let acts = [bytes(Server, "Hi, from the server!"), bytes(Client, "Message from the client")];
    assert_golden("lesson-plain-text.txt", &lesson(&agreed(""), &acts));
}

#[test]
fn frames_that_break_off() {
    for (name, hex_bytes) in [
        ("one-byte", "81"),
        ("length", "82 7f 00 00 00"),
        ("key", "81 fe 0b b8 9f af"),
        ("no-payload", "81 05"),
        ("payload", "81 69 48 65 6c 6c 6f"),
        ("long", "82 7f 40 00 00 00 00 00 00 00 01 02 03"),
    ] {
        let out = lesson(&agreed(""), &[hex(Server, hex_bytes)]);
        assert_golden(&format!("lesson-cut-{name}.txt"), &out);
    }
}

#[test]
fn bytes_are_missing() {
    let acts = [
        hex(Server, "81 0a 48 65"),
        (None, Server, Act::Gap(4)),
        hex(Server, "6c 6c 6f 21"),
        hex(Server, "81 02"),
        (None, Server, Act::Gap(1000)),
        hex(Server, "6c 6c"),
        (None, Server, Act::End(How::Fin)),
    ];
    assert_golden("lesson-gap.txt", &lesson(&agreed(""), &acts));
}

#[test]
fn text_of_all_kinds() {
    let acts = [
        frame(Server, 0x81, "naïve 日本 €🎉".as_bytes()),
        frame(Client, 0x81, "Grüße aus 日本: zwölf Zeichen, €🎉 e\u{301}".as_bytes()),
        frame(Server, 0x81, b"tab\there\r\n\x1b]52;c;cm0=\x07\x9b2J \xe2\x80\xae gpj.exe"),
        frame(Server, 0x81, b"not UTF-8: \xff\xc0\xaf"),
        frame(Server, 0x01, b"cut in a \xe2\x82"),
        frame(Server, 0x80, b"\xac sign"),
    ];
    assert_golden("lesson-text.txt", &lesson(&agreed(""), &acts));
}

#[test]
fn compressed_messages() {
    let acts = [
        hex(Server, "c1 07 f2 48 cd c9 c9 07 00"),
        hex(Server, "41 03 f2 48 cd"),
        hex(Server, "80 04 c9 c9 07 00"),
        hex(Server, "81 02 48 69"),
    ];
    assert_golden("lesson-deflate.txt", &lesson(&agreed("permessage-deflate"), &acts));
    assert_golden("lesson-deflate-unknown.txt", &lesson(&Options::default(), &acts));
}

#[test]
fn pictures_of_frames() {
    let mut acts = tutorial();
    acts.extend([
        framed(Client, 0x82, &[b'a'; 126], Some(MaskingKey(KEY)), LengthForm::Sixteen),
        frame(Server, 0x82, &[b'd'; 65536]),
        frame(Server, 0x89, b""),
        hex(Server, "f3 05 48"),
        hex(Client, "81 fe 0b"),
    ]);
    let on = |width, ascii| {
        let page = Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() };
        Options { page, ..agreed("") }
    };
    assert_golden("diagram.txt", &diagram(&on(80, false), &acts));
    assert_golden("diagram-ascii.txt", &diagram(&on(80, true), &acts));
    assert_golden("diagram-narrow.txt", &diagram(&on(40, false), &acts));
}

fn any_act() -> impl Strategy<Value = (Option<u64>, Sender, Act)> {
    let sender = prop_oneof![Just(Client), Just(Server)];
    let payload = prop_oneof![
        vec(any::<u8>(), 0..140),
        any::<String>().prop_map(String::into_bytes),
        "[ -~日é]{0,60}".prop_map(String::into_bytes),
    ];
    let key = proptest::option::of(any::<[u8; 4]>());
    let form = prop_oneof![Just(LengthForm::Seven), Just(LengthForm::Sixteen), Just(LengthForm::SixtyFour)];
    let good =
        (sender.clone(), any::<u8>(), payload, key, form).prop_map(|(sender, first, payload, key, form)| {
            let form =
                if payload.len() > 125 && form == LengthForm::Seven { LengthForm::Sixteen } else { form };
            framed(sender, first, &payload, key.map(MaskingKey), form)
        });
    let random = (sender.clone(), vec(any::<u8>(), 0..40)).prop_map(|(sender, random)| bytes(sender, random));
    let gap = (sender, any::<u32>()).prop_map(|(sender, lost)| (None, sender, Act::Gap(u64::from(lost))));
    let act = prop_oneof![8 => good, 1 => random, 1 => gap];
    (proptest::option::of(0u64..100_000_000), act)
        .prop_map(|(millis, (_, sender, act))| (millis, sender, act))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_wider_than_the_page(acts in vec(any_act(), 1..8), width in 40usize..=120, ascii: bool, verbose: bool, known: bool) {
        let page = Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() };
        let extensions = if known { agreed("").agreed } else { Agreed::Unknown };
        let options = Options { page, verbose, agreed: extensions, ..Options::default() };
        let out = [lesson(&options, &acts), diagram(&options, &acts)].concat();
        for line in out.lines() {
            prop_assert!(display_width(line) <= width, "{:?} on {}", line, width);
            prop_assert!(!line.ends_with(' '), "{:?}", line);
            prop_assert!(!line.chars().any(char::is_control), "{:?}", line);
            prop_assert!(!ascii || line.is_ascii(), "{:?}", line);
        }
        prop_assert!(!out.contains("\n\n\n"), "one free line is enough");
    }
}

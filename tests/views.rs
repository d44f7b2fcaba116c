//! The handshake and the end in the lesson, the summary and the table: against golden files, and on every width.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::ops::ControlFlow;

use proptest::collection::vec;
use proptest::prelude::*;
use support::Act;
use support::golden::assert_golden;
use wslens::input;
use wslens::render::clock::Times;
use wslens::render::collect::{Collector, Shown};
use wslens::render::glyphs::Glyphs;
use wslens::render::lesson::{self, Lesson};
use wslens::render::page::Page;
use wslens::render::palette::Palette;
use wslens::render::sanitize::is_unsafe;
use wslens::render::summary::{self, KEEP, Summary};
use wslens::render::table::Table;
use wslens::render::wrap::display_width;
use wslens::render::zone::Zone;
use wslens::session::event::Event;
use wslens::session::segment::{Content, How, Segment, Time};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender::{self, Client, Server};

/// What is written of a conversation: the three views.
#[derive(Default)]
struct Views {
    lesson: String,
    summary: String,
    table: String,
}

/// A conversation being shown in all three views.
struct Show {
    session: Session,
    collector: Collector,
    lesson: Lesson,
    summary: Summary,
    table: Table,
    /// Whether frames are left out of the lesson: they have golden files of their own.
    without_frames: bool,
    views: Views,
}

impl Show {
    fn on(page: Page) -> Self {
        Self::timed(page, Times::default())
    }

    fn timed(page: Page, times: Times) -> Self {
        Self {
            session: Session::new(Config::default()),
            collector: Collector::new(KEEP, KEEP),
            lesson: Lesson::new(lesson::Options { page, times, ..lesson::Options::default() }),
            summary: Summary::new(summary::Options { page, times, ..summary::Options::default() }),
            table: Table::new(page),
            without_frames: false,
            views: Views::default(),
        }
    }

    fn feed(&mut self, segment: Option<&Segment<'_>>) {
        let Self { session, collector, lesson, summary, table, views, without_frames } = self;
        let mut sink = |event: &Event<'_>| {
            collector.event(event, &mut |shown| {
                let frame = matches!(shown, Shown::Frame(_) | Shown::Message(_));
                if !(*without_frames && frame) {
                    lesson.show(&shown, &mut views.lesson);
                }
                summary.show(&shown, &mut views.summary);
                table.show(&shown, &mut views.table);
            });
        };
        match segment {
            Some(segment) => session.feed(segment, &mut sink),
            None => session.finish(&mut sink),
        }
    }

    fn end(mut self) -> Views {
        self.feed(None);
        self.table.finish(&mut self.views.table);
        self.views
    }
}

/// The views of a transcript.
fn transcript(page: Page, text: &str, without_frames: bool) -> Views {
    let mut show = Show { without_frames, ..Show::on(page) };
    let options = input::Options { format: Some(input::Format::Transcript), ..input::Options::default() };
    input::read("a test", text.as_bytes(), &options, &mut |_| {}, &mut |segment| {
        show.feed(Some(&segment));
        ControlFlow::Continue(())
    })
    .expect("a transcript");
    show.end()
}

fn sample(name: &str) -> String {
    let path = format!("{}/samples/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a sample")
}

/// The lesson without frames of a transcript, against a golden file.
fn assert_lesson(name: &str, text: &str) {
    assert_golden(&format!("handshake-{name}.txt"), &transcript(Page::plain(), text, true).lesson);
}

const REQUEST: &str = "> GET /chat HTTP/1.1\n> Host: localhost:8000\n> Connection: Upgrade\n> Upgrade: websocket\n\
    > Sec-WebSocket-Version: 13\n> Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n";
const AGREED: &str = "< HTTP/1.1 101 Switching Protocols\n< Upgrade: websocket\n< Connection: Upgrade\n\
    < Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n";

/// A request, as it should be but for these lines more.
fn request(more: &str) -> String {
    format!("{REQUEST}{more}>\n")
}

/// A 101, as it should be but for these lines more.
fn agreed(more: &str) -> String {
    format!("{AGREED}{more}<\n")
}

#[test]
fn the_handshake_that_lacks_an_accept() {
    assert_lesson("no-accept", &sample("tutorial-1-no-accept"));
}

#[test]
fn a_right_handshake_and_a_clean_end() {
    assert_lesson("right", &sample("tutorial-5-fragments-ping-close"));
}

#[test]
fn what_was_offered_stands_beside_what_was_accepted() {
    assert_lesson("negotiation", &sample("negotiation"));
    let offers = "> Sec-WebSocket-Protocol: a, b\n> Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10, \
        permessage-deflate; client_max_window_bits\n> Sec-WebSocket-Extensions: x; y=\"1\"\n";
    let answer = "< Sec-WebSocket-Protocol: c\n< Sec-WebSocket-Extensions: permessage-deflate; \
        client_max_window_bits=9; client_no_context_takeover\n< Sec-WebSocket-Extensions: z\n";
    assert_lesson("negotiation-odd", &format!("{}{}", request(offers), agreed(answer)));
    assert_lesson("negotiation-response-alone", &agreed(answer));
}

#[test]
fn a_wrong_accept_stands_beside_the_right_one() {
    let wrong = AGREED.replace("s3pP", "sssP");
    assert_lesson("wrong-accept", &format!("{}{wrong}<\n", request("")));
}

#[test]
fn headers_are_shown_as_they_were_written() {
    let odd = "> \"x-odd : a\\r\\n  folded\\r\\n\"\n> \"X-Lf: 1\\n\"\n> no colon here\n> X-Blanks:   two  \n> X-None:x\n> Empty:\n\
        > X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\
        > Upgrade: again\n";
    assert_lesson("odd-headers", &request(odd));
    let lf = "> \"GET / HTTP/1.0\\nHost: a\\nUpgrade: websocket\\n\\n\"\n";
    assert_lesson("bare-lf", lf);
    assert_lesson(
        "head-cut",
        "> GET /chat HTTP/1.1\n> Host: a\n> Upgrade: websocket\n> \"Connection: Up\"\n> FIN\n",
    );
}

#[test]
fn hostile_headers_never_reach_the_terminal() {
    let hostile = "> \"X-Osc: \\x1b]52;c;cm0gLXJmIH4=\\x07\\r\\n\"\n> \"X-C1: \\xc2\\x9b31m\\r\\n\"\n> X-Bidi: \u{202e}moc.elpmaxe\n\
        > \"\\x1b[2JName: v\\r\\n\"\n> X-Emoji: 👩‍👩‍👧‍👦 👍🏽 🇩🇪\n> \"X-Bytes: \\xff\\xfe\\r\\n\"\n";
    let text = request(hostile).replace("/chat", "/\\u{202e}");
    let views = transcript(Page::plain(), &text, true);
    assert_golden("handshake-hostile.txt", &views.lesson);
    for view in [views.lesson, views.summary, views.table] {
        assert!(!view.chars().any(|ch| ch != '\n' && is_unsafe(ch)), "{view}");
    }
}

#[test]
fn refusals_say_what_they_mean() {
    let mut all = String::new();
    for response in [
        "< HTTP/1.1 200 OK\n< Content-Type: text/html\n< Content-Length: 15\n<\n< \"<!doctype html>\"\n",
        "< HTTP/1.1 301 Moved Permanently\n< Location: https://example.org/chat\n< Content-Length: 0\n<\n",
        "< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Basic realm=\"chat\"\n< Content-Length: 0\n<\n",
        "< HTTP/1.1 426 Upgrade Required\n< Sec-WebSocket-Version: 8, 7\n< Content-Length: 0\n<\n",
        "< HTTP/1.1 503 Come Back\n< Retry-After: 5\n< Content-Length: 600\n<\n< \"line\\n\" x 120\n",
        "< HTTP/1.1 abc\n<\n",
    ] {
        all += &transcript(Page::plain(), &format!("{}{response}< FIN\n> FIN\n", request("")), true).lesson;
        all += "\n----\n\n";
    }
    assert_golden("handshake-refusals.txt", &all);
}

#[test]
fn what_is_no_websocket_is_said_once() {
    assert_lesson("http-before", &sample("http-before"));
    assert_lesson("missing-bytes", &sample("missing-bytes"));
    let early = format!("{}< \"Hi, from the server!\"\n< FIN\n> FIN\n", request(""));
    assert_lesson("not-http", &early);
    let tls = "connection 1 127.0.0.1:51234 -> localhost:443\n> 16 03 01 02 00 01 00 01 fc 03 03 \"random\" 00 \"abc\"\n\
        < 16 03 03 00 7a 02 00 00 76\n> 17 03 03 00 13\n< 17 03 03 00 14 \"x\" x 2000\n> FIN\n< FIN\n";
    assert_lesson("tls", tls);
}

/// One end of a connection in each paragraph, and what the post-mortem says.
#[test]
fn every_way_to_end() {
    let open = format!("@0.000\n{}@0.001\n{}", request(""), agreed(""));
    let mut all = String::new();
    for (what, rest) in [
        (
            "closed by the server, answered",
            "@1.000\n< 88 02 03 e9\n@1.0004\n> 88 82 00 00 00 00 03 e9\n@1.001\n< FIN\n> FIN\n",
        ),
        ("the client ends TCP first", "> 88 82 00 00 00 01 03 e8\n< 88 02 03 e8\n> FIN\n< FIN\n"),
        ("both begin", "@1.000\n> 88 82 00 00 00 00 03 e8\n< 88 05 03 e9 \"bye\"\n@1.001\n< FIN\n> FIN\n"),
        ("no code", "< 88 00\n> 88 80 00 00 00 01\n< FIN\n> FIN\n"),
        ("not answered", "@1.000\n< 88 02 03 e8\n@2.000\n> FIN\n< FIN\n"),
        (
            "cut off by a reset, after silence",
            "@1.000\n> 81 85 00 00 00 00 \"hello\"\n@41.700\n< RST\n> FIN\n",
        ),
        ("nobody sent Close", "< 81 02 \"hi\"\n< FIN\n> FIN\n"),
        ("the input stops", "< 81 02 \"hi\"\n"),
        ("the input stops within a frame", "< 81 22 \"hi\"\n"),
        ("no frame", "< FIN\n> FIN\n"),
        (
            "pings",
            "@1.000\n< 89 01 \"a\"\n@1.0002\n> 8a 81 00 00 00 00 \"a\"\n@2.000\n< 89 01 \"b\"\n@3.000\n> FIN\n< FIN\n",
        ),
        ("bytes are missing", "< missing 9\n< \"abc\"\n< FIN\n> FIN\n"),
    ] {
        let lesson = transcript(Page::plain(), &format!("{open}{rest}"), true).lesson;
        let end = lesson.find("How connection").or_else(|| lesson.find("Where connection")).expect("an end");
        all += &format!("# {what}\n{}\n", &lesson[end..]);
    }
    for (what, text) in [
        ("the request alone", request("")),
        ("no answer", format!("{}< FIN\n> FIN\n", request(""))),
        ("refused", format!("{}< HTTP/1.1 403 No\n< Content-Length: 0\n<\n< FIN\n> FIN\n", request(""))),
        ("frames of the server alone", "< 81 02 \"hi\"\n< 88 02 03 e8\n< FIN\n".to_owned()),
        (
            "no WebSocket at all",
            "> GET / HTTP/1.1\n> Host: a\n>\n< HTTP/1.1 200 OK\n< Content-Length: 0\n<\n< FIN\n> FIN\n"
                .to_owned(),
        ),
    ] {
        let lesson = transcript(Page::plain(), &text, true).lesson;
        let end = lesson.find("How connection").or_else(|| lesson.find("Where connection")).expect("an end");
        all += &format!("# {what}\n{}\n", &lesson[end..]);
    }
    assert_golden("endings.txt", &all);
}

const SAMPLES: [&str; 11] = [
    "tutorial-1-no-accept",
    "tutorial-2-text-from-server",
    "tutorial-5-fragments-ping-close",
    "negotiation",
    "refused-403",
    "http-before",
    "missing-bytes",
    "found-again",
    "hostile-text",
    "lengths",
    "two-connections",
];

#[test]
fn summaries_and_tables() {
    let (mut summary, mut table) = (String::new(), String::new());
    for name in SAMPLES {
        let views = transcript(Page::plain(), &sample(name), true);
        summary += &format!("# {name}\n{}\n", views.summary);
        table += &format!("# {name}\n{}\n", views.table);
    }
    assert_golden("summary.txt", &summary);
    assert_golden("table.txt", &table);
}

#[test]
fn a_narrow_page_in_ascii() {
    let page = Page { width: 40, glyphs: Glyphs::new(true), ..Page::plain() };
    let mut all = String::new();
    for name in ["negotiation", "tutorial-5-fragments-ping-close", "refused-426"] {
        let views = transcript(page, &sample(name), true);
        all += &format!("# {name}\n{}\n{}\n{}\n", views.lesson, views.summary, views.table);
    }
    assert!(all.is_ascii());
    assert_golden("narrow-ascii.txt", &all);
}

/// Bytes of one sender, or what else happens to a stream.
fn act() -> impl Strategy<Value = Act> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "Host",
            "Upgrade",
            "Connection",
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Accept",
            "Sec-WebSocket-Version",
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Extensions",
            "Location",
            "Content-Length",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z-]{1,40}",
        any::<String>(),
    ];
    let value = prop_oneof![
        "[ -~]{0,120}",
        any::<String>(),
        Just(
            "permessage-deflate; client_max_window_bits=\u{202e}10; server_no_context_takeover, x".to_owned()
        ),
        Just("websocket, Upgrade".to_owned()),
    ];
    let end = prop::sample::select(vec!["\r\n", "\n", "\r\n "]);
    let header = (name, value, end).prop_map(|(name, value, end)| format!("{name}: {value}{end}"));
    let first = prop_oneof![
        Just("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n".to_owned()),
        Just("HTTP/1.1 101 Switching Protocols\r\n".to_owned()),
        (100u16..600, any::<String>()).prop_map(|(status, reason)| format!("HTTP/1.1 {status} {reason}\r\n")),
        any::<String>().prop_map(|target| format!("GET /{target} HTTP/1.1\r\nSec-WebSocket-Key: x\r\n")),
    ];
    let head = (first, vec(header, 0..6))
        .prop_map(|(first, headers)| (first + &headers.concat() + "\r\n").into_bytes());
    let frame = prop_oneof![
        vec(any::<u8>(), 0..60),
        any::<String>().prop_map(|text| [
            &[0x81, text.len().min(125) as u8],
            &text.as_bytes()[..text.len().min(125)]
        ]
        .concat()),
        any::<String>().prop_map(|text| {
            let reason = &text.as_bytes()[..text.len().min(120)];
            [&[0x88, reason.len() as u8 + 2, 0x0f, 0xa1], reason].concat()
        }),
    ];
    prop_oneof![
        8 => head.prop_map(Act::Bytes),
        6 => frame.prop_map(Act::Bytes),
        1 => (1u64..u64::MAX / 4).prop_map(Act::Gap),
        2 => prop::sample::select(vec![How::Fin, How::Reset]).prop_map(Act::End),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_line_is_wider_than_the_page_and_nothing_unsafe_comes_out(
        acts in vec((prop::sample::select(vec![Client, Server]), act(), 0u64..1 << 60), 0..9),
        width in 40usize..=120,
        ascii in any::<bool>(),
        times in prop::sample::select(vec![Times::Relative, Times::Delta, Times::Absolute(Zone::Utc), Times::Absolute(Zone::Local)]),
    ) {
        let page = Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() };
        let views = play(Show::timed(page, times), &acts, usize::MAX);
        for view in [&views.lesson, &views.summary, &views.table] {
            for line in view.lines() {
                prop_assert!(display_width(line) <= width, "{} columns of {width}: {line}\n{view}", display_width(line));
                prop_assert!(!line.contains(is_unsafe) && !line.ends_with(' '), "{line:?}");
            }
            prop_assert!(!ascii || view.is_ascii(), "{view}");
            prop_assert!(view.is_empty() || view.ends_with('\n') && !view.ends_with("\n\n"), "{view:?}");
            prop_assert!(!view.contains("\n\n\n"), "two empty lines: {view}");
        }
    }

    #[test]
    fn the_summary_is_the_same_however_the_input_is_cut(
        acts in vec((prop::sample::select(vec![Client, Server]), act(), Just(0u64)), 0..9),
        piece in 1usize..40,
    ) {
        let (whole, cut) = (show(Page::plain(), &acts, usize::MAX), show(Page::plain(), &acts, piece));
        prop_assert_eq!(whole.summary, cut.summary);
        prop_assert_eq!(whole.table, cut.table);
    }

    #[test]
    fn colour_changes_nothing_but_colour(acts in vec((prop::sample::select(vec![Client, Server]), act(), 0u64..1 << 40), 0..7)) {
        let plain = show(Page::plain(), &acts, usize::MAX);
        let coloured = show(Page { palette: Palette::new(true), ..Page::plain() }, &acts, usize::MAX);
        for (plain, coloured) in [(plain.lesson, coloured.lesson), (plain.summary, coloured.summary), (plain.table, coloured.table)] {
            prop_assert_eq!(without_colour(&coloured), plain);
        }
    }
}

/// A text without its escape sequences, and without the spaces at the ends of lines that stood before one.
fn without_colour(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut parts = line.split('\x1b');
        let mut plain = parts.next().unwrap_or_default().to_owned();
        parts.for_each(|part| plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest)));
        out.push_str(plain.trim_end_matches(' '));
        out.push('\n');
    }
    out
}

fn show(page: Page, acts: &[(Sender, Act, u64)], piece: usize) -> Views {
    play(Show::on(page), acts, piece)
}

fn play(mut show: Show, acts: &[(Sender, Act, u64)], piece: usize) -> Views {
    let mut over = [false; 2];
    for (sender, act, time) in acts {
        if std::mem::replace(&mut over[*sender as usize], matches!(act, Act::End(_))) {
            over[*sender as usize] = true;
            continue;
        }
        let time = Some(Time(*time));
        let mut feed = |content| {
            show.feed(Some(&Segment { connection: 1, sender: *sender, time, packet: None, content }))
        };
        match act {
            Act::Bytes(bytes) => {
                bytes.chunks(piece.min(bytes.len().max(1))).for_each(|part| feed(Content::Bytes(part)))
            }
            Act::Gap(lost) => feed(Content::Gap(*lost)),
            Act::End(how) => feed(Content::End(*how)),
        }
    }
    show.end()
}

/// The views of a Ping and a close, counted from these times.
fn times(page: Page, times: Times) -> Views {
    let at =
        |seconds: u64, millis: u64| 1_772_373_900_000_000_000 + seconds * 1_000_000_000 + millis * 1_000_000;
    let acts = [
        (Server, Act::Bytes(b"\x89\0".to_vec()), at(0, 0)),
        (Client, Act::Bytes(b"\x8a\x80\x01\x02\x03\x04".to_vec()), at(0, 41)),
        (Server, Act::Bytes(b"\x81\x02Hi".to_vec()), at(9, 250)),
        (Server, Act::Bytes(b"\x88\x02\x03\xe9".to_vec()), at(9, 260)),
        (Server, Act::End(How::Fin), at(12, 0)),
    ];
    play(Show { without_frames: false, ..Show::timed(page, times) }, &acts, usize::MAX)
}

#[test]
fn times_are_counted_from_where_they_are_asked_to() {
    let mut out = String::new();
    for (name, from) in
        [("relative", Times::Relative), ("delta", Times::Delta), ("utc", Times::Absolute(Zone::Utc))]
    {
        let Views { lesson, summary, .. } = times(Page::plain(), from);
        let titles = lesson.lines().filter(|line| line.contains("client → ") || line.contains("server → "));
        let titles: String = titles.flat_map(|line| [line, "\n"]).collect();
        out += &format!("--time {name}\n\n{titles}\n{summary}\n");
    }
    out += &format!(
        "on a narrow page\n\n{}",
        times(Page { width: 40, ..Page::plain() }, Times::Absolute(Zone::Utc)).summary
    );
    assert_golden("times.txt", &out);
}

#[test]
fn a_million_pieces_of_a_run_are_one_block() {
    let mut show = Show::on(Page::plain());
    let mut feed = |sender, content| {
        show.feed(Some(&Segment { connection: 1, sender, time: None, packet: None, content }))
    };
    feed(Client, Content::Bytes(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"));
    feed(Server, Content::Bytes(b"no HTTP at all, "));
    for _ in 0..1_000_000 {
        feed(Server, Content::Bytes(b"x"));
    }
    let views = show.end();
    assert!(views.lesson.lines().count() < 60 && views.summary.lines().count() < 8);
    assert!(
        views.lesson.contains("1,000,016 bytes") || views.lesson.contains("bytes at"),
        "{}",
        views.lesson
    );
}

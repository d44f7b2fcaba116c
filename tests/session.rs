//! Conversations, and what the session says of each: one line an event, `>` the client's and `<` the server's.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use support::told::{gap, told, told_by, told_of, told_to_the_end};
use support::{
    REQUEST, RESPONSE, client, frame, masked, server, server_frame, the_client_ends, the_server_ends,
};
use wslens::session::agreed::Agreed;
use wslens::session::event::{Event, Kind};
use wslens::session::segment::{Content, How, Opening, Roles, Segment};
use wslens::session::{Config, Session};
use wslens::wire::sender::Sender::{Client, Server};

const PLAIN: &str = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";

#[test]
fn a_whole_connection() {
    let conversation = [
        client(REQUEST),
        server(RESPONSE),
        client(masked(0x81, b"Hello")),
        server(server_frame(0x81, b"Hi")),
        server(server_frame(0x88, b"\x03\xe8bye")),
        client(masked(0x88, b"\x03\xe8")),
        the_server_ends(),
        the_client_ends(),
    ];
    let want = [
        "> request /chat, handshake",
        "< response 101, handshake, answers /chat",
        "> frame 1 text 5",
        "> message 1 text 5",
        "< frame 2 text 2",
        "< message 2 text 2",
        "< frame 3 close 5",
        "> frame 4 close 2",
        "< end fin",
        "> end fin, 4 frames, closed by server",
    ];
    assert_eq!(told(&conversation), want);
}

#[test]
fn frames_in_the_segment_of_the_101_are_frames() {
    let both = [RESPONSE, &server_frame(0x81, b"Hi")].concat();
    let said = told(&[client(REQUEST), server(both)]);
    assert_eq!(said[2..], ["< frame 1 text 2", "< message 1 text 2"]);
}

#[test]
fn what_the_client_sends_before_the_answer_waits_for_it() {
    let said =
        told(&[client(REQUEST), client(masked(0x81, b"x")), server(RESPONSE), client(masked(0x82, b"y"))]);
    let want = [
        "> request /chat, handshake",
        "< response 101, handshake, answers /chat",
        "> frame 1 text 1",
        "> message 1 text 1",
        "> frame 2 binary 1",
        "> message 2 binary 1",
    ];
    assert_eq!(said, want);
}

#[test]
fn after_a_refusal_http_goes_on() {
    let said = told(&[client(REQUEST), server(REFUSED), client(REQUEST), server(RESPONSE)]);
    let want = [
        "> request /chat, handshake",
        "< response 403, handshake, answers /chat",
        "< opaque http-body 2",
        "> request /chat, handshake",
        "< response 101, handshake, answers /chat",
    ];
    assert_eq!(said, want);
}

#[test]
fn what_was_held_and_then_refused_is_http_or_nothing() {
    let said = told(&[client(REQUEST), client(PLAIN), server(REFUSED), server(OK)]);
    let want = [
        "> request /chat, handshake",
        "< response 403, handshake, answers /chat",
        "< opaque http-body 2",
        "> request /page",
        "< response 200, answers /page",
        "< opaque http-body 2",
    ];
    assert_eq!(said, want);
    let said = told(&[client(REQUEST), client(masked(0x81, b"x")), server(REFUSED)]);
    assert_eq!(said[2], "> opaque not-http 7");
}

#[test]
fn the_request_is_a_handshake_when_its_answer_is_101() {
    let said = told(&[client(PLAIN), server("HTTP/1.1 101 Sure\r\n\r\n"), server(server_frame(0x89, b""))]);
    let want = ["> request /page, handshake", "< response 101, handshake, answers /page", "< frame 1 ping 0"];
    assert_eq!(said, want);
}

#[test]
fn a_request_of_a_browser_or_a_library_is_told_before_its_answer() {
    for asks in
        ["GET /page HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n", "HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n"]
    {
        let mut session = Session::new(Config::default());
        let mut told = 0;
        let content = Content::Bytes(asks.as_bytes());
        let segment = Segment { connection: 1, sender: Client, time: None, packet: None, content };
        session.feed(&segment, &mut |event: &Event<'_>| {
            told += usize::from(matches!(event.kind, Kind::Request(request) if !request.handshake));
        });
        assert_eq!(told, 1, "{asks}");
        let said = told_of_both(asks, "HTTP/1.1 101 Sure\r\n\r\n");
        assert_eq!(said, ["> request /page", "< response 101, handshake, answers /page", "< frame 1 ping 0"]);
    }
}

/// What is told of a request, its answer, and a Ping behind it.
fn told_of_both(asks: &str, answers: &str) -> Vec<String> {
    told(&[client(asks), server(answers), server(server_frame(0x89, b""))])
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let said = told(&[
        client([PLAIN.as_bytes(), REQUEST].concat()),
        client(masked(0x81, b"x")),
        server(OK),
        server(RESPONSE),
    ]);
    let want = [
        "> request /page",
        "> request /chat, handshake",
        "< response 200, answers /page",
        "< opaque http-body 2",
        "< response 101, handshake, answers /chat",
        "> frame 1 text 1",
        "> message 1 text 1",
    ];
    assert_eq!(said, want);
}

#[test]
fn a_plain_request_behind_another_waits_for_its_own_answer() {
    let said = told(&[client([PLAIN, PLAIN].concat()), server(OK), server("HTTP/1.1 101 Sure\r\n\r\n")]);
    let want = [
        "> request /page",
        "< response 200, answers /page",
        "< opaque http-body 2",
        "> request /page, handshake",
        "< response 101, handshake, answers /page",
    ];
    assert_eq!(said, want);
}

#[test]
fn other_answers_of_the_hundreds_change_nothing() {
    let said = told(&[
        client(REQUEST),
        server("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
        server(RESPONSE),
        client(masked(0x81, b"x")),
    ]);
    assert_eq!(
        said[1..4],
        ["< response 103", "< response 101, handshake, answers /chat", "> frame 1 text 1"]
    );
}

#[test]
fn through_a_tunnel_all_begins_anew() {
    let connect = "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n";
    let said = told(&[
        client(connect),
        client(REQUEST),
        server("HTTP/1.1 200 Connected\r\n\r\n"),
        server(RESPONSE),
        server(server_frame(0x81, b"Hi")),
    ]);
    let want = [
        "> request a:80",
        "< response 200, answers a:80",
        "> request /chat, handshake",
        "< response 101, handshake, answers /chat",
        "< frame 1 text 2",
        "< message 1 text 2",
    ];
    assert_eq!(said, want);
    let said = told(&[
        client(connect),
        server("HTTP/1.1 200 OK\r\n\r\n"),
        client(b"\x16\x03\x01\x02\x00\x01".to_vec()),
    ]);
    assert_eq!(said[2], "> opaque tls 6");
}

#[test]
fn tls_and_http2_are_named() {
    let tls = b"\x16\x03\x03\x00\x01\x01".to_vec();
    assert_eq!(told(&[client(tls.clone()), server(tls)]), ["> opaque tls 6", "< opaque tls 6"]);
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let said = told(&[client(preface), server(b"\0\0\0\x04\0\0\0\0\0".to_vec())]);
    assert_eq!(said, ["> opaque http2 24", "< opaque http2 9"]);
}

#[test]
fn another_protocol_is_not_read() {
    let said = told(&[
        client("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"),
        server("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\nxyz"),
        client("abc"),
    ]);
    let want = [
        "> request /",
        "< response 101, answers /",
        "< opaque other-protocol 3",
        "> opaque other-protocol 3",
    ];
    assert_eq!(said, want);
}

#[test]
fn a_body_before_the_answer_belongs_to_the_request() {
    let request = String::from_utf8_lossy(REQUEST).replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\n");
    let said = told(&[
        client(request),
        client("ab"),
        server(RESPONSE),
        client([b"cd".to_vec(), masked(0x81, b"x")].concat()),
    ]);
    let want = [
        "> request /chat, handshake",
        "> opaque http-body 2",
        "< response 101, handshake, answers /chat",
        "> opaque http-body 2",
        "> frame 1 text 1",
        "> message 1 text 1",
    ];
    assert_eq!(said, want);
}

#[test]
fn the_answer_may_be_there_before_the_request_is_whole() {
    let (first, rest) = REQUEST.split_at(40);
    let said = told(&[client(first), server(RESPONSE), client([rest, &masked(0x81, b"x")].concat())]);
    let want =
        ["< response 101, handshake", "> request /chat, handshake", "> frame 1 text 1", "> message 1 text 1"];
    assert_eq!(said, want);
}

#[test]
fn no_http_where_the_answer_must_stand() {
    let said = told(&[
        client(REQUEST),
        client(masked(0x81, b"x")),
        server("Hi, from the server!"),
        the_server_ends(),
    ]);
    let want = [
        "> request /chat, handshake",
        "< opaque not-http 20",
        "> frame 1 text 1",
        "> message 1 text 1",
        "< end fin",
    ];
    assert_eq!(said, want);
}

#[test]
fn a_dump_of_one_side_does_not_wait_for_the_other() {
    let only = |only| Opening { only: Some(only), ..Opening::default() };
    let text = [REQUEST, &masked(0x81, b"x")].concat();
    let said = told_of(&only(Client), &[client(text)]);
    assert_eq!(said, ["open", "> request /chat, handshake", "> frame 1 text 1", "> message 1 text 1"]);
    let retry = told_of(&only(Client), &[client([REQUEST, REQUEST].concat())]);
    assert_eq!(retry[1..], ["> request /chat, handshake", "> request /chat, handshake"]);
    let said = told_of(&only(Server), &[server(RESPONSE), server(server_frame(0x81, b"Hi"))]);
    assert_eq!(said, ["open", "< response 101, handshake", "< frame 1 text 2", "< message 1 text 2"]);
}

#[test]
fn roles_from_the_mask_bit_silence_the_rules_about_masking() {
    let opening = Opening { roles: Roles::MaskBit, ..Opening::default() };
    let unmasked = client(server_frame(0x82, b"x"));
    let said = told(std::slice::from_ref(&unmasked));
    assert_eq!(said, ["> frame 1 binary 1 !framing/client-not-masked", "> message 1 binary 1"]);
    assert_eq!(told_of(&opening, &[unmasked]), ["open", "> frame 1 binary 1", "> message 1 binary 1"]);
}

#[test]
fn extensions_are_unknown_until_told_or_answered() {
    let rsv1 = client(masked(0xc2, b"x"));
    let known = Config { agreed: Agreed::Known(Vec::new()), ..Config::default() };
    let quiet = ["> frame 1 binary 1", "> message 1 binary 1, compression unknown"];
    let loud = "> frame 1 binary 1 !framing/rsv1-not-agreed";
    assert_eq!(told(std::slice::from_ref(&rsv1)), quiet);
    assert_eq!(told_by(known.clone(), std::slice::from_ref(&rsv1))[0], loud);
    assert_eq!(told(&[client(REQUEST), rsv1.clone(), the_client_ends()])[1], "> frame 1 binary 1");
    let unanswered = told_by(known, &[client(REQUEST), rsv1.clone(), the_client_ends()]);
    assert!(unanswered[1].contains("!framing/rsv1-not-agreed"), "{unanswered:?}");
    assert_eq!(told(&[client(REQUEST), server(RESPONSE), rsv1])[2], loud);
}

#[test]
fn what_comes_behind_an_end_is_shown_and_not_read() {
    let said = told(&[client(masked(0x81, b"x")), the_client_ends(), client(masked(0x81, b"y"))]);
    assert_eq!(said[2..], ["> end fin", "> opaque after-end 7"]);
}

#[test]
fn a_gap_inside_a_payload_leaves_the_next_boundary_known() {
    let long = masked(0x82, &[7; 100]);
    let (front, back) = (long[..20].to_vec(), long[50..].to_vec());
    let said = told(&[client(front), gap(Client, 30), client([back, masked(0x81, b"x")].concat())]);
    let want = [
        "> frame 1 binary 100",
        "> gap 30",
        "> frame 1 is partial: 70 bytes came",
        "> message 1 binary 70, not complete",
        "> frame 2 text 1",
        "> message 2 text 1",
    ];
    assert_eq!(said, want);
    let end = told(&[client(long[..56].to_vec()), gap(Client, 50), client(masked(0x89, b""))]);
    assert_eq!(
        end[1..],
        [
            "> gap 50",
            "> frame 1 is partial: 50 bytes came",
            "> message 1 binary 50, not complete",
            "> frame 2 ping 0",
        ]
    );
}

#[test]
fn after_any_other_gap_the_stream_is_opaque() {
    let frames = |at: usize| masked(0x81, b"Hello")[..at].to_vec();
    let behind = "> opaque after-gap 2";
    for (before, lost, want) in [
        (client(frames(11)), 1, vec!["> frame 1 text 5", "> message 1 text 5", "> gap 1"]),
        (client(frames(3)), 1, vec!["> cut frame 1: 3 bytes", "> gap 1"]),
        (
            client(frames(8)),
            4,
            vec![
                "> frame 1 text 5",
                "> frame 1 is partial: 2 bytes came",
                "> message 1 text 2, not complete",
                "> gap 4",
            ],
        ),
        (client("GET /a HTT"), 4, vec!["> request /a, partial", "> gap 4"]),
        (client(PLAIN), 4, vec!["> request /page", "> gap 4"]),
    ] {
        // It is searched as long as more may come.
        let said = told(&[before, gap(Client, lost), client("ab"), the_client_ends()]);
        assert_eq!(said[..said.len() - 2], want);
        assert_eq!(said[said.len() - 2], behind);
    }
}

#[test]
fn a_gap_in_a_body_of_known_length_is_passed_over() {
    let post = "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc";
    let said = told(&[client(post), gap(Client, 7), client(REQUEST), server(OK), server(RESPONSE)]);
    let want = [
        "> request /",
        "> opaque http-body 3",
        "> gap 7",
        "> request /chat, handshake",
        "< response 200, answers /",
        "< opaque http-body 2",
        "< response 101, handshake, answers /chat",
    ];
    assert_eq!(said, want);
}

#[test]
fn a_gap_among_held_bytes_keeps_its_place() {
    let early = masked(0x82, &[7; 100]);
    let said = told(&[
        client(REQUEST),
        client(early[..50].to_vec()),
        gap(Client, 20),
        client(early[70..].to_vec()),
        server(RESPONSE),
    ]);
    assert_eq!(
        said[2..],
        [
            "> frame 1 binary 100",
            "> gap 20",
            "> frame 1 is partial: 80 bytes came",
            "> message 1 binary 80, not complete",
        ]
    );
}

#[test]
fn a_head_that_never_ends_is_given_up_and_said() {
    let endless = format!("GET /{} HTTP/1.1\r\n", "a".repeat(70_000));
    let said = told(&[client(endless.clone()), the_client_ends()]);
    assert!(said[0].starts_with("> request /aaa") && said[0].ends_with(", partial"), "{said:?}");
    assert_eq!(said[1], format!("> opaque head-too-long {}", endless.len() - 64 * 1024));
    let lines = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(1000));
    assert_eq!(told(&[server(lines)])[0], "< response 200, partial");
}

#[test]
fn held_bytes_are_limited() {
    let many = masked(0x82, &[0; 60]).repeat(2000);
    let said = told(&[client(REQUEST), client(many)]);
    assert_eq!(said.iter().filter(|line| line.starts_with("> frame")).count(), 2000);
}

#[test]
fn times_are_those_of_the_bytes_and_not_of_what_made_them_clear() {
    let mut session = Session::new(Config::default());
    let mut seen = Vec::new();
    let mut sink = |event: &Event<'_>| {
        if matches!(event.kind, Kind::Request(_) | Kind::FrameStart(_) | Kind::FrameEnd(_)) {
            seen.push((event.time.map(|t| t.0), event.time_end.map(|t| t.0)));
        }
    };
    let early = masked(0x82, b"xy");
    let pieces = [&PLAIN.as_bytes()[..2], &PLAIN.as_bytes()[2..20], &PLAIN.as_bytes()[20..]];
    let mut at = 0;
    let mut feed = |session: &mut Session, sender, bytes: &[u8]| {
        at += 1;
        let time = Some(wslens::session::segment::Time(at));
        session.feed(
            &Segment { connection: 1, sender, time, packet: None, content: Content::Bytes(bytes) },
            &mut sink,
        );
    };
    pieces.into_iter().for_each(|piece| feed(&mut session, Client, piece));
    feed(&mut session, Server, OK.as_bytes());
    feed(&mut session, Client, REQUEST);
    feed(&mut session, Client, &early[..7]);
    feed(&mut session, Client, &early[7..]);
    feed(&mut session, Server, RESPONSE);
    let want = [(1, 3), (5, 5), (6, 6), (6, 7)];
    assert_eq!(seen, want.map(|(first, last)| (Some(first), Some(last))));
}

#[test]
fn whether_a_frame_came_early_is_not_known_where_the_answer_may_be_lost() {
    let early = |lost: bool| {
        let (mut session, mut rules) = (Session::new(Config::default()), Vec::new());
        let hello = masked(0x81, b"hello");
        let mut sink = |event: &Event<'_>| rules.extend(event.findings.iter().map(|found| found.rule.id));
        let mut feed = |sender, content| {
            session.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut sink);
        };
        feed(Client, Content::Bytes(REQUEST));
        if lost {
            feed(Server, Content::Gap(RESPONSE.len() as u64));
        }
        feed(Client, Content::Bytes(&hello));
        if !lost {
            feed(Server, Content::Bytes(RESPONSE));
        }
        feed(Client, Content::End(How::Unknown));
        feed(Server, Content::End(How::Unknown));
        rules.contains(&"request/early-frame")
    };
    assert!(early(false) && !early(true));
}

/// A frame of 11265 bytes, 2c01, whose payload reads at its byte 300, 012c, as if the next frame began there.
#[test]
fn no_length_is_guessed_of_a_frame_of_which_bytes_are_lost() {
    let mut payload = vec![7; 0x2c01];
    payload[300..302].copy_from_slice(b"\x81\x05");
    let sent = server_frame(0x82, &payload);
    let guessed = |pieces: &[Result<&[u8], u64>]| {
        let (mut session, mut rules) = (Session::new(Config::default()), Vec::new());
        let mut sink = |event: &Event<'_>| rules.extend(event.findings.iter().map(|found| found.rule.id));
        let mut feed = |sender, content| {
            session.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut sink);
        };
        feed(Client, Content::Bytes(REQUEST));
        feed(Server, Content::Bytes(RESPONSE));
        for piece in pieces {
            feed(Server, piece.map_or_else(Content::Gap, Content::Bytes));
        }
        feed(Server, Content::End(How::Fin));
        rules.contains(&"hint/length-little-endian")
    };
    assert!(guessed(&[Ok(&sent[..5000])]), "the stream ends in the frame");
    assert!(!guessed(&[Ok(&sent)]));
    let holes: [&[Result<&[u8], u64>]; 4] = [
        &[Ok(&sent[..5000]), Err(50), Ok(&sent[5050..])],
        &[Ok(&sent[..5000]), Err(50), Ok(&sent[5050..7000])],
        &[Ok(&sent[..100]), Err(50), Ok(&sent[150..])],
        // It reaches beyond the end of the frame.
        &[Ok(&sent[..5000]), Err(20_000)],
    ];
    for pieces in holes {
        assert!(!guessed(pieces));
    }
}

#[test]
fn text_is_checked_across_fragments_and_control_frames() {
    let said = told(&[
        client(masked(0x01, b"caf\xc3")),
        client(masked(0x89, b"\xff")),
        client(masked(0x80, b"\xa9")),
        client(masked(0x01, b"caf\xc3")),
        client(masked(0x80, b"e")),
    ]);
    assert_eq!(said[3], "> message 1 text 5, frames [1, 3]");
    assert_eq!(said[6], "> message 2 text 5, frames [4, 5], bad at 3 !messages/text-utf8");
}

/// In linear time this takes a second or two; otherwise it would not end today.
#[test]
fn a_million_fragments_and_a_million_empty_frames() {
    let fragments =
        [frame(0x01, b"a", None), frame(0x00, b"a", None).repeat(1_000_000), frame(0x80, b"", None)];
    let mut events = 0u64;
    for bytes in
        [fragments.concat(), frame(0x81, b"", None).repeat(1_000_000), frame(0x89, b"", None).repeat(100_000)]
    {
        let mut session = Session::new(Config::default());
        let mut sink = |_: &Event<'_>| events += 1;
        for piece in bytes.chunks(64 * 1024) {
            let content = Content::Bytes(piece);
            session.feed(
                &Segment { connection: 1, sender: Server, time: None, packet: None, content },
                &mut sink,
            );
        }
        session.finish(&mut sink);
    }
    assert!(events > 6_000_000);
}

#[test]
fn ten_thousand_connections_stay_apart() {
    let mut session = Session::new(Config::default());
    let mut frames = 0;
    let mut sink = |event: &Event<'_>| frames += u32::from(matches!(event.kind, Kind::FrameEnd(_)));
    let text = frame(0x01, b"x", None);
    let last = frame(0x80, b"y", None);
    for bytes in [&text[..2], &text[2..], &last[..]] {
        for connection in 1..=10_000 {
            let content = Content::Bytes(bytes);
            session
                .feed(&Segment { connection, sender: Server, time: None, packet: None, content }, &mut sink);
        }
    }
    assert_eq!(frames, 20_000);
}

#[test]
fn an_end_that_is_not_known_is_said_so() {
    let said = told_to_the_end(&[client(masked(0x81, b"x"))]);
    assert_eq!(said[2..], ["> end unknown", "< end unknown, 1 frames"]);
}

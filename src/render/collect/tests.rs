use super::kept::ROOM;
use super::*;
use crate::session::event::Sink;
use crate::session::segment::{Content, How, Segment};
use crate::session::{Config, Session};

fn shown(bytes: &[u8], cap: usize, piece: usize) -> Vec<String> {
    let mut seen = Vec::new();
    let mut collector = Collector::new(cap, cap);
    let mut session = Session::new(Config::default());
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown| match shown {
            Shown::Frame(f) => seen.push(format!(
                "frame {} at {} len {} {:?} + {}",
                f.number,
                f.offset,
                f.len,
                String::from_utf8_lossy(f.plain),
                f.omitted
            )),
            Shown::Message(m) => {
                seen.push(format!("message {:?} + {}", String::from_utf8_lossy(m.plain), m.omitted))
            }
            Shown::Event(_) => {}
        });
    };
    for piece in bytes.chunks(piece) {
        let content = Content::Bytes(piece);
        session.feed(
            &Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content },
            &mut sink,
        );
    }
    session.finish(&mut sink);
    seen
}

#[test]
fn the_room_of_a_large_payload_is_given_back() {
    let large = [&[0x82, 0x7f, 0, 0, 0, 0, 0, 8, 0, 0][..], &vec![b'a'; 0x8_0000]].concat();
    let pieces = [&[0x02, 0x7f, 0, 0, 0, 0, 0, 8, 0, 0][..], &vec![b'a'; 0x8_0000], &[0x80, 0]].concat();
    for bytes in [large, pieces] {
        let mut collector = Collector::new(usize::MAX, usize::MAX);
        let mut session = Session::new(Config::default());
        let (mut most, content) = (0, Content::Bytes(&bytes));
        session.feed(
            &Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content },
            &mut |event: &Event<'_>| {
                collector.event(event, &mut |shown| {
                    if let Shown::Message(message) = shown {
                        most = message.plain.len();
                    }
                });
            },
        );
        assert_eq!(most, 0x8_0000);
        let stream = &collector.connections.get_mut(1).expect("it is open").server;
        for bytes in [&stream.raw, &stream.frame.bytes, &stream.message.bytes] {
            assert!(bytes.capacity() <= ROOM);
        }
    }
}

#[test]
fn long_payloads_of_several_streams_have_one_room_after_the_other() {
    let frame = [&[0x82, 0x7e, 0x10, 0][..], &[b'a'; 0x1000]].concat();
    let mut collector = Collector::new(usize::MAX, 0);
    let mut session = Session::new(Config::default());
    let mut places = Vec::new();
    for connection in 1..=3 {
        let content = Content::Bytes(&frame);
        session.feed(
            &Segment { connection, sender: Sender::Server, time: None, packet: None, content },
            &mut |event: &Event<'_>| {
                collector.event(event, &mut |shown| {
                    if let Shown::Message(message) = shown {
                        places.push(message.plain.as_ptr());
                    }
                });
            },
        );
    }
    assert!(matches!(places[..], [one, two, three] if one == two && two == three), "{places:?}");
}

#[test]
fn streams_are_kept_apart_and_forgotten_at_their_end() {
    let mut collector = Collector::new(100, 100);
    let mut session = Session::new(Config::default());
    let mut seen = Vec::new();
    let mut feed = |connection, sender, content| {
        session.feed(
            &Segment { connection, sender, time: None, packet: None, content },
            &mut |event: &Event<'_>| {
                collector.event(event, &mut |shown| {
                    if let Shown::Message(m) = shown {
                        seen.push((m.event.connection, String::from_utf8_lossy(m.plain).into_owned()));
                    }
                });
            },
        );
    };
    let streams = [(1, Sender::Client), (1, Sender::Server), (2, Sender::Client), (2, Sender::Server)];
    for at in 0..6 {
        for (connection, sender) in streams {
            feed(connection, sender, Content::Bytes(&b"\x01\x01a\x80\x01b"[at..=at]));
        }
    }
    for (connection, sender) in streams {
        feed(connection, sender, Content::End(How::Fin));
    }
    assert_eq!(seen, [1, 1, 2, 2].map(|connection| (connection, "ab".to_owned())));
    assert!(collector.connections.take_all().is_empty());
}

#[test]
fn a_hole_is_told_behind_the_frame_it_lies_in() {
    let mut collector = Collector::new(100, 100);
    let mut session = Session::new(Config::default());
    let mut seen = Vec::new();
    for content in [
        Content::Bytes(b"\x82\x06ab"),
        Content::Gap(1),
        Content::Bytes(b"c"),
        Content::Gap(2),
        Content::Bytes(b"\x81\x00"),
        Content::Gap(3),
    ] {
        session.feed(
            &Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content },
            &mut |event: &Event<'_>| {
                collector.event(event, &mut |shown| match shown {
                    Shown::Frame(frame) => seen.push(format!("frame {}", frame.offset)),
                    Shown::Event(Event { kind: Kind::Gap, offset, len, .. }) => {
                        seen.push(format!("gap {offset} + {len}"));
                    }
                    _ => {}
                });
            },
        );
    }
    assert_eq!(seen, ["frame 0", "gap 4 + 1", "gap 6 + 2", "frame 8", "gap 10 + 3"]);
}

#[test]
fn a_message_of_pieces_is_joined_and_a_ping_between_is_no_part_of_it() {
    let bytes = b"\x01\x05hello\x89\x00\x80\x06 world\x81\x02ok\x81\x05cu";
    let want = [
        "frame 1 at 0 len 7 \"hello\" + 0",
        "frame 2 at 7 len 2 \"\" + 0",
        "frame 3 at 9 len 8 \" world\" + 0",
        "message \"hello world\" + 0",
        "frame 4 at 17 len 4 \"ok\" + 0",
        "message \"ok\" + 0",
        "frame 5 at 21 len 4 \"cu\" + 0",
        "message \"cu\" + 0",
    ];
    for piece in 1..=bytes.len() {
        assert_eq!(shown(bytes, 100, piece), want);
    }
    assert_eq!(shown(bytes, 4, 3)[3], "message \"hell\" + 7");
}

/// Takes frames at once, where `at_once`, or event by event.
struct Taking<'a> {
    collector: &'a mut Collector,
    at_once: bool,
    frames_at_once: usize,
    seen: Vec<String>,
}

impl Sink for Taking<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.collector.event(event, &mut |shown| self.seen.push(format!("{shown:?}")));
    }

    fn frame(&mut self, frame: &AtOnce<'_>) {
        if self.at_once {
            self.frames_at_once += 1;
            self.collector.frame(frame, &mut |shown| self.seen.push(format!("{shown:?}")));
        } else {
            frame.events(|event| self.event(event));
        }
    }
}

#[test]
fn a_frame_at_once_is_shown_as_its_events_are() {
    // Text, binary, a Ping in a text of three pieces, no payload, and a text that is not UTF-8.
    let frames: [&[u8]; 8] = [
        b"\x81\x05hello",
        b"\x82\x03\x00\x01\x02",
        b"\x01\x02Gr",
        b"\x89\x01x",
        b"\x00\x03\xc3\xbc\xc3",
        b"\x80\x03\x9fe!",
        b"\x81\x00",
        b"\x81\x02\xff\xfe",
    ];
    for (cap, keep_raw) in [(0, false), (4, true), (100, false)] {
        let [one, other] = [true, false].map(|at_once| {
            let mut collector = Collector::new(cap, if keep_raw { cap } else { 0 });
            let mut session = Session::new(Config::default());
            let mut taking =
                Taking { collector: &mut collector, at_once, frames_at_once: 0, seen: Vec::new() };
            let bytes = frames.concat();
            let content = Content::Bytes(&bytes);
            let segment =
                Segment { connection: 1, sender: Sender::Server, time: None, packet: None, content };
            session.feed(&segment, &mut taking);
            assert_eq!(taking.frames_at_once, if at_once { frames.len() } else { 0 });
            taking.seen
        });
        assert_eq!(one.len(), frames.len() + 5);
        assert_eq!(one, other);
    }
}

//! Compressed messages in a session: what is certain, what is unknown, and what is stopped.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use flate2::{Compress, Compression, Decompress, FlushDecompress, Status};
use support::conversations::deflate;
use support::told::{gap, told, told_by};
use support::{Act, client, compressing, conversations, frame, samples, server};
use wslens::session::agreed::Agreed;
use wslens::session::event::{Event, Kind};
use wslens::session::segment::{Content, Segment};
use wslens::session::{Config, Session};
use wslens::wire::deflate::write::message::{Deflater, Options};
use wslens::wire::deflate::{Inflater, Plain};
use wslens::wire::extension::ExtensionList;
use wslens::wire::sender::Sender;

const TEXT: &[u8] = b"one text that is said, and that is said once more";

/// Messages of a server, by one compressor.
fn messages(bits: u8, plain: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut compress = Compress::new_with_window_bits(Compression::new(9), false, bits);
    plain.iter().map(|plain| deflate(&mut compress, plain)).collect()
}

fn sent(payload: &[u8]) -> (Sender, Act) {
    server(frame(0xc1, payload, None))
}

/// What is said of the messages.
fn said_of_messages(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.strip_prefix("< message ")).collect()
}

fn agreed(parameters: &str) -> Config {
    let list = format!("permessage-deflate{parameters}");
    let agreed = Agreed::Known(ExtensionList::parse([list.as_bytes()]).extensions);
    Config { agreed, ..Config::default() }
}

#[test]
fn the_history_of_a_capture_from_the_middle_is_unknown() {
    let all = messages(15, &[TEXT, TEXT]);
    let line = &told_by(agreed(""), &[sent(&all[1])])[1];
    assert!(line.contains("49 inflated, 48 unknown, lost Middle"), "{line}");
    let line = &told_by(agreed(""), &[sent(&all[0])])[1];
    assert!(line.ends_with("49 inflated"), "what refers to nothing is certain: {line}");
}

#[test]
fn after_a_hole_bytes_are_unknown_until_no_takeover_or_no_reference() {
    let all = messages(15, &[TEXT, TEXT, b"quite another"]);
    let whole = frame(0xc1, &all[0], None);
    let mut conversation = compressing("").to_vec();
    conversation.extend([server(&whole[..9]), gap(Sender::Server, 3), server(&whole[12..])]);
    conversation.extend([sent(&all[1])]);
    let lines = told(&conversation);
    let said = said_of_messages(&lines);
    assert!(said[0].contains(", gap, ") && said[0].contains("not complete"), "{said:?}");
    assert!(said[1].contains("48 unknown") && said[1].contains("lost Message(1)"), "{said:?}");
    assert!(lines.iter().all(|line| !line.contains('!')), "nobody is accused: {lines:?}");
    let fresh = messages(15, &[TEXT]);
    let mut conversation = compressing("; server_no_context_takeover").to_vec();
    conversation.extend([server(&whole[..9]), gap(Sender::Server, 3), server(&whole[12..]), sent(&fresh[0])]);
    let lines = told(&conversation);
    assert!(said_of_messages(&lines)[1].ends_with("49 inflated"), "{lines:?}");
}

#[test]
fn a_bomb_is_stopped_in_time_and_the_next_frames_are_read() {
    let zeroes = vec![0; 100 * 1024 * 1024];
    let bomb = messages(15, &[&zeroes]).remove(0);
    assert!(zeroes.len() / bomb.len() > 1000);
    let mut conversation = compressing("").to_vec();
    conversation.extend([server(frame(0xc2, &bomb, None)), server(frame(0x81, b"x", None))]);
    let lines = told(&conversation);
    let said = said_of_messages(&lines);
    assert!(said[0].contains(&format!("{} inflated, ratio, ", 16 << 20)), "{said:?}");
    assert_eq!(said[1], "2 text 1");
    let config = Config { message_limit: 1000, ..Config::default() };
    let lines = told_by(config, &conversation);
    assert!(said_of_messages(&lines)[0].contains("1000 inflated, limit, "), "{lines:?}");
}

#[test]
fn the_longest_idle_window_is_dropped_and_that_is_said() {
    let mut session = Session::new(Config { window_memory: 2 * 48 * 1024, ..agreed("") });
    let mut lost = Vec::new();
    let all = messages(15, &[TEXT, TEXT]);
    for (connection, which) in [(1, 0), (2, 0), (1, 1), (3, 0), (1, 1), (2, 1)] {
        let bytes = frame(0xc1, &all[which], None);
        let content = Content::Bytes(&bytes);
        session.feed(
            &Segment { connection, sender: Sender::Server, time: None, packet: None, content },
            &mut |e: &Event<'_>| {
                if let Kind::Message(message) = e.kind {
                    lost.push((connection, message.inflated.and_then(|inflated| inflated.lost).is_some()));
                }
            },
        );
    }
    assert_eq!(lost, [(1, false), (2, false), (1, false), (3, false), (1, false), (2, true)]);
}

#[test]
fn the_directions_swapped_fail_where_parameters_differ() {
    let noise: Vec<u8> = (0..700u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8).collect();
    let twice = [&noise[..], &noise[..]].concat();
    let payload = messages(15, &[&twice]).remove(0);
    let says = |parameters: &str| {
        let mut conversation = compressing(parameters).to_vec();
        conversation.push(server(frame(0xc2, &payload, None)));
        said_of_messages(&told(&conversation))[0].to_owned()
    };
    assert!(says("; client_max_window_bits=9").ends_with("1400 inflated"));
    assert!(says("; server_max_window_bits=9").contains("!compression/beyond-window"));
}

/// Each end keeps to what it promised, and the ends promised different things: so what one sends breaks the promise of
/// the other.
#[test]
fn each_parameter_that_differs_tells_swapped_directions() {
    let noise: String =
        (0..700u32).map(|i| char::from(b'0' + (i.wrapping_mul(2_654_435_761) >> 23) as u8 % 70)).collect();
    let send = |sender, takeover, window_bits| {
        let mut deflater = Deflater::new(Options { takeover, window_bits, ..Options::default() });
        let frames = [&noise, &noise].map(|text| deflater.message(text.as_bytes()));
        frames.map(|payload| match sender {
            Sender::Client => client(frame(0xc1, &payload, Some([1, 2, 3, 4]))),
            Sender::Server => server(frame(0xc1, &payload, None)),
        })
    };
    for (parameters, takeover, bits, rule) in [
        ("; server_no_context_takeover", false, 15, "compression/takeover-refused"),
        ("; server_max_window_bits=9", true, 9, "compression/beyond-window"),
    ] {
        for bound in Sender::BOTH {
            let parameters = match bound {
                Sender::Server => parameters.to_owned(),
                Sender::Client => parameters.replace("server_", "client_"),
            };
            let free = bound.other();
            let mut right = compressing(&parameters).to_vec();
            right.extend(send(bound, takeover, bits).into_iter().chain(send(free, true, 15)));
            let lines = told(&right);
            assert!(lines.iter().all(|line| !line.contains("!compression")), "{parameters}: {lines:?}");
            let mut swapped = compressing(&parameters).to_vec();
            swapped.extend(send(free, takeover, bits).into_iter().chain(send(bound, true, 15)));
            let lines = told(&swapped);
            assert!(lines.iter().any(|line| line.contains(rule)), "{parameters} swapped: {lines:?}");
        }
    }
}

/// zlib's word on bytes: what they inflate to, and whether more could follow.
fn zlib(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut plain = Vec::with_capacity(1 << 20);
    loop {
        let mut inflate = Decompress::new(false);
        if !plain.is_empty() {
            inflate.set_dictionary(&plain[plain.len().saturating_sub(32_768)..]).unwrap();
        }
        let before = plain.len();
        let status = inflate.decompress_vec(bytes, &mut plain, FlushDecompress::Sync);
        plain.truncate(before + inflate.total_out() as usize);
        match status {
            Err(_) => return (plain, false),
            Ok(Status::StreamEnd) => bytes = &bytes[inflate.total_in() as usize..],
            Ok(_) => return (plain, true),
        }
    }
}

/// Whatever bit a message ends at, and zeroes behind it: the same bytes and the same verdict as zlib's.
#[test]
fn every_compressed_message_of_the_samples_cut_at_every_bit_is_read_as_by_zlib() {
    let mut cuts = 0u32;
    for payload in compressed_payloads() {
        for bits in 1..=payload.len() as u64 * 8 {
            let bytes = cut_at(&payload, bits);
            let (mut inflater, mut plain) = (Inflater::new(15, true), Vec::new());
            let fed = inflater.feed(&bytes, 1 << 20, &mut |piece| match piece {
                Plain::Known(known) => plain.extend_from_slice(known),
                Plain::Unknown(unknown) => panic!("{unknown} unknown bytes where nothing was lost"),
            });
            let accepted = !matches!(fed.status, wslens::wire::deflate::Status::Faulty(_));
            assert!((plain, accepted) == zlib(&bytes), "cut at bit {bits} of {payload:02x?}: {fed:?}");
            cuts += 1;
        }
    }
    assert!(cuts > 5000, "{cuts}");
}

/// Whatever bit a message ends at, the plain bytes are the beginning of the whole message's.
#[test]
fn every_compressed_message_of_the_samples_cut_at_every_bit() {
    let mut cuts = 0u32;
    for payload in compressed_payloads() {
        let whole = inflated(&payload, payload.len() as u64 * 8);
        for bits in 0..payload.len() as u64 * 8 {
            let cut = inflated(&payload, bits);
            let same = cut.iter().zip(&whole).take_while(|(a, b)| a == b).count();
            // The bits that are missing read as zeroes: they may stand for one more symbol or a few.
            assert!(cut.len() - same <= 258 * 8, "cut at bit {bits} of {payload:02x?}");
            cuts += 1;
        }
    }
    assert!(cuts > 5000, "{cuts}");
}

/// The first bits, and zeroes up to the end of the byte.
fn cut_at(payload: &[u8], bits: u64) -> Vec<u8> {
    let mut bytes = payload[..bits.div_ceil(8) as usize].to_vec();
    if let Some(last) = bytes.last_mut().filter(|_| !bits.is_multiple_of(8)) {
        *last &= (1 << (bits % 8)) - 1;
    }
    bytes
}

fn inflated(payload: &[u8], bits: u64) -> Vec<u8> {
    let bytes = cut_at(payload, bits);
    let (mut inflater, mut plain) = (Inflater::new(15, true), Vec::new());
    inflater.lose_history();
    inflater.feed(&bytes, 1 << 20, &mut |piece| match piece {
        Plain::Known(known) => plain.extend_from_slice(known),
        Plain::Unknown(unknown) => plain.resize(plain.len() + unknown, b'?'),
    });
    let message = inflater.end_of_message();
    assert_eq!(message.plain, plain.len() as u64);
    plain
}

/// The payloads of compressed messages in all samples, unmasked.
fn compressed_payloads() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for (name, bytes) in samples() {
        for conversation in conversations(&name, &bytes) {
            let mut session = Session::new(Config::default());
            let mut compressed = false;
            for (sender, act) in &conversation {
                session.feed(&support::segment(*sender, act), &mut |event: &Event<'_>| match event.kind {
                    Kind::FrameStart(frame) => {
                        compressed = frame.header.rsv1() && frame.place.is_some();
                        if compressed {
                            all.push(Vec::new());
                        }
                    }
                    Kind::Payload(payload) if compressed => {
                        all.last_mut().unwrap().extend(payload.plain.unwrap_or_default());
                    }
                    _ => {}
                });
            }
        }
    }
    all
}

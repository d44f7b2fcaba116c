//! Which packets a frame came in, whatever the network did to them.

use super::support::net::{ACK, Tcp};
use super::*;
use wslens::render::collect::{Collector, Shown};
use wslens::session::event::Event;
use wslens::session::{Config, Session};

/// For each frame: packet of its first byte, of its header's last, of its last; its segments, its header's; whether in order.
pub(super) fn frames(file: &[u8]) -> Vec<([u64; 3], [u32; 2], bool)> {
    let (mut session, mut collector) = (Session::new(Config::default()), Collector::new(0, 0));
    let mut frames = Vec::new();
    let mut sink = |event: &Event<'_>| {
        collector.event(event, &mut |shown| {
            if let Shown::Frame(frame) = shown {
                let at = frame.packets.expect("a frame of a capture has packets");
                frames.push((
                    [at.first.get(), at.header_end.get(), at.last.get()],
                    [at.segments, at.header_segments],
                    at.in_order,
                ));
            }
        });
    };
    read("capture", file, &Options::default(), &mut |_| {}, &mut |segment| {
        session.feed(&segment, &mut sink);
        ControlFlow::Continue(())
    })
    .expect("a capture");
    session.finish(&mut sink);
    frames
}

/// An opened connection, and frames in segments of these sizes; packets are numbered from 6 on behind the handshake.
fn cut(bytes: &[u8], sizes: &[usize]) -> Talk {
    let (mut talk, mut rest) = (talk(), bytes);
    for size in sizes {
        let (piece, behind) = rest.split_at(*size);
        talk.say(0, piece);
        rest = behind;
    }
    assert!(rest.is_empty());
    talk
}

#[test]
fn frames_of_one_packet_and_frames_of_several() {
    // Two frames in packet 6; then one whose header is cut behind its first byte, in 7, 8 and 9.
    let bytes = [masked(b"one"), masked(b"two"), masked(&[b'x'; 100])].concat();
    let talk = cut(&bytes, &[18, 1, 60, 45]);
    assert_eq!(
        frames(&pcap(&talk.packets)),
        [([6, 6, 6], [1, 1], true), ([6, 6, 6], [1, 1], true), ([7, 8, 9], [3, 2], true)]
    );
    let talk = cut(&bytes[..30], &[20, 1, 1, 1, 7]);
    assert_eq!(frames(&pcap(&talk.packets))[2], ([6, 10, 10], [5, 5], true), "every byte in its own packet");
}

#[test]
fn a_header_that_never_comes_whole_has_packets_too() {
    let talk = cut(&masked(b"one")[..3], &[1, 2]);
    assert_eq!(frames(&pcap(&talk.packets)), [([6, 7, 7], [2, 2], true)]);
}

#[test]
fn the_number_is_that_of_all_packets_and_of_the_bytes_that_were_used() {
    let frame = masked(b"a frame in two pieces");
    let mut talk = cut(&frame, &[10, frame.len() - 10]);
    let (first, second) = (talk.packets[5].clone(), talk.packets[6].clone());
    // Sent again, each of them: what came first counts.
    talk.packets.truncate(5);
    talk.packets.extend([first.clone(), first.clone(), second.clone(), first.clone(), second]);
    assert_eq!(frames(&pcap(&talk.packets)), [([6, 6, 8], [2, 1], true)]);
    // The second piece is sent again together with the first: of that packet only what is new is used.
    let both = Tcp { payload: frame.clone(), ..first.clone() };
    talk.packets.truncate(5);
    talk.packets.extend([first, both]);
    assert_eq!(frames(&pcap(&talk.packets)), [([6, 6, 7], [2, 1], true)]);
}

#[test]
fn packets_out_of_order_are_said_to_be() {
    let frame = masked(b"in three pieces, the last one first");
    let mut talk = cut(&frame, &[1, 20, frame.len() - 21]);
    talk.packets.swap(5, 7);
    assert_eq!(frames(&pcap(&talk.packets)), [([8, 7, 6], [3, 2], false)]);
    // A hole is filled later, by a packet that covers what waits as well.
    let mut talk = super::talk();
    let first = talk.next(0);
    for (from, to) in [(10, 20), (0, frame.len())] {
        talk.push(0, first.wrapping_add(from as u32), 0, ACK, &frame[from..to]);
    }
    assert_eq!(frames(&pcap(&talk.packets)), [([7, 7, 7], [3, 1], false)]);
}

#[test]
fn what_a_client_sends_before_the_answer_keeps_its_packet() {
    let mut talk = Talk::new(client(), server(), [1000, 5000]).open();
    talk.say(0, REQUEST).say(0, &masked(b"early")[..4]).say(0, &masked(b"early")[4..]).say(1, RESPONSE);
    assert_eq!(frames(&pcap(&talk.packets)), [([5, 6, 6], [2, 2], true)]);
}

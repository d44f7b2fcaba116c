//! The reassembler against an oracle: a known conversation, shuffled, doubled, cut and overlapped within the limits, gives
//! the same bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::support::net::{ACK, Packet, Pcap, ethernet};
use super::*;

/// What the network did to one segment.
#[derive(Clone, Debug)]
struct Fate {
    /// How much later it was captured, in milliseconds.
    late: u64,
    again: bool,
    /// It was sent anew with some bytes from before and behind it.
    wider: Option<(usize, usize)>,
}

fn fate() -> impl Strategy<Value = Fate> {
    let late = prop_oneof![4 => Just(0u64), 2 => 0..20u64, 1 => 0..1400u64];
    let wider = prop_oneof![5 => Just(None), 1 => (0..3000usize, 0..3000usize).prop_map(Some)];
    (late, prop::bool::weighted(0.1), wider).prop_map(|(late, again, wider)| Fate { late, again, wider })
}

/// A message of a sender, and the size of the segments in which it travels.
fn said() -> impl Strategy<Value = (bool, usize, usize)> {
    (any::<bool>(), prop_oneof![0..200usize, 0..20_000usize], prop_oneof![1..60usize, 500..1460usize])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_the_network_did_the_bytes_are_the_same(
        isn: [u32; 2],
        said in vec(said(), 1..12),
        fates in vec(fate(), 40..400),
        fin: bool,
    ) {
        let mut talk = talk_at(isn);
        let mut streams = [REQUEST.to_vec(), RESPONSE.to_vec()];
        for (at, (server, len, size)) in said.into_iter().enumerate() {
            let text = vec![b'a' + (at % 26) as u8; len];
            let (end, frame) = if server { (1, plain(&text)) } else { (0, masked(&text)) };
            talk.say_in(end, &frame, size.max(len / 40 + 1));
            streams[end].extend_from_slice(&frame);
        }
        if fin {
            talk.fin(0).fin(1);
        }
        let mut packets = Vec::new();
        for (at, tcp) in talk.packets.iter().enumerate() {
            // The packets that open the connection lie a round trip before all others.
            let on_time = Fate { late: 0, again: false, wider: None };
            let fate = if at < 3 { &on_time } else { &fates[at % fates.len()] };
            let time = 1_000_000 * (1000 + at as u64);
            packets.push(Packet::new(time + fate.late * 1_000_000, ethernet(&tcp.ip())));
            if fate.again {
                packets.push(Packet::new(time + fate.late * 2_000_000, ethernet(&tcp.ip())));
            }
            if let Some((before, behind)) = fate.wider.filter(|_| tcp.flags == ACK && !tcp.payload.is_empty()) {
                let end = usize::from(tcp.from == server());
                let start = tcp.seq.wrapping_sub(isn[end]) as usize;
                let from = start.saturating_sub(before);
                let to = (start + behind).clamp(from, streams[end].len()).min(from + 1460);
                let wider = Tcp { seq: isn[end].wrapping_add(from as u32), payload: streams[end][from..to].to_vec(), ..tcp.clone() };
                packets.push(Packet::new(time + fate.late * 500_000, ethernet(&wider.ip())));
            }
        }
        packets.sort_by_key(|packet| packet.time);
        let seen = see(&Pcap::default().file(&packets));
        prop_assert_eq!(&seen.notices, &Vec::<String>::new());
        prop_assert_eq!(seen.bytes.len(), 1);
        for (sender, stream) in Sender::BOTH.into_iter().zip(&streams) {
            prop_assert!(of(&seen, sender) == stream.as_slice(), "{} differs: {:?}", sender, seen.story);
        }
        prop_assert!(!seen.story.iter().any(|line| line.contains("gap")), "{:?}", seen.story);
        // The answer follows the request, whatever came first.
        let at = |line: String| seen.story.iter().position(|told| told.starts_with(&line));
        prop_assert!(at("1 client".to_owned()) < at("1 server".to_owned()), "{:?}", seen.story);
    }

    #[test]
    fn what_is_lost_is_a_gap_of_its_size(lost in vec(5..60usize, 1..10), sizes in vec(2..300usize, 60)) {
        let mut talk = talk();
        for (at, size) in sizes.iter().enumerate() {
            talk.say(at % 2, &vec![at as u8; *size]);
        }
        let mut streams = [REQUEST.to_vec(), RESPONSE.to_vec()];
        let mut kept = Vec::new();
        let mut known = [0; 2];
        for (at, tcp) in talk.packets.iter().enumerate() {
            let end = usize::from(tcp.from == server());
            let gone = lost.contains(&at);
            if at > 4 {
                let byte = if gone { b'?' } else { tcp.payload[0] };
                streams[end].resize(streams[end].len() + tcp.payload.len(), byte);
            }
            if !gone {
                // What a packet acknowledges is known too.
                known = [0, 1].map(|end| streams[end].len());
                kept.push(tcp.clone());
            }
        }
        let seen = see(&pcap(&kept));
        for (end, sender) in Sender::BOTH.into_iter().enumerate() {
            // What is lost behind the last packet, nobody knows of.
            prop_assert!(of(&seen, sender) == &streams[end][..known[end]], "{}: {:?}", sender, seen.story);
        }
    }
}

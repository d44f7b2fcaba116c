//! What TCP does to the order of bytes.

use super::support::net::{ACK, FIN, Pcap, RST, SYN, Talk, Tcp, host, on_ethernet};
use super::*;
use wslens::session::event::{End, Event, Kind};
use wslens::session::{Config, Session};

/// The capture with packets in another order.
fn reordered(packets: &[Tcp], order: &[usize]) -> Vec<u8> {
    let packets: Vec<Tcp> = order.iter().map(|at| packets[*at].clone()).collect();
    pcap(&packets)
}

#[test]
fn a_plain_conversation() {
    let seen = see(&pcap(&conversation().packets));
    assert_conversation(&seen);
    assert_eq!(seen.openings[0].client.as_deref(), Some("192.0.2.1:50000"));
    assert_eq!(seen.openings[0].server.as_deref(), Some("192.0.2.2:80"));
    assert_eq!(
        (seen.openings[0].roles.says(), &*seen.openings[0].input),
        ("it opened the TCP connection", "pcap")
    );
    assert_eq!(
        seen.story,
        [
            "1 open".to_owned(),
            format!("1 client {}", REQUEST.len()),
            format!("1 server {}", RESPONSE.len()),
            "1 client 11".to_owned(),
            "1 server 4".to_owned(),
            "1 client 9".to_owned(),
            "1 client fin".to_owned(),
            "1 server fin".to_owned(),
        ]
    );
}

#[test]
fn the_other_end_may_have_the_lower_address() {
    let mut talk = Talk::new(host("192.0.2.9", 80), host("192.0.2.2", 80), [1, 2]).open();
    talk.say(0, REQUEST).say(1, RESPONSE);
    let seen = see(&pcap(&talk.packets));
    assert_eq!(seen.openings[0].client.as_deref(), Some("192.0.2.9:80"));
    assert_eq!(of(&seen, Sender::Client), REQUEST);
    // Both on the same machine.
    let mut talk = Talk::new(host("127.0.0.1", 90), host("127.0.0.1", 80), [1, 2]).open();
    talk.say(0, REQUEST).say(1, RESPONSE);
    assert_eq!(of(&see(&pcap(&talk.packets)), Sender::Client), REQUEST);
}

#[test]
fn sequence_numbers_wrap() {
    for isn in [u32::MAX, u32::MAX - 100, u32::MAX - 200, 0] {
        let mut talk = talk_at([isn, isn.wrapping_add(7)]);
        for i in 0..20u8 {
            talk.say(0, &masked(&[i; 20])).say(1, &plain(&[i; 30]));
        }
        let seen = see(&pcap(&talk.packets));
        assert_eq!(of(&seen, Sender::Client).len(), REQUEST.len() + 20 * 26, "{isn}");
        assert!(!seen.story.iter().any(|line| line.contains("gap")), "{isn}");
    }
}

#[test]
fn a_stream_longer_than_all_sequence_numbers() {
    let mut talk = talk();
    let mut packets = talk.packets.split_off(0);
    // Each packet a gigabyte further: what lies between is lost.
    for step in 1..=6u32 {
        talk.sent[0] += 1 << 29;
        talk.say(0, &masked(&[step as u8; 10]));
        talk.say(0, &masked(&[step as u8; 10]));
        packets.append(&mut talk.packets);
    }
    let mut at = 0;
    let packets: Vec<_> = on_ethernet(&packets)
        .into_iter()
        .map(|packet| {
            at += 4_000_000_000;
            Packet { time: at, ..packet }
        })
        .collect();
    let seen = see(&Pcap::default().file(&packets));
    let gaps: Vec<_> = seen.story.iter().filter(|line| line.contains("gap")).collect();
    assert_eq!(gaps, ["1 client gap 536870912"; 6].iter().collect::<Vec<_>>());
}

#[test]
fn out_of_order_and_sent_again() {
    let talk = conversation();
    let last = talk.packets.len();
    // 5 and 7 are the client's frames, 6 is the server's.
    for order in [
        vec![0, 1, 2, 3, 4, 7, 6, 5, 8, 9],
        vec![0, 1, 2, 4, 3, 5, 6, 7, 8, 9],
        vec![0, 1, 2, 3, 3, 4, 4, 5, 5, 3, 6, 5, 7, 6, 8, 8, 9],
        vec![0, 0, 1, 1, 2, 3, 4, 8, 7, 6, 5, 9],
        vec![0, 1, 2, 3, 4, 9, 8, 5, 7, 6],
        vec![1, 0, 2, 3, 4, 5, 6, 7, 8, 9],
    ] {
        assert!(order.iter().all(|at| *at < last));
        let seen = see(&reordered(&talk.packets, &order));
        assert_eq!(seen.bytes, see(&pcap(&talk.packets)).bytes, "{order:?}");
        assert_eq!(seen.notices, Vec::<String>::new());
    }
}

#[test]
fn a_response_never_comes_before_its_request() {
    let talk = conversation();
    let seen = see(&reordered(&talk.packets, &[0, 1, 4, 2, 3, 6, 5, 7, 8, 9]));
    assert_eq!(seen.story, see(&pcap(&talk.packets)).story);
}

#[test]
fn the_first_bytes_seen_win_and_others_are_noted() {
    let mut talk = talk();
    let frame = masked(b"the first");
    let mut other = frame.clone();
    other[9] ^= 0xff;
    talk.say(0, &frame);
    let again = talk.next(0).wrapping_sub(frame.len() as u32);
    talk.push(0, again, 0, ACK, &other);
    talk.say(0, &masked(b"end"));
    let seen = see(&pcap(&talk.packets));
    assert!(of(&seen, Sender::Client).ends_with(&[&frame[..], &masked(b"end")].concat()));
    assert!(seen.notices[0].starts_with("1 segment sent again with other bytes"), "{:?}", seen.notices);
    // The same while both wait for what is before them.
    let (mut early, mut late) = (talk.packets.split_off(5), Vec::new());
    late.push(early[2].clone());
    late.push(Tcp { payload: [b"?", &early[2].payload[1..]].concat(), ..early[2].clone() });
    early.truncate(1);
    let packets = [talk.packets, late, early].concat();
    let seen = see(&pcap(&packets));
    assert!(of(&seen, Sender::Client).ends_with(&[&frame[..], &masked(b"end")].concat()));
    assert!(seen.notices[0].starts_with("1 segment sent again with other bytes"), "{:?}", seen.notices);
}

#[test]
fn no_place_before_the_first_byte_is_told() {
    let mut talk = talk();
    talk.push(0, 995, 0, ACK, b"?????GET /an").say(0, &masked(b"end"));
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Client), [REQUEST, &masked(b"end")].concat());
    assert!(seen.notices[0].ends_with("(first from 192.0.2.1:50000, near byte 0)"), "{:?}", seen.notices);
}

#[test]
fn overlaps_of_every_kind() {
    let text: Vec<u8> = (0..100).map(|i| b'a' + i % 26).collect();
    let frame = masked(&text);
    let mut base = talk();
    let first = base.next(0);
    base.say(0, b"");
    base.packets.pop();
    for pieces in [
        &[(0, 50), (40, 106)][..],
        &[(0, 50), (0, 106)],
        &[(50, 106), (0, 106)],
        &[(50, 60), (70, 80), (0, 106)],
        &[(50, 60), (40, 90), (0, 45), (80, 106)],
        &[(10, 20), (30, 40), (15, 35), (0, 12), (38, 106)],
        &[(90, 106), (0, 20), (10, 95)],
    ] {
        let mut talk = base.clone();
        for (from, to) in pieces {
            talk.push(0, first.wrapping_add(*from as u32), 0, ACK, &frame[*from..*to]);
        }
        let seen = see(&pcap(&talk.packets));
        assert_eq!(of(&seen, Sender::Client), [REQUEST, &frame].concat(), "{pieces:?}");
        assert_eq!(seen.notices, Vec::<String>::new(), "{pieces:?}");
    }
}

#[test]
fn keep_alives_say_nothing() {
    let mut talk = talk();
    let before = talk.next(0).wrapping_sub(1);
    talk.push(0, before, 0, ACK, b"").push(0, before, 0, ACK, b"\0");
    talk.say(0, &masked(b"x"));
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Client), [REQUEST, &masked(b"x")].concat());
    assert_eq!(seen.notices, Vec::<String>::new());
}

#[test]
fn a_syn_may_carry_data() {
    let mut talk = Talk::new(client(), server(), [10, 20]);
    talk.push(0, 9, 0, SYN, REQUEST);
    talk.push(1, 19, 10 + REQUEST.len() as u32, SYN | ACK, b"");
    talk.sent[0] = REQUEST.len() as u64;
    talk.say(1, RESPONSE).say(0, &masked(b"x"));
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Client), [REQUEST, &masked(b"x")].concat());
}

#[test]
fn ports_are_used_again() {
    let first = conversation();
    let mut second = talk_at([0x8000_0000, 77]);
    second.say(0, &masked(b"second")).fin(0).fin(1);
    let seen = see(&pcap(&[first.packets.clone(), second.packets.clone()].concat()));
    assert_eq!(seen.openings.len(), 2);
    assert!(seen.bytes[1][0].ends_with(&masked(b"second")));
    // The end of the first was not captured.
    let cut = &first.packets[..first.packets.len() - 2];
    let seen = see(&pcap(&[cut.to_vec(), second.packets.clone()].concat()));
    assert_eq!(seen.openings.len(), 2);
    assert!(seen.story.contains(&"1 client unknown".to_owned()));
    // An old SYN between them changes nothing.
    let mut old = first.clone();
    old.packets.truncate(7);
    old.push(0, 0x1234_5678, 0, SYN, b"");
    old.packets.extend_from_slice(&first.packets[7..]);
    assert_conversation(&see(&pcap(&old.packets)));
}

#[test]
fn how_it_ended() {
    let ends = |packets: &[Tcp]| -> Vec<String> {
        let seen = see(&pcap(packets));
        seen.story
            .into_iter()
            .filter(|line| line.chars().last().is_some_and(char::is_alphabetic))
            .skip(1)
            .collect()
    };
    let mut half = talk();
    half.fin(0).say(1, &plain(b"still here"));
    assert_eq!(ends(&half.packets), ["1 client fin", "1 server unknown"]);
    half.fin(1);
    assert_eq!(ends(&half.packets), ["1 client fin", "1 server fin"]);
    let mut reset = talk();
    let seq = reset.next(1);
    reset.push(1, seq, 0, RST, b"");
    // The client does not know yet.
    reset.say(0, &masked(b"too late"));
    assert_eq!(ends(&reset.packets), ["1 server reset", "1 client reset"]);
    assert_eq!(ends(&talk().packets), ["1 client unknown", "1 server unknown"]);
    // A FIN with data, before what it follows.
    let mut fin = talk();
    fin.say(0, &masked(b"one"));
    let (seq, ack) = (fin.next(0), fin.next(1));
    fin.push(0, seq, ack, FIN | ACK, &masked(b"two"));
    let last = fin.packets.len() - 1;
    fin.packets.swap(last, last - 1);
    let seen = see(&pcap(&fin.packets));
    assert!(of(&seen, Sender::Client).ends_with(&[masked(b"one"), masked(b"two")].concat()));
    assert_eq!(seen.story[seen.story.len() - 2], "1 client fin");
    assert_eq!(only_how(How::Fin), "fin");
}

#[test]
fn lost_bytes_are_a_gap_of_their_size_and_only_after_the_wait() {
    let mut talk = talk();
    talk.say(0, &masked(b"one")).say(0, &masked(b"two")).say(0, &masked(b"three"));
    let lost = talk.packets.remove(6);
    let seen = see(&pcap(&talk.packets));
    assert!(seen.story.contains(&"1 client gap 9".to_owned()), "{:?}", seen.story);
    assert!(of(&seen, Sender::Client).ends_with(&masked(b"three")));
    // It comes at last: within three seconds, and too late.
    for (after, whole) in [(2_900_000_000u64, true), (3_100_000_000, false)] {
        let mut packets = on_ethernet(&talk.packets);
        let time = packets.last().unwrap().time + after;
        packets.push(Packet { time, ..on_ethernet(std::slice::from_ref(&lost))[0].clone() });
        let seen = see(&Pcap::default().file(&packets));
        assert_eq!(!seen.story.contains(&"1 client gap 9".to_owned()), whole, "{:?}", seen.story);
        let said = "1 segment left out: later than it was waited for, so the bytes are shown as missing; --wait and \
                    --wait-bytes wait longer";
        assert_eq!(seen.notices, if whole { vec![] } else { vec![said] });
    }
    // Another connection's time goes on too.
    let mut other = Talk::new(host("10.0.0.1", 1), host("10.0.0.2", 2), [1, 2]).open();
    other.say(0, REQUEST);
    let later = at_time(&on_ethernet(&other.packets), 4_000_000_000);
    let packets = [on_ethernet(&talk.packets), later].concat();
    let seen = see(&Pcap::default().file(&packets));
    let at = |line: &str| seen.story.iter().position(|told| told == line);
    assert!(at("1 client gap 9") < at("2 open"), "{:?}", seen.story);
}

#[test]
fn a_mebibyte_may_wait_and_no_more() {
    let text = vec![b'x'; 1000];
    for (kibibytes, whole) in [(1000u64, true), (1060, false)] {
        let mut talk = talk();
        talk.say(0, &masked(b"late"));
        for _ in 0..kibibytes * 1024 / 1008 {
            talk.say(0, &masked(&text));
        }
        let late = talk.packets.remove(5);
        talk.packets.push(late);
        let packets: Vec<_> =
            on_ethernet(&talk.packets).into_iter().map(|packet| Packet { time: 0, ..packet }).collect();
        let seen = see(&Pcap::default().file(&packets));
        assert_eq!(!seen.story.contains(&"1 client gap 10".to_owned()), whole, "{kibibytes}");
        let sent = talk.sent[0] as usize;
        assert_eq!(of(&seen, Sender::Client).len(), sent);
    }
}

#[test]
fn a_number_far_from_the_stream_is_left_out() {
    let mut talk = talk();
    talk.say(0, &masked(b"one"));
    let far = talk.next(0).wrapping_add(0x4000_0000);
    talk.push(0, far, 0, ACK, b"from somewhere else");
    talk.say(0, &masked(b"two")).say(0, &masked(b"three"));
    let seen = see(&pcap(&talk.packets));
    assert!(of(&seen, Sender::Client).ends_with(&[masked(b"two"), masked(b"three")].concat()));
    assert_eq!(seen.notices, ["1 segment left out: far from where the stream of the connection stands"]);
}

#[test]
fn what_comes_next_tells_whether_a_far_segment_is_one_of_the_stream() {
    let minute = 60_000_000_000;
    for flags in [ACK, ACK | FIN] {
        // A minute without a word, and then the stream goes on where it was.
        let mut talk = talk();
        talk.say(0, &masked(b"one"));
        let far = talk.next(0).wrapping_add(0x4000_0000);
        talk.push(0, far, 0, flags, if flags == ACK { b"from somewhere else" } else { b"" });
        let mut packets = on_ethernet(&talk.packets);
        for (after, text) in [(1, b"two"), (2, b"six")] {
            talk.packets.clear();
            talk.say(0, &masked(text));
            packets.extend(at_time(&on_ethernet(&talk.packets), after * minute));
        }
        let seen = see(&Pcap::default().file(&packets));
        assert!(of(&seen, Sender::Client).ends_with(&[masked(b"two"), masked(b"six")].concat()));
        assert_eq!(seen.notices, ["1 segment left out: far from where the stream of the connection stands"]);
    }
    // Or it goes on there: more was lost than is ever waited for.
    let mut talk = talk();
    talk.say(0, &masked(b"one"));
    let mut packets = on_ethernet(&talk.packets);
    let (mut next, ack) = (talk.next(0).wrapping_add(4_000_000), talk.next(1));
    for (after, text) in [(1, b"two"), (2, b"six")] {
        talk.packets.clear();
        talk.push(0, next, ack, ACK, &masked(text));
        next = next.wrapping_add(masked(text).len() as u32);
        packets.extend(at_time(&on_ethernet(&talk.packets), after * minute));
    }
    let seen = see(&Pcap::default().file(&packets));
    assert!(seen.story.contains(&"1 client gap 4000000".to_owned()), "{:?}", seen.story);
    assert!(of(&seen, Sender::Client).ends_with(&[masked(b"two"), masked(b"six")].concat()));
    assert_eq!(seen.notices, Vec::<String>::new());
}

#[test]
fn a_handshake_far_from_the_stream_begins_another_connection() {
    let mut first = talk();
    first.say(0, &masked(b"one"));
    let mut second = Talk::new(client(), server(), [90_000_000, 70_000_000]).open();
    second.packets.clear();
    second.say(0, REQUEST).say(1, RESPONSE).say(0, &masked(b"two"));
    let seen = see(&pcap(&[first.packets, second.packets].concat()));
    assert_eq!(seen.bytes.len(), 2);
    assert_eq!(seen.bytes[1][0], [REQUEST, &masked(b"two")].concat());
    // A message may look like one.
    let mut talk = talk();
    talk.say(0, REQUEST).say(1, &plain(b"yes"));
    assert_eq!(see(&pcap(&talk.packets)).bytes.len(), 1);
}

#[test]
fn an_answer_that_is_missing_is_a_gap_where_the_capture_begins_with_the_request() {
    let mut talk = talk();
    talk.say(0, &masked(b"one")).say(1, &plain(b"two")).say(1, &plain(b"three"));
    let request = talk.packets.iter().position(|tcp| tcp.payload == REQUEST).unwrap();
    let packets: Vec<_> =
        talk.packets.split_off(request).into_iter().filter(|tcp| tcp.payload != RESPONSE).collect();
    let seen = see(&pcap(&packets));
    let gap = format!("1 server gap {}", RESPONSE.len());
    assert!(seen.story.contains(&gap), "{:?}", seen.story);
    assert!(of(&seen, Sender::Server).ends_with(&[plain(b"two"), plain(b"three")].concat()));
}

#[test]
fn what_was_answered_and_is_missing_is_told_before_its_answer() {
    let mut talk = talk();
    talk.say(1, &plain(b"lost")).say(0, &masked(b"to what is lost")).say(1, &plain(b"more"));
    talk.packets.retain(|tcp| tcp.payload != plain(b"lost"));
    let seen = see(&pcap(&talk.packets));
    let at = |line: &str| seen.story.iter().position(|told| told == line);
    let (gap, answer) = (at("1 server gap 6"), at("1 client 21"));
    assert!(gap.is_some() && gap < answer, "{:?}", seen.story);
}

#[test]
fn what_waits_behind_the_end_is_said() {
    for far in [5, 0x4000_0000] {
        let mut talk = talk();
        talk.say(0, &masked(b"one"));
        let next = talk.next(0);
        talk.push(0, next.wrapping_add(far), 0, ACK, b"behind");
        talk.push(0, next, 0, ACK | FIN, b"");
        let seen = see(&pcap(&talk.packets));
        assert!(of(&seen, Sender::Client).ends_with(&masked(b"one")));
        assert_eq!(seen.notices, ["1 segment left out: behind the FIN or RST of the same sender"]);
    }
}

#[test]
fn a_direction_that_was_not_captured_is_not_waited_for() {
    let mut talk = conversation();
    talk.packets.retain(|tcp| tcp.from == server());
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Server), [RESPONSE, &plain(b"Hi")].concat());
    assert_eq!(of(&seen, Sender::Client), b"");
    let mut talk = conversation();
    talk.packets.retain(|tcp| tcp.from == client());
    let seen = see(&pcap(&talk.packets));
    assert_eq!(of(&seen, Sender::Client).len(), REQUEST.len() + 20);
}

#[test]
fn a_fin_comes_behind_what_it_acknowledges() {
    let mut talk = talk();
    talk.say(1, &plain(b"bye")).fin(1).fin(0);
    let last = talk.packets.len();
    // The server's last words, and its FIN, are captured late.
    talk.packets.swap(last - 3, last - 1);
    let seen = see(&pcap(&talk.packets));
    assert_eq!(
        seen.story[seen.story.len() - 3..],
        ["1 server 134", "1 server fin", "1 client fin"].map(str::to_owned)
    );
    // The server's FIN was not captured at all: the client's is told nevertheless.
    talk.packets.retain(|tcp| !(tcp.from == server() && tcp.flags & FIN > 0));
    let seen = see(&pcap(&talk.packets));
    assert!(seen.story.contains(&"1 client fin".to_owned()), "{:?}", seen.story);
}

#[test]
fn what_is_sent_again_with_more_lets_only_its_own_part_come() {
    // The client's "one" is late; "two", which answers the server, was sent together with "one" once more.
    let mut talk = talk();
    let (one, two) = (masked(b"one"), masked(b"two"));
    let first = talk.next(0);
    talk.say(0, &one).say(1, &plain(b"between"));
    let (late, between) = (talk.packets.remove(5), talk.packets.remove(5));
    let ack = talk.next(1);
    talk.push(0, first.wrapping_add(3), ack, ACK, &[&one[3..], &two].concat());
    talk.packets.extend([late, between]);
    let seen = see(&pcap(&talk.packets));
    let story: Vec<_> = seen.story.iter().skip(3).map(String::as_str).collect();
    assert_eq!(story, ["1 client 9", "1 server 9", "1 client 9", "1 client unknown", "1 server unknown"]);
}

#[test]
fn a_reset_far_from_the_stream_ends_nothing() {
    let note = "1 RST left out: with a sequence number far from the stream, which no receiver takes (RFC 9293 §3.10.7.4)";
    for far in [0x1000_0000u32, 0x7fff_0000, 0x8000_0001, 0xf000_0000, 2_000_000] {
        for flags in [RST, RST | ACK] {
            let mut talk = talk();
            talk.say(0, &masked(b"one"));
            let (seq, ack) = (talk.next(0).wrapping_add(far), talk.next(1));
            talk.push(0, seq, ack, flags, b"");
            talk.say(0, &masked(b"two")).say(1, &plain(b"three")).fin(0).fin(1);
            let seen = see(&pcap(&talk.packets));
            assert!(
                of(&seen, Sender::Client).ends_with(&[masked(b"one"), masked(b"two")].concat()),
                "{far:x}"
            );
            assert!(of(&seen, Sender::Server).ends_with(&plain(b"three")));
            assert_eq!(seen.story[seen.story.len() - 2..], ["1 client fin", "1 server fin"]);
            assert_eq!(seen.notices, [note], "{far:x}");
        }
    }
    // Within what may be under way it is one, and so is one that answers what was sent long ago.
    for near in [0u32, 1, 60_000, 0u32.wrapping_sub(60)] {
        let mut talk = talk();
        talk.say(0, &masked(b"one"));
        let seq = talk.next(0).wrapping_add(near);
        talk.push(0, seq, 0, RST, b"");
        let seen = see(&pcap(&talk.packets));
        assert!(seen.story.contains(&"1 client reset".to_owned()), "{near:x}");
        assert_eq!(seen.notices, Vec::<String>::new());
    }
}

#[test]
fn a_reset_that_is_not_expected_ends_nothing_where_its_sender_goes_on() {
    let note = "1 RST left out: not with the sequence number that was expected next, which alone resets, and its sender went \
                on (RFC 9293 §3.10.7.4)";
    for off in [1, 1000, 60_000, 1u32.wrapping_neg(), 9u32.wrapping_neg()] {
        let mut talk = talk();
        talk.say(0, &masked(b"one"));
        let seq = talk.next(0).wrapping_add(off);
        talk.push(0, seq, 0, RST, b"");
        talk.say(1, &plain(b"two"));
        let begun = talk.packets.clone();
        // Until its sender says more, the reset may be true.
        let seen = see(&pcap(&begun));
        let story: Vec<_> = seen.story.iter().skip(4).map(String::as_str).collect();
        assert_eq!(story, ["1 server 5", "1 client reset", "1 server reset"], "{off}");
        assert_eq!(seen.notices, Vec::<String>::new());
        // An ACK tells that it goes on, and so does a frame that reaches beyond.
        let (seq, ack) = (talk.next(0), talk.next(1));
        talk.push(0, seq, ack, ACK, b"").say(0, &masked(b"three")).fin(0).fin(1);
        let seen = see(&pcap(&talk.packets));
        assert!(of(&seen, Sender::Client).ends_with(&[masked(b"one"), masked(b"three")].concat()), "{off}");
        assert!(of(&seen, Sender::Server).ends_with(&plain(b"two")));
        assert_eq!(seen.story[seen.story.len() - 2..], ["1 client fin", "1 server fin"]);
        assert_eq!(seen.notices, [note], "{off}");
    }
}

#[test]
fn a_reset_of_what_is_not_followed_is_not_doubted() {
    let mut talk = Talk::new(client(), server(), [1, 2]).open();
    talk.say(0, b"This is no HTTP at all.\n").say(0, &[0; 1000]).say(0, &[0; 1000]);
    let (seq, ack) = (talk.next(0), talk.next(1));
    talk.push(0, seq, 0, RST, b"").push(0, seq, ack, ACK, b"");
    assert_eq!(see(&pcap(&talk.packets)).notices, Vec::<String>::new());
}

#[test]
fn a_reset_that_came_before_the_last_bytes_stands_behind_them() {
    let mut talk = talk();
    talk.say(0, &masked(b"one")).say(0, &masked(b"two")).say(0, &masked(b"three"));
    let seq = talk.next(0);
    talk.push(0, seq, 0, RST, b"");
    let reset = talk.packets.pop().unwrap();
    let at = talk.packets.len() - 2;
    talk.packets.insert(at, reset);
    talk.say(1, &plain(b"too late"));
    let seen = see(&pcap(&talk.packets));
    assert!(of(&seen, Sender::Client).ends_with(&masked(b"three")));
    assert!(seen.story.contains(&"1 client reset".to_owned()), "{:?}", seen.story);
    assert_eq!(seen.notices, Vec::<String>::new());
}

#[test]
fn what_a_reset_carries_is_not_of_the_stream() {
    let mut talk = talk();
    talk.say(0, &masked(b"one"));
    let (seq, ack) = (talk.next(0), talk.next(1));
    talk.push(0, seq, ack, RST | ACK, b"No application listens here");
    let seen = see(&pcap(&talk.packets));
    assert!(of(&seen, Sender::Client).ends_with(&masked(b"one")));
    assert!(seen.story.contains(&"1 client reset".to_owned()));
}

#[test]
fn a_fin_far_from_the_stream_ends_nothing_where_the_stream_goes_on() {
    let mut talk = talk();
    talk.say(0, &masked(b"one"));
    let far = talk.next(0).wrapping_add(0x4000_0000);
    let ack = talk.next(1);
    talk.push(0, far, ack, ACK | FIN, b"");
    talk.say(0, &masked(b"two")).say(1, &plain(b"three"));
    let mut packets = on_ethernet(&talk.packets);
    talk.packets.clear();
    talk.say(0, &masked(b"four")).say(1, &plain(b"five"));
    packets.extend(at_time(&on_ethernet(&talk.packets), 60_000_000_000));
    let seen = see(&Pcap::default().file(&packets));
    assert!(of(&seen, Sender::Client).ends_with(&[masked(b"two"), masked(b"four")].concat()));
    assert_eq!(seen.notices, ["1 segment left out: far from where the stream of the connection stands"]);
}

/// Who ended TCP first, as it is told with the connection's end.
fn ended_first(packets: &[Packet]) -> Option<Sender> {
    let (mut session, mut first) = (Session::new(Config::default()), None);
    let mut sink = |event: &Event<'_>| {
        if let Kind::End(End { connection: Some(ending), .. }) = event.kind {
            first = Some(ending.tcp_ended_first());
        }
    };
    read("capture", &*Pcap::default().file(packets), &Options::default(), &mut |_| {}, &mut |segment| {
        session.feed(&segment, &mut sink);
        ControlFlow::Continue(())
    })
    .expect("a capture");
    session.finish(&mut sink);
    first.expect("the connection ends")
}

#[test]
fn who_ended_first_is_known_though_bytes_before_the_fin_are_lost() {
    for (one, two) in [(0, 1), (1, 0)] {
        let mut talk = talk();
        let frame = |end: usize| if end == 0 { masked(b"lost") } else { plain(b"lost") };
        let acked = talk.next(one);
        talk.say(one, &frame(one));
        talk.packets.pop();
        talk.fin(one);
        // The other end has not received the FIN when it sends its own.
        let seq = talk.next(two);
        talk.push(two, seq, acked, ACK | FIN, b"");
        let want = if one == 0 { Sender::Client } else { Sender::Server };
        assert_eq!(ended_first(&on_ethernet(&talk.packets)), Some(want));
    }
}

//! Bytes that one end confirmed and nobody captured, behind all that were.

use super::support::net::{ACK, FIN, RST, SYN};
use super::*;

const SECOND: u64 = 1_000_000_000;

/// What is told behind the handshake.
fn story(packets: &[Packet]) -> Vec<String> {
    let seen = see(&Pcap::default().file(packets));
    assert_eq!(seen.notices, Vec::<String>::new());
    seen.story.into_iter().skip(3).collect()
}

/// The server's last frame was not captured, and what the client sends behind it was.
fn server_is_cut(behind: impl Fn(&mut Talk)) -> Vec<Packet> {
    let mut talk = talk();
    talk.say(0, &masked(b"one"));
    talk.say(1, &plain(b"lost")).packets.pop();
    behind(&mut talk);
    on_ethernet(&talk.packets)
}

/// The client says nothing, and has received all that was sent.
fn acknowledge(talk: &mut Talk, more: u32) {
    let (seq, ack) = (talk.next(0), talk.next(1).wrapping_add(more));
    talk.push(0, seq, ack, ACK, b"");
}

#[test]
fn what_was_confirmed_and_not_captured_is_a_gap_of_its_size() {
    let packets = server_is_cut(|talk| acknowledge(talk, 0));
    assert_eq!(story(&packets), ["1 client 9", "1 server gap 6", "1 client unknown", "1 server unknown"]);
    let packets = server_is_cut(|talk| _ = talk.say(0, &masked(b"two")));
    let told = story(&packets);
    assert_eq!(told[..3], ["1 client 9", "1 server gap 6", "1 client 9"]);
    // Both ends may lose their last words.
    let packets = server_is_cut(|talk| {
        acknowledge(talk, 0);
        talk.say(0, &masked(b"lost too")).packets.pop();
        let (seq, ack) = (talk.next(1), talk.next(0));
        talk.push(1, seq, ack, ACK, b"");
    });
    let told = story(&packets);
    assert!(
        told.contains(&"1 client gap 14".to_owned()) && told.contains(&"1 server gap 6".to_owned()),
        "{told:?}"
    );
}

#[test]
fn it_is_waited_for_as_for_any_segment() {
    let mut talk = talk();
    talk.say(1, &plain(b"late"));
    let late = on_ethernet(&[talk.packets.pop().unwrap()]);
    acknowledge(&mut talk, 0);
    let begun = on_ethernet(&talk.packets);
    let end = begun.last().unwrap().time;
    for (after, gap) in [(SECOND, false), (5 * SECOND / 2, false), (4 * SECOND, true)] {
        let mut packets = begun.clone();
        packets.push(Packet { time: end + after, ..late[0].clone() });
        let seen = see(&Pcap::default().file(&packets));
        assert_eq!(seen.story.contains(&"1 server gap 6".to_owned()), gap, "{after}: {:?}", seen.story);
        assert_eq!(of(&seen, Sender::Server).ends_with(&plain(b"late")), !gap);
        assert_eq!(seen.notices.len(), usize::from(gap));
    }
    // It is told while the capture goes on, as soon as that may be.
    talk.packets.clear();
    talk.say(0, &masked(b"one"));
    let packets = [begun, at_time(&on_ethernet(&talk.packets), 4 * SECOND)].concat();
    let seen = see(&Pcap::default().file(&packets));
    let at = |line: &str| seen.story.iter().position(|told| told == line);
    assert!(at("1 server gap 6").is_some() && at("1 server gap 6") < at("1 client 9"), "{:?}", seen.story);
}

#[test]
fn what_follows_behind_it_is_counted_once() {
    let packets = server_is_cut(|talk| {
        acknowledge(talk, 0);
        talk.say(1, &plain(b"more")).say(1, &plain(b"lost")).packets.pop();
        acknowledge(talk, 0);
    });
    let told = story(&packets);
    let server: Vec<_> =
        told.iter().filter(|line| line.starts_with("1 server")).map(String::as_str).collect();
    assert_eq!(server, ["1 server gap 6", "1 server 6", "1 server gap 6", "1 server unknown"]);
    // A part was told before the rest came to light.
    let mut talk = talk();
    talk.say(1, &plain(b"lost")).packets.pop();
    acknowledge(&mut talk, 0);
    let begun = on_ethernet(&talk.packets);
    talk.packets.clear();
    talk.say(1, &plain(b"lost as well")).packets.pop();
    talk.say(0, &masked(b"one")).say(1, &plain(b"two"));
    let packets = [begun, at_time(&on_ethernet(&talk.packets), 10 * SECOND)].concat();
    let told = story(&packets);
    assert_eq!(
        told[..4],
        ["1 server gap 6", "1 server gap 14", "1 client 9", "1 server 5"].map(str::to_owned)
    );
}

#[test]
fn a_fin_is_no_byte() {
    let gap = "1 server gap 6".to_owned();
    // It was not captured, and confirmed on its own.
    for lost in [false, true] {
        let mut talk = talk();
        talk.say(1, &plain(b"last"));
        if lost {
            talk.packets.pop();
        }
        acknowledge(&mut talk, 0);
        acknowledge(&mut talk, 1);
        talk.fin(0);
        talk.packets.last_mut().unwrap().ack += 1;
        let told = story(&on_ethernet(&talk.packets));
        assert_eq!(told.contains(&gap), lost, "{told:?}");
        assert!(lost || !told.iter().any(|line| line.contains("gap")), "{told:?}");
    }
    // It was confirmed together with what came before, by an end that has ended too.
    let packets = server_is_cut(|talk| {
        acknowledge(talk, 1);
        talk.fin(0);
        talk.packets.last_mut().unwrap().ack += 1;
    });
    assert!(story(&packets).contains(&gap), "{:?}", story(&packets));
    // It was captured, and tells the size itself.
    let packets = server_is_cut(|talk| {
        acknowledge(talk, 1);
        talk.fin(1);
    });
    let told = story(&packets);
    assert!(told.contains(&gap) && told.contains(&"1 server fin".to_owned()), "{told:?}");
}

#[test]
fn a_reset_stands_behind_what_was_confirmed() {
    let packets = server_is_cut(|talk| {
        acknowledge(talk, 0);
        let seq = talk.next(1);
        talk.push(1, seq, 0, RST, b"");
    });
    assert_eq!(story(&packets)[1..3], ["1 server gap 6", "1 server reset"].map(str::to_owned));
    // What a reset itself acknowledges is worth nothing.
    let packets = server_is_cut(|talk| {
        let (seq, ack) = (talk.next(0), talk.next(1).wrapping_add(1000));
        talk.push(0, seq, ack, RST | ACK, b"");
    });
    assert!(!story(&packets).iter().any(|line| line.contains("gap")));
}

#[test]
fn a_number_that_nobody_can_have_confirmed_is_no_gap() {
    for far in [0x4000_0000, 0x7fff_0000, 0x8000_0000, 0xf000_0000, 2_000_000] {
        let mut talk = talk();
        talk.say(0, &masked(b"one")).say(1, &plain(b"two"));
        acknowledge(&mut talk, far);
        talk.say(1, &plain(b"three"));
        acknowledge(&mut talk, 0);
        assert!(!story(&on_ethernet(&talk.packets)).iter().any(|line| line.contains("gap")), "{far:x}");
    }
}

#[test]
fn a_long_download_that_was_not_captured_to_its_end() {
    let mut talk = talk();
    for _ in 0..10_000 {
        talk.say(1, &plain(&[b'x'; 1000])).packets.pop();
        acknowledge(&mut talk, 0);
    }
    let told = story(&on_ethernet(&talk.packets));
    let lost: u64 =
        told.iter().filter_map(|line| line.strip_prefix("1 server gap ")?.parse::<u64>().ok()).sum();
    assert_eq!(lost, 10_000 * 1004);
}

#[test]
fn where_a_direction_was_not_captured_nothing_is_missing() {
    let mut talk = conversation();
    talk.packets.retain(|tcp| tcp.from == client());
    let seen = see(&pcap(&talk.packets));
    assert!(!seen.story.iter().any(|line| line.contains("gap")), "{:?}", seen.story);
}

#[test]
fn where_the_capture_begins_in_the_middle_only_what_follows_counts() {
    // Of the server there is only a keep-alive, which stands one byte before what comes next.
    let mut talk = talk();
    talk.packets.clear();
    let (seq, ack) = (talk.next(1).wrapping_sub(1), talk.next(0));
    talk.push(1, seq, ack, ACK, b"");
    acknowledge(&mut talk, 0);
    for _ in 0..20 {
        talk.say(0, &masked(b"one"));
    }
    let seen = see(&pcap(&talk.packets));
    assert!(!seen.story.iter().any(|line| line.contains("gap")), "{:?}", seen.story);
}

#[test]
fn zero_windows_and_keep_alives_confirm_nothing_new() {
    let mut talk = talk();
    talk.say(1, &plain(b"one"));
    let (before, ack) = (talk.next(1).wrapping_sub(1), talk.next(0));
    talk.push(1, before, ack, ACK, b"\0");
    acknowledge(&mut talk, 0);
    talk.push(1, before.wrapping_add(1), ack, SYN | ACK, b"");
    acknowledge(&mut talk, 0);
    // A probe of a closed window, which was taken and not captured.
    acknowledge(&mut talk, 1);
    talk.say(1, &plain(b"two")).fin(0).fin(1);
    assert!(!story(&on_ethernet(&talk.packets)).iter().any(|line| line.contains("gap")));
    assert_eq!(FIN, 1);
}

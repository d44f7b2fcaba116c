//! A reset whose number is not the expected one: when it is believed while the capture goes on.

use super::support::net::{ACK, RST};
use super::*;

const SECOND: u64 = 1_000_000_000;

/// A conversation with a reset of the client that stands so far from what is expected.
fn reset(off: u32) -> Talk {
    let mut talk = talk();
    talk.say(0, &masked(b"one"));
    let seq = talk.next(0).wrapping_add(off);
    talk.push(0, seq, 0, RST, b"");
    talk
}

/// Packets of this connection, and then what another one says, this much later.
fn and_another(mut packets: Vec<Packet>, later: u64) -> Vec<Packet> {
    let mut other = Talk::new(host("10.0.0.1", 1), host("10.0.0.2", 2), [1, 2]).open();
    other.say(0, REQUEST);
    let end = packets.iter().map(|packet| packet.time).max().unwrap();
    let start = on_ethernet(&other.packets)[0].time;
    packets.extend(at_time(&on_ethernet(&other.packets), end + later - start));
    packets
}

/// What the packets pushed by `more` are, this much later than the last of `packets`.
fn later(talk: &mut Talk, packets: &mut Vec<Packet>, time: u64, more: impl FnOnce(&mut Talk)) {
    talk.packets.clear();
    more(talk);
    let new = on_ethernet(&talk.packets);
    let end = packets.last().unwrap().time;
    packets.extend(at_time(&new, end + time - new[0].time));
}

/// The server acknowledges all, and says nothing.
fn challenge(talk: &mut Talk) {
    let (seq, ack) = (talk.next(1), talk.next(0));
    talk.push(1, seq, ack, ACK, b"");
}

/// Whether the client's reset is told before the other connection begins.
fn told_live(packets: &[Packet]) -> bool {
    let seen = see(&Pcap::default().file(packets));
    let at = |line: &str| seen.story.iter().position(|told| told == line);
    let (reset, other) = (at("1 client reset"), at("2 open"));
    assert!(other.is_some(), "{:?}", seen.story);
    reset.is_some() && reset < other
}

#[test]
fn a_reset_that_its_receiver_took_is_told_once_both_are_silent() {
    for (off, after, live) in [
        (1000, 4 * SECOND, true),
        (1, 4 * SECOND, true),
        (1000, 2 * SECOND, false),
        // Where its receiver drops it without a word, silence proves nothing.
        (100_000, 4 * SECOND, false),
        (9u32.wrapping_neg(), 4 * SECOND, false),
    ] {
        let talk = reset(off);
        let packets = and_another(on_ethernet(&talk.packets), after);
        assert_eq!(told_live(&packets), live, "{off} {after}");
    }
}

#[test]
fn one_that_was_challenged_is_doubted_until_its_sender_speaks() {
    let mut talk = reset(1000);
    let mut packets = on_ethernet(&talk.packets);
    later(&mut talk, &mut packets, SECOND / 1000, challenge);
    assert!(!told_live(&and_another(packets.clone(), 60 * SECOND)));
    later(&mut talk, &mut packets, 60 * SECOND, |talk| _ = talk.say(0, &masked(b"two")));
    let seen = see(&Pcap::default().file(&packets));
    assert!(of(&seen, Sender::Client).ends_with(&[masked(b"one"), masked(b"two")].concat()));
    assert_eq!(seen.notices.len(), 1);
}

#[test]
fn one_whose_sender_acknowledges_nothing_more_is_told() {
    for off in [1000, 100_000, 9u32.wrapping_neg()] {
        let mut talk = reset(off);
        let mut packets = on_ethernet(&talk.packets);
        later(&mut talk, &mut packets, SECOND / 1000, challenge);
        later(&mut talk, &mut packets, SECOND, |talk| _ = talk.say(1, &plain(b"two")));
        assert!(told_live(&and_another(packets.clone(), 4 * SECOND)), "{off}");
        assert!(!told_live(&and_another(packets.clone(), SECOND)), "{off}");
        // The time of its own connection goes on too.
        later(&mut talk, &mut packets, 5 * SECOND, |talk| _ = talk.say(1, &plain(b"three")));
        let seen = see(&Pcap::default().file(&packets));
        let ends = ["1 server 5", "1 client reset", "1 server reset"].map(str::to_owned);
        assert!(seen.story.windows(3).any(|three| three == ends), "{:?}", seen.story);
        // Or it acknowledges that, and is alive.
        let mut packets = on_ethernet(&reset(off).packets);
        let mut talk = reset(off);
        later(&mut talk, &mut packets, SECOND, |talk| _ = talk.say(1, &plain(b"two")));
        later(&mut talk, &mut packets, SECOND, |talk| {
            let (seq, ack) = (talk.next(0), talk.next(1));
            talk.push(0, seq, ack, ACK, b"");
        });
        assert!(!told_live(&and_another(packets, 60 * SECOND)), "{off}");
    }
}

//! Captures of the generator: every frame and every message is found, and none that never was.

use std::collections::BTreeSet;

use super::support::found::{Found, find};
use super::support::generate::{Fact, Fate, File, Kind, Network, Plan, Sizes, What, capture};
use super::support::golden::assert_golden;

/// What a fact and what was found have in common: connection, sender, what, place, opcode, FIN, RSV1, length, hash.
pub type Line = (usize, usize, bool, u64, u8, bool, bool, u64, [u8; 20]);

pub fn of_fact(fact: &Fact) -> Line {
    let at = if fact.what == What::Frame { fact.at } else { fact.end };
    let Fact { connection, sender, opcode, fin, rsv1, len, hash, .. } = *fact;
    (connection, sender, fact.what == What::Frame, at, opcode, fin, rsv1, len, hash)
}

pub fn of_found(found: &Found) -> Line {
    let Found { connection, sender, opcode, fin, rsv1, len, hash, at, .. } = *found;
    (connection, sender, found.what == What::Frame, at, opcode, fin, rsv1, len, hash)
}

/// Nothing is missing, nothing is there that never was, and nothing breaks a rule.
fn assert_all(plan: &Plan) {
    let (file, facts) = capture(plan);
    let mut findings = find(&file);
    // Short words do not always get shorter.
    findings.broken.remove("compression/larger-than-plain");
    assert_eq!(findings.error, None);
    let truth: BTreeSet<Line> = facts.iter().map(of_fact).collect();
    let found: BTreeSet<Line> = findings.found.iter().map(of_found).collect();
    assert!(truth.len() > 20, "{plan:?}");
    assert_eq!(found.len(), findings.found.len(), "none twice");
    let missing: Vec<_> = truth.difference(&found).take(3).collect();
    let spurious: Vec<_> = found.difference(&truth).take(3).collect();
    assert!(
        missing.is_empty() && spurious.is_empty(),
        "{plan:?}: missing {missing:?}, spurious {spurious:?}"
    );
    assert_eq!((findings.partial, &findings.broken), (0, &Default::default()), "{plan:?}");
    // Each sender's frames come in the order in which it sent them.
    for connection in 1..=plan.connections {
        for sender in [0, 1] {
            let of = |found: &&Found| {
                (found.connection, found.sender, found.what) == (connection, sender, What::Frame)
            };
            let numbers: Vec<_> =
                findings.found.iter().filter(of).map(|found| (found.number, found.at)).collect();
            assert!(numbers.is_sorted(), "{plan:?}");
        }
    }
}

/// Plans of every kind, over a network that loses nothing.
fn plans() -> Vec<Plan> {
    let mut plans = Vec::new();
    for (sizes, bytes) in [
        (Sizes::Small, 100_000),
        (Sizes::Medium, 400_000),
        (Sizes::Large, 8_000_000),
        (Sizes::Mixed, 1_000_000),
    ] {
        for network in
            [Network::CLEAN, Network::BUSY, Network { again: 100, late: 300, overlap: 200, lost: 0 }]
        {
            for compression in [false, true] {
                plans.push(Plan { sizes, bytes, network, compression, ..Plan::default() });
            }
        }
    }
    for (at, plan) in plans.iter_mut().enumerate() {
        plan.seed = at as u64 + 1;
        plan.alone = at % 4 >= 2;
        plan.connections = 1 + at % 5;
        plan.segment = [1448, 60, 16_000, 536][at % 4].max(if plan.sizes == Sizes::Large { 1000 } else { 0 });
        let link = [1, 101, 113, 276, 0][at % 5];
        plan.file = File { pcapng: at % 2 == 1, link, ipv6: at % 3 == 1 };
    }
    plans
}

#[test]
fn every_frame_and_message_is_found_and_none_that_never_was() {
    plans().iter().for_each(assert_all);
}

#[test]
fn a_plan_gives_the_same_capture_again() {
    let plan = Plan { network: Network::BUSY, compression: true, ..Plan::default() };
    assert_eq!(capture(&plan), capture(&plan));
    assert_ne!(capture(&plan).0, capture(&Plan { seed: 2, ..plan }).0);
}

#[test]
fn the_truth_covers_all_that_is_sent() {
    let plan = Plan { kind: Kind::Text, ..Plan::default() };
    let (_, facts) = capture(&plan);
    for sender in [0, 1] {
        let mut frames: Vec<_> = facts
            .iter()
            .filter(|fact| (fact.what, fact.connection, fact.sender) == (What::Frame, 1, sender))
            .collect();
        frames.sort_by_key(|fact| fact.number);
        assert!(frames.is_sorted_by(|one, two| one.end == two.at), "one frame behind the other");
        assert!(frames.iter().all(|fact| fact.fate == Fate::Whole));
        let opcodes: BTreeSet<u8> = frames.iter().map(|fact| fact.opcode).collect();
        assert!([0, 1, 8, 9, 10].iter().all(|opcode| opcodes.contains(opcode)), "{opcodes:?}");
    }
}

#[test]
fn a_frame_sent_by_itself_fills_its_segments() {
    let plan = Plan { alone: true, segment: 500, handshake: false, ..Plan::default() };
    let (file, facts) = capture(&plan);
    let frames = facts.iter().filter(|fact| fact.what == What::Frame);
    let segments: u64 = frames.map(|fact| (fact.end - fact.at).div_ceil(500)).sum();
    let mut packets = 0;
    let mut rest = &file[24..];
    while let Some(header) = rest.get(..16) {
        let len = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
        (packets, rest) = (packets + 1, &rest[16 + len..]);
    }
    // Both ends of both connections end TCP, too.
    assert_eq!(packets, segments + 4);
}

/// The samples that the generator made, and their plans.
fn samples() -> [(&'static str, Plan); 4] {
    let small = Plan { connections: 1, sizes: Sizes::Small, kind: Kind::Text, ..Plan::default() };
    let busy = Network { again: 100, late: 200, overlap: 100, lost: 0 };
    let on = |pcapng, link, ipv6| File { pcapng, link, ipv6 };
    [
        (
            "capture-out-of-order.pcapng",
            Plan {
                seed: 5,
                bytes: 1500,
                segment: 90,
                network: busy,
                file: on(true, 276, false),
                ..small.clone()
            },
        ),
        (
            "capture-lost.pcap",
            Plan {
                seed: 8,
                bytes: 3000,
                segment: 120,
                pieces: false,
                network: Network { lost: 60, ..Network::CLEAN },
                ..small.clone()
            },
        ),
        (
            "capture-found-again.pcap",
            Plan {
                seed: 27,
                bytes: 700,
                segment: 100,
                pieces: false,
                network: Network { lost: 60, ..Network::CLEAN },
                ..small.clone()
            },
        ),
        (
            "capture-from-the-middle.pcap",
            Plan {
                seed: 9,
                bytes: 1500,
                segment: 200,
                handshake: false,
                file: on(false, 101, true),
                ..small
            },
        ),
    ]
}

#[test]
fn the_samples_are_what_the_generator_makes_and_read_as_they_should() {
    let mut all = String::new();
    for (name, plan) in samples() {
        let path = format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        assert!(std::fs::read(&path).unwrap() == capture(&plan).0, "{name}");
        all += &format!("# {name}\n{}\n", decoded(name, &["--view", "summary"]));
    }
    assert_golden("captures.txt", &all);
}

/// What the program prints about a sample.
fn decoded(name: &str, options: &[&str]) -> String {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_wslens"))
        .args(["decode", "--color", "never"])
        .args(options)
        .arg(format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR")))
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(0));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn where_bytes_were_lost_the_lesson_says_how_sure_it_is() {
    let lesson = decoded("capture-found-again.pcap", &["--payload", "none"]);
    assert_golden("lesson-found-again.txt", &lesson);
}

//! What a connection sums up to: its frames of each kind, how its Pings were answered, its findings.

use crate::render::clock::{after, span};
use crate::render::number::{Digits, count, grouped};
use crate::rules::ending::{Ending, Side};
use crate::wire::sender::Sender;

/// Round trips that are told one by one.
const FEW: usize = 3;

/// How many frames of each kind, and how many findings.
pub(super) fn tally(ending: &Ending) -> Vec<String> {
    let Ending { client, server, findings, opened, .. } = ending;
    let sum = |of: fn(&Side) -> u64| of(client) + of(server);
    let frames = sum(|side| side.frames);
    let mut said = Vec::new();
    if frames > 0 {
        let mut kinds = Vec::new();
        let (data, messages) = (sum(|side| side.data_frames), sum(|side| side.messages));
        if data > 0 {
            kinds.push(format!("{} data in {}", grouped(data), count(messages, "message")));
        }
        let (pings, pongs, closes) =
            (sum(|side| side.pings), sum(|side| side.pongs), sum(|side| side.closes));
        if pings > 0 {
            kinds.push(format!("{}{}", count(pings, "ping"), answered(ending)));
        }
        kinds.extend((pongs > 0).then(|| count(pongs, "pong")));
        kinds.extend((closes > 0).then(|| count(closes, "close")));
        let others = frames.saturating_sub(data + pings + pongs + closes);
        kinds.extend((others > 0).then(|| format!("{} of a reserved opcode", grouped(others))));
        said.push(format!("{}: {}.", count(frames, "frame"), kinds.join(", ")));
    } else if ending.messages_only && *opened {
        let [client, server] = [client, server].map(|side| grouped(side.messages));
        let all = count(sum(|side| side.messages), "message");
        said.push(format!("{all}: {client} by the client, {server} by the server."));
    } else if *opened {
        let known = Sender::BOTH.iter().all(|sender| ending.is_known(*sender));
        said.push(if known { "No frame was sent." } else { "No frame is here." }.to_owned());
    }
    said.push(findings_words(findings));
    said
}

/// Behind the number of Pings: how they were answered.
fn answered(ending: &Ending) -> String {
    let mut parts = Vec::new();
    let trips: Vec<u64> = Sender::BOTH.iter().flat_map(|s| ending.side(*s).round_trips.clone()).collect();
    let pings = ending.client.pings + ending.server.pings;
    let lead = if trips.len() as u64 == pings { "answered" } else { "round trips" };
    match trips.as_slice() {
        [] => {}
        [trip] if pings == 1 => parts.push(format!("answered {}", after(*trip))),
        few if few.len() <= FEW => {
            let spans: Vec<_> = few.iter().map(|trip| span(*trip)).collect();
            parts.push(format!("{lead} {}{}", if lead == "answered" { "after " } else { "" }, list(&spans)));
        }
        many => {
            let (least, most) = (many.iter().min().copied(), many.iter().max().copied());
            let (least, most) = (span(least.unwrap_or(0)), span(most.unwrap_or(0)));
            parts.push(format!("round trips {least} to {most}"));
        }
    }
    for sender in Sender::BOTH {
        let side = ending.side(sender);
        if side.pings_unanswered > 0 {
            let known =
                if ending.is_known(sender.other()) { "without an answer" } else { "with no answer here" };
            let frame = side.first_unanswered.unwrap_or(0);
            parts.push(format!(
                "{} {known}: frame {}",
                grouped(side.pings_unanswered),
                Digits::of(frame).as_str()
            ));
        }
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

fn findings_words([notes, shoulds, musts]: &[u64; 3]) -> String {
    let levels = [(*musts, "must"), (*shoulds, "should"), (*notes, "note")];
    let broken: Vec<_> = levels.iter().filter(|level| level.0 > 0).collect();
    let all = count(notes.saturating_add(*shoulds).saturating_add(*musts), "finding");
    match broken.as_slice() {
        [] => "No findings.".to_owned(),
        [(_, level)] => format!("{all} ({level})."),
        levels => {
            let said: Vec<_> = levels.iter().map(|(n, level)| format!("{} {level}", grouped(*n))).collect();
            format!("{all} ({}).", said.join(", "))
        }
    }
}

/// `a, b and c`.
fn list(parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, front)) if !front.is_empty() => format!("{} and {last}", front.join(", ")),
        _ => parts.concat(),
    }
}

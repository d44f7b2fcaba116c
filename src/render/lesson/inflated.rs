//! A compressed message, inflated: what was agreed, the four bytes that were taken off, and what it saved.

use super::memory::{Memory, Note};
use super::payload::BODY;
use crate::render::collect::WholeMessage;
use crate::render::number::{bytes, count, grouped};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::inflated::{Account, Inflated, Lost, Stop};
use crate::wire::deflate::Ending;
use crate::wire::sender::Sender;

/// ` → 20 bytes inflated, valid UTF-8`, behind the compressed size.
pub(super) fn verdict(page: &Page, whole: &WholeMessage<'_>, inflated: &Inflated) -> String {
    let message = whole.message;
    let mut words = page.glyphs.say(" → ").into_owned();
    words.push_str(&bytes(inflated.read.plain));
    words.push_str(" inflated");
    if inflated.read.unknown > 0 {
        words.push_str(&format!(", {} of them unknown", grouped(inflated.read.unknown)));
    }
    words.push_str(match inflated.read.ending {
        Ending::Faulty(_) => ", then no DEFLATE",
        Ending::Truncated(_) if message.complete => ", cut inside a block",
        _ => "",
    });
    words.push_str(match (message.complete, message.utf8_error, message.utf8_checked) {
        (false, ..) => ", not whole",
        (true, Some(_), _) => ", not UTF-8",
        (true, None, true) if inflated.is_certain() => ", valid UTF-8",
        _ => "",
    });
    words
}

/// What stands below the text.
pub(super) fn account(
    page: &Page,
    memory: &mut Memory,
    sender: Sender,
    inflated: &Inflated,
    out: &mut String,
) {
    if memory.first(agreement_note(sender)) {
        page.paragraph(out, BODY, Role::Plain, &agreement(sender, inflated));
    }
    if matches!((inflated.stop, inflated.read.ending), (None, Ending::Clean)) {
        let words = if memory.first(Note::Inflated) {
            "The sender took the last four bytes off what its compressor gave, 00 00 ff ff; the receiver puts them back \
             and inflates all of it."
        } else {
            "+ 00 00 ff ff, which the sender took off"
        };
        page.paragraph(out, BODY, Role::Dim, words);
    }
    for words in [inflated.stop.map(|stop| stopped(stop, inflated)), unknown(inflated)].into_iter().flatten()
    {
        page.paragraph(out, BODY, Role::Plain, &words);
    }
    page.paragraph(out, BODY, Role::Dim, &running(sender, &inflated.account));
}

const fn agreement_note(sender: Sender) -> Note {
    match sender {
        Sender::Client => Note::ClientCompressor,
        Sender::Server => Note::ServerCompressor,
    }
}

/// Who agreed to what for this sender's compressor.
pub(in crate::render) fn agreement(sender: Sender, inflated: &Inflated) -> String {
    let reach = grouped(1 << inflated.window_bits);
    let takeover = if inflated.takeover {
        "and may look into earlier messages"
    } else {
        "and begins each message with an empty window"
    };
    format!(
        "permessage-deflate, as both agreed: the {sender}'s compressor looks back {reach} bytes at most {takeover}."
    )
}

/// Why not all of it was inflated.
pub(in crate::render) fn stopped(stop: Stop, inflated: &Inflated) -> String {
    let why = match stop {
        Stop::Limit => "no message may be larger here",
        Stop::Ratio => "no message may grow that much here",
        Stop::Cut => "its end never came",
        Stop::Gap => "bytes of it are missing",
        Stop::Interrupted => "another compressed message began inside it",
        Stop::Memory => "its window was needed for other connections",
    };
    let at = bytes(inflated.read.plain);
    match inflated.left {
        0 => format!("Stopped at {at}: {why}."),
        left => format!("Stopped at {at}, {} compressed left: {why}.", bytes(left)),
    }
}

/// Why bytes are unknown.
pub(in crate::render) fn unknown(inflated: &Inflated) -> Option<String> {
    let why = match inflated.lost? {
        Lost::Middle => "before the input begins".to_owned(),
        Lost::Message(number) => {
            format!("before the end of message {number}, which could not be inflated to its end")
        }
        Lost::Memory => {
            "in a window that was dropped, the longest idle one, to make room for other connections"
                .to_owned()
        }
    };
    let unknown = bytes(inflated.read.unknown);
    Some(format!("Each ? is a byte that is unknown: {unknown} copied out of what was sent {why}."))
}

/// What compression has saved this sender so far, and the memory that takes.
pub(in crate::render) fn running(sender: Sender, account: &Account) -> String {
    let Account { messages, wire, plain, memory } = *account;
    let saved = match plain.checked_sub(wire) {
        Some(saved) => format!("{} saved", grouped(saved)),
        None => format!("{} more", grouped(wire - plain)),
    };
    let held = match memory {
        0 => "no memory held".to_owned(),
        memory => format!("{} KiB of memory held for its window", grouped(memory / 1024)),
    };
    format!(
        "The {sender} so far: {}, {} for {}: {saved}; {held}.",
        count(messages, "compressed message"),
        grouped(wire),
        bytes(plain)
    )
}

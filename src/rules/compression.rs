//! Compression: what a message of permessage-deflate may hold (RFC 7692 §7.2, RFC 1951).
//!
//! The checks compare what the reader of DEFLATE found. Its places are bits in the order in which DEFLATE reads
//! them, the lowest of a byte first; a finding names the same bit in the order of all figures, the highest first.

use super::facts::Message;
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::deflate::{Ending, Fault, FaultKind, Inside, Message as Read, Reach};

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "compression/not-deflate",
        cite: Cite::deflate_format("1.4"),
        level: Level::Must,
        word: "must",
        says: "The payload of a compressed message is DEFLATE data, over all its frames together.",
        why: "Nobody can inflate it: a receiver fails the connection, and nothing behind this bit can be read.",
        entails: &[],
        check: Check::Message(not_deflate),
    },
    Rule {
        id: "compression/truncated",
        cite: Cite::deflate_format("1.4"),
        level: Level::Must,
        word: "must",
        says: "A compressed message holds its blocks whole: it does not end in the middle of one.",
        why: "The end of the message is lost, and every later message that refers to it. Some libraries do not even \
              notice and hand out half a text.",
        entails: &[],
        check: Check::Message(truncated),
    },
    Rule {
        id: "compression/no-empty-block",
        cite: Cite::deflate("7.2.1"),
        level: Level::Should,
        word: "",
        says: "A compressed message ends with the header of an empty stored block; its four bytes 00 00 ff ff are \
               taken off.",
        why: "The receiver puts 00 00 ff ff behind the message. Without that header before them they are read as \
              something else.",
        entails: &[],
        check: Check::Message(no_empty_block),
    },
    Rule {
        id: "compression/bytes-left-over",
        cite: Cite::deflate("7.2.1"),
        level: Level::Should,
        word: "",
        says: "Nothing follows the header of the last empty stored block, and what follows a final block is DEFLATE.",
        why: "Four bytes too many do no harm to most receivers; other bytes are read as a block that is none.",
        entails: &[],
        check: Check::Message(bytes_left_over),
    },
    Rule {
        id: "compression/beyond-window",
        cite: Cite::deflate("7.2.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A compressor looks back no further than the window that was agreed on.",
        why: "The receiver may have kept no more than that: it then fails, or copies other bytes than were meant.",
        entails: &[],
        check: Check::Message(beyond_window),
    },
    Rule {
        id: "compression/beyond-start",
        cite: Cite::deflate_format("3.2.3"),
        level: Level::Must,
        word: "cannot",
        says: "A copy begins no earlier than with the first byte that was ever compressed.",
        why: "There is nothing to copy: a receiver fails the connection. Often the sender kept its window over a \
              reconnect, or compressed for another connection.",
        entails: &[],
        check: Check::Message(beyond_start),
    },
    Rule {
        id: "compression/takeover-refused",
        cite: Cite::deflate("7.2.1"),
        level: Level::Must,
        word: "MUST",
        says: "Where no_context_takeover was agreed on, each message begins with an empty window.",
        why: "The receiver may have forgotten the earlier messages, and then cannot inflate this one.",
        entails: &[],
        check: Check::Message(takeover_refused),
    },
    Rule {
        id: "compression/larger-than-plain",
        cite: Cite::deflate("7.2.1"),
        level: Level::Note,
        word: "",
        says: "Compression is worth it where the message gets smaller.",
        why: "A sender may leave RSV1 0 and send a short message as it is: it costs neither side any work.",
        entails: &[],
        check: Check::Message(larger_than_plain),
    },
];

/// Whether no row of this chapter can speak of the message.
pub(super) const fn is_unremarkable(m: &Message) -> bool {
    match &m.inflated {
        None => true,
        Some(read) => {
            matches!(read.ending, Ending::Clean)
                && read.beyond_window.is_none()
                && read.before_message.is_none()
                && (read.compressed <= read.plain || read.plain == 0)
        }
    }
}

/// A bit of DEFLATE's order, in the order of all figures.
const fn bit(at: u64) -> Bits {
    Bits::new(at / 8 * 8 + 7 - at % 8, 1)
}

/// The last bytes of a message, as many of them as there are.
fn last(read: &Read, bytes: u64) -> Bits {
    let len = bytes.min(read.compressed);
    Bits::bytes(read.compressed - len, len)
}

fn place(at: u64) -> String {
    format!("byte {} of the compressed message, bit {} from its lowest", at / 8, at % 8)
}

fn fault(m: &Message) -> Option<Fault> {
    match m.inflated?.ending {
        Ending::Faulty(fault) => Some(fault),
        _ => None,
    }
}

/// How a message ended that came whole.
fn ending(m: &Message) -> Option<(Read, Ending)> {
    m.inflated.filter(|_| m.complete).map(|read| (read, read.ending))
}

fn not_deflate(m: &Message) -> Option<Broken> {
    let fault = fault(m).filter(|it| it.behind_final.is_none() && !is_too_far(it))?;
    let found = format!("At {} stands {}.", place(fault.at), fault.kind);
    Some(
        Broken::at(bit(fault.at), found)
            .send("what a raw DEFLATE compressor gives, or RSV1 0 and the text as it is"),
    )
}

const fn is_too_far(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::TooFarBack { .. })
}

fn truncated(m: &Message) -> Option<Broken> {
    let (read, Ending::Truncated(inside)) = ending(m)? else { return None };
    let part = match inside {
        Inside::StoredLength => "the length of a stored block".to_owned(),
        Inside::Stored(missing) => format!("a stored block, of which {missing} bytes are missing"),
        Inside::CodeLengths => "the code lengths of a dynamic block".to_owned(),
        Inside::Symbols => "a block, before the code for its end".to_owned(),
    };
    let found = format!("The message ends inside {part}; {} plain bytes came of it.", read.plain);
    Some(
        Broken::at(last(&read, 1), found)
            .send("all that the compressor gives up to its sync flush, less 00 00 ff ff"),
    )
}

fn no_empty_block(m: &Message) -> Option<Broken> {
    let (read, ending) = ending(m)?;
    let (found, send) = match ending {
        Ending::Nothing => {
            ("The message has RSV1 1 and no bytes at all.", "the one byte 00 for an empty message")
        }
        Ending::AfterFinal => {
            ("The message ends with a final block.", "one byte 00 more behind the final block")
        }
        Ending::BetweenBlocks => (
            "The message ends with a block, and no empty stored block is begun behind it.",
            "a sync flush first",
        ),
        _ => return None,
    };
    Some(Broken::at(last(&read, 1), found).send(send))
}

fn bytes_left_over(m: &Message) -> Option<Broken> {
    if let Some(Fault { kind, at, behind_final: Some(behind) }) = fault(m).filter(|it| !is_too_far(it)) {
        let found = format!(
            "A final block ends before byte {behind}; what follows is no DEFLATE: at {} stands {kind}.",
            place(at)
        );
        return Some(Broken::at(bit(at), found).send("nothing but one byte 00 behind the final block"));
    }
    let (read, Ending::TailKept) = ending(m)? else { return None };
    let found = "The message ends with 00 00 ff ff, which the sender takes off and the receiver puts back.";
    Some(Broken::at(last(&read, 4), found).send("the same without its last four bytes"))
}

fn beyond_window(m: &Message) -> Option<Broken> {
    let Reach { at, distance, allowed } = m.inflated?.beyond_window?;
    let found = format!(
        "At {} a copy reaches {distance} bytes back; the {}'s window was agreed to be {allowed}.",
        place(at),
        m.sender
    );
    let send = format!("a message compressed with a window of {allowed} bytes, or agree on a larger one");
    Some(Broken::at(bit(at), found).send(send))
}

fn beyond_start(m: &Message) -> Option<Broken> {
    let fault = fault(m).filter(is_too_far)?;
    let found = format!("At {} stands {}.", place(fault.at), fault.kind);
    Some(
        Broken::at(bit(fault.at), found)
            .send("a message compressed by a compressor that is new with the connection"),
    )
}

fn takeover_refused(m: &Message) -> Option<Broken> {
    let Reach { at, distance, allowed } = m.inflated?.before_message?;
    let found = format!(
        "At {} a copy reaches {distance} bytes back; this message has {allowed} before it, and the {} promised to use \
         no earlier one.",
        place(at),
        m.sender
    );
    let send = format!("a message of a compressor that was reset, or no {}_no_context_takeover", m.sender);
    Some(Broken::at(bit(at), found).send(send))
}

fn larger_than_plain(m: &Message) -> Option<Broken> {
    let (read, ending) = ending(m)?;
    let larger = read.compressed > read.plain && read.plain > 0 && ending.is_whole();
    larger.then(|| {
        let found = format!("{} bytes are {} compressed.", read.plain, read.compressed);
        Broken::at(Bits::bytes(0, read.compressed), found).send("RSV1 0 and the message as it is")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::deflate::Inflater;
    use crate::wire::opcode::Opcode;
    use crate::wire::sender::Sender;

    fn facts(bits: u8, takeover: bool, messages: &[&[u8]]) -> Message<'static> {
        let mut inflater = Inflater::new(bits, takeover);
        let read = messages.iter().map(|message| {
            inflater.feed(message, u64::MAX, &mut |_| {});
            inflater.end_of_message()
        });
        let inflated = read.last();
        let wire_len = messages.last().map_or(0, |message| message.len() as u64);
        Message {
            opcode: Opcode::TEXT,
            sender: Sender::Client,
            utf8_error: None,
            wire_len,
            complete: true,
            inflated,
            prefix: &[],
            earlier: None,
        }
    }

    fn broken(m: &Message) -> Vec<(&'static str, Bits)> {
        let check = |rule: &Rule| match rule.check {
            Check::Message(check) => check(m),
            _ => None,
        };
        let found: Vec<_> = RULES.iter().filter_map(|rule| Some((rule.id, check(rule)?.bits))).collect();
        assert!(!is_unremarkable(m) || found.is_empty(), "the fast path passes over {found:?}");
        found
    }

    fn ids(messages: &[&[u8]]) -> Vec<&'static str> {
        broken(&facts(15, true, messages)).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn each_way_to_end_is_told() {
        let whole = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
        assert_eq!(ids(&[whole]), ["compression/larger-than-plain"]);
        assert_eq!(ids(&[b"\x00"]), [""; 0], "an empty message");
        assert_eq!(ids(&[b""]), ["compression/no-empty-block"]);
        assert_eq!(ids(&[&whole[..4]]), ["compression/truncated"]);
        assert_eq!(
            ids(&[b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"]),
            ["compression/larger-than-plain"],
            "BFINAL 1"
        );
        assert!(ids(&[b"\xf3\x48\xcd\xc9\xc9\x07\x00"]).contains(&"compression/no-empty-block"));
        let kept = [&whole[..], b"\0\0\xff\xff"].concat();
        assert!(ids(&[&kept]).contains(&"compression/bytes-left-over"));
        assert_eq!(ids(&[b"\xf3\x48\xcd\xc9\xc9\x07\x00\x07"]), ["compression/bytes-left-over"]);
    }

    #[test]
    fn a_fault_stands_at_its_bit() {
        assert_eq!(broken(&facts(15, true, &[b"\x06"])), [("compression/not-deflate", Bits::new(6, 1))]);
    }

    #[test]
    fn a_message_that_was_cut_off_is_not_accused_of_its_end() {
        let cut = Message { complete: false, ..facts(15, true, &[b"\xf2\x48\xcd"]) };
        assert_eq!(broken(&cut), []);
    }

    #[test]
    fn copies_may_reach_only_what_was_agreed() {
        let (first, second) = (&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..], &b"\xf2\x00\x11\x00\x00"[..]);
        assert_eq!(ids(&[first, second]), [""; 0]);
        let refused = broken(&facts(15, false, &[first, second]));
        assert_eq!(refused.iter().map(|it| it.0).collect::<Vec<_>>(), ["compression/takeover-refused"]);
        assert_eq!(ids(&[second]), ["compression/beyond-start"]);
    }
}

//! Closing: the Close frame, what may follow it, and how a connection ends (RFC 6455 §5.5, §7).

use super::ending::{CloseSent, Ending, Side};
use super::facts::{End, Frame, FrameEnd};
use super::quote::{plain, quote};
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::close::CloseCode;
use crate::wire::frame::field;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "closing/body-one-byte",
        cite: Cite::ws("5.5.1"),
        level: Level::Must,
        word: "MUST",
        says: "The body of a Close is empty, or begins with two bytes of code.",
        why: "A single byte is half a code: the other side must guess, and most fail the connection with 1002.",
        entails: &[],
        check: Check::FrameEnd(body_one_byte),
    },
    Rule {
        id: "closing/code-never-sent",
        cite: Cite::ws("7.4.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "1005, 1006 and 1015 never stand in a frame.",
        why: "They tell the own application what did not come: no code, no Close, no TLS. A Close that says so \
              denies itself.",
        entails: &[],
        check: Check::FrameEnd(code_never_sent),
    },
    Rule {
        id: "closing/code-below-1000",
        cite: Cite::ws("7.4.2"),
        level: Level::Should,
        word: "",
        says: "Close codes begin at 1000.",
        why: "0 to 999 are not used, and most receivers fail the connection on them. Often a number of HTTP was meant.",
        entails: &[],
        check: Check::FrameEnd(code_below_1000),
    },
    Rule {
        id: "closing/code-unassigned",
        cite: Cite::ws("7.4.2"),
        level: Level::Should,
        word: "",
        says: "Of 1000 to 2999 only the assigned codes are sent.",
        why: "The range belongs to the protocol and its extensions; 1004 and the codes from 1016 on have no meaning yet.",
        entails: &[],
        check: Check::FrameEnd(code_unassigned),
    },
    Rule {
        id: "closing/code-above-4999",
        cite: Cite::ws("7.4.2"),
        level: Level::Note,
        word: "",
        says: "No range is defined for close codes from 5000 on.",
        why: "The RFC says nothing of them, and receivers differ. 4000 to 4999 are for an application's own use.",
        entails: &[],
        check: Check::FrameEnd(code_above_4999),
    },
    Rule {
        id: "closing/code-1010-from-server",
        cite: Cite::ws("7.4.1"),
        level: Level::Should,
        word: "",
        says: "1010 is for clients only.",
        why: "It says: you did not accept the extension that I need. A server that needs one refuses the handshake.",
        entails: &[],
        check: Check::FrameEnd(code_1010_from_server),
    },
    Rule {
        id: "closing/reason-utf8",
        cite: Cite::ws("8.1"),
        level: Level::Must,
        word: "MUST",
        says: "The reason behind the code is UTF-8.",
        why: "The other side reads it as text, and must fail the connection on bytes that are none.",
        entails: &[],
        check: Check::FrameEnd(reason_utf8),
    },
    Rule {
        id: "closing/data-after-close",
        cite: Cite::ws("5.5.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "After its Close frame a sender sends no more data frames.",
        why: "Close says: this was the last. The other side need not read what follows.",
        entails: &[],
        check: Check::Frame(data_after_close),
    },
    Rule {
        id: "closing/control-after-close",
        cite: Cite::ws("5.5.1"),
        level: Level::Note,
        word: "",
        says: "After its Close frame a sender has no use for Ping or Pong.",
        why: "The RFC forbids data frames only, but the other side may have stopped reading.",
        entails: &[],
        check: Check::Frame(control_after_close),
    },
    Rule {
        id: "closing/second-close",
        cite: Cite::ws("7.1.5"),
        level: Level::Note,
        word: "",
        says: "Each side sends one Close.",
        why: "Only the first one counts; the RFC expects no other.",
        entails: &[],
        check: Check::Frame(second_close),
    },
    Rule {
        id: "closing/not-answered",
        cite: Cite::ws("5.5.1"),
        level: Level::Must,
        word: "MUST",
        says: "Who gets a Close answers with a Close, unless it sent one before.",
        why: "Without the answer the other side cannot tell whether its last messages arrived; a browser reports 1006.",
        entails: &[],
        check: Check::End(not_answered),
    },
    Rule {
        id: "closing/client-ended-tcp-first",
        cite: Cite::ws("7.1.1"),
        level: Level::Should,
        word: "SHOULD",
        says: "Once both have sent Close, the client waits until the server ends TCP.",
        why: "Who ends TCP first must remember the connection for minutes (TIME_WAIT). The server can use its port \
              again at once, a client cannot.",
        entails: &[],
        check: Check::End(client_ended_tcp_first),
    },
    Rule {
        id: "closing/no-close",
        cite: Cite::ws("7.3"),
        level: Level::Should,
        word: "",
        says: "A connection ends with Close frames, then TCP ends.",
        why: "When TCP just ends, nobody knows whether all has arrived; the application is told 1006.",
        entails: &[],
        check: Check::End(no_close),
    },
    Rule {
        id: "closing/ping-unanswered",
        cite: Cite::ws("5.5.2"),
        level: Level::Must,
        word: "MUST",
        says: "A Ping is answered with a Pong of the same payload, or a later Ping is.",
        why: "The Pong is the sign of life: who misses it takes the other side for dead.",
        entails: &["closing/no-close"],
        check: Check::End(ping_unanswered),
    },
    Rule {
        id: "closing/pong-unasked",
        cite: Cite::ws("5.5.3"),
        level: Level::Note,
        word: "",
        says: "This Pong answers no Ping.",
        why: "It is allowed, as a sign of life that nobody answers. But where an answer was meant, its payload \
              differs from the Ping's.",
        entails: &[],
        check: Check::FrameEnd(pong_unasked),
    },
];

/// The end of a connection is no place on the wire.
const AT_END: Bits = Bits::new(0, 0);

/// Bytes of a frame's payload, counted from the frame's first byte.
fn in_payload(f: &FrameEnd<'_>, at: usize, len: usize) -> Bits {
    Bits::bytes((f.header.header_len() + at) as u64, len as u64)
}

fn body_one_byte(f: &FrameEnd<'_>) -> Option<Broken> {
    f.close()?;
    let [byte] = f.control else { return None };
    let found = format!("The body is the single byte {byte:02x}.");
    Some(
        Broken::at(in_payload(f, 0, 1), found)
            .send("03 e8 as the body: code 1000, high byte first; or no body"),
    )
}

/// The code of a whole Close, where it is one of these.
fn code(f: &FrameEnd<'_>, is: impl Fn(CloseCode) -> bool) -> Option<CloseCode> {
    f.close()?.code.filter(|code| is(*code))
}

/// A wrong code: what is so, and what to send instead.
fn wrong_code(f: &FrameEnd<'_>, code: CloseCode, instead: u16, when: &str) -> Broken {
    let number = code.0;
    let swapped = number.swap_bytes();
    let found = match CloseCode(swapped).name() {
        Some(_) if code.name().is_none() => {
            format!(
                "The code is {number}. With its two bytes swapped it is {swapped}: was it sent low byte first?"
            )
        }
        _ => format!("The code is {number} ({}).", code.meaning()),
    };
    let [high, low] = instead.to_be_bytes();
    Broken::at(in_payload(f, 0, 2), found).send(format!("{high:02x} {low:02x}, code {instead}, {when}"))
}

fn code_never_sent(f: &FrameEnd<'_>) -> Option<Broken> {
    let code = code(f, CloseCode::is_never_sent)?;
    if code.0 == 1005 {
        let found = "The code is 1005, which says that there is no code.";
        return Some(Broken::at(in_payload(f, 0, 2), found).send("a Close without a body, for no code"));
    }
    Some(wrong_code(f, code, 1011, "for an error on this side"))
}

fn code_below_1000(f: &FrameEnd<'_>) -> Option<Broken> {
    code(f, |code| code.0 < 1000).map(|code| wrong_code(f, code, 1000, "for a normal end"))
}

fn code_unassigned(f: &FrameEnd<'_>) -> Option<Broken> {
    let unassigned =
        |code: CloseCode| code.0 == 1004 || (1000..3000).contains(&code.0) && code.name().is_none();
    code(f, unassigned).map(|code| wrong_code(f, code, 1000, "for a normal end"))
}

fn code_above_4999(f: &FrameEnd<'_>) -> Option<Broken> {
    code(f, |code| code.0 >= 5000).map(|code| wrong_code(f, code, 4000, "or another up to 4999"))
}

fn code_1010_from_server(f: &FrameEnd<'_>) -> Option<Broken> {
    (f.roles_known && f.sender == Sender::Server).then_some(())?;
    code(f, |code| code.0 == 1010)?;
    let found = "The server's code is 1010, with which a client misses an extension.";
    Some(Broken::at(in_payload(f, 0, 2), found).send("400 or 403 to the handshake; later 03 f0, code 1008"))
}

fn reason_utf8(f: &FrameEnd<'_>) -> Option<Broken> {
    let reason = f.close()?.reason;
    let at = std::str::from_utf8(reason).err()?.valid_up_to();
    let found = format!("Byte {at} of the reason {} begins no UTF-8 character.", quote(reason));
    Some(
        Broken::at(in_payload(f, 2 + at, 1), found)
            .send("the reason encoded as UTF-8, cut between characters at 123 bytes"),
    )
}

/// The number of the sender's own Close before this frame, where the frame is one of these.
fn after_close(f: &Frame, is: impl Fn(Opcode) -> bool) -> Option<u64> {
    f.closed_by.filter(|_| is(f.header.opcode()))
}

fn data_after_close(f: &Frame) -> Option<Broken> {
    let close = after_close(f, |opcode| !opcode.is_control())?;
    let name = f.header.opcode().name().unwrap_or("data");
    let found = format!("This {name} frame comes after the sender's own Close, frame {close}.");
    Some(Broken::at(field::OPCODE, found).send("nothing: wait for the other side's Close, or end TCP"))
}

fn control_after_close(f: &Frame) -> Option<Broken> {
    let close = after_close(f, |opcode| opcode.is_control() && opcode != Opcode::CLOSE)?;
    let name = f.header.opcode().name().unwrap_or("control");
    let found = format!("This {name} frame comes after the sender's own Close, frame {close}.");
    Some(Broken::at(field::OPCODE, found).send("nothing: wait for the other side's Close, or end TCP"))
}

fn second_close(f: &Frame) -> Option<Broken> {
    let close = after_close(f, |opcode| opcode == Opcode::CLOSE)?;
    let found = format!("This sender closed with frame {close} before.");
    Some(Broken::at(field::OPCODE, found).send("nothing: the first Close stands"))
}

/// Whether all that a side sent, from the handshake to the end of its TCP, is known.
fn all_known(facts: &Ending, sender: Sender) -> bool {
    let side = facts.side(sender);
    facts.opened && side.seen && side.lost == 0 && side.opaque == 0 && facts.tcp_ended(sender)
}

/// Whether this side may have failed the connection, since the other broke a rule: then it owes no answer (§7.1.7).
const fn may_have_failed(other: &Side) -> bool {
    other.musts > 0
}

fn not_answered(f: &End<'_>) -> Option<Broken> {
    Sender::BOTH.into_iter().find_map(|silent| {
        let other = f.facts.side(silent.other());
        let CloseSent { frame, too_late, .. } = other.close.as_ref()?;
        let owes = !too_late && !may_have_failed(other) && f.facts.side(silent).closes == 0;
        (owes && all_known(f.facts, silent)).then(|| {
            let found = format!(
                "The {silent} ended TCP without a Close; the {} had sent one, frame {frame}.",
                silent.other()
            );
            Broken::at(AT_END, found).send(close_frame(silent, other.close.as_ref().and_then(|it| it.code)))
        })
    })
}

/// A Close frame to be copied, with the code that the other side sent.
fn close_frame(sender: Sender, code: Option<CloseCode>) -> String {
    let (mask, body) = match code.filter(|code| !code.is_never_sent()) {
        Some(CloseCode(code)) => {
            let [high, low] = code.to_be_bytes();
            (0x82u8, format!(" {high:02x} {low:02x}"))
        }
        None => (0x80, String::new()),
    };
    match sender {
        Sender::Server => format!("88 {:02x}{body}", mask & 0x7f),
        // A key of zeros would do for copying, and teach the wrong thing.
        Sender::Client => format!("88 {mask:02x}, a random key, and{} masked with it", or_nothing(&body)),
    }
}

fn or_nothing(body: &str) -> &str {
    if body.is_empty() { " nothing to be" } else { body }
}

/// How long a client waits for the server's end of TCP before it may end TCP itself: a reasonable time.
const REASONABLE: u64 = 1_000_000_000;

fn client_ended_tcp_first(f: &End<'_>) -> Option<Broken> {
    let (client, server) = (&f.facts.client, &f.facts.server);
    let (one, two) = (client.close.as_ref()?, server.close.as_ref()?);
    let last = one.time.zip(two.time).map(|(one, two)| one.max(two));
    let waited =
        client.ended_at.zip(last).is_some_and(|(end, close)| end.saturating_sub(close) >= REASONABLE);
    let first = client.ended_first && f.facts.tcp_ended(Sender::Client);
    (first && !waited && !two.too_late && client.lost == 0 && server.lost == 0).then(|| {
        let found = "Both had sent Close, and the client ended TCP before the server did.";
        Broken::at(AT_END, found)
            .send("nothing: read on until the server's FIN, a few seconds at most, then close()")
    })
}

fn no_close(f: &End<'_>) -> Option<Broken> {
    let facts = f.facts;
    let none = Sender::BOTH.into_iter().all(|sender| {
        let side = facts.side(sender);
        side.seen && side.lost == 0 && side.opaque == 0 && side.closes == 0
    });
    let ended =
        Sender::BOTH.into_iter().find(|&sender| facts.side(sender).ended_first && facts.tcp_ended(sender));
    let sender = ended.filter(|_| none && facts.opened)?;
    // A client that does not take the handshake has no WebSocket to close (§7.1.7).
    if facts.side(sender).frames == 0 && may_have_failed(facts.side(sender.other())) {
        return None;
    }
    let found = format!("The {sender} ended TCP first, and neither side had sent a Close.");
    Some(
        Broken::at(AT_END, found)
            .send(format!("{}, then the end of TCP", close_frame(sender, Some(CloseCode(1001))))),
    )
}

fn ping_unanswered(f: &End<'_>) -> Option<Broken> {
    let facts = f.facts;
    if facts.client.closes + facts.server.closes > 0 {
        return None;
    }
    Sender::BOTH.into_iter().find_map(|silent| {
        let other = facts.side(silent.other());
        let first = other.first_unanswered.filter(|_| !may_have_failed(other))?;
        all_known(facts, silent).then(|| {
            let found = match other.pings_unanswered {
                1 => format!("The {silent} never answered the {}'s Ping, frame {first}.", silent.other()),
                n => format!(
                    "The {silent} never answered {n} Pings of the {}, the first in frame {first}.",
                    silent.other()
                ),
            };
            Broken::at(AT_END, found).send("a Pong (8a) with the Ping's payload, as soon as it comes")
        })
    })
}

fn pong_unasked(f: &FrameEnd<'_>) -> Option<Broken> {
    let unasked = f.header.opcode() == Opcode::PONG && !f.partial && !f.answers && f.pings_known;
    unasked.then(|| {
        let found = match f.control {
            [] => "No Ping with an empty payload waits for an answer.".to_owned(),
            payload => format!("No Ping with the payload \"{}\" waits for an answer.", plain(payload)),
        };
        Broken::at(field::OPCODE, found)
    })
}

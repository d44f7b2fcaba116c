//! What the rules about closing look for.

use crate::rules::ending::{CloseSent, Ending, Side};
use crate::rules::facts::{End, Frame, FrameEnd};
use crate::rules::quote::{plain, quote};
use crate::rules::rule::Broken;
use crate::wire::bits::Bits;
use crate::wire::close::CloseCode;
use crate::wire::frame::field;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The end of a connection is no place on the wire.
const AT_END: Bits = Bits::new(0, 0);

/// Bytes of a frame's payload, counted from the frame's first byte.
pub(super) fn in_payload(f: &FrameEnd<'_>, at: usize, len: usize) -> Bits {
    Bits::bytes((f.header.header_len() + at) as u64, len as u64)
}

pub(super) fn body_one_byte(f: &FrameEnd<'_>) -> Option<Broken> {
    f.close()?;
    let [byte] = f.control else { return None };
    let found = format!("The body is the single byte {byte:02x}.");
    Some(
        Broken::at(in_payload(f, 0, 1), found)
            .send("03 e8 as the body: code 1000, high byte first; or no body"),
    )
}

/// The code of a whole Close, where it is one of these.
pub(super) fn code(f: &FrameEnd<'_>, is: impl Fn(CloseCode) -> bool) -> Option<CloseCode> {
    f.close()?.code.filter(|code| is(*code))
}

/// A wrong code: what is so, and what to send instead.
pub(super) fn wrong_code(f: &FrameEnd<'_>, code: CloseCode, instead: u16, when: &str) -> Broken {
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

pub(super) fn code_never_sent(f: &FrameEnd<'_>) -> Option<Broken> {
    let code = code(f, CloseCode::is_never_sent)?;
    if code.0 == 1005 {
        let found = "The code is 1005, which says that there is no code.";
        return Some(Broken::at(in_payload(f, 0, 2), found).send("a Close without a body, for no code"));
    }
    Some(wrong_code(f, code, 1011, "for an error on this side"))
}

pub(super) fn code_below_1000(f: &FrameEnd<'_>) -> Option<Broken> {
    code(f, |code| code.0 < 1000).map(|code| wrong_code(f, code, 1000, "for a normal end"))
}

pub(super) fn code_unassigned(f: &FrameEnd<'_>) -> Option<Broken> {
    let unassigned =
        |code: CloseCode| code.0 == 1004 || (1000..3000).contains(&code.0) && code.name().is_none();
    code(f, unassigned).map(|code| wrong_code(f, code, 1000, "for a normal end"))
}

pub(super) fn code_above_4999(f: &FrameEnd<'_>) -> Option<Broken> {
    code(f, |code| code.0 >= 5000).map(|code| wrong_code(f, code, 4000, "or another up to 4999"))
}

pub(super) fn code_1010_from_server(f: &FrameEnd<'_>) -> Option<Broken> {
    (f.roles_known && f.sender == Sender::Server).then_some(())?;
    code(f, |code| code.0 == 1010)?;
    let found = "The server's code is 1010, with which a client misses an extension.";
    Some(Broken::at(in_payload(f, 0, 2), found).send("400 or 403 to the handshake; later 03 f0, code 1008"))
}

pub(super) fn reason_utf8(f: &FrameEnd<'_>) -> Option<Broken> {
    let reason = f.close()?.reason;
    let at = std::str::from_utf8(reason).err()?.valid_up_to();
    let found = format!("Byte {at} of the reason {} begins no UTF-8 character.", quote(reason));
    Some(
        Broken::at(in_payload(f, 2 + at, 1), found)
            .send("the reason encoded as UTF-8, cut between characters at 123 bytes"),
    )
}

/// The number of the sender's own Close before this frame, where the frame is one of these.
pub(super) fn after_close(f: &Frame, is: impl Fn(Opcode) -> bool) -> Option<u64> {
    f.closed_by.filter(|_| is(f.header.opcode()))
}

pub(super) fn data_after_close(f: &Frame) -> Option<Broken> {
    let close = after_close(f, |opcode| !opcode.is_control())?;
    let name = f.header.opcode().name().unwrap_or("data");
    let found = format!("This {name} frame comes after the sender's own Close, frame {close}.");
    Some(Broken::at(field::OPCODE, found).send("nothing: wait for the other side's Close, or end TCP"))
}

pub(super) fn control_after_close(f: &Frame) -> Option<Broken> {
    let close = after_close(f, |opcode| opcode.is_control() && opcode != Opcode::CLOSE)?;
    let name = f.header.opcode().name().unwrap_or("control");
    let found = format!("This {name} frame comes after the sender's own Close, frame {close}.");
    Some(Broken::at(field::OPCODE, found).send("nothing: wait for the other side's Close, or end TCP"))
}

pub(super) fn second_close(f: &Frame) -> Option<Broken> {
    let close = after_close(f, |opcode| opcode == Opcode::CLOSE)?;
    let found = format!("This sender closed with frame {close} before.");
    Some(Broken::at(field::OPCODE, found).send("nothing: the first Close stands"))
}

/// Whether all that a side sent, from the handshake to the end of its TCP, is known.
pub(super) fn all_known(facts: &Ending, sender: Sender) -> bool {
    let side = facts.side(sender);
    facts.opened && side.seen && side.lost == 0 && side.opaque == 0 && facts.tcp_ended(sender)
}

/// Whether this side may have failed the connection, since the other broke a rule: then it owes no answer (§7.1.7).
pub(super) const fn may_have_failed(other: &Side) -> bool {
    other.musts > 0
}

pub(super) fn not_answered(f: &End<'_>) -> Option<Broken> {
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
pub(super) fn close_frame(sender: Sender, code: Option<CloseCode>) -> String {
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

pub(super) fn or_nothing(body: &str) -> &str {
    if body.is_empty() { " nothing to be" } else { body }
}

/// How long a client waits for the server's end of TCP before it may end TCP itself: a reasonable time.
const REASONABLE: u64 = 1_000_000_000;

pub(super) fn client_ended_tcp_first(f: &End<'_>) -> Option<Broken> {
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

pub(super) fn no_close(f: &End<'_>) -> Option<Broken> {
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

pub(super) fn ping_unanswered(f: &End<'_>) -> Option<Broken> {
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

pub(super) fn pong_unasked(f: &FrameEnd<'_>) -> Option<Broken> {
    let unasked = f.header.opcode() == Opcode::PONG && !f.partial && !f.answers && f.pings_known;
    unasked.then(|| {
        let found = match f.control {
            [] => "No Ping with an empty payload waits for an answer.".to_owned(),
            payload => format!("No Ping with the payload \"{}\" waits for an answer.", plain(payload)),
        };
        Broken::at(field::OPCODE, found)
    })
}

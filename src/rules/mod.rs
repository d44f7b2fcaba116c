//! The rule book: one row for each demand of the RFCs, in our own words.
//!
//! A chapter is a file with its rows; where it is long, their checks stand in a file beside it. A check compares
//! [`facts`] and touches nothing else: it never decodes frames and never shows. [`book`] gives all rows, in their
//! [`CHAPTERS`]; the functions that begin with `judge` add what was found at one event.

pub mod accept_mistakes;
pub mod browser;
pub mod closing;
pub mod compression;
pub mod ending;
pub mod extensions;
pub mod facts;
pub mod framing;
pub mod head;
pub mod hints;
pub mod messages;
pub mod nonce;
pub mod quote;
pub mod rebuilt;
pub mod request;
pub mod response;
pub mod rule;

use self::browser::Says;
use self::rule::{Broken, Check, Finding, Rule};
use crate::wire::frame::LengthForm;
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// A part of the book: the rows of one file.
#[derive(Debug)]
pub struct Chapter {
    /// The first half of its rules' ids.
    pub name: &'static str,
    /// What it is about.
    pub says: &'static str,
    /// Its rows.
    pub rules: &'static [Rule],
}

/// The chapters, in the order in which a connection meets them.
pub static CHAPTERS: &[Chapter] = &[
    Chapter { name: "head", says: "what HTTP allows in the head of either side", rules: head::RULES },
    Chapter { name: "request", says: "how a client asks for a WebSocket", rules: request::RULES },
    Chapter { name: "response", says: "how a server agrees, or refuses", rules: response::RULES },
    Chapter { name: "extensions", says: "how extensions are offered and accepted", rules: extensions::RULES },
    Chapter { name: "framing", says: "what the header of a frame may say", rules: framing::RULES },
    Chapter { name: "messages", says: "how frames make a message", rules: messages::RULES },
    Chapter { name: "compression", says: "what a compressed message may hold", rules: compression::RULES },
    Chapter { name: "closing", says: "pings, and how a connection ends", rules: closing::RULES },
    Chapter {
        name: "hint",
        says: "what most likely happened where findings have one cause",
        rules: hints::RULES,
    },
];

/// Every row of the book.
pub fn book() -> impl Iterator<Item = &'static Rule> {
    CHAPTERS.iter().flat_map(|chapter| chapter.rules)
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    book().find(|rule| rule.id == id)
}

/// Judges a request of an opening handshake.
pub fn judge_request(facts: &facts::Request<'_>, found: &mut Vec<Finding>) {
    let any = facts::AnyHead { head: facts.head, sender: Sender::Client };
    judge(found, |check| match check {
        Check::Head(broken) => broken(&any),
        Check::Request(broken) => broken(facts),
        _ => None,
    });
}

/// Judges the response to one.
pub fn judge_response(facts: &facts::Response<'_>, found: &mut Vec<Finding>) {
    let any = facts::AnyHead { head: facts.head, sender: Sender::Server };
    judge(found, |check| match check {
        Check::Head(broken) => broken(&any),
        Check::Response(broken) => broken(facts),
        _ => None,
    });
    quote(found, || browser::response(facts));
}

/// Judges what came where a response must stand, and is no HTTP.
pub fn judge_not_http(facts: &facts::NotHttp<'_>, found: &mut Vec<Finding>) {
    judge(found, |check| if let Check::NotHttp(broken) = check { broken(facts) } else { None });
    quote(found, || browser::not_http(facts));
}

/// Judges the header of a frame; needless where it [`is_unremarkable`].
pub fn judge_frame(facts: &facts::Frame, found: &mut Vec<Finding>) {
    judge(found, |check| if let Check::Frame(broken) = check { broken(facts) } else { None });
    quote(found, || browser::frame(facts));
}

/// Judges the beginning of a frame whose header never came whole.
pub fn judge_frame_cut(facts: &facts::FrameCut, found: &mut Vec<Finding>) {
    judge(found, |check| if let Check::FrameCut(broken) = check { broken(facts) } else { None });
}

/// Judges a frame whose payload is over: control frames, and data frames that are suspicious.
pub fn judge_frame_end(facts: &facts::FrameEnd<'_>, found: &mut Vec<Finding>) {
    judge(found, |check| if let Check::FrameEnd(broken) = check { broken(facts) } else { None });
    quote(found, || browser::frame_end(facts));
}

/// Whether no rule about the end of frames can speak of this one: the fast path of Pings, and of the Pongs that answer one.
#[inline]
#[must_use]
pub fn is_unremarkable_end(f: &facts::FrameEnd<'_>) -> bool {
    let usual = match f.header.opcode() {
        Opcode::PING => true,
        Opcode::PONG => f.answers || !f.pings_known,
        _ => false,
    };
    usual && !f.suspicious
}

/// Whether a finding says that a frame is plain text.
#[must_use]
pub fn is_unframed_text(finding: &Finding) -> bool {
    finding.rule.id == hints::UNFRAMED_TEXT
}

/// Judges a whole message.
pub fn judge_message(facts: &facts::Message<'_>, found: &mut Vec<Finding>) {
    judge(found, |check| if let Check::Message(broken) = check { broken(facts) } else { None });
    quote(found, || browser::message(facts));
}

/// Judges the end of a connection.
pub fn judge_end(facts: &facts::End<'_>, found: &mut Vec<Finding>) {
    judge(found, |check| if let Check::End(broken) = check { broken(facts) } else { None });
}

/// Whether no rule about messages can speak of this one: the fast path of nearly all.
#[inline]
#[must_use]
pub const fn is_unremarkable_message(m: &facts::Message) -> bool {
    m.utf8_error.is_none() && compression::is_unremarkable(m)
}

/// Adds what the rows find.
fn judge(found: &mut Vec<Finding>, check: impl Fn(Check) -> Option<Broken>) {
    let any = |rule: &Rule| match rule.check {
        Check::Several(checks) => checks.iter().find_map(|one| check(*one)),
        one => check(one),
    };
    found.extend(book().filter_map(|rule| any(rule).map(|broken| Finding { rule, broken, browser: None })));
}

/// Adds what a browser says to the finding that it speaks of, where there is one.
fn quote(found: &mut [Finding], browser: impl FnOnce() -> Option<Says>) {
    if found.is_empty() {
        return;
    }
    if let Some(Says { rules, sentence }) = browser()
        && let Some(finding) = found.iter_mut().find(|finding| rules.contains(&finding.rule.id))
    {
        finding.browser = Some(sentence);
    }
}

/// Whether no rule about headers can speak of this frame: the fast path of all usual frames.
///
/// It repeats what the rows say, so a test holds it against them for every pair of first bytes.
#[inline]
#[must_use]
pub fn is_unremarkable(f: &facts::Frame) -> bool {
    let (header, opcode, len) = (&f.header, f.header.opcode(), f.header.payload_len());
    let plain = if opcode.is_control() {
        header.fin() && !opcode.is_reserved() && len <= 125
    } else {
        opcode.begins_message() == f.open.is_none() && !opcode.is_reserved()
    };
    let minimal = header.length_form() == LengthForm::shortest(len) && len >> 63 == 0;
    let masked = !f.roles_known || header.mask() == (f.sender == Sender::Client);
    let compressed = f.deflate && header.rsv() == 4 && opcode.begins_message();
    let usual_key =
        !header.mask() || f.same_key < framing::SAME_KEY && header.key() != Some(MaskingKey([0; 4]));
    plain
        && minimal
        && masked
        && usual_key
        && (header.rsv() == 0 || compressed)
        && f.closed_by.is_none()
        && !f.early
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::facts::{Frame, Rsv};
    use crate::wire::frame::Header;

    /// Every pair of first bytes, on both sides of each length boundary, with and without a usual key.
    fn headers() -> impl Iterator<Item = Header> {
        (0..=u16::MAX).flat_map(|two| {
            let [first, second] = two.to_be_bytes();
            let form = LengthForm::announced_by(second);
            let lengths: &[u64] = match form {
                LengthForm::Seven => &[0],
                LengthForm::Sixteen => &[0, 125, 126, 0xffff],
                LengthForm::SixtyFour => &[0, 125, 126, 0xffff, 0x1_0000, 1 << 62, 1 << 63, u64::MAX],
            };
            lengths.iter().flat_map(move |len| {
                [[0; 4], [1, 2, 3, 4]].into_iter().map(move |key| {
                    let mut bytes = vec![first, second];
                    let whole = len.to_be_bytes();
                    bytes.extend_from_slice(&whole[8 - form.extended_bytes()..]);
                    bytes.extend_from_slice(&key);
                    Header::decode(&bytes).expect("a whole header")
                })
            })
        })
    }

    fn contexts(header: Header) -> impl Iterator<Item = Frame> {
        let both = [false, true];
        let contexts = Sender::BOTH.into_iter().flat_map(move |sender| {
            both.into_iter().flat_map(move |roles_known| {
                let known = [Rsv::Unknown, Rsv::Used(0), Rsv::Used(4), Rsv::PerFrame, Rsv::Foreign(0)];
                known.into_iter().flat_map(move |rsv| {
                    [None, Some(1)].into_iter().map(move |open| (sender, roles_known, rsv, open))
                })
            })
        });
        contexts.map(move |(sender, roles_known, rsv, open)| Frame {
            header,
            sender,
            roles_known,
            rsv,
            deflate: rsv == Rsv::Used(4),
            open,
            open_unknown: false,
            closed_by: None,
            same_key: 1,
            early: false,
        })
    }

    #[test]
    fn the_fast_path_passes_over_no_finding() {
        let mut fast = 0u64;
        for facts in headers().flat_map(contexts).filter(is_unremarkable) {
            fast += 1;
            for rule in book() {
                if let Check::Frame(check) = rule.check {
                    assert_eq!(check(&facts), None, "{} on {facts:?}", rule.id);
                }
            }
        }
        assert!(fast > 10_000, "the fast path is taken");
    }

    #[test]
    fn the_fast_path_of_ends_passes_over_no_finding() {
        let short = |header: &Header| matches!(header.second() & 0x7f, 0 | 1 | 125);
        let (mut fast, both) = (0u64, [false, true]);
        for context in headers().filter(short).flat_map(contexts) {
            for (answers, pings_known) in both.into_iter().flat_map(|one| both.map(|two| (one, two))) {
                let facts = facts::FrameEnd {
                    header: context.header,
                    sender: context.sender,
                    roles_known: context.roles_known,
                    partial: false,
                    control: b"\x03\xe8no",
                    answers,
                    pings_known,
                    suspicious: false,
                    prefix: &[],
                    probe: facts::Probe::default(),
                    text_goes_on: true,
                    earlier: None,
                };
                if is_unremarkable_end(&facts) {
                    fast += 1;
                    let mut found = Vec::new();
                    judge_frame_end(&facts, &mut found);
                    assert!(found.is_empty(), "{facts:?}");
                }
            }
        }
        assert!(fast > 1000, "the fast path is taken");
    }

    #[test]
    fn ids_are_unique_and_name_their_chapter() {
        let mut ids: Vec<_> = book().map(|rule| rule.id).collect();
        for chapter in CHAPTERS {
            let name = format!("{}/", chapter.name);
            assert!(chapter.rules.iter().all(|rule| rule.id.starts_with(&name)), "{name}");
        }
        let rows = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rows);
    }
}

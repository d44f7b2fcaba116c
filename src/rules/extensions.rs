//! Extensions: how they are offered and accepted (RFC 6455 §9.1), permessage-deflate among them (RFC 7692 §5, §7).

mod checks;
#[cfg(test)]
mod tests;

use super::rule::{Check, Level, Rule};
use crate::wire::bits::Cite;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "extensions/grammar",
        cite: Cite::ws("9.1"),
        level: Level::Must,
        word: "MUST",
        says: "Sec-WebSocket-Extensions is a list of names, each with parameters behind semicolons.",
        why: "Both sides must read the same list: who cannot read it must fail the connection at once.",
        entails: &[],
        check: Check::Head(checks::grammar),
    },
    Rule {
        id: "extensions/offer-params",
        cite: Cite::deflate("7"),
        level: Level::Must,
        word: "MUST",
        says: "An offer of permessage-deflate uses its own four parameters, each once and with an allowed value.",
        why: "The server must decline such an offer: the connection opens without compression, if at all.",
        entails: &[],
        check: Check::Request(checks::offer_params),
    },
    Rule {
        id: "extensions/not-offered",
        cite: Cite::ws("4.1"),
        level: Level::Must,
        word: "MUST",
        says: "The server accepts only what the client offered.",
        why: "The client cannot know what an extension it did not name does to the frames, and must fail the \
              connection.",
        entails: &[],
        check: Check::Response(checks::not_offered),
    },
    Rule {
        id: "extensions/header-repeated",
        cite: Cite::ws("11.3.2"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A response has one Sec-WebSocket-Extensions line, with all that is accepted.",
        why: "A request may spread its offers over several lines; the answer must be seen at one glance.",
        entails: &[],
        check: Check::Response(checks::header_repeated),
    },
    Rule {
        id: "extensions/accepted-twice",
        cite: Cite::deflate("5"),
        level: Level::Must,
        word: "MUST NOT",
        says: "No two accepted extensions use the same reserved bit.",
        why: "RSV1 could then mean either of them; the client must fail the connection.",
        entails: &[],
        check: Check::Response(checks::accepted_twice),
    },
    Rule {
        id: "extensions/answer-params",
        cite: Cite::deflate("7"),
        level: Level::Must,
        word: "MUST",
        says: "An answer of permessage-deflate uses its own four parameters, each once and with an allowed value.",
        why: "The client must fail the connection: it cannot know how the other side will compress.",
        entails: &[],
        check: Check::Response(checks::answer_params),
    },
    Rule {
        id: "extensions/answer-beyond-offer",
        cite: Cite::deflate("7.1"),
        level: Level::Must,
        word: "MUST NOT",
        says: "An answer limits the client's window only where that was offered, and promises what the offer asks of the \
               server.",
        why: "The client named what it can do: a window that it cannot shrink, or has no memory for, breaks the \
              compression. Whoever cannot promise what is asked declines the offer.",
        entails: &[],
        check: Check::Response(checks::answer_beyond_offer),
    },
];

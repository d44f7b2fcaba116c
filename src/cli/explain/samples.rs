//! The samples that break each rule, so that `wslens explain` can show them wherever it was installed.

/// The id of a rule, the path of its sample, and what stands in it.
type Row = (&'static str, &'static str, &'static str);

/// The row of a sample: a rule's id with `-` for `/` is the name of its file.
macro_rules! row {
    ($chapter:literal, $name:literal) => {
        (
            concat!($chapter, "/", $name),
            concat!("samples/break-", $chapter, "-", $name, ".txt"),
            include_str!(concat!("../../../samples/break-", $chapter, "-", $name, ".txt")),
        )
    };
}

/// One row a rule, in the order of the book.
const SAMPLES: &[Row] = &[
    row!("head", "bare-lf"),
    row!("head", "obs-fold"),
    row!("head", "space-before-colon"),
    row!("head", "control-byte"),
    row!("head", "no-colon"),
    row!("head", "name-token"),
    row!("request", "method"),
    row!("request", "http-version"),
    row!("request", "target"),
    row!("request", "fragment"),
    row!("request", "host-missing"),
    row!("request", "host-repeated"),
    row!("request", "upgrade"),
    row!("request", "connection"),
    row!("request", "value-case"),
    row!("request", "key-missing"),
    row!("request", "key-repeated"),
    row!("request", "key-16-bytes"),
    row!("request", "nonce-reused"),
    row!("request", "version-missing"),
    row!("request", "version-13"),
    row!("request", "version-repeated"),
    row!("request", "subprotocol-token"),
    row!("request", "subprotocol-unique"),
    row!("request", "origin-missing"),
    row!("request", "body"),
    row!("request", "early-frame"),
    row!("response", "not-http"),
    row!("response", "status-line"),
    row!("response", "http-version"),
    row!("response", "status"),
    row!("response", "status-2xx"),
    row!("response", "426-upgrade"),
    row!("response", "426-version"),
    row!("response", "upgrade"),
    row!("response", "connection"),
    row!("response", "accept-missing"),
    row!("response", "accept-repeated"),
    row!("response", "accept-wrong"),
    row!("response", "subprotocol-not-offered"),
    row!("response", "subprotocol-one"),
    row!("response", "subprotocol-none"),
    row!("response", "content-length"),
    row!("response", "transfer-encoding"),
    row!("extensions", "grammar"),
    row!("extensions", "offer-params"),
    row!("extensions", "not-offered"),
    row!("extensions", "header-repeated"),
    row!("extensions", "accepted-twice"),
    row!("extensions", "answer-params"),
    row!("extensions", "answer-beyond-offer"),
    row!("framing", "rsv1-not-agreed"),
    row!("framing", "rsv2-not-agreed"),
    row!("framing", "rsv3-not-agreed"),
    row!("framing", "opcode-reserved"),
    row!("framing", "length-minimal"),
    row!("framing", "length-top-bit"),
    row!("framing", "client-not-masked"),
    row!("framing", "server-masked"),
    row!("framing", "control-fragmented"),
    row!("framing", "control-length"),
    row!("framing", "key-zero"),
    row!("framing", "key-repeated"),
    row!("messages", "continuation-of-nothing"),
    row!("messages", "new-inside-another"),
    row!("messages", "rsv1-on-continuation"),
    row!("messages", "rsv1-on-control"),
    row!("messages", "text-utf8"),
    row!("compression", "not-deflate"),
    row!("compression", "truncated"),
    row!("compression", "no-empty-block"),
    row!("compression", "bytes-left-over"),
    row!("compression", "beyond-window"),
    row!("compression", "beyond-start"),
    row!("compression", "takeover-refused"),
    row!("compression", "larger-than-plain"),
    row!("closing", "body-one-byte"),
    row!("closing", "code-never-sent"),
    row!("closing", "code-below-1000"),
    row!("closing", "code-unassigned"),
    row!("closing", "code-above-4999"),
    row!("closing", "code-1010-from-server"),
    row!("closing", "reason-utf8"),
    row!("closing", "data-after-close"),
    row!("closing", "control-after-close"),
    row!("closing", "second-close"),
    row!("closing", "not-answered"),
    row!("closing", "client-ended-tcp-first"),
    row!("closing", "no-close"),
    row!("closing", "ping-unanswered"),
    row!("closing", "pong-unasked"),
    row!("hint", "unframed-text"),
    row!("hint", "length-little-endian"),
    row!("hint", "length-one-byte"),
    row!("hint", "key-at-2"),
    row!("hint", "one-chunk-one-frame"),
    row!("hint", "mask-by-server"),
    row!("hint", "echo-still-masked"),
];

/// The path and the text of the sample that breaks this rule.
pub(super) fn of(id: &str) -> Option<(&'static str, &'static str)> {
    SAMPLES.iter().find(|row| row.0 == id).map(|row| (row.1, row.2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::book;

    #[test]
    fn each_rule_has_its_row() {
        let rows: Vec<_> = SAMPLES.iter().map(|row| row.0).collect();
        assert_eq!(rows, book().map(|rule| rule.id).collect::<Vec<_>>());
    }
}

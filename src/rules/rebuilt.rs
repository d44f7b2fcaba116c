//! What can still be said of a head that was rebuilt from a list of headers, as a HAR keeps them.
//!
//! Programs leave headers out, join those of one name, and write the request's target as a URL. So only rules speak that
//! look at the value of a header that is there; a false alarm would be worse than silence.

use super::rule::Finding;

/// The rules that look at nothing else.
const KNOWN: &[&str] = &[
    "request/key-16-bytes",
    "request/nonce-reused",
    "request/version-13",
    "request/subprotocol-token",
    "request/subprotocol-unique",
    "response/status",
    "response/accept-wrong",
    "response/subprotocol-not-offered",
    "response/subprotocol-one",
    "extensions/grammar",
    "extensions/offer-params",
    "extensions/not-offered",
    "extensions/accepted-twice",
    "extensions/answer-params",
    "extensions/answer-beyond-offer",
];

/// Removes the findings that depend on the head as it was sent.
pub fn leave_what_is_known(found: &mut Vec<Finding>) {
    found.retain(|finding| KNOWN.contains(&finding.rule.id));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;

    #[test]
    fn every_rule_that_is_named_is_in_the_book() {
        for id in KNOWN {
            assert!(find(id).is_some(), "{id}");
        }
    }
}

//! The laws on every sample, and what a clean sample must not do.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use support::{Act, assert_conserved, conversations, cut, said, samples};
use wslens::session::segment::How;
use wslens::wire::sender::Sender;

/// Samples that break rules on purpose, besides those named `break-…`.
const NOT_CLEAN: &[&str] = &[
    // "Hello" is larger compressed.
    "deflate-blocks",
    "negotiation",
    "tutorial-1-no-accept",
    "tutorial-1-node-client",
    "tutorial-2-text-from-client",
    "tutorial-2-text-from-server",
];

#[test]
fn conservation_and_indifference() {
    for (name, bytes) in samples() {
        for conversation in conversations(&name, &bytes) {
            assert_conserved(&conversation);
            let whole = said(&conversation);
            for size in [1, 2, 3, 7, 100] {
                assert_eq!(whole, said(&cut(&conversation, || size)), "{name} in pieces of {size}");
            }
        }
    }
}

/// The input may stop at any byte: whatever came is shown.
#[test]
fn every_sample_cut_at_every_byte_of_its_first_kilobytes() {
    for (name, bytes) in samples() {
        for conversation in conversations(&name, &bytes) {
            for sender in Sender::BOTH {
                for kept in 0..600 {
                    assert_conserved(&stopped_after(&conversation, sender, kept));
                }
            }
        }
    }
}

/// The conversation as far as this sender's first `kept` bytes.
fn stopped_after(conversation: &[(Sender, Act)], sender: Sender, mut kept: usize) -> support::Conversation {
    let mut stopped = Vec::new();
    for (from, act) in conversation {
        match act {
            Act::Bytes(bytes) if *from == sender => {
                let len = bytes.len().min(kept);
                stopped.push((*from, Act::Bytes(bytes[..len].to_vec())));
                kept -= len;
                if kept == 0 {
                    break;
                }
            }
            other => stopped.push((*from, other.clone())),
        }
    }
    stopped.retain(|(from, act)| *from != sender || !matches!(act, Act::End(_)));
    stopped.push((sender, Act::End(How::Unknown)));
    stopped
}

#[test]
fn clean_samples_break_no_rule() {
    for (name, bytes) in samples() {
        if name.starts_with("break-") || NOT_CLEAN.contains(&name.as_str()) {
            continue;
        }
        for conversation in conversations(&name, &bytes) {
            let findings: Vec<_> = said(&conversation).into_iter().flat_map(|event| event.findings).collect();
            assert!(findings.is_empty(), "{name}: {findings:#?}");
        }
    }
}

#[test]
fn every_sample_has_a_line_in_the_readme_of_the_samples() {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/README.md")).expect("it");
    for (name, _) in samples() {
        assert!(readme.contains(&format!("`{name}.txt`")), "samples/README.md says what {name}.txt shows");
    }
}

//! The laws of the session: conservation, indifference, totality.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::conversations::conversation;
use support::{Act, REQUEST, RESPONSE, assert_conserved, cut, frame, said};
use wslens::session::segment::How;
use wslens::wire::sender::Sender;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn conservation(conversation in conversation()) {
        assert_conserved(&conversation);
    }

    #[test]
    fn indifference(conversation in conversation(), sizes in vec(1usize..40, 1..20)) {
        let mut sizes = sizes.into_iter().cycle();
        let pieces = cut(&conversation, || sizes.next().unwrap_or(1));
        prop_assert_eq!(said(&conversation), said(&pieces));
    }

    #[test]
    fn byte_by_byte_is_the_same(conversation in conversation()) {
        prop_assert_eq!(said(&conversation), said(&cut(&conversation, || 1)));
    }

    #[test]
    fn random_bytes_are_something_to_show(client in vec(any::<u8>(), 0..300), server in vec(any::<u8>(), 0..300)) {
        assert_conserved(&[(Sender::Client, Act::Bytes(client)), (Sender::Server, Act::Bytes(server))]);
    }
}

/// The whole tutorial connection, cut at every pair of places of the client's bytes.
#[test]
fn a_clean_connection_cut_anywhere_breaks_no_rule() {
    let mut client = REQUEST.as_bytes().to_vec();
    client.extend(frame(0x81, b"Hello", Some([1, 2, 3, 4])));
    client.extend(frame(0x88, &[0x03, 0xe8], Some([5, 6, 7, 8])));
    let mut server = RESPONSE.as_bytes().to_vec();
    server.extend(frame(0x81, b"Hi", None));
    server.extend(frame(0x88, &[0x03, 0xe8], None));
    let request = REQUEST.len();
    for at in 1..client.len() - request {
        let (first, second) = client[request..].split_at(at);
        let conversation = [
            (Sender::Client, Act::Bytes(REQUEST.into())),
            (Sender::Server, Act::Bytes(server.clone())),
            (Sender::Client, Act::Bytes(first.to_vec())),
            (Sender::Client, Act::Bytes(second.to_vec())),
            (Sender::Server, Act::End(How::Fin)),
            (Sender::Client, Act::End(How::Fin)),
        ];
        assert_conserved(&conversation);
        let said = said(&conversation);
        let findings: Vec<_> = said.iter().flat_map(|event| &event.findings).collect();
        assert!(findings.is_empty(), "cut at {at}: {findings:?}");
        assert_eq!(said.iter().filter(|event| event.what.starts_with("Message")).count(), 2);
    }
}

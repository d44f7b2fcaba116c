//! The laws of the session: conservation, indifference, totality.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use support::{Act, Conversation, REQUEST, RESPONSE, assert_conserved, cut, frame, said};
use wslens::session::segment::How;
use wslens::wire::sender::Sender;

/// A piece of stream: mostly frames, sometimes HTTP or noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![vec(any::<u8>(), 0..140), "[a-zé€𐍈]{0,60}".prop_map(String::into_bytes)];
    let first = prop_oneof![
        4 => prop::sample::select(vec![0x81u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8a]),
        1 => any::<u8>()
    ];
    prop_oneof![
        8 => (first, payload, prop::option::of(any::<[u8; 4]>())).prop_map(|(f, p, k)| frame(f, &p, k)),
        1 => vec(any::<u8>(), 1..30),
        1 => Just(REQUEST.into()),
        1 => Just(RESPONSE.into()),
        1 => Just(b"GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".to_vec()),
        1 => Just(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n".to_vec()),
        1 => Just(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno".to_vec()),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        30 => piece().prop_map(Act::Bytes),
        1 => (1u64..200).prop_map(Act::Gap),
        1 => prop::sample::select(vec![How::Fin, How::Reset]).prop_map(Act::End),
    ]
}

/// A conversation, half of them with a handshake first. What comes behind an end is left out.
fn conversation() -> impl Strategy<Value = Conversation> {
    let sender = prop::sample::select(Sender::BOTH.to_vec());
    (any::<bool>(), vec((sender, act()), 0..14)).prop_map(|(handshake, acts)| {
        let mut all = Vec::new();
        if handshake {
            all.push((Sender::Client, Act::Bytes(REQUEST.into())));
            all.push((Sender::Server, Act::Bytes(RESPONSE.into())));
        }
        let mut over = [false; 2];
        for (sender, act) in acts {
            let over = &mut over[sender as usize];
            if !*over {
                *over = matches!(act, Act::End(_));
                all.push((sender, act));
            }
        }
        all
    })
}

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

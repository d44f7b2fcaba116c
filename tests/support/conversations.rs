//! Conversations of every kind: handshakes, frames, other HTTP, noise, gaps and ends.

use proptest::collection::vec;
use proptest::prelude::*;
use wslens::session::segment::How;
use wslens::wire::sender::Sender;

use super::{Act, Conversation, REQUEST, RESPONSE, frame};

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
pub fn conversation() -> impl Strategy<Value = Conversation> {
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

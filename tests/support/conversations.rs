//! Conversations of every kind: handshakes, frames, other HTTP, noise, gaps and ends.

use flate2::{Compress, Compression, FlushCompress};
use proptest::collection::vec;
use proptest::prelude::*;
use wslens::session::segment::How;
use wslens::wire::sender::Sender;

use super::{Act, Conversation, REQUEST, RESPONSE, compressing, frame};

/// The parameters that compressed conversations agree on.
const PARAMETERS: [&str; 4] = [
    "",
    "; client_no_context_takeover",
    "; server_max_window_bits=9; client_max_window_bits=10",
    "; server_no_context_takeover; client_max_window_bits=8",
];

/// A frame with RSV1: the payload is compressed, in every way that DEFLATE knows, perhaps by a compressor that knows
/// an earlier text; sometimes damaged, cut short, or noise.
fn compressed() -> impl Strategy<Value = Vec<u8>> {
    let text = "([a-f]{1,9}|é€|lorem ipsum dolor ){0,60}";
    let first = prop::sample::select(vec![0xc1u8, 0xc2, 0x41, 0x42, 0x80, 0x00]);
    let damage = prop_oneof![6 => Just(None), 1 => (any::<usize>(), any::<u8>()).prop_map(Some)];
    let keep = prop_oneof![6 => Just(usize::MAX), 1 => 0usize..40];
    (first, text, text, 0u32..10, any::<bool>(), damage, keep, prop::option::of(any::<[u8; 4]>())).prop_map(
        |(first, before, text, level, takes_over, damage, keep, key)| {
            let mut compress = Compress::new(Compression::new(level), false);
            if takes_over {
                deflate(&mut compress, before.as_bytes());
            }
            let mut payload = deflate(&mut compress, text.as_bytes());
            payload.truncate(keep);
            if let Some((at, bits)) = damage.filter(|_| !payload.is_empty()) {
                let at = at % payload.len();
                payload[at] ^= bits;
            }
            frame(first, &payload, key)
        },
    )
}

/// A message as permessage-deflate sends it.
pub fn deflate(compress: &mut Compress, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + 1024);
    compress.compress_vec(plain, &mut out, FlushCompress::Sync).expect("compresses");
    out.truncate(out.len().saturating_sub(4));
    // Flushed twice, the compressor gives nothing: an empty message is the byte 00.
    if out.is_empty() { vec![0] } else { out }
}

/// A piece of stream: mostly frames, sometimes HTTP or noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop_oneof![vec(any::<u8>(), 0..140), "[a-zé€𐍈]{0,60}".prop_map(String::into_bytes)];
    let first = prop_oneof![
        4 => prop::sample::select(vec![0x81u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8a]),
        1 => any::<u8>()
    ];
    prop_oneof![
        8 => (first, payload, prop::option::of(any::<[u8; 4]>())).prop_map(|(f, p, k)| frame(f, &p, k)),
        3 => compressed(),
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

/// A conversation, most of them with a handshake first, and most of these with compression. What comes behind an end is left out.
pub fn conversation() -> impl Strategy<Value = Conversation> {
    let sender = prop::sample::select(Sender::BOTH.to_vec());
    (0..2 + PARAMETERS.len(), vec((sender, act()), 0..14)).prop_map(|(handshake, acts)| {
        let mut all = Vec::new();
        if let Some(parameters) = PARAMETERS.get(handshake) {
            all.extend(compressing(parameters));
        } else if handshake == PARAMETERS.len() {
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

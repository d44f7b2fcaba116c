//! `encode | decode` is the identity: what is asked for, legal or broken, is what a session finds in the bytes.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

use std::num::NonZeroUsize;

use proptest::collection::vec;
use proptest::prelude::*;
use wslens::session::event::{Event, Kind};
use wslens::session::segment::{Content, Opening, Roles, Segment};
use wslens::session::{Config, Session};
use wslens::wire::encode::Outgoing;
use wslens::wire::frame::LengthForm;
use wslens::wire::mask::MaskingKey;
use wslens::wire::opcode::Opcode;
use wslens::wire::sender::Sender;

/// All that can be said of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    fin: bool,
    rsv: u8,
    opcode: u8,
    form: LengthForm,
    key: Option<[u8; 4]>,
    payload: Vec<u8>,
}

/// What `outgoing` asks for, frame by frame.
fn asked(outgoing: &Outgoing<'_>, key: Option<[u8; 4]>) -> Vec<Said> {
    let Outgoing { opcode, payload, fin, rsv, form, piece } = *outgoing;
    let pieces: Vec<&[u8]> = match piece {
        Some(piece) if !payload.is_empty() => payload.chunks(piece.get()).collect(),
        _ => vec![payload],
    };
    let said = |(i, piece): (usize, &&[u8])| Said {
        fin: fin && i + 1 == pieces.len(),
        rsv: if i == 0 { rsv } else { 0 },
        opcode: if i == 0 { opcode.0 } else { 0 },
        form: form.unwrap_or(match piece.len() {
            0..=125 => LengthForm::Seven,
            126..=65_535 => LengthForm::Sixteen,
            _ => LengthForm::SixtyFour,
        }),
        key,
        payload: piece.to_vec(),
    };
    pieces.iter().enumerate().map(said).collect()
}

/// What a session finds in `bytes`, which come in pieces.
fn found(bytes: &[u8], sender: Sender, piece: usize) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    let mut sink = |event: &Event<'_>| match &event.kind {
        Kind::FrameStart(start) => said.push(Said {
            fin: start.header.fin(),
            rsv: [start.header.rsv1(), start.header.rsv2(), start.header.rsv3()]
                .iter()
                .fold(0, |bits, bit| bits << 1 | u8::from(*bit)),
            opcode: start.header.opcode().0,
            form: start.header.length_form(),
            key: start.header.key().map(|key| key.0),
            payload: Vec::new(),
        }),
        Kind::Payload(payload) => {
            let frame = said.last_mut().expect("a header before its payload");
            let (at, key) = (frame.payload.len(), frame.key.unwrap_or_default());
            frame.payload.extend(payload.raw.iter().zip(at..).map(|(byte, at)| byte ^ key[at % 4]));
        }
        Kind::Opaque(opaque) => said.push(Said {
            fin: false,
            rsv: 0,
            opcode: u8::MAX,
            form: LengthForm::Seven,
            key: None,
            payload: opaque.bytes.to_vec(),
        }),
        _ => {}
    };
    let mut session = Session::new(Config::default());
    let opening = Opening { roles: Roles::Given, only: Some(sender), ..Opening::default() };
    let opened = Content::Open(Box::new(opening));
    for content in [opened].into_iter().chain(bytes.chunks(piece).map(Content::Bytes)) {
        session.feed(&Segment { connection: 1, sender, time: None, packet: None, content }, &mut sink);
    }
    session.finish(&mut sink);
    said
}

proptest! {
    #[test]
    fn encode_and_decode_is_the_identity(
        opcode in 0u8..16,
        rsv in 0u8..8,
        fin in any::<bool>(),
        payload in prop_oneof![vec(any::<u8>(), 0..300), (65_400usize..65_700).prop_map(|len| vec![b'x'; len])],
        form in prop::option::of(prop::sample::select(vec![
            LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour,
        ])),
        fragment in prop::option::of(1usize..200),
        key in prop::option::of(any::<[u8; 4]>()),
        cut in 1usize..2000,
    ) {
        let piece = fragment.and_then(NonZeroUsize::new);
        let outgoing = Outgoing { opcode: Opcode(opcode), payload: &payload, fin, rsv, form, piece };
        let frames = outgoing.frames();
        prop_assume!(frames.is_ok());
        let mut bytes = Vec::new();
        frames.unwrap().for_each(|frame| frame.encode(key.map(MaskingKey), &mut bytes));
        let sender = if key.is_some() { Sender::Client } else { Sender::Server };
        prop_assert_eq!(found(&bytes, sender, cut), asked(&outgoing, key));
    }
}

/// 16 03 01 begins a record of TLS, too: what ends where a hello would begin is a frame all the same.
#[test]
fn a_frame_that_begins_like_tls_is_a_frame() {
    for payload in [&[1, 0, 5][..], &[1, 2, 3], &[4, 0, 0]] {
        let outgoing = Outgoing {
            opcode: Opcode(6),
            payload,
            fin: false,
            rsv: 1,
            form: None,
            piece: NonZeroUsize::new(3),
        };
        let mut bytes = Vec::new();
        outgoing.frames().unwrap().for_each(|frame| frame.encode(None, &mut bytes));
        assert!(bytes.starts_with(&[0x16, 0x03]));
        for piece in 1..=5 {
            assert_eq!(found(&bytes, Sender::Server, piece), asked(&outgoing, None), "{bytes:02x?}");
        }
        bytes.extend([0x80, 0x00]);
        assert_eq!(found(&bytes, Sender::Server, 2).len(), 2, "another frame may follow");
    }
}

//! The way back: frames made from a payload, legal or broken on purpose (RFC 6455 §5.2, §5.4).

use std::num::NonZeroUsize;

use thiserror::Error;

use super::frame::{Header, LengthForm};
use super::mask::MaskingKey;
use super::opcode::Opcode;

/// What is to be written: one payload, in one frame or in pieces. Nothing here asks whether it is legal.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The opcode of the first frame; pieces behind it are continuations.
    pub opcode: Opcode,
    /// The payload, unmasked.
    pub payload: &'a [u8],
    /// FIN of the last frame; the ones before it have 0.
    pub fin: bool,
    /// The reserved bits of the first frame: RSV1 is 4, RSV2 is 2, RSV3 is 1. Pieces behind it have none.
    pub rsv: u8,
    /// How lengths are written; the shortest form for each frame where it is not given.
    pub form: Option<LengthForm>,
    /// The most bytes of payload in a frame; all in one where it is not given.
    pub piece: Option<NonZeroUsize>,
}

/// A length that does not fit the form in which it should be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a length form of {} bits holds up to {}, but the payload of a frame has {len} bytes", form.bits(), form.most())]
pub struct TooShort {
    /// The form.
    pub form: LengthForm,
    /// The length of the payload.
    pub len: u64,
}

/// One frame that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    first: u8,
    form: LengthForm,
    payload: &'a [u8],
}

impl<'a> Outgoing<'a> {
    /// The frames, in their order; at least one.
    ///
    /// # Errors
    /// Where a length does not fit the form asked for. It could only be cut, and what follows the bytes that
    /// are counted would be taken for other frames.
    pub fn frames(&self) -> Result<impl Iterator<Item = Frame<'a>> + use<'a>, TooShort> {
        let Self { opcode, payload, fin, rsv, form, piece } = *self;
        let piece = piece.map_or(usize::MAX, NonZeroUsize::get);
        let longest = payload.len().min(piece) as u64;
        if let Some(form) = form.filter(|form| form.most() < longest) {
            return Err(TooShort { form, len: longest });
        }
        let mut next = Some(payload);
        Ok(std::iter::from_fn(move || {
            let rest = next?;
            let is_first = rest.len() == payload.len();
            let (payload, behind) = rest.split_at(rest.len().min(piece));
            next = Some(behind).filter(|behind| !behind.is_empty());
            let (opcode, rsv) = if is_first { (opcode, rsv) } else { (Opcode::CONTINUATION, 0) };
            let fin = fin && next.is_none();
            let first = u8::from(fin) << 7 | (rsv & 7) << 4 | opcode.0 & 0xf;
            Some(Frame { first, form: form.unwrap_or(LengthForm::shortest(payload.len() as u64)), payload })
        }))
    }
}

impl Frame<'_> {
    /// Writes the frame as it stands on the wire, masked where there is a key.
    pub fn encode(&self, key: Option<MaskingKey>, out: &mut Vec<u8>) {
        Header::new(self.first, self.payload.len() as u64, self.form, key).encode(out);
        let start = out.len();
        out.extend_from_slice(self.payload);
        if let (Some(key), Some(payload)) = (key, out.get_mut(start..)) {
            key.apply(payload);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(payload: &[u8]) -> Outgoing<'_> {
        Outgoing { opcode: Opcode::TEXT, payload, fin: true, rsv: 0, form: None, piece: None }
    }

    /// All frames, one behind the other.
    fn encoded(outgoing: Outgoing<'_>, key: Option<MaskingKey>) -> Vec<u8> {
        let mut out = Vec::new();
        outgoing.frames().expect("a form that is long enough").for_each(|frame| frame.encode(key, &mut out));
        out
    }

    /// Headers and unmasked payloads, as any reader finds them.
    fn decoded(mut bytes: &[u8]) -> Vec<(Header, Vec<u8>)> {
        let mut frames = Vec::new();
        while !bytes.is_empty() {
            let header = Header::decode(bytes).expect("a whole header");
            let (frame, rest) = bytes.split_at(header.header_len() + header.payload_len() as usize);
            let mut payload = frame[header.header_len()..].to_vec();
            header.key().unwrap_or(MaskingKey([0; 4])).apply(&mut payload);
            frames.push((header, payload));
            bytes = rest;
        }
        frames
    }

    #[test]
    fn the_tutorials_frame() {
        let key = MaskingKey([0x9f, 0xaf, 0x77, 0xf8]);
        assert_eq!(
            hex::encode(encoded(text(b"Websockets are great"), Some(key))),
            "81949faf77f8c8ca158bf0cc1c9debdc5799edca579fedca168c"
        );
    }

    #[test]
    fn an_empty_payload_is_one_frame() {
        assert_eq!(encoded(text(b""), None), [0x81, 0]);
        assert_eq!(encoded(Outgoing { piece: NonZeroUsize::new(1), ..text(b"") }, None), [0x81, 0]);
    }

    #[test]
    fn pieces_continue_and_only_the_last_is_final() {
        let outgoing = Outgoing { piece: NonZeroUsize::new(2), rsv: 4, ..text(b"hello") };
        assert_eq!(encoded(outgoing, None), *b"\x41\x02he\x00\x02ll\x80\x01o");
        let unfinished = Outgoing { fin: false, ..outgoing };
        assert_eq!(encoded(unfinished, None), *b"\x41\x02he\x00\x02ll\x00\x01o");
    }

    #[test]
    fn a_length_form_may_be_longer_than_needed_but_not_shorter() {
        let in_form =
            |len, form| Outgoing { form: Some(form), ..text(&[b'a'; 70_000][..len]) }.frames().is_ok();
        for (form, most) in [(LengthForm::Seven, 125), (LengthForm::Sixteen, 0xffff)] {
            assert!(in_form(0, form) && in_form(most, form) && !in_form(most + 1, form), "{form:?}");
        }
        assert!(in_form(70_000, LengthForm::SixtyFour));
        let in_pieces =
            Outgoing { form: Some(LengthForm::Seven), piece: NonZeroUsize::new(125), ..text(&[0; 300]) };
        assert_eq!(in_pieces.frames().map(Iterator::count), Ok(3));
    }

    proptest! {
        #[test]
        fn what_was_written_is_what_is_read(
            payload in proptest::collection::vec(any::<u8>(), 0..400),
            (opcode, rsv, fin) in (0u8..16, 0u8..8, any::<bool>()),
            key in proptest::option::of(any::<[u8; 4]>()),
            piece in proptest::option::of(1usize..500),
            form in proptest::option::of(prop_oneof![Just(LengthForm::Sixteen), Just(LengthForm::SixtyFour)]),
        ) {
            let opcode = Opcode(opcode);
            let piece = piece.and_then(NonZeroUsize::new);
            let key = key.map(MaskingKey);
            let frames = decoded(&encoded(Outgoing { opcode, payload: &payload, fin, rsv, form, piece }, key));
            let pieces = payload.len().div_ceil(piece.map_or(usize::MAX, NonZeroUsize::get)).max(1);
            prop_assert_eq!(frames.len(), pieces);
            for (i, (header, part)) in frames.iter().enumerate() {
                prop_assert_eq!(header.fin(), fin && i + 1 == pieces);
                prop_assert_eq!((header.opcode(), header.rsv()), if i == 0 { (opcode, rsv) } else { (Opcode(0), 0) });
                prop_assert_eq!(header.key(), key);
                prop_assert_eq!(header.length_form(), form.unwrap_or(LengthForm::shortest(part.len() as u64)));
            }
            let joined: Vec<u8> = frames.into_iter().flat_map(|(_, part)| part).collect();
            prop_assert_eq!(joined, payload);
        }
    }
}

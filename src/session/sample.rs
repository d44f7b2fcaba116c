//! What is kept of a payload that a rule may want to see: its first bytes, and those that prove a wrong length.

use crate::rules::facts::{Behind, Landing, PREFIX, Probe};
use crate::wire::frame::{Header, LengthForm};

/// A sample of a payload, as sent. It does not depend on how the payload was cut.
#[derive(Debug)]
pub(super) struct Sample {
    prefix: [u8; PREFIX],
    len: u8,
    swapped: Spot,
    one_byte: Spot,
}

/// Two bytes at a place in the payload, as far as they came.
#[derive(Clone, Copy, Debug)]
struct Spot {
    at: Option<u64>,
    bytes: [Option<u8>; 2],
}

impl Sample {
    /// Of no payload.
    pub(super) const NOTHING: Self =
        Self { prefix: [0; PREFIX], len: 0, swapped: Spot::at(None), one_byte: Spot::at(None) };

    /// Of a payload of which nothing has come.
    pub(super) const fn of(header: &Header) -> Self {
        let len = header.payload_len();
        let (swapped, one_byte) = match header.length_form() {
            LengthForm::Seven => (None, None),
            LengthForm::Sixteen => (Some((len as u16).swap_bytes() as u64), (len >> 8).checked_sub(1)),
            LengthForm::SixtyFour => (Some(len.swap_bytes()), None),
        };
        Self { prefix: [0; PREFIX], len: 0, swapped: Spot::at(swapped), one_byte: Spot::at(one_byte) }
    }

    /// Takes the piece of the payload that stands at `at`.
    pub(super) fn take(&mut self, at: u64, piece: &[u8]) {
        if at == u64::from(self.len) {
            let room = self.prefix.get_mut(usize::from(self.len)..).unwrap_or_default();
            let len = room.len().min(piece.len());
            if let (Some(to), Some(from)) = (room.get_mut(..len), piece.get(..len)) {
                to.copy_from_slice(from);
                self.len += len as u8;
            }
        }
        self.swapped.take(at, piece);
        self.one_byte.take(at, piece);
    }

    /// Bytes of the payload are lost, or behind all that came of it: that it is not whole proves nothing of its length.
    pub(super) const fn lose(&mut self) {
        (self.swapped, self.one_byte) = (Spot::at(None), Spot::at(None));
    }

    /// The first bytes of a payload that came in one piece.
    #[inline]
    pub(super) fn prefix_of(payload: &[u8]) -> &[u8] {
        payload.get(..PREFIX).unwrap_or(payload)
    }

    /// The first bytes.
    #[inline]
    pub(super) fn prefix(&self) -> &[u8] {
        self.prefix.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// What stands where another length would end; `end` is how far the payload came.
    pub(super) fn probe(&self, end: u64) -> Probe {
        Probe { swapped: self.swapped.landing(end), one_byte: self.one_byte.landing(end) }
    }
}

impl Spot {
    const fn at(at: Option<u64>) -> Self {
        Self { at, bytes: [None; 2] }
    }

    fn take(&mut self, from: u64, piece: &[u8]) {
        let Some(at) = self.at else { return };
        if at >= from.saturating_add(piece.len() as u64) || at.saturating_add(1) < from {
            return;
        }
        for (slot, at) in self.bytes.iter_mut().zip([at, at.saturating_add(1)]) {
            let byte = at.checked_sub(from).and_then(|i| piece.get(usize::try_from(i).ok()?));
            *slot = slot.or(byte.copied());
        }
    }

    fn landing(&self, end: u64) -> Option<Landing> {
        let at = self.at?;
        let behind = match self.bytes {
            _ if at == end => Behind::Nothing,
            [Some(first), Some(second)] => Behind::Two([first, second]),
            [Some(only), None] if at.checked_add(1) == Some(end) => Behind::One(only),
            _ => return None,
        };
        Some(Landing { at, behind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(form: LengthForm, len: u64, payload: &[u8], size: usize) -> (Vec<u8>, Probe) {
        let mut sample = Sample::of(&Header::new(0x81, len, form, None));
        for (i, piece) in payload.chunks(size).enumerate() {
            sample.take((i * size) as u64, piece);
        }
        (sample.prefix().to_vec(), sample.probe(payload.len() as u64))
    }

    #[test]
    fn a_length_written_low_byte_first_shows_where_it_would_have_ended() {
        // 300 is 012c; written as 2c 01 it claims 11265 bytes.
        let payload: Vec<u8> = (0..=255).chain(0..60).collect();
        for size in [1, 7, 1000] {
            let landing = |len| sampled(LengthForm::Sixteen, 0x2c01, &payload[..len], size).1.swapped;
            assert_eq!(landing(299), None);
            assert_eq!(landing(300), Some(Landing { at: 300, behind: Behind::Nothing }));
            assert_eq!(landing(301), Some(Landing { at: 300, behind: Behind::One(44) }));
            assert_eq!(landing(316), Some(Landing { at: 300, behind: Behind::Two([44, 45]) }));
        }
        let eight = sampled(LengthForm::SixtyFour, 300u64.swap_bytes(), &payload, 50).1.swapped;
        assert_eq!(eight, Some(Landing { at: 300, behind: Behind::Two([44, 45]) }));
    }

    #[test]
    fn one_byte_behind_126_is_the_high_byte_of_the_length() {
        let payload = [7; 299];
        let (prefix, probe) = sampled(LengthForm::Sixteen, 0xc848, &payload, 64);
        assert_eq!(probe.one_byte, Some(Landing { at: 199, behind: Behind::Two([7, 7]) }));
        assert_eq!(prefix, [7; PREFIX]);
        assert_eq!(sampled(LengthForm::Sixteen, 0x0048, &payload, 64).1.one_byte, None);
        assert_eq!(sampled(LengthForm::Seven, 100, &payload[..100], 64).1, Probe::default());
    }

    #[test]
    fn where_bytes_are_lost_no_other_length_is_proved() {
        let mut sample = Sample::of(&Header::new(0x81, 0x2c01, LengthForm::Sixteen, None));
        sample.take(0, &[7; 400]);
        assert!(sample.probe(400).swapped.is_some());
        sample.lose();
        assert_eq!(sample.probe(300), Probe::default());
        assert_eq!(sample.prefix().len(), PREFIX);
    }

    #[test]
    fn behind_a_gap_the_prefix_stops() {
        let mut sample = Sample::of(&Header::new(0x81, 1000, LengthForm::Sixteen, None));
        sample.take(0, b"abc");
        sample.take(5, b"fgh");
        assert_eq!(sample.prefix(), b"abc");
    }
}

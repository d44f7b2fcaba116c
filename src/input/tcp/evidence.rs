//! Whether bytes from the midst of a stream are frames: told by how many headers in a row make sense, and by whether
//! frames end where segments do.

use crate::wire::boundary::{Expected, Found, Search, WINDOW};
use crate::wire::frame::{Header, LONGEST_HEADER, LengthForm};
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// The evidence that is enough, in bits: one in a billion streams of noise has as much.
pub(super) const ENOUGH: u32 = 30;

/// The evidence that is enough where nothing more will come.
pub(super) const ENOUGH_AT_END: u32 = 24;

/// What a chain must tell by itself, beyond the number of segments with which one might have begun: of the other direction's frames
/// it is known that these are frames too, but not where they begin.
const ENOUGH_OF_CHAIN: u32 = 12;

/// What speaks for frames: a chain of them that begins where a segment does, or one that is found anywhere.
#[derive(Debug)]
pub(super) struct Evidence {
    chain: Option<Chain>,
    /// Segments with which a chain was begun.
    tried: u32,
    /// For frames of a client, and of a server.
    searches: [Search<()>; 2],
    found: Option<(Found, bool)>,
    /// Bytes that were taken, lost ones included.
    taken: u64,
}

impl Default for Evidence {
    fn default() -> Self {
        let searches = Sender::BOTH.map(|sender| Search::new(Expected::of(sender, RSV1)));
        Self { chain: None, tried: 0, searches, found: None, taken: 0 }
    }
}

/// The reserved bit that means something where extensions are unknown.
const RSV1: u8 = 4;

#[derive(Debug, Default)]
struct Chain {
    /// Bytes until the next header.
    left: u64,
    /// What came of a header that a segment cut.
    held: Vec<u8>,
    bits: u32,
    masked: Option<bool>,
    /// Headers, and bytes since the first of them.
    headers: u32,
    bytes: u64,
}

impl Evidence {
    /// How much there is.
    pub(super) fn bits(&self) -> u32 {
        match &self.found {
            Some((found, _)) => found.bits.max(ENOUGH),
            None => self.chain.as_ref().map_or(0, |chain| chain.bits),
        }
    }

    /// Whether the frames are masked, as a client's are.
    pub(super) fn masked(&self) -> Option<bool> {
        let of_chain = || self.chain.as_ref().and_then(|chain| chain.masked);
        self.found.map(|(_, masked)| masked).or_else(of_chain)
    }

    /// Where frames begin.
    pub(super) fn begins(&self) -> Option<Found> {
        let chain = self.chain.as_ref().filter(|chain| chain.headers > 0);
        let enough = ENOUGH_OF_CHAIN + self.tried.max(1).ilog2();
        let chain = chain.filter(|chain| chain.bits >= enough);
        let of_chain = |chain: &Chain| Found {
            at: self.taken.saturating_sub(chain.bytes),
            headers: chain.headers,
            bits: chain.bits,
        };
        self.found.map(|(found, _)| found).or_else(|| chain.map(of_chain))
    }

    /// Takes the next segment.
    pub(super) fn feed(&mut self, segment: &[u8]) {
        self.taken += segment.len() as u64;
        for (search, masked) in self.searches.iter_mut().zip([true, false]) {
            let found = search.feed((), segment).map(|found| (found, masked));
            self.found = self.found.or(found);
            while let Some(passed) =
                search.piece(search.end().saturating_sub(WINDOW)).map(|(_, piece)| piece.len())
            {
                search.take(passed);
            }
        }
        self.tried = self.tried.saturating_add(u32::from(self.chain.is_none()));
        let mut chain = self.chain.take().unwrap_or_default();
        if chain.goes_on(segment) {
            self.chain = Some(chain);
            return;
        }
        // What stood before this segment was no chain; one may begin with it.
        self.tried = self.tried.saturating_add(1);
        let mut chain = Chain::default();
        self.chain = chain.goes_on(segment).then_some(chain);
    }

    /// Bytes are missing.
    pub(super) fn lose(&mut self, lost: u64) {
        self.chain = None;
        self.taken = self.taken.saturating_add(lost);
        for search in &mut self.searches {
            search.skip(lost);
        }
    }
}

impl Chain {
    /// Follows the frames of a segment; false where a header makes no sense.
    fn goes_on(&mut self, mut segment: &[u8]) -> bool {
        self.bytes += segment.len() as u64;
        while !segment.is_empty() {
            if self.left > 0 {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(segment.len());
                self.left -= here as u64;
                segment = segment.get(here..).unwrap_or_default();
                // A frame ends where the segment does.
                self.bits += if self.left == 0 && segment.is_empty() { 7 } else { 0 };
                continue;
            }
            let before = self.held.len();
            let more = segment.get(..segment.len().min(LONGEST_HEADER - before)).unwrap_or_default();
            self.held.extend_from_slice(more);
            let Some(header) = Header::decode(&self.held) else { return true };
            if !self.add(&header) {
                return false;
            }
            segment = segment.get(header.header_len() - before..).unwrap_or_default();
            self.bits += if self.left == 0 && segment.is_empty() { 7 } else { 0 };
        }
        true
    }

    fn add(&mut self, header: &Header) -> bool {
        let masked = *self.masked.get_or_insert(header.mask());
        if !is_plausible(header) || header.mask() != masked {
            return false;
        }
        self.held.clear();
        self.headers += 1;
        self.left = header.payload_len();
        // FIN, RSV, opcode and MASK leave one header in 32; a longer form of the length is rarer still.
        self.bits += match header.length_form() {
            LengthForm::Seven => 5,
            LengthForm::Sixteen => 5 + 7,
            LengthForm::SixtyFour => 5 + 7 + 24,
        };
        true
    }
}

/// Whether a header breaks no rule that can be judged without the handshake (RFC 6455 §5.2, §5.5).
fn is_plausible(header: &Header) -> bool {
    let opcode = header.opcode();
    let known = matches!(
        opcode,
        Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY | Opcode::CLOSE | Opcode::PING | Opcode::PONG
    );
    let len = header.payload_len();
    let whole = !opcode.is_control() || header.fin() && len <= 125;
    let rsv = match opcode {
        Opcode::TEXT | Opcode::BINARY => 4,
        _ => 0,
    };
    known
        && whole
        && header.rsv() & !rsv == 0
        && header.length_form() == LengthForm::shortest(len)
        && len < 1 << 40
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mask::MaskingKey;
    use proptest::prelude::*;

    fn frame(first: u8, len: u64, masked: bool) -> Vec<u8> {
        let mut out = Vec::new();
        let key = masked.then_some(MaskingKey([1, 2, 3, 4]));
        Header::new(first, len, LengthForm::shortest(len), key).encode(&mut out);
        out.resize(out.len() + len as usize, b'x');
        out
    }

    #[test]
    fn frames_that_fill_their_segments_are_soon_believed() {
        for masked in [false, true] {
            let mut evidence = Evidence::default();
            evidence.feed(b"the end of something");
            for (first, len) in [(0x81, 20), (0x89, 0), (0x82, 300)] {
                evidence.feed(&frame(first, len, masked));
            }
            assert!(evidence.bits() >= ENOUGH, "{}", evidence.bits());
            assert_eq!(evidence.masked(), Some(masked));
        }
    }

    #[test]
    fn where_frames_begin_is_told_by_more_than_a_header() {
        // What a small segment begins with looks like a header in one of 32; its frame does not end with a segment.
        let mut evidence = Evidence::default();
        evidence.feed(&[b"\x82\xb0".repeat(10), vec![b'x'; 20]].concat());
        assert!(evidence.bits() > 0 && evidence.begins().is_none());
        // The first segment of all that ends where its frame does is enough; one of many is not.
        let mut evidence = Evidence::default();
        evidence.feed(&frame(0x82, 20, true));
        assert!(evidence.begins().is_some());
        let mut evidence = Evidence::default();
        (0..50).for_each(|_| evidence.feed(&[b'x'; 40]));
        evidence.feed(&frame(0x82, 20, true));
        assert!(evidence.begins().is_none());
        (0..3).for_each(|i| evidence.feed(&frame(0x82, 20 + i, true)));
        assert_eq!(evidence.begins().map(|found| found.at), Some(50 * 40));
    }

    #[test]
    fn a_header_may_be_cut_anywhere() {
        let stream = [frame(0x81, 200, true), frame(0x82, 5, true), frame(0x82, 70_000, true)].concat();
        let mut whole = Evidence::default();
        whole.feed(&stream);
        for size in [1, 2, 3, 7] {
            let mut pieces = Evidence::default();
            stream.chunks(size).for_each(|piece| pieces.feed(piece));
            assert!(pieces.bits() >= whole.bits());
            assert_eq!(pieces.masked(), Some(true));
        }
    }

    proptest! {
        #[test]
        fn noise_is_not_believed(segments in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 1..20)) {
            let mut evidence = Evidence::default();
            for segment in segments {
                evidence.feed(&segment);
                prop_assert!(evidence.bits() < ENOUGH);
            }
        }
    }
}

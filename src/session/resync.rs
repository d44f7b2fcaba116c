//! A search while bytes are fed: what it found is read as frames, what it passed over is shown as it is.

use super::connection::{Phase, Turn};
use super::event::{Kind, Resync, Sink, Why};
use super::link::Times;
use super::segment::Begins;
use crate::rules::facts::Rsv;
use crate::wire::boundary::{Expected, Found, Search, WINDOW};
use crate::wire::sender::Sender;

/// Bytes that are taken at once, so that hardly more than [`WINDOW`] are held.
const AT_ONCE: usize = 16 * 1024;

/// How many frames must be alike, so that those behind a loss may be expected to.
const USUAL: u64 = 16;

impl<S: Sink + ?Sized> Turn<'_, S> {
    /// From here on a boundary is searched.
    pub(super) fn begin_search(&mut self, sender: Sender, why: Why) {
        let usual = self.usual(sender);
        let direction = self.connection.direction(sender);
        direction.usual = direction.usual.or(usual);
        let usual = direction.usual;
        let expected = self.expected(sender).with_usual(usual);
        self.enter(sender, Phase::Search(Box::new(Search::new(expected)), why));
    }

    /// How every frame of a sender began, where all were whole messages of one size: those of others would not have come out
    /// even. The last may be cut.
    const fn usual(&self, sender: Sender) -> Option<[u8; 2]> {
        let side = self.connection.shared.ending.side(sender);
        if side.frames < USUAL || side.data_frames != side.frames || side.messages != side.frames {
            return None;
        }
        let size = side.payload.div_ceil(side.frames);
        let even = size * side.frames - side.payload <= size;
        if even && size <= 125 { Some([0x82, size as u8]) } else { None }
    }

    /// The input begins in the middle of a sender's stream.
    pub(super) fn begin_in_the_middle(&mut self, sender: Sender, begins: Begins) {
        let expected = self.expected(sender);
        let search = match begins {
            Begins::Somewhere => Search::new(expected),
            Begins::At { offset: at, headers, bits } => Search::until(expected, Found { at, headers, bits }),
        };
        self.enter(sender, Phase::Search(Box::new(search), Why::FromTheMiddle));
    }

    /// What frames of a sender look like. Where nothing is known of extensions, RSV1 may mean something.
    const fn expected(&self, sender: Sender) -> Expected {
        let rsv = match self.connection.shared.rsv {
            Rsv::Unknown | Rsv::PerFrame => 4,
            Rsv::Used(bits) => bits,
            Rsv::Foreign(_) => 7,
        };
        Expected::of(sender, rsv)
    }

    /// Searches in more bytes, and says how many it took.
    pub(super) fn search(&mut self, sender: Sender, bytes: &[u8]) -> usize {
        let came = self.came();
        let Phase::Search(search, _) = &mut self.connection.direction(sender).phase else { return 0 };
        let taken = bytes.len().min(AT_ONCE);
        match search.feed(came, bytes.get(..taken).unwrap_or_default()) {
            Some(found) => self.go_on_at(sender, found),
            None => {
                let keep = search.end().saturating_sub(WINDOW);
                self.show_passed(sender, keep);
            }
        }
        taken
    }

    /// Nothing follows; `over` where the stream ends, otherwise bytes are missing.
    pub(super) fn finish_search(&mut self, sender: Sender, over: bool) {
        let Phase::Search(search, _) = &mut self.connection.direction(sender).phase else { return };
        match search.finish(over) {
            Some(found) => self.go_on_at(sender, found),
            None => self.show_passed(sender, u64::MAX),
        }
    }

    /// `lost` bytes are missing, and nothing that is here was a boundary.
    pub(super) fn search_behind(&mut self, sender: Sender, lost: u64) {
        if let Phase::Search(search, _) = &mut self.connection.direction(sender).phase {
            search.skip(lost);
        }
    }

    /// A boundary was found.
    fn go_on_at(&mut self, sender: Sender, found: Found) {
        let now = (self.time, self.packet);
        if sender == Sender::Server {
            self.release_since_frames_came();
        }
        self.show_passed(sender, found.at);
        let Phase::Search(mut search, _) = self.enter(sender, Phase::frames(true, false)) else { return };
        let first = search.piece(u64::MAX).map(|(came, _)| came);
        if let Some(came) = first {
            (self.time, self.packet) = (came.time, came.packet);
        }
        let resync = Resync { headers: found.headers, bits: found.bits };
        self.emit(sender, Times::since(self.time), 0, Kind::Resync(resync));
        while let Some((came, piece)) = search.piece(u64::MAX) {
            (self.time, self.packet) = (came.time, came.packet);
            let piece = piece.to_vec();
            search.take(piece.len());
            self.bytes(sender, &piece);
        }
        (self.time, self.packet) = now;
    }

    /// Shows what was passed over before a place.
    fn show_passed(&mut self, sender: Sender, to: u64) {
        let now = (self.time, self.packet);
        while let Phase::Search(search, why) = &mut self.connection.direction(sender).phase
            && let Some((came, piece)) = search.piece(to)
        {
            let (why, piece) = (*why, piece.to_vec());
            search.take(piece.len());
            (self.time, self.packet) = (came.time, came.packet);
            self.opaque(sender, why, &piece);
        }
        (self.time, self.packet) = now;
    }
}

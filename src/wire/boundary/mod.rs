//! Searches a boundary between two frames where it is not known: behind bytes that are missing, or in a stream of which
//! the beginning is not here.
//!
//! Every byte may begin a frame; nearly all that look so do not. So a beginning is believed only where the frame that it
//! announces ends where another begins, and that one where the next does, until chance cannot have made it
//! (`evidence` counts how much each header tells, `chain` follows them). What is decided depends on the bytes of the
//! stream alone, not on how they are cut, and at most [`WINDOW`] bytes are held.

mod chain;
mod evidence;
mod held;

use self::chain::{Chain, Chains};
pub use self::evidence::Expected;
use self::evidence::{LOOKED_AT, Tells, tells};
use self::held::Held;
use super::frame::{Header, LONGEST_HEADER};

/// The most bytes that are held while it is searched.
pub const WINDOW: u64 = 64 * 1024;

/// Bytes behind a place that are looked at before it is judged.
const AHEAD: u64 = (LONGEST_HEADER + LOOKED_AT) as u64;

/// What a chain must tell, in bits, beyond the number of places that were tried: one in a billion.
const SURE: u32 = 30;

/// What the frames up to one must tell, so that it is a frame of the chain and none that merely ends where one begins.
const SURE_OF_FIRST: u32 = 18;

/// What it tells that a frame ends just where another begins, or where the stream ends.
const ENDS_THERE: u32 = 6;

/// What it tells that something is so which is so in `some` of `all` places, in whole bits, to the nearest.
fn bits_of(all: u64, some: u64) -> u32 {
    let ratio = all.saturating_mul(all) / some.saturating_mul(some).max(1);
    (u64::BITS - ratio.leading_zeros()) / 2
}

/// A search. Its bytes come each with a `T`, such as the time, which is given back with them.
#[derive(Debug)]
pub struct Search<T> {
    expected: Expected,
    held: Held<T>,
    /// The next place to judge. Places count from where the search began, lost bytes included.
    cursor: u64,
    /// How many places were judged.
    tried: u64,
    /// How many of them look like the beginning of a header that tells something, and how many like that of the usual one.
    likely: u64,
    usual: u64,
    chains: Chains,
    /// A boundary that somebody else found.
    told: Option<Found>,
}

/// A boundary that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The place where a frame begins; it may lie behind all that is here.
    pub at: u64,
    /// Headers that follow one another.
    pub headers: u32,
    /// What they tell, in bits, beyond the number of places that were tried.
    pub bits: u32,
}

impl<T: Copy + PartialEq> Search<T> {
    /// Begins where nothing is known but what frames of this sender look like.
    #[must_use]
    pub fn new(expected: Expected) -> Self {
        Self {
            expected,
            held: Held::default(),
            cursor: 0,
            tried: 0,
            likely: 0,
            usual: 0,
            chains: Chains::default(),
            told: None,
        }
    }

    /// Waits for a boundary that is known already.
    #[must_use]
    pub fn until(expected: Expected, found: Found) -> Self {
        Self { told: Some(found), ..Self::new(expected) }
    }

    /// Takes bytes, and looks for a boundary in all that is here by now.
    pub fn feed(&mut self, came: T, bytes: &[u8]) -> Option<Found> {
        self.held.push(came, bytes);
        if let Some(found) = self.told {
            return self.told.take_if(|_| found.at <= self.held.end());
        }
        let last = self.held.end().saturating_sub(AHEAD);
        self.judge_up_to(last)
    }

    /// Nothing follows what is here, or something is missing behind it: judges what is left. `over` where the stream ends.
    pub fn finish(&mut self, over: bool) -> Option<Found> {
        let end = self.held.end();
        self.judge_up_to(end).or_else(|| {
            let mut chain = self.chains.take(end).filter(|_| over)?;
            chain.count_text();
            chain.bits += ENDS_THERE;
            self.is_sure(&chain).then(|| self.found(&chain, end)).filter(|found| found.at < end)
        })
    }

    /// Judges the places before `last`.
    fn judge_up_to(&mut self, last: u64) -> Option<Found> {
        while self.cursor < last {
            let at = self.cursor;
            self.cursor += 1;
            self.tried += 1;
            if let Some(found) = self.judge(at) {
                return Some(found);
            }
        }
        None
    }

    /// Judges a place: whether a frame may begin there, and whether that is enough now.
    fn judge(&mut self, at: u64) -> Option<Found> {
        let chain = self.chains.take(at);
        let bytes = self.held.from(at);
        if !self.expected.may_begin(bytes) {
            return None;
        }
        // Two zeros are an empty piece of a message to a server: they tell nothing, and are everywhere where numbers are.
        self.likely += u64::from(!bytes.starts_with(&[0, 0]));
        let usual = self.expected.is_usual(bytes);
        self.usual += u64::from(usual);
        let header = Header::decode(bytes)?;
        let before = self.held.before(at);
        let told = tells(&header, before, bytes)?;
        // Where every other place looks like a header, one more tells little.
        let likely = if usual { self.usual } else { self.likely };
        let told = Tells { header: told.header.min(bits_of(self.tried, likely)), ..told };
        let mut chain = chain.unwrap_or_default();
        if !chain.add(at, (&header, usual), told) {
            // What came before does not allow it; perhaps that was no frame.
            chain = Chain::default();
            chain.add(at, (&header, usual), told);
        }
        if self.is_sure(&chain) {
            return Some(self.found(&chain, at));
        }
        let behind = at.saturating_add(header.header_len() as u64).saturating_add(header.payload_len());
        self.chains.put(behind, chain);
        None
    }

    /// How many bits it takes to tell this many places apart.
    fn places(&self) -> u32 {
        u64::BITS - self.tried.leading_zeros()
    }

    fn is_sure(&self, chain: &Chain) -> bool {
        chain.bits >= SURE + self.places()
    }

    /// The first frame of the chain that is here and sure to be of it; `at` is its last one, or the end.
    fn found(&self, chain: &Chain, at: u64) -> Found {
        let needed = (SURE_OF_FIRST + self.places()).saturating_sub(ENDS_THERE);
        let here = (at + AHEAD).saturating_sub(WINDOW).max(self.held.start());
        let first = chain.nodes().find(|node| node.at >= here && node.through >= needed);
        Found {
            at: first.map_or(at, |node| node.at),
            headers: first.map_or(1, |node| chain.headers - node.before),
            bits: chain.bits - self.places(),
        }
    }

    /// `lost` bytes are missing behind what is here. Frames that end behind them are still good for something.
    pub fn skip(&mut self, lost: u64) {
        self.told = None;
        self.held.skip(lost);
        self.cursor = self.held.end();
        self.chains.forget_before(self.cursor);
    }

    /// Behind the last byte that came.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.held.end()
    }

    /// The next bytes before `to` that were not taken, and what they came with.
    #[must_use]
    pub fn piece(&self, to: u64) -> Option<(T, &[u8])> {
        self.held.piece(to)
    }

    /// The first `len` bytes are done with; they lie in one piece. What is to be found must not be before them, so no
    /// more than all but the last [`WINDOW`] of them may be taken while it is searched.
    pub fn take(&mut self, len: usize) {
        self.held.take(len);
    }
}

//! Payloads: cut from two long pools, so that making them costs little.

use flate2::{Compress, Compression, FlushCompress};

use super::super::mutate::Random;
use super::{Kind, Plan, Sizes};

/// The longest payload.
const LONGEST: usize = 1 << 20;

const WORDS: &[&str] = &[
    "the", "web", "socket", "frame", "says", "hello", "wörld", "π", "and", "masking", "key", "日本", "price",
    "update", "🙂", "of", "a", "message", "ping", "user", "\"id\":", "true", "null", "12345", "0.001",
];

/// Text and noise to cut payloads from.
pub struct Pools {
    text: String,
    noise: Vec<u8>,
    sizes: Sizes,
    kind: Kind,
}

/// What a message holds.
pub struct Payload<'a> {
    pub text: bool,
    /// Whether compressing makes it smaller.
    pub packs: bool,
    pub bytes: &'a [u8],
}

impl Pools {
    pub fn new(plan: &Plan, random: &mut Random) -> Self {
        let longest = if matches!(plan.sizes, Sizes::Large) { LONGEST } else { 70_000 };
        let mut text = String::new();
        while text.len() < 2 * longest + 8 {
            text.push_str(WORDS[random.under(WORDS.len())]);
            text.push(' ');
        }
        let noise = (0..text.len()).map(|_| random.next() as u8).collect();
        Self { text, noise, sizes: plan.sizes, kind: plan.kind }
    }

    /// The next payload.
    pub fn take(&self, random: &mut Random) -> Payload<'_> {
        let len = self.len(random);
        let from = random.under(self.text.len() - len - 8);
        let text = match self.kind {
            Kind::Text => true,
            Kind::Binary => false,
            Kind::Both => random.under(2) == 0,
        };
        let packs = text || random.under(3) == 0;
        if !packs {
            return Payload { text, packs, bytes: &self.noise[from..from + len] };
        }
        let boundary = |at: usize| (at..).find(|at| self.text.is_char_boundary(*at)).unwrap_or(at);
        let (from, to) = (boundary(from), boundary(from + len));
        Payload { text, packs: to - from > 12, bytes: &self.text.as_bytes()[from..to] }
    }

    fn len(&self, random: &mut Random) -> usize {
        let mut between = |least: usize, most: usize| least + random.under(most - least + 1);
        match self.sizes {
            Sizes::Small => between(20, 200),
            Sizes::Medium => between(1024, 4096),
            Sizes::Large => between(1 << 16, LONGEST),
            Sizes::Mixed => match between(0, 99) {
                0 => 0,
                1 => 65_535,
                2 => 65_536,
                3..=5 => between(124, 127),
                6..=25 => between(1024, 4096),
                _ => between(1, 200),
            },
        }
    }
}

/// A compressor as permessage-deflate uses it, with takeover (RFC 7692 §7.2.1).
pub fn compressor() -> Compress {
    Compress::new(Compression::fast(), false)
}

/// A message compressed.
pub fn deflate(compress: &mut Compress, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + plain.len() / 64 + 1024);
    compress.compress_vec(plain, &mut out, FlushCompress::Sync).expect("compresses");
    assert!(out.len() < out.capacity(), "there was room for all");
    out.truncate(out.len().saturating_sub(4));
    // Flushed twice, the compressor gives nothing: an empty message is the byte 00.
    if out.is_empty() { vec![0] } else { out }
}

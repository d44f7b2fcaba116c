//! Frames that follow one another.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::evidence::Tells;
use crate::wire::frame::{Header, LengthForm};
use crate::wire::mask::MaskingKey;
use crate::wire::opcode::Opcode;

/// The most chains that are followed; the one whose next header is farthest goes first.
const MOST_CHAINS: usize = 1024;

/// The first frames of a chain that are remembered: the frame to begin with is among them.
const MOST_NODES: usize = 16;

/// What a header tells at most that is the same as the one before, by the form of its length: data of fixed width may look
/// so, the less likely the wider it is. Where it is `usual`, it is what comes next if frames do.
const fn same_again(header: &Header, usual: bool) -> u32 {
    match header.length_form() {
        LengthForm::Seven if header.payload_len() < 6 && !usual => 0,
        LengthForm::Seven => 3,
        LengthForm::Sixteen => 5,
        LengthForm::SixtyFour => 16,
    }
}

/// Frames each of which ends where the next begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    nodes: Vec<Node>,
    /// How many headers there are.
    pub(super) headers: u32,
    /// What they tell, in bits.
    pub(super) bits: u32,
    message: Open,
    last: Option<Header>,
    /// What the text of the last frame tells, if it ends there.
    text: u32,
}

/// A frame of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Where it begins.
    pub(super) at: u64,
    /// What it and all before it tell.
    pub(super) through: u32,
    /// How many are before it.
    pub(super) before: u32,
}

/// Whether a message is open, of which more must come (RFC 6455 §5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Open {
    #[default]
    Unknown,
    Yes,
    No,
}

impl Chain {
    /// Adds a frame, which may be as they usually are; false where it cannot follow those before it.
    pub(super) fn add(&mut self, at: u64, (header, usual): (&Header, bool), tells: Tells) -> bool {
        let opcode = header.opcode();
        if !opcode.is_control() {
            let continues = opcode == Opcode::CONTINUATION;
            match self.message {
                Open::Yes if !continues => return false,
                Open::No if continues => return false,
                _ => self.message = if header.fin() { Open::No } else { Open::Yes },
            }
        }
        if !tells.in_text {
            self.count_text();
        }
        self.bits += self.new_bits((header, usual), tells.header + tells.more);
        self.text = tells.text;
        if self.nodes.len() < MOST_NODES {
            self.nodes.push(Node { at, through: self.bits, before: self.headers });
        }
        self.headers += 1;
        self.last = Some(*header);
        true
    }

    /// The text of the last frame ends with it.
    pub(super) fn count_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.bits += text;
        if let Some(last) = self.nodes.last_mut().filter(|node| node.before + 1 == self.headers) {
            last.through += text;
        }
    }

    /// What a header adds: little where it is just like the last one.
    fn new_bits(&self, (header, usual): (&Header, bool), bits: u32) -> u32 {
        let same = self.last.is_some_and(|last| {
            let keys = [last.key(), header.key()].map(|key| key.map(|MaskingKey(key)| key));
            last.first() == header.first() && last.payload_len() == header.payload_len() && keys[0] == keys[1]
        });
        if same { bits.min(same_again(header, usual)) } else { bits }
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }
}

/// Chains by where their next header must stand.
#[derive(Debug, Default)]
pub(super) struct Chains {
    by_next: BTreeMap<u64, Chain>,
}

impl Chains {
    /// The chain whose next header stands here.
    pub(super) fn take(&mut self, at: u64) -> Option<Chain> {
        self.by_next.first_entry().filter(|entry| *entry.key() == at).map(|entry| entry.remove())
    }

    /// The chain goes on at `next`. Of two that meet there the one that tells more is followed.
    pub(super) fn put(&mut self, next: u64, chain: Chain) {
        match self.by_next.entry(next) {
            Entry::Vacant(free) => _ = free.insert(chain),
            Entry::Occupied(mut other) if other.get().bits < chain.bits => _ = other.insert(chain),
            Entry::Occupied(_) => {}
        }
        if self.by_next.len() > MOST_CHAINS {
            self.by_next.pop_last();
        }
    }

    /// Headers before this place are missing.
    pub(super) fn forget_before(&mut self, at: u64) {
        self.by_next = self.by_next.split_off(&at);
    }
}

//! What is true of a generated capture: a line for each frame and each message.

use std::collections::VecDeque;
use std::fmt;

use sha1::{Digest, Sha1};

/// A frame or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub what: What,
    /// Counted from 1, in the order of the first packets.
    pub connection: usize,
    /// 0 the client, 1 the server.
    pub sender: usize,
    /// Counted from 1 among the sender's frames, or its messages.
    pub number: u64,
    /// Of the message: that of its first frame.
    pub opcode: u8,
    pub fin: bool,
    pub rsv1: bool,
    /// Bytes of the payload; of a message its application data, inflated.
    pub len: u64,
    /// SHA-1 of the payload, unmasked; of the application data.
    pub hash: [u8; 20],
    /// The offset of its first byte in the sender's stream.
    pub at: u64,
    /// The offset behind its last byte.
    pub end: u64,
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Frame,
    Message,
}

/// What the capture has of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All of it, and all before it of the same sender.
    Whole,
    /// All of it, but bytes before it were lost.
    Behind,
    /// Bytes of it were lost.
    Hurt,
}

/// SHA-1, or nothing where nobody wants to know.
pub fn hash(wanted: bool, bytes: &[u8]) -> [u8; 20] {
    if wanted { Sha1::digest(bytes).into() } else { [0; 20] }
}

impl fmt::Display for Fact {
    /// One JSON object.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.what == What::Frame { "frame" } else { "message" };
        let sender = ["client", "server"][self.sender];
        let fate = match self.fate {
            Fate::Whole => "whole",
            Fate::Behind => "behind-loss",
            Fate::Hurt => "in-loss",
        };
        let Self { connection, number, opcode, fin, rsv1, len, at, end, .. } = self;
        write!(
            f,
            r#"{{"what":"{what}","connection":{connection},"sender":"{sender}","number":{number},"opcode":{opcode},"fin":{fin},"rsv1":{rsv1},"len":{len},"sha1":"{}","offset":{at},"end":{end},"captured":"{fate}"}}"#,
            hex::encode(self.hash)
        )
    }
}

/// Facts whose bytes are still on their way to the capture.
#[derive(Debug, Default)]
pub struct Pending {
    facts: VecDeque<Fact>,
    lost_before: bool,
}

impl Pending {
    pub fn push(&mut self, fact: Fact) {
        self.facts.push_back(fact);
    }

    /// The bytes from `from` to `to` were captured, or lost: what is over now is told.
    pub fn pass(&mut self, from: u64, to: u64, lost: bool, told: &mut Vec<Fact>) {
        for fact in &mut self.facts {
            if self.lost_before && fact.fate == Fate::Whole && fact.at >= from {
                fact.fate = Fate::Behind;
            }
            if lost && fact.at < to && from < fact.end {
                fact.fate = Fate::Hurt;
            }
        }
        self.lost_before |= lost;
        // A message may begin before the frames of another sender's that it is told with, so look at all.
        let mut at = 0;
        while let Some(fact) = self.facts.get(at) {
            if fact.end <= to {
                told.extend(self.facts.remove(at));
            } else {
                at += 1;
            }
        }
    }
}

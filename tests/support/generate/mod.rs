//! Captures made from a seed, and the truth about them: every frame and every message that was sent, and whether it can be
//! found in the capture.
//!
//! The same plan gives the same bytes everywhere. The capture is written as it is made, so it may be larger than memory.

mod network;
mod payload;
mod script;
mod stream;
mod truth;

use std::io::{self, Write};

pub use network::Network;
use network::Wire;
use script::Script;
#[allow(unused_imports, reason = "not each user of this looks at what was lost")]
pub use truth::Fate;
pub use truth::{Fact, What};

use super::mutate::Random;

/// What is made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// Connections, all open at once.
    pub connections: usize,
    /// Bytes of payload at least, over all connections.
    pub bytes: u64,
    /// How long payloads are.
    pub sizes: Sizes,
    /// Whether messages come in pieces, with control frames between and inside.
    pub pieces: bool,
    /// Whether the connections use permessage-deflate.
    pub compression: bool,
    /// Whether the handshake is in the capture; otherwise it begins in the middle.
    pub handshake: bool,
    /// What payloads hold.
    pub kind: Kind,
    /// Bytes of a TCP segment at most.
    pub segment: usize,
    /// Whether each frame is sent by itself: a segment ends where a frame does.
    pub alone: bool,
    /// What the network did.
    pub network: Network,
    /// How it is written.
    pub file: File,
}

/// How long payloads are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// 20 to 200 bytes.
    Small,
    /// 1 to 4 KiB.
    Medium,
    /// 64 KiB to 1 MiB.
    Large,
    /// Mostly small, some of the others, and the lengths at which the form of the header changes.
    Mixed,
}

/// What payloads hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Binary,
    Both,
}

/// How a capture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    pub pcapng: bool,
    /// The number of the link type: 0 NULL, 1 Ethernet, 101 RAW, 113 SLL, 276 SLL2.
    pub link: u16,
    pub ipv6: bool,
}

impl Default for Plan {
    /// A small capture of two connections with everything in it, over a network that does nothing.
    fn default() -> Self {
        Self {
            seed: 1,
            connections: 2,
            bytes: 100_000,
            sizes: Sizes::Mixed,
            pieces: true,
            compression: false,
            handshake: true,
            kind: Kind::Both,
            segment: 1448,
            alone: false,
            network: Network::CLEAN,
            file: File { pcapng: false, link: 1, ipv6: false },
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub frames: u64,
    pub messages: u64,
    pub packets: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes the capture of a plan, and tells the truth about it where somebody wants to know.
///
/// # Errors
///
/// What writing fails with.
pub fn write(plan: &Plan, out: impl Write, mut truth: Option<&mut dyn FnMut(&Fact)>) -> io::Result<Totals> {
    let mut random = Random(plan.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut wire = Wire::new(plan, out)?;
    let pools = payload::Pools::new(plan, &mut random);
    let mut scripts: Vec<_> =
        (0..plan.connections).map(|at| Script::new(plan, at, truth.is_some(), &mut random)).collect();
    let mut facts = Vec::new();
    let mut totals = Totals::default();
    let mut tell = |facts: &mut Vec<Fact>| {
        for fact in facts.drain(..) {
            match fact.what {
                What::Frame => totals.frames += 1,
                What::Message => totals.messages += 1,
            }
            if let Some(truth) = &mut truth {
                truth(&fact);
            }
        }
    };
    for script in &mut scripts {
        script.open(&mut wire, &mut random)?;
    }
    let mut sent = 0;
    while sent < plan.bytes {
        let at = random.under(scripts.len());
        sent += scripts[at].step(&pools, &mut wire, &mut random, &mut facts)?;
        tell(&mut facts);
    }
    for script in &mut scripts {
        script.close(&mut wire, &mut random, &mut facts)?;
        tell(&mut facts);
    }
    (totals.packets, totals.bytes) = wire.finish()?;
    Ok(totals)
}

/// The capture of a plan and the truth about it, in memory.
pub fn capture(plan: &Plan) -> (Vec<u8>, Vec<Fact>) {
    let (mut file, mut facts) = (Vec::new(), Vec::new());
    write(plan, &mut file, Some(&mut |fact: &Fact| facts.push(fact.clone()))).expect("memory takes all");
    (file, facts)
}

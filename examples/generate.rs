//! Writes a capture made from a seed, and beside it the truth about it, one JSON object for each frame and each message.
//!
//! ```sh
//! cargo run --release --example generate -- out.pcap truth.jsonl seed=7 sizes=small megabytes=100 late=50 lost=5
//! ```

#![allow(dead_code, reason = "the modules are shared with the tests")]
#![allow(clippy::indexing_slicing, clippy::expect_used, clippy::panic, reason = "a tool for developers")]

#[path = "../tests/support/generate/mod.rs"]
mod generate;
#[path = "../tests/support/mutate.rs"]
mod mutate;
#[path = "../tests/support/net.rs"]
mod net;

use std::fs::File;
use std::io::{self, BufWriter, Write};

use generate::{Fact, Kind, Network, Plan, Sizes};

const USAGE: &str = "generate CAPTURE [TRUTH] [NAME=VALUE]...

  seed=1  connections=2  megabytes=0.1  segment=1448
  sizes=mixed|small|medium|large   kind=both|text|binary
  file=pcap|pcapng  link=1 (0 NULL, 101 RAW, 113 SLL, 276 SLL2)  ip=4|6
  pieces=yes|no  compression=no|yes  handshake=yes|no
  alone=no|yes                       a segment ends where a frame does
  again=0 late=0 overlap=0 lost=0    of a thousand segments";

fn main() -> io::Result<()> {
    let (settings, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.contains('='));
    let mut plan = Plan::default();
    let wrong = settings.iter().find(|setting| set(&mut plan, setting).is_none());
    let (Some(capture), None) = (files.first(), wrong) else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let mut truth = files.get(1).map(File::create).transpose()?.map(BufWriter::new);
    let mut trouble = Ok(());
    let mut each = |fact: &Fact| {
        if let (Some(file), Ok(())) = (&mut truth, &trouble) {
            trouble = writeln!(file, "{fact}");
        }
    };
    let told: Option<&mut dyn FnMut(&Fact)> = if files.len() > 1 { Some(&mut each) } else { None };
    let totals = generate::write(&plan, File::create(capture)?, told)?;
    trouble?;
    if let Some(mut truth) = truth {
        truth.flush()?;
    }
    eprintln!("{totals:?}");
    Ok(())
}

/// Takes a setting; none where it is none.
fn set(plan: &mut Plan, setting: &str) -> Option<()> {
    let (name, value) = setting.split_once('=')?;
    let yes = || match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let Network { again, late, overlap, lost } = &mut plan.network;
    match name {
        "seed" => plan.seed = value.parse().ok()?,
        "connections" => plan.connections = value.parse().ok().filter(|count| *count > 0)?,
        "megabytes" => plan.bytes = (value.parse::<f64>().ok()? * 1e6) as u64,
        "segment" => plan.segment = value.parse().ok().filter(|size| (1..=60_000).contains(size))?,
        "sizes" => plan.sizes = sizes(value)?,
        "kind" => {
            plan.kind = match value {
                "text" => Kind::Text,
                "binary" => Kind::Binary,
                "both" => Kind::Both,
                _ => return None,
            }
        }
        "file" => plan.file.pcapng = value == "pcapng",
        "link" => plan.file.link = value.parse().ok()?,
        "ip" => plan.file.ipv6 = value == "6",
        "pieces" => plan.pieces = yes()?,
        "compression" => plan.compression = yes()?,
        "handshake" => plan.handshake = yes()?,
        "alone" => plan.alone = yes()?,
        "again" => *again = value.parse().ok()?,
        "late" => *late = value.parse().ok()?,
        "overlap" => *overlap = value.parse().ok()?,
        "lost" => *lost = value.parse().ok()?,
        _ => return None,
    }
    Some(())
}

fn sizes(name: &str) -> Option<Sizes> {
    Some(match name {
        "small" => Sizes::Small,
        "medium" => Sizes::Medium,
        "large" => Sizes::Large,
        "mixed" => Sizes::Mixed,
        _ => return None,
    })
}

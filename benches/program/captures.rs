//! Captures made from a seed, through the whole program and through tshark.

use std::fs::File;
use std::path::PathBuf;

use crate::Files;
use crate::rows::{PROGRAM, Row, is_there, on_one_core, report, words, written};
use crate::support::wanted;
use generate::{Plan, Sizes, Totals};

#[allow(dead_code, reason = "a bench uses a part of it")]
#[path = "../../tests/support/generate/mod.rs"]
mod generate;
#[allow(dead_code, reason = "a bench uses a part of it")]
#[path = "../../tests/support/mutate.rs"]
mod mutate;
#[allow(dead_code, reason = "a bench uses a part of it")]
#[path = "../../tests/support/net.rs"]
mod net;

/// A capture, and what is in it.
struct Capture {
    path: PathBuf,
    totals: Totals,
}

/// Eight connections, all kinds of frames, over a network that loses nothing; small frames are packed together.
fn make(files: &Files, name: &str, sizes: Sizes, bytes: u64) -> Capture {
    write(files, name, &Plan { seed: 7, connections: 8, sizes, bytes, ..Plan::default() })
}

/// The same of small frames, each in a segment of its own, as most programs send them.
fn make_alone(files: &Files, name: &str, bytes: u64) -> Capture {
    let plan = Plan { seed: 7, connections: 8, sizes: Sizes::Small, bytes, alone: true, ..Plan::default() };
    write(files, name, &plan)
}

fn write(files: &Files, name: &str, plan: &Plan) -> Capture {
    let path = files.put(name, b"");
    let totals = generate::write(plan, File::create(&path).expect("a file"), None).expect("a disk");
    Capture { path, totals }
}

/// A capture that is as small as a first look at something.
pub fn of_twelve_frames(files: &Files) -> PathBuf {
    let small = (1..).map(|bytes| {
        let plan = Plan { connections: 1, sizes: Sizes::Small, bytes: 50 * bytes, ..Plan::default() };
        let path = files.put("twelve.pcap", b"");
        (generate::write(&plan, File::create(&path).expect("a file"), None).expect("a disk"), path)
    });
    small.take(100).find(|(totals, _)| totals.frames >= 12).expect("twelve frames").1
}

impl Capture {
    /// wslens on it, measured by the bytes of the capture.
    fn row(&self, name: &str, options: &[&str]) -> Row {
        self.command(name, words(&[&[PROGRAM, "decode"], options].concat(), &self.path))
    }

    fn command(&self, name: &str, command: Vec<String>) -> Row {
        Row { name: name.to_owned(), command, frames: self.totals.frames, bytes: self.totals.bytes }
    }
}

const METADATA: &[&str] = &["--json", "--payload", "none"];
const PAYLOAD: &[&str] = &["--json"];

/// Prints all that is about captures.
pub fn report_all(files: &Files) {
    let small = make(files, "small.pcap", Sizes::Small, 32_000_000);
    let alone = make_alone(files, "alone.pcap", 32_000_000);
    let medium = make(files, "medium.pcap", Sizes::Medium, 192_000_000);
    let large = make(files, "large.pcap", Sizes::Large, 384_000_000);
    println!("Captures of eight connections, bytes of the file");
    report(&[
        one_core(small.row("capture, small, json --payload none", METADATA)),
        one_core(small.row("capture, small, json", PAYLOAD)),
        one_core(small.row("capture, small, summary", &["--view", "summary"])),
        one_core(alone.row("capture, small, a frame a segment, json --payload none", METADATA)),
        one_core(alone.row("capture, small, a frame a segment, json", PAYLOAD)),
        one_core(medium.row("capture, medium, json --payload none", METADATA)),
        one_core(medium.row("capture, medium, json", PAYLOAD)),
        one_core(large.row("capture, large, json --payload none", METADATA)),
        one_core(large.row("capture, large, json", PAYLOAD)),
    ]);
    report_cores(&small, &medium);
    report_tshark(files);
    report_lesson(files);
    if let Some(gigabytes) = std::env::var("GB").ok().and_then(|gb| gb.parse::<u64>().ok()) {
        println!("A long capture");
        let long = make(files, "long.pcap", Sizes::Mixed, gigabytes * 1_000_000_000);
        report(&[one_core(long.row("capture, long, json --payload none", METADATA))]);
    }
}

fn one_core(row: Row) -> Row {
    Row { command: on_one_core(row.command), ..row }
}

/// The same command with one core and with two.
fn report_cores(small: &Capture, medium: &Capture) {
    println!("Two cores beside one");
    for (name, capture, options) in [
        ("small, json --payload none", small, METADATA),
        ("small, json", small, PAYLOAD),
        ("small, summary", small, &["--view", "summary"]),
        ("medium, json", medium, PAYLOAD),
    ] {
        report_both(
            capture.row(&format!("one core, {name}"), options),
            capture.row(&format!("two cores, {name}"), options),
        );
    }
}

fn report_both(one: Row, two: Row) {
    if let [(_, one), (_, two)] = report(&[one_core(one), two]).as_slice() {
        println!("    {:.2} times one core", one.as_secs_f64() / two.as_secs_f64());
    }
}

/// What our metadata line of a frame tells, as far as tshark has fields for it: both are asked the same question.
const FIELDS: &str = "frame.number frame.time_epoch ip.src ip.dst tcp.srcport tcp.dstport tcp.stream websocket.fin \
                      websocket.rsv websocket.opcode websocket.mask websocket.payload_length websocket.masking_key";

/// The same small captures through both, packed and a frame a segment. tshark's start, about a third of a second, is in its time.
fn report_tshark(files: &Files) {
    if !is_there("tshark") {
        println!("no tshark: nothing to compare with");
        return;
    }
    println!("Beside tshark");
    let fields: Vec<_> = FIELDS.split(' ').flat_map(|field| ["-e", field]).collect();
    let fields = [&["-T", "fields"], fields.as_slice()].concat();
    for (kind, few) in [
        ("packed", make(files, "few.pcap", Sizes::Small, 3_000_000)),
        ("a frame a segment", make_alone(files, "few-alone.pcap", 3_000_000)),
    ] {
        for (theirs, options, ours) in [
            ("summary", ["-Y", "websocket"].as_slice(), METADATA),
            ("-T fields", &fields, METADATA),
            ("-T json", &["-T", "json"], PAYLOAD),
        ] {
            let tshark = words(&[&["tshark", "-n"], options, &["-r"]].concat(), &few.path);
            let name = format!("tshark {theirs}, {kind}");
            report_times(few.row(&format!("beside {name}"), ours), few.command(&name, tshark));
        }
    }
}

/// How many times as fast the one is, both on one core.
fn report_times(ours: Row, theirs: Row) {
    if let [(_, ours), (_, theirs)] = report(&[one_core(ours), one_core(theirs)]).as_slice() {
        println!("    {:.0} times as fast", theirs.as_secs_f64() / ours.as_secs_f64());
    }
}

/// The lesson, by the text that comes out.
fn report_lesson(files: &Files) {
    let name = "capture, small, lesson, text out";
    if !name.contains(&wanted()) {
        return;
    }
    let few = make(files, "few.pcap", Sizes::Small, 3_000_000);
    let row = few.row(name, &[]);
    let bytes = written(&row.command);
    let row = Row { bytes, ..row };
    report_both(row.clone(), Row { name: format!("two cores, {name}"), ..row });
}

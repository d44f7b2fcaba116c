//! What C's zlib makes of the same messages with every combination of its parameters.

use std::process::Command;

use wslens::wire::deflate::{Ending, Inflater};

use super::oracle::collect;

/// The lines of the script; none where there is no Python.
fn streams() -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/zlib_streams.py");
    let output = Command::new("python3").arg(script).output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        _ => {
            assert!(std::env::var_os("CI").is_none(), "no python3 with zlib");
            println!("skipped: no python3");
            None
        }
    }
}

#[test]
fn every_combination_of_parameters() {
    let Some(lines) = streams() else { return };
    let mut read = 0;
    for line in lines.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (bits, takeover) = (words[1].parse().unwrap(), words[4] == "1");
        let mut inflater = Inflater::new(bits, takeover);
        for pair in words[5..].chunks(2) {
            let [plain, sent] = [pair[0].trim_matches('-'), pair[1]].map(|hex| hex::decode(hex).unwrap());
            let mut out = Vec::new();
            inflater.feed(&sent, u64::MAX, &mut collect(&mut out));
            let message = inflater.end_of_message();
            assert!(out == plain, "{}", words[..5].join(" "));
            let told = (message.ending, message.beyond_window, message.before_message);
            assert_eq!(told, (Ending::Clean, None, None), "{}", words[..5].join(" "));
            read += 1;
        }
    }
    assert_eq!(read, 10 * 7 * 3 * 5 * 2 * 4);
}

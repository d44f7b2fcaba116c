//! A capture that is read part by part gives what it gives when it is read at once.

use std::ops::ControlFlow;

use super::{Seen, pcap, see};
use wslens::input::{Options, Parts};

fn see_in_parts(file: &[u8], bytes: usize) -> Option<Seen> {
    let (mut seen, mut notices) = (Seen::default(), Vec::new());
    let mut notice = |notice: &str| notices.push(notice.to_owned());
    let mut parts = Parts::open("capture", file, &Options::default(), &mut notice).expect("memory reads")?;
    while parts.go_on(&mut vec![0; bytes], &mut notice, &mut |segment| {
        seen.take(&segment);
        ControlFlow::Continue(())
    }) {}
    let (connections, others, error) = parts.finish();
    assert_eq!(connections as usize, seen.openings.len());
    (seen.others, seen.error) = (others, error.map(|error| error.to_string()));
    seen.hear(notices);
    Some(seen)
}

fn assert_same(file: &[u8], name: &str) {
    let whole = Seen { format: None, ..see(file) };
    for bytes in [1, 100, 5000, 1 << 20] {
        assert!(see_in_parts(file, bytes) == Some(whole.clone()), "{name} in parts of {bytes} bytes");
    }
}

#[test]
fn every_sample_reads_the_same_in_parts_and_so_does_its_beginning() {
    let samples = std::fs::read_dir("samples").unwrap().map(|entry| entry.unwrap().path());
    let captures: Vec<_> = samples
        .filter(|path| path.extension().is_some_and(|kind| kind == "pcap" || kind == "pcapng"))
        .collect();
    assert!(captures.len() > 5);
    for path in captures {
        let (file, name) = (std::fs::read(&path).unwrap(), path.display().to_string());
        for part in 1..=10 {
            assert_same(&file[..file.len() * part / 10], &name);
        }
    }
}

#[test]
fn nobody_need_read_to_the_end() {
    let file = std::fs::read("samples/capture-two-connections.pcap").unwrap();
    let mut parts = Parts::open("capture", &file[..], &Options::default(), &mut |_| {}).unwrap().unwrap();
    assert!(parts.go_on(&mut vec![0; 500], &mut |_| {}, &mut |_| ControlFlow::Continue(())));
    assert!(!parts.go_on(&mut vec![0; 500], &mut |_| {}, &mut |_| ControlFlow::Break(())));
    let (connections, _, error) = parts.finish();
    assert!(connections > 0 && error.is_none());
}

#[test]
fn what_is_no_capture_or_packed_has_no_parts() {
    let packed = std::fs::read("samples/capture-others.pcap.gz").unwrap();
    for file in [&packed[..], b"", b"\xa1", b"> 81 00"] {
        assert!(see_in_parts(file, 100).is_none());
    }
    assert!(see_in_parts(&pcap(&[]), 100).is_some());
}

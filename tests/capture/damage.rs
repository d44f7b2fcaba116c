//! Files that are damaged, cut, or lie: one sentence, the place, and what could be read.

use proptest::prelude::*;

use super::support::net::{Packet, Pcap, Pcapng};
use super::*;
use wslens::input::Options;

/// Both kinds of file, and where the last packet of each begins.
fn files() -> [Vec<u8>; 2] {
    let packets = conversation().on_ethernet();
    let mut ng = Pcapng::new(false);
    ng.interface(1, 0, &[]);
    packets.iter().for_each(|packet| _ = ng.packet(0, packet.time / 1000, packet));
    [Pcap::default().file(&packets), ng.out]
}

#[test]
fn a_file_may_end_anywhere() {
    for (whole, name) in files().iter().zip(["pcap", "pcapng"]) {
        let all = see(whole);
        let mut errors = 0;
        for len in 4..whole.len() {
            let seen = see(&whole[..len]);
            if let Some(error) = &seen.error {
                assert!(error.starts_with("capture: at byte "), "{error}");
                assert!(error.contains("the file ends inside"), "{error}");
                errors += 1;
            }
            // Of a file that is still being written that is no error, and all else the same.
            let growing = see_with(&whole[..len], 7, &Options { growing: true, ..Options::default() });
            assert_eq!(growing, Seen { error: None, format: growing.format, ..seen.clone() });
            // What came whole is there, as far as it goes.
            for (part, full) in seen.bytes.iter().flatten().zip(all.bytes.iter().flatten()) {
                assert!(full.starts_with(part), "{name} at {len}");
            }
        }
        assert!(errors > whole.len() - 20, "nearly every place is inside something");
        let last = see(&whole[..whole.len() - 1]);
        assert_eq!(last.bytes, all.bytes, "{name}");
    }
}

#[test]
fn lengths_that_no_packet_has() {
    let packets = conversation().on_ethernet();
    let whole = Pcap::default().file(&packets);
    let last = whole.len() - 16 - packets.last().unwrap().bytes.len();
    for length in [0xffff_ffffu32, 0x7fff_ffff, 0x4000_0000] {
        let mut file = whole.clone();
        file[last + 8..last + 12].copy_from_slice(&length.to_le_bytes());
        let seen = see(&file);
        assert_eq!(
            seen.error,
            Some(format!(
                "capture: at byte {}: a record claims {length} bytes, more than any packet has; what came before was read",
                thousands(last)
            ))
        );
        assert_eq!(of(&seen, Sender::Client).len(), REQUEST.len() + 20);
    }
    let [_, ng] = files();
    let back = u32::from_le_bytes(ng[ng.len() - 4..].try_into().unwrap()) as usize;
    let last = ng.len() - back;
    for (length, says) in [
        (0xffff_ffffu32, "a block claims a length of 4294967295"),
        (0xffff_fffc, "a block claims 4294967292 bytes"),
        (0, "a block claims a length of 0"),
        (13, "a block claims a length of 13"),
        (back as u32 - 4, "a block tells two lengths"),
    ] {
        let mut file = ng.clone();
        file[last + 4..last + 8].copy_from_slice(&length.to_le_bytes());
        let error = see(&file).error.unwrap();
        assert!(error.contains(says) && error.contains(&format!("at byte {}:", thousands(last))), "{error}");
    }
    // A packet that is longer than its block, and a block that nobody knows and that never ends.
    let mut file = ng.clone();
    file[last + 20..last + 24].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    assert!(see(&file).error.unwrap().contains("too short for the packet that it claims"));
    let mut file = ng.clone();
    file[last..last + 8].copy_from_slice(&[9, 9, 9, 9, 0xfc, 0xff, 0xff, 0xff]);
    assert!(see(&file).error.unwrap().contains("the file ends inside a block"));
}

fn thousands(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}

#[test]
fn zeros_and_other_things() {
    let seen = see(&[&Pcap::default().file(&[])[..], &[0; 4096]].concat());
    assert_eq!(seen.error, None);
    assert_eq!(seen.notices, ["256 packets skipped: a header in it is cut off or makes no sense"]);
    let mut ng = Pcapng::new(false);
    ng.out.extend_from_slice(&[0; 4096]);
    assert!(see(&ng.out).error.unwrap().contains("a block claims a length of 0"));
    let options = Options { format: Some(Format::Pcap), ..Options::default() };
    let text = see_with(b"this is no capture of packets", usize::MAX, &options);
    assert!(text.error.unwrap().contains("this is no pcap file"));
    let mut ng = Pcapng::new(false);
    ng.out[8] = 0;
    assert!(see(&ng.out).error.unwrap().contains("byte-order magic"));
    let mut ng = Pcapng::new(true);
    ng.out[13] = 9;
    assert!(see(&ng.out).error.unwrap().contains("version 9"));
}

/// What is said of a file of this name.
fn error_of(name: &str, file: &[u8], options: &Options) -> Option<String> {
    let each = &mut |_: Segment<'_>| ControlFlow::Continue(());
    read(name, file, options, &mut |_| {}, each).err().map(|error| error.to_string())
}

#[test]
fn a_file_named_as_a_capture_is_one() {
    for name in ["trace.pcap", "a/b.PCAPNG", "x.cap", "x.pcap.gz"] {
        for file in [&[0; 4096][..], b"\xd4\xc3\xb2", b"<html>not found</html>"] {
            let error = error_of(name, file, &Options::default()).unwrap();
            assert!(
                error.starts_with(name) && error.contains("at byte 0: its name is that of a capture"),
                "{error}"
            );
        }
        let raw = Options { format: Some(Format::Raw), ..Options::default() };
        assert_eq!(error_of(name, &[0; 4096], &raw), None);
        assert_eq!(error_of(name, b"81 02 48 69", &Options::default()), None, "a dump says what it is");
    }
    assert_eq!(error_of("trace.bin", &[0x81, 0].repeat(300), &Options::default()), None);
    let zeros = error_of("trace.bin", &[0; 4096], &Options::default()).unwrap();
    assert!(zeros.starts_with("trace.bin: at byte 0: it begins with 512 zeros"), "{zeros}");
}

#[test]
fn gzip_that_breaks_off_is_read_as_far_as_it_goes() {
    let mut whole = files()[0].clone();
    let all = see(&whole).bytes;
    // What cannot be compressed, so that the damage is not at the beginning.
    let noise: Vec<u8> = (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    whole.extend(Pcap::default().file(&[Packet::new(0, noise)]).split_off(24));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut gzip, &whole).unwrap();
    let gzip = gzip.finish().unwrap();
    let (short, mut wrong) = (gzip[..gzip.len() / 2].to_vec(), gzip.clone());
    *wrong.last_mut().unwrap() ^= 1;
    let behind = [&gzip[..], b"something else"].concat();
    for (file, says) in [(short, "cut off"), (wrong, "damaged"), (behind, "followed by something else")] {
        let seen = see(&file);
        let error = seen.error.unwrap();
        assert!(error.contains("the gzip data is ") && error.contains(says), "{error}");
        assert_eq!(seen.bytes, all, "{says}");
    }
    // Nothing comes out at all, and the first bytes alone do.
    let error = see(&gzip[..10]).error.unwrap();
    assert!(error.contains("the gzip data is cut off behind the first 0 bytes"), "{error}");
    for len in 11..400 {
        let error = see(&gzip[..len]).error.unwrap();
        assert!(error.contains("the gzip data is cut off"), "{len}: {error}");
    }
}

#[test]
fn a_damaged_record_is_the_same_however_the_file_comes() {
    let whole = &files()[0];
    // The second record is unlikely: its length, its time, all of it.
    let second = 24 + 16 + u32::from_le_bytes(whole[32..36].try_into().unwrap()) as usize;
    for (at, len) in [(8, 4), (4, 4), (0, 16), (12, 4)] {
        for byte in [0, 0xff] {
            let mut file = whole.clone();
            file[second + at..second + at + len].fill(byte);
            let all = see(&file);
            for pieces in [1, 24 + 16, second, second + 16, second + 200] {
                assert_eq!(see_with(&file, pieces, &Options::default()), all, "{at} {byte:x} {pieces}");
            }
        }
    }
}

#[test]
fn options_that_lie_are_passed_over() {
    let packets = conversation().on_ethernet();
    let mut ng = Pcapng::new(false);
    // A resolution of two bytes, an offset of three, and an option longer than the block.
    let options =
        [ng.option(9, &[6, 6]), ng.option(14, &[1, 2, 3]), vec![2, 0, 0xff, 0xff, b'e', b't', b'h', 0]]
            .concat();
    ng.interface(1, 0xffff_ffff, &options);
    packets.iter().for_each(|packet| _ = ng.packet(0, packet.time / 1000, packet));
    let mut seen = see(&ng.out);
    assert!(
        seen.notices.remove(0).starts_with("1 block with an option that claims to be longer than its block")
    );
    assert_conversation(&seen);
}

/// Everything may be changed: nothing panics, hangs or grows, and what is said is a sentence.
fn survives(file: &[u8]) {
    let seen = see(file);
    assert!(seen.bytes.iter().flatten().map(Vec::len).sum::<usize>() <= (64 << 20));
    if let Some(error) = seen.error {
        assert!(error.starts_with("capture: at byte") && !error.contains('\n'), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn bytes_are_changed_anywhere(which: bool, changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut file = files()[usize::from(which)].clone();
        for (at, byte) in changes {
            let at = 4 + at.index(file.len() - 4);
            file[at] = byte;
        }
        survives(&file);
    }

    #[test]
    fn pieces_are_moved(which: bool, cuts in proptest::collection::vec(any::<prop::sample::Index>(), 3)) {
        let file = &files()[usize::from(which)];
        let mut at: Vec<usize> = cuts.iter().map(|cut| 24 + cut.index(file.len() - 24)).collect();
        at.sort_unstable();
        let moved = [&file[..at[0]], &file[at[1]..at[2]], &file[at[0]..at[1]], &file[at[2]..]].concat();
        survives(&moved);
    }

    #[test]
    fn packets_of_noise(link in prop::sample::select(vec![0u32, 1, 101, 113, 228, 229, 276]), packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..120), 0..20)) {
        let packets: Vec<Packet> = packets.into_iter().map(|bytes| Packet::new(0, bytes)).collect();
        survives(&Pcap { link, ..Pcap::default() }.file(&packets));
    }
}

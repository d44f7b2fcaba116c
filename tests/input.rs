//! What real programs print, read back. `tests/input/` holds their output; its README says how it was made.

#![allow(clippy::panic, reason = "a test panics where it fails")]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use wslens::input::{Format, InputError, Options, read};
use wslens::session::segment::{Content, Opening, Roles};
use wslens::wire::sender::Sender;

/// What came of a file.
#[derive(Debug, Default)]
struct Seen {
    format: Option<Format>,
    client: Vec<u8>,
    server: Vec<u8>,
    lost: u64,
    ends: Vec<String>,
    openings: Vec<Opening>,
    notices: Vec<String>,
}

fn read_file(file: &str) -> Result<Seen, InputError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/input").join(file);
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut seen, mut notices) = (Seen::default(), Vec::new());
    let report = read(
        file,
        &bytes[..],
        &Options::default(),
        &mut |notice| notices.push(notice.to_owned()),
        &mut |segment| {
            match segment.content {
                Content::Open(opening) => seen.openings.push(*opening),
                Content::Bytes(bytes) if segment.sender == Sender::Client => {
                    seen.client.extend_from_slice(bytes)
                }
                Content::Bytes(bytes) => seen.server.extend_from_slice(bytes),
                Content::Gap(lost) => seen.lost += lost,
                Content::End(how) => seen.ends.push(format!("{} {}", segment.sender, how.name())),
                Content::Message(..) | Content::Reported(_) => panic!("no HAR"),
            }
            ControlFlow::Continue(())
        },
    )?;
    seen.format = Some(report.format);
    seen.notices = notices;
    Ok(seen)
}

fn seen(file: &str) -> Seen {
    read_file(file).unwrap_or_else(|error| panic!("{error}"))
}

/// A request, and "Websockets are great".
fn client() -> Vec<u8> {
    seen("raw.bin").client
}

const FRAME: [u8; 26] = [
    0x81, 0x94, 0x9f, 0xaf, 0x77, 0xf8, 0xc8, 0xca, 0x15, 0x8b, 0xf0, 0xcc, 0x1c, 0x9d, 0xeb, 0xdc, 0x57,
    0x99, 0xed, 0xca, 0x57, 0x9f, 0xed, 0xca, 0x16, 0x8c,
];

/// What the server of the recorded conversation sent behind its response.
const FRAMES: &[u8] = b"\x81\x14Hi, from the server!\x81\x05Hello\x88\x02\x03\xe8";

#[test]
fn dumps_of_the_client_s_bytes() {
    let client = client();
    for (file, format) in [
        ("raw.bin", Format::Raw),
        ("xxd.txt", Format::Xxd),
        ("xxd-utf16.txt", Format::Xxd),
        ("xxd-g1-c8.txt", Format::Xxd),
        ("xxd-u.txt", Format::Xxd),
        ("xxd-b.txt", Format::Xxd),
        ("xxd-d.txt", Format::Xxd),
        ("xxd-e.txt", Format::Xxd),
        ("xxd-p.txt", Format::Hex),
        ("xxd-i.txt", Format::Array),
        ("hexdump-C.txt", Format::HexdumpC),
        ("hexdump.txt", Format::Hexdump),
        ("hexdump-x.txt", Format::Hexdump),
        ("od-x.txt", Format::Hexdump),
        ("od-Ax-tx1.txt", Format::Od),
        ("od-Ax-tx1z.txt", Format::Od),
        ("od-tx1.txt", Format::Od),
        ("od-Ad-tx1.txt", Format::Od),
        ("od-An-tx1.txt", Format::Hex),
        ("base64.txt", Format::Base64),
        ("basenc-url.txt", Format::Base64),
        ("node-json.txt", Format::Array),
        ("node-joined.txt", Format::Decimal),
        ("node-bits.txt", Format::Binary),
        ("node-bits8.txt", Format::Binary),
        ("node-hex.txt", Format::Hex),
        ("python-bytes.txt", Format::Escaped),
        ("python-bytearray.txt", Format::Escaped),
        ("python-latin1.txt", Format::Escaped),
        ("python-json.txt", Format::Escaped),
        ("python-list.txt", Format::Array),
        ("python-hex.txt", Format::Hex),
        ("rust-debug.txt", Format::Array),
        ("rust-02x.txt", Format::Hex),
        ("rust-escape.txt", Format::Escaped),
        ("java-bytes.txt", Format::Array),
    ] {
        let seen = seen(file);
        assert_eq!(seen.format, Some(format), "{file}");
        assert_eq!(seen.client, client, "{file}");
        assert_eq!((seen.server.len(), seen.lost, seen.ends.len()), (0, 0, 1), "{file}");
        let opening = &seen.openings[0];
        assert_eq!(
            (opening.input.as_str(), opening.roles, opening.only),
            (format.name(), Roles::RequestLine, Some(Sender::Client)),
            "{file}"
        );
        assert!(
            seen.notices[0].starts_with(&format!("read as {}; --format ", format.name())),
            "{file}: {:?}",
            seen.notices
        );
    }
}

#[test]
fn dumps_of_one_frame() {
    for (file, format) in [
        ("node-buffer-short.txt", Format::Buffer),
        ("node-arraybuffer.txt", Format::Buffer),
        ("node-uint8array.txt", Format::Array),
        ("node-int8array.txt", Format::Array),
        ("node-array-short.txt", Format::Array),
        ("node-colors.txt", Format::Array),
        ("node-latin1.txt", Format::Escaped),
        ("rust-x.txt", Format::Hex),
    ] {
        let seen = seen(file);
        assert_eq!((seen.format, &seen.client[..]), (Some(format), &FRAME[..]), "{file}");
        assert_eq!(seen.openings[0].roles, Roles::MaskBit, "{file}");
    }
    assert_eq!(seen("node-bits32.txt").client, FRAME[..4]);
}

#[test]
fn what_node_left_out_is_a_gap() {
    for (file, shown) in [("node-buffer.txt", 50), ("node-array.txt", 100)] {
        let seen = seen(file);
        assert_eq!((&seen.client[..], seen.lost), (&client()[..shown], 183 - shown as u64), "{file}");
        assert!(seen.notices.iter().any(|notice| notice.starts_with("bytes are missing")), "{file}");
    }
}

#[test]
fn what_was_printed_as_text_is_lost() {
    let seen = seen("node-utf8.txt");
    assert!(
        seen.notices.iter().any(|notice| notice.contains("print the Buffer instead")),
        "{:?}",
        seen.notices
    );
}

#[test]
fn repeated_rows_are_filled_in() {
    let expected = [&[0x82, 0x7e, 1, 0][..], &[0; 256], &[0x88, 0]].concat();
    for file in
        ["zeros-xxd-a.txt", "zeros-hexdump-C.txt", "zeros-hexdump.txt", "zeros-od.txt", "zeros-od-octal.txt"]
    {
        assert_eq!(seen(file).server, expected, "{file}");
    }
}

#[test]
fn both_sides_of_a_conversation() {
    let client = client();
    for (file, format, roles, ends) in [
        ("tcpdump-X.txt", Format::Tcpdump, Roles::Marked, "server fin, client fin"),
        ("tcpdump-x.txt", Format::Tcpdump, Roles::Marked, "server fin, client fin"),
        ("tcpdump-Xv.txt", Format::Tcpdump, Roles::Marked, "server fin, client fin"),
        ("tcpdump-XX.txt", Format::Tcpdump, Roles::Marked, "server fin, client fin"),
        ("tcpdump-XX-any.txt", Format::Tcpdump, Roles::Marked, "server fin, client fin"),
        ("tshark-x.txt", Format::Wireshark, Roles::Marked, "server fin, client fin"),
        ("tshark-follow-hex.txt", Format::Follow, Roles::RequestLine, "client unknown, server unknown"),
        ("tshark-follow-raw.txt", Format::Follow, Roles::RequestLine, "client unknown, server unknown"),
        ("wireshark-follow.txt", Format::Follow, Roles::RequestLine, "client unknown, server unknown"),
        ("strace-xx.txt", Format::Strace, Roles::Marked, "client unknown, server unknown"),
        ("socat-x.txt", Format::Socat, Roles::RequestLine, "client unknown, server unknown"),
        ("socat-xv.txt", Format::Socat, Roles::RequestLine, "client unknown, server unknown"),
    ] {
        let seen = seen(file);
        assert_eq!(seen.format, Some(format), "{file}");
        // Behind socat the client names another port.
        let sent = String::from_utf8_lossy(&seen.client).replace(":8766", ":8765");
        assert_eq!(sent, String::from_utf8_lossy(&client), "{file}");
        assert!(seen.server.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"), "{file}");
        assert!(seen.server.ends_with(FRAMES), "{file}");
        assert_eq!(
            (seen.lost, seen.ends.join(", ").as_str(), seen.openings[0].roles),
            (0, ends, roles),
            "{file}"
        );
    }
}

#[test]
fn a_shortened_trace_has_gaps() {
    let seen = seen("strace-xx-short.txt");
    assert_eq!((seen.format, seen.lost), (Some(Format::Strace), 157 - 32 + 129 - 32));
    assert!(seen.server.ends_with(FRAMES) && seen.client.ends_with(&FRAME));
    assert!(seen.notices.iter().any(|notice| notice.contains("left out")), "{:?}", seen.notices);
}

#[test]
fn curl_is_read_and_its_ascii_refused() {
    let seen = seen("curl-trace.txt");
    assert_eq!((seen.format, seen.openings[0].roles), (Some(Format::Curl), Roles::Marked));
    assert!(
        seen.client.starts_with(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n")
            && seen.client.ends_with(b"\r\n\r\n")
    );
    assert!(seen.server.ends_with(&FRAMES[..22]));
    let error = read_file("curl-trace-ascii.txt").expect_err("it has no bytes").to_string();
    assert!(error.starts_with("curl-trace-ascii.txt:4:1: curl --trace-ascii leaves bytes out"), "{error}");
}

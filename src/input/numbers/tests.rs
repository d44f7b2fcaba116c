//! Lists as many languages write them, read back.

use crate::input::Format;
use crate::input::testing::{bytes, error, read_as, sniffed};
use crate::wire::sender::Sender;
use proptest::prelude::*;

#[test]
fn every_language_is_read() {
    for text in [
        "unsigned char x[] = {\n  0x81, 0x94, 0x05\n};\nunsigned int x_len = 3;\n",
        "static const uint8_t frame[3] = { 0x81, 148, 5 }; /* 3 bytes */",
        "/* Frame (3 bytes) */\nstatic const unsigned char pkt1[3] = {\n0x81, 0x94, 0x05 /* ... */\n};",
        "let frame: [u8; 3] = [0x81, 0x94, 0x05];",
        "let frame = vec![0x81u8, 0x94, 5];",
        "const FRAME: &[u8] = &[129, 148, 5]; // Rust",
        "frame := []byte{0x81, 0x94, 0x05}",
        "var frame = [3]byte{129, 148, 5}",
        "byte[] frame = new byte[] {(byte) 0x81, (byte)0x94, 5};",
        "byte[] frame = { -127, -108, 5 };",
        "val frame = byteArrayOf(0x81.toByte(), 0x94.toByte(), 5)",
        "const frame = new Uint8Array([0x81, 0x94, 0x05]);",
        "Buffer.from([129, 148, 5])",
        "bytes([129, 148, 5])",
        "$frame = array(129, 148, 5);",
        "$frame = [129, 148, 5]; # PHP",
        "Array\n(\n    [0] => 129\n    [1] => 148\n    [2] => 5\n)\n",
        "array(3) {\n  [0]=>\n  int(129)\n  [1]=>\n  int(148)\n  [2]=>\n  int(5)\n}",
        "Uint8Array(3) [ 129, 148, 5 ]\n",
        "Buffer(3) [Uint8Array] [ 129, 148, 5 ]",
        "Int8Array(3) [ -127, -108, 5 ]",
        "(3) [129, 148, 5]",
        "Uint8Array(3) [129, 148, 5, buffer: ArrayBuffer(3), byteLength: 3, byteOffset: 0, length: 3, Symbol(Symbol.toStringTag): 'Uint8Array']",
        "{\"type\":\"Buffer\",\"data\":[129,148,5]}",
        "{\"0\":129,\"1\":148,\"2\":5}",
        "{0: 129, 1: 148, 2: 5}",
        "[\n  129, 148,\n    5\n]",
        "[129]\n[148, 5]\n",
        "[129 148 5]",
        "[0x81, 0b10010100, '\\x05']",
        "{ b: Uint8Array(3) [ 129, 148, 5 ] }",
        "std::vector<uint8_t> frame{0x81, 0x94, 0x05};",
        "[\n  \u{1b}[33m129\u{1b}[39m, \u{1b}[33m148\u{1b}[39m, \u{1b}[33m5\u{1b}[39m\n]",
    ] {
        let (seen, format) = sniffed(text);
        assert_eq!((seen.all(), format), (vec![0x81, 0x94, 5], Format::Array), "{text}");
    }
}

#[test]
fn a_length_may_be_larger_than_a_byte() {
    let list = vec!["7"; 300].join(", ");
    for text in [
        format!("Uint8Array(300) [ {list} ]"),
        format!("let x: [u8; 300] = [{list}];"),
        format!("char x[300] = {{{list}}};"),
    ] {
        assert_eq!(sniffed(text).0.all(), [7; 300]);
    }
}

#[test]
fn more_items_are_missing() {
    let (seen, _) = sniffed("[\n  129, 148,\n  ... 900 more items\n]");
    assert_eq!(seen.story, ["1 open", "1 client 2", "1 client gap 900", "1 client unknown"]);
    assert!(seen.notices.iter().any(|notice| notice.contains("900 more items")));
}

#[test]
fn wireshark_s_arrays_name_their_sender() {
    let (seen, _) = sniffed(
        "char peer0_0[] = { /* Packet 4 */\n0x81, 0x80 };\nchar peer1_0[] = { /* Packet 6 */\n0x81, 0x00 };\n",
    );
    assert_eq!((seen.of(Sender::Client), seen.of(Sender::Server)), (&b"\x81\x80"[..], &b"\x81\x00"[..]));
}

#[test]
fn what_is_wrong_is_told_at_its_place() {
    for (text, place) in [
        ("[129, 256]", "1:7: 256 does not fit into a byte"),
        ("[256]", "1:2: 256 does not fit into a byte"),
        ("[129, 148", "1:1: this list has no end"),
        ("[129, 1.5]", "1:8: a byte is a whole number"),
        ("[129, 9x]", "1:7: \"9x\" is no number"),
        ("{0x81, \"Hello\"}", "1:8: a string among numbers"),
        ("vec![0; 16]", "1:7: a repeated element"),
        (&"[".repeat(201), "1:201: more than 200 brackets"),
        ("[129, ..., 5]", "1:7: bytes were left out"),
    ] {
        let error = error(Format::Array, text);
        assert!(error.starts_with(&format!("dump.txt:{place}")), "{error}");
    }
    assert!(error(Format::Decimal, "129 148 x").starts_with("dump.txt:1:9: this is no number"));
    assert!(error(Format::Decimal, "129 1488").starts_with("dump.txt:1:5: 1488 does not fit"));
}

#[test]
fn decimals_need_no_brackets() {
    for text in ["129 148 5", "129,148,5", "129, 148, 5\n", "129\n148\n5\n", "-127 -108 5"] {
        let (seen, format) = sniffed(text);
        assert_eq!((seen.all(), format), (vec![0x81, 0x94, 5], Format::Decimal), "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_sniffed_and_read(bytes in bytes(2..300), style in 0..6) {
        let each = |print: fn(&u8) -> String, between: &str| bytes.iter().map(print).collect::<Vec<_>>().join(between);
        let text = match style {
            0 => format!("unsigned char x[] = {{\n  {}\n}};\nunsigned int x_len = {};\n", each(|b| format!("0x{b:02x}"), ",\n "), bytes.len()),
            1 => format!("Uint8Array({}) [\n  {}\n]\n", bytes.len(), each(u8::to_string, ", ")),
            2 => format!("new byte[] {{{}}}", each(|b| (*b as i8).to_string(), ", ")),
            3 => format!("new byte[]{{{}}}", each(|b| format!("(byte)0x{b:x}"), ", ")),
            4 => format!("{bytes:?}"),
            _ => format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", each(u8::to_string, ",")),
        };
        let (seen, format) = sniffed(&text);
        prop_assert_eq!(format, Format::Array, "{}", text);
        prop_assert_eq!(seen.all(), bytes, "{}", text);
    }

    #[test]
    fn bare_decimals_are_sniffed_and_read(bytes in bytes(1..300), between in "[ ,\n]") {
        prop_assume!(bytes.iter().any(|byte| *byte >= 100));
        let text: Vec<String> = bytes.iter().map(u8::to_string).collect();
        let (seen, format) = sniffed(text.join(&between));
        prop_assert_eq!(format, Format::Decimal);
        prop_assert_eq!(seen.all(), bytes);
    }

    #[test]
    fn nothing_panics(text in "[\\[\\]{}()0-9a-fx;:,.='\"/*# \n-]{0,40}") {
        let _ = read_as(Some(Format::Array), None, text.as_bytes());
        let _ = read_as(Some(Format::Decimal), None, text.as_bytes());
    }
}

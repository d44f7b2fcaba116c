use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::wire::accept::digest;

const NONCE: &str = "AQIDBAUGBwgJCgsMDQ4P+A==";

/// What is said of the value that hashes these pieces.
fn of(pieces: &[&str]) -> String {
    let pieces: Vec<_> = pieces.iter().map(|piece| piece.as_bytes()).collect();
    said(&hashed(&pieces))
}

fn said(value: &str) -> String {
    explain(NONCE.as_bytes(), value).join(" ")
}

#[track_caller]
fn assert_says(said: &str, words: &str) {
    assert!(said.contains(words), "{said:?} does not say {words:?}");
}

#[test]
fn the_right_value_needs_no_explanation() {
    assert_eq!(explain(NONCE.as_bytes(), &accept(NONCE.as_bytes())), Vec::<String>::new());
}

#[test]
fn what_was_hashed_with_the_nonce_or_in_its_place() {
    assert_says(&said(&accept(&nonce_bytes(NONCE.as_bytes()).expect("base64"))), "decoded before");
    let hex = hex::encode(nonce_bytes(NONCE.as_bytes()).expect("base64"));
    assert_says(&of(&[&hex, GUID]), "into hex");
    assert_says(&of(&[&hex.to_ascii_uppercase(), GUID]), "into hex");
    for end in ["\n", "\r\n", "\r"] {
        assert_says(&of(&[NONCE, end, GUID]), "line end");
        assert_says(&of(&[NONCE, GUID, end]), "line end");
    }
    for pieces in [[" ", NONCE, GUID], [NONCE, " ", GUID], [NONCE, GUID, " "]] {
        assert_says(&of(&pieces), "A space");
    }
    assert_says(&of(&[NONCE, GUID, "\0"]), "zero byte");
    assert_says(&of(&[NONCE]), "without the GUID");
    assert_says(&of(&[GUID, NONCE]), "before the nonce");
    assert_says(&of(&[GUID]), "empty nonce");
    assert_says(&of(&["undefined", GUID]), "req.headers");
    assert_says(&said("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "sample nonce");
    assert_says(&of(&["b'", NONCE, "'", GUID]), "quotation marks");
    assert_says(&of(&["Sec-WebSocket-Key: ", NONCE, GUID]), "header's name");
    assert_says(&of(&[&NONCE.to_ascii_lowercase(), GUID]), "other case");
    assert_says(&of(&[NONCE.trim_end_matches('='), GUID]), "without its padding");
    assert_says(&of(&[&NONCE.replace('+', " "), GUID]), "URL-decoded");
    let utf16: String = [NONCE, GUID].concat().chars().flat_map(|ch| [ch, '\0']).collect();
    assert_says(&of(&[&utf16]), "UTF-16");
}

#[test]
fn the_guid_in_another_form() {
    assert_says(&of(&[NONCE, &GUID.to_ascii_lowercase()]), "lower case");
    assert_says(&of(&[NONCE, &GUID.replace('-', "")]), "hyphens");
    assert_says(&of(&[NONCE, "{", GUID, "}"]), "braces");
    assert_says(&of(&[NONCE, "258EAFA5-E914-47DA-95CA-C5AB0DC85B1l"]), "mistake at character 36");
    assert_says(&of(&[NONCE, "258EAFA5-E914-47DA-95CA-C5AB0DC85B1"]), "mistake at character 35");
    assert_says(&of(&[NONCE, "285EAFA5-E914-47DA-95CA-C5AB0DC85B11"]), "mistake at character 2");
    assert_says(&of(&[NONCE, "258EAFA5-E914-47DA-95CA-C5AB0DC8SB11"]), "mistake at character 33");
    assert_says(&of(&[NONCE, "258EAFA5-E914-47DA-95CA-5AB0DC85B111"]), "some other text");
}

#[test]
fn the_digest_in_another_form() {
    let digest = digest(NONCE.as_bytes());
    let hex = hex::encode(digest);
    assert_says(&said(&hex), "digest in hex");
    let pairs: Vec<_> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_says(&said(&pairs.join(":")), "digest in hex");
    assert_says(&said(&STANDARD.encode(&hex)), "hex text");
    assert_says(&said(accept(NONCE.as_bytes()).trim_end_matches('=')), "another kind");
    assert_says(&said(&accept(NONCE.as_bytes()).to_ascii_lowercase()), "case of letters");
    let low_first: Vec<u8> = digest.chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
    assert_says(&said(&STANDARD.encode(low_first)), "low byte first");
    assert_says(&said(NONCE), "nonce itself");
    assert_says(&said(&STANDARD.encode([NONCE, GUID].concat())), "Between the two comes SHA-1");
}

#[test]
fn a_nonce_given_with_white_space() {
    let said = explain(format!("{NONCE} ").as_bytes(), &accept(NONCE.as_bytes())).join(" ");
    assert_says(&said, "without the white space");
}

#[test]
fn what_stands_around_the_value_is_named_even_when_the_value_is_wrong_too() {
    let right = accept(NONCE.as_bytes());
    assert_eq!(said(&format!("{right} ")), "There is white space around the value.");
    assert_eq!(said(&format!("\"{right}\"")), "There are quotation marks around the value.");
    assert_says(&said(&format!("sec-websocket-accept: {right}")), "header's name stands in the value");
    let both = said(&format!("'{}'", hashed(&[NONCE.as_bytes()])));
    assert_says(&both, "quotation marks");
    assert_says(&both, "without the GUID");
}

#[test]
fn an_unknown_value_is_described() {
    assert_says(&said(""), "empty");
    assert_says(&said("!"), "no base64");
    assert_says(&said(&STANDARD.encode([7; 20])), "another nonce");
    assert_says(&said(&STANDARD.encode([7; 32])), "SHA-256");
    assert_says(&said(&hex::encode([7; 16])), "hex of 16 bytes: an MD5");
    assert_says(&said("YQ=="), "base64 of a single byte");
}

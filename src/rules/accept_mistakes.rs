//! What went wrong where Sec-WebSocket-Accept is not the value it should be.
//!
//! The arithmetic of RFC 6455 §4.2.2 can be missed in a few dozen ways that everybody finds anew. Each is a
//! row that computes the value a server with that mistake sends: where it is the value that came, the mistake
//! is found. Nothing here guesses: without a match, only what can be seen of the value is said.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::wire::accept::{GUID, accept, digest, nonce_bytes, sha1};

/// One mistake: whether it explains a value sent for a nonce, and what it is.
struct Mistake {
    explains: fn(nonce: &[u8], value: &str) -> bool,
    says: &'static str,
}

const GUID_BYTES: &[u8] = GUID.as_bytes();

/// The mistakes in the arithmetic, likelier ones first.
const MISTAKES: &[Mistake] = &[
    Mistake {
        explains: |nonce, value| nonce_bytes(nonce).is_some_and(|bytes| value == accept(&bytes)),
        says: "The nonce was base64-decoded before it was hashed. Hash its characters as they stand in the header.",
    },
    Mistake {
        explains: |nonce, value| {
            let hex = nonce_bytes(nonce).map(hex::encode).unwrap_or_default();
            !hex.is_empty()
                && [hex.to_ascii_uppercase(), hex].iter().any(|hex| value == accept(hex.as_bytes()))
        },
        says: "The nonce was turned into hex before it was hashed. Hash its characters as they stand in the header.",
    },
    Mistake {
        explains: |nonce, value| is_hex_of(value, &digest(nonce)),
        says: "This is the digest in hex. Encode its 20 bytes in base64 instead.",
    },
    Mistake {
        explains: |nonce, value| {
            let hex = hex::encode(digest(nonce));
            value == STANDARD.encode(&hex) || value == STANDARD.encode(hex.to_ascii_uppercase())
        },
        says: "This is base64 of the digest's hex text. Encode the 20 bytes themselves: digest() where there is \
               hexdigest(), or base64 instead of hex as the output of the hash.",
    },
    Mistake {
        explains: |nonce, value| value == hashed(&[nonce, GUID.to_ascii_lowercase().as_bytes()]),
        says: "The GUID was appended in lower case. Its letters are upper case.",
    },
    Mistake {
        explains: |nonce, value| value == hashed(&[nonce, GUID.replace('-', "").as_bytes()]),
        says: "The GUID was appended without its hyphens. They belong to it: it has 36 characters.",
    },
    Mistake {
        explains: |nonce, value| value == hashed(&[nonce, b"{", GUID_BYTES, b"}"]),
        says: "The GUID was appended in braces. It has none.",
    },
    Mistake {
        explains: |nonce, value| {
            let ends: [&[u8]; 3] = [b"\n", b"\r\n", b"\r"];
            ends.iter().any(|end| {
                [hashed(&[nonce, end, GUID_BYTES]), hashed(&[nonce, GUID_BYTES, end])]
                    .iter()
                    .any(|it| it == value)
            })
        },
        says: "A line end was hashed with the text. Cut it off where the header was read, and let nothing add one \
               before the hash (echo does; printf '%s' does not).",
    },
    Mistake {
        explains: |nonce, value| {
            [hashed(&[b" ", nonce, GUID_BYTES]), hashed(&[nonce, b" ", GUID_BYTES])]
                .iter()
                .chain(&[hashed(&[b" ", nonce, b" ", GUID_BYTES]), hashed(&[nonce, GUID_BYTES, b" "])])
                .any(|it| it == value)
        },
        says: "A space was hashed with the nonce. White space around a header's value is no part of it.",
    },
    Mistake {
        explains: |nonce, value| {
            let trimmed = nonce.trim_ascii();
            trimmed != nonce && value == accept(trimmed)
        },
        says: "This is the accept of the nonce without the white space around it, which is what a server should \
               hash. Here the nonce was given with it.",
    },
    Mistake {
        explains: |nonce, value| {
            value == hashed(&[nonce, GUID_BYTES, b"\0"]) || value == hashed(&[nonce, b"\0", GUID_BYTES])
        },
        says: "A zero byte was hashed with the text: the end mark of a C string. Take strlen() of it, not sizeof.",
    },
    Mistake {
        explains: |nonce, value| value == hashed(&[nonce]),
        says: "The nonce was hashed without the GUID behind it.",
    },
    Mistake {
        explains: |nonce, value| value == hashed(&[GUID_BYTES, nonce]),
        says: "The GUID was put before the nonce. It comes behind it.",
    },
    Mistake {
        explains: |_, value| value == accept(b""),
        says: "This is the accept of the empty nonce: the server did not find the header. Header names are to be \
               matched whatever their case.",
    },
    Mistake {
        explains: |_, value| {
            ["undefined", "null", "None", "nil"].iter().any(|word| value == accept(word.as_bytes()))
        },
        says: "The server hashed a word like undefined or None in the place of the nonce: it did not find the header. \
               In Node.js the names in req.headers are lower case: req.headers['sec-websocket-key'].",
    },
    Mistake {
        explains: |_, value| value == accept(b"dGhlIHNhbXBsZSBub25jZQ=="),
        says: "This is the accept of the RFC's sample nonce, dGhlIHNhbXBsZSBub25jZQ==. It must be computed anew for \
               the nonce of each request.",
    },
    Mistake {
        explains: |nonce, value| {
            let nonce = String::from_utf8_lossy(nonce);
            [format!("b'{nonce}'"), format!("\"{nonce}\""), format!("Sec-WebSocket-Key: {nonce}")]
                .iter()
                .any(|text| value == accept(text.as_bytes()))
        },
        says: "More than the nonce was hashed: quotation marks (Python's b'…' made to a string has some), or the \
               header's name. Hash the value alone.",
    },
    Mistake {
        explains: |nonce, value| {
            [nonce.to_ascii_lowercase(), nonce.to_ascii_uppercase()]
                .iter()
                .any(|it| it != nonce && value == accept(it))
        },
        says: "The nonce was hashed in other case than it was sent. Only a header's name may change its case, never \
               its value.",
    },
    Mistake {
        explains: |nonce, value| {
            let bare = nonce.trim_ascii_end().strip_suffix(b"==").or_else(|| nonce.strip_suffix(b"="));
            bare.is_some_and(|bare| value == accept(bare))
        },
        says: "The nonce was hashed without its padding. The == at its end belongs to it.",
    },
    Mistake {
        explains: |nonce, value| {
            let spaced: Vec<u8> = nonce.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
            spaced != nonce && value == accept(&spaced)
        },
        says: "The nonce was URL-decoded before it was hashed: its + became a space. A header's value is no URL.",
    },
    Mistake {
        explains: |nonce, value| {
            let units = |byte: &u8| [*byte, 0];
            let text: Vec<u8> = nonce.iter().chain(GUID_BYTES).flat_map(units).collect();
            value == hashed(&[&text])
        },
        says: "The text was hashed as UTF-16, two bytes a character. Hash its ASCII bytes.",
    },
    Mistake {
        explains: |nonce, value| {
            let digest = digest(nonce);
            let (words, _) = digest.as_chunks::<4>();
            value
                == STANDARD
                    .encode(words.iter().flat_map(|word| word.iter().rev().copied()).collect::<Vec<_>>())
        },
        says: "The five words of the digest were written low byte first. SHA-1 gives them high byte first.",
    },
    Mistake {
        explains: |nonce, value| value.as_bytes() == nonce,
        says: "This is the nonce itself, sent back. The server must compute the accept from it.",
    },
    Mistake {
        explains: |nonce, value| value == STANDARD.encode([nonce, GUID_BYTES].concat()),
        says: "This is base64 of nonce and GUID. Between the two comes SHA-1: encode its 20 bytes.",
    },
    Mistake {
        explains: |nonce, value| {
            let digest = digest(nonce);
            [STANDARD_NO_PAD.encode(digest), URL_SAFE.encode(digest), URL_SAFE_NO_PAD.encode(digest)]
                .iter()
                .any(|it| it == value)
        },
        says: "The digest is right, its base64 is of another kind. Use the standard alphabet with + and /, and keep \
               the = at the end.",
    },
    Mistake {
        explains: |nonce, value| value.eq_ignore_ascii_case(&accept(nonce)),
        says: "Only the case of letters differs. Base64 is case-sensitive, and so is the comparison.",
    },
];

/// What is likely wrong with a value sent as the accept of a nonce: one sentence or a few for each mistake.
/// Empty where the value is right.
#[must_use]
pub fn explain(nonce: &[u8], value: &str) -> Vec<String> {
    let right = accept(nonce);
    if value == right {
        return Vec::new();
    }
    let (core, mut says) = unwrap_value(value);
    if core != right {
        let known =
            MISTAKES.iter().find(|mistake| (mistake.explains)(nonce, core)).map(|it| it.says.to_owned());
        says.push(known.or_else(|| mistyped_guid(nonce, core)).unwrap_or_else(|| shape(core)));
    }
    says
}

/// The value of a server that hashes these pieces, one behind the other.
fn hashed(pieces: &[&[u8]]) -> String {
    STANDARD.encode(sha1(pieces))
}

/// Whether a text is these bytes in hex, of either case, whatever stands between the pairs.
fn is_hex_of(text: &str, bytes: &[u8]) -> bool {
    let digits: String = text.chars().filter(|ch| !matches!(ch, ' ' | ':' | '-')).collect();
    digits.eq_ignore_ascii_case(&hex::encode(bytes))
}

/// The value without what somebody put around it, and what that was.
fn unwrap_value(value: &str) -> (&str, Vec<String>) {
    const NAME: &str = "Sec-WebSocket-Accept:";
    let mut says = Vec::new();
    let mut core = value.trim();
    if core != value {
        says.push("There is white space around the value.".to_owned());
    }
    if let Some((name, rest)) = core.split_at_checked(NAME.len()).filter(|it| it.0.eq_ignore_ascii_case(NAME))
    {
        says.push(format!("The header's name stands in the value: {name}"));
        core = rest.trim();
    }
    for quote in ['"', '\'', '`'] {
        if let Some(inner) = core.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            says.push("There are quotation marks around the value.".to_owned());
            core = inner;
        }
    }
    (core, says)
}

/// Whether the GUID was mistyped in one place: a character wrong, missing, or two of them swapped.
fn mistyped_guid(nonce: &[u8], value: &str) -> Option<String> {
    (0..GUID_BYTES.len()).find_map(|at| {
        let typo = typos(at).into_iter().find(|typo| value == hashed(&[nonce, typo]))?;
        let typo = String::from_utf8_lossy(&typo).into_owned();
        Some(format!("The GUID has a mistake at character {}: {typo}. It is {GUID}.", at + 1))
    })
}

/// The GUID with every single mistake at one place.
fn typos(at: usize) -> Vec<Vec<u8>> {
    let (before, rest) = GUID_BYTES.split_at(at);
    let Some((&here, after)) = rest.split_first() else { return Vec::new() };
    let with = |bytes: &[u8], after: &[u8]| [before, bytes, after].concat();
    let mut typos: Vec<_> = (b' '..=b'~').map(|byte| with(&[byte], after)).collect();
    typos.extend([with(&[], after), with(&[here, here], after)]);
    typos.extend(after.split_first().map(|(&next, after)| with(&[next, here], after)));
    typos
}

/// What can be seen of a value that no known mistake explains.
fn shape(value: &str) -> String {
    let of = |bytes: usize, form: &str| match bytes {
        20 => format!(
            "This is {form} of 20 bytes, as many as SHA-1 gives, but of some other text: most likely of another nonce. \
             Compare the Sec-WebSocket-Key of this very request."
        ),
        16 => format!(
            "This is {form} of 16 bytes: an MD5 digest has as many. The hash must be SHA-1, 20 bytes."
        ),
        32 => format!(
            "This is {form} of 32 bytes: a SHA-256 digest has as many. The hash must be SHA-1, 20 bytes."
        ),
        64 => format!(
            "This is {form} of 64 bytes: a SHA-512 digest has as many. The hash must be SHA-1, 20 bytes."
        ),
        1 => {
            format!("This is {form} of a single byte. The value is base64 of the 20 bytes that SHA-1 gives.")
        }
        n => format!("This is {form} of {n} bytes. The value is base64 of the 20 bytes that SHA-1 gives."),
    };
    match (hex::decode(value), nonce_bytes(value.as_bytes())) {
        _ if value.is_empty() => "The value is empty.".to_owned(),
        (Ok(bytes), _) if [16, 20, 32, 64].contains(&bytes.len()) => of(bytes.len(), "hex"),
        (_, Some(bytes)) => of(bytes.len(), "base64"),
        _ => "This is no base64. The value is base64 of the 20 bytes that SHA-1 gives: 28 characters."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

//! One row for each way in which the arithmetic of the accept is missed: the value that a server with that mistake sends.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::wire::accept::{GUID, accept, digest, nonce_bytes, sha1};

/// One mistake: whether it explains a value sent for a nonce, and what it is.
pub(super) struct Mistake {
    pub(super) explains: fn(nonce: &[u8], value: &str) -> bool,
    pub(super) says: &'static str,
}

pub(super) const GUID_BYTES: &[u8] = GUID.as_bytes();

/// The mistakes in the arithmetic, likelier ones first.
pub(super) const MISTAKES: &[Mistake] = &[
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

/// The value of a server that hashes these pieces, one behind the other.
pub(super) fn hashed(pieces: &[&[u8]]) -> String {
    STANDARD.encode(sha1(pieces))
}

/// Whether a text is these bytes in hex, of either case, whatever stands between the pairs.
fn is_hex_of(text: &str, bytes: &[u8]) -> bool {
    let digits: String = text.chars().filter(|ch| !matches!(ch, ' ' | ':' | '-')).collect();
    digits.eq_ignore_ascii_case(&hex::encode(bytes))
}

//! What went wrong where Sec-WebSocket-Accept is not the value it should be.
//!
//! The arithmetic of RFC 6455 §4.2.2 can be missed in a few dozen ways that everybody finds anew. Each is a
//! row that computes the value a server with that mistake sends: where it is the value that came, the mistake
//! is found. Nothing here guesses: without a match, only what can be seen of the value is said.

mod mistakes;
#[cfg(test)]
mod tests;

use self::mistakes::{GUID_BYTES, MISTAKES, hashed};
use crate::wire::accept::{GUID, accept, nonce_bytes};

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

//! How Sec-WebSocket-Accept comes about, step by step (RFC 6455 §4.2.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::glyphs::Mark;
use super::hex::pairs;
use super::page::{Page, indent, pad};
use super::palette::Role;
use super::sanitize::push_json;
use super::wrap::{display_width, lines};
use crate::rules::nonce;
use crate::wire::accept::{GUID, NONCE_LEN, accept, digest, nonce_bytes};
use crate::wire::bits::Cite;

/// Where the text of a step begins.
const TEXT: usize = 5;
/// Where the nonce and its bytes begin, behind their names.
const VALUE: usize = 31;
/// Where a header's value begins, behind `Sec-WebSocket-Accept: `.
const HEADER_VALUE: usize = 22;

/// What is shown.
#[derive(Clone, Copy, Debug)]
pub struct Arithmetic<'a> {
    /// The nonce, as text.
    pub nonce: &'a [u8],
    /// Whether the nonce was made just now.
    pub fresh: bool,
    /// A value to compare with.
    pub expect: Option<Expectation<'a>>,
}

/// A value that the accept was expected to be.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    /// The value.
    pub value: &'a str,
    /// What is likely wrong with it; empty where it is right.
    pub mistakes: &'a [String],
}

/// Appends one line with a JSON object: what the lesson shows, for programs.
pub fn json_line(it: &Arithmetic<'_>, out: &mut String) {
    push_json(out, &object(it).to_string());
    out.push('\n');
}

/// Appends the lesson.
pub fn lesson(page: &Page, it: &Arithmetic<'_>, out: &mut String) {
    let cite = Cite::ws("4.2.2").to_string();
    page.spread(out, 0, &[(Role::Heading, "Sec-WebSocket-Accept, step by step")], (Role::Dim, &cite));
    out.push('\n');
    the_nonce(page, it, out);
    the_guid(page, it.nonce, out);
    the_digest(page, it.nonce, out);
    the_base64(page, it.nonce, out);
    out.push('\n');
    named(page, out, HEADER_VALUE, Role::Heading, "Sec-WebSocket-Accept:", Role::Good, &accept(it.nonce));
    if let Some(expect) = &it.expect {
        expectation(page, expect, out);
    }
    if let Some(trouble) = nonce::trouble(it.nonce) {
        finding(page, &trouble, out);
    }
}

fn the_nonce(page: &Page, it: &Arithmetic<'_>, out: &mut String) {
    let name = if it.fresh { "  1  A fresh random nonce" } else { "  1  The client's nonce" };
    let text = if it.nonce.is_empty() { "(empty)".to_owned() } else { page.safe(it.nonce) };
    named(page, out, VALUE, Role::Plain, name, Role::Payload, &text);
    let is = match nonce_bytes(it.nonce) {
        Some(bytes) if bytes.len() == NONCE_LEN => "     base64 of 16 bytes".to_owned(),
        Some(bytes) => format!("     base64 of {} {}", count(bytes.len(), "byte"), page.mark(Mark::Bad)),
        None => format!("     no base64 {}", page.mark(Mark::Bad)),
    };
    let bytes = nonce_bytes(it.nonce).unwrap_or_default();
    named(page, out, VALUE, Role::Plain, &is, Role::Payload, &pairs(&bytes));
    let does = format!("The server does not decode it: it works on the {}.", length(it.nonce));
    page.paragraph(out, TEXT, Role::Plain, &does);
}

fn the_guid(page: &Page, nonce: &[u8], out: &mut String) {
    let both = [nonce, GUID.as_bytes()].concat();
    let does = format!("Append the GUID, one constant for every connection: {}", length(&both));
    step(page, out, "2", &does);
    let text = page.safe(nonce);
    let (nonce_width, guid_width) = (display_width(&text), GUID.len());
    if TEXT + nonce_width + guid_width <= page.width {
        indent(out, TEXT);
        page.paint(out, Role::Payload, &text);
        page.paint(out, Role::Structure, GUID);
        out.push('\n');
        let braces = brace(page, nonce_width, "nonce") + &brace(page, guid_width, "GUID");
        page.paragraph(out, TEXT, Role::Dim, &braces);
        return;
    }
    for (text, role, name) in [(text.as_str(), Role::Payload, "nonce"), (GUID, Role::Structure, "GUID")] {
        page.paragraph(out, TEXT, role, text);
        let longest = lines(text, page.width - TEXT).map(display_width).max().unwrap_or(0);
        page.paragraph(out, TEXT, Role::Dim, &brace(page, longest, name));
    }
}

fn the_digest(page: &Page, nonce: &[u8], out: &mut String) {
    let ascii = if nonce.is_ascii() { "ASCII " } else { "" };
    let does = format!("SHA-1 of these {} {ascii}bytes, no line end: 20 bytes", nonce.len() + GUID.len());
    step(page, out, "3", &does);
    page.paragraph(out, TEXT, Role::Payload, &pairs(&digest(nonce)));
}

fn the_base64(page: &Page, nonce: &[u8], out: &mut String) {
    step(page, out, "4", "base64 of the 20 bytes, not of their hex");
    page.paragraph(out, TEXT, Role::Good, &accept(nonce));
}

fn expectation(page: &Page, expect: &Expectation<'_>, out: &mut String) {
    if expect.mistakes.is_empty() {
        named(page, out, HEADER_VALUE, Role::Good, &good(page, "as expected"), Role::Plain, "");
        return;
    }
    let name = format!("  {} expected", page.mark(Mark::Bad));
    named(page, out, HEADER_VALUE, Role::Finding, &name, Role::Plain, &page.quoted(expect.value.as_bytes()));
    for mistake in expect.mistakes {
        page.paragraph(out, 4, Role::Plain, mistake);
    }
}

fn good(page: &Page, text: &str) -> String {
    format!("  {} {text}", page.mark(Mark::Good))
}

/// What is wrong with the nonce, in the form of every finding.
fn finding(page: &Page, trouble: &str, out: &mut String) {
    out.push('\n');
    let level = format!("{} must   ", page.mark(Mark::Bad));
    let cite = nonce::CITE.to_string();
    page.spread(out, 2, &[(Role::Finding, &level), (Role::Heading, nonce::RULE)], (Role::Dim, &cite));
    page.paragraph(out, 4, Role::Plain, &format!("{trouble} {}", nonce::INSTEAD));
    page.paragraph(out, 4, Role::Plain, "The accept is computed all the same, as real servers do.");
}

fn step(page: &Page, out: &mut String, number: &str, does: &str) {
    out.push_str("  ");
    out.push_str(number);
    out.push_str("  ");
    page.hang(out, TEXT, Role::Plain, does);
}

/// A line with a name at its left and a value at `column`.
fn named(page: &Page, out: &mut String, column: usize, name_role: Role, name: &str, role: Role, value: &str) {
    page.paint(out, name_role, name);
    pad(out, display_width(name), column);
    page.hang(out, column, role, value);
}

/// A brace below a text of that width, with a name in it where it has room.
fn brace(page: &Page, width: usize, name: &str) -> String {
    let Some(inner) = width.checked_sub(2) else {
        return page.mark(Mark::Bar).repeat(width);
    };
    let name = if name.len() + 4 <= inner { format!(" {name} ") } else { String::new() };
    let dashes = inner - name.len();
    let dash = |count| page.mark(Mark::Dash).repeat(count);
    let (left, right) = (page.mark(Mark::BraceLeft), page.mark(Mark::BraceRight));
    format!("{left}{}{name}{}{right}", dash(dashes.div_ceil(2)), dash(dashes / 2))
}

/// How long a text is: in characters where each is a byte.
fn length(text: &[u8]) -> String {
    count(text.len(), if text.is_ascii() { "character" } else { "byte" })
}

fn count(number: usize, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}

fn object(it: &Arithmetic<'_>) -> Value {
    let bytes = nonce_bytes(it.nonce);
    let finding = |message| {
        json!({
            "rule": nonce::RULE, "level": "must", "section": nonce::CITE.to_string(), "message": message
        })
    };
    json!({
        "v": 1,
        "type": "accept",
        "nonce": text_or_base64(it.nonce),
        "nonce_len": bytes.as_ref().map(Vec::len),
        "nonce_bytes": bytes.map(hex::encode),
        "fresh": it.fresh,
        "guid": GUID,
        "sha1": hex::encode(digest(it.nonce)),
        "accept": accept(it.nonce),
        "expect": it.expect.map(|expect| json!({
            "value": expect.value, "same": expect.mistakes.is_empty(), "likely": expect.mistakes
        })),
        "findings": nonce::trouble(it.nonce).map(finding).into_iter().collect::<Vec<_>>(),
    })
}

/// A text as it is; bytes that are no UTF-8 in base64, and marked so.
fn text_or_base64(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => {
            json!({ "base64": STANDARD.encode(bytes) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::glyphs::Glyphs;
    use proptest::prelude::*;

    const NONCE: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";

    fn shown(page: &Page, it: &Arithmetic<'_>) -> String {
        let mut out = String::new();
        lesson(page, it, &mut out);
        out
    }

    fn of(nonce: &[u8]) -> Arithmetic<'_> {
        Arithmetic { nonce, fresh: false, expect: None }
    }

    #[test]
    fn the_known_pair_step_by_step() {
        let expected = "\
Sec-WebSocket-Accept, step by step                              RFC 6455 §4.2.2

  1  The client's nonce        dGhlIHNhbXBsZSBub25jZQ==
     base64 of 16 bytes        74 68 65 20 73 61 6d 70 6c 65 20 6e 6f 6e 63 65
     The server does not decode it: it works on the 24 characters.
  2  Append the GUID, one constant for every connection: 60 characters
     dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11
     └──────── nonce ───────┘└────────────── GUID ──────────────┘
  3  SHA-1 of these 60 ASCII bytes, no line end: 20 bytes
     b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea
  4  base64 of the 20 bytes, not of their hex
     s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
";
        assert_eq!(shown(&Page::plain(), &of(NONCE)), expected);
    }

    #[test]
    fn a_wrong_nonce_is_shown_with_its_finding() {
        let shown = shown(&Page::plain(), &of(b"YQ== "));
        assert!(shown.contains("     no base64 ✗\n"), "{shown}");
        assert!(shown.contains("  ✗ must   request/key-16-bytes"), "{shown}");
        assert!(shown.contains("character 5 is white space"), "{shown}");
    }

    #[test]
    fn a_differing_expectation_comes_with_what_is_likely_wrong() {
        let mistakes = ["It was \u{1f600} guessed.".to_owned()];
        let expect = Some(Expectation { value: "a\x1b]b", mistakes: &mistakes });
        let shown = shown(&Page::plain(), &Arithmetic { expect, ..of(NONCE) });
        let end = "bK+xOo=\n  ✗ expected          \"a\\x1b]b\"\n    It was 😀 guessed.\n";
        assert!(shown.ends_with(end), "{shown}");
    }

    #[test]
    fn braces_fit_their_text_however_narrow() {
        let page = Page::plain();
        for width in 0..40 {
            assert_eq!(display_width(&brace(&page, width, "nonce")), width);
        }
        assert_eq!(brace(&page, 11, "nonce"), "└─ nonce ─┘");
        assert_eq!(brace(&page, 10, "nonce"), "└────────┘");
    }

    #[test]
    fn json_says_what_the_lesson_shows() {
        let mut out = String::new();
        json_line(&of(b"YQ==\xff"), &mut out);
        let object: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(object["nonce"], json!({ "base64": "WVE9Pf8=" }));
        assert_eq!((&object["nonce_bytes"], &object["nonce_len"]), (&Value::Null, &Value::Null));
        assert_eq!(object["findings"][0]["level"], "must");
        assert_eq!(object["expect"], Value::Null);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(nonce in any::<Vec<u8>>(), width in 40usize..100, ascii in any::<bool>()) {
            let page = Page { width, glyphs: Glyphs::new(ascii), ..Page::plain() };
            let shown = shown(&page, &of(&nonce));
            prop_assert!(shown.lines().all(|line| display_width(line) <= width), "{}", shown);
            prop_assert!(!ascii || shown.is_ascii());
        }
    }
}

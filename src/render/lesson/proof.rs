//! Whether the response proves that the server read the nonce: the arithmetic of RFC 6455 §4.2.2 in short.

use crate::render::glyphs::Mark;
use crate::render::hex::pairs;
use crate::render::page::{Page, indent, pad};
use crate::render::palette::Role;
use crate::wire::accept::{GUID, accept, digest, not_base64};
use crate::wire::head::Head;

/// Where the steps begin, behind `accept`.
const STEP: usize = 10;
/// Where their values begin.
const VALUE: usize = 18;

/// Appends the arithmetic and its verdict; a sentence where the nonce is not known.
pub(super) fn proof(page: &Page, head: &Head, request: Option<&Head>, out: &mut String) {
    out.push('\n');
    page.paint(out, Role::Dim, "  accept");
    indent(out, 2);
    let Some(request) = request else {
        return page.hang(out, STEP, Role::Plain, "The request is not here, so this cannot be checked.");
    };
    let Some(nonce) = request.first_value("sec-websocket-key") else {
        return page.hang(out, STEP, Role::Plain, "The request has no nonce: there is nothing to prove.");
    };
    let steps = [
        ("nonce", Role::Payload, page.safe(&nonce)),
        ("+ GUID", Role::Structure, GUID.to_owned()),
        ("SHA-1", Role::Payload, pairs(&digest(&nonce))),
    ];
    let verdict = verdict(page, &accept(&nonce), head.first_value("sec-websocket-accept").as_deref());
    for (i, (step, role, value)) in steps.into_iter().chain(verdict).enumerate() {
        indent(out, if i > 0 { STEP } else { 0 });
        page.paint(out, Role::Dim, step);
        pad(out, step.len(), VALUE - STEP);
        page.hang(out, VALUE, role, &value);
    }
    if not_base64(&nonce).is_none() && !nonce.is_empty() {
        let says = format!("wslens accept {} shows each step.", page.safe(&nonce));
        page.paragraph(out, STEP, Role::Dim, &says);
    }
}

/// The value that is right, and the one that was sent where that is another.
fn verdict(page: &Page, right: &str, sent: Option<&[u8]>) -> Vec<(&'static str, Role, String)> {
    let bad = page.mark(Mark::Bad);
    let sent = match sent {
        Some(sent) if sent == right.as_bytes() => {
            let says = format!("{right}   {} as sent", page.mark(Mark::Good));
            return vec![("base64", Role::Good, says)];
        }
        Some(sent) => format!("{}   {bad} differs", page.safe(sent)),
        None => format!("(missing)   {bad}"),
    };
    vec![("base64", Role::Good, right.to_owned()), ("sent", Role::Finding, sent)]
}

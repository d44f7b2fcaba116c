//! The opening handshake: the request, the response, and what both agree on (RFC 6455 §4).

use super::memory::Memory;
use super::{finding, headers, negotiation, proof, refusal, title};
use crate::render::glyphs::Mark;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::lines;
use crate::rules::rule::Finding;
use crate::session::event::{Event, Request, Response};
use crate::wire::bits::Bits;
use crate::wire::head::{Head, StartLine};

/// The request of an opening handshake; other HTTP is passed over in a line.
pub(super) fn request(
    page: &Page,
    memory: &mut Memory,
    event: &Event<'_>,
    request: &Request<'_>,
    out: &mut String,
) {
    let Request { head, handshake, partial } = *request;
    memory.runs.head(event.sender, handshake);
    if !handshake {
        return other_http(page, memory, event, head, out);
    }
    let when = memory.when(event.time);
    title::block(page, event.sender, "request of the opening handshake", &when, out);
    start_line(page, head, event.findings, request_line_says(head), out);
    headers::table(page, head, event.findings, (partial, !partial && !memory.rebuilt), out);
    if partial {
        broken_off(page, out);
    }
    finding::all(page, memory, event.findings, out);
}

/// The answer to it.
pub(super) fn response(
    page: &Page,
    memory: &mut Memory,
    event: &Event<'_>,
    response: &Response<'_>,
    out: &mut String,
) {
    let Response { head, handshake, partial, request, agreed, .. } = *response;
    memory.runs.head(event.sender, handshake);
    if !handshake {
        return other_http(page, memory, event, head, out);
    }
    let when = memory.when(event.time);
    title::block(page, event.sender, "response", &when, out);
    start_line(page, head, event.findings, status_line_says(head), out);
    headers::table(page, head, event.findings, (partial, !partial && !memory.rebuilt), out);
    if partial {
        broken_off(page, out);
    } else if head.status() == Some(101) {
        let both = || head.first("sec-websocket-accept").is_some() && request.is_some_and(has_nonce);
        if !memory.rebuilt || both() {
            proof::proof(page, head, request, out);
        }
        negotiation::negotiation(page, head, request, agreed, out);
    } else {
        refusal::refusal(page, head, request, event.findings, out);
    }
    finding::all(page, memory, event.findings, out);
}

fn has_nonce(request: &Head) -> bool {
    request.first("sec-websocket-key").is_some()
}

/// Any other request or response: one line, and never judged.
fn other_http(page: &Page, memory: &Memory, event: &Event<'_>, head: &Head, out: &mut String) {
    let when = memory.when(event.time);
    let line = format!("other HTTP: {}", page.safe(head.at(head.first_line)));
    title::block(page, event.sender, &cut(page, &line), &when, out);
}

/// Our own text, cut to the room that a title of one line has.
fn cut(page: &Page, text: &str) -> String {
    let room = page.width.saturating_sub(30).max(12);
    match lines(text, room).next() {
        Some(line) if line.len() < text.len() => format!("{line}{}", page.mark(Mark::Ellipsis)),
        _ => text.to_owned(),
    }
}

/// The first line as it was sent, and what it does.
fn start_line(page: &Page, head: &Head, findings: &[Finding], says: &str, out: &mut String) {
    let bits = Bits::bytes(0, head.first_line.end() as u64 + 1);
    let wrong = finding::mark_at(findings.iter(), bits);
    let line = page.safe(head.at(head.first_line));
    match wrong {
        None => page.spread(out, 2, &[(Role::Structure, &line)], (Role::Dim, says)),
        Some(mark) => {
            page.paint(out, Role::Finding, page.mark(mark));
            indent(out, 1);
            page.hang(out, 2, Role::Structure, &line);
        }
    }
}

fn request_line_says(head: &Head) -> &'static str {
    let usual = head.method() == Some(b"GET") && head.version() == b"HTTP/1.1";
    if usual { "a GET, as for any page" } else { "" }
}

fn status_line_says(head: &Head) -> &'static str {
    let StartLine::Response { reason, .. } = head.start else { return "" };
    let usual = head.at(reason).eq_ignore_ascii_case(b"Switching Protocols");
    match head.status() {
        Some(101) if usual => "agreed: after this head, frames",
        Some(101) => "101 counts, the words are free",
        _ => "",
    }
}

fn broken_off(page: &Page, out: &mut String) {
    page.paragraph(
        out,
        2,
        Role::Plain,
        "The head breaks off here: the empty line that ends it is not there.",
    );
}

//! The rows of requests and responses.

use super::row::Row;
use crate::render::cut::push_cut;
use crate::render::glyphs::Mark;
use crate::render::palette::Role;
use crate::session::event::{Event, Request, Response};
use crate::wire::accept::accept;
use crate::wire::extension::ExtensionList;
use crate::wire::head::{Head, StartLine};
use crate::wire::list;

/// Ends the row of a request: its method and target, and what it offers.
pub(super) fn request(mut row: Row<'_>, event: &Event<'_>, request: &Request<'_>) {
    let Request { head, handshake, partial } = *request;
    let line = match head.start {
        StartLine::Request { method, target, .. } => [head.at(method), head.at(target)].join(&b' '),
        StartLine::Response { .. } => head.at(head.first_line).to_vec(),
    };
    row.kind_of_peer(&line);
    row.payload();
    row.findings(event.findings.iter());
    match names(head).as_slice() {
        _ if !handshake => row.say(Role::Dim, "other HTTP"),
        _ if partial => row.say(Role::Dim, "the head breaks off"),
        [] => row.say(Role::Dim, "asks for a WebSocket"),
        names => {
            row.say(Role::Plain, "offers ");
            list_of(&mut row, names, ", ");
        }
    }
    row.end();
}

/// Ends the row of a response: its status, and what it agrees to.
pub(super) fn response(mut row: Row<'_>, event: &Event<'_>, response: &Response<'_>) {
    let Response { head, handshake, partial, request, .. } = *response;
    let (status, reason) = match head.start {
        StartLine::Response { status, reason, .. } => (head.at(status), head.at(reason)),
        StartLine::Request { .. } => (head.at(head.first_line), &b""[..]),
    };
    row.kind_of_peer(status);
    row.payload();
    row.findings(event.findings.iter());
    if !handshake || partial {
        row.say(Role::Dim, if partial { "the head breaks off" } else { "other HTTP" });
    } else if head.status() == Some(101) {
        // A finding about the accept says it all.
        if !event.findings.iter().any(|finding| finding.rule.id.starts_with("response/accept")) {
            proven(&mut row, head, request);
        }
        let names = names(head);
        if !names.is_empty() {
            row.space(1);
            list_of(&mut row, &names, " ");
        }
    } else {
        row.say(Role::Plain, "refused");
        list_of(&mut row, &[reason.to_vec()], ": ");
    }
    row.end();
}

/// Whether the accept is right.
fn proven(row: &mut Row<'_>, head: &Head, request: Option<&Head>) {
    let nonce = request.and_then(|request| request.first_value("sec-websocket-key"));
    let sent = head.first_value("sec-websocket-accept");
    let (role, mark, why) = match (sent, nonce) {
        // Where it can be missing, a finding says so.
        (None, _) => (Role::Dim, Mark::Dot, " not here"),
        (Some(sent), Some(nonce)) if *sent == *accept(&nonce).as_bytes() => (Role::Good, Mark::Good, ""),
        (Some(_), Some(_)) => (Role::Finding, Mark::Bad, " wrong"),
        (Some(_), None) => (Role::Dim, Mark::Dot, " not checked"),
    };
    row.say(role, "accept ");
    row.write(role, |page, out, room| push_cut(page, out, page.mark(mark), room));
    row.say(role, why);
}

/// Extensions and subprotocols by name, in their order.
fn names(head: &Head) -> Vec<Vec<u8>> {
    let extensions: Vec<_> = head.all("sec-websocket-extensions").map(|line| head.value(line)).collect();
    let extensions = ExtensionList::parse(extensions.iter().map(AsRef::as_ref)).extensions;
    let mut names: Vec<_> = extensions.into_iter().map(|extension| extension.name.into_bytes()).collect();
    for line in head.all("sec-websocket-protocol") {
        let value = head.value(line);
        names.extend(list::elements(&value).map(|span| span.of(&value).to_vec()));
    }
    names
}

/// A peer's words with something between them, cut to the room that is left.
fn list_of(row: &mut Row<'_>, names: &[Vec<u8>], between: &str) {
    let mut joined = Vec::new();
    for (i, name) in names.iter().enumerate() {
        if i > 0 || between == ": " && !name.is_empty() {
            joined.extend_from_slice(between.as_bytes());
        }
        joined.extend_from_slice(name);
    }
    row.write(Role::Plain, |page, out, room| push_cut(page, out, &page.safe(&joined), room));
}

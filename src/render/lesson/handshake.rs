//! The opening handshake, header by header.

use super::finding;
use super::memory::Memory;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::event::{Event, Request, Response};

/// The request of an opening handshake; other HTTP is passed over in a line.
pub(super) fn request(
    page: &Page,
    memory: &mut Memory,
    event: &Event<'_>,
    request: &Request<'_>,
    out: &mut String,
) {
    page.paragraph(out, 0, Role::Plain, &page.safe(request.head.at(request.head.first_line)));
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
    page.paragraph(out, 0, Role::Plain, &page.safe(response.head.at(response.head.first_line)));
    finding::all(page, memory, event.findings, out);
}

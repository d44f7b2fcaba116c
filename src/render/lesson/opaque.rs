//! Bytes that are not WebSocket, or cannot be read as it.

use super::finding;
use super::memory::Memory;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::event::{Event, Opaque};

/// A run of such bytes, and why they are not read.
pub(super) fn opaque(
    page: &Page,
    memory: &mut Memory,
    event: &Event<'_>,
    opaque: &Opaque<'_>,
    out: &mut String,
) {
    page.paragraph(out, 0, Role::Plain, opaque.why.says());
    finding::all(page, memory, event.findings, out);
}

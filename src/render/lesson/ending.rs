//! How a connection ended: the post-mortem.

use super::finding;
use super::memory::Memory;
use crate::render::page::Page;
use crate::session::event::{End, Event};

/// The end of a sender's stream, and of the connection once both are over.
pub(super) fn end(page: &Page, memory: &mut Memory, event: &Event<'_>, _end: &End<'_>, out: &mut String) {
    finding::all(page, memory, event.findings, out);
}

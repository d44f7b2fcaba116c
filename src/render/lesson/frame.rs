//! A frame, byte by byte and bit by bit.

use super::finding;
use super::memory::Memory;
use crate::render::clock::grouped;
use crate::render::collect::WholeFrame;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::render::payload::PayloadShown;
use crate::session::event::Event;

/// A frame, as far as it came.
pub(super) fn frame(
    page: &Page,
    _payload: PayloadShown,
    memory: &mut Memory,
    frame: &WholeFrame<'_>,
    out: &mut String,
) {
    let title = format!("frame {}", frame.number);
    page.spread(out, 0, &[(Role::Heading, &title)], (Role::Dim, &memory.when(frame.time)));
    finding::all(page, memory, frame.header_findings.iter().chain(frame.end_findings), out);
}

/// Bytes that were sent and are not here.
pub(super) fn gap(page: &Page, _memory: &mut Memory, event: &Event<'_>, out: &mut String) {
    page.paragraph(out, 0, Role::Plain, &format!("{} bytes are missing here", grouped(event.len)));
}

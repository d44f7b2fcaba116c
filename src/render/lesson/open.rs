//! The beginning of a connection: who speaks to whom, and how that is known.

use super::memory::Memory;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::event::Event;
use crate::session::segment::Opening;

/// The title of a connection.
pub(super) fn open(
    page: &Page,
    _memory: &mut Memory,
    event: &Event<'_>,
    _opening: &Opening,
    out: &mut String,
) {
    page.paragraph(out, 0, Role::Heading, &format!("connection {}", event.connection));
}

//! A message, once its last frame is over.

use super::finding;
use super::memory::Memory;
use crate::render::collect::WholeMessage;
use crate::render::page::Page;
use crate::render::payload::PayloadShown;

/// What a message adds to the frames that were shown.
pub(super) fn message(
    page: &Page,
    _payload: PayloadShown,
    memory: &mut Memory,
    message: &WholeMessage<'_>,
    out: &mut String,
) {
    finding::all(page, memory, message.event.findings, out);
}

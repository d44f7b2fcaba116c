//! A boundary that was found by searching: why it is believed, and what is not known behind it.

use super::memory::{Memory, Note};
use super::title::{self, Place};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::event::{Event, Resync};

/// Where frames begin again.
pub(super) fn resync(page: &Page, memory: &mut Memory, event: &Event<'_>, resync: &Resync, out: &mut String) {
    let place = Place { sender: event.sender, offset: event.offset, len: 0, time: event.time, end: None };
    title::line(page, memory, place, None, "found again: a frame begins here", out);
    let headers = match resync.headers {
        1 => "The header that stands here fits what was searched".to_owned(),
        headers => {
            format!("{headers} headers follow one another from here, each where the frame before it ends")
        }
    };
    let sure = format!("{headers}. In noise, one search in 2^{} finds as much.", resync.bits);
    page.paragraph(out, 2, Role::Plain, &sure);
    if memory.first(Note::Resync) {
        let words = "What was open before is not known: a message whose beginning is missing, and the window that a \
                     compressor looks back into. Rules that depend on it stay silent.";
        page.paragraph(out, 2, Role::Dim, words);
    }
}

//! A boundary that was found by searching: why it is believed, and what is not known behind it.

use super::memory::{Memory, Note};
use super::title::{self, Place};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::rules::facts::Rsv;
use crate::session::event::{Event, Resync};

/// Where frames begin again.
pub(super) fn resync(page: &Page, memory: &mut Memory, event: &Event<'_>, resync: &Resync, out: &mut String) {
    let place = Place { sender: event.sender, offset: event.offset, len: 0, time: event.time, end: None };
    title::line(page, memory, place, None, "found again: a frame begins here", out);
    let found = match resync.headers {
        1 => "What this one tells fits the bytes behind it".to_owned(),
        headers => {
            format!(
                "From this one on {headers} headers follow one another, each where the frame before it ends"
            )
        }
    };
    let sure = format!("in random bytes, one such search in 2^{} finds as much by chance", resync.bits);
    let words = format!("Each byte was tried as the first of a header. {found}: {sure}.");
    page.paragraph(out, 2, Role::Plain, &words);
    if memory.first(Note::Resync) {
        let window = match memory.rsv {
            Rsv::Used(0) => "",
            _ => ", nor which bytes a compressor may copy from",
        };
        let words = format!(
            "What stood between is not known, nor whether a message is open here{window}: rules that depend on it \
             stay silent. Frames and messages are numbered as if nothing were between."
        );
        page.paragraph(out, 2, Role::Dim, &words);
    }
}

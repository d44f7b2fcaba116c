//! How a connection ended: the post-mortem, in a few sentences.
//!
//! It says what is known and nothing else. What a side did not send is only said where that side was seen and its TCP
//! ended; where the input merely stops, nobody is accused.

use super::memory::Memory;
use super::{finding, story, title};
use crate::render::clock::span;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::rules::ending::Ending;
use crate::session::event::{End, Event};
use crate::session::segment::How;

/// The end of a sender's stream, and of the connection once both are over.
pub(super) fn end(page: &Page, memory: &mut Memory, event: &Event<'_>, end: &End<'_>, out: &mut String) {
    let says = match end.how {
        How::Fin => "FIN: it has nothing more to send",
        How::Reset => "RST: TCP is cut off",
        How::Unknown => "",
    };
    if !says.is_empty() {
        title::block(page, event.sender, says, &memory.when(event.time), out);
    }
    let Some(ending) = end.connection else {
        return finding::all(page, memory, event.findings, out);
    };
    if !says.is_empty() {
        out.push('\n');
    }
    post_mortem(page, event.connection, ending, out);
    finding::all(page, memory, event.findings, out);
}

/// The title and the sentences.
fn post_mortem(page: &Page, connection: u32, ending: &Ending, out: &mut String) {
    let mut heading = match ending.tcp_ended_first().is_some() {
        true => format!("How connection {connection} ended"),
        false => format!("Where connection {connection} stops"),
    };
    if let Some(lasted) = ending.lasted().filter(|lasted| *lasted > 0) {
        heading.push_str(", after ");
        heading.push_str(&span(lasted));
    }
    page.paragraph(out, 0, Role::of_connection(connection), &heading);
    for paragraph in story::paragraphs(page, ending) {
        page.paragraph(out, 2, Role::Plain, &paragraph);
    }
}

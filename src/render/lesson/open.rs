//! The beginning of a connection: who speaks to whom, and how that is known.

use super::memory::Memory;
use crate::render::glyphs::Mark;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::session::event::Event;
use crate::session::segment::{Opening, Roles};
use crate::wire::sender::Sender;

/// The title of a connection.
pub(super) fn open(page: &Page, memory: &mut Memory, event: &Event<'_>, opening: &Opening, out: &mut String) {
    let title = format!("connection {}", event.connection);
    page.paint(out, Role::of_connection(event.connection), &title);
    let ends = ends(page, opening);
    if !ends.is_empty() {
        indent(out, 3);
    }
    page.hang(out, title.len() + 3, Role::Plain, &ends);
    memory.rebuilt = opening.messages_only;
    let kept = opening.messages_only.then_some(MESSAGES_ONLY);
    for says in [roles(opening.roles), only(opening.only), kept].into_iter().flatten() {
        page.paragraph(out, 2, Role::Dim, says);
    }
}

/// What is missing where the input keeps messages and not their frames.
const MESSAGES_ONLY: &str = "Messages only: their frames are not in the input. The heads are rebuilt from lists of headers, \
                             so order, case and spacing may not be those on the wire.";

/// The addresses, as far as they are known.
fn ends(page: &Page, opening: &Opening) -> String {
    let safe = |address: &Option<String>| address.as_ref().map(|address| page.safe(address.as_bytes()));
    let tls = if opening.tls { "   inside TLS (wss)" } else { "" };
    match (safe(&opening.client), safe(&opening.server)) {
        (None, None) => tls.trim_start().to_owned(),
        (client, server) => {
            let or = |end: Option<String>, name: &str| end.unwrap_or_else(|| name.to_owned());
            let arrow = page.mark(Mark::Right);
            format!("{} {arrow} {}{tls}", or(client, "client"), or(server, "server"))
        }
    }
}

/// How it is known who is the client, where that is worth a word.
const fn roles(roles: Roles) -> Option<&'static str> {
    match roles {
        Roles::Marked | Roles::Given | Roles::Syn | Roles::RequestLine | Roles::StatusLine => None,
        Roles::MaskBit => Some(
            "Who is the client is guessed from the MASK bit of the first frame: only a client masks. So nothing is said \
             against a mask here.",
        ),
    }
}

const fn only(only: Option<Sender>) -> Option<&'static str> {
    match only {
        Some(Sender::Client) => Some("Only the client's bytes are here; what the server sent is not known."),
        Some(Sender::Server) => Some("Only the server's bytes are here; what the client sent is not known."),
        None => None,
    }
}

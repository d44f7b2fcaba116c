//! Notes of background: why a thing is so, said where it is first met.

use crate::render::page::Page;
use crate::render::palette::Role;
use crate::render::wrap::lines;
use crate::wire::bits::Cite;

/// How far a note is indented.
const INDENT: usize = 2;

/// A note and the section to read on in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Background {
    text: &'static str,
    cite: Cite,
}

const fn ws(text: &'static str, section: &'static str) -> Background {
    Background { text, cite: Cite::ws(section) }
}

pub(super) const WHY_MASKED: Background = ws(
    "Why masked: a page must not choose the bytes on the wire, or it could fool a proxy into taking them for HTTP. \
     The key stands in the frame, so this is no encryption; wss is.",
    "10.3",
);
pub(super) const SIXTEEN: Background = ws(
    "126 is no length here: it says that the next two bytes are the length, a number of 16 bits, for 126 to 65535.",
    "5.2",
);
pub(super) const SIXTY_FOUR: Background = ws(
    "127 is no length here: it says that the next eight bytes are the length, a number of 64 bits whose first bit \
     is 0. Each length has one form only, the shortest that can hold it.",
    "5.2",
);
pub(super) const WHY_PIECES: Background = ws(
    "A message may be sent in pieces, for instance before its length is known. Each piece is a frame with a header \
     of its own; no number says which piece it is, so they come in order and no other message between them.",
    "5.4",
);
pub(super) const BETWEEN: Background = ws(
    "Control frames (close, ping, pong) may stand between the pieces of a message, so that they need not wait for \
     its end. They are never in pieces themselves.",
    "5.5",
);
pub(super) const PING: Background = ws(
    "A ping asks: are you there? The other side must answer with a pong that carries the same bytes. A browser \
     does so by itself; a page's JavaScript sees neither of them and can send neither.",
    "5.5.2",
);
pub(super) const PONG_ALONE: Background = ws(
    "A pong that no ping asked for is allowed: it says that this side is still there, and nobody answers it.",
    "5.5.3",
);
pub(super) const CLOSE: Background = ws(
    "This begins the closing handshake. The other side answers with a Close of its own; then the server ends TCP, \
     and the client after it. Whoever has sent Close sends no more data.",
    "7.1.1",
);
pub(super) const CLOSE_ANSWER: Background = ws(
    "Both sides have said Close, so the WebSocket connection is closed. Now the server ends TCP first; a client \
     waits for that.",
    "7.1.1",
);
pub(super) const CLOSE_CODE: Background = ws(
    "The first two bytes of a Close's payload are a number that says why, high byte first; what follows is a reason \
     in UTF-8, for people who read logs.",
    "5.5.1",
);
pub(super) const NO_CODE: Background = ws(
    "A Close may come without a code. Nothing is then said about why, and 1005 stands for that in onclose; 1005 \
     itself is never sent.",
    "7.1.5",
);
pub(super) const COMPRESSED: Background = Background {
    text: "RSV1 on the first frame says that the whole message is compressed, all its pieces together, by \
           permessage-deflate. These bytes are DEFLATE data, and no text before they are inflated.",
    cite: Cite::deflate("7.2.2"),
};
pub(super) const PER_FRAME: Background = ws(
    "x-webkit-deflate-frame was agreed, which browsers offered before permessage-deflate: RSV1 says of each frame alone \
     whether it is compressed. It is not inflated here.",
    "5.8",
);
pub(super) const FOREIGN: Background = ws(
    "An extension was agreed that is not known here. What the reserved bits mean, and what stands in the payload, only \
     that extension says; it is left as it is.",
    "5.8",
);

/// Appends a note, its section at the right edge.
pub(super) fn note(page: &Page, note: Background, out: &mut String) {
    let text = page.glyphs.say(note.text);
    let mut lines = lines(&text, page.width - INDENT).peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() {
            page.paragraph(out, INDENT, Role::Dim, line);
        } else {
            page.spread(out, INDENT, &[(Role::Dim, line)], (Role::Dim, &note.cite.to_string()));
        }
    }
}

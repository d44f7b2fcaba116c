//! The first line of a block: who speaks to whom, what it is, and when or where.

use crate::render::glyphs::Mark;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::wire::sender::Sender;

/// Appends `client → server   request of the opening handshake` and, at the right, when it came or where it stands.
pub(super) fn title(page: &Page, sender: Sender, what: &str, right: &str, out: &mut String) {
    let who = format!("{sender} {} {}   ", page.mark(Mark::Right), sender.other());
    let role = match sender {
        Sender::Client => Role::Client,
        Sender::Server => Role::Server,
    };
    page.spread(out, 0, &[(role, &who), (Role::Heading, what)], (Role::Dim, right));
}

/// Bytes of a stream, as a title names them: `20 bytes at 0–19`.
pub(super) fn place(offset: u64, len: u64) -> String {
    use crate::render::number::{count, grouped};
    match len {
        0 | 1 => format!("{} at {}", count(len, "byte"), grouped(offset)),
        _ => {
            let last = offset.saturating_add(len - 1);
            format!("{} at {}–{}", count(len, "byte"), grouped(offset), grouped(last))
        }
    }
}

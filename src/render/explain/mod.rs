//! What `wslens explain` teaches: a field, an opcode, a close code, a header, some bytes, a rule.
//!
//! The tables hold what is to be said, one row a thing; [`lookup`] finds what a word means, and each kind of
//! meaning is written by a file of its own.

pub mod bytes;
pub mod codes;
pub mod deflate;
mod fields;
mod headers;
pub mod lookup;
mod opcodes;
pub mod rule;
pub mod topic;

use super::page::Page;
use super::palette::Role;

/// Where the text behind a label begins.
const TEXT: usize = 13;

/// Appends a label and the text behind it; nothing where there is no text.
fn labelled(page: &Page, label: &str, role: Role, text: &str, out: &mut String) {
    if text.is_empty() {
        return;
    }
    out.push_str("  ");
    page.paint(out, Role::Dim, label);
    super::page::pad(out, 2 + label.len(), TEXT);
    page.hang(out, TEXT, role, text);
}

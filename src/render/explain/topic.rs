//! A thing that has a name: a field of a frame, an opcode, a header.

use super::labelled;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::wire::bits::{Bits, Cite};
use crate::wire::frame::field;

/// What is said of it.
#[derive(Debug)]
pub struct Topic {
    /// What people call it, in lower case.
    pub words: &'static [&'static str],
    /// Its name, and what kind of thing it is.
    pub title: &'static str,
    /// Where the RFC defines it.
    pub cite: Cite,
    /// Where it stands in the first two bytes of a frame, if it stands there.
    pub bits: Option<Bits>,
    /// What it is.
    pub is: &'static str,
    /// What it does to the reader of the stream.
    pub does: &'static str,
    /// What goes wrong with it.
    pub wrong: &'static str,
    /// Bytes or a line with it, and what they say.
    pub example: &'static str,
}

/// The first two bytes, a letter for each bit.
const FIRST_TWO: &str = "F R R R o o o o   M l l l l l l l";

/// Appends what is to be said of a topic.
pub fn lesson(page: &Page, topic: &Topic, out: &mut String) {
    let cite = topic.cite.to_string();
    page.spread(out, 0, &[(Role::Heading, topic.title)], (Role::Dim, &cite));
    labelled(page, "What", Role::Plain, topic.is, out);
    if let Some(bits) = topic.bits {
        picture(page, bits, out);
    }
    labelled(page, "It does", Role::Plain, topic.does, out);
    labelled(page, "Goes wrong", Role::Plain, topic.wrong, out);
    labelled(page, "Example", Role::Payload, topic.example, out);
}

/// Where the bits stand: the two bytes, and carets under them.
fn picture(page: &Page, bits: Bits, out: &mut String) {
    labelled(page, "Where", Role::Structure, FIRST_TWO, out);
    let first = column(bits.at);
    let last = column(bits.at + bits.len.saturating_sub(1));
    indent(out, super::TEXT + first);
    let carets = "^".repeat(last + 1 - first);
    page.paint(out, Role::Finding, &carets);
    out.push_str("  ");
    out.push_str(&place(bits));
    out.push('\n');
}

/// The column of a bit in the picture.
const fn column(bit: u64) -> usize {
    2 * bit as usize + if bit >= field::MASK.at { 2 } else { 0 }
}

fn place(bits: Bits) -> String {
    let (byte, first) = (bits.at / 8, bits.at % 8 + 1);
    match bits.len {
        1 => format!("byte {byte}, bit {first}"),
        len => format!("byte {byte}, bits {first} to {}", first + len - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_their_letters() {
        for (bits, letters) in [
            (field::FIN, "F"),
            (field::RSV2, "R"),
            (field::OPCODE, "o o o o"),
            (field::MASK, "M"),
            (field::PAYLOAD_LEN, "l l l l l l l"),
        ] {
            let last = column(bits.at + bits.len - 1);
            assert_eq!(&FIRST_TWO[column(bits.at)..=last], letters);
        }
        assert_eq!(place(field::MASK), "byte 1, bit 1");
        assert_eq!(place(field::OPCODE), "byte 0, bits 5 to 8");
    }
}

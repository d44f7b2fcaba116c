//! The first bytes of a frame: their fields, and what must follow.

use super::labelled;
use crate::render::hex::pairs;
use crate::render::page::{Page, indent, pad};
use crate::render::palette::Role;
use crate::rules::rule::Finding;
use crate::wire::bits::{Bits, Cite, Field};
use crate::wire::frame::{Header, LengthForm, Partial};

/// Where the name of a field stands, its value, and its meaning.
const NAME: usize = 25;
const VALUE: usize = 40;
const MEANING: usize = 44;

/// Appends what the bytes say, read as the beginning of a frame, and what is wrong with them in any case.
pub fn lesson(page: &Page, bytes: &[u8], findings: &[Finding], out: &mut String) {
    let title = format!("{}: the first bytes of a frame", pairs(bytes));
    page.spread(out, 0, &[(Role::Heading, &title)], (Role::Dim, &Cite::ws("5.2").to_string()));
    let whole = Header::decode(bytes);
    let fields = whole.map_or_else(|| Partial::of(bytes).fields(), |header| header.fields());
    for field in &fields {
        row(page, bytes, field, out);
    }
    labelled(page, "Follows", Role::Plain, &follows(bytes, whole), out);
    for finding in findings {
        let text = format!("{} ({}, {})", finding.broken.found, finding.rule.id, finding.rule.cite);
        labelled(page, "Wrong", Role::Finding, &text, out);
    }
}

/// One field: its bits among dots where it has less than a byte, its name, value and meaning.
fn row(page: &Page, bytes: &[u8], field: &Field, out: &mut String) {
    let from = out.len();
    out.push_str("  ");
    let Bits { at, len } = field.bits;
    if len < 8 {
        let byte = bytes.get(field.bits.first_byte() as usize).copied().unwrap_or_default();
        let first = if at % 8 == 0 { format!("{byte:02x}") } else { "  ".to_owned() };
        out.push_str(&format!("byte {}  {first}  ", at / 8));
        page.paint(out, Role::Structure, &dotted(byte, at % 8, len));
        let used = 2 + 6 + 2 + 2 + 2 + 9;
        pad(out, used, NAME);
    } else {
        out.push_str(&format!("bytes {} to {}", at / 8, field.bits.end_byte() - 1));
        let used = out.len() - from;
        pad(out, used, NAME);
    }
    out.push_str(field.name);
    let mut used = NAME + field.name.len();
    if used + 1 > VALUE {
        out.push('\n');
        indent(out, VALUE);
        used = VALUE;
    }
    pad(out, used, VALUE);
    let value = if len == 32 { format!("{:08x}", field.value) } else { field.value.to_string() };
    out.push_str(&value);
    let column = MEANING.max(VALUE + value.len() + 2);
    pad(out, VALUE + value.len(), column);
    let meaning = match field.symbol {
        Some(symbol) => format!("{symbol}: {}", field.meaning),
        None => field.meaning.to_string(),
    };
    page.hang(out, column, Role::Plain, &meaning);
}

/// The bits of a byte, dots for those of other fields.
fn dotted(byte: u8, first: u64, len: u64) -> String {
    let mut text = String::new();
    for bit in 0..8u64 {
        if bit == 4 {
            text.push(' ');
        }
        let own = (first..first + len).contains(&bit);
        text.push(if !own {
            '.'
        } else if byte >> (7 - bit) & 1 == 1 {
            '1'
        } else {
            '0'
        });
    }
    text
}

/// What must stand behind these bytes.
fn follows(bytes: &[u8], whole: Option<Header>) -> String {
    if let Some(header) = whole {
        return match header.payload_len() {
            0 => "Nothing: the frame is whole.".to_owned(),
            1 => "One byte of payload.".to_owned(),
            len => format!("{len} bytes of payload."),
        };
    }
    let Some(second) = bytes.get(1) else { return "Byte 1: MASK and Payload len.".to_owned() };
    let (form, mask) = (LengthForm::announced_by(*second), second & 0x80 != 0);
    let mut pieces = Vec::new();
    if form != LengthForm::Seven {
        pieces.push(format!("{} bytes with the length", form.extended_bytes()));
    }
    if mask {
        pieces.push("4 bytes of key".to_owned());
    }
    pieces.push(match form {
        LengthForm::Seven => format!("{} bytes of payload", second & 0x7f),
        LengthForm::Sixteen | LengthForm::SixtyFour => "as many bytes of payload".to_owned(),
    });
    let mut text = pieces.join(", then ");
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        let mut out = String::new();
        lesson(&Page::plain(), bytes, &[], &mut out);
        assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
        out
    }

    #[test]
    fn the_tutorials_first_bytes() {
        let said = said(&[0x81, 0x94]);
        assert!(said.contains("byte 0  81  1... ....  FIN            1"), "{said}");
        assert!(said.contains("4 bytes of key, then 20 bytes of payload."), "{said}");
    }

    #[test]
    fn a_longer_value_keeps_its_distance() {
        let said = said(&[0x81, 0xfe, 0x0b, 0xb8, 0x9f, 0xaf, 0xaf, 0x78]);
        assert!(said.contains("3000  high byte first") && said.contains("9fafaf78  byte i"), "{said}");
    }

    #[test]
    fn what_follows_is_said_as_far_as_it_is_known() {
        assert!(said(&[0x81, 0x7e]).contains("2 bytes with the length, then as many bytes of payload."));
        assert!(said(&[0x81, 0x7e, 0x01, 0x00]).contains("256 bytes of payload."));
        assert!(said(&[0x81]).contains("Byte 1: MASK and Payload len."));
    }
}

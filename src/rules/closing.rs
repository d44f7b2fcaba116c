//! Closing: the Close frame, what may follow it, and how a connection ends (RFC 6455 §5.5, §7).

use super::facts::Frame;
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::Cite;
use crate::wire::frame::field;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[Rule {
    id: "closing/data-after-close",
    cite: Cite::ws("5.5.1"),
    level: Level::Must,
    word: "MUST NOT",
    says: "After its Close frame a sender sends no more data frames.",
    why: "Close says: this was the last. The other side need not read what follows.",
    entails: &[],
    check: Check::Frame(data_after_close),
}];

fn data_after_close(f: &Frame) -> Option<Broken> {
    let close = f.closed_by.filter(|_| !f.header.opcode().is_control())?;
    let name = f.header.opcode().name().unwrap_or("data");
    let found = format!("This {name} frame comes after the sender's own Close, frame {close}.");
    Some(Broken::at(field::OPCODE, found).send("nothing: wait for the other side's Close, or end TCP"))
}

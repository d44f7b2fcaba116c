//! What a message adds up to: where its bytes come from, what compression saves, and what it would without history.

use super::row::BITS;
use crate::render::collect::WholeMessage;
use crate::render::number::{bytes, count, grouped};
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::session::anatomy::Sources;
use crate::wire::deflate::write::message::{Deflater, Options};

/// The most plain bytes of a message that is compressed again, to know what it would be on its own.
pub(super) const MOST_AGAIN: usize = 64 * 1024;

/// The earlier messages that are named.
const MOST_NAMED: usize = 5;

/// A line with a name in front.
pub(super) fn labelled(page: &Page, label: &str, role: Role, text: &str, out: &mut String) {
    indent(out, 2);
    page.paint(out, Role::Dim, label);
    indent(out, BITS.saturating_sub(2 + label.len()).max(1));
    page.hang(out, BITS, role, text);
}

/// How much of a message came from where.
pub(super) fn sources(page: &Page, sources: &Sources, out: &mut String) {
    let Sources { literals, copies, stored, own, unknown, literal_bits, copy_bits, table_bits, .. } =
        *sources;
    let mut parts = Vec::new();
    let mut add = |number: u64, what: String| {
        if number > 0 {
            parts.push([&grouped(number), " ", &what].concat());
        }
    };
    add(literals, if literals == 1 { "literal" } else { "literals" }.to_owned());
    add(stored, "stored as they are".to_owned());
    add(own, "copied from this message".to_owned());
    let mut earlier: Vec<_> = sources.earlier.iter().map(|(message, len)| (*len, *message)).collect();
    earlier.sort_by_key(|(len, message)| (std::cmp::Reverse(*len), *message));
    for (len, message) in earlier.iter().take(MOST_NAMED) {
        add(*len, format!("from message {}", grouped(*message)));
    }
    let others = earlier.get(MOST_NAMED..).unwrap_or_default();
    let words = if others.len() == 1 {
        "1 other message".to_owned()
    } else {
        grouped(others.len() as u64) + " others"
    };
    add(others.iter().map(|(len, _)| len).sum(), ["from ", &words].concat());
    add(unknown, "from bytes that are not here".to_owned());
    if parts.is_empty() {
        return;
    }
    let plain = literals + stored + own + sources.from_earlier() + unknown;
    let mut text = [&bytes(plain), ": ", &parts.join(", "), "."].concat();
    let mut bits = Vec::new();
    for (number, what) in [(table_bits, "code lengths"), (literal_bits, "literals"), (copy_bits, "copies")] {
        if number > 0 {
            let of = match what {
                "copies" => format!(" in {copies} {}", if copies == 1 { "copy" } else { "copies" }),
                _ => format!(" of {what}"),
            };
            bits.push([&count(number, "bit"), of.as_str()].concat());
        }
    }
    if !bits.is_empty() {
        text.push_str(" They took ");
        text.push_str(&bits.join(", "));
        text.push('.');
    }
    labelled(page, "from", Role::Plain, &text, out);
}

/// How many plain bytes a byte on the wire is, or the other way round.
pub(super) fn ratio(wire: u64, plain: u64) -> String {
    if plain == 0 {
        return String::new();
    }
    // The product is below 2^64: a message has fewer than 2^57 bytes.
    let percent = wire.saturating_mul(100) / plain;
    format!(": {percent} %")
}

/// What a sender's messages would be on the wire if none could look into earlier ones.
#[derive(Debug, Default)]
pub(super) struct Alone {
    wire: u64,
    again: u64,
    messages: u64,
    left_out: u64,
    /// The estimate was explained.
    said: bool,
}

impl Alone {
    /// Adds a message: all its plain bytes, if they are here and certain, and few enough.
    pub(super) fn add(&mut self, whole: &WholeMessage<'_>, window_bits: u8) {
        let certain = whole.message.inflated.is_some_and(crate::session::inflated::Inflated::is_certain);
        if !certain || whole.omitted > 0 || whole.plain.len() > MOST_AGAIN {
            self.left_out += 1;
            return;
        }
        let options = Options { takeover: false, window_bits, ..Options::default() };
        self.messages += 1;
        self.wire += whole.message.wire_len;
        self.again += Deflater::new(options).message(whole.plain).len() as u64;
    }

    /// What that comes to, said as the estimate that it is.
    pub(super) fn say(&mut self, takeover: bool, out: &mut String) {
        if self.messages == 0 {
            return;
        }
        let left_out = match self.left_out {
            0 => String::new(),
            more => format!("; {} left out, too long or not whole", grouped(more)),
        };
        let (again, wire) = (grouped(self.again), grouped(self.wire));
        let estimate = if std::mem::replace(&mut self.said, true) {
            "an estimate"
        } else {
            "an estimate: each compressed anew on its own, zlib level 6"
        };
        out.push_str(&if takeover {
            format!(" With no_context_takeover about {again} bytes instead of {wire} ({estimate}{left_out}).")
        } else {
            format!(
                " That is with no_context_takeover: no window need be kept between messages. As {estimate}, it is \
                 {again}{left_out}."
            )
        });
    }
}

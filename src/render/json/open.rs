//! How a connection begins.

use super::line::Line;
use crate::session::segment::{Begins, Opening, Roles};
use crate::wire::sender::Sender;

pub(super) fn write(line: &mut Line, opening: &Opening) {
    line.raw(",\"client\":");
    line.string_or_null(opening.client.as_deref());
    line.raw(",\"server\":");
    line.string_or_null(opening.server.as_deref());
    line.raw(",\"tls\":");
    line.bool(opening.tls);
    line.raw(",\"input\":");
    line.string(&opening.input);
    line.raw(",\"roles\":");
    line.string(match opening.roles {
        Roles::Marked => "marked",
        Roles::Given => "given",
        Roles::Syn => "syn",
        Roles::RequestLine => "request-line",
        Roles::StatusLine => "status-line",
        Roles::MaskBit => "mask-bit",
    });
    line.raw(",\"only\":");
    line.string_or_null(opening.only.map(Sender::name));
    if let Some([client, server]) = opening.middle {
        line.raw(",\"middle\":{\"client\":");
        write_begins(line, client);
        line.raw(",\"server\":");
        write_begins(line, server);
        line.raw("}");
    }
}

/// Where frames begin in a stream of which the beginning is not here.
fn write_begins(line: &mut Line, begins: Begins) {
    let Begins::At { offset, headers, bits } = begins else { return line.raw("null") };
    line.raw("{\"offset\":");
    line.number(offset);
    line.raw(",\"headers\":");
    line.number(headers.into());
    line.raw(",\"bits\":");
    line.number(bits.into());
    line.raw("}");
}

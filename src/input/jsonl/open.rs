//! How a connection began.

use serde_json::Value;

use super::Line;
use crate::input::format::Format;
use crate::session::segment::{Begins, Opening, Roles};
use crate::wire::sender::Sender;

/// What the line of a connection's beginning says.
pub(super) fn read(line: Line<'_>) -> Opening {
    let owned = |key| line.text(key).map(ToOwned::to_owned);
    let roles = match line.text("roles") {
        Some("given") => Roles::Given,
        Some("syn") => Roles::Syn,
        Some("request-line") => Roles::RequestLine,
        Some("status-line") => Roles::StatusLine,
        Some("mask-bit") => Roles::MaskBit,
        _ => Roles::Marked,
    };
    let only = line.text("only");
    let middle = line.0.get("middle").filter(|middle| middle.is_object());
    Opening {
        client: owned("client"),
        server: owned("server"),
        tls: line.0.get("tls") == Some(&Value::Bool(true)),
        input: Format::Jsonl.name().to_owned(),
        roles,
        only: Sender::BOTH.into_iter().find(|sender| only == Some(sender.name())),
        messages_only: line.text("input") == Some(Format::Har.name()),
        middle: middle.map(|middle| Sender::BOTH.map(|sender| begins(middle.get(sender.name())))),
        ..Opening::default()
    }
}

/// Where frames begin in a stream of which the beginning was not there.
fn begins(value: Option<&Value>) -> Begins {
    let number = |key| value?.get(key)?.as_u64();
    let small = |key| number(key).and_then(|number| u32::try_from(number).ok());
    match (number("offset"), small("headers"), small("bits")) {
        (Some(offset), Some(headers), Some(bits)) => Begins::At { offset, headers, bits },
        _ => Begins::Somewhere,
    }
}

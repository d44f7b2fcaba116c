//! An entry of the list as a line of JSON.

use serde_json::{Value, json};

use super::entry::Entry;
use crate::render::sanitize::push_json;
use crate::render::seconds::seconds;
use crate::rules::ending::{Ended, Ending};
use crate::session::others::Others;
use crate::session::segment::How;
use crate::wire::sender::Sender;

/// Appends the line.
pub(super) fn line(number: u32, entry: &Entry, out: &mut String) {
    let opening = entry.opening.as_deref();
    let ending = entry.ending.as_deref();
    let [notes, shoulds, musts] = entry.findings;
    let extensions: Vec<_> = entry.extensions.iter().map(|name| text(name)).collect();
    let time = |of: fn(&Ending) -> Option<u64>| ending.and_then(of).map(seconds);
    let object = json!({
        "v": 1,
        "type": "connection",
        "connection": number,
        "client": opening.and_then(|opening| opening.client.clone()),
        "server": opening.and_then(|opening| opening.server.clone()),
        "tls": opening.is_some_and(|opening| opening.tls),
        "host": entry.host.as_deref().map(text),
        "target": entry.target.as_deref().map(text),
        "status": ending.and_then(|ending| ending.status),
        "subprotocol": entry.subprotocol.as_deref().map(text),
        "extensions": if entry.extensions_known { Value::from(extensions) } else { Value::Null },
        "client_sent": side(entry, Sender::Client),
        "server_sent": side(entry, Sender::Server),
        "opened": ending.map(|ending| ending.opened),
        "closed_by": ending.and_then(|ending| ending.closed_by).map(Sender::name),
        "began": time(|ending| ending.began),
        "ended": time(|ending| ending.ended),
        "lasted": time(Ending::lasted),
        "musts": musts,
        "shoulds": shoulds,
        "notes": notes,
        "worst": entry.worst.map(|(_, id)| id),
    });
    push_json(out, &object.to_string());
    out.push('\n');
}

/// Appends a line that counts the connections without WebSocket, where there are any.
pub(super) fn others(others: &Others, out: &mut String) {
    if others.all() == 0 {
        return;
    }
    let object = json!({
        "v": 1,
        "type": "other_tcp",
        "connections": others.all(),
        "tls": others.tls,
        "http2": others.http2,
        "http": others.http,
        "unknown": others.unknown,
        "silent": others.silent,
    });
    push_json(out, &object.to_string());
    out.push('\n');
}

fn side(entry: &Entry, sender: Sender) -> Value {
    let side = entry.side(sender);
    let told = entry.ending.as_ref().map(|ending| ending.side(sender));
    let how = told.and_then(|side| side.ended).map(|ended| match ended {
        Ended::Fin => How::Fin.name(),
        Ended::Reset => How::Reset.name(),
        Ended::Unknown => How::Unknown.name(),
    });
    let code = told.and_then(|side| side.close.as_ref()).and_then(|close| close.code);
    json!({
        "frames": side.frames,
        "payload": side.payload,
        "close_code": code.map(|code| code.0),
        "ended": how,
    })
}

/// A text that a peer chose, as the other lines tell it.
fn text(bytes: &[u8]) -> Value {
    use base64::Engine;
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) }),
    }
}

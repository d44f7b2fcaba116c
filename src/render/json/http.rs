//! The lines of requests and responses.

use super::line::Line;
use crate::session::agreed::Agreed;
use crate::session::event::{Request, Response};
use crate::wire::accept::accept;
use crate::wire::extension::Extension;
use crate::wire::head::{Head, StartLine};

pub(super) fn write_request(line: &mut Line, request: &Request<'_>) {
    let head = request.head;
    let (method, target) = match head.start {
        StartLine::Request { method, target, .. } => (head.at(method), head.at(target)),
        StartLine::Response { .. } => Default::default(),
    };
    line.raw(",\"method\":");
    line.text_or_bytes(method);
    line.raw(",\"target\":");
    line.text_or_bytes(target);
    write_head(line, head, request.handshake, request.partial);
}

pub(super) fn write_response(line: &mut Line, response: &Response<'_>) {
    let head = response.head;
    let reason = match head.start {
        StartLine::Response { reason, .. } => head.at(reason),
        StartLine::Request { .. } => Default::default(),
    };
    line.raw(",\"status\":");
    line.number_or_null(head.status().map(u64::from));
    line.raw(",\"reason\":");
    line.text_or_bytes(reason);
    write_head(line, head, response.handshake, response.partial);
    let nonce = response.request.filter(|_| response.handshake);
    let nonce = nonce.and_then(|request| request.first_value("sec-websocket-key"));
    line.raw(",\"accept_expected\":");
    line.string_or_null(nonce.map(|nonce| accept(&nonce)).as_deref());
    line.raw(",\"extensions\":");
    match response.agreed {
        Agreed::Unknown => line.raw("null"),
        Agreed::Known(extensions) => line.list(extensions, write_extension),
    }
    if response.early > 0 {
        line.raw(",\"early\":");
        line.number(response.early);
    }
}

fn write_head(line: &mut Line, head: &Head, handshake: bool, partial: bool) {
    line.raw(",\"version\":");
    line.text_or_bytes(head.version());
    line.raw(",\"headers\":");
    line.list(&head.headers, |line, header| {
        line.raw("[");
        line.text_or_bytes(head.name(header));
        line.raw(",");
        line.text_or_bytes(&head.value(header));
        line.raw("]");
    });
    line.raw(",\"handshake\":");
    line.bool(handshake);
    line.raw(",\"partial\":");
    line.bool(partial);
    line.raw(",\"raw\":\"");
    line.base64(head.raw());
    line.raw("\"");
}

fn write_extension(line: &mut Line, extension: &Extension) {
    line.raw("{\"name\":");
    line.string(&extension.name);
    line.raw(",\"params\":");
    line.list(&extension.params, |line, param| {
        line.raw("[");
        line.string(&param.name);
        line.raw(",");
        line.string_or_null(param.value.as_deref());
        line.raw("]");
    });
    line.raw("}");
}

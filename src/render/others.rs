//! One line for the TCP connections that carry no WebSocket.

use super::number::{count, grouped};
use super::page::Page;
use super::palette::Role;
use crate::session::others::Others;

/// Appends it, where there are any: `Without WebSocket: 3 TCP connections (2 TLS, 1 without a byte)`
pub(super) fn write(page: &Page, others: &Others, out: &mut String) {
    if others.all() == 0 {
        return;
    }
    let kinds: Vec<_> = others.kinds().map(|(number, what)| format!("{} {what}", grouped(number))).collect();
    let connections = count(others.all(), "TCP connection");
    let words = format!("Without WebSocket: {connections} ({})", kinds.join(", "));
    page.paragraph(out, 0, Role::Dim, &words);
}

//! What there is to say of TCP that is no event of a connection.

use std::net::SocketAddr;

use super::protocol::Spoken;
use crate::input::counted::counted;
use crate::session::others::Others;

/// What was noted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    tls: Sort,
    http2: Sort,
    http: u64,
    other: u64,
    silent: u64,
    differing: u64,
    /// Where the first bytes differed that were sent twice.
    first_differing: Option<(SocketAddr, i64)>,
    strays: u64,
    far_resets: u64,
    unexpected_resets: u64,
    behind_end: u64,
    too_late: u64,
}

/// Connections of one kind.
#[derive(Debug, Default)]
struct Sort {
    count: u64,
    first: Option<SocketAddr>,
}

impl Sort {
    fn add(&mut self, server: SocketAddr) {
        self.count += 1;
        self.first.get_or_insert(server);
    }

    /// `3 connections are TLS (the first to 10.0.0.1:443)`.
    fn says(&self, name: &str) -> Option<String> {
        let first = self.first?;
        let (be, first) = match self.count {
            1 => ("is", format!("to {first}")),
            _ => ("are", format!("the first to {first}")),
        };
        Some(format!("{} {be} {name} ({first})", counted(self.count, "connection")))
    }
}

impl Notes {
    /// A connection ended of which nothing is shown.
    pub(super) fn left_out(&mut self, spoken: Spoken, server: SocketAddr) {
        match spoken {
            Spoken::Tls => self.tls.add(server),
            Spoken::Http2 => self.http2.add(server),
            Spoken::Http => self.http += 1,
            Spoken::Other => self.other += 1,
            Spoken::Nothing => self.silent += 1,
        }
    }

    /// How many there were of which nothing is shown.
    pub(super) const fn others(&self) -> Others {
        let Self { http, other: unknown, silent, .. } = *self;
        Others { tls: self.tls.count, http2: self.http2.count, http, unknown, silent }
    }

    /// Bytes were sent again, and were others.
    pub(super) fn differs(&mut self, from: SocketAddr, at: i64) {
        self.differing += 1;
        // Before the first byte that is here lies what was sent before the capture.
        self.first_differing.get_or_insert((from, at.max(0)));
    }

    /// A segment was left out that stands far from its stream.
    pub(super) const fn stray(&mut self) {
        self.strays += 1;
    }

    /// A reset was left out that no receiver would take.
    pub(super) const fn far_reset(&mut self) {
        self.far_resets += 1;
    }

    /// A reset was left out that its receiver need not take, and its sender went on.
    pub(super) const fn unexpected_reset(&mut self) {
        self.unexpected_resets += 1;
    }

    /// So many segments came that stand behind the end of their stream.
    pub(super) const fn behind_end(&mut self, segments: usize) {
        self.behind_end += segments as u64;
    }

    /// A segment came at last that was not waited for any longer.
    pub(super) const fn too_late(&mut self) {
        self.too_late += 1;
    }

    /// All of it, in sentences.
    pub(super) fn say(&self, notice: &mut dyn FnMut(&str)) {
        if let Some(tls) = self.tls.says("TLS") {
            notice(&format!(
                "{tls}: encrypted, and not read; capture where the bytes are plain, as behind the proxy that ends TLS"
            ));
        }
        if let Some(http2) = self.http2.says("HTTP/2") {
            notice(&format!(
                "{http2}, in which WebSocket looks different: not read; make the client speak HTTP/1.1"
            ));
        }
        if let Some((from, at)) = self.first_differing {
            let segments = counted(self.differing, "segment");
            notice(&format!(
                "{segments} sent again with other bytes: those that came first are taken (first from {from}, near byte {at})"
            ));
        }
        if self.strays > 0 {
            let segments = counted(self.strays, "segment");
            notice(&format!("{segments} left out: far from where the stream of the connection stands"));
        }
        if self.far_resets > 0 {
            let segments = counted(self.far_resets, "RST");
            notice(&format!(
                "{segments} left out: with a sequence number far from the stream, which no receiver takes (RFC 9293 §3.10.7.4)"
            ));
        }
        if self.unexpected_resets > 0 {
            let segments = counted(self.unexpected_resets, "RST");
            notice(&format!(
                "{segments} left out: not with the sequence number that was expected next, which alone resets, and its sender \
                 went on (RFC 9293 §3.10.7.4)"
            ));
        }
        if self.behind_end > 0 {
            let segments = counted(self.behind_end, "segment");
            notice(&format!("{segments} left out: behind the FIN or RST of the same sender"));
        }
        if self.too_late > 0 {
            let segments = counted(self.too_late, "segment");
            notice(&format!(
                "{segments} left out: later than it was waited for, so the bytes are shown as missing; --wait and --wait-bytes wait longer"
            ));
        }
    }
}

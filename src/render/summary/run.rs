//! Bytes that are not read, in one row for as many as follow one another.

use super::row::Row;
use crate::render::cut::push_quoted;
use crate::render::palette::Role;
use crate::rules::rule::Finding;
use crate::session::event::{Event, Opaque, Why};
use crate::session::segment::Time;

/// Bytes of a run that are kept, to show how it begins.
const KEPT: usize = 64;

/// Bytes that are not read: one row for as many as follow one another.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) why: Why,
    pub(super) time: Option<Time>,
    len: u64,
    first: Vec<u8>,
    findings: Vec<Finding>,
}

impl Run {
    /// Nothing of it has been added yet.
    pub(super) fn begin(event: &Event<'_>, opaque: &Opaque<'_>) -> Self {
        let (time, findings) = (event.time, event.findings.to_vec());
        Self { why: opaque.why, time, len: 0, first: Vec::new(), findings }
    }

    /// Goes on with these bytes.
    pub(super) fn add(&mut self, event: &Event<'_>, opaque: &Opaque<'_>) {
        self.len = self.len.saturating_add(event.len);
        let room = KEPT.saturating_sub(self.first.len()).min(opaque.bytes.len());
        self.first.extend_from_slice(opaque.bytes.get(..room).unwrap_or_default());
    }

    /// Writes its row, which has begun.
    pub(super) fn write(&self, mut row: Row<'_>) {
        row.kind(Role::Structure, &[self.why.name()]);
        row.bytes(self.len, None);
        row.payload();
        row.findings(self.findings.iter());
        let more = self.len > self.first.len() as u64;
        row.write(Role::Dim, |page, out, room| push_quoted(page, out, &self.first, more, room));
        row.end();
    }
}

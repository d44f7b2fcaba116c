//! Findings: in the line of the event they are attached to, or each on a line of its own.

use super::line::Line;
use crate::render::collect::Shown;
use crate::rules::rule::Finding;
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// The items of the list, between commas.
#[inline]
pub(super) fn write_findings<'f>(line: &mut Line, findings: impl IntoIterator<Item = &'f Finding>) {
    for (i, finding) in findings.into_iter().enumerate() {
        line.raw(if i > 0 { ",{" } else { "{" });
        write_fields(line, finding);
        line.raw("}");
    }
}

/// A whole line about one finding.
pub(super) fn write_alone(line: &mut Line, file: &[u8], shown: &Shown<'_>, finding: &Finding) {
    let (connection, sender, time, offset, frame) = place(shown);
    line.raw(r#"{"v":1,"type":"finding","file":"#);
    line.text_or_bytes(file);
    line.raw(",\"connection\":");
    line.number(u64::from(connection));
    line.raw(",\"sender\":");
    line.string(sender.name());
    line.raw(",\"time\":");
    line.time(time);
    line.raw(",\"offset\":");
    line.number(offset);
    line.raw(",\"frame\":");
    line.number_or_null(frame);
    line.raw(",");
    write_fields(line, finding);
    line.raw("}\n");
}

fn place(shown: &Shown<'_>) -> (u32, Sender, Option<Time>, u64, Option<u64>) {
    match shown {
        Shown::Frame(f) => (f.connection, f.sender, f.time, f.offset, Some(f.number)),
        Shown::Message(m) => (m.event.connection, m.event.sender, m.event.time, m.event.offset, None),
        Shown::Event(e) => (e.connection, e.sender, e.time, e.offset, None),
    }
}

#[inline(never)]
fn write_fields(line: &mut Line, finding: &Finding) {
    let rule = finding.rule;
    line.raw("\"rule\":");
    line.string(rule.id);
    line.raw(",\"level\":");
    line.string(rule.level.name());
    line.raw(",\"section\":");
    line.string(&rule.cite.to_string());
    line.raw(",\"message\":");
    line.string(&finding.broken.found);
    line.raw(",\"bits\":[");
    line.number(finding.broken.bits.at);
    line.raw(",");
    line.number(finding.broken.bits.len);
    line.raw("]");
}

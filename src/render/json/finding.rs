//! Findings: in the line of the event they are attached to, or each on a line of its own.

use super::line::Line;
use crate::render::collect::Shown;
use crate::rules::rule::Finding;

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
pub(super) fn write_alone(line: &mut Line, file: &str, shown: &Shown<'_>, finding: &Finding) {
    line.raw(r#"{"v":1,"type":"finding","file":"#);
    line.string(file);
    line.raw(",\"connection\":");
    line.number(u64::from(shown.connection()));
    line.raw(",\"sender\":");
    line.string(shown.sender().name());
    line.raw(",\"time\":");
    line.seconds_or_null(shown.time().map(|time| time.0));
    line.raw(",\"offset\":");
    line.number(shown.offset());
    line.raw(",\"frame\":");
    line.number_or_null(match shown {
        Shown::Frame(frame) => Some(frame.number),
        Shown::Message(_) | Shown::Event(_) => None,
    });
    line.raw(",");
    write_fields(line, finding);
    line.raw("}\n");
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

//! One form for everything that is wrong: level, rule, section; what is so, why it matters, what to send instead.

use super::memory::Memory;
use crate::render::glyphs::Mark;
use crate::render::page::{Page, indent};
use crate::render::palette::Role;
use crate::render::wrap::{display_width, lines};
use crate::rules::rule::{Finding, Level, Rule};
use crate::wire::bits::Bits;

/// Where the id of a rule stands, behind mark and level.
const ID: usize = 11;
/// Where the sentences of a finding begin.
const TEXT: usize = 4;
/// Where what to send begins, if it has lines of its own.
const SEND: usize = 6;

/// Appends the blocks of all findings, a free line before each; hints, which explain the others, come first.
pub(in crate::render) fn all<'a>(
    page: &Page,
    memory: &mut Memory,
    findings: impl IntoIterator<Item = &'a Finding, IntoIter: Clone>,
    out: &mut String,
) {
    let findings = findings.into_iter();
    for finding in findings.clone().filter(|finding| is_hint(finding.rule)) {
        block(page, memory, finding, out);
    }
    for finding in findings.filter(|finding| !is_hint(finding.rule)) {
        block(page, memory, finding, out);
    }
}

/// Whether a rule only guesses at what explains the others.
pub(in crate::render) fn is_hint(rule: &Rule) -> bool {
    rule.id.starts_with("hint")
}

/// The mark for a place that findings speak of: none where none does.
pub(in crate::render) fn mark_at<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    bits: Bits,
) -> Option<Mark> {
    let meets = |finding: &&Finding| !is_hint(finding.rule) && meet(finding.broken.bits, bits);
    let worst = findings.filter(meets).map(|finding| finding.rule.level).max()?;
    Some(if worst == Level::Note { Mark::Dot } else { Mark::Bad })
}

/// Whether two runs of bits have one in common.
const fn meet(one: Bits, other: Bits) -> bool {
    one.at < end(other) && other.at < end(one) && one.len > 0 && other.len > 0
}

const fn end(bits: Bits) -> u64 {
    bits.at.saturating_add(bits.len)
}

fn block(page: &Page, memory: &mut Memory, finding: &Finding, out: &mut String) {
    let Finding { rule, broken, browser } = finding;
    out.push('\n');
    let (mark, role) = match rule.level {
        _ if is_hint(rule) => (None, Role::Hint),
        Level::Note => (Some(Mark::Dot), Role::Hint),
        Level::Must | Level::Should => (Some(Mark::Bad), Role::Finding),
    };
    let mut title = String::new();
    if let Some(mark) = mark {
        title.push_str(page.mark(mark));
        title.push(' ');
    }
    title.push_str(if is_hint(rule) { "hint" } else { rule.level.name() });
    let used = display_width(&title);
    title.extend(std::iter::repeat_n(' ', (ID - 2).saturating_sub(used)));
    let cite = rule.cite.to_string();
    page.spread(out, 2, &[(role, &title), (Role::Heading, rule.id)], (Role::Dim, &cite));
    let mut text = said(page, &broken.found);
    if memory.first_of_rule(rule.id) {
        text.push(' ');
        text.push_str(&page.glyphs.say(rule.why));
    }
    if let Some(sentence) = browser {
        text.push_str(&said(page, &format!(" Chromium: \"{sentence}\"; onclose gets code 1006.")));
    }
    for line in text.lines() {
        page.paragraph(out, TEXT, Role::Plain, line);
    }
    send(page, &broken.send, out);
}

/// What to send instead: on the line of its label, or as it is where it has several lines.
fn send(page: &Page, text: &str, out: &mut String) {
    if text.is_empty() {
        return;
    }
    indent(out, TEXT);
    page.paint(out, Role::Good, "Send:");
    if !text.contains('\n') {
        out.push_str("  ");
        page.hang(out, ID, Role::Plain, &said(page, text));
        return;
    }
    out.push('\n');
    for line in text.lines() {
        let line = said(page, line);
        let words = line.trim_start_matches(' ');
        let column = (SEND + line.len() - words.len()).min(page.width / 2);
        for piece in lines(words, page.width - column) {
            indent(out, column);
            out.push_str(piece);
            out.push('\n');
        }
    }
}

/// A rule's sentence, which may quote what a peer chose, for this page.
fn said(page: &Page, text: &str) -> String {
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        page.sanitizer().push(&mut out, page.glyphs.say(line).as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::clock::Times;
    use crate::rules::rule::Broken;
    use crate::session::agreed::Agreed;

    fn finding(id: &str, found: &str, send: &str) -> Finding {
        let rule = crate::rules::find(id).expect("a rule");
        Finding { rule, broken: Broken::at(Bits::new(1, 1), found).send(send), browser: None }
    }

    fn shown(page: &Page, findings: &[Finding]) -> String {
        let mut out = String::new();
        all(page, &mut Memory::new(false, Times::default(), &Agreed::Unknown), findings, &mut out);
        out
    }

    #[test]
    fn why_is_said_once() {
        let two = [
            finding("framing/rsv1-not-agreed", "One.", "81 as byte 0"),
            finding("framing/rsv1-not-agreed", "Two.", ""),
        ];
        let rule = two[0].rule;
        let out = shown(&Page::plain(), &two);
        let words: Vec<_> = out.split_whitespace().collect();
        let title = format!("✗ must {} {}", rule.id, rule.cite);
        assert_eq!(words.join(" "), format!("{title} One. {} Send: 81 as byte 0 {title} Two.", rule.why));
        assert!(
            out.starts_with("\n  ✗ must   framing/rsv1-not-agreed   ")
                && out.contains("\n    Send:  81 as byte 0\n\n")
        );
    }

    #[test]
    fn what_a_browser_says_comes_behind_the_reason() {
        let masked = finding("framing/server-masked", "One.", "");
        let masked = Finding { browser: Some("A server must not mask.".into()), ..masked };
        let out = shown(&Page::plain(), &[masked]).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            out.ends_with("masked frame. Chromium: \"A server must not mask.\"; onclose gets code 1006."),
            "{out}"
        );
    }

    #[test]
    fn what_a_peer_chose_stays_safe_and_lines_stay_lines() {
        let page = Page { width: 40, ..Page::plain() };
        let out =
            shown(&page, &[finding("framing/key-zero", "\x1b]0;x\x07\nnext", "81 05\n│  ╰ \u{202e}\n╰ FIN")]);
        assert!(out.contains("    \\x1b]0;x\\x07\n    next"), "{out}");
        assert!(out.ends_with("    Send:\n      81 05\n      │  ╰ \\u{202e}\n      ╰ FIN\n"), "{out}");
    }

    #[test]
    fn bits_meet_where_they_share_one() {
        assert!(meet(Bits::new(0, 8), Bits::new(7, 1)) && meet(Bits::new(7, 1), Bits::new(0, 8)));
        assert!(!meet(Bits::new(0, 8), Bits::new(8, 1)) && !meet(Bits::new(3, 0), Bits::new(0, 8)));
    }
}

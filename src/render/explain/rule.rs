//! A rule, and the book.

use serde_json::{Value, json};

use super::labelled;
use crate::render::page::{Page, indent, pad};
use crate::render::palette::Role;
use crate::render::sanitize::push_json;
use crate::rules::rule::{Finding, Level, Rule};
use crate::rules::{CHAPTERS, Chapter, book};

/// Where what a rule says begins in the list.
const SAYS: usize = 9;

/// A sample that breaks a rule, and what is found in it.
#[derive(Clone, Copy, Debug)]
pub struct Example<'a> {
    /// Its path in the project.
    pub path: &'a str,
    /// Its lines, without the handshake where that is right.
    pub lines: &'a [&'a str],
    /// Whether the handshake is left out.
    pub behind_handshake: bool,
    /// The finding.
    pub finding: Option<&'a Finding>,
}

/// Appends all that is known of a rule.
pub fn lesson(page: &Page, rule: &Rule, example: &Example<'_>, out: &mut String) {
    let (kind, others) = if is_hint(rule) { ("hint", "Explains") } else { ("rule", "Entails") };
    let title = format!("{}: a {kind}", rule.id);
    page.spread(out, 0, &[(Role::Heading, &title)], (Role::Dim, &rule.cite.to_string()));
    labelled(page, "Says", Role::Plain, rule.says, out);
    labelled(page, "Why", Role::Plain, rule.why, out);
    labelled(page, "Level", Role::Plain, &level(rule), out);
    labelled(page, others, Role::Plain, &rule.entails.join(", "), out);
    let sample = match example.behind_handshake {
        true => format!("{}, behind a right handshake:", example.path),
        false => format!("{}:", example.path),
    };
    labelled(page, "Broken in", Role::Plain, &sample, out);
    for line in example.lines {
        let left = super::TEXT + line.len() - line.trim_start().len();
        page.paragraph(out, left, Role::Payload, if line.is_empty() { " " } else { line });
    }
    let Some(Finding { broken, browser, .. }) = example.finding else { return };
    labelled(page, "Found", Role::Finding, &broken.found, out);
    send(page, &broken.send, out);
    let browser = browser.as_ref().map(|sentence| format!("\"{sentence}\"; onclose gets code 1006."));
    labelled(page, "Chromium", Role::Plain, browser.as_deref().unwrap_or_default(), out);
}

/// What to send instead; several lines stand as they are.
fn send(page: &Page, text: &str, out: &mut String) {
    let mut lines = text.lines();
    labelled(page, "Send", Role::Good, lines.next().unwrap_or_default(), out);
    for line in lines {
        indent(out, super::TEXT);
        out.push_str(&page.glyphs.say(line));
        out.push('\n');
    }
}

/// Whether it only guesses.
fn is_hint(rule: &Rule) -> bool {
    rule.id.starts_with("hint/")
}

fn level(rule: &Rule) -> String {
    match (rule.level, rule.word) {
        _ if is_hint(rule) => "note: a guess at what explains other findings.".to_owned(),
        (Level::Note, _) => "note: not forbidden, but worth knowing.".to_owned(),
        (level, "") => format!("{level}: the RFC advises it, without a word in capitals."),
        (level, word) => format!("{level}: the RFC's word is {word}."),
    }
}

/// Appends a chapter: each rule with its level, id, section, and what it says.
pub fn chapter(page: &Page, chapter: &Chapter, out: &mut String) {
    let title = format!("{}: {}", chapter.name, chapter.says);
    page.spread(out, 0, &[(Role::Heading, &title)], (Role::Dim, &count(chapter.rules.len())));
    for rule in chapter.rules {
        let role = if rule.level == Level::Note { Role::Hint } else { Role::Finding };
        let mut level = String::from(rule.level.name());
        pad(&mut level, rule.level.name().len(), SAYS - 2);
        let cite = rule.cite.to_string();
        page.spread(out, 2, &[(role, &level), (Role::Plain, rule.id)], (Role::Dim, &cite));
        page.paragraph(out, SAYS, Role::Plain, rule.says);
    }
}

/// Appends the whole book.
pub fn all(page: &Page, out: &mut String) {
    let title = "The rules of RFC 6455 and of RFC 7692's use of RSV1";
    page.spread(out, 0, &[(Role::Heading, title)], (Role::Dim, &count(book().count())));
    for it in CHAPTERS {
        out.push('\n');
        chapter(page, it, out);
    }
}

fn count(rules: usize) -> String {
    if rules == 1 { "1 rule".to_owned() } else { format!("{rules} rules") }
}

/// Appends one line with a JSON object for each rule.
pub fn json_lines(out: &mut String) {
    for rule in book() {
        push_json(out, &object(rule).to_string());
        out.push('\n');
    }
}

fn object(rule: &Rule) -> Value {
    json!({
        "v": 1,
        "type": "rule",
        "id": rule.id,
        "level": rule.level.name(),
        "word": rule.word,
        "section": rule.cite.to_string(),
        "says": rule.says,
        "why": rule.why,
        "entails": rule.entails,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_fits_the_page_and_names_every_rule() {
        let mut out = String::new();
        all(&Page::plain(), &mut out);
        assert!(book().all(|rule| out.contains(rule.id)));
        assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    }

    #[test]
    fn each_rule_is_one_line_of_json() {
        let mut out = String::new();
        json_lines(&mut out);
        let ids: Vec<_> = out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone())
            .collect();
        assert_eq!(ids, book().map(|rule| Value::from(rule.id)).collect::<Vec<_>>());
    }
}

//! `wslens explain`: what a word of the protocol means.

mod bytes;
mod samples;

use std::io::Write;
use std::ops::ControlFlow;

use super::exit::{Exit, Failure};
use crate::input::{self, Format, Options};
use crate::render::explain::bytes::lesson as bytes_lesson;
use crate::render::explain::lookup::{Meaning, meanings, near};
use crate::render::explain::rule::{self, Example};
use crate::render::explain::{codes, deflate, topic};
use crate::render::page::Page;
use crate::rules::rule::{Finding, Rule};
use crate::session::event::Event;
use crate::session::segment::Segment;
use crate::session::{Config, Session};

/// The arguments of `wslens explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A rule or a chapter of rules, a close code, an opcode, a field of the frame, a header, the first bytes
    /// of a frame in hex, or deflate. Where it has several meanings, each is shown.
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  wslens explain 1006
  wslens explain rsv1 ping
  wslens explain 81 94
  wslens explain Sec-WebSocket-Key
  wslens explain deflate
  wslens explain framing/length-minimal";

impl Args {
    /// Writes all meanings of the words.
    ///
    /// # Errors
    /// Where a word has none, or `out` takes no more.
    pub fn run(&self, page: &Page, out: &mut impl Write) -> Result<Exit, Failure> {
        let mut text = String::new();
        let mut unknown = Vec::new();
        for word in self.phrases() {
            let meanings = meanings(&word);
            if meanings.is_empty() {
                unknown.push(word);
                continue;
            }
            for meaning in &meanings {
                if !text.is_empty() {
                    text.push('\n');
                }
                explain(page, meaning, &mut text)?;
            }
        }
        out.write_all(text.as_bytes())?;
        out.flush()?;
        match unknown.first() {
            None => Ok(Exit::Done),
            Some(word) => Err(not_known(page, word).into()),
        }
    }

    /// All words together where they mean something together, such as bytes; else each for itself.
    fn phrases(&self) -> Vec<String> {
        let whole = self.words.join(" ");
        if meanings(&whole).is_empty() { self.words.clone() } else { vec![whole] }
    }
}

fn explain(page: &Page, meaning: &Meaning, text: &mut String) -> Result<(), Failure> {
    match meaning {
        Meaning::Topic(it) => topic::lesson(page, it, text),
        Meaning::Deflate => deflate::lesson(page, text),
        Meaning::Code(code) => codes::lesson(page, *code, text),
        Meaning::Bytes(it) => bytes_lesson(page, it, &bytes::findings(it), text),
        Meaning::Chapter(chapter) => rule::chapter(page, chapter, text),
        Meaning::Rule(rule) => explain_rule(page, rule, text)?,
    }
    Ok(())
}

fn not_known(page: &Page, word: &str) -> String {
    let near = near(word);
    let hint = match near.as_slice() {
        [] => "wslens rules lists the rules; fields, opcodes, close codes and headers go by their names"
            .to_owned(),
        [one] => format!("near it is {one}"),
        several => format!("near it are {}", several.join(", ")),
    };
    format!("nothing is known of {}: {hint}", page.quoted(word.as_bytes()))
}

fn explain_rule(page: &Page, rule: &Rule, text: &mut String) -> Result<(), Failure> {
    let (path, sample) = samples::of(rule.id).unwrap_or_default();
    let finding = finding_in(sample, rule)?;
    let (lines, behind_handshake) = shown_lines(sample, rule);
    let example = Example { path, lines: &lines, behind_handshake, finding: finding.as_ref() };
    rule::lesson(page, rule, &example, text);
    Ok(())
}

/// The finding of this rule in its sample.
fn finding_in(sample: &str, rule: &Rule) -> Result<Option<Finding>, Failure> {
    let mut session = Session::new(Config::default());
    let mut found = None;
    let mut sink = |event: &Event<'_>| {
        if found.is_none() {
            found = event.findings.iter().find(|finding| finding.rule.id == rule.id).cloned();
        }
    };
    let options = Options { format: Some(Format::Transcript), ..Options::default() };
    let mut each = |segment: Segment<'_>| {
        session.feed(&segment, &mut sink);
        ControlFlow::Continue(())
    };
    input::read("the sample", sample.as_bytes(), &options, &mut |_| {}, &mut each)
        .map_err(|error| error.to_string())?;
    session.finish(&mut sink);
    Ok(found)
}

/// The lines of a sample that matter: what comes behind the handshake, where the rule is not about that.
fn shown_lines<'a>(sample: &'a str, rule: &Rule) -> (Vec<&'a str>, bool) {
    let lines: Vec<_> = sample.lines().filter(|line| !line.starts_with('#')).collect();
    let about_frames =
        ["framing/", "messages/", "closing/", "hint/"].iter().any(|chapter| rule.id.starts_with(chapter));
    match lines.iter().position(|line| *line == "<") {
        Some(end) if about_frames => (lines.into_iter().skip(end + 1).collect(), true),
        _ => (lines, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::explain::lookup::known_words;
    use crate::rules::book;

    fn said(words: &[&str]) -> Result<String, String> {
        let args = Args { words: words.iter().map(|word| (*word).to_owned()).collect() };
        let mut out = Vec::new();
        match args.run(&Page::plain(), &mut out) {
            Ok(_) => Ok(String::from_utf8(out).expect("UTF-8")),
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn every_rule_is_explained_with_the_example_that_breaks_it() {
        for rule in book() {
            let said = said(&[rule.id]).expect("known");
            assert!(said.contains("Broken in") && said.contains("Found"), "{said}");
            assert_fits(&said);
        }
    }

    #[track_caller]
    fn assert_fits(said: &str) {
        let wide: Vec<_> = said.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }

    #[test]
    fn every_word_that_is_known_is_explained_on_the_page() {
        let numbers = (0..1020).chain([2999, 3000, 4999, 5000, 65535]).map(|code: u16| code.to_string());
        let words = known_words().map(str::to_owned).chain(numbers);
        for word in words.chain(["82 ff 00 00 00 00 00 01 00 00 01 02 03 04".to_owned()]) {
            let said = said(&[&word]).expect("known");
            assert_fits(&said);
        }
    }

    #[test]
    fn words_are_read_together_or_each_for_itself() {
        assert!(said(&["81", "94"]).expect("known").starts_with("81 94: the first bytes of a frame"));
        let both = said(&["ping", "pong"]).expect("known");
        assert!(both.contains("ping: opcode 9") && both.contains("\npong: opcode 10"));
        let both = said(&["8"]).expect("known");
        assert!(both.contains("close: opcode 8") && both.contains("8: a close code"));
    }

    #[test]
    fn an_unknown_word_gets_near_ones() {
        let error = said(&["pign"]).expect_err("unknown");
        assert_eq!(error, "nothing is known of \"pign\": near it are ping, fin, pong");
    }
}

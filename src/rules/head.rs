//! Heads: what HTTP/1.1 allows in a request or a response, whatever it asks for (RFC 9112, RFC 9110 §5).
//!
//! RFC 6455 §4.1 and §4.2.2 make these demands its own: both halves of the handshake must be valid HTTP.

use super::facts::AnyHead;
use super::quote::{plain, quote};
use super::rule::{Broken, Check, Level, Rule};
use crate::wire::bits::{Bits, Cite};
use crate::wire::head::{Head, HeaderLine, LineEnd};
use crate::wire::list::is_token_byte;
use crate::wire::span::Span;

/// The rows of this chapter.
pub static RULES: &[Rule] = &[
    Rule {
        id: "head/bare-lf",
        // The grammar of RFC 9112 §2.1 has CRLF, and a sender MUST NOT deviate from a grammar; §2.2 there only allows
        // receivers to forgive a bare LF.
        cite: Cite::http("2.2"),
        level: Level::Must,
        word: "MUST NOT",
        says: "Each line of a head ends in CR LF.",
        why: "A receiver may forgive a bare LF, but need not (RFC 9112 §2.2): one server reads two lines where the \
              next reads one.",
        entails: &[],
        check: Check::Head(bare_lf),
    },
    Rule {
        id: "head/obs-fold",
        cite: Cite::http1("5.2"),
        level: Level::Must,
        word: "MUST NOT",
        says: "A header stands in one line: no line goes on with the one above it.",
        why: "Old HTTP let a line that begins with a blank go on with the one before. Servers now refuse it, \
              since two of them may read such lines differently.",
        entails: &[],
        check: Check::Head(obs_fold),
    },
    Rule {
        id: "head/space-before-colon",
        cite: Cite::http1("5.1"),
        level: Level::Must,
        word: "MUST",
        says: "The colon follows the header's name at once.",
        why: "A server must answer such a request with 400: to some readers the blank is part of the name, \
              and then it is another header.",
        entails: &[],
        check: Check::Head(space_before_colon),
    },
    Rule {
        id: "head/control-byte",
        cite: Cite::http("5.5"),
        level: Level::Must,
        word: "MUST",
        says: "No control byte but the tab stands in a line of a head.",
        why: "Control bytes end lines or strings for some readers, and so can smuggle in a header.",
        entails: &[],
        check: Check::Head(control_byte),
    },
    Rule {
        id: "head/no-colon",
        cite: Cite::http1("5"),
        level: Level::Must,
        word: "MUST",
        says: "Each line behind the first is a name, a colon and a value.",
        why: "A line without a colon is no header. Often it is a body that began too early, or a broken line.",
        entails: &[],
        check: Check::Head(no_colon),
    },
    Rule {
        id: "head/name-token",
        cite: Cite::http("5.1"),
        level: Level::Must,
        word: "MUST",
        says: "A header's name is a token: letters, digits and !#$%&'*+-.^_`|~.",
        why: "Any other character would end the name for some readers and not for others.",
        entails: &[],
        check: Check::Head(name_token),
    },
];

fn bare_lf(f: &AnyHead<'_>) -> Option<Broken> {
    let raw = f.head.raw();
    let (mut lines, mut bare, mut first) = (0usize, 0usize, None);
    let mut before = 0;
    for (at, &byte) in raw.iter().enumerate() {
        if byte == b'\n' {
            lines += 1;
            if before != b'\r' {
                bare += 1;
                first.get_or_insert((at, lines));
            }
        }
        before = byte;
    }
    let (at, line) = first?;
    let found = match bare {
        _ if bare == lines => "Every line ends in LF alone (0a).".to_owned(),
        1 => format!("Line {line} ends in LF alone (0a)."),
        _ => format!("{bare} of the {lines} lines end in LF alone (0a); the first of them is line {line}."),
    };
    Some(Broken::at(Bits::bytes(at as u64, 1), found).send("0d 0a at the end of each line: \"\\r\\n\""))
}

fn obs_fold(f: &AnyHead<'_>) -> Option<Broken> {
    let line = f.head.headers.iter().find(|line| line.folds > 0)?;
    let text = f.head.at(line.line);
    let fold = text.iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let blank = text.iter().skip(fold).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let name = quote(f.head.name(line));
    let found = match line.folds {
        1 => format!("The line behind {name} begins with a blank, so it goes on with that header."),
        n => format!("{n} lines behind {name} begin with a blank, so they go on with that header."),
    };
    let place = Span { at: line.line.at + fold, len: blank };
    Some(Broken::at(place.bits(), found).send(as_it_should_be(f.head, line)))
}

fn space_before_colon(f: &AnyHead<'_>) -> Option<Broken> {
    let line = f.head.headers.iter().find(|line| line.space_before_colon(f.head.raw()))?;
    let name = f.head.name(line);
    let blank = Span::between(line.name.at + name.trim_ascii_end().len(), line.name.end());
    let found = format!("White space stands between the name {} and the colon.", quote(name.trim_ascii()));
    Some(Broken::at(blank.bits(), found).send(as_it_should_be(f.head, line)))
}

fn control_byte(f: &AnyHead<'_>) -> Option<Broken> {
    let lines = f.head.headers.iter().map(|line| line.line);
    let at = std::iter::once(f.head.first_line).chain(lines).find_map(|line| control_in(f.head, line))?;
    let byte = f.head.raw().get(at).copied().unwrap_or_default();
    let name = match byte {
        b'\r' => " (CR, without the LF of a line end)",
        0 => " (NUL)",
        0x1b => " (ESC)",
        0x7f => " (DEL)",
        _ => "",
    };
    let found = format!("The control byte {byte:02x}{name} stands in the middle of a line.");
    Some(Broken::at(Bits::bytes(at as u64, 1), found).send("the line without it"))
}

/// Where the first control byte of a line stands. Line ends inside it belong to folds, and are no matter here.
fn control_in(head: &Head, line: Span) -> Option<usize> {
    let text = head.at(line);
    let at = text.iter().enumerate().position(|(at, &byte)| match byte {
        b'\t' | b'\n' => false,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        _ => byte.is_ascii_control(),
    })?;
    Some(line.at + at)
}

fn no_colon(f: &AnyHead<'_>) -> Option<Broken> {
    let line = f.head.headers.iter().find(|line| !line.colon)?;
    let found = format!("The line {} has no colon.", quote(f.head.at(line.line)));
    Some(Broken::at(line.line.bits(), found).send("name: value"))
}

fn name_token(f: &AnyHead<'_>) -> Option<Broken> {
    let (line, at) = f.head.headers.iter().filter(|line| line.colon).find_map(|line| {
        let name = f.head.name(line).trim_ascii_end();
        let wrong = name.iter().position(|&byte| !is_token_byte(byte) && !byte.is_ascii_control());
        wrong.or(name.is_empty().then_some(0)).map(|at| (line, at))
    })?;
    let name = f.head.name(line);
    let found = match name.get(at) {
        None => "A line begins with its colon: there is no name before it.".to_owned(),
        Some(byte) => format!("The name {} holds {}, which no name may.", quote(name), quote(&[*byte])),
    };
    let len = usize::from(at < name.len());
    let mut token: Vec<_> = name.iter().copied().filter(|&byte| is_token_byte(byte)).collect();
    if token.is_empty() {
        token.extend_from_slice(b"Name");
    }
    let send = format!("{}: {}", plain(&token), plain(&f.head.value(line)));
    Some(Broken::at(Span { at: line.name.at + at, len }.bits(), found).send(send))
}

/// A header line as it should stand.
fn as_it_should_be(head: &Head, line: &HeaderLine) -> String {
    format!("{}: {}", plain(head.name(line).trim_ascii()), plain(&head.value(line)))
}

/// Where a header line that is missing belongs: behind the others.
pub(super) fn place_for_more(head: &Head) -> Bits {
    let (line, end) =
        head.headers.last().map_or((head.first_line, head.first_line_end), |last| (last.line, last.end));
    let end_len = match end {
        LineEnd::Crlf => 2,
        LineEnd::Lf => 1,
        LineEnd::Cut => 0,
    };
    Span { at: line.end() + end_len, len: 0 }.bits()
}

/// Whether any line with this name lists this token; case does not matter.
pub(super) fn lists(head: &Head, name: &str, token: &str) -> bool {
    head.all(name).any(|line| crate::wire::list::has_token(&head.value(line), token))
}

/// The values of all lines with this name, quoted, as one list.
pub(super) fn quoted_values(head: &Head, name: &str) -> String {
    head.all(name).take(3).map(|line| quote(&head.value(line))).collect::<Vec<_>>().join(", ")
}

/// A line that may stand there once stands there again.
pub(super) fn repeated(head: &Head, name: &'static str) -> Option<Broken> {
    let again = head.all(name).nth(1)?;
    let times = match head.all(name).count() {
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    };
    let found = format!("{name} stands there {times}: {}.", quoted_values(head, name));
    Some(Broken::at(again.line.bits(), found).send("one line with it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::sender::Sender;

    fn broken(lines: &str) -> Vec<(&'static str, u64, u64)> {
        let head = Head::decode(format!("GET / HTTP/1.1\r\n{lines}\r\n").into());
        let facts = AnyHead { head: &head, sender: Sender::Client };
        let found = RULES.iter().filter_map(|rule| {
            let Check::Head(check) = rule.check else { return None };
            check(&facts).map(|broken| (rule.id, broken.bits.at / 8 - 16, broken.bits.len / 8))
        });
        found.collect()
    }

    #[test]
    fn each_fault_is_found_alone_and_at_its_byte() {
        assert_eq!(broken("Host: a\r\nx-obs: \u{e9}\ttab\r\n"), []);
        assert_eq!(broken("Host: a\n"), [("head/bare-lf", 7, 1)]);
        assert_eq!(broken("X: a\r\n \tb\r\n"), [("head/obs-fold", 6, 2)]);
        assert_eq!(broken("Host \t: a\r\n"), [("head/space-before-colon", 4, 2)]);
        assert_eq!(broken("Host: a\x01b\r\n"), [("head/control-byte", 7, 1)]);
        assert_eq!(broken("Ho\x7fst: a\r\n"), [("head/control-byte", 2, 1)]);
        assert_eq!(broken("Host: a\rb\r\n"), [("head/control-byte", 7, 1)]);
        assert_eq!(broken("Host\r\n"), [("head/no-colon", 0, 4)]);
        assert_eq!(broken("H(st: a\r\n"), [("head/name-token", 1, 1)]);
        assert_eq!(broken(": a\r\n"), [("head/name-token", 0, 0)]);
        assert_eq!(broken(" Host: a\r\n"), [("head/name-token", 0, 1)]);
    }

    #[test]
    fn a_missing_line_belongs_behind_the_others() {
        let head = Head::decode(b"GET / HTTP/1.1\r\nHost: a\n\r\n".to_vec());
        assert_eq!(place_for_more(&head), Bits::bytes(24, 0));
        let head = Head::decode(b"GET / HTTP/1.1\r\n\r\n".to_vec());
        assert_eq!(place_for_more(&head), Bits::bytes(16, 0));
    }
}

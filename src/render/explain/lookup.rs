//! What a word may mean: all its meanings, or the words nearest to it.

use super::topic::Topic;
use super::{deflate, fields, headers, opcodes};
use crate::rules::rule::Rule;
use crate::rules::{CHAPTERS, Chapter, book};
use crate::wire::close::{CLOSE_CODES, CloseCode};
use crate::wire::frame::LONGEST_HEADER;
use crate::wire::opcode::Opcode;

/// The most words that are named where one is not known.
const MOST_NEAR: usize = 5;

/// No word that is known is longer.
const LONGEST: usize = 60;

/// One meaning of a word.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// A field, an opcode, a header.
    Topic(&'static Topic),
    /// How a compressed message is written.
    Deflate,
    /// A close code.
    Code(CloseCode),
    /// The first bytes of a frame.
    Bytes(Vec<u8>),
    /// A chapter of the rule book.
    Chapter(&'static Chapter),
    /// A rule.
    Rule(&'static Rule),
}

fn topics() -> impl Iterator<Item = &'static Topic> {
    [fields::TOPICS, opcodes::TOPICS, headers::TOPICS].into_iter().flatten()
}

/// All meanings of a word, whatever its case; empty where it has none.
#[must_use]
pub fn meanings(word: &str) -> Vec<Meaning> {
    let word = word.trim().trim_end_matches(':').to_ascii_lowercase();
    // An opcode in hex, as the RFC writes them: 0x9.
    let digit = word.strip_prefix("0x").filter(|digits| digits.len() == 1);
    let number = digit.and_then(|digit| u8::from_str_radix(digit, 16).ok()).map(|number| number.to_string());
    let asked = number.as_deref().unwrap_or(&word);
    let mut all: Vec<_> = topics().filter(|topic| topic.words.contains(&asked)).map(Meaning::Topic).collect();
    all.extend(deflate::WORDS.contains(&word.as_str()).then_some(Meaning::Deflate));
    all.extend(code(&word).map(Meaning::Code));
    all.extend(bytes(&word).map(Meaning::Bytes));
    all.extend(CHAPTERS.iter().filter(|chapter| chapter.name == word).map(Meaning::Chapter));
    all.extend(book().filter(|rule| names(rule, &word)).map(Meaning::Rule));
    all
}

/// A rule goes by its id, and by the second half of it.
fn names(rule: &Rule, word: &str) -> bool {
    rule.id == word || rule.id.split_once('/').is_some_and(|(_, name)| name == word)
}

/// A close code by its number, or by its name.
fn code(word: &str) -> Option<CloseCode> {
    let named = CLOSE_CODES.iter().find(|row| row.1.eq_ignore_ascii_case(word)).map(|row| row.0);
    let number = word.bytes().all(|byte| byte.is_ascii_digit()).then(|| word.parse().ok()).flatten();
    named.or(number.map(CloseCode))
}

/// Bytes in hex. Digits without a space between them are bytes only where they could begin a frame: most numbers
/// of four digits are meant as numbers.
fn bytes(word: &str) -> Option<Vec<u8>> {
    let spaced = word.contains([' ', ':', ',']) || word.contains("0x");
    let pairs: Vec<_> = if spaced {
        let pieces = word.split([' ', ':', ',']).filter(|piece| !piece.is_empty());
        pieces.map(|piece| piece.strip_prefix("0x").unwrap_or(piece).to_owned()).collect()
    } else {
        vec![word.to_owned()]
    };
    if pairs.iter().any(|pair| pair.len() % 2 != 0) {
        return None;
    }
    let bytes = hex::decode(pairs.concat()).ok()?;
    let (first, few) = (*bytes.first()?, (2..=LONGEST_HEADER).contains(&bytes.len()));
    let is_frame = first & 0x30 == 0 && !Opcode(first & 0xf).is_reserved();
    (few && (spaced || is_frame)).then_some(bytes)
}

/// Every word that has a meaning, but for numbers and bytes.
pub fn known_words() -> impl Iterator<Item = &'static str> {
    topics()
        .flat_map(|topic| topic.words.iter().copied())
        .chain(deflate::WORDS.iter().copied())
        .chain(CLOSE_CODES.iter().map(|row| row.1))
        .chain(CHAPTERS.iter().map(|chapter| chapter.name))
        .chain(book().map(|rule| rule.id))
}

/// The words nearest to one that is not known, the nearest first.
#[must_use]
pub fn near(word: &str) -> Vec<&'static str> {
    let word = word.trim().to_ascii_lowercase();
    if word.len() > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<_> = known_words().filter_map(|known| Some((nearness(&word, known)?, known))).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, known)| known).take(MOST_NEAR).collect()
}

/// How far a known word is; none where it is too far to be meant.
fn nearness(word: &str, known: &str) -> Option<usize> {
    if word.len() >= 3 && known.contains(word) {
        return Some(0);
    }
    let tail = known.split_once('/').map_or(known, |(_, name)| name);
    let distance = distance(word, known).min(distance(word, tail));
    (distance <= 1 + word.len() / 4 && distance < word.len()).then_some(distance)
}

/// How many characters must change, come, go or swap with the next one to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for i in 0..one.len() {
        let mut next = vec![i + 1];
        for j in 0..other.len() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let same = one.get(i) == other.get(j);
            let mut least = (at(&row, j) + usize::from(!same)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && one.get(i) == other.get(j - 1) && one.get(i - 1) == other.get(j);
            if swapped {
                least = least.min(at(&above, j - 1) + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::opcode::OPCODES;

    fn kinds(word: &str) -> Vec<String> {
        let kind = |meaning: &Meaning| match meaning {
            Meaning::Topic(topic) => topic.title.to_owned(),
            Meaning::Deflate => "deflate".to_owned(),
            Meaning::Code(code) => format!("code {}", code.0),
            Meaning::Bytes(bytes) => format!("bytes {}", hex::encode(bytes)),
            Meaning::Chapter(chapter) => format!("chapter {}", chapter.name),
            Meaning::Rule(rule) => rule.id.to_owned(),
        };
        meanings(word).iter().map(kind).collect()
    }

    #[test]
    fn a_word_has_all_its_meanings() {
        assert_eq!(kinds("1006"), ["code 1006"]);
        assert_eq!(kinds("rsv1"), ["RSV1: a field of the frame"]);
        assert_eq!(kinds("81 94"), ["bytes 8194"]);
        assert_eq!(kinds("0x81,0x94"), ["bytes 8194"]);
        assert_eq!(kinds("8194"), ["code 8194", "bytes 8194"]);
        assert_eq!(kinds("81fe"), ["bytes 81fe"]);
        assert_eq!(kinds("Sec-WebSocket-Key:"), ["Sec-WebSocket-Key: a header of the request"]);
        assert_eq!(kinds("PING"), ["ping: opcode 9"]);
        assert_eq!(kinds("8"), ["close: opcode 8", "code 8"]);
        assert_eq!(kinds("0x9"), ["ping: opcode 9"]);
        assert_eq!(kinds("0xA"), ["pong: opcode 10"]);
        assert_eq!(kinds("0xf"), ["3 to 7 and 11 to 15: reserved opcodes"]);
        assert_eq!(kinds("126"), ["Payload len: a field of the frame", "code 126"]);
        assert_eq!(kinds("going away"), ["code 1001"]);
        assert_eq!(kinds("framing/length-minimal"), ["framing/length-minimal"]);
        assert_eq!(kinds("length-minimal"), ["framing/length-minimal"]);
        assert_eq!(kinds("connection").len(), 3);
        assert_eq!(kinds("closing"), ["chapter closing"]);
        assert_eq!(kinds("70000"), [""; 0]);
        assert_eq!(kinds("pign"), [""; 0]);
        assert_eq!(kinds(""), [""; 0]);
    }

    #[test]
    fn an_unknown_word_has_near_ones() {
        assert_eq!(near("pign")[0], "ping");
        assert!(
            near("websocket-acept").contains(&"sec-websocket-accept") || near("acept").contains(&"accept")
        );
        assert!(near("lenght-minimal").contains(&"framing/length-minimal"));
        assert_eq!(near("zzzzzzzz"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
        assert!(near(&"a".repeat(100_000)).is_empty());
    }

    #[test]
    fn a_swap_is_one_step() {
        assert_eq!(distance("pign", "ping"), 1);
        assert_eq!(distance("", "ping"), 4);
        assert_eq!(distance("pong", "ping"), 1);
        assert_eq!(distance("key", "monkeys"), 4);
    }

    #[test]
    fn every_opcode_with_a_name_can_be_explained_by_name_and_number() {
        for (opcode, name, _) in OPCODES {
            let number = opcode.0.to_string();
            assert!(
                topics().any(|topic| topic.words.contains(name) && topic.words.contains(&number.as_str()))
            );
        }
    }
}

//! Nothing but digits and letters: hex, decimal, binary, base64, by their looks.

use super::Guess;
use crate::input::base64::is_letter;
use crate::input::format::Format;
use crate::input::text::lines;

/// The kind of digits, if they are any. Of a text that is cut the last word is left out.
pub(super) fn guess(text: &[u8], cut: bool) -> Option<Guess> {
    let text = match text.iter().rposition(u8::is_ascii_whitespace) {
        Some(end) if cut => text.get(..end).unwrap_or_default(),
        _ => text,
    };
    let words = Words::of(text);
    if words.all == 0 {
        return None;
    }
    let digits = words.binary().or_else(|| words.decimal()).or_else(|| words.hex());
    digits.or_else(|| mostly_hex(text)).or_else(|| base64(text))
}

/// What the words of a text are.
#[derive(Debug, Default)]
struct Words {
    all: usize,
    /// Of zeros and ones alone, those of eight or a multiple of it, the longest, and whether there is a one.
    bits: usize,
    eights: usize,
    longest: usize,
    one: bool,
    /// Up to three decimal digits, perhaps behind a minus; by how many digits.
    decimal: [usize; 4],
    minus: bool,
    comma: bool,
    /// Hex digits; and those of an odd number.
    hex: usize,
    odd: usize,
    /// Whether one is written as a number is: 0x81.
    prefix: bool,
    /// Whether one is several pairs: 81:94.
    several: bool,
    /// How many digits the longest has.
    digits: usize,
    digit: bool,
}

impl Words {
    fn of(text: &[u8]) -> Self {
        let mut words = Self { comma: text.contains(&b','), ..Self::default() };
        for word in words_of(text) {
            words.all += 1;
            words.add_bits(word);
            words.add_decimal(word);
            words.add_hex(word);
        }
        words
    }

    fn add_bits(&mut self, word: &[u8]) {
        let word = word.strip_prefix(b"0b").unwrap_or(word);
        if word.iter().all(|digit| matches!(digit, b'0' | b'1' | b'_')) {
            let digits = word.iter().filter(|byte| **byte != b'_').count();
            self.bits += 1;
            self.one |= word.contains(&b'1');
            self.longest = self.longest.max(digits);
            self.eights += usize::from(digits.is_multiple_of(8));
        }
    }

    fn add_decimal(&mut self, word: &[u8]) {
        let digits = word.strip_prefix(b"-").unwrap_or(word);
        if digits.iter().all(u8::is_ascii_digit)
            && let Some(count) = self.decimal.get_mut(digits.len())
        {
            *count += 1;
            self.minus |= digits.len() < word.len();
        }
    }

    /// A word may be several pairs: 81:94:9f, 81-94-9f.
    fn add_hex(&mut self, word: &[u8]) {
        let plain = strip_prefix(word);
        self.prefix |= plain.len() < word.len();
        self.digit |= word.iter().any(u8::is_ascii_digit);
        let mut parts =
            plain.split(|byte| matches!(byte, b':' | b'-' | b'_')).filter(|part| !part.is_empty());
        self.several |= parts.clone().count() > 1;
        self.digits = self.digits.max(plain.len());
        if parts.clone().all(|part| part.iter().all(u8::is_ascii_hexdigit)) {
            self.hex += 1;
            self.odd += usize::from(parts.any(|part| part.len() % 2 == 1) && !self.prefix);
        }
    }

    fn binary(&self) -> Option<Guess> {
        let [.., ones, twos, _] = self.decimal;
        let alone = self.all == 1 && !self.one;
        if self.bits < self.all || alone || ones + twos == self.all && ones == 0 {
            return None;
        }
        // Groups of up to eight, with all their zeros or without; or runs of whole bytes.
        let groups = self.longest <= 8 && (self.one || self.eights == self.all);
        let runs = self.eights == self.all && self.one;
        (groups || runs).then_some(Guess::or(Format::Binary, "--format hex if these are hex digits"))
    }

    fn decimal(&self) -> Option<Guess> {
        let [_, ones, twos, threes] = self.decimal;
        if ones + twos + threes < self.all {
            return None;
        }
        match threes > 0 || self.minus {
            true => Some(Guess::new(Format::Decimal)),
            false if self.comma && ones > 0 => {
                Some(Guess::or(Format::Decimal, "--format hex if these are hex digits"))
            }
            false => None,
        }
    }

    fn hex(&self) -> Option<Guess> {
        // A word such as "bad" has only hex digits too.
        if self.hex < self.all || self.odd > 0 && !self.digit {
            return None;
        }
        let [_, ones, twos, _] = self.decimal;
        Some(if self.bits == self.all {
            Guess::or(Format::Hex, "--format binary if these are bits")
        } else if ones + twos == self.all {
            Guess::or(Format::Hex, "--format decimal if these are decimal numbers")
        } else if self.all == 1 && !self.prefix && !self.several && self.digits % 4 != 1 {
            Guess::or(Format::Hex, "--format base64 if it is base64, --format raw if neither")
        } else {
            Guess::new(Format::Hex)
        })
    }
}

/// What may stand between words.
const fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b',' | b';' | b'|' | b'"' | b'\'' | b'[' | b']' | b'{' | b'}' | b'(' | b')')
}

fn strip_prefix(word: &[u8]) -> &[u8] {
    match word {
        [b'0' | b'\\', b'x' | b'X', digits @ ..] if !digits.is_empty() => digits,
        word => word,
    }
}

/// Lines of equal length, but for the last, of nothing but the letters of base64.
fn base64(text: &[u8]) -> Option<Guess> {
    let lines: Vec<&[u8]> =
        lines(text).map(|line| unquoted(line.text.trim_ascii())).filter(|line| !line.is_empty()).collect();
    let bare = |line: &&[u8]| line.iter().all(|byte| is_letter(*byte) || *byte == b'=');
    let equal =
        lines.windows(2).rev().skip(1).all(|pair| matches!(pair, [one, two] if one.len() == two.len()));
    let padded = lines.iter().any(|line| line.ends_with(b"="));
    let letters: usize = lines.iter().map(|line| line.iter().filter(|byte| **byte != b'=').count()).sum();
    let whole = padded || letters % 4 != 1;
    // A word alone is no base64.
    let is_word = |line: &&[u8]| {
        !line.iter().skip(1).any(|byte| byte.is_ascii_uppercase()) && line.iter().all(u8::is_ascii_alphabetic)
    };
    let longest_first = !matches!(lines.as_slice(), [.., before, last] if last.len() > before.len());
    let fits = lines.iter().all(bare) && (equal && longest_first || padded) && whole && letters > 1;
    (fits && !lines.iter().all(is_word)).then_some(Guess::new(Format::Base64))
}

fn unquoted(line: &[u8]) -> &[u8] {
    match line {
        [b'"', inside @ .., b'"'] | [b'\'', inside @ .., b'\''] => inside,
        line => line,
    }
}

/// Hex with something else among it: better an error at the place than another reading.
fn mostly_hex(text: &[u8]) -> Option<Guess> {
    let has_digit = |word: &[u8]| word.iter().any(u8::is_ascii_digit);
    let is_pairs = |word: &[u8]| {
        let digits = strip_prefix(word);
        digits.len().is_multiple_of(2) && !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
    };
    // Lines of one word each are more likely base64, unless all of them look like hex.
    let said: Vec<Vec<&[u8]>> =
        lines(text).map(|line| words_of(line.text)).filter(|words| !words.is_empty()).collect();
    let is_run = |words: &Vec<&[u8]>| matches!(words.as_slice(), [run] if is_nearly_hex(run));
    let runs = said.iter().filter(|words| is_run(words)).count();
    let prose = said.iter().any(|words| words.len() > 1);
    let pairs = said.iter().any(|words| {
        let pairs = words.iter().filter(|word| is_pairs(word)).count();
        let digits = words.iter().any(|word| is_pairs(word) && has_digit(word));
        let begins = matches!(words.as_slice(), [one, two, ..] if is_pairs(one) && is_pairs(two));
        digits
            && (begins
                || pairs >= 4 && pairs * 4 >= words.len() * 3
                || pairs >= 2 && pairs * 2 >= words.len())
    });
    (pairs || runs == said.len() || prose && runs > 0).then_some(Guess::new(Format::Hex))
}

fn words_of(text: &[u8]) -> Vec<&[u8]> {
    text.split(|byte| is_between(*byte)).filter(|word| !word.is_empty()).collect()
}

/// A long run of hex digits in one case with a few other letters.
fn is_nearly_hex(run: &[u8]) -> bool {
    let others = run.iter().filter(|byte| !byte.is_ascii_hexdigit()).count();
    let mixed = run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase);
    run.len() >= 8 && others <= (run.len() / 16).max(1) && !mixed && run.iter().any(u8::is_ascii_digit)
}

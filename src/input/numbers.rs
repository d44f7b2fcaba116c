//! Lists of numbers: `unsigned char x[] = { 0x81, … };`, `[129, 148]`, `Uint8Array(2) [ 129, 148 ]`, `new
//! byte[] {(byte)0x81, -108}`, `vec![0x81u8, 0x94]`, `[]byte{0x81, 0x94}`,
//! `{"type":"Buffer","data":[129,148]}`; also without brackets.

pub(super) mod lexer;
#[cfg(test)]
mod tests;

use self::lexer::{Number, Token, next};
use super::dump::{Dump, Side, Talk};
use super::error::Fault;
use super::literal::{Unit, unit};
use super::text::Line;

/// How many brackets may be open at once.
const DEEPEST: usize = 200;

/// Reads the lists of `text`, one behind the other. The code around them is passed over.
pub(super) fn read_lists(text: &[u8]) -> Result<Dump, Fault> {
    Lists::default().read(Line { at: 0, text })
}

/// Reads numbers without brackets; nothing else may stand among them.
pub(super) fn read_bare(text: &[u8]) -> Result<Dump, Fault> {
    Lists { bare: true, ..Lists::default() }.read(Line { at: 0, text })
}

/// A pair of brackets that is open.
#[derive(Debug)]
struct Group {
    at: usize,
    open: u8,
    /// The bytes before it.
    start: usize,
    numbers: usize,
    /// Whether it says a type, as `[u8; 6]` does.
    is_type: bool,
    /// Its first number is no byte: right where it says a length.
    fault: Option<Fault>,
}

/// What the text so far has given.
#[derive(Debug, Default)]
struct Lists {
    dump: Dump,
    /// Whether only numbers may stand in the text.
    bare: bool,
    groups: Vec<Group>,
    /// Where the bytes begin that are no turn yet.
    turn: usize,
    side: Side,
    /// Numbers outside of all brackets, and what is wrong with one of them.
    outer: Vec<u8>,
    outer_fault: Option<Fault>,
    /// Whether there was a list, even an empty one.
    has_list: bool,
    /// Behind `name:` no number is meant: `byteLength: 26`.
    named: bool,
    /// The brackets that have just closed, if one number was in them: in `x[6] = {`, `Uint8Array(6) [` and
    /// `[6]byte{` it says a length.
    single: Option<Group>,
}

impl Lists {
    fn read(mut self, text: Line<'_>) -> Result<Dump, Fault> {
        self.dump.talks.push(Talk::default());
        let (mut rest, mut last, mut last_end) = (text, Token::LineEnd, text.at);
        while let Some((token, at, behind)) = next(rest)? {
            rest = self.token(token, at, behind, last, at.at == last_end)?;
            (last, last_end) = (token, behind.at);
        }
        self.keep_single()?;
        if let Some(open) = self.groups.first() {
            return Err(Fault::new(open.at, "this list has no end: its closing bracket is missing"));
        }
        if !self.has_list {
            if let Some(fault) = self.outer_fault {
                return Err(fault);
            }
            self.dump.bytes.append(&mut self.outer);
        }
        self.end_turn();
        Ok(self.dump)
    }

    /// Takes a word, and gives where to go on.
    fn token<'a>(
        &mut self,
        token: Token<'a>,
        at: Line<'a>,
        behind: Line<'a>,
        last: Token<'a>,
        touches: bool,
    ) -> Result<Line<'a>, Fault> {
        match token {
            Token::Open(_) | Token::Arrow | Token::Mark(b'=') => self.drop_single(),
            Token::Word(_) if touches => self.drop_single(),
            _ => self.keep_single()?,
        }
        match token {
            Token::Word(_) | Token::Text(..) if self.bare => {
                return Err(Fault::new(at.at, "this is no number: remove what does not belong to the list"));
            }
            Token::Number(number) => self.number(number, at.at, behind)?,
            Token::Word(word) => self.side_of(word),
            Token::Text(quote, inside) => self.text(quote, inside, at, behind)?,
            Token::Open(_) if self.groups.len() >= DEEPEST => {
                return Err(Fault::new(
                    at.at,
                    format!("more than {DEEPEST} brackets are open: this is no list of bytes"),
                ));
            }
            Token::Open(open) => {
                self.named &= open == b'(';
                let start = self.dump.bytes.len();
                self.groups.push(Group { at: at.at, open, start, numbers: 0, is_type: false, fault: None });
            }
            Token::Close => self.close(),
            Token::Dots => return self.left_out(at, behind),
            Token::Mark(b'=' | b',') => self.named = false,
            Token::Mark(b':') => self.named |= matches!(last, Token::Word(_) | Token::Close),
            Token::Mark(b';') => self.semicolon(at.at)?,
            Token::Mark(b'.')
                if matches!((last, behind.text.first()), (Token::Number(_), Some(b'0'..=b'9'))) =>
            {
                return Err(Fault::new(at.at, "a byte is a whole number"));
            }
            Token::LineEnd | Token::Path | Token::Arrow | Token::Mark(_) => {}
        }
        Ok(behind)
    }

    fn number(&mut self, number: Number<'_>, at: usize, behind: Line<'_>) -> Result<(), Fault> {
        // In {0: 129} and in [0 => 129] the first number is a name.
        let next = behind.trim_start().text;
        let is_name = next.starts_with(b":") || next.starts_with(b"=>");
        if self.named || is_name {
            return Ok(());
        }
        let byte = number.byte(at);
        match (self.groups.last_mut(), byte) {
            (None, Err(fault)) if self.bare => return Err(fault),
            (None, Err(fault)) => self.outer_fault = self.outer_fault.take().or(Some(fault)),
            (None, Ok(byte)) => self.outer.push(byte),
            (Some(group), byte) => {
                group.numbers += 1;
                let byte = match (byte, group.fault.take()) {
                    (Ok(byte), None) => byte,
                    (Err(fault), None) if group.numbers == 1 && group.open != b'{' => {
                        group.fault = Some(fault);
                        0
                    }
                    (Err(fault), None) | (_, Some(fault)) => return Err(fault),
                };
                self.dump.bytes.push(byte);
            }
        }
        Ok(())
    }

    /// A string: the name of a value, a character among numbers, or something else's value.
    fn text(&mut self, quote: u8, inside: &[u8], at: Line<'_>, behind: Line<'_>) -> Result<(), Fault> {
        if behind.trim_start().text.starts_with(b":") {
            self.named = !inside.iter().all(u8::is_ascii_digit);
            return Ok(());
        }
        if self.named {
            return Ok(());
        }
        let Some(group) = self.groups.last_mut() else { return Ok(()) };
        let one = unit(Line { at: at.at + 1, text: inside }, true);
        if let (b'\'', Ok((Unit::Byte(byte), len))) = (quote, one)
            && len == inside.len()
        {
            group.numbers += 1;
            self.dump.bytes.push(byte);
            return Ok(());
        }
        Err(Fault::new(at.at, "a string among numbers: give one or the other"))
    }

    fn close(&mut self) {
        let Some(group) = self.groups.pop() else { return };
        match group {
            Group { is_type: true, start, .. } => self.dump.bytes.truncate(start),
            Group { open: b'[' | b'(', numbers: 1, .. } => self.single = Some(group),
            Group { open, numbers, .. } => self.has_list |= open == b'{' || numbers > 1,
        }
    }

    /// The brackets that have just closed said a length.
    fn drop_single(&mut self) {
        if let Some(group) = self.single.take() {
            self.dump.bytes.truncate(group.start);
        }
    }

    /// The brackets that have just closed were a list of one.
    fn keep_single(&mut self) -> Result<(), Fault> {
        match self.single.take() {
            Some(Group { fault: Some(fault), .. }) => Err(fault),
            Some(_) => {
                self.has_list = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// In Rust `[u8; 6]` is a type, and `[0; 6]` six zeros.
    fn semicolon(&mut self, at: usize) -> Result<(), Fault> {
        self.named = false;
        match self.groups.last_mut() {
            Some(Group { open: b'[', numbers: 1, .. }) => {
                Err(Fault::new(at, "a repeated element: write all of the bytes"))
            }
            Some(group) if group.open == b'[' && group.numbers == 0 => {
                group.is_type = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// `... 900 more items`
    fn left_out<'a>(&mut self, at: Line<'a>, behind: Line<'a>) -> Result<Line<'a>, Fault> {
        let len =
            behind.text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b' ').count();
        let text = behind.text.get(..len).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let number = words.next().and_then(|number| number.parse::<u64>().ok());
        let (Some(lost), Some("more")) = (number, words.next()) else {
            return Err(Fault::new(at.at, "bytes were left out of this list: print all of them"));
        };
        self.end_turn();
        self.dump.gap(0, self.side, None, lost);
        self.dump.note(format!(
            "bytes are missing: Node printed \"... {lost} more items\" for them; \
             print Buffer.from(chunk).toString('hex') instead"
        ));
        Ok(behind.skip(len))
    }

    /// Wireshark names the arrays of a followed stream by their sender.
    fn side_of(&mut self, word: &[u8]) {
        let side = match word {
            [b'p', b'e', b'e', b'r', b'0', b'_', ..] => Side::First,
            [b'p', b'e', b'e', b'r', b'1', b'_', ..] => Side::Second,
            _ => return,
        };
        self.end_turn();
        self.side = side;
        for talk in &mut self.dump.talks {
            talk.marked = true;
        }
    }

    fn end_turn(&mut self) {
        self.dump.turn_since(self.turn, 0, self.side, None);
        self.turn = self.dump.bytes.len();
    }
}

//! Lists of numbers: `unsigned char x[] = { 0x81, … };`, `[129, 148]`, `Uint8Array(2) [ 129, 148 ]`, `new byte[] {(byte)0x81, -108}`,
//! `vec![0x81u8, 0x94]`, `[]byte{0x81, 0x94}`, `{"type":"Buffer","data":[129,148]}`; also without brackets.

pub(super) mod lexer;

use self::lexer::{Number, Token, next};
use super::dump::{Dump, Side, Talk};
use super::error::Fault;
use super::literal::{Unit, unit};
use super::text::Line;

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
    /// The brackets that have just closed, if one number was in them: in `x[6] = {`, `Uint8Array(6) [` and `[6]byte{` it says
    /// a length.
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
            "bytes are missing: Node printed the first 100, and \"{lost} more items\"; print Buffer.from(chunk).toString('hex') instead"
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

#[cfg(test)]
mod tests {
    use crate::input::Format;
    use crate::input::testing::{error, read_as, sniffed};
    use crate::wire::sender::Sender;
    use proptest::prelude::*;

    #[test]
    fn every_language_is_read() {
        for text in [
            "unsigned char x[] = {\n  0x81, 0x94, 0x05\n};\nunsigned int x_len = 3;\n",
            "static const uint8_t frame[3] = { 0x81, 148, 5 }; /* 3 bytes */",
            "/* Frame (3 bytes) */\nstatic const unsigned char pkt1[3] = {\n0x81, 0x94, 0x05 /* ... */\n};",
            "let frame: [u8; 3] = [0x81, 0x94, 0x05];",
            "let frame = vec![0x81u8, 0x94, 5];",
            "const FRAME: &[u8] = &[129, 148, 5]; // Rust",
            "frame := []byte{0x81, 0x94, 0x05}",
            "var frame = [3]byte{129, 148, 5}",
            "byte[] frame = new byte[] {(byte) 0x81, (byte)0x94, 5};",
            "byte[] frame = { -127, -108, 5 };",
            "val frame = byteArrayOf(0x81.toByte(), 0x94.toByte(), 5)",
            "const frame = new Uint8Array([0x81, 0x94, 0x05]);",
            "Buffer.from([129, 148, 5])",
            "bytes([129, 148, 5])",
            "$frame = array(129, 148, 5);",
            "$frame = [129, 148, 5]; # PHP",
            "Array\n(\n    [0] => 129\n    [1] => 148\n    [2] => 5\n)\n",
            "array(3) {\n  [0]=>\n  int(129)\n  [1]=>\n  int(148)\n  [2]=>\n  int(5)\n}",
            "Uint8Array(3) [ 129, 148, 5 ]\n",
            "Buffer(3) [Uint8Array] [ 129, 148, 5 ]",
            "Int8Array(3) [ -127, -108, 5 ]",
            "(3) [129, 148, 5]",
            "Uint8Array(3) [129, 148, 5, buffer: ArrayBuffer(3), byteLength: 3, byteOffset: 0, length: 3, Symbol(Symbol.toStringTag): 'Uint8Array']",
            "{\"type\":\"Buffer\",\"data\":[129,148,5]}",
            "{\"0\":129,\"1\":148,\"2\":5}",
            "{0: 129, 1: 148, 2: 5}",
            "[\n  129, 148,\n    5\n]",
            "[129]\n[148, 5]\n",
            "[129 148 5]",
            "[0x81, 0b10010100, '\\x05']",
            "{ b: Uint8Array(3) [ 129, 148, 5 ] }",
            "std::vector<uint8_t> frame{0x81, 0x94, 0x05};",
            "[\n  \u{1b}[33m129\u{1b}[39m, \u{1b}[33m148\u{1b}[39m, \u{1b}[33m5\u{1b}[39m\n]",
        ] {
            let (seen, format) = sniffed(text);
            assert_eq!((seen.all(), format), (vec![0x81, 0x94, 5], Format::Array), "{text}");
        }
    }

    #[test]
    fn a_length_may_be_larger_than_a_byte() {
        let list = vec!["7"; 300].join(", ");
        for text in [
            format!("Uint8Array(300) [ {list} ]"),
            format!("let x: [u8; 300] = [{list}];"),
            format!("char x[300] = {{{list}}};"),
        ] {
            assert_eq!(sniffed(text).0.all(), [7; 300]);
        }
    }

    #[test]
    fn more_items_are_missing() {
        let (seen, _) = sniffed("[\n  129, 148,\n  ... 900 more items\n]");
        assert_eq!(seen.story, ["1 open", "1 client 2", "1 client gap 900", "1 client unknown"]);
        assert!(seen.notices.iter().any(|notice| notice.contains("900 more items")));
    }

    #[test]
    fn wireshark_s_arrays_name_their_sender() {
        let (seen, _) = sniffed(
            "char peer0_0[] = { /* Packet 4 */\n0x81, 0x80 };\nchar peer1_0[] = { /* Packet 6 */\n0x81, 0x00 };\n",
        );
        assert_eq!((seen.of(Sender::Client), seen.of(Sender::Server)), (&b"\x81\x80"[..], &b"\x81\x00"[..]));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        for (text, place) in [
            ("[129, 256]", "1:7: 256 does not fit into a byte"),
            ("[256]", "1:2: 256 does not fit into a byte"),
            ("[129, 148", "1:1: this list has no end"),
            ("[129, 1.5]", "1:8: a byte is a whole number"),
            ("[129, 9x]", "1:7: \"9x\" is no number"),
            ("{0x81, \"Hello\"}", "1:8: a string among numbers"),
            ("vec![0; 16]", "1:7: a repeated element"),
            ("[129, ..., 5]", "1:7: bytes were left out"),
        ] {
            let error = error(Format::Array, text);
            assert!(error.starts_with(&format!("dump.txt:{place}")), "{error}");
        }
        assert!(error(Format::Decimal, "129 148 x").starts_with("dump.txt:1:9: this is no number"));
        assert!(error(Format::Decimal, "129 1488").starts_with("dump.txt:1:5: 1488 does not fit"));
    }

    #[test]
    fn decimals_need_no_brackets() {
        for text in ["129 148 5", "129,148,5", "129, 148, 5\n", "129\n148\n5\n", "-127 -108 5"] {
            let (seen, format) = sniffed(text);
            assert_eq!((seen.all(), format), (vec![0x81, 0x94, 5], Format::Decimal), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_sniffed_and_read(bytes in proptest::collection::vec(any::<u8>(), 2..300), style in 0..6) {
            let each = |print: fn(&u8) -> String, between: &str| bytes.iter().map(print).collect::<Vec<_>>().join(between);
            let text = match style {
                0 => format!("unsigned char x[] = {{\n  {}\n}};\nunsigned int x_len = {};\n", each(|b| format!("0x{b:02x}"), ",\n "), bytes.len()),
                1 => format!("Uint8Array({}) [\n  {}\n]\n", bytes.len(), each(u8::to_string, ", ")),
                2 => format!("new byte[] {{{}}}", each(|b| (*b as i8).to_string(), ", ")),
                3 => format!("new byte[]{{{}}}", each(|b| format!("(byte)0x{b:x}"), ", ")),
                4 => format!("{bytes:?}"),
                _ => format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", each(u8::to_string, ",")),
            };
            let (seen, format) = sniffed(&text);
            prop_assert_eq!(format, Format::Array, "{}", text);
            prop_assert_eq!(seen.all(), bytes, "{}", text);
        }

        #[test]
        fn bare_decimals_are_sniffed_and_read(bytes in proptest::collection::vec(any::<u8>(), 1..300), between in "[ ,\n]") {
            prop_assume!(bytes.iter().any(|byte| *byte >= 100));
            let text: Vec<String> = bytes.iter().map(u8::to_string).collect();
            let (seen, format) = sniffed(text.join(&between));
            prop_assert_eq!(format, Format::Decimal);
            prop_assert_eq!(seen.all(), bytes);
        }

        #[test]
        fn nothing_panics(text in "[\\[\\]{}()0-9a-fx;:,.='\"/*# \n-]{0,40}") {
            let _ = read_as(Some(Format::Array), None, text.as_bytes());
            let _ = read_as(Some(Format::Decimal), None, text.as_bytes());
        }
    }
}

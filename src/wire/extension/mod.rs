//! Sec-WebSocket-Extensions: which extensions are offered or accepted (RFC 6455 §9.1).
//!
//! ```text
//! Sec-WebSocket-Extensions: foo, bar; baz=2 ; qux = "7"
//!                           ╰┬╯  ╰──────┬────────────╯
//!                   an extension   a name and parameters behind semicolons, each with or without a value
//! ```
//!
//! White space may stand between any two pieces (RFC 2616 §2.1, implied *LWS), list elements may be empty, and
//! several lines count as one list. A quoted value must still be a token once the quotes are gone.
//!
//! The reader is tolerant: what breaks the grammar becomes a [`Problem`] with its place, and all that could be
//! read is given beside it.

mod reader;

use std::fmt;

use reader::Reader;

/// A run of bytes in one of the header lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Which of the lines, counted from 0.
    pub line: usize,
    /// Bytes of that line's value before the first one.
    pub at: usize,
    /// How many bytes.
    pub len: usize,
}

/// An extension as it was written: its name, and its parameters in order, repeated and unknown ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The extension-token, its case as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// From the name to the end of the last parameter.
    pub span: Span,
    /// What follows behind semicolons.
    pub params: Vec<Param>,
}

/// A parameter of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name, its case as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// What stands behind the equals sign, without quotes and backslashes.
    pub value: Option<String>,
    /// Where the value stands, its quotes included.
    pub value_span: Option<Span>,
    /// Whether the value stood in quotes.
    pub quoted: bool,
    /// From the name to the end of the value.
    pub span: Span,
}

/// Something that the grammar does not allow, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The bytes it is about; of length 0 where something is missing.
    pub span: Span,
}

/// What the grammar does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// There are header lines, and no extension in any of them.
    NoExtension,
    /// An extension begins without a name.
    NameMissing,
    /// A semicolon with no parameter behind it.
    ParamMissing,
    /// An equals sign with no value behind it.
    ValueMissing,
    /// A byte that no token may contain.
    NotInToken(u8),
    /// A quoted value that is no token once the quotes are gone: it is empty or holds other bytes.
    QuotedNotToken,
    /// A quote that is never closed.
    QuoteOpen,
    /// Text where only a semicolon, a comma or the end may follow.
    Unexpected,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoExtension => "names no extension",
            Self::NameMissing => "an extension without a name",
            Self::ParamMissing => "a semicolon with no parameter behind it",
            Self::ValueMissing => "an equals sign with no value behind it",
            Self::NotInToken(byte) => return write!(f, "byte {byte:#04x}, which no token may contain"),
            Self::QuotedNotToken => "a quoted value that is no token",
            Self::QuoteOpen => "a quote that is never closed",
            Self::Unexpected => "text where a semicolon or a comma should follow",
        })
    }
}

/// All that the Sec-WebSocket-Extensions lines of one head say.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ExtensionList {
    /// In the order in which they stand; the same name may come more than once.
    pub extensions: Vec<Extension>,
    /// What breaks the grammar, in the order in which it was met.
    pub problems: Vec<Problem>,
}

impl ExtensionList {
    /// Reads the values of all the lines of one head, in order.
    #[must_use]
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut list = Self::default();
        let mut any = false;
        for (line, bytes) in lines.into_iter().enumerate() {
            any = true;
            Reader::new(line, bytes, &mut list).read();
        }
        if any && list.extensions.is_empty() && list.problems.is_empty() {
            let span = Span { line: 0, at: 0, len: 0 };
            list.problems.push(Problem { kind: ProblemKind::NoExtension, span });
        }
        list
    }
}

/// Whether a token may contain the byte: visible ASCII but the separators (RFC 2616 §2.2).
#[must_use]
pub const fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.')
        || matches!(byte, b'^'..=b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `name; param=value; flag`, quotes kept where they stood.
    fn shown(list: &ExtensionList) -> Vec<String> {
        let param = |p: &Param| match (&p.value, p.quoted) {
            (None, _) => format!("; {}", p.name),
            (Some(value), false) => format!("; {}={value}", p.name),
            (Some(value), true) => format!("; {}={value:?}", p.name),
        };
        let extension = |e: &Extension| e.name.clone() + &e.params.iter().map(param).collect::<String>();
        list.extensions.iter().map(extension).collect()
    }

    fn problems(value: &str) -> Vec<(ProblemKind, usize, usize)> {
        let list = ExtensionList::parse([value.as_bytes()]);
        list.problems.iter().map(|p| (p.kind, p.span.at, p.span.len)).collect()
    }

    fn under(span: Span, lines: &[&'static str]) -> &'static str {
        &lines[span.line][span.at..span.at + span.len]
    }

    #[test]
    fn several_offers_on_several_lines_are_one_list() {
        let lines = [
            "foo, bar; baz=2",
            " permessage-deflate ;client_max_window_bits\t; server_max_window_bits = \"10\" ,,foo",
        ];
        let list = ExtensionList::parse(lines.map(str::as_bytes));
        let expected = [
            "foo",
            "bar; baz=2",
            "permessage-deflate; client_max_window_bits; server_max_window_bits=\"10\"",
            "foo",
        ];
        assert_eq!(shown(&list), expected);
        assert_eq!(list.problems, []);
    }

    #[test]
    fn each_piece_knows_its_bytes() {
        let lines = ["x", "a ; b = \"1\\0\" ;c ,d"];
        let list = ExtensionList::parse(lines.map(str::as_bytes));
        let a = &list.extensions[1];
        assert_eq!((under(a.name_span, &lines), under(a.span, &lines)), ("a", "a ; b = \"1\\0\" ;c"));
        let b = &a.params[0];
        assert_eq!(b.value.as_deref(), Some("10"));
        assert_eq!(b.value_span.map(|span| under(span, &lines)), Some("\"1\\0\""));
        assert_eq!((under(b.name_span, &lines), under(b.span, &lines)), ("b", "b = \"1\\0\""));
        assert_eq!(under(a.params[1].span, &lines), "c");
    }

    #[test]
    fn what_breaks_the_grammar_is_named_at_its_byte() {
        use ProblemKind::*;
        assert_eq!(problems(" , "), [(NoExtension, 0, 0)]);
        assert_eq!(problems("; a"), [(NameMissing, 0, 0)]);
        assert_eq!(problems("a;; b;"), [(ParamMissing, 2, 0), (ParamMissing, 6, 0)]);
        assert_eq!(problems("a; =1"), [(ParamMissing, 3, 0)]);
        assert_eq!(problems("a; b=, c"), [(ValueMissing, 5, 0)]);
        assert_eq!(problems("a; b(=1"), [(NotInToken(b'('), 4, 1)]);
        assert_eq!(problems("a; b=\"\""), [(QuotedNotToken, 5, 2)]);
        assert_eq!(problems("a; b=\"1 0\""), [(QuotedNotToken, 5, 5)]);
        assert_eq!(problems("a; b=\"1, c"), [(QuoteOpen, 5, 5)]);
        assert_eq!(problems("a b; c=\"1\"2, d"), [(Unexpected, 2, 1), (Unexpected, 10, 1)]);
        assert_eq!(problems("a=1"), [(Unexpected, 1, 2)]);
    }

    #[test]
    fn what_could_be_read_is_given_all_the_same() {
        let list = ExtensionList::parse([&b"; lost, a b; c=\"1\"2; =4; d=, e\xff; f=\"x"[..]]);
        assert_eq!(shown(&list), ["a; c=\"1\"; d", "e\u{fffd}; f=\"x\""]);
    }

    #[test]
    fn no_line_is_no_problem() {
        assert_eq!(ExtensionList::parse([]), ExtensionList::default());
    }

    #[test]
    fn a_token_is_what_the_http_rfcs_say() {
        let separators = b"()<>@,;:\\\"/[]?={} \t";
        for byte in 0..=255u8 {
            assert_eq!(is_token_byte(byte), byte.is_ascii_graphic() && !separators.contains(&byte), "{byte}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_spans_within_their_line(value in "[a-c;,=\" \\\\(\u{e9}]{0,40}") {
            let list = ExtensionList::parse([value.as_bytes()]);
            let params = list.extensions.iter().flat_map(|e| &e.params).map(|p| p.span);
            let spans = list.problems.iter().map(|p| p.span).chain(list.extensions.iter().map(|e| e.span)).chain(params);
            for span in spans {
                prop_assert!(span.at + span.len <= value.len());
            }
        }

        #[test]
        fn what_is_written_is_read(names in proptest::collection::vec(("[a-z-]{1,8}", proptest::option::of("[a-z0-9]{1,3}"), "[ \t]{0,2}"), 1..6)) {
            let mut value = String::from("x");
            for (name, text, space) in &names {
                value += &format!("{space};{space}{name}{space}");
                value += &text.as_ref().map(|text| format!("={space}{text}")).unwrap_or_default();
            }
            let list = ExtensionList::parse([value.as_bytes()]);
            prop_assert_eq!(&list.problems, &[]);
            let read: Vec<_> = list.extensions[0].params.iter().map(|p| (p.name.clone(), p.value.clone())).collect();
            let written: Vec<_> = names.into_iter().map(|(name, text, _)| (name, text)).collect();
            prop_assert_eq!(read, written);
        }
    }
}

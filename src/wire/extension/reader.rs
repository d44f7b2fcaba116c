//! The grammar itself (RFC 6455 §9.1): a cursor that goes on behind whatever breaks it.

use super::{Extension, ExtensionList, Param, Problem, ProblemKind, Span, is_token_byte};

/// A folded line leaves CR and LF in a value: they are white space here, and the head's own problem elsewhere.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Reads one line, from its first byte to its last; what it finds goes into the list.
pub(super) struct Reader<'a, 'l> {
    line: usize,
    bytes: &'a [u8],
    at: usize,
    list: &'l mut ExtensionList,
}

impl<'a, 'l> Reader<'a, 'l> {
    pub(super) const fn new(line: usize, bytes: &'a [u8], list: &'l mut ExtensionList) -> Self {
        Self { line, bytes, at: 0, list }
    }

    pub(super) fn read(&mut self) {
        loop {
            self.skip_while(|byte| is_space(byte) || byte == b',');
            if self.peek().is_none() {
                return;
            }
            let extension = self.extension();
            self.list.extensions.extend(extension);
        }
    }

    /// A name and its parameters; without a name it is no extension, and its parameters are skipped.
    fn extension(&mut self) -> Option<Extension> {
        let (name, name_span) = self.token();
        if name_span.len == 0 {
            self.problem(ProblemKind::NameMissing, name_span);
        }
        let mut params = Vec::new();
        let mut end = self.at;
        loop {
            self.skip_while(is_space);
            match self.peek() {
                None | Some(b',') => break,
                Some(b';') => {
                    self.at += 1;
                    params.extend(self.param());
                }
                Some(_) => self.unexpected(),
            }
            end = self.at;
        }
        let span = Span { len: end - name_span.at, ..name_span };
        (name_span.len > 0).then_some(Extension { name, name_span, span, params })
    }

    /// What stands behind a semicolon.
    fn param(&mut self) -> Option<Param> {
        self.skip_while(is_space);
        let (name, name_span) = self.token();
        let mut end = self.at;
        self.skip_while(is_space);
        let (mut value, mut value_span, mut quoted) = (None, None, false);
        if self.peek() == Some(b'=') {
            self.at += 1;
            end = self.at;
            if let Some((text, span, in_quotes)) = self.value() {
                end = self.at;
                (value, value_span, quoted) = (Some(text), Some(span), in_quotes);
            }
        }
        self.at = end;
        if name_span.len == 0 {
            self.problem(ProblemKind::ParamMissing, name_span);
            return None;
        }
        let span = Span { len: end - name_span.at, ..name_span };
        Some(Param { name, name_span, value, value_span, quoted, span })
    }

    /// What stands behind an equals sign, and whether in quotes.
    fn value(&mut self) -> Option<(String, Span, bool)> {
        self.skip_while(is_space);
        if self.peek() == Some(b'"') {
            let (text, span) = self.quoted();
            return Some((text, span, true));
        }
        let (text, span) = self.token();
        if span.len == 0 {
            self.problem(ProblemKind::ValueMissing, span);
            return None;
        }
        Some((text, span, false))
    }

    /// All up to the next separator; empty where one follows at once.
    fn token(&mut self) -> (String, Span) {
        let start = self.at;
        self.skip_while(|byte| !is_space(byte) && !matches!(byte, b';' | b',' | b'=' | b'"'));
        let span = self.span_from(start);
        let bytes = self.bytes.get(start..self.at).unwrap_or_default();
        if let Some((i, &byte)) = bytes.iter().enumerate().find(|(_, byte)| !is_token_byte(**byte)) {
            let at = Span { at: start + i, len: 1, ..span };
            self.problem(ProblemKind::NotInToken(byte), at);
        }
        (String::from_utf8_lossy(bytes).into_owned(), span)
    }

    /// A value in quotes: the cursor stands on the first one. A backslash stands for the byte behind it.
    fn quoted(&mut self) -> (String, Span) {
        let start = self.at;
        self.at += 1;
        let mut text = Vec::new();
        let closed = loop {
            match self.next() {
                None => break false,
                Some(b'"') => break true,
                Some(b'\\') => text.extend(self.next()),
                Some(byte) => text.push(byte),
            }
        };
        let span = self.span_from(start);
        if !closed {
            self.problem(ProblemKind::QuoteOpen, span);
        } else if text.is_empty() || !text.iter().copied().all(is_token_byte) {
            self.problem(ProblemKind::QuotedNotToken, span);
        }
        (String::from_utf8_lossy(&text).into_owned(), span)
    }

    fn unexpected(&mut self) {
        let start = self.at;
        self.skip_while(|byte| !matches!(byte, b';' | b','));
        let span = self.span_from(start);
        self.problem(ProblemKind::Unexpected, span);
    }

    fn problem(&mut self, kind: ProblemKind, span: Span) {
        self.list.problems.push(Problem { kind, span });
    }

    const fn span_from(&self, start: usize) -> Span {
        Span { line: self.line, at: start, len: self.at - start }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_while(&mut self, go_on: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&go_on) {
            self.at += 1;
        }
    }
}

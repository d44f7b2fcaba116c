//! Lists in header values: elements between commas (RFC 9110 §5.6.1), tokens (§5.6.2).

use super::span::Span;

/// The elements of a list, each without the white space around it. Commas inside quotes do not count.
///
/// Empty elements (`a,,b`) are left out, as the grammar lets a reader do.
pub fn elements(value: &[u8]) -> impl Iterator<Item = Span> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = value.get(start..)?;
        let len = unquoted_comma(rest).unwrap_or(rest.len());
        at = start + len + 1;
        Some(Span { at: start, len }.trimmed(value))
    })
    .filter(|span| span.len > 0)
}

/// Whether the list holds this token; case does not matter.
#[must_use]
pub fn has_token(value: &[u8], token: &str) -> bool {
    elements(value).any(|span| span.of(value).eq_ignore_ascii_case(token.as_bytes()))
}

/// Whether these bytes are a token: one or more of the characters that RFC 9110 §5.6.2 allows.
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// Whether a token may hold this byte.
#[must_use]
pub const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

fn unquoted_comma(bytes: &[u8]) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    bytes.iter().position(|&byte| {
        let comma = byte == b',' && !quoted;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        comma
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(value: &str) -> Vec<&str> {
        elements(value.as_bytes()).map(|span| &value[span.at..span.end()]).collect()
    }

    #[test]
    fn commas_cut_and_quotes_hold() {
        assert_eq!(split("keep-alive, Upgrade"), ["keep-alive", "Upgrade"]);
        assert_eq!(split(" ,a,, b\t,"), ["a", "b"]);
        assert_eq!(split(r#"a; x="1,\",2" , b"#), [r#"a; x="1,\",2""#, "b"]);
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn a_token_in_a_list_is_found_whole_and_in_any_case() {
        assert!(has_token(b"keep-alive, UPGRADE", "upgrade"));
        assert!(!has_token(b"no-upgrade", "upgrade"));
    }
}

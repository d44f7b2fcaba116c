//! What the proxy tells beside the bytes, as words for the terminal and for records.

use crate::proxy::changes::Change;
use crate::proxy::note::Note;
use crate::record::redact::redact_value;
use crate::render::wrap;

/// The words of a note, and whom they are about.
#[must_use]
pub fn words(connection: Option<u32>, note: &Note) -> String {
    let note = note.to_string();
    // Who speaks is said once.
    let note = note.strip_prefix("wslens itself ").unwrap_or(&note);
    match connection {
        Some(connection) => format!("wslens: connection {connection}: {note}"),
        None => format!("wslens: {note}"),
    }
}

/// Words in lines of at most `width` columns, all but the first indented.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> String {
    wrap::lines(text, width.saturating_sub(2)).collect::<Vec<_>>().join("\n  ")
}

/// The same note with the secrets masked that it quotes.
#[must_use]
pub fn redacted(note: &Note) -> Note {
    match note {
        Note::Changed(changes) => Note::Changed(changes.iter().map(redacted_change).collect()),
        Note::NamesAnother { field, value, upstream, status } => Note::NamesAnother {
            field,
            value: redact_value(field, value),
            upstream: upstream.clone(),
            status: *status,
        },
        other => other.clone(),
    }
}

fn redacted_change(change: &Change) -> Change {
    let Change { what, from, to } = change;
    let to = to.as_ref().map(|to| redact_value(what, to));
    Change { what: what.clone(), from: redact_value(what, from), to }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_quoted_in_a_record() {
        let change = |what: &str, from: &str, to: Option<&str>| Change {
            what: what.to_owned(),
            from: from.into(),
            to: to.map(Into::into),
        };
        let changes = vec![
            change("the request target", "http://me:pw@a/b?t=1", Some("/b?t=1")),
            change("Proxy-Authorization", "Basic eA==", None),
            change("Host", "a:1", Some("b:2")),
        ];
        let Note::Changed(masked) = redacted(&Note::Changed(changes)) else { panic!("another note") };
        let told: Vec<_> = masked.iter().map(|it| (&*it.from, it.to.as_deref())).collect();
        assert_eq!(
            told,
            [
                (&b"http://*****@a/b?t=*"[..], Some(&b"/b?t=*"[..])),
                (b"***** ****", None),
                (b"a:1", Some(b"b:2")),
            ]
        );
    }
}

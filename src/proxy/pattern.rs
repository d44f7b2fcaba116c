//! Patterns of host names: `example.org`, `*.example.org`.

use std::str::FromStr;

/// A host name in which `*` stands for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains(['/', ' ']) {
            return Err(format!("{text:?} is no pattern of hosts: write one such as *.example.org"));
        }
        Ok(Self(text.to_ascii_lowercase().split('*').map(str::to_owned).collect()))
    }
}

impl Pattern {
    /// Whether a host is one of them. Case does not matter.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let [first, between @ .., last] = &*self.0 else {
            return self.0.first().is_some_and(|only| *only == host);
        };
        let Some(mut rest) = host.strip_prefix(first.as_str()) else { return false };
        for part in between {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, host, want) in [
            ("example.org", "EXAMPLE.org", true),
            ("example.org", "a.example.org", false),
            ("*.example.org", "a.b.example.org", true),
            ("*.example.org", "example.org", false),
            ("*", "anything", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
        ] {
            let pattern: Pattern = pattern.parse().expect("a pattern");
            assert_eq!(pattern.matches(host), want, "{pattern:?} {host}");
        }
        assert!("http://a".parse::<Pattern>().is_err());
    }
}

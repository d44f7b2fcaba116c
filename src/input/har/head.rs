//! Heads, rebuilt from what a HAR keeps of them: a URL or a status, and a list of headers.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::Value;

use super::json::{Elements, List, Members, Object, Picked, Scalar};

/// Bytes of headers that are kept of one head; the session reads no longer ones.
const MOST: usize = 128 * 1024;

/// A request or a response as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub seen: bool,
    method: String,
    pub url: String,
    version: String,
    pub status: u16,
    reason: String,
    lines: Vec<u8>,
}

impl Members for Head {
    fn member<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        let place = match key {
            "method" => &mut self.method,
            "url" => &mut self.url,
            "httpVersion" => &mut self.version,
            "statusText" => &mut self.reason,
            "headers" => return map.next_value_seed(List(self)),
            "status" => {
                let status = map.next_value_seed(Scalar)?;
                self.status = status.as_f64().map_or(0, |status| status as u16);
                return Ok(());
            }
            _ => return map.next_value::<IgnoredAny>().map(drop),
        };
        if let Value::String(text) = map.next_value_seed(Scalar)? {
            *place = text;
        }
        Ok(())
    }
}

impl Elements for Head {
    fn element<'de, S: SeqAccess<'de>>(&mut self, seq: &mut S) -> Result<bool, S::Error> {
        let mut pair = Picked::new(&["name", "value"]);
        if seq.next_element_seed(Object(&mut pair))?.is_none() {
            return Ok(false);
        }
        let text = |key| pair.found.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, value) = (text("name"), text("value"));
        // HTTP/2 has fields that are no headers, such as :path.
        if !name.is_empty() && !name.starts_with(':') && self.lines.len() + name.len() + value.len() < MOST {
            push_line(&mut self.lines, &[name, ": ", value]);
        }
        Ok(true)
    }
}

impl Head {
    /// Whether it asks for a WebSocket, or agrees to one.
    pub(super) fn is_websocket(&self) -> bool {
        let scheme = self.url.split(':').next().unwrap_or_default();
        let upgrades = || {
            let lines = self.lines.to_ascii_lowercase();
            self.status == 101 && memchr::memmem::find(&lines, b"upgrade: websocket").is_some()
        };
        ["ws", "wss"].iter().any(|name| scheme.eq_ignore_ascii_case(name)) || upgrades()
    }

    /// Whether the URL says that TLS is around the bytes.
    pub(super) fn is_secure(&self) -> bool {
        self.url.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("wss:"))
            || self.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }

    /// Host and port of the URL.
    pub(super) fn server(&self) -> Option<String> {
        let (_, rest) = self.url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next().filter(|host| !host.is_empty())?;
        let has_port = host.rsplit(':').next().is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
            && host.contains(':');
        let port = if self.is_secure() { ":443" } else { ":80" };
        Some(if has_port { host.to_owned() } else { [host, port].concat() })
    }

    /// The request as a client sends it, as far as it is known.
    pub(super) fn request(&self) -> Vec<u8> {
        let behind = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let target = behind.find(['/', '?', '#']).and_then(|at| behind.get(at..)).unwrap_or_default();
        let target = target.split('#').next().unwrap_or_default();
        let slash = if target.starts_with('/') { "" } else { "/" };
        let method = if self.method.is_empty() { "GET" } else { &self.method };
        self.head(&[&method.replace(' ', ""), " ", slash, &target.replace(' ', "%20"), " ", self.version()])
    }

    /// The response as a server sends it; nothing where none came.
    pub(super) fn response(&self) -> Option<Vec<u8>> {
        let status = self.status.to_string();
        (self.status > 0).then(|| self.head(&[self.version(), " ", &status, " ", &self.reason]))
    }

    fn head(&self, first: &[&str]) -> Vec<u8> {
        let mut head = Vec::new();
        push_line(&mut head, first);
        head.extend_from_slice(&self.lines);
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Of HTTP/2 and of names such as `unknown` only WebSocket over HTTP/1.1 is spoken of here.
    fn version(&self) -> &str {
        if self.version.starts_with("HTTP/1.") { &self.version } else { "HTTP/1.1" }
    }
}

/// A line of a head. What would end it in the middle becomes a space.
fn push_line(to: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        to.extend(part.bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }));
    }
    to.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeSeed;

    fn read(json: &str) -> Head {
        let mut head = Head::default();
        let mut from = serde_json::Deserializer::from_str(json);
        Object(&mut head).deserialize(&mut from).expect("JSON");
        head
    }

    #[test]
    fn a_request_is_rebuilt() {
        let head = read(
            r#"{"method":"GET","url":"wss://a.example/b?c=d#e","httpVersion":"HTTP/1.1","cookies":[{"x":[1]}],
                "headers":[{"name":"Host","value":"a.example"},{"name":":path","value":"/"},{"name":"X","value":"1\r\nY: 2"}]}"#,
        );
        assert_eq!(head.request(), b"GET /b?c=d HTTP/1.1\r\nHost: a.example\r\nX: 1  Y: 2\r\n\r\n");
        assert_eq!(head.server().as_deref(), Some("a.example:443"));
        assert!(head.is_websocket() && head.is_secure());
    }

    #[test]
    fn a_response_is_rebuilt_where_one_came() {
        let head = read(
            r#"{"status":101,"statusText":"Switching Protocols","httpVersion":"","headers":[{"name":"upgrade","value":"WebSocket"}]}"#,
        );
        let want = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n\r\n";
        assert_eq!(head.response().as_deref(), Some(&want[..]));
        assert!(head.is_websocket());
        assert_eq!(read(r#"{"status":0,"headers":[]}"#).response(), None);
        assert!(!read(r#"{"status":200,"headers":null}"#).is_websocket());
    }

    #[test]
    fn servers_have_their_port() {
        for (url, server) in [
            ("ws://a/", Some("a:80")),
            ("ws://a:81?x", Some("a:81")),
            ("wss://u:p@[::1]/", Some("[::1]:443")),
            ("ws://[::1]:9/", Some("[::1]:9")),
            ("", None),
            ("ws://", None),
        ] {
            let head = Head { url: url.to_owned(), ..Head::default() };
            assert_eq!(head.server().as_deref(), server, "{url}");
        }
    }
}

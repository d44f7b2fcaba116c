//! Heads as a HAR writes them.

use serde_json::{Value, json};

use crate::session::calendar::date;
use crate::session::segment::Time;
use crate::wire::head::{Head, StartLine};

/// `2026-03-01T14:05:09.250Z`
pub(super) fn date_time(time: Time) -> String {
    let seconds = time.0 / 1_000_000_000;
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let millis = time.0 / 1_000_000 % 1000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// A request to `server`, which is what it is called where no Host tells.
pub(super) fn request(head: &Head, scheme: &str, server: &str) -> Value {
    let (method, target) = match head.start {
        StartLine::Request { method, target, .. } => (text(head.at(method)), text(head.at(target))),
        StartLine::Response { .. } => Default::default(),
    };
    let host = head.first_value("host").map_or_else(|| server.to_owned(), |host| text(&host));
    let url = if target.starts_with('/') { format!("{scheme}://{host}{target}") } else { target };
    let cookies = head.all("cookie").flat_map(|line| cookies(&text(&head.value(line)), usize::MAX));
    json!({
        "method": method,
        "httpVersion": text(head.version()),
        "headers": headers(head),
        "queryString": query(&url),
        "cookies": cookies.collect::<Vec<_>>(),
        "headersSize": head.raw().len(),
        "bodySize": -1,
        "url": url,
    })
}

/// A response; its body is not there.
pub(super) fn response(head: &Head) -> Value {
    let reason = match head.start {
        StartLine::Response { reason, .. } => text(head.at(reason)),
        StartLine::Request { .. } => String::new(),
    };
    let value = |name| head.first_value(name).map(|value| text(&value));
    // Of Set-Cookie what follows the first pair says where it holds.
    let cookies = head.all("set-cookie").flat_map(|line| cookies(&text(&head.value(line)), 1));
    json!({
        "status": head.status().unwrap_or(0),
        "statusText": reason,
        "httpVersion": text(head.version()),
        "headers": headers(head),
        "cookies": cookies.collect::<Vec<_>>(),
        "content": { "size": 0, "mimeType": value("content-type").unwrap_or_else(|| "x-unknown".to_owned()) },
        "redirectURL": value("location").unwrap_or_default(),
        "headersSize": head.raw().len(),
        "bodySize": -1,
    })
}

/// What stands where no response came, as browsers write it.
pub(super) fn no_response() -> Value {
    json!({
        "response": {
            "status": 0, "statusText": "", "httpVersion": "", "headers": [], "cookies": [],
            "content": { "size": 0, "mimeType": "x-unknown" },
            "redirectURL": "", "headersSize": -1, "bodySize": -1, "_error": "no answer was recorded",
        },
        "time": 0,
        "timings": { "blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 0, "receive": 0 },
    })
}

fn headers(head: &Head) -> Value {
    let pair = |name: &[u8], value: &[u8]| json!({ "name": text(name), "value": text(value) });
    head.headers.iter().map(|line| pair(head.name(line), &head.value(line))).collect()
}

fn query(url: &str) -> Value {
    let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| name_and_value(pair.split_once('=').unwrap_or((pair, "")))).collect()
}

fn cookies(value: &str, most: usize) -> Vec<Value> {
    let pairs = value.split(';').take(most).filter_map(|pair| pair.trim().split_once('='));
    pairs.map(name_and_value).collect()
}

fn name_and_value((name, value): (&str, &str)) -> Value {
    json!({ "name": name, "value": value })
}

/// Text for JSON; what is no UTF-8 becomes U+FFFD.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_what_har_asks_for() {
        let head = b"GET /a?b=c&d HTTP/1.1\r\nHost: x:1\r\nCookie: e=f; g=h\r\nX: \xff\r\n\r\n";
        let value = request(&Head::decode(head.to_vec()), "ws", "y");
        assert_eq!(value["url"], "ws://x:1/a?b=c&d");
        assert_eq!(value["queryString"], json!([{"name": "b", "value": "c"}, {"name": "d", "value": ""}]));
        assert_eq!(value["cookies"], json!([{"name": "e", "value": "f"}, {"name": "g", "value": "h"}]));
        assert_eq!(value["headers"][2], json!({"name": "X", "value": "\u{fffd}"}));
        assert_eq!(value["headersSize"], head.len());
        let bare = request(&Head::decode(b"GET / HTTP/1.1\r\n\r\n".to_vec()), "wss", "y:2");
        assert_eq!(bare["url"], "wss://y:2/");
    }

    #[test]
    fn a_response_too() {
        let head = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=b; Path=/\r\nContent-Type: text/html\r\n\r\n";
        let value = response(&Head::decode(head.to_vec()));
        assert_eq!((&value["status"], &value["statusText"]), (&json!(302), &json!("Found")));
        assert_eq!(value["redirectURL"], "/x");
        assert_eq!(value["cookies"], json!([{"name": "a", "value": "b"}]));
        assert_eq!(value["content"]["mimeType"], "text/html");
    }

    #[test]
    fn a_date_is_told_to_the_millisecond() {
        assert_eq!(date_time(Time(1_772_373_909_250_999_999)), "2026-03-01T14:05:09.250Z");
    }
}

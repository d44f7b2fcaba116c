//! What the header lines of an opening handshake do: one row for each name (RFC 6455 §11.3, RFC 9110).

use super::bits::Cite;

/// A header and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// Its name, as its RFC writes it; case does not matter.
    pub name: &'static str,
    /// Where it is defined; none for what stands in no RFC.
    pub cite: Option<Cite>,
    /// What it does in a request; empty where it has no place there.
    pub request: &'static str,
    /// What it does in a response; empty where it has no place there.
    pub response: &'static str,
}

/// What no handshake can do without, in the order of RFC 6455 §4.1.
pub const NEEDED_IN_REQUEST: [&str; 5] =
    ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];

/// What no 101 can do without (RFC 6455 §4.2.2).
pub const NEEDED_IN_RESPONSE: [&str; 3] = ["Upgrade", "Connection", "Sec-WebSocket-Accept"];

const fn row(name: &'static str, cite: Cite, request: &'static str, response: &'static str) -> HeaderField {
    HeaderField { name, cite: Some(cite), request, response }
}

/// Of the Fetch standard, or of mere custom.
const fn elsewhere(name: &'static str, request: &'static str, response: &'static str) -> HeaderField {
    HeaderField { name, cite: None, request, response }
}

/// One row for each header: those of the handshake first, then what usually stands beside them.
pub const HEADERS: &[HeaderField] = &[
    row("Host", Cite::ws("4.1"), "which server is meant", ""),
    row(
        "Upgrade",
        Cite::ws("4.1"),
        "which protocol to switch to: websocket",
        "the protocol from here on: websocket",
    ),
    row(
        "Connection",
        Cite::ws("4.1"),
        "lists Upgrade: asks to leave HTTP on this connection",
        "lists Upgrade: agrees to leave HTTP",
    ),
    row("Sec-WebSocket-Key", Cite::ws("11.3.1"), "the nonce from which the server computes its accept", ""),
    row(
        "Sec-WebSocket-Version",
        Cite::ws("11.3.5"),
        "the protocol's version: 13",
        "the versions that the server speaks",
    ),
    row("Sec-WebSocket-Accept", Cite::ws("11.3.3"), "", "proves that the server read the nonce"),
    row(
        "Sec-WebSocket-Protocol",
        Cite::ws("11.3.4"),
        "subprotocols that the client offers, its favourite first",
        "the subprotocol that the server chose",
    ),
    row(
        "Sec-WebSocket-Extensions",
        Cite::ws("11.3.2"),
        "extensions that the client offers",
        "extensions that the server accepts",
    ),
    row("Origin", Cite { rfc: 6454, section: "7" }, "where the page came from", ""),
    row("User-Agent", Cite::http("10.1.5"), "which program asks", ""),
    row("Cookie", Cite { rfc: 6265, section: "4.2" }, "cookies, sent along as with any request", ""),
    row("Authorization", Cite::http("11.6.2"), "who the client is; a page's WebSocket cannot set it", ""),
    row("Proxy-Authorization", Cite::http("11.7.2"), "who the client is, for a proxy", ""),
    row(
        "Cache-Control",
        Cite { rfc: 9111, section: "5.2" },
        "no answer out of a cache",
        "whether the answer may be kept",
    ),
    row("Pragma", Cite { rfc: 9111, section: "5.4" }, "the same for caches of HTTP/1.0", ""),
    row("Accept", Cite::http("12.5.1"), "kinds of body the client takes; a 101 has none", ""),
    row(
        "Accept-Encoding",
        Cite::http("12.5.3"),
        "compressions of an HTTP body; frames know nothing of it",
        "",
    ),
    row("Accept-Language", Cite::http("12.5.4"), "languages the user reads", ""),
    row("Referer", Cite::http("10.1.3"), "the page's address; WebSocket uses Origin", ""),
    row(
        "Keep-Alive",
        Cite { rfc: 2068, section: "19.7.1" },
        "about HTTP; ends with the 101",
        "about HTTP; ends with the 101",
    ),
    elsewhere("Sec-Fetch-Dest", "by the browser: what the page asks for", ""),
    elsewhere("Sec-Fetch-Mode", "by the browser: how the page asks", ""),
    elsewhere("Sec-Fetch-Site", "by the browser: is the page of the same site?", ""),
    elsewhere("Sec-Fetch-User", "by the browser: did a person ask?", ""),
    elsewhere("Sec-Fetch-Storage-Access", "by the browser: may cookies be used?", ""),
    elsewhere("Sec-GPC", "the user does not want to be tracked", ""),
    elsewhere("DNT", "the user does not want to be tracked", ""),
    elsewhere("X-Requested-With", "which library asks", ""),
    row("Forwarded", Cite { rfc: 7239, section: "4" }, "by a proxy: for whom it asks", ""),
    elsewhere("X-Forwarded-For", "by a proxy: the client's address", ""),
    elsewhere("X-Forwarded-Host", "by a proxy: the Host it was asked for", ""),
    elsewhere("X-Forwarded-Proto", "by a proxy: http, or https for wss", ""),
    elsewhere("X-Real-IP", "by a proxy: the client's address", ""),
    row("Via", Cite::http("7.6.3"), "proxies on the way", "proxies on the way"),
    row("Date", Cite::http("6.6.1"), "when it was sent", "when it was sent"),
    row("Server", Cite::http("10.2.4"), "", "which program answers"),
    elsewhere("X-Powered-By", "", "which program answers"),
    row(
        "Set-Cookie",
        Cite { rfc: 6265, section: "4.1" },
        "",
        "a cookie for the next requests; frames carry none",
    ),
    row(
        "Location",
        Cite::http("10.2.2"),
        "",
        "where to ask instead; a browser's WebSocket does not go there",
    ),
    row("WWW-Authenticate", Cite::http("11.6.1"), "", "how to log in; a page's WebSocket cannot answer it"),
    row("Proxy-Authenticate", Cite::http("11.7.1"), "", "how to log in at the proxy"),
    row("Retry-After", Cite::http("10.2.3"), "", "when to come back"),
    row("Allow", Cite::http("10.2.1"), "", "methods that work here"),
    row("Content-Type", Cite::http("8.3"), "what the body is", "what the body is"),
    row(
        "Content-Length",
        Cite::http("8.6"),
        "bytes of body behind the head",
        "bytes of body behind the head",
    ),
    row("Content-Encoding", Cite::http("8.4"), "how the body is compressed", "how the body is compressed"),
    row(
        "Transfer-Encoding",
        Cite::http1("6.1"),
        "how the body is cut up behind the head",
        "how the body is cut up behind the head",
    ),
    row("Vary", Cite::http("12.5.5"), "", "for caches: on what the answer depends"),
    row("Expires", Cite { rfc: 9111, section: "5.3" }, "", "for caches: until when the answer holds"),
    row("ETag", Cite::http("8.8.3"), "", "for caches: names this version"),
    row("Alt-Svc", Cite { rfc: 7838, section: "3" }, "", "where else this server can be reached"),
    row(
        "Strict-Transport-Security",
        Cite { rfc: 6797, section: "6.1" },
        "",
        "from now on only wss:// and https://",
    ),
    elsewhere("Access-Control-Allow-Origin", "", "for fetch; nobody looks at it for a WebSocket"),
    elsewhere("Access-Control-Allow-Credentials", "", "for fetch; nobody looks at it for a WebSocket"),
    elsewhere("Access-Control-Allow-Headers", "", "for fetch; nobody looks at it for a WebSocket"),
    elsewhere("Access-Control-Allow-Methods", "", "for fetch; nobody looks at it for a WebSocket"),
];

/// The row of that name; case does not matter.
#[must_use]
pub fn find(name: &[u8]) -> Option<&'static HeaderField> {
    HEADERS.iter().find(|row| row.name.as_bytes().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_row_says_something() {
        for (i, row) in HEADERS.iter().enumerate() {
            assert!(
                HEADERS.iter().skip(i + 1).all(|other| !other.name.eq_ignore_ascii_case(row.name)),
                "{}",
                row.name
            );
            assert!(!(row.request.is_empty() && row.response.is_empty()), "{}", row.name);
        }
    }

    #[test]
    fn what_is_needed_has_a_row_and_a_meaning_there() {
        assert!(
            NEEDED_IN_REQUEST
                .iter()
                .all(|name| find(name.as_bytes()).is_some_and(|row| !row.request.is_empty()))
        );
        assert!(
            NEEDED_IN_RESPONSE
                .iter()
                .all(|name| find(name.as_bytes()).is_some_and(|row| !row.response.is_empty()))
        );
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(find(b"sec-websocket-KEY").map(|row| row.name), Some("Sec-WebSocket-Key"));
        assert_eq!(find(b"x-nobody-knows"), None);
    }
}

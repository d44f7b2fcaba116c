//! A response that does not agree: what it means for the reader, and what a page sees of it.

use crate::render::page::{Page, pad};
use crate::render::palette::Role;
use crate::rules::rule::Finding;
use crate::rules::{browser, facts};
use crate::wire::head::Head;

/// Where the text begins, behind the status.
const TEXT: usize = 10;

/// What a status means where a 101 was hoped for.
struct Row {
    first: u16,
    last: u16,
    says: &'static str,
}

const fn row(first: u16, last: u16, says: &'static str) -> Row {
    Row { first, last, says }
}

/// One row for each status, or each range of them; the first that fits counts.
const ROWS: &[Row] = &[
    row(100, 199, "An interim answer: the one that counts is still to come."),
    row(
        200,
        299,
        "The server answered as if this were an ordinary page. Often the path is wrong, or a proxy in between does not \
         pass Upgrade on.",
    ),
    row(304, 304, "A cached page would do, says the server: it does not see a handshake here."),
    row(
        300,
        399,
        "A redirect. A client may follow it, but a browser's WebSocket does not: put the new address, with ws:// or \
         wss://, into the page.",
    ),
    row(
        400,
        400,
        "The server, or a proxy before it, did not take the request for a right handshake. Its headers above, and \
         proxies that drop Upgrade and Connection, are the places to look.",
    ),
    row(
        401,
        401,
        "The server wants to know who asks. A page cannot set Authorization on a WebSocket: a cookie can do it, a token \
         in the URL, or a first message.",
    ),
    row(
        403,
        403,
        "The server understood and does not want to. Often Origin is not on its list, or a cookie is missing.",
    ),
    row(
        404,
        404,
        "Nothing is at this path. WebSocket servers listen at one path, and others answer like this.",
    ),
    row(405, 405, "This path takes other methods than GET, so it is no WebSocket."),
    row(407, 407, "A proxy in between wants to know who asks: the request never reached the server."),
    row(408, 408, "The request came too slowly: the server did not wait for its end."),
    row(410, 410, "There was something at this path; it is gone for good."),
    row(426, 426, "The server speaks another version, or another protocol, and asks to change to that."),
    row(429, 429, "Too many requests: the server counts them. Wait before the next try, longer each time."),
    row(431, 431, "The headers are too long for the server. Large cookies are the usual reason."),
    row(
        502,
        502,
        "A proxy reached nothing behind it, or did not understand its answer. The server there is down, or its \
         handshake is wrong.",
    ),
    row(503, 503, "The server is overloaded, restarting, or not up yet. Try again later."),
    row(504, 504, "A proxy waited for the server behind it in vain."),
    row(500, 599, "The server failed while it answered. Its own log tells more."),
    row(400, 499, "The server refuses the request as it stands."),
];

/// Appends what the status means, and what a browser makes of it.
pub(super) fn refusal(
    page: &Page,
    head: &Head,
    request: Option<&Head>,
    findings: &[Finding],
    out: &mut String,
) {
    out.push('\n');
    let status = head.status();
    let lead = status.map_or_else(|| "  status".to_owned(), |status| format!("  {status}"));
    page.paint(out, Role::Heading, &lead);
    pad(out, lead.len(), TEXT);
    page.hang(out, TEXT, Role::Plain, meaning(status));
    if let Some(versions) = head.first_value("sec-websocket-version") {
        let plural = if versions.contains(&b',') { "s" } else { "" };
        let says = format!("It speaks version{plural} {}; browsers speak 13 alone.", page.safe(&versions));
        page.paragraph(out, TEXT, Role::Plain, &says);
    }
    if let Some(location) = head.first_value("location").filter(|_| status.is_some_and(|it| it / 100 == 3)) {
        let says = format!("The new address: {}", page.safe(&location));
        page.paragraph(out, TEXT, Role::Plain, &says);
    }
    page.paragraph(out, TEXT, Role::Plain, &page.safe(seen(head, request, findings).as_bytes()));
}

fn meaning(status: Option<u16>) -> &'static str {
    let Some(status) = status else {
        return "No status of three digits: what the server means cannot be known.";
    };
    let row = ROWS.iter().find(|row| (row.first..=row.last).contains(&status));
    row.map_or("A status that no RFC knows. Only 101 opens a WebSocket.", |row| row.says)
}

/// What a page and its author see. What Chromium says stands at a finding already, where there is one.
fn seen(head: &Head, request: Option<&Head>, findings: &[Finding]) -> String {
    let page = "A page sees onerror, then onclose with code 1006; status and body are hidden from it.";
    let says = browser::response(&facts::Response { head, request });
    match says.filter(|says| !findings.iter().any(|finding| says.rules.contains(&finding.rule.id))) {
        Some(says) => format!("{page} Chromium's console: \"{}\".", says.sentence),
        None => page.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_means_something() {
        for status in 0..=999 {
            assert!(meaning(Some(status)).ends_with('.'), "{status}");
        }
        assert!(meaning(Some(404)).contains("path"));
        assert!(meaning(Some(418)).contains("refuses"));
        assert!(meaning(Some(700)).contains("no RFC"));
    }
}

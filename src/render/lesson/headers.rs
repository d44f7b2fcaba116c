//! The headers of a handshake as a table: name, value, and what each does.

use std::borrow::Cow;

use super::finding;
use crate::render::glyphs::Mark;
use crate::render::grid::{self, Cell, Column, longest_word, natural_width};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::rules::rule::Finding;
use crate::wire::accept::{NONCE_LEN, nonce_bytes};
use crate::wire::bits::Bits;
use crate::wire::head::{Head, HeaderLine, LineEnd, StartLine};
use crate::wire::header::{NEEDED_IN_REQUEST, NEEDED_IN_RESPONSE, find};
use crate::wire::list;

/// The page must be that wide for a table; on a narrower one each header has lines of its own.
const TABLE: usize = 64;
/// The most columns of a name.
const NAME: usize = 24;
/// The least columns of what a header does, as long as no value need break for it.
const DOES: usize = 26;

/// Appends all headers in their order, case and oddities, and where `all` are there those that are needed and missing.
pub(super) fn table(
    page: &Page,
    head: &Head,
    findings: &[Finding],
    (partial, all): (bool, bool),
    out: &mut String,
) {
    let mut rows = Vec::new();
    let lf_everywhere =
        head.first_line_end == LineEnd::Lf && head.headers.iter().all(|line| line.end == LineEnd::Lf);
    for line in &head.headers {
        rows.push(row(page, head, line, findings, partial));
        rows.extend(oddities(head, line, lf_everywhere).map(|odd| oddity(page, odd)));
    }
    if all {
        rows.extend(missing(head).map(|(name, would)| missing_row(page, name, would)));
    }
    if rows.is_empty() {
        return;
    }
    if page.width < TABLE {
        stacked(page, &rows, out);
    } else {
        rows.insert(
            0,
            ["header", "value", "", "what it does"].map(|text| Cell::new(page, Role::Dim, text)).to_vec(),
        );
        laid_out(page, &rows, out);
    }
    if lf_everywhere {
        page.paragraph(out, 2, Role::Dim, "Every line ends in LF alone; HTTP's line end is CR LF.");
    }
}

/// Name and value as wide as they need, as long as what a header does keeps its room.
fn laid_out(page: &Page, rows: &[Vec<Cell>], out: &mut String) {
    let name = natural_width(rows, 0).min(NAME);
    let room = page.width - 1 - 2 - name - 2 - 1 - 2;
    let unbroken = longest_word(rows, 1);
    let value = natural_width(rows, 1).min(unbroken.max(room - DOES));
    let columns =
        [Column::left(name).gap(2), Column::left(value), Column::left(1), Column::left(room - value)];
    grid::write(page, 2, &columns, rows, out);
}

/// Each header with lines of its own: the name, the value, what it does.
fn stacked(page: &Page, rows: &[Vec<Cell>], out: &mut String) {
    for row in rows {
        let [name, value, mark, does] = row.as_slice() else { continue };
        for (column, cell) in [(2, name), (4, value)] {
            if cell.width() > 0 {
                grid::write(
                    page,
                    column,
                    &[Column::left(page.width - column).gap(0)],
                    &[vec![cell.clone()]],
                    out,
                );
            }
        }
        // Without a mark its column would have no width: what the header does stands behind it all the same.
        let left = if mark.width() > 0 { 4 } else { 6 };
        let columns = [Column::left(1), Column::left(page.width - 6).gap(0)];
        let (first, columns) = if mark.width() > 0 { (0, &columns[..]) } else { (1, &columns[1..]) };
        let cells = [mark, does].into_iter().skip(first).cloned().collect();
        grid::write(page, left, columns, &[cells], out);
    }
}

fn row(page: &Page, head: &Head, line: &HeaderLine, findings: &[Finding], partial: bool) -> Vec<Cell> {
    let bits = Bits::bytes(line.line.at as u64, line.line.len as u64 + 1);
    let wrong = finding::mark_at(findings.iter(), bits);
    let (name, value) = (head.name(line), head.value(line));
    let does = match line.colon {
        true => does(head, name, &value),
        false => Does { says: Cow::Borrowed("no header"), needed: None },
    };
    let (role, mark) = match wrong {
        Some(mark) => (Role::Finding, page.mark(mark)),
        None if does.needed == Some(true) && !partial => (Role::Good, page.mark(Mark::Good)),
        None => (Role::Plain, ""),
    };
    let value = if line.colon {
        Cell::safe(page, Role::Payload, head.at(line.value))
    } else {
        Cell::new(page, Role::Dim, "(no colon)")
    };
    let name = Cell::safe(page, Role::Structure, name);
    vec![name, value, Cell::new(page, role, mark), Cell::new(page, Role::Plain, &does.says)]
}

fn oddity(page: &Page, odd: &str) -> Vec<Cell> {
    vec![Cell::empty(), Cell::empty(), Cell::empty(), Cell::new(page, Role::Dim, odd)]
}

/// What is odd about how a line is written; nothing of it changes what it says.
fn oddities(
    head: &Head,
    line: &HeaderLine,
    lf_everywhere: bool,
) -> impl Iterator<Item = &'static str> + use<> {
    let raw = head.raw();
    let front = raw.get(line.name.end() + 1..line.value.at).unwrap_or_default();
    let back = raw.get(line.value.end()..line.line.end()).unwrap_or_default();
    let spaced = line.colon && line.value.len > 0;
    [
        (line.space_before_colon(raw), "(a blank before the colon)"),
        (line.folds > 0, "(goes on over several lines)"),
        (spaced && front.is_empty(), "(no blank after the colon)"),
        (spaced && front.len() > 1, "(several blanks after the colon)"),
        (spaced && front == b"\t", "(a tab after the colon)"),
        (line.colon && !back.is_empty(), "(blanks at its end)"),
        (line.end == LineEnd::Lf && !lf_everywhere, "(LF alone ends this line)"),
        (line.end == LineEnd::Cut, "(the line breaks off)"),
    ]
    .into_iter()
    .filter_map(|(is, says)| is.then_some(says))
}

/// What a header does, and whether it is one that is needed here, and as it must be.
struct Does {
    says: Cow<'static, str>,
    needed: Option<bool>,
}

fn does(head: &Head, name: &[u8], value: &[u8]) -> Does {
    let name = name.trim_ascii_end();
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    let request = is_request(head);
    let refused = !request && head.status() != Some(101);
    if refused {
        return meaning_of_refusal(name);
    }
    if is("connection") {
        let texts = if request { CONNECTION } else { CONNECTION_ANSWER };
        return listed(head, "connection", "upgrade", value, texts);
    }
    if is("upgrade") {
        let texts = if request { UPGRADE } else { UPGRADE_ANSWER };
        return listed(head, "upgrade", "websocket", value, texts);
    }
    if request && is("sec-websocket-key") {
        return needed(nonce_bytes(value).is_some_and(|bytes| bytes.len() == NONCE_LEN), KEY);
    }
    if request && is("sec-websocket-version") {
        return needed(value == b"13", ["the RFC's version", "the RFC's version is 13"]);
    }
    if is("host") && request || is("sec-websocket-accept") && !request {
        return Does { needed: Some(!value.is_empty()), ..meaning(name, request) };
    }
    meaning(name, request)
}

const CONNECTION: [&str; 2] = ["asks to leave HTTP", "must list Upgrade, to leave HTTP"];
const CONNECTION_ANSWER: [&str; 2] = ["agrees to leave HTTP", "must list Upgrade, to leave HTTP"];
const UPGRADE: [&str; 2] = ["asks to speak WebSocket", "must name websocket"];
const UPGRADE_ANSWER: [&str; 2] = ["agrees to WebSocket", "must name websocket"];
const KEY: [&str; 2] = ["a nonce: base64 of 16 bytes", "must be base64 of 16 bytes"];

/// Several lines of one name are one list: its token need only stand in one of them.
fn listed(head: &Head, name: &str, token: &str, value: &[u8], texts: [&'static str; 2]) -> Does {
    let here = list::has_token(value, token);
    if !here && head.all(name).any(|line| list::has_token(&head.value(line), token)) {
        return Does { says: Cow::Borrowed("goes on with the same list"), needed: None };
    }
    needed(here, texts)
}

const fn needed(right: bool, [if_right, if_wrong]: [&'static str; 2]) -> Does {
    Does { says: Cow::Borrowed(if right { if_right } else { if_wrong }), needed: Some(right) }
}

/// In a response that does not agree, two headers say something else than in a 101.
fn meaning_of_refusal(name: &[u8]) -> Does {
    let says = match find(name).map(|row| row.name) {
        Some("Upgrade") => "the protocol that the server asks for",
        Some("Connection") => "headers for this hop alone, or how it goes on",
        _ => return meaning(name, false),
    };
    Does { says: Cow::Borrowed(says), needed: None }
}

/// What the table of headers says of it.
fn meaning(name: &[u8], request: bool) -> Does {
    let says = match find(name) {
        None => "no part of the handshake",
        Some(row) if request && !row.request.is_empty() => row.request,
        Some(row) if !request && !row.response.is_empty() => row.response,
        Some(_) if request => "belongs in a response",
        Some(_) => "belongs in a request",
    };
    Does { says: Cow::Borrowed(says), needed: None }
}

const fn is_request(head: &Head) -> bool {
    matches!(head.start, StartLine::Request { .. })
}

/// Headers that are needed and not there, and what they would do.
fn missing(head: &Head) -> impl Iterator<Item = (&'static str, &'static str)> {
    let needed: &'static [&'static str] = match head.start {
        StartLine::Request { .. } => &NEEDED_IN_REQUEST,
        StartLine::Response { .. } if head.status() == Some(101) => &NEEDED_IN_RESPONSE,
        StartLine::Response { .. } => &[],
    };
    let would = if is_request(head) { would_ask } else { would_answer };
    needed.iter().filter(|name| head.first(name).is_none()).map(move |name| (*name, would(name)))
}

fn would_ask(name: &str) -> &'static str {
    match name {
        "Host" => "would say which server is meant",
        "Upgrade" => "would ask to speak WebSocket",
        "Connection" => "would ask to leave HTTP",
        "Sec-WebSocket-Key" => "would carry the nonce",
        _ => "would name the version: 13",
    }
}

fn would_answer(name: &str) -> &'static str {
    match name {
        "Upgrade" => "would agree to speak WebSocket",
        "Connection" => "would agree to leave HTTP",
        _ => "would prove that the server read the nonce",
    }
}

fn missing_row(page: &Page, name: &str, would: &str) -> Vec<Cell> {
    vec![
        Cell::new(page, Role::Structure, name),
        Cell::new(page, Role::Dim, "(missing)"),
        Cell::new(page, Role::Finding, page.mark(Mark::Bad)),
        Cell::new(page, Role::Plain, would),
    ]
}

//! What was offered and what was accepted: extensions, parameter by parameter, and subprotocols.

use crate::render::grid::{self, Cell, Column, natural_width};
use crate::render::number::grouped;
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::session::agreed::{Agreed, DEFLATE_FRAME};
use crate::wire::extension::{Extension, ExtensionList, Param};
use crate::wire::head::Head;
use crate::wire::list;
use crate::wire::permessage_deflate::{self as deflate, Parameter, Parameters, Side, WINDOW_BITS};
use crate::wire::sender::Sender;

/// The page must be that wide for a table; on a narrower one each row has lines of its own.
const TABLE: usize = 64;
/// The most columns of a name, and the least that what it means gets.
const NAME: usize = 28;
const MEANS: usize = 16;

/// Appends what was offered beside what was accepted; nothing where neither names anything.
pub(super) fn negotiation(
    page: &Page,
    head: &Head,
    request: Option<&Head>,
    agreed: &Agreed,
    out: &mut String,
) {
    let offered = request.map(extensions);
    let accepted = match agreed {
        Agreed::Known(accepted) => accepted.clone(),
        Agreed::Unknown => extensions(head),
    };
    let extension_rows = extension_rows(page, offered.as_deref(), &accepted);
    let protocol_rows = protocol_rows(page, head, request);
    for (what, mut rows) in [("extension", extension_rows), ("subprotocol", protocol_rows)] {
        if rows.is_empty() {
            continue;
        }
        out.push('\n');
        if page.width < TABLE {
            page.paragraph(out, 2, Role::Dim, &format!("{what}s"));
        }
        let titles = [what, "offered", "accepted", "which means"];
        rows.insert(0, titles.map(|text| Cell::new(page, Role::Dim, text)).to_vec());
        write(page, &rows, out);
    }
}

fn write(page: &Page, rows: &[Vec<Cell>], out: &mut String) {
    if page.width < TABLE {
        return stacked(page, rows, out);
    }
    let room = page.width - 1 - 2 - 6;
    let (offered, accepted) = (natural_width(rows, 1).clamp(7, 9), natural_width(rows, 2).clamp(8, 9));
    let name = natural_width(rows, 0).min(NAME).min(room.saturating_sub(offered + accepted + MEANS)).max(8);
    let means = room.saturating_sub(name + offered + accepted).max(2);
    let columns = [
        Column::left(name).gap(2),
        Column::left(offered).gap(2),
        Column::left(accepted).gap(2),
        Column::left(means).gap(0),
    ];
    grid::write(page, 2, &columns, rows, out);
}

/// Each with lines of its own: its name, both sides, what it means.
fn stacked(page: &Page, rows: &[Vec<Cell>], out: &mut String) {
    // The titles stand before each value instead.
    for row in rows.iter().skip(1) {
        let [name, offered, accepted, means] = row.as_slice() else { continue };
        let room = page.width - 6;
        grid::write(page, 2, &[Column::left(room).gap(0)], &[vec![name.clone()]], out);
        let sides = format!("offered: {}   accepted: {}", offered.text(), accepted.text());
        page.paragraph(out, 6, Role::Plain, &sides);
        if means.width() > 0 {
            grid::write(page, 6, &[Column::left(room).gap(0)], &[vec![means.clone()]], out);
        }
    }
}

fn extensions(head: &Head) -> Vec<Extension> {
    let values: Vec<_> = head.all("sec-websocket-extensions").map(|line| head.value(line)).collect();
    ExtensionList::parse(values.iter().map(AsRef::as_ref)).extensions
}

/// An extension that was offered, accepted or both.
struct Pair<'a> {
    offered: Option<&'a Extension>,
    accepted: Option<&'a Extension>,
}

fn extension_rows(page: &Page, offered: Option<&[Extension]>, accepted: &[Extension]) -> Vec<Vec<Cell>> {
    let known = offered.is_some();
    pairs(offered.unwrap_or_default(), accepted).iter().flat_map(|pair| rows_of(page, pair, known)).collect()
}

/// Each offer with its answer, in the order of the offers; then answers that nobody asked for.
fn pairs<'a>(offered: &'a [Extension], accepted: &'a [Extension]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<_> =
        offered.iter().map(|offer| Pair { offered: Some(offer), accepted: None }).collect();
    for answer in accepted {
        let free = |pair: &Pair<'_>| {
            pair.accepted.is_none() && pair.offered.is_some_and(|offer| same(&offer.name, &answer.name))
        };
        let fitting = |pair: &Pair<'_>| free(pair) && pair.offered.is_some_and(|offer| fits(offer, answer));
        let at = pairs.iter().position(fitting);
        let at = at.or_else(|| pairs.iter().position(free));
        match at.and_then(|at| pairs.get_mut(at)) {
            Some(pair) => pair.accepted = Some(answer),
            None => pairs.push(Pair { offered: None, accepted: Some(answer) }),
        }
    }
    pairs
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether an answer can be one to this offer (RFC 7692 §7.1): of several offers it tells which was taken.
fn fits(offer: &Extension, answer: &Extension) -> bool {
    if !same(&offer.name, deflate::NAME) {
        return true;
    }
    let (offer, answer) = (Parameters::read(offer, Side::Offer), Parameters::read(answer, Side::Answer));
    let window = match (offer.server_max_window_bits, answer.server_max_window_bits) {
        (Some(offered), Some(answered)) => answered <= offered,
        (Some(_), None) => false,
        (None, _) => true,
    };
    window
        && (answer.server_no_context_takeover || !offer.server_no_context_takeover)
        && (offer.client_max_window_bits_offered || answer.client_max_window_bits.is_none())
}

fn rows_of(page: &Page, pair: &Pair<'_>, known: bool) -> Vec<Vec<Cell>> {
    let Some(extension) = pair.offered.or(pair.accepted) else { return Vec::new() };
    let is_deflate = same(&extension.name, deflate::NAME);
    let means = match pair.accepted {
        Some(_) if is_deflate && (pair.offered.is_some() || !known) => "RSV1 marks compressed messages",
        Some(_) if known && pair.offered.is_none() => "was not offered",
        Some(_) if same(&extension.name, DEFLATE_FRAME) => "RSV1 marks compressed frames; left alone here",
        Some(_) => "in use",
        None => "not in use",
    };
    let mut rows =
        vec![cells(page, &extension.name, offered(pair.offered, known), yes(pair.accepted), means)];
    let mut names: Vec<&str> = Vec::new();
    for param in [pair.offered, pair.accepted].into_iter().flatten().flat_map(|extension| &extension.params) {
        if !names.iter().any(|name| same(name, &param.name)) {
            names.push(&param.name);
        }
    }
    for name in names {
        let find = |extension: Option<&'_ Extension>| {
            extension.and_then(|it| it.params.iter().find(|param| same(&param.name, name)).cloned())
        };
        let (offer, answer) = (find(pair.offered), find(pair.accepted));
        let offered = if known { value(offer.as_ref()) } else { "?".to_owned() };
        let means = match Parameter::named(name).filter(|_| is_deflate) {
            Some(parameter) => {
                parameter_means(parameter, offer.as_ref(), answer.as_ref(), pair.accepted.is_some())
            }
            None => String::new(),
        };
        rows.push(cells(page, &format!("  {name}"), offered, value(answer.as_ref()), &means));
    }
    rows
}

fn cells(page: &Page, name: &str, offered: String, accepted: String, means: &str) -> Vec<Cell> {
    let accepted_role = if matches!(accepted.as_str(), "no" | NOTHING) { Role::Dim } else { Role::Good };
    vec![
        Cell::safe(page, Role::Structure, name.as_bytes()),
        Cell::safe(page, Role::Plain, offered.as_bytes()),
        Cell::safe(page, accepted_role, accepted.as_bytes()),
        Cell::new(page, Role::Plain, means),
    ]
}

/// In the place of a parameter that is not there.
const NOTHING: &str = "-";

fn offered(offer: Option<&Extension>, known: bool) -> String {
    if known { yes(offer) } else { "?".to_owned() }
}

fn yes(extension: Option<&Extension>) -> String {
    if extension.is_some() { "yes" } else { "no" }.to_owned()
}

fn value(param: Option<&Param>) -> String {
    match param {
        None => NOTHING.to_owned(),
        Some(Param { value: None, .. }) => "yes".to_owned(),
        Some(Param { value: Some(value), .. }) => value.clone(),
    }
}

/// Whom a parameter binds, and to what: always one end's compressor.
fn parameter_means(
    parameter: Parameter,
    offer: Option<&Param>,
    answer: Option<&Param>,
    agreed: bool,
) -> String {
    let whose = parameter.binds();
    let takeover =
        matches!(parameter, Parameter::ServerNoContextTakeover | Parameter::ClientNoContextTakeover);
    let bits = |param: Option<&Param>| param.and_then(|param| param.value.as_ref()?.parse::<u8>().ok());
    match (agreed, answer) {
        (false, _) => String::new(),
        (true, Some(_)) if takeover => format!("the {whose}'s compressor begins each message afresh"),
        (true, Some(_)) => match bits(answer).filter(|bits| (8..=WINDOW_BITS).contains(bits)) {
            Some(bits) => format!("the {whose}'s compressor looks back {} bytes at most", grouped(1 << bits)),
            None => format!("would limit how far the {whose}'s compressor looks back"),
        },
        (true, None) if takeover => free_context(whose),
        (true, None) if parameter == Parameter::ClientMaxWindowBits && bits(offer).is_none() => {
            "not used: the client's compressor looks back 32,768 bytes at most".to_owned()
        }
        (true, None) => format!("not limited: the {whose}'s compressor looks back 32,768 bytes at most"),
    }
}

/// What it means that no_context_takeover is not agreed on.
fn free_context(whose: Sender) -> String {
    match whose {
        Sender::Server => "not promised: the server's compressor may use earlier messages".to_owned(),
        Sender::Client => "the client's compressor may use earlier messages, or not".to_owned(),
    }
}

/// Subprotocols in the order of the offer; one that nobody offered comes last.
fn protocol_rows(page: &Page, head: &Head, request: Option<&Head>) -> Vec<Vec<Cell>> {
    let offered = request.map(protocols);
    let accepted = protocols(head);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (i, name) in offered.iter().flatten().enumerate() {
        let taken = accepted.contains(name);
        let means = match (taken, accepted.is_empty()) {
            (true, _) => "both speak it in their messages",
            (false, true) if i == 0 => "none was chosen: a browser goes on without one",
            (false, _) => "",
        };
        rows.push(protocol(page, name, &nth(i + 1), taken, means));
    }
    for name in accepted.iter().filter(|name| !offered.as_ref().is_some_and(|offered| offered.contains(name)))
    {
        let (offered, means) = match &offered {
            None => ("?", "both speak it in their messages"),
            Some(_) => ("no", "was not offered"),
        };
        rows.push(protocol(page, name, offered, true, means));
    }
    rows
}

fn protocol(page: &Page, name: &[u8], offered: &str, taken: bool, means: &str) -> Vec<Cell> {
    let (role, accepted) = if taken { (Role::Good, "yes") } else { (Role::Dim, "no") };
    vec![
        Cell::safe(page, Role::Structure, name),
        Cell::new(page, Role::Plain, offered),
        Cell::new(page, role, accepted),
        Cell::new(page, Role::Plain, means),
    ]
}

fn nth(place: usize) -> String {
    match place {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        _ => format!("{place}th"),
    }
}

fn protocols(head: &Head) -> Vec<Vec<u8>> {
    let values = head.all("sec-websocket-protocol").map(|line| head.value(line));
    values
        .flat_map(|value| list::elements(&value).map(|span| span.of(&value).to_vec()).collect::<Vec<_>>())
        .collect()
}

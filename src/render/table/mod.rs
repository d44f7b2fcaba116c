//! The table: how many frames of each kind, how large, and what their headers cost, for each connection and sender; how
//! large messages are, how far apart, how long pings take, and two small pictures of it.
//!
//! It counts while frames pass and keeps a bounded number of counters for each connection that is open.

mod counts;
mod json;
mod messages;
mod pictures;
mod statistics;

use std::collections::BTreeMap;

use self::counts::{Counter, Counts};
use self::statistics::Statistics;
use crate::render::clock::span;
use crate::render::collect::Shown;
use crate::render::glyphs::Mark;
use crate::render::grid::{self, Cell, Column};
use crate::render::number::{count, grouped};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::rules::ending::Ending;
use crate::session::event::{Event, Kind};
use crate::wire::sender::Sender;

/// The page must be that wide for the least, the mean and the largest size.
const WIDE: usize = 78;
/// The page must be that wide for the part that headers are.
const NARROW: usize = 56;

/// Counts what is shown to it, and writes a table for each connection when it is over.
#[derive(Debug)]
pub struct Table {
    page: Page,
    /// Whether it is written as JSON.
    json: bool,
    connections: BTreeMap<u32, Box<Connection>>,
    all: Counts,
    all_statistics: Box<Statistics>,
    over: u64,
    begun: bool,
}

#[derive(Debug, Default)]
struct Connection {
    /// The addresses of the client and the server, where both are known.
    ends: Option<(Box<str>, Box<str>)>,
    counts: Counts,
    statistics: Statistics,
}

impl Table {
    /// Begins to count.
    #[must_use]
    pub fn new(page: Page) -> Self {
        Self {
            page,
            json: false,
            connections: BTreeMap::new(),
            all: Counts::default(),
            all_statistics: Box::default(),
            over: 0,
            begun: false,
        }
    }

    /// The same as JSON: a line for each connection, and one for all.
    #[must_use]
    pub fn as_json(self) -> Self {
        Self { json: true, ..self }
    }

    /// Whether it is written as JSON.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Counts the next thing that was said; appends the table of a connection that is over. No payload need be kept
    /// for it.
    pub fn show(&mut self, shown: &Shown<'_>, out: &mut String) {
        match shown {
            Shown::Frame(frame) => {
                if let Some(time) = frame.time_end {
                    self.all_statistics.traffic.add(frame.sender, time, frame.len);
                }
                let connection = self.connection(frame.connection);
                connection.counts.add(frame);
                connection.statistics.frame(frame);
            }
            Shown::Message(message) => {
                self.connection(message.event.connection).statistics.message(message);
            }
            Shown::Event(event) => self.event(event, out),
        }
    }

    /// Nothing more comes: appends the tables of connections whose end was not shown, and what all sum up to, where
    /// there was more than one.
    pub fn finish(&mut self, out: &mut String) {
        while let Some(&number) = self.connections.keys().next() {
            self.end(number, None, out);
        }
        let Self { all, all_statistics, over, .. } = self;
        if self.json && *over > 0 {
            json::line(None, *over, all, all_statistics, out);
        }
        if self.json {
            return;
        }
        if self.over > 1 {
            let title = format!("all {}", count(self.over, "connection"));
            let Self { page, all, all_statistics, .. } = self;
            out.push('\n');
            page.paragraph(out, 0, Role::Heading, &title);
            frames(page, all, false, out);
            messages::messages(page, all_statistics, out);
            pictures::pictures(page, all_statistics, out);
        }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut String) {
        match &event.kind {
            Kind::Open(opening) => {
                let of = |end: &Option<String>| end.as_deref().map(Box::from);
                self.connection(event.connection).ends = of(&opening.client).zip(of(&opening.server));
            }
            Kind::End(end) => {
                if let Some(ending) = end.connection {
                    self.end(event.connection, Some(ending), out);
                }
            }
            _ => {}
        }
    }

    fn connection(&mut self, number: u32) -> &mut Connection {
        self.connections.entry(number).or_default()
    }

    fn end(&mut self, number: u32, ending: Option<&Ending>, out: &mut String) {
        let connection = self.connections.remove(&number).unwrap_or_default();
        self.all_statistics.merge(&connection.statistics);
        self.over += 1;
        if self.json {
            json::line(Some(number), 1, &connection.counts, &connection.statistics, out);
            return self.all.merge(&connection.counts);
        }
        if std::mem::replace(&mut self.begun, true) {
            out.push('\n');
        }
        let page = &self.page;
        let title = title(page, number, connection.ends.as_ref(), ending);
        page.paragraph(out, 0, Role::Heading, &title);
        let messages_only = ending.is_some_and(|ending| ending.messages_only);
        frames(page, &connection.counts, messages_only, out);
        messages::messages(page, &connection.statistics, out);
        pictures::pictures(page, &connection.statistics, out);
        let lines = ending.map(|ending| [sent(ending), losses(ending), findings(ending)]);
        for line in lines.into_iter().flatten().flatten() {
            page.paragraph(out, 2, Role::Plain, &line);
        }
        self.all.merge(&connection.counts);
    }
}

/// `connection 1   127.0.0.1:51234 → localhost:8000   101   4.213 s`
fn title(page: &Page, number: u32, ends: Option<&(Box<str>, Box<str>)>, ending: Option<&Ending>) -> String {
    let mut title = format!("connection {number}");
    if let Some((client, server)) = ends {
        let (client, server) = (page.safe(client.as_bytes()), page.safe(server.as_bytes()));
        title.push_str(&format!("   {client} {} {server}", page.mark(Mark::Right)));
    }
    let Some(ending) = ending else { return title };
    match ending.status {
        Some(status) => title.push_str(&format!("   {status}")),
        None => title.push_str("   no handshake"),
    }
    if let Some(lasted) = ending.lasted().filter(|lasted| *lasted > 0) {
        title.push_str("   ");
        title.push_str(&span(lasted));
    }
    title
}

/// The rows of both senders, each with their sum where there is more than one kind.
fn frames(page: &Page, counts: &Counts, messages_only: bool, out: &mut String) {
    let mut rows = Vec::new();
    for sender in Sender::BOTH {
        let mut sum = Counter::default();
        let kinds = counts.of(sender);
        for (kind, counter) in kinds {
            sum.merge(counter);
            let first = sum.frames == counter.frames;
            rows.push(row(page, if first { sender.name() } else { "" }, &kind.name(), counter));
        }
        if kinds.len() > 1 {
            rows.push(row(page, "", "all", &sum));
        }
    }
    if rows.is_empty() {
        let says = if messages_only { "The input keeps messages, and no frames." } else { "No frame." };
        return page.paragraph(out, 2, Role::Plain, says);
    }
    let titles = ["sender", "opcode", "frames", "payload", "headers", "least", "mean", "most"];
    rows.insert(0, titles.map(|title| Cell::new(page, Role::Dim, title)).to_vec());
    let (numbers, gap) = match page.width {
        0..NARROW => (2, 1),
        NARROW..WIDE => (3, 2),
        _ => (6, 2),
    };
    let mut columns = vec![Column::left(6).gap(gap), Column::left(12).gap(gap)];
    columns.extend([Column::right(8).gap(gap); 6].into_iter().take(numbers));
    if let Some(last) = columns.last_mut() {
        *last = last.gap(0);
    }
    grid::write(page, 2, &columns, &rows, out);
}

fn row(page: &Page, sender: &str, kind: &str, counter: &Counter) -> Vec<Cell> {
    let Counter { frames, payload, headers, least, most } = *counter;
    let role = match sender {
        "client" => Role::Client,
        "server" => Role::Server,
        _ => Role::Plain,
    };
    let mean = payload.checked_div(frames).unwrap_or(0);
    let mut cells = vec![Cell::new(page, role, sender), Cell::new(page, Role::Structure, kind)];
    let numbers = [size(frames), size(payload), share(headers, payload), size(least), size(mean), size(most)];
    cells.extend(numbers.iter().map(|number| Cell::new(page, Role::Plain, number)));
    cells
}

/// A number in at most eight columns: `65,536`, `12.3 M`, `1.2 T`.
pub(super) fn size(number: u64) -> String {
    if number < 10_000_000 {
        return if number < 1_000_000 { grouped(number) } else { number.to_string() };
    }
    let units = ["k", "M", "G", "T", "P", "E"];
    let (mut value, mut unit) = (number, "");
    let mut rest = 0;
    for name in units {
        if value < 1000 {
            break;
        }
        (rest, value, unit) = (value % 1000, value / 1000, name);
    }
    format!("{value}.{} {unit}", rest / 100)
}

/// The part of all bytes that is headers: `12.5 %`.
fn share(headers: u64, payload: u64) -> String {
    let all = u128::from(headers) + u128::from(payload);
    let mille = (u128::from(headers) * 1000 + all / 2).checked_div(all).unwrap_or(0);
    format!("{}.{} %", mille / 10, mille % 10)
}

fn sent(ending: &Ending) -> Option<String> {
    let (client, server) = (ending.client.messages, ending.server.messages);
    (client + server > 0).then(|| {
        let all = client.saturating_add(server);
        format!(
            "{}: {} by the client, {} by the server.",
            count(all, "message"),
            grouped(client),
            grouped(server)
        )
    })
}

fn losses(ending: &Ending) -> Option<String> {
    let sum = |one: u64, other: u64| one.saturating_add(other);
    let lost = sum(ending.client.lost, ending.server.lost);
    let opaque = sum(ending.client.opaque, ending.server.opaque);
    match (lost, opaque) {
        (0, 0) => None,
        (_, 0) => Some(format!("Missing in the input: {}.", count(lost, "byte"))),
        (0, _) => Some(format!("Not read: {}.", count(opaque, "byte"))),
        _ => Some(format!(
            "Missing in the input: {}; not read: {}.",
            count(lost, "byte"),
            count(opaque, "byte")
        )),
    }
}

fn findings(ending: &Ending) -> Option<String> {
    let [notes, shoulds, musts] = ending.findings;
    let said: Vec<_> = [(musts, "must"), (shoulds, "should"), (notes, "note")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, level)| format!("{} {level}", grouped(number)))
        .collect();
    Some(if said.is_empty() { "No findings.".to_owned() } else { format!("Findings: {}.", said.join(", ")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_eight_columns_at_most() {
        for (number, text) in [
            (0, "0"),
            (65_536, "65,536"),
            (999_999, "999,999"),
            (1_000_000, "1000000"),
            (12_345_678, "12.3 M"),
            (999_999_999, "999.9 M"),
            (u64::MAX, "18.4 E"),
        ] {
            assert_eq!(size(number), text);
            assert!(size(number).len() <= 8);
        }
    }

    #[test]
    fn headers_are_a_part_of_all_bytes() {
        assert_eq!(share(2, 2), "50.0 %");
        assert_eq!(share(6, 0), "100.0 %");
        assert_eq!(share(0, 0), "0.0 %");
        assert_eq!(share(u64::MAX, u64::MAX), "50.0 %");
    }
}

//! The list of connections: who spoke to whom about what, what was agreed on, how much each end sent, how it ended, and the
//! worst that was found.
//!
//! As text it is written when all is over, since its columns are as wide as they need be; as JSON each line comes when
//! its connection ends.

mod entry;
mod json;

use std::collections::BTreeMap;

use self::entry::Entry;
use super::collect::Shown;
use super::glyphs::Mark;
use super::grid::{self, Cell, Column};
use super::number::{bytes, count, grouped};
use super::others;
use super::page::Page;
use super::palette::Role;
use super::table::size;
use crate::rules::rule::Level;
use crate::session::others::Others;
use crate::wire::sender::Sender;

/// The most connections that are listed as text.
const MOST: usize = 4096;

/// The page must be that wide for a column of what each end sent.
const WIDE: usize = 64;

/// The columns that are left to how a connection ended, however long its addresses are.
const END: usize = 20;

/// Gathers the connections, and lists them.
#[derive(Debug)]
pub struct Connections {
    page: Page,
    json: bool,
    /// Whether they pass while they are shown, so that no file is there to look into.
    live: bool,
    entries: BTreeMap<u32, Entry>,
    /// Connections beyond those that are listed, and the latest of them.
    left_out: u64,
    latest_left_out: u32,
}

impl Connections {
    /// Begins with none.
    #[must_use]
    pub const fn new(page: Page) -> Self {
        Self { page, json: false, live: false, entries: BTreeMap::new(), left_out: 0, latest_left_out: 0 }
    }

    /// The same as JSON: a line for each connection.
    #[must_use]
    pub fn as_json(self) -> Self {
        Self { json: true, ..self }
    }

    /// The same of connections that pass while they are shown.
    #[must_use]
    pub fn live(self) -> Self {
        Self { live: true, ..self }
    }

    /// Whether it is written as JSON.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Takes the next thing that was said. No payload need be kept for it.
    pub fn show(&mut self, shown: &Shown<'_>, out: &mut String) {
        let number = shown.connection();
        if !self.json && self.entries.len() >= MOST && !self.entries.contains_key(&number) {
            // They are numbered in the order in which they appear.
            self.left_out += u64::from(number > self.latest_left_out);
            self.latest_left_out = self.latest_left_out.max(number);
            return;
        }
        let over = self.entries.entry(number).or_default().take(shown);
        if self.json
            && over
            && let Some(entry) = self.entries.remove(&number)
        {
            json::line(number, &entry, out);
        }
    }

    /// Nothing more comes: appends the list, and how many connections there were without WebSocket.
    pub fn finish(&mut self, beside: &Others, out: &mut String) {
        let Self { page, json, live, entries, left_out, .. } = self;
        if *json {
            entries.iter().for_each(|(number, entry)| json::line(*number, entry, out));
            json::others(beside, out);
            return entries.clear();
        }
        if entries.is_empty() {
            return others::write(page, beside, out);
        }
        if page.width < WIDE {
            narrow(page, entries, out)
        } else {
            wide(page, entries, out)
        }
        others::write(page, beside, out);
        out.push('\n');
        if *left_out > 0 {
            let words = format!(
                "{} more, numbered on, are not listed: the list holds {}. With --json it has no end.",
                count(*left_out, "connection"),
                grouped(MOST as u64)
            );
            page.paragraph(out, 0, Role::Plain, &words);
        }
        let next = match live {
            false => "--connection N in place of --view connections looks into one.",
            true => "Of what --record FILE keeps, wslens decode --connection N FILE looks into one.",
        };
        page.paragraph(out, 0, Role::Dim, next);
        entries.clear();
    }
}

/// Two rows a connection, one for each end, and more where there is more to say of it.
fn wide(page: &Page, entries: &BTreeMap<u32, Entry>, out: &mut String) {
    let titles = ["conn", "client and server", "", "frames", "payload", "how it ended"];
    let mut rows = vec![titles.map(|title| Cell::new(page, Role::Dim, title)).to_vec()];
    for (number, entry) in entries {
        let facts = Facts::of(page, entry);
        let mut what = facts.what.into_iter();
        let mut end = facts.end.into_iter();
        let sides = [(Sender::Client, Mark::Right), (Sender::Server, Mark::Left)];
        for (i, (sender, mark)) in sides.into_iter().enumerate() {
            let role = if sender == Sender::Client { Role::Client } else { Role::Server };
            let side = entry.side(sender);
            rows.push(vec![
                if i == 0 { Cell::new(page, Role::Heading, &number.to_string()) } else { Cell::empty() },
                what.next().unwrap_or_else(Cell::empty),
                Cell::new(page, role, page.mark(mark)),
                Cell::new(page, Role::Plain, &size(side.frames)),
                Cell::new(page, Role::Plain, &size(side.payload)),
                end.next().unwrap_or_else(Cell::empty),
            ]);
        }
        rows.extend(what.map(|cell| vec![Cell::empty(), cell]));
    }
    let numbers: usize = [0, 2, 3, 4].iter().map(|column| grid::natural_width(&rows, *column)).sum();
    // Two spaces behind each column, one behind the arrow, none behind the last.
    let room = page.width.saturating_sub(numbers + 2 + 2 + 1 + 2 + 2);
    let what = grid::natural_width(&rows, 1);
    let end = grid::natural_width(&rows, 5).min(END.max(room.saturating_sub(what)));
    let columns = [
        Column::right(10),
        Column::left(room.saturating_sub(end).max(10)).gap(2),
        Column::left(1),
        Column::right(8),
        Column::right(8),
        Column::left(end).gap(0),
    ];
    grid::write(page, 0, &columns, &rows, out);
}

/// All of a connection in one column.
fn narrow(page: &Page, entries: &BTreeMap<u32, Entry>, out: &mut String) {
    let mut rows = Vec::new();
    for (number, entry) in entries {
        let facts = Facts::of(page, entry);
        let mut cells = facts.what;
        for (sender, mark) in [(Sender::Client, Mark::Right), (Sender::Server, Mark::Left)] {
            let side = entry.side(sender);
            let (frames, payload) = (count(side.frames, "frame"), bytes(side.payload));
            let says = format!("{} {frames}, {payload}", page.mark(mark));
            cells.push(Cell::new(page, Role::Plain, &says));
        }
        cells.extend(facts.end);
        for (i, cell) in cells.into_iter().filter(|cell| !cell.text().is_empty()).enumerate() {
            let number = if i == 0 { number.to_string() } else { String::new() };
            rows.push(vec![Cell::new(page, Role::Heading, &number), cell]);
        }
    }
    let number = grid::natural_width(&rows, 0);
    let columns = [Column::right(10), Column::left(page.width.saturating_sub(number + 2)).gap(0)];
    grid::write(page, 0, &columns, &rows, out);
}

/// An entry in words.
struct Facts {
    /// Addresses, URL, what was agreed on, and the worst finding, as far as there are any.
    what: Vec<Cell>,
    /// How it ended, and after what time.
    end: [Cell; 2],
}

impl Facts {
    fn of(page: &Page, entry: &Entry) -> Self {
        let mut what = vec![addresses(page, entry)];
        what.extend(entry.url().map(|url| Cell::safe(page, Role::Plain, &url)));
        let agreed: Vec<_> = entry.subprotocol.iter().chain(&entry.extensions).map(Vec::as_slice).collect();
        if !agreed.is_empty() {
            what.push(Cell::safe(page, Role::Good, &agreed.join(&b", "[..])));
        }
        what.extend(worst(page, entry));
        Self { what, end: [entry.how(), entry.lasted()].map(|says| Cell::new(page, Role::Plain, &says)) }
    }
}

fn addresses(page: &Page, entry: &Entry) -> Cell {
    let opening = entry.opening.as_deref();
    let of = |address: Option<&String>, name: &str| address.cloned().unwrap_or_else(|| name.to_owned());
    let client = of(opening.and_then(|opening| opening.client.as_ref()), "client");
    let server = of(opening.and_then(|opening| opening.server.as_ref()), "server");
    let text = [&client, " ", page.mark(Mark::Right), " ", &server].concat();
    Cell::safe(page, Role::Structure, text.as_bytes())
}

fn worst(page: &Page, entry: &Entry) -> Option<Cell> {
    let (level, id) = entry.worst?;
    let more = entry.findings.iter().sum::<u64>() - 1;
    let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    let (mark, role) = match level {
        Level::Note => (Mark::Dot, Role::Hint),
        _ => (Mark::Bad, Role::Finding),
    };
    Some(Cell::new(page, role, &format!("{} {level} {id}{more}", page.mark(mark))))
}

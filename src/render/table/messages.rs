//! How large messages are, how far apart, and how long pings take: rows below those of the frames.

use super::statistics::{Side, Statistics};
use super::{NARROW, WIDE, size};
use crate::render::grid::{self, Cell, Column};
use crate::render::page::Page;
use crate::render::palette::Role;
use crate::render::spread::Spread;
use crate::wire::sender::Sender;

/// Appends the rows, where there is any message or answered ping.
pub(super) fn messages(page: &Page, statistics: &Statistics, out: &mut String) {
    let mut rows = Vec::new();
    for sender in Sender::BOTH {
        let begun = rows.len();
        side(page, statistics.of(sender), &mut rows);
        if let Some(first) = rows.get_mut(begun).and_then(|row| row.first_mut()) {
            let role = if sender == Sender::Client { Role::Client } else { Role::Server };
            *first = Cell::new(page, role, sender.name());
        }
    }
    if rows.is_empty() {
        return;
    }
    let titles = choose(page, ["number", "bytes", "least", "~median", "~95 %", "most"]);
    let titles = ["sender", "message"].into_iter().chain(titles);
    rows.insert(0, titles.map(|title| Cell::new(page, Role::Dim, title)).collect());
    let gap = if page.width < NARROW { 1 } else { 2 };
    let mut columns = vec![Column::left(6).gap(gap), Column::left(12).gap(gap)];
    columns.extend(choose(page, [Column::right(8).gap(gap); 6]));
    if let Some(last) = columns.last_mut() {
        *last = last.gap(0);
    }
    out.push('\n');
    grid::write(page, 2, &columns, &rows, out);
}

/// Those of six columns for which the page has room.
fn choose<T>(page: &Page, columns: [T; 6]) -> Vec<T> {
    let [number, bytes, least, median, most_of_all, most] = columns;
    match page.width {
        0..NARROW => vec![number, median],
        NARROW..WIDE => vec![number, median, most],
        _ => vec![number, bytes, least, median, most_of_all, most],
    }
}

fn side(page: &Page, side: &Side, rows: &mut Vec<Vec<Cell>>) {
    row(page, "text", &side.text, &size(side.text.sum()), size, rows);
    row(page, "binary", &side.binary, &size(side.binary.sum()), size, rows);
    row(page, "gap between", &side.gaps, "", short_span, rows);
    row(page, "ping to pong", &side.round_trips, "", short_span, rows);
}

fn row(
    page: &Page,
    name: &str,
    spread: &Spread,
    bytes: &str,
    says: fn(u64) -> String,
    rows: &mut Vec<Vec<Cell>>,
) {
    if spread.count() == 0 {
        return;
    }
    let [least, median, most_of_all, most] =
        [spread.least(), spread.percentile(50), spread.percentile(95), spread.most()].map(says);
    let numbers = choose(page, [size(spread.count()), bytes.to_owned(), least, median, most_of_all, most]);
    let mut cells = vec![Cell::empty(), Cell::new(page, Role::Structure, name)];
    cells.extend(numbers.iter().map(|number| Cell::new(page, Role::Plain, number)));
    rows.push(cells);
}

/// A span of nanoseconds in at most eight columns: `340 µs` is `0.34 ms`, then `41 ms`, `1.23 s`, `12.1 min`, `3.3 h`.
pub(super) fn short_span(nanos: u64) -> String {
    let (hundredths, unit) = match nanos {
        0..995_000_000 => (nanos.saturating_add(5_000) / 10_000, "ms"),
        995_000_000..59_995_000_000 => (nanos.saturating_add(5_000_000) / 10_000_000, "s"),
        59_995_000_000..3_600_000_000_000 => (nanos / 600_000_000, "min"),
        _ => (nanos / 36_000_000_000, "h"),
    };
    let (whole, part) = (hundredths / 100, hundredths % 100);
    match whole {
        0..10 => format!("{whole}.{part:02} {unit}"),
        10..100 => format!("{whole}.{} {unit}", part / 10),
        _ => format!("{whole} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_eight_columns_at_most() {
        for (nanos, said) in [
            (0, "0.00 ms"),
            (342_000, "0.34 ms"),
            (41_000_000, "41.0 ms"),
            (994_000_000, "994 ms"),
            (1_234_000_000, "1.23 s"),
            (59_990_000_000, "59.9 s"),
            (725_000_000_000, "12.0 min"),
            (12_000_000_000_000, "3.33 h"),
            (u64::MAX, "5124095 h"),
        ] {
            assert_eq!(short_span(nanos), said);
            assert!(said.len() <= 9);
        }
    }
}

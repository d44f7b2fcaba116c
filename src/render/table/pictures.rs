//! Two small pictures: how large messages are, and how much came when.

use super::messages::short_span;
use super::size;
use super::statistics::Statistics;
use crate::render::glyphs::Mark;
use crate::render::number::bytes;
use crate::render::page::{Page, indent, pad};
use crate::render::palette::Role;
use crate::wire::sender::Sender;

/// With fewer messages a picture says no more than the rows above it.
const FEWEST: u64 = 8;

/// Columns of a row of the sizes before its bar, and what its number takes behind it.
const BEFORE: usize = 18;
const NUMBER: usize = 10;

/// Appends the pictures, where there is enough to see.
pub(super) fn pictures(page: &Page, statistics: &Statistics, out: &mut String) {
    let mut sizes = statistics.of(Sender::Client).sizes();
    sizes.merge(&statistics.of(Sender::Server).sizes());
    if sizes.count() < FEWEST {
        return;
    }
    let rows = sizes.by_digits();
    if rows.len() > 1 {
        histogram(page, &rows, out);
    }
    traffic(page, statistics, out);
}

/// A bar for each power of two.
fn histogram(page: &Page, rows: &[(u64, u64)], out: &mut String) {
    out.push('\n');
    page.paragraph(out, 2, Role::Dim, "messages by size, in bytes");
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let room = page.width.saturating_sub(2 + BEFORE + NUMBER);
    for (up_to, count) in rows {
        let name = if *up_to == 0 { "none".to_owned() } else { ["up to ", &size(*up_to)].concat() };
        indent(out, 2);
        pad(out, name.len(), BEFORE - 2);
        out.push_str(&name);
        indent(out, 2);
        let eighths = u128::from(*count) * (room as u128 * 8);
        let eighths = eighths.div_ceil(u128::from(most)) as usize;
        let bar = page.glyphs.bar(eighths);
        page.paint(out, Role::Payload, &bar);
        if *count > 0 {
            out.push(' ');
            out.push_str(&size(*count));
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

/// A line for each sender, a column for each span of time.
fn traffic(page: &Page, statistics: &Statistics, out: &mut String) {
    let (cells, width) = statistics.traffic.cells(page.width - 8);
    let [client, _] = &cells;
    if client.len() < 4 {
        return;
    }
    let most = cells.iter().flatten().copied().max().unwrap_or(0);
    out.push('\n');
    let words = format!("bytes over time, {} a column, {} in the fullest", short_span(width), bytes(most));
    page.paragraph(out, 2, Role::Dim, &words);
    for (sender, cells) in Sender::BOTH.into_iter().zip(&cells) {
        let (mark, role) = match sender {
            Sender::Client => (Mark::Right, Role::Client),
            Sender::Server => (Mark::Left, Role::Server),
        };
        indent(out, 4);
        out.push_str(page.mark(mark));
        out.push(' ');
        let line: String = cells.iter().map(|cell| page.glyphs.level(*cell, most)).collect();
        page.paint(out, role, line.trim_end_matches(' '));
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

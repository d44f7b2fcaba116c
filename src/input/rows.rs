//! Rows that begin with an offset: xxd, hexdump, od, Wireshark's hex dump, and what looks like them.
//!
//! How many bytes a row holds is told by the offset of the next one, so that no text column is mistaken for
//! bytes. Of the last row the [text column](self::width) itself tells.

mod groups;
mod numbers;
mod row;
#[cfg(test)]
mod tests;
mod width;

use std::io::Read;

use self::groups::Kind;
pub(super) use self::numbers::refuse;
pub(super) use self::row::Row;
use super::blocks;
use super::dump::Dump;
use super::error::{Fault, InputError};
use super::tcpdump;
use super::text::{Line, lines};

/// Most bytes that the `*` lines of a dump may stand for.
const REPEATED: u64 = 256 * 1024 * 1024;

/// Reads a dump, or several behind each other.
pub(super) fn read(name: &str, reader: impl Read) -> Result<Dump, InputError> {
    let mut seen = Seen::default();
    blocks::each(name, reader, &mut |text, is_last| {
        let mut rows = Rows { seen: std::mem::take(&mut seen), ..Rows::default() };
        for line in lines(text) {
            rows.line(line)?;
        }
        if is_last {
            rows.finish(None)?;
        }
        let next = rows.next_block(text);
        seen = rows.seen;
        Ok(next)
    })?;
    Ok(seen.into_dump())
}

/// Reads rows one by one.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    /// What all rows but the pending one have given.
    pub seen: Seen,
    /// The row whose length the next one will tell.
    pending: Option<Row<'a>>,
    /// The `*` behind the pending row.
    star: Option<usize>,
}

/// What rows have given.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub bytes: Vec<u8>,
    /// Where in `bytes` a dump began.
    pub starts: Vec<usize>,
    /// In which base offsets are written, once it is known.
    base: Option<u64>,
    kind: Option<Kind>,
    repeated: u64,
    /// Whether the next row was pending when its block ended, and comes again.
    resumes: bool,
    /// Whether only one blank stands before the text column, so that it may look like more bytes.
    is_tight: bool,
    /// Behind a packet tshark may print what it made of it, under a heading of its own and up to an empty
    /// line.
    is_apart: bool,
}

impl<'a> Rows<'a> {
    /// For rows of curl, of which all is known.
    pub(super) fn of_curl() -> Self {
        let seen = Seen { base: Some(16), kind: Some(Kind::Pairs), is_tight: true, ..Seen::default() };
        Self { seen, ..Self::default() }
    }

    /// Takes a line: a row, a `*`, or an empty one.
    #[inline]
    pub(super) fn line(&mut self, line: Line<'a>) -> Result<(), Fault> {
        match Row::parse(line) {
            Some(_) if self.seen.is_apart => Ok(()),
            Some(row) if row.is_ruler() => Ok(()),
            Some(row) => self.row(row),
            None => self.other_line(line.trimmed()),
        }
    }

    fn other_line(&mut self, line: Line<'a>) -> Result<(), Fault> {
        match line.text {
            [] => {
                self.seen.is_apart = false;
                Ok(())
            }
            [.., b'b', b'y', b't', b'e', b's', b')', b':'] => {
                self.seen.is_apart = !line.text.starts_with(b"Frame (");
                self.finish(None)
            }
            [b'*'] if self.pending.is_some() => {
                self.star = Some(line.at);
                Ok(())
            }
            _ => Err(Fault::new(
                line.at,
                "this line has no offset, and the lines of this dump begin with one: remove what does not belong to it",
            )),
        }
    }

    /// Takes the next row: it tells how many bytes the one before holds.
    #[inline]
    fn row(&mut self, row: Row<'a>) -> Result<(), Fault> {
        let Some(last) = self.pending.replace(row) else {
            if !std::mem::take(&mut self.seen.resumes) {
                if let Some(fault) = refuse(row) {
                    return Err(fault);
                }
                self.seen.starts.push(self.seen.bytes.len());
            }
            return Ok(());
        };
        let base = match self.seen.base {
            Some(base) => base,
            None => self.find_base(last, row)?,
        };
        let (Some(from), Some(to)) = (last.offset_in(base), row.offset_in(base)) else {
            let bad = if last.offset_in(base).is_none() { last } else { row };
            return Err(Fault::new(
                bad.offset.at,
                format!("an offset is not in base {base}, as the others are"),
            ));
        };
        if to <= from && !(to == from && row.data.text.trim_ascii().is_empty()) {
            self.end(last, None)?;
            self.seen.starts.push(self.seen.bytes.len());
            return Ok(());
        }
        match self.star.take() {
            None => self.exactly(last, to - from, row),
            Some(star) => self.repeat(last, to - from, star),
        }
    }

    /// The end of a dump. `total` is how many bytes it has, where that is known.
    pub(super) fn finish(&mut self, total: Option<u64>) -> Result<(), Fault> {
        match self.pending.take() {
            Some(last) => self.end(last, total),
            None => Ok(()),
        }
    }

    /// The last row of a dump.
    fn end(&mut self, last: Row<'a>, total: Option<u64>) -> Result<(), Fault> {
        if let Some(star) = self.star.take() {
            return Err(Fault::new(
                star,
                "a * line stands for repeated rows, and no offset behind it tells how many: add the last line of the dump",
            ));
        }
        let rest = total
            .zip(last.offset_in(self.seen.base.unwrap_or(16)))
            .map(|(total, offset)| total.saturating_sub(offset));
        let kind = self.kind(last);
        let len = match rest {
            Some(rest) => usize::try_from(rest).unwrap_or(usize::MAX),
            None => width::of(last.data, kind)?,
        };
        groups::append(last.data, kind, len, &mut self.seen.bytes).map(|_| ())
    }

    /// A row that holds `len` bytes, since the next one says so.
    #[inline]
    fn exactly(&mut self, row: Row<'a>, len: u64, next: Row<'a>) -> Result<(), Fault> {
        let kind = self.kind(row);
        // A row holds no more bytes than it has characters.
        let most = usize::try_from(len).unwrap_or(usize::MAX).min(row.data.text.len() + 1);
        let start = self.seen.bytes.len();
        let too_few = |has: usize| {
            Fault::new(
                next.offset.at,
                format!(
                    "rows are missing: the one above holds {has} bytes, and this offset is {len} further"
                ),
            )
        };
        let rest = match groups::append(row.data, kind, most, &mut self.seen.bytes) {
            Ok(rest) => rest,
            Err(fault) => {
                self.seen.bytes.truncate(start);
                // Either a letter is wrong, or the row is shorter than the offsets say.
                return Err(width::of(row.data, kind).map_or(fault, too_few));
            }
        };
        if !self.seen.is_tight && groups::begins_with_group(rest.text) {
            let has = width::of(row.data, kind)?;
            if has as u64 > len {
                return Err(Fault::new(
                    rest.trimmed().at,
                    format!("this row holds {has} bytes, and the next offset is only {len} further"),
                ));
            }
        }
        Ok(())
    }

    /// A row, and as many like it as a `*` stands for.
    fn repeat(&mut self, row: Row<'a>, len: u64, star: usize) -> Result<(), Fault> {
        let kind = self.kind(row);
        let has = width::of(row.data, kind)?;
        let start = self.seen.bytes.len();
        groups::append(row.data, kind, has, &mut self.seen.bytes)?;
        self.seen.repeated = self.seen.repeated.saturating_add(len);
        let more = usize::try_from(len)
            .ok()
            .filter(|_| self.seen.repeated <= REPEATED)
            .and_then(|len| len.checked_sub(has));
        match more {
            Some(more) if has > 0 => {
                let first: Vec<u8> = self.seen.bytes.iter().skip(start).copied().collect();
                self.seen.bytes.extend(first.iter().cycle().take(more));
                Ok(())
            }
            _ => Err(Fault::new(
                star,
                format!("this * would stand for {len} bytes, and at most 256 MiB may be repeated"),
            )),
        }
    }

    /// In which base the offsets are: that in which the second is as far from the first as the first row is
    /// long.
    fn find_base(&mut self, first: Row<'a>, second: Row<'a>) -> Result<u64, Fault> {
        let kind = self.kind(first);
        let has = width::of(first.data, kind)? as u64;
        let octal_first = first.offset.text.len() == 7 && kind == Kind::Pairs && !first.colon;
        let order = if octal_first { [8, 10, 16] } else { [16, 8, 10] };
        let fits = |base: &u64| {
            let (Some(from), Some(to)) = (first.offset_in(*base), second.offset_in(*base)) else {
                return false;
            };
            let len = to.wrapping_sub(from);
            match self.star {
                Some(_) => to > from && has > 0 && len % has == 0,
                None => len == has || kind.is_swapped() && len + 1 == has,
            }
        };
        let known = order.iter().find(|base| fits(base)).copied();
        self.seen.base = known;
        let readable = |base: &&u64| first.offset_in(**base).is_some() && second.offset_in(**base).is_some();
        Ok(known.or_else(|| order.iter().find(readable).copied()).unwrap_or(16))
    }

    /// How the bytes of the rows are written; the first row with any tells.
    #[inline]
    fn kind(&mut self, row: Row<'a>) -> Kind {
        match self.seen.kind {
            Some(kind) => kind,
            None if row.data.text.trim_ascii().is_empty() => Kind::Pairs,
            None => *self.seen.kind.insert(Kind::of(row.data, row.colon)),
        }
    }

    /// Where in `text` the next block begins: with the row that is pending.
    fn next_block(&mut self, text: &[u8]) -> usize {
        let Some(row) = self.pending else { return text.len() };
        self.seen.resumes = true;
        let before = text.get(..row.offset.at).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
    }
}

impl Seen {
    /// The bytes of each dump.
    pub(super) fn dumps(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.starts.iter().skip(1).copied().chain([self.bytes.len()]);
        self.starts.iter().zip(ends).filter_map(|(start, end)| self.bytes.get(*start..end))
    }

    fn into_dump(self) -> Dump {
        if let Some(dump) = tcpdump::from_packets(&self) {
            return dump;
        }
        let mut dump = Dump::unmarked(self.bytes);
        if self.kind.is_some_and(Kind::is_swapped) {
            dump.note("the dump shows little-endian words: their bytes were swapped back");
        }
        if self.starts.len() > 1 {
            dump.note(format!("the offsets begin anew: {} dumps were joined", self.starts.len()));
        }
        dump
    }
}

//! One row of the summary, written from left to right; it knows how far it has come.

use crate::render::clock::{Times, date_time_width, push_date_time};
use crate::render::cut::push_cut;
use crate::render::glyphs::Mark;
use crate::render::number::{Digits, push_number, three_digits, width};
use crate::render::page::{NARROWEST, Page, indent};
use crate::render::palette::Role;
use crate::render::zone::Zone;
use crate::rules::rule::{Finding, Level};
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// The page must be that wide for the payload to stand in the row; on a narrower one it gets the next line.
const WIDE: usize = 72;
/// The column in which a payload on its own line begins.
const NARROW_PAYLOAD: usize = 10;
/// The columns that seconds have.
const SECONDS: usize = 6;
/// Where the columns of the summary stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// Behind the number of the connection, the frame and the time.
    conn: usize,
    frame: usize,
    time: usize,
    dir: usize,
    /// Where the kind begins.
    kind: usize,
    /// Behind the bytes.
    bytes: usize,
    /// Where the payload begins.
    payload: usize,
    /// Whether it begins on a line of its own.
    own_line: bool,
    /// Whether a date has no room in the row.
    date_before: bool,
}

/// When something came.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// So many nanoseconds after something else.
    Since(u64),
    /// A date and a time of day.
    At(Zone, Time),
}

impl Columns {
    /// Those of a page.
    pub(super) const fn of(page: &Page, times: Times) -> Self {
        let wider = match times {
            Times::Absolute(zone) => date_time_width(zone) - SECONDS,
            Times::Relative | Times::Delta => 0,
        };
        // On a narrower page a date gets the line before.
        let date_before = page.width < NARROWEST + wider;
        let more = if date_before { 0 } else { wider };
        let own_line = page.width < WIDE + more;
        let (dir, kind, bytes) = if own_line { (18, 20, 39) } else { (20, 24, 45) };
        Self {
            conn: 4,
            frame: 10,
            time: 17 + more,
            dir: dir + more,
            kind: kind + more,
            bytes: bytes + more,
            payload: if own_line { NARROW_PAYLOAD } else { 47 + more },
            own_line,
            date_before,
        }
    }

    /// The names of the columns, as the first line.
    pub(super) fn header(&self, page: &Page, times: Times, out: &mut String) {
        let mut line = String::with_capacity(80);
        let right = |line: &mut String, name: &str, end: usize| {
            indent(line, end.saturating_sub(name.len() + line.len()));
            line.push_str(name);
        };
        right(&mut line, "conn", self.conn);
        right(&mut line, "frame", self.frame);
        right(&mut line, if times == Times::Delta { "delta" } else { "time" }, self.time);
        if !self.own_line {
            right(&mut line, "dir", self.dir + 2);
        }
        let used = line.len();
        indent(&mut line, self.kind.saturating_sub(used));
        line.push_str("kind");
        right(&mut line, "bytes", self.bytes);
        if !self.own_line {
            let used = line.len();
            indent(&mut line, self.payload.saturating_sub(used));
            line.push_str("payload");
        }
        page.paint(out, Role::Dim, &line);
        out.push('\n');
    }
}

/// A row that is being written.
pub(super) struct Row<'a> {
    page: Page,
    columns: Columns,
    out: &'a mut String,
    /// Columns of the line that are written.
    at: usize,
}

impl<'a> Row<'a> {
    /// Begins a row: connection, frame, time.
    #[inline]
    pub(super) fn begin(
        page: Page,
        columns: Columns,
        out: &'a mut String,
        connection: u32,
        frame: Option<u64>,
        when: Option<When>,
    ) -> Self {
        let mut row = Self { page, columns, out, at: 0 };
        if let (true, Some(When::At(zone, time))) = (columns.date_before, when) {
            row.date(zone, time);
            row.new_line();
        }
        row.painted_number(Role::of_connection(connection), u64::from(connection), columns.conn);
        if let Some(frame) = frame {
            row.number(frame, columns.frame);
        }
        match when {
            Some(When::Since(nanoseconds)) => row.seconds(nanoseconds),
            Some(When::At(zone, time)) if !columns.date_before => {
                row.right_edge(date_time_width(zone), columns.time);
                row.date(zone, time);
            }
            _ => {}
        }
        row
    }

    /// Goes on with a line that was written before as far as `at`.
    pub(super) fn go_on(page: Page, columns: Columns, out: &'a mut String, at: usize) -> Self {
        Self { page, columns, out, at }
    }

    /// The arrow from the sender to the other end.
    #[inline]
    pub(super) fn direction(&mut self, sender: Sender) {
        self.pad(self.columns.dir);
        let (mark, role) = match sender {
            Sender::Client => (Mark::Right, Role::Client),
            Sender::Server => (Mark::Left, Role::Server),
        };
        self.page.paint(self.out, role, self.page.mark(mark));
        self.at += 1;
    }

    /// What it is: ASCII words of our own; in a new line where large numbers before it took its room.
    #[inline]
    pub(super) fn kind(&mut self, role: Role, words: &[&str]) {
        let width: usize = words.iter().map(|word| word.len()).sum();
        if self.at > self.columns.kind && self.at + 1 + width >= self.page.width {
            self.new_line();
        }
        self.pad(self.columns.kind);
        self.out.push_str(self.page.palette.start(role));
        for word in words {
            self.out.push_str(word);
            self.at += word.len();
        }
        self.out.push_str(self.page.palette.end(role));
    }

    /// What it is, in a peer's words: made safe, and cut where the payload begins.
    pub(super) fn kind_of_peer(&mut self, bytes: &[u8]) {
        self.pad(self.columns.kind);
        let room = self.columns.bytes.saturating_sub(self.columns.kind);
        let safe = self.page.safe(bytes);
        self.out.push_str(self.page.palette.start(Role::Structure));
        self.at += push_cut(&self.page, self.out, &safe, room);
        self.out.push_str(self.page.palette.end(Role::Structure));
    }

    /// How many bytes; of more that were promised where `of` tells.
    #[inline]
    pub(super) fn bytes(&mut self, bytes: u64, of: Option<u64>) {
        let Some(of) = of else { return self.number(bytes, self.columns.bytes) };
        let (bytes, of) = (Digits::of(bytes), Digits::of(of));
        let (bytes, of) = (bytes.as_str(), of.as_str());
        self.right_edge(bytes.len() + 1 + of.len(), self.columns.bytes);
        for part in [bytes, "/", of] {
            self.out.push_str(part);
        }
    }

    /// How many bytes, compressed and inflated: `8→20`.
    pub(super) fn inflated(&mut self, compressed: u64, plain: u64) {
        let (compressed, plain) = (Digits::of(compressed), Digits::of(plain));
        let (compressed, plain) = (compressed.as_str(), plain.as_str());
        self.right_edge(compressed.len() + 1 + plain.len(), self.columns.bytes);
        let arrow = self.page.mark(Mark::Right);
        for part in [compressed, arrow, plain] {
            self.out.push_str(part);
        }
    }

    /// Goes to where the payload stands, and says how much room it has.
    #[inline]
    pub(super) fn payload(&mut self) -> usize {
        if self.columns.own_line && self.at > self.columns.payload {
            self.new_line();
        }
        if self.at < self.columns.payload {
            self.pad(self.columns.payload);
        } else {
            self.space(2);
        }
        self.room()
    }

    /// The columns that are left; the last one of the page stays free.
    #[inline]
    pub(super) const fn room(&self) -> usize {
        (self.page.width - 1).saturating_sub(self.at)
    }

    /// Appends what `write` writes into the room that is left; it says how many columns that took.
    #[inline]
    pub(super) fn write(&mut self, role: Role, write: impl FnOnce(&Page, &mut String, usize) -> usize) {
        let room = self.room();
        self.out.push_str(self.page.palette.start(role));
        self.at += write(&self.page, self.out, room);
        self.out.push_str(self.page.palette.end(role));
    }

    /// Appends words of our own, cut where they have no room.
    pub(super) fn say(&mut self, role: Role, words: &str) {
        let words = self.page.glyphs.say(words);
        self.write(role, |page, out, room| push_cut(page, out, &words, room));
    }

    /// Appends spaces.
    #[inline]
    pub(super) fn space(&mut self, columns: usize) {
        indent(self.out, columns);
        self.at += columns;
    }

    /// The rules that are broken, each by its id; what has no room goes to the next line.
    pub(super) fn findings<'f>(&mut self, findings: impl Iterator<Item = &'f Finding>) {
        for finding in findings {
            let mark = if finding.rule.level == Level::Note { Mark::Dot } else { Mark::Bad };
            let id = finding.rule.id;
            self.make_room(id.len() + 2);
            let role = if finding.rule.level == Level::Note { Role::Hint } else { Role::Finding };
            self.say(role, self.page.mark(mark));
            self.space(1);
            self.say(role, id);
            self.space(2);
        }
    }

    /// Goes to a new line where a text of `width` columns has no room: below the payload, or as far left as it needs.
    pub(super) fn make_room(&mut self, width: usize) {
        if self.room() < width {
            self.new_line();
            self.pad(self.columns.payload.min((self.page.width - 1).saturating_sub(width)));
        }
    }

    /// How far the row has come, for one that goes on later.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Ends the row.
    #[inline]
    pub(super) fn end(self) {
        end_line(self.out);
    }

    /// Ends the line; the row goes on in the next.
    pub(super) fn new_line(&mut self) {
        end_line(self.out);
        self.at = 0;
    }

    #[inline]
    fn number(&mut self, number: u64, end: usize) {
        self.painted_number(Role::Plain, number, end);
    }

    #[inline]
    fn painted_number(&mut self, role: Role, number: u64, end: usize) {
        self.right_edge(width(number), end);
        self.out.push_str(self.page.palette.start(role));
        push_number(self.out, number);
        self.out.push_str(self.page.palette.end(role));
    }

    /// A date and a time of day.
    fn date(&mut self, zone: Zone, time: Time) {
        self.out.push_str(self.page.palette.start(Role::Dim));
        push_date_time(self.out, zone, time);
        self.out.push_str(self.page.palette.end(Role::Dim));
    }

    /// Seconds in at most six characters: the larger, the fewer decimals.
    #[inline]
    fn seconds(&mut self, nanoseconds: u64) {
        let seconds = nanoseconds / 1_000_000_000;
        let decimals = match seconds {
            0..100 => 3,
            100..1000 => 2,
            1000..10_000 => 1,
            _ => 0,
        };
        let whole = Digits::of(seconds);
        let whole = whole.as_str();
        let width = whole.len() + if decimals > 0 { 1 + decimals } else { 0 };
        self.right_edge(width, self.columns.time);
        self.out.push_str(self.page.palette.start(Role::Dim));
        self.out.push_str(whole);
        if decimals > 0 {
            self.out.push('.');
            let behind = three_digits(nanoseconds % 1_000_000_000 / 1_000_000);
            self.out.push_str(behind.get(..decimals).unwrap_or_default());
        }
        self.out.push_str(self.page.palette.end(Role::Dim));
    }

    /// Spaces, so that a text of `width` columns ends at `end`; one space where it has no room, and a new line where the
    /// page has none.
    #[inline]
    fn right_edge(&mut self, width: usize, end: usize) {
        if self.at + 1 + width > self.page.width {
            self.new_line();
        }
        let spaces = end.saturating_sub(self.at + width).max(usize::from(self.at > 0));
        self.space(spaces);
        self.at += width;
    }

    #[inline]
    fn pad(&mut self, column: usize) {
        let spaces = column.saturating_sub(self.at).max(usize::from(self.at > 0));
        self.space(spaces);
    }
}

/// Ends a line, without the spaces at its end.
fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

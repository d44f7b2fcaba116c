//! The files into which what passes is recorded, each by the ending of its name.

mod file;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use self::file::Record;
use crate::record::hold::Hold;
use crate::record::redact::redact;
use crate::session::event::{Event, Kind, Request, Response};
use crate::session::segment::Segment;
use crate::wire::head::Head;

/// Ticks between two times that records are written out: well below a second.
const TICKS: u32 = 2;

/// How long the making of HARs may take at the end: with all else, less than what Ctrl-C allows.
const MAKING: Duration = Duration::from_millis(1300);

/// What is recorded, and where.
#[derive(Default)]
pub struct Records {
    records: Vec<Record>,
    /// Masks secrets, where they are not to be recorded.
    hold: Option<Hold>,
    ticks: u32,
}

impl Records {
    /// Makes the files. `words` are written into those that can hold them; with `redacted` secrets are masked.
    ///
    /// # Errors
    /// A sentence about a name whose ending is not known, or a file that cannot be made.
    pub fn create(paths: &[PathBuf], words: &[String], redacted: bool) -> Result<Self, String> {
        let places: Vec<_> = paths.iter().map(|path| place(path)).collect();
        let is_twice = |(i, place): &(usize, &PathBuf)| places.iter().take(*i).any(|other| other == *place);
        let twice = places.iter().enumerate().find(is_twice).and_then(|(i, _)| paths.get(i));
        if let Some(path) = twice {
            return Err(format!("{} is named twice: each record needs a file of its own", path.display()));
        }
        let records = paths.iter().map(|path| Record::create(path, words)).collect::<Result<_, _>>()?;
        Ok(Self { records, hold: redacted.then(Hold::default), ticks: 0 })
    }

    /// A connection begins.
    pub fn opened(&mut self, connection: u32, client: SocketAddr, server: Option<SocketAddr>) {
        self.records.iter_mut().for_each(|record| record.opened(connection, client, server));
    }

    /// Bytes passed, or a stream ended.
    #[inline]
    pub fn segment(&mut self, segment: &Segment<'_>) {
        let Self { records, hold, .. } = self;
        match hold {
            None => records.iter_mut().for_each(|record| record.segment(segment)),
            Some(hold) => hold.segment(segment, |segment| {
                records.iter_mut().for_each(|record| record.segment(segment));
            }),
        }
    }

    /// What the bytes mean.
    #[inline]
    pub fn event(&mut self, event: &Event<'_>) {
        if self.records.is_empty() {
            return;
        }
        let Self { records, hold, .. } = self;
        let Some(hold) = hold else {
            records.iter_mut().for_each(|record| record.event(event));
            return;
        };
        hold.event(event, |segment| records.iter_mut().for_each(|record| record.segment(segment)));
        with_redacted(event, |event| records.iter_mut().for_each(|record| record.event(event)));
    }

    /// Words beside the bytes.
    pub fn words(&mut self, words: &str) {
        self.records.iter_mut().for_each(|record| record.words(words));
    }

    /// Time passes: what is there is written out. Gives what went wrong since the last time.
    pub fn tick(&mut self) -> Vec<String> {
        self.ticks += 1;
        if self.ticks >= TICKS {
            self.ticks = 0;
            self.records.iter_mut().for_each(Record::flush);
        }
        self.records.iter_mut().filter_map(Record::trouble).collect()
    }

    /// Writes all that is left. Gives what went wrong, and whether every record is whole.
    pub fn close(&mut self) -> (Vec<String>, bool) {
        let limit = Instant::now() + MAKING;
        let mut troubles = Vec::new();
        // What passed comes first: making a HAR of it may take long.
        let closed: Vec<_> = self.records.iter_mut().map(|record| record.close(&mut troubles)).collect();
        let made =
            self.records.iter().zip(closed).map(|(record, whole)| record.make(whole, limit, &mut troubles));
        let whole = made.fold(true, |all, one| all & one);
        (troubles, whole)
    }
}

/// The same place for every way to write a path, as far as its directory is there.
fn place(path: &Path) -> PathBuf {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new(".")).canonicalize();
    match (directory, path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}

/// Gives the event with the secrets of its heads masked.
fn with_redacted(event: &Event<'_>, give: impl FnOnce(&Event<'_>)) {
    let masked = |head: &Head| Head::decode(redact(head));
    match event.kind {
        Kind::Request(request) => {
            let head = &masked(request.head);
            give(&Event { kind: Kind::Request(Request { head, ..request }), ..*event });
        }
        Kind::Response(response) => {
            let (head, request) = (&masked(response.head), response.request.map(masked));
            let response = Response { head, request: request.as_ref(), ..response };
            give(&Event { kind: Kind::Response(response), ..*event });
        }
        _ => give(event),
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("files", &self.records.len()).finish_non_exhaustive()
    }
}

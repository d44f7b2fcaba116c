//! The files into which what passes is recorded, each by the ending of its name.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::record::disk::Disk;
use crate::record::hold::Hold;
use crate::record::pcapng::Pcapng;
use crate::record::redact::redact;
use crate::record::transcript::Transcript;
use crate::render::collect::Collector;
use crate::render::json::JsonLines;
use crate::session::event::{Event, Kind, Request, Response};
use crate::session::segment::Segment;
use crate::wire::head::Head;

/// The most bytes of each payload in a record of JSON Lines.
const MOST_IN_JSON: usize = 1024 * 1024;

/// Ticks between two times that records are written out: well below a second.
const TICKS: u32 = 2;

/// What is recorded, and where.
#[derive(Default)]
pub struct Records {
    records: Vec<Record>,
    /// Masks secrets, where they are not to be recorded.
    hold: Option<Hold>,
    ticks: u32,
}

/// One file.
struct Record {
    disk: Shared,
    form: Form,
}

/// How it is written.
enum Form {
    Transcript(Transcript),
    Pcapng(Pcapng),
    Lines(Box<(Collector, JsonLines<Shared>)>),
}

/// A file that a view writes to, and that is still asked whether it is whole.
#[derive(Clone)]
struct Shared(Arc<Mutex<Disk>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Disk::flush(&mut self.lock());
        Ok(())
    }
}

impl Records {
    /// Makes the files. `words` are written into those that can hold them; with `redacted` secrets are masked.
    ///
    /// # Errors
    /// A sentence about a name whose ending is not known, or a file that cannot be made.
    pub fn create(paths: &[PathBuf], words: &[String], redacted: bool) -> Result<Self, String> {
        let records = paths.iter().map(|path| Record::create(path, words)).collect::<Result<_, _>>()?;
        Ok(Self { records, hold: redacted.then(Hold::default), ticks: 0 })
    }

    /// A connection begins.
    pub fn opened(&mut self, connection: u32, client: SocketAddr, server: Option<SocketAddr>) {
        for record in &mut self.records {
            if let Form::Pcapng(pcapng) = &mut record.form {
                pcapng.opened(connection, client, server);
            }
        }
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
        self.records.iter_mut().filter_map(|record| record.disk.lock().trouble()).collect()
    }

    /// Writes all that is left. Gives what went wrong, and whether every record is whole.
    pub fn close(&mut self) -> (Vec<String>, bool) {
        let mut whole = true;
        let mut troubles = Vec::new();
        for record in &mut self.records {
            record.finish();
            let mut disk = record.disk.lock();
            whole &= disk.close();
            troubles.extend(disk.trouble());
        }
        (troubles, whole)
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

impl Record {
    fn create(path: &Path, words: &[String]) -> Result<Self, String> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let ending = ending.as_deref().and_then(|ending| ending.to_str());
        if !matches!(ending, Some("txt" | "jsonl" | "pcapng")) {
            return Err(format!(
                "{} cannot be recorded: its name must end in .pcapng (a capture), .txt (a transcript) or .jsonl (JSON \
                 Lines)",
                path.display()
            ));
        }
        let disk =
            Disk::create(path).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        let disk = Shared(Arc::new(Mutex::new(disk)));
        let form = match ending {
            Some("txt") => Form::Transcript(Transcript::begin(disk.lock().piece(), words)),
            Some("pcapng") => Form::Pcapng(Pcapng::begin(disk.lock().piece(), words)),
            _ => {
                let lines = JsonLines::new(disk.clone(), MOST_IN_JSON);
                Form::Lines(Box::new((Collector::new(MOST_IN_JSON, false), lines)))
            }
        };
        Ok(Self { disk, form })
    }

    #[inline]
    fn segment(&mut self, segment: &Segment<'_>) {
        let mut disk = self.disk.lock();
        match &mut self.form {
            Form::Transcript(transcript) => transcript.segment(disk.piece(), segment),
            Form::Pcapng(pcapng) => pcapng.segment(disk.piece(), segment),
            Form::Lines(_) => return,
        }
        disk.settle();
    }

    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        if let Form::Lines(lines) = &mut self.form {
            let (collector, lines) = &mut **lines;
            // A disk does not fail here: it tells later, when it is asked.
            collector.event(event, &mut |shown| _ = lines.show(&shown));
        }
    }

    fn words(&mut self, words: &str) {
        match &mut self.form {
            Form::Transcript(transcript) => transcript.comment(self.disk.lock().piece(), words),
            Form::Pcapng(pcapng) => pcapng.comment(words),
            Form::Lines(_) => {}
        }
    }

    /// Writes what stands at the end.
    fn finish(&mut self) {
        if let Form::Pcapng(pcapng) = &mut self.form {
            pcapng.finish(self.disk.lock().piece());
        }
        self.flush();
    }

    fn flush(&mut self) {
        if let Form::Lines(lines) = &mut self.form {
            _ = lines.1.flush();
        }
        Disk::flush(&mut self.disk.lock());
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("files", &self.records.len()).finish_non_exhaustive()
    }
}

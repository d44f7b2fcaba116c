//! One file of a record: how it is written, by the ending of its name.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::cli::har::{self, finish, spool_of};
use crate::record::disk::Disk;
use crate::record::har::Spool;
use crate::record::pcapng::Pcapng;
use crate::record::transcript::Transcript;
use crate::render::collect::{Collector, Shown};
use crate::render::json::JsonLines;
use crate::session::event::Event;
use crate::session::segment::Segment;

/// The most bytes of each payload in a record of JSON Lines.
const MOST_IN_JSON: usize = 1024 * 1024;

/// The most bytes of each message in a HAR: what a message is inflated to at most.
const MOST_IN_HAR: usize = 64 * 1024 * 1024;

/// One file.
pub(super) struct Record {
    disk: Shared,
    form: Form,
}

/// How it is written.
enum Form {
    Transcript(Transcript),
    Pcapng(Pcapng),
    Lines(Box<(Collector, JsonLines<Shared>)>),
    Har(Box<Har>),
}

/// A HAR: its spool, and what becomes of it at the end.
struct Har {
    path: PathBuf,
    collector: Collector,
    spool: Spool,
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

impl Record {
    /// Makes the file; `words` are written into it where it can hold them.
    ///
    /// # Errors
    /// A sentence about a name whose ending is not known, or a file that cannot be made.
    pub(super) fn create(path: &Path, words: &[String]) -> Result<Self, String> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let begin: fn(&Shared, &Path, &[String]) -> Form = match ending.as_deref().and_then(|e| e.to_str()) {
            Some("txt") => |disk, _, words| Form::Transcript(Transcript::begin(disk.lock().piece(), words)),
            Some("pcapng") => |disk, _, words| Form::Pcapng(Pcapng::begin(disk.lock().piece(), words)),
            Some("jsonl") => |disk, _, _| {
                let lines = JsonLines::new(disk.clone(), MOST_IN_JSON);
                Form::Lines(Box::new((Collector::new(MOST_IN_JSON, 0), lines)))
            },
            Some("har") => |disk, path, words| {
                let (path, collector) = (path.to_owned(), Collector::new(MOST_IN_HAR, 0));
                Form::Har(Box::new(Har { path, collector, spool: Spool::begin(disk.lock().piece(), words) }))
            },
            _ => {
                return Err(format!(
                    "{} cannot be recorded: its name must end in .pcapng (a capture), .txt (a transcript), .jsonl (JSON \
                     Lines) or .har (an HTTP Archive)",
                    path.display()
                ));
            }
        };
        let file =
            if ending.is_some_and(|ending| ending == "har") { new_spool(path)? } else { path.to_owned() };
        let disk =
            Disk::create(&file).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
        let disk = Shared(Arc::new(Mutex::new(disk)));
        let form = begin(&disk, path, words);
        Ok(Self { disk, form })
    }

    pub(super) fn opened(&mut self, connection: u32, client: SocketAddr, server: Option<SocketAddr>) {
        if let Form::Pcapng(pcapng) = &mut self.form {
            pcapng.opened(connection, client, server);
        }
    }

    #[inline]
    pub(super) fn segment(&mut self, segment: &Segment<'_>) {
        if matches!(self.form, Form::Lines(_) | Form::Har(_)) {
            return;
        }
        let mut disk = self.disk.lock();
        match &mut self.form {
            Form::Transcript(transcript) => transcript.segment(disk.piece(), segment),
            Form::Pcapng(pcapng) => pcapng.segment(disk.piece(), segment),
            Form::Lines(_) | Form::Har(_) => {}
        }
        disk.settle();
    }

    #[inline]
    pub(super) fn event(&mut self, event: &Event<'_>) {
        match &mut self.form {
            Form::Transcript(_) | Form::Pcapng(_) => {}
            Form::Lines(lines) => {
                let (collector, lines) = &mut **lines;
                // A disk does not fail here: it tells later, when it is asked.
                collector.event(event, &mut |shown| _ = lines.show(&shown));
            }
            Form::Har(har) => har.event(&mut self.disk.lock(), event),
        }
    }

    pub(super) fn words(&mut self, words: &str) {
        match &mut self.form {
            Form::Transcript(transcript) => transcript.comment(self.disk.lock().piece(), words),
            Form::Pcapng(pcapng) => pcapng.comment(words),
            Form::Har(har) => har.spool.comment(self.disk.lock().piece(), words),
            Form::Lines(_) => {}
        }
    }

    pub(super) fn flush(&mut self) {
        if let Form::Lines(lines) = &mut self.form {
            _ = lines.1.flush();
        }
        Disk::flush(&mut self.disk.lock());
    }

    /// Why it is not whole, and what can be done; only the first time that it is asked for.
    pub(super) fn trouble(&mut self) -> Option<String> {
        let why = self.disk.lock().trouble()?;
        Some(match &self.form {
            Form::Har(har) => {
                format!("{why}; `wslens har {}` makes a HAR of it", spool_of(&har.path).display())
            }
            Form::Transcript(_) | Form::Pcapng(_) | Form::Lines(_) => why,
        })
    }

    /// Writes the rest, and says whether all of it is there. A HAR is still to be made then.
    pub(super) fn close(&mut self, troubles: &mut Vec<String>) -> bool {
        match &mut self.form {
            Form::Pcapng(pcapng) => pcapng.finish(self.disk.lock().piece()),
            Form::Har(har) => har.spool.finish(self.disk.lock().piece()),
            Form::Transcript(_) | Form::Lines(_) => {}
        }
        self.flush();
        let whole = self.disk.lock().close();
        troubles.extend(self.trouble());
        whole
    }

    /// Makes a HAR of its spool by `limit`, and says whether the record is whole, as its file is or is not.
    pub(super) fn make(&self, whole: bool, limit: Instant, troubles: &mut Vec<String>) -> bool {
        match &self.form {
            Form::Har(har) if whole => har.make(limit, troubles),
            _ => whole,
        }
    }
}

impl Har {
    fn event(&mut self, disk: &mut Disk, event: &Event<'_>) {
        let Self { collector, spool, .. } = self;
        collector.event(event, &mut |shown| match shown {
            Shown::Message(whole) => {
                spool.message(disk.piece(), whole.event, whole.message, whole.plain, whole.omitted);
            }
            Shown::Event(event) => spool.event(disk.piece(), event),
            Shown::Frame(_) => {}
        });
        disk.settle();
    }

    /// Makes the HAR of the spool, and says whether it is there and whole.
    fn make(&self, limit: Instant, troubles: &mut Vec<String>) -> bool {
        let spool = spool_of(&self.path);
        let made = finish(&spool, &self.path, Some(limit)).and_then(|_| {
            fs::remove_file(&spool).map_err(|error| har::Trouble::new(&spool, "removed", &error))
        });
        let spool = spool.display();
        let retry = |trouble: &har::Trouble| {
            format!("{trouble}; `wslens har {spool}` makes it, --out FILE elsewhere")
        };
        troubles.extend(made.as_ref().err().map(retry));
        made.is_ok()
    }
}

/// Where the spool of a HAR is to be; not where one is that nobody finished.
fn new_spool(har: &Path) -> Result<PathBuf, String> {
    let spool = spool_of(har);
    match fs::metadata(&spool) {
        Ok(meta) if meta.is_file() && meta.len() > 0 => {
            let spool = spool.display();
            Err(format!(
                "{spool} holds a record that was cut off: `wslens har {spool}` finishes it, or remove it"
            ))
        }
        _ => Ok(spool),
    }
}

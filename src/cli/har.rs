//! `wslens har`: finishes a HAR whose recording was cut off.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::exit::{Exit, Failure};
use super::progress::say;
use crate::record::har::finish::{Finished, Unfinished, finish as finish_spool};

/// What the name of a spool has behind that of its HAR.
const ENDING: &str = ".spool";

/// The arguments of `wslens har`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The spool: FILE.har.spool, which `wslens proxy --record FILE.har` leaves where it is killed or the disk is full.
    #[arg(value_name = "SPOOL")]
    spool: PathBuf,
    /// Where to write the HAR; - is stdout. Without it, beside the spool.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Args {
    /// Writes the HAR. The spool stays.
    ///
    /// # Errors
    /// Where the spool cannot be read, or the HAR cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<Exit, Failure> {
        let name = self.spool.to_string_lossy();
        let stdout = self.out.as_deref() == Some(Path::new("-"));
        let (told, place) = if stdout {
            let spool = open(&self.spool).map_err(|trouble| trouble.to_string())?;
            let told = finish_spool(spool, out).map_err(|error| format!("{name}: {error}"))?;
            (told, "stdout".to_owned())
        } else {
            let path = self.out.clone().or_else(|| har_of(&self.spool)).ok_or_else(|| {
                format!("the name {name} does not end in {ENDING}: say with --out where the HAR is to be")
            })?;
            (
                finish(&self.spool, &path, None).map_err(|trouble| trouble.to_string())?,
                path.display().to_string(),
            )
        };
        let Finished { entries, whole } = told;
        let cut = if whole { "" } else { "; the recording was cut off, so what came last may be missing" };
        say(&format!("{place}: {entries} {}{cut}", if entries == 1 { "entry" } else { "entries" }));
        Ok(Exit::Done)
    }
}

/// What went wrong with a file.
#[derive(Debug)]
pub struct Trouble(String);

impl Trouble {
    /// `a.har cannot be written: …`
    #[must_use]
    pub fn new(path: &Path, done: &str, error: &dyn fmt::Display) -> Self {
        Self(format!("{} cannot be {done}: {error}", path.display()))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The spool of a HAR.
#[must_use]
pub fn spool_of(har: &Path) -> PathBuf {
    with_ending(har, ENDING)
}

fn har_of(spool: &Path) -> Option<PathBuf> {
    Some(PathBuf::from(spool.to_str()?.strip_suffix(ENDING)?))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn open(spool: &Path) -> Result<File, Trouble> {
    File::open(spool).map_err(|error| Trouble::new(spool, "read", &error))
}

/// A file that takes part in nothing any more once a moment has come.
#[derive(Debug)]
struct Until(File, Option<Instant>);

impl Until {
    fn in_time(&mut self) -> io::Result<&mut File> {
        match self.1 {
            Some(limit) if Instant::now() >= limit => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(&mut self.0),
        }
    }
}

impl Read for Until {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time()?.read(buffer)
    }
}

impl Seek for Until {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Write for Until {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.in_time()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Makes the HAR of a spool, if it can be made by `limit`. Until it is whole it has another name, so that nothing else is
/// ever taken for it.
///
/// # Errors
/// Where the spool cannot be read, the HAR cannot be written, or it takes too long.
pub fn finish(spool: &Path, har: &Path, limit: Option<Instant>) -> Result<Finished, Trouble> {
    let file = open(spool)?;
    let part = with_ending(har, ".part");
    let unwritten = |error: &io::Error| Trouble::new(har, "written", error);
    // What is made here holds passwords and cookies: only its owner may read it.
    _ = fs::remove_file(&part);
    let to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
    let to = to.map_err(|error| unwritten(&error))?;
    let made = finish_spool(Until(file, limit), BufWriter::with_capacity(256 * 1024, Until(to, limit)));
    let made = made.map_err(|error| match error {
        Unfinished::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            Trouble::new(har, "made in time", &"so much passed that it takes longer than the end may")
        }
        Unfinished::Io(error) => unwritten(&error),
        error => Trouble::new(spool, "finished", &error),
    });
    match made.and_then(|told| fs::rename(&part, har).map(|()| told).map_err(|error| unwritten(&error))) {
        Ok(told) => Ok(told),
        Err(trouble) => {
            _ = fs::remove_file(&part);
            Err(trouble)
        }
    }
}

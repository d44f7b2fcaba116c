//! A file that is still being written: it is read on as it grows.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::proxy::signals;

/// How long it rests before it looks again whether more came.
const REST: Duration = Duration::from_millis(100);

/// Tells that whoever follows shall stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Follows no further than the file has come.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody said so.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Stops at Ctrl-C.
    ///
    /// # Errors
    /// Where the system gives no signals.
    pub fn at_ctrl_c(&self) -> io::Result<()> {
        let stop = self.clone();
        signals::watch_for(move || stop.stop())
    }
}

/// Reads on where its file ends, until it is stopped.
#[derive(Debug)]
pub struct Follow {
    file: File,
    /// The name under which it was opened.
    path: PathBuf,
    /// Bytes that were read.
    len: u64,
    stop: Stop,
}

impl Follow {
    /// Follows a file from its beginning until `stop`.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(path: &Path, stop: Stop) -> io::Result<Self> {
        Ok(Self { file: File::open(path)?, path: path.to_owned(), len: 0, stop })
    }

    /// Whether more may still come: not where somebody writes the file anew, or another one under its name.
    fn goes_on(&self) -> io::Result<()> {
        let mine = self.file.metadata()?;
        if mine.is_file() && mine.len() < self.len {
            return Err(io::Error::other(
                "it is shorter now than what was read of it: somebody writes it anew; follow it once more",
            ));
        }
        match self.path.metadata() {
            Ok(named) if (named.dev(), named.ino()) != (mine.dev(), mine.ino()) => Err(io::Error::other(
                "another file has its name now; the one that was followed was read to its end",
            )),
            // A file without a name may be written still.
            _ => Ok(()),
        }
    }
}

impl Read for Follow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            // What was written before it was stopped is read too.
            let stopped = self.stop.is_told();
            match self.file.read(into)? {
                0 if !stopped && !into.is_empty() => self.goes_on()?,
                len => {
                    self.len += len as u64;
                    return Ok(len);
                }
            }
            thread::sleep(REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    #[test]
    fn a_file_is_read_on_as_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("growing");
        let mut writing = File::create(&path).unwrap();
        let stop = Stop::default();
        let mut follow = Follow::open(&path, stop.clone()).unwrap();
        let all: Vec<u8> = (0..2000u32).map(|i| i as u8).collect();
        let want = all.clone();
        let writer = thread::spawn(move || {
            for piece in all.chunks(97) {
                writing.write_all(piece).unwrap();
                thread::yield_now();
            }
            stop.stop();
        });
        let mut got = Vec::new();
        follow.read_to_end(&mut got).unwrap();
        writer.join().unwrap();
        assert_eq!(got, want);
        assert_eq!(follow.read(&mut []).unwrap(), 0);
    }
    #[test]
    fn a_file_that_is_written_anew_is_not_read_from_its_middle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("written");
        let error_of = |change: &dyn Fn()| {
            fs::write(&path, "something").unwrap();
            let mut follow = Follow::open(&path, Stop::default()).unwrap();
            follow.read_exact(&mut [0; 9]).unwrap();
            change();
            follow.read(&mut [0; 9]).unwrap_err().to_string()
        };
        let cut = error_of(&|| File::create(&path).unwrap().write_all(b"some").unwrap());
        assert!(cut.contains("shorter now than what was read"), "{cut}");
        let replaced = error_of(&|| {
            fs::rename(&path, folder.path().join("written.1")).unwrap();
            fs::write(&path, "another").unwrap();
        });
        assert!(replaced.contains("another file has its name now"), "{replaced}");
    }
}

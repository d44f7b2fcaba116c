//! A bar on stderr while large files are read: on a terminal only, after half a second, and never amid other words.
//!
//! There is one terminal, so there is one bar: whatever else is written takes it away first. What another program makes of
//! our output cannot be seen from here, and mostly comes to the same terminal: where stdout is a pipe there is no bar.

use std::fs::File;
use std::io::{self, IoSlice, IsTerminal, Read, Write, stderr, stdout};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::clock::span;

/// How long reading takes before a bar is worth it.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the bar looks like; without colours and in ASCII, as any terminal shows it.
const LOOK: &str = "{percent:>3} % [{bar:30}] {bytes} of {total_bytes}, {msg} left";

/// The bar of this program.
static BAR: Mutex<Bar> = Mutex::new(Bar::Hidden);

/// The bar on the terminal.
enum Bar {
    /// It may come yet.
    Hidden,
    Shown(ProgressBar),
    /// The output stands on the same terminal now: there is no place for it any more.
    Gone,
}

fn bar() -> MutexGuard<'static, Bar> {
    BAR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts how much was read of inputs whose sizes are known.
#[derive(Debug)]
pub struct Progress {
    begun: Instant,
    all: u64,
    read: AtomicU64,
    wanted: bool,
}

impl Progress {
    /// Begins with so many bytes to read; none where that is not known.
    #[must_use]
    pub fn of(all: Option<u64>) -> Self {
        let wanted = all.is_some() && stderr().is_terminal() && !stdout_is_piped();
        Self { begun: Instant::now(), all: all.unwrap_or(0), read: AtomicU64::new(0), wanted }
    }

    /// So many bytes more were read.
    fn add(&self, bytes: usize) {
        if !self.wanted {
            return;
        }
        let read = self.read.fetch_add(bytes as u64, Ordering::Relaxed).saturating_add(bytes as u64);
        let elapsed = self.begun.elapsed();
        if elapsed < PATIENCE {
            return;
        }
        let mut bar = bar();
        if matches!(*bar, Bar::Hidden) {
            *bar = Bar::Shown(drawn(self.all).with_message(left(elapsed, read, self.all)));
        }
        if let Bar::Shown(shown) = &*bar {
            shown.set_position(read);
            shown.set_message(left(elapsed, read, self.all));
        }
    }
}

/// How long it goes on, if it goes on as it went until now.
fn left(elapsed: Duration, read: u64, all: u64) -> String {
    let left = elapsed.as_nanos() * u128::from(all.saturating_sub(read)) / u128::from(read.max(1));
    span(u64::try_from(left).unwrap_or(u64::MAX))
}

/// Stdout without a buffer of its own, which would look for the ends of lines.
fn bare_stdout() -> io::Result<File> {
    stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Whether another program reads stdout.
fn stdout_is_piped() -> bool {
    let kind = bare_stdout().and_then(|out| out.metadata()).map(|data| data.file_type());
    kind.map_or(true, |kind| kind.is_fifo() || kind.is_socket())
}

fn drawn(all: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(LOOK) {
        Ok(style) => bar.with_style(style.progress_chars("#- ")),
        Err(_) => bar,
    }
}

impl Drop for Progress {
    /// All was read, or what was to be: the bar leaves nothing behind.
    fn drop(&mut self) {
        let mut bar = bar();
        if let Bar::Shown(shown) = &*bar {
            shown.finish_and_clear();
            *bar = Bar::Hidden;
        }
    }
}

/// Writes a line to stderr, above the bar where there is one.
pub fn say(line: &str) {
    // Where stderr cannot be written there is nobody left to tell.
    let write = || _ = writeln!(stderr(), "{line}");
    match &*bar() {
        Bar::Shown(shown) => shown.suspend(write),
        Bar::Hidden | Bar::Gone => write(),
    }
}

/// Counts what is read through it.
#[derive(Debug)]
pub struct Counted<'a, R> {
    reader: R,
    progress: &'a Progress,
}

impl<'a, R: Read> Counted<'a, R> {
    /// What `reader` reads counts for `progress`.
    pub const fn new(reader: R, progress: &'a Progress) -> Self {
        Self { reader, progress }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(into)?;
        self.progress.add(len);
        Ok(len)
    }
}

/// Stdout, unbuffered. Where it is a terminal, the first words on it take the bar away for good.
#[derive(Debug)]
pub struct Output {
    out: File,
    on_terminal: bool,
}

impl Output {
    /// Writes to stdout.
    ///
    /// # Errors
    /// Where the system has no descriptor left for it.
    pub fn stdout() -> io::Result<Self> {
        let out = bare_stdout()?;
        Ok(Self { on_terminal: out.is_terminal(), out })
    }

    /// Words come: the bar goes.
    fn make_room(&mut self) {
        if std::mem::take(&mut self.on_terminal)
            && let Bar::Shown(shown) = std::mem::replace(&mut *bar(), Bar::Gone)
        {
            shown.finish_and_clear();
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make_room();
        self.out.write(bytes)
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.make_room();
        self.out.write_vectored(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_goes_on() {
        let second = Duration::from_secs(1);
        assert_eq!(left(second, 25, 100), "3.000 s");
        assert_eq!(left(second, 100, 100), "under 0.1 ms");
        assert_eq!(left(second, 0, u64::MAX), span(u64::MAX));
        assert_eq!(left(second, 5, 3), "under 0.1 ms", "the file grew");
    }

    #[test]
    fn what_is_read_passes_as_it_is() {
        let progress = Progress::of(None);
        let mut all = Vec::new();
        Counted::new(&b"bytes"[..], &progress).read_to_end(&mut all).unwrap();
        assert_eq!((all.as_slice(), progress.wanted), (&b"bytes"[..], false));
    }
}

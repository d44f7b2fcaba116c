//! Writes a record to its file on another thread.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

/// Bytes that are handed over at once.
const PIECE: usize = 256 * 1024;

/// Pieces that wait to be written; where there are more, whoever records waits.
const MOST_WAITING: usize = 32;

/// A file that is being written. Only its owner may read it: what passes holds passwords and cookies.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    piece: Vec<u8>,
    full: Option<SyncSender<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
    failed: Arc<OnceLock<String>>,
    told: bool,
    thread: Option<JoinHandle<()>>,
}

impl Disk {
    /// Makes the file, or empties it where it is there.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        if file.metadata()?.is_file() {
            file.set_permissions(PermissionsExt::from_mode(0o600))?;
        }
        let (full, pieces) = sync_channel(MOST_WAITING);
        let (give_back, empty) = channel();
        let failed = Arc::new(OnceLock::new());
        let told = Arc::clone(&failed);
        let write = move || write_all(file, &pieces, &give_back, &told);
        let thread = Some(thread::Builder::new().name("record".to_owned()).spawn(write)?);
        let (path, piece) = (path.to_owned(), Vec::with_capacity(PIECE));
        Ok(Self { path, piece, full: Some(full), empty, failed, told: false, thread })
    }

    /// Where the next bytes are put. They are handed over by [`Self::settle`].
    pub const fn piece(&mut self) -> &mut Vec<u8> {
        &mut self.piece
    }

    /// Hands over what was put, once it is enough to be worth it.
    #[inline]
    pub fn settle(&mut self) {
        if self.piece.len() >= PIECE {
            self.flush();
        }
    }

    /// Hands over what was put.
    pub fn flush(&mut self) {
        if self.piece.is_empty() {
            return;
        }
        let next = self.empty.try_recv().unwrap_or_default();
        let piece = std::mem::replace(&mut self.piece, next);
        if let Some(full) = &self.full {
            // It fails where writing has failed already, which is told elsewhere.
            _ = full.send(piece);
        }
    }

    /// Why it is not whole; only the first time that it is asked for.
    pub fn trouble(&mut self) -> Option<String> {
        let why = self.failed.get().filter(|_| !self.told)?;
        self.told = true;
        Some(format!(
            "{} cannot be written any further: {why}. It ends there; everything still passes",
            self.path.display()
        ))
    }

    /// Writes the rest, and says whether all of it is there.
    pub fn close(&mut self) -> bool {
        self.flush();
        self.full = None;
        if let Some(thread) = self.thread.take() {
            // A panic there would have been told, and leaves the record unfinished.
            return thread.join().is_ok() && self.failed.get().is_none();
        }
        self.failed.get().is_none()
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        self.settle();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Self::flush(self);
        Ok(())
    }
}

/// Writes pieces as they come, and after a failure none of them: a hole would be worse than an end.
fn write_all(
    mut file: File,
    pieces: &Receiver<Vec<u8>>,
    give_back: &Sender<Vec<u8>>,
    failed: &OnceLock<String>,
) {
    for mut piece in pieces {
        if failed.get().is_none()
            && let Err(error) = file.write_all(&piece)
        {
            _ = failed.set(error.to_string());
        }
        piece.clear();
        _ = give_back.send(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_written_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record");
        std::fs::write(&path, "older and longer").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let mut disk = Disk::create(&path).unwrap();
        let line = vec![b'x'; 1000];
        for _ in 0..20_000 {
            disk.piece().extend_from_slice(&line);
            disk.settle();
        }
        assert!(disk.close());
        assert_eq!(disk.trouble(), None);
        let meta = std::fs::metadata(&path).unwrap();
        assert_eq!((meta.len(), meta.permissions().mode() & 0o777), (20_000_000, 0o600));
    }

    #[test]
    fn a_full_disk_is_told_once_and_holds_nobody_up() {
        let full = Path::new("/dev/full");
        if !full.exists() {
            println!("skipped: no /dev/full");
            return;
        }
        let mut disk = Disk::create(full).unwrap();
        for _ in 0..100 {
            disk.piece().extend_from_slice(&[0; PIECE]);
            disk.settle();
        }
        assert!(!disk.close());
        assert!(disk.trouble().is_some_and(|why| why.contains("/dev/full") && why.contains("No space")));
        assert_eq!(disk.trouble(), None);
    }
}

//! What comes through a pipe: read on a thread of its own, so that Ctrl-C ends the reading, and what came is shown to its end.
//!
//! In `tcpdump … | wslens decode -` a terminal sends Ctrl-C to both. Then tcpdump still hands on what it has, and ends; so
//! the pipe is read until it ends too, but not for long.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::follow::Stop;

/// Bytes that are read at once: what a pipe holds.
const PIECE: usize = 64 * 1024;

/// Pieces that are read ahead.
const AHEAD: usize = 4;

/// How long it waits before it looks again whether it shall stop.
const REST: Duration = Duration::from_millis(100);

/// How long it reads on when it shall stop.
const PATIENCE: Duration = Duration::from_millis(500);

/// Stdin, where it is a pipe.
#[must_use]
pub fn piped_stdin() -> Option<File> {
    let file = File::from(stdin().as_fd().try_clone_to_owned().ok()?);
    let kind = file.metadata().ok()?.file_type();
    (kind.is_fifo() || kind.is_socket()).then_some(file)
}

/// Reads a pipe until it ends, or soon after it was told to stop.
#[derive(Debug)]
pub struct Piped {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    /// How much of the piece was handed on.
    at: usize,
    stop: Stop,
    /// When it stops at the latest.
    until: Option<Instant>,
}

impl Piped {
    /// Reads `pipe` on another thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn new(pipe: impl Read + Send + 'static, stop: Stop) -> io::Result<Self> {
        let (give, pieces) = sync_channel(AHEAD);
        thread::Builder::new().name("pipe".to_owned()).spawn(move || read_all(pipe, &give))?;
        Ok(Self { pieces, piece: Vec::new(), at: 0, stop, until: None })
    }

    /// The next piece; an empty one at the end.
    fn next(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if self.until.is_none() && self.stop.is_told() {
                self.until = Instant::now().checked_add(PATIENCE);
            }
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            match self.pieces.recv_timeout(left.map_or(REST, |left| left.min(REST))) {
                Ok(piece) => return piece,
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
                Err(RecvTimeoutError::Timeout) if left == Some(Duration::ZERO) => return Ok(Vec::new()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Hands on all that a pipe gives, until nobody wants more of it.
fn read_all(mut pipe: impl Read, give: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match pipe.read(&mut buffer) {
            Ok(0) => return,
            Ok(len) => Ok(buffer.get(..len).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = piece.is_err();
        if give.send(piece).is_err() || failed {
            return;
        }
    }
}

impl Read for Piped {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && !into.is_empty() {
            (self.piece, self.at) = (self.next()?, 0);
        }
        let mut rest = self.piece.get(self.at..).unwrap_or_default();
        let len = rest.read(into)?;
        self.at += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn all_of_a_pipe_is_read() {
        let (from, mut to) = io::pipe().unwrap();
        let all: Vec<u8> = (0..1_000_000u32).map(|i| (i % 253) as u8).collect();
        let want = all.clone();
        let writer = thread::spawn(move || all.chunks(7919).for_each(|piece| to.write_all(piece).unwrap()));
        let mut got = Vec::new();
        Piped::new(from, Stop::default()).unwrap().read_to_end(&mut got).unwrap();
        writer.join().unwrap();
        assert_eq!(got, want);
    }

    #[test]
    fn a_pipe_that_goes_on_is_left_when_told() {
        let (from, mut to) = io::pipe().unwrap();
        to.write_all(b"before").unwrap();
        let stop = Stop::default();
        let mut piped = Piped::new(from, stop.clone()).unwrap();
        let mut got = [0; 6];
        piped.read_exact(&mut got).unwrap();
        stop.stop();
        to.write_all(b"and what was under way").unwrap();
        let mut rest = Vec::new();
        piped.read_to_end(&mut rest).unwrap();
        assert_eq!((&got, &rest[..]), (b"before", &b"and what was under way"[..]));
        drop(to);
    }
}

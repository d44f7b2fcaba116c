//! A file that is still being written: it is read on as it grows.

use std::io::{self, Read};
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
pub struct Follow<R> {
    reader: R,
    stop: Stop,
}

impl<R: Read> Follow<R> {
    /// Follows what `reader` reads until `stop`.
    pub const fn new(reader: R, stop: Stop) -> Self {
        Self { reader, stop }
    }
}

impl<R: Read> Read for Follow<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            // What was written before it was stopped is read too.
            let stopped = self.stop.0.load(Ordering::Relaxed);
            match self.reader.read(into)? {
                0 if !stopped && !into.is_empty() => thread::sleep(REST),
                len => return Ok(len),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn a_file_is_read_on_as_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("growing");
        let mut writing = File::create(&path).unwrap();
        let stop = Stop::default();
        let mut follow = Follow::new(File::open(&path).unwrap(), stop.clone());
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
}

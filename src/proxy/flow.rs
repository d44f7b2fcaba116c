//! One direction of a connection: what is under way from one end to the other.

use std::io;
use std::task::{Context, Poll, ready};

use super::stream::Stream;

/// What is under way in one direction. At most what one read gave is held: until that is gone, nothing more is
/// read, so that a slow receiver is felt by the sender.
#[derive(Debug, Default)]
pub(super) struct Flow {
    held: Vec<u8>,
    /// Bytes of `held` that are gone already.
    gone: usize,
    unflushed: bool,
    stage: Stage,
    /// Whether it was told that the sender's stream is over.
    pub(super) ended: bool,
    /// Bytes that came from the sender.
    pub(super) came: u64,
    /// Bytes that were handed to the receiver.
    pub(super) passed: u64,
}

/// How far a direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Bytes come.
    #[default]
    Open,
    /// The sender has ended; the receiver does not know yet. Whether close_notify came, where there is TLS.
    Ending(bool),
    /// The receiver knows.
    Over,
}

impl Flow {
    pub(super) const fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) const fn set(&mut self, stage: Stage) {
        self.stage = stage;
    }

    /// Whether anything waits to be written.
    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty() || self.unflushed
    }

    /// The receiver takes no more: nothing is held for it.
    pub(super) fn give_up(&mut self) {
        (self.held, self.gone, self.unflushed, self.stage) = (Vec::new(), 0, false, Stage::Over);
    }

    /// Holds bytes, to be written with the next [`Self::poll_drain`].
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Writes what is held; ready once nothing is.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>, to: &mut Stream) -> Poll<io::Result<()>> {
        while let Some(rest) = self.held.get(self.gone..).filter(|rest| !rest.is_empty()) {
            let written = ready!(to.poll_write(cx, rest))?;
            self.gone += written;
            self.passed += written as u64;
            self.unflushed = true;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        if self.gone > 0 {
            // Given back, not kept: most connections are idle most of the time.
            (self.held, self.gone) = (Vec::new(), 0);
        }
        if self.unflushed {
            ready!(to.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes bytes, and holds what is not taken at once.
    pub(super) fn push(&mut self, cx: &mut Context<'_>, to: &mut Stream, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while self.held.is_empty() && !rest.is_empty() {
            match to.poll_write(cx, rest) {
                Poll::Ready(written) => {
                    let written = written?;
                    if written == 0 {
                        return Err(io::ErrorKind::WriteZero.into());
                    }
                    self.passed += written as u64;
                    self.unflushed = true;
                    rest = rest.get(written..).unwrap_or_default();
                }
                Poll::Pending => break,
            }
        }
        self.held.extend_from_slice(rest);
        match self.poll_drain(cx, to) {
            Poll::Ready(done) => done,
            Poll::Pending => Ok(()),
        }
    }
}

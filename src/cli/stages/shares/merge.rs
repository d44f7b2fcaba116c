//! Puts what all threads have written in the order of the segments, and writes it.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::ops::Range;

use crate::cli::view::View;
use crate::render::gathered::Gathered;

/// How many runs of bytes are handed to the output at once, at most.
const RUNS: usize = 64;

/// Segments whose order there is room for from the beginning.
pub(super) const ORDER: usize = 4096;

/// Memory of a piece that is not kept for the next.
const LARGE: usize = 256 * 1024;

/// What a thread has written, and of which segments.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: Gathered,
    pub(super) marks: Vec<Mark>,
}

/// What was written of a segment, or of a part of it, behind the mark before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// Where it ends.
    pub(super) end: usize,
    /// Bytes at its beginning that may not be needed.
    pub(super) lead: usize,
    pub(super) connection: u32,
    /// Whether the segment is over.
    pub(super) whole: bool,
}

/// What comes to whoever merges.
#[derive(Debug)]
pub(super) struct Incoming {
    /// The threads of the segments, in their order.
    pub(super) order: Vec<u8>,
    pub(super) threads: Vec<Thread>,
}

/// What comes from a thread.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) written: VecDeque<Written>,
    /// What went out, to be filled again; the latest first, as it may still be in a cache.
    pub(super) empty: Vec<Written>,
    /// Whether nothing more comes.
    pub(super) over: bool,
}

/// Writes what came. It is not copied: what stands together goes out as one run, from where it stands.
#[derive(Debug)]
pub(super) struct Merge<'o, W> {
    view: &'o mut View<W>,
    order: Vec<u8>,
    /// How many segments of `order` went out.
    at: usize,
    sources: Vec<Source>,
    /// The runs that come next, each of the bytes of a thread.
    runs: Vec<(usize, Range<usize>)>,
}

/// What one of the threads has written.
#[derive(Debug, Default)]
struct Source {
    written: Written,
    /// How many of its bytes, and of its marks, were taken.
    taken: usize,
    marks: usize,
    over: bool,
}

impl Thread {
    /// Nothing yet; there is room for so many pieces, so that nobody need make more.
    pub(super) fn new(pieces: usize) -> Self {
        Self {
            written: VecDeque::with_capacity(pieces + 1),
            empty: Vec::with_capacity(pieces + 1),
            over: false,
        }
    }
}

impl<'o, W: Write> Merge<'o, W> {
    /// Writes what so many threads write, as `view` would.
    pub(super) fn new(threads: usize, view: &'o mut View<W>) -> Self {
        let sources = (0..threads).map(|_| Source::default()).collect();
        Self { view, order: Vec::with_capacity(ORDER), at: 0, sources, runs: Vec::with_capacity(ORDER) }
    }

    /// Fetches what it lacks; whether anything came.
    pub(super) fn fetch(&mut self, from: &mut Incoming) -> bool {
        let mut came = false;
        if self.at == self.order.len() && !from.order.is_empty() {
            self.order.clear();
            self.order.append(&mut from.order);
            (self.at, came) = (0, true);
        }
        for (source, thread) in self.sources.iter_mut().zip(&mut from.threads) {
            came |= source.fetch(thread);
        }
        came
    }

    /// Writes as much as is here.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub(super) fn write(&mut self) -> io::Result<()> {
        while let Some(thread) = self.order.get(self.at).copied().map(usize::from)
            && let Some(source) = self.sources.get_mut(thread)
        {
            let Some((run, mark)) = source.take() else {
                if !source.over {
                    break;
                }
                self.at += 1;
                continue;
            };
            self.at += usize::from(mark.whole);
            if !run.is_empty() {
                let needed = self.view.joint(mark.connection, mark.lead);
                self.run(thread, run.start..run.start + needed);
                self.run(thread, run.start + mark.lead..run.end);
            }
        }
        self.send()
    }

    fn run(&mut self, thread: usize, run: Range<usize>) {
        match self.runs.last_mut() {
            Some((last, before)) if *last == thread && before.end == run.start => before.end = run.end,
            _ if run.is_empty() => {}
            _ => self.runs.push((thread, run)),
        }
    }

    fn send(&mut self) -> io::Result<()> {
        for runs in self.runs.chunks(RUNS) {
            let mut slices = [IoSlice::new(&[]); RUNS];
            for (slice, (thread, run)) in slices.iter_mut().zip(runs) {
                let bytes =
                    self.sources.get(*thread).and_then(|source| source.written.text.bytes().get(run.clone()));
                *slice = IoSlice::new(bytes.unwrap_or_default());
            }
            self.view.write(slices.get_mut(..runs.len()).unwrap_or_default())?;
        }
        self.runs.clear();
        Ok(())
    }
}

impl Source {
    /// Where stands what is next, and its mark.
    fn take(&mut self) -> Option<(Range<usize>, Mark)> {
        let mark = *self.written.marks.get(self.marks)?;
        self.marks += 1;
        Some((std::mem::replace(&mut self.taken, mark.end)..mark.end, mark))
    }

    /// Where all was taken and went out: the next that was written.
    fn fetch(&mut self, thread: &mut Thread) -> bool {
        if self.marks < self.written.marks.len() || self.over {
            return false;
        }
        if self.marks > 0 {
            let mut empty = std::mem::take(&mut self.written);
            empty.marks.clear();
            if empty.text.room() > LARGE {
                empty.text = Gathered::default();
            }
            thread.empty.push(empty);
            (self.taken, self.marks) = (0, 0);
        }
        match thread.written.pop_front() {
            Some(written) => self.written = written,
            None => self.over = thread.over,
        }
        self.over || !self.written.marks.is_empty()
    }
}

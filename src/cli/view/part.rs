//! Views of which each shows some of the connections, and one that joins what they show.
//!
//! That works where what is shown of a segment depends on nothing that was shown of other connections, but for how it is
//! parted from what stands before it. So a part begins each segment anew, with all that may have to part it from another
//! connection: its lead. How much of that is needed is known where the text of all is joined.

use std::io::{self, IoSlice, Sink, Write, sink};

use super::{TextOut, TextView, View};
use crate::render::gathered::{self, Gathered};

/// Bytes that a part gives away at once, about: few enough that those on their way stay in the core's own cache.
const PIECE: usize = 48 * 1024;

impl<W: Write> View<W> {
    /// Another that shows some of the connections; for now it writes nowhere. None where what is shown depends on all of
    /// them.
    #[must_use]
    pub fn part(&self) -> Option<View<Sink>> {
        Some(match self {
            Self::Json(lines) => View::Json(lines.part(sink())),
            Self::Text(view, _) => View::Text(view.part()?, TextOut::new(sink())),
        })
    }

    /// A part: the same, which writes to `out` what it cannot hold.
    #[must_use]
    pub fn onto<V: Write>(self, out: V) -> View<V> {
        match self {
            Self::Json(lines) => View::Json(lines.part(out)),
            Self::Text(view, _) => View::Text(view, TextOut { most: usize::MAX, ..TextOut::new(out) }),
        }
    }

    /// Takes back what a part remembers of connections that are not over.
    pub fn join<V>(&mut self, part: View<V>) {
        if let (Self::Text(view, _), View::Text(part, _)) = (self, part) {
            view.join(part);
        }
    }

    /// A part: the next segment begins.
    pub const fn begin_segment(&mut self) {
        match self {
            Self::Text(TextView::Lesson(lesson), _) => lesson.begin_anew(),
            Self::Text(TextView::Diagram(diagram), _) => diagram.begin_anew(),
            Self::Text(TextView::Summary(summary), _) => summary.begin_anew(),
            Self::Text(..) | Self::Json(_) => {}
        }
    }

    /// A part: the segment is over.
    pub fn end_segment(&mut self) {
        if let Self::Text(TextView::Summary(summary), text) = self {
            summary.pause(&mut text.text);
        }
    }

    /// A part: bytes with which the text of this segment begins that may not be needed.
    #[must_use]
    pub const fn lead(&self) -> usize {
        match self {
            Self::Text(TextView::Lesson(lesson), _) => lesson.lead(),
            Self::Text(TextView::Diagram(diagram), _) => diagram.lead(),
            Self::Text(TextView::Summary(summary), _) => summary.lead(),
            Self::Text(..) | Self::Json(_) => 0,
        }
    }

    /// A part: bytes that it has gathered.
    #[must_use]
    pub const fn gathered(&self) -> usize {
        match self {
            Self::Text(_, text) => text.text.len(),
            Self::Json(lines) => lines.gathered(),
        }
    }

    /// A part: whether it has gathered enough to be given away.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        match self {
            Self::Text(_, text) => text.text.len() >= PIECE,
            Self::Json(lines) => lines.gathered() >= PIECE && !lines.waits_for_message(),
        }
    }

    /// A part: gives what it has gathered away, and goes on in other memory. Or writes it, where that is less work.
    ///
    /// # Errors
    /// Where its output takes no more.
    pub fn give_away(&mut self, room: Gathered) -> io::Result<Option<Gathered>> {
        match self {
            Self::Text(_, text) => Ok(Some(std::mem::replace(&mut text.text, room.into_text()).into())),
            Self::Json(lines) => match lines.take(room) {
                Some(gathered) => Ok(Some(gathered)),
                None => lines.flush().map(|()| None),
            },
        }
    }

    /// Text of a part is to be written next that begins with so many bytes of lead: how many of these are needed.
    pub fn joint(&mut self, connection: u32, lead: usize) -> usize {
        match self {
            Self::Text(TextView::Lesson(lesson), _) => lesson.joint(connection, lead),
            Self::Text(TextView::Diagram(diagram), _) => diagram.joint(lead),
            Self::Text(TextView::Summary(summary), _) => summary.joint(lead),
            Self::Text(..) | Self::Json(_) => lead,
        }
    }

    /// Writes what parts have gathered.
    ///
    /// # Errors
    /// Where the output takes no more.
    pub fn write(&mut self, gathered: &mut [IoSlice<'_>]) -> io::Result<()> {
        match self {
            Self::Json(lines) => lines.lines(gathered),
            Self::Text(_, text) => {
                text.out.write_all(text.text.as_bytes())?;
                text.text.clear();
                gathered::write_all(&mut text.out, gathered)
            }
        }
    }
}

impl TextView {
    fn part(&self) -> Option<Self> {
        match self {
            Self::Lesson(lesson) => lesson.part().map(Self::Lesson),
            Self::Diagram(diagram) => diagram.part().map(Self::Diagram),
            Self::Summary(summary) => summary.part().map(Self::Summary),
            // They sum up over all connections, or show messages in the middle of others.
            Self::Connections(_) | Self::Table(_) | Self::Anatomy(_) => None,
        }
    }

    fn join(&mut self, part: Self) {
        match (self, part) {
            (Self::Lesson(lesson), Self::Lesson(part)) => lesson.join(part),
            (Self::Diagram(diagram), Self::Diagram(part)) => diagram.join(part),
            (Self::Summary(summary), Self::Summary(part)) => summary.join(part),
            _ => {}
        }
    }
}

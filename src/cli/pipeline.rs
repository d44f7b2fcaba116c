//! Session, collector and selection in a row: segments in, what is to be shown out.

use crate::render::collect::{Collector, Shown};
use crate::render::select::{Selection, Selector};
use crate::session::at_once::AtOnce;
use crate::session::event::{Event, Sink};
use crate::session::segment::Segment;
use crate::session::{Config, Session};

/// Follows connections for a view.
#[derive(Debug)]
pub struct Pipeline {
    session: Session,
    joined: Joined,
}

#[derive(Debug)]
struct Joined {
    collector: Collector,
    selector: Selector,
}

impl Pipeline {
    /// Gives what `selection` asks for, joined by `collector`. `config` is what the session is told.
    #[must_use]
    pub fn new(config: Config, collector: Collector, selection: Selection) -> Self {
        Self {
            session: Session::new(Config { anatomy: collector.wants_parts(), ..config }),
            joined: Joined { collector, selector: Selector::new(selection) },
        }
    }

    /// Into how many groups connections are parted: a connection's number, divided by that, leaves its group.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.session.groups()
    }

    /// Another one, for some of the groups, as [`Session::part`] tells.
    #[must_use]
    pub fn part(&self) -> Self {
        let Joined { collector, selector } = &self.joined;
        Self {
            session: self.session.part(),
            joined: Joined { collector: collector.part(), selector: selector.part() },
        }
    }

    /// Takes back what is still open of a part.
    pub fn join(&mut self, part: Self) {
        self.session.join(part.session);
        self.joined.collector.join(part.joined.collector);
        self.joined.selector.join(part.joined.selector);
    }

    /// Whether a segment must wait for all that came before it, on all connections.
    pub fn needs_order(&mut self, segment: &Segment<'_>) -> bool {
        self.session.needs_order(segment)
    }

    /// Takes a segment.
    pub fn feed(&mut self, segment: &Segment<'_>, show: &mut impl FnMut(&Shown<'_>)) {
        self.session.feed(segment, &mut Showing { joined: &mut self.joined, show });
    }

    /// The input is over.
    pub fn finish(&mut self, show: &mut impl FnMut(&Shown<'_>)) {
        self.session.finish(&mut Showing { joined: &mut self.joined, show });
    }
}

/// Joins what belongs together, and shows what is selected of it.
struct Showing<'a, F> {
    joined: &'a mut Joined,
    show: &'a mut F,
}

impl<F: FnMut(&Shown<'_>)> Sink for Showing<'_, F> {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        let Joined { collector, selector } = &mut *self.joined;
        collector.event(event, &mut |shown| selector.pass(&shown, self.show));
    }

    #[inline]
    fn frame(&mut self, frame: &AtOnce<'_>) {
        let Joined { collector, selector } = &mut *self.joined;
        collector.frame(frame, &mut |shown| selector.pass(&shown, self.show));
    }
}

//! What breaks or ends a stream: bytes that are missing, and TCP's end.

use super::connection::{Phase, Turn};
use super::event::{End, Kind, Sink, Why};
use super::link::Times;
use super::segment::How;
use crate::rules::ending::Ended;
use crate::rules::{self, facts};
use crate::wire::body::Body;
use crate::wire::sender::Sender;

impl<S: Sink + ?Sized> Turn<'_, S> {
    /// `lost` bytes were sent and are not here.
    pub(super) fn gap(&mut self, sender: Sender, lost: u64) {
        if lost == 0 {
            return;
        }
        let came = self.came();
        self.connection.shared.ending.side_mut(sender).seen = true;
        if let Phase::Held(backlog) = &mut self.connection.direction(sender).phase {
            return backlog.push_gap(came, lost);
        }
        self.flush(sender);
        self.finish_search(sender, false);
        let (phase, mut link) = self.lend(sender);
        let known = match phase {
            Phase::Frames(frames) => frames.gap(lost, &mut link),
            Phase::Body(body, _) => {
                link.gap(lost);
                body.skip(lost)
            }
            Phase::Opaque(_) => {
                link.gap(lost);
                true
            }
            Phase::Search(..) => {
                link.gap(lost);
                self.search_behind(sender, lost);
                return;
            }
            Phase::Start(_) | Phase::Head(_) | Phase::Pending(..) | Phase::Held(_) => {
                link.gap(lost);
                false
            }
        };
        if !known {
            self.begin_search(sender, Why::AfterGap);
        } else if let Phase::Body(Body::Length(0), waits) = self.connection.direction(sender).phase {
            self.behind_message(sender, waits);
        }
    }

    /// What is held until more comes is shown now, as far as it came.
    fn flush(&mut self, sender: Sender) {
        let direction = self.connection.direction(sender);
        let now = std::mem::replace(&mut self.time, direction.latest);
        if matches!(direction.phase, Phase::Pending(..)) {
            self.settle_pending(false);
        }
        if matches!(self.connection.direction(sender).phase, Phase::Held(_)) {
            self.release_unanswered();
        }
        self.flush_start(sender);
        self.cut_head(sender, Why::AfterGap);
        self.time = now;
    }

    /// Nothing more comes from this sender.
    pub(super) fn end(&mut self, sender: Sender, how: How) {
        if self.connection.direction(sender).ended {
            return;
        }
        self.flush(sender);
        self.finish_search(sender, how != How::Unknown);
        let now = self.time;
        let direction = self.connection.direction(sender);
        direction.ended = true;
        self.time = direction.latest;
        if let (Phase::Frames(frames), mut link) = self.lend(sender) {
            frames.stop(&mut link);
        }
        self.time = now;
        let last = self.connection.direction(sender.other()).ended;
        let side = self.connection.shared.ending.side_mut(sender);
        side.ended = Some(match how {
            How::Fin => Ended::Fin,
            How::Reset => Ended::Reset,
            How::Unknown => Ended::Unknown,
        });
        side.ended_at = now.map(|time| time.0);
        self.tell_first(sender, how, last);
        self.emit_end(sender, how, last);
        self.enter(sender, Phase::Opaque(Why::AfterEnd));
    }

    /// Who ended first: whose end is told first, unless the other's came earlier and was told late, since bytes before it
    /// were waited for.
    fn tell_first(&mut self, sender: Sender, how: How, last: bool) {
        let ending = &mut self.connection.shared.ending;
        let (own, others) = (ending.side(sender).ended_at, ending.side(sender.other()).ended_at);
        let first = !last || own.zip(others).is_some_and(|(own, others)| own < others);
        if how != How::Unknown && first {
            ending.side_mut(sender.other()).ended_first = false;
            ending.side_mut(sender).ended_first = true;
        }
    }

    fn emit_end(&mut self, sender: Sender, how: How, last: bool) {
        let times = Times::since(self.time);
        let mut link = self.link(sender);
        if !last {
            return link.emit(times, 0, Kind::End(End { how, connection: None }), &[]);
        }
        let mut found = Vec::new();
        if !link.shared.ending.messages_only {
            rules::judge_end(&facts::End { facts: link.shared.finish() }, &mut found);
        }
        link.count_findings(&found);
        let ending = link.shared.ending.clone();
        link.emit(times, 0, Kind::End(End { how, connection: Some(&ending) }), &found);
    }
}

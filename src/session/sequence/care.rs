//! The end of frames of which more must be known than of most.

use super::Sequence;
use crate::rules::{self, facts};
use crate::session::current::Current;
use crate::session::event::{Kind, Sink};
use crate::session::link::{Link, Times};
use crate::session::sample::Sample;
use crate::wire::opcode::Opcode;

impl Sequence {
    /// Ends a frame of which more must be known: control frames, the odd ones, and a client's first.
    #[inline(never)]
    pub(super) fn end_with_care<S: Sink + ?Sized>(
        &mut self,
        current: Current,
        here: &[u8],
        link: &mut Link<'_, S>,
    ) {
        let (len, control) = (current.header.payload_len(), current.header.opcode().is_control());
        let suspicious = current.suspicious || current.captured < len;
        if here.len() as u64 == len && (suspicious || !control) {
            self.sample = Sample::of(&current.header);
            self.sample.take(0, here);
        }
        let mut end = current.end();
        if control {
            self.closed_by = self.closed_by.or((end.header.opcode() == Opcode::CLOSE).then_some(end.number));
            self.control.read(&mut end, link);
        } else {
            link.remember_frame(end.number, end.header, self.sample.prefix());
        }
        let earlier = if suspicious { link.earlier_frame() } else { None };
        let at = link.side().frames;
        let facts = facts::FrameEnd {
            header: end.header,
            sender: link.sender(),
            roles_known: link.shared.roles_known,
            partial: end.partial(),
            control: end.control,
            answers: end.answers.is_some(),
            pings_known: link.shared.pings_known(link.sender().other()),
            suspicious,
            prefix: if suspicious { self.sample.prefix() } else { &[] },
            probe: if suspicious { self.sample.probe(current.at) } else { facts::Probe::default() },
            text_goes_on: self.text_goes_on(at),
            earlier: earlier.as_ref(),
        };
        let (times, end) = (Times::since(current.time), Kind::FrameEnd(end));
        if (control || suspicious) && !rules::is_unremarkable_end(&facts) {
            let mut is_text = false;
            link.emit_judged(times, 0, end, |found| {
                rules::judge_frame_end(&facts, found);
                is_text = found.iter().any(rules::is_unframed_text);
            });
            self.text_at = is_text.then_some(at).or(self.text_at);
        } else {
            link.emit(times, 0, end, &[]);
        }
    }

    /// Whether the sender's frame before the one at that place was plain text.
    pub(in crate::session) fn text_goes_on(&self, at: u64) -> bool {
        self.text_at.is_some_and(|last| last + 1 == at)
    }
}

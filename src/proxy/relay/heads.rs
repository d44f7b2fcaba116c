//! A relay and the heads that pass it: which bytes of the client wait, where a request goes, what is changed in it, and what
//! its answer means for all that follows.

use std::future::Future;
use std::task::Context;

use tokio::time::sleep;

use super::{Outcome, Relay, Way};
use crate::proxy::address::Upstream;
use crate::proxy::changes;
use crate::proxy::forward::target_of;
use crate::proxy::gate::Step;
use crate::proxy::hub::Answer;
use crate::proxy::note::Note;
use crate::wire::head::Head;

impl Relay {
    /// Watches over a head that is held.
    pub(super) fn is_too_slow(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.gate.holds() || self.halted.is_some() {
            self.slow = None;
            return false;
        }
        let patience = self.way.patience;
        self.slow.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(cx).is_ready()
    }

    /// Client bytes that may hold heads.
    pub(super) fn through_gate(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = match self.gate.step(bytes) {
                Step::Hold => return,
                Step::Pass(len) => {
                    self.up.hold(bytes.get(..len).unwrap_or_default());
                    len
                }
                Step::NotHttp(held, len) => {
                    self.up.hold(&held);
                    len
                }
                Step::Head(len, head) => {
                    if let Some(elsewhere) = self.elsewhere(&head) {
                        let all = [head.raw(), bytes.get(len..).unwrap_or_default()].concat();
                        self.halted = Some(Outcome::Elsewhere(elsewhere, all));
                        return;
                    }
                    self.head(&head);
                    len
                }
                Step::TooLong => {
                    self.halted = Some(Outcome::HeadTooLong);
                    return;
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    /// Where a forward proxy's next request goes, if that is not this server.
    fn elsewhere(&self, head: &Head) -> Option<Upstream> {
        let target = target_of(head).filter(|_| self.way.forward)?;
        (target != self.way.upstream).then_some(target)
    }

    /// A whole head passes, changed where the user wants it.
    fn head(&mut self, head: &Head) {
        self.answers.asked(head);
        // The next one has its own time.
        self.slow = None;
        let Way { upstream, rewrite, forward, .. } = &*self.way;
        let changed = changes::request(head, *rewrite, upstream, *forward);
        self.up.hold(&changed.bytes);
        if !changed.changes.is_empty() {
            self.changes.push(changed.changes);
        }
    }

    /// A response passed.
    pub(super) fn answered(&mut self, answer: &Answer) {
        self.inflates = answer.inflates;
        self.websocket |= answer.handshake && answer.status == 101;
        self.gate.answered(answer.status);
        self.hint(answer);
    }

    /// A refusal may come from a Host or an Origin that names another port than the server's.
    fn hint(&self, answer: &Answer) {
        let Way { upstream, rewrite, forward, .. } = &*self.way;
        let fields = [
            ("Host", &answer.host, upstream.authority(), rewrite.host),
            ("Origin", &answer.origin, upstream.origin(), rewrite.origin),
        ];
        for (field, value, own, rewritten) in fields {
            if let Some(value) =
                value.as_ref().filter(|value| !forward && !rewritten && **value != own.as_bytes())
            {
                let (value, upstream, status) = (value.clone(), upstream.clone(), answer.status);
                self.note(&Note::NamesAnother { field, value, upstream, status });
            }
        }
    }

    /// Tells what was changed in heads that are told by now.
    pub(super) fn tell_changes(&mut self) {
        for changes in std::mem::take(&mut self.changes) {
            self.note(&Note::Changed(changes));
        }
    }
}

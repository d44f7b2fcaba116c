//! TCP put in order: packets in, the bytes of each connection out, each once, and each direction as it was sent.
//!
//! Memory is bounded by what may wait in each direction ([`Limits`]), by how many connections without a word are
//! remembered, and by how much is held until it is known what a connection speaks.

mod confirmed;
mod evidence;
mod flow;
mod history;
mod notes;
mod packet;
mod piece;
mod protocol;
mod queue;
mod reset;
mod scout;
mod speech;
mod table;
mod walk;
mod way;
mod ways;

use std::collections::VecDeque;
use std::ops::ControlFlow;

use self::notes::Notes;
pub(in crate::input) use self::packet::{Flags, Packet};
use self::table::{Index, Table};
use super::Options;
use super::emit::{Emitter, Stop};
use super::format::Format;
use crate::session::others::Others;
use crate::session::segment::Time;

/// How long is waited for a segment that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes behind it that are kept, in each direction.
    pub bytes: usize,
    /// Nanoseconds, by the time stamps of the capture.
    pub time: u64,
}

impl Default for Limits {
    /// 1 MiB and three seconds.
    fn default() -> Self {
        Self { bytes: 1 << 20, time: 3_000_000_000 }
    }
}

impl Limits {
    /// Whether what waits since then has waited too long. A clock that jumps back says that it has.
    fn is_past(&self, since: Option<Time>, now: Option<Time>) -> bool {
        since.zip(now).is_some_and(|(Time(since), Time(now))| now.abs_diff(since) > self.time)
    }
}

/// The connections of a capture.
#[derive(Debug)]
pub(in crate::input) struct Tcp {
    context: Context,
    table: Table,
    /// The connections for which something is to be done later, by when that began.
    due: VecDeque<(Time, Index)>,
}

/// What every connection needs to know.
#[derive(Debug)]
struct Context {
    limits: Limits,
    /// What was read, for [`crate::session::segment::Opening`].
    input: &'static str,
    notes: Notes,
    /// Bytes that are held of connections of which it is not known what they speak.
    held: usize,
    /// How many bytes are kept at least of each direction, to compare with what is sent again.
    kept: usize,
    /// Whether TLS was around the bytes of the packet that comes, when they were sent.
    decrypted: bool,
}

impl Tcp {
    pub(in crate::input) fn new(format: Format, options: &Options) -> Self {
        let (limits, input) = (options.limits, format.name());
        let context = Context { limits, input, notes: Notes::default(), held: 0, kept: 0, decrypted: false };
        Self { context, table: Table::default(), due: VecDeque::new() }
    }

    /// Whether TLS was around the bytes of the packets that come now.
    pub(in crate::input) const fn came_decrypted(&mut self, decrypted: bool) {
        self.context.decrypted = decrypted;
    }

    /// Takes the next packet.
    pub(in crate::input) fn add(&mut self, packet: &Packet<'_>, to: &mut Emitter<'_>) -> Result<(), Stop> {
        self.look_at_due(packet.time, to)?;
        let (index, end) = self.table.find_or_insert(packet);
        let Self { context, table, due } = self;
        context.kept = history::kept(table.len());
        let Some(flow) = table.get_mut(index) else { return Ok(()) };
        if let Some(done) = flow.go_on(packet, end, context, to) {
            return done;
        }
        if flow.is_reused_by(packet, end, &context.limits) {
            flow.finish(context, to)?;
            flow.leave(context);
            flow.begin_anew(packet, end);
        }
        flow.add(packet, end, context, to)?;
        if let Some(since) = flow.wants_a_look(&context.limits) {
            due.push_back((since, index));
        }
        self.forget_the_silent();
        Ok(())
    }

    /// The connections whose time has come.
    fn look_at_due(&mut self, now: Option<Time>, to: &mut Emitter<'_>) -> Result<(), Stop> {
        let Self { context, table, due } = self;
        while let Some(&(since, index)) = due.front() {
            if !context.limits.is_past(Some(since), now) {
                return Ok(());
            }
            due.pop_front();
            let Some(flow) = table.get_mut(index) else { continue };
            match flow.look(now, context, to)? {
                ControlFlow::Continue(since) => due.extend(since.map(|since| (since, index))),
                ControlFlow::Break(()) => {
                    flow.leave(context);
                    table.remove(index);
                }
            }
        }
        Ok(())
    }

    /// Of connections on which nothing was said, only the latest are remembered.
    fn forget_the_silent(&mut self) {
        let context = &mut self.context;
        self.table.forget_oldest(&mut |flow| flow.is_silent(), &mut |flow| flow.leave(context));
    }

    /// The capture is over: whatever waits is handed on.
    pub(in crate::input) fn finish(&mut self, to: &mut Emitter<'_>) -> Result<(), Stop> {
        let Self { context, table, .. } = self;
        for flow in table.in_order() {
            flow.finish(context, to)?;
            flow.leave(context);
        }
        Ok(())
    }

    /// The connections of which nothing is shown.
    pub(in crate::input) const fn others(&self) -> Others {
        self.context.notes.others()
    }

    /// What there is to say of all connections.
    pub(in crate::input) fn say(&self, notice: &mut dyn FnMut(&str)) {
        self.context.notes.say(notice);
    }
}

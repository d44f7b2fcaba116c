//! The line of an end; the last one of a connection carries the facts of the post-mortem.

use super::line::Line;
use crate::rules::ending::{CloseSent, Ended, Ending, Side};
use crate::session::event::End;
use crate::wire::sender::Sender;

pub(super) fn write_end(line: &mut Line, end: &End<'_>) {
    line.raw(",\"how\":");
    line.string(end.how.name());
    line.raw(",\"post_mortem\":");
    match end.connection {
        None => line.raw("null"),
        Some(ending) => write_ending(line, ending),
    }
}

fn write_ending(line: &mut Line, ending: &Ending) {
    line.raw("{\"opened\":");
    line.bool(ending.opened);
    line.raw(",\"status\":");
    line.number_or_null(ending.status.map(u64::from));
    line.raw(",\"closed_by\":");
    line.string_or_null(ending.closed_by.map(Sender::name));
    line.raw(",\"tcp_ended_first\":");
    line.string_or_null(ending.tcp_ended_first().map(Sender::name));
    for (name, time) in [
        (",\"began\":", ending.began),
        (",\"ended\":", ending.ended),
        (",\"last_frame\":", ending.last_frame),
        (",\"lasted\":", ending.lasted()),
    ] {
        line.raw(name);
        line.seconds_or_null(time);
    }
    let [notes, shoulds, musts] = ending.findings;
    write_counts(line, [(",\"musts\":", musts), (",\"shoulds\":", shoulds), (",\"notes\":", notes)]);
    line.raw(",\"client\":");
    write_side(line, &ending.client);
    line.raw(",\"server\":");
    write_side(line, &ending.server);
    line.raw("}");
}

fn write_side(line: &mut Line, side: &Side) {
    line.raw("{\"seen\":");
    line.bool(side.seen);
    line.raw(",\"ended\":");
    line.string_or_null(side.ended.map(|ended| match ended {
        Ended::Fin => "fin",
        Ended::Reset => "reset",
        Ended::Unknown => "unknown",
    }));
    line.raw(",\"ended_at\":");
    line.seconds_or_null(side.ended_at);
    write_counts(
        line,
        [
            (",\"frames\":", side.frames),
            (",\"data_frames\":", side.data_frames),
            (",\"messages\":", side.messages),
            (",\"pings\":", side.pings),
            (",\"pings_unanswered\":", side.pings_unanswered),
            (",\"pongs\":", side.pongs),
            (",\"closes\":", side.closes),
            (",\"payload\":", side.payload),
            (",\"lost\":", side.lost),
            (",\"opaque\":", side.opaque),
        ],
    );
    line.raw(",\"first_unanswered\":");
    line.number_or_null(side.first_unanswered);
    line.raw(",\"round_trips\":");
    line.list(&side.round_trips, |line, trip| line.seconds_or_null(Some(*trip)));
    line.raw(",\"cut\":");
    line.bool(side.cut);
    line.raw(",\"close\":");
    match &side.close {
        None => line.raw("null"),
        Some(close) => write_close(line, close),
    }
    line.raw("}");
}

fn write_close(line: &mut Line, close: &CloseSent) {
    line.raw("{\"frame\":");
    line.number(close.frame);
    line.raw(",\"code\":");
    line.number_or_null(close.code.map(|code| u64::from(code.0)));
    line.raw(",\"reason\":");
    line.text_or_bytes(&close.reason);
    line.raw(",\"time\":");
    line.seconds_or_null(close.time);
    line.raw("}");
}

fn write_counts<const N: usize>(line: &mut Line, counts: [(&'static str, u64); N]) {
    for (name, count) in counts {
        line.raw(name);
        line.number(count);
    }
}

//! The table as JSON: one line a connection, and one for all of them.

use serde_json::{Map, Value, json};

use super::counts::{Counter, Counts, FrameKind};
use super::statistics::{Side, Statistics};
use crate::render::sanitize::push_json;
use crate::render::seconds::seconds;
use crate::render::spread::Spread;
use crate::wire::sender::Sender;

/// Cells of the traffic that are told.
const CELLS: usize = 64;

/// Appends the line; `connection` is none for all of them, of which there are `connections`.
pub(super) fn line(
    connection: Option<u32>,
    connections: u64,
    counts: &Counts,
    statistics: &Statistics,
    out: &mut String,
) {
    let [client, server] = Sender::BOTH.map(|sender| side(counts.of(sender), statistics.of(sender)));
    let ([from_client, from_server], step) = statistics.traffic.cells(CELLS);
    let object = json!({
        "v": 1,
        "type": "statistics",
        "connection": connection,
        "connections": connections,
        "client": client,
        "server": server,
        "traffic": {
            "start": statistics.traffic.start().map(|time| seconds(time.0)),
            "step": seconds(step),
            "client": from_client,
            "server": from_server,
        },
    });
    push_json(out, &object.to_string());
    out.push('\n');
}

fn side(counters: &[(FrameKind, Counter)], side: &Side) -> Value {
    let mut frames = Map::new();
    for (kind, counter) in counters {
        let Counter { frames: number, payload, headers, least, most } = *counter;
        let value = json!({
            "number": number, "payload": payload, "headers": headers, "least": least, "most": most,
        });
        frames.insert(kind.name(), value);
    }
    let by_size: Vec<_> = side.sizes().by_digits().into_iter().map(|(up_to, count)| [up_to, count]).collect();
    json!({
        "frames": frames,
        "text": sizes(&side.text),
        "binary": sizes(&side.binary),
        "sizes": by_size,
        "gaps": times(&side.gaps),
        "round_trips": times(&side.round_trips),
    })
}

fn sizes(spread: &Spread) -> Option<Value> {
    (spread.count() > 0).then(|| {
        json!({
            "number": spread.count(),
            "bytes": spread.sum(),
            "least": spread.least(),
            "median": spread.percentile(50),
            "p95": spread.percentile(95),
            "most": spread.most(),
        })
    })
}

fn times(spread: &Spread) -> Option<Value> {
    (spread.count() > 0).then(|| {
        json!({
            "number": spread.count(),
            "least": seconds(spread.least()),
            "median": seconds(spread.percentile(50)),
            "p95": seconds(spread.percentile(95)),
            "most": seconds(spread.most()),
        })
    })
}

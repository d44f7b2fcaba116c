//! HAR (HTTP Archive 1.2), as Chrome's and Firefox's DevTools, Playwright, mitmproxy and Charles export it.
//!
//! Each entry that is a WebSocket becomes a connection: its heads rebuilt from lists of headers, and the rows of
//! `_webSocketMessages` as messages without frames. The file is read while it comes, whatever its size.

mod entry;
mod head;
mod json;
mod rows;
mod spill;
mod text;
mod when;

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess};

use self::entry::Entry;
use self::json::{Elements, List, Members, Object};
use self::text::{At, Followed};
use super::counted::grouped;
use super::emit::{Emitter, Stop};
use super::error::InputError;

/// What a HAR cannot tell; said once.
const CANNOT_KNOW: &str =
    "a HAR keeps messages: their frames, FIN, RSV bits, masks, pings, pongs and Close cannot be known";

/// The mark that some programs put before UTF-8.
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Whether a text begins as a HAR does.
pub(super) fn is_har(head: &[u8]) -> bool {
    let inside = head.strip_prefix(&BOM).unwrap_or(head).trim_ascii_start().strip_prefix(b"{");
    let behind = inside.and_then(|inside| inside.trim_ascii_start().strip_prefix(b"\"log\""));
    behind.is_some_and(|behind| behind.trim_ascii_start().starts_with(b":"))
}

/// Reads a HAR.
pub(super) fn read(
    name: &str,
    mut reader: impl Read,
    notice: &mut dyn FnMut(&str),
    to: &mut Emitter<'_>,
) -> Result<(), Stop> {
    notice(CANNOT_KNOW);
    let unread = |source| InputError::Read { name: name.to_owned(), source };
    let mut first = Vec::new();
    reader.by_ref().take(BOM.len() as u64).read_to_end(&mut first).map_err(unread)?;
    if first == BOM {
        first.clear();
    }
    let followed = Followed::new(Cursor::new(first).chain(reader));
    let alone = followed.alone();
    let mut har =
        Har { to, place: followed.place(), stop: None, fault: None, faults: 0, others: 0, sockets: 0 };
    let mut json = serde_json::Deserializer::from_reader(followed);
    let read = Object(&mut har).deserialize(&mut json).and_then(|()| json.end());
    if let Some(stop) = har.stop {
        return Err(stop);
    }
    if let Some(says) = alone.get().says() {
        notice(&says);
    }
    if har.others > 0 {
        let (entries, are) = if har.others == 1 { ("entry", "is") } else { ("entries", "are") };
        notice(&format!("{} {entries} that {are} no WebSocket left out", grouped(har.others)));
    }
    if har.sockets == 0 && read.is_ok() {
        notice("no entry of this HAR is a WebSocket");
    }
    if let Err(error) = read {
        return Err(bad(name, &error, har.place.get()).into());
    }
    match har.fault {
        None => Ok(()),
        Some((at, what)) => {
            let more = har.faults - 1;
            let more =
                if more > 0 { format!("; so it is with {} more", grouped(more)) } else { String::new() };
            Err(in_text(name, at, what + &more).into())
        }
    }
}

/// A fault of the JSON, at its place.
fn bad(name: &str, error: &serde_json::Error, at: At) -> InputError {
    if let Some(kind) = error.io_error_kind().filter(|kind| *kind != io::ErrorKind::Other) {
        return InputError::Read { name: name.to_owned(), source: kind.into() };
    }
    let says = error.to_string();
    let says = says.split(" at line ").next().unwrap_or_default();
    let what = match error.classify() {
        serde_json::error::Category::Eof => {
            "the HAR ends here, in the middle; what came before was read".to_owned()
        }
        serde_json::error::Category::Io => says.to_owned(),
        _ => format!("this is no JSON: {}; what came before was read", clearer(says)),
    };
    // The parser goes on a little before it gives up: its own word on the place is older.
    let told = At { line: error.line() as u64, column: error.column() as u64 };
    in_text(name, if told.line > 0 { told } else { at }, what)
}

/// What the parser says of a string, where it could be said better.
fn clearer(says: &str) -> &str {
    if says.starts_with("invalid unicode") {
        "a string has bytes that are no UTF-8"
    } else if says.starts_with("control character") {
        "a control character stands in a string, where JSON has an escape"
    } else {
        says
    }
}

fn in_text(name: &str, At { line, column }: At, what: String) -> InputError {
    InputError::Text { name: name.to_owned(), line, column: column.max(1), what }
}

/// A HAR while it is read.
struct Har<'a, 'e> {
    to: &'a mut Emitter<'e>,
    /// Where the reading is.
    place: Rc<Cell<At>>,
    /// Why it must not go on.
    stop: Option<Stop>,
    /// The first row that cannot be read, and how many there are.
    fault: Option<(At, String)>,
    faults: u64,
    /// Entries that are no WebSocket, and those that are.
    others: u64,
    sockets: u64,
}

impl Har<'_, '_> {
    /// Notes why it must not go on, and unwinds.
    fn check<T, E: serde::de::Error>(&mut self, done: Result<T, Stop>) -> Result<T, E> {
        done.map_err(|stop| {
            self.stop = Some(stop);
            E::custom("stopped")
        })
    }
}

impl Members for Har<'_, '_> {
    fn member<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "log" => map.next_value_seed(Object(&mut Log(self))),
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

struct Log<'l, 'a, 'e>(&'l mut Har<'a, 'e>);

impl Members for Log<'_, '_, '_> {
    fn member<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "entries" => map.next_value_seed(List(self)),
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

impl Elements for Log<'_, '_, '_> {
    fn element<'de, S: SeqAccess<'de>>(&mut self, seq: &mut S) -> Result<bool, S::Error> {
        let mut entry = Entry::new(self.0);
        let read = seq.next_element_seed(Object(&mut entry));
        if let Ok(None) = read {
            return Ok(false);
        }
        // Of an entry that cannot be read to its end, what was read is shown.
        let shown = entry.finish();
        let read = read.map(|_| true);
        if self.0.stop.is_none() {
            self.0.check(shown).map_err(|error: serde::de::value::Error| S::Error::custom(error))?;
        }
        read
    }
}

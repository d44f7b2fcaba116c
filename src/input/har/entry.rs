//! An entry of a HAR: a connection, where it is a WebSocket.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::Value;

use super::Har;
use super::head::Head;
use super::json::{Elements, List, Members, Object, Picked, Scalar};
use super::rows::{self, Row, What};
use super::spill::Spill;
use super::when;
use crate::input::emit::Stop;
use crate::input::error::InputError;
use crate::input::format::Format;
use crate::session::segment::{How, Opening, Roles, Time};
use crate::wire::sender::Sender;

/// The parts of an entry's time that pass before its response begins, in milliseconds.
const BEFORE_RESPONSE: &[&str] = &["blocked", "dns", "connect", "send", "wait"];

/// An entry while it is read.
pub(super) struct Entry<'h, 'a, 'e> {
    har: &'h mut Har<'a, 'e>,
    started: Option<Time>,
    /// Milliseconds from the start to the response.
    waited: f64,
    request: Head,
    response: Head,
    named_websocket: bool,
    /// Rows that came before the heads.
    waiting: Spill,
    /// The connection, once it has begun.
    connection: Option<usize>,
}

impl<'h, 'a, 'e> Entry<'h, 'a, 'e> {
    pub(super) fn new(har: &'h mut Har<'a, 'e>) -> Self {
        Self {
            har,
            started: None,
            waited: 0.0,
            request: Head::default(),
            response: Head::default(),
            named_websocket: false,
            waiting: Spill::default(),
            connection: None,
        }
    }

    /// Shows what was read, and ends its connection.
    pub(super) fn finish(mut self) -> Result<(), Stop> {
        let is_websocket = self.named_websocket
            || self.connection.is_some()
            || self.waiting.count > 0
            || self.request.is_websocket()
            || self.response.is_websocket();
        if !is_websocket {
            self.har.others += 1;
            return Ok(());
        }
        self.har.sockets += 1;
        let connection = self.begin()?;
        Sender::BOTH
            .into_iter()
            .try_for_each(|sender| self.har.to.end(connection, sender, None, How::Unknown))
    }

    /// The connection; it begins with the heads and the rows that waited for them.
    fn begin(&mut self) -> Result<usize, Stop> {
        if let Some(connection) = self.connection {
            return Ok(connection);
        }
        let opening = Opening {
            server: self.request.server(),
            tls: self.request.is_secure(),
            input: Format::Har.name().to_owned(),
            roles: Roles::Marked,
            messages_only: true,
            ..Opening::default()
        };
        let connection = self.har.to.open(self.started, opening)?;
        self.connection = Some(connection);
        if self.request.seen {
            self.har.to.bytes(connection, Sender::Client, self.started, &self.request.request())?;
        }
        if let Some(response) = self.response.response() {
            self.har.to.bytes(connection, Sender::Server, self.answered(), &response)?;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let done = waiting.drain(|row| self.show(connection, &row).map_err(Failed::Stop));
        done.map_err(|failed| match failed {
            Failed::Stop(stop) => stop,
            Failed::Io(source) => InputError::Read { name: "a temporary file".to_owned(), source }.into(),
        })?;
        Ok(connection)
    }

    /// When the response came: by what was waited, and before the first message.
    fn answered(&self) -> Option<Time> {
        let waited = if self.waited.is_finite() { (self.waited * 1e6).max(0.0) as u64 } else { 0 };
        let time = Time(self.started?.0.saturating_add(waited));
        Some(self.waiting.first.map_or(time, |first| time.min(first)))
    }

    fn show(&mut self, connection: usize, row: &Row) -> Result<(), Stop> {
        let to = &mut self.har.to;
        match &row.what {
            What::Message(opcode, payload) => {
                to.message(connection, row.sender, row.time, (*opcode, payload))
            }
            What::Reported(words) => to.reported(connection, row.sender, row.time, words),
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), Stop> {
        if self.connection.is_some() || self.request.seen && self.response.seen {
            self.waiting.first = self.waiting.first.or(row.time);
            let connection = self.begin()?;
            return self.show(connection, row);
        }
        let kept = self.waiting.push(row);
        kept.map_err(|source| InputError::Read { name: "a temporary file".to_owned(), source }.into())
    }
}

/// Why rows could not be shown that waited.
enum Failed {
    Stop(Stop),
    Io(std::io::Error),
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl Members for Entry<'_, '_, '_> {
    fn member<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "startedDateTime" => {
                self.started = when::number(&map.next_value_seed(Scalar)?);
                Ok(())
            }
            "_resourceType" => {
                self.named_websocket = map.next_value_seed(Scalar)? == "websocket";
                Ok(())
            }
            "request" => {
                self.request.seen = true;
                map.next_value_seed(Object(&mut self.request))
            }
            "response" => {
                self.response.seen = true;
                map.next_value_seed(Object(&mut self.response))
            }
            "timings" => {
                let mut timings = Picked::new(BEFORE_RESPONSE);
                map.next_value_seed(Object(&mut timings))?;
                let parts = timings.found.values().filter_map(Value::as_f64).filter(|part| *part > 0.0);
                self.waited = parts.sum();
                Ok(())
            }
            "_webSocketMessages" => map.next_value_seed(List(self)),
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

impl Elements for Entry<'_, '_, '_> {
    fn element<'de, S: SeqAccess<'de>>(&mut self, seq: &mut S) -> Result<bool, S::Error> {
        let mut picked = Picked::new(rows::KEYS);
        if seq.next_element_seed(Object(&mut picked))?.is_none() {
            return Ok(false);
        }
        let (row, fault) = Row::read(picked.found);
        if let Some(fault) = fault {
            self.har.faults += 1;
            let at = self.har.place.get();
            self.har.fault.get_or_insert((at, fault));
        }
        let shown = self.row(&row);
        self.har.check(shown).map(|()| true)
    }
}

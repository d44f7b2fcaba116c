//! A line of ours, and what is asked of it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::input::emit::Stop;
use crate::session::segment::Time;
use crate::wire::sender::Sender;

/// Why a line cannot be used.
pub(super) enum Bad {
    Stop(Stop),
    /// It lacks what must be there.
    Lacks(&'static str),
}

impl From<Stop> for Bad {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// A line, and what is asked of it.
#[derive(Clone, Copy)]
pub(super) struct Line<'a>(pub(super) &'a Value);

impl<'a> Line<'a> {
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str()
    }

    pub(super) fn number(self, key: &'static str) -> Result<u64, Bad> {
        self.0.get(key).and_then(Value::as_u64).ok_or(Bad::Lacks(key))
    }

    /// Seconds with a fraction, as a text.
    pub(super) fn time(self, key: &str) -> Option<Time> {
        let (seconds, nanos) = self.text(key)?.split_once('.')?;
        let nanos: u64 = nanos.parse().ok().filter(|_| nanos.len() == 9)?;
        seconds.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos).map(Time)
    }

    pub(super) fn sender(self) -> Result<Sender, Bad> {
        let name = self.text("sender");
        Sender::BOTH.into_iter().find(|sender| name == Some(sender.name())).ok_or(Bad::Lacks("sender"))
    }

    /// A head as it was sent.
    pub(super) fn raw(self) -> Result<Vec<u8>, Bad> {
        self.text("raw").and_then(|raw| BASE64_STANDARD.decode(raw).ok()).ok_or(Bad::Lacks("raw"))
    }

    /// The payload that is shown, and how many more bytes came.
    pub(super) fn payload(self) -> Result<(Cow<'a, [u8]>, u64), Bad> {
        let bytes = match (self.text("text"), self.text("base64")) {
            (Some(text), _) => text.as_bytes().into(),
            (None, Some(base64)) => BASE64_STANDARD.decode(base64).map_err(|_| Bad::Lacks("base64"))?.into(),
            (None, None) => Cow::default(),
        };
        Ok((bytes, self.number("payload_omitted").unwrap_or(0)))
    }
}

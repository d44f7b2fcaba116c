//! A row of `_webSocketMessages`, in the dialects of the programs that write HARs.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::when::number;
use crate::session::segment::Time;
use crate::wire::opcode::Opcode;
use crate::wire::sender::Sender;

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The keys that are read.
pub(super) const KEYS: &[&str] = &["type", "time", "opcode", "data", "_encoding", "encoding"];

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub sender: Sender,
    pub time: Option<Time>,
    pub what: What,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Message(Opcode, Vec<u8>),
    /// Words of the program, or something that is no message.
    Reported(Vec<u8>),
}

impl Row {
    /// Reads a row; where its base64 is broken, the sentence that says so goes with what can be shown of it.
    pub(super) fn read(mut row: Map<String, Value>) -> (Self, Option<String>) {
        // Data may be long: it is moved, not copied.
        let data = match row.get_mut("data").map(Value::take) {
            Some(Value::String(data)) => data,
            _ => String::new(),
        };
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let time = row.get("time").and_then(number);
        let kind = text("type").unwrap_or_default();
        let sender = match kind {
            "send" | "sent" | "request" | "outgoing" => Some(Sender::Client),
            "receive" | "received" | "response" | "incoming" => Some(Sender::Server),
            _ => None,
        };
        let opcode = row.get("opcode").and_then(opcode).map_or(1, |number| number as i64);
        let Some(sender) = sender else {
            let words = if kind == "error" { data } else { format!("a row of type \"{kind}\": {data}") };
            return (Self { sender: Sender::Server, time, what: reported(words) }, None);
        };
        let opcode = match u8::try_from(opcode) {
            Ok(1) => Opcode::TEXT,
            Ok(2) => Opcode::BINARY,
            other => {
                let name = other.ok().and_then(|number| Opcode(number).name());
                let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
                let words = format!("a row of opcode {opcode}{name}, which is no message: {data}");
                return (Self { sender, time, what: reported(words) }, None);
            }
        };
        let encoded = opcode == Opcode::BINARY
            || [text("_encoding"), text("encoding")].iter().flatten().any(|name| *name == "base64");
        if !encoded {
            return (Self { sender, time, what: What::Message(opcode, data.into_bytes()) }, None);
        }
        match BASE64.decode(&data) {
            Ok(bytes) => (Self { sender, time, what: What::Message(opcode, bytes) }, None),
            Err(error) => {
                let words = format!("a message whose base64 is broken: {data}");
                let fault = format!("the base64 of a message is broken: {}", says(&error));
                (Self { sender, time, what: reported(words) }, Some(fault))
            }
        }
    }
}

/// The number of an opcode, which may stand in quotes.
fn opcode(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// The line end parts it from what is reported next.
fn reported(words: String) -> What {
    What::Reported((words + "\n").into_bytes())
}

fn says(error: &base64::DecodeError) -> String {
    match error {
        base64::DecodeError::InvalidByte(at, byte) => {
            format!("'{}' at its character {} is no digit of it", byte.escape_ascii(), at + 1)
        }
        other => other.to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(row: &Value) -> (Row, Option<String>) {
        Row::read(row.as_object().expect("an object").clone())
    }

    #[test]
    fn each_dialect_is_understood() {
        let hi = |sender, opcode| (sender, What::Message(opcode, b"hi".to_vec()));
        for (row, want) in [
            (
                json!({"type": "send", "time": 1.5, "opcode": 1, "data": "hi"}),
                hi(Sender::Client, Opcode::TEXT),
            ),
            (
                json!({"type": "receive", "time": 1.5, "opcode": 2, "data": "aGk="}),
                hi(Sender::Server, Opcode::BINARY),
            ),
            (
                json!({"type": "receive", "time": "1.5", "opcode": "2", "data": "aGk="}),
                hi(Sender::Server, Opcode::BINARY),
            ),
            (
                json!({"type": "receive", "time": 1.5, "opcode": 2, "data": "aGk"}),
                hi(Sender::Server, Opcode::BINARY),
            ),
            (json!({"type": "send", "time": 1.5, "data": "hi"}), hi(Sender::Client, Opcode::TEXT)),
            (
                json!({"type": "send", "opcode": 1, "data": "aGk=", "_encoding": "base64"}),
                hi(Sender::Client, Opcode::TEXT),
            ),
            (json!({"type": "send", "opcode": 1}), (Sender::Client, What::Message(Opcode::TEXT, vec![]))),
            (
                json!({"type": "error", "opcode": -1, "data": "no"}),
                (Sender::Server, What::Reported(b"no\n".to_vec())),
            ),
            (
                json!({"type": "receive", "opcode": 9, "data": "x"}),
                (
                    Sender::Server,
                    What::Reported(b"a row of opcode 9 (ping), which is no message: x\n".to_vec()),
                ),
            ),
        ] {
            let (got, fault) = read(&row);
            assert_eq!(((got.sender, got.what), fault), (want, None), "{row}");
        }
    }

    #[test]
    fn times_are_seconds_or_milliseconds() {
        let time = |time: Value| read(&json!({"type": "send", "data": "", "time": time})).0.time;
        assert_eq!(time(json!(1_772_373_909.25)), Some(Time(1_772_373_909_250_000_000)));
        assert_eq!(time(json!(1_772_373_909_250.5_f64)), Some(Time(1_772_373_909_250_500_000)));
        assert_eq!(time(json!("1772373909.25")), Some(Time(1_772_373_909_250_000_000)));
        assert_eq!((time(json!("soon")), time(json!("inf"))), (None, None));
        assert_eq!(time(json!("2026-03-01T14:05:09.250Z")), Some(Time(1_772_373_909_250_000_000)));
        assert_eq!((time(json!(-1)), time(json!(null)), time(json!(1e300))), (None, None, None));
    }

    #[test]
    fn broken_base64_is_told_and_shown() {
        let (row, fault) = read(&json!({"type": "send", "opcode": 2, "data": "aG!="}));
        assert_eq!(
            fault.as_deref(),
            Some("the base64 of a message is broken: '!' at its character 3 is no digit of it")
        );
        assert_eq!(row.what, What::Reported(b"a message whose base64 is broken: aG!=\n".to_vec()));
    }
}

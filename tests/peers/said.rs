//! What an application says that it sent and received, and what our record says of the same.

use serde_json::{Value, json};

/// A message: its opcode, and its payload.
pub type Message = (u8, Vec<u8>);

/// What one end of a connection says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub sent: Vec<Message>,
    pub received: Vec<Message>,
    /// The code and the reason of the Close that it received.
    pub close: (u16, String),
}

impl Said {
    /// Reads the line of JSON that the peers of this folder print.
    pub fn parse(line: &str) -> Self {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let code = value["close"][0].as_u64().and_then(|code| u16::try_from(code).ok()).expect("a code");
        let reason = value["close"][1].as_str().expect("a reason").to_owned();
        Self { sent: messages(&value["sent"]), received: messages(&value["received"]), close: (code, reason) }
    }
}

fn messages(list: &Value) -> Vec<Message> {
    let message = |pair: &Value| {
        let opcode = pair[0].as_u64().and_then(|opcode| u8::try_from(opcode).ok()).expect("an opcode");
        (opcode, hex::decode(pair[1].as_str().expect("hex")).expect("hex"))
    };
    list.as_array().expect("a list").iter().map(message).collect()
}

/// The messages that a client sends, of every size that frames write in a way of its own.
pub fn to_send() -> Vec<Message> {
    let noise = crate::taps::noise;
    vec![
        (1, b"hello".to_vec()),
        (1, Vec::new()),
        (1, "Gr\u{fc}\u{df}e, \u{4e16}\u{754c}! \u{1f642}".as_bytes().to_vec()),
        (2, noise(125, 1)),
        (2, noise(126, 2)),
        (1, "ha ".repeat(10_000).into_bytes()),
        (2, noise(65_535, 3)),
        (2, noise(65_536, 4)),
        (1, "ha ".repeat(20).into_bytes()),
    ]
}

/// The same as JSON, for the peers of this folder.
pub fn to_send_as_json() -> String {
    let list: Vec<_> = to_send().iter().map(|(opcode, data)| json!([opcode, hex::encode(data)])).collect();
    json!(list).to_string()
}

/// The messages of a sender in lines of our JSON view.
pub fn recorded(lines: &[Value], sender: &str) -> Vec<Message> {
    let mine = lines.iter().filter(|line| line["type"] == "message" && line["sender"] == sender);
    let message = |line: &Value| {
        assert_eq!(line["complete"], true, "{line}");
        let opcode = line["opcode"].as_u64().and_then(|opcode| u8::try_from(opcode).ok()).expect("an opcode");
        (opcode, payload(line))
    };
    mine.map(message).collect()
}

/// The payload of a frame or message.
pub fn payload(line: &Value) -> Vec<u8> {
    use base64::Engine;
    match (line["text"].as_str(), line["base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(base64)) => base64::engine::general_purpose::STANDARD.decode(base64).expect("base64"),
        (None, None) => panic!("no payload: {line}"),
    }
}

//! What Wireshark's tshark makes of a record.

use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A frame as tshark and we see it: opcode, length, and the payload in hex where it is told for a frame alone.
pub type Seen = (u64, u64, String);

/// What tshark sees of WebSocket in a capture; nothing where it is not installed.
pub fn tshark(file: &str, options: &[&str]) -> Option<Vec<Seen>> {
    let args =
        ["-r", file, "-n", "-T", "pdml", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    let run = match Command::new("tshark").args(args).args(options).output() {
        Ok(run) => run,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "tshark is missing: {error}");
            println!("skipped: no tshark");
            return None;
        }
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    for bad in ["Checksum: Bad", "_ws.malformed", "tcp.analysis.flags"] {
        assert!(!text.contains(bad), "{bad}");
    }
    let frames = text.split("<proto name=\"websocket\"").skip(1).map(|frame| {
        let of = |name: &str, what: &str| {
            let field = frame.split(&format!("<field name=\"{name}\"")).nth(1)?.split('>').next()?;
            Some(field.split(&format!(" {what}=\"")).nth(1)?.split('"').next()?.to_owned())
        };
        let lengths = ["_ext_64", "_ext_16", ""].map(|end| format!("websocket.payload_length{end}"));
        let len = lengths.iter().find_map(|name| of(name, "show")).unwrap();
        let payloads = ["websocket.payload.text", "websocket.payload.ping", "data.data"];
        let payload = payloads.iter().find_map(|name| of(name, "value")).unwrap_or_default();
        let opcode: u64 = of("websocket.opcode", "show").unwrap().parse().unwrap();
        let alone = opcode != 0 && opcode != 8 && of("websocket.fin", "show").unwrap() == "1";
        (opcode, len.parse().unwrap(), if alone { payload } else { String::new() })
    });
    Some(frames.collect())
}

/// The same, as our record in JSON Lines tells it.
pub fn ours(file: &str) -> Vec<Seen> {
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let frames = lines.filter(|line| line["type"] == "frame").map(|line| {
        let number = |key: &str| line[key].as_u64().unwrap();
        let bytes = match (line["text"].as_str(), line["base64"].as_str()) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (_, Some(base64)) => BASE64_STANDARD.decode(base64).unwrap(),
            _ => panic!("{line}"),
        };
        let opcode = number("opcode");
        let alone = opcode != 0 && opcode != 8 && line["fin"] == true;
        let payload = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        (opcode, number("payload_len"), if alone { payload } else { String::new() })
    });
    frames.collect()
}
